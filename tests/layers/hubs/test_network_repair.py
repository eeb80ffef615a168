"""What is wrong with a network is reported; it is mended only when asked."""

import numpy as np
import pytest
from shapely import LineString

from layers.hubs.network import build_network, close_gaps, cut_crossings, examine_network

GAP = [LineString([(0, 0), (100, 0)]), LineString([(50, 1.5), (50, 80)])]


def test_an_end_just_short_of_a_street_is_reported():
    report = examine_network(build_network(GAP), gap_tolerance_m=2.0)
    assert report.dangling_xy.tolist() == [[50.0, 1.5]]
    assert report.gap_m.tolist() == [1.5]
    assert len(examine_network(build_network(GAP), gap_tolerance_m=1.0).gap_m) == 0


def test_islands_and_repeated_edges_are_reported():
    network = build_network(
        [
            LineString([(0, 0), (10, 0), (20, 0)]),
            LineString([(10, 0), (0, 0)]),
            LineString([(10, 0), (10, 10)]),
            LineString([(500, 0), (507, 0)]),
        ]
    )
    report = examine_network(network)
    assert len(report.duplicate_edges) == 1
    assert (report.components, report.island_nodes.tolist(), report.island_length_m.tolist()) == (
        2,
        [2],
        [7.0],
    )
    assert report.length_m == 20 + 10 + 10 + 7


def test_closing_a_gap_joins_the_network():
    mended = close_gaps(GAP, build_network(GAP), tolerance_m=2.0)
    network = build_network(mended.lines)
    assert network.component_count == 1
    assert network.edge_length_m.sum() == pytest.approx(100 + 78.5 + 1.5)
    assert mended.places_xy.tolist() == [[50.0, 0.0]]


def test_crossings_are_cut_on_the_same_level_only():
    cross = [LineString([(0, 0), (100, 0)]), LineString([(30, -50), (30, 50)])]
    assert build_network(cut_crossings(cross).lines).component_count == 1
    assert build_network(cut_crossings(cross, level=[0, 1]).lines).component_count == 2
    joined = build_network(cut_crossings(cross).lines)
    assert (joined.node_count, joined.edge_count) == (5, 4)
    assert joined.edge_length_m.sum() == pytest.approx(200)


def test_many_crossings_of_one_line_come_in_order():
    random = np.random.default_rng(5)
    lines = [LineString([(0, 0), (1000, 10)])]
    lines += [LineString([(x, -50), (x + 30, 60)]) for x in random.permutation(np.arange(10, 900, 70.0))]
    mended = cut_crossings(lines)
    network = build_network(mended.lines)
    assert network.component_count == 1
    assert network.edge_length_m.sum() == pytest.approx(sum(line.length for line in lines))
    assert network.edge_count == len(lines) - 1 + 1 + 2 * (len(lines) - 1)
