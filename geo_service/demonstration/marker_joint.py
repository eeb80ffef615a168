"""A joint inspection under way on a real line, generated: planned, signed, compared, half walked."""

import uuid
from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any, Final

from shapely.geometry.base import BaseGeometry
from sqlalchemy.orm import Session

from layers.markers.joint_tables import JointInspectionRow, JointRecordRow, JointTaskRow
from layers.markers.joint_tasks import JointTask, task_list
from layers.markers.model import Condition, Marker
from layers.markers.register import append, office_rules

NAMESPACE: Final = uuid.UUID("7d1f5a34-2c35-5b0f-9b43-460107469021")
PLAN: Final = "演示实施方案"


def load_joint_inspection(
    session: Session,
    line_code: str,
    sides: Sequence[str],
    line: BaseGeometry,
    markers: Sequence[Marker],
    *,
    now: datetime,
) -> None:
    """Load the inspection: both sides have signed the plan and recorded the first half of the tasks; they disagree on one."""
    _, policy = next(iter(office_rules().values())).at(now)
    joint_id = uuid.uuid5(NAMESPACE, line_code)
    began = now - timedelta(days=40)
    row = {
        "id": joint_id,
        "line_code": line_code,
        "cycle_start": policy.cycle_start(now.date()),
        "year": now.year,
        "sides": list(sides),
        "lead": sides[0],
        "plan_document": PLAN,
        "indoor_minutes": "演示内业比对纪要",
        "recorded_at": began,
        "recorded_by": "demonstration",
    }
    append(session, JointInspectionRow, [row])
    tasks = task_list(line, sides, markers)
    append(
        session,
        JointTaskRow,
        (
            {
                "joint_id": joint_id,
                "place": task.order,
                "kind": task.kind.value,
                "subjects": list(task.subjects),
                "geometry": f"SRID=4490;{task.place.wkt}",
                "along_m": task.along_m,
                "length_m": task.length_m,
                "sides": list(task.sides),
            }
            for task in tasks
        ),
    )
    records = [_signature(joint_id, side, began) for side in sides]
    for task in tasks[: len(tasks) // 2]:
        for side in task.sides:
            sees = Condition.MINOR_DEFECT if task.order == 2 and side == sides[0] else Condition.INTACT
            records.append(_record(joint_id, task, side, sees=sees, began=began))
    append(session, JointRecordRow, records)


def _signature(joint_id: uuid.UUID, side: str, began: datetime) -> dict[str, Any]:
    moment = began + timedelta(days=1)
    content = {"document": PLAN, "signed_at": moment.isoformat(), "method": "演示"}
    return _row(joint_id, "signature", side, content=content, moment=moment)


def _record(
    joint_id: uuid.UUID, task: JointTask, side: str, *, sees: Condition, began: datetime
) -> dict[str, Any]:
    moment = began + timedelta(days=10, minutes=task.order)
    content = {
        "condition": sees.value,
        "answers": {item.value: "agrees" for item in task.checklist},
        "note": "演示记录",
    }
    return _row(joint_id, "record", side, content=content, moment=moment, task=task.order)


def _row(
    joint_id: uuid.UUID,
    kind: str,
    side: str,
    *,
    content: dict[str, Any],
    moment: datetime,
    task: int | None = None,
) -> dict[str, Any]:
    return {
        "id": uuid.uuid5(joint_id, f"{kind} {task} {side}"),
        "joint_id": joint_id,
        "kind": kind,
        "task": task,
        "side": side,
        "person": f"演示代表 {side}",
        "content": content,
        "happened_at": moment,
        "recorded_at": moment,
        "recorded_by": "demonstration",
    }
