"""What a joint inspection says of its markers, put on record once every side has signed its report."""

from datetime import UTC, datetime
from typing import Any

from sqlalchemy import update
from sqlalchemy.orm import Session

from geo_service.auth.audit import record_act
from geo_service.auth.officer import Officer
from geo_service.paging import office_zone
from layers.boundaries.tables import BoundaryLineRow
from layers.markers.evidence import JointResult
from layers.markers.evidence_rows import record_values
from layers.markers.evidence_tables import MarkerRecordRow
from layers.markers.joint_inspection import JointFile, JointStage, passed_markers, require
from layers.markers.joint_rows import joint_file
from layers.markers.joint_tables import JointInspectionRow
from layers.markers.joint_tasks import TaskItem
from layers.markers.model import Condition
from layers.markers.register import Held, append, hold, project
from layers.tables import uuid7


def record_results(session: Session, officer: Officer, row: JointInspectionRow) -> None:
    """Make the report's findings evidence of each marker and reset the five-year clock of the line; once only.

    A marker that passed is intact and agrees (art. 12); one that failed keeps the condition that was agreed.
    Raises `JointStepRefused` before every side has signed.
    """
    if row.results_recorded_at is not None:
        return
    _, joint = joint_file(session, row.id)
    require(joint, JointStage.REPORT_SIGNED)
    passed, failed = passed_markers(joint)
    held = hold(session, [*passed, *failed])
    conditions = _conditions(joint)
    signed = [each for each in joint.signatures if each.document == joint.report_document]
    signed_at = max(each.happened_at or each.signed_at for each in signed)
    values = [
        _result(each, conditions.get(code), passed=code in set(passed), at=signed_at, person=officer.username)
        for code, each in held.items()
    ]
    append(session, MarkerRecordRow, values)
    for each in held.values():
        project(session, [each.id], each.now)
    row.results_recorded_at = datetime.now(UTC)
    held_on = max(record.at for record in joint.records).astimezone(office_zone()).date()
    session.execute(
        update(BoundaryLineRow)
        .where(BoundaryLineRow.line_code == row.line_code, BoundaryLineRow.valid_to.is_(None))
        .values(last_joint_inspection_on=held_on)
    )
    session.flush()
    told = {"passed": list(passed), "failed": list(failed), "held_on": held_on.isoformat()}
    record_act(session, "joint.results", subject=("joint_inspection", str(row.id)), after=told)


def _conditions(joint: JointFile) -> dict[str, Condition]:
    seen = {record.task: record.condition for record in joint.records if record.condition is not None}
    seen |= {opinion.task: opinion.condition for opinion in joint.opinions if opinion.condition is not None}
    posts = [task for task in joint.tasks if TaskItem.COMPARISON_WITH_FORM in task.checklist]
    return {code: seen[task.order] for task in posts if task.order in seen for code in task.subjects}


def _result(
    held: Held, condition: Condition | None, *, passed: bool, at: datetime, person: str
) -> dict[str, Any]:
    seen = Condition.INTACT if passed else condition or Condition.DAMAGED
    result = JointResult(
        id=str(uuid7()), happened_at=min(at, held.now), recorded_at=held.now, passed=passed, condition=seen
    )
    content = {"passed": passed, "condition": seen.value, "position_check": result.position_check.value}
    return record_values("joint_result", result, marker_id=held.id, person=person, content=content)
