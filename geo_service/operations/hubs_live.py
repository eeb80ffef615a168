"""A plan followed while a hub is dragged: one search a move, tables brought up to date. Keeps nothing on record.

The page sends all its hubs each time; the process that answers compares them with the plan that it keeps for
this officer and moves only what moved. A process that has none yet searches once for all.
"""

import threading
from collections.abc import Hashable
from dataclasses import dataclass, field
from typing import Any, Final

import numpy as np
from scipy.spatial import KDTree
from sqlalchemy.orm import Session

from geo_service.auth.officer import Officer
from geo_service.operations.hubs_coverage import by_unit, gaps_of
from geo_service.operations.hubs_plan import Plan, assess, plan_of
from geo_service.operations.network_store import Resident
from geo_service.schemas.hubs import CoverageQuestion, LiveQuestion
from layers.hubs.coverage import LIMIT_TOLERANCE_M, LivePlan, Nearest
from layers.hubs.model import Metric
from layers.hubs.network.road_network import Floats

GAPS_TOLD: Final = 20
FIELDS: Final = frozenset({
    "hubs", "scenario", "metric", "demand", "network", "group", "max_snap_m", "limit_m", "limit_min", "speed_m_s", "by",
})  # fmt: skip


@dataclass(eq=False)
class Followed:
    """A plan kept for one officer, with the places its hubs have in it; one answer at a time."""

    live: LivePlan
    places: dict[str, tuple[float, float]] = field(default_factory=dict)
    snapped: dict[str, bool] = field(default_factory=dict)
    lock: threading.Lock = field(default_factory=threading.Lock)

    def follow(self, plan: Plan) -> int:
        """Move, add and remove what differs from the plan; returns how many searches that took."""
        wanted = {
            hub["id"]: (float(x), float(y))
            for hub, (x, y) in zip(plan.placed.hubs, plan.placed.xy, strict=True)
        }
        for gone in self.places.keys() - wanted.keys():
            self.live.remove(gone)
            del self.places[gone], self.snapped[gone]
        moved = {hub: place for hub, place in wanted.items() if self.places.get(hub) != place}
        for hub, place in moved.items():
            self.snapped[hub] = self.live.place(hub, place).hub_snapped
            self.places[hub] = place
        return len(moved)


PLANS: Final[Resident[Followed]] = Resident(12)


def follow(session: Session, officer: Officer, asked: LiveQuestion) -> dict[str, Any]:
    """Return coverage, tables, gaps and the state of every cell for the hubs as they stand now."""
    given = asked.model_dump(include=set(FIELDS), exclude_unset=True)
    plan = plan_of(session, CoverageQuestion(**given))
    if plan.metric is Metric.STRAIGHT_LINE:
        result = assess(plan)
        return _told(plan, result.nearest, result.times_served[0], result.hub_covered_weight[0], searches=0)
    followed = _followed(officer, plan, asked.largest_limit_m)
    with followed.lock:
        searches = followed.follow(plan)
        live = followed.live
        live.set_limit(max(asked.largest_limit_m, plan.limit_m))
        nearest = _in_order(live, plan)
        live.set_limit(plan.limit_m)
        column = 0 if plan.group is None else plan.ground.demand.groups.index(plan.group)
        covered = np.array([live.hub_covered_weight(hub)[column] for hub in plan.placed.ids])
        times = live.times_served
        snapped = dict(followed.snapped)
    told = _told(plan, nearest, times, covered, searches=searches)
    for hub in told["hubs"]:
        hub["snapped"] = snapped[hub["id"]]
    return told


def _followed(officer: Officer, plan: Plan, largest_m: float) -> Followed:
    ground = plan.ground
    largest = max(largest_m, plan.limit_m)
    key: tuple[Hashable, ...] = (officer.username, ground.key, largest)

    def begin() -> Followed:
        assert ground.network is not None  # noqa: S101 -- a walk without network was refused
        assert ground.snapped is not None  # noqa: S101 -- as above
        return Followed(
            LivePlan(
                ground.network.network,
                ground.snapped,
                ground.demand.weights,
                limit_m=plan.limit_m,
                largest_limit_m=largest,
                max_snap_m=ground.max_snap_m,
            )
        )

    inline = isinstance(ground.key, tuple) and ground.key[0] is None
    return begin() if inline else PLANS.get(key, begin)


def _in_order(live: LivePlan, plan: Plan) -> Nearest:
    """Return the nearest hub of each point as its place among the plan's hubs; beyond the largest limit none."""
    origin, metres = live.nearest()
    place = {hub: number for number, hub in enumerate(plan.placed.ids)}
    numbers = np.array([*(place[hub] for hub in live.hubs), -1], np.int64)
    return Nearest(numbers[origin], metres)


def _told(plan: Plan, nearest: Nearest, times: Any, covered: Floats, *, searches: int) -> dict[str, Any]:
    weights = plan.weights
    reached = nearest.distance_m <= plan.limit_m + LIMIT_TOLERANCE_M
    total, served = float(weights.sum()), float(weights[reached].sum())
    metres = np.where(np.isfinite(nearest.distance_m), np.round(nearest.distance_m), -1)
    return {
        "metric": plan.metric.value,
        "limit_m": plan.limit_m,
        "total_weight": total,
        "covered_weight": served,
        "covered_share": served / total if total > 0 else 0.0,
        "units": [] if plan.units is None else by_unit(plan.ground, plan.units, reached),
        "hubs": [
            {"id": hub, "covered_weight": weight, "snapped": True}
            for hub, weight in zip(plan.placed.ids, covered.tolist(), strict=True)
        ],
        "gaps": gaps_of(plan, nearest, most=GAPS_TOLD),
        "straight_line": _circles(plan, reached),
        "cells": {
            "times_served": times.tolist(),
            "hub": nearest.origin.tolist(),
            "distance_m": metres.astype(np.int64).tolist(),
        },
        "searches": searches,
    }


def _circles(plan: Plan, reached: Any) -> dict[str, float]:
    weights, xy = plan.weights, plan.placed.xy
    within = np.zeros(len(weights), bool)
    if len(xy) and len(weights):
        away, _ = KDTree(xy).query(plan.ground.xy)
        within = np.asarray(away) <= plan.limit_m + LIMIT_TOLERANCE_M
    total, served = float(weights.sum()), float(weights[within].sum())
    return {
        "covered_weight": served,
        "covered_share": served / total if total > 0 else 0.0,
        "circle_only_weight": float(weights[within & ~reached].sum()),
    }
