"""Covering when hubs hold only so many: most weight served, or fewest hubs that hold all; refuses to overfill."""

import math
from dataclasses import dataclass

import numpy as np
from scipy import sparse

from layers.hubs.siting import mixed_integer
from layers.hubs.siting.answer import Stopped
from layers.hubs.siting.control import Search
from layers.hubs.siting.merging import merged
from layers.hubs.siting.problem import CostMatrix, FloatArray, IndexArray, SitingProblem


@dataclass(frozen=True, slots=True, eq=False)
class Held:
    """Chosen rows of the problem, the weight they hold (or their number), the bound, and why unproved.

    `sites` is None where no choice holds everybody; `bound` is then the weight that can be held at most.
    """

    sites: IndexArray | None
    objective: float
    bound: float
    stopped: Stopped


@dataclass(frozen=True, slots=True, eq=False)
class _Rooms:
    """Allowed candidates × merged cells: arc k goes from candidate `site[k]` to cell `cell[k]`."""

    candidates: IndexArray
    site: IndexArray
    cell: IndexArray
    room: FloatArray
    weights: FloatArray
    prices: FloatArray
    fixed: FloatArray


def serve_most(problem: SitingProblem, cover: CostMatrix, p: int, search: Search) -> Held:
    """Choose at most p sites that together hold most weight of those they cover.

    Weight may be divided between hubs, cells with the same cover set are one. Handbook, section 5.4: 20 of
    500 sites for 60,000 each were left with a gap of 0.74 % after 150 s; the gap is stated, never hidden.
    """
    rooms = _rooms(problem, cover)
    start = _greedy(rooms, p, problem.budget)
    first = _tidy(float(start[rooms.candidates.size :].sum()), rooms)
    ceiling = _largest_rooms(rooms, p)
    search.report(problem.site_ids(_opened(rooms, start)), first, ceiling)
    if ceiling <= first or search.good_enough(first, ceiling):
        return Held(_opened(rooms, start), first, max(first, ceiling), None)
    model = _model(rooms, p, problem.budget, serve_all=False)
    step = 0.999 if _whole(rooms) else max(1e-9, 5e-8 * first)

    def better(values: FloatArray | None, bound: float) -> None:
        if values is not None:
            sites = problem.site_ids(_opened(rooms, values))
            search.report(sites, float(values[rooms.candidates.size :].sum()), min(bound, ceiling))

    found = mixed_integer.solve(model, search, start=start, better=better, absolute_gap=step)
    values = start if found.values is None else found.values
    stopped = found.state if found.state in {"time_limit", "cancelled"} else None
    bound = min(found.bound, ceiling)
    if _whole(rooms) and math.isfinite(bound):
        bound = math.floor(bound + 1e-6)
    objective = _tidy(float(values[rooms.candidates.size :].sum()), rooms)
    return Held(_opened(rooms, values), objective, max(bound, objective), stopped)


def fewest_holding(problem: SitingProblem, cover: CostMatrix, search: Search) -> Held:
    """Choose the fewest sites that hold all weight that can be covered at all."""
    rooms = _rooms(problem, cover)
    everybody = rooms.candidates.size
    at_most = mixed_integer.solve(_model(rooms, everybody, None, serve_all=False), search)
    holdable = _tidy(-math.inf if at_most.values is None else float(at_most.values[everybody:].sum()), rooms)
    total = float(rooms.weights.sum())
    if at_most.state == "optimal" and holdable < total * (1 - 1e-9):
        return Held(None, holdable, holdable, None)
    found = mixed_integer.solve(
        _model(rooms, everybody, None, serve_all=True), search, start=at_most.values, absolute_gap=0.999
    )
    stopped = found.state if found.state in {"time_limit", "cancelled"} else None
    values = at_most.values if found.values is None else found.values
    sites = np.arange(0) if values is None else _opened(rooms, values)
    least = 0.0 if math.isinf(found.bound) else float(math.ceil(found.bound - 1e-6))
    return Held(sites, float(sites.size), min(least, float(sites.size)), stopped)


def _rooms(problem: SitingProblem, cover: CostMatrix) -> _Rooms:
    candidates = np.flatnonzero(problem.allowed)
    reached = np.zeros(problem.demand_count, dtype=np.bool_)
    reached[cover.indices] = True
    wanted = np.flatnonzero(reached & (problem.weights > 0))
    by_cell = sparse.csr_array(sparse.csr_array(cover[candidates])[:, wanted].T)
    by_cell.sort_indices()
    cells, weights = merged(by_cell, problem.weights[wanted])
    rooms = np.full(problem.candidate_count, np.inf) if problem.capacities is None else problem.capacities
    return _Rooms(
        candidates=candidates,
        site=cells.indices.astype(np.int64),
        cell=np.repeat(np.arange(cells.shape[0]), np.diff(cells.indptr)),
        room=np.minimum(rooms[candidates], weights.sum()),
        weights=weights,
        prices=problem.prices()[candidates],
        fixed=problem.fixed[candidates].astype(np.float64),
    )


