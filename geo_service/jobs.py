"""Long work (D11): queued in the asker's own transaction, run by procrastinate, with progress and cancel."""

import asyncio
import json
import time
from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Final
from uuid import UUID

import structlog
from procrastinate import App, JobContext, PsycopgConnector
from sqlalchemy import func, select, text, update
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.orm import Session

from geo_service.auth.audit import record_act
from geo_service.auth.officer import OPERATOR, PUBLIC, WORKER, Officer
from geo_service.auth.sessions import officer_of
from geo_service.auth.tables import OfficerRow
from geo_service.db import Database, sqlalchemy_url
from geo_service.metrics import observe_job
from geo_service.tables import JobRow
from layers.errors import LayerError, NotFound

QUEUE: Final = "geo"
TASK: Final = "run_job"
REPORT_EVERY_S: Final = 0.25
LOOK_EVERY_S: Final = 15.0
LOOK_AFTER_S: Final = 3.0
log = structlog.get_logger(__name__)


class JobNotFound(NotFound):
    """There is no such job, or it is another officer's."""

    code = "job.not_found"


class JobCancelled(LayerError):
    """Somebody asked that the job stop."""

    code = "job.cancelled"


class JobInterrupted(LayerError):
    """The process that worked on the job ended before the job did; nothing of it was kept."""

    code = "job.interrupted"


# Running on record, and nobody works on it: its worker has not been heard of for as long as procrastinate
# waits before it gives a worker up.
INTERRUPTED: Final = text("""
    UPDATE service.job j SET state = 'failed', ended_at = now(), problem = CAST(:problem AS jsonb)
     WHERE j.state = 'running' AND NOT EXISTS (
           SELECT FROM procrastinate.procrastinate_jobs q
             JOIN procrastinate.procrastinate_workers w ON w.id = q.worker_id
            WHERE q.args ->> 'job_id' = j.id::text AND q.status = 'doing'
              AND w.last_heartbeat > now() - interval '30 seconds')
 RETURNING j.kind
""")


@dataclass
class Progress:
    """How a job tells how far it is; telling it also learns whether it shall stop.

    Raises `JobCancelled` from `report` once that was asked.
    """

    database: Database
    job_id: UUID
    _last: float = field(default=0.0, init=False)

    def report(self, fraction: float, stage: str) -> None:
        """Put on record that `fraction` (0 to 1) is done; at most four times a second."""
        now = time.monotonic()
        if now - self._last < REPORT_EVERY_S and fraction < 1:
            return
        self._last = now
        with self.database.transaction() as session:
            asked = session.execute(
                update(JobRow)
                .where(JobRow.id == self.job_id)
                .values(progress=min(max(fraction, 0.0), 1.0), stage=stage)
                .returning(JobRow.cancel_asked_at)
            ).scalar_one()
        if asked is not None:
            raise JobCancelled


Work = Callable[[Database, Progress, Mapping[str, Any]], Mapping[str, Any]]
KINDS: Final[dict[str, Work]] = {}


def job_kind(name: str) -> Callable[[Work], Work]:
    """Register a function as the work of jobs of kind `name`."""

    def register(work: Work) -> Work:
        KINDS[name] = work
        return work

    return register


def enqueue(
    session: Session,
    kind: str,
    request: Mapping[str, Any],
    *,
    asked_by: Officer,
    at: datetime | None = None,
    job_id: UUID | None = None,
) -> JobRow:
    """Put a job on record and in the queue, to be done at once or `at` a time; both or neither, with the session's transaction.

    The work is done as the officer who asked: it reaches what he reaches. `job_id` is the asker's own, where he made one.
    """
    job = JobRow(kind=kind, request=dict(request), created_by=asked_by.username)
    if job_id is not None:
        job.id = job_id
    session.add(job)
    session.flush()
    session.execute(
        text(
            "SELECT procrastinate.procrastinate_defer_jobs_v1(ARRAY[ROW(:queue, :task, 0, NULL, NULL, "
            "CAST(:args AS jsonb), CAST(:at AS timestamptz))::procrastinate.procrastinate_job_to_defer_v1])"
        ).execution_options(),
        {"queue": QUEUE, "task": TASK, "args": json.dumps({"job_id": str(job.id)}), "at": at},
    )
    session.refresh(job)
    record_act(session, "job.start", subject=("job", str(job.id)), detail={"kind": kind, **request})
    return job


def find(session: Session, job_id: UUID, *, asker: Officer) -> JobRow:
    """Return a job of the asker's own; the service itself sees all. Raises `JobNotFound`."""
    job = session.get(JobRow, job_id)
    theirs = job is not None and job.created_by == asker.username
    if job is None or not (theirs or asker is WORKER):
        raise JobNotFound(job=str(job_id))
    return job


