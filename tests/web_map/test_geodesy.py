"""The page's own projection and offset, in the browser that runs them, against pyproj and the handbook."""

import pytest
from pyproj import Transformer

pytestmark = [pytest.mark.browser, pytest.mark.database]

GRID = [(lon / 10, lat / 10) for lon in range(1085, 1121, 5) for lat in range(181, 206, 4)]
HALF_MILLIMETRE = 0.0005


def in_page(open_map, module: str, expression: str, argument):
    page = open_map("").page
    source = f"async (given) => {{ const js = await import('/static/js/geodesy/{module}.js'); return {expression}; }}"
    return page.evaluate(source, argument)


@pytest.mark.parametrize(("meridian", "epsg"), [(108, 4545), (111, 4546)])
def test_three_degree_zones_as_pyproj_has_them(open_map, meridian, epsg):
    got = in_page(
        open_map,
        "gauss-kruger",
        f"given.map(([lon, lat]) => js.project(lon, lat, {meridian}))",
        GRID,
    )
    to_zone = Transformer.from_crs(4490, epsg, always_xy=True)
    for (lon, lat), point in zip(GRID, got, strict=True):
        east, north = to_zone.transform(lon, lat)
        assert point["easting"] == pytest.approx(east, abs=HALF_MILLIMETRE)
        assert point["northing"] == pytest.approx(north, abs=HALF_MILLIMETRE)


def test_the_handbook_point(open_map):
    point = in_page(open_map, "gauss-kruger", "js.project(given[0], given[1], 111)", [110.35, 20.02])
    assert point["easting"] == pytest.approx(431986.864, abs=HALF_MILLIMETRE)
    assert point["northing"] == pytest.approx(2214712.422, abs=HALF_MILLIMETRE)


@pytest.mark.parametrize(
    ("lon", "zone", "meridian", "epsg"),
    [(110.35, 37, 111, 4546), (109.51, 37, 111, 4546), (109.49, 36, 108, 4545), (121.4, 40, 120, 4549)],
)
def test_the_zone_of_a_longitude(open_map, lon, zone, meridian, epsg):
    got = in_page(open_map, "gauss-kruger", "js.zoneOf(given)", lon)
    assert got == {"zone": zone, "meridian": meridian, "epsg": epsg}


def test_gcj02_offset_of_the_handbook_point(open_map):
    got = in_page(open_map, "gcj02", "js.toGcj02(given[0], given[1])", [110.35, 20.02])
    assert got["lon"] == pytest.approx(110.354411, abs=5e-7)
    assert got["lat"] == pytest.approx(20.017997, abs=5e-7)
    assert in_page(open_map, "gcj02", "js.toGcj02(2.35, 48.85)", None) == {"lon": 2.35, "lat": 48.85}


@pytest.mark.parametrize(
    ("degrees", "written"),
    [(110.35, "110°21′00.00″E"), (109.9999999, "110°00′00.00″E"), (-0.5, "0°30′00.00″W")],
)
def test_degrees_minutes_seconds(open_map, degrees, written):
    assert in_page(open_map, "angles", "js.dms(given, ['E', 'W'])", degrees) == written
