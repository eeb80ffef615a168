"""The handling of a marker: the paths that lead through, and everything that is refused."""

import contextlib
from dataclasses import replace
from datetime import UTC, datetime

import pytest
from hypothesis import event as note_reach
from hypothesis import given, settings
from hypothesis import strategies as st

from layers.markers.case_guards import WORK_DONE
from layers.markers.case_sides import ATTENDANCE as ATTENDANCE_PARTS
from layers.markers.case_table import STEPS, CaseKind
from layers.markers.cited_papers import hash_of, hashes_in
from layers.markers.evidence import Actor, Capacity
from layers.markers.evidence import CaseEventKind as Event
from layers.markers.model import CaseStage
from layers.markers.transitions import (
    CaseStepRefused,
    new_legal_position,
    observations,
    standing,
    state_of,
    take_step,
)
from tests.layers.markers.conftest import CONSENT, ON_FILE, SEEN, SIGNED

HERE, THERE = "460107", "469021"
TO_REPAIR = (Event.REPORT_ABNORMAL, Event.VERIFY, Event.ACCEPT, Event.RESTORE_PLAN)
ENDING = (Event.ACCEPTANCE_PASS, Event.APPROVE, Event.FILE)
WORKS = {CaseKind.REPAIR, CaseKind.MOVE, CaseKind.ADD}


def missing(book, kind, **changed):
    with pytest.raises(CaseStepRefused) as refused:
        book.take(kind, **changed)
    assert refused.value.code == "marker.case_step_refused"
    return refused.value.facts["missing"]


@pytest.mark.parametrize(
    ("path", "kind"),
    [
        ((*TO_REPAIR, Event.RESTORE_DONE, *ENDING), CaseKind.REPAIR),
        (
            (
                Event.REPORT_ABNORMAL,
                Event.VERIFY,
                Event.CONFIRM_LOST,
                Event.RESTORE_PLAN,
                Event.RESTORE_DONE,
                *ENDING,
            ),
            CaseKind.REPAIR,
        ),
        (
            (
                Event.JOINT_FAIL,
                Event.ACCEPT,
                Event.RESTORE_PLAN,
                Event.RESTORE_DONE,
                Event.ACCEPTANCE_FAIL,
                Event.RESTORE_DONE,
                *ENDING,
            ),
            CaseKind.REPAIR,
        ),
        ((Event.MOVE_APPLY, Event.MOVE_PLAN, Event.MOVE_DONE, *ENDING), CaseKind.MOVE),
        ((Event.ADD_APPLY, Event.ADD_PLAN, Event.ADD_DONE, *ENDING), CaseKind.ADD),
        ((Event.RETIRE_APPLY, Event.RETIRE, Event.FILE), CaseKind.RETIRE),
        (
            (
                Event.REPORT_ABNORMAL,
                Event.VERIFY,
                Event.CONFIRM_LOST,
                Event.RETIRE_APPLY,
                Event.RETIRE,
                Event.FILE,
            ),
            CaseKind.RETIRE,
        ),
        ((Event.REPORT_ABNORMAL, Event.DISMISS), CaseKind.REPORT),
    ],
)
def test_paths_that_lead_through(new_case, path, kind):
    book = new_case().path(*path)
    assert (book.state.stage, book.state.kind) == (CaseStage.CLOSED, kind)
    assert state_of(book.case.events) == book.state


@pytest.mark.parametrize("part", ATTENDANCE_PARTS)
def test_a_repair_without_the_neighbour_is_refused(new_case, part):
    book = new_case().path(*TO_REPAIR)
    assert missing(book, Event.RESTORE_DONE, without=["neighbour_attendance"]) == [
        f"neighbour_attendance:{THERE}"
    ]
    present = {"unit": THERE, "name": "Fu", "signature": SIGNED, "photo": SEEN}
    assert missing(book, Event.RESTORE_DONE, neighbour_attendance={**present, part: " "}) == [
        f"neighbour_attendance:{THERE}.{part}"
    ]
    own = {**present, "unit": HERE}
    assert missing(book, Event.RESTORE_DONE, neighbour_attendance=own) == [f"neighbour_attendance:{THERE}"]


