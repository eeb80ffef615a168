"""What the records say of a marker at an instant; refuses to use a record that nobody knew of then.

Every fact is derived, never kept. `at` is the instant asked about; `known_at` is how far the office's knowledge
reaches: left out it is the same instant, so the answer is what was shown then, and with a later one it is what is
known now of that time.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from types import MappingProxyType

from layers.markers.evidence import (
    Called,
    Evidence,
    Flagged,
    FlagKind,
    Settled,
)
from layers.markers.known_records import (
    KnownRecords,
    MarkerDuty,
    confirmed_by_second,
    joint_held,
    joint_passed,
    last_sighting,
    sort_out,
    visited,
)
from layers.markers.model import (
    CaseStage,
    CycleJoint,
    InspectionKind,
    MarkerFacts,
)
from layers.markers.policy import InspectionPolicy, currency
from layers.markers.transitions import state_of


@dataclass(frozen=True, slots=True, kw_only=True)
class Derivation:
    """Facts, the records under each of them, and the days by which the next inspections are due."""

    facts: MarkerFacts
    evidence: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    patrol_due_on: date | None = None
    joint_due_on: date | None = None
    last_inspected_on: date | None = None
    policy: str = ""


_STAGE_ORDER = {stage: place for place, stage in enumerate(CaseStage)}


def facts_at(
    records: Iterable[Evidence],
    at: datetime,
    policy: InspectionPolicy,
    duty: MarkerDuty,
    *,
    known_at: datetime | None = None,
) -> Derivation:
    """Return the facts of a marker at an instant (with time zone), derived from its append-only records.

    A patrol that was submitted and not reviewed changes `review_pending` alone; a loss is `condition_confirmed`
    only by a second person with evidence. A joint inspection passes by its signed result, or by the signed joint
    acceptance of the case that its failure opened.
    """
    known = sort_out(records, at, known_at or at)
    sighting = last_sighting(known, duty)
    today = policy.day_of(at)
    cycle_began = policy.start_of(policy.cycle_start(today))
    visits = visited(known)
    patrol_due, joint_due = _patrol_due(known, policy, duty), _joint_due(known, policy)
    stage, case_ids = _case_stage(known)
    flags = {kind: _open_flags(known, kind) for kind in FlagKind}
    facts = MarkerFacts(
        condition=sighting.condition,
        condition_confirmed=sighting.confirmed or confirmed_by_second(known, sighting),
        position_check=sighting.position_check,
        patrol_currency=currency(patrol_due, today, window_days=policy.patrol_due_soon_days),
        joint_currency=currency(joint_due, today, window_days=policy.joint_due_soon_days),
        case_stage=stage,
        filing_pending=bool(flags[FlagKind.FILING]),
        sensor_alarm_open=bool(flags[FlagKind.SENSOR_ALARM]),
        sync_conflict=bool(flags[FlagKind.SYNC_CONFLICT]),
        review_pending=bool(known.pending),
        visited_this_cycle=any(visit >= cycle_began for visit in visits),
        cycle_joint=_cycle_joint(known, cycle_began),
    )
    evidence = {
        "condition": (sighting.record_id,) if sighting.record_id else (),
        "case_stage": case_ids,
        "filing_pending": flags[FlagKind.FILING],
        "sensor_alarm_open": flags[FlagKind.SENSOR_ALARM],
        "sync_conflict": flags[FlagKind.SYNC_CONFLICT],
        "review_pending": tuple(item.id for item in known.pending),
    }
    return Derivation(
        facts=facts,
        evidence=MappingProxyType({fact: ids for fact, ids in evidence.items() if ids}),
        patrol_due_on=patrol_due,
        joint_due_on=joint_due,
        last_inspected_on=policy.day_of(max(visits)) if visits else None,
        policy=f"{policy.code}:{policy.version}",
    )


def _called(known: KnownRecords, last: datetime, *, joint: bool) -> list[date]:
    """Return by when the extra inspections are due that were called for since the last one."""
    return [
        record.due_on
        for record in known.records
        if isinstance(record, Called)
        and (record.kind is InspectionKind.JOINT) is joint
        and record.happened_at > last
    ]


def _patrol_due(known: KnownRecords, policy: InspectionPolicy, duty: MarkerDuty) -> date | None:
    last = max(visited(known), default=None)
    if last is None:
        return None
    regular = policy.patrol_due(policy.day_of(last), duty.grade, under_contract=duty.under_contract)
    return min([regular, *_called(known, last, joint=False)])


def _joint_due(known: KnownRecords, policy: InspectionPolicy) -> date | None:
    last = max(joint_passed(known), default=None)
    if last is None:
        return None
    return min([policy.joint_due(policy.day_of(last)), *_called(known, last, joint=True)])


def _cycle_joint(known: KnownRecords, cycle_began: datetime) -> CycleJoint:
    """Return what this round's joint inspection has brought; one that failed has been held and not passed."""
    if any(at >= cycle_began for at in joint_passed(known)):
        return CycleJoint.PASSED
    held = any(at >= cycle_began for at in joint_held(known))
    return CycleJoint.HELD if held else CycleJoint.NOT_YET


def _case_stage(known: KnownRecords) -> tuple[CaseStage, tuple[str, ...]]:
    """Return the furthest stage of the open cases, `closed` when all are, and the cases that stand there."""
    stages = {case_id: state_of(events).stage for case_id, events in known.cases.items()}
    open_ones = {case_id: stage for case_id, stage in stages.items() if stage is not CaseStage.CLOSED}
    if not stages:
        return CaseStage.NONE, ()
    furthest = max((open_ones or stages).values(), key=lambda stage: _STAGE_ORDER[stage])
    return furthest, tuple(sorted(case_id for case_id, stage in stages.items() if stage is furthest))


def _open_flags(known: KnownRecords, kind: FlagKind) -> tuple[str, ...]:
    settled = {record.flag_id for record in known.records if isinstance(record, Settled)}
    return tuple(
        record.id
        for record in known.records
        if isinstance(record, Flagged) and record.flag is kind and record.id not in settled
    )
