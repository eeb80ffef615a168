"""However hubs are added, dragged and removed, the live plan says what a fresh assessment says."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from layers.hubs.coverage import LivePlan, assess_walking, shares_by_unit
from layers.hubs.network import build_network, snap

place = st.tuples(st.floats(-60, 300), st.floats(-60, 300))
step = st.one_of(
    st.tuples(st.just("place"), st.sampled_from("abcd"), place),
    st.tuples(st.just("remove"), st.sampled_from("abcd"), st.none()),
    st.tuples(st.just("limit"), st.just(""), st.sampled_from([40.0, 90.0, 160.0])),
)


@pytest.fixture(scope="module")
def town(random_streets):
    network = build_network(random_streets(3))
    random = np.random.default_rng(4)
    home_xy = random.uniform(-20, 270, (60, 2))
    return network, home_xy, random.integers(0, 900, (60, 2)).astype(float), random.integers(0, 4, 60)


@pytest.mark.parametrize("engine", ["scipy", "numba"])
@settings(deadline=None, max_examples=40)
@given(steps=st.lists(step, max_size=12))
def test_live_equals_fresh(engine, steps, town):
    network, home_xy, weights, unit = town
    homes = snap(network, home_xy, 50.0)
    plan = LivePlan(
        network,
        homes,
        weights,
        limit_m=90.0,
        largest_limit_m=160.0,
        unit=unit,
        max_snap_m=50.0,
        engine=engine,
    )
    hubs: dict[str, tuple[float, float]] = {}
    limit = 90.0
    for act, hub, value in steps:
        before = plan.covered_weight[0]
        if act == "place":
            hubs[hub] = value
            change = plan.place(hub, value)
            assert change.hub_snapped == snap(network, np.array([value]), 50.0).ok[0]
            difference = weights[change.gained, 0].sum() - weights[change.lost, 0].sum()
            assert change.covered_weight == pytest.approx(before + difference)
        elif act == "remove" and hub in hubs:
            del hubs[hub]
            assert len(plan.remove(hub).gained) == 0
        elif act == "limit":
            limit = value
            plan.set_limit(value)
    xy = np.array([hubs[hub] for hub in plan.hubs]).reshape(-1, 2)
    fresh = assess_walking(network, snap(network, xy, 50.0), homes, weights[:, 0], limit, engine=engine)
    assert plan.times_served.tolist() == fresh.times_served[0].tolist()
    shares = shares_by_unit(fresh.times_served[0] > 0, weights, unit)
    assert plan.covered_by_unit == pytest.approx(shares.covered)
    assert plan.covered_weight[0] == pytest.approx(fresh.covered_weight[0])
    _, metres = plan.nearest()
    assert np.where(fresh.times_served[0] > 0, fresh.nearest.distance_m, np.inf) == pytest.approx(metres)
    for number, hub in enumerate(plan.hubs):
        assert plan.hub_covered_weight(hub)[0] == pytest.approx(fresh.hub_covered_weight[0, number])
