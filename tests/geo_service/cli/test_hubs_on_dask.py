"""`--scheduler`: the same answer from a cluster of two processes, also when one of them is killed on the way."""

import json
from collections.abc import Iterator
from functools import partial

import geopandas as gpd
import numpy as np
import pytest
from distributed import LocalCluster
from shapely import LineString, Point
from typer.testing import CliRunner

from geo_service.cli.hubs import app
from geo_service.several_machines import SchedulerUnreachable, crew_at
from layers.hubs.coverage import assess_walking, assess_walking_in_parts
from layers.hubs.network import build_network, snap
from tests.dying_worker import die_once

PLANE, EAST, NORTH = "EPSG:4546", 430_000.0, 2_214_000.0


@pytest.fixture(scope="module")
def cluster_address() -> Iterator[str]:
    with LocalCluster(
        n_workers=2, threads_per_worker=1, processes=True, dashboard_address=None, silence_logs=50
    ) as cluster:
        yield cluster.scheduler_address


def lattice(blocks: int = 24) -> list[LineString]:
    line = range(blocks + 1)
    rows = [LineString([(0, 150 * row), (150 * blocks, 150 * row)]).segmentize(150) for row in line]
    columns = [LineString([(150 * at, 0), (150 * at, 150 * blocks)]).segmentize(150) for at in line]
    return rows + columns


@pytest.fixture(scope="module")
def files(tmp_path_factory) -> dict[str, str]:
    folder = tmp_path_factory.mktemp("town")
    chance = np.random.default_rng(1)

    def write(name: str, shapes, **columns) -> str:
        frame = gpd.GeoDataFrame(columns, geometry=shapes, crs=PLANE)
        frame.geometry = frame.geometry.translate(EAST, NORTH)
        frame.to_file(folder / name)
        return str(folder / name)

    hubs = [Point(*place) for place in chance.uniform(0, 3600, (8, 2))]
    homes = [Point(*place) for place in chance.uniform(-100, 3700, (400, 2))]
    weights = chance.integers(0, 500, 400).tolist()
    return {
        "network": write("network.gpkg", lattice()),
        "hubs": write("hubs.gpkg", hubs, id=[f"H{n}" for n in range(8)]),
        "demand": write("demand.gpkg", homes, id=[f"C{n}" for n in range(400)], weight=weights),
    }


def told(*arguments: str) -> dict:
    result = CliRunner().invoke(app, [*arguments, "--format", "json"])
    assert result.exit_code == 0, result.output + repr(result.exception)
    return json.loads(result.stdout)


def test_coverage_from_a_cluster_is_the_same(files, cluster_address, tmp_path):
    asked = ["coverage", "--limit-m", "700"]
    asked += [word for name, path in files.items() for word in (f"--{name}", path)]
    alone = told(*asked, "--demand-out", str(tmp_path / "alone.csv"))
    shared = told(*asked, "--demand-out", str(tmp_path / "shared.csv"), "--scheduler", cluster_address)
    assert shared == alone
    assert (tmp_path / "shared.csv").read_bytes() == (tmp_path / "alone.csv").read_bytes()


@pytest.mark.parametrize("method", ["mclp", "p_median"])
def test_siting_from_a_cluster_is_the_same(files, cluster_address, method):
    asked = ["siting", "--method", method, "--p", "3", "--candidates", files["hubs"]]
    asked += ["--network", files["network"], "--demand", files["demand"]]
    asked += ["--limit-m", "700"] if method == "mclp" else []
    alone, shared = told(*asked), told(*asked, "--scheduler", cluster_address)
    for name in ("sites", "objective", "bound", "status"):
        assert shared[name] == pytest.approx(alone[name]) if name != "sites" else shared[name] == alone[name]


def test_a_worker_killed_on_the_way_loses_nothing(cluster_address, tmp_path):
    network = build_network(lattice())
    chance = np.random.default_rng(2)
    hubs = snap(network, chance.uniform(0, 3600, (8, 2)))
    homes = snap(network, chance.uniform(0, 3600, (400, 2)))
    weights = chance.integers(0, 500, 400).astype(float)
    alone = assess_walking(network, hubs, homes, weights, 700.0)
    mark = tmp_path / "died"
    with crew_at(cluster_address) as crew:
        shared = assess_walking_in_parts(
            lambda work, parts: crew.run(partial(die_once, work, str(mark)), parts),
            network, hubs, homes, weights, limits_m=700.0, parts=crew.parts,
        )  # fmt: skip
    assert mark.exists()
    np.testing.assert_array_equal(shared.hub_covered_weight, alone.hub_covered_weight)
    np.testing.assert_allclose(shared.nearest.distance_m, alone.nearest.distance_m, atol=1e-6)


@pytest.mark.parametrize("address", ["tcp://127.0.0.1:9", "nonsense://x", "127.0.0.1"])
def test_a_scheduler_that_does_not_answer_is_said(address, monkeypatch):
    monkeypatch.setattr("geo_service.several_machines.ANSWERS_WITHIN_S", 1)
    with pytest.raises(SchedulerUnreachable) as refused, crew_at(address):
        pass
    assert refused.value.facts == {"address": address}
