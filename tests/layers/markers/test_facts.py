"""Facts and colours derived from records, as of an instant."""

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from layers.markers.colour import colour_of, shipped_profiles
from layers.markers.evidence import (
    Called,
    CaseEventKind,
    Confirmed,
    Flagged,
    FlagKind,
    JointResult,
    Observed,
    Reviewed,
    Settled,
    Withdrawn,
)
from layers.markers.facts import facts_at
from layers.markers.history import Rules, colour_since, colour_spans, coloured_at
from layers.markers.known_records import MarkerDuty
from layers.markers.model import (
    CaseStage,
    Colour,
    Condition,
    Currency,
    CycleJoint,
    InspectionKind,
    PositionCheck,
    Shape,
)
from layers.markers.policy import shipped_policy

POLICY = shipped_policy()
A, B = shipped_profiles()
CONTRACT = MarkerDuty(under_contract=True)
JOINT = datetime(2025, 9, 1, 2, tzinfo=UTC)
VISIT = datetime(2026, 4, 10, 2, tzinfo=UTC)


def clocks(at, late=timedelta()):
    return {"happened_at": at, "recorded_at": at + late}


def patrol(record_id="p1", at=VISIT, condition=Condition.INTACT, late=timedelta(), **more):
    more = {"position_check": PositionCheck.AGREES, "kind": InspectionKind.PATROL, "person": "Chen", **more}
    return Observed(id=record_id, condition=condition, **clocks(at, late), **more)


def review(of="p1", at=VISIT + timedelta(days=1), *, accepted=True):
    return Reviewed(id=f"r-{of}-{at}", inspection_id=of, accepted=accepted, person="Lin", **clocks(at))


def joint(record_id="j1", at=JOINT, *, passed=True, **more):
    return JointResult(id=record_id, passed=passed, **clocks(at), **more)


NORMAL = [joint(), patrol(), review()]
SEEN = datetime(2026, 4, 20, tzinfo=UTC)


def facts(records, at=SEEN, duty=CONTRACT, **more):
    return facts_at(records, at, POLICY, duty, **more).facts


def colours(records, at=SEEN):
    return tuple(str(colour_of(facts(records, at), profile).colour) for profile in (A, B))


def test_a_well_kept_marker_is_green():
    derived = facts_at(NORMAL, SEEN, POLICY, CONTRACT)
    assert colours(NORMAL) == ("green", "green")
    assert derived.patrol_due_on == date(2026, 5, 10)
    assert derived.joint_due_on == date(2030, 9, 1)
    assert derived.evidence == {"condition": ("p1",)}
    assert derived.policy == "default:1"


def test_without_a_record_the_marker_is_as_its_form_says():
    assert facts([]).condition is Condition.INTACT
    assert facts([]).patrol_currency is Currency.NEVER
    assert colours([]) == ("yellow", "black")
    not_set = facts([], duty=MarkerDuty(baseline=Condition.NOT_SET))
    assert colour_of(not_set, A).shape is Shape.RING


def test_a_submitted_patrol_counts_only_once_accepted():
    records = [joint(), patrol(condition=Condition.DAMAGED)]
    assert facts(records).review_pending
    assert facts(records).condition is Condition.INTACT
    assert facts([*records, review()]).condition is Condition.DAMAGED
    rejected = facts([*records, review(accepted=False)])
    assert (rejected.condition, rejected.review_pending) == (Condition.INTACT, False)


def test_the_last_review_of_an_inspection_counts():
    records = [joint(), patrol(), review(accepted=False), review(at=VISIT + timedelta(days=2))]
    assert facts(records).patrol_currency is Currency.CURRENT


def test_a_late_record_does_not_overrule_a_newer_observation():
    offline = patrol("p0", VISIT - timedelta(days=3), Condition.DAMAGED, late=timedelta(days=5))
    records = [*NORMAL, offline, review("p0", VISIT + timedelta(days=6))]
    assert facts(records).condition is Condition.INTACT


