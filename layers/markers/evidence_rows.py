"""Rows of evidence as the engines take them, and back; decides nothing.

What a colour is derived from is read through views that no policy narrows: it is the same whoever asks.
"""

import uuid
from collections.abc import Iterable, Mapping, Sequence
from datetime import date, datetime
from typing import Any, Final

from sqlalchemy.orm import Session

from layers.driver import Asked, together
from layers.markers.evidence import (
    Actor,
    Called,
    Capacity,
    CaseEvent,
    CaseEventKind,
    Confirmed,
    Evidence,
    Flagged,
    FlagKind,
    JointResult,
    Observed,
    Reviewed,
    Settled,
    Withdrawn,
)
from layers.markers.model import Condition, InspectionKind, PositionCheck

INSPECTIONS: Final = """
SELECT marker_id, id, happened_at, received_at, kind, judged_condition, position_check, person
  FROM markers.known_inspection WHERE marker_id = ANY (:ids) AND received_at <= :known_at
"""
REVIEWS: Final = """
SELECT marker_id, id, recorded_at, inspection_id, accepted, person
  FROM markers.known_review WHERE marker_id = ANY (:ids) AND recorded_at <= :known_at
"""
CASE_EVENTS: Final = """
SELECT marker_id, id, happened_at, recorded_at, case_id, kind, person, unit, capacity, records
  FROM markers.known_case_event WHERE marker_id = ANY (:ids) AND recorded_at <= :known_at
"""
RECORDS: Final = """
SELECT marker_id, id, kind, about, happened_at, recorded_at, person, content
  FROM markers.known_record WHERE marker_id = ANY (:ids) AND recorded_at <= :known_at
"""


def evidence_asked(markers: Sequence[uuid.UUID], known_at: datetime | None = None) -> tuple[Asked, ...]:
    """Return the statements that answer what is on record of markers, in the order that `evidence_in` reads.

    With `known_at` (with time zone) only what was on record at that instant.
    """
    values = {"ids": list(markers), "known_at": known_at or "infinity"}
    return tuple((statement, values) for statement in (INSPECTIONS, REVIEWS, CASE_EVENTS, RECORDS))


def evidence_in(
    markers: Sequence[uuid.UUID], answers: Sequence[Sequence[Any]]
) -> dict[uuid.UUID, list[Evidence]]:
    """Return everything on record of each marker, in the order in which it was recorded."""
    found: dict[uuid.UUID, list[Evidence]] = {marker: [] for marker in markers}
    for rows, read in zip(answers, (observed, _reviewed, case_event, _record), strict=True):
        for row in rows:
            found[row.marker_id].append(read(row))
    for records in found.values():
        records.sort(key=lambda record: (record.recorded_at, record.id))
    return found


def evidence_of(
    session: Session, markers: Sequence[uuid.UUID], known_at: datetime | None = None
) -> dict[uuid.UUID, list[Evidence]]:
    """Return what is on record of each marker, or was at `known_at`, asked for by itself."""
    return evidence_in(markers, together(session, *evidence_asked(markers, known_at)))


def observed(row: Any) -> Observed:
    """Return an inspection as evidence."""
    return Observed(
        id=str(row.id),
        happened_at=row.happened_at,
        recorded_at=row.received_at,
        kind=InspectionKind(row.kind),
        condition=Condition(row.judged_condition),
        position_check=PositionCheck(row.position_check),
        person=row.person,
    )


def _reviewed(row: Any) -> Reviewed:
    return Reviewed(
        id=str(row.id),
        happened_at=row.recorded_at,
        recorded_at=row.recorded_at,
        inspection_id=str(row.inspection_id),
        accepted=row.accepted,
        person=row.person,
    )


def case_event(row: Any) -> CaseEvent:
    """Return an act on a case as evidence."""
    return CaseEvent(
        id=str(row.id),
        happened_at=row.happened_at,
        recorded_at=row.recorded_at,
        case_id=str(row.case_id),
        kind=CaseEventKind(row.kind),
        actor=Actor(row.person, row.unit, Capacity(row.capacity)),
        records=row.records,
    )


def _record(row: Any) -> Evidence:
    clocks: dict[str, Any] = {
        "id": str(row.id),
        "happened_at": row.happened_at,
        "recorded_at": row.recorded_at,
    }
    content, about = row.content, str(row.about)
    match row.kind:
        case "confirmed":
            return Confirmed(
                **clocks, inspection_id=about, person=row.person, proofs=tuple(content["proofs"])
            )
        case "joint_result":
            return JointResult(
                **clocks,
                passed=content["passed"],
                condition=Condition(content["condition"]),
                position_check=PositionCheck(content["position_check"]),
            )
        case "flagged":
            return Flagged(**clocks, flag=FlagKind(content["flag"]))
        case "settled":
            return Settled(**clocks, flag_id=about)
        case "called":
            return Called(
                **clocks,
                kind=InspectionKind(content["kind"]),
                due_on=date.fromisoformat(content["due_on"]),
            )
        case _:
            return Withdrawn(**clocks, record_id=about, reason=content.get("reason", ""))


def record_values(
    kind: str, evidence: Evidence, *, marker_id: uuid.UUID, person: str, content: Mapping[str, Any]
) -> dict[str, Any]:
    """Return the row of one of the rarer records; `content` holds what its kind needs beside the clocks."""
    about = next(
        (
            getattr(evidence, name)
            for name in ("inspection_id", "flag_id", "record_id")
            if hasattr(evidence, name)
        ),
        None,
    )
    return {
        "id": uuid.UUID(evidence.id),
        "marker_id": marker_id,
        "kind": kind,
        "about": uuid.UUID(about) if about else None,
        "happened_at": evidence.happened_at,
        "recorded_at": evidence.recorded_at,
        "person": person,
        "content": dict(content),
    }


def latest(records: Iterable[Evidence]) -> Evidence | None:
    """Return the record that came in last."""
    return max(records, key=lambda record: record.recorded_at, default=None)
