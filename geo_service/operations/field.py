"""Bringing records home from the field: each is judged by itself, taken once, and durable before it is receipted."""

from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from typing import Any, Final
from uuid import UUID

from pydantic import BaseModel, ValidationError
from sqlalchemy import text
from sqlalchemy.exc import DataError, IntegrityError, ProgrammingError
from sqlalchemy.orm import Session

from geo_service.auth.audit import record_act
from geo_service.auth.officer import Officer
from geo_service.db import DURABLE
from geo_service.messages import words
from geo_service.operations import cases, inspections, joint_inspections, offline_edits
from geo_service.schemas.joint import JointOpinionAsked, JointRecord, JointSignatureAsked
from geo_service.schemas.markers import (
    CaseOpening,
    CaseStep,
    FieldPush,
    InspectionRecord,
    OfflineEdit,
    Pushed,
)
from layers.errors import InvalidInput, LayerError
from layers.markers.joint_tables import JointRecordRow
from layers.markers.register import hold


class RecordUnknown(InvalidInput):
    """A record has a type that the field app's contract does not know, or lacks its id or marker."""

    code = "field.record_unknown"


Audits = list[Callable[[], None]]


def push(session: Session, officer: Officer, asked: FieldPush, *, language: str) -> list[Pushed]:
    """Take records one by one, each in a savepoint: none is lost by another's fault, and none is taken twice.

    The markers are held first, in one order, so that two devices with the same markers never wait crosswise. A receipt
    is sent after a commit that has reached the disk, whatever the database is set to.
    """
    session.execute(text(DURABLE))
    codes = {
        str(record["marker_code"])
        for record in asked.records
        if record.get("marker_code") and _is_text(str(record["marker_code"]))
    }
    codes |= _markers_of_cases(session, asked)
    hold(session, sorted(codes))
    audits: list[Callable[[], None]] = []
    results = [
        _one(session, officer, asked, record, audits=audits, language=language) for record in asked.records
    ]
    for audit in audits:
        audit()
    return results


def _is_text(given: str) -> bool:
    """Say whether the database can be asked for a text: no null character, no half of a surrogate pair."""
    return "\0" not in given and not any("\ud800" <= each <= "\udfff" for each in given)


def _markers_of_cases(session: Session, asked: FieldPush) -> set[str]:
    wanted = []
    for record in asked.records:
        try:
            wanted.append(str(UUID(str(record.get("case_id")))))
        except ValueError:
            continue
    if not wanted:
        return set()
    found = session.execute(
        text(
            "SELECT m.code FROM markers.marker_case c JOIN markers.marker m ON m.id = c.marker_id "
            "WHERE c.id = ANY (CAST(:ids AS uuid[]))"
        ),
        {"ids": wanted},
    )
    return set(found.scalars())


def _one(
    session: Session,
    officer: Officer,
    asked: FieldPush,
    record: Mapping[str, Any],
    *,
    audits: list[Callable[[], None]],
    language: str,
) -> Pushed:
    identity = str(record.get("id", "")).encode("utf-8", "replace").decode()
    now = datetime.now(UTC)

    def rejected(code: str, facts: Mapping[str, object]) -> Pushed:
        title, detail = words(f"problem.{code}", language, facts)
        said = detail if not facts or detail != title else f"{title}: {dict(facts)}"
        return Pushed(id=identity, status="rejected", code=code, detail=said, received_at=now)

    savepoint = session.begin_nested()
    try:
        corrected = UUID(str(record["corrects"])) if record.get("corrects") else None
        own: Audits = []
        first, received_at, code = _take(session, officer, asked, record, audits=own)
        savepoint.commit()
        audits += own
        if first and corrected is not None:
            audits.append(lambda: _audit_correction(session, record, corrected))
    except LayerError as refusal:
        savepoint.rollback()
        return rejected(refusal.code, refusal.facts)
    except ValidationError as invalid:
        savepoint.rollback()
        fields = [
            f"{'.'.join(str(part) for part in error['loc'])}: {error['msg']}" for error in invalid.errors()
        ]
        answer = rejected("input.invalid", {})
        return answer.model_copy(update={"detail": "; ".join(fields)[:1000]})
    except ValueError as unreadable:  # no UUID, or text that no database takes
        savepoint.rollback()
        return rejected("input.invalid", {}).model_copy(update={"detail": type(unreadable).__name__})
    except (IntegrityError, DataError, ProgrammingError) as broken:
        savepoint.rollback()
        constraint = getattr(getattr(broken.orig, "diag", None), "constraint_name", None)
        return rejected("database.constraint", {"constraint": constraint})
    return Pushed(
        id=identity, status="accepted" if first else "duplicate", code=code, received_at=received_at
    )


