"""What is due, read from what is kept of markers, from their cases and from joint inspections.

Row-level security narrows cases and joint inspections to what the officer's office reaches.
"""

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any, Final

from sqlalchemy import text
from sqlalchemy.orm import Session

from layers.due import Due
from layers.markers.case_guards import as_day
from layers.markers.due_list import WITHOUT_DUTY, DueKind
from layers.markers.policy import InspectionPolicy, report_deadline
from layers.markers.queries import UNDER_UNIT

MOST: Final = 1000
"""Entries of one kind in one answer, the earliest first."""
_AT: Final = """
  FROM markers.marker m JOIN markers.marker_state s ON s.marker_id = m.id {join}
 WHERE m.valid_from <= :on AND (m.valid_to IS NULL OR m.valid_to > :on) AND {narrowed}
"""
PATROLS: Final = f"""
SELECT m.code AS subject, m.line_code, coalesce(m.managing_unit, '') AS unit, s.patrol_due_on AS due_on {_AT}
   AND NOT s.condition = ANY (:without) AND coalesce(s.patrol_due_on, :on) <= :until
 ORDER BY coalesce(s.patrol_due_on, :on), m.code LIMIT {MOST}
"""
JOINTS: Final = f"""
SELECT m.line_code AS subject, m.line_code, '' AS unit,
       CASE WHEN bool_and(s.joint_due_on IS NOT NULL) THEN min(s.joint_due_on) END AS due_on {_AT}
   AND NOT s.condition = ANY (:without)
 GROUP BY m.line_code HAVING min(coalesce(s.joint_due_on, :on)) <= :until ORDER BY 4 NULLS FIRST, 1 LIMIT {MOST}
"""
STEPS: Final = f"""
SELECT DISTINCT ON (m.id) m.code AS subject, m.line_code, coalesce(m.managing_unit, '') AS unit, e.happened_at, e.records
{_AT} AND s.case_stage = :stage AND e.kind = ANY (:kinds) ORDER BY m.id, e.recorded_at DESC, e.id
"""
STEP_JOIN: Final = "JOIN markers.case_event e ON e.marker_id = m.id"
_OF_JOINT: Final = "(SELECT j.*, j.sides AS unit_codes FROM markers.joint_inspection j) m"
JOINT_PLANS: Final = """
SELECT m.line_code AS subject, m.line_code, m.lead AS unit, m.year, m.id AS joint_id FROM {joint}
 WHERE {narrowed} AND m.filed_on IS NULL AND m.year <= :year AND (m.plan_document IS NULL OR NOT m.sides <@ (
       SELECT coalesce(array_agg(r.side), ARRAY[]::text[]) FROM markers.joint_record r
        WHERE r.joint_id = m.id AND r.kind = 'signature' AND r.content ->> 'document' = m.plan_document))
 ORDER BY m.year, m.line_code LIMIT {most}
"""
FILINGS: Final = """
SELECT m.line_code AS subject, m.line_code, m.lead AS unit, m.year, m.id AS joint_id FROM {joint}
 WHERE {narrowed} AND m.year <= :year AND (m.filed_on IS NULL OR m.filing_number IS NULL)
 ORDER BY m.year, m.line_code LIMIT {most}
"""
WORK_ORDERS: Final = """
WITH agreed AS (
    SELECT DISTINCT ON (joint_id, task) joint_id, task, content, recorded_at FROM markers.joint_record
     WHERE kind = 'opinion' ORDER BY joint_id, task, happened_at DESC, recorded_at DESC, id DESC)
SELECT array_to_string(t.subjects, '/') AS subject, m.line_code, o.content ->> 'responsible' AS unit,
       CAST(o.content ->> 'deadline' AS date) AS due_on, m.id AS joint_id
  FROM agreed o JOIN {joint} ON m.id = o.joint_id
  JOIN markers.joint_task t ON t.joint_id = o.joint_id AND t.place = o.task
 WHERE {narrowed} AND coalesce(o.content ->> 'measure', '') <> '' AND o.content ->> 'responsible' IS NOT NULL
   AND CAST(o.content ->> 'deadline' AS date) <= :until
   AND NOT EXISTS (SELECT FROM markers.joint_record d WHERE d.kind = 'completion' AND d.joint_id = o.joint_id
                      AND d.task = o.task AND d.recorded_at >= o.recorded_at)
 ORDER BY 4, 1 LIMIT {most}
"""
PLANS: Final = ("restore.plan", "move.plan", "add.plan")


