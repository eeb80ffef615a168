"""智能终端: what a device on a marker measures and reports; refuses to be a fact about the marker.

A device sees tilt, not damage: what it says raises an alarm that a person answers, and never sets a condition.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from types import MappingProxyType

from layers.markers.model import ObservedPosition


class Measure(StrEnum):
    """What a device measures; the unit stands in the name."""

    TILT_DEG = "tilt_deg"
    DRIFT_M = "drift_m"
    SHOCK_G = "shock_g"
    BATTERY_PERCENT = "battery_percent"
    BATTERY_V = "battery_v"
    TEMPERATURE_C = "temperature_c"
    SIGNAL_DBM = "signal_dbm"
    EXTERNAL_POWER = "external_power"
    ENCLOSURE_OPEN = "enclosure_open"


class SensorEvent(StrEnum):
    """What a device's own programme makes out (Ordos: removal, move, deface, block, damage)."""

    REMOVED = "removed"
    MOVED = "moved"
    STRUCK = "struck"
    DEFACED = "defaced"
    BLOCKED = "blocked"
    DAMAGED = "damaged"
    OPENED = "opened"


class Unmatched(StrEnum):
    """Why a message belongs to no marker: no form names its device, several do, or that marker is another office's."""

    NO_MARKER = "no_marker"
    SEVERAL_MARKERS = "several_markers"
    OUT_OF_REACH = "out_of_reach"


class Weight(StrEnum):
    """How much a finding of a sensor weighs: an alarm stays until somebody answers it, the rest while it is so."""

    ALARM = "alarm"
    ATTENTION = "attention"


@dataclass(frozen=True, slots=True, kw_only=True)
class SensorReading:
    """What one message says. Measures are numbers in the unit of their name; yes and no are 1 and 0.

    `captured_at` and `clock_skew_s` (seconds, positive when the device is slow) are the device's.
    """

    device: str
    captured_at: datetime
    clock_skew_s: float = 0.0
    measures: Mapping[Measure, float] = field(default_factory=lambda: MappingProxyType({}))
    events: tuple[SensorEvent, ...] = ()
    position: ObservedPosition | None = None
