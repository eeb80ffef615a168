"""Acts on cases: each step asked of the table, recorded, and the marker's state with it."""

import uuid
from collections.abc import Mapping
from datetime import date, datetime
from typing import Any, Final
from uuid import UUID

from sqlalchemy import text
from sqlalchemy.orm import Session

from geo_service.auth.audit import digest, record_act
from geo_service.auth.officer import Officer
from geo_service.operations.case_people import actor_of, papers_on_file, units_acting
from geo_service.operations.inspections import RecordedOtherwise, happened
from geo_service.operations.marker_answers import marker_after, reach_a_side
from geo_service.operations.marker_forms import take_legal_position
from geo_service.schemas.markers import CaseOpening, CaseStep
from layers.errors import InvalidInput, NotFound
from layers.markers.case_table import STEPS
from layers.markers.evidence import CaseEvent, CaseEventKind
from layers.markers.evidence_rows import CASE_EVENTS, case_event
from layers.markers.evidence_tables import CaseEventRow, MarkerCaseRow
from layers.markers.register import Held, hold_one, office_rules, project
from layers.markers.transitions import (
    CaseFile,
    CaseState,
    new_legal_position,
    state_of,
    take_step,
)


class CaseNotFound(NotFound):
    """There is no such case."""

    code = "marker.case_not_found"


def open_case(
    session: Session, officer: Officer, code: str, asked: CaseOpening, *, profile: str
) -> tuple[dict[str, Any], bool]:
    """Open a case of a marker by its first event; the same id with the same content is the same case."""
    row, first = take_opening(session, officer, code, asked)
    if first:
        audit_step(session, row)
    return answer(session, row, profile), first


def take_opening(
    session: Session, officer: Officer, code: str, asked: CaseOpening, *, sent_at: datetime | None = None
) -> tuple[CaseEventRow, bool]:
    """Open a case without auditing it; `sent_at` is the device's clock when it sent, to measure its error."""
    held = hold_one(session, code)
    event_id = uuid.uuid5(asked.id, "opening")
    known = session.get(CaseEventRow, event_id)
    if known is None and session.get(MarkerCaseRow, asked.id) is not None:
        raise RecordedOtherwise(id=str(asked.id))
    step = CaseStep(**asked.model_dump(exclude={"id"}), id=event_id)
    return _take(session, officer, held, step, case_id=asked.id, known=known, sent_at=sent_at)


def step_case(
    session: Session, officer: Officer, case_id: UUID, asked: CaseStep, *, profile: str
) -> tuple[dict[str, Any], bool]:
    """Take a case one step on; raises `CaseStepRefused`, naming what is missing, and `CaseNotFound`.

    Two officers who act at once queue at the marker; the second is asked again with what the first did.
    """
    row, first = take_event(session, officer, case_id, asked)
    if first:
        audit_step(session, row)
    return answer(session, row, profile), first


def take_event(
    session: Session, officer: Officer, case_id: UUID, asked: CaseStep, *, sent_at: datetime | None = None
) -> tuple[CaseEventRow, bool]:
    """Take a case one step on without auditing it; `sent_at` as in `take_opening`."""
    code = session.execute(
        text(
            "SELECT m.code FROM markers.marker_case c JOIN markers.marker m ON m.id = c.marker_id WHERE c.id = :id"
        ),
        {"id": case_id},
    ).scalar()
    if code is None:
        raise CaseNotFound(case_id=str(case_id))
    held = hold_one(session, code)
    known = session.get(CaseEventRow, asked.id)
    return _take(session, officer, held, asked, case_id=case_id, known=known, sent_at=sent_at)


def audit_step(session: Session, row: CaseEventRow) -> None:
    """Put a step into the audit."""
    record_act(
        session,
        f"case.{row.kind}",
        subject=("case", str(row.case_id)),
        after=row.digest,
        detail={"event": str(row.id), "marker_id": str(row.marker_id), "capacity": row.capacity},
    )


def _take(
    session: Session,
    officer: Officer,
    held: Held,
    asked: CaseStep,
    *,
    case_id: UUID,
    known: CaseEventRow | None,
    sent_at: datetime | None,
) -> tuple[CaseEventRow, bool]:
    reached = reach_a_side(session, officer, held.marker.unit_codes)
    content = digest({"case": str(case_id), **asked.model_dump(mode="json")}).hex()
    if known is not None:
        if known.digest != content:
            raise RecordedOtherwise(id=str(asked.id))
        return known, False
    rows = session.execute(text(CASE_EVENTS), {"ids": [held.id], "known_at": "infinity"})
    events = [event for event in map(case_event, rows) if event.case_id == str(case_id)]
    events.sort(key=lambda event: (event.recorded_at, event.id))
    event = CaseEvent(
        id=str(asked.id),
        happened_at=_instant(_put_right(asked.on, sent_at, held.now), held.now),
        recorded_at=held.now,
        case_id=str(case_id),
        kind=asked.event,
        actor=actor_of(officer, asked, reached, state_of(events)),
        records=asked.records,
    )
    _, policy = next(iter(office_rules().values())).at(held.now)
    case = CaseFile(
        case_id=str(case_id),
        units=held.marker.unit_codes,
        events=tuple(events),
        on_file=papers_on_file(session, [each.records for each in (*events, event)]),
        acting=units_acting(session, held.marker.unit_codes),
        restore_limit_m=policy.displacement.tolerance_m,
        time_zone=policy.time_zone,
    )
    state = take_step(case, event)
    row = _keep(session, held, event, state, content, clock=_clock(asked.on, sent_at, held.now))
    position = new_legal_position([*events, event])
    if position is not None:
        take_legal_position(session, held, position, officer=officer, event=event)
    project(session, [held.id], held.now)
    return row, True


