"""Where hubs should stand, as a job: the best answer so far is told while it runs, and kept when it is cancelled."""

from collections.abc import Mapping
from typing import Any, Final

import numpy as np
from sqlalchemy import update
from sqlalchemy.orm import Session

from geo_service.db import Database
from geo_service.jobs import JobCancelled, Progress, job_kind
from geo_service.operations.hubs_ground import Ground, Placed, lay_ground, named_hubs
from geo_service.schemas.hubs import SitingQuestion
from geo_service.tables import JobRow
from layers.hubs import queries
from layers.hubs.coverage import catchments, straight_line_matrix
from layers.hubs.model import HubStatus, Metric
from layers.hubs.siting import (
    SearchControl,
    SitingAnswer,
    SitingInputRefused,
    SitingProblem,
    SitingProgress,
    search_bound_m,
    solve_lscp,
    solve_mclp,
    solve_p_center,
    solve_p_median,
)

JOB_KIND: Final = "site_hubs"
IDS_NAMED: Final = 1_000


def question_of(session: Session, asked: SitingQuestion) -> tuple[SitingProblem, Ground, Placed]:
    """Find candidates, kept hubs and demand, and measure between them.

    Kept are the register's existing hubs and candidates its candidates where none are named. A candidate
    with the id of a kept hub is that hub.
    """
    kept_plan = None if asked.scenario is None else queries.scenario(session, asked.scenario)
    demand = asked.demand if kept_plan is None or asked.demand is not None else kept_plan.demand_set_id
    network = asked.network if kept_plan is None or asked.network is not None else kept_plan.network_id
    ground = lay_ground(
        session, demand=demand, network=network, metric=asked.metric, max_snap_m=asked.max_snap_m
    )
    keep = (
        list(kept_plan.hubs)
        if kept_plan is not None and asked.keep is None
        else named_hubs(session, asked.keep, status=[HubStatus.EXISTING])
    )
    free = named_hubs(session, asked.candidates, status=[HubStatus.CANDIDATE, HubStatus.PLANNED])
    kept_ids = {hub["id"] for hub in keep}
    sites = [*keep, *(hub for hub in free if hub["id"] not in kept_ids)]
    if not sites:
        raise SitingInputRefused(field="candidates", problem="none")
    placed = ground.place(sites, role="candidates")
    fixed = [hub["id"] for hub in free if hub.get("status") == HubStatus.PLANNED and asked.candidates is None]
    problem = SitingProblem.of_matrix(
        _costs(asked, ground, placed),
        weights=ground.weights(asked.group),
        candidate_ids=placed.ids,
        demand_ids=ground.demand.ids,
        kept=kept_ids,
        forced=({*asked.forced, *fixed} - kept_ids),
        forbidden=asked.forbidden,
        capacities=_capacities(asked, placed, ground),
    )
    return problem, ground, placed


def _costs(asked: SitingQuestion, ground: Ground, placed: Placed) -> Any:
    limit = asked.limit_m if asked.method in {"lscp", "mclp"} else asked.reach_m
    reach = search_bound_m(placed.xy, ground.xy) if limit is None else limit
    if asked.metric is Metric.STRAIGHT_LINE or ground.network is None:
        return straight_line_matrix(placed.xy, ground.xy, reach)
    assert ground.snapped is not None  # noqa: S101 -- a ground with network has both
    assert placed.snapped is not None  # noqa: S101 -- as above
    return catchments(ground.network.network, placed.snapped, ground.snapped, reach)


def _capacities(asked: SitingQuestion, placed: Placed, ground: Ground) -> Any:
    if asked.capacity is None or asked.capacity is False:
        return None
    if asked.capacity is not True:
        return np.full(len(placed.hubs), float(asked.capacity))
    # A hub without a capacity on record takes everyone.
    everyone = float(ground.weights(asked.group).sum())
    return [everyone if hub.get("capacity") is None else float(hub["capacity"]) for hub in placed.hubs]


def solve(problem: SitingProblem, asked: SitingQuestion, control: SearchControl) -> SitingAnswer:
    """Answer by the method asked for."""
    if asked.method == "lscp":
        return solve_lscp(problem, asked.limit_m or 0.0, control=control)
    if asked.method == "mclp":
        return solve_mclp(problem, asked.limit_m or 0.0, asked.p or 0, control=control)
    if asked.method == "p_median":
        return solve_p_median(problem, asked.p or 0, control=control)
    return solve_p_center(problem, asked.p or 0, control=control)