@pytest.mark.parametrize("part", ["signature", "photo"])
def test_a_typed_signature_is_no_signature(new_case, part):
    """What stands behind attendance is a paper on record, not a word: neither a name nor a hash nobody can open."""
    present = {"unit": THERE, "name": "Fu", "signature": SIGNED, "photo": SEEN}
    book = new_case().path(*TO_REPAIR)
    typed = {**present, part: "Fu was here"}
    assert missing(book, Event.RESTORE_DONE, neighbour_attendance=typed) == [
        f"neighbour_attendance:{THERE}.{part}_on_record"
    ]
    unknown = {**present, part: f"sha256:{'e' * 64}"}
    assert missing(book, Event.RESTORE_DONE, neighbour_attendance=unknown) == [f"paper_on_record:{'e' * 64}"]


def test_the_neighbour_confirms_attendance_under_his_own_sign_in(new_case):
    book = new_case().path(*TO_REPAIR, Event.ATTENDANCE_CONFIRM)
    assert book.state.stage is CaseStage.REPAIRING
    book.take(Event.RESTORE_DONE, without=["neighbour_attendance"])
    assert book.path(*ENDING).state.stage is CaseStage.CLOSED


@pytest.mark.parametrize(
    ("change", "named"),
    [
        ({"unit": HERE}, ["actor_of_neighbour"]),
        ({"without": ["photo"]}, ["photo"]),
        ({"photo": "seen"}, ["photo"]),
        ({"capacity": Capacity.MANAGING_SIDE, "unit": THERE}, ["capacity"]),
    ],
)
def test_attendance_is_confirmed_for_another_side_with_a_photo(new_case, change, named):
    assert missing(new_case().path(*TO_REPAIR), Event.ATTENDANCE_CONFIRM, **change) == named


def test_nobody_attends_his_own_repair_as_the_neighbour(new_case):
    book = new_case().path(*TO_REPAIR)
    book.take(Event.ATTENDANCE_CONFIRM, person="Wang")
    assert missing(book, Event.RESTORE_DONE, without=["neighbour_attendance"]) == [
        f"neighbour_attendance:{THERE}"
    ]


def test_a_work_sent_back_is_attended_again(new_case):
    book = new_case().path(*TO_REPAIR, Event.ATTENDANCE_CONFIRM)
    book.take(Event.RESTORE_DONE, without=["neighbour_attendance"])
    book.take(Event.ACCEPTANCE_FAIL)
    assert missing(book, Event.RESTORE_DONE, without=["neighbour_attendance"]) == [
        f"neighbour_attendance:{THERE}"
    ]


def test_whoever_did_the_work_does_not_accept_it(new_case):
    book = new_case().path(*TO_REPAIR, Event.RESTORE_DONE)
    for unit in (HERE, THERE):
        assert missing(book, Event.ACCEPTANCE_PASS, person="Wang", unit=unit) == [
            "acceptance_by_another_person"
        ]


def test_a_side_that_has_officers_accepts_itself(new_case):
    book = new_case(acting=(HERE, THERE)).path(*TO_REPAIR, Event.RESTORE_DONE)
    assert missing(book, Event.ACCEPTANCE_PASS) == [f"acceptance_by_neighbour:{THERE}"]
    accepted = book.take(Event.ACCEPTANCE_PASS, capacity=Capacity.NEIGHBOURING_SIDE)
    assert accepted.stage is CaseStage.AWAITING_APPROVAL


