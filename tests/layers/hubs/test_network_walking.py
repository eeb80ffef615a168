"""Speed and access by class become factors of length."""

import numpy as np
import pytest
from shapely import LineString

from layers.hubs.coverage import catchments
from layers.hubs.network import NetworkEmpty, NetworkGeometryInvalid, WalkingProfile, build_network, snap


def test_a_stair_at_half_speed_is_twice_as_far_and_a_motorway_is_no_way():
    lines = [
        LineString([(0, 0), (100, 0)]),
        LineString([(100, 0), (150, 0)]),
        LineString([(0, 0), (75, 1), (150, 0)]),
    ]
    profile = WalkingProfile(1.0, slower={"steps": 0.5}, closed=frozenset({"motorway"}))
    factors = profile.factors(["footway", "steps", "motorway"])
    network = build_network(lines, forward_factor=factors, backward_factor=factors)
    hub, home = snap(network, np.array([[0.0, 0.0]])), snap(network, np.array([[150.0, 0.0]]))
    assert catchments(network, hub, home, np.inf, engine="scipy").data.tolist() == pytest.approx([200.0])
    assert catchments(network, hub, home, profile.limit_m(3), engine="numba").nnz == 0
    assert catchments(network, hub, home, profile.limit_m(200 / 60), engine="numba").nnz == 1


@pytest.mark.parametrize(
    "speeds", [{"speed_m_s": 0.0}, {"speed_m_s": 1.0, "slower": {"steps": float("nan")}}]
)
def test_a_speed_must_be_one(speeds):
    with pytest.raises(NetworkGeometryInvalid):
        WalkingProfile(**speeds)


def test_nobody_is_put_on_a_street_that_is_closed():
    lines = [LineString([(0, 0), (100, 0)]), LineString([(0, 30), (100, 30)])]
    profile = WalkingProfile(1.0, closed=frozenset({"motorway"}))
    factors = profile.factors(["motorway", "footway"])
    network = build_network(lines, forward_factor=factors, backward_factor=factors)
    home = snap(network, np.array([[50.0, 1.0]]))
    assert (network.edge_count, network.edge_line.tolist()) == (1, [1])
    assert home.access_m.tolist() == pytest.approx([29.0])
    with pytest.raises(NetworkEmpty):
        build_network(lines, forward_factor=[np.inf] * 2, backward_factor=[np.inf] * 2)
