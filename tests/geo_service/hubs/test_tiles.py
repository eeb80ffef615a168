"""Tiles of streets and of whom hubs reach: read back by GDAL, they show what the tables say."""

import io
import math
import uuid

import pyogrio
import pytest
import shapely

from tests.geo_service.hubs import town
from tests.geo_service.hubs.test_scenarios import save

pytestmark = pytest.mark.database
ZOOM = 13


def tile_of(lon: float, lat: float, z: int = ZOOM) -> tuple[int, int, int]:
    x = (lon + 180) / 360 * 2**z
    y = (1 - math.asinh(math.tan(math.radians(lat))) / math.pi) / 2 * 2**z
    return z, int(x), int(y)


def tiles_of_town(z: int = ZOOM):
    _, west, north = tile_of(*town.at(-11, town.ROWS), z)
    _, east, south = tile_of(*town.at(town.COLUMNS, -7), z)
    return [(z, x, y) for x in range(west, east + 1) for y in range(north, south + 1)]


def features(client, layer: str, tile: tuple[int, int, int], **asked):
    z, x, y = tile
    answer = client.get(f"/tiles/{layer}/{z}/{x}/{y}.mvt", params=asked)
    assert answer.status_code == 200, answer.text
    assert answer.headers["content-type"] == "application/vnd.mapbox-vector-tile"
    if not answer.content:
        return []
    frame = pyogrio.read_dataframe(io.BytesIO(answer.content), layer=layer)
    return frame.to_dict("records")


def test_streets_lie_where_they_were_drawn(planner, drawn):
    streets = features(planner, "roads", tile_of(*town.at(3, 3)), network=drawn.network)
    assert streets
    assert all(street["walkable"] and not street["island"] for street in streets)
    assert {round(street["length_m"] / 100) for street in streets} == {3}
    drawn_here = shapely.union_all([street["geometry"] for street in streets])
    assert drawn_here.length > 0


def test_a_far_look_draws_no_street_too_short_to_see(planner, drawn):
    assert features(planner, "roads", tile_of(*town.at(3, 3), 6), network=drawn.network) == []
    assert features(planner, "roads", (ZOOM, 0, 0), network=drawn.network) == []


@pytest.mark.parametrize("metric", ["walking", "straight_line"])
def test_points_of_all_tiles_add_up_to_the_table(planner, drawn, metric):
    saved = save(planner, drawn, "as it is", "H-1", "H-2", "H-3", metric=metric, limit_m=900)
    told = planner.post("/api/hubs/coverage", json={"scenario": saved["id"]}).json()
    points = {
        point["id"]: point
        for tile in tiles_of_town()
        for point in features(planner, "coverage", tile, scenario=saved["id"])
    }
    reached = [point for point in points.values() if point["state"] == "reached"]
    assert len(points) == 301
    assert sum(point["weight"] for point in points.values()) == told["total_weight"]
    assert sum(point["weight"] for point in reached) == told["covered_weight"]
    assert {point["hub"] for point in reached} == {"H-1", "H-2", "H-3"}
    only = sum(point["weight"] for point in points.values() if point["state"] == "circle_only")
    assert only == (told["straight_line"]["circle_only_weight"] if metric == "walking" else 0)


def test_what_is_not_there_is_said(planner, drawn):
    unknown = uuid.uuid4()
    assert planner.get(f"/tiles/roads/3/0/0.mvt?network={unknown}").json()["code"] == "hubs.network_not_found"
    assert planner.get(f"/tiles/coverage/3/0/0.mvt?scenario={unknown}").status_code == 404
    assert planner.get("/tiles/coverage/3/8/0.mvt").json()["code"] == "tile.not_found"
    assert planner.get("/tiles/coverage/3/0/0.mvt?limit_m=nan").status_code == 422