@dataclass(frozen=True, slots=True)
class DueAsked:
    """What is asked for; `unit` with all below it, None means any. `days_ahead` counts from `on`."""

    on: date
    days_ahead: int
    unit: str | None = None
    line: str | None = None
    kinds: frozenset[DueKind] = frozenset(DueKind)


def due_entries(session: Session, asked: DueAsked, policy: InspectionPolicy) -> list[tuple[Due, str]]:
    """Return what is due, each with the code of its line: overdue first, then by day."""
    until = asked.on + timedelta(days=asked.days_ahead)
    found: Iterable[tuple[Due, str]] = (
        *_clocks(session, asked, DueKind.PATROL, PATROLS, until),
        *_clocks(session, asked, DueKind.JOINT, JOINTS, until),
        *_terms(session, asked, DueKind.JOINT_PLAN, JOINT_PLANS, policy.plan_due),
        *_terms(session, asked, DueKind.FILING, FILINGS, policy.filing_due),
        *_orders(session, asked, until),
        *_reports(session, asked, policy),
        *_repairs(session, asked),
    )
    return sorted(each for each in found if each[0].due_on <= until)


def _clocks(
    session: Session, asked: DueAsked, kind: DueKind, statement: str, until: date
) -> Iterator[tuple[Due, str]]:
    without = [condition.value for condition in WITHOUT_DUTY]
    for row in _rows(session, asked, kind, statement, until=until, without=without):
        yield Due(row.due_on or asked.on, kind, row.subject, row.unit, row.due_on is None), row.line_code


def _terms(
    session: Session, asked: DueAsked, kind: DueKind, statement: str, term: Callable[[int], date]
) -> Iterator[tuple[Due, str]]:
    """Yield joint inspections whose plan or filing is outstanding, by its term in their year."""
    year = (asked.on + timedelta(days=asked.days_ahead)).year
    for row in _rows(session, asked, kind, statement, year=year):
        yield Due(term(row.year), kind, row.subject, row.unit, joint_id=str(row.joint_id)), row.line_code


def _orders(session: Session, asked: DueAsked, until: date) -> Iterator[tuple[Due, str]]:
    """Yield work orders that the last joint opinion on a stop makes and that nobody has recorded as done."""
    for row in _rows(session, asked, DueKind.WORK_ORDER, WORK_ORDERS, until=until):
        due = Due(row.due_on, DueKind.WORK_ORDER, row.subject, row.unit, joint_id=str(row.joint_id))
        yield due, row.line_code


def _reports(session: Session, asked: DueAsked, policy: InspectionPolicy) -> Iterator[tuple[Due, str]]:
    """Yield reports without their detailed record, by the day of the office on which the clock runs out."""
    given = {"stage": "reported", "kinds": ["report.abnormal"]}
    for row in _rows(session, asked, DueKind.REPORT, STEPS, STEP_JOIN, **given):
        said = row.records.get("discovered_at")
        discovered = datetime.fromisoformat(said) if isinstance(said, str) else row.happened_at
        due_at = report_deadline(discovered, None, discovered, policy).due_at
        yield Due(policy.day_of(due_at), DueKind.REPORT, row.subject, row.unit), row.line_code


def _repairs(session: Session, asked: DueAsked) -> Iterator[tuple[Due, str]]:
    """Yield works on markers by the day that the sides agreed on."""
    given = {"stage": "repairing", "kinds": list(PLANS)}
    for row in _rows(session, asked, DueKind.REPAIR, STEPS, STEP_JOIN, **given):
        agreed = as_day(row.records.get("agreed_date"))
        if agreed is not None:
            yield Due(agreed, DueKind.REPAIR, row.subject, row.unit), row.line_code


def _rows(
    session: Session, asked: DueAsked, kind: DueKind, statement: str, join: str = "", **given: Any
) -> list[Any]:
    if kind not in asked.kinds:
        return []
    narrowed = ["true"]
    if asked.unit is not None:
        narrowed.append(UNDER_UNIT)
        given["unit"] = asked.unit
    if asked.line is not None:
        narrowed.append("m.line_code = :line")
        given["line"] = asked.line
    whole = statement.format(join=join, joint=_OF_JOINT, most=MOST, narrowed=" AND ".join(narrowed))
    return list(session.execute(text(whole), given | {"on": asked.on}).all())