def test_a_surveyor_of_the_managing_side_records_the_work(new_case):
    book = new_case().path(*TO_REPAIR)
    assert missing(book, Event.RESTORE_DONE, capacity=Capacity.SIDE_SURVEYOR, unit=THERE) == [
        "actor_of_managing_side"
    ]
    done = book.take(Event.RESTORE_DONE, capacity=Capacity.SIDE_SURVEYOR)
    assert done.stage is CaseStage.AWAITING_JOINT_ACCEPTANCE


def test_no_step_cites_a_paper_that_is_not_there(new_case):
    book = new_case().path(Event.REPORT_ABNORMAL)
    assert missing(book, Event.VERIFY, verification=f"sha256:{'e' * 64}") == [f"paper_on_record:{'e' * 64}"]


def test_a_second_person_attests_a_loss_under_his_own_sign_in(new_case):
    bare = ["second_person", "second_person_signature"]
    book = new_case().path(Event.REPORT_ABNORMAL, Event.VERIFY)
    assert missing(book, Event.CONFIRM_LOST, without=bare) == ["second_person"]
    assert missing(book, Event.LOSS_ATTEST) == ["second_person_not_reporter"]
    book.take(Event.LOSS_ATTEST, person="Lin")
    assert missing(book, Event.CONFIRM_LOST, without=bare) == ["second_person"]  # Lin confirms it himself
    book.take(Event.LOSS_ATTEST, person="Mo")
    assert book.take(Event.CONFIRM_LOST, without=bare).stage is CaseStage.VERIFIED


def test_at_a_tripoint_both_neighbours_attend(new_case):
    units = (HERE, "469005", THERE)
    book = new_case(units)
    notified = [{"unit": unit, "on": "2026-03-05"} for unit in units[1:]]
    book.path(Event.REPORT_ABNORMAL, Event.VERIFY, Event.ACCEPT)
    book.take(Event.RESTORE_PLAN, neighbour_notified=notified)
    assert missing(book, Event.RESTORE_DONE) == ["neighbour_attendance:469005"]


def test_the_neighbour_may_not_pose_as_the_managing_side(new_case):
    book = new_case().path(*TO_REPAIR)
    stranger = book.event(Event.RESTORE_DONE, managing_side=THERE)
    stranger = replace(stranger, actor=Actor("Fu", THERE, Capacity.MANAGING_SIDE))
    with pytest.raises(CaseStepRefused) as refused:
        take_step(book.case, stranger)
    assert refused.value.facts["missing"] == ["managing_side_as_on_record"]


def test_a_report_cannot_slip_in_what_later_steps_ask_for(new_case):
    book = new_case()
    book.take(
        Event.REPORT_ABNORMAL, managing_side=THERE, search_effort="none", neighbour_attendance={"unit": THERE}
    )
    book.take(Event.VERIFY)
    assert missing(book, Event.RESTORE_PLAN) == ["case_accepted"]
    assert missing(book, Event.ACCEPT, without=["managing_side"]) == ["managing_side"]
    assert missing(book, Event.ACCEPT, managing_side="460106") == ["managing_side"]


@pytest.mark.parametrize(
    ("change", "named"),
    [
        ({"second_person": "Chen"}, ["second_person_not_reporter"]),
        ({"second_person": "Lin"}, ["second_person"]),
        ({"without": ["second_person"]}, ["second_person"]),
        ({"without": ["evidence"]}, ["evidence"]),
        ({"evidence": []}, ["evidence"]),
        ({"evidence": "seen"}, ["evidence_on_record"]),
        ({"without": ["second_person_signature"]}, ["second_person_signature"]),
        ({"second_person_signature": "Mo"}, ["second_person_signature"]),
        ({"without": ["search_effort"]}, ["search_effort"]),
        ({"condition": "intact"}, ["condition"]),
        ({"person": "Chen"}, ["officer_not_reporter"]),
        ({"capacity": Capacity.GUARDIAN, "person": "Li"}, ["capacity"]),
    ],
)
def test_a_loss_needs_evidence_and_a_second_person(new_case, change, named):
    book = new_case().path(Event.REPORT_ABNORMAL, Event.VERIFY)
    assert missing(book, Event.CONFIRM_LOST, **change) == named


