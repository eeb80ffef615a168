"""`hubs coverage` on files: the contract's keys and columns, real cities, and every kind of bad input."""

import csv
import json
import subprocess
import sys
from pathlib import Path

import geopandas as gpd
import numpy as np
import pytest
from shapely import LineString, Point, box
from shapely.affinity import translate
from typer.testing import CliRunner

from geo_service.cli.hubs import app
from layers.errors import LayerError
from layers.geodesy import gcj02_to_bd09, wgs84_to_gcj02
from layers.hubs.coverage import assess_walking
from layers.hubs.network import build_network, snap

PLANE = "EPSG:4546"
EAST, NORTH = 430_000.0, 2_214_000.0


def run(*arguments: object):
    return CliRunner().invoke(app, ["coverage", *(str(argument) for argument in arguments)])


def answer(*arguments: object) -> dict:
    result = run(*arguments, "--format", "json")
    assert result.exit_code == 0, result.output + repr(result.exception)
    return json.loads(result.stdout)


def refusal(*arguments: object) -> LayerError:
    result = run(*arguments)
    assert isinstance(result.exception, LayerError), result.output + repr(result.exception)
    return result.exception


@pytest.fixture
def files(tmp_path):
    """A street of 1 km with a side street, an island, two hubs and five homes, in metres."""
    lines = [
        LineString([(0, 0), (500, 0), (1000, 0)]),
        LineString([(500, 0), (500, 300)]),
        LineString([(0, 900), (300, 900)]),
    ]
    hubs = {"A": (110, 10), "B": (900, -10)}
    homes = {
        "h1": (200, 0, 10), "h2": (500, 290, 20), "h3": (880, 20, 40), "h4": (150, 890, 80), "h5": (500, 5000, 160),
    }  # fmt: skip

    def write(name, shapes, **columns):
        moved = [shape_at(shape) for shape in shapes]
        gpd.GeoDataFrame(columns, geometry=moved, crs=PLANE).to_file(tmp_path / name)
        return tmp_path / name

    return {
        "--network": write("network.gpkg", lines),
        "--hubs": write("hubs.gpkg", [Point(xy) for xy in hubs.values()], id=list(hubs)),
        "--demand": write(
            "demand.gpkg",
            [Point(x, y) for x, y, _ in homes.values()],
            id=list(homes),
            weight=[weight for *_, weight in homes.values()],
        ),
    }


def shape_at(shape):
    return translate(shape, EAST, NORTH)


def options(files: dict, **changed: object) -> list[object]:
    return [part for pair in (files | changed).items() for part in pair]


def test_the_contract(files, tmp_path):
    out = tmp_path / "out.csv"
    found = answer(*options(files), "--limit-m", 400, "--demand-out", out)
    assert (found["total_weight"], found["covered_weight"]) == (310.0, 50.0)
    assert found["covered_share"] == pytest.approx(50 / 310)
    assert found["hubs"] == [
        {"id": "A", "covered_weight": 10.0, "nearest_weight": 10.0},
        {"id": "B", "covered_weight": 40.0, "nearest_weight": 40.0},
    ]
    assert found["unsnapped"] == {"hubs": 0, "demand": 1}
    assert found["unsnapped_ids"]["demand"] == ["h5"]
    assert found["unreached"] == 1
    assert found["network"]["components"] == 2
    assert found["straight_line"]["covered_weight"] == 50.0
    lines = out.read_text("utf-8").splitlines()
    assert lines[0] == "id,weight,hub,distance_m"
    rows = list(csv.DictReader(lines))
    assert [row["id"] for row in rows] == ["h1", "h2", "h3", "h4", "h5"]
    # h2 is beyond the limit and still told its nearest hub; the island and the far home have none.
    assert [row["hub"] for row in rows] == ["A", "A", "B", "", ""]
    assert [row["distance_m"] for row in rows[3:]] == ["", ""]
    assert [float(row["distance_m"]) for row in rows[:3]] == pytest.approx([100, 690, 50], abs=1e-3)


def test_the_limit_is_inclusive(files):
    assert answer(*options(files), "--limit-m", 100)["covered_weight"] == 50.0
    assert answer(*options(files), "--limit-m", 99.9)["covered_weight"] == 40.0


