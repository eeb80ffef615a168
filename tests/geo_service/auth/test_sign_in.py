"""Signing in and out: cookies, their limits, throttling, one's own account."""

import math
import re
import statistics
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
from fastapi import FastAPI
from fastapi.testclient import TestClient
from sqlalchemy import text

from geo_service.app import create_app
from geo_service.auth import attempts
from geo_service.auth.gate import COOKIE
from geo_service.auth.officer import Role
from geo_service.auth.secrets import nobodys_hash
from geo_service.db import Database
from geo_service.settings import Settings
from tests.people import PASSWORD, acts_of, operator, put_officer

pytestmark = pytest.mark.database


@pytest.fixture
def known(office: Database, fresh: str) -> str:
    """An officer on record, not signed in."""
    with operator(office) as session:
        put_officer(session, fresh, Role.SURVEYOR)
    return fresh


def sign_in(client: TestClient, username: str, password: str = PASSWORD, **more: Any) -> Any:
    return client.post("/api/session", json={"username": username, "password": password, **more})


def problem_of(answer: Any) -> tuple[int, str]:
    return answer.status_code, answer.json()["code"]


def test_an_officer_signs_in_is_known_and_signs_out(
    visitor: TestClient, office: Database, known: str
) -> None:
    assert visitor.get("/api/session").json() == {"signed_in": False}
    with acts_of(office, "session.begin") as begun:
        answer = sign_in(visitor, known)
    assert answer.status_code == 200
    assert answer.headers["cache-control"] == "no-store"
    account = visitor.get("/api/session").json()
    assert (account["username"], account["roles"], account["jurisdictions"]) == (
        known,
        ["surveyor"],
        ["460100"],
    )
    assert (begun[0].officer, begun[0].detail) == (known, {"by": "password"})
    assert begun[0].address == visitor._transport.client[0]  # type: ignore[attr-defined]
    assert visitor.delete("/api/session").status_code == 204
    assert visitor.get("/api/session").json() == {"signed_in": False}


def test_a_name_is_one_name_however_it_is_typed(visitor: TestClient, known: str) -> None:
    wide = known.upper().translate({ord(sign): ord(sign) + 0xFEE0 for sign in known.upper()})
    assert sign_in(visitor, f" {wide} ").json()["username"] == known


@pytest.mark.parametrize(("base", "secure"), [("http://testserver", False), ("https://testserver", True)])
def test_the_cookie_is_out_of_reach_of_scripts_and_other_sites(
    app: FastAPI, known: str, base: str, *, secure: bool
) -> None:
    header = sign_in(TestClient(app, base_url=base), known).headers["set-cookie"]
    assert re.match(rf"{COOKIE}=[\w-]{{43}};", header)
    assert "HttpOnly" in header
    assert "SameSite=lax" in header
    assert ("Secure" in header) is secure


@pytest.mark.parametrize(("proxy", "secure"), [("10.9.9.9", True), ("10.8.8.8", False)])
def test_only_a_trusted_proxy_is_believed(
    office: Database, office_settings: Settings, known: str, proxy: str, *, secure: bool
) -> None:
    settings = office_settings.model_copy(
        update={"database_url": office.url, "trusted_proxies": ["10.9.9.9"]}
    )
    app = create_app(settings)
    client = TestClient(
        app, client=(proxy, 1234), headers={"X-Forwarded-Proto": "https", "X-Forwarded-For": "192.0.2.7"}
    )
    with acts_of(office, "session.begin") as begun:
        header = sign_in(client, known).headers["set-cookie"]
    app.state.database.dispose()
    assert ("Secure" in header) is secure
    assert begun[0].address == ("192.0.2.7" if secure else proxy)


def test_a_cookie_holds_a_secret_that_the_database_does_not_know(
    visitor: TestClient, known: str, as_superuser: Callable[[str], Any]
) -> None:
    sign_in(visitor, known)
    secret = visitor.cookies[COOKIE]
    rows = as_superuser("SELECT row_to_json(s)::text FROM service.sign_in_session s")
    assert all(secret not in row[0] for row in rows)
    officers = as_superuser(f"SELECT password_hash FROM service.officer WHERE username = '{known}'")
    assert officers[0][0].startswith("$argon2id$")


def test_signing_in_anew_ends_the_session_before(visitor: TestClient, app: FastAPI, known: str) -> None:
    sign_in(visitor, known)
    first = visitor.cookies[COOKIE]
    sign_in(visitor, known)
    assert visitor.cookies[COOKIE] != first
    replayed = TestClient(app, cookies={COOKIE: first})
    assert replayed.get("/api/session").json() == {"signed_in": False}


def test_a_cookie_is_worth_nothing_after_sign_out(visitor: TestClient, app: FastAPI, known: str) -> None:
    sign_in(visitor, known)
    stolen = TestClient(app, cookies={COOKIE: visitor.cookies[COOKIE]})
    assert stolen.get("/api/tokens").status_code == 200
    visitor.delete("/api/session")
    assert problem_of(stolen.get("/api/tokens")) == (401, "auth.sign_in_required")


