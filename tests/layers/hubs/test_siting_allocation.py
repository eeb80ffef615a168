"""Limited hubs: nobody is lost, no hub is overfilled, villages stay whole."""

from itertools import product

import numpy as np
import pytest
from scipy.optimize import linprog

from layers.hubs.siting import SitingInputRefused, SitingProblem, allocate


def problem(seed=0, homes=40, capacity=300.0, **named):
    chance = np.random.default_rng(seed)
    sites, demand = chance.uniform(0, 1000, (4, 2)), chance.uniform(0, 1000, (homes, 2))
    metres = np.hypot(*(sites[:, None] - demand[None]).transpose(2, 0, 1))
    weights = chance.integers(1, 40, homes).astype(float)
    return SitingProblem.of_table(
        metres, weights=weights, candidate_ids=list("abcd"), capacities=np.full(4, capacity), **named
    )


@pytest.mark.parametrize("capacity", [100.0, 250.0, 1e9])
def test_the_flow_fills_without_overfilling(capacity):
    question = problem(capacity=capacity)
    answer = allocate(question, list("abcd"))
    total = question.weights.sum()
    assert all(load <= capacity for load in answer.loads.values())
    assert answer.served_weight == min(total, 4 * capacity)
    assert answer.served_weight + answer.unserved_weight == total
    sent = np.bincount(answer.demand, weights=answer.amounts, minlength=40)
    assert (sent <= question.weights).all()


def test_with_room_for_all_everybody_goes_to_the_nearest():
    question = problem(capacity=1e9)
    answer = allocate(question, list("abcd"))
    nearest = question.costs.toarray().min(axis=0)
    assert answer.mean_m == pytest.approx(nearest @ question.weights / question.weights.sum())
    assert answer.split == 0


def test_the_flow_walks_no_farther_than_linear_programming():
    question = problem(seed=2, homes=12, capacity=80.0)
    answer = allocate(question, list("abcd"))
    metres, weights = question.costs.toarray(), question.weights
    once = np.kron(np.ones((1, 4)), np.eye(12))
    rooms = np.kron(np.eye(4), np.ones((1, 12)))
    exact = linprog(metres.ravel(), A_ub=rooms, b_ub=np.full(4, 80.0), A_eq=once, b_eq=weights)
    assert answer.served_weight == weights.sum()
    assert answer.served_weight * answer.mean_m == pytest.approx(exact.fun, rel=1e-6)


def test_nobody_is_sent_beyond_the_limit():
    question = problem()
    answer = allocate(question, list("abcd"), limit_m=200.0)
    assert answer.metres.max() <= 200.0
    within = (question.costs.toarray() <= 200.0).any(axis=0)
    assert set(np.unique(answer.demand)) <= set(np.flatnonzero(within))


def test_weights_in_fractions_are_counted_in_thousandths():
    question = SitingProblem.of_table([[5.0, 6.0]], weights=[0.25, 0.5], capacities=[0.6])
    answer = allocate(question, ["0"])
    assert answer.served_weight == pytest.approx(0.6)
    assert answer.amounts.tolist() == [0.25, 0.35]


def test_villages_go_whole_and_as_well_as_can_be():
    question = problem(seed=4, homes=15, capacity=120.0)
    villages = np.arange(15) // 3
    answer = allocate(question, list("abcd"), groups=villages, span=2)
    mine = {int(cell): int(site) for cell, site in zip(answer.demand, answer.sites, strict=True)}
    for village in np.unique(villages):
        homes = np.flatnonzero(villages == village)
        assert len({mine.get(int(home)) for home in homes}) == 1
    assert answer.status == "optimal"
    masses = np.bincount(villages, weights=question.weights)
    metres = question.costs.toarray() * question.weights
    walks = np.stack([np.bincount(villages, weights=row) for row in metres])
    charge = 10.0 * question.costs.toarray().max()

    def worth(plan):
        loads, spans = np.zeros(4), np.zeros(4)
        cost = 0.0
        for village, site in enumerate(plan):
            if site == 4:
                cost += charge * masses[village]
                continue
            loads[site] += masses[village]
            spans[site] += 1
            cost += walks[site, village]
        return cost if (loads <= 120.0).all() and (spans <= 2).all() else np.inf

    best = min(worth(plan) for plan in product(range(5), repeat=5))
    assert answer.served_weight * answer.mean_m + charge * answer.unserved_weight == pytest.approx(best)


def test_unknown_sites_and_groups_of_another_length_are_refused():
    with pytest.raises(SitingInputRefused):
        allocate(problem(), ["z"])
    with pytest.raises(SitingInputRefused):
        allocate(problem(), ["a"], groups=[1, 2])
