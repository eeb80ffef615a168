"""Totals, per hub and for several limits, against sums over the full table of distances."""

import numpy as np
import pytest
from shapely import LineString

from layers.hubs.coverage import (
    LimitInvalid,
    WeightsInvalid,
    assess_straight_line,
    assess_walking,
    assessment,
    cost_matrix,
    straight_line_matrix,
)
from layers.hubs.network import build_network, snap


@pytest.fixture
def town(random_streets):
    network = build_network(random_streets(3))
    random = np.random.default_rng(9)
    hub_xy, home_xy = random.uniform(-20, 270, (7, 2)), random.uniform(-20, 270, (80, 2))
    return network, hub_xy, home_xy, random.integers(0, 900, 80).astype(float)


def check(result, table, weights):
    for level, limit in enumerate(result.limits_m):
        within = table <= limit
        assert result.covered_weight[level] == pytest.approx(weights[within.any(axis=0)].sum())
        assert result.hub_covered_weight[level] == pytest.approx((within * weights).sum(axis=1))
        assert result.times_served[level].tolist() == within.sum(axis=0).tolist()
        assert result.hub_nearest_weight[level].sum() == pytest.approx(result.covered_weight[level])
    assert result.total_weight == weights.sum()
    assert result.nearest.distance_m == pytest.approx(table.min(axis=0))


@pytest.mark.parametrize("engine", ["scipy", "numba"])
def test_one_search_answers_several_limits(engine, town, dense):
    network, hub_xy, home_xy, weights = town
    hubs, homes = snap(network, hub_xy, 40.0), snap(network, home_xy, 40.0)
    table = dense(cost_matrix(network, hubs, homes, np.inf, engine=engine))
    result = assess_walking(network, hubs, homes, weights, [200.0, 60.0, 120.0], engine=engine)
    assert result.limits_m.tolist() == [60.0, 120.0, 200.0]
    check(result, table, weights)


def test_the_circle(town, dense):
    _, hub_xy, home_xy, weights = town
    table = np.hypot(*np.moveaxis(hub_xy[:, None] - home_xy[None], -1, 0))
    check(assess_straight_line(hub_xy, home_xy, weights, [50.0, 90.0]), table, weights)
    found = dense(straight_line_matrix(hub_xy, home_xy, 90.0))
    assert np.array_equal(np.isfinite(found), table <= 90.0)


def test_many_small_blocks_sum_to_the_same(town, monkeypatch):
    network, hub_xy, home_xy, weights = town
    hubs, homes = snap(network, hub_xy), snap(network, home_xy)
    whole = assess_walking(network, hubs, homes, weights, 150.0)
    monkeypatch.setattr(assessment, "_PAIRS_AT_ONCE", 100)
    parts = assess_walking(network, hubs, homes, weights, 150.0)
    assert np.array_equal(whole.hub_covered_weight, parts.hub_covered_weight)
    assert np.array_equal(whole.times_served, parts.times_served)


def test_demand_off_the_network_weighs_but_is_not_covered():
    network = build_network([LineString([(0, 0), (100, 0)])])
    hub, homes = snap(network, np.array([[0.0, 0.0]])), snap(network, np.array([[50.0, 0.0], [50.0, 900.0]]))
    result = assess_walking(network, hub, homes, np.array([3.0, 5.0]), 100.0)
    assert (result.total_weight, result.covered_weight.tolist()) == (8.0, [3.0])
    assert result.covered_share.tolist() == [3 / 8]
    assert result.nearest.origin.tolist() == [0, -1]


def test_no_hub_no_demand_no_weight():
    network = build_network([LineString([(0, 0), (100, 0)])])
    one, none = snap(network, np.array([[50.0, 0.0]])), snap(network, np.empty((0, 2)))
    assert assess_walking(network, none, one, np.array([4.0]), 10.0).covered_weight.tolist() == [0.0]
    assert assess_walking(network, one, none, np.empty(0), 10.0).total_weight == 0.0
    assert assess_walking(network, one, one, np.zeros(1), 10.0).covered_share.tolist() == [0.0]
    assert (
        assess_straight_line(np.empty((0, 2)), np.array([[1.0, 1.0]]), np.ones(1), 5.0).covered_weight[0] == 0
    )


@pytest.mark.parametrize("limit", [0.0, -5.0, float("nan"), [100.0, 0.0]])
def test_a_limit_must_be_positive(limit):
    with pytest.raises(LimitInvalid):
        assess_straight_line(np.zeros((1, 2)), np.zeros((1, 2)), np.ones(1), limit)


@pytest.mark.parametrize("weights", [[np.nan], [-1.0], [np.inf], [1.0, 1.0], []])
def test_weights_must_be_numbers_one_a_point(weights):
    with pytest.raises(WeightsInvalid):
        assess_straight_line(np.zeros((1, 2)), np.zeros((1, 2)), np.array(weights), 10.0)


@pytest.mark.parametrize("engine", ["scipy", "numba"])
def test_of_hubs_equally_near_the_first_is_named(engine):
    network = build_network([LineString([(0, 0), (100, 0)]), LineString([(100, 0), (200, 0)])])
    hubs = snap(network, np.array([[200.0, 0.0], [0.0, 0.0], [200.0, 0.0]]))
    homes = snap(network, np.array([[100.0, 5.0], [1 / 3, 0.0]]))
    result = assess_walking(network, hubs, homes, np.array([6.0, 1.0]), 120.0, engine=engine)
    assert result.nearest.origin.tolist() == [0, 1]
    assert result.hub_nearest_weight[0].tolist() == [6.0, 1.0, 0.0]
