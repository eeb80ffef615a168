"""Good sites at once: greedy and exchange for coverage; refuses to claim a bound."""

import numpy as np

from layers.hubs.siting.control import Search
from layers.hubs.siting.covering import OpenChoice
from layers.hubs.siting.problem import CostMatrix, FloatArray, IndexArray


def most_covered(choice: OpenChoice, count: int, *, budget: float | None = None) -> IndexArray:
    """Columns of `choice`, one after another, each adding most weight (per price where a budget rules).

    The lower candidate id wins ties. Stops when nothing is added any more.
    """
    left = choice.weights.copy()
    chosen: list[int] = []
    money = np.inf if budget is None else budget
    while len(chosen) < count:
        gains = _gains(choice.cover, left)
        gains[choice.prices > money] = 0.0
        score = gains if budget is None else gains / np.maximum(choice.prices, 1e-12)
        best = int(np.argmax(score)) if score.size else 0
        if not score.size or gains[best] <= 0.0:
            break
        chosen.append(best)
        money -= float(choice.prices[best])
        left[_cells(choice.cover, best)] = 0.0
    return np.array(chosen, dtype=np.int64)


def exchanged(choice: OpenChoice, chosen: IndexArray, search: Search, *, seconds: float) -> IndexArray:
    """Swap one site for another as long as that covers more and time allows (Teitz and Bart's interchange)."""
    sites = list(map(int, chosen))
    times = np.zeros(choice.weights.size, dtype=np.int64)
    for site in sites:
        times[_cells(choice.cover, site)] += 1
    until = search.seconds + seconds
    unimproved, turn = 0, 0
    while sites and unimproved < len(sites) and search.seconds < until and search.stopped() is None:
        place = turn % len(sites)
        turn += 1
        leaving = sites[place]
        times[_cells(choice.cover, leaving)] -= 1
        gains = _gains(choice.cover, np.where(times == 0, choice.weights, 0.0))
        best = int(np.argmax(gains))
        unimproved += 1
        if gains[best] > gains[leaving] * (1 + 1e-12):
            sites[place], unimproved = best, 0
        times[_cells(choice.cover, sites[place])] += 1
    return np.array(sites, dtype=np.int64)


def fewest_covering(sets: CostMatrix) -> IndexArray:
    """Rows that together cover every column: greedy by columns added, then those not needed taken out again."""
    left = np.ones(sets.shape[1])
    times = np.zeros(sets.shape[1], dtype=np.int64)
    chosen: list[int] = []
    while left.any():
        best = int(np.argmax(_gains(sets, left)))
        chosen.append(best)
        left[_cells(sets, best)] = 0.0
        times[_cells(sets, best)] += 1
    for site in list(chosen):
        cells = _cells(sets, site)
        if (times[cells] > 1).all():
            chosen.remove(site)
            times[cells] -= 1
    return np.array(chosen, dtype=np.int64)


def greedy_gains(choice: OpenChoice, count: int) -> tuple[IndexArray, FloatArray]:
    """Return the greedy order and, for k = 0 … count, an upper bound on what k free sites can cover.

    The bound is that of Nemhauser, Wolsey and Fisher (1978): coverage has diminishing returns, so from
    any prefix the k largest single gains are the most that k further sites can add.
    """
    left = choice.weights.copy()
    bounds = np.full(count + 1, choice.weights.sum())
    order: list[int] = []
    while True:
        gains = _gains(choice.cover, left)
        largest = np.sort(gains)[::-1][:count]
        reach = np.zeros(count + 1)
        reach[1 : largest.size + 1] = np.cumsum(largest)
        reach[largest.size + 1 :] = largest.sum()
        bounds = np.minimum(bounds, choice.weights.sum() - left.sum() + reach)
        best = int(np.argmax(gains)) if gains.size else 0
        if len(order) >= count or not gains.size or gains[best] <= 0.0:
            return np.array(order, dtype=np.int64), bounds
        order.append(best)
        left[_cells(choice.cover, best)] = 0.0


def _gains(sets: CostMatrix, left: FloatArray) -> FloatArray:
    """Weight still to be covered that each row would add."""
    return np.asarray(sets @ left, dtype=np.float64)


def _cells(sets: CostMatrix, row: int) -> IndexArray:
    return sets.indices[sets.indptr[row] : sets.indptr[row + 1]].astype(np.int64)
