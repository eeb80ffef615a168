"""The datum guard, the parameter sets, and the figures of the handbook's table."""

import numpy as np
import pytest
from pyproj import CRS, Transformer

from layers.geodesy import (
    DatumRefused,
    HelmertParameters,
    PlaneParameters,
    datum_name,
    grid_zone,
    metric_crs,
    metric_srid,
    transformer,
    zoned_srid,
)

HAIKOU = (110.35, 20.02)
SHEET = "fitted for this test"


@pytest.mark.parametrize(
    ("srid", "east", "north"),
    [
        (4546, 431986.864, 2214712.422),
        (4508, 431986.864, 2214712.422),
        (4525, 37431986.864, 2214712.422),
        (4497, 19431986.864, 2214712.422),
        (4545, 745942.734, 2216307.722),
        (4524, 36745942.734, 2216307.722),
    ],
)
def test_haikou_in_every_zone_of_the_handbook(srid: int, east: float, north: float) -> None:
    forward = transformer(4490, srid)
    assert [round(float(value), 3) for value in forward.transform(*HAIKOU)] == [east, north]
    back = transformer(srid, 4490).transform(east, north)
    assert np.allclose(back, HAIKOU, atol=1e-8)


@pytest.mark.parametrize(("source", "target"), [(4490, 4546), (4546, 3857), (4326, 4490), (2382, 2361)])
def test_approved_pairs_pass(source: int, target: int) -> None:
    transformer(source, target)


@pytest.mark.parametrize(
    ("source", "target"),
    [(4610, 4490), (2382, 4546), (4214, 4490), (4214, 4326), (4490, 4610), (2434, 2382), (4269, 4490)],
)
def test_every_other_pair_is_refused(source: int, target: int) -> None:
    with pytest.raises(DatumRefused) as refusal:
        transformer(source, target)
    assert refusal.value.code == "crs.datum_not_approved"
    assert set(refusal.value.facts) == {"source_datum", "target_datum"}


@pytest.mark.parametrize(
    "disguise",
    [
        "+proj=longlat +ellps=krass +towgs84=15.8,-154.4,-82.3",
        "+proj=longlat +ellps=krass",
        (
            'GEOGCS["GCS_Xian_1980",DATUM["D_Xian_1980",SPHEROID["Xian_1980",6378140.0,298.257]],'
            'PRIMEM["Greenwich",0.0],UNIT["Degree",0.0174532925199433]]'
        ),
        # the right name over the wrong figure of the earth
        (
            'GEOGCS["WGS 84",DATUM["WGS_1984",SPHEROID["Krassowsky 1940",6378245.0,298.3]],'
            'PRIMEM["Greenwich",0.0],UNIT["Degree",0.0174532925199433]]'
        ),
        # a file's own shift is nobody's approval, be it zero
        (
            'GEOGCS["x",DATUM["Beijing_1954",SPHEROID["Krassowsky 1940",6378245,298.3],TOWGS84[0,0,0,0,0,0,0]],'
            'PRIMEM["Greenwich",0],UNIT["degree",0.0174532925199433]]'
        ),
        'LOCAL_CS["Undefined Cartesian SRS",UNIT["Meter",1]]',
    ],
)
def test_disguised_datums_are_refused(disguise: str) -> None:
    with pytest.raises(DatumRefused):
        transformer(disguise, 4490)


def test_esri_names_of_cgcs2000_and_wgs84_are_known() -> None:
    for name, datum, flattening in (
        ("GCS_China_Geodetic_Coordinate_System_2000", "D_China_2000", 298.257222101),
        ("GCS_WGS_1984", "D_WGS_1984", 298.257223563),
    ):
        wkt = (
            f'GEOGCS["{name}",DATUM["{datum}",SPHEROID["s",6378137.0,{flattening}]],'
            'PRIMEM["Greenwich",0.0],UNIT["Degree",0.0174532925199433]]'
        )
        moved = transformer(wkt, 4490).transform(*HAIKOU)
        assert np.allclose(moved, HAIKOU, atol=1e-12)


def test_cgcs2000_and_wgs84_are_one() -> None:
    assert np.array_equal(transformer(4326, 4490).transform(*HAIKOU), HAIKOU)
    assert np.array_equal(transformer(4490, 4326).transform(*HAIKOU), HAIKOU)


XIAN = HelmertParameters(
    "EPSG:4610", "EPSG:4490", -10.2, 4.1, 8.0, 0.11, 0.23, -0.31, 1.5,
    rotation="position_vector", approved_by=SHEET,
)  # fmt: skip


