"""Questions without an answer, recognised before anything is solved; refuses to guess what was meant."""

import numpy as np

from layers.hubs.coverage.legs import LIMIT_TOLERANCE_M
from layers.hubs.siting.answer import Method, SitingAnswer
from layers.hubs.siting.control import Search
from layers.hubs.siting.problem import BoolArray, IndexArray, SitingInputRefused, SitingProblem


def out_of_reach(problem: SitingProblem, limit_m: float = np.inf) -> IndexArray:
    """Demand columns that no allowed candidate reaches within `limit_m`, in order of input."""
    rows = np.repeat(np.arange(problem.candidate_count), np.diff(problem.costs.indptr))
    near = (problem.costs.data <= limit_m + LIMIT_TOLERANCE_M) & problem.allowed[rows]
    reached: BoolArray = np.zeros(problem.demand_count, dtype=np.bool_)
    reached[problem.costs.indices[near]] = True
    return np.flatnonzero(~reached)


def why_impossible(problem: SitingProblem, p: int) -> tuple[str, dict[str, float]] | None:
    """Reason code and facts where no p sites can be named, else None.

    `hubs.p_exceeds_candidates`: fewer candidates are allowed than sites asked for;
    `hubs.p_below_fixed`: more hubs are kept or forced than p; `hubs.budget_below_forced`: the forced
    ones alone cost more than the budget. Raises `SitingInputRefused` where p is below 1.
    """
    if p < 1:
        raise SitingInputRefused(field="p", problem="below 1")
    allowed, fixed = int(problem.allowed.sum()), int(problem.fixed.sum())
    if p > allowed:
        return "hubs.p_exceeds_candidates", {"p": p, "candidates": allowed}
    if p < fixed:
        return "hubs.p_below_fixed", {"p": p, "fixed": fixed}
    forced = float(problem.prices()[problem.forced].sum())
    if problem.budget is not None and forced > problem.budget:
        return "hubs.budget_below_forced", {"budget": problem.budget, "forced": forced}
    return None


def refuse_unsupported(problem: SitingProblem, method: Method, *, budget: bool, capacities: bool) -> None:
    """Raise `SitingInputRefused` for a budget or capacities that the method would leave unheeded."""
    if problem.budget is not None and not budget:
        raise SitingInputRefused(field="budget", problem=f"not heeded by {method}")
    if problem.capacities is not None and not capacities:
        raise SitingInputRefused(field="capacities", problem=f"not heeded by {method}")


def impossible(
    method: Method,
    search: Search,
    reason: tuple[str, dict[str, float]],
    *,
    bound: float | None = None,
    uncoverable: tuple[str, ...] = (),
) -> SitingAnswer:
    """Answer without sites, saying why."""
    return SitingAnswer(
        method=method,
        sites=(),
        objective=None,
        bound=bound,
        status="infeasible",
        seconds=search.seconds,
        uncoverable=uncoverable,
        reason=reason[0],
        facts=reason[1],
    )
