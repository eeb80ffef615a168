"""Writing lines: keeps the derived lines and tripoints in step with the outlines, by date."""

import uuid
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any, Final, NamedTuple

import shapely
from geoalchemy2.shape import from_shape
from shapely.geometry import LineString, MultiLineString
from shapely.geometry.base import BaseGeometry
from sqlalchemy import insert, text
from sqlalchemy.orm import Session

from layers.boundaries.derivation import Derivation, DerivedLine, derive_lines
from layers.boundaries.model import Level
from layers.boundaries.outlines import thinned
from layers.boundaries.tables import BoundaryLineRow, TripointRow, UnitOutlineRow
from layers.boundaries.tiles import ZOOM_BANDS
from layers.geodesy import STORAGE_SRID
from layers.tables import uuid7

# Units that carry lines: counties, and what has an outline and no county with one below it.
LEAVES: Final = """
    SELECT u.code, u.name, u.unit_id, u.level, ST_AsBinary(u.geometry) AS outline,
           ARRAY(WITH RECURSIVE up AS (
                     SELECT u.unit_id AS unit_id, u.parent_id AS parent_id, u.level AS level, 0 AS depth
                     UNION ALL
                     SELECT p.unit_id, p.parent_id, p.level, up.depth + 1 FROM up
                       JOIN boundaries.administrative_unit p ON p.unit_id = up.parent_id
                        AND p.valid_from <= :on AND (p.valid_to IS NULL OR p.valid_to > :on)
                      WHERE up.depth < 6)
                 SELECT level || ':' || unit_id FROM up ORDER BY depth DESC) AS chain
      FROM boundaries.administrative_unit u
     WHERE u.geometry IS NOT NULL AND u.level = ANY (:levels) AND u.valid_from <= :on
       AND (u.valid_to IS NULL OR u.valid_to > :on)
       AND NOT EXISTS (SELECT FROM boundaries.administrative_unit c WHERE c.parent_id = u.unit_id
                          AND c.geometry IS NOT NULL AND c.level = ANY (:levels) AND c.valid_from <= :on
                          AND (c.valid_to IS NULL OR c.valid_to > :on))
"""
COUNTY_AND_ABOVE: Final = [Level.PROVINCE.value, Level.PREFECTURE.value, Level.COUNTY.value]


@dataclass(frozen=True, slots=True)
class Side:
    """A unit that has a line, with its chain of ancestors, highest first, itself last."""

    code: str
    name: str
    unit_id: uuid.UUID
    chain: tuple[str, ...]
    outline: BaseGeometry


def sides_on(session: Session, on: date) -> dict[str, Side]:
    """Return the units that carry lines on a date, by code."""
    rows = session.execute(text(LEAVES), {"on": on, "levels": COUNTY_AND_ABOVE})
    return {
        row.code: Side(
            row.code, row.name, row.unit_id, tuple(row.chain), shapely.from_wkb(bytes(row.outline))
        )
        for row in rows
    }


def line_level(one: Side, other: Side) -> Level:
    """Return the level of the line between two units: the higher of the first ancestors that differ.

    秀英–龙华, both under 海口, has a county line; 琼山–定安 parts 海口 from a county of the province:
    a prefecture line.
    """
    for left, right in zip(one.chain, other.chain, strict=False):
        if left != right:
            return min(Level(left.split(":")[0]), Level(right.split(":")[0]), key=lambda level: level.rank)
    return Level.COUNTY


def derive_on(session: Session, on: date) -> int:
    """Bring derived lines and tripoints in step with the units from `on`, to this day and beyond; return how many changed.

    A line whose sides, names and course stay is left alone; one that ends is closed on that date, never
    deleted, and one that began on the same day holds on no day. Days after `on` on which units change
    already stand on record are gone through in turn. What an office has put on record of a line goes on
    with it as long as its two sides do. Lines with a legal geometry of their own are not touched
    (Order 353, art. 7).
    """
    days = [on, *_later_days(session, on)]
    changed = 0
    for span in map(_Span, days, [*days[1:], None]):
        sides = sides_on(session, span.on)
        derived = derive_lines({code: side.outline for code, side in sides.items()})
        changed += _renew_lines(session, span, sides, derived)
        _renew_tripoints(session, span, derived)
    return changed


