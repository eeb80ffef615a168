"""The objects of a form sighted again on a visit, and what they and a fix say together; refuses strange objects."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from enum import StrEnum
from types import MappingProxyType
from typing import Final

from layers.errors import InvalidInput
from layers.markers.displacement import Displacement, Verdict
from layers.markers.model import AzimuthKind, Marker
from layers.markers.reference_check import (
    ReferenceShift,
    ResightedObject,
    Sighting,
    convergence_deg,
    true_azimuth,
)


class Instrument(StrEnum):
    """What objects are sighted with; each has its usual sigmas."""

    TOTAL_STATION = "total_station"
    TAPE_AND_COMPASS = "tape_and_compass"
    TAPE = "tape"


SIGMAS: Final[Mapping[Instrument, tuple[float, float | None]]] = MappingProxyType(
    {
        Instrument.TOTAL_STATION: (0.02, 0.02),
        Instrument.TAPE_AND_COMPASS: (0.10, 1.0),
        Instrument.TAPE: (0.10, None),
    }
)
"""One sigma of a distance (m) and of an azimuth (degrees), None where none is measured: the product's own choice."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Resighting:
    """One object sighted from where the marker stands now; the azimuth in degrees from the north of its kind."""

    name: str
    distance_m: float
    azimuth_deg: float | None = None
    azimuth_kind: AzimuthKind = AzimuthKind.TRUE


def resighted(
    marker: Marker,
    now: Iterable[Resighting],
    instrument: Instrument,
    *,
    declination_deg: float | None = None,
) -> tuple[tuple[ResightedObject, ...], tuple[str, ...]]:
    """Return objects of a form beside what was sighted now, and those left out for want of a declination.

    Raises InvalidInput for an object that the form does not have. An azimuth that the instrument cannot measure is
    passed over.
    """
    legal = marker.legal_position
    turn = 0.0 if legal is None else convergence_deg(legal.lon, legal.lat)
    on_form = {item.name: item for item in marker.reference_objects}
    distance_sigma, azimuth_sigma = SIGMAS[instrument]

    def from_true(azimuth_deg: float, kind: AzimuthKind) -> float:
        return true_azimuth(azimuth_deg, kind, convergence_deg=turn, declination_deg=declination_deg)

    objects: list[ResightedObject] = []
    left_out: list[str] = []
    for seen in now:
        item = on_form.get(seen.name)
        if item is None:
            raise InvalidInput(field="resightings", given=seen.name, expected=sorted(on_form))
        measures = azimuth_sigma is not None and seen.azimuth_deg is not None
        kinds = {item.azimuth_kind, seen.azimuth_kind} if measures else {item.azimuth_kind}
        if AzimuthKind.MAGNETIC in kinds and declination_deg is None:
            left_out.append(seen.name)
            continue
        form = Sighting(
            distance_m=item.distance_m, azimuth_deg=from_true(item.azimuth_deg, item.azimuth_kind)
        )
        taken = Sighting(distance_m=seen.distance_m, distance_sigma_m=distance_sigma)
        if azimuth_sigma is not None and seen.azimuth_deg is not None:
            azimuth = from_true(seen.azimuth_deg, seen.azimuth_kind)
            taken = replace(taken, azimuth_deg=azimuth, azimuth_sigma_deg=azimuth_sigma)
        objects.append(ResightedObject(seen.name, form, taken))
    return tuple(objects), tuple(left_out)


def together(fix: Displacement, shift: ReferenceShift) -> Verdict:
    """Return what a fix and the objects say together.

    Where both test, they agree, or one sees finer than the other: a shift of 3 m lies within a phone's limit of 15 m
    and is proven by the objects. A fix that proves a displacement which the objects deny, or the other way round,
    asks for another measurement; where only one tests, it stands.
    """
    objects = shift.verdict
    if objects is Verdict.UNTESTED or fix.verdict in {Verdict.UNTESTED, objects}:
        return fix.verdict if objects is Verdict.UNTESTED else objects
    if Verdict.RE_MEASURE in {fix.verdict, objects}:
        proven = {fix.verdict, objects} - {Verdict.RE_MEASURE}
        disputed = objects is Verdict.RE_MEASURE and fix.verdict is Verdict.AGREES
        return Verdict.RE_MEASURE if disputed else proven.pop()
    hidden = objects is Verdict.DISPLACED and fix.limit_m is not None and shift.shift_m <= fix.limit_m
    return Verdict.DISPLACED if hidden else Verdict.RE_MEASURE
