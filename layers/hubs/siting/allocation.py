"""Who goes to which open hub when hubs are limited (管理幅度): exact flow; refuses to overfill or lose anyone silently."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
import numpy.typing as npt

from layers.hubs.siting.answer import Status
from layers.hubs.siting.control import Search, SearchControl
from layers.hubs.siting.problem import FloatArray, IndexArray, SitingInputRefused, SitingProblem
from layers.hubs.siting.whole_groups import Reach, Rooms, assign_whole

SHARES_OF_ONE: Final = 1_000
"""Weights that are not whole are counted in thousandths, and metres in millimetres: the flow is integral."""

STATUS_OF_FLOW: Final[tuple[Status, float | None]] = ("optimal", 0.0)


@dataclass(frozen=True, slots=True, eq=False)
class Allocation:
    """Amounts of weight sent from demand to sites, in parallel arrays, and what they add up to.

    `demand` are columns and `sites` rows of the problem. `loads` is the weight at each open site by id.
    `unserved_weight` found no room within reach, `split` counts demand points divided between sites.
    `status` and `bound` (weight × metres, unserved weight charged) speak of whole groups; a flow is optimal.
    """

    demand: IndexArray
    sites: IndexArray
    amounts: FloatArray
    metres: FloatArray
    loads: Mapping[str, float]
    total_weight: float
    status: Status = "optimal"
    gap: float | None = 0.0

    @property
    def served_weight(self) -> float:
        """Weight that found room."""
        return float(self.amounts.sum())

    @property
    def unserved_weight(self) -> float:
        """Weight that found none."""
        return max(0.0, self.total_weight - self.served_weight)

    @property
    def mean_m(self) -> float | None:
        """Mean walk of those served, metres."""
        served = self.served_weight
        return float(self.amounts @ self.metres) / served if served > 0 else None

    @property
    def split(self) -> int:
        """Demand points that go to more than one site."""
        return int((np.bincount(self.demand) > 1).sum()) if self.demand.size else 0


def allocate(
    problem: SitingProblem,
    sites: Sequence[str],
    *,
    limit_m: float = np.inf,
    groups: npt.ArrayLike | None = None,
    span: int | None = None,
    control: SearchControl | None = None,
) -> Allocation:
    """Fill the sites up to `problem.capacities`: most weight served first, then least walking.

    Handbook, section 5.4: with room for 1.25 × the mean, 500 hubs serve 99.98 % where the nearest-hub rule
    overfills 150 of them. Without `groups` a min-cost flow that may divide a demand point. With `groups` (a
    number for each demand point: its village) every village goes whole to one hub that all its points reach,
    and a hub takes at most `span` villages. Raises `SitingInputRefused` for unknown or no sites.
    """
    rows = _rows(problem, sites)
    room = np.full(rows.size, np.inf) if problem.capacities is None else problem.capacities[rows]
    reach = _reach(problem, rows, limit_m)
    if groups is None and span is None:
        amounts = _flow(problem.weights, reach, room)
        status, gap = STATUS_OF_FLOW
    else:
        numbers = np.arange(problem.demand_count) if groups is None else np.asarray(groups, dtype=np.int64)
        if numbers.shape != (problem.demand_count,):
            raise SitingInputRefused(field="groups", problem="length differs from demand")
        rooms = Rooms(room, np.full(rows.size, np.inf if span is None else float(span)))
        search = Search(control or SearchControl())
        whole = assign_whole(problem.weights, reach, rooms, numbers, search)
        amounts = problem.weights[reach.demand] * whole.chosen
        status, gap = whole.status, whole.gap
    used = amounts > 0
    loads = np.bincount(reach.places[used], weights=amounts[used], minlength=rows.size)
    return Allocation(
        demand=reach.demand[used],
        sites=rows[reach.places[used]],
        amounts=amounts[used],
        metres=reach.metres[used],
        loads={problem.candidate_ids[row]: float(load) for row, load in zip(rows, loads, strict=True)},
        total_weight=float(problem.weights.sum()),
        status=status,
        gap=gap,
    )


def _rows(problem: SitingProblem, sites: Sequence[str]) -> IndexArray:
    number = {name: row for row, name in enumerate(problem.candidate_ids)}
    unknown = [site for site in sites if site not in number]
    if unknown or not sites:
        raise SitingInputRefused(field="sites", problem="unknown" if unknown else "none")
    return np.array(sorted({number[site] for site in sites}), dtype=np.int64)


def _reach(problem: SitingProblem, rows: IndexArray, limit_m: float) -> Reach:
    """Pairs of all sites within the limit, in order of demand."""
    part = problem.costs[rows].tocoo()
    near = part.data <= limit_m
    order = np.lexsort((part.row[near], part.col[near]))
    demand, places = part.col[near][order].astype(np.int64), part.row[near][order].astype(np.int64)
    return Reach(demand, places, part.data[near][order])


def _flow(weights: FloatArray, reach: Reach, room: FloatArray) -> FloatArray:
    """Amount on every pair; hubs without a limit take all there is."""
    from ortools.graph.python import min_cost_flow  # noqa: PLC0415 - slow to load, and only capacities need it

    whole = bool((weights == np.round(weights)).all())
    scale = 1 if whole else SHARES_OF_ONE
    supply = np.round(weights * scale).astype(np.int64)
    total = int(supply.sum())
    limits = np.floor(np.minimum(room * scale, total)).astype(np.int64)
    if not reach.demand.size or total == 0:
        return np.zeros(reach.demand.size)
    sites, sink = weights.size + np.arange(room.size), weights.size + room.size
    flow = min_cost_flow.SimpleMinCostFlow()
    arcs = flow.add_arcs_with_capacity_and_unit_cost(
        reach.demand,
        weights.size + reach.places,
        supply[reach.demand],
        np.round(reach.metres * 1000).astype(np.int64),
    )
    flow.add_arcs_with_capacity_and_unit_cost(
        sites, np.full(room.size, sink), limits, np.zeros(room.size, dtype=np.int64)
    )
    flow.set_nodes_supplies(np.arange(weights.size), supply)
    flow.set_node_supply(sink, -total)
    status = flow.solve_max_flow_with_min_cost()
    if status != flow.OPTIMAL:
        raise SitingInputRefused(field="metres", problem=f"flow ended with {status.name}")
    return np.asarray(flow.flows(arcs), dtype=np.float64) / scale