def test_a_restored_marker_stands_on_its_legal_point(new_case):
    book = new_case().path(*TO_REPAIR)
    assert missing(book, Event.RESTORE_DONE, offset_m=1.2) == ["offset_within_limit"]
    assert missing(book, Event.RESTORE_DONE, offset_m=float("nan")) == ["offset_m"]
    assert missing(book, Event.RESTORE_DONE, offset_m="small") == ["offset_m"]
    assert missing(book, Event.RESTORE_DONE, without=["new_survey"]) == ["new_survey"]


@pytest.mark.parametrize("apply", [Event.MOVE_APPLY, Event.ADD_APPLY])
def test_moving_and_adding_need_every_government(new_case, apply):
    one_side = [{"unit": HERE, "document": CONSENT}]
    assert missing(new_case(), apply, consents=one_side) == [f"consent:{THERE}"]
    undocumented = [*one_side, {"unit": THERE}]
    assert missing(new_case(), apply, consents=undocumented) == [f"consent:{THERE}.document"]
    bare = ("application", "joint_survey", "archive_supplement")
    assert missing(new_case(), apply, without=bare) == list(bare)


def test_joint_acceptance_is_signed_by_each_side(new_case):
    book = new_case().path(*TO_REPAIR, Event.RESTORE_DONE)
    ours = [{"unit": HERE, "person": "Wu", "signature": SIGNED}]
    assert missing(book, Event.ACCEPTANCE_PASS, signatures=ours) == [f"signature:{THERE}"]


@pytest.mark.parametrize(
    ("change", "named"),
    [
        ({"without": ["filing_number"]}, ["filing_number"]),
        ({"filed_on": "soon"}, ["filed_on"]),
        ({"filed_on": "2026-12-31"}, ["filed_on_not_in_future"]),
        ({"filed_on": "2026-03-01"}, ["filed_on_not_before_approval"]),
        ({"capacity": Capacity.COUNTY_BUREAU}, ["capacity"]),
    ],
)
def test_a_filing_has_number_and_date(new_case, change, named):
    book = new_case().path(*TO_REPAIR, Event.RESTORE_DONE, *ENDING[:2])
    assert missing(book, Event.FILE, **change) == named


def test_the_day_of_a_filing_is_the_offices(new_case):
    book = new_case().path(*TO_REPAIR, Event.RESTORE_DONE, *ENDING[:2])
    early_morning = datetime(2026, 12, 29, 23, 30, tzinfo=UTC)
    book.take(Event.FILE, at=early_morning)
    assert book.state.stage is CaseStage.CLOSED


def test_a_refusal_names_what_would_be_possible(new_case):
    book = new_case().path(Event.REPORT_ABNORMAL)
    with pytest.raises(CaseStepRefused) as refused:
        book.take(Event.FILE)
    assert refused.value.facts["missing"] == ["stage"]
    assert refused.value.facts["stage"] is CaseStage.REPORTED
    assert refused.value.facts["possible"] == [Event.DISMISS, Event.VERIFY]


def test_a_confirmed_loss_is_not_dismissed(new_case):
    book = new_case().path(Event.REPORT_ABNORMAL, Event.VERIFY, Event.CONFIRM_LOST)
    assert missing(book, Event.DISMISS) == ["no_confirmed_loss"]
    book.take(Event.REVOKE, points_at="e2")
    assert book.take(Event.DISMISS).stage is CaseStage.CLOSED


def test_the_last_step_can_be_revoked_and_nothing_is_deleted(new_case):
    book = new_case().path(*TO_REPAIR)
    assert book.take(Event.REVOKE, points_at="e3").stage is CaseStage.ACCEPTED
    assert len(book.case.events) == 5
    assert [event.id for event in standing(book.case.events)] == ["e0", "e1", "e2"]


