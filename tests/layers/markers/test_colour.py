"""Both shipped profiles against the specification's vectors, and over every combination of facts."""

from datetime import date
from itertools import product
from operator import itemgetter

import pytest

from layers.errors import NotFound
from layers.markers.colour import (
    FACT_VALUES,
    ProfileInvalid,
    colour_of,
    facts_asked,
    named,
    read_profile,
    shipped_profiles,
)
from layers.markers.dated import shipped
from layers.markers.model import (
    BEING_HANDLED,
    OPEN_STAGES,
    CaseStage,
    Colour,
    Condition,
    Currency,
    CycleJoint,
    MarkerFacts,
    PositionCheck,
    Shape,
)

A, B = shipped_profiles()
NEVER = {
    "patrol_currency": Currency.NEVER,
    "joint_currency": Currency.NEVER,
    "visited_this_cycle": False,
    "cycle_joint": CycleJoint.NOT_YET,
}
VECTORS = [
    ("all normal", {}, "green", "green"),
    ("patrol overdue", {"patrol_currency": Currency.OVERDUE}, "yellow", "green"),
    (
        "joint inspection of this cycle due, not done",
        {"joint_currency": Currency.DUE_SOON, "cycle_joint": CycleJoint.NOT_YET},
        "yellow",
        "yellow",
    ),
    ("never inspected", NEVER, "yellow", "black"),
    ("minor defect", {"condition": Condition.MINOR_DEFECT}, "yellow", "yellow"),
    ("damaged, no case", {"condition": Condition.DAMAGED}, "red", "red"),
    (
        "damaged, case accepted",
        {"condition": Condition.DAMAGED, "case_stage": CaseStage.ACCEPTED},
        "blue",
        "blue",
    ),
    (
        "missing confirmed, no case",
        {"condition": Condition.MISSING, "condition_confirmed": True},
        "black",
        "red",
    ),
    (
        "missing confirmed, case repairing",
        {"condition": Condition.MISSING, "condition_confirmed": True, "case_stage": CaseStage.REPAIRING},
        "blue",
        "blue",
    ),
    ("sensor alarm open", {"sensor_alarm_open": True}, "red", "red"),
    (
        "retired, consent filed",
        {"condition": Condition.RETIRED, "condition_confirmed": True, "case_stage": CaseStage.CLOSED},
        "black",
        "black",
    ),
    ("new marker, filing pending", {"filing_pending": True}, "blue", "blue"),
    ("re-measure", {"position_check": PositionCheck.RE_MEASURE}, "yellow", "yellow"),
    ("patrol submitted, not accepted", {"review_pending": True}, "green", "blue"),
    ("missing, no second person yet", {"condition": Condition.MISSING}, "red", "red"),
    ("case reported, intact", {"case_stage": CaseStage.REPORTED}, "red", "red"),
]


@pytest.mark.parametrize(
    ("facts", "under_a", "under_b"), [v[1:] for v in VECTORS], ids=[v[0] for v in VECTORS]
)
def test_vectors_of_the_specification(facts, under_a, under_b):
    facts = MarkerFacts(**facts)
    assert (colour_of(facts, A).colour, colour_of(facts, B).colour) == (under_a, under_b)


def values_of(fact):
    return sorted(FACT_VALUES[fact], key=str)


def walk(profile, expected):
    """Colour every combination of the facts that a profile asks about, against the rules written as code."""
    asked = facts_asked(profile)
    table = {}
    for values in product(*map(values_of, asked)):
        facts = MarkerFacts(**dict(zip(asked, values, strict=True)))
        shown = colour_of(facts, profile)
        assert (shown.rule, shown.colour, shown.shape) == expected(facts), facts
        table[values] = shown
    return table


GONE = {Condition.MISSING, Condition.DESTROYED}
NO_MARK = {Condition.RETIRED, Condition.NOT_SET}
ABNORMAL = {Condition.DAMAGED, Condition.DISPLACED, Condition.NOT_FOUND}


def expected_under_a(facts):  # noqa: PLR0911 # one return for each rule of the table
    """Section 1.2 once more, written as code instead of data."""
    if facts.case_stage in BEING_HANDLED or facts.filing_pending:
        return "A1", Colour.BLUE, Shape.SQUARE
    if facts.condition_confirmed and facts.condition in GONE:
        return "A2", Colour.BLACK, Shape.CROSS
    if facts.condition_confirmed and facts.condition in NO_MARK:
        return "A2", Colour.BLACK, Shape.RING
    if (
        facts.condition in ABNORMAL | GONE
        or facts.case_stage in {CaseStage.REPORTED, CaseStage.VERIFIED}
        or facts.sensor_alarm_open
        or facts.sync_conflict
    ):
        return "A3", Colour.RED, Shape.DIAMOND
    current = {facts.patrol_currency, facts.joint_currency} == {Currency.CURRENT}
    if (
        facts.condition is Condition.MINOR_DEFECT
        or facts.position_check is PositionCheck.RE_MEASURE
        or not current
    ):
        return "A4", Colour.YELLOW, Shape.TRIANGLE
    if facts.condition is Condition.INTACT and facts.position_check is PositionCheck.AGREES:
        return "A5", Colour.GREEN, Shape.CIRCLE
    return "A6", Colour.YELLOW, Shape.TRIANGLE


