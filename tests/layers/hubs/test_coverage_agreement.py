"""The reference and the kernel agree, whatever streets, directions, points and limits are drawn."""

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st
from shapely import LineString

from layers.hubs.coverage import catchments, cost_matrix, nearest_hub, prepare_search
from layers.hubs.network import build_network, snap

corner = st.tuples(st.integers(0, 5), st.integers(0, 5))
street = st.lists(corner, min_size=2, max_size=4).filter(lambda run: len(set(run)) > 1)
factor = st.sampled_from([1.0, 1.6, 0.5, np.inf])
place = st.tuples(st.floats(-40, 290), st.floats(-40, 290))


@st.composite
def questions(draw):
    runs = draw(st.lists(street, min_size=1, max_size=14))
    lines = [LineString([(50.0 * x, 50.0 * y) for x, y in run]) for run in runs]
    many = st.lists(factor, min_size=len(lines), max_size=len(lines))
    forward, backward = draw(many), draw(many)
    backward[0] = 1.0  # one street at least may be walked
    network = build_network(lines, forward_factor=forward, backward_factor=backward)
    hubs = np.array(draw(st.lists(place, min_size=1, max_size=5)))
    homes = np.array(draw(st.lists(place, min_size=1, max_size=9)))
    return network, snap(network, hubs, 45.0), snap(network, homes, 45.0)


@settings(deadline=None, max_examples=120)
@given(questions(), st.sampled_from([30.0, 100.0, 150.0, np.inf]))
def test_both_engines_give_the_same_pairs_and_metres(question, limit):
    network, hubs, homes = question
    for ask in (cost_matrix, catchments):
        one, other = (ask(network, hubs, homes, limit, engine=engine) for engine in ("scipy", "numba"))
        assert np.array_equal(one.indptr, other.indptr)
        assert np.array_equal(one.indices, other.indices)
        assert np.abs(one.data - other.data).max(initial=0.0) < 1e-9
        assert one.has_sorted_indices


@settings(deadline=None, max_examples=120)
@given(questions(), st.sampled_from([30.0, 100.0, np.inf]))
def test_the_nearest_hub_is_the_least_of_the_matrix(question, limit):
    network, hubs, homes = question
    matrix = catchments(network, hubs, homes, limit, engine="scipy")
    least = np.full(len(homes), np.inf)
    np.minimum.at(least, matrix.indices, matrix.data)
    for engine in ("scipy", "numba"):
        nearest = nearest_hub(network, hubs, homes, limit, engine=engine)
        assert np.array_equal(nearest.reached, np.isfinite(least))
        reached = nearest.reached
        assert np.abs(nearest.distance_m[reached] - least[reached]).max(initial=0.0) < 1e-9
        for home in np.flatnonzero(reached):
            row = matrix[[nearest.origin[home]], :]
            metres = row.data[row.indices == home]
            assert abs(metres[0] - nearest.distance_m[home]) < 1e-9


@settings(deadline=None, max_examples=60)
@given(questions())
def test_the_kernel_leaves_its_memory_as_it_found_it(question):
    network, hubs, homes = question
    search = prepare_search(network, homes, engine="numba")
    first = search.matrix(hubs, 150.0)
    search.nearest(hubs, np.inf)
    again = search.matrix(hubs, 150.0)
    assert np.array_equal(first.data, again.data)
    assert np.array_equal(first.indices, again.indices)
