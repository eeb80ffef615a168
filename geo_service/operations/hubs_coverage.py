"""Whom hubs reach: the assessment of a plan in numbers, at once or as a job. Draws nothing and words nothing."""

from collections.abc import Mapping, Sequence
from contextlib import nullcontext
from typing import Any, Final

import numpy as np

from geo_service.db import Database
from geo_service.jobs import Progress, job_kind
from geo_service.operations.hubs_capacity import by_capacity
from geo_service.operations.hubs_ground import (
    Ground,
    UnitsOfDemand,
    in_degrees,
)
from geo_service.operations.hubs_plan import Plan, assess, matrix_of, plan_of
from geo_service.schemas.hubs import CoverageQuestion
from geo_service.settings import get_settings
from geo_service.several_machines import Crew, crew_at
from layers.hubs.coverage import (
    LIMIT_TOLERANCE_M,
    Coverage,
    Gap,
    Nearest,
    gini,
    palma,
    ranked_gaps,
    shared_weight,
    shares_by_unit,
    span_of_hubs,
)
from layers.hubs.model import Metric

JOB_KIND: Final = "assess_coverage"
IDS_NAMED: Final = 1_000
GAPS_TOLD: Final = 100
OVERLAPS_TOLD: Final = 50
NO_UNIT: Final[dict[str, Any]] = {"code": None, "name": None}


def answer(
    plan: Plan, *, cells: bool = False, capacities: bool = False, crew: Crew | None = None
) -> dict[str, Any]:
    """Return everything an assessment says, plain values throughout."""
    result = assess(plan, crew=crew)
    at = plan.limits_m.index(plan.limit_m)
    reached = within_limit(result.nearest, plan.limit_m)
    told = {
        "metric": plan.metric.value,
        "limit_m": plan.limit_m,
        "group": plan.group or plan.ground.demand.groups[0],
        "total_weight": result.total_weight,
        "covered_weight": float(result.covered_weight[at]),
        "covered_share": float(result.covered_share[at]),
        "limits": _by_limit(result),
        "groups": _by_group(plan, reached),
        "hubs": _by_hub(plan, result, at),
        "by": None if plan.level is None else plan.level.value,
        "units": [] if plan.units is None else by_unit(plan.ground, plan.units, reached),
        "gaps": gaps_of(plan, result.nearest),
        "overlaps": _overlaps(plan, result, at),
        "distribution": distribution(plan, result.nearest),
        "unsnapped": _unsnapped(plan),
        "unreached": int((~result.nearest.reached).sum()) - _unsnapped(plan)["demand"],
        **plan.ground.facts,
    }
    if plan.metric is Metric.WALKING:
        told["straight_line"] = beside_circles(plan, reached)
    if capacities:
        told["by_capacity"] = by_capacity(plan)
    if cells:
        told["cells"] = _cells(plan, result, at)
    return told


def within_limit(nearest: Nearest, limit_m: float) -> Any:
    """Say of each demand point [d] whether its nearest hub is within the limit, the engine's tolerance included."""
    return nearest.distance_m <= limit_m + LIMIT_TOLERANCE_M


def _by_limit(result: Coverage) -> list[dict[str, float]]:
    columns = (result.limits_m.tolist(), result.covered_weight.tolist(), result.covered_share.tolist())
    return [
        {"limit_m": limit, "covered_weight": weight, "covered_share": share}
        for limit, weight, share in zip(*columns, strict=True)
    ]


def _by_group(plan: Plan, reached: Any) -> list[dict[str, Any]]:
    shares = shares_by_unit(reached, plan.ground.demand.weights)
    return [
        _share(group, float(shares.total[0, at]), float(shares.covered[0, at]))
        for at, group in enumerate(plan.ground.demand.groups)
    ]


def _share(group: str, total: float, covered: float) -> dict[str, Any]:
    share = covered / total if total > 0 else None
    return {"group": group, "total_weight": total, "covered_weight": covered, "covered_share": share}


