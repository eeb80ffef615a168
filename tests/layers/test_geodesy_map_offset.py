"""GCJ-02 and BD-09: both ways within a centimetre, and the answer that real data know."""

import geopandas
import numpy as np
import pandas as pd
import pytest
import shapely

from layers.geodesy import (
    bd09_to_gcj02,
    bd09_to_wgs84,
    gcj02_to_bd09,
    gcj02_to_wgs84,
    wgs84_to_bd09,
    wgs84_to_gcj02,
)
from layers.geodesy.ground import ELLIPSOID


def metres_apart(a: tuple, b: tuple) -> np.ndarray:
    return np.asarray(
        ELLIPSOID.inv(np.asarray(a[0]), np.asarray(a[1]), np.asarray(b[0]), np.asarray(b[1]))[2]
    )


def test_the_published_value_at_haikou() -> None:
    shifted = wgs84_to_gcj02(110.35, 20.02)
    assert [round(float(value), 6) for value in shifted] == [110.354411, 20.017997]
    assert metres_apart(shifted, (110.35, 20.02)) == pytest.approx(512, abs=1)


@pytest.mark.parametrize(
    ("there", "back"),
    [(wgs84_to_gcj02, gcj02_to_wgs84), (gcj02_to_bd09, bd09_to_gcj02), (wgs84_to_bd09, bd09_to_wgs84)],
)
def test_both_ways_within_a_tenth_of_a_millimetre(there, back) -> None:
    random = np.random.default_rng(7)
    lon, lat = random.uniform(73, 136, 20_000), random.uniform(3, 54, 20_000)
    assert metres_apart(back(*there(lon, lat)), (lon, lat)).max() < 1e-4
    assert metres_apart(there(*back(lon, lat)), (lon, lat)).max() < 1e-4


def test_outside_the_offset_area_nothing_moves() -> None:
    for place in ((-51.2, -30.0), (139.7, 35.7), (151.2, -33.9)):
        assert tuple(map(float, wgs84_to_gcj02(*place))) == place
        assert tuple(map(float, gcj02_to_wgs84(*place))) == place


def test_not_a_number_stays_so_and_spoils_nothing_else() -> None:
    lon, lat = gcj02_to_wgs84([np.nan, 110.354411], [20.0, 20.017997])
    assert np.isnan(lon[0])
    assert (round(lon[1], 6), round(lat[1], 6)) == (110.35, 20.02)


@pytest.fixture(scope="module")
def facilities(shared):
    return pd.read_csv(shared("data", "hubs", "shanghai_health_poi_wgs84.csv.gz"))


def wrong_district(facilities, lon, lat, districts) -> int:
    """Facilities that lie inside another district than the one they name, or in none."""
    points = shapely.points(lon, lat)
    tree = shapely.STRtree(districts.geometry.to_numpy())
    point, district = tree.query(points, predicate="within")
    found = np.full(len(points), None, dtype=object)
    found[point] = districts["name"].to_numpy()[district]
    return int((found != facilities["adname"].to_numpy()).sum())


def test_no_shanghai_facility_lands_in_the_wrong_district(shared, facilities) -> None:
    path = shared("data", "boundaries", "shanghai_admin_amap.gpkg")
    offset = geopandas.read_file(path, layer="county_gcj02")
    aligned = geopandas.read_file(path, layer="county_wgs84_derived")
    lon, lat = facilities["lon"].to_numpy(), facilities["lat"].to_numpy()
    assert len(facilities) == 7513
    assert wrong_district(facilities, lon, lat, offset) == 394
    assert wrong_district(facilities, *wgs84_to_gcj02(lon, lat), offset) == 0
    assert wrong_district(facilities, lon, lat, aligned) == 0
    assert wrong_district(facilities, *wgs84_to_gcj02(lon, lat), aligned) > 300
