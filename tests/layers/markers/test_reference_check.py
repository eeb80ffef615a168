"""A marker's shift told by its reference objects, without any satellite."""

import math

import pytest

from layers.errors import InvalidInput
from layers.markers.displacement import DisplacementPolicy, Verdict
from layers.markers.model import AzimuthKind
from layers.markers.reference_check import (
    DeclinationMissing,
    ResightedObject,
    Sighting,
    convergence_deg,
    reference_shift,
    true_azimuth,
)

POLICY = DisplacementPolicy()
OBJECTS = {"house corner": (40.0, 52.3), "bridge pier": (155.0, 81.0), "old banyan": (290.0, 34.6)}


def resighted(name, *, moved=(0.0, 0.0), object_moved=(0.0, 0.0), taped_only=False):
    azimuth, distance = OBJECTS[name]
    east = distance * math.sin(math.radians(azimuth)) + object_moved[0] - moved[0]
    north = distance * math.cos(math.radians(azimuth)) + object_moved[1] - moved[1]
    now = Sighting(
        distance_m=math.hypot(east, north),
        azimuth_deg=None if taped_only else math.degrees(math.atan2(east, north)) % 360,
    )
    return ResightedObject(name, Sighting(distance_m=distance, azimuth_deg=azimuth), now)


@pytest.mark.parametrize("moved", [(0.0, 0.0), (0.3, -0.4)])
def test_a_marker_in_place_agrees(moved):
    told = reference_shift([resighted(name, moved=moved) for name in OBJECTS], POLICY)
    assert told.verdict is Verdict.AGREES
    assert (told.east_m, told.north_m) == pytest.approx(moved, abs=1e-4)


@pytest.mark.parametrize("moved", [(1.2, 0.9), (-6.0, 8.0), (15.0, 14.0)])
@pytest.mark.parametrize("taped_only", [False, True])
def test_a_moved_marker_is_told_with_its_shift(moved, taped_only):
    told = reference_shift([resighted(n, moved=moved, taped_only=taped_only) for n in OBJECTS], POLICY)
    assert told.verdict is Verdict.DISPLACED
    assert (told.east_m, told.north_m) == pytest.approx(moved, abs=1e-3)
    assert told.shift_m == pytest.approx(math.hypot(*moved), abs=1e-3)


def test_an_object_that_moved_itself_is_named_and_put_aside():
    objects = [
        resighted("house corner"),
        resighted("bridge pier"),
        resighted("old banyan", object_moved=(4, 1)),
    ]
    told = reference_shift(objects, POLICY)
    assert told.verdict is Verdict.AGREES
    assert told.disagreeing == ("old banyan",)


def test_two_objects_that_contradict_each_other_ask_for_a_new_measurement():
    objects = [resighted("house corner"), resighted("old banyan", object_moved=(4, 1))]
    told = reference_shift(objects, POLICY)
    assert told.verdict is Verdict.RE_MEASURE
    assert set(told.disagreeing) == {"house corner", "old banyan"}


def test_a_single_taped_distance_tells_nothing():
    told = reference_shift([resighted("bridge pier", taped_only=True)], POLICY)
    assert told.verdict is Verdict.UNTESTED
    assert reference_shift([], POLICY).verdict is Verdict.UNTESTED


def test_a_compass_widens_the_limit():
    def with_compass(item):
        now = Sighting(
            distance_m=item.now.distance_m, azimuth_deg=item.now.azimuth_deg, azimuth_sigma_deg=2.0
        )
        return ResightedObject(item.name, item.on_form, now)

    fine = [resighted("bridge pier", moved=(1.5, 0.5))]
    assert reference_shift(fine, POLICY).verdict is Verdict.DISPLACED
    assert reference_shift([with_compass(fine[0])], POLICY).verdict is Verdict.AGREES


def test_azimuths_are_brought_to_true_north():
    assert true_azimuth(90.0, AzimuthKind.TRUE) == 90.0
    assert true_azimuth(359.9, AzimuthKind.GRID, convergence_deg=0.2) == pytest.approx(0.1)
    assert true_azimuth(90.0, AzimuthKind.MAGNETIC, declination_deg=-2.0) == 88.0
    with pytest.raises(DeclinationMissing):
        true_azimuth(90.0, AzimuthKind.MAGNETIC)


@pytest.mark.parametrize(("lon", "expected"), [(110.35, -0.2226), (111.0, 0.0), (111.65, 0.2226)])
def test_grid_north_turns_away_from_the_central_meridian(lon, expected):
    assert convergence_deg(lon, 20.02) == pytest.approx(expected, abs=2e-4)


def test_a_form_without_azimuth_cannot_be_used():
    bare = ResightedObject("well", Sighting(distance_m=20), Sighting(distance_m=21))
    with pytest.raises(InvalidInput):
        reference_shift([bare, bare], POLICY)