def test_what_was_known_then_and_what_is_known_now_of_then():
    offline = patrol(late=timedelta(days=20))
    records = [joint(), offline, review(at=VISIT + timedelta(days=21))]
    then, now = VISIT + timedelta(days=5), VISIT + timedelta(days=30)
    assert facts(records, then).patrol_currency is Currency.OVERDUE
    assert facts(records, then, known_at=now).patrol_currency is Currency.CURRENT


def test_a_loss_is_confirmed_by_a_second_person_with_evidence():
    lost = [joint(), patrol(condition=Condition.MISSING), review()]

    def confirmed(person="Mo", proofs=("sha256:aa",)):
        return Confirmed(
            id="c", inspection_id="p1", person=person, proofs=proofs, **clocks(VISIT + timedelta(days=2))
        )

    assert colours(lost) == ("red", "red")
    assert not facts([*lost, confirmed(person="Chen")]).condition_confirmed
    assert not facts([*lost, confirmed(proofs=())]).condition_confirmed
    assert colours([*lost, confirmed()]) == ("black", "red")
    again = patrol("p2", VISIT + timedelta(days=5), Condition.MISSING)
    assert facts([*lost, confirmed(), again, review("p2", VISIT + timedelta(days=6))]).condition_confirmed


@pytest.mark.parametrize(
    ("flag", "fact", "colour"),
    [
        (FlagKind.SENSOR_ALARM, "sensor_alarm_open", Colour.RED),
        (FlagKind.SYNC_CONFLICT, "sync_conflict", Colour.RED),
        (FlagKind.FILING, "filing_pending", Colour.BLUE),
    ],
)
def test_a_flag_stays_until_it_is_settled(flag, fact, colour):
    raised = Flagged(id="f1", flag=flag, **clocks(VISIT + timedelta(days=1)))
    settled = Settled(id="s1", flag_id="f1", **clocks(VISIT + timedelta(days=8)))
    records = [*NORMAL, raised, settled]
    before, after = VISIT + timedelta(days=7), VISIT + timedelta(days=9)
    assert getattr(facts(records, before), fact)
    assert colour_of(facts(records, before), A).colour is colour
    assert facts_at(records, before, POLICY, CONTRACT).evidence[fact] == ("f1",)
    assert not getattr(facts(records, after), fact)


def test_a_sensor_is_no_truth_and_no_visit():
    drifting = patrol("t1", VISIT + timedelta(days=2), Condition.DISPLACED, kind=InspectionKind.SENSOR)
    assert facts([*NORMAL, drifting, review("t1", VISIT + timedelta(days=3))]) == facts(NORMAL)


def test_a_withdrawn_record_counts_until_it_is_withdrawn():
    wrong = [joint(), patrol(condition=Condition.DESTROYED), review()]
    undone = [*wrong, Withdrawn(id="w", record_id="p1", **clocks(VISIT + timedelta(days=5)))]
    assert facts(undone, VISIT + timedelta(days=4)).condition is Condition.DESTROYED
    assert facts(undone, VISIT + timedelta(days=6)).condition is Condition.INTACT
    assert facts(undone, VISIT + timedelta(days=4), known_at=SEEN).condition is Condition.INTACT


def test_a_failed_joint_inspection_has_been_held_and_not_passed():
    failed = [joint(passed=False, condition=Condition.DAMAGED)]
    assert facts(failed).cycle_joint is CycleJoint.HELD
    assert facts(failed).joint_currency is Currency.NEVER
    assert facts(failed).condition is Condition.DAMAGED


def test_the_joint_round_turns_on_its_day():
    last_day = datetime(2027, 12, 31, 12, tzinfo=UTC)
    assert facts(NORMAL, last_day).cycle_joint is CycleJoint.PASSED
    turned = facts(NORMAL, last_day + timedelta(hours=4))
    assert (turned.cycle_joint, turned.visited_this_cycle) == (CycleJoint.NOT_YET, False)