def by_unit(ground: Ground, units: UnitsOfDemand, reached: Any) -> list[dict[str, Any]]:
    """Return totals and covered weight of every unit and group; what lies in no unit comes last, if any does."""
    shares = shares_by_unit(reached, ground.demand.weights, units.number)
    present = np.bincount(units.number, minlength=len(shares.total))
    named = [
        {"code": code, "name": name}
        for code, name in zip(units.outlines.codes, units.outlines.names, strict=True)
    ]
    told = []
    for at, unit in enumerate([*named, NO_UNIT]):
        if at >= len(present) or not present[at]:
            continue
        groups = [
            _share(group, float(shares.total[at, column]), float(shares.covered[at, column]))
            for column, group in enumerate(ground.demand.groups)
        ]
        told.append({**unit, "points": int(present[at]), **_first_of(groups), "groups": groups})
    return told


def _first_of(groups: Sequence[Mapping[str, Any]]) -> dict[str, Any]:
    return {name: groups[0][name] for name in ("total_weight", "covered_weight", "covered_share")}


def _by_hub(plan: Plan, result: Coverage, at: int) -> list[dict[str, Any]]:
    limited = Nearest.within(result.nearest.origin.copy(), result.nearest.distance_m.copy(), plan.limit_m)
    unit = np.zeros(len(plan.weights), np.int64) if plan.units is None else plan.units.number
    span = span_of_hubs(limited, unit, plan.weights, len(plan.placed.hubs))
    snapped = plan.placed.snapped
    return [
        {
            "id": hub["id"],
            "name": hub.get("name"),
            "status": hub.get("status"),
            "lon": hub["lon"],
            "lat": hub["lat"],
            "covered_weight": float(result.hub_covered_weight[at, row]),
            "nearest_weight": float(result.hub_nearest_weight[at, row]),
            "capacity": hub.get("capacity"),
            "units": None if plan.units is None else int(span.units[row]),
            "mean_m": _finite(span.mean_m[row]),
            "farthest_m": _finite(span.farthest_m[row]),
            "snapped": True
            if plan.metric is not Metric.WALKING or snapped is None
            else bool(snapped.ok[row]),
        }
        for row, hub in enumerate(plan.placed.hubs)
    ]


def _finite(value: float) -> float | None:
    return float(value) if np.isfinite(value) else None


def gaps_of(plan: Plan, nearest: Nearest, *, most: int = GAPS_TOLD) -> list[dict[str, Any]]:
    """Return the patches of uncovered ground, the most pressing first, each with its place and nearest hub."""
    ground = plan.ground
    found = ranked_gaps(ground.xy, plan.weights, nearest, plan.limit_m, join_m=ground.join_m)[:most]
    places = [np.average(ground.xy[gap.demand], axis=0, weights=plan.weights[gap.demand]) for gap in found]
    degrees = in_degrees(np.array(places).reshape(-1, 2), ground.plane)
    return [
        {"rank": rank, **_gap(plan, gap, nearest), "lon": float(lon), "lat": float(lat)}
        for rank, (gap, (lon, lat)) in enumerate(zip(found, degrees, strict=True), start=1)
    ]


def _gap(plan: Plan, gap: Gap, nearest: Nearest) -> dict[str, Any]:
    closest = gap.demand[np.argmin(nearest.distance_m[gap.demand])]
    hub = int(nearest.origin[closest])
    unit = NO_UNIT
    if plan.units is not None:
        numbers = plan.units.number[gap.demand]
        most = int(np.bincount(numbers, plan.weights[gap.demand]).argmax())
        if most < len(plan.units.outlines.codes):
            unit = {"code": plan.units.outlines.codes[most], "name": plan.units.outlines.names[most]}
    return {
        "weight": gap.weight,
        "excess_m": gap.excess_m,
        "unreachable_weight": gap.unreachable_weight,
        "severity": gap.severity,
        "points": len(gap.demand),
        "demand": [plan.ground.demand.ids[row] for row in gap.demand[:200]],
        "nearest_hub": plan.placed.hubs[hub]["id"] if hub >= 0 else None,
        "nearest_m": _finite(nearest.distance_m[closest]),
        "unit_code": unit["code"],
        "unit_name": unit["name"],
    }


