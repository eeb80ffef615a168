"""The figures and lists of a joint inspection report (联检报告); words and layout are its writer's."""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, tzinfo

from layers.markers.joint_inspection import (
    JointFile,
    JointOpinion,
    JointSignature,
    JointStage,
    disagreements,
    missing_for,
    passed_markers,
    require,
)
from layers.markers.joint_tasks import TaskKind
from layers.markers.model import Condition, Marker, SetKind


@dataclass(frozen=True, slots=True, kw_only=True)
class WorkOrder:
    """整改任务: what a side has to put right by when."""

    task: int
    subjects: tuple[str, ...]
    responsible: str
    measure: str
    deadline: date
    done_on: date | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class JointReport:
    """What the report states: overview, results by category, problems and their handling, signatures, filing.

    `still_missing` says what keeps the report from being signed by all.
    """

    line_code: str
    sides: tuple[str, ...]
    lead: str
    length_km: float
    posts: int
    numbers_by_set: Mapping[SetKind, int]
    inspected_on: tuple[date, date]
    conditions: Mapping[Condition, int]
    passed: tuple[str, ...]
    failed: tuple[str, ...]
    disagreements_settled: int
    opinions: tuple[JointOpinion, ...]
    work_orders: tuple[WorkOrder, ...]
    participants: Mapping[str, tuple[str, ...]]
    signatures: tuple[JointSignature, ...]
    filing_number: str | None
    still_missing: tuple[str, ...]


def work_orders(joint: JointFile) -> tuple[WorkOrder, ...]:
    """Return the work orders that the last joint opinion on each task makes, the earliest deadline first.

    One is done by the first record of its completion after that opinion.
    """
    subjects = {task.order: task.subjects for task in joint.tasks}
    last = {opinion.task: opinion for opinion in joint.opinions}
    orders = [
        WorkOrder(
            task=opinion.task,
            subjects=subjects.get(opinion.task, ()),
            responsible=opinion.responsible,
            measure=opinion.measure,
            deadline=opinion.deadline,
            done_on=_done_on(joint, opinion),
        )
        for opinion in last.values()
        if opinion.measure and opinion.responsible and opinion.deadline
    ]
    return tuple(sorted(orders, key=lambda order: (order.deadline, order.task)))


def _done_on(joint: JointFile, opinion: JointOpinion) -> date | None:
    return next(
        (
            done.done_on
            for done in joint.completions
            if done.task == opinion.task
            and (
                opinion.recorded_at is None
                or done.recorded_at is None
                or done.recorded_at >= opinion.recorded_at
            )
        ),
        None,
    )


def report_of(joint: JointFile, markers: Sequence[Marker], *, zone: tzinfo = UTC) -> JointReport:
    """Return the report of an inspection; raises JointStepRefused before every disagreement is settled.

    Its days are those on which the walk was, in `zone`, the office's. The length is that of the segments walked; a set counts once under its kind, and once for each of its posts.
    """
    require(joint, JointStage.SETTLED)
    passed, failed = passed_markers(joint)
    by_code = {marker.code: marker for marker in markers}
    stops = [task for task in joint.tasks if task.kind in {TaskKind.MARKER, TaskKind.TRIPOINT}]
    kinds = Counter(by_code[task.subjects[0]].set_kind for task in stops if task.subjects[0] in by_code)
    days = [record.at.astimezone(zone).date() for record in joint.records]
    seen = {record.task: record.condition for record in joint.records if record.condition is not None}
    seen |= {opinion.task: opinion.condition for opinion in joint.opinions if opinion.condition is not None}
    return JointReport(
        line_code=joint.line_code,
        sides=joint.sides,
        lead=joint.lead,
        length_km=sum(task.length_m for task in joint.tasks) / 1000,
        posts=sum(len(task.subjects) for task in stops),
        numbers_by_set=dict(kinds),
        inspected_on=(min(days), max(days)),
        conditions=dict(Counter(seen[task.order] for task in stops if task.order in seen)),
        passed=passed,
        failed=failed,
        disagreements_settled=sum(1 for _ in disagreements(joint)),
        opinions=joint.opinions,
        work_orders=work_orders(joint),
        participants={
            side: tuple(sorted({record.person for record in joint.records if record.side == side}))
            for side in joint.sides
        },
        signatures=tuple(s for s in joint.signatures if s.document == joint.report_document),
        filing_number=joint.filing_number,
        still_missing=missing_for(joint, JointStage.REPORT_SIGNED),
    )