def _audit_correction(session: Session, record: Mapping[str, Any], refused: UUID) -> None:
    """Put on record that this one takes the place of one that was refused, which stood on the device alone."""
    detail = {"record": str(record["id"]), "refused": str(refused), "type": str(record["type"])}
    joint = record.get("joint_id")
    subject = ("joint_inspection", str(joint)) if joint else ("marker", str(record.get("marker_code")))
    record_act(session, "field.correct", subject=subject, detail=detail)


Taken = tuple[bool, datetime, str | None]
"""Whether a record was new, when it was received, and a remark for the device."""
ADDRESSED: Final = frozenset({"type", "marker_code", "case_id", "joint_id", "corrects"})
"""What of a record says where it goes, and which refused one it takes the place of; the rest is its content."""


def _take(
    session: Session, officer: Officer, asked: FieldPush, record: Mapping[str, Any], *, audits: Audits
) -> Taken:
    """Take one record by its type. Raises `RecordUnknown`."""
    content = {name: value for name, value in record.items() if name not in ADDRESSED}
    kind, marker = str(record.get("type")), str(record.get("marker_code") or "")
    if kind == "inspection" and marker:
        return _inspection(session, officer, asked, marker, content, audits=audits)
    if kind == "case_event" and (record.get("case_id") or marker):
        return _case_event(session, officer, asked, record, content, audits=audits)
    if kind == "edit" and marker:
        return _edit(session, officer, asked, marker, content, audits=audits)
    if kind in JOINT and record.get("joint_id"):
        return _of_joint_inspection(
            session, officer, asked, UUID(str(record["joint_id"])), kind=kind, content=content
        )
    raise RecordUnknown(type=kind[:100], marker_code=marker)


def _inspection(
    session: Session,
    officer: Officer,
    asked: FieldPush,
    marker: str,
    content: Mapping[str, Any],
    *,
    audits: Audits,
) -> Taken:
    clock = {} if asked.sent_at is None else {"sent_at": asked.sent_at}
    visit, standing = inspections.take_inspection(
        session,
        officer,
        marker,
        InspectionRecord.model_validate({"device": asked.device_id, **content, **clock}),
    )
    if standing is not None:
        audits.append(lambda: inspections.audit_inspection(session, visit))
    retired = any(remark["code"] == "inspection.marker_retired" for remark in visit.remarks)
    return standing is not None, visit.received_at, "inspection.marker_retired" if retired else None


def _case_event(
    session: Session,
    officer: Officer,
    asked: FieldPush,
    record: Mapping[str, Any],
    content: Mapping[str, Any],
    *,
    audits: Audits,
) -> Taken:
    if record.get("case_id"):
        case_id, step = UUID(str(record["case_id"])), CaseStep.model_validate(content)
        event, first = cases.take_event(session, officer, case_id, step, sent_at=asked.sent_at)
    else:
        opening = CaseOpening.model_validate(content)
        marker = str(record["marker_code"])
        event, first = cases.take_opening(session, officer, marker, opening, sent_at=asked.sent_at)
    if first:
        audits.append(lambda: cases.audit_step(session, event))
    return first, event.recorded_at, None


def _edit(
    session: Session,
    officer: Officer,
    asked: FieldPush,
    marker: str,
    content: Mapping[str, Any],
    *,
    audits: Audits,
) -> Taken:
    edit = OfflineEdit.model_validate(content)
    row, first = offline_edits.take_edit(
        session, officer, marker, edit, device=asked.device_id, sent_at=asked.sent_at
    )
    act = "marker.edit" if row.applied else "marker.edit_kept_for_review"
    if first:
        audits.append(lambda: record_act(session, act, subject=("marker", marker), after=row.changes))
    return first, row.recorded_at, None if row.applied else offline_edits.EditConflict.code


JOINT: Final[Mapping[str, tuple[str, type[BaseModel]]]] = {
    "joint_record": ("record", JointRecord),
    "joint_opinion": ("opinion", JointOpinionAsked),
    "joint_signature": ("signature", JointSignatureAsked),
}
"""What a joint inspection brings from the field, by its type in a push."""


def _of_joint_inspection(
    session: Session,
    officer: Officer,
    asked: FieldPush,
    joint_id: UUID,
    *,
    kind: str,
    content: Mapping[str, Any],
) -> Taken:
    part, shape = JOINT[kind]
    given = shape.model_validate(content).model_dump(mode="json")
    sent_by = joint_inspections.SentBy(asked.device_id, asked.sent_at)
    _, first = joint_inspections.add_record(session, officer, joint_id, part, given, sent_by=sent_by)
    row = session.get_one(JointRecordRow, UUID(given["id"]))
    return first, row.recorded_at, None