def test_a_step_that_later_ones_rest_on_is_not_revoked(new_case):
    book = new_case().path(*TO_REPAIR)
    with pytest.raises(CaseStepRefused) as refused:
        book.take(Event.REVOKE, points_at="e2")
    assert refused.value.facts["missing"] == ["later_step_without_it"]
    assert refused.value.facts["later_step"] == "e3"
    assert refused.value.facts["would_miss"] == ["case_accepted"]


@pytest.mark.parametrize(
    ("kind", "change", "named"),
    [
        (Event.REVOKE, {}, ["points_at"]),
        (Event.REVOKE, {"points_at": "e9"}, ["points_at_standing_step"]),
        (Event.REVOKE, {"points_at": "e0", "reason": ""}, ["reason"]),
        (Event.REVOKE, {"points_at": "e0", "capacity": Capacity.GUARDIAN}, ["capacity"]),
        (Event.CORRECT, {"points_at": "e0", "without": ["records"]}, ["records"]),
    ],
)
def test_revoke_and_correct_point_at_the_wrong_step(new_case, kind, change, named):
    assert missing(new_case().path(Event.REPORT_ABNORMAL), kind, **change) == named


def test_a_correction_counts_in_place_of_what_it_points_at(new_case):
    book = new_case().path(*TO_REPAIR, Event.RESTORE_DONE)
    book.take(Event.CORRECT, points_at="e4", records={"offset_m": 0.21})
    assert book.state.stage is CaseStage.AWAITING_JOINT_ACCEPTANCE
    assert book.state.on_record[Event.RESTORE_DONE]["offset_m"] == 0.21
    assert missing(book, Event.CORRECT, points_at="e4", records={"neighbour_attendance": {}}) == [
        "later_step_without_it"
    ]


def test_an_event_id_and_a_case_id_cannot_be_reused(new_case):
    book = new_case().path(Event.REPORT_ABNORMAL)
    with pytest.raises(CaseStepRefused, match="new_event_id"):
        take_step(book.case, replace(book.event(Event.VERIFY), id="e0"))
    with pytest.raises(CaseStepRefused, match="event_of_this_case"):
        take_step(book.case, replace(book.event(Event.VERIFY), case_id="case-2"))


def test_legal_coordinates_change_only_by_a_filed_move(new_case):
    book = new_case().path(
        Event.MOVE_APPLY, Event.MOVE_PLAN, Event.MOVE_DONE, Event.ACCEPTANCE_PASS, Event.APPROVE
    )
    assert new_legal_position(book.case.events) is None
    book.take(Event.FILE)
    moved = new_legal_position(book.case.events)
    assert (moved.lon, moved.lat, moved.accuracy_m) == (110.4, 19.8, 0.05)
    repaired = new_case().path(*TO_REPAIR, Event.RESTORE_DONE, *ENDING)
    assert new_legal_position(repaired.case.events) is None


def test_every_line_of_the_table_can_be_reached():
    reached, waiting = set(), [(None, CaseStage.NONE)]
    rows = set()
    while waiting:
        here = waiting.pop()
        if here in reached:
            continue
        reached.add(here)
        for place, step in enumerate(STEPS):
            if step.fits(*here):
                rows.add(place)
                waiting.append((step.becomes or here[0], step.to))
    assert rows == set(range(len(STEPS)))
    assert {stage for _, stage in reached} == set(CaseStage)


FLAWS = [
    {},
    {"without": ["neighbour_attendance"]},
    {"neighbour_attendance": {"unit": HERE, "name": "x", "signature": SIGNED, "photo": SEEN}},
    {"neighbour_attendance": {"unit": THERE, "name": "x", "signature": "x", "photo": SEEN}},
    {"signatures": [{"unit": u, "person": "x", "signature": "e" * 64} for u in (HERE, THERE)]},
    {"unit": THERE},
    {"unit": HERE},
    {"person": "Wang"},
    {"second_person": "Chen"},
    {"without": ["evidence", "consents", "signatures"]},
    {"without": ["filing_number", "decision", "managing_side"]},
    {"person": "Chen"},
    {"capacity": Capacity.PUBLIC},
    {"managing_side": THERE},
]
moves = st.tuples(
    st.integers(0, 30),
    st.sampled_from([{}, {}, {}, *FLAWS]),
    st.sampled_from(["fits", "fits", "fits", "any", "undo"]),
)


