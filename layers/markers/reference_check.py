"""Has a marker moved, judged from its reference objects alone; refuses to use any satellite fix.

The registration form gives azimuth and distance from the marker to at least three fixed objects. Measured again
from where the marker stands now, they give its shift without any coordinates: the independent check beside
`displacement`. The legal position stays where it is whatever comes out.
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import combinations
from typing import Final

import numpy as np
from numpy.typing import NDArray
from shapely import Point

from layers.errors import InvalidInput
from layers.geodesy import metric_crs, project_to_metres
from layers.markers.displacement import DisplacementPolicy, Verdict
from layers.markers.model import AzimuthKind

ROUNDS: Final = 25

SETTLED_M: Final = 1e-6


class DeclinationMissing(InvalidInput):
    """A magnetic azimuth cannot be compared without the declination at its place and year."""

    code = "marker.declination_missing"


@dataclass(frozen=True, slots=True, kw_only=True)
class Sighting:
    """Azimuth (degrees from true north, None where only taped) and distance (m) to an object, with one sigma each."""

    distance_m: float
    azimuth_deg: float | None = None
    distance_sigma_m: float = 0.05
    azimuth_sigma_deg: float = 0.1


@dataclass(frozen=True, slots=True)
class ResightedObject:
    """One reference object: as the form has it, and as sighted from the marker now."""

    name: str
    on_form: Sighting
    now: Sighting


@dataclass(frozen=True, slots=True)
class ReferenceShift:
    """The shift of the marker that its objects tell (m east, m north), its limit, and objects that contradict it."""

    verdict: Verdict
    east_m: float = 0.0
    north_m: float = 0.0
    limit_m: float = 0.0
    disagreeing: tuple[str, ...] = ()

    @property
    def shift_m(self) -> float:
        """Return the length of the shift."""
        return math.hypot(self.east_m, self.north_m)


def true_azimuth(
    azimuth_deg: float,
    kind: AzimuthKind,
    *,
    convergence_deg: float = 0.0,
    declination_deg: float | None = None,
) -> float:
    """Return an azimuth from true north, in [0, 360).

    Grid azimuth + meridian convergence (east of the central meridian positive in the north) is true; magnetic
    azimuth + declination (west negative) is true: 90° magnetic at Haikou with about −2° is 88°.
    """
    if kind is AzimuthKind.MAGNETIC:
        if declination_deg is None:
            raise DeclinationMissing(azimuth_deg=azimuth_deg)
        return (azimuth_deg + declination_deg) % 360
    return (azimuth_deg + (convergence_deg if kind is AzimuthKind.GRID else 0.0)) % 360


def convergence_deg(lon: float, lat: float) -> float:
    """Return the meridian convergence (degrees) at a place in EPSG:4490, in its CGCS2000 3° zone.

    About (lon − central meridian)·sin(lat): −0.2226° at 110.35° E 20.02° N, west of 111°.
    """
    flat, _ = project_to_metres([Point(lon, lat), Point(lon, lat + 1e-4)], metric_crs(lon))
    return -math.degrees(math.atan2(flat[1].x - flat[0].x, flat[1].y - flat[0].y))


def reference_shift(objects: Sequence[ResightedObject], policy: DisplacementPolicy) -> ReferenceShift:
    """Return the shift of the marker from the sightings of its reference objects.

    Weighted least squares over distances and azimuths, both of the form and of now. Where the objects contradict
    each other, the fewest are put aside that leave the others in agreement (a tree felled, a house rebuilt, a misread
    circle) and named; where that can be done in several ways, or in none, the answer is to measure again. Untested
    with less than two independent measurements. Displaced beyond max(tolerance, k·σ of the shift), the sigma taken
    along its worst direction. Raises InvalidInput when an object of the form has no azimuth.
    """
    whole = _solve(objects)
    if whole is None:
        return ReferenceShift(Verdict.UNTESTED)
    if whole.misfit <= policy.k:
        return _told(whole, policy, ())
    for aside in range(1, len(objects) - 1):
        agreeing = [
            (solved, put)
            for put in combinations(objects, aside)
            if (solved := _solve([item for item in objects if item not in put])) is not None
            and solved.misfit <= policy.k
        ]
        if len(agreeing) == 1 and agreeing[0][0].spare > 0:
            solved, put = agreeing[0]
            return _told(solved, policy, tuple(item.name for item in put))
        if agreeing:
            break
    return ReferenceShift(Verdict.RE_MEASURE, disagreeing=tuple(item.name for item in objects))


def _told(solved: "_Solved", policy: DisplacementPolicy, aside: tuple[str, ...]) -> ReferenceShift:
    limit_m = max(policy.tolerance_m, policy.k * solved.sigma_m)
    moved = math.hypot(solved.east_m, solved.north_m) > limit_m
    verdict = Verdict.DISPLACED if moved else Verdict.AGREES
    return ReferenceShift(verdict, solved.east_m, solved.north_m, limit_m, aside)


@dataclass(frozen=True, slots=True)
class _Solved:
    """A shift, its sigma along the worst direction, the greatest misfit in sigmas, and how many measurements spare."""

    east_m: float
    north_m: float
    sigma_m: float
    misfit: float
    spare: int


Array = NDArray[np.floating]


def _solve(objects: Sequence[ResightedObject]) -> _Solved | None:
    """Return the least-squares shift, or None where the measurements do not fix one."""
    shift: Array = np.zeros(2)
    normal: Array = np.zeros((2, 2))
    for _ in range(ROUNDS):
        rows = [row for item in objects for row in _measurements(item, shift)]
        if len(rows) < 2:
            return None
        slopes = np.array([slope for slope, _ in rows])
        gaps = np.array([gap for _, gap in rows])
        normal = slopes.T @ slopes
        if np.linalg.cond(normal) > 1e8:
            return None
        step = np.linalg.solve(normal, slopes.T @ gaps)
        shift = shift + step
        if math.hypot(*step) < SETTLED_M:
            break
    left = [abs(gap) for item in objects for _, gap in _measurements(item, shift)]
    sigma = math.sqrt(float(np.linalg.eigvalsh(np.linalg.inv(normal))[-1]))
    return _Solved(float(shift[0]), float(shift[1]), sigma, max(left), len(left) - 2)


def _measurements(item: ResightedObject, shift: Array) -> list[tuple[Array, float]]:
    """Return (slope, gap) of each measurement of one object, in units of its own sigma."""
    form = item.on_form
    if form.azimuth_deg is None:
        raise InvalidInput(reference_object=item.name, missing="azimuth")
    bearing = math.radians(form.azimuth_deg)
    east = form.distance_m * math.sin(bearing) - shift[0]
    north = form.distance_m * math.cos(bearing) - shift[1]
    away = max(math.hypot(east, north), 1e-3)
    ahead, across = np.array([east, north]) / away, np.array([north, -east]) / away
    spread_m = math.hypot(form.distance_sigma_m, item.now.distance_sigma_m)
    rows: list[tuple[Array, float]] = [(-ahead / spread_m, (item.now.distance_m - away) / spread_m)]
    if item.now.azimuth_deg is not None:
        spread = math.radians(math.hypot(form.azimuth_sigma_deg, item.now.azimuth_sigma_deg))
        turned = math.radians(item.now.azimuth_deg) - math.atan2(east, north)
        gap = (turned + math.pi) % (2 * math.pi) - math.pi
        rows.append((-across / away / spread, gap / spread))
    return rows