class _Span(NamedTuple):
    """From a day up to, not including, the next day on which units or lines change; None for ever."""

    on: date
    until: date | None


def _later_days(session: Session, on: date) -> list[date]:
    return list(
        session.execute(
            text(
                "SELECT DISTINCT day FROM (SELECT valid_from, valid_to FROM boundaries.administrative_unit "
                "WHERE level = ANY (:levels) UNION ALL SELECT valid_from, valid_to FROM boundaries.boundary_line) "
                "each, LATERAL (VALUES (valid_from), (valid_to)) AS days(day) WHERE day > :on ORDER BY day"
            ),
            {"on": on, "levels": COUNTY_AND_ABOVE},
        ).scalars()
    )


def _renew_lines(session: Session, span: _Span, sides: dict[str, Side], derived: Derivation) -> int:
    wanted = {line.line_code: line for line in derived.lines}
    ended = []
    for row in session.execute(text(f"{KNOWN_LINES} WHERE {IN_FORCE}"), {"on": span.on}).all():
        line = wanted.get(row.line_code)
        if not row.derived or (line is not None and _same(line, sides, row)):
            wanted.pop(row.line_code, None)
        else:
            ended.append(row)
    _set_end(session, [row.id for row in ended], span.on)
    resumed = []
    for row in session.execute(
        text(f"{KNOWN_LINES} WHERE derived AND valid_to = :on"), {"on": span.on}
    ).all():
        line = wanted.get(row.line_code)
        if row.valid_from < span.on and line is not None and _same(line, sides, row):
            resumed.append(row.id)
            del wanted[row.line_code]
    _set_end(session, resumed, span.until)
    if wanted:
        before = {frozenset(row.unit_ids): row for row in ended}
        rows = [_row(line, sides, span, before) for line in wanted.values()]
        session.execute(insert(BoundaryLineRow), rows)
    return len(ended) + len(wanted)


KNOWN_LINES: Final = """
    SELECT id, line_code, level, name, derived, unit_ids, valid_from, ST_AsBinary(geometry) AS course,
           managing, disputed, legal_instrument, last_joint_inspection_on, stated_name, stated_length_m
      FROM boundaries.boundary_line
"""
IN_FORCE: Final = "valid_from <= :on AND (valid_to IS NULL OR valid_to > :on)"
KEPT: Final = (
    "managing",
    "disputed",
    "legal_instrument",
    "last_joint_inspection_on",
    "stated_name",
    "stated_length_m",
)


def _set_end(session: Session, lines: list[uuid.UUID], end: date | None) -> None:
    if lines:
        statement = text("UPDATE boundaries.boundary_line SET valid_to = :end WHERE id = ANY (:lines)")
        session.execute(statement, {"end": end, "lines": lines})


def _same(line: DerivedLine, sides: dict[str, Side], row: Any) -> bool:
    one, other = (sides[code] for code in line.unit_codes)
    told = (_name(one, other), line_level(one, other).value, {one.unit_id, other.unit_id})
    return told == (row.name, row.level, set(row.unit_ids)) and bool(
        shapely.equals_exact(
            shapely.normalize(_multi(line.geometry)),
            shapely.normalize(shapely.from_wkb(bytes(row.course))),
            1e-9,
        )
    )


def _name(one: Side, other: Side) -> str:
    return f"{one.name}—{other.name}"


def _multi(line: LineString | MultiLineString) -> MultiLineString:
    return line if isinstance(line, MultiLineString) else MultiLineString([line])


def _row(
    line: DerivedLine, sides: dict[str, Side], span: _Span, ended: Mapping[frozenset[uuid.UUID], Any]
) -> dict[str, object]:
    one, other = (sides[code] for code in line.unit_codes)
    before = ended.get(frozenset((one.unit_id, other.unit_id)))
    return {
        "id": uuid7(),
        "line_code": line.line_code,
        "level": line_level(one, other).value,
        "name": _name(one, other),
        "unit_codes": list(line.unit_codes),
        "unit_ids": [one.unit_id, other.unit_id],
        "geometry": from_shape(_multi(line.geometry), srid=STORAGE_SRID),
        "length_m": line.length_m,
        "derived": True,
        "valid_from": span.on,
        "valid_to": span.until,
        **{name: getattr(before, name) if before else UNTOLD[name] for name in KEPT},
    }