def test_straight_line(files, tmp_path):
    out = tmp_path / "out.csv"
    found = answer(*options(files), "--limit-m", 900, "--metric", "straight_line", "--demand-out", out)
    assert found["covered_weight"] == 150.0
    assert found["unsnapped"] == {"hubs": 0, "demand": 0}
    assert "straight_line" not in found
    far = list(csv.DictReader(out.read_text("utf-8").splitlines()))[4]
    assert (far["id"], far["hub"]) == ("h5", "A")
    assert float(far["distance_m"]) == pytest.approx(np.hypot(390, 4990), abs=1e-3)


def test_other_crs_and_formats_give_the_same(files, tmp_path):
    same = answer(*options(files), "--limit-m", 400)
    degrees = {}
    for option, path in files.items():
        table = gpd.read_file(path).to_crs(4326)
        degrees[option] = tmp_path / f"{path.stem}.geojson"
        table.to_file(degrees[option], COORDINATE_PRECISION=12)
    hubs, demand = gpd.read_file(degrees["--hubs"]), gpd.read_file(degrees["--demand"])
    texts = hubs["id"] + "," + hubs.geometry.x.astype(str) + "," + hubs.geometry.y.astype(str)
    (tmp_path / "hubs.csv").write_text("\n".join(["id,经度,纬度", *texts]), "gb18030")
    wkt = (
        demand["id"]
        + ","
        + demand["weight"].astype(str)
        + ',"'
        + gpd.read_file(files["--demand"]).geometry.to_wkt()
        + '"'
    )
    (tmp_path / "demand.csv").write_text("\n".join(["id,weight,wkt", *wkt]), "utf-8-sig")
    for changed in (
        degrees,
        {"--hubs": tmp_path / "hubs.csv"},
        {"--hubs": degrees["--hubs"], "--demand": tmp_path / "demand.csv"},
    ):
        found = answer(*options(files, **changed), "--limit-m", 400)
        assert found["covered_weight"] == same["covered_weight"]
        assert found["hubs"] == same["hubs"]
        assert found["crs"] == PLANE


def test_web_mercator_is_not_taken_for_metres(files, tmp_path):
    table = gpd.read_file(files["--network"]).to_crs(3857)
    table.to_file(tmp_path / "mercator.gpkg")
    found = answer(*options(files, **{"--network": tmp_path / "mercator.gpkg"}), "--limit-m", 100.01)
    assert found["crs"] == PLANE
    assert found["covered_weight"] == 50.0


@pytest.mark.parametrize("name", ["GCJ-02", "bd09"])
def test_points_read_off_a_shifted_map_come_back_to_their_place(files, tmp_path, name):
    """Half a kilometre off, nobody in this town would have a hub; the streets are survey and stay."""
    same = answer(*options(files), "--limit-m", 400)
    shifted = {}
    for option in ("--hubs", "--demand"):
        table = gpd.read_file(files[option]).to_crs(4326)
        lon, lat = wgs84_to_gcj02(table.geometry.x, table.geometry.y)
        lon, lat = (lon, lat) if name == "GCJ-02" else gcj02_to_bd09(lon, lat)
        columns = table.drop(columns="geometry").assign(lon=lon, lat=lat)
        shifted[option] = tmp_path / f"{option}.csv"
        columns.to_csv(shifted[option], index=False)
    left = answer(*options(files, **shifted), "--limit-m", 400)
    assert left["hubs"] != same["hubs"]
    found = answer(*options(files, **shifted), "--limit-m", 400, "--crs", name)
    assert (found["covered_weight"], found["hubs"]) == (same["covered_weight"], same["hubs"])
    assert refusal(*options(files), "--limit-m", 400, "--crs", name).code == "input.invalid"  # metres


def test_classes(files, tmp_path):
    table = gpd.read_file(files["--network"])
    table["highway"] = ["residential", "steps", "footway"]
    table.to_file(tmp_path / "classes.gpkg")
    with_steps = {"--network": tmp_path / "classes.gpkg"}
    assert answer(*options(files, **with_steps), "--limit-m", 800)["covered_weight"] == 70.0
    chosen = [
        *options(files, **with_steps),
        "--limit-m",
        800,
        "--max-snap-m",
        100,
        "--classes",
        "residential,footway",
    ]
    assert answer(*chosen)["covered_weight"] == 50.0
    assert answer(*chosen)["network"]["left_out"] == 1
    assert (
        refusal(*options(files), "--limit-m", 800, "--classes", "steps").code == "hubs.class_column_missing"
    )
    assert refusal(*chosen[:-1], "motorway").code == "hubs.no_streets"


