"""Good p-median sites: greedy, then interchange in its fast form; refuses to claim a bound."""

from collections.abc import Callable
from typing import Any

import numba
import numpy as np

from layers.hubs.siting.control import Search
from layers.hubs.siting.nearest import NearLists, nearest_two, places
from layers.hubs.siting.problem import BoolArray, FloatArray, IndexArray


def _savings(  # noqa: PLR0917 - a compiled kernel takes its arrays one by one
    starts: IndexArray,
    sites: IndexArray,
    metres: FloatArray,
    weights: FloatArray,
    near: FloatArray,
    count: int,
) -> FloatArray:
    """Weight × metres that each candidate would save if it were opened besides."""
    saved = np.zeros(count)
    for i in range(starts.size - 1):
        for at in range(starts[i], starts[i + 1]):
            if metres[at] >= near[i]:
                break
            saved[sites[at]] += weights[i] * (near[i] - metres[at])
    return saved


def _exchange_table(  # noqa: PLR0917 - a compiled kernel takes its arrays one by one
    starts: IndexArray,
    sites: IndexArray,
    metres: FloatArray,
    weights: FloatArray,
    place: IndexArray,
    first: IndexArray,
    near: FloatArray,
    second: FloatArray,
    opened: int,
) -> tuple[FloatArray, FloatArray, FloatArray]:
    """Gain of opening each candidate, loss of closing each site, and what the pair has in common.

    The profit of opening j and closing r is gain[j] - loss[r] + extra[j, r] (Resende and Werneck, 2007).
    """
    gain = np.zeros(place.size)
    loss = np.zeros(opened)
    extra = np.zeros((place.size, opened))
    for i in range(starts.size - 1):
        mine = first[i]
        if mine >= 0:
            loss[mine] += weights[i] * (second[i] - near[i])
        for at in range(starts[i], starts[i + 1]):
            far = metres[at]
            if far >= second[i]:
                break
            j = sites[at]
            if place[j] >= 0:
                continue
            if far < near[i]:
                gain[j] += weights[i] * (near[i] - far)
            if mine >= 0:
                extra[j, mine] += weights[i] * (second[i] - max(far, near[i]))
    return gain, loss, extra


savings: Callable[..., Any] = numba.njit(cache=True)(_savings)
exchange_table: Callable[..., Any] = numba.njit(cache=True)(_exchange_table)


def greedy_sites(lists: NearLists, fixed: IndexArray, count: int, search: Search) -> IndexArray:
    """Take the fixed candidates, then one after another the one that saves most walking; ties by id.

    When the search has to stop on the way, the rest are those that save most beside the sites so far.
    """
    opened = list(map(int, fixed))
    total = lists.candidates.size
    while len(opened) < count:
        place = places(total, np.array(opened, dtype=np.int64))
        _, near, _ = nearest_two(lists.starts, lists.sites, lists.metres, place, lists.beyond_m)
        saved = savings(lists.starts, lists.sites, lists.metres, lists.weights, near, total)
        saved[opened] = -1.0
        missing = count - len(opened)
        best = np.argsort(-saved, kind="stable")[: missing if search.stopped() else 1]
        opened.extend(map(int, best))
    return np.array(opened, dtype=np.int64)


def interchanged(lists: NearLists, opened: IndexArray, fixed: BoolArray, search: Search) -> IndexArray:
    """Make the best exchange of one open for one closed candidate until none shortens the walk."""
    sites = opened.copy()
    while search.stopped() is None:
        place = places(lists.candidates.size, sites)
        first, near, second = nearest_two(lists.starts, lists.sites, lists.metres, place, lists.beyond_m)
        gain, loss, extra = exchange_table(
            lists.starts, lists.sites, lists.metres, lists.weights, place, first, near, second, sites.size
        )
        profit = gain[:, None] - loss[None, :] + extra
        profit[sites] = -np.inf
        profit[:, fixed[sites]] = -np.inf
        best = int(np.argmax(profit))
        entering, leaving = divmod(best, sites.size)
        if not profit[entering, leaving] > 1e-9 * max(1.0, float(near @ lists.weights)):
            break
        sites[leaving] = entering
    return sites


def shaken(
    opened: IndexArray, fixed: BoolArray, usable: BoolArray, strength: int, chance: np.random.Generator
) -> IndexArray:
    """Replace `strength` sites by other usable candidates at random: where the next interchange begins."""
    sites = opened.copy()
    movable = np.flatnonzero(~fixed[sites])
    closed = usable & ~fixed
    closed[sites] = False
    spare = np.flatnonzero(closed)
    count = min(strength, movable.size, spare.size)
    sites[chance.choice(movable, count, replace=False)] = chance.choice(spare, count, replace=False)
    return sites
