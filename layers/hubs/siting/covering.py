"""Who covers whom within a limit, reduced to what a covering model needs; refuses to choose sites."""

from dataclasses import dataclass

import numpy as np
from scipy import sparse

from layers.hubs.coverage.legs import LIMIT_TOLERANCE_M
from layers.hubs.siting.merging import contained, merged
from layers.hubs.siting.problem import (
    BoolArray,
    CostMatrix,
    FloatArray,
    IndexArray,
    SitingInputRefused,
    SitingProblem,
)


def cover_within(problem: SitingProblem, limit_m: float) -> CostMatrix:
    """Candidates × demand, 1 where an allowed candidate is at most `limit_m` metres away.

    The limit counts as within, to the tolerance of the coverage engine, so that both name the same pairs.
    Raises `SitingInputRefused` for a limit that is negative or no number.
    """
    if not limit_m >= 0:
        raise SitingInputRefused(field="limit_m", problem="negative or not a number")
    pairs = problem.costs
    rows = np.repeat(np.arange(problem.candidate_count), np.diff(pairs.indptr))
    near = (pairs.data <= limit_m + LIMIT_TOLERANCE_M) & problem.allowed[rows]
    shape = (problem.candidate_count, problem.demand_count)
    starts = np.searchsorted(rows[near], np.arange(problem.candidate_count + 1))
    return sparse.csr_array((np.ones(int(near.sum())), pairs.indices[near], starts), shape=shape)


def covered_by(cover: CostMatrix, sites: IndexArray) -> BoolArray:
    """Demand that at least one of the sites covers."""
    covered = np.zeros(cover.shape[1], dtype=np.bool_)
    for site in sites:
        covered[cover.indices[cover.indptr[site] : cover.indptr[site + 1]]] = True
    return covered


@dataclass(frozen=True, slots=True, eq=False)
class OpenChoice:
    """What is left to decide once fixed sites stand: free candidates × merged cells that they do not cover.

    `candidates` are rows of the problem; `cover` is candidates × cells; `weights` those of the cells;
    `fixed` the sites that stand already and `fixed_weight` what they cover.
    """

    candidates: IndexArray
    cover: CostMatrix
    weights: FloatArray
    prices: FloatArray
    fixed: IndexArray
    fixed_weight: float


def open_choice(problem: SitingProblem, cover: CostMatrix, *, drop_contained: bool = True) -> OpenChoice:
    """Take off what fixed sites cover and what weighs nothing, merge equal cells, drop contained candidates."""
    fixed = np.flatnonzero(problem.fixed)
    settled = covered_by(cover, fixed)
    free = np.flatnonzero(problem.allowed & ~problem.fixed)
    reached = np.zeros(problem.demand_count, dtype=np.bool_)
    reached[cover.indices] = True
    wanted = np.flatnonzero(reached & ~settled & (problem.weights > 0))
    cells, weights = merged(_by_cell(cover, free, wanted), problem.weights[wanted])
    sets = sparse.csr_array(cells.T)
    prices = problem.prices()[free]
    if drop_contained:
        stays = ~contained(sets, prices)
        free, prices = free[stays], prices[stays]
        cells, weights = merged(_sorted(sparse.csr_array(cells[:, stays])), weights)
        sets = sparse.csr_array(cells.T)
    return OpenChoice(free, sets, weights, prices, fixed, float(problem.weights[settled].sum()))


def _by_cell(cover: CostMatrix, candidates: IndexArray, cells: IndexArray) -> CostMatrix:
    """Cells × candidates with sorted indices, so that equal rows have equal bytes."""
    return _sorted(sparse.csr_array(sparse.csr_array(cover[candidates])[:, cells].T))


def _sorted(matrix: CostMatrix) -> CostMatrix:
    matrix.sort_indices()
    return matrix
