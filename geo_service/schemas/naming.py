"""Shapes of the naming layer's checks and register."""

from datetime import date
from typing import Annotated, Any, Literal
from uuid import UUID

from pydantic import BaseModel, Field, StringConstraints, field_validator

from geo_service.schemas.boundaries import Code
from layers.naming.model import NameKind, WidthBasis

NameText = Annotated[str, StringConstraints(min_length=1, max_length=40, strip_whitespace=True)]
ShortText = Annotated[str, StringConstraints(max_length=200, strip_whitespace=True)]
LongText = Annotated[str, StringConstraints(max_length=4000, strip_whitespace=True)]
Syllables = Annotated[
    list[Annotated[str, StringConstraints(pattern=r"^[^\s\d]{1,7}$")]], Field(max_length=40)
]
Metres = Annotated[float, Field(ge=0, le=1_000_000, allow_inf_nan=False)]
ProfileName = Annotated[str, StringConstraints(pattern=r"^[a-z_]{1,40}(\+[a-z]{1,10})*$")]
Geometry = Annotated[dict[str, Any], Field(description="GeoJSON geometry, EPSG:4490, lon first")]


class Described(BaseModel):
    """What a name is and where: the part that a check and a proposal share."""

    name: NameText
    kind: NameKind = NameKind.STREET
    action: Literal["name", "rename"] = "name"
    former_name: NameText | None = None
    geometry: Geometry | None = None
    unit_code: Code | None = Field(None, description="where there is no geometry yet; the office's own unit")
    width_m: Metres | None = None
    width_basis: WidthBasis | None = None
    length_m: Metres | None = None
    road_class: Annotated[str, StringConstraints(pattern=r"^[a-z_]{0,30}$")] = ""
    parent: NameText | None = None
    readings: Syllables | None = Field(
        None, description="confirmed syllables of the first characters; a string is split at its blanks"
    )
    spelling: ShortText | None = None
    reasons: dict[str, LongText] = Field(default_factory=dict, max_length=20)
    profile: ProfileName | None = None

    @field_validator("readings", mode="before")
    @classmethod
    def _split(cls, given: Any) -> Any:
        return given.split() if isinstance(given, str) else given


class NameToCheck(Described):
    """A name to be examined, as far as it is known while it is typed."""

    records: list[ShortText] | None = Field(
        None, max_length=50, description="papers at hand; else DOC-01 rests"
    )
    outlines: bool = Field(default=False, description="give the outline of each scope, for a map")


class Parts(BaseModel):
    """A name taken apart."""

    prefix: str
    specific: str
    modifiers: str
    ordinal: str
    generic: str
    numerals: str


class Reading(BaseModel):
    """A character, the reading taken, every reading it may have, and whether a person must confirm it."""

    character: str
    reading: str
    possible: list[str]
    to_confirm: bool


class Spelled(BaseModel):
    """The spellings of a name by the rules of 1984."""

    toned: str
    plain: str
    sign: str


class Message(BaseModel):
    """A sentence in both languages."""

    zh: str
    en: str


class NameFinding(BaseModel):
    """What a rule found; geometries of the evidence are GeoJSON, EPSG:4490."""

    code: str
    severity: Literal["block", "warn", "hint"]
    subject: list[str]
    evidence: dict[str, Any]
    message: Message


class ScopeOfName(BaseModel):
    """Ground inside which the name must be unique; `source` says whose outline stands for it.

    `counts` marks those of the road's class; `geometry` is the outline to about 40 m, where it was asked for.
    """

    kind: str
    id: str
    unit_code: str
    name: str
    source: str
    counts: bool
    geometry: Geometry | None = None


class CheckedName(BaseModel):
    """A name taken apart, read, spelled and examined under a profile."""

    name: str
    kind: NameKind
    profile: str
    parts: Parts
    readings: list[Reading]
    spelling: Spelled
    scopes: list[ScopeOfName]
    findings: list[NameFinding]


class ChangeOfName(BaseModel):
    """A field of a name on the register put right; what is left out stays as it was."""

    reading: Syllables | None = None
    origin: LongText | None = None
    meaning: LongText | None = None
    heritage: ShortText | None = None
    aliases: Annotated[list[NameText], Field(max_length=20)] | None = None
    source: Annotated[str, StringConstraints(min_length=1, max_length=200)] = Field(
        description="where the new values come from, kept for each field"
    )


class EndOfName(BaseModel):
    """A name is retired: the client makes the id, so that sending it twice is once."""

    id: UUID
    ended_on: date
    instrument: Annotated[str, StringConstraints(min_length=1, max_length=200)]
    historic: bool = False
    merged_into: UUID | None = Field(
        default=None, description="the name in force that takes its ground, 并入"
    )
