"""Which records count at an instant, and what each of them says; refuses one that nobody knew of then.

`facts` makes its answers of what stands here.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime

from layers.markers.evidence import (
    CaseEvent,
    CaseEventKind,
    Confirmed,
    Evidence,
    JointResult,
    Observed,
    Reviewed,
    Withdrawn,
)
from layers.markers.model import Condition, Grade, InspectionKind, PositionCheck
from layers.markers.transitions import UNDOING, observations, standing


@dataclass(frozen=True, slots=True, kw_only=True)
class MarkerDuty:
    """What a marker's clocks and first facts rest on: its grade, a guardian's contract, how the register found it.

    `baseline` is `intact` for a post that its signed form shows standing, `not_set` for a point that has none.
    """

    grade: Grade = Grade.COUNTY
    under_contract: bool = False
    baseline: Condition = Condition.INTACT


@dataclass(frozen=True, slots=True)
class Sighting:
    """A condition that counts, and from whom."""

    at: datetime
    record_id: str
    condition: Condition
    position_check: PositionCheck
    observer: str = ""
    confirmed: bool = False


@dataclass(frozen=True, slots=True)
class KnownRecords:
    """The records that count at an instant, sorted out once."""

    records: Sequence[Evidence]
    accepted: Sequence[Observed]
    pending: Sequence[Observed]
    cases: Mapping[str, Sequence[CaseEvent]]


def sort_out(records: Iterable[Evidence], at: datetime, known_at: datetime) -> KnownRecords:
    """Sort the records out that had happened by `at`, were known by `known_at`, and are not withdrawn."""
    known = [record for record in records if record.recorded_at <= known_at]
    void = {record.record_id for record in known if isinstance(record, Withdrawn)}
    known = [
        record
        for record in known
        if record.id not in void and (_is_knowledge(record) or record.happened_at <= at)
    ]
    known.sort(key=lambda record: (record.happened_at, record.recorded_at, record.id))
    reviews: dict[str, Reviewed] = {}
    for review in sorted(
        (record for record in known if isinstance(record, Reviewed)), key=lambda record: record.recorded_at
    ):
        reviews[review.inspection_id] = review
    seen = [
        record
        for record in known
        if isinstance(record, Observed) and record.kind is not InspectionKind.SENSOR
    ]
    cases: dict[str, list[CaseEvent]] = {}
    for event in sorted(
        (record for record in known if isinstance(record, CaseEvent)), key=lambda record: record.recorded_at
    ):
        cases.setdefault(event.case_id, []).append(event)
    return KnownRecords(
        records=known,
        accepted=[item for item in seen if item.id in reviews and reviews[item.id].accepted],
        pending=[item for item in seen if item.id not in reviews],
        cases=cases,
    )


def _is_knowledge(record: Evidence) -> bool:
    """Return whether a record tells no change in the field, but what the office makes of another record."""
    if isinstance(record, CaseEvent):
        return record.kind in UNDOING
    return isinstance(record, Reviewed | Confirmed)


def _sightings(known: KnownRecords) -> list[Sighting]:
    """Return every accepted observation of the marker, earliest first."""
    found = [
        Sighting(item.happened_at, item.id, item.condition, item.position_check, item.person)
        for item in known.accepted
    ]
    found += [
        Sighting(item.happened_at, item.id, item.condition, item.position_check)
        for item in known.records
        if isinstance(item, JointResult)
    ]
    found += [
        Sighting(
            seen.event.happened_at,
            seen.event.id,
            seen.condition,
            seen.position_check,
            confirmed=seen.confirmed,
        )
        for events in known.cases.values()
        for seen in observations(events)
    ]
    return sorted(found, key=lambda sighting: sighting.at)


def last_sighting(known: KnownRecords, duty: MarkerDuty) -> Sighting:
    """Return the last accepted observation; where it repeats a confirmed condition, it is confirmed as well."""
    found = _sightings(known)
    if not found:
        not_set = duty.baseline in {Condition.NOT_SET, Condition.RETIRED}
        start = datetime.min.replace(tzinfo=UTC)
        return Sighting(start, "", duty.baseline, PositionCheck.NONE, confirmed=not_set)
    last = found[-1]
    for earlier in reversed(found):
        if earlier.condition is not last.condition:
            break
        if earlier.confirmed or confirmed_by_second(known, earlier):
            return Sighting(
                last.at, last.record_id, last.condition, last.position_check, last.observer, confirmed=True
            )
    return last


def confirmed_by_second(known: KnownRecords, sighting: Sighting) -> bool:
    """Return whether a second person confirmed what an inspection saw, with evidence."""
    return any(
        isinstance(record, Confirmed)
        and record.inspection_id == sighting.record_id
        and bool(record.proofs)
        and bool(record.person)
        and record.person != sighting.observer
        for record in known.records
    )


def _acceptances(known: KnownRecords, *, after_joint_failure: bool) -> list[datetime]:
    """Return when repairs were jointly accepted; on wish only those that a failed joint inspection asked for."""
    return [
        seen.event.happened_at
        for events in known.cases.values()
        if not after_joint_failure
        or any(event.kind is CaseEventKind.JOINT_FAIL for event in standing(events))
        for seen in observations(events)
        if seen.event.kind is CaseEventKind.ACCEPTANCE_PASS
    ]


def joint_passed(known: KnownRecords) -> list[datetime]:
    """Return when the marker's joint inspections came out well, by result or by the repair that a failure asked for."""
    results = [record for record in known.records if isinstance(record, JointResult)]
    passed = [record.happened_at for record in results if record.passed]
    return passed + _acceptances(known, after_joint_failure=True)


def joint_held(known: KnownRecords) -> list[datetime]:
    """Return when the marker was jointly inspected, whatever came of it."""
    held = [record.happened_at for record in known.records if isinstance(record, JointResult)]
    return held + [item.happened_at for item in known.accepted if item.kind is InspectionKind.JOINT]


def visited(known: KnownRecords) -> list[datetime]:
    """Return when people were at the marker by accepted records: patrols, joint inspections, acceptances."""
    visits = [item.happened_at for item in known.accepted]
    return visits + joint_held(known) + _acceptances(known, after_joint_failure=False)
