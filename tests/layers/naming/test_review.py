"""The path of a proposal: order, actors, papers, blocks, comment period, clocks; and the committee's count."""

from datetime import date, timedelta

import pytest

from layers.naming.committee import Ballot, BallotRefused, Vote, decide
from layers.naming.legend import EVENTS, RECORDS, STATES
from layers.naming.profiles import load_profile
from layers.naming.review import (
    PATH,
    STOPS_CLOCK,
    Actor,
    ProposalCase,
    ProposalState,
    ProposalStepRefused,
    Standing,
    advance,
    deadlines,
    due,
    steps_from,
)

CLOCKS = load_profile("national").clocks
ALL_PAPERS = frozenset(record for step in PATH for record in step.records)
WHOLE_PATH = (
    "check", "reserve", "submit", "accept", "consult_departments", "call_experts", "open_comment", "assess",
    "put_on_agenda", "recommend", "approve", "file", "announce", "enter_in_database", "set_sign", "put_in_force",
)  # fmt: skip


def walk(*events, case=None, start=date(2025, 3, 1), days=8, **standing):
    case, on = case or ProposalCase(), start
    for event in events:
        step = next(step for step in steps_from(case.state) if step.event == event)
        actor = max(step.actors)
        given = Standing(records=ALL_PAPERS, **standing)
        case = advance(case, event, actor=actor, on=on, standing=given, clocks=CLOCKS)
        on += timedelta(days=days)
    return case


def test_the_whole_path_ends_in_force():
    case = walk(*WHOLE_PATH)
    assert case.state is ProposalState.IN_FORCE
    assert [happened.event for happened in case.history] == list(WHOLE_PATH)


def test_every_state_can_be_reached_and_every_word_is_there():
    reached, frontier = {ProposalState.DRAFT}, {ProposalState.DRAFT}
    while frontier:
        frontier = {step.target for state in frontier for step in steps_from(state)} - reached
        reached |= frontier
    assert reached == set(ProposalState)
    assert {state.value for state in ProposalState} == set(STATES)
    assert {step.event for step in PATH} == set(EVENTS)
    assert set(RECORDS) >= ALL_PAPERS
    assert {clock for step in PATH for clock in step.clock} == set(STOPS_CLOCK)


def test_a_step_out_of_order_is_refused_with_what_is_possible():
    with pytest.raises(ProposalStepRefused) as refused:
        advance(
            ProposalCase(),
            "approve",
            actor=Actor.NAMING_OFFICER,
            on=date(2025, 1, 1),
            standing=Standing(),
            clocks=CLOCKS,
        )
    assert "check" in refused.value.facts["possible"]


def test_everything_missing_is_named_at_once():
    reserved = walk("check", "reserve")
    with pytest.raises(ProposalStepRefused) as refused:
        advance(
            reserved, "submit", actor=Actor.COMMITTEE_MEMBER, on=date(2025, 4, 1),
            standing=Standing(blocks=frozenset({"CHR-03"})), clocks=CLOCKS,
        )  # fmt: skip
    facts = refused.value.facts
    assert facts["actors"] == ["applicant", "naming"]
    assert facts["blocks"] == ["CHR-03"]
    assert "location_map" in facts["missing_records"]


def test_a_block_is_passed_only_with_a_recorded_reason():
    with pytest.raises(ProposalStepRefused):
        walk("check", "reserve", blocks=frozenset({"DUP-01"}))
    with pytest.raises(ProposalStepRefused):
        walk("check", "reserve", blocks=frozenset({"DUP-01"}), overrides={"DUP-01": " "})
    assert (
        walk("check", "reserve", blocks=frozenset({"DUP-01"}), overrides={"DUP-01": "历史沿用"}).state
        == "reserved"
    )


def test_an_unconfirmed_polyphone_blocks_only_from_submission():
    reserved = walk("check", "reserve", blocks=frozenset({"CHR-03"}))
    with pytest.raises(ProposalStepRefused):
        walk("submit", case=reserved, start=date(2025, 4, 1), blocks=frozenset({"CHR-03"}))


def test_public_comment_runs_its_days_and_every_opinion_is_answered():
    opened = walk(
        "check", "reserve", "submit", "accept", "consult_departments", "call_experts", "open_comment", days=0
    )
    for on, open_opinions, missing in ((7, 0, "comment_ends"), (9, 2, "open_opinions")):
        with pytest.raises(ProposalStepRefused) as refused:
            walk("assess", case=opened, start=date(2025, 3, on), open_opinions=open_opinions)
        assert missing in refused.value.facts
    assert walk("assess", case=opened, start=date(2025, 3, 9)).state is ProposalState.RISK_ASSESSMENT


def test_an_amended_name_is_checked_again():
    at_committee = walk(*WHOLE_PATH[:9])
    assert walk("amend", case=at_committee, start=date(2025, 8, 1)).state is ProposalState.PRECHECK


def test_calendar_days_without_the_day_of_approval():
    assert due(date(2025, 9, 26), CLOCKS["filing"]) == date(2025, 10, 11)


def test_clocks_run_from_approval_until_filed_and_announced():
    approved = walk(*WHOLE_PATH[:11], start=date(2025, 1, 1))
    last = approved.history[-1].on
    running = {clock.clock: clock for clock in deadlines(approved, CLOCKS, today=last + timedelta(days=16))}
    assert set(running) == {"filing", "announcement"}
    assert running["filing"].days_left == -1
    filed = walk("file", case=approved, start=last + timedelta(days=3))
    assert [clock.clock for clock in deadlines(filed, CLOCKS, today=last)] == ["announcement"]


def test_time_does_not_run_backwards():
    checked = walk("check", start=date(2025, 3, 2))
    with pytest.raises(ProposalStepRefused):
        walk("reserve", case=checked, start=date(2025, 3, 1))


MEMBERS = ("chair", "police", "housing", "resources", "culture", "history")


def ballots(**votes):
    return [Ballot(member, Vote(vote), "重名" if vote == "against" else "") for member, vote in votes.items()]


def test_majority_of_those_present_decides():
    passed = decide(MEMBERS, (), ballots(chair="for", police="for", housing="for", culture="against"))
    assert passed.outcome is Vote.FOR
    tied = decide(MEMBERS, (), ballots(chair="for", police="for", housing="against", culture="against"))
    assert tied.outcome is Vote.AGAINST
    assert (
        decide(MEMBERS, (), ballots(chair="defer", police="defer", housing="defer", culture="for")).outcome
        == "defer"
    )


def test_the_recused_do_not_count_and_without_quorum_nothing_is_decided():
    with pytest.raises(BallotRefused):
        decide(MEMBERS, ("chair",), ballots(chair="for", police="for", housing="for", culture="for"))
    with pytest.raises(BallotRefused):
        decide(MEMBERS, (), ballots(chair="for", police="for", housing="for"))
    assert (
        decide(MEMBERS, ("chair", "history"), ballots(police="for", housing="for", culture="for")).present
        == 3
    )


def test_a_vote_against_says_why():
    with pytest.raises(BallotRefused) as refused:
        decide(MEMBERS, (), [Ballot(member, Vote.AGAINST) for member in MEMBERS])
    assert refused.value.facts["without_reason"] == sorted(MEMBERS)
