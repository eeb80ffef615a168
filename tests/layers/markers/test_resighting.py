"""Objects of the form sighted again: from whichever north, with what instrument, and beside a satellite fix."""

import pytest

from layers.errors import InvalidInput
from layers.markers.displacement import Displacement, DisplacementPolicy, Verdict
from layers.markers.model import AzimuthKind, Grade, LegalPosition, Marker, ReferenceObject
from layers.markers.reference_check import ReferenceShift, convergence_deg, reference_shift
from layers.markers.resighting import Instrument, Resighting, resighted, together

V = Verdict
LON, LAT = 110.35, 20.02
FORM = {"house corner": (40.0, 52.3), "bridge pier": (155.0, 81.0), "old banyan": (290.0, 34.6)}


def marker(kind: AzimuthKind) -> Marker:
    objects = tuple(
        ReferenceObject(name=n, azimuth_deg=a, distance_m=d, azimuth_kind=kind) for n, (a, d) in FORM.items()
    )
    legal = LegalPosition(lon=LON, lat=LAT, accuracy_m=0.5)
    return Marker(
        code="a", number="a", line_code="l", unit_codes=("1", "2"), grade=Grade.COUNTY,
        legal_position=legal, reference_objects=objects,
    )  # fmt: skip


def seen(kind: AzimuthKind, *, turned: float = 0.0) -> list[Resighting]:
    return [
        Resighting(name=n, distance_m=d, azimuth_deg=(a + turned) % 360, azimuth_kind=kind)
        for n, (a, d) in FORM.items()
    ]


def verdict(form: AzimuthKind, now: list[Resighting], **how) -> V:
    objects, _ = resighted(marker(form), now, Instrument.TOTAL_STATION, **how)
    return reference_shift(objects, DisplacementPolicy()).verdict


def test_norths_are_brought_together():
    grid_to_true = convergence_deg(LON, LAT)
    assert verdict(AzimuthKind.GRID, seen(AzimuthKind.TRUE, turned=grid_to_true)) is V.AGREES
    magnetic = seen(AzimuthKind.MAGNETIC, turned=grid_to_true + 2.0)
    assert verdict(AzimuthKind.GRID, magnetic, declination_deg=-2.0) is V.AGREES
    assert verdict(AzimuthKind.GRID, magnetic, declination_deg=0.0) is V.RE_MEASURE


def test_without_the_declination_a_magnetic_azimuth_is_left_out():
    objects, left_out = resighted(marker(AzimuthKind.MAGNETIC), seen(AzimuthKind.MAGNETIC), Instrument.TAPE)
    assert (objects, left_out) == ((), tuple(FORM))
    assert verdict(AzimuthKind.MAGNETIC, seen(AzimuthKind.MAGNETIC)) is V.UNTESTED


def test_a_tape_measures_no_azimuth():
    objects, _ = resighted(marker(AzimuthKind.TRUE), seen(AzimuthKind.MAGNETIC), Instrument.TAPE)
    assert [item.now.azimuth_deg for item in objects] == [None] * 3
    assert reference_shift(objects, DisplacementPolicy()).verdict is V.AGREES


def test_a_stranger_is_refused():
    with pytest.raises(InvalidInput):
        resighted(marker(AzimuthKind.TRUE), [Resighting(name="x", distance_m=1.0)], Instrument.TAPE)


def shift(verdict: V, east_m: float = 0.0) -> ReferenceShift:
    return ReferenceShift(verdict, east_m)


@pytest.mark.parametrize(
    ("fix", "objects", "told"),
    [
        (Displacement(V.UNTESTED), shift(V.DISPLACED, 3), V.DISPLACED),
        (Displacement(V.AGREES, 1, 15), shift(V.UNTESTED), V.AGREES),
        (Displacement(V.AGREES, 1, 15), shift(V.AGREES), V.AGREES),
        (Displacement(V.AGREES, 4, 15), shift(V.DISPLACED, 3), V.DISPLACED),
        (Displacement(V.AGREES, 0.1, 1.5), shift(V.DISPLACED, 3), V.RE_MEASURE),
        (Displacement(V.DISPLACED, 3, 1.5), shift(V.AGREES), V.RE_MEASURE),
        (Displacement(V.RE_MEASURE, 20, 15), shift(V.AGREES), V.AGREES),
        (Displacement(V.RE_MEASURE, 20, 15), shift(V.DISPLACED, 18), V.DISPLACED),
        (Displacement(V.AGREES, 1, 15), shift(V.RE_MEASURE), V.RE_MEASURE),
        (Displacement(V.DISPLACED, 3, 1.5), shift(V.RE_MEASURE), V.DISPLACED),
    ],
)
def test_fix_and_objects_together(fix: Displacement, objects: ReferenceShift, told: V):
    assert together(fix, objects) is told
