"""Joint inspections from their rows: the file that the engine judges; writes nothing."""

import uuid
from collections.abc import Sequence
from datetime import date, datetime
from typing import Any, Final

import shapely
from sqlalchemy import text
from sqlalchemy.orm import Session

from layers.errors import NotFound
from layers.markers.joint_inspection import JointFile, JointOpinion, JointSignature, OrderDone, SideRecord
from layers.markers.joint_tasks import JointTask, TaskItem, TaskKind
from layers.markers.model import Condition

INSPECTIONS: Final = """
SELECT * FROM markers.joint_inspection
 WHERE (CAST(:id AS uuid) IS NULL OR id = :id) AND (CAST(:line AS text) IS NULL OR line_code = :line)
   AND (CAST(:year AS int) IS NULL OR year = :year) ORDER BY year DESC, line_code
"""
TASKS: Final = """
SELECT joint_id, place, kind, subjects, ST_AsBinary(geometry) AS shape, along_m, length_m, sides
  FROM markers.joint_task WHERE joint_id = ANY (:ids) ORDER BY joint_id, place
"""
RECORDS: Final = """
SELECT joint_id, kind, task, side, person, content, captured_at, happened_at, clock_skew_s, device, recorded_at
  FROM markers.joint_record WHERE joint_id = ANY (:ids) ORDER BY happened_at, recorded_at, id
"""


class JointNotFound(NotFound):
    """There is no such joint inspection."""

    code = "joint.not_found"


def joint_files(
    session: Session, *, one: uuid.UUID | None = None, line: str | None = None, year: int | None = None
) -> list[tuple[Any, JointFile]]:
    """Return the row and the file of joint inspections: of a line, of a year, or just one; the latest year first."""
    rows = session.execute(text(INSPECTIONS), {"id": one, "line": line, "year": year}).all()
    ids = [row.id for row in rows]
    tasks: dict[uuid.UUID, list[JointTask]] = {identity: [] for identity in ids}
    for row in session.execute(text(TASKS), {"ids": ids}):
        tasks[row.joint_id].append(_task(row))
    records: dict[uuid.UUID, list[Any]] = {identity: [] for identity in ids}
    for row in session.execute(text(RECORDS), {"ids": ids}):
        records[row.joint_id].append(row)
    return [(row, _file(row, tasks[row.id], records[row.id])) for row in rows]


def joint_file(session: Session, identity: uuid.UUID) -> tuple[Any, JointFile]:
    """Return one joint inspection; raises `JointNotFound`."""
    found = joint_files(session, one=identity)
    if not found:
        raise JointNotFound(joint_id=str(identity))
    return found[0]


def _task(row: Any) -> JointTask:
    return JointTask(
        order=row.place,
        kind=TaskKind(row.kind),
        subjects=tuple(row.subjects),
        place=shapely.from_wkb(bytes(row.shape)),
        along_m=row.along_m,
        length_m=row.length_m,
        sides=tuple(row.sides),
    )


def _file(row: Any, tasks: Sequence[JointTask], records: Sequence[Any]) -> JointFile:
    kinds: dict[str, list[Any]] = {"record": [], "opinion": [], "signature": [], "completion": []}
    for record in records:
        kinds[record.kind].append(record)
    return JointFile(
        inspection_id=str(row.id),
        line_code=row.line_code,
        sides=tuple(row.sides),
        lead=row.lead,
        tasks=tuple(tasks),
        plan_document=row.plan_document,
        report_document=row.report_document,
        indoor_minutes=row.indoor_minutes,
        records=tuple(_record(each) for each in kinds["record"]),
        opinions=tuple(_opinion(each) for each in kinds["opinion"]),
        signatures=tuple(_signature(each) for each in kinds["signature"]),
        completions=tuple(_completion(each) for each in kinds["completion"]),
        filing_number=row.filing_number,
        filed_on=row.filed_on,
        archived_in=tuple(row.archived_in),
    )


def _clocks(row: Any) -> dict[str, Any]:
    names = ("captured_at", "happened_at", "clock_skew_s", "device", "recorded_at")
    return {name: getattr(row, name) for name in names}


def _record(row: Any) -> SideRecord:
    condition = row.content.get("condition")
    return SideRecord(
        task=row.task,
        side=row.side,
        person=row.person,
        **_clocks(row),
        condition=Condition(condition) if condition else None,
        answers={TaskItem(item): answer for item, answer in row.content.get("answers", {}).items()},
        note=row.content.get("note", ""),
    )


def _opinion(row: Any) -> JointOpinion:
    content = row.content
    condition, deadline = content.get("condition"), content.get("deadline")
    return JointOpinion(
        task=row.task,
        text=content["text"],
        agreed_by=tuple(content["agreed_by"]),
        condition=Condition(condition) if condition else None,
        responsible=content.get("responsible"),
        measure=content.get("measure"),
        deadline=date.fromisoformat(deadline) if deadline else None,
        **_clocks(row),
    )


def _completion(row: Any) -> OrderDone:
    return OrderDone(
        task=row.task,
        side=row.side,
        person=row.person,
        done_on=date.fromisoformat(row.content["done_on"]),
        papers=tuple(row.content["papers"]),
        note=row.content.get("note", ""),
        **_clocks(row),
    )


def _signature(row: Any) -> JointSignature:
    return JointSignature(
        side=row.side,
        person=row.person,
        document=row.content["document"],
        signed_at=datetime.fromisoformat(row.content["signed_at"]),
        method=row.content.get("method", ""),
        sheet=row.content.get("sheet"),
        **_clocks(row),
    )