def attempt(book, place, flaw, how):
    """Try a step: mostly one the table has here, sometimes any, sometimes taking one back."""
    state = state_of(book.case.events)
    if how == "undo" and book.case.events:
        target = book.case.events[place % len(book.case.events)].id
        kind = (Event.REVOKE, Event.CORRECT)[place % 2]
        extra = {"points_at": target}
        if kind is Event.CORRECT:
            extra["records"] = {key: value for key, value in flaw.items() if key == "neighbour_attendance"}
        book.take(kind, **extra)
        return
    fitting = [step.event for step in STEPS if step.fits(state.kind, state.stage)]
    pool = fitting if how == "fits" and fitting else list(Event)
    book.take(pool[place % len(pool)], **flaw)


@settings(max_examples=400, deadline=None)
@given(tried=st.lists(moves, min_size=6, max_size=30))
def test_no_sequence_of_accepted_events_breaks_the_law(new_case, tried):
    book = new_case()
    for place, flaw, how in tried:
        with contextlib.suppress(CaseStepRefused):
            attempt(book, place, flaw, how)
        check_invariants(book.case.events)
    note_reach(f"ends {state_of(book.case.events).stage}")


def check_both_sides(steps, done):
    """Whoever did the work neither attended nor accepted it, and every paper behind it is on record."""
    accepted = next(step for step in reversed(steps) if step.kind is Event.ACCEPTANCE_PASS)
    assert accepted.actor.person != done.actor.person
    assert {hash_of(entry["signature"]) for entry in accepted.records["signatures"]} <= ON_FILE
    own = [step for step in steps if step.kind is Event.ATTENDANCE_CONFIRM and step.actor.unit == THERE]
    if not any(step.actor.person != done.actor.person for step in own):
        attendance = done.records["neighbour_attendance"]
        assert attendance["unit"] == THERE
        assert all(attendance[part] for part in ATTENDANCE_PARTS)
        assert {hash_of(attendance["signature"]), hash_of(attendance["photo"])} <= ON_FILE


def check_invariants(events):
    state, steps = state_of(events), standing(events)
    kinds = [step.kind for step in steps]
    if state.stage is CaseStage.CLOSED and state.kind in WORKS and Event.FILE in kinds:
        done = next(step for step in reversed(steps) if step.kind in WORK_DONE)
        assert done.actor.unit == HERE
        check_both_sides(steps, done)
        filing = next(step for step in steps if step.kind is Event.FILE)
        assert filing.records["filing_number"]
    if state.stage is CaseStage.CLOSED and state.kind in WORKS:
        assert Event.FILE in kinds
    for seen in observations(events):
        if seen.event.kind is Event.CONFIRM_LOST:
            reporter = steps[0].actor.person
            assert reporter != seen.event.actor.person
            assert set(hashes_in(seen.event.records["evidence"]))
            attested = {step.actor.person for step in steps if step.kind is Event.LOSS_ATTEST}
            signed = (
                {seen.event.records.get("second_person")}
                if seen.event.records.get("second_person_signature")
                else set()
            )
            assert (attested | signed) - {reporter, seen.event.actor.person}
    if Event.MOVE_APPLY in kinds or Event.ADD_APPLY in kinds:
        apply = next(step for step in steps if step.kind in {Event.MOVE_APPLY, Event.ADD_APPLY})
        assert {entry["unit"] for entry in apply.records["consents"]} == {HERE, THERE}
    if new_legal_position(events):
        assert Event.FILE in kinds
        assert Event.APPROVE in kinds