def test_a_disaster_calls_for_an_extra_inspection_until_somebody_goes():
    call = Called(
        id="k",
        kind=InspectionKind.PATROL,
        due_on=date(2026, 4, 16),
        **clocks(VISIT + timedelta(days=4)),
    )
    assert facts([*NORMAL, call]).patrol_currency is Currency.OVERDUE
    after = patrol("p2", VISIT + timedelta(days=8))
    assert facts([*NORMAL, call, after, review("p2", SEEN)]).patrol_currency is Currency.CURRENT


def test_a_case_colours_its_marker_at_every_stage(new_case):
    book = new_case().path(CaseEventKind.REPORT_ABNORMAL, CaseEventKind.VERIFY, CaseEventKind.CONFIRM_LOST)
    day = book.case.events[-1].recorded_at
    assert colours([*NORMAL[:1], *book.case.events], day) == ("black", "red")
    book.path(CaseEventKind.RESTORE_PLAN, CaseEventKind.RESTORE_DONE, CaseEventKind.ACCEPTANCE_PASS)
    derived = facts_at([joint(), *book.case.events], SEEN, POLICY, CONTRACT)
    assert derived.facts.case_stage is CaseStage.AWAITING_APPROVAL
    assert derived.evidence["case_stage"] == ("case-1",)
    assert colour_of(derived.facts, A).colour is Colour.BLUE
    book.path(CaseEventKind.APPROVE, CaseEventKind.FILE)
    closed = facts([joint(), *book.case.events], datetime(2027, 1, 3, tzinfo=UTC))
    assert (closed.condition, closed.condition_confirmed) == (Condition.INTACT, True)
    assert closed.case_stage is CaseStage.CLOSED


def test_a_repair_that_a_joint_inspection_asked_for_passes_it(new_case):
    book = new_case().path(CaseEventKind.JOINT_FAIL, CaseEventKind.ACCEPT, CaseEventKind.RESTORE_PLAN)
    book.path(CaseEventKind.RESTORE_DONE, CaseEventKind.ACCEPTANCE_PASS)
    assert facts(book.case.events).cycle_joint is CycleJoint.PASSED
    reported = new_case().path(CaseEventKind.REPORT_ABNORMAL, CaseEventKind.VERIFY, CaseEventKind.ACCEPT)
    reported.path(CaseEventKind.RESTORE_PLAN, CaseEventKind.RESTORE_DONE, CaseEventKind.ACCEPTANCE_PASS)
    assert facts(reported.case.events).cycle_joint is CycleJoint.NOT_YET


RULES = Rules(profiles=[A], policies=[POLICY])


def test_the_colour_of_every_past_day_is_reproduced():
    damaged = patrol("p2", VISIT + timedelta(days=40), Condition.DAMAGED)
    records = [*NORMAL, damaged, review("p2", VISIT + timedelta(days=41))]
    until = VISIT + timedelta(days=400)
    spans = colour_spans(records, since=JOINT - timedelta(days=30), until=until, rules=RULES, duty=CONTRACT)
    shown = [(str(span.colouring.colour), span.colouring.rule) for span in spans]
    assert [rule for _, rule in shown] == ["A4", "A5", "A4", "A4", "A5", "A4", "A4", "A3"]
    assert [colour for colour, _ in shown][1:5] == ["green", "yellow", "yellow", "green"]
    for span in spans:
        for instant in (span.since, (span.until or until) - timedelta(seconds=1)):
            assert coloured_at(records, instant, RULES, CONTRACT)[0].rule == span.colouring.rule
    day = JOINT - timedelta(days=30)
    while day < until:
        span = next(span for span in spans if span.since <= day and (span.until is None or day < span.until))
        assert coloured_at(records, day, RULES, CONTRACT)[0] == span.colouring
        day += timedelta(hours=7)


