"""What an answer says beside its sites: why it ended, whom it leaves out, and that it repeats itself."""

import numpy as np
import pytest
from scipy import sparse

from layers.hubs.siting import (
    SearchControl,
    SitingInputRefused,
    SitingProblem,
    search_bound_m,
    solve_lscp,
    solve_mclp,
    solve_p_center,
    solve_p_median,
)

# Three candidates along a street of five homes, a home every 100 m; the last home is cut off.
STREET = np.abs(np.array([[0.0], [200.0], [300.0]]) - np.arange(0, 500, 100)[None, :])
STREET[:, 4] = np.inf
WEIGHTS = [1.0, 2.0, 3.0, 4.0, 5.0]


def street(**named):
    return SitingProblem.of_table(STREET, weights=WEIGHTS, candidate_ids=["a", "b", "c"], **named)


def city(candidates, homes, seed=0):
    chance = np.random.default_rng(seed)
    sites, demand = chance.uniform(0, 10_000, (candidates, 2)), chance.uniform(0, 10_000, (homes, 2))
    metres = np.hypot(*(sites[:, None] - demand[None]).transpose(2, 0, 1))
    return SitingProblem.of_table(metres, weights=chance.integers(1, 100, homes).astype(float))


SOLVERS = {
    "mclp": lambda problem, p, **named: solve_mclp(problem, 100.0, p, **named),
    "p_median": solve_p_median,
    "p_center": solve_p_center,
}


@pytest.mark.parametrize("method", SOLVERS)
@pytest.mark.parametrize(
    ("p", "kept", "reason"),
    [(4, "", "hubs.p_exceeds_candidates"), (1, "ab", "hubs.p_below_fixed")],
)
def test_impossible_questions_are_answered_with_the_reason(method, p, kept, reason):
    answer = SOLVERS[method](street(kept=list(kept)), p)
    assert (answer.status, answer.reason, answer.sites) == ("infeasible", reason, ())
    assert answer.objective is answer.gap is None
    assert answer.uncoverable == ("4",)


@pytest.mark.parametrize("method", SOLVERS)
def test_no_sites_at_all_are_refused(method):
    with pytest.raises(SitingInputRefused) as refused:
        SOLVERS[method](street(), 0)
    assert refused.value.facts["field"] == "p"


def test_uncoverable_demand_is_listed_and_left_out():
    assert solve_lscp(street(), 100.0).uncoverable == ("4",)
    answer = solve_p_median(street(), 1)
    assert (answer.sites, answer.objective, answer.uncoverable) == (("b",), 200 + 200 + 400.0, ("4",))
    assert answer.facts["mean_m"] == pytest.approx(80.0)


def test_the_limit_itself_is_within():
    assert solve_mclp(street(), 100.0, 1).objective == 9.0
    assert solve_mclp(street(), 99.999, 1).objective == 4.0


def test_a_stored_zero_is_a_pair():
    matrix = sparse.csr_array(([0.0, 7.0], ([0, 1], [0, 1])), shape=(2, 2))
    problem = SitingProblem.of_matrix(matrix, weights=[1, 1], candidate_ids=["x", "y"])
    assert problem.costs.nnz == 2
    assert solve_mclp(problem, 0.0, 1).sites == ("x",)


def test_of_a_pair_given_twice_the_shorter_counts():
    problem = SitingProblem.of_pairs(
        [0, 0, 0], [0, 0, 1], [90.0, 40.0, 5.0], weights=[1, 1], candidate_ids=["x"]
    )
    assert solve_p_center(problem, 1).objective == 40.0


def test_unserved_demand_is_charged_and_listed():
    islands = np.array([[10.0, np.inf], [np.inf, 20.0]])
    problem = SitingProblem.of_table(islands, weights=[1.0, 3.0])
    answer = solve_p_median(problem, 1, beyond_m=100.0)
    assert (answer.sites, answer.objective, answer.unserved) == (("1",), 100.0 + 60.0, ("0",))
    centre = solve_p_center(problem, 1)
    assert (centre.status, centre.reason, centre.facts["needed"]) == ("infeasible", "hubs.p_below_needed", 2)


def test_forced_and_forbidden_candidates_are_heeded():
    answer = solve_mclp(street(forced=["a"], forbidden=["b"]), 100.0, 2)
    assert answer.sites == ("a", "c")
    assert solve_lscp(street(forbidden=["a"]), 100.0).uncoverable == ("0", "4")


def test_a_budget_buys_what_it_can():
    problem = street(opening_costs=[1.0, 5.0, 2.0], budget=3.0)
    answer = solve_mclp(problem, 100.0, 3)
    # b and c reach the same homes but 1; b is out of the money, a and c are not.
    assert (answer.sites, answer.objective, answer.status) == (("a", "c"), 10.0, "optimal")
    poor = street(opening_costs=[1.0, 5.0, 2.0], budget=3.0, forced=["b"])
    assert solve_mclp(poor, 100.0, 3).reason == "hubs.budget_below_forced"