def test_every_line_is_walked_until_walkable_ones_are_asked_for(files, tmp_path):
    table = gpd.read_file(files["--network"])
    table["highway"] = ["residential", "motorway", "footway"]
    table["other_tags"] = [None, None, '"foot"=>"no"']
    table.to_file(tmp_path / "classes.gpkg")
    asked = [*options(files, **{"--network": tmp_path / "classes.gpkg"}), "--limit-m", 800]
    assert answer(*asked)["network"]["left_out"] == 0
    assert answer(*asked, "--classes", "walkable")["network"]["left_out"] == 2
    assert answer(*asked, "--classes", "walkable,motorway")["network"]["left_out"] == 1


def test_one_file_with_a_layer_of_each(files, tmp_path):
    together = tmp_path / "plan.gpkg"
    gpd.read_file(files["--hubs"]).to_file(together, layer="hubs")
    gpd.read_file(files["--network"]).to_file(together, layer="streets")
    found = answer(*options(files, **{"--network": together, "--hubs": together}), "--limit-m", 400)
    assert found["covered_weight"] == 50.0


def test_areas_stand_as_their_centre(files, tmp_path):
    table = gpd.read_file(files["--demand"])
    table.geometry = [box(p.x - 40, p.y - 30, p.x + 40, p.y + 30) for p in table.geometry]
    table.to_file(tmp_path / "cells.gpkg")
    cells = answer(*options(files, **{"--demand": tmp_path / "cells.gpkg"}), "--limit-m", 400)
    assert cells["covered_weight"] == 50.0


def test_a_hub_three_kilometres_off_is_reported(files, tmp_path):
    table = gpd.read_file(files["--hubs"])
    table.geometry = [Point(p.x, p.y + 3000 * place) for place, p in enumerate(table.geometry)]
    table.to_file(tmp_path / "off.gpkg")
    found = answer(*options(files, **{"--hubs": tmp_path / "off.gpkg"}), "--limit-m", 400)
    assert found["unsnapped"]["hubs"] == 1
    assert found["unsnapped_ids"]["hubs"] == ["B"]
    assert found["hubs"][1] == {"id": "B", "covered_weight": 0.0, "nearest_weight": 0.0}
    assert found["covered_weight"] == 10.0


def test_a_limit_of_a_hundred_kilometres(files):
    assert answer(*options(files), "--limit-m", 100_000)["covered_weight"] == 70.0


@pytest.mark.parametrize("limit", ["0", "-1", "nan", "inf", "far"])
def test_a_limit_that_is_none_is_a_usage_error(files, limit):
    assert run(*options(files), "--limit-m", limit).exit_code == 2


def test_a_file_that_is_not_there_is_a_usage_error(files, tmp_path):
    assert run(*options(files, **{"--hubs": tmp_path / "none.gpkg"}), "--limit-m", 9).exit_code == 2


def table_csv(path: Path, header: str, *rows: str) -> Path:
    path.write_text("\n".join([header, *rows]) + "\n", "utf-8")
    return path


@pytest.mark.parametrize(
    "bad_table",
    [
        ("--hubs", "id,lon,lat", [], "hubs.no_points"),
        ("--hubs", "id,lon,lat", ["A,-74.0,40.7"], "hubs.far_from_network"),
        ("--hubs", "id,lon,lat", ["A,20.0,110.3"], "hubs.far_from_network"),
        ("--hubs", "id,lon,lat", ["A,110.3,20.0", "A,110.31,20.0"], "hubs.ids_refused"),
        ("--hubs", "id,lon,lat", [",110.3,20.0"], "hubs.ids_refused"),
        ("--hubs", "name,lon,lat", ["A,110.3,20.0"], "hubs.column_missing"),
        ("--hubs", "id,lon,lat", ["A,,20.0"], "hubs.place_missing"),
        ("--hubs", "id,where", ["A,here"], "exchange.coordinates_missing"),
        ("--demand", "id,lon,lat", ["h,110.3,20.0"], "hubs.column_missing"),
        ("--demand", "id,lon,lat,weight", ["h,110.3,20.0,nan"], "hubs.weights_invalid"),
        ("--demand", "id,lon,lat,weight", ["h,110.3,20.0,"], "hubs.weights_invalid"),
        ("--demand", "id,lon,lat,weight", ["h,110.3,20.0,-5"], "hubs.weights_invalid"),
        ("--demand", "id,lon,lat,weight", ["h,110.3,20.0,many"], "hubs.weights_invalid"),
    ],
)
def test_bad_tables_are_refused_by_a_stable_code(files, tmp_path, bad_table):
    option, header, rows, code = bad_table
    bad = table_csv(tmp_path / "bad.csv", header, *rows)
    assert refusal(*options(files, **{option: bad}), "--limit-m", 500).code == code


