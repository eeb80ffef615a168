"""The five-year plan: rhythm, balance, swapped lead."""

from dataclasses import replace
from datetime import date

from hypothesis import given
from hypothesis import strategies as st

from layers.markers.joint_planning import InspectedLine, annual_plan, check_plan, cycle_plan, next_lead
from layers.markers.policy import shipped_policy

POLICY = shipped_policy()
ON = date(2026, 5, 1)
HERE, THERE, THIRD = "460107", "469021", "469005"


def line(code, last_on=None, last_lead=None, length=50.0, sides=(HERE, THERE)):
    return InspectedLine(line_code=code, sides=sides, length_km=length, last_on=last_on, last_lead=last_lead)


def found(findings):
    return [(finding.code, finding.subject[0]) for finding in findings]


def test_the_lead_swaps_each_round():
    assert next_lead(line("a")) == HERE
    assert next_lead(line("a", last_lead=HERE)) == THERE
    assert next_lead(line("a", last_lead=THERE)) == HERE
    three = (HERE, THIRD, THERE)
    assert [next_lead(line("t", last_lead=lead, sides=three)) for lead in three] == [THIRD, THERE, HERE]


def test_a_line_keeps_its_rhythm_and_an_overdue_one_comes_first():
    lines = [
        line("on-time", date(2021, 6, 1), HERE),
        line("overdue", date(2015, 6, 1), HERE),
        line("early", date(2024, 6, 1), THERE),
    ]
    plan = {item.line_code: item for item in cycle_plan(lines, ON, POLICY)}
    assert (plan["on-time"].year, plan["on-time"].needs_consent) == (2026, False)
    assert (plan["overdue"].year, plan["overdue"].needs_consent) == (2023, True)
    assert (plan["early"].year, plan["early"].needs_consent) == (2027, True)
    assert (plan["on-time"].lead, plan["on-time"].cooperating) == (THERE, (HERE,))


def test_what_all_sides_agreed_is_kept():
    plan = cycle_plan([line("a", date(2021, 6, 1), HERE)], ON, POLICY, agreed_years={"a": 2025})
    assert (plan[0].year, plan[0].needs_consent) == (2025, True)


@given(st.lists(st.floats(1, 200), min_size=1, max_size=60))
def test_new_lines_fill_the_years_evenly(lengths):
    lines = [line(f"l{place}", length=length) for place, length in enumerate(lengths)]
    plan = cycle_plan(lines, ON, POLICY)
    assert sorted(item.line_code for item in plan) == sorted(one.line_code for one in lines)
    load = [sum(item.length_km for item in annual_plan(plan, year)) for year in range(2023, 2028)]
    assert max(load) - min(load) <= max(lengths) + 1e-6
    assert found(check_plan(plan, lines)) == []


def test_two_rounds_on_the_lead_is_back():
    first = cycle_plan([line("a", date(2021, 6, 1), HERE)], ON, POLICY)[0]
    again = cycle_plan([line("a", date(first.year, 6, 1), first.lead)], date(2031, 5, 1), POLICY)[0]
    assert (first.lead, again.lead) == (THERE, HERE)
    assert again.year == first.year + 5


def test_an_edited_plan_is_checked():
    lines = [line("a", date(2021, 6, 1), HERE), line("b")]
    a, b = cycle_plan(lines, ON, POLICY)[0], cycle_plan(lines, ON, POLICY)[1]
    a, b = (a, b) if a.line_code == "a" else (b, a)
    assert found(check_plan([a], lines)) == [("joint.line_not_planned", "b")]
    assert found(check_plan([a, b, b], lines)) == [("joint.line_planned_twice", "b")]
    unswapped = replace(a, lead=HERE, cooperating=(THERE,))
    assert found(check_plan([unswapped, b], lines)) == [("joint.lead_not_swapped", "a")]
    stranger = replace(a, lead="460106")
    assert found(check_plan([stranger, b], lines)) == [
        ("joint.lead_is_no_side", "a"),
        ("joint.side_left_out", "a"),
    ]
    late = replace(a, year=2027, needs_consent=True)
    assert found(check_plan([late, b], lines)) == [("joint.after_due", "a"), ("joint.consent_missing", "a")]
    assert found(check_plan([late, b], lines, consented=["a"])) == [("joint.after_due", "a")]