def _keep(
    session: Session,
    held: Held,
    event: CaseEvent,
    state: CaseState,
    content: str,
    *,
    clock: Mapping[str, Any],
) -> CaseEventRow:
    case = session.get(MarkerCaseRow, UUID(event.case_id), with_for_update=True)
    kind = str(state.kind or "")
    if case is None:
        opened = MarkerCaseRow(
            id=UUID(event.case_id),
            marker_id=held.id,
            opened_at=event.recorded_at,
            opened_by=event.actor.person,
            kind=kind,
            stage=state.stage.value,
        )
        session.add(opened)
    else:
        case.kind, case.stage = kind, state.stage.value
    session.flush()
    row = CaseEventRow(
        id=UUID(event.id),
        case_id=UUID(event.case_id),
        marker_id=held.id,
        kind=event.kind.value,
        happened_at=event.happened_at,
        recorded_at=event.recorded_at,
        person=event.actor.person,
        unit=event.actor.unit,
        capacity=event.actor.capacity.value,
        records=dict(event.records),
        digest=content,
        **clock,
    )
    session.add(row)
    session.flush()
    return row


def _clock(on: datetime | date | None, sent_at: datetime | None, now: datetime) -> dict[str, Any]:
    """Return the device's own time of a step and its clock's error; nothing where the device told neither."""
    if sent_at is None or not isinstance(on, datetime) or on.tzinfo is None:
        return {}
    return {"captured_at": on, "clock_skew_s": happened(on, sent_at, now)[0]}


def _put_right(on: datetime | date | None, sent_at: datetime | None, now: datetime) -> datetime | date | None:
    """Return when a step was taken by the office's clock; a bare day has no clock to put right."""
    if sent_at is None or not isinstance(on, datetime) or on.tzinfo is None:
        return on
    return happened(on, sent_at, now)[1]


def _instant(on: datetime | date | None, now: datetime) -> datetime:
    """Return when a step was taken: an instant, the end of a day of the office, or now; never later than now."""
    _, policy = next(iter(office_rules().values())).at(now)
    if on is None:
        return now
    if isinstance(on, datetime):
        instant = on if on.tzinfo else on.replace(tzinfo=policy.time_zone)
        if on.tzinfo is None and on.time() == datetime.min.time():  # a bare day reads as its midnight
            instant = min(policy.end_of(on.date()), now) if on.date() <= policy.day_of(now) else instant
    else:
        instant = min(policy.end_of(on), now) if on <= policy.day_of(now) else policy.start_of(on)
    if instant > now:
        raise InvalidInput(field="on", given=on.isoformat(), expected="a day or an instant not in the future")
    return instant


def answer(session: Session, row: CaseEventRow, profile: str) -> dict[str, Any]:
    """Return the case, and the marker's facts and colour right after the event."""
    told = case_told(session, row.case_id)
    return {
        "id": row.id,
        "case": told,
        **marker_after(session, row.marker_id, row.recorded_at, profile),
    }


CASES: Final = """
SELECT c.id, m.code AS marker_code, m.line_code, m.unit_codes, c.kind, c.stage, c.opened_at, c.opened_by,
       (SELECT max(e.recorded_at) FROM markers.case_event e WHERE e.case_id = c.id) AS last_event_at
  FROM markers.marker_case c JOIN markers.marker m ON m.id = c.marker_id
 WHERE (CAST(:id AS uuid) IS NULL OR c.id = :id) AND (CAST(:code AS text) IS NULL OR m.code = :code)
   AND (CAST(:stage AS text) IS NULL OR c.stage = :stage) AND (CAST(:line AS text) IS NULL OR m.line_code = :line)
   AND (CAST(:unit AS text) IS NULL OR :unit = ANY (m.unit_codes)) AND (CAST(:open AS boolean) IS NOT TRUE OR c.stage <> 'closed')
 ORDER BY c.opened_at DESC, c.id LIMIT :limit
"""


def cases_listed(session: Session, *, limit: int = 100, **asked: Any) -> list[dict[str, Any]]:
    """Return cases by marker code, line, unit or stage, the latest first."""
    values = {name: asked.get(name) for name in ("id", "code", "stage", "line", "unit", "open")}
    return [dict(row) for row in session.execute(text(CASES), values | {"limit": limit}).mappings()]


def case_told(session: Session, case_id: UUID) -> dict[str, Any]:
    """Return a case with its events and the events that may come next; raises `CaseNotFound`."""
    listed = cases_listed(session, id=case_id)
    if not listed:
        raise CaseNotFound(case_id=str(case_id))
    rows = session.execute(
        text(
            "SELECT id, case_id, kind, happened_at, recorded_at, person, unit, capacity, records "
            "FROM markers.case_event WHERE case_id = :id ORDER BY recorded_at, id"
        ),
        {"id": case_id},
    ).all()
    state = state_of([case_event(row) for row in rows])
    return {
        **listed[0],
        "events": [
            {
                "id": row.id,
                "event": CaseEventKind(row.kind),
                "happened_at": row.happened_at,
                "recorded_at": row.recorded_at,
                "person": row.person,
                "unit": row.unit,
                "capacity": row.capacity,
                "records": row.records,
            }
            for row in rows
        ],
        "possible": sorted({step.event for step in STEPS if step.fits(state.kind, state.stage)}),
    }
