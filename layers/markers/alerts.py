"""Clocks that have run out, alarms nobody has answered, devices that complain or say nothing: as findings.

Changes no fact and no colour by itself: what has a colour of it, has it by the records that stand here as evidence.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any, Final

from layers.findings import Finding
from layers.markers.due_list import WITHOUT_DUTY
from layers.markers.evidence import CaseEvent, CaseEventKind
from layers.markers.model import CaseStage, Condition, Currency
from layers.markers.policy import InspectionPolicy, ReportClock, report_deadline
from layers.markers.sensor_model import Weight
from layers.markers.sensor_policy import SensorPolicy
from layers.markers.transitions import state_of

CLOCKS: Final = (
    "clock.patrol_overdue", "clock.patrol_due_soon", "clock.joint_overdue", "clock.joint_due_soon",
)  # fmt: skip
REPORTS: Final = ("clock.report_late", "clock.report_overdue")
SENSORS: Final = (
    "sensor.alarm", "sensor.tilted", "sensor.drifted", "sensor.displaced", "sensor.struck", "sensor.opened",
    "sensor.removed", "sensor.moved", "sensor.defaced", "sensor.blocked", "sensor.damaged", "sensor.re_measure",
    "sensor.low_battery", "sensor.power_lost", "sensor.clock_wrong", "sensor.silent", "sensor.unmatched",
)  # fmt: skip
"""Every code that is listed; its family stands before the point."""
_REPORT_CODES: Final = dict(zip((ReportClock.LATE, ReportClock.OVERDUE), REPORTS, strict=True))
_CLOCK_CODES: Final = dict(
    zip(
        ((clock, state) for clock in ("patrol", "joint") for state in (Currency.OVERDUE, Currency.DUE_SOON)),
        CLOCKS,
        strict=True,
    )
)
ANY_MESSAGE: Final = "clock_skew_s"
"""A measure that every message carries."""


@dataclass(frozen=True, slots=True)
class Alert:
    """A finding that stands open: how it weighs, since when it is so, and the record by which it can be answered."""

    finding: Finding
    weight: Weight
    since: datetime
    id: str | None = None

    @property
    def code(self) -> str:
        """The finding's code."""
        return self.finding.code


@dataclass(frozen=True, slots=True, kw_only=True)
class MarkerClocks:
    """What of a marker's state its clocks are read from."""

    condition: Condition
    patrol_currency: Currency
    joint_currency: Currency
    patrol_due_on: date | None = None
    joint_due_on: date | None = None


def clock_alerts(marker_code: str, clocks: MarkerClocks, policy: InspectionPolicy) -> Iterator[Alert]:
    """Yield what is late or soon due at one marker, with the due day and the policy behind it.

    `clock.patrol_overdue`, `clock.joint_due_soon` and so on. A retired marker and a point without a post have no clocks.
    """
    if clocks.condition in WITHOUT_DUTY:
        return
    for clock, state, due, window in (
        ("patrol", clocks.patrol_currency, clocks.patrol_due_on, policy.patrol_due_soon_days),
        ("joint", clocks.joint_currency, clocks.joint_due_on, policy.joint_due_soon_days),
    ):
        code = _CLOCK_CODES.get((clock, state))
        if due is None or code is None:
            continue
        begins = due + timedelta(days=1) if state is Currency.OVERDUE else due - timedelta(days=window - 1)
        evidence = {"due_on": due, "policy": f"{policy.code}:{policy.version}"}
        finding = Finding(code, (marker_code,), evidence)
        yield Alert(finding, Weight.ATTENTION, policy.start_of(begins))


def report_alerts(events: Iterable[CaseEvent], now: datetime, policy: InspectionPolicy) -> Iterator[Alert]:
    """Yield the reports of open cases whose detailed record came late or has not come (`clock.report_late`, `…overdue`).

    The clock starts at `discovered_at` of a report (an aware instant; the act itself where it is not said) and stops
    with the `case.verify` that puts the detailed record on file.
    """
    ordered = sorted(events, key=lambda event: event.recorded_at)
    cases: dict[str, list[CaseEvent]] = {}
    for event in ordered:
        cases.setdefault(event.case_id, []).append(event)
    for case_id, acts in cases.items():
        if state_of(acts).stage is CaseStage.CLOSED:
            continue
        verified = (act.recorded_at for act in acts if act.kind is CaseEventKind.VERIFY)
        recorded = next(verified, None)
        for report in (act for act in acts if act.kind is CaseEventKind.REPORT_ABNORMAL):
            discovered = report.records.get("discovered_at", report.happened_at)
            if isinstance(discovered, str):
                discovered = datetime.fromisoformat(discovered)
            deadline = report_deadline(discovered, recorded, now, policy)
            code = _REPORT_CODES.get(deadline.state)
            if code is not None:
                evidence = {"due_at": deadline.due_at, "policy": f"{policy.code}:{policy.version}"}
                finding = Finding(code, (case_id,), evidence)
                yield Alert(finding, Weight.ATTENTION, deadline.due_at)


@dataclass(frozen=True, slots=True)
class KeptMessage:
    """A message as it is on record: its receipt, when it was so, what it showed, which measures it carried."""

    id: str
    happened_at: datetime
    findings: Sequence[Mapping[str, Any]]
    measures: frozenset[str]


@dataclass(frozen=True, slots=True, kw_only=True)
class HeardDevice:
    """A device on a marker: when it was last heard, and its latest messages, the latest first."""

    device: str
    marker_code: str
    last_received_at: datetime
    messages: Sequence[KeptMessage]


def device_alerts(heard: HeardDevice, at: datetime, policy: SensorPolicy) -> Iterator[Alert]:
    """Yield what a device draws attention to: the state that its latest messages tell, and that no more come.

    A finding stands while the latest message that carried its measure shows it, since the first of those that did
    so without a break. `sensor.silent` once the policy's hours have passed without any message.
    """
    looked_at: set[str] = set()
    for place, message in enumerate(heard.messages):
        for shown in message.findings:
            evidence = shown["evidence"]
            measure = str(evidence["measure"])
            if evidence["weight"] != Weight.ATTENTION or measure in looked_at:
                continue
            first = _first_of(str(shown["code"]), measure, heard.messages[place:])
            told = {
                **evidence,
                "device": heard.device,
                "message": message.id,
                "happened_at": message.happened_at,
            }
            finding = Finding(str(shown["code"]), (heard.marker_code, heard.device), told)
            yield Alert(finding, Weight.ATTENTION, first.happened_at)
        looked_at |= {*message.measures, ANY_MESSAGE}
    silent_at = heard.last_received_at + policy.silent_after
    if at > silent_at:
        told = {
            "device": heard.device,
            "last_message_at": heard.last_received_at,
            "silent_hours": policy.silent_after / timedelta(hours=1),
            "policy": f"{policy.code}:{policy.version}",
        }
        finding = Finding("sensor.silent", (heard.marker_code, heard.device), told)
        yield Alert(finding, Weight.ATTENTION, silent_at)


def _first_of(code: str, measure: str, messages: Sequence[KeptMessage]) -> KeptMessage:
    """Return the first of the unbroken run of messages that showed a finding, the latest being the first given."""
    first = messages[0]
    for message in messages:
        if measure != ANY_MESSAGE and measure not in message.measures:
            continue
        if all(shown["code"] != code for shown in message.findings):
            break
        first = message
    return first
