"""Plans saved under a name: who changed what, and two of them side by side. Refuses to compare unlike demand."""

import uuid
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

import numpy as np
from sqlalchemy import func
from sqlalchemy.orm import Session

from geo_service.auth.audit import record_act
from geo_service.auth.jurisdiction import require_reach
from geo_service.auth.officer import Officer
from geo_service.etags import etag_of
from geo_service.operations.hubs import IdTaken, office_of
from geo_service.operations.hubs_coverage import by_unit, distribution, gaps_of
from geo_service.operations.hubs_plan import Plan, assess, plan_of
from geo_service.schemas.hubs import CoverageQuestion, NewScenario, PlacedHub, Scenario, ScenarioStep
from layers.boundaries.model import Level
from layers.errors import Conflict
from layers.hubs import queries, register
from layers.hubs.coverage import LIMIT_TOLERANCE_M, Coverage
from layers.hubs.model import Metric
from layers.hubs.tables import ScenarioRow


class ScenariosDiffer(Conflict):
    """Two plans rest on different demand, so that their cells cannot be set side by side. Facts: `demand`."""

    code = "hubs.scenarios_differ"


def content(row: ScenarioRow) -> dict[str, Any]:
    """Return what a scenario says, as ETag and audit see it."""
    names = ("name", "note", "metric", "limit_m", "hubs")
    return {name: getattr(row, name) for name in names} | {
        "network": None if row.network_id is None else str(row.network_id),
        "demand": None if row.demand_set_id is None else str(row.demand_set_id),
    }


def describe(row: ScenarioRow, *, steps: Sequence[Any] | None = None) -> Scenario:
    """Return a scenario as the API answers it."""
    return Scenario(
        id=row.id,
        name=row.name,
        note=row.note,
        metric=Metric(row.metric),
        limit_m=row.limit_m,
        network=row.network_id,
        demand=row.demand_set_id,
        hubs=[PlacedHub.model_validate(hub) for hub in row.hubs],
        unit_code=row.unit_code,
        recorded_at=row.recorded_at,
        recorded_by=row.recorded_by,
        changed_at=row.changed_at,
        changed_by=row.changed_by,
        etag=etag_of(content(row)),
        steps=None
        if steps is None
        else [
            ScenarioStep(recorded_at=step.recorded_at, recorded_by=step.recorded_by, change=step.change)
            for step in steps
        ],
    )


def _values(session: Session, asked: NewScenario) -> dict[str, Any]:
    demand = queries.demand_set(session, asked.demand)
    network = queries.road_network(session, asked.network, None)
    if network is None and asked.metric is Metric.WALKING:
        raise queries.NetworkNotFound(network=None)
    return {
        "name": asked.name,
        "note": asked.note,
        "metric": asked.metric.value,
        "limit_m": asked.limit_m,
        "network_id": None if network is None else network.id,
        "demand_set_id": demand.id,
        "hubs": [hub.model_dump(mode="json") for hub in asked.hubs],
    }


def add_scenario(
    session: Session, officer: Officer, asked: NewScenario, *, home_unit: str
) -> tuple[ScenarioRow, bool]:
    """Save a plan and say whether it was new. The demand and network of today are written down with it."""
    values = _values(session, asked)
    if asked.id is not None and (known := session.get(ScenarioRow, asked.id)) is not None:
        if known.name != asked.name or known.hubs != values["hubs"]:
            raise IdTaken(id=str(asked.id))
        return known, False
    if asked.id is not None:
        values["id"] = asked.id
    row = ScenarioRow(
        **values,
        unit_code=office_of(officer, home_unit),
        recorded_by=officer.username,
        changed_by=officer.username,
    )
    session.add(row)
    session.flush()
    session.refresh(row)
    register.record_step(session, row, register.changes_between([], row.hubs), by=officer.username)
    record_act(session, "scenario.add", subject=("scenario", str(row.id)), after=content(row))
    return row, True


def change_scenario(session: Session, officer: Officer, row: ScenarioRow, asked: NewScenario) -> ScenarioRow:
    """Save a plan anew; which hubs came, went and moved is kept with the officer's name."""
    require_reach(session, officer, [row.unit_code])
    before = content(row)
    for name, value in _values(session, asked).items():
        setattr(row, name, value)
    row.changed_by, row.changed_at = officer.username, func.now()
    session.flush()
    session.refresh(row)
    after = content(row)
    change = register.changes_between(before["hubs"], after["hubs"])
    fields = [name for name in after if name != "hubs" and before[name] != after[name]]
    register.record_step(session, row, change | {"fields": fields}, by=officer.username)
    record_act(session, "scenario.change", subject=("scenario", str(row.id)), before=before, after=after)
    return row


def remove_scenario(session: Session, officer: Officer, row: ScenarioRow) -> None:
    """Take a plan off the record; what was changed in it stays."""
    require_reach(session, officer, [row.unit_code])
    before = content(row)
    session.delete(row)
    session.flush()
    record_act(session, "scenario.remove", subject=("scenario", str(row.id)), before=before)


@dataclass(frozen=True, eq=False)
class Side:
    """One plan of a comparison, assessed; `row` is None for the hubs that exist now."""

    row: ScenarioRow | None
    plan: Plan
    result: Coverage
    reached: Any

    @property
    def name(self) -> str | None:
        """Name of the scenario, None for what exists now."""
        return None if self.row is None else self.row.name


