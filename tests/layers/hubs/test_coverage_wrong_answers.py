"""The seven wrong answers other engines were found to give (handbook of the field, section 4.3)."""

from itertools import pairwise

import networkx as nx
import numpy as np
import pytest
import shapely
from scipy.sparse import coo_array
from shapely import LineString

from layers.hubs.coverage import assess_straight_line, assess_walking, catchments, cost_matrix, nearest_hub
from layers.hubs.network import build_network, snap

ENGINES = ["scipy", "numba"]
pytestmark = pytest.mark.parametrize("engine", ENGINES)


def test_1_many_hubs_at_once_are_as_exact_as_each_alone(engine, real_streets, dense):
    """A shared search that prunes one hub by another gave 0.66 % of nodes to a hub up to 59 m farther."""
    network = build_network(real_streets("porto_alegre"))
    random = np.random.default_rng(2)
    nodes = network.node_xy[random.integers(0, network.node_count, 400)]
    hubs = snap(network, network.node_xy[random.integers(0, network.node_count, 50)])
    demand = snap(network, nodes)
    nearest = nearest_hub(network, hubs, demand, engine=engine)
    alone = np.array(
        [nearest_hub(network, hubs.take([row]), demand, engine=engine).distance_m for row in range(50)]
    )
    both = np.isfinite(alone.min(axis=0))
    assert np.array_equal(nearest.reached, both)
    assert np.abs(nearest.distance_m[both] - alone.min(axis=0)[both]).max() < 1e-9


def test_2_parallel_streets_are_not_summed_nor_the_last_one_kept(engine):
    """Two streets between the same corners: SciPy's COO form adds them up, a plain graph keeps the last."""
    lines = [LineString([(0, 0), (100, 0)]), LineString([(0, 0), (50, 90), (100, 0)])]
    network = build_network(lines)
    start, end = snap(network, np.array([[0.0, 0.0]])), snap(network, np.array([[100.0, 0.0]]))
    assert cost_matrix(network, start, end, np.inf, engine=engine).data.tolist() == [100.0]
    lengths = [line.length for line in lines]
    assert coo_array((lengths, ([0, 0], [1, 1])), shape=(2, 2)).tocsr()[0, 1] > 300  # the trap is real
    assert nx.Graph([(0, 1, {"w": lengths[0]}), (0, 1, {"w": lengths[1]})])[0][1]["w"] > 200


def test_3_the_way_to_the_street_counts_at_both_ends(engine):
    """Without access legs a network reported more coverage than the circle, which cannot be."""
    network = build_network([LineString([(0, 0), (1000, 0)])])
    hub_xy, homes_xy = np.array([[100.0, 40.0]]), np.array([[160.0, 30.0], [200.0, -60.0]])
    hub, homes = snap(network, hub_xy), snap(network, homes_xy)
    matrix = catchments(network, hub, homes, np.inf, engine=engine)
    assert matrix.data.tolist() == pytest.approx([40 + 60 + 30, 40 + 100 + 60])
    weights = np.array([10.0, 20.0])
    for limit in (70, 125, 130, 200):
        walked = assess_walking(network, hub, homes, weights, limit, engine=engine)
        flown = assess_straight_line(hub_xy, homes_xy, weights, limit)
        assert walked.covered_weight[0] <= flown.covered_weight[0]


def test_4_residents_walk_to_the_hub_not_from_it(engine):
    """Uphill costs three times downhill: who lives below the hub has the long way."""
    hill = build_network([LineString([(0, 0), (300, 0)])], forward_factor=[3.0], backward_factor=[1.0])
    top, below = snap(hill, np.array([[300.0, 0.0]])), snap(hill, np.array([[100.0, 0.0]]))
    assert catchments(hill, top, below, np.inf, engine=engine).data.tolist() == pytest.approx([600.0])
    assert catchments(hill, below, top, np.inf, engine=engine).data.tolist() == pytest.approx([200.0])
    assert cost_matrix(hill, top, below, np.inf, engine=engine).data.tolist() == pytest.approx([200.0])
    assert nearest_hub(hill, top, below, 400.0, engine=engine).origin.tolist() == [-1]
    one_way = build_network([LineString([(0, 0), (300, 0)])], backward_factor=[np.inf])
    assert catchments(one_way, top, below, np.inf, engine=engine).data.tolist() == pytest.approx([200.0])
    assert catchments(one_way, below, top, np.inf, engine=engine).nnz == 0