@pytest.mark.parametrize("solve", [solve_p_median, solve_p_center])
def test_a_budget_that_would_go_unheeded_is_refused(solve):
    with pytest.raises(SitingInputRefused) as refused:
        solve(street(budget=1.0), 1)
    assert refused.value.facts["field"] == "budget"


@pytest.mark.parametrize(
    ("field", "named"),
    [
        ("weights", {"weights": [1, 2, -3, 4, 5]}),
        ("weights", {"weights": [1, 2, np.nan, 4, 5]}),
        ("costs", {"weights": [1, 2]}),
        ("candidate_ids", {"candidate_ids": ["a", "a", "c"]}),
        ("kept", {"kept": ["nobody"]}),
        ("forbidden", {"kept": ["a"], "forbidden": ["a"]}),
        ("capacities", {"capacities": [1.0]}),
    ],
)
def test_bad_arrays_are_refused_by_name(field, named):
    given = {"weights": WEIGHTS, "candidate_ids": ["a", "b", "c"]} | named
    with pytest.raises(SitingInputRefused) as refused:
        SitingProblem.of_table(STREET, **given)
    assert refused.value.facts["field"] == field


@pytest.mark.parametrize("limit", [-1.0, np.nan])
def test_bad_limits_are_refused(limit):
    with pytest.raises(SitingInputRefused):
        solve_lscp(street(), limit)


@pytest.mark.parametrize("method", SOLVERS)
def test_no_demand_is_no_difficulty(method):
    problem = SitingProblem.of_table(np.empty((3, 0)), weights=[])
    answer = SOLVERS[method](problem, 2)
    assert (answer.status, answer.objective, len(answer.sites)) == ("optimal", 0.0, 2)


@pytest.mark.parametrize("method", SOLVERS)
def test_the_order_of_candidates_does_not_matter(method):
    chance = np.random.default_rng(5)
    table = chance.integers(1, 6, (14, 40)) * 50.0
    names = [f"c{row:02d}" for row in range(14)]
    shuffled = chance.permutation(14)
    plain = SitingProblem.of_table(table, weights=np.ones(40), candidate_ids=names)
    mixed = SitingProblem.of_table(
        table[shuffled], weights=np.ones(40), candidate_ids=[names[row] for row in shuffled]
    )
    assert SOLVERS[method](plain, 4).sites == SOLVERS[method](mixed, 4).sites


@pytest.mark.parametrize("method", ["p_median", "p_center"])
def test_time_that_runs_out_is_said(method):
    answer = SOLVERS[method](city(200, 1500), 15, control=SearchControl(time_limit_s=0.6))
    assert answer.status == "time_limit"
    assert answer.seconds < 5.0
    if answer.objective is not None:
        assert len(answer.sites) == 15
        assert answer.bound <= answer.objective


def test_a_cancelled_search_keeps_its_best():
    heard = []
    control = SearchControl(progress=heard.append, cancel=lambda: bool(heard))
    answer = solve_p_median(city(200, 1500), 15, control=control)
    assert answer.status == "cancelled"
    assert len(answer.sites) == 15
    assert heard[0].objective >= answer.objective


def test_a_cancelled_covering_search_keeps_its_best():
    problem = city(250, 2500)
    answer = solve_mclp(problem, 1500.0, 15, control=SearchControl(cancel=lambda: True))
    assert answer.status == "cancelled"
    assert 0 < answer.objective <= answer.bound
    assert len(answer.sites) == 15


def test_a_gap_that_is_good_enough_ends_the_search():
    answer = solve_p_median(city(150, 1000), 12, control=SearchControl(accept_gap=0.05))
    assert answer.status in {"within_gap", "optimal"}
    assert answer.gap <= 0.05


def test_progress_ends_where_the_answer_is():
    heard = []
    answer = solve_mclp(city(100, 800), 1200.0, 8, control=SearchControl(progress=heard.append))
    assert heard[-1].objective == answer.objective
    assert heard[-1].sites == answer.sites
    objectives = [news.objective for news in heard]
    assert objectives == sorted(objectives)


def test_the_search_bound_keeps_the_pairs_few():
    chance = np.random.default_rng(1)
    sites, homes = chance.uniform(0, 1000, (60, 2)), chance.uniform(0, 1000, (900, 2))
    assert search_bound_m(sites, homes) == np.inf
    bound = search_bound_m(sites, homes, pairs_at_most=9_000)
    metres = np.hypot(*(sites[:, None] - homes[None]).transpose(2, 0, 1))
    assert (metres <= bound).sum() == pytest.approx(9_000, rel=0.15)