def side_of(
    session: Session, wanted: uuid.UUID | None, *, by: Level, on: date, like: Side | None = None
) -> Side:
    """Assess a scenario, or (None) the existing hubs on the ground, limit and metric of another plan."""
    if wanted is not None:
        row: ScenarioRow | None = queries.scenario(session, wanted)
        asked = CoverageQuestion(scenario=wanted, by=by, as_of=on)
    else:
        row = None
        base = like.row if like is not None else None
        asked = CoverageQuestion(
            metric=Metric.WALKING if base is None else Metric(base.metric),
            limit_m=1000.0 if base is None else base.limit_m,
            network=None if base is None else base.network_id,
            demand=None if base is None else base.demand_set_id,
            by=by,
            as_of=on,
        )
    plan = plan_of(session, asked)
    result = assess(plan)
    return Side(row, plan, result, result.nearest.distance_m <= plan.limit_m + LIMIT_TOLERANCE_M)


def summary(side: Side) -> dict[str, Any]:
    """Return a plan in the figures that plans are chosen by, fairness among them."""
    plan = side.plan
    at = plan.limits_m.index(plan.limit_m)
    units = [] if plan.units is None else by_unit(plan.ground, plan.units, side.reached)
    return {
        "id": None if side.row is None else str(side.row.id),
        "name": side.name,
        "metric": plan.metric.value,
        "limit_m": plan.limit_m,
        "hubs": len(plan.placed.hubs),
        "total_weight": side.result.total_weight,
        "covered_weight": float(side.result.covered_weight[at]),
        "covered_share": float(side.result.covered_share[at]),
        "equity": equity(side, units),
        "distribution": distribution(plan, side.result.nearest),
        "gaps": gaps_of(plan, side.result.nearest, most=10),
        "units": units,
    }


def equity(side: Side, units: Sequence[dict[str, Any]]) -> dict[str, Any]:
    """Return how fair a plan is: the worst-served unit, each group's share beyond the limit, Gini and Palma."""
    known = [unit for unit in units if unit["code"] is not None and unit["covered_share"] is not None]
    worst = min(known, key=lambda unit: unit["covered_share"], default=None)
    demand = side.plan.ground.demand
    total = demand.weights.sum(axis=0)
    beyond = demand.weights[~side.reached].sum(axis=0)
    walk = distribution(side.plan, side.result.nearest)
    return {
        "worst_unit": None
        if worst is None
        else {name: worst[name] for name in ("code", "name", "covered_share")},
        "share_beyond_limit": {
            group: float(beyond[at] / total[at]) if total[at] > 0 else None
            for at, group in enumerate(demand.groups)
        },
        "gini_of_walk": walk["gini"],
        "palma_of_walk": walk["palma"],
    }


def compare(session: Session, a: uuid.UUID | None, b: uuid.UUID, *, by: Level, on: date) -> dict[str, Any]:
    """Set two plans side by side, `a` None being the hubs that exist now; raises `ScenariosDiffer`.

    Cells gained are reached in `b` and not in `a`.
    """
    after = side_of(session, b, by=by, on=on)
    before = side_of(session, a, by=by, on=on, like=after)
    ids = after.plan.ground.demand.ids
    if before.plan.ground.demand.ids != ids:
        names = [side.plan.ground.demand_facts["name"] for side in (before, after)]
        raise ScenariosDiffer(demand=names)
    weights = after.plan.weights
    gained, lost = after.reached & ~before.reached, before.reached & ~after.reached
    hubs = [[{**hub} for hub in side.plan.placed.hubs] for side in (before, after)]
    return {
        "by": by.value,
        "a": summary(before),
        "b": summary(after),
        "difference": {
            "covered_weight": float(weights[gained].sum() - weights[lost].sum()),
            "gained_weight": float(weights[gained].sum()),
            "lost_weight": float(weights[lost].sum()),
            "gained": [ids[row] for row in np.flatnonzero(gained)],
            "lost": [ids[row] for row in np.flatnonzero(lost)],
            "nearer_weight": float(
                weights[after.result.nearest.distance_m < before.result.nearest.distance_m].sum()
            ),
            "units": _unit_differences(before, after),
        },
        "hubs": register.changes_between(*hubs),
        "steps": []
        if after.row is None
        else [
            {
                "recorded_at": step.recorded_at.isoformat(),
                "recorded_by": step.recorded_by,
                "change": step.change,
            }
            for step in register.steps_of(session, after.row.id)
        ],
    }


def _unit_differences(before: Side, after: Side) -> list[dict[str, Any]]:
    rows = []
    for side in (before, after):
        assert side.plan.units is not None  # noqa: S101 -- a comparison names its level
        rows.append({u["code"]: u for u in by_unit(side.plan.ground, side.plan.units, side.reached)})
    return [
        {
            "code": code,
            "name": unit["name"],
            "total_weight": unit["total_weight"],
            "a": rows[0][code]["covered_share"],
            "b": unit["covered_share"],
            "gained_weight": unit["covered_weight"] - rows[0][code]["covered_weight"],
        }
        for code, unit in rows[1].items()
    ]