def test_seven_parameters_move_the_point_by_hand_computed_metres() -> None:
    lon, lat = transformer(4610, 4490, XIAN).transform(*HAIKOU)
    # by hand: geocentric on the Xi'an ellipsoid, small-angle rotation, back on the other ellipsoid
    geocentric = Transformer.from_crs(
        CRS.from_proj4("+proj=longlat +a=6378140 +rf=298.257 +no_defs"),
        CRS.from_proj4("+proj=geocent +a=6378140 +rf=298.257 +no_defs"),
        always_xy=True,
    )
    x, y, z = geocentric.transform(*HAIKOU, 0.0)
    rx, ry, rz = np.radians(np.array([0.11, 0.23, -0.31]) / 3600)
    turned = np.array([[1, -rz, ry], [rz, 1, -rx], [-ry, rx, 1]]) @ (x, y, z)
    moved = np.array([-10.2, 4.1, 8.0]) + (1 + 1.5e-6) * turned
    back = Transformer.from_crs(
        CRS.from_proj4("+proj=geocent +a=6378137 +rf=298.257222101 +no_defs"),
        CRS.from_proj4("+proj=longlat +a=6378137 +rf=298.257222101 +no_defs"),
        always_xy=True,
    )
    by_hand = back.transform(*moved)
    assert np.allclose((lon, lat), by_hand[:2], atol=1e-11)
    assert abs(lon - HAIKOU[0]) > 1e-6


def test_seven_parameters_hold_both_ways_and_for_projected_sources() -> None:
    east, north = transformer(4490, 2382, XIAN).transform(*HAIKOU)
    back = transformer(2382, 4490, XIAN).transform(east, north)
    assert np.allclose(back, HAIKOU, atol=1e-8)


def test_parameters_of_another_pair_do_not_open_the_guard() -> None:
    with pytest.raises(DatumRefused) as refusal:
        transformer(4214, 4490, XIAN)
    assert refusal.value.facts["parameters_for"] == ("EPSG:4610", "EPSG:4490")


def test_four_parameters_follow_the_field_formula() -> None:
    plane = PlaneParameters("EPSG:2382", "EPSG:4546", 12.5, 115.2, 0.8, 3.1, approved_by=SHEET)
    east, north = 431900.0, 2214600.0
    angle, k = np.radians(0.8 / 3600), 1 + 3.1e-6
    expected_north = 12.5 + k * (north * np.cos(angle) - east * np.sin(angle))
    expected_east = 115.2 + k * (north * np.sin(angle) + east * np.cos(angle))
    moved = transformer(2382, 4546, plane).transform(east, north)
    assert np.allclose(moved, (expected_east, expected_north), atol=1e-6)
    assert np.allclose(transformer(4546, 2382, plane).transform(*moved), (east, north), atol=1e-6)
    # from degrees of the same datum as well
    lon, lat = transformer(2382, 4610).transform(east, north)
    assert np.allclose(transformer(4610, 4546, plane).transform(lon, lat), moved, atol=1e-4)


@pytest.mark.parametrize(
    ("lon", "srid"),
    [
        (110.35, 4546),
        (109.4999, 4545),
        (109.5, 4546),
        (75.0, 4534),
        (136.4, 4554),
        (137.0, None),
        (-51.2, None),
    ],
)
def test_the_metric_zone_is_the_nearest_meridian(lon: float, srid: int | None) -> None:
    assert metric_srid(lon) == srid


def test_abroad_the_metric_crs_is_true_to_scale_near_the_place() -> None:
    crs = metric_crs(-51.2)
    forward = transformer(4490, crs)
    a, b = forward.transform(-51.2, -30.0), forward.transform(-51.19, -30.0)
    assert np.hypot(*np.subtract(a, b)) == pytest.approx(964.9, rel=2e-4)


@pytest.mark.parametrize("datum", ["CGCS2000", "Xian 1980", "Beijing 1954"])
@pytest.mark.parametrize("width", [3, 6])
@pytest.mark.parametrize("prefixed", [True, False])
def test_zone_numbers_agree_with_the_epsg_register(datum: str, width: int, prefixed: bool) -> None:  # noqa: FBT001 - parametrized
    for meridian in range(75, 136, width):
        srid = zoned_srid(meridian, datum=datum, width=width, prefixed=prefixed)
        zone = grid_zone(srid)
        assert zone is not None
        parameters = {p.name: p.value for p in CRS.from_epsg(srid).coordinate_operation.params}
        assert parameters["Longitude of natural origin"] == meridian == zone.central_meridian
        assert parameters["False easting"] == zone.false_easting_m
        assert datum_name(srid) == ("China 2000" if datum == "CGCS2000" else datum)
