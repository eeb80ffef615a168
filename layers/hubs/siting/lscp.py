"""Fewest hubs that cover every coverable demand point (LSCP); refuses to hide what cannot be covered."""

import numpy as np
from scipy import sparse

from layers.hubs.siting.answer import SitingAnswer, status_of
from layers.hubs.siting.capacitated import fewest_holding
from layers.hubs.siting.control import Search, SearchControl
from layers.hubs.siting.covering import cover_within, covered_by
from layers.hubs.siting.problem import CostMatrix, FloatArray, SitingProblem
from layers.hubs.siting.screening import impossible, out_of_reach, refuse_unsupported
from layers.hubs.siting.set_cover import fewest_rows


def solve_lscp(
    problem: SitingProblem, limit_m: float, *, control: SearchControl | None = None
) -> SitingAnswer:
    """Open as few sites as cover all demand within `limit_m`, kept and forced ones counted.

    Location set covering after Toregas et al. (1971). Every demand point counts, whatever its weight.
    Points beyond reach of all allowed candidates are listed as uncoverable and the rest is covered:
    in the handbook's city 732 of 5,000 cells at 1.5 km, the rest by 250 hubs.
    With capacities the sites must also hold all weight that can be covered; where all candidates together
    cannot, the answer is `infeasible` with `hubs.capacity_short` and what they hold at most.
    Raises `SitingInputRefused` for a bad limit or a budget.
    """
    search = Search(control or SearchControl())
    refuse_unsupported(problem, "lscp", budget=False, capacities=True)
    cover = cover_within(problem, limit_m)
    if problem.capacities is not None:
        return _holding(problem, cover, limit_m, search)
    fixed = np.flatnonzero(problem.fixed)
    beyond = out_of_reach(problem, limit_m)
    uncoverable = problem.demand_names(beyond)
    needed = ~covered_by(cover, fixed)
    needed[beyond] = False
    free = np.flatnonzero(problem.allowed & ~problem.fixed)
    sets = sparse.csr_array(sparse.csr_array(cover[free])[:, np.flatnonzero(needed)])

    def better(values: FloatArray | None, bound: float) -> None:
        if values is not None:
            sites = np.concatenate([fixed, free[values > 0.5]])
            search.report(problem.site_ids(sites), float(sites.size), fixed.size + bound)

    found = fewest_rows(sets, search, better=better)
    sites = np.concatenate([fixed, free[found.rows]])
    objective, bound = float(sites.size), float(fixed.size + found.at_least)
    search.report(problem.site_ids(sites), objective, bound)
    return SitingAnswer(
        method="lscp",
        sites=problem.site_ids(sites),
        objective=objective,
        bound=bound,
        status=status_of(objective, bound, stopped=found.stopped, accept_gap=search.control.accept_gap),
        seconds=search.seconds,
        uncoverable=uncoverable,
        facts=_covered_facts(problem, uncoverable_weight=float(problem.weights[beyond].sum())),
    )


def _holding(problem: SitingProblem, cover: CostMatrix, limit_m: float, search: Search) -> SitingAnswer:
    beyond = out_of_reach(problem, limit_m)
    uncoverable = problem.demand_names(beyond)
    facts = _covered_facts(problem, uncoverable_weight=float(problem.weights[beyond].sum()))
    held = fewest_holding(problem, cover, search)
    if held.sites is None:
        reason = ("hubs.capacity_short", facts | {"holdable_weight": held.bound})
        return impossible("lscp", search, reason, uncoverable=uncoverable)
    names = problem.site_ids(held.sites)
    search.report(names, held.objective, held.bound)
    return SitingAnswer(
        method="lscp",
        sites=names,
        objective=held.objective,
        bound=held.bound,
        status=status_of(
            held.objective, held.bound, stopped=held.stopped, accept_gap=search.control.accept_gap
        ),
        seconds=search.seconds,
        uncoverable=uncoverable,
        facts=facts,
    )


def _covered_facts(problem: SitingProblem, *, uncoverable_weight: float) -> dict[str, float]:
    total = float(problem.weights.sum())
    return {"total_weight": total, "covered_weight": total - uncoverable_weight}
