"""The last stretch of a p-median proof, by HiGHS on what the bound left over; refuses models too large to pay."""

import math
from collections.abc import Callable
from dataclasses import replace
from typing import Final

import numpy as np
from scipy import sparse

from layers.hubs.siting import mixed_integer
from layers.hubs.siting.certain_reach import cut_lists
from layers.hubs.siting.control import Search
from layers.hubs.siting.lagrangian import Bounded
from layers.hubs.siting.nearest import NearLists, walk
from layers.hubs.siting.problem import BoolArray, FloatArray, IndexArray

PAIRS_AT_MOST: Final = 400_000
"""Pairs of demand and candidate up to which the radius model is built: about 200 MB in the solver."""

UNITS: Final = 1e6
"""The walk is given to the solver in millionths of itself: costs beyond 1e6 spoil its tolerances."""


def small_enough(lists: NearLists, state: Bounded) -> bool:
    """Whether the candidates not ruled out make a model that is worth building."""
    return int((~state.ruled_out)[lists.sites].sum()) <= PAIRS_AT_MOST


def close_gap(
    lists: NearLists,
    fixed: BoolArray,
    state: Bounded,
    search: Search,
    told: Callable[[IndexArray, float, float], None],
) -> None:
    """Improve `state` to proof on the candidates not ruled out, as far as the time allows."""
    numbers = np.flatnonzero(~state.ruled_out)
    left, cut = cut_lists(lists, fixed, state, ~state.ruled_out)
    model, constant, fits = radius_model(left, cut, fixed[numbers], state.sites.size)

    unit = max(1.0, state.objective) / UNITS
    model = replace(model, costs=model.costs / unit)

    def heard(values: FloatArray | None, bound: float) -> None:
        if values is not None:
            sites = numbers[values[: numbers.size] > 0.5]
            told(sites, walk(lists, sites), max(state.bound, bound * unit + constant))

    start = fits(np.searchsorted(numbers, state.sites))
    found = mixed_integer.solve(model, search, start=start, better=heard, absolute_gap=5e-8 * UNITS)
    if found.values is not None:
        sites = numbers[found.values[: numbers.size] > 0.5]
        objective = walk(lists, sites)
        if objective < state.objective:
            state.sites, state.objective = sites, objective
    if found.state in {"optimal", "infeasible"}:
        state.bound = state.objective  # what was ruled out and cut away is no better, the rest is searched
    elif math.isfinite(found.bound):
        state.bound = max(state.bound, found.bound * unit + constant)


def radius_model(
    lists: NearLists, cut: BoolArray, fixed: BoolArray, count: int
) -> tuple[mixed_integer.IntegerModel, float, Callable[[IndexArray], FloatArray]]:
    """Model of Elloumi (2010): z says that no open site stands within a demand point's k-th distance.

    Columns are the candidates, then z level by level; z(k) + Σ y at distance k ≥ z(k-1), z(0) = 1. Where a list
    is `cut`, the last z is 0: an open site stands within. Returns the
    model, the constant left out of its objective, and what turns open sites into a start point.
    """
    total, points = lists.candidates.size, lists.starts.size - 1
    owner = np.repeat(np.arange(points), np.diff(lists.starts))
    new = np.ones(owner.size, dtype=np.bool_)
    new[1:] = (owner[1:] != owner[:-1]) | (lists.metres[1:] != lists.metres[:-1])
    level = np.cumsum(new) - 1
    heads = np.flatnonzero(new)
    of_point = owner[heads]
    first = np.ones(heads.size, dtype=np.bool_)
    first[1:] = of_point[1:] != of_point[:-1]
    following = np.append(lists.metres[heads][1:], lists.beyond_m)
    last = np.append(first[1:], True)
    following[last] = lists.beyond_m
    rise = (following - lists.metres[heads]) * lists.weights[of_point]
    ends = np.append(heads[1:], owner.size) - lists.starts[of_point]
    upper = np.where(ends > total - count, 0.0, 1.0)
    upper[last & cut[of_point]] = 0.0
    rows = np.concatenate([level, np.arange(heads.size), np.flatnonzero(~first)])
    columns = np.concatenate([lists.sites, total + np.arange(heads.size), total + np.flatnonzero(~first) - 1])
    values = np.concatenate([np.ones(owner.size + heads.size), -np.ones(int((~first).sum()))])
    chain = sparse.csr_array((values, (rows, columns)), shape=(heads.size, total + heads.size))
    sum_row = sparse.csr_array(np.concatenate([np.ones(total), np.zeros(heads.size)])[None, :])
    model = mixed_integer.IntegerModel(
        costs=np.concatenate([np.zeros(total), rise]),
        lower=np.concatenate([fixed.astype(np.float64), np.zeros(heads.size)]),
        upper=np.concatenate([np.ones(total), upper]),
        matrix=mixed_integer.rows_of(chain, sum_row),
        row_lower=np.concatenate([first.astype(np.float64), [float(count)]]),
        row_upper=np.concatenate([np.full(heads.size, np.inf), [float(count)]]),
        integer=np.concatenate([np.ones(total, dtype=np.bool_), np.zeros(heads.size, dtype=np.bool_)]),
    )

    def fits(opened: IndexArray) -> FloatArray:
        start = np.zeros(total + heads.size)
        start[opened] = 1.0
        here = np.bincount(level, weights=start[lists.sites], minlength=heads.size)
        before = np.cumsum(here)
        base = (before - here)[first][np.cumsum(first) - 1]
        start[total:] = before - base < 0.5
        return start

    return model, float(lists.weights @ lists.metres[lists.starts[:-1]]), fits
