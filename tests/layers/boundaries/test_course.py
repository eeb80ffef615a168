"""How far two courses lie apart: both ways round, in metres, also between vertices."""

import pytest
from shapely import LineString, MultiLineString

from layers.boundaries.course import courses_apart

NORTH = 1 / 110_700
"""About a metre, in degrees of latitude at Haikou."""
ROAD = LineString([(110.30, 20.0), (110.34, 20.0)])


def test_the_same_course_with_other_vertices_is_no_other():
    more = LineString([(110.30, 20.0), (110.31, 20.0), (110.333, 20.0), (110.34, 20.0)])
    assert courses_apart(ROAD, more).metres < 0.05


@pytest.mark.parametrize("metres", [3, 250])
def test_a_bulge_counts_whichever_of_the_two_has_it(metres):
    bulge = LineString([(110.30, 20.0), (110.32, 20.0 + metres * NORTH), (110.34, 20.0)])
    one, other = courses_apart(ROAD, bulge), courses_apart(bulge, ROAD)
    assert one.metres == pytest.approx(metres, rel=0.01)
    assert other.metres == pytest.approx(metres, rel=0.01)
    assert one.lon == pytest.approx(110.32, abs=2e-3)


def test_a_stretch_between_two_vertices_counts():
    """The vertices of the chord lie on the detour; only its middle is far from it."""
    detour = LineString([(110.30, 20.0), (110.30, 20.01), (110.34, 20.01), (110.34, 20.0)])
    assert courses_apart(ROAD, detour).metres == pytest.approx(1107, rel=0.01)


def test_a_part_that_one_lacks_counts():
    parts = MultiLineString([ROAD, LineString([(110.40, 20.0), (110.41, 20.0)])])
    assert courses_apart(ROAD, parts).metres == pytest.approx(7325, rel=0.01)
