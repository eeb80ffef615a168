"""A joint inspection from its plan to its archive: what each stage needs of every side; refuses to skip one.

Plan signed by all, indoor comparison, outdoor records of each side, disagreements settled in a joint opinion, work
orders, report signed by all, filing, archive sets (method of joint inspection of provincial lines; three archive
sets after the practice of one autonomous region).
"""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime
from enum import StrEnum
from typing import Final

from layers.errors import LayerError
from layers.findings import Finding
from layers.markers.joint_tasks import JointTask, TaskItem
from layers.markers.model import Condition

ARCHIVE_SETS: Final = ("county", "city", "province")


class JointStage(StrEnum):
    """联检阶段, in their order."""

    PLANNED = "planned"
    PLAN_SIGNED = "plan_signed"
    COMPARED = "compared"
    SURVEYED = "surveyed"
    SETTLED = "settled"
    REPORT_SIGNED = "report_signed"
    FILED = "filed"
    ARCHIVED = "archived"


class JointStepRefused(LayerError):
    """The next stage is not reached yet; `missing` names what it needs."""

    code = "joint.step_refused"


@dataclass(frozen=True, slots=True, kw_only=True)
class Clocks:
    """When it was so (`happened_at`), by the device's own clock and by how much that was wrong (s), when it was received."""

    happened_at: datetime | None = None
    captured_at: datetime | None = None
    clock_skew_s: float = 0.0
    device: str | None = None
    recorded_at: datetime | None = None

    @property
    def at(self) -> datetime:
        """When it was so, else when it was received; before everything else where neither is known."""
        return self.happened_at or self.recorded_at or datetime.min.replace(tzinfo=UTC)


@dataclass(frozen=True, slots=True, kw_only=True)
class JointSignature(Clocks):
    """签字: a person of a side under a document, known by its hash; `sheet` is the hash of what he signed by hand."""

    side: str
    person: str
    document: str
    signed_at: datetime
    method: str = ""
    sheet: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class SideRecord(Clocks):
    """What one side recorded at one task; `answers` by item of the checklist, in the codes of the form."""

    task: int
    side: str
    person: str
    condition: Condition | None = None
    answers: Mapping[TaskItem, str]
    note: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class JointOpinion(Clocks):
    """共同处理意见 on one task: who puts right what by when; no measure means that nothing is to be done."""

    task: int
    text: str
    agreed_by: tuple[str, ...]
    condition: Condition | None = None
    responsible: str | None = None
    measure: str | None = None
    deadline: date | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class OrderDone(Clocks):
    """整改完成: the responsible side has done the work of a task; `papers` are hashes of what shows it."""

    task: int
    side: str
    person: str
    done_on: date
    papers: tuple[str, ...]
    note: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class JointFile:
    """Everything on record of one joint inspection. Documents are named by their hash."""

    inspection_id: str
    line_code: str
    sides: tuple[str, ...]
    lead: str
    tasks: tuple[JointTask, ...] = ()
    plan_document: str | None = None
    report_document: str | None = None
    indoor_minutes: str | None = None
    records: tuple[SideRecord, ...] = ()
    opinions: tuple[JointOpinion, ...] = ()
    signatures: tuple[JointSignature, ...] = ()
    completions: tuple[OrderDone, ...] = ()
    filing_number: str | None = None
    filed_on: date | None = None
    archived_in: tuple[str, ...] = ()


def unsigned(joint: JointFile, document: str | None) -> Iterator[Finding]:
    """Yield who has not signed a document: two sides on a line, three where a tripoint goes with it.

    `joint.document_missing`, `joint.signature_missing`, and `joint.signature_of_stranger` for a signature of a unit
    that is no side. A signature under another version of the document is none under this one.
    """
    if document is None:
        yield Finding("joint.document_missing", (joint.inspection_id,))
        return
    signing = {signature.side for signature in joint.signatures if signature.document == document}
    for side in sorted(set(joint.sides) - signing):
        yield Finding("joint.signature_missing", (joint.inspection_id, side), {"document": document})
    for side in sorted(signing - set(joint.sides)):
        yield Finding("joint.signature_of_stranger", (joint.inspection_id, side), {"document": document})


def unrecorded(joint: JointFile) -> Iterator[Finding]:
    """Yield `joint.record_missing` for tasks that a side has not recorded, `joint.item_unanswered` for open items."""
    records = _last_records(joint.records)
    for task in joint.tasks:
        for side in task.sides:
            record = records.get((task.order, side))
            subject = (joint.inspection_id, str(task.order), side)
            if record is None:
                yield Finding("joint.record_missing", subject, {"subjects": task.subjects})
                continue
            open_items = [item for item in task.checklist if not record.answers.get(item)]
            if open_items:
                yield Finding("joint.item_unanswered", subject, {"items": open_items})


def _last_records(records: Iterable[SideRecord]) -> dict[tuple[int, str], SideRecord]:
    return {(record.task, record.side): record for record in sorted(records, key=lambda record: record.at)}


def disagreements(joint: JointFile) -> Iterator[Finding]:
    """Yield `joint.sides_disagree` where the sides saw one task differently, item by item with each side's answer."""
    records = _last_records(joint.records)
    for task in joint.tasks:
        here = {side: records[task.order, side] for side in task.sides if (task.order, side) in records}
        seen: dict[str, dict[str, str | None]] = {
            item.value: {side: record.answers.get(item) for side, record in here.items()}
            for item in task.checklist
        }
        seen["condition_seen"] = {side: record.condition for side, record in here.items()}
        for item, answers in seen.items():
            if len(set(answers.values())) > 1:
                evidence = {"item": item, "answers": answers}
                yield Finding("joint.sides_disagree", (joint.inspection_id, str(task.order)), evidence)


