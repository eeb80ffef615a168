"""Most weight covered by p hubs (MCLP), proved by HiGHS; refuses to round a bound in its own favour."""

import math
from collections.abc import Callable
from dataclasses import dataclass
from typing import TypeAlias

import numpy as np
from scipy import sparse

from layers.hubs.siting import mixed_integer
from layers.hubs.siting.answer import SitingAnswer, Stopped, status_of
from layers.hubs.siting.capacitated import serve_most
from layers.hubs.siting.control import Search, SearchControl
from layers.hubs.siting.covering import OpenChoice, cover_within, covered_by, open_choice
from layers.hubs.siting.greedy import exchanged, greedy_gains, most_covered
from layers.hubs.siting.problem import BoolArray, CostMatrix, FloatArray, IndexArray, SitingProblem
from layers.hubs.siting.screening import impossible, out_of_reach, why_impossible

Fits: TypeAlias = Callable[[IndexArray], FloatArray]


def solve_mclp(
    problem: SitingProblem, limit_m: float, p: int, *, control: SearchControl | None = None
) -> SitingAnswer:
    """Choose p sites, kept and forced ones among them, that cover most weight within `limit_m`.

    Maximal covering after Church and ReVelle (1974). Exactly p sites are named (with a budget: at most p,
    for what it pays); sites that add nothing are filled up by id. With capacities, weight counts where it finds
    room: `allocate` then says who goes where. In the handbook's city 20 hubs reach
    606,396 of 2.376 million people within 1 km, proved in 0.14 s.
    Raises `SitingInputRefused`; answers `infeasible` with a reason where no p sites can be named.
    """
    search = Search(control or SearchControl())
    cover = cover_within(problem, limit_m)
    uncoverable = problem.demand_names(out_of_reach(problem, limit_m))
    reason = why_impossible(problem, p)
    if reason is not None:
        return impossible("mclp", search, reason, uncoverable=uncoverable)
    if problem.capacities is None:
        choice = open_choice(problem, cover)
        found = cover_most(problem, choice, p, search)
        sites = filled(problem, np.concatenate([choice.fixed, choice.candidates[found.columns]]), p)
        objective, stopped = covered_weight(problem, cover, sites), found.stopped
        bound = max(objective, found.bound)
    else:
        held = serve_most(problem, cover, p, search)
        sites = filled(problem, np.empty(0, dtype=np.int64) if held.sites is None else held.sites, p)
        objective, bound, stopped = held.objective, held.bound, held.stopped
    search.report(problem.site_ids(sites), objective, bound)
    return SitingAnswer(
        method="mclp",
        sites=problem.site_ids(sites),
        objective=objective,
        bound=bound,
        status=status_of(objective, bound, stopped=stopped, accept_gap=search.control.accept_gap),
        seconds=search.seconds,
        uncoverable=uncoverable,
        facts={"total_weight": float(problem.weights.sum()), "covered_weight": objective},
    )


@dataclass(frozen=True, slots=True, eq=False)
class MostCovered:
    """Chosen columns of an `OpenChoice`, the proven bound on covered weight, and why unproved."""

    columns: IndexArray
    bound: float
    stopped: Stopped


