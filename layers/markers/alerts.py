"""Clocks that have run out and alarms nobody has answered, as findings; changes no fact and no colour by itself."""

from collections.abc import Iterable, Iterator
from datetime import datetime

from layers.findings import Finding
from layers.markers.evidence import CaseEvent, CaseEventKind
from layers.markers.facts import Derivation
from layers.markers.model import Condition, Currency
from layers.markers.policy import InspectionPolicy, ReportClock, report_deadline

_CLOCKS = (("patrol_currency", "patrol_due_on"), ("joint_currency", "joint_due_on"))
_CODES = {
    ("patrol_currency", Currency.OVERDUE): "clock.patrol_overdue",
    ("patrol_currency", Currency.DUE_SOON): "clock.patrol_due_soon",
    ("joint_currency", Currency.OVERDUE): "clock.joint_overdue",
    ("joint_currency", Currency.DUE_SOON): "clock.joint_due_soon",
}


def marker_alerts(marker_code: str, derivation: Derivation) -> Iterator[Finding]:
    """Yield what is late or alarming about one marker, with the due day and the policy behind it.

    `clock.patrol_overdue`, `clock.joint_due_soon` and so on; `clock.sensor_alarm` for each alarm not acknowledged.
    A retired marker and a point without a post have no clocks.
    """
    facts = derivation.facts
    for alarm in derivation.evidence.get("sensor_alarm_open", ()):
        yield Finding("clock.sensor_alarm", (marker_code, alarm))
    if facts.condition in {Condition.RETIRED, Condition.NOT_SET}:
        return
    for clock, due in _CLOCKS:
        code = _CODES.get((clock, getattr(facts, clock)))
        if code is not None:
            evidence = {"due_on": getattr(derivation, due), "policy": derivation.policy}
            yield Finding(code, (marker_code,), evidence)


def report_alerts(events: Iterable[CaseEvent], now: datetime, policy: InspectionPolicy) -> Iterator[Finding]:
    """Yield the reports whose detailed record came late or has not come (`clock.report_late`, `clock.report_overdue`).

    The clock starts at `discovered_at` of a report (an aware instant; the act itself where it is not said) and stops
    with the `case.verify` that puts the detailed record on file.
    """
    ordered = sorted(events, key=lambda event: event.recorded_at)
    for report in (event for event in ordered if event.kind is CaseEventKind.REPORT_ABNORMAL):
        discovered = report.records.get("discovered_at", report.happened_at)
        if isinstance(discovered, str):
            discovered = datetime.fromisoformat(discovered)
        recorded = next(
            (
                event.recorded_at
                for event in ordered
                if event.case_id == report.case_id and event.kind is CaseEventKind.VERIFY
            ),
            None,
        )
        deadline = report_deadline(discovered, recorded, now, policy)
        code = {ReportClock.LATE: "clock.report_late", ReportClock.OVERDUE: "clock.report_overdue"}.get(
            deadline.state
        )
        if code is not None:
            yield Finding(code, (report.case_id,), {"due_at": deadline.due_at, "policy": policy.code})
