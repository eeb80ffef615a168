"""Every distance equals a plain Dijkstra's to a millimetre, on drawn and on real streets."""

import numpy as np
import pytest
from shapely import LineString

from layers.hubs.coverage import cost_matrix, nearest_hub
from layers.hubs.network import build_network, snap

MILLIMETRE = 1e-3
ENGINES = ["scipy", "numba"]


def assert_same(found: np.ndarray, truth: np.ndarray) -> None:
    assert np.array_equal(np.isfinite(found), np.isfinite(truth))
    both = np.isfinite(truth)
    assert np.abs(found[both] - truth[both]).max(initial=0.0) < MILLIMETRE


@pytest.mark.parametrize("engine", ENGINES)
@pytest.mark.parametrize("seed", range(25))
def test_random_streets(engine, seed, oracle, dense, random_streets):
    lines = random_streets(seed)
    random = np.random.default_rng(1000 + seed)
    origins, destinations = random.uniform(-50, 300, (6, 2)), random.uniform(-50, 300, (15, 2))
    truth = oracle(lines, origins, destinations, 60.0)
    network = build_network(lines)
    hubs, demand = snap(network, origins, 60.0), snap(network, destinations, 60.0)
    for limit in (np.inf, 120.0):
        within = np.where(truth <= limit, truth, np.inf)
        assert_same(dense(cost_matrix(network, hubs, demand, limit, engine=engine)), within)
        nearest = nearest_hub(network, hubs, demand, limit, engine=engine)
        assert_same(nearest.distance_m, within.min(axis=0))
        named = np.flatnonzero(nearest.reached)
        assert_same(truth[nearest.origin[named], named], nearest.distance_m[named])


@pytest.mark.parametrize("engine", ENGINES)
@pytest.mark.parametrize("city", ["zhengzhou", "porto_alegre", "helsinki"])
def test_real_streets(engine, city, oracle, dense, real_streets):
    lines = real_streets(city)
    network = build_network(lines)
    random = np.random.default_rng(8)
    low, high = network.node_xy.min(axis=0), network.node_xy.max(axis=0)
    origins, destinations = random.uniform(low, high, (6, 2)), random.uniform(low, high, (60, 2))
    truth = oracle(lines, origins, destinations)
    hubs, demand = snap(network, origins), snap(network, destinations)
    assert_same(dense(cost_matrix(network, hubs, demand, np.inf, engine=engine)), truth)
    assert_same(nearest_hub(network, hubs, demand, engine=engine).distance_m, truth.min(axis=0))


@pytest.mark.parametrize("engine", ENGINES)
def test_two_points_on_one_edge_walk_straight_along_it(engine, dense, oracle):
    lines = [LineString([(0, 0), (1000, 0)]), LineString([(0, 0), (500, 400), (1000, 0)])]
    network = build_network(lines)
    hub, home = np.array([[400.0, 3.0]]), np.array([[460.0, -2.0], [400.0, 3.0], [500.0, 401.0]])
    found = dense(cost_matrix(network, snap(network, hub), snap(network, home), np.inf, engine=engine))
    assert_same(found, oracle(lines, hub, home))
    assert found[0, 0] == pytest.approx(60 + 3 + 2)
    assert found[0, 1] == pytest.approx(6)  # the same door: out to the street and back


@pytest.mark.parametrize("engine", ENGINES)
def test_on_a_loop_the_shorter_way_round_is_taken(engine, dense, oracle):
    lines = [LineString([(0, 0), (100, 0), (100, 100), (0, 100), (0, 0)]), LineString([(0, 0), (-50, 0)])]
    network = build_network(lines)
    hub, homes = np.array([[10.0, 0.0]]), np.array([[0.0, 20.0], [90.0, 0.0], [-50.0, 0.0]])
    found = dense(cost_matrix(network, snap(network, hub), snap(network, homes), np.inf, engine=engine))
    assert_same(found, oracle(lines, hub, homes))
    assert found[0].tolist() == pytest.approx([30.0, 80.0, 60.0])


@pytest.mark.parametrize("engine", ENGINES)
def test_a_distance_of_nothing_is_stored_and_found(engine):
    network = build_network([LineString([(0, 0), (100, 0)])])
    here = snap(network, np.array([[100.0, 0.0]]))
    matrix = cost_matrix(network, here, here, 10.0, engine=engine)
    assert (matrix.nnz, matrix.data.tolist()) == (1, [0.0])
    assert nearest_hub(network, here, here, engine=engine).distance_m.tolist() == [0.0]
