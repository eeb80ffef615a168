"""Villages kept whole: each goes to one hub; refuses to divide a village or to overfill a hub."""

from dataclasses import dataclass
from typing import Final

import numpy as np
from scipy import sparse

from layers.hubs.siting import mixed_integer
from layers.hubs.siting.answer import Status, relative_gap, status_of
from layers.hubs.siting.control import Search
from layers.hubs.siting.problem import BoolArray, FloatArray, IndexArray

TIMES_LONGEST: Final = 10.0
"""A village without a hub is charged this many times the longest walk: service comes before nearness."""


@dataclass(frozen=True, slots=True, eq=False)
class Reach:
    """Pairs of demand and place (number among the open sites) that are near enough, with their metres."""

    demand: IndexArray
    places: IndexArray
    metres: FloatArray


@dataclass(frozen=True, slots=True, eq=False)
class Rooms:
    """What every place can take: weight, and number of groups (infinite where not limited)."""

    weight: FloatArray
    groups: FloatArray


@dataclass(frozen=True, slots=True, eq=False)
class Whole:
    """Which of the pairs given are used, and how good that is proved to be."""

    chosen: BoolArray
    status: Status
    gap: float | None


@dataclass(frozen=True, slots=True, eq=False)
class _Options:
    """Every (group, place) whose demand points all reach the place, with weight × metres of the whole group."""

    owner: IndexArray
    place: IndexArray
    walks: FloatArray
    mass: FloatArray
    left_out: FloatArray


def assign_whole(
    weights: FloatArray, reach: Reach, rooms: Rooms, groups: IndexArray, search: Search
) -> Whole:
    """Assign every group to one place that all its demand points reach, by HiGHS (generalised assignment).

    `groups` has a number for each demand point. Groups that find no room are left out, at a charge.
    """
    _, group = np.unique(groups, return_inverse=True)
    sizes = np.bincount(group)
    mass = np.bincount(group, weights=weights).astype(np.float64)
    key = group[reach.demand] * rooms.weight.size + reach.places
    keys, of_pair, counts = np.unique(key, return_inverse=True, return_counts=True)
    owner, place = np.divmod(keys, rooms.weight.size)
    complete = counts == sizes[owner]
    walks = np.bincount(of_pair, weights=weights[reach.demand] * reach.metres, minlength=keys.size)
    charge = TIMES_LONGEST * max(1.0, float(reach.metres.max(initial=0.0)))
    options = _Options(
        owner[complete],
        place[complete],
        walks[complete].astype(np.float64),
        mass,
        charge * np.maximum(mass, 1e-3),
    )
    found = mixed_integer.solve(_model(options, rooms), search, start=_greedy(options, rooms))
    taken = np.zeros(keys.size, dtype=np.bool_)
    if found.values is not None:
        taken[np.flatnonzero(complete)] = found.values[: options.owner.size] > 0.5
    missing = np.ones(sizes.size, dtype=np.bool_)
    missing[owner[taken]] = False
    objective = float(walks[taken].sum() + options.left_out[missing].sum())
    bound = min(objective, found.bound)
    stopped = found.state if found.state in {"time_limit", "cancelled"} else None
    status = status_of(objective, bound, stopped=stopped, accept_gap=search.control.accept_gap)
    return Whole(taken[of_pair], status, relative_gap(objective, bound))


def _model(options: _Options, rooms: Rooms) -> mixed_integer.IntegerModel:
    """Columns: one for each option, then one for each group left out. Rows: groups, rooms, spans."""
    count, groups, sites = options.owner.size, options.mass.size, rooms.weight.size
    numbers = np.arange(count)
    wide = (sites, count + groups)
    once = sparse.csr_array(
        (
            np.ones(count + groups),
            (
                np.concatenate([options.owner, np.arange(groups)]),
                np.concatenate([numbers, count + np.arange(groups)]),
            ),
        ),
        shape=(groups, count + groups),
    )
    filled = sparse.csr_array((options.mass[options.owner], (options.place, numbers)), shape=wide)
    spanned = sparse.csr_array((np.ones(count), (options.place, numbers)), shape=wide)
    return mixed_integer.IntegerModel(
        costs=np.concatenate([options.walks, options.left_out]),
        lower=np.zeros(count + groups),
        upper=np.ones(count + groups),
        matrix=mixed_integer.rows_of(once, filled, spanned),
        row_lower=np.concatenate([np.ones(groups), np.full(2 * sites, -np.inf)]),
        row_upper=np.concatenate([np.ones(groups), rooms.weight, rooms.groups]),
        integer=np.ones(count + groups, dtype=np.bool_),
    )


def _greedy(options: _Options, rooms: Rooms) -> FloatArray:
    """Start with the heaviest group first, each at the shortest walk that has room."""
    count = options.owner.size
    start = np.concatenate([np.zeros(count), np.ones(options.mass.size)])
    free, seats = rooms.weight.copy(), rooms.groups.copy()
    for option in np.lexsort((options.walks, -options.mass[options.owner])):
        group, site = options.owner[option], options.place[option]
        mass = options.mass[group]
        if start[count + group] and free[site] >= mass and seats[site] >= 1:
            start[option], start[count + group] = 1.0, 0.0
            free[site] -= mass
            seats[site] -= 1
    return start