UNTOLD: Final = {
    "managing": None,
    "disputed": False,
    "legal_instrument": None,
    "last_joint_inspection_on": None,
    "stated_name": None,
    "stated_length_m": None,
}


def _renew_tripoints(session: Session, span: _Span, derived: Derivation) -> None:
    wanted = {(point.tripoint_code, shapely.to_wkb(point.point)): point for point in derived.tripoints}
    known = "SELECT id, tripoint_code, ST_AsBinary(geometry) AS place FROM boundaries.tripoint"
    current = session.execute(text(f"{known} WHERE {IN_FORCE}"), {"on": span.on}).all()
    ended = [row.id for row in current if wanted.pop((row.tripoint_code, bytes(row.place)), None) is None]
    paused = session.execute(
        text(f"{known} WHERE valid_to = :on AND valid_from < :on"), {"on": span.on}
    ).all()
    resumed = [row.id for row in paused if wanted.pop((row.tripoint_code, bytes(row.place)), None)]
    for rows, end in ((ended, span.on), (resumed, span.until)):
        if rows:
            statement = text("UPDATE boundaries.tripoint SET valid_to = :end WHERE id = ANY (:rows)")
            session.execute(statement, {"end": end, "rows": rows})
    if wanted:
        added = [
            {
                "id": uuid7(),
                "tripoint_code": point.tripoint_code,
                "unit_codes": list(point.unit_codes),
                "geometry": from_shape(point.point, srid=STORAGE_SRID),
                "valid_from": span.on,
                "valid_to": span.until,
            }
            for point in wanted.values()
        ]
        session.execute(insert(TripointRow), added)


def refresh_outlines(session: Session) -> int:
    """Make the thinned outlines of versions that have none yet; return how many versions got theirs.

    Versions of one level that hold at the same time are thinned together with those they touch.
    """
    made = 0
    for level in Level:
        days = session.execute(
            text(
                "SELECT DISTINCT valid_from FROM boundaries.administrative_unit u WHERE u.level = :level "
                "AND u.geometry IS NOT NULL AND NOT EXISTS "
                "(SELECT FROM boundaries.unit_outline o WHERE o.version_id = u.id) ORDER BY valid_from"
            ),
            {"level": level.value},
        ).scalars()
        for day in days.all():
            made += _thin_level(session, level, day)
    return made


def _thin_level(session: Session, level: Level, day: date) -> int:
    rows = session.execute(
        text(
            "SELECT u.id, ST_AsBinary(u.geometry) AS outline, EXISTS (SELECT FROM boundaries.unit_outline o "
            "WHERE o.version_id = u.id) AS made FROM boundaries.administrative_unit u WHERE u.level = :level "
            "AND u.geometry IS NOT NULL AND u.valid_from <= :day AND (u.valid_to IS NULL OR u.valid_to > :day)"
        ),
        {"level": level.value, "day": day},
    ).all()
    shapes = shapely.from_wkb([bytes(row.outline) for row in rows])
    values = []
    for band, (outlines, labels, radii) in thinned(list(shapes), ZOOM_BANDS).items():
        for row, outline, label, radius in zip(rows, outlines, labels, radii, strict=True):
            if not row.made:
                values.append(
                    {
                        "version_id": row.id,
                        "max_zoom": band,
                        "geometry": from_shape(_areas(outline), srid=3857),
                        "label_point": from_shape(label, srid=3857),
                        "label_radius": float(radius),
                    }
                )
    session.execute(insert(UnitOutlineRow), values)
    return len(values) // len(ZOOM_BANDS)


def _areas(outline: BaseGeometry) -> shapely.MultiPolygon:
    parts = [part for part in shapely.get_parts(outline) if part.geom_type == "Polygon"]
    return shapely.MultiPolygon(parts)
