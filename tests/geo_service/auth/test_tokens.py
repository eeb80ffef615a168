"""API tokens: shown once, narrow, revocable, and never a way to more."""

from collections.abc import Callable
from typing import Any
from uuid import uuid4

import pytest
from fastapi import FastAPI
from fastapi.testclient import TestClient

from geo_service.auth.officer import Role
from geo_service.db import Database
from tests.people import OUTSIDE, acts_of

pytestmark = pytest.mark.database


def make(client: TestClient, *scopes: str, days: int = 30) -> dict[str, Any]:
    answer = client.post("/api/tokens", json={"label": "平板 7", "scopes": list(scopes), "days": days})
    assert answer.status_code == 201, answer.text
    made: dict[str, Any] = answer.json()
    return made


def bearer(app: FastAPI, token: str) -> TestClient:
    return TestClient(app, headers={"Authorization": f"Bearer {token}"}, raise_server_exceptions=False)


def rename(code: str) -> dict[str, Any]:
    return {
        "id": str(uuid4()),
        "kind": "rename",
        "effective_on": "2026-01-01",
        "instrument": "试〔2026〕1号",
        "predecessors": [code],
        "successors": [{"code": code, "name": "新名"}],
    }


def test_a_token_is_shown_once_and_stored_hashed(
    app: FastAPI, office: Database, enter: Any, as_superuser: Callable[[str], Any]
) -> None:
    client = enter(Role.SURVEYOR)
    with acts_of(office, "token.create") as acts:
        made = make(client, "field")
    listed = client.get("/api/tokens").json()["tokens"]
    assert [each["id"] for each in listed] == [made["id"]]
    assert "token" not in listed[0]
    assert made["token"].endswith(listed[0]["hint"])
    assert all(
        made["token"] not in row[0]
        for row in as_superuser("SELECT row_to_json(t)::text FROM service.api_token t")
    )
    assert acts[0].detail["scopes"] == ["field"]
    assert bearer(app, made["token"]).get("/api/session").json()["scopes"] == ["field"]


@pytest.mark.parametrize(
    "header", ["Bearer", "Bearer ", "Bearer geo_x", "Bearer \x00", "bearer " + "a" * 5000]
)
def test_a_token_that_does_not_hold_is_refused_and_not_the_public(app: FastAPI, header: str) -> None:
    answer = TestClient(app).get("/api/session", headers={"Authorization": header.encode()})
    assert (answer.status_code, answer.json()["code"]) == (401, "auth.sign_in_required")
    assert answer.headers["www-authenticate"] == "Bearer"


@pytest.mark.parametrize("end", ["revoke", "expire", "disable"])
def test_a_token_ends(app: FastAPI, enter: Any, as_superuser: Callable[[str], Any], end: str) -> None:
    owner = enter(Role.SURVEYOR)
    made = make(owner, "read")
    device = bearer(app, made["token"])
    assert device.get("/api/tokens").status_code == 200
    if end == "revoke":
        assert owner.delete(f"/api/tokens/{made['id']}").status_code == 204
    elif end == "expire":
        as_superuser(f"UPDATE service.api_token SET expires_at = now() WHERE id = '{made['id']}'")
    else:
        name, boss = owner.headers["x-test-name"], enter(Role.ADMINISTRATOR)
        etag = boss.get(f"/api/officers/{name}").headers["etag"]
        changed = boss.patch(f"/api/officers/{name}", json={"disabled": True}, headers={"If-Match": etag})
        assert changed.json()["disabled_at"] is not None
    assert device.get("/api/tokens").status_code == 401


def test_a_token_is_no_way_to_more(app: FastAPI, enter: Any) -> None:
    device = bearer(app, make(enter(Role.ADMINISTRATOR), "read", "field", "write")["token"])
    for answer in (
        device.post("/api/tokens", json={"label": "x", "scopes": ["write"]}),
        device.patch("/api/session/account", json={"language": "en"}),
        device.get("/api/officers"),
        device.delete(f"/api/session/{uuid4()}"),
    ):
        assert (answer.status_code, answer.json()["code"]) == (403, "auth.forbidden")
    assert device.get("/api/audit").status_code == 200


@pytest.mark.parametrize(("scope", "status"), [("read", 403), ("field", 403), ("write", 201)])
def test_a_scope_bounds_what_is_changed(app: FastAPI, enter: Any, scope: str, status: int) -> None:
    device = bearer(app, make(enter(Role.BOUNDARY), scope)["token"])
    assert device.post("/api/boundaries/checks", json={}).status_code == status + (status == 201)


def test_a_token_reaches_its_officers_jurisdiction_and_no_further(app: FastAPI, enter: Any) -> None:
    device = bearer(app, make(enter(Role.BOUNDARY, jurisdictions=(OUTSIDE,)), "write")["token"])
    answer = device.post("/api/boundaries/changes", json=rename("460107"))
    assert (answer.status_code, answer.json()["code"]) == (403, "auth.forbidden")
    assert answer.json()["facts"]["outside"] == ["460107"]


def test_another_officers_token_is_not_found(enter: Any) -> None:
    made = make(enter(Role.SURVEYOR), "read")
    answer = enter(Role.SURVEYOR).delete(f"/api/tokens/{made['id']}")
    assert (answer.status_code, answer.json()["code"]) == (404, "auth.token_not_found")


@pytest.mark.parametrize(
    "asked",
    [
        {"label": "x", "scopes": []},
        {"label": "x", "scopes": ["all"]},
        {"label": "x", "scopes": ["read"], "days": 367},
        {"label": "x", "scopes": ["read"], "days": 0},
        {"label": "a\r\nb", "scopes": ["read"]},
        {"label": "", "scopes": ["read"]},
    ],
)
def test_a_token_out_of_bounds_is_not_made(enter: Any, asked: dict[str, Any]) -> None:
    assert enter(Role.PLANNER).post("/api/tokens", json=asked).status_code == 422
