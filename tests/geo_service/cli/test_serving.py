"""`serve` on a database of the office's own: refusals in words, readiness, workers that leave with their parent."""

import json
import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from urllib.error import HTTPError, URLError
from urllib.request import Request, urlopen

import psycopg
import pytest
from fastapi.testclient import TestClient

from geo_service.app import create_app
from geo_service.embedded import Running
from geo_service.settings import Settings

pytestmark = pytest.mark.database


@pytest.fixture
def without_tables(migrated: Running) -> Iterator[str]:
    """A database as its administrator made it, before the first migration."""
    plain = migrated.superuser_url.replace("+psycopg", "").replace("/geo_service?", "/postgres?")
    with psycopg.connect(plain, autocommit=True) as superuser:
        superuser.execute("CREATE DATABASE geo_without_tables OWNER geo_owner")
        yield migrated.url("geo_service", "geo_without_tables")
        superuser.execute("DROP DATABASE geo_without_tables WITH (FORCE)")


def free_port() -> int:
    with socket.socket() as trial:
        trial.bind(("127.0.0.1", 0))
        return int(trial.getsockname()[1])


def answer(url: str, **headers: str) -> tuple[int, str]:
    try:
        with urlopen(Request(url, headers=headers), timeout=5) as got:  # noqa: S310 -- our own address
            return got.status, got.read().decode()
    except HTTPError as refused:
        return refused.code, refused.read().decode()
    except (URLError, OSError):
        return 0, ""


def eventually(condition: Callable[[], bool], *, within_s: float = 30) -> bool:
    deadline = time.monotonic() + within_s
    while not condition() and time.monotonic() < deadline:
        time.sleep(0.1)
    return condition()


def run(url: str, tmp_path: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    environment = {
        **os.environ,
        "GEO_DATABASE_URL": url,
        "GEO_DATA_DIR": str(tmp_path),
        "LC_ALL": "en_GB.UTF-8",
    }
    environment.pop("GEO_OWNER_DATABASE_URL", None)
    command = [sys.executable, "-m", "geo_service", *arguments]
    return subprocess.run(command, env=environment, capture_output=True, text=True, check=False, timeout=60)


def test_tables_that_are_not_there_are_said_and_how_they_are_made(
    without_tables: str, tmp_path: Path
) -> None:
    for command in (["serve", "--port", str(free_port())], ["check", "boundaries"]):
        done = run(without_tables, tmp_path, *command)
        assert done.returncode == 3
        assert "service.migrations_pending" in done.stderr
        assert "geo-service db upgrade" in done.stderr
        assert "Traceback" not in done.stderr


def test_a_service_without_tables_is_alive_and_not_ready(without_tables: str, settings: Settings) -> None:
    client = TestClient(create_app(settings.model_copy(update={"database_url": without_tables})))
    assert client.get("/healthz").status_code == 200
    ready = client.get("/readyz")
    assert (ready.status_code, ready.json()["database"], ready.json()["migrations"]) == (503, True, False)
    client.app.state.database.dispose()  # type: ignore[attr-defined]  # our own application


@pytest.mark.parametrize(
    ("url", "code"),
    [
        ("postgresql://geo_service@127.0.0.1:1/nowhere", "database.unavailable"),
        ("not a url", "database.url_unreadable"),
    ],
)
def test_a_database_that_cannot_be_reached_is_said_in_words(tmp_path: Path, url: str, code: str) -> None:
    for command in (["serve", "--port", str(free_port())], ["db", "status"]):
        done = run(url, tmp_path, *command)
        assert done.returncode == 3
        assert code in done.stderr
        assert "Traceback" not in done.stderr


@pytest.fixture
def two_workers(migrated: Running, tmp_path: Path) -> Iterator[tuple[subprocess.Popen[str], str]]:
    """A service of two workers; the process that began them, and its address."""
    port = free_port()
    environment = {
        **os.environ,
        "GEO_DATABASE_URL": migrated.service_url,
        "GEO_DATA_DIR": str(tmp_path),
        "TMPDIR": str(tmp_path),  # one that is killed leaves what it measured
    }
    with (tmp_path / "log").open("w") as log:
        process = subprocess.Popen(
            [sys.executable, "-m", "geo_service", "serve", "--port", str(port), "--workers", "2"],
            env=environment, stdout=log, stderr=log, text=True,
        )  # fmt: skip
    address = f"http://127.0.0.1:{port}"
    assert eventually(lambda: answer(f"{address}/readyz")[0] == 200)
    yield process, address
    process.kill()
    process.wait()
    assert eventually(lambda: answer(f"{address}/healthz")[0] == 0)


def test_each_worker_answers_for_the_measurements_of_all(
    two_workers: tuple[subprocess.Popen[str], str],
) -> None:
    _, address = two_workers
    for _ in range(20):
        assert answer(f"{address}/api/legend")[0] == 200
    counted = {
        line.split()[-1]
        for _ in range(6)
        for line in answer(f"{address}/metrics")[1].splitlines()
        if line.startswith("geo_requests_total") and "/api/legend" in line
    }
    assert counted == {"20.0"}


def test_workers_leave_when_the_process_that_began_them_is_killed(
    two_workers: tuple[subprocess.Popen[str], str],
) -> None:
    process, address = two_workers
    process.send_signal(signal.SIGKILL)
    process.wait()
    assert eventually(lambda: answer(f"{address}/healthz")[0] == 0)


def test_what_a_stranger_sends_forges_no_line_of_the_log(
    two_workers: tuple[subprocess.Popen[str], str], tmp_path: Path
) -> None:
    _, address = two_workers
    answer(f"{address}/%0a%7b%22event%22:%22forged%22%7d", **{"X-Request-ID": 'a"}{"event":"forged"'})
    answer(f"{address}/healthz", **{"X-Request-ID": "seen-1"})
    log = tmp_path / "log"
    assert eventually(lambda: all(word in log.read_text() for word in ("seen-1", "forged")))
    lines = [json.loads(line) for line in log.read_text().splitlines() if line.startswith("{")]
    requests = [line for line in lines if line["event"] == "request"]
    assert not [line for line in lines if line["event"] == "forged"]
    assert {line["path"] for line in requests} >= {'/\\n{"event":"forged"}', "/healthz"}
    assert all(
        set(line["request_id"]) <= set("0123456789abcdef") or line["request_id"] == "seen-1"
        for line in requests
    )
