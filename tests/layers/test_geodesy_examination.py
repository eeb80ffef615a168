"""Coordinates that are not what they are declared to be."""

import numpy as np
import pytest

from layers.geodesy import examine_coordinates

HAIKOU = (110.1, 19.5, 110.8, 20.1)
EAST, NORTH = 431986.864, 2214712.422


@pytest.mark.parametrize(
    ("declared", "x", "y", "code", "suggestion"),
    [
        (4546, NORTH, EAST, "crs.axes_swapped", "swap axes"),
        (4490, 20.02, 110.35, "crs.axes_swapped", "swap axes"),
        ("GCJ-02", 20.02, 110.35, "crs.axes_swapped", "swap axes"),
        (4525, NORTH, 37000000 + EAST, "crs.axes_swapped", "swap axes"),
        (4546, 37000000 + EAST, NORTH, "crs.zone_prefix", "EPSG:4525"),
        (4546, 19000000 + EAST, NORTH, "crs.zone_prefix", "EPSG:4497"),
        (4546, NORTH, 37000000 + EAST, "crs.zone_prefix", "EPSG:4525, swap axes"),
        (4525, EAST, NORTH, "crs.zone_prefix", "EPSG:4546"),
        (2382, 37000000 + EAST, NORTH, "crs.zone_prefix", "EPSG:2361"),
        (4525, 36745942.734, 2216307.722, "crs.wrong_zone", "EPSG:4524"),
        (4546, 745942.734, 2216307.722, "crs.wrong_zone", None),
        (4546, 110.35, 20.02, "crs.degrees_declared_as_metres", "EPSG:4490"),
        (4546, 20.02, 110.35, "crs.degrees_declared_as_metres", "EPSG:4490, swap axes"),
        (4490, 37000000 + EAST, NORTH, "crs.metres_declared_as_degrees", "EPSG:4525"),
        (4490, EAST, NORTH, "crs.metres_declared_as_degrees", None),
        (4490, np.nan, 20.0, "crs.not_finite", None),
        (4490, np.inf, 20.0, "crs.not_finite", None),
        (4490, -51.0, -30.0, "crs.outside_area", None),
    ],
)
def test_one_reading_is_named(declared, x: float, y: float, code: str, suggestion: str | None) -> None:
    (finding,) = examine_coordinates([x], [y], declared)
    assert (finding.code, finding.evidence.get("suggestion")) == (code, suggestion)


@pytest.mark.parametrize(
    ("declared", "x", "y", "code", "suggestion"),
    [
        (4545, EAST, NORTH, "crs.wrong_zone", "EPSG:4546"),
        (4546, 745942.734, 2216307.722, "crs.wrong_zone", "EPSG:4545"),
        (4490, EAST, NORTH, "crs.metres_declared_as_degrees", "EPSG:4546"),
        (4490, NORTH, EAST, "crs.metres_declared_as_degrees", "EPSG:4546, swap axes"),
        (4490, 121.5, 31.2, "crs.outside_area", None),
    ],
)
def test_a_home_area_tells_neighbouring_zones_apart(declared, x, y, code, suggestion) -> None:
    (finding,) = examine_coordinates([x], [y], declared, home=HAIKOU)
    assert (finding.code, finding.evidence.get("suggestion")) == (code, suggestion)


@pytest.mark.parametrize(
    ("declared", "x", "y"),
    [(4546, EAST, NORTH), (4525, 37000000 + EAST, NORTH), (4490, 110.35, 20.02), (2382, EAST, NORTH),
     ("GCJ-02", 110.354, 20.018), (4326, -51.2, -30.0), (3857, 12284105.8, 2275400.35)],
)  # fmt: skip
def test_what_is_right_is_left_alone(declared, x: float, y: float) -> None:
    assert list(examine_coordinates([x], [y], declared)) == []


def test_only_the_rows_concerned_are_named() -> None:
    x = np.full(1000, EAST)
    y = np.full(1000, NORTH)
    x[7], y[7] = NORTH, EAST
    x[[20, 30]] += 37_000_000
    found = {finding.code: finding.evidence for finding in examine_coordinates(x, y, 4546)}
    assert found["crs.axes_swapped"]["rows"] == [7]
    assert found["crs.zone_prefix"]["rows"] == [20, 30]
    assert found["crs.zone_prefix"]["total"] == 1000
    assert set(found) == {"crs.axes_swapped", "crs.zone_prefix"}


def test_a_map_offset_cannot_be_seen() -> None:
    assert list(examine_coordinates([110.354411], [20.017997], 4490, home=HAIKOU)) == []
