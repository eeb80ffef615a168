"""Due dates, currencies and the report clock."""

from datetime import UTC, date, datetime, timedelta

import pytest

from layers.errors import InvalidInput
from layers.markers.dated import shipped
from layers.markers.model import Currency, Grade
from layers.markers.policy import (
    ReportClock,
    add_months,
    currency,
    read_policy,
    report_deadline,
    shipped_policy,
)

POLICY = shipped_policy()


@pytest.mark.parametrize(
    ("day", "months", "expected"),
    [
        (date(2026, 1, 31), 1, date(2026, 2, 28)),
        (date(2024, 1, 31), 1, date(2024, 2, 29)),
        (date(2026, 11, 30), 3, date(2027, 2, 28)),
        (date(2024, 2, 29), 60, date(2029, 2, 28)),
        (date(2026, 3, 1), -3, date(2025, 12, 1)),
    ],
)
def test_months_are_added_by_the_calendar(day, months, expected):
    assert add_months(day, months) == expected


def test_patrol_is_monthly_under_contract_and_quarterly_without():
    last = date(2026, 5, 15)
    assert POLICY.patrol_due(last, Grade.COUNTY, under_contract=True) == date(2026, 6, 15)
    assert POLICY.patrol_due(last, Grade.COUNTY, under_contract=False) == date(2026, 8, 15)
    assert POLICY.joint_due(last) == date(2031, 5, 15)


@pytest.mark.parametrize(
    ("on", "window", "expected"),
    [
        (date(2026, 6, 8), 7, Currency.CURRENT),
        (date(2026, 6, 9), 7, Currency.DUE_SOON),
        (date(2026, 6, 15), 7, Currency.DUE_SOON),
        (date(2026, 6, 16), 7, Currency.OVERDUE),
        (date(2026, 6, 15), 0, Currency.CURRENT),
        (date(2026, 6, 16), 0, Currency.OVERDUE),
    ],
)
def test_currency_around_the_due_day(on, window, expected):
    assert currency(date(2026, 6, 15), on, window_days=window) is expected


def test_without_any_inspection_the_currency_is_never():
    assert currency(None, date(2026, 6, 15), window_days=7) is Currency.NEVER


def test_rounds_of_joint_inspection_last_five_years():
    assert POLICY.cycle_start(date(2027, 12, 31)) == date(2023, 1, 1)
    assert POLICY.cycle_start(date(2028, 1, 1)) == date(2028, 1, 1)
    assert POLICY.cycle_start(date(2022, 12, 31)) == date(2018, 1, 1)


def test_an_office_day_is_a_day_in_china():
    assert POLICY.day_of(datetime(2026, 5, 1, 16, tzinfo=UTC)) == date(2026, 5, 2)
    assert POLICY.end_of(date(2026, 5, 1)).astimezone(UTC).isoformat() == "2026-05-01T15:59:59.999999+00:00"


def test_plan_and_filing_have_their_day_in_the_year_of_the_inspection():
    assert POLICY.plan_due(2026) == date(2026, 5, 15)
    assert POLICY.filing_due(2027) == date(2027, 12, 1)


def test_the_report_clock_runs_twelve_hours():
    found = datetime(2026, 5, 1, 8, tzinfo=UTC)
    hours = [timedelta(hours=h) for h in (1, 12, 13)]
    at = [found + h for h in hours]
    assert report_deadline(found, None, at[1], POLICY).state is ReportClock.RUNNING
    assert report_deadline(found, None, at[2], POLICY).state is ReportClock.OVERDUE
    assert report_deadline(found, at[1], at[2], POLICY).state is ReportClock.MET
    assert report_deadline(found, at[2], at[2], POLICY).state is ReportClock.LATE
    assert report_deadline(found, at[2], at[0], POLICY).state is ReportClock.RUNNING
    assert report_deadline(found, None, at[0], POLICY).due_at == at[1]


@pytest.mark.parametrize(
    "change",
    [
        {"joint_years": 0},
        {"patrol_due_soon_days": -1},
        {"patrol_months": {"county": {"contract": 1, "no_contract": 3}}},
        {"time_zone": "Nowhere/At-All"},
        {"displacement": {"tolerance_m": 1, "k": 9, "phone_sigma_m": 5}},
        {"effective_from": "soon"},
        {"joint_plan_by": "02-29"},
        {"joint_filing_by": "13-01"},
    ],
)
def test_an_unusable_policy_is_refused(change):
    with pytest.raises(InvalidInput):
        read_policy({**shipped("inspection_policy"), **change})
