"""Hubs that take no more than they have room for; refuses to overfill one."""

from typing import Any

from scipy import sparse

from geo_service.operations.hubs_plan import Plan, matrix_of
from layers.hubs.siting import (
    SitingProblem,
    allocate,
)


def by_capacity(plan: Plan) -> dict[str, Any]:
    """Return who finds room where when hubs take no more than their capacity (管理幅度): an exact flow."""
    ground, placed = plan.ground, plan.placed
    total = float(plan.weights.sum())
    rooms = [total if hub.get("capacity") is None else float(hub["capacity"]) for hub in placed.hubs]
    if not placed.hubs:
        return {
            "served_weight": 0.0,
            "unserved_weight": total,
            "served_share": 0.0,
            "mean_m": None,
            "split": 0,
            "loads": [],
        }
    problem = SitingProblem.of_matrix(
        sparse.csr_array(matrix_of(plan)),
        weights=plan.weights,
        candidate_ids=placed.ids,
        demand_ids=ground.demand.ids,
        capacities=rooms,
    )
    found = allocate(problem, placed.ids, limit_m=plan.limit_m)
    return {
        "served_weight": found.served_weight,
        "unserved_weight": found.unserved_weight,
        "served_share": found.served_weight / total if total > 0 else 0.0,
        "mean_m": found.mean_m,
        "split": found.split,
        "loads": [
            {"id": hub, "load": found.loads.get(hub, 0.0), "capacity": room}
            for hub, room in zip(placed.ids, rooms, strict=True)
        ],
    }
