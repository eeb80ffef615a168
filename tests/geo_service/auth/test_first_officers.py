"""The first start: one administrator by a link, or a demonstration's seven; never both, never twice."""

import os
import re
import signal
import socket
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from fastapi.testclient import TestClient
from typer.testing import CliRunner

from geo_service.app import create_app
from geo_service.auth.first_officers import DEMONSTRATION, first_link, load_demonstration_officers
from geo_service.cli import app as cli
from geo_service.db import Database
from geo_service.settings import Settings, get_settings
from tests.people import PASSWORD

pytestmark = pytest.mark.database


@pytest.fixture
def empty_office(settings: Settings, new_database: Callable[[str], str], request: Any) -> Iterator[Database]:
    name = re.sub(r"\W", "_", request.node.name)[:40].lower()
    database = Database(new_database(f"geo_{name}"), settings)
    yield database
    database.dispose()


Open = Callable[..., TestClient]


@pytest.fixture
def open_service(empty_office: Database, settings: Settings) -> Iterator[Open]:
    opened = []

    def opening(*, demo: bool = False) -> TestClient:
        app = create_app(settings.model_copy(update={"database_url": empty_office.url, "demo": demo}))
        opened.append(app)
        return TestClient(app)

    yield opening
    for app in opened:
        app.state.database.dispose()


def link_of(database: Database) -> str | None:
    with database.transaction() as session:
        return first_link(session, "zh-CN")


def test_the_first_start_makes_one_administrator_by_a_link(
    empty_office: Database, open_service: Open
) -> None:
    lost, link = link_of(empty_office), link_of(empty_office)
    assert lost is not None
    assert link is not None
    client = open_service()
    for given, status in ((lost, 403), (link, 200), (link, 403)):
        answer = client.post("/api/session/link", json={"secret": given.split("=")[1], "password": PASSWORD})
        assert answer.status_code == status
    account = client.get("/api/session").json()
    assert (account["username"], account["roles"], account["jurisdictions"]) == (
        "administrator",
        ["administrator"],
        ["*"],
    )
    assert link_of(empty_office) is None


def test_the_demonstration_has_an_officer_for_each_role(empty_office: Database, open_service: Open) -> None:
    for added in (7, 0):
        with empty_office.transaction() as session:
            assert load_demonstration_officers(session) == added
    client = open_service(demo=True)
    assert client.get("/api/settings/public").json()["demo"] is True
    for name in DEMONSTRATION:
        answer = client.post("/api/session", json={"username": name, "password": f"demo-{name}"})
        account = answer.json()
        assert (account["roles"], account["jurisdictions"], account["demonstration"]) == (
            [name],
            ["460100"],
            True,
        )


def test_demonstration_officers_are_nobody_elsewhere(empty_office: Database, open_service: Open) -> None:
    with empty_office.transaction() as session:
        load_demonstration_officers(session)
    cookies = open_service(demo=True)
    cookies.post("/api/session", json={"username": "boundary", "password": "demo-boundary"})
    real = open_service()
    real.cookies = cookies.cookies
    assert real.get("/api/session").json() == {"signed_in": False}
    answer = real.post("/api/session", json={"username": "boundary", "password": "demo-boundary"})
    assert answer.status_code == 401
    assert link_of(empty_office) is not None


@pytest.mark.parametrize(
    "arguments",
    [["demo", "--serve", "--host", "0.0.0.0"], ["serve", "--host", "192.0.2.1"]],  # noqa: S104 -- refused
)
def test_the_demonstration_stays_on_this_machine(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, arguments: list[str]
) -> None:
    monkeypatch.setenv("GEO_DEMO", "true")
    monkeypatch.setenv("GEO_DATA_DIR", str(tmp_path))
    monkeypatch.delenv("GEO_DATABASE_URL", raising=False)
    get_settings.cache_clear()
    result = CliRunner().invoke(cli, arguments)
    get_settings.cache_clear()
    assert getattr(result.exception, "code", None) == "service.demonstration_not_local"
    assert not list(tmp_path.iterdir())


def test_serve_prints_the_link_under_the_address(empty_office: Database, settings: Settings) -> None:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    environment = os.environ | {"GEO_DATABASE_URL": empty_office.url, "GEO_DATA_DIR": str(settings.data_dir)}
    command = [sys.executable, "-m", "geo_service", "serve", "--port", str(port)]
    with subprocess.Popen(
        command, env=environment, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True
    ) as process:
        try:
            assert process.stdout is not None
            lines = [process.stdout.readline().strip() for _ in range(3)]
        finally:
            process.send_signal(signal.SIGTERM)
            process.wait(20)
    assert lines[0] == f"http://127.0.0.1:{port}"
    assert re.fullmatch(rf"http://127\.0\.0\.1:{port}/sign-in#link=[\w-]{{43}}", lines[2])