def ask_to_cancel(session: Session, job_id: UUID, *, asker: Officer) -> JobRow:
    """Ask that a job stop: a waiting one never starts, a running one stops at its next report."""
    job = find(session, job_id, asker=asker)
    if job.state in {"waiting", "running"}:
        job.cancel_asked_at = func.now()
        if job.state == "waiting":
            job.state, job.ended_at = "cancelled", func.now()
        session.flush()
        session.refresh(job)
        record_act(session, "job.cancel", subject=("job", str(job_id)))
    return job


class Worker:
    """Runs the queue's jobs inside the service's process, one at a time."""

    def __init__(
        self, url: str, database: Database, look_after: Sequence[Callable[[Database], object]] = ()
    ) -> None:
        self._look_after = look_after
        self._database = database.acting_as(WORKER)
        made = sqlalchemy_url(url)
        conninfo = made.set(drivername="postgresql").render_as_string(hide_password=False)
        connector = PsycopgConnector(
            conninfo=conninfo,
            kwargs={"options": "-c search_path=procrastinate", "application_name": "geo_service jobs"},
            min_size=1,
            max_size=3,
        )
        self.queue = App(connector=connector)
        self.queue.task(name=TASK, queue=QUEUE, pass_context=True)(self._run)

    @asynccontextmanager
    async def running(self) -> AsyncIterator[None]:
        """Work through the queue until the block ends; a job cut off is marked failed by the workers left or the next."""
        async with self.queue.open_async():
            task = asyncio.create_task(
                self.queue.run_worker_async(
                    queues=[QUEUE], concurrency=1, install_signal_handlers=False, shutdown_graceful_timeout=2
                )
            )
            ending = asyncio.Event()
            looking = asyncio.create_task(self._look_for_interrupted(ending))
            after = asyncio.create_task(self._look_after_others(ending))
            try:
                yield
            finally:
                task.cancel()
                ending.set()  # not cancelled: a statement under way ends before the connections are closed
                await asyncio.gather(task, looking, after, return_exceptions=True)

    async def _look_for_interrupted(self, ending: asyncio.Event) -> None:
        while not ending.is_set():
            try:
                await asyncio.to_thread(self.end_interrupted)
            except SQLAlchemyError as away:  # the database may be away: looked for again later
                log.warning("interrupted_jobs_not_looked_for", error=type(away).__name__)
            with suppress(TimeoutError):
                await asyncio.wait_for(ending.wait(), LOOK_EVERY_S)

    async def _look_after_others(self, ending: asyncio.Event) -> None:
        """Do every few seconds what others asked to be looked after."""
        while self._look_after and not ending.is_set():
            for look in self._look_after:
                try:
                    await asyncio.to_thread(look, self._database)
                except SQLAlchemyError as away:  # the database may be away: looked for again later
                    log.warning("not_looked_after", what=look.__name__, error=type(away).__name__)
            with suppress(TimeoutError):
                await asyncio.wait_for(ending.wait(), LOOK_AFTER_S)

    def end_interrupted(self) -> int:
        """Put on record that jobs failed whose process was killed under them; return how many."""
        problem = json.dumps({"code": JobInterrupted.code, "facts": {}})
        with self._database.transaction() as session:
            kinds = session.execute(INTERRUPTED, {"problem": problem}).scalars().all()
        for kind in kinds:
            observe_job(kind, "failed")
        return len(kinds)

    def _run(self, _context: JobContext, *, job_id: str) -> None:
        identity = UUID(job_id)
        with self._database.transaction() as session:
            job = find(session, identity, asker=WORKER)
            if job.state != "waiting":
                return
            job.state, job.started_at = "running", func.now()
            kind, request, asker = job.kind, job.request, _asker(session, job)
        try:
            result = KINDS[kind](self._database.acting_as(asker), Progress(self._database, identity), request)
        except JobCancelled:
            self._end(identity, kind, state="cancelled")
        except LayerError as refusal:
            self._end(
                identity, kind, state="failed", problem={"code": refusal.code, "facts": dict(refusal.facts)}
            )
        except Exception:  # whatever a job dies of is put on record
            log.exception("job_failed", job=job_id, kind=kind)
            self._end(identity, kind, state="failed", problem={"code": "server.error", "facts": {}})
        else:
            self._end(identity, kind, state="done", progress=1.0, result=dict(result))

    def _end(self, job_id: UUID, kind: str, *, state: str, **values: Any) -> None:
        with self._database.transaction() as session:
            session.execute(
                update(JobRow).where(JobRow.id == job_id).values(ended_at=func.now(), state=state, **values)
            )
        observe_job(kind, state)


def _asker(session: Session, job: JobRow) -> Officer:
    """Return who a job works for, with the rights of today; one who is gone has the public's."""
    if job.created_by == OPERATOR.username:
        return OPERATOR
    row = session.execute(
        select(OfficerRow).where(OfficerRow.username == job.created_by, OfficerRow.disabled_at.is_(None))
    ).scalar_one_or_none()
    return PUBLIC if row is None else officer_of(row)
