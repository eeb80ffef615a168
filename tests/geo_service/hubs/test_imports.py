"""Hubs, demand and roads of files: all rows or none, twice is once, and what the command writes the service reads."""

import json

import geopandas as gpd
import numpy as np
import pytest
import shapely
from geoalchemy2.shape import to_shape
from shapely import LineString
from sqlalchemy import text
from typer.testing import CliRunner

from geo_service.auth.officer import OPERATOR
from geo_service.cli import app as command_line
from geo_service.db import Database
from geo_service.exchange import feature_source, point_files
from geo_service.exchange.feature_source import stream_features
from geo_service.exchange.hub_ground import read_ground
from geo_service.exchange.point_files import read_points
from geo_service.exchange.rejects import RejectLog
from geo_service.exchange.writing import write_features
from geo_service.operations.hubs import Described
from geo_service.operations.hubs_demand import import_demand
from geo_service.operations.hubs_import import import_hubs
from geo_service.settings import get_settings
from layers.errors import InvalidInput
from layers.geodesy import project_to_degrees, wgs84_to_gcj02
from layers.hubs import queries, register
from layers.hubs.coverage import WeightsInvalid
from layers.hubs.model import HubStatus
from tests.geo_service.hubs import town

pytestmark = pytest.mark.database


def test_a_file_of_hubs_twice_is_once(hainan_session, tmp_path):
    path = town.hubs(tmp_path / "hubs.geojson")
    first = import_hubs(hainan_session, OPERATOR, path, source="file")
    again = import_hubs(hainan_session, OPERATOR, path, source="file")
    assert (first.added, first.rejects) == (3, [])
    assert (again.added, again.unchanged) == (0, 3)
    codes = {hub["id"] for hub in queries.hub_places(hainan_session, status=[HubStatus.EXISTING])}
    assert {"H-1", "H-2", "H-3"} <= codes


def test_what_was_read_off_a_shifted_map_is_recorded_at_its_place(hainan_session, tmp_path):
    """The offset stated wins over the CRS a file carries: no file can name it."""
    lon, lat = wgs84_to_gcj02([110.31, 110.32], [20.0, 20.0])
    hubs = tmp_path / "hubs.csv"
    hubs.write_text("".join(["code,lon,lat\n", *(f"G-{n},{lon[n]:.9f},{lat[n]:.9f}\n" for n in (0, 1))]))
    import_hubs(hainan_session, OPERATOR, hubs, source="map", crs="GCJ-02")
    row = queries.hub_row(hainan_session, "G-0")
    point = to_shape(row.geometry)
    assert (point.x, point.y) == pytest.approx((110.31, 20.0), abs=1e-8)
    cells = tmp_path / "cells.csv"
    cells.write_text(f"id,weight,lon,lat\n1,5,{lon[1]:.9f},{lat[1]:.9f}\n")
    kept = taken(hainan_session, cells, {"population": "weight"}, crs="GCJ-02")
    assert kept.lon_lat[0] == pytest.approx((110.32, 20.0), abs=1e-8)
    roads = tmp_path / "roads.geojson"
    gpd.GeoSeries([LineString(np.column_stack((lon, lat)))], crs=4326).to_file(roads, COORDINATE_PRECISION=12)
    ground = read_ground(roads, crs="GCJ-02", crs_wins=True)
    back = project_to_degrees(ground.network.edge_shapes, ground.plane)[0]
    assert min(back.coords) == pytest.approx((110.31, 20.0), abs=1e-8)


def taken(session, path, groups, **how) -> queries.DemandArrays:
    about = Described("cells", "drawn")
    row = import_demand(session, OPERATOR, path, about, home_unit="460100", groups=groups, **how)
    return queries.demand_arrays(session, row)


def test_a_file_of_demand_is_read_once_however_many_groups_it_has(hainan_session, tmp_path, monkeypatch):
    path = tmp_path / "cells.csv"
    path.write_text("id,pop,old,lon,lat\n1,5,2,110.3,20.0\n2,7,x,110.4,20.1\n")
    read = []
    monkeypatch.setattr(
        point_files,
        "stream_features",
        lambda *given, **how: read.append(1) or stream_features(*given, **how),
    )
    groups = {"population": "pop", "elderly_60": "old"}
    with pytest.raises(WeightsInvalid):
        taken(hainan_session, path, groups)
    path.write_text(path.read_text().replace("x", "3"))
    read.clear()
    kept = taken(hainan_session, path, groups)
    assert (len(read), kept.ids, kept.groups) == (1, ("1", "2"), ("population", "elderly_60"))
    assert kept.weights.tolist() == [[5, 2], [7, 3]]


