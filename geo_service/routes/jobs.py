"""Jobs over HTTP: state, progress as server-sent events, cancel."""

import asyncio
from collections.abc import AsyncIterator
from uuid import UUID

from fastapi import APIRouter, Request
from fastapi.concurrency import run_in_threadpool
from fastapi.responses import StreamingResponse

from geo_service import jobs
from geo_service.auth.gate import Changing, SignedIn
from geo_service.db import Database, DbSession
from geo_service.messages import preferred_language, words
from geo_service.schemas.jobs import Job

router = APIRouter(prefix="/api/jobs", tags=["jobs"])
LOOK_EVERY_S = 0.3
OVER = {"done", "failed", "cancelled"}


@router.get("/{job_id}")
def get_job(request: Request, session: DbSession, officer: SignedIn, job_id: UUID) -> Job:
    """State, progress and result of a job; why it failed in the asker's language too."""
    job = Job.model_validate(jobs.find(session, job_id, asker=officer))
    if job.problem is not None:
        language = preferred_language(request.headers.get("accept-language"))
        title, detail = words(f"problem.{job.problem['code']}", language, job.problem.get("facts", {}))
        job.problem = {**job.problem, "title": title, "detail": detail}
    return job


@router.delete("/{job_id}")
def cancel_job(session: DbSession, officer: Changing, job_id: UUID) -> Job:
    """Ask that a job stop; what it has found so far is kept where the kind of work can."""
    return Job.model_validate(jobs.ask_to_cancel(session, job_id, asker=officer))


@router.get(
    "/{job_id}/events",
    response_class=StreamingResponse,
    responses={200: {"content": {"text/event-stream": {}}}},
)
def job_events(request: Request, session: DbSession, officer: SignedIn, job_id: UUID) -> StreamingResponse:
    """Progress as server-sent events, one whenever it changes, the last one when the job is over."""
    jobs.find(session, job_id, asker=officer)
    database: Database = request.app.state.database.acting_as(officer)

    def look() -> Job:
        with database.transaction() as own:
            return Job.model_validate(jobs.find(own, job_id, asker=officer))

    async def events() -> AsyncIterator[str]:
        told = None
        while not await request.is_disconnected():
            job = await run_in_threadpool(look)
            if job != told:
                yield f"event: job\ndata: {job.model_dump_json()}\n\n"
                told = job
            if job.state in OVER:
                return
            await asyncio.sleep(LOOK_EVERY_S)

    return StreamingResponse(
        events(),
        media_type="text/event-stream",
        headers={"Cache-Control": "no-cache", "X-Accel-Buffering": "no"},
    )
