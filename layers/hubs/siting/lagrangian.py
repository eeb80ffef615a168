"""How short the walk to p sites can at best be: a Lagrangian bound; refuses to round it upwards."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Final

import numba
import numpy as np

from layers.hubs.siting.control import Search
from layers.hubs.siting.interchange import interchanged
from layers.hubs.siting.nearest import NearLists, nearest_two, places, walk
from layers.hubs.siting.problem import BoolArray, FloatArray, IndexArray

PATIENCE: Final = 20
"""Steps without a better bound after which the step length is halved."""

SMALLEST_STEP: Final = 1e-4


def _reduced_costs(
    starts: IndexArray, sites: IndexArray, walks: FloatArray, prices: FloatArray, count: int
) -> FloatArray:
    """For each candidate the sum of min(0, weight × metres - price) over all demand: what opening it is worth."""
    worth = np.zeros(count)
    for i in range(starts.size - 1):
        for at in range(starts[i], starts[i + 1]):
            if walks[at] >= prices[i]:
                break
            worth[sites[at]] += walks[at] - prices[i]
    return worth


def _times_served(
    starts: IndexArray, sites: IndexArray, walks: FloatArray, prices: FloatArray, place: IndexArray
) -> FloatArray:
    """How often each demand point is served in the relaxed solution; once would be feasible."""
    served = np.zeros(starts.size - 1)
    for i in range(starts.size - 1):
        for at in range(starts[i], starts[i + 1]):
            if walks[at] >= prices[i]:
                break
            if place[sites[at]] >= 0:
                served[i] += 1.0
    return served


reduced_costs: Callable[..., Any] = numba.njit(cache=True)(_reduced_costs)
times_served: Callable[..., Any] = numba.njit(cache=True)(_times_served)


@dataclass(slots=True)
class Bounded:
    """Where the search stands: sites with their walk, the proven bound, and candidates ruled out so far.

    Numbers of sites are those of the `NearLists` the search began with.
    """

    sites: IndexArray
    objective: float
    bound: float
    ruled_out: BoolArray
    prices: FloatArray
    worth: FloatArray


def raise_bound(
    lists: NearLists,
    opened: IndexArray,
    fixed: BoolArray,
    search: Search,
    told: Callable[[IndexArray, float, float], None],
    *,
    length: float = 1.5,
    state: Bounded | None = None,
) -> Bounded:
    """Relax "each demand point is served once" and climb by subgradient (Cornuéjols, Fisher, Nemhauser 1977).

    Every better relaxed solution is repaired by interchange. Candidates that no better answer can use
    (bound + their reduced cost exceeds the walk found) are ruled out on the way. Ends with the step
    length spent, a proof, an accepted gap, or the search's end. `told(sites, objective, bound)` hears news.
    """
    ceiling = lists.weights * lists.beyond_m
    state = _beginning(lists, opened) if state is None else state
    prices, waited = state.prices, 0
    walks = lists.metres * np.repeat(lists.weights, np.diff(lists.starts))
    while length > SMALLEST_STEP and search.stopped() is None:
        worth = reduced_costs(lists.starts, lists.sites, walks, prices, lists.candidates.size)
        chosen, bound = _relaxed(worth, fixed, state.ruled_out, opened.size, prices)
        waited += 1
        if bound > state.bound:
            waited = 0 if bound > state.bound * (1 + 1e-6) else waited
            state.bound, state.prices, state.worth = bound, prices, worth
            _repair(lists, chosen, fixed, search, state)
            told(state.sites, state.objective, state.bound)
            rule_out(state, fixed)
            if state.bound >= state.objective * (1 - 1e-9) or search.good_enough(
                state.objective, state.bound
            ):
                break
        if waited > PATIENCE:
            length, waited, prices = length / 2.0, 0, state.prices
            continue
        place = places(lists.candidates.size, chosen)
        missing = 1.0 - times_served(lists.starts, lists.sites, walks, prices, place)
        missing[(prices >= ceiling) & (missing > 0)] = 0.0
        norm = float(missing @ missing)
        if norm == 0.0:
            break
        step = length * (1.01 * state.objective - bound) / norm
        prices = np.clip(prices + step * missing, 0.0, ceiling)
    return state


def _beginning(lists: NearLists, opened: IndexArray) -> Bounded:
    """Begin with everybody at the nearest candidate of all as the bound.

    Prices stand halfway between the walks to the nearest and the second nearest of the sites found.
    """
    count = lists.candidates.size
    _, near, second = nearest_two(
        lists.starts, lists.sites, lists.metres, places(count, opened), lists.beyond_m
    )
    prices = lists.weights * (near + np.minimum(second, 2.0 * near)) / 2.0
    walks = lists.metres * np.repeat(lists.weights, np.diff(lists.starts))
    return Bounded(
        sites=opened,
        objective=float(near @ lists.weights),
        bound=nearest_of_all(lists),
        ruled_out=np.zeros(lists.candidates.size, dtype=np.bool_),
        prices=prices,
        worth=reduced_costs(lists.starts, lists.sites, walks, prices, count),
    )


def nearest_of_all(lists: NearLists) -> float:
    """Weight × metres if every candidate were open: no p sites can do better."""
    return float(lists.weights @ lists.metres[lists.starts[:-1]])


def _relaxed(
    worth: FloatArray, fixed: BoolArray, ruled_out: BoolArray, count: int, prices: FloatArray
) -> tuple[IndexArray, float]:
    """Sites of the relaxed problem: the fixed ones and the most negative reduced costs, ties by id."""
    free = np.flatnonzero(~fixed & ~ruled_out)
    best = free[np.argsort(worth[free], kind="stable")[: count - int(fixed.sum())]]
    chosen = np.concatenate([np.flatnonzero(fixed), best])
    return chosen, float(prices.sum() + worth[chosen].sum())


def _repair(lists: NearLists, chosen: IndexArray, fixed: BoolArray, search: Search, state: Bounded) -> None:
    """Take the relaxed sites as an answer, shorten the walk by interchange where it is promising."""
    if walk(lists, chosen) > 1.05 * state.objective:
        return
    better = interchanged(lists, chosen, fixed, search)
    length = walk(lists, better)
    if length < state.objective * (1 - 1e-12):
        state.sites, state.objective = better, length


def rule_out(state: Bounded, fixed: BoolArray) -> None:
    """Rule out free candidates whose entry lifts the bound above the walk found: no better answer has them."""
    free = np.flatnonzero(~fixed & ~state.ruled_out)
    places_left = state.sites.size - int(fixed.sum())
    if 0 < places_left < free.size:
        best = np.partition(state.worth[free], places_left - 1)[:places_left]
        bound = float(state.prices.sum() + state.worth[fixed].sum() + best.sum())
        lifted = bound + state.worth - float(best[-1])
        state.ruled_out |= ~fixed & (lifted > state.objective * (1 + 1e-9))
        state.ruled_out[state.sites] = False