def test_bad_files_are_refused_by_a_stable_code(files, tmp_path):
    (tmp_path / "not.gpkg").write_bytes(b"no database")
    limit = ["--limit-m", 500]
    assert (
        refusal(*options(files, **{"--network": tmp_path / "not.gpkg"}), *limit).code
        == "exchange.file_unreadable"
    )
    (tmp_path / "not.csv").write_bytes(b"\xff\xfe\x00\x01")
    assert refusal(*options(files, **{"--hubs": tmp_path / "not.csv"}), *limit).code.startswith("exchange.")
    points_for_lines = {"--network": files["--hubs"]}
    assert refusal(*options(files, **points_for_lines), *limit).code == "hubs.no_streets"
    old = gpd.read_file(files["--hubs"]).set_crs("EPSG:2433", allow_override=True)
    old.to_file(tmp_path / "beijing54.gpkg")
    assert (
        refusal(*options(files, **{"--hubs": tmp_path / "beijing54.gpkg"}), *limit).code
        == "crs.datum_not_approved"
    )


@pytest.mark.parametrize(
    "city", ["zhengzhou_east_osm.gpkg", "porto_alegre_osm.pbf", "helsinki_centre.osm.pbf"]
)
def test_real_cities_give_the_engines_figures(shared, tmp_path, city):
    """The command's answer is that of the engine on the same streets, read and projected independently."""
    path = shared("data", "roads", city)
    walkable = city.endswith("pbf")
    streets = gpd.read_file(path, layer="lines" if walkable else "roads")
    plane = {"z": "EPSG:4547", "p": "EPSG:31982", "h": "EPSG:3067"}[city[0]]
    if walkable:
        streets = streets[streets["highway"].isin(["residential", "tertiary", "footway", "service"])]
    network = build_network(list(streets.to_crs(plane).geometry))
    streets.to_crs(plane)[["geometry"]].to_file(tmp_path / "network.gpkg")
    random = np.random.default_rng(5)
    low, high = network.node_xy.min(axis=0), network.node_xy.max(axis=0)
    tables = {}
    for name, count in (("hubs", 12), ("demand", 300)):
        xy = random.uniform(low, high, (count, 2))
        points = gpd.GeoDataFrame(
            {"id": [f"{name}{n}" for n in range(count)], "weight": random.integers(1, 900, count)},
            geometry=[Point(*at) for at in xy],
            crs=plane,
        )
        points.to_file(tmp_path / f"{name}.gpkg")
        tables[name] = points, xy
    truth = assess_walking(
        network,
        snap(network, tables["hubs"][1]),
        snap(network, tables["demand"][1]),
        tables["demand"][0]["weight"].to_numpy(float),
        1000.0,
    )
    files = [("--hubs", tmp_path / "hubs.gpkg"), ("--demand", tmp_path / "demand.gpkg")]
    found = answer(*options(dict(files) | {"--network": tmp_path / "network.gpkg"}), "--limit-m", 1000)
    assert found["covered_weight"] == truth.covered_weight[0] > 0
    assert [hub["covered_weight"] for hub in found["hubs"]] == truth.hub_covered_weight[0].tolist()
    if walkable:
        degrees = [
            *options(dict(files) | {"--network": path}),
            "--classes",
            "residential,tertiary,footway,service",
        ]
        every = answer(*options(dict(files) | {"--network": path}), "--limit-m", 1000)["network"]
        assert every["left_out"] == 0
        assert every["edges"] > network.edge_count
        from_pbf = answer(*degrees, "--limit-m", 1000)
        assert from_pbf["network"]["edges"] == network.edge_count
        assert from_pbf["covered_weight"] == pytest.approx(truth.covered_weight[0], rel=0.01)


def test_it_starts_without_the_heavy_libraries():
    """Asking for help must not load GDAL, SciPy or numba."""
    code = "import sys, geo_service.cli.hubs; print(sorted({'scipy', 'numba', 'pyogrio'} & set(sys.modules)))"
    shown = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert shown.stdout.strip() == "[]"