def test_since_reaches_back_over_a_change_of_rule():
    later = [*NORMAL, patrol("p2", VISIT + timedelta(days=28), position_check=PositionCheck.NONE)]
    later.append(review("p2", VISIT + timedelta(days=29)))
    at = VISIT + timedelta(days=30)
    spans = colour_spans(later, since=JOINT, until=at, rules=RULES, duty=CONTRACT)
    assert [span.colouring.rule for span in spans[-2:]] == ["A4", "A6"]
    assert colour_since(spans) == POLICY.start_of(date(2026, 5, 4))


def test_a_past_day_is_coloured_by_the_rules_of_that_day():
    strict = replace(POLICY, version=2, effective_from=date(2026, 4, 15), patrol_due_soon_days=30)
    rules = Rules(profiles=[A], policies=[POLICY, strict])
    spans = colour_spans(NORMAL, since=VISIT + timedelta(days=1), until=SEEN, rules=rules, duty=CONTRACT)
    assert [span.colouring.rule for span in spans] == ["A5", "A4"]
    assert spans[1].since == POLICY.start_of(date(2026, 4, 15))
    assert spans[1].derivation.policy == "default:2"


instants = st.integers(0, 400).map(lambda hours: JOINT + timedelta(hours=hours))
people = st.sampled_from(["Chen", "Mo", ""])
ids = st.sampled_from([f"p{place}" for place in range(4)])
kinds_of_record = st.one_of(
    st.builds(
        Observed,
        id=ids,
        kind=st.sampled_from(InspectionKind),
        condition=st.sampled_from(Condition),
        position_check=st.sampled_from(PositionCheck),
        person=people,
        happened_at=instants,
        recorded_at=instants,
    ),
    st.builds(
        Reviewed,
        id=st.uuids().map(str),
        inspection_id=ids,
        accepted=st.booleans(),
        happened_at=instants,
        recorded_at=instants,
    ),
    st.builds(
        Confirmed,
        id=st.uuids().map(str),
        inspection_id=ids,
        person=people,
        proofs=st.sampled_from([(), ("sha256:aa",)]),
        happened_at=instants,
        recorded_at=instants,
    ),
    st.builds(joint, record_id=st.uuids().map(str), at=instants, passed=st.booleans()),
    st.builds(
        Flagged,
        id=st.sampled_from(["f1", "f2"]),
        flag=st.sampled_from(FlagKind),
        happened_at=instants,
        recorded_at=instants,
    ),
    st.builds(
        Settled,
        id=st.uuids().map(str),
        flag_id=st.sampled_from(["f1", "f2"]),
        happened_at=instants,
        recorded_at=instants,
    ),
    st.builds(Withdrawn, id=st.uuids().map(str), record_id=ids, happened_at=instants, recorded_at=instants),
)


logs = st.lists(kinds_of_record, max_size=14, unique_by=lambda record: record.id)


@settings(max_examples=300, deadline=None)
@given(records=logs, at=instants)
def test_nothing_recorded_later_changes_what_was_shown(records, at):
    known = [record for record in records if record.recorded_at <= at]
    assert facts_at(records, at, POLICY, CONTRACT) == facts_at(known, at, POLICY, CONTRACT)
    assert facts_at(records, at, POLICY, CONTRACT) == facts_at(records[::-1], at, POLICY, CONTRACT)


@settings(max_examples=300, deadline=None)
@given(records=logs, at=instants)
def test_black_means_evidence_and_another_person(records, at):
    shown, derivation = coloured_at(records, at, RULES, CONTRACT)
    if shown.colour is Colour.BLACK:
        lost = {
            record.id: record.person
            for record in records
            if isinstance(record, Observed) and record.condition is derivation.facts.condition
        }
        assert any(
            isinstance(record, Confirmed) and record.proofs and record.person and record.inspection_id in lost
            for record in records
        )
    if shown.colour is Colour.GREEN:
        assert not derivation.facts.sensor_alarm_open
        assert derivation.facts.condition is Condition.INTACT
