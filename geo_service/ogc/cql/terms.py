"""What a filter is made of: values with their kind as SQL; every literal is bound, none is written into a statement."""

import math
import re
import sys
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from enum import StrEnum
from typing import Any, Final

from geo_service.ogc.refusals import FilterInvalid, PropertyUnknown

BIGINT: Final = 2**63
LARGEST: Final = sys.float_info.max
"""What a property of numbers can hold at most; JSON writes whole numbers of any length."""

DAY: Final = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")
INSTANT: Final = re.compile(
    rf"{DAY.pattern}[Tt][0-9]{{2}}:[0-9]{{2}}:[0-9]{{2}}(?:[.][0-9]+)?(?:[Zz]|[+-][0-9]{{2}}:[0-9]{{2}})?"
)
"""As RFC 3339 has them; a time that says no zone is one of UTC."""


class Kind(StrEnum):
    """What sort of value an expression has."""

    TEXT = "text"
    NUMBER = "number"
    BOOLEAN = "boolean"
    DATE = "date"
    TIMESTAMP = "timestamp"
    GEOMETRY = "geometry"
    TEXTS = "texts"
    NUMBERS = "numbers"
    NULL = "null"
    OTHER = "other"


TYPES: Final[Mapping[Kind, str]] = {
    Kind.TEXT: "text",
    Kind.NUMBER: "double precision",
    Kind.BOOLEAN: "boolean",
    Kind.DATE: "date",
    Kind.TIMESTAMP: "timestamptz",
    Kind.TEXTS: "text[]",
    Kind.NUMBERS: "double precision[]",
    Kind.NULL: "text",
}


@dataclass(frozen=True, slots=True)
class Term:
    """An SQL expression and its kind; `literal` is its value where the filter wrote one."""

    sql: str
    kind: Kind
    literal: Any = None


@dataclass(frozen=True, slots=True)
class Place:
    """The CRS that literals of geometry are written in: its SRID, and whether north comes before east."""

    srid: int
    storage_srid: int
    north_first: bool = False

    @property
    def same_ground(self) -> bool:
        """Whether degrees can be taken as they are: CGCS2000 and WGS 84 are a declared identity (D7)."""
        return self.srid in {4326, 4490}


@dataclass(slots=True)
class Question:
    """A filter on its way to SQL: the properties it may name, and the values bound so far.

    `ends` names properties whose absence means "still open", such as the day until which a unit is valid.
    """

    properties: Mapping[str, Term]
    place: Place
    ends: frozenset[str] = frozenset()
    values: dict[str, Any] = field(default_factory=dict)

    def bound(self, value: Any, type_name: str) -> str:
        """Bind a value and return the SQL that stands for it."""
        name = f"v{len(self.values)}"
        self.values[name] = value
        return f"CAST(%({name})s AS {type_name})"

    def property(self, name: Any) -> Term:
        """Return the property of that name. Raises `PropertyUnknown`."""
        if not isinstance(name, str) or name not in self.properties:
            raise PropertyUnknown(property=str(name)[:200], known=sorted(self.properties))
        return self.properties[name]

    def literal(self, value: Any) -> Term:
        """Return a plain value of the filter. Raises `FilterInvalid` for one that no kind holds."""
        if value is None:
            return Term("NULL", Kind.NULL)
        if isinstance(value, bool):
            return Term("true" if value else "false", Kind.BOOLEAN, value)
        if isinstance(value, int | float):
            return self._number(value)
        if isinstance(value, str):
            return Term(self.bound(value, "text"), Kind.TEXT, value)
        raise FilterInvalid(reason="literal", found=str(value)[:200])

    def _number(self, value: float) -> Term:
        if abs(value) > LARGEST or not math.isfinite(value):
            raise FilterInvalid(reason="literal", found=str(value)[:200])
        if isinstance(value, float) and value.is_integer() and abs(value) < 2**53:
            value = int(value)  # the parser knows floats alone; a whole number compares as one
        if isinstance(value, int):
            kind = "bigint" if -BIGINT <= value < BIGINT else "numeric"
            return Term(self.bound(value, kind), Kind.NUMBER, value)
        return Term(self.bound(value, "double precision"), Kind.NUMBER, value)

    def day(self, written: Any) -> Term:
        """Return `DATE('2022-04-16')`. Raises `FilterInvalid`."""
        day = read_day(written)
        if day is None:
            raise FilterInvalid(reason="date", found=str(written)[:200])
        return Term(self.bound(day, "date"), Kind.DATE, day)

    def instant(self, written: Any) -> Term:
        """Return `TIMESTAMP('2022-04-16T10:13:19Z')`. Raises `FilterInvalid`."""
        instant = read_instant(written)
        if instant is None:
            raise FilterInvalid(reason="timestamp", found=str(written)[:200])
        return Term(self.bound(instant, "timestamptz"), Kind.TIMESTAMP, instant)


def read_day(written: Any) -> date | None:
    """Return the day of an RFC 3339 full-date, None for anything else."""
    try:
        return date.fromisoformat(written) if isinstance(written, str) and DAY.fullmatch(written) else None
    except ValueError:
        return None


def read_instant(written: Any) -> datetime | None:
    """Return the instant of an RFC 3339 date-time, in UTC; None for anything else.

    >>> read_instant("2022-04-16T10:13:19Z").isoformat()
    '2022-04-16T10:13:19+00:00'
    """
    if not isinstance(written, str) or not INSTANT.fullmatch(written):
        return None
    try:
        read = datetime.fromisoformat(written.replace("t", "T").replace("z", "Z"))
        return read.astimezone(UTC) if read.tzinfo else read.replace(tzinfo=UTC)
    except (ValueError, OverflowError):
        return None
