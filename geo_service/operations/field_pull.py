"""A work pack: what a device takes along for a day without signal, and what has changed of it since."""

from collections.abc import Mapping, Sequence
from datetime import UTC, date, datetime, timedelta
from typing import Any, Final
from uuid import UUID

from sqlalchemy import text
from sqlalchemy.orm import Session

from geo_service.auth.officer import Officer
from geo_service.operations import cases
from geo_service.operations.joint_inspections import joint_told, plain, sides_acted_for
from geo_service.operations.offline_edits import edits_listed
from layers.errors import InvalidInput
from layers.markers import dossiers
from layers.markers.joint_inspection import JointStage, last_records, stage_of
from layers.markers.joint_rows import joint_files
from layers.markers.queries import MarkerFilter
from layers.markers.register import follow_the_clock, load, office_rules

MOST_MARKERS: Final = 5000
LAG: Final = timedelta(seconds=120)
"""A token reaches this far back: what was still being written when it was made comes with the next pull."""
LAST_INSPECTIONS: Final = 3
TASK_WINDOW: Final = timedelta(days=30)
"""What is due within so many days is a task."""
EDITS_SHOWN: Final = timedelta(days=90)
"""So long a device is told what became of a change that went to a reviewer."""
MINE: Final = "mine"


class WorkPackTooLarge(InvalidInput):
    """The area holds more markers than a device takes along."""

    code = "field.pack_too_large"


CHANGED: Final = """
SELECT m.id FROM markers.marker m JOIN markers.marker_state s ON s.marker_id = m.id
 WHERE m.id = ANY (:ids) AND (CAST(:since AS timestamptz) IS NULL OR m.recorded_at > :since OR s.derived_at > :since
    OR EXISTS (SELECT FROM markers.marker_edit e WHERE e.marker_id = m.id AND e.recorded_at > :since)
    OR EXISTS (SELECT FROM markers.inspection_photo p JOIN markers.photo f USING (sha256)
                WHERE p.marker_id = m.id AND f.received_at > :since))
"""
IN_AREA: Final = """
SELECT m.id, m.code, m.line_code, m.unit_codes, m.valid_to, ST_X(m.geometry) AS lon, ST_Y(m.geometry) AS lat
  FROM markers.marker m LEFT JOIN markers.marker_state s ON s.marker_id = m.id
 WHERE (CAST(:line AS text) IS NULL OR m.line_code = :line)
   AND (CAST(:unit AS text) IS NULL OR EXISTS (SELECT FROM unnest(m.unit_codes) u WHERE starts_with(u, :unit)))
   AND (CAST(:west AS float8) IS NULL OR m.geometry && ST_MakeEnvelope(:west, :south, :east, :north, 4490))
   AND (CAST(:reaches AS text[]) IS NULL OR
        EXISTS (SELECT FROM unnest(m.unit_codes) u, unnest(CAST(:reaches AS text[])) r WHERE starts_with(u, r)))
   AND (CAST(:due_by AS date) IS NULL OR s.next_due_on IS NULL OR s.next_due_on <= :due_by OR s.case_stage <> 'none')
   AND (CAST(:due_by AS date) IS NULL OR m.valid_to IS NULL)
 ORDER BY m.code
"""
PHOTOS: Final = """
SELECT count(*) FROM (
    SELECT DISTINCT p.sha256 FROM markers.marker m
      CROSS JOIN LATERAL (SELECT i.id FROM markers.inspection i WHERE i.marker_id = m.id
                           ORDER BY i.happened_at DESC LIMIT 1) last
      JOIN markers.inspection_photo p ON p.inspection_id = last.id JOIN markers.photo f USING (sha256)
     WHERE m.id = ANY (:ids)) shown
"""
NAMES: Final = """
SELECT code, name FROM boundaries.administrative_unit WHERE code = ANY (:codes) AND valid_to IS NULL ORDER BY code
"""
LINE_NAMES: Final = (
    "SELECT line_code, name FROM boundaries.boundary_line WHERE line_code = ANY (:codes) ORDER BY valid_from"
)


def stem(code: str) -> str:
    """Return what every code below a unit begins with: 460100 → 4601, 460000 → 46, 460107 → 460107."""
    short = code
    while len(short) > 2 and short.endswith("00"):
        short = short[:-2]
    return short


def my_tasks(officer: Officer, today: date) -> dict[str, Any]:
    """Return the area `mine`: markers in the officer's jurisdictions that are due soon, or have an open case."""
    everywhere = "*" in officer.jurisdictions
    reaches = None if everywhere else [stem(code) for code in sorted(officer.jurisdictions)]
    return {"reaches": reaches, "due_by": today + TASK_WINDOW}