def test_5_a_part_of_the_ground_needs_a_halo_as_wide_as_the_limit(engine, real_streets):
    """Cut at its border, a district loses those whose hub, or whose way, lies beyond; with the halo nobody."""
    lines = np.array(real_streets("porto_alegre"), dtype=object)
    whole = build_network(list(lines))
    random = np.random.default_rng(6)
    limit = 1000.0
    low, high = whole.node_xy.min(axis=0), whole.node_xy.max(axis=0)
    hub_xy, home_xy = random.uniform(low, high, (120, 2)), random.uniform(low, high, (1500, 2))
    middle = (low + high) / 2
    mine = (home_xy <= middle).all(axis=1)
    snapped = snap(whole, hub_xy), snap(whole, home_xy[mine])
    truth = nearest_hub(whole, *snapped, limit, engine=engine).reached

    def reached_with(halo_m: float) -> np.ndarray:
        cut = shapely.box(*(low - 1), *(middle + halo_m))
        part = build_network(list(lines[shapely.intersects(lines, cut)]))
        near = (hub_xy <= middle + halo_m).all(axis=1)
        hubs, homes = snap(part, hub_xy[near]), snap(part, home_xy[mine])
        return nearest_hub(part, hubs, homes, limit, engine=engine).reached

    assert np.array_equal(reached_with(limit + 500.0), truth)  # the limit and the farthest access leg
    assert reached_with(0.0).sum() < truth.sum()


def test_6_exactly_at_the_limit_is_within_it(engine):
    """Ten steps of 0.1 km must not make 1,000.0000000001 m and fall out; a millimetre more does."""
    lines = [LineString([(k * 100 / 3, 0), ((k + 1) * 100 / 3, 0)]) for k in range(30)]
    network = build_network(lines)
    hub = snap(network, np.array([[0.0, 0.0]]))
    homes = snap(network, np.array([[1000.0, 0.0], [1000.0, 0.001], [999.0, 1.0]]))
    matrix = catchments(network, hub, homes, 1000.0, engine=engine)
    assert matrix.indices.tolist() == [0, 2]
    assert matrix.dtype == np.float64
    assert nearest_hub(network, hub, homes, 1000.0, engine=engine).reached.tolist() == [True, False, True]


def test_7_no_node_is_skipped_between_two_buckets(engine):
    """Steps of widely different lengths, each at a bucket's edge: every node gets its exact distance."""
    steps = np.array([0.25, 1000.0, 0.5, 64.0, 1e-3, 250.0, 0.125, 4000.0] * 12)
    at = np.concatenate(([0.0], np.cumsum(steps)))
    lines = [LineString([(a, 0), (b, 0)]) for a, b in pairwise(at)]
    # A detour beside each long step arrives first in the queue and is the longer way.
    lines += [LineString([(a, 0), (a + 1, 5), (b, 0)]) for a, b in pairwise(at) if b - a > 100]
    network = build_network(lines)
    hub, nodes = (
        snap(network, np.array([[0.0, 0.0]])),
        snap(network, np.stack((at, np.zeros_like(at)), axis=1)),
    )
    found = nearest_hub(network, hub, nodes, engine=engine).distance_m
    assert np.abs(found - at).max() < 1e-6
    assert np.abs(cost_matrix(network, hub, nodes, np.inf, engine=engine).data - at).max() < 1e-6
