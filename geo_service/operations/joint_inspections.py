"""Acts on joint inspections: what each side records, agrees to and signs; the stage follows, nobody sets it."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, Final
from uuid import UUID

from shapely.geometry import mapping
from sqlalchemy.orm import Session

from geo_service.auth.audit import digest, record_act
from geo_service.auth.jurisdiction import out_of_reach
from geo_service.auth.officer import Officer
from geo_service.operations.inspections import RecordedOtherwise, happened
from geo_service.operations.joint_sides import require_open, require_own_order, require_own_signature
from geo_service.operations.marker_answers import reach_a_side, told
from geo_service.paging import today
from layers.errors import InvalidInput
from layers.markers.joint_inspection import (
    JointFile,
    JointStage,
    disagreements,
    field_papers,
    missing_for,
    stage_of,
    unsettled,
)
from layers.markers.joint_line_rows import inspected_lines
from layers.markers.joint_planning import side_after
from layers.markers.joint_report import work_orders
from layers.markers.joint_rows import joint_file, joint_files
from layers.markers.joint_tables import JointInspectionRow, JointRecordRow


def joint_told(row: Any, joint: JointFile) -> dict[str, Any]:
    """Return a joint inspection as a list gives it: the stage that its records have reached."""
    return {
        "id": row.id,
        "line_code": row.line_code,
        "cycle_start": row.cycle_start,
        "year": row.year,
        "sides": row.sides,
        "lead": row.lead,
        "stage": stage_of(joint),
        "tasks": len(joint.tasks),
        "tasks_recorded": len({record.task for record in joint.records}),
        "disagreements": sum(1 for _ in disagreements(joint)),
    }


def joints_listed(session: Session, *, line: str | None, year: int | None) -> list[dict[str, Any]]:
    """Return joint inspections of a line or a year."""
    return [joint_told(row, joint) for row, joint in joint_files(session, line=line, year=year)]


def joint_whole(session: Session, joint_id: UUID) -> dict[str, Any]:
    """Return one with its tasks, records, opinions, signatures, and what the next stage still needs."""
    row, joint = joint_file(session, joint_id)
    stage = stage_of(joint)
    stages = list(JointStage)
    following = stages[min(stages.index(stage) + 1, len(stages) - 1)]
    return {
        **joint_told(row, joint),
        "plan_document": joint.plan_document,
        "report_document": joint.report_document,
        "indoor_minutes": joint.indoor_minutes,
        "filing_number": joint.filing_number,
        "filed_on": joint.filed_on,
        "archived_in": joint.archived_in,
        "task_list": [
            {
                "order": task.order,
                "kind": task.kind,
                "subjects": task.subjects,
                "along_m": round(task.along_m, 1),
                "length_m": round(task.length_m, 1),
                "sides": task.sides,
                "checklist": task.checklist,
                "geometry": mapping(task.place),
            }
            for task in joint.tasks
        ],
        "records": [plain(record) for record in joint.records],
        "opinions": [plain(opinion) for opinion in joint.opinions],
        "signatures": [plain(signature) for signature in joint.signatures],
        "field_papers": field_papers(joint),
        "disagreements_found": told(disagreements(joint)),
        "unsettled": told(unsettled(joint)),
        "next_stage": following,
        "missing": list(missing_for(joint, following)),
        "work_orders": [plain(order) for order in work_orders(joint)],
    }


def seen_by(session: Session, officer: Officer, joint_id: UUID) -> dict[str, Any]:
    """Return one as an officer sees it: with the line's name, the sides he acts for, and who leads the next round."""
    whole = joint_whole(session, joint_id)
    sides, name = whole["sides"], None
    for line in inspected_lines(session, today(), [whole["line_code"]]):
        sides, name = list(line.sides), line.name
    return whole | {
        "name": name,
        "own_sides": sides_acted_for(session, officer, whole["sides"]),
        "next_lead": side_after(whole["lead"], sides),
    }


def sides_acted_for(session: Session, officer: Officer, sides: Sequence[str]) -> list[str]:
    """Return the sides that an officer acts for, in their order."""
    outside = set(out_of_reach(session, officer, sides))
    return [side for side in sides if side not in outside]


def plain(record: Any) -> dict[str, Any]:
    """Return a record of the engine as a plain mapping."""
    return {name: getattr(record, name) for name in record.__dataclass_fields__}


LATER: Final = frozenset({"sheet", "captured_at"})
"""What records had not at first: left out where it is not given, a record has the digest that it had then."""


@dataclass(frozen=True, slots=True)
class SentBy:
    """The device that sends a record and its clock at that moment, to measure its error; neither for the office's page."""

    device: str | None = None
    sent_at: datetime | None = None


def _clocks(asked: Mapping[str, Any], sent_by: SentBy) -> dict[str, Any]:
    now = datetime.now(UTC)
    given = asked.get("captured_at") or asked.get("signed_at")
    if given is None:
        return {"happened_at": now, "recorded_at": now, "device": sent_by.device}
    captured_at = datetime.fromisoformat(given)
    skew_s, happened_at = happened(captured_at, sent_by.sent_at, now)
    times = {"captured_at": captured_at, "happened_at": happened_at, "recorded_at": now}
    return {**times, "clock_skew_s": skew_s, "device": sent_by.device}


def add_record(
    session: Session,
    officer: Officer,
    joint_id: UUID,
    kind: str,
    asked: Mapping[str, Any],
    *,
    sent_by: SentBy | None = None,
) -> tuple[dict[str, Any], bool]:
    """Put a record, opinion, signature or finished work order on file; the same id with the same content is the same.

    Refused for a task or a side that the inspection does not have, for another side's signature (`SignatureNotOwn`)
    or order (`OrderNotFound`), and, but for orders, after all have signed the report (`RecordsClosed`). The inspection's
    row is held meanwhile. What a device wrote keeps the device's time, and when it really was by the clock's error at
    its sending; what counts as the last word is what happened last, however late it came.
    """
    session.get(JointInspectionRow, joint_id, with_for_update=True)
    _, joint = joint_file(session, joint_id)
    reach_a_side(session, officer, joint.sides)
    asked = {name: value for name, value in asked.items() if value is not None or name not in LATER}
    content = digest({"joint": str(joint_id), "kind": kind, **asked}).hex()
    known = session.get(JointRecordRow, UUID(str(asked["id"])))
    if known is not None:
        if known.digest != content:
            raise RecordedOtherwise(id=str(asked["id"]))
        return joint_whole(session, joint_id), False
    side, task = asked.get("side"), asked.get("task")
    if side is not None and side not in joint.sides:
        raise InvalidInput(field="side", given=side, expected=sorted(joint.sides))
    if task is not None and task not in {each.order for each in joint.tasks}:
        raise InvalidInput(field="task", given=task, expected=f"1 … {len(joint.tasks)}")
    if kind == "completion":
        require_own_order(session, officer, joint, asked, today())
    else:
        require_open(joint)
    if kind == "signature":
        require_own_signature(session, officer, joint, asked)
    row = JointRecordRow(
        id=UUID(str(asked["id"])),
        joint_id=joint_id,
        kind=kind,
        task=task,
        side=side,
        person=asked.get("person") or officer.username,
        content={
            name: asked[name] for name in asked.keys() - {"id", "task", "side", "person", "captured_at"}
        },
        digest=content,
        **_clocks(asked, sent_by or SentBy()),
        recorded_by=officer.username,
    )
    session.add(row)
    session.flush()
    record_act(session, f"joint.{kind}", subject=("joint_inspection", str(joint_id)), after=content)
    return joint_whole(session, joint_id), True
