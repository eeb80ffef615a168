"""Lines as the planner of joint inspections needs them, from their rows; writes nothing."""

from collections.abc import Iterable
from datetime import date
from typing import Any, Final

import shapely
from shapely.geometry.base import BaseGeometry
from sqlalchemy import text
from sqlalchemy.orm import Session

from layers.boundaries.model import LineNotFound
from layers.markers.joint_planning import InspectedLine
from layers.markers.joint_tasks import OtherMark
from layers.markers.model import Marker
from layers.markers.register import load
from layers.markers.registry_checks import DeclaredCounts

LINES: Final = """
SELECT l.line_code, l.unit_codes, l.length_m, l.name, ST_AsBinary(l.geometry) AS shape,
       coalesce(l.last_joint_inspection_on, done.held_on) AS last_on, done.lead AS last_lead
  FROM boundaries.boundary_line l
  LEFT JOIN LATERAL (
       SELECT j.lead, (j.results_recorded_at AT TIME ZONE 'Asia/Shanghai')::date AS held_on
         FROM markers.joint_inspection j
        WHERE j.line_code = l.line_code AND j.results_recorded_at IS NOT NULL
        ORDER BY j.year DESC, j.results_recorded_at DESC LIMIT 1) AS done ON true
 WHERE l.valid_from <= :on AND (l.valid_to IS NULL OR l.valid_to > :on)
   AND (CAST(:codes AS text[]) IS NULL OR l.line_code = ANY (:codes))
 ORDER BY l.line_code
"""
POSTS: Final = """
SELECT id FROM markers.marker WHERE line_code = :line AND valid_from <= :on AND (valid_to IS NULL OR valid_to > :on)
"""
OTHER_MARKS: Final = """
SELECT code, ST_X(geometry) AS lon, ST_Y(geometry) AS lat FROM markers.other_mark
 WHERE line_code = :line AND valid_from <= :on AND (valid_to IS NULL OR valid_to > :on) ORDER BY code
"""
COUNTS: Final = """
SELECT DISTINCT ON (line_code) line_code, total, single, double, triple FROM markers.line_count
 WHERE line_code = ANY (:codes) ORDER BY line_code, recorded_at DESC, id DESC
"""


def inspected_lines(session: Session, on: date, codes: Iterable[str] | None = None) -> list[InspectedLine]:
    """Return lines in force on a day, all or some, with their last joint inspection and who led it."""
    return [_line(row) for row in _rows(session, on, codes)]


def inspected_line(session: Session, line_code: str, on: date) -> tuple[InspectedLine, BaseGeometry, str]:
    """Return a line with its course in EPSG:4490 and its name; raises `LineNotFound`."""
    rows = _rows(session, on, [line_code])
    if not rows:
        raise LineNotFound(line_code=line_code, as_of=on.isoformat())
    return _line(rows[0]), shapely.from_wkb(bytes(rows[0].shape)), rows[0].name


def posts_of_line(session: Session, line_code: str, on: date) -> list[Marker]:
    """Return the markers of a line on a day, in the order of their codes."""
    ids = session.execute(text(POSTS), {"line": line_code, "on": on}).scalars().all()
    return [marker for _, marker, _ in load(session, list(ids))]


def other_marks_of(session: Session, line_code: str, on: date) -> list[OtherMark]:
    """Return the other marks of a line that stand on a day."""
    rows = session.execute(text(OTHER_MARKS), {"line": line_code, "on": on})
    return [OtherMark(row.code, row.lon, row.lat) for row in rows]


def declared_counts(session: Session, codes: Iterable[str]) -> dict[str, DeclaredCounts]:
    """Return how many markers the newest document of each line states; lines without one are left out."""
    rows = session.execute(text(COUNTS), {"codes": list(codes)})
    return {
        row.line_code: DeclaredCounts(
            total=row.total, single=row.single, double=row.double, triple=row.triple
        )
        for row in rows
    }


def _rows(session: Session, on: date, codes: Iterable[str] | None) -> list[Any]:
    wanted = None if codes is None else list(codes)
    return list(session.execute(text(LINES), {"on": on, "codes": wanted}).all())


def _line(row: Any) -> InspectedLine:
    return InspectedLine(
        line_code=row.line_code,
        sides=tuple(row.unit_codes),
        length_km=row.length_m / 1000,
        last_on=row.last_on,
        last_lead=row.last_lead,
        name=row.name,
    )
