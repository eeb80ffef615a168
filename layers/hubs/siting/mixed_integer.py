"""The one door to HiGHS: arrays in, values and a proven bound out; refuses to know what a column means."""

import math
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Final, Literal, TypeAlias

import highspy
import numpy as np
from scipy import sparse

from layers.hubs.siting.control import Search
from layers.hubs.siting.problem import BoolArray, CostMatrix, FloatArray

Better: TypeAlias = Callable[[FloatArray | None, float], None]

SIMPLEX_CHECK_EVERY: Final = 50
"""The cancel function is asked at every fiftieth simplex iteration: a Python call at each costs more."""


@dataclass(frozen=True, slots=True, eq=False)
class IntegerModel:
    """Minimise or maximise `costs`·x with row_lower ≤ matrix·x ≤ row_upper and lower ≤ x ≤ upper.

    `matrix` is rows × columns, `integer` marks the columns that must be whole.
    """

    costs: FloatArray
    lower: FloatArray
    upper: FloatArray
    matrix: CostMatrix
    row_lower: FloatArray
    row_upper: FloatArray
    integer: BoolArray
    maximise: bool = False


@dataclass(frozen=True, slots=True, eq=False)
class Outcome:
    """What the solver found: `values` is None without a solution, `bound` infinite without a bound."""

    values: FloatArray | None
    bound: float
    state: Literal["optimal", "time_limit", "cancelled", "infeasible", "target"]


def loaded(model: IntegerModel) -> Any:
    """Return a silent `highspy.Highs` with the model in it, deterministic by its fixed seed."""
    solver = highspy.Highs()
    solver.setOptionValue("output_flag", False)
    solver.setOptionValue("random_seed", 0)
    sense = highspy.ObjSense.kMaximize if model.maximise else highspy.ObjSense.kMinimize
    solver.passModel(
        model.costs.size,
        model.row_lower.size,
        model.matrix.nnz,
        int(highspy.MatrixFormat.kRowwise),
        int(sense),
        0.0,
        model.costs,
        model.lower,
        model.upper,
        model.row_lower,
        model.row_upper,
        model.matrix.indptr.astype(np.int32),
        model.matrix.indices.astype(np.int32),
        model.matrix.data.astype(np.float64),
        model.integer.astype(np.int32),
    )
    return solver


def solve(
    model: IntegerModel,
    search: Search,
    *,
    start: FloatArray | None = None,
    better: Better | None = None,
    absolute_gap: float = 1e-6,
    target: float | None = None,
    time_limit_s: float | None = None,
) -> Outcome:
    """Run branch and bound until proof, accepted gap, `target` objective, time limit or cancel.

    `start` is a feasible point to begin from; `better` hears every improving solution and its bound;
    `absolute_gap` may be just below 1 where the objective is known to be whole.
    """
    solver = loaded(model)
    limit = search.remaining_s if time_limit_s is None else min(time_limit_s, search.remaining_s)
    solver.setOptionValue("time_limit", limit)
    solver.setOptionValue("mip_rel_gap", search.control.accept_gap)
    solver.setOptionValue("mip_abs_gap", absolute_gap)
    if target is not None:
        solver.setOptionValue("objective_target", target)
    if start is not None:
        solver.setSolution(start.size, np.arange(start.size, dtype=np.int32), start)
    _listen(solver, search, better)
    solver.run()
    return _outcome(solver, model)


def _listen(solver: Any, search: Search, better: Better | None) -> None:
    """Subscribe to improving solutions and, where somebody may cancel, to the interrupt points."""
    if better is not None:

        def improved(event: Any) -> None:
            better(np.array(event.data_out.mip_solution), float(event.data_out.mip_dual_bound))

        solver.cbMipImprovingSolution += improved
    cancel = search.control.cancel
    if cancel is not None:
        calls = 0

        def interrupt(event: Any) -> None:
            nonlocal calls
            calls += 1
            in_tree = event.callback_type == highspy.cb.HighsCallbackType.kCallbackMipInterrupt
            if (in_tree or calls % SIMPLEX_CHECK_EVERY == 0) and cancel():
                event.interrupt()

        solver.cbMipInterrupt += interrupt
        solver.cbSimplexInterrupt += interrupt


def _outcome(solver: Any, model: IntegerModel) -> Outcome:
    status, info = solver.getModelStatus(), solver.getInfo()
    kinds = highspy.HighsModelStatus
    state: Literal["optimal", "time_limit", "cancelled", "infeasible", "target"] = "time_limit"
    if status == kinds.kOptimal:
        state = "optimal"
    elif status in {kinds.kInfeasible, kinds.kUnboundedOrInfeasible}:
        state = "infeasible"
    elif status == kinds.kInterrupt:
        state = "cancelled"
    elif status == kinds.kObjectiveTarget:
        state = "target"
    found = info.primal_solution_status == highspy.SolutionStatus.kSolutionStatusFeasible
    values = np.array(solver.getSolution().col_value) if found else None
    bound = float(info.mip_dual_bound)
    if not math.isfinite(bound):
        bound = math.inf if model.maximise else -math.inf
    return Outcome(values, bound, state)


def rows_of(*blocks: sparse.sparray) -> CostMatrix:
    """Stack row blocks into the CSR that HiGHS reads."""
    return sparse.csr_array(sparse.vstack(blocks, format="csr"))
