"""A question for items, read from its parameters into conditions with bound values."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Final

from geo_service.ogc.collections import Published, quoted
from geo_service.ogc.cql import Kind, Question, Term, condition, read_filter
from geo_service.ogc.cql.scalars import as_kind
from geo_service.ogc.cql.spatial import box_corners, box_shape, placed
from geo_service.ogc.cql.terms import read_day, read_instant
from geo_service.ogc.crs import Spoken, read_crs
from geo_service.ogc.refusals import FilterInvalid, ParameterInvalid, PropertyUnknown
from geo_service.paging import today
from layers.geodesy import STORAGE_SRID

OPEN: Final = {"", ".."}
ROUNDED_DEG: Final = 0.00002
"""A geometry's box in an index is rounded by less; what lies within a box by more needs no second look."""


@dataclass(slots=True)
class Asked:
    """Conditions, order and columns of a question; `values` are bound by name into all of them."""

    collection: Published
    crs: Spoken
    wheres: list[str] = field(default_factory=list)
    values: dict[str, Any] = field(default_factory=dict)
    order: list[tuple[Term, bool]] = field(default_factory=list)
    shown: Sequence[str] = ()
    filtered: bool = False

    def question(self, crs: Spoken) -> Question:
        """Return a question in a CRS that binds its values here."""
        until = self.collection.until_column
        ends = frozenset({until} if until else ())
        return Question(self.collection.terms, crs.place, ends=ends, values=self.values)

    @property
    def where(self) -> str:
        """All conditions as SQL."""
        return " AND ".join(self.wheres) or "true"


def ask(collection: Published, given: Mapping[str, str | None], queried: Mapping[str, str]) -> Asked:
    """Return the question that parameters mean; `queried` are those that name a property.

    Raises `ParameterInvalid`, `FilterInvalid`, `PropertyUnknown`, `CrsNotOffered`.
    """
    asked = Asked(collection, read_crs(given.get("crs")))
    _in_box(asked, given.get("bbox"), read_crs(given.get("bbox-crs")))
    _in_time(asked, given.get("datetime"))
    _filtered(asked, given)
    for name, value in queried.items():
        _equal(asked, name, value)
    asked.order = _order(collection, given.get("sortby"))
    asked.shown = _shown(collection, given.get("properties"))
    return asked


def _in_box(asked: Asked, written: str | None, crs: Spoken) -> None:
    shape = asked.collection.geometry_column
    if written is None or shape is None:
        return
    try:
        corners = [float(part) for part in written.split(",")]
        west, south, east, north = box_corners(corners, crs.place)
    except (ValueError, FilterInvalid):
        expected = "minx,miny,maxx,maxy"
        raise ParameterInvalid(parameter="bbox", given=written[:200], expected=expected) from None
    question = asked.question(crs)
    column = question.properties[shape.name].sql
    if not crs.place.same_ground or west > east:
        asked.wheres.append(f"ST_Intersects({column}, {placed(question, box_shape(corners, crs.place))})")
        return
    ends = ", ".join(question.bound(end, "double precision") for end in (west, south, east, north))
    box = f"ST_MakeEnvelope({ends}, {STORAGE_SRID})"
    touches = f"ST_Intersects({column}, {box})"
    if min(east - west, north - south) > 2 * ROUNDED_DEG:
        touches = f"({column} @ ST_Expand({box}, -{ROUNDED_DEG}) OR {touches})"
    asked.wheres.append(f"{column} && {box} AND {touches}")


def _in_time(asked: Asked, written: str | None) -> None:
    """Add the time: a row holds from its first day up to, not including, its last; today when none is named."""
    since, until = asked.collection.since_column, asked.collection.until_column
    if written is None:
        if until is None:
            return
        written = f"{today():%Y-%m-%d}"
    if since is None:
        return
    first, last = _ends(written)
    question = asked.question(asked.crs)
    begins = question.properties[since]
    if last is not None:
        asked.wheres.append(f"{begins.sql} <= {_time(question, last, begins.kind)}")
    if first is None:
        return
    if until is not None:
        ends = question.properties[until]
        asked.wheres.append(f"({ends.sql} IS NULL OR {ends.sql} > {_time(question, first, ends.kind)})")
    else:
        asked.wheres.append(f"{begins.sql} >= {_time(question, first, begins.kind)}")


