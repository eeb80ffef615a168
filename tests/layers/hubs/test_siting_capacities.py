"""Siting with room for only so many, against every choice and its largest flow."""

from itertools import combinations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.optimize import linprog

from layers.hubs.siting import SearchControl, SitingProblem, solve_lscp, solve_mclp


@st.composite
def towns(draw):
    chance = np.random.default_rng(draw(st.integers(0, 10_000)))
    candidates, homes = draw(st.integers(2, 5)), draw(st.integers(1, 9))
    return (
        chance.uniform(0, 1000, (candidates, homes)),
        chance.integers(0, 20, homes).astype(float),
        chance.integers(5, 40, candidates).astype(float),
    )


def largest_flow(reach, weights, rooms, sites):
    """Weight that the sites hold of those they reach."""
    amount = -np.where(reach[sites], 1.0, 0.0).ravel()
    homes = len(weights)
    taken = np.kron(np.ones((1, len(sites))), np.eye(homes))
    filled = np.kron(np.eye(len(sites)), np.ones((1, homes)))
    found = linprog(
        amount,
        A_ub=np.vstack([taken, filled]),
        b_ub=np.concatenate([weights, rooms[sites]]),
        bounds=[(0, None if open_ else 0) for open_ in reach[sites].ravel()],
    )
    return -found.fun


@settings(max_examples=30, deadline=None)
@given(towns(), st.integers(1, 5), st.floats(100, 1000))
def test_most_weight_is_held(town, p, limit):
    table, weights, rooms = town
    p = min(p, len(rooms))
    answer = solve_mclp(SitingProblem.of_table(table, weights=weights, capacities=rooms), limit, p)
    sets = combinations(range(len(rooms)), p)
    best = max(largest_flow(table <= limit, weights, rooms, list(sites)) for sites in sets)
    assert (answer.status, len(answer.sites)) == ("optimal", p)
    assert answer.objective == pytest.approx(best, abs=1e-6)
    chosen = [int(site) for site in answer.sites]
    assert largest_flow(table <= limit, weights, rooms, chosen) == pytest.approx(best, abs=1e-6)


@settings(max_examples=30, deadline=None)
@given(towns(), st.floats(200, 1000))
def test_fewest_hubs_hold_everybody(town, limit):
    table, weights, rooms = town
    answer = solve_lscp(SitingProblem.of_table(table, weights=weights, capacities=rooms), limit)
    reach = table <= limit
    wanted = weights[reach.any(axis=0)].sum()
    fitting = [
        size
        for size in range(len(rooms) + 1)
        for sites in combinations(range(len(rooms)), size)
        if (size == 0 and wanted == 0)
        or (size > 0 and largest_flow(reach, weights, rooms, list(sites)) >= wanted - 1e-6)
    ]
    if fitting:
        assert (answer.status, answer.objective) == ("optimal", min(fitting))
    else:
        assert (answer.status, answer.reason) == ("infeasible", "hubs.capacity_short")
        held = largest_flow(reach, weights, rooms, list(range(len(rooms))))
        assert answer.facts["holdable_weight"] == pytest.approx(held, abs=1e-6)


def test_kept_hubs_and_a_budget_are_heeded_with_capacities():
    table = np.array([[10.0, 10.0, 10.0], [10.0, 10.0, 10.0], [10.0, 10.0, 10.0]])
    problem = SitingProblem.of_table(
        table,
        weights=[10, 10, 10],
        capacities=[4, 20, 9],
        kept=["0"],
        opening_costs=[9, 5, 2],
        budget=3,
    )
    answer = solve_mclp(problem, 50.0, 3)
    assert (answer.sites, answer.objective, answer.status) == (("0", "2"), 13.0, "optimal")


def test_the_gap_is_stated_when_time_runs_out():
    chance = np.random.default_rng(2)
    sites, homes = chance.uniform(0, 10_000, (120, 2)), chance.uniform(0, 10_000, (1500, 2))
    metres = np.hypot(*(sites[:, None] - homes[None]).transpose(2, 0, 1))
    weights = chance.integers(1, 100, 1500).astype(float)
    problem = SitingProblem.of_table(metres, weights=weights, capacities=np.full(120, 4_000.0))
    answer = solve_mclp(problem, 1_800.0, 12, control=SearchControl(time_limit_s=1.0))
    assert len(answer.sites) == 12
    assert 0 < answer.objective <= answer.bound <= 48_000.0
    assert answer.status in {"time_limit", "optimal"}