def _model(rooms: _Rooms, p: int, budget: float | None, *, serve_all: bool) -> mixed_integer.IntegerModel:
    """Columns: candidates, then arcs. Rows: cells, rooms, arcs only from open sites, number, money."""
    sites, cells, arcs = rooms.candidates.size, rooms.weights.size, rooms.site.size
    number, width = np.arange(arcs), sites + arcs
    ones = np.ones(arcs)
    served = sparse.csr_array((ones, (rooms.cell, sites + number)), shape=(cells, width))
    filled = sparse.csr_array((ones, (rooms.site, sites + number)), shape=(sites, width))
    opened = sparse.csr_array((-rooms.room, (np.arange(sites), np.arange(sites))), shape=(sites, width))
    most = np.minimum(rooms.weights[rooms.cell], rooms.room[rooms.site])
    tied = sparse.csr_array(
        (
            np.concatenate([ones, -most]),
            (np.concatenate([number, number]), np.concatenate([sites + number, rooms.site])),
        ),
        shape=(arcs, width),
    )
    limits = np.zeros((2, width))
    limits[0, :sites], limits[1, :sites] = 1.0, rooms.prices
    money = np.inf if budget is None else budget
    worth = np.zeros(arcs) if serve_all else ones
    floor = rooms.weights if serve_all else np.zeros(cells)
    return mixed_integer.IntegerModel(
        costs=np.concatenate([np.ones(sites) if serve_all else np.zeros(sites), worth]),
        lower=np.concatenate([rooms.fixed, np.zeros(arcs)]),
        upper=np.concatenate([np.ones(sites), most]),
        matrix=mixed_integer.rows_of(
            served, sparse.csr_array(filled + opened), tied, sparse.csr_array(limits)
        ),
        row_lower=np.concatenate([floor, np.full(sites + arcs + 2, -np.inf)]),
        row_upper=np.concatenate([rooms.weights, np.zeros(sites + arcs), [float(p), money]]),
        integer=np.concatenate([np.ones(sites, dtype=np.bool_), np.zeros(arcs, dtype=np.bool_)]),
        maximise=not serve_all,
    )


def _largest_rooms(rooms: _Rooms, p: int) -> float:
    """Bound what p sites can hold: no more than the weight there is, nor than each one's room and reach."""
    within = np.bincount(rooms.site, rooms.weights[rooms.cell], rooms.room.size)
    each = np.minimum(within, rooms.room)
    free = np.sort(each[rooms.fixed == 0])[::-1][: p - int(rooms.fixed.sum())]
    return min(float(rooms.weights.sum()), float(each[rooms.fixed > 0].sum() + free.sum()))


def _greedy(rooms: _Rooms, p: int, budget: float | None) -> FloatArray:
    """Open fixed sites first, then the one that can take most of what is left; scarce cells are taken first."""
    start = np.zeros(rooms.candidates.size + rooms.site.size)
    left = rooms.weights.copy()
    options = np.bincount(rooms.cell, minlength=left.size)
    money = np.inf if budget is None else budget - float(rooms.prices[rooms.fixed > 0].sum())
    fixed = list(np.flatnonzero(rooms.fixed))
    for turn in range(p):
        takes = np.minimum(np.bincount(rooms.site, left[rooms.cell], rooms.room.size), rooms.room)
        takes[(start[: rooms.room.size] > 0) | (rooms.prices > money)] = 0.0
        site = int(fixed[turn]) if turn < len(fixed) else int(np.argmax(takes))
        if turn >= len(fixed):
            if takes[site] <= 0.0:
                break
            money -= float(rooms.prices[site])
        start[site] = 1.0
        arcs = np.flatnonzero(rooms.site == site)
        arcs = arcs[np.argsort(options[rooms.cell[arcs]], kind="stable")]
        before = np.concatenate([[0.0], np.cumsum(left[rooms.cell[arcs]])[:-1]])
        amounts = np.clip(rooms.room[site] - before, 0.0, left[rooms.cell[arcs]])
        start[rooms.candidates.size + arcs] = amounts
        left[rooms.cell[arcs]] -= amounts
    return start


def _opened(rooms: _Rooms, values: FloatArray) -> IndexArray:
    return rooms.candidates[values[: rooms.candidates.size] > 0.5]


def _whole(rooms: _Rooms) -> bool:
    """Whole weights in whole rooms flow in whole numbers."""
    return all(bool((array == np.round(array)).all()) for array in (rooms.weights, rooms.room))


def _tidy(amount: float, rooms: _Rooms) -> float:
    """Take the solver's rounding off a sum that must be whole."""
    near = abs(amount - round(amount)) < 1e-3 if math.isfinite(amount) else False
    return float(round(amount)) if near and _whole(rooms) else amount