def answer(found: SitingAnswer, asked: SitingQuestion, ground: Ground, placed: Placed) -> dict[str, Any]:
    """Return what a search found, with the places of its sites."""
    return {
        "method": found.method,
        "metric": asked.metric.value,
        "sites": list(found.sites),
        "places": _places(found.sites, placed),
        "objective": found.objective,
        "bound": found.bound,
        "gap": found.gap,
        "status": found.status,
        "reason": found.reason,
        "seconds": round(found.seconds, 3),
        "facts": dict(found.facts),
        "uncoverable": {"count": len(found.uncoverable), "ids": list(found.uncoverable[:IDS_NAMED])},
        "unserved": {"count": len(found.unserved), "ids": list(found.unserved[:IDS_NAMED])},
        "unsnapped": _unsnapped(asked, ground, placed),
        **ground.facts,
    }


def _places(sites: tuple[str, ...], placed: Placed) -> list[dict[str, Any]]:
    known = {hub["id"]: hub for hub in placed.hubs}
    names = ("id", "name", "lon", "lat", "status", "capacity")
    return [{name: known[site].get(name) for name in names} for site in sites]


def _unsnapped(asked: SitingQuestion, ground: Ground, placed: Placed) -> dict[str, Any]:
    if asked.metric is Metric.STRAIGHT_LINE or ground.snapped is None or placed.snapped is None:
        return {"candidates": 0, "demand": 0, "candidate_ids": []}
    off = placed.snapped.unsnapped
    return {
        "candidates": len(off),
        "demand": len(ground.snapped.unsnapped),
        "candidate_ids": [placed.ids[row] for row in off[:IDS_NAMED]],
    }


@job_kind(JOB_KIND)
def site_hubs(database: Database, progress: Progress, request: Mapping[str, Any]) -> Mapping[str, Any]:
    """Search for sites; asked to stop, the job ends as cancelled and its result is the best found so far."""
    asked = SitingQuestion.model_validate(request)
    progress.report(0.01, "ground")
    with database.transaction() as session:
        problem, ground, placed = question_of(session, asked)
    listener = _Listener(progress, asked, placed)
    control = SearchControl(
        time_limit_s=asked.time_limit_s,
        accept_gap=asked.accept_gap,
        progress=listener.hear,
        cancel=listener.asked_to_stop,
    )
    told = answer(solve(problem, asked, control), asked, ground, placed)
    if listener.stopped:
        listener.keep(told)
        raise JobCancelled
    return told


class _Listener:
    """Puts the best so far on record while the search runs, and learns there whether to stop."""

    def __init__(self, progress: Progress, asked: SitingQuestion, placed: Placed) -> None:
        self._progress, self._asked, self._placed = progress, asked, placed
        self._best: SitingProgress | None = None
        self.stopped = False

    def hear(self, best: SitingProgress) -> None:
        """Keep a better answer; its sites can be drawn at once."""
        if self._best is None or best.objective != self._best.objective or best.bound != self._best.bound:
            self._best = best
            self.keep(
                {
                    "method": self._asked.method,
                    "status": "running",
                    "sites": list(best.sites),
                    "places": _places(best.sites, self._placed),
                    "objective": best.objective,
                    "bound": best.bound,
                    "gap": best.gap,
                    "seconds": round(best.seconds, 3),
                }
            )
        self._report(best.seconds)

    def asked_to_stop(self) -> bool:
        """Say whether somebody asked that the job stop."""
        if not self.stopped:
            self._report(0.0 if self._best is None else self._best.seconds)
        return self.stopped

    def _report(self, seconds: float) -> None:
        try:
            self._progress.report(min(0.99, 0.02 + seconds / self._asked.time_limit_s), "search")
        except JobCancelled:
            self.stopped = True

    def keep(self, result: Mapping[str, Any]) -> None:
        """Put a result on record before the job has ended."""
        with self._progress.database.transaction() as session:
            session.execute(
                update(JobRow).where(JobRow.id == self._progress.job_id).values(result=dict(result))
            )