def _overlaps(plan: Plan, result: Coverage, at: int) -> dict[str, Any]:
    times = result.times_served[at]
    weight = np.bincount(times, plan.weights)
    pairs: list[dict[str, Any]] = []
    if 1 < len(plan.placed.hubs) <= 1_000:
        shared = shared_weight(matrix_of(plan), plan.weights).tocoo()
        upper = np.flatnonzero((shared.row < shared.col) & (shared.data > 0))
        upper = upper[np.argsort(-shared.data[upper], kind="stable")][:OVERLAPS_TOLD]
        pairs = [
            {
                "hubs": [plan.placed.ids[shared.row[row]], plan.placed.ids[shared.col[row]]],
                "weight": float(shared.data[row]),
            }
            for row in upper
        ]
    return {
        "served_more_than_once_weight": float(weight[2:].sum()),
        "by_times": [
            {"times": times, "weight": float(sum_)} for times, sum_ in enumerate(weight.tolist()) if sum_ > 0
        ],
        "pairs": pairs,
    }


def distribution(plan: Plan, nearest: Nearest) -> dict[str, Any]:
    """Return how the way to the nearest hub is shared out among those who have one: quantiles and fairness."""
    known = np.isfinite(nearest.distance_m) & (plan.weights > 0)
    metres, weights = nearest.distance_m[known], plan.weights[known]
    if len(metres) == 0:
        return dict.fromkeys(("mean_m", "median_m", "p90_m", "farthest_m", "gini", "palma"))
    order = np.argsort(metres, kind="stable")
    upto = np.cumsum(weights[order]) / weights.sum()
    last = len(metres) - 1
    median, p90 = (metres[order][min(int(np.searchsorted(upto, share)), last)] for share in (0.5, 0.9))
    return {
        "mean_m": float(np.average(metres, weights=weights)),
        "median_m": float(median),
        "p90_m": float(p90),
        "farthest_m": float(metres.max()),
        "gini": gini(metres, weights),
        "palma": _finite(palma(metres, weights)),
    }


def _unsnapped(plan: Plan) -> dict[str, Any]:
    # A circle needs no street, so nothing is left unsnapped by it.
    ground, placed = plan.ground, plan.placed
    if plan.metric is not Metric.WALKING or ground.snapped is None or placed.snapped is None:
        return {"hubs": 0, "demand": 0, "hub_ids": [], "demand_ids": []}
    hubs, demand = placed.snapped.unsnapped, ground.snapped.unsnapped
    return {
        "hubs": len(hubs),
        "demand": len(demand),
        "hub_ids": [placed.ids[row] for row in hubs[:IDS_NAMED]],
        "demand_ids": [ground.demand.ids[row] for row in demand[:IDS_NAMED]],
    }


def beside_circles(plan: Plan, reached: Any) -> dict[str, float]:
    """Return the circle's answer, shown beside the network's, and whom the circle counts though no walk is short enough."""
    circles = assess(plan, Metric.STRAIGHT_LINE)
    at = plan.limits_m.index(plan.limit_m)
    only = within_limit(circles.nearest, plan.limit_m) & ~reached
    return {
        "covered_weight": float(circles.covered_weight[at]),
        "covered_share": float(circles.covered_share[at]),
        "circle_only_weight": float(plan.weights[only].sum()),
    }


def _cells(plan: Plan, result: Coverage, at: int) -> dict[str, Any]:
    """Columns [d]: nearest hub's place in `hubs` (-1: none), metres to it (null: none), hubs in reach."""
    metres = np.round(result.nearest.distance_m, 3)
    return {
        "ids": list(plan.ground.demand.ids),
        "lon": plan.ground.demand.lon_lat[:, 0].tolist(),
        "lat": plan.ground.demand.lon_lat[:, 1].tolist(),
        "weight": plan.weights.tolist(),
        "hub": result.nearest.origin.tolist(),
        "distance_m": [each if np.isfinite(each) else None for each in metres.tolist()],
        "times_served": result.times_served[at].tolist(),
    }


@job_kind(JOB_KIND)
def assess_coverage(database: Database, progress: Progress, request: Mapping[str, Any]) -> Mapping[str, Any]:
    """Assess a large plan as a job; the result is what a small one answers at once."""
    asked = CoverageQuestion.model_validate(request)
    progress.report(0.05, "ground")
    with database.transaction() as session:
        plan = plan_of(session, asked)
    progress.report(0.3, "search")
    address = get_settings().scheduler
    with nullcontext() if address is None else crew_at(address) as crew:
        told = answer(plan, cells=asked.cells, capacities=asked.capacities, crew=crew)
    progress.report(1.0, "done")
    return told
