"""Lengths, areas, projection of geometries, and coordinates as people write them."""

import numpy as np
import pytest
import shapely
from shapely import LineString, MultiPolygon, Point, Polygon

from layers.errors import InvalidInput
from layers.geodesy import (
    ellipsoidal_area_m2,
    ellipsoidal_areas_m2,
    ellipsoidal_length_m,
    ellipsoidal_lengths_m,
    format_dms,
    parse_dms,
    project_to_degrees,
    project_to_metres,
    projected_position,
)

OUTER = shapely.box(110.3, 20.0, 110.4, 20.1)
HOLE = shapely.box(110.33, 20.03, 110.35, 20.05)
RING = Polygon(OUTER.exterior, [HOLE.exterior])


def test_a_degree_of_the_meridian() -> None:
    # the meridian's radius of curvature, summed from 20 to 21 degrees north
    axis, flattening = 6378137.0, 1 / 298.257222101
    squared = flattening * (2 - flattening)
    latitude = np.radians(np.linspace(20, 21, 100_001))
    arc = np.trapezoid(axis * (1 - squared) / (1 - squared * np.sin(latitude) ** 2) ** 1.5, latitude)
    assert ellipsoidal_length_m(LineString([(110, 20), (110, 21)])) == pytest.approx(arc, abs=1e-4)


def test_holes_are_taken_off_whatever_way_rings_turn() -> None:
    expected = ellipsoidal_area_m2(OUTER) - ellipsoidal_area_m2(HOLE)
    for outer in (OUTER.exterior, OUTER.exterior.reverse()):
        for hole in (HOLE.exterior, HOLE.exterior.reverse()):
            assert ellipsoidal_area_m2(Polygon(outer, [hole])) == pytest.approx(expected, rel=1e-12)


def test_area_agrees_with_the_plane_at_the_central_meridian() -> None:
    small = shapely.box(110.99, 20.0, 111.01, 20.02)
    (plane,), crs = project_to_metres([small])
    assert crs.to_epsg() == 4546
    assert ellipsoidal_area_m2(small) == pytest.approx(plane.area, rel=1e-6)


def test_many_geometries_at_once_keep_their_order() -> None:
    far = shapely.transform(RING, lambda c: c + np.array([1, 0]))
    several = [
        Point(110, 20),
        RING,
        None,
        MultiPolygon([RING, far]),
        LineString([(110, 20), (110.1, 20)]),
        Polygon(),
    ]
    areas, lengths = ellipsoidal_areas_m2(several), ellipsoidal_lengths_m(several)
    assert areas.tolist() == pytest.approx(
        [0, ellipsoidal_area_m2(RING), 0, 2 * ellipsoidal_area_m2(RING), 0, 0]
    )
    around = ellipsoidal_length_m(OUTER) + ellipsoidal_length_m(HOLE)
    assert lengths.tolist() == pytest.approx([0, around, 0, 2 * around, lengths[4], 0])
    assert lengths[4] == pytest.approx(10_466, abs=5)


def test_projection_goes_back_to_a_tenth_of_a_millimetre() -> None:
    projected, crs = project_to_metres([RING, None])
    back = project_to_degrees(projected, crs)
    assert back[1] is None
    assert shapely.hausdorff_distance(back[0], RING) < 1e-9


def test_an_empty_set_has_no_zone() -> None:
    with pytest.raises(InvalidInput):
        project_to_metres([None])


def test_the_handbook_point_as_forms_print_it() -> None:
    assert str(projected_position(110.35, 20.02)) == "X=2214712.422 Y=431986.864 EPSG:4546"
    assert str(projected_position(110.35, 20.02, prefixed=True)) == "X=2214712.422 Y=37431986.864 EPSG:4525"
    six = projected_position(110.35, 20.02, prefixed=True, width=6)
    assert str(six) == "X=2214712.422 Y=19431986.864 EPSG:4497"
    west = projected_position(110.35, 20.02, central_meridian=108)
    assert str(west) == "X=2216307.722 Y=745942.734 EPSG:4545"


@pytest.mark.parametrize(
    ("degrees", "axis", "text"),
    [(110.35, "lon", "110°21′00.0000″E"), (20.02, "lat", "20°01′12.0000″N"), (-51.2, "lon", "51°12′00.0000″W"),
     (20.9999999999, "lat", "21°00′00.0000″N")],
)  # fmt: skip
def test_degrees_minutes_seconds(degrees: float, axis, text: str) -> None:
    assert format_dms(degrees, axis) == text
    assert parse_dms(text, axis) == pytest.approx(degrees, abs=1e-8)


@pytest.mark.parametrize(
    ("text", "axis", "degrees"),
    [("110 21 0 E", "lon", 110.35), ("110°21'00\"", "lon", 110.35), ("20度1分12秒", "lat", 20.02),
     ("20:01:12N", "lat", 20.02), ("110.35", "lon", 110.35), ("-20°1′12″", "lat", -20.02), ("20°30′", "lat", 20.5)],
)  # fmt: skip
def test_what_devices_and_forms_write_is_read(text: str, axis, degrees: float) -> None:
    assert parse_dms(text, axis) == pytest.approx(degrees, abs=1e-9)


@pytest.mark.parametrize(
    ("text", "axis"),
    [("110°61′00″", "lon"), ("110°21′60″", "lon"), ("110°21′00″N", "lon"), ("95", "lat"), ("", "lat"), ("nan", "lat"),
     ("abc", "lon"), ("200°00′00″", "lon"), ("-20°1′12″S", "lat")],
)  # fmt: skip
def test_doubtful_text_is_refused(text: str, axis) -> None:
    with pytest.raises(InvalidInput):
        parse_dms(text, axis)


def test_random_positions_survive_writing() -> None:
    for lon in np.random.default_rng(3).uniform(-180, 180, 500):
        assert parse_dms(format_dms(lon, "lon"), "lon") == pytest.approx(lon, abs=2e-8)
