"""From which value on a reading is a finding, what of it is an alarm, how long a device may be silent; knows no marker.

An office's dated data. The shipped figures are the product's own choice: a device that sends every two hours (seen in
one firmware) is silent after twelve messages that did not come.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta
from functools import cache
from typing import Any

from layers.errors import InvalidInput
from layers.markers.dated import Dated, shipped
from layers.markers.sensor_model import Measure, Weight


@dataclass(frozen=True, slots=True)
class Limit:
    """A finding where a measure leaves its limit, upward or downward; the limit itself is still within."""

    finding: str
    measure: Measure
    limit: float
    upward: bool

    def left_by(self, value: float) -> bool:
        """Say whether a value is beyond the limit."""
        return value > self.limit if self.upward else value < self.limit


@dataclass(frozen=True, slots=True, kw_only=True)
class SensorPolicy(Dated):
    """The limits of an office's devices, in force from a day."""

    limits: tuple[Limit, ...]
    alarms: frozenset[str]
    silent_after: timedelta
    clock_tolerance_s: float

    def weight(self, finding: str) -> Weight:
        """Return how much a finding weighs."""
        return Weight.ALARM if finding in self.alarms else Weight.ATTENTION


def read_sensor_policy(document: Mapping[str, Any]) -> SensorPolicy:
    """Return the policy that a JSON document describes; raise `InvalidInput` when it cannot be used."""
    try:
        policy = SensorPolicy(
            **Dated.heading(document),
            limits=tuple(_limit(row) for row in document["limits"]),
            alarms=frozenset(str(code) for code in document["alarms"]),
            silent_after=timedelta(hours=float(document["silent_hours"])),
            clock_tolerance_s=float(document["clock_tolerance_s"]),
        )
    except (KeyError, TypeError, ValueError) as wrong:
        raise InvalidInput(what="sensor_policy", cause=str(wrong)) from wrong
    if policy.silent_after <= timedelta(0) or policy.clock_tolerance_s < 0:
        raise InvalidInput(what="sensor_policy", cause="interval", policy=policy.code)
    return policy


def _limit(row: Mapping[str, Any]) -> Limit:
    upward = "above" in row
    return Limit(
        str(row["finding"]), Measure(row["measure"]), float(row["above" if upward else "below"]), upward
    )


@cache
def shipped_sensor_policy() -> SensorPolicy:
    """Return the policy that comes with the product."""
    return read_sensor_policy(shipped("sensor_policy"))
