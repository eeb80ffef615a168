"""Fewest rows that cover every column: reduced, then proved by HiGHS; refuses columns that nothing covers."""

import math
from dataclasses import dataclass
from typing import Final

import numpy as np
from scipy import sparse

from layers.hubs.siting import mixed_integer
from layers.hubs.siting.answer import Stopped
from layers.hubs.siting.control import Search
from layers.hubs.siting.greedy import fewest_covering
from layers.hubs.siting.merging import COMPARISONS_AT_MOST, contained, merge_equal_cells
from layers.hubs.siting.problem import BoolArray, CostMatrix, FloatArray, IndexArray

ROUNDS: Final = 8


@dataclass(frozen=True, slots=True, eq=False)
class Cover:
    """Chosen rows, the least number proved necessary, and why the search ended if unproved."""

    rows: IndexArray
    at_least: int
    stopped: Stopped


@dataclass(frozen=True, slots=True, eq=False)
class _Kernel:
    """What no reduction could settle: `rows` of the original × columns left; `essential` are chosen already."""

    essential: IndexArray
    rows: IndexArray
    sets: CostMatrix


def fewest_rows(
    sets: CostMatrix,
    search: Search,
    *,
    enough: int | None = None,
    better: mixed_integer.Better | None = None,
    time_limit_s: float | None = None,
) -> Cover:
    """Cover all columns of `sets` (rows × columns) with as few rows as can be proved in the time.

    With `enough`, stops as soon as that many rows suffice or more are proved necessary.
    `better` hears (values by row of `sets`, bound).
    """
    kernel = _reduced(sets)
    base = kernel.essential.size
    if kernel.sets.shape[1] == 0:
        return Cover(kernel.essential, base, None)
    first = fewest_covering(kernel.sets)
    if enough is not None and base >= enough:
        return Cover(np.concatenate([kernel.essential, kernel.rows[first]]), base + 1, None)
    if enough is not None and base + first.size <= enough:
        return Cover(np.concatenate([kernel.essential, kernel.rows[first]]), base + 1, None)
    start = np.zeros(kernel.rows.size)
    start[first] = 1.0

    def heard(values: FloatArray | None, bound: float) -> None:
        if better is not None and values is not None:
            whole = np.zeros(sets.shape[0])
            whole[kernel.essential] = 1.0
            whole[kernel.rows[values > 0.5]] = 1.0
            better(whole, base + bound)

    found = mixed_integer.solve(
        _model(kernel, None if enough is None else enough - base),
        search,
        start=start if enough is None else None,
        better=heard,
        absolute_gap=0.999,
        target=None if enough is None else float(enough - base),
        time_limit_s=time_limit_s,
    )
    if found.state == "infeasible":
        return Cover(np.concatenate([kernel.essential, kernel.rows[first]]), (enough or 0) + 1, None)
    chosen = first if found.values is None else np.flatnonzero(found.values > 0.5)
    least = 1 if math.isinf(found.bound) else max(1, math.ceil(found.bound - 1e-6))
    stopped = found.state if found.state in {"time_limit", "cancelled"} else None
    return Cover(np.concatenate([kernel.essential, kernel.rows[chosen]]), base + least, stopped)


def _reduced(sets: CostMatrix) -> _Kernel:
    """Repeat until nothing changes: equal and implied columns out, contained rows out, only choices taken."""
    rows = np.arange(sets.shape[0])
    columns = sets
    essential: list[int] = []
    for _ in range(ROUNDS):
        before = columns.shape
        cells = sparse.csr_array(columns.T)
        cells.sort_indices()
        _, first = np.unique(merge_equal_cells(cells), return_index=True)
        cells = sparse.csr_array(cells[first])
        cells = sparse.csr_array(cells[np.flatnonzero(_not_implied(cells))])
        only = np.diff(cells.indptr) == 1
        taken = np.unique(cells.indices[cells.indptr[:-1][only]])
        essential.extend(map(int, rows[taken]))
        chosen = np.zeros(rows.size)
        chosen[taken] = 1.0
        cells = sparse.csr_array(cells[np.flatnonzero(np.asarray(cells @ chosen) == 0)])
        columns = sparse.csr_array(cells.T)
        stays = ~contained(columns, np.ones(columns.shape[0]))
        rows, columns = rows[stays], sparse.csr_array(columns[stays])
        if columns.shape == before or columns.shape[1] == 0:
            break
    return _Kernel(np.array(sorted(essential), dtype=np.int64), rows, columns)


def _not_implied(cells: CostMatrix) -> BoolArray:
    """Cells whose set of candidates holds no other cell's set: covering the others does not cover them."""
    sizes = np.diff(cells.indptr)
    per_candidate = np.bincount(cells.indices, minlength=cells.shape[1]).astype(np.float64)
    keep = np.ones(cells.shape[0], dtype=np.bool_)
    if float((per_candidate**2).sum()) > COMPARISONS_AT_MOST:
        return keep
    ones = sparse.csr_array((np.ones(cells.nnz), cells.indices, cells.indptr), shape=cells.shape)
    shared = sparse.coo_array(ones @ ones.T)
    holds = (shared.row != shared.col) & (shared.data == sizes[shared.col])
    keep[shared.row[holds]] = False
    return keep


def _model(kernel: _Kernel, at_most: int | None) -> mixed_integer.IntegerModel:
    count = kernel.rows.size
    matrix = sparse.csr_array(kernel.sets.T)
    row_lower, row_upper = np.ones(matrix.shape[0]), np.full(matrix.shape[0], np.inf)
    if at_most is not None:
        matrix = mixed_integer.rows_of(matrix, sparse.csr_array(np.ones((1, count))))
        row_lower, row_upper = np.append(row_lower, 0.0), np.append(row_upper, float(at_most))
    return mixed_integer.IntegerModel(
        costs=np.ones(count),
        lower=np.zeros(count),
        upper=np.ones(count),
        matrix=matrix,
        row_lower=row_lower,
        row_upper=row_upper,
        integer=np.ones(count, dtype=np.bool_),
    )