@pytest.mark.parametrize("forged", ["", "x", "A" * 43, "é" * 20, "' OR true --", "a" * 10_000])
def test_a_forged_cookie_is_nobodys(visitor: TestClient, forged: str) -> None:
    answer = visitor.get("/api/tokens", headers={"Cookie": f"{COOKIE}={forged}".encode()})
    assert problem_of(answer) == (401, "auth.sign_in_required")


@pytest.mark.parametrize(
    "change", ["last_seen_at = now() - interval '61 minutes'", "expires_at = now() - interval '1 second'"]
)
def test_a_session_ends_by_itself(
    visitor: TestClient, known: str, as_superuser: Callable[[str], Any], change: str
) -> None:
    session_id = sign_in(visitor, known).json()["session_id"]
    assert as_superuser(f"UPDATE service.sign_in_session SET {change} WHERE id = '{session_id}'") == 1
    assert problem_of(visitor.get("/api/tokens")) == (401, "auth.sign_in_required")


def test_wrong_name_and_wrong_password_read_alike(visitor: TestClient, known: str) -> None:
    wrong, unknown = sign_in(visitor, known, "wrong"), sign_in(visitor, f"{known}x", "wrong")
    for answer in (wrong, unknown):
        assert problem_of(answer) == (401, "auth.sign_in_refused")
        assert "set-cookie" not in answer.headers
    different = {"instance", "request_id"}
    assert {k: v for k, v in wrong.json().items() if k not in different} == {
        k: v for k, v in unknown.json().items() if k not in different
    }


def test_an_unknown_name_takes_as_long_as_a_known_one(visitor: TestClient, app: FastAPI, known: str) -> None:
    """Told by the work done, not by the clock on the wall: a busy machine delays both, and neither costs more."""
    nobodys_hash()
    taken: dict[str, list[float]] = {"known": [], "unknown": []}
    for number in range(6):
        client = TestClient(app, client=(f"10.77.{number}.1", 1))
        for kind, name in (("known", known), ("unknown", f"{known}nobody")):
            started = time.process_time()
            sign_in(client, name, "wrong password")
            taken[kind].append(time.process_time() - started)
    ratio = statistics.median(taken["unknown"]) / statistics.median(taken["known"])
    assert 0.6 < ratio < 1.7, taken


def test_guessing_is_slowed_where_it_happens_and_nowhere_else(app: FastAPI, known: str) -> None:
    stranger, officer = (TestClient(app, client=(address, 1)) for address in ("203.0.113.9", "10.0.0.9"))
    for _ in range(attempts.FREE_ATTEMPTS):
        assert problem_of(sign_in(stranger, known, "guess")) == (401, "auth.sign_in_refused")
    slowed = sign_in(stranger, known, PASSWORD)
    assert problem_of(slowed) == (429, "auth.too_many_attempts")
    assert 1 <= int(slowed.headers["retry-after"]) <= attempts.LONGEST_WAIT_S
    assert sign_in(officer, known).status_code == 200
    time.sleep(1.1)
    assert sign_in(stranger, known).status_code == 200


def test_an_office_behind_one_address_still_comes_in(
    app: FastAPI, office: Database, known: str, as_superuser: Callable[[str], Any]
) -> None:
    shared = TestClient(app, client=("198.51.100.20", 1))
    as_superuser(
        "INSERT INTO service.sign_in_attempt (id, account, address, succeeded) SELECT gen_random_uuid(), "
        f"sha256(n::text::bytea), '198.51.100.20', false FROM generate_series(1, {attempts.PER_ADDRESS}) n"
    )
    assert problem_of(sign_in(shared, known, "mistyped")) == (401, "auth.sign_in_refused")
    assert problem_of(sign_in(shared, known, "again")) == (429, "auth.too_many_attempts")
    colleague = f"{known}colleague"
    with operator(office) as session:
        put_officer(session, colleague, Role.NAMING)
    assert sign_in(shared, colleague).status_code == 200


def test_many_addresses_that_guess_at_one_account_are_not_heard(
    app: FastAPI, known: str, as_superuser: Callable[[str], Any]
) -> None:
    desk = TestClient(app, client=("198.51.100.30", 1))
    assert sign_in(desk, known).status_code == 200
    account = attempts.account_hash(known).hex()
    as_superuser(
        "INSERT INTO service.sign_in_attempt (id, account, address, succeeded) SELECT gen_random_uuid(), "
        f"'\\x{account}', '192.0.2.0'::inet + n, false FROM generate_series(1, {attempts.PER_ACCOUNT}) n"
    )
    botnet = TestClient(app, client=("192.0.2.250", 1))
    assert problem_of(sign_in(botnet, known)) == (429, "auth.too_many_attempts")
    assert sign_in(desk, known).status_code == 200