ABNORMAL: Final = frozenset(Condition) - {Condition.INTACT, Condition.RETIRED}


def unsettled(joint: JointFile) -> Iterator[Finding]:
    """Yield `joint.opinion_missing` for tasks with a disagreement or a defect on which there is no joint opinion.

    An opinion counts when every side of the task agreed to it; one that orders a measure names a responsible side
    and a deadline, or `joint.order_incomplete` is yielded.
    """
    settled = {opinion.task: opinion for opinion in joint.opinions}
    disputed = {int(finding.subject[1]) for finding in disagreements(joint)}
    defective = {record.task for record in joint.records if record.condition in ABNORMAL}
    for task in joint.tasks:
        subject = (joint.inspection_id, str(task.order))
        opinion = settled.get(task.order)
        if task.order in disputed | defective and (
            opinion is None or set(task.sides) - set(opinion.agreed_by)
        ):
            yield Finding("joint.opinion_missing", subject, {"disputed": task.order in disputed})
        elif (
            opinion is not None
            and opinion.measure
            and not (opinion.responsible in task.sides and opinion.deadline is not None)
        ):
            yield Finding("joint.order_incomplete", subject, {"responsible": opinion.responsible})


def _plan(joint: JointFile) -> Iterator[str]:
    yield from _codes(unsigned(joint, joint.plan_document))
    if joint.lead not in joint.sides:
        yield "joint.lead_is_no_side"


def _indoor(joint: JointFile) -> Iterator[str]:
    if not joint.indoor_minutes:
        yield "joint.indoor_minutes_missing"
    if not joint.tasks:
        yield "joint.tasks_missing"


def _filing(joint: JointFile) -> Iterator[str]:
    if not joint.filing_number:
        yield "joint.filing_number_missing"
    if joint.filed_on is None:
        yield "joint.filing_date_missing"


def _archive(joint: JointFile) -> Iterator[str]:
    return (f"joint.archive_set_missing:{level}" for level in ARCHIVE_SETS if level not in joint.archived_in)


def _codes(findings: Iterable[Finding]) -> Iterator[str]:
    return (":".join((finding.code, *finding.subject[1:])) for finding in findings)


NEEDS: Final[Sequence[tuple[JointStage, Callable[[JointFile], Iterator[str]]]]] = (
    (JointStage.PLAN_SIGNED, _plan),
    (JointStage.COMPARED, _indoor),
    (JointStage.SURVEYED, lambda joint: _codes(unrecorded(joint))),
    (JointStage.SETTLED, lambda joint: _codes(unsettled(joint))),
    (JointStage.REPORT_SIGNED, lambda joint: _codes(unsigned(joint, joint.report_document))),
    (JointStage.FILED, _filing),
    (JointStage.ARCHIVED, _archive),
)
"""What each stage needs; the stage of an inspection is the last one whose needs, and all before, are met."""


def stage_of(joint: JointFile) -> JointStage:
    """Return the stage that the records of an inspection have reached; none is ever set by hand."""
    reached = JointStage.PLANNED
    for stage, needs in NEEDS:
        if next(needs(joint), None) is not None:
            return reached
        reached = stage
    return reached


def missing_for(joint: JointFile, stage: JointStage) -> tuple[str, ...]:
    """Return everything that is still missing for a stage, from the earliest on."""
    missing: list[str] = []
    for reached, needs in NEEDS:
        missing += needs(joint)
        if reached is stage:
            break
    return tuple(missing)


def require(joint: JointFile, stage: JointStage) -> None:
    """Raise JointStepRefused, naming what is missing, unless an inspection has reached a stage."""
    if missing := missing_for(joint, stage):
        raise JointStepRefused(inspection_id=joint.inspection_id, stage=stage, missing=list(missing))


def field_papers(joint: JointFile) -> tuple[str, ...]:
    """Return what the sides signed besides plan and report, in the order of signing: their records of days outdoors."""
    named = {joint.plan_document, joint.report_document}
    signed = sorted(joint.signatures, key=lambda signature: signature.happened_at or signature.signed_at)
    return tuple(dict.fromkeys(each.document for each in signed if each.document not in named))


def last_records(joint: JointFile) -> tuple[SideRecord, ...]:
    """Return the record that counts of each task and side: the last."""
    return tuple(_last_records(joint.records).values())


def passed_markers(joint: JointFile) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """Return the codes of markers that passed and that failed, once every disagreement is settled.

    A marker passes where the joint opinion, or else every side, saw it intact. Raises JointStepRefused before.
    """
    require(joint, JointStage.SETTLED)
    opinions = {opinion.task: opinion for opinion in joint.opinions}
    records = _last_records(joint.records)
    passed: list[str] = []
    failed: list[str] = []
    for task in joint.tasks:
        if TaskItem.COMPARISON_WITH_FORM not in task.checklist:
            continue
        opinion = opinions.get(task.order)
        seen = [records[task.order, side].condition for side in task.sides]
        agreed = opinion.condition if opinion is not None and opinion.condition is not None else None
        intact = agreed is Condition.INTACT if agreed else set(seen) == {Condition.INTACT}
        (passed if intact else failed).extend(task.subjects)
    return tuple(passed), tuple(failed)
