"""Lines become a network: where they are cut, what is kept, what is refused."""

import numpy as np
import pytest
from shapely import LineString, MultiLineString

from layers.hubs.network import NetworkEmpty, NetworkGeometryInvalid, build_network
from layers.hubs.network.hilbert import hilbert_order


def edges_of(network):
    """Edges as unordered pairs of node places, sorted."""
    ends = zip(network.edge_start, network.edge_end, strict=True)
    return sorted(tuple(sorted((tuple(network.node_xy[a]), tuple(network.node_xy[b])))) for a, b in ends)


def test_lines_meet_at_a_vertex_that_is_no_end():
    network = build_network([LineString([(0, 0), (50, 0), (100, 0)]), LineString([(50, 0), (50, 40)])])
    assert network.node_count == 4
    assert sorted(network.edge_length_m) == [40, 50, 50]


def test_a_bridge_over_a_street_shares_no_vertex_and_stays_apart():
    network = build_network([LineString([(0, 0), (100, 0)]), LineString([(50, -50), (50, 50)])])
    assert network.component_count == 2
    assert network.edge_count == 2


def test_a_line_that_meets_itself_is_cut_there():
    network = build_network(
        [LineString([(0, 0), (100, 0), (100, 50), (50, 50), (50, 0), (50, -30), (100, 0)])]
    )
    assert network.edge_count == 3 - 1  # from (0, 0) to the vertex met twice, and the round back to it
    assert (100.0, 0.0) in {tuple(xy) for xy in network.node_xy}


def test_a_closed_ring_alone_is_a_loop_without_arcs():
    network = build_network([LineString([(0, 0), (30, 0), (30, 30), (0, 0)])])
    assert network.node_count == 1
    assert network.edge_start[0] == network.edge_end[0]
    assert len(network.indices) == 0


def test_of_parallel_edges_both_stay_and_the_shorter_is_the_arc():
    network = build_network([LineString([(0, 0), (100, 0)]), LineString([(0, 0), (50, 80), (100, 0)])])
    assert network.edge_count == 2
    assert network.lengths.tolist() == [100.0, 100.0]


def test_nothing_is_lost_however_the_lines_are_given():
    lines = [LineString([(0, 0), (60, 0), (60, 0), (60, 70)]), LineString([(60, 0), (90, 10)])]
    network = build_network([MultiLineString([lines[0].coords, lines[1].coords])])
    assert network.edge_length_m.sum() == pytest.approx(sum(line.length for line in lines))
    assert edges_of(network) == edges_of(build_network([line.reverse() for line in reversed(lines)]))


def test_a_line_of_one_place_is_no_street():
    network = build_network([LineString([(5, 5), (5, 5)]), LineString([(0, 0), (10, 0)])])
    assert network.edge_count == 1
    with pytest.raises(NetworkEmpty):
        build_network([LineString([(5, 5), (5, 5)])])
    with pytest.raises(NetworkEmpty):
        build_network([])


def test_coordinates_that_are_no_numbers_are_refused_and_named():
    lines = [LineString([(0, 0), (1, 1)]), LineString([(0, 0), (np.inf, 1)])]
    with pytest.raises(NetworkGeometryInvalid) as refused:
        build_network(lines)
    assert refused.value.facts["lines"] == [1]


def test_factors_are_checked():
    line = [LineString([(0, 0), (10, 0)])]
    for wrong in ([1.0, 1.0], [np.nan], [0.0], [-1.0]):
        with pytest.raises(NetworkGeometryInvalid):
            build_network(line, forward_factor=wrong)


def test_components_are_kept_and_numbered_by_size():
    network = build_network(
        [
            LineString([(1000, 1000), (1010, 1000)]),
            LineString([(0, 0), (10, 0), (20, 0)]),
            LineString([(10, 0), (10, 9)]),
        ]
    )
    assert network.component_count == 2
    assert np.bincount(network.component).tolist() == [4, 2]


def test_real_network_has_the_nodes_and_edges_counted_by_others(real_streets):
    network = build_network(real_streets("zhengzhou"))
    assert (network.node_count, network.edge_count, network.component_count) == (2662, 3891, 10)
    assert network.edge_length_m.sum() == pytest.approx(872_500, rel=1e-3)


def test_hilbert_order_keeps_neighbours_together():
    side = 32
    xy = np.stack(np.meshgrid(np.arange(side), np.arange(side)), axis=-1).reshape(-1, 2).astype(float)
    order = hilbert_order(xy)
    assert sorted(order.tolist()) == list(range(side * side))
    steps = np.abs(np.diff(xy[order], axis=0)).sum(axis=1)
    assert steps.mean() < 1.5  # row by row it would be 1 with jumps of 32; at random about 21
    assert steps.max() < side / 2
