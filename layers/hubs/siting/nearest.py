"""For every demand point its candidates from near to far; refuses pairs that cannot matter."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numba
import numpy as np

from layers.hubs.siting.problem import BoolArray, FloatArray, IndexArray, SitingProblem


@dataclass(frozen=True, slots=True, eq=False)
class NearLists:
    """Demand that counts, each with its allowed candidates by ascending metres (ties by candidate id).

    `candidates` are the problem's rows that `sites` number; list i is sites[starts[i]:starts[i+1]] with its
    `metres`. `beyond_m` is charged where none of the open sites is in the list.
    """

    candidates: IndexArray
    demand: IndexArray
    weights: FloatArray
    starts: IndexArray
    sites: IndexArray
    metres: FloatArray
    beyond_m: float

    def restricted(self, stays: BoolArray) -> "NearLists":
        """Return the same lists with only some of the candidates."""
        kept = stays[self.sites]
        ranks = np.cumsum(stays) - 1
        counts = np.concatenate([[0], np.cumsum(kept)])
        return NearLists(
            self.candidates[stays],
            self.demand,
            self.weights,
            counts[self.starts].astype(np.int64),
            ranks[self.sites[kept]].astype(np.int64),
            self.metres[kept],
            self.beyond_m,
        )


def near_lists(
    problem: SitingProblem, *, beyond_m: float | None = None, weightless: bool = False
) -> NearLists:
    """Sort the pairs of the problem by demand and distance.

    Demand out of all reach is left out, demand without weight too unless `weightless` asks for it.
    `beyond_m` defaults to twice the longest pair; pairs at or beyond it are dropped.
    """
    longest = float(problem.costs.data.max()) if problem.costs.nnz else 0.0
    charge = 2.0 * longest if beyond_m is None else beyond_m
    candidates = np.flatnonzero(problem.allowed)
    ranks = np.full(problem.candidate_count, -1)
    ranks[candidates] = np.arange(candidates.size)
    rows = np.repeat(np.arange(problem.candidate_count), np.diff(problem.costs.indptr))
    counts = problem.allowed[rows]
    if beyond_m is not None:
        counts &= problem.costs.data < charge
    columns = problem.costs.indices[counts]
    by_distance = np.lexsort((ranks[rows[counts]], problem.costs.data[counts], columns))
    columns = columns[by_distance]
    demand, starts = np.unique(columns, return_index=True)
    ends = np.append(starts[1:], columns.size)
    heavy = np.ones(demand.size, dtype=np.bool_) if weightless else problem.weights[demand] > 0
    pairs = np.repeat(heavy, ends - starts)
    return NearLists(
        candidates=candidates,
        demand=demand[heavy].astype(np.int64),
        weights=problem.weights[demand[heavy]],
        starts=np.concatenate([[0], np.cumsum((ends - starts)[heavy])]).astype(np.int64),
        sites=ranks[rows[counts]][by_distance][pairs].astype(np.int64),
        metres=problem.costs.data[counts][by_distance][pairs],
        beyond_m=charge,
    )


def _nearest_two(
    starts: IndexArray, sites: IndexArray, metres: FloatArray, place: IndexArray, beyond: float
) -> tuple[IndexArray, FloatArray, FloatArray]:
    """Place of the nearest open site (-1: none), its metres, and those of the second nearest.

    `place` holds for every candidate its place among the open sites, or -1.
    """
    count = starts.size - 1
    first = np.full(count, -1, np.int64)
    near = np.full(count, beyond)
    second = np.full(count, beyond)
    for i in range(count):
        for at in range(starts[i], starts[i + 1]):
            if place[sites[at]] >= 0:
                if first[i] < 0:
                    first[i] = place[sites[at]]
                    near[i] = metres[at]
                else:
                    second[i] = metres[at]
                    break
    return first, near, second


nearest_two: Callable[..., Any] = numba.njit(cache=True)(_nearest_two)


def places(count: int, opened: IndexArray) -> IndexArray:
    """Place of each of `count` candidates among the open ones, -1 where closed."""
    place = np.full(count, -1, dtype=np.int64)
    place[opened] = np.arange(opened.size)
    return place


def walk(lists: NearLists, opened: IndexArray) -> float:
    """Weight × metres to the nearest open site, `beyond_m` where there is none."""
    place = places(lists.candidates.size, opened)
    _, near, _ = nearest_two(lists.starts, lists.sites, lists.metres, place, lists.beyond_m)
    return float(near @ lists.weights)
