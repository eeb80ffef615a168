"""Questions about plans, over HTTP: coverage, live coverage, areas, siting."""

import json
from typing import Any, Final

from fastapi import APIRouter, Response

from geo_service.auth.gate import Planner, SignedIn
from geo_service.db import DbSession
from geo_service.jobs import enqueue
from geo_service.operations import hubs_areas, hubs_coverage, hubs_live, hubs_siting
from geo_service.operations.hubs_plan import is_long, plan_of
from geo_service.paging import GEOJSON
from geo_service.schemas.geojson import FeatureCollection
from geo_service.schemas.hubs import Answered, AreasQuestion, CoverageQuestion, LiveQuestion, SitingQuestion
from geo_service.schemas.jobs import Job

router = APIRouter(prefix="/api/hubs", tags=["hubs"])
NOW_OR_JOB: Final[dict[int | str, dict[str, Any]]] = {200: {"model": Answered}, 202: {"model": Job}}
DRAWN: Final[dict[int | str, dict[str, Any]]] = {200: {"model": FeatureCollection, "content": {GEOJSON: {}}}}


def _json(told: Any, *, media_type: str = "application/json") -> Response:
    """Return an answer as it stands: it is plain values throughout, and large."""
    return Response(
        json.dumps(told, ensure_ascii=False, allow_nan=False, separators=(",", ":")), media_type=media_type
    )


@router.post("/coverage", responses=NOW_OR_JOB, response_class=Response)
def assess_coverage(session: DbSession, officer: SignedIn, asked: CoverageQuestion) -> Response:
    """Say whom the hubs reach: in all, by unit, by hub; gaps ranked, overlaps, the circle beside. Large plans are a job."""
    plan = plan_of(session, asked)
    if not is_long(plan):
        return _json(hubs_coverage.answer(plan, cells=asked.cells, capacities=asked.capacities))
    job = enqueue(
        session, hubs_coverage.JOB_KIND, asked.model_dump(mode="json", exclude_unset=True), asked_by=officer
    )
    return Response(Job.model_validate(job).model_dump_json(), status_code=202, media_type="application/json")


@router.post("/coverage/live", responses={200: {"model": Answered}}, response_class=Response)
def follow_plan(session: DbSession, officer: SignedIn, asked: LiveQuestion) -> Response:
    """Say the same while hubs are dragged; only what moved since the officer's last question is searched again."""
    return _json(hubs_live.follow(session, officer, asked))


@router.post("/areas", responses=DRAWN, response_class=Response)
def draw_areas(session: DbSession, officer: SignedIn, asked: AreasQuestion) -> Response:
    """Draw the ground that each hub reaches; borders agree with the tables."""
    return _json(hubs_areas.areas(session, asked), media_type=GEOJSON)


@router.post("/siting", status_code=202)
def site_hubs(session: DbSession, officer: Planner, asked: SitingQuestion) -> Job:
    """Search for sites as a job; its result is the best so far while it runs, and stays when it is cancelled."""
    hubs_siting.question_of(session, asked)
    request = asked.model_dump(mode="json", exclude_unset=True)
    return Job.model_validate(enqueue(session, hubs_siting.JOB_KIND, request, asked_by=officer))
