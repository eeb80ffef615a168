"""Within which distance each demand point surely has an open site in any better answer; refuses to cut unproved."""

from collections.abc import Callable
from typing import Any

import numba
import numpy as np

from layers.hubs.siting.lagrangian import Bounded, reduced_costs
from layers.hubs.siting.nearest import NearLists
from layers.hubs.siting.problem import BoolArray, FloatArray, IndexArray


def _certain_lengths(  # noqa: PLR0917 - a compiled kernel takes its arrays one by one
    starts: IndexArray,
    sites: IndexArray,
    metres: FloatArray,
    weights: FloatArray,
    prices: FloatArray,
    worth: FloatArray,
    order: IndexArray,
    fixed: BoolArray,
    free: int,
    slack: float,
    beyond: float,
) -> IndexArray:
    """Length of each list after which no better answer looks, -1 where nothing is certain.

    Closing the first sites of a list lifts the bound: their worth is lost, the next best ones take their
    place, and the demand point itself pays for walking farther than its price. `order` are the free
    candidates by ascending worth; `slack` is the walk found less the bound.
    """
    lengths = np.full(starts.size - 1, -1, np.int64)
    closed = np.full(worth.size, -1, np.int64)
    for i in range(starts.size - 1):
        at = starts[i]
        while at < starts[i + 1]:
            level = metres[at]
            certain = False
            while at < starts[i + 1] and metres[at] == level:
                site = sites[at]
                closed[site] = i
                certain = certain or fixed[site]
                at += 1
            lift, missing, k = 0.0, free, 0
            while missing > 0 and k < order.size:
                if closed[order[k]] != i:
                    lift += worth[order[k]]
                    missing -= 1
                k += 1
            following = metres[at] if at < starts[i + 1] else beyond
            lift += max(0.0, weights[i] * following - prices[i])
            if certain or missing > 0 or lift > slack:
                lengths[i] = at - starts[i]
                break
    return lengths


certain_lengths: Callable[..., Any] = numba.njit(cache=True)(_certain_lengths)


def cut_lists(
    lists: NearLists, fixed: BoolArray, state: Bounded, stays: BoolArray
) -> tuple[NearLists, BoolArray]:
    """Shorten the lists of candidates that stay to what is certain; second comes whose list was cut.

    A demand point whose list was cut has an open site within it in every answer better than the one found.
    """
    left = lists.restricted(stays)
    still = fixed[stays]
    walks = left.metres * np.repeat(left.weights, np.diff(left.starts))
    worth = reduced_costs(left.starts, left.sites, walks, state.prices, left.candidates.size)
    free = np.flatnonzero(~still)
    order = free[np.argsort(worth[free], kind="stable")]
    count = state.sites.size - int(still.sum())
    slack = state.objective * (1 + 1e-9) - float(state.prices.sum() + worth[still].sum())
    lengths = certain_lengths(
        left.starts,
        left.sites,
        left.metres,
        left.weights,
        state.prices,
        worth,
        order,
        still,
        count,
        slack,
        left.beyond_m,
    )
    cut = lengths >= 0
    lengths = np.where(cut, lengths, np.diff(left.starts))
    owner = np.repeat(np.arange(lengths.size), np.diff(left.starts))
    within = np.arange(owner.size) - left.starts[owner] < lengths[owner]
    starts = np.concatenate([[0], np.cumsum(lengths)]).astype(np.int64)
    return NearLists(
        left.candidates,
        left.demand,
        left.weights,
        starts,
        left.sites[within],
        left.metres[within],
        left.beyond_m,
    ), cut