@pytest.mark.parametrize("ids", [[1, 2, 3], [1.0, 2.0, 3e15], [1.5, 2.0, 1e16], [" a", "b ", "1.0"]])
@pytest.mark.parametrize("ending", ["gpkg", "geojson", "fgb", "parquet", "csv"])
def test_some_rows_at_a_time_give_what_all_at_once_give(hainan_session, tmp_path, monkeypatch, ids, ending):
    """Ids that are numbers are written as the whole file has them, wherever the first part of one stands."""
    path = tmp_path / f"cells.{ending}"
    cells = {"id": ids, "w": [2.5, 0.0, 1e9]}
    shapes = np.array([shapely.Point(110.3, 20.1), shapely.box(110, 20, 110.2, 20.2), shapely.Point(109, 19)])
    write_features(path, [cells | {"geometry": shapes}])
    whole = read_points(path, weight_column="w", crs="EPSG:4490")
    monkeypatch.setattr(feature_source, "AT_ONCE", 1)
    monkeypatch.setattr(register, "ROWS_AT_ONCE", 2)
    kept = taken(hainan_session, path, {"population": "w"}, crs="EPSG:4490")
    order = [kept.ids.index(str(each).strip()) for each in whole.ids]  # FlatGeobuf sorts rows by their place
    assert order == [0, 1, 2]
    assert kept.weights[:, 0].tolist() == whole.weights.tolist()
    assert np.array_equal(kept.lon_lat, whole.xy)
    if isinstance(ids[0], float) and ending != "csv":
        assert set(kept.ids) == ({"1", "2", "3000000000000000"} if ids[0] == 1 else {"1.5", "2.0", "1e+16"})


def test_what_is_wrong_is_said_of_the_whole_file_and_row_by_row(hainan_session, tmp_path, monkeypatch):
    """Ids first, then weights, then places; the reasons against the rows can be written into a file."""
    monkeypatch.setattr(feature_source, "AT_ONCE", 2)
    path = tmp_path / "cells.geojson"

    def refusal(rows) -> tuple[InvalidInput, list[tuple[int, str]]]:
        features = [
            {
                "type": "Feature",
                "geometry": None if lon is None else {"type": "Point", "coordinates": [lon, 20]},
                "properties": {"id": name, "w": weight},
            }
            for name, weight, lon in rows
        ]
        path.write_text(json.dumps({"type": "FeatureCollection", "features": features}))
        log = RejectLog()
        with pytest.raises(InvalidInput) as refused:
            taken(hainan_session, path, {"population": "w"}, rejects=log)
        assert (
            hainan_session.execute(text("SELECT count(*) FROM hubs.demand_set WHERE name = 'cells'")).scalar()
            == 0
        )
        return refused.value, [(each.row, each.code) for each in log]

    rows = [("b", 1, 110), ("a", -1, 110), ("c", 1, None), ("b", 2, 110), (None, 1, 110), ("a", 1, 999)]
    refused, log = refusal(rows)
    assert (refused.code, refused.facts["reason"], refused.facts["rows"]) == (
        "hubs.ids_refused",
        "missing",
        [4],
    )
    assert log[:3] == [(2, "hubs.weights_invalid"), (3, "hubs.place_missing"), (5, "hubs.ids_refused")]
    assert log[3:] == [(4, "hubs.ids_refused"), (6, "hubs.ids_refused")]
    refused, _ = refusal(rows[:4] + rows[5:])
    assert (refused.facts["reason"], refused.facts["count"], refused.facts["ids"]) == (
        "duplicate",
        2,
        ["a", "b"],
    )
    refused, _ = refusal(rows[:3])
    assert (refused.code, refused.facts["count"], refused.facts["ids"]) == ("hubs.weights_invalid", 1, ["a"])
    refused, _ = refusal([rows[0], rows[2]])
    assert (refused.code, refused.facts["ids"]) == ("hubs.place_missing", ["c"])
    refused, _ = refusal([rows[0], rows[5]])
    assert (refused.code, refused.facts["field"]) == ("input.invalid", "crs")
    refused, _ = refusal([])
    assert refused.code == "hubs.no_points"


def test_one_bad_row_keeps_the_whole_file_out(hainan_session, tmp_path):
    path = tmp_path / "中心.csv"
    path.write_text(
        "编号,名称,状态,容量,lon,lat\nA1,甲,现状,12000,110.31,20.0\nA2,乙,开张,12000,110.32,20.0\nA1,丙,候选,,110.33,20.0\nA4,丁,候选,,,\n"
    )
    done = import_hubs(hainan_session, OPERATOR, path, source="file")
    assert [(each.row, each.code) for each in done.rejects] == [
        (2, "input.invalid"), (3, "hubs.ids_refused"), (4, "hubs.place_missing"),
    ]  # fmt: skip
    assert not done.written
    with pytest.raises(queries.HubNotFound):
        queries.hub_row(hainan_session, "A1")


def test_the_command_takes_all_three_on_record(new_database, settings, tmp_path, monkeypatch):
    url = new_database("geo_hub_imports")
    monkeypatch.setenv("GEO_DATABASE_URL", url)
    get_settings.cache_clear()
    files = {
        "roads": town.streets(tmp_path / "streets.geojson"),
        "demand": town.cells(tmp_path / "cells.geojson"),
        "hubs": town.hubs(tmp_path / "hubs.geojson"),
    }
    told = {}
    try:
        for kind, path in files.items():
            pairs = ["--map", "weight=population", "--map", "old=elderly_60"] if kind == "demand" else []
            done = CliRunner().invoke(command_line, ["import", kind, str(path), *pairs, "--format", "json"])
            assert done.exit_code == 0, done.output
            told[kind] = json.loads(done.stdout)
    finally:
        get_settings.cache_clear()
    assert told["roads"]["components"] == 1
    assert (told["demand"]["points"], told["demand"]["groups"]) == (301, ["population", "elderly_60"])
    assert (told["hubs"]["added"], told["hubs"]["rejected"]) == (3, 0)
    database = Database(url, settings)
    with database.acting_as(OPERATOR).transaction() as session:
        assert queries.demand_set(session, None).points == 301
        assert queries.road_network(session, None, None).report["nodes"] == 120
    database.dispose()
