"""Hubs, demand and roads of files: all rows or none, twice is once, and what the command writes the service reads."""

import json

import geopandas as gpd
import numpy as np
import pytest
from geoalchemy2.shape import to_shape
from shapely import LineString
from typer.testing import CliRunner

from geo_service.auth.officer import OPERATOR
from geo_service.cli import app as command_line
from geo_service.db import Database
from geo_service.exchange import point_files
from geo_service.exchange.feature_source import read_features
from geo_service.exchange.hub_ground import read_ground
from geo_service.operations.hubs_demand import read_demand_file
from geo_service.operations.hubs_import import import_hubs
from geo_service.settings import get_settings
from layers.geodesy import project_to_degrees, wgs84_to_gcj02
from layers.hubs import queries
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
    kept = read_demand_file(cells, groups={"population": "weight"}, crs="GCJ-02")
    assert kept.lon_lat[0] == pytest.approx((110.32, 20.0), abs=1e-8)
    roads = tmp_path / "roads.geojson"
    gpd.GeoSeries([LineString(np.column_stack((lon, lat)))], crs=4326).to_file(roads, COORDINATE_PRECISION=12)
    ground = read_ground(roads, crs="GCJ-02", crs_wins=True)
    back = project_to_degrees(ground.network.edge_shapes, ground.plane)[0]
    assert min(back.coords) == pytest.approx((110.31, 20.0), abs=1e-8)


def test_a_file_of_demand_is_read_once_however_many_groups_it_has(tmp_path, monkeypatch):
    path = tmp_path / "cells.csv"
    path.write_text("id,pop,old,lon,lat\n1,5,2,110.3,20.0\n2,7,x,110.4,20.1\n")
    read = []
    monkeypatch.setattr(
        point_files, "read_features", lambda *given, **how: read.append(1) or read_features(*given, **how)
    )
    with pytest.raises(WeightsInvalid):
        read_demand_file(path, groups={"population": "pop", "elderly_60": "old"})
    path.write_text(path.read_text().replace("x", "3"))
    read.clear()
    kept = read_demand_file(path, groups={"population": "pop", "elderly_60": "old"})
    assert (len(read), kept.ids, kept.groups) == (1, ("1", "2"), ("population", "elderly_60"))
    assert kept.weights.tolist() == [[5, 2], [7, 3]]


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
