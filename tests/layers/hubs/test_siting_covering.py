"""Merging, leaving out and the coverage curve: nothing of it may cost the optimum."""

from itertools import combinations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import sparse

from layers.hubs.siting import SearchControl, SitingInputRefused, SitingProblem, coverage_curve, solve_mclp
from layers.hubs.siting.control import Search
from layers.hubs.siting.covering import cover_within, open_choice
from layers.hubs.siting.greedy import greedy_gains, most_covered
from layers.hubs.siting.merging import contained, merge_equal_cells
from layers.hubs.siting.set_cover import fewest_rows

incidence = st.integers(1, 9).flatmap(
    lambda rows: st.lists(st.lists(st.booleans(), min_size=rows, max_size=rows), min_size=1, max_size=12)
)


def matrix(rows):
    return sparse.csr_array(np.array(rows, dtype=float))


def problem(seed):
    chance = np.random.default_rng(seed)
    table = chance.uniform(0, 1000, (12, 60))
    return SitingProblem.of_table(table, weights=chance.integers(0, 9, 60).astype(float))


@settings(deadline=None)
@given(incidence)
def test_cells_are_merged_exactly_when_equal(rows):
    groups = merge_equal_cells(matrix(rows))
    for one, mine in zip(rows, groups, strict=True):
        for other, theirs in zip(rows, groups, strict=True):
            assert (one == other) == (mine == theirs)


@settings(deadline=None)
@given(incidence, st.randoms(use_true_random=False))
def test_a_row_is_left_out_only_for_one_that_stays(rows, chance):
    prices = np.array([chance.choice([1.0, 2.0]) for _ in rows])
    out = contained(matrix(rows), prices)
    for row in np.flatnonzero(out):
        mine = {column for column, member in enumerate(rows[row]) if member}
        larger = [
            other
            for other in np.flatnonzero(~out)
            if prices[other] <= prices[row] and mine <= {c for c, m in enumerate(rows[other]) if m}
        ]
        assert larger or not mine


@settings(deadline=None)
@given(incidence)
def test_the_reduced_cover_is_as_small_as_the_whole_one(rows):
    sets = matrix(rows)
    sets = sparse.csr_array(sets[:, np.flatnonzero(sets.sum(axis=0))])
    found = fewest_rows(sets, Search(SearchControl()))
    covered = sets[found.rows].sum(axis=0) if found.rows.size else np.zeros(sets.shape[1])
    assert (np.asarray(covered) > 0).all()
    assert found.rows.size == found.at_least
    smallest = next(
        size
        for size in range(len(rows) + 1)
        for pick in _subsets(len(rows), size)
        if (np.asarray(rows)[pick].any(axis=0) >= np.asarray(rows).any(axis=0)).all()
    )
    assert found.rows.size == smallest


def _subsets(count, size):
    return [list(pick) for pick in combinations(range(count), size)]


@settings(deadline=None, max_examples=40)
@given(st.integers(0, 1000), st.floats(20, 400), st.integers(1, 6))
def test_the_greedy_bound_is_one(seed, limit, p):
    question = problem(seed)
    choice = open_choice(question, cover_within(question, limit))
    _, bounds = greedy_gains(choice, p)
    best = solve_mclp(question, limit, p).objective
    assert best <= bounds[p] + 1e-9
    order = most_covered(choice, p)
    assert choice.weights[(choice.cover[order].sum(axis=0) > 0)].sum() <= best + 1e-9


@pytest.mark.parametrize("kept", [[], ["03", "07"]])
def test_the_curve_is_the_optimum_at_every_p(kept):
    chance = np.random.default_rng(8)
    table = chance.uniform(0, 1000, (12, 80))
    question = SitingProblem.of_table(table, weights=np.ones(80), kept=kept)
    heard = []
    curve = coverage_curve(question, 150.0, 9, told=heard.append)
    assert [point.p for point in curve] == list(range(max(1, len(kept)), 10))
    assert [point.p for point in heard] == [point.p for point in curve]
    for point in curve:
        assert point.objective == solve_mclp(question, 150.0, point.p).objective
        assert (point.status, point.gap) == ("optimal", 0.0)
        assert set(kept) <= set(point.sites)


def test_without_time_the_curve_is_greedy_and_says_so():
    chance = np.random.default_rng(3)
    sites, homes = chance.uniform(0, 1000, (40, 2)), chance.uniform(0, 1000, (400, 2))
    metres = np.hypot(*(sites[:, None] - homes[None]).transpose(2, 0, 1))
    question = SitingProblem.of_table(metres, weights=np.ones(400))
    curve = coverage_curve(question, 150.0, 10, control=SearchControl(time_limit_s=0.0))
    exact = coverage_curve(question, 150.0, 10)
    for quick, proven in zip(curve, exact, strict=True):
        assert quick.objective <= proven.objective <= quick.bound
        assert quick.status in {"optimal", "time_limit"}
    assert any(point.status == "time_limit" for point in curve)
    assert [point.bound for point in curve] == sorted(point.bound for point in curve)


@pytest.mark.parametrize("p_max", [0, 13])
def test_a_curve_of_more_hubs_than_there_are_is_refused(p_max):
    with pytest.raises(SitingInputRefused):
        coverage_curve(problem(1), 100.0, p_max)
