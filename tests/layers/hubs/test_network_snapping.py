"""Points on the nearest point of the nearest edge, and what is too far from any."""

import numpy as np
import pytest
import shapely
from shapely import LineString

from layers.hubs.network import build_network, snap


@pytest.fixture(scope="module")
def street():
    return build_network([LineString([(0, 0), (100, 0), (100, 100)])])


def test_the_nearest_point_of_an_edge_not_its_nearest_node(street):
    snapped = snap(street, np.array([[30.0, 4.0]]))
    assert snapped.access_m[0] == 4.0
    assert snapped.fraction[0] * street.edge_length_m[0] in (pytest.approx(30.0), pytest.approx(170.0))


def test_the_largest_distance_is_inclusive(street):
    points = np.array([[50.0, -20.0], [50.0, -20.001]])
    snapped = snap(street, points, max_snap_m=20.0)
    assert snapped.ok.tolist() == [True, False]
    assert snapped.unsnapped.tolist() == [1]
    assert snapped.access_m[1] == np.inf
    assert snapped.edge[1] == -1


def test_a_point_off_by_three_kilometres_is_marked_not_dropped(street):
    snapped = snap(street, np.array([[50.0, 0.0], [50.0, 3000.0]]))
    assert len(snapped) == 2
    assert snapped.ok.tolist() == [True, False]
    assert snap(street, np.array([[50.0, 3000.0]]), np.inf).ok.all()


def test_points_without_coordinates_are_marked(street):
    assert snap(street, np.array([[np.nan, 0.0], [np.inf, 0.0], [1.0, 1.0]])).ok.tolist() == [
        False,
        False,
        True,
    ]
    assert len(snap(street, np.empty((0, 2)))) == 0


def test_of_equally_near_edges_the_lowest_number_is_taken():
    network = build_network([LineString([(0, 10), (50, 10)]), LineString([(0, -10), (50, -10)])])
    assert snap(network, np.array([[25.0, 0.0]])).edge[0] == 0


def test_the_same_as_comparing_all_edges(real_streets):
    network = build_network(real_streets("helsinki"))
    random = np.random.default_rng(3)
    points = random.uniform(network.node_xy.min(axis=0), network.node_xy.max(axis=0), (200, 2))
    snapped = snap(network, points)
    for point, access in zip(shapely.points(points), snapped.access_m, strict=True):
        assert shapely.distance(network.edge_shapes, point).min() == access
