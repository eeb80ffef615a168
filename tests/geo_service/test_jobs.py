"""Jobs on the real queue: run, progress, cancel, failure, and what a stranger is told."""

import time
from collections.abc import Iterator, Mapping
from threading import Event
from typing import Any
from uuid import UUID, uuid4

import pytest
from fastapi.testclient import TestClient
from sqlalchemy import text

from geo_service import jobs
from geo_service.app import create_app
from geo_service.auth.officer import WORKER, Role
from geo_service.auth.sessions import officer_of
from geo_service.db import Database
from geo_service.jobs import Progress, enqueue, job_kind
from geo_service.messages import words
from geo_service.settings import Settings
from geo_service.tables import JobRow
from layers.errors import Conflict
from tests.people import put_officer, sign_in_as

pytestmark = pytest.mark.database


@pytest.fixture
def service(settings: Settings, hainan: Database) -> Iterator[TestClient]:
    """The whole service with its worker; the one who asks is signed in."""
    with TestClient(create_app(settings.model_copy(update={"database_url": hainan.url}))) as client:
        with hainan.transaction() as session:
            sign_in_as(client, session, settings, "asker", Role.BOUNDARY)
        yield client


def start(database: Database, kind: str, **request: Any) -> UUID:
    with database.transaction() as session:
        asker = officer_of(put_officer(session, "asker", Role.BOUNDARY))
    with database.acting_as(asker).transaction() as session:
        return enqueue(session, kind, request, asked_by=asker).id


def wait(client: TestClient, job_id: UUID, *states: str) -> dict[str, Any]:
    deadline = time.monotonic() + 30
    while time.monotonic() < deadline:
        job = client.get(f"/api/jobs/{job_id}").json()
        if job["state"] in states:
            return job
        time.sleep(0.05)
    raise AssertionError(job)


def test_a_check_of_real_outlines_runs_as_a_job(service: TestClient, hainan: Database) -> None:
    job = wait(
        service,
        start(hainan, "check_boundaries", levels=["county", "prefecture"], as_of="2026-01-01"),
        "done",
    )
    assert job["progress"] == 1
    assert job["result"]["findings"]["county"] == []


def test_progress_is_told_as_events_until_the_end(service: TestClient, hainan: Database) -> None:
    @job_kind("three_steps")
    def three_steps(
        _database: Database, progress: Progress, _request: Mapping[str, Any]
    ) -> Mapping[str, Any]:
        for step in range(3):
            progress.report(step / 3, f"step {step}")
            time.sleep(jobs.REPORT_EVERY_S + 0.2)
        return {"steps": 3}

    job_id = start(hainan, "three_steps")
    with service.stream("GET", f"/api/jobs/{job_id}/events") as answer:
        assert answer.headers["content-type"].startswith("text/event-stream")
        events = [line for line in answer.iter_lines() if line.startswith("data:")]
    assert len(events) >= 3
    assert '"state":"done"' in events[-1]


def test_a_running_job_stops_when_asked(service: TestClient, hainan: Database) -> None:
    @job_kind("endless")
    def endless(_database: Database, progress: Progress, _request: Mapping[str, Any]) -> Mapping[str, Any]:
        for step in range(600):
            progress.report(step / 600, "on and on")
            time.sleep(0.05)
        return {}

    job_id = start(hainan, "endless")
    wait(service, job_id, "running")
    assert service.delete(f"/api/jobs/{job_id}").json()["cancel_asked_at"] is not None
    assert wait(service, job_id, "cancelled", "done")["state"] == "cancelled"


def test_a_refusal_within_a_job_is_kept_with_its_code(service: TestClient, hainan: Database) -> None:
    @job_kind("refusing")
    def refusing(_database: Database, _progress: Progress, _request: Mapping[str, Any]) -> Mapping[str, Any]:
        raise Conflict(why="on record already")

    job = wait(service, start(hainan, "refusing"), "failed")
    told = job["problem"]
    assert (told["code"], told["facts"]) == ("record.conflict", {"why": "on record already"})
    assert (told["title"], told["detail"]) == words("problem.record.conflict", "zh-CN", told["facts"])


def test_a_job_that_does_not_exist_is_not_found(service: TestClient) -> None:
    answer = service.get(f"/api/jobs/{uuid4()}")
    assert (answer.status_code, answer.json()["code"]) == (404, "job.not_found")


def test_another_officers_job_is_not_found(service: TestClient, hainan: Database, settings: Settings) -> None:
    job_id = start(hainan, "check_boundaries", levels=["county"], as_of="2026-01-01")
    wait(service, job_id, "done")
    with hainan.transaction() as session:
        sign_in_as(service, session, settings, "stranger", Role.BOUNDARY)
    for answer in (
        service.get(f"/api/jobs/{job_id}"),
        service.get(f"/api/jobs/{job_id}/events"),
        service.delete(f"/api/jobs/{job_id}"),
    ):
        assert (answer.status_code, answer.json()["code"]) == (404, "job.not_found")


def test_a_job_reaches_what_its_asker_reaches(service: TestClient, hainan: Database) -> None:
    @job_kind("overreaching")
    def overreaching(database: Database, _: Progress, request: Mapping[str, Any]) -> Mapping[str, Any]:
        statement = text("UPDATE boundaries.administrative_unit SET source = source WHERE code = :code")
        with database.transaction() as session:
            changed = {code: session.execute(statement, {"code": code}).rowcount for code in request["codes"]}
        return {"changed": changed}

    job = wait(service, start(hainan, "overreaching", codes=["460107", "469005"]), "done")
    assert job["result"]["changed"] == {"460107": 1, "469005": 0}


def test_a_job_whose_process_was_killed_is_put_down_as_failed(service: TestClient, hainan: Database) -> None:
    job_id = uuid4()
    with hainan.transaction() as session:
        asker = officer_of(put_officer(session, "asker", Role.BOUNDARY))
    with hainan.acting_as(asker).transaction() as session:
        session.add(
            JobRow(id=job_id, kind="check_boundaries", request={}, created_by="asker", state="running")
        )
    service.app.state.worker.end_interrupted()
    with hainan.acting_as(WORKER).transaction() as session:
        job = session.get(JobRow, job_id)
        assert job is not None
        assert job.state == "failed"
        assert job.problem == {"code": "job.interrupted", "facts": {}}


def test_a_job_at_work_is_left_to_its_worker(service: TestClient, hainan: Database) -> None:
    go_on = Event()

    @job_kind("test_waits")
    def waits(_database: Database, _progress: Progress, _request: Mapping[str, Any]) -> Mapping[str, Any]:
        assert go_on.wait(20)
        return {}

    job_id = start(hainan, "test_waits")
    wait(service, job_id, "running")
    service.app.state.worker.end_interrupted()
    assert service.get(f"/api/jobs/{job_id}").json()["state"] == "running"
    go_on.set()
    wait(service, job_id, "done")