def _ends(written: str) -> tuple[str | None, str | None]:
    parts = written.split("/")
    ends = [None if part in OPEN else part for part in parts]
    readable = all(part is None or read_day(part) or read_instant(part) for part in ends)
    if len(parts) > 2 or not readable or (len(parts) == 1 and ends[0] is None):
        expected = "2026-01-31, 2026-01-31T08:00:00Z, start/end, start/.. or ../end"
        raise ParameterInvalid(parameter="datetime", given=written[:200], expected=expected)
    first, last = ends[0], ends[-1]
    if first and last and first[: len(last)] > last[: len(first)]:
        raise ParameterInvalid(parameter="datetime", given=written[:200], expected="start/end")
    return first, last


def _time(question: Question, written: str, kind: Kind) -> str:
    instant = read_instant(written)
    if kind is Kind.DATE:
        return question.bound(instant.date() if instant else read_day(written), "date")
    return question.bound(instant or read_day(written), "timestamptz")


def _filtered(asked: Asked, given: Mapping[str, str | None]) -> None:
    written, language = given.get("filter"), given.get("filter-lang")
    if language not in {"cql2-text", "cql2-json", None}:
        raise ParameterInvalid(parameter="filter-lang", given=language[:100], expected="cql2-text, cql2-json")
    crs = read_crs(given.get("filter-crs"))
    if written is None:
        return
    language = language or ("cql2-json" if written.lstrip().startswith("{") else "cql2-text")
    tree = read_filter(written, "cql2-json" if language == "cql2-json" else "cql2-text")
    asked.wheres.append(condition(asked.question(crs), tree))
    asked.filtered = True


def _equal(asked: Asked, name: str, value: str) -> None:
    """Add `name=value` of the address, read as the property's kind."""
    question = asked.question(asked.crs)
    term = question.property(name)
    literal: Any = value
    try:
        if term.kind is Kind.NUMBER:
            literal = float(value)
        elif term.kind is Kind.BOOLEAN:
            literal = {"true": True, "false": False}[value.lower()]
    except (ValueError, KeyError):
        raise ParameterInvalid(parameter=name, given=value[:200], expected=str(term.kind)) from None
    try:
        compared = as_kind(question, question.literal(literal), term.kind)
    except FilterInvalid:
        raise ParameterInvalid(parameter=name, given=value[:200], expected=str(term.kind)) from None
    asked.wheres.append(f"{term.sql} = {compared.sql}")


def _order(collection: Published, written: str | None) -> list[tuple[Term, bool]]:
    """Return by what items are ordered, each with whether it descends; the key last, so that no two are alike."""
    terms, order = collection.terms, []
    for part in (written or "").split(","):
        name = part.strip().lstrip("+-").strip()
        if not name:
            continue
        if name not in terms or terms[name].kind in {Kind.GEOMETRY, Kind.OTHER}:
            raise PropertyUnknown(property=name[:200], known=sorted(terms))
        order.append((terms[name], part.strip().startswith("-")))
    key = Term(f"s.{quoted(collection.key.name)}", Kind.OTHER)
    return [*order, (key, False)]


def _shown(collection: Published, written: str | None) -> list[str]:
    names = [column.name for column in collection.shown]
    if written is None:
        return names
    wanted = [part.strip() for part in written.split(",") if part.strip()]
    for name in wanted:
        if name not in collection.terms:
            raise PropertyUnknown(property=name[:200], known=sorted(collection.terms))
    return [name for name in names if name in wanted]