def expected_under_b(facts):  # noqa: PLR0911 # one return for each rule of the table
    """Section 1.3 once more, written as code instead of data."""
    if facts.review_pending or facts.case_stage in BEING_HANDLED or facts.filing_pending:
        return "B1", Colour.BLUE, Shape.SQUARE
    if facts.condition_confirmed and facts.condition in NO_MARK:
        return "B2", Colour.BLACK, Shape.RING
    if (
        facts.condition in ABNORMAL | GONE
        or facts.case_stage in {CaseStage.REPORTED, CaseStage.VERIFIED}
        or facts.sensor_alarm_open
        or facts.sync_conflict
    ):
        return "B3", Colour.RED, Shape.DIAMOND
    if not facts.visited_this_cycle and facts.cycle_joint is CycleJoint.NOT_YET:
        return "B4", Colour.BLACK, Shape.CROSS
    if facts.condition is Condition.MINOR_DEFECT or facts.cycle_joint is CycleJoint.NOT_YET:
        return "B5", Colour.YELLOW, Shape.TRIANGLE
    if (
        facts.cycle_joint is CycleJoint.PASSED
        and facts.condition is Condition.INTACT
        and facts.position_check is PositionCheck.AGREES
    ):
        return "B6", Colour.GREEN, Shape.CIRCLE
    return "B7", Colour.YELLOW, Shape.TRIANGLE


def test_every_combination_of_facts_under_both_profiles():
    under_a, under_b = walk(A, expected_under_a), walk(B, expected_under_b)
    names = list(FACT_VALUES)
    key_a = itemgetter(*map(names.index, facts_asked(A)))
    key_b = itemgetter(*map(names.index, facts_asked(B)))
    stage, condition, position = map(names.index, ("case_stage", "condition", "position_check"))
    flags = [names.index(fact) for fact in ("filing_pending", "sensor_alarm_open", "sync_conflict")]
    review_pending = names.index("review_pending")
    walked = 0
    for values in product(*map(values_of, names)):
        walked += 1
        a, b = under_a[key_a(values)].colour, under_b[key_b(values)].colour
        if Colour.GREEN in (a, b):
            assert values[stage] not in OPEN_STAGES
            assert values[condition] is Condition.INTACT
            assert values[position] is PositionCheck.AGREES
            assert not any(values[flag] for flag in flags)
        if a is Colour.RED and not values[review_pending]:
            assert b is Colour.RED
        if a is Colour.BLUE:
            assert b is Colour.BLUE
    assert walked == 9 * 3 * 4 * 4 * 9 * 2**6 * 3
    assert {shown.rule for shown in under_a.values()} == {"A1", "A2", "A3", "A4", "A5", "A6"}
    assert {shown.rule for shown in under_b.values()} == {"B1", "B2", "B3", "B4", "B5", "B6", "B7"}


def test_the_rule_that_fired_says_why():
    lost = MarkerFacts(condition=Condition.DESTROYED, condition_confirmed=True)
    assert colour_of(lost, A).because == (("condition", Condition.DESTROYED), ("condition_confirmed", True))
    untested = MarkerFacts(position_check=PositionCheck.NONE)
    assert colour_of(untested, A).rule == "A6"
    assert colour_of(untested, A).because == (("position_check", PositionCheck.NONE),)


def changed(**change):
    return {**shipped("condition_first"), **change}


def rules(**replaced):
    table = shipped("condition_first")["rules"]
    return [{**rule, **replaced.get(f"{rule['number']}_{rule['shape']}", {})} for rule in table]


@pytest.mark.parametrize(
    ("document", "reason"),
    [
        (changed(rules=shipped("condition_first")["rules"][:-1]), "no_last_resort"),
        (changed(rules=rules(A6_triangle={"colour": "green"})), "green_last_resort"),
        (changed(rules=rules(A3_diamond={"when": [{"condition": ["damaged"]}]})), "green_with_open_case"),
        (changed(rules=rules(A4_triangle={"when": [{"mood": ["bad"]}]})), "bad_clause"),
        (changed(rules=rules(A4_triangle={"when": [{"condition": ["unwell"]}]})), "bad_clause"),
        (changed(rules=rules(A4_triangle={"colour": "pink"})), "bad_rule"),
        (changed(rules=rules(A4_triangle={"label": {"zh": "关注"}})), "label_in_both_languages"),
        (changed(rules="none"), "not_a_list"),
    ],
)
def test_an_unusable_profile_is_refused(document, reason):
    with pytest.raises(ProfileInvalid) as refused:
        read_profile(document)
    assert refused.value.facts["reason"] == reason


def test_the_check_for_green_over_an_open_case_agrees_with_the_walk():
    careless = changed(rules=rules(A1_square={"when": [{"filing_pending": [True]}]}))
    with pytest.raises(ProfileInvalid, match="green_with_open_case"):
        read_profile(careless)
    guarded = rules(A1_square={"when": [{"filing_pending": [True]}]})
    guarded[5]["when"] = [{**guarded[5]["when"][0], "case_stage": ["none", "closed"]}]
    profile = read_profile(changed(rules=guarded))
    repairing = MarkerFacts(case_stage=CaseStage.REPAIRING)
    assert colour_of(repairing, profile).colour is Colour.YELLOW


def test_the_version_in_force_is_chosen_by_day():
    later = read_profile(changed(version=2, effective_from="2025-01-01"))
    assert named([*shipped_profiles(), later], "condition_first", date(2024, 12, 31)).version == 1
    assert named([*shipped_profiles(), later], "condition_first", date(2025, 1, 1)).version == 2
    with pytest.raises(NotFound):
        named(shipped_profiles(), "condition_first", date(2002, 6, 30))
