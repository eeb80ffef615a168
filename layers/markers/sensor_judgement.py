"""What a message of a sensor shows, and whether it is worth a new alarm; decides nothing about the marker.

A device that leans goes on saying so every two hours. One alarm is raised for it; after somebody has answered that
alarm, another is raised once the device was within its limit in between, or the value has grown by a whole limit more.
A message that comes in late, of before an alarm that was answered, raises none.
"""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from layers.findings import Finding
from layers.markers.displacement import DisplacementPolicy, Verdict, compare_positions
from layers.markers.model import LegalPosition
from layers.markers.sensor_model import SensorReading, Weight
from layers.markers.sensor_policy import SensorPolicy

POSITION: Final = "position"
EVENT: Final = "event"


@dataclass(frozen=True, slots=True)
class Raised:
    """An alarm on record of a marker: which finding of which device, with what value, answered or still open."""

    id: str
    code: str
    device: str
    value: float | None
    happened_at: datetime
    answered: bool


@dataclass(frozen=True, slots=True)
class Heard:
    """An earlier message of the same device: when, which findings it showed, which measures it carried."""

    happened_at: datetime
    codes: frozenset[str]
    measures: frozenset[str]


def judge_reading(
    reading: SensorReading,
    *,
    marker_code: str,
    legal: LegalPosition | None,
    policy: SensorPolicy,
    displacement: DisplacementPolicy,
) -> Iterator[Finding]:
    """Yield what a message shows. Evidence: `measure`, `value`, `limit`, how it weighs, and the policy.

    A position is judged by its accuracy: `sensor.displaced` beyond the limit that both accuracies allow,
    `sensor.re_measure` where something no better than a phone measured it.
    """

    def found(code: str, measure: str, **told: object) -> Finding:
        weighed = {"weight": policy.weight(code).value, "policy": f"{policy.code}:{policy.version}"}
        return Finding(code, (marker_code, reading.device), {"measure": measure, **told, **weighed})

    for limit in policy.limits:
        value = reading.measures.get(limit.measure)
        if value is not None and limit.left_by(value):
            yield found(limit.finding, limit.measure.value, value=value, limit=limit.limit)
    for event in dict.fromkeys(reading.events):
        yield found(f"sensor.{event.value}", EVENT)
    moved = compare_positions(legal, reading.position, displacement)
    code = {Verdict.DISPLACED: "sensor.displaced", Verdict.RE_MEASURE: "sensor.re_measure"}.get(moved.verdict)
    if code is not None and moved.offset_m is not None and moved.limit_m is not None:
        yield found(code, POSITION, value=round(moved.offset_m, 3), limit=round(moved.limit_m, 3))
    if abs(reading.clock_skew_s) > policy.clock_tolerance_s:
        yield found(
            "sensor.clock_wrong", "clock_skew_s", value=reading.clock_skew_s, limit=policy.clock_tolerance_s
        )


def new_alarms(
    findings: Iterable[Finding], at: datetime, *, raised: Sequence[Raised], heard: Sequence[Heard]
) -> Iterator[Finding]:
    """Yield the findings that raise an alarm: not those that an open alarm, or an answered one, says already.

    `raised` are the alarms of the marker, `heard` earlier messages of the device, the latest first.
    """
    open_codes = {(alarm.code, alarm.device) for alarm in raised if not alarm.answered}
    for finding in findings:
        device = finding.subject[1]
        if finding.evidence["weight"] != Weight.ALARM or (finding.code, device) in open_codes:
            continue
        answered = [alarm for alarm in raised if (alarm.code, alarm.device) == (finding.code, device)]
        last = max(answered, key=lambda alarm: alarm.happened_at, default=None)
        if last is None or (
            at > last.happened_at and (not _goes_on(finding, last, heard) or _grown(finding, last))
        ):
            yield finding


def _goes_on(finding: Finding, last: Raised, heard: Sequence[Heard]) -> bool:
    """Say whether a device has been beyond its limit ever since an alarm; an event is over as it happens."""
    measure = str(finding.evidence["measure"])
    if measure == EVENT:
        return False
    since = [each for each in heard if each.happened_at > last.happened_at and measure in each.measures]
    return all(finding.code in each.codes for each in since)


def _grown(finding: Finding, last: Raised) -> bool:
    value, limit = finding.evidence.get("value"), finding.evidence.get("limit")
    if last.value is None or not isinstance(value, int | float) or not isinstance(limit, int | float):
        return False
    return abs(value - last.value) >= abs(limit) and abs(value - limit) > abs(last.value - limit)
