"""When the next inspection is due, and how late a report is; refuses to know any marker.

Intervals are an office's dated data. Law and practice behind the shipped ones: joint inspection every five years
(regulation on administrative boundaries, State Council order 353, art. 12); a patrol every month under contract and
a record within 12 hours of finding loss or damage (Guangdong practice); a patrol each quarter without contract; the
plan of a year's joint inspection by 15 May, its results filed by 1 December (practice of one autonomous region).
"""

from calendar import monthrange
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from enum import StrEnum
from types import MappingProxyType
from typing import Any
from zoneinfo import ZoneInfo

from layers.errors import InvalidInput
from layers.markers.dated import Dated, shipped
from layers.markers.displacement import DisplacementPolicy
from layers.markers.model import Currency, Grade

MonthDay = tuple[int, int]
"""A day of every year: month and day; 29 February is none."""


@dataclass(frozen=True, slots=True, kw_only=True)
class InspectionPolicy(Dated):
    """The intervals, windows and tolerances of an office, in force from a day."""

    time_zone: ZoneInfo
    patrol_months: Mapping[Grade, Mapping[bool, int]]
    patrol_due_soon_days: int
    joint_years: int
    joint_due_soon_days: int
    joint_cycle_start: date
    joint_plan_by: MonthDay
    joint_filing_by: MonthDay
    report_hours: int
    displacement: DisplacementPolicy
    capture_accuracy_m: float

    def day_of(self, instant: datetime) -> date:
        """Return the office's calendar day at an instant (23:30 UTC is already tomorrow in Haikou)."""
        return instant.astimezone(self.time_zone).date()

    def end_of(self, day: date) -> datetime:
        """Return the last instant of an office day: what `as_of` a date means."""
        return self.start_of(day + timedelta(days=1)) - timedelta(microseconds=1)

    def start_of(self, day: date) -> datetime:
        """Return the first instant of an office day."""
        return datetime.combine(day, time(), self.time_zone)

    def patrol_due(self, last: date, grade: Grade, *, under_contract: bool) -> date:
        """Return the day by which the marker must be patrolled again: 31 January + one month is 28 February."""
        return add_months(last, self.patrol_months[grade][under_contract])

    def joint_due(self, last: date) -> date:
        """Return the day by which the next joint inspection must have passed."""
        return add_months(last, 12 * self.joint_years)

    def plan_due(self, year: int) -> date:
        """Return the day by which all sides have signed the plan of a year's joint inspection."""
        return date(year, *self.joint_plan_by)

    def filing_due(self, year: int) -> date:
        """Return the day by which the results of a year's joint inspection are filed."""
        return date(year, *self.joint_filing_by)

    def cycle_start(self, on: date) -> date:
        """Return the first day of the joint inspection round that a day lies in (2023-01-01 for 2027-12-31)."""
        years = on.year - self.joint_cycle_start.year
        if (on.month, on.day) < (self.joint_cycle_start.month, self.joint_cycle_start.day):
            years -= 1
        return add_months(self.joint_cycle_start, 12 * self.joint_years * (years // self.joint_years))


def add_months(day: date, months: int) -> date:
    """Return the same day some months on, or the month's last day where it has no such day."""
    month = day.month - 1 + months
    year, month = day.year + month // 12, month % 12 + 1
    return date(year, month, min(day.day, monthrange(year, month)[1]))


def currency(due: date | None, on: date, *, window_days: int) -> Currency:
    """Return where a clock stands on a day: the due day itself is still in time.

    `due` is None when there has been no inspection yet. The last `window_days` days up to the due day are
    `due_soon`; a window of 0 switches that part off.
    """
    if due is None:
        return Currency.NEVER
    if on > due:
        return Currency.OVERDUE
    return Currency.DUE_SOON if on > due - timedelta(days=window_days) else Currency.CURRENT


class ReportClock(StrEnum):
    """Where the clock stands that runs from a discovery to its detailed record."""

    RUNNING = "running"
    MET = "met"
    LATE = "late"
    OVERDUE = "overdue"


@dataclass(frozen=True, slots=True)
class ReportDeadline:
    """The clock of one report: `late` was reported after the deadline, `overdue` has not been yet."""

    state: ReportClock
    due_at: datetime


def report_deadline(
    discovered_at: datetime, recorded_at: datetime | None, now: datetime, policy: InspectionPolicy
) -> ReportDeadline:
    """Return the clock of a discovery: a detailed record within 12 hours (Guangdong practice, configurable)."""
    due_at = discovered_at + timedelta(hours=policy.report_hours)
    if recorded_at is not None and recorded_at <= now:
        state = ReportClock.MET if recorded_at <= due_at else ReportClock.LATE
    else:
        state = ReportClock.RUNNING if now <= due_at else ReportClock.OVERDUE
    return ReportDeadline(state, due_at)


def read_policy(document: Mapping[str, Any]) -> InspectionPolicy:
    """Return the policy that a JSON document describes; raise InvalidInput when it cannot be used."""
    try:
        months = {
            Grade(grade): MappingProxyType({True: int(row["contract"]), False: int(row["no_contract"])})
            for grade, row in document["patrol_months"].items()
        }
        policy = InspectionPolicy(
            **Dated.heading(document),
            time_zone=ZoneInfo(document["time_zone"]),
            patrol_months=MappingProxyType(months),
            patrol_due_soon_days=int(document["patrol_due_soon_days"]),
            joint_years=int(document["joint_years"]),
            joint_due_soon_days=int(document["joint_due_soon_days"]),
            joint_cycle_start=date.fromisoformat(document["joint_cycle_start"]),
            joint_plan_by=_day_of_year(document["joint_plan_by"]),
            joint_filing_by=_day_of_year(document["joint_filing_by"]),
            report_hours=int(document["report_hours"]),
            displacement=DisplacementPolicy(**document["displacement"]),
            capture_accuracy_m=float(document["capture_accuracy_m"]),
        )
    except (KeyError, TypeError, ValueError, AttributeError) as wrong:
        raise InvalidInput(what="inspection_policy", cause=str(wrong)) from wrong
    _refuse_unusable(policy)
    return policy


def _day_of_year(text: str) -> MonthDay:
    day = date.fromisoformat(f"2001-{text}")  # no leap year: the day comes every year
    return day.month, day.day


def _refuse_unusable(policy: InspectionPolicy) -> None:
    intervals = [months for row in policy.patrol_months.values() for months in row.values()]
    windows = (policy.patrol_due_soon_days, policy.joint_due_soon_days, policy.report_hours)
    if set(policy.patrol_months) != set(Grade) or min(*intervals, policy.joint_years) < 1 or min(windows) < 0:
        raise InvalidInput(what="inspection_policy", cause="interval", policy=policy.code)


def shipped_policy() -> InspectionPolicy:
    """Return the inspection policy that comes with the product."""
    return read_policy(shipped("inspection_policy"))
