"""Secret calendar addresses: shown once, stored hashed, opening the calendar alone, replaced and revoked; dead ones slowed."""

import logging
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
from fastapi import FastAPI
from fastapi.testclient import TestClient
from icalendar import Calendar

from geo_service.auth.attempts import FREE_ATTEMPTS
from geo_service.auth.officer import Role
from geo_service.db import Database
from geo_service.logs import access
from tests.people import acts_of

pytestmark = pytest.mark.database
ADDRESS = "/api/due/calendar-address"


def make(client: TestClient) -> str:
    answer = client.post(ADDRESS)
    assert answer.status_code == 201, answer.text
    return str(answer.json()["path"])


def phone(app: FastAPI, host: str = "192.0.2.7") -> TestClient:
    """A calendar program: no cookie, no header."""
    return TestClient(app, client=(host, 5000), raise_server_exceptions=False)


def test_an_address_is_shown_once_stored_hashed_and_read_without_a_sign_in(
    app: FastAPI, office: Database, enter: Any, as_superuser: Callable[[str], Any]
) -> None:
    officer = enter(Role.SURVEYOR)
    assert officer.get(ADDRESS).json() == {"address": None}
    with acts_of(office, "token.create") as made:
        path = make(officer)
    secret = path.removeprefix("api/due/calendar/").removesuffix(".ics")
    [(_, _, detail, _)] = made
    assert (detail["scopes"], detail["days"]) == (["calendar"], 366)
    told = officer.get(ADDRESS).json()["address"]
    assert secret.endswith(told["hint"])
    assert told["last_used_at"] is None
    stored = as_superuser("SELECT row_to_json(t)::text FROM service.api_token t")
    audited = as_superuser("SELECT row_to_json(a)::text FROM service.audit_entry a")
    assert [row for row in (*stored, *audited) if secret in row[0]] == []
    answer = phone(app).get(f"/{path}", params={"language": "en"})
    assert (answer.status_code, answer.headers["cache-control"]) == (200, "no-store")
    calendar = Calendar.from_ical(answer.content)
    assert str(calendar["x-wr-calname"]) == "Boundary markers: what is due"
    assert str(calendar["x-published-ttl"]) == "PT6H"
    chinese = Calendar.from_ical(phone(app).get(f"/{path}").content)
    assert str(chinese["x-wr-calname"]) == "界线界桩待办"
    assert officer.get(ADDRESS).json()["address"]["last_used_at"] is not None
    assert phone(app).get(f"/{path}", params={"days_ahead": 731}).status_code == 422


def test_the_secret_opens_nothing_else(app: FastAPI, enter: Any) -> None:
    secret = make(enter(Role.BOUNDARY)).removeprefix("api/due/calendar/").removesuffix(".ics")
    device = TestClient(app, headers={"Authorization": f"Bearer {secret}"}, raise_server_exceptions=False)
    for method, path in (
        ("GET", "/api/session"),
        ("GET", "/api/due"),
        ("POST", ADDRESS),
        ("GET", "/ogc/collections/markers/items"),
    ):
        assert device.request(method, path).status_code == 401, path


def test_a_device_token_is_no_address_and_makes_none(app: FastAPI, enter: Any) -> None:
    officer = enter(Role.BOUNDARY)
    made = officer.post("/api/tokens", json={"label": "tablet", "scopes": ["read", "write"]}).json()["token"]
    assert phone(app).get(f"/api/due/calendar/{made}.ics").status_code == 404
    device = TestClient(app, headers={"Authorization": f"Bearer {made}"})
    assert device.post(ADDRESS).json()["code"] == "auth.forbidden"
    assert officer.post("/api/tokens", json={"label": "x", "scopes": ["calendar"]}).status_code == 422


def test_a_new_address_takes_the_place_of_the_old_one(app: FastAPI, office: Database, enter: Any) -> None:
    officer = enter(Role.SURVEYOR)
    first = make(officer)
    with acts_of(office, "token.revoke") as revoked:
        second = make(officer)
    assert len(revoked) == 1
    assert phone(app).get(f"/{first}").json()["code"] == "auth.calendar_address_not_found"
    assert phone(app).get(f"/{second}").status_code == 200


def test_of_many_made_at_once_one_holds(app: FastAPI, enter: Any) -> None:
    officer = enter(Role.SURVEYOR)
    with ThreadPoolExecutor(4) as pool:
        made = list(pool.map(lambda _: make(officer), range(4)))
    assert sorted(phone(app, f"192.0.2.{n}").get(f"/{path}").status_code for n, path in enumerate(made)) == [
        200,
        404,
        404,
        404,
    ]


@pytest.mark.parametrize("end", ["revoke", "as a token", "expire", "disable"])
def test_an_address_ends(app: FastAPI, enter: Any, as_superuser: Callable[[str], Any], end: str) -> None:
    officer = enter(Role.SURVEYOR)
    path = make(officer)
    listed = officer.get("/api/tokens").json()["tokens"][0]
    if end == "revoke":
        assert officer.delete(ADDRESS).status_code == 204
        assert officer.delete(ADDRESS).json()["code"] == "auth.calendar_address_not_found"
    elif end == "as a token":
        assert officer.delete(f"/api/tokens/{listed['id']}").status_code == 204
    elif end == "expire":
        as_superuser(f"UPDATE service.api_token SET expires_at = now() WHERE id = '{listed['id']}'")
    else:
        name, boss = officer.headers["x-test-name"], enter(Role.ADMINISTRATOR)
        etag = boss.get(f"/api/officers/{name}").headers["etag"]
        boss.patch(f"/api/officers/{name}", json={"disabled": True}, headers={"If-Match": etag})
    assert phone(app, "192.0.2.9").get(f"/{path}").status_code == 404
    if end != "disable":
        assert officer.get(ADDRESS).json() == {"address": None}
        assert phone(app, "192.0.2.10").get(f"/{make(officer)}").status_code == 200


def test_dead_addresses_are_slowed_and_living_ones_beside_them_are_not(app: FastAPI, enter: Any) -> None:
    living = make(enter(Role.SURVEYOR))
    there = phone(app, "198.51.100.3")
    dead = "/api/due/calendar/geo_nobody.ics"
    assert [there.get(dead).status_code for _ in range(FREE_ATTEMPTS)] == [404] * FREE_ATTEMPTS
    slowed = there.get(dead)
    assert (slowed.status_code, slowed.json()["code"]) == (429, "auth.too_many_attempts")
    assert int(slowed.headers["retry-after"]) >= 1
    assert there.get(f"/{living}").status_code == 200
    assert phone(app, "198.51.100.4").get(dead).status_code == 404


def test_no_log_line_holds_the_secret(
    app: FastAPI, enter: Any, caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    told: list[str] = []
    monkeypatch.setattr(access, "info", lambda _event, **facts: told.append(str(facts)))
    monkeypatch.setattr("geo_service.logs.RequestLog.as_json", False)
    path = make(enter(Role.SURVEYOR))
    secret = path.removeprefix("api/due/calendar/").removesuffix(".ics")
    with caplog.at_level(logging.DEBUG):
        phone(app).get(f"/{path}")
        phone(app).get(f"/{path}".removesuffix(".ics"))
    assert len([line for line in told if "/api/due/calendar/geo_…" in line]) == 2
    assert secret not in caplog.text + "".join(told)
