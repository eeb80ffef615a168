"""Least walking to p hubs (p-median): good sites at once, a proven bound after; refuses to drop demand silently."""

from typing import Final

import numpy as np

from layers.hubs.siting.answer import PROVEN, SitingAnswer, relative_gap, status_of
from layers.hubs.siting.control import Search, SearchControl
from layers.hubs.siting.interchange import greedy_sites, interchanged, shaken
from layers.hubs.siting.lagrangian import Bounded, nearest_of_all, raise_bound, rule_out
from layers.hubs.siting.nearest import NearLists, near_lists, nearest_two, places, walk
from layers.hubs.siting.p_median_exact import close_gap, small_enough
from layers.hubs.siting.problem import BoolArray, IndexArray, SitingInputRefused, SitingProblem
from layers.hubs.siting.screening import impossible, out_of_reach, refuse_unsupported, why_impossible

FIRST_TRIES: Final = 40
"""Random restarts before the proof is tried or the search goes on with twice as many."""


def solve_p_median(
    problem: SitingProblem,
    p: int,
    *,
    beyond_m: float | None = None,
    control: SearchControl | None = None,
) -> SitingAnswer:
    """Choose p sites, kept and forced ones among them, so that weight × metres to the nearest is least.

    p-median after Hakimi (1964): greedy and interchange, a Lagrangian bound, and HiGHS where the rest is small
    enough to be proved. `objective` is the total in weight × metres, `facts["mean_m"]` the mean walk of those
    served. Demand that no allowed candidate reaches is listed as uncoverable and left out. Demand that could
    be reached but not from the chosen sites is listed as unserved and charged `beyond_m` metres (default:
    twice the longest pair given).
    Raises `SitingInputRefused`; answers `infeasible` with a reason where no p sites can be named.
    """
    search = Search(control or SearchControl())
    refuse_unsupported(problem, "p_median", budget=False, capacities=False)
    if beyond_m is not None and not beyond_m > 0:
        raise SitingInputRefused(field="beyond_m", problem="not positive")
    uncoverable = problem.demand_names(out_of_reach(problem))
    reason = why_impossible(problem, p)
    if reason is not None:
        return impossible("p_median", search, reason, uncoverable=uncoverable)
    lists = near_lists(problem, beyond_m=beyond_m)
    state = _searched(problem, lists, p, search)
    bound = min(state.objective, state.bound)
    unserved, facts = _service(problem, lists, state.sites)
    return SitingAnswer(
        method="p_median",
        sites=problem.site_ids(lists.candidates[state.sites]),
        objective=state.objective,
        bound=bound,
        status=status_of(
            state.objective, bound, stopped=search.stopped(), accept_gap=search.control.accept_gap
        ),
        seconds=search.seconds,
        uncoverable=uncoverable,
        unserved=unserved,
        facts=facts,
    )


def _searched(problem: SitingProblem, lists: NearLists, p: int, search: Search) -> Bounded:
    fixed = problem.fixed[lists.candidates]

    def told(sites: IndexArray, objective: float, bound: float) -> None:
        search.report(problem.site_ids(lists.candidates[sites]), objective, min(bound, objective))

    first = greedy_sites(lists, np.flatnonzero(fixed), p, search)
    first = interchanged(lists, first, fixed, search)
    told(first, walk(lists, first), nearest_of_all(lists))
    state = raise_bound(lists, first, fixed, search, told)
    chance = np.random.default_rng(search.control.seed)
    tries = FIRST_TRIES
    while not _finished(state, search):
        if _shake(lists, fixed, state, search, chance=chance, tries=tries):
            told(state.sites, state.objective, state.bound)
            rule_out(state, fixed)
            raise_bound(lists, state.sites, fixed, search, told, length=0.2, state=state)
        elif small_enough(lists, state):
            close_gap(lists, fixed, state, search, told)
        else:
            tries *= 2
    return state


def _finished(state: Bounded, search: Search) -> bool:
    gap = relative_gap(state.objective, min(state.bound, state.objective))
    proven = gap is not None and gap <= max(PROVEN, search.control.accept_gap)
    return proven or search.stopped() is not None


def _shake(
    lists: NearLists,
    fixed: BoolArray,
    state: Bounded,
    search: Search,
    *,
    chance: np.random.Generator,
    tries: int,
) -> bool:
    """Try so many random restarts near the best; stop at the first that walks less and take it."""
    for turn in range(tries):
        if search.stopped() is not None:
            return False
        start = shaken(state.sites, fixed, ~state.ruled_out, 2 + turn % 4, chance)
        sites = interchanged(lists, start, fixed, search)
        length = walk(lists, sites)
        if length < state.objective * (1 - 1e-12):
            state.sites, state.objective = sites, length
            return True
    return False


def _service(
    problem: SitingProblem, lists: NearLists, sites: IndexArray
) -> tuple[tuple[str, ...], dict[str, float]]:
    """Who could be reached but is not, and the walk of the others."""
    place = places(lists.candidates.size, sites)
    first, near, _ = nearest_two(lists.starts, lists.sites, lists.metres, place, lists.beyond_m)
    served = first >= 0
    weight = float(lists.weights[served].sum())
    walked = float(near[served] @ lists.weights[served])
    facts = {
        "total_weight": float(problem.weights.sum()),
        "served_weight": weight,
        "served_weight_metres": walked,
        "beyond_m": lists.beyond_m,
    }
    if weight > 0:
        facts["mean_m"] = walked / weight
    return problem.demand_names(lists.demand[~served]), facts
