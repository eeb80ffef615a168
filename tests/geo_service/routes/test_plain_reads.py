"""What is asked plainly is answered as the documented route answers it, and as the data are now."""

from collections.abc import Iterator
from typing import Any

import pytest
from fastapi import FastAPI
from fastapi.testclient import TestClient
from sqlalchemy import text
from sqlalchemy.exc import InternalError, OperationalError

from geo_service.app import create_app
from geo_service.auth.officer import OPERATOR
from geo_service.db import Database
from geo_service.plain_reads import PlainRead
from geo_service.settings import Settings

pytestmark = pytest.mark.database

PLAIN = [
    "/api/boundaries/units?limit=5&bbox=110,19.5,110.6,20.2",
    "/api/boundaries/units?as_of=2006-12-31&geometry=none",
    "/api/boundaries/units?bbox=1,1,2,2",
    "/api/boundaries/units",
    "/api/boundaries/lines?bbox=110,19.5,110.6,20.2&limit=3",
    "/tiles/units/9/413/227.mvt",
    "/tiles/lines/9/413/227.mvt?as_of=2020-01-01",
    "/tiles/names/0/0/0.mvt",
]
OTHERWISE = [
    "/api/boundaries/units?bbox=2,2,1,1",
    "/api/boundaries/units?limit=0",
    "/api/boundaries/units?limit=1001",
    "/api/boundaries/units?limit=5&limit=6",
    "/api/boundaries/units?as_of=20240101",
    "/api/boundaries/units?as_of=2024-02-30",
    "/api/boundaries/units?cursor=x",
    "/api/boundaries/units?geometry=half",
    "/api/boundaries/units?level=county",
    "/api/boundaries/units?unknown=1",
    "/api/boundaries/units?q=%E7%90%BC%E5%B1%B1",
    "/tiles/units/23/0/0.mvt",
    "/tiles/nothing/0/0/0.mvt",
    "/tiles/markers/9/413/227.mvt",
]


@pytest.fixture(scope="module")
def serving(settings: Settings, hainan: Database) -> Iterator[FastAPI]:
    app = create_app(settings.model_copy(update={"database_url": hainan.url}))
    yield app
    app.state.database.dispose()


@pytest.fixture(scope="module")
def plain(serving: FastAPI) -> TestClient:
    return TestClient(serving, raise_server_exceptions=False)


@pytest.fixture(scope="module")
def documented(settings: Settings, hainan: Database) -> Iterator[TestClient]:
    """The same service without its plain reads."""
    app = create_app(settings.model_copy(update={"database_url": hainan.url}))
    app.router.routes[:] = [route for route in app.router.routes if not isinstance(route, PlainRead)]
    yield TestClient(app, raise_server_exceptions=False)
    app.state.database.dispose()


def told(answer: Any) -> tuple[int, bytes, dict[str, str]]:
    headers = {name: value for name, value in answer.headers.items() if name != "x-request-id"}
    return answer.status_code, answer.content, headers


@pytest.mark.parametrize("path", PLAIN)
def test_a_plain_read_is_the_documented_answer(
    serving: FastAPI,
    plain: TestClient,
    documented: TestClient,
    path: str,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    expected = documented.get(path)
    with monkeypatch.context() as without_sessions:
        without_sessions.setattr(serving.state.database, "new_reading", None)
        answer = plain.get(path)
    assert answer.status_code == 200
    assert told(answer) == told(expected)


@pytest.mark.parametrize("path", OTHERWISE)
def test_whatever_else_is_asked_is_left_to_the_documented_route(
    plain: TestClient, documented: TestClient, path: str
) -> None:
    answer, expected = plain.get(path), documented.get(path)
    assert answer.status_code == expected.status_code
    if answer.headers["content-type"] == "application/problem+json":
        ids = {"request_id": None}
        assert answer.json() | ids == expected.json() | ids
    else:
        assert answer.content == expected.content


def test_pages_follow_one_another_plainly(plain: TestClient) -> None:
    path, seen = "/api/boundaries/units?geometry=none&limit=7&bbox=108,18,112,21", []
    while path:
        body = plain.get(path).json()
        seen += [
            (feature["properties"]["code"], feature["properties"]["level"]) for feature in body["features"]
        ]
        path = next((link["href"] for link in body["links"] if link["rel"] == "next"), None)
    assert len(seen) == len(set(seen)) == body["numberMatched"] > 14


def test_a_kept_tile_gives_way_to_a_write(plain: TestClient, hainan: Database) -> None:
    """What is kept of a tile, here and by the asker, is worth nothing once a unit is renamed."""
    path, rename = (
        "/tiles/units/9/413/227.mvt",
        "UPDATE boundaries.administrative_unit SET name = :name WHERE code = '460107'",
    )
    first = plain.get(path)
    assert "琼山区".encode() in first.content
    assert plain.get(path).headers["etag"] == first.headers["etag"]
    try:
        with hainan.acting_as(OPERATOR).transaction() as session:
            session.execute(text(rename), {"name": "改名区"})
        held = {"If-None-Match": first.headers["etag"]}
        second = plain.get(path, headers=held)
        assert (second.status_code, "改名区".encode() in second.content) == (200, True)
        assert plain.get(path, headers={"If-None-Match": second.headers["etag"]}).status_code == 304
    finally:
        with hainan.acting_as(OPERATOR).transaction() as session:
            session.execute(text(rename), {"name": "琼山区"})
    assert plain.get(path, headers={"If-None-Match": second.headers["etag"]}).content == first.content


def test_a_reading_writes_nothing_and_survives_its_connection(hainan: Database) -> None:
    with hainan.reading() as reading, pytest.raises(InternalError, match="read-only"):
        reading.execute(text("DELETE FROM service.data_version RETURNING layer"))
    with hainan.reading() as reading, pytest.raises(OperationalError) as lost:
        reading.execute(text("SELECT pg_terminate_backend(pg_backend_pid())"))
    assert lost.value.connection_invalidated
    with hainan.reading() as reading:
        assert reading.execute(text("SELECT CAST(:n AS integer)"), {"n": 7}).scalar_one() == 7