def cover_most(
    problem: SitingProblem, choice: OpenChoice, p: int, search: Search, *, start: IndexArray | None = None
) -> MostCovered:
    """Choose among the free candidates: greedy with exchange at once, then HiGHS from there."""
    count = p - choice.fixed.size
    money = _left_over(problem)
    first = most_covered(choice, count, budget=money) if start is None else start
    if money is None:
        first = exchanged(choice, first, search, seconds=min(1.0, 0.1 * search.control.time_limit_s))
    reached = choice.fixed_weight + float(choice.weights[covered_by(choice.cover, first)].sum())
    ceiling = choice.fixed_weight + float(greedy_gains(choice, count)[1][-1])
    names = problem.site_ids(np.concatenate([choice.fixed, choice.candidates[first]]))
    search.report(names, reached, ceiling)
    if ceiling <= reached or search.good_enough(reached, ceiling):
        return MostCovered(first, ceiling, None)
    model, fits = coverage_model(choice, count, money)

    def better(values: FloatArray | None, bound: float) -> None:
        if values is not None:
            columns = np.flatnonzero(values[: choice.candidates.size] > 0.5)
            sites = problem.site_ids(np.concatenate([choice.fixed, choice.candidates[columns]]))
            weight = choice.fixed_weight + float(choice.weights[covered_by(choice.cover, columns)].sum())
            search.report(sites, weight, min(ceiling, choice.fixed_weight + bound))

    found = mixed_integer.solve(
        model, search, start=fits(first), better=better, absolute_gap=_step(choice.weights, reached)
    )
    columns = first if found.values is None else np.flatnonzero(found.values[: choice.candidates.size] > 0.5)
    weight = choice.fixed_weight + float(choice.weights[covered_by(choice.cover, columns)].sum())
    if weight < reached:
        columns = first
    bound = min(ceiling, choice.fixed_weight + _downward(found.bound, choice.weights))
    stopped = found.state if found.state in {"time_limit", "cancelled"} else None
    return MostCovered(columns, bound, stopped)


def coverage_model(
    choice: OpenChoice, count: int, money: float | None
) -> tuple[mixed_integer.IntegerModel, Fits]:
    """Maximise covered cell weight: z ≤ Σ y of those who cover it, Σ y ≤ count, prices ≤ money.

    Columns are the candidates, then the cells (continuous: they are whole where the sites are). Second comes
    the function that turns chosen columns into a start point.
    """
    sites, cells = choice.candidates.size, choice.weights.size
    by_cell = sparse.csr_array(choice.cover.T)
    matrix: CostMatrix = sparse.csr_array(sparse.hstack([-by_cell, sparse.eye_array(cells)], format="csr"))
    limits = [np.concatenate([np.ones(sites), np.zeros(cells)])]
    uppers = [float(count)]
    if money is not None:
        limits.append(np.concatenate([choice.prices, np.zeros(cells)]))
        uppers.append(money)
    matrix = mixed_integer.rows_of(matrix, sparse.csr_array(np.array(limits)))
    model = mixed_integer.IntegerModel(
        costs=np.concatenate([np.zeros(sites), choice.weights]),
        lower=np.zeros(sites + cells),
        upper=np.ones(sites + cells),
        matrix=matrix,
        row_lower=np.full(matrix.shape[0], -np.inf),
        row_upper=np.concatenate([np.zeros(cells), uppers]),
        integer=np.concatenate([np.ones(sites, dtype=np.bool_), np.zeros(cells, dtype=np.bool_)]),
        maximise=True,
    )

    def fits(columns: IndexArray) -> FloatArray:
        start = np.zeros(sites + cells)
        start[columns] = 1.0
        start[sites:] = covered_by(choice.cover, columns)
        return start

    return model, fits


def covered_weight(problem: SitingProblem, cover: CostMatrix, sites: IndexArray) -> float:
    """Weight of all demand that the sites cover."""
    return float(problem.weights[covered_by(cover, sites)].sum())


def filled(problem: SitingProblem, sites: IndexArray, p: int) -> IndexArray:
    """Exactly p sites where no budget rules: those missing add nothing and are taken by ascending id."""
    if problem.budget is not None or sites.size >= p:
        return np.sort(sites)
    spare: BoolArray = problem.allowed.copy()
    spare[sites] = False
    return np.sort(np.concatenate([sites, np.flatnonzero(spare)[: p - sites.size]]))


def _left_over(problem: SitingProblem) -> float | None:
    if problem.budget is None:
        return None
    return problem.budget - float(problem.prices()[problem.fixed].sum())


def _whole(weights: FloatArray) -> bool:
    return bool((weights == np.round(weights)).all())


def _step(weights: FloatArray, reached: float) -> float:
    """Objectives nearer than this are equal: whole weights make whole sums."""
    return 0.999 if _whole(weights) else max(1e-9, 5e-8 * reached)


def _downward(bound: float, weights: FloatArray) -> float:
    return math.floor(bound + 1e-6) if _whole(weights) and math.isfinite(bound) else bound
