"""Officers, administered: made, changed, disabled, let in by a link; never beyond the giver's reach."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
from fastapi import FastAPI
from fastapi.testclient import TestClient

from geo_service.auth.officer import Role
from geo_service.db import Database
from tests.people import INSIDE, OUTSIDE, PASSWORD, acts_of

pytestmark = pytest.mark.database


def new(username: str, **more: Any) -> dict[str, Any]:
    return {
        "username": username,
        "display_name": "某人",
        "roles": ["surveyor"],
        "jurisdictions": ["460107"],
    } | more


def change(boss: TestClient, username: str, etag: str | None = None, **asked: Any) -> Any:
    etag = etag or boss.get(f"/api/officers/{username}").headers.get("etag", '""')
    return boss.patch(f"/api/officers/{username}", json=asked, headers={"If-Match": etag})


def problem_of(answer: Any) -> tuple[int, str]:
    return answer.status_code, answer.json()["code"]


def test_an_officer_is_made_and_comes_in_by_his_link(
    app: FastAPI, office: Database, enter: Any, fresh: str
) -> None:
    boss = enter(Role.ADMINISTRATOR)
    with acts_of(office, "officer.create") as acts:
        made = boss.post("/api/officers", json=new(fresh))
    assert made.status_code == 201
    assert (made.json()["has_password"], made.headers["etag"]) == (False, made.json()["etag"])
    assert acts[0].officer == boss.headers["x-test-name"]
    link = boss.post(f"/api/officers/{fresh}/link").json()["link"]
    assert link.startswith("/sign-in#link=")
    secret, him = link.split("=")[1], TestClient(app)
    weak = him.post("/api/session/link", json={"secret": secret, "password": "short"})
    assert problem_of(weak) == (422, "auth.password_too_weak")
    answer = him.post("/api/session/link", json={"secret": secret, "password": PASSWORD})
    assert (answer.json()["username"], answer.json()["has_password"]) == (fresh, True)
    assert him.get("/api/session").json()["username"] == fresh
    again = TestClient(app).post("/api/session/link", json={"secret": secret, "password": PASSWORD})
    assert problem_of(again) == (403, "auth.link_refused")


def test_a_later_link_ends_an_earlier_one_and_all_links_end(
    app: FastAPI, enter: Any, fresh: str, as_superuser: Callable[[str], Any]
) -> None:
    boss = enter(Role.ADMINISTRATOR)
    boss.post("/api/officers", json=new(fresh))
    first, second = (boss.post(f"/api/officers/{fresh}/link").json()["link"].split("=")[1] for _ in range(2))
    use = TestClient(app)
    assert problem_of(use.post("/api/session/link", json={"secret": first, "password": PASSWORD}))[0] == 403
    as_superuser("UPDATE service.one_time_link SET expires_at = now() WHERE used_at IS NULL")
    assert problem_of(use.post("/api/session/link", json={"secret": second, "password": PASSWORD}))[0] == 403


def test_a_link_for_a_forgotten_password_ends_the_sessions(app: FastAPI, enter: Any) -> None:
    him, boss = enter(Role.SURVEYOR), enter(Role.ADMINISTRATOR)
    link = boss.post(f"/api/officers/{him.headers['x-test-name']}/link").json()["link"]
    new_place = TestClient(app)
    new_place.post("/api/session/link", json={"secret": link.split("=")[1], "password": "another good one"})
    assert him.get("/api/session").json() == {"signed_in": False}


def test_a_change_needs_the_state_it_was_made_on(office: Database, enter: Any, fresh: str) -> None:
    boss = enter(Role.ADMINISTRATOR)
    etag = boss.post("/api/officers", json=new(fresh)).headers["etag"]
    missing = boss.patch(f"/api/officers/{fresh}", json={"roles": ["planner"]})
    assert problem_of(missing) == (428, "request.etag_missing")
    with acts_of(office, "officer.change") as acts:
        changed = change(boss, fresh, etag, roles=["planner", "naming"])
    assert changed.json()["roles"] == ["naming", "planner"]
    assert acts[0].detail == {"roles": ["naming", "planner"]}
    assert problem_of(change(boss, fresh, etag, roles=["auditor"])) == (412, "request.etag_stale")


def test_disabling_puts_an_officer_out_at_once_and_can_be_undone(enter: Any) -> None:
    him, boss = enter(Role.PLANNER), enter(Role.ADMINISTRATOR)
    name = him.headers["x-test-name"]
    assert change(boss, name, disabled=True).json()["disabled_at"] is not None
    assert him.get("/api/session").json() == {"signed_in": False}
    assert change(boss, name, disabled=False).json()["disabled_at"] is None
    assert him.get("/api/session").json() == {"signed_in": False}


def test_roles_of_today_hold_in_sessions_begun_before(enter: Any) -> None:
    him, boss = enter(Role.BOUNDARY), enter(Role.ADMINISTRATOR)
    assert him.post("/api/boundaries/checks", json={}).status_code == 202
    change(boss, him.headers["x-test-name"], roles=["planner"])
    assert him.post("/api/boundaries/checks", json={}).status_code == 403


def test_another_offices_officers_are_not_known(enter: Any) -> None:
    him = enter(Role.SURVEYOR, jurisdictions=(OUTSIDE,))
    both = enter(Role.SURVEYOR, jurisdictions=("460107", OUTSIDE))
    boss = enter(Role.ADMINISTRATOR, jurisdictions=(INSIDE,))
    listed = {each["username"] for each in boss.get("/api/officers").json()["officers"]}
    for other in (him, both):
        name = other.headers["x-test-name"]
        assert name not in listed
        for answer in (
            boss.get(f"/api/officers/{name}"),
            change(boss, name, roles=["auditor"]),
            boss.post(f"/api/officers/{name}/link"),
        ):
            assert problem_of(answer) == (404, "auth.officer_not_found")
    everywhere = enter(Role.ADMINISTRATOR, jurisdictions=("*",))
    assert him.headers["x-test-name"] in {
        each["username"] for each in everywhere.get("/api/officers").json()["officers"]
    }


@pytest.mark.parametrize("jurisdictions", [[OUTSIDE], ["460107", OUTSIDE], ["460000"], ["*"], ["999999"]])
def test_nobody_gives_a_jurisdiction_beyond_his_own(enter: Any, fresh: str, jurisdictions: list[str]) -> None:
    boss = enter(Role.ADMINISTRATOR, jurisdictions=(INSIDE,))
    assert problem_of(boss.post("/api/officers", json=new(fresh, jurisdictions=jurisdictions))) == (
        403,
        "auth.forbidden",
    )
    boss.post("/api/officers", json=new(fresh))
    assert problem_of(change(boss, fresh, jurisdictions=jurisdictions)) == (403, "auth.forbidden")


@pytest.mark.parametrize("asked", [{"roles": ["auditor"]}, {"disabled": True}, {"jurisdictions": ["460107"]}])
def test_nobody_changes_his_own_rights(enter: Any, asked: dict[str, Any]) -> None:
    boss = enter(Role.ADMINISTRATOR)
    assert problem_of(change(boss, boss.headers["x-test-name"], **asked)) == (409, "auth.own_rights")


@pytest.mark.parametrize("taken", ["{}", "{} ", "Ｏ"])
def test_a_name_is_taken_once_however_it_is_written(enter: Any, fresh: str, taken: str) -> None:
    boss = enter(Role.ADMINISTRATOR)
    boss.post("/api/officers", json=new(fresh))
    again = fresh.replace("o", "Ｏ") if taken == "Ｏ" else taken.format(fresh.upper())
    assert problem_of(boss.post("/api/officers", json=new(again))) == (409, "auth.username_taken")


@pytest.mark.parametrize(
    "wrong",
    [
        {"username": "\u0430dmin"},
        {"username": "worker"},
        {"username": "a\x00"},
        {"roles": []},
        {"roles": ["king"]},
        {"jurisdictions": []},
        {"jurisdictions": ["4601"]},
        {"jurisdictions": ["460100,*"]},
        {"jurisdictions": ["{*}"]},
        {"display_name": "a\r\nb"},
        {"language": "de"},
    ],
)
def test_an_officer_that_cannot_be_is_not_made(enter: Any, fresh: str, wrong: dict[str, Any]) -> None:
    assert enter(Role.ADMINISTRATOR).post("/api/officers", json=new(fresh) | wrong).status_code == 422


@pytest.mark.parametrize("name", ["%00", "..%2f..%2fetc", "nobody-at-all", "a" * 500, "%F0%9F%98%80"])
def test_an_officer_who_is_none_is_not_found(enter: Any, name: str) -> None:
    assert enter(Role.ADMINISTRATOR).get(f"/api/officers/{name}").status_code in {404, 422}


def test_of_two_who_use_one_link_at_once_one_comes_in(app: FastAPI, enter: Any, fresh: str) -> None:
    boss = enter(Role.ADMINISTRATOR)
    boss.post("/api/officers", json=new(fresh))
    secret = boss.post(f"/api/officers/{fresh}/link").json()["link"].split("=")[1]

    def use(number: int) -> int:
        asked = {"secret": secret, "password": f"{PASSWORD} {number}"}
        status: int = TestClient(app).post("/api/session/link", json=asked).status_code
        return status

    with ThreadPoolExecutor(4) as pool:
        answers = sorted(pool.map(use, range(4)))
    assert answers == [200, 403, 403, 403]
