"""Names, their parts and what is proposed or on record; refuses any reading, storing or judging."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from enum import StrEnum

from shapely.geometry.base import BaseGeometry


class NameKind(StrEnum):
    """What a name stands for; decides the list of generics (通名) and how it is spelled."""

    STREET = "street"
    BRIDGE = "bridge"
    SQUARE = "square"
    VILLAGE = "village"
    COMMUNITY = "community"
    DIVISION = "division"
    NATURAL = "natural"
    BUILDING = "building"

    @classmethod
    def _missing_(cls, value: object) -> "NameKind | None":
        """Take 街路巷 by its other word, `road`, as the office's papers do."""
        return cls.STREET if value == "road" else None


class Role(StrEnum):
    """What a piece of a name does in it."""

    PREFIX = "prefix"
    SPECIFIC = "specific"
    MODIFIER = "modifier"
    ORDINAL = "ordinal"
    GENERIC = "generic"


class Numerals(StrEnum):
    """Whether the numerals of a name count (长滨三路) or belong to a word (三八路)."""

    NONE = "none"
    ORDINAL = "ordinal"
    LEXICAL = "lexical"


class WidthBasis(StrEnum):
    """What a width was measured between: 道牙 or 红线."""

    KERB = "kerb"
    RED_LINE = "red_line"


@dataclass(frozen=True, slots=True)
class Part:
    """A piece of a name and its role."""

    role: Role
    text: str


@dataclass(frozen=True, slots=True)
class ParsedName:
    """A name taken apart, in order: 海甸三东路 is 海甸 (specific), 三 (ordinal), 东 (modifier), 路 (generic)."""

    characters: str
    kind: NameKind
    parts: tuple[Part, ...]
    numerals: Numerals

    def _joined(self, role: Role) -> str:
        return "".join(part.text for part in self.parts if part.role is role)

    @property
    def prefix(self) -> str:
        """City or division set before the name: 海口市 in 海口市文明路."""
        return self._joined(Role.PREFIX)

    @property
    def specific(self) -> str:
        """专名, with the modifiers in front of it; empty for a bare generic or a pure ordinal."""
        return self._joined(Role.SPECIFIC)

    @property
    def modifiers(self) -> str:
        """东西南北中, 横, 纵 … behind the specific, in order."""
        return self._joined(Role.MODIFIER)

    @property
    def ordinal(self) -> str:
        """The numeral that counts, as written: 三, 十二, 第五."""
        return self._joined(Role.ORDINAL)

    @property
    def generic(self) -> str:
        """通名; empty where none was recognised."""
        return self._joined(Role.GENERIC)

    @property
    def body(self) -> str:
        """All that stands between prefix and generic: 海甸三东."""
        inner = (Role.SPECIFIC, Role.MODIFIER, Role.ORDINAL)
        return "".join(part.text for part in self.parts if part.role in inner)

    def of_body(self, confirmed: Sequence[str]) -> tuple[str, ...]:
        """Return the syllables of the body among those of the name's first characters, as a person gave them."""
        if not confirmed:
            return ()
        return tuple(confirmed[len(self.prefix) : len(self.prefix) + len(self.body)])


@dataclass(frozen=True, slots=True)
class ExistingName:
    """A name on record that a proposal may collide with.

    `state` is a register or proposal state; `reading` is the confirmed reading of the specific,
    a syllable with tone mark for each character, or None. `line` is the geometry in metres of a
    projected CRS, the same as the proposal's; `unit_code` and `authority` say whose name it is.
    """

    identifier: str
    characters: str
    kind: NameKind = NameKind.STREET
    state: str = "in_force"
    reading: tuple[str, ...] | None = None
    line: BaseGeometry | None = None
    unit_code: str = ""
    authority: str = ""
    parent: str | None = None


@dataclass(frozen=True, slots=True)
class NameProposal:
    """What is proposed, with all that a check may need; what is unknown is None or empty.

    `line` is in metres of a projected CRS, `bearing` in degrees clockwise from north.
    `reasons` holds the reasons given, by what they excuse: generic, section, no_specific_link, rename,
    other_division; `records` the documents present.
    """

    characters: str
    kind: NameKind = NameKind.STREET
    action: str = "name"
    former_name: str = ""
    reading: tuple[str, ...] | None = None
    spelling: str | None = None
    width_m: float | None = None
    width_basis: WidthBasis | None = None
    length_m: float | None = None
    bearing: float | None = None
    line: BaseGeometry | None = None
    road_class: str = ""
    unit_code: str = ""
    authority: str = ""
    parent: str | None = None
    reasons: Mapping[str, str] = field(default_factory=dict)
    records: frozenset[str] = frozenset()
    proposed_on: date | None = None