def _rows(session: Session, area: Mapping[str, Any]) -> Sequence[Any]:
    names = ("line", "unit", "west", "south", "east", "north", "reaches", "due_by")
    rows = session.execute(text(IN_AREA), dict.fromkeys(names) | dict(area)).all()
    if len(rows) > MOST_MARKERS:
        raise WorkPackTooLarge(markers=len(rows), most=MOST_MARKERS)
    return rows


def size(session: Session, area: Mapping[str, Any]) -> dict[str, Any]:
    """Return how much an area would be to take along, before it is taken. Raises `WorkPackTooLarge`."""
    follow_the_clock(session)
    rows = [row for row in _rows(session, area) if row.valid_to is None]
    photos = session.execute(text(PHOTOS), {"ids": [row.id for row in rows]}).scalar_one()
    return {"markers": len(rows), "photos": photos, "extent": _extent(rows)}


def _extent(rows: Sequence[Any]) -> list[float] | None:
    """Return west, south, east, north of the markers in EPSG:4490 degrees, None without any."""
    placed = [(row.lon, row.lat) for row in rows if row.lon is not None]
    if not placed:
        return None
    lons, lats = zip(*placed, strict=True)
    return [min(lons), min(lats), max(lons), max(lats)]


def pull(
    session: Session,
    officer: Officer,
    asked: MarkerFilter,
    area: Mapping[str, Any],
    since: datetime | None,
) -> dict[str, Any]:
    """Return a work pack of an area: markers with form, last inspections and open cases; since a token only changes.

    `codes` names every marker of the area, so that a device drops what is no longer in it; `removed` those that have
    ended; `my_edits` what the officer brought and a reviewer has to decide, or has. Raises `WorkPackTooLarge`.
    """
    follow_the_clock(session)
    now = datetime.now(UTC)
    rows = _rows(session, area)
    back = since - LAG if since is not None else None
    standing = {row.id: row for row in rows if row.valid_to is None}
    changed = session.execute(text(CHANGED), {"ids": list(standing), "since": back}).scalars().all()
    _, policy = next(iter(office_rules().values())).at(now)
    return {
        "token": now.isoformat(),
        "since": since,
        "profile": asked.profile,
        "total": len(standing),
        "extent": _extent(list(standing.values())),
        "codes": [row.code for row in standing.values()],
        "markers": _packs(session, asked, changed),
        "removed": [row.code for row in rows if row.valid_to is not None],
        "my_edits": edits_listed(session, person=officer.username, since=now - EDITS_SHOWN),
        "joint_inspections": _joint(session, officer, sorted({row.line_code for row in rows})),
        "units": _names(session, sorted({code for row in rows for code in row.unit_codes})),
        "policy": {
            "capture_accuracy_m": policy.capture_accuracy_m,
            "report_hours": policy.report_hours,
            "tolerance_m": policy.displacement.tolerance_m,
        },
    }


def _packs(session: Session, asked: MarkerFilter, ids: Sequence[UUID]) -> list[dict[str, Any]]:
    return [
        {
            "code": marker.code,
            "version": version,
            "form": dossiers.form_of(marker, asked.positions),
            "state": dossiers.state_told(session, identity, asked.profile),
            "inspections": dossiers.inspections(session, identity, limit=LAST_INSPECTIONS),
            "cases": [
                each for each in cases.cases_listed(session, code=marker.code) if each["stage"] != "closed"
            ],
        }
        for identity, marker, version in load(session, ids)
    ]


def _names(session: Session, codes: Sequence[str]) -> dict[str, str]:
    return {row.code: row.name for row in session.execute(text(NAMES), {"codes": list(codes)})}


def _joint(session: Session, officer: Officer, lines: Sequence[str]) -> list[dict[str, Any]]:
    """Return the joint inspections of lines that are under way: the walk, what each side has on record, the opinions."""
    named = {row.line_code: row.name for row in session.execute(text(LINE_NAMES), {"codes": list(lines)})}
    return [
        {
            **joint_told(row, joint),
            "name": named.get(line),
            "own_sides": sides_acted_for(session, officer, joint.sides),
            "task_list": [
                {
                    "order": task.order,
                    "kind": task.kind,
                    "subjects": task.subjects,
                    "sides": task.sides,
                    "checklist": task.checklist,
                    "along_m": round(task.along_m, 1),
                    "length_m": round(task.length_m, 1),
                }
                for task in joint.tasks
            ],
            "records": [plain(record) for record in last_records(joint)],
            "opinions": [plain(each) for each in {each.task: each for each in joint.opinions}.values()],
        }
        for line in lines
        for row, joint in joint_files(session, line=line, year=None)
        if stage_of(joint) not in {JointStage.REPORT_SIGNED, JointStage.FILED, JointStage.ARCHIVED}
    ]
