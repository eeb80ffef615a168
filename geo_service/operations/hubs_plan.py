"""A question about hubs with all that it names found, and its assessment by the engine; tells nothing."""

from dataclasses import dataclass
from typing import Any, Final

from sqlalchemy.orm import Session

from geo_service.operations.hubs_ground import (
    Ground,
    Placed,
    UnitsOfDemand,
    lay_ground,
    named_hubs,
    units_of,
)
from geo_service.paging import today
from geo_service.schemas.hubs import CoverageQuestion
from geo_service.several_machines import Crew
from layers.boundaries.model import Level
from layers.hubs import queries
from layers.hubs.coverage import (
    Coverage,
    assess_straight_line,
    assess_walking,
    assess_walking_in_parts,
    catchments,
    straight_line_matrix,
)
from layers.hubs.model import HubStatus, Metric
from layers.hubs.network.road_network import Floats
from layers.hubs.presets import limit_of_minutes

POINTS_AT_ONCE: Final = 100_000
PAIRS_AT_ONCE: Final = 20_000_000


@dataclass(frozen=True, eq=False)
class Plan:
    """A question with all that it names found: ground, hubs, limits ascending, and the one that counts."""

    ground: Ground
    placed: Placed
    metric: Metric
    limit_m: float
    limits_m: tuple[float, ...]
    group: str | None
    units: UnitsOfDemand | None
    level: Level | None

    @property
    def weights(self) -> Floats:
        """Weights [d] of the population group that counts."""
        return self.ground.weights(self.group)


def plan_of(session: Session, asked: CoverageQuestion) -> Plan:
    """Find what a question names; raises what is missing or lies elsewhere."""
    kept = None if asked.scenario is None else queries.scenario(session, asked.scenario)
    metric = asked.metric if kept is None or "metric" in asked.model_fields_set else Metric(kept.metric)
    demand = kept.demand_set_id if kept is not None and asked.demand is None else asked.demand
    network = kept.network_id if kept is not None and asked.network is None else asked.network
    ground = lay_ground(session, demand=demand, network=network, metric=metric, max_snap_m=asked.max_snap_m)
    hubs = kept.hubs if kept is not None else named_hubs(session, asked.hubs, status=[HubStatus.EXISTING])
    limit = limit_of(asked.limit_m, asked.limit_min, asked.speed_m_s)
    if limit is None:
        limit = 0.0 if kept is None else kept.limit_m
    on = asked.as_of or today()
    return Plan(
        ground=ground,
        placed=ground.place([hub for hub in hubs if hub.get("status") != HubStatus.EXCLUDED]),
        metric=metric,
        limit_m=limit,
        limits_m=tuple(sorted({limit, *asked.limits_m})),
        group=asked.group,
        units=None if asked.by is None else units_of(session, ground, asked.by, on),
        level=asked.by,
    )


def limit_of(limit_m: float | None, limit_min: float | None, speed_m_s: float) -> float | None:
    """Return the limit in metres, minutes becoming metres by the walking speed."""
    return limit_of_minutes(limit_min, speed_m_s) if limit_min is not None else limit_m


def is_long(plan: Plan) -> bool:
    """Say whether the answer takes longer than a page should wait."""
    points = len(plan.ground.demand.ids)
    return points > POINTS_AT_ONCE or points * len(plan.placed.hubs) > PAIRS_AT_ONCE


def assess(plan: Plan, metric: Metric | None = None, *, crew: Crew | None = None) -> Coverage:
    """Assess a plan by its own metric, or by the one named; a walk is shared out among a crew, if there is one."""
    ground, placed = plan.ground, plan.placed
    walking = (metric or plan.metric) is Metric.WALKING
    if walking and ground.network is not None and ground.snapped is not None and placed.snapped is not None:
        question = (ground.network.network, placed.snapped, ground.snapped, plan.weights)
        if crew is not None:
            return assess_walking_in_parts(crew.run, *question, limits_m=plan.limits_m, parts=crew.parts)
        return assess_walking(*question, plan.limits_m)
    return assess_straight_line(placed.xy, ground.xy, plan.weights, plan.limits_m)


def matrix_of(plan: Plan) -> Any:
    """Return the ways [hubs, demand] within the limit, by the plan's metric."""
    ground, placed = plan.ground, plan.placed
    if plan.metric is Metric.WALKING and ground.network and ground.snapped and placed.snapped:
        return catchments(ground.network.network, placed.snapped, ground.snapped, plan.limit_m)
    return straight_line_matrix(placed.xy, ground.xy, plan.limit_m)
