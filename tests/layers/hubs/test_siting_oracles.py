"""The four models against every choice there is, and against spopt with CBC."""

from itertools import combinations

import numpy as np
import pulp
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from spopt.locate import LSCP, MCLP, PCenter, PMedian

from layers.hubs.siting import (
    SearchControl,
    SitingProblem,
    solve_lscp,
    solve_mclp,
    solve_p_center,
    solve_p_median,
)

pytestmark = pytest.mark.filterwarnings(
    "ignore:.*PuLP 4.0:DeprecationWarning"
)  # spopt still calls the old way

CONTROL = SearchControl(time_limit_s=30.0)


def ground(seed, candidates=9, demand=25, *, whole=True, reach=np.inf):
    """Straight-line metres between random points; beyond `reach` there is no pair."""
    chance = np.random.default_rng(seed)
    sites, homes = chance.uniform(0, 1000, (candidates, 2)), chance.uniform(0, 1000, (demand, 2))
    metres = np.hypot(*(sites[:, None] - homes[None]).transpose(2, 0, 1))
    weights = chance.integers(0, 60, demand).astype(float) if whole else chance.uniform(0, 60, demand)
    return np.where(metres <= reach, metres, np.inf), weights


def choices(table, p, kept=(), forbidden=()):
    """Every set of p sites that holds the kept and none of the forbidden."""
    free = [row for row in range(table.shape[0]) if row not in forbidden]
    return [list(sites) for sites in combinations(free, p) if set(kept) <= set(sites)]


def best_covered(table, weights, limit, sets):
    return max(weights[(table[sites] <= limit).any(axis=0)].sum() for sites in sets)


@st.composite
def questions(draw):
    seed = draw(st.integers(0, 10_000))
    candidates = draw(st.integers(2, 8))
    table, weights = ground(
        seed,
        candidates,
        draw(st.integers(1, 25)),
        whole=draw(st.booleans()),
        reach=draw(st.sampled_from([250.0, 500.0, np.inf])),
    )
    roles = draw(st.lists(st.sampled_from("....kx"), min_size=candidates, max_size=candidates))
    kept = [row for row, role in enumerate(roles) if role == "k"]
    forbidden = [row for row, role in enumerate(roles) if role == "x"]
    p = draw(st.integers(max(1, len(kept)), max(1, candidates - len(forbidden))))
    if p > candidates - len(forbidden):
        forbidden = []
    problem = SitingProblem.of_table(
        table, weights=weights, kept=[str(row) for row in kept], forbidden=[str(row) for row in forbidden]
    )
    return problem, table, weights, p, kept, forbidden


@settings(max_examples=60, deadline=None)
@given(questions(), st.floats(1, 1200))
def test_mclp_is_the_best_of_all_choices(question, limit):
    problem, table, weights, p, kept, forbidden = question
    answer = solve_mclp(problem, limit, p, control=CONTROL)
    best = best_covered(table, weights, limit, choices(table, p, kept, forbidden))
    assert answer.status == "optimal"
    assert len(answer.sites) == p
    assert answer.objective == pytest.approx(best, rel=1e-7, abs=1e-7)
    assert answer.bound >= answer.objective


@settings(max_examples=60, deadline=None)
@given(questions(), st.floats(1, 1200))
def test_lscp_needs_no_hub_too_many(question, limit):
    problem, table, _, _, kept, forbidden = question
    answer = solve_lscp(problem, limit, control=CONTROL)
    allowed = [row for row in range(table.shape[0]) if row not in forbidden]
    coverable = (table[allowed] <= limit).any(axis=0)
    fewest = next(
        size
        for size in range(len(kept), len(allowed) + 1)
        for sites in choices(table, size, kept, forbidden)
        if (table[sites] <= limit).any(axis=0)[coverable].all()
    )
    assert (answer.status, answer.objective, answer.bound) == ("optimal", fewest, fewest)
    assert answer.uncoverable == tuple(str(cell) for cell in np.flatnonzero(~coverable))
    opened = [int(site) for site in answer.sites]
    assert set(kept) <= set(opened)
    assert (table[opened] <= limit).any(axis=0)[coverable].all()


@settings(max_examples=60, deadline=None)
@given(questions())
def test_p_median_walks_least_of_all_choices(question):
    problem, table, weights, p, kept, forbidden = question
    answer = solve_p_median(problem, p, beyond_m=2000.0, control=CONTROL)
    allowed = [row for row in range(table.shape[0]) if row not in forbidden]
    reachable = np.isfinite(table[allowed]).any(axis=0)
    charged = np.minimum(table, 2000.0)[:, reachable]
    best = min(
        charged[sites].min(axis=0) @ weights[reachable] for sites in choices(table, p, kept, forbidden)
    )
    assert answer.status == "optimal"
    assert len(answer.sites) == p
    assert answer.objective == pytest.approx(best, rel=1e-7, abs=1e-7)
    assert answer.bound <= answer.objective
    assert answer.uncoverable == tuple(str(cell) for cell in np.flatnonzero(~reachable))


@settings(max_examples=60, deadline=None)
@given(questions())
def test_p_center_has_the_shortest_worst_walk(question):
    problem, table, _, p, kept, forbidden = question
    answer = solve_p_center(problem, p, control=CONTROL)
    allowed = [row for row in range(table.shape[0]) if row not in forbidden]
    reachable = np.isfinite(table[allowed]).any(axis=0)
    worst = [
        table[sites][:, reachable].min(axis=0).max(initial=0) for sites in choices(table, p, kept, forbidden)
    ]
    if np.isinf(min(worst)):
        assert (answer.status, answer.reason) == ("infeasible", "hubs.p_below_needed")
        assert answer.facts["needed"] > p
    else:
        assert (answer.status, len(answer.sites)) == ("optimal", p)
        assert answer.objective == answer.bound == min(worst)


@pytest.fixture(scope="module", params=range(3))
def town(request):
    """60 candidates, 200 cells, two of the candidates hubs already."""
    table, weights = ground(request.param, candidates=60, demand=200)
    kept = np.zeros(60)
    kept[[7, 40]] = 1
    return table, weights, kept, SitingProblem.of_table(table, weights=weights, kept=["07", "40"])


def solved(model):
    model.solve(pulp.PULP_CBC_CMD(msg=False))
    return pulp.value(model.problem.objective)


def test_mclp_agrees_with_spopt(town):
    table, weights, kept, problem = town
    theirs = solved(MCLP.from_cost_matrix(table.T, weights, 150, 6, predefined_facilities_arr=kept))
    assert solve_mclp(problem, 150, 6).objective == pytest.approx(theirs)


def test_lscp_agrees_with_spopt(town):
    table, _, kept, problem = town
    limit = float(table.min(axis=0).max()) + 1.0
    theirs = solved(LSCP.from_cost_matrix(table.T, limit, predefined_facilities_arr=kept))
    assert solve_lscp(problem, limit).objective == pytest.approx(theirs)


def test_p_median_agrees_with_spopt(town):
    table, weights, kept, problem = town
    theirs = solved(PMedian.from_cost_matrix(table.T, weights, 6, predefined_facilities_arr=kept))
    assert solve_p_median(problem, 6).objective == pytest.approx(theirs)


def test_p_center_agrees_with_spopt(town):
    table, weights, kept, _ = town
    theirs = solved(PCenter.from_cost_matrix(table[:, :40].T, 4, predefined_facilities_arr=kept))
    quarter = SitingProblem.of_table(table[:, :40], weights=weights[:40], kept=["07", "40"])
    assert solve_p_center(quarter, 4).objective == pytest.approx(theirs)
