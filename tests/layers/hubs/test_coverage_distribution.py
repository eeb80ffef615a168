"""Shares, gaps, overlaps, span and fairness, on figures that can be summed by hand."""

import numpy as np
import pytest
from scipy.sparse import csr_array

from layers.hubs.coverage import (
    Nearest,
    Zone,
    ZonesInvalid,
    floating_catchment,
    gini,
    palma,
    ranked_gaps,
    shared_weight,
    shares_by_unit,
    span_of_hubs,
)


def test_shares_by_unit_and_group():
    covered = np.array([True, False, True, True])
    weights = np.array([[10, 1], [30, 2], [5, 0], [5, 0]], float)
    shares = shares_by_unit(covered, weights, np.array([0, 0, 1, 1]))
    assert shares.total.tolist() == [[40, 3], [10, 0]]
    assert shares.covered.tolist() == [[10, 1], [10, 0]]
    assert shares.share[0].tolist() == pytest.approx([0.25, 1 / 3])
    assert shares.share[1, 0] == 1.0
    assert np.isnan(shares.share[1, 1])
    assert shares_by_unit(covered, weights[:, 0]).share.tolist() == [[0.4]]


def test_gaps_are_patches_ranked_by_weight_and_way():
    xy = np.array([[0, 0], [90, 0], [180, 0], [1000, 0], [2000, 0], [50, 500]], float)
    weights = np.array([10, 20, 30, 500, 7, 99], float)
    distance = np.array([1200, 1300, 1400, 1010, np.inf, 800], float)
    nearest = Nearest(np.where(np.isfinite(distance), 0, -1), distance)
    first, second, third = ranked_gaps(xy, weights, nearest, 1000.0, join_m=100.0)
    assert first.demand.tolist() == [0, 1, 2]
    assert first.severity == 10 * 200 + 20 * 300 + 30 * 400
    assert first.excess_m == pytest.approx(first.severity / 60)
    assert (second.demand.tolist(), second.unreachable_weight) == ([4], 7.0)
    assert second.severity == 7 * 1000  # nobody reaches it: at least the limit itself
    assert third.demand.tolist() == [3]
    assert ranked_gaps(xy, weights * 0, nearest, 1000.0, join_m=100.0) == []


def test_overlap_of_every_pair_of_hubs():
    matrix = csr_array(np.array([[5.0, 7.0, 0.0], [0.0, 9.0, 2.0], [0.0, 0.0, 0.0]]))
    shared = shared_weight(matrix, np.array([1.0, 10.0, 100.0])).toarray()
    assert shared.tolist() == [[11, 10, 0], [10, 110, 0], [0, 0, 0]]


def test_overlap_counts_a_distance_of_nothing():
    matrix = csr_array((np.array([0.0, 3.0]), np.array([0, 0]), np.array([0, 1, 2])), shape=(2, 1))
    assert shared_weight(matrix, np.array([6.0])).toarray().tolist() == [[6, 6], [6, 6]]


def test_span_counts_communities_people_and_walk():
    nearest = Nearest(np.array([0, 0, 1, -1, 0]), np.array([100.0, 300.0, 50.0, np.inf, 200.0]))
    span = span_of_hubs(nearest, np.array([7, 7, 7, 8, 9]), np.array([1.0, 3.0, 2.0, 4.0, 0.0]), 3)
    assert span.units.tolist() == [2, 1, 0]
    assert span.weight.tolist() == [4, 2, 0]
    assert span.mean_m[:2].tolist() == [250, 50]
    assert np.isnan(span.mean_m[2])
    assert span.farthest_m.tolist() == [300, 50, 0]


def test_two_step_floating_catchment_hands_out_all_supply():
    table = np.array([[300.0, 900.0, np.inf], [np.inf, 100.0, 1000.0]])
    rows, columns = np.nonzero(np.isfinite(table))
    matrix = csr_array((table[rows, columns], (rows, columns)), shape=table.shape)
    supply, people = np.array([30.0, 20.0]), np.array([10.0, 20.0, 5.0])
    access = floating_catchment(matrix, supply, people, [Zone(1000.0, 1.0)])
    assert access.tolist() == pytest.approx([30 / 30, 30 / 30 + 20 / 25, 20 / 25])
    assert access @ people == pytest.approx(50)
    enhanced = floating_catchment(matrix, supply, people, [Zone(500.0, 1.0), Zone(1000.0, 0.5)])
    assert enhanced.tolist() == pytest.approx([30 / 20, 0.5 * 30 / 20 + 20 / 22.5, 0.5 * 20 / 22.5])
    nearer = floating_catchment(matrix, supply, people, [Zone(300.0, 1.0)])
    assert nearer.tolist() == pytest.approx([3.0, 1.0, 0.0])


@pytest.mark.parametrize("zones", [[], [Zone(5, 1), Zone(5, 1)], [Zone(9, 1), Zone(5, 1)], [Zone(5, -1)]])
def test_zones_must_rise(zones):
    with pytest.raises(ZonesInvalid):
        floating_catchment(csr_array((1, 1)), np.ones(1), np.ones(1), zones)


def test_gini_and_palma():
    ones = np.ones(10)
    assert gini(ones, ones) == pytest.approx(0)
    assert palma(ones, ones) == pytest.approx(0.1 / 0.4)
    assert gini(np.eye(10)[0], ones) == pytest.approx(0.9)
    assert palma(np.eye(10)[0], ones) == np.inf
    values, weights = np.array([1.0, 2.0, 4.0]), np.array([5.0, 3.0, 2.0])
    spread = np.repeat(values, weights.astype(int))
    differences = np.abs(spread[:, None] - spread[None]).mean() / (2 * spread.mean())
    assert gini(values, weights) == pytest.approx(differences)
    assert gini(np.zeros(3), weights) == 0.0
