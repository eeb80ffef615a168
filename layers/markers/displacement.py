"""Observed against legal position, accuracy-aware; refuses to move a legal position or to word a verdict.

A distance alone proves nothing: a phone is good to about 5 m. The offset has to leave the limit that both
accuracies allow, and a phone can only ask for a better measurement.
"""

import math
from dataclasses import dataclass
from enum import StrEnum
from typing import Final

from pyproj import Geod

from layers.errors import InvalidInput
from layers.markers.model import Condition, FixSource, FixType, LegalPosition, ObservedPosition, PositionCheck

CGCS2000: Final = Geod(a=6378137.0, rf=298.257222101)


class Verdict(StrEnum):
    """What the test says of an observed position."""

    AGREES = "agrees"
    RE_MEASURE = "re_measure"
    DISPLACED = "displaced"
    UNTESTED = "untested"


@dataclass(frozen=True, slots=True)
class DisplacementPolicy:
    """Tolerance (m), coverage factor k (2 to 3), and the least accuracy (m) that a phone is believed to have."""

    tolerance_m: float = 1.0
    k: float = 3.0
    phone_sigma_m: float = 5.0

    def __post_init__(self) -> None:
        if self.tolerance_m <= 0 or self.phone_sigma_m <= 0 or not 2 <= self.k <= 3:
            raise InvalidInput(tolerance_m=self.tolerance_m, k=self.k, phone_sigma_m=self.phone_sigma_m)


@dataclass(frozen=True, slots=True)
class Displacement:
    """The verdict with its evidence: offset and limit in metres, azimuth of the offset in degrees from true north."""

    verdict: Verdict
    offset_m: float | None = None
    limit_m: float | None = None
    azimuth_deg: float | None = None

    @property
    def position_check(self) -> PositionCheck:
        """Return the fact for the record; a proven displacement is a condition, not a check that agrees."""
        return {
            Verdict.AGREES: PositionCheck.AGREES,
            Verdict.RE_MEASURE: PositionCheck.RE_MEASURE,
        }.get(self.verdict, PositionCheck.NONE)


def limit(sigma_legal_m: float, sigma_observed_m: float, policy: DisplacementPolicy) -> float:
    """Return the offset (m) that the accuracies allow: max(tolerance, k·√(σ_legal² + σ_observed²)).

    0.5 m and 0.03 m under the defaults give 1.50 m, a phone of 5 m gives 15.07 m.
    """
    return max(policy.tolerance_m, policy.k * math.hypot(sigma_legal_m, sigma_observed_m))


def judge(
    offset_m: float,
    *,
    sigma_legal_m: float,
    sigma_observed_m: float,
    source: FixSource,
    policy: DisplacementPolicy,
) -> Verdict:
    """Return what an offset (m) shows; a fix of a phone never proves displacement, however far off."""
    if not all(math.isfinite(value) and value >= 0 for value in (offset_m, sigma_legal_m, sigma_observed_m)):
        raise InvalidInput(offset_m=offset_m, sigma_legal_m=sigma_legal_m, sigma_observed_m=sigma_observed_m)
    if source is FixSource.PHONE:
        sigma_observed_m = max(sigma_observed_m, policy.phone_sigma_m)
    if offset_m <= limit(sigma_legal_m, sigma_observed_m, policy):
        return Verdict.AGREES
    return Verdict.RE_MEASURE if source is FixSource.PHONE else Verdict.DISPLACED


def source_of(fix: ObservedPosition) -> FixSource:
    """Return what measured a fix; where it is not said, only an RTK fix is taken for more than a phone's."""
    if fix.source is not None:
        return fix.source
    rtk = fix.fix_type in {FixType.RTK_FIXED, FixType.RTK_FLOAT}
    return FixSource.EXTERNAL if rtk and fix.accuracy_m is not None else FixSource.PHONE


def compare_positions(
    legal: LegalPosition | None, fix: ObservedPosition | None, policy: DisplacementPolicy
) -> Displacement:
    """Return the verdict on a fix against the legal position, both in EPSG:4490 degrees.

    Untested stay an invented location (mock flag), a receiver without a fix, and a marker without legal
    coordinates. A fix that states no accuracy is taken for a phone's.
    """
    if legal is None or fix is None or fix.mocked or fix.fix_type is FixType.INVALID:
        return Displacement(Verdict.UNTESTED)
    source = source_of(fix) if fix.accuracy_m is not None else FixSource.PHONE
    sigma = policy.phone_sigma_m if fix.accuracy_m is None else fix.accuracy_m
    if source is FixSource.PHONE:
        sigma = max(sigma, policy.phone_sigma_m)
    azimuth, _, offset = CGCS2000.inv(legal.lon, legal.lat, fix.lon, fix.lat)
    verdict = judge(
        offset, sigma_legal_m=legal.accuracy_m, sigma_observed_m=sigma, source=source, policy=policy
    )
    return Displacement(verdict, offset, limit(legal.accuracy_m, sigma, policy), azimuth % 360)


def condition_with(condition: Condition, displacement: Displacement) -> Condition:
    """Return the condition to review: a marker that looks intact and is proven displaced counts as displaced."""
    looks_well = condition in {Condition.INTACT, Condition.MINOR_DEFECT}
    return Condition.DISPLACED if looks_well and displacement.verdict is Verdict.DISPLACED else condition
