"""What a siting question is made of: frozen arrays in metres; refuses bad numbers, knows no coordinates."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from typing import Any, TypeAlias

import numpy as np
import numpy.typing as npt
from scipy import sparse

from layers.errors import InvalidInput

FloatArray: TypeAlias = npt.NDArray[np.float64]
IndexArray: TypeAlias = npt.NDArray[np.int64]
BoolArray: TypeAlias = npt.NDArray[np.bool_]
CostMatrix: TypeAlias = "sparse.csr_array[np.float64, tuple[int, int]]"


class SitingInputRefused(InvalidInput):
    """The arrays do not make a siting question; `facts` name the field and what is wrong with it."""

    code = "hubs.siting_input_invalid"


@dataclass(frozen=True, slots=True, eq=False)
class SitingProblem:
    """Candidates, demand, and the metres between those pairs that are near enough to matter.

    `costs` is candidates × demand, float64 metres; an absent entry means "beyond the search bound or
    not connected", an explicit zero means "on the spot". Rows stand in ascending order of candidate id,
    so that the lower id wins every tie. `weights` (residents, households …) are finite and not negative.
    `kept` hubs exist and stay open, `forced` ones must be opened, `forbidden` ones never; kept and forced
    count towards p, as predefined facilities do in spopt. `opening_costs` and `budget` share one unit;
    a kept hub costs nothing. `capacities` are in the unit of the weights.

    Build it with `of_pairs` or `of_table`, which order, check and reduce.
    """

    costs: CostMatrix
    weights: FloatArray
    candidate_ids: tuple[str, ...]
    demand_ids: tuple[str, ...]
    kept: BoolArray
    forced: BoolArray
    forbidden: BoolArray
    opening_costs: FloatArray | None = None
    budget: float | None = None
    capacities: FloatArray | None = None

    @property
    def fixed(self) -> BoolArray:
        """Candidates that are sites whatever happens: kept or forced."""
        return self.kept | self.forced

    @property
    def allowed(self) -> BoolArray:
        """Candidates that may be sites."""
        return ~self.forbidden

    @property
    def candidate_count(self) -> int:
        """Number of candidates, forbidden ones included."""
        return len(self.candidate_ids)

    @property
    def demand_count(self) -> int:
        """Number of demand points."""
        return len(self.demand_ids)

    def site_ids(self, sites: npt.ArrayLike) -> tuple[str, ...]:
        """Ids of candidate rows, ascending."""
        return tuple(self.candidate_ids[row] for row in np.sort(np.asarray(sites, dtype=np.int64)))

    def demand_names(self, cells: npt.ArrayLike) -> tuple[str, ...]:
        """Ids of demand columns, in their order of input."""
        return tuple(self.demand_ids[cell] for cell in np.asarray(cells, dtype=np.int64))

    def prices(self) -> FloatArray:
        """Return what each candidate takes from the budget: kept hubs nothing, one each where no price is given."""
        prices = np.ones(self.candidate_count) if self.opening_costs is None else self.opening_costs.copy()
        prices[self.kept] = 0.0
        return prices

    @classmethod
    def of_pairs(
        cls,
        candidates: npt.ArrayLike,
        demand: npt.ArrayLike,
        metres: npt.ArrayLike,
        *,
        weights: npt.ArrayLike,
        candidate_ids: Sequence[str],
        demand_ids: Sequence[str] | None = None,
        kept: Collection[str] = (),
        forced: Collection[str] = (),
        forbidden: Collection[str] = (),
        opening_costs: npt.ArrayLike | None = None,
        budget: float | None = None,
        capacities: npt.ArrayLike | None = None,
    ) -> "SitingProblem":
        """Build a problem from (candidate, demand, metres) triples; of a pair given twice the shorter counts.

        `opening_costs` and `capacities` are given in the order of `candidate_ids`.
        Raises `SitingInputRefused`.
        """
        ids = tuple(str(name) for name in candidate_ids)
        order = np.asarray(sorted(range(len(ids)), key=ids.__getitem__), dtype=np.int64)
        ranks = np.empty(len(ids), dtype=np.int64)
        ranks[order] = np.arange(len(ids))
        weight_array = _finite("weights", weights)
        names = (
            tuple(map(str, range(weight_array.size))) if demand_ids is None else tuple(map(str, demand_ids))
        )
        _refuse_unless("demand_ids", len(names) == weight_array.size, "length differs from weights")
        ordered = tuple(ids[row] for row in order)
        _refuse_unless("candidate_ids", len(set(ordered)) == len(ordered), "not unique")
        rows = np.asarray(candidates, dtype=np.int64)
        _refuse_unless("candidates", bool(((rows >= 0) & (rows < len(ids))).all()), "out of range")
        problem = cls(
            costs=_shortest_of_each(ranks[rows], demand, metres, (len(ids), weight_array.size)),
            weights=weight_array,
            candidate_ids=ordered,
            demand_ids=names,
            kept=_marked("kept", ordered, kept),
            forced=_marked("forced", ordered, forced),
            forbidden=_marked("forbidden", ordered, forbidden),
            opening_costs=None if opening_costs is None else _in_order("opening_costs", opening_costs, order),
            budget=budget,
            capacities=None if capacities is None else _in_order("capacities", capacities, order),
        )
        both = problem.fixed & problem.forbidden
        _refuse_unless("forbidden", not both.any(), "also kept or forced")
        return problem

    @classmethod
    def of_table(cls, table: npt.ArrayLike, **named: Any) -> "SitingProblem":
        """Build a problem from a dense candidates × demand table of metres; inf or NaN stands for no pair.

        Takes the named arguments of `of_pairs`; candidate ids default to row numbers padded with zeros.
        """
        dense = np.asarray(table, dtype=np.float64)
        _refuse_unless("table", dense.ndim == 2, "not candidates × demand")
        width = len(str(dense.shape[0]))
        named.setdefault("candidate_ids", [f"{row:0{width}d}" for row in range(dense.shape[0])])
        rows, columns = np.nonzero(np.isfinite(dense))
        return cls.of_matrix(
            sparse.csr_array((dense[rows, columns], (rows, columns)), shape=dense.shape), **named
        )

    @classmethod
    def of_matrix(cls, matrix: CostMatrix, **named: Any) -> "SitingProblem":
        """Build a problem from a sparse candidates × demand matrix; every stored entry is a pair, zeros too.

        Takes the named arguments of `of_pairs`.
        """
        triples = sparse.coo_array(matrix)
        rows, columns = len(named["candidate_ids"]), np.size(named["weights"])
        _refuse_unless("costs", triples.shape == (rows, columns), "shape is not candidates × demand")
        return cls.of_pairs(triples.row, triples.col, triples.data, **named)


def _shortest_of_each(
    rows: IndexArray, demand: npt.ArrayLike, metres: npt.ArrayLike, shape: tuple[int, int]
) -> CostMatrix:
    """CSR of the pairs; SciPy would add up a pair given twice, so the shortest is taken first."""
    columns = np.asarray(demand, dtype=np.int64)
    values = _finite("metres", metres)
    _refuse_unless("metres", rows.size == columns.size == values.size, "triples of unequal length")
    _refuse_unless("demand", bool(((columns >= 0) & (columns < shape[1])).all()), "out of range")
    keys = rows * shape[1] + columns
    if not (keys[1:] > keys[:-1]).all():
        by_pair = np.lexsort((values, keys))
        rows, columns, values = rows[by_pair], columns[by_pair], values[by_pair]
    first = np.ones(rows.size, dtype=np.bool_)
    first[1:] = (rows[1:] != rows[:-1]) | (columns[1:] != columns[:-1])
    starts = np.searchsorted(rows[first], np.arange(shape[0] + 1)).astype(np.int64)
    return sparse.csr_array((values[first], columns[first], starts), shape=shape)


def _finite(field: str, values: npt.ArrayLike) -> FloatArray:
    """Float64 copy, one axis, finite and not negative."""
    array = np.array(values, dtype=np.float64)
    _refuse_unless(field, array.ndim == 1, "not one-dimensional")
    _refuse_unless(field, bool(np.isfinite(array).all()), "not finite")
    _refuse_unless(field, bool((array >= 0).all()), "negative")
    return array


def _in_order(field: str, values: npt.ArrayLike, order: IndexArray) -> FloatArray:
    array = _finite(field, values)
    _refuse_unless(field, array.size == order.size, "length differs from candidate_ids")
    return array[order]


def _marked(field: str, ids: tuple[str, ...], chosen: Collection[str]) -> BoolArray:
    wanted = {str(name) for name in chosen}
    _refuse_unless(field, wanted <= set(ids), "not among the candidates")
    return np.array([name in wanted for name in ids], dtype=np.bool_)


def _refuse_unless(field: str, holds: bool, problem: str) -> None:  # noqa: FBT001 - the tested condition
    if not holds:
        raise SitingInputRefused(field=field, problem=problem)