def test_a_disabled_officer_is_out_at_once(
    visitor: TestClient, known: str, as_superuser: Callable[[str], Any]
) -> None:
    sign_in(visitor, known)
    assert visitor.get("/api/tokens").status_code == 200
    as_superuser("ALTER TABLE service.officer DISABLE TRIGGER guard_officer")
    as_superuser(f"UPDATE service.officer SET disabled_at = now() WHERE username = '{known}'")
    as_superuser("ALTER TABLE service.officer ENABLE TRIGGER guard_officer")
    assert problem_of(visitor.get("/api/tokens")) == (401, "auth.sign_in_required")
    assert problem_of(sign_in(visitor, known)) == (401, "auth.sign_in_refused")


def test_own_sessions_are_listed_and_ended(app: FastAPI, visitor: TestClient, known: str) -> None:
    elsewhere = TestClient(app, headers={"User-Agent": "Field tablet"})
    sign_in(elsewhere, known)
    here = sign_in(visitor, known).json()["session_id"]
    sessions = visitor.get("/api/session/list").json()["sessions"]
    assert {each["id"]: each["current"] for each in sessions}[here] is True
    other = next(each for each in sessions if not each["current"])
    assert other["user_agent"] == "Field tablet"
    assert visitor.delete(f"/api/session/{other['id']}").status_code == 204
    assert elsewhere.get("/api/session").json() == {"signed_in": False}
    assert problem_of(visitor.delete(f"/api/session/{other['id']}")) == (404, "auth.session_not_found")


def test_a_session_that_lay_idle_is_not_listed(
    app: FastAPI, visitor: TestClient, known: str, as_superuser: Callable[[str], Any]
) -> None:
    idle = sign_in(TestClient(app), known).json()["session_id"]
    as_superuser(
        f"UPDATE service.sign_in_session SET last_seen_at = now() - interval '61 minutes' WHERE id = '{idle}'"
    )
    here = sign_in(visitor, known).json()["session_id"]
    assert [each["id"] for each in visitor.get("/api/session/list").json()["sessions"]] == [here]


def test_a_new_password_needs_the_old_one_and_ends_other_sessions(
    app: FastAPI, visitor: TestClient, known: str
) -> None:
    elsewhere = TestClient(app)
    sign_in(elsewhere, known)
    sign_in(visitor, known)
    before, path = visitor.cookies[COOKIE], "/api/session/account"
    new = "a better battery staple"
    refused = visitor.patch(path, json={"old_password": "wrong", "new_password": new})
    assert problem_of(refused) == (403, "auth.password_wrong")
    assert problem_of(visitor.patch(path, json={"new_password": new})) == (403, "auth.password_wrong")
    weak = visitor.patch(path, json={"old_password": PASSWORD, "new_password": "short"})
    assert problem_of(weak) == (422, "auth.password_too_weak")
    assert visitor.patch(path, json={"old_password": PASSWORD, "new_password": new}).status_code == 200
    assert visitor.cookies[COOKIE] != before
    assert visitor.get("/api/session").json()["username"] == known
    assert elsewhere.get("/api/session").json() == {"signed_in": False}
    assert problem_of(sign_in(elsewhere, known)) == (401, "auth.sign_in_refused")
    assert sign_in(elsewhere, known, new).status_code == 200


def test_language_and_name_are_ones_own_to_change(visitor: TestClient, office: Database, known: str) -> None:
    sign_in(visitor, known)
    with acts_of(office, "officer.account") as changes:
        changed = visitor.patch(
            "/api/session/account", json={"language": "en", "display_name": "王 芳"}
        ).json()
    assert (changed["language"], changed["display_name"]) == ("en", "王 芳")
    assert [change.subject_id for change in changes] == [known]


def test_failed_attempts_are_kept_without_the_name_typed(
    visitor: TestClient, known: str, as_superuser: Callable[[str], Any]
) -> None:
    typed = f"{known}-secret-typed-in-the-wrong-field"
    sign_in(visitor, typed, "x")
    rows = as_superuser("SELECT row_to_json(a)::text FROM service.sign_in_attempt a")
    assert rows
    assert all(typed not in row[0] for row in rows)


def test_a_session_notes_when_it_was_last_used_once_a_minute(
    visitor: TestClient, office: Database, known: str, as_superuser: Callable[[str], Any]
) -> None:
    session_id = sign_in(visitor, known).json()["session_id"]
    as_superuser(
        f"UPDATE service.sign_in_session SET last_seen_at = now() - interval '5 minutes' WHERE id = '{session_id}'"
    )
    visitor.get("/api/session")
    with operator(office) as session:
        row = text(
            "SELECT last_seen_at > now() - interval '1 minute' FROM service.sign_in_session WHERE id = :id"
        )
        assert session.execute(row, {"id": session_id}).scalar() is True


def test_guesses_at_once_count_as_many(app: FastAPI, known: str) -> None:
    def guess(number: int) -> int:
        status: int = sign_in(
            TestClient(app, client=("203.0.113.77", number + 1)), known, f"guess {number}"
        ).status_code
        return status

    started = time.monotonic()
    with ThreadPoolExecutor(6) as pool:
        answers = list(pool.map(guess, range(18)))
    doublings = 1 + int(math.log2(1 + time.monotonic() - started))
    assert set(answers) == {401, 429}
    assert answers.count(401) <= attempts.FREE_ATTEMPTS + doublings
