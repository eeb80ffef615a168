"""Shapes of the boundary layer's requests and answers."""

from datetime import date
from typing import Annotated, Any
from uuid import UUID

from pydantic import BaseModel, ConfigDict, Field, StringConstraints

from layers.boundaries.model import ChangeKind, Level

Code = Annotated[str, StringConstraints(pattern=r"^[0-9]{6}([0-9]{3}([0-9]{3})?)?$")]
Longitude = Annotated[float, Field(ge=-180, le=180, allow_inf_nan=False)]
Latitude = Annotated[float, Field(ge=-90, le=90, allow_inf_nan=False)]
Line = Annotated[str, StringConstraints(min_length=1, max_length=200, strip_whitespace=True)]


class LocatedUnit(BaseModel):
    """One unit over a point."""

    code: str
    name: str
    level: Level


class Located(BaseModel):
    """The units over a point, province first; empty outside every outline on record."""

    units: list[LocatedUnit]


class PointsToLocate(BaseModel):
    """Up to 1,000 points, each lon, lat in EPSG:4490."""

    points: Annotated[list[tuple[Longitude, Latitude]], Field(min_length=1, max_length=1000)]
    as_of: date | None = None


class LocatedPoints(BaseModel):
    """One answer a point, in the order asked."""

    results: list[Located]


class CheckOfUnits(BaseModel):
    """Which levels shall be examined, as they were on a date (today)."""

    levels: Annotated[list[Level], Field(min_length=1, max_length=5)] = [Level.COUNTY]
    as_of: date | None = None


class SuccessorUnit(BaseModel):
    """What a unit shall be; what is left out stays as it was."""

    code: Code
    name: Line | None = None
    pinyin: Line | None = None
    level: Level | None = None
    parent_code: Code | None = None
    geometry: dict[str, Any] | None = Field(None, description="GeoJSON Polygon or MultiPolygon, EPSG:4490")


class ChangeOfUnits(BaseModel):
    """An act that changes units: the client makes the id, so that sending it twice is once."""

    id: UUID
    kind: ChangeKind
    effective_on: date
    instrument: Line
    predecessors: Annotated[list[Code], Field(max_length=50)]
    successors: Annotated[list[SuccessorUnit], Field(min_length=1, max_length=50)]
    level: Level | None = None
    children: dict[Code, Code] | None = None
    note: Annotated[str, StringConstraints(max_length=2000)] | None = None


class RecordedChange(BaseModel):
    """A change on record: the codes it ended and the codes it began."""

    id: UUID
    kind: ChangeKind
    effective_on: date
    instrument: str
    predecessors: list[str]
    successors: list[str]
    lines_changed: int


class ChangeOfLine(BaseModel):
    """What may be changed of a line's record; what is left out stays, null takes away."""

    model_config = ConfigDict(extra="forbid")

    managing: Line | None = None
    disputed: bool = False
    legal_instrument: Line | None = None
    last_joint_inspection_on: date | None = None
