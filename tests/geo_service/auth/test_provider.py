"""Single sign-on against a real provider on loopback: code, PKCE, state, nonce; and what must not come in."""

import time
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from typing import Any
from urllib.parse import parse_qs, urlsplit

import httpx2
import pytest
from fastapi import FastAPI
from fastapi.testclient import TestClient
from joserfc.jwk import RSAKey
from pydantic import SecretStr
from sqlalchemy import update

from geo_service.app import create_app
from geo_service.auth.gate import COOKIE
from geo_service.auth.officer import Role
from geo_service.auth.tables import OfficerRow
from geo_service.db import Database
from geo_service.settings import Settings
from tests.openid_provider import CLIENT_ID, CLIENT_SECRET, Provider, run_provider
from tests.people import acts_of, operator, put_officer

pytestmark = pytest.mark.database
CALLBACK = "http://testserver/api/session/oidc/callback"


@pytest.fixture(scope="module")
def provider() -> Iterator[Provider]:
    running = run_provider([CALLBACK])
    yield running.provider
    running.stop()


@pytest.fixture
def honest(provider: Provider, fresh: str) -> Provider:
    """The provider, behaving; the officer `fresh` is signed in there."""
    provider.signing_key, provider.algorithm, provider.claims = provider.key, "RS256", {}
    provider.signs_in = {"sub": f"subject-of-{fresh}", "preferred_username": f"{fresh}@office"}
    return provider


@pytest.fixture(scope="module")
def app(office: Database, office_settings: Settings, provider: Provider) -> Iterator[FastAPI]:
    named = {
        "database_url": office.url,
        "oidc_issuer": provider.issuer,
        "oidc_client_id": CLIENT_ID,
        "oidc_client_secret": SecretStr(CLIENT_SECRET),
    }
    made = create_app(office_settings.model_copy(update=named))
    yield made
    made.state.database.dispose()


@pytest.fixture
def ready(office: Database, fresh: str) -> str:
    """An officer made ready for the provider."""
    with operator(office) as session:
        row = put_officer(session, fresh, Role.NAMING)
        session.execute(
            update(OfficerRow).where(OfficerRow.id == row.id).values(oidc_username=f"{fresh}@office")
        )
    return fresh


def leave(browser: TestClient, going_to: str = "/account") -> str:
    answer = browser.get("/api/session/oidc", params={"next": going_to}, follow_redirects=False)
    assert answer.status_code == 302
    return str(answer.headers["location"])


def at_provider(address: str) -> str:
    """Follow the browser to the provider; returns where it sends it back to."""
    answer = httpx2.get(address)
    assert answer.status_code == 302, answer.text
    back = answer.headers["location"]
    assert back.startswith(CALLBACK)
    return str(back)


def come_back(browser: TestClient, address: str) -> str:
    answer = browser.get(address, follow_redirects=False)
    assert answer.status_code == 303, answer.text
    return str(answer.headers["location"])


REFUSED = "/sign-in#problem=auth.provider_refused"


def test_an_officer_made_ready_comes_in_and_is_linked(
    visitor: TestClient, honest: Provider, office: Database, ready: str
) -> None:
    away = leave(visitor)
    asked = parse_qs(urlsplit(away).query)
    assert asked["code_challenge_method"] == ["S256"]
    assert {"state", "nonce", "code_challenge"} <= asked.keys()
    assert "code_verifier" not in asked
    with acts_of(office, "officer.provider") as linked, acts_of(office, "session.begin") as begun:
        assert come_back(visitor, at_provider(away)) == "/account"
    assert [act.subject_id for act in linked] == [ready]
    assert (begun[0].officer, begun[0].detail) == (ready, {"by": "provider"})
    assert visitor.get("/api/session").json()["username"] == ready


def test_once_linked_the_subject_counts_and_no_longer_the_name(
    visitor: TestClient, app: FastAPI, honest: Provider, ready: str
) -> None:
    come_back(visitor, at_provider(leave(visitor)))
    honest.signs_in = {**honest.signs_in, "preferred_username": "renamed"}
    assert come_back(visitor, at_provider(leave(visitor))) == "/account"
    honest.signs_in = {"sub": "somebody else", "preferred_username": f"{ready}@office"}
    other = TestClient(app)
    assert come_back(other, at_provider(leave(other))) == REFUSED
    assert other.get("/api/session").json() == {"signed_in": False}


def test_somebody_who_is_no_officer_stays_out(visitor: TestClient, honest: Provider) -> None:
    assert come_back(visitor, at_provider(leave(visitor))) == REFUSED
    assert COOKIE not in visitor.cookies


def test_a_name_that_was_not_made_ready_is_not_taken_over(
    visitor: TestClient, office: Database, honest: Provider, fresh: str
) -> None:
    with operator(office) as session:
        put_officer(session, fresh, Role.ADMINISTRATOR)
    honest.signs_in = {"sub": "x", "preferred_username": fresh}
    assert come_back(visitor, at_provider(leave(visitor))) == REFUSED


def test_a_disabled_officer_stays_out(
    visitor: TestClient, honest: Provider, office: Database, ready: str
) -> None:
    with operator(office) as session:
        session.execute(
            update(OfficerRow).where(OfficerRow.username == ready).values(disabled_at=datetime.now(UTC))
        )
    assert come_back(visitor, at_provider(leave(visitor))) == REFUSED


def test_a_way_back_is_used_once(visitor: TestClient, honest: Provider, ready: str) -> None:
    back = at_provider(leave(visitor))
    cookies = dict(visitor.cookies)
    assert come_back(visitor, back) == "/account"
    visitor.cookies.update(cookies)
    assert come_back(visitor, back) == REFUSED


def test_a_way_back_is_the_same_browsers(
    visitor: TestClient, app: FastAPI, honest: Provider, ready: str
) -> None:
    back = at_provider(leave(visitor))
    victim = TestClient(app)
    leave(victim)
    assert come_back(victim, back) == REFUSED
    assert COOKIE not in victim.cookies


@pytest.mark.parametrize(
    "change", [("state=", "state=x"), ("code=", "code=x"), ("state=", "nothing="), ("code=", "error=")]
)
def test_a_forged_way_back_is_refused(
    visitor: TestClient, honest: Provider, ready: str, change: tuple[str, str]
) -> None:
    back = at_provider(leave(visitor)).replace(*change)
    assert come_back(visitor, back) == REFUSED


def test_a_way_back_that_took_too_long_is_refused(
    visitor: TestClient, honest: Provider, ready: str, as_superuser: Callable[[str], Any]
) -> None:
    back = at_provider(leave(visitor))
    as_superuser("UPDATE service.provider_attempt SET expires_at = now() - interval '1 second'")
    assert come_back(visitor, back) == REFUSED


@pytest.mark.parametrize(
    "claims",
    [
        {"iss": "https://other.example"},
        {"aud": "another client"},
        {"aud": ["geo", "another client"], "azp": "another client"},
        {"nonce": "another nonce"},
        {"exp": int(time.time()) - 3600, "iat": int(time.time()) - 7200},
        {"nbf": int(time.time()) + 3600},
    ],
)
def test_an_id_token_that_is_not_for_this_sign_in_is_refused(
    visitor: TestClient, honest: Provider, ready: str, claims: dict[str, Any]
) -> None:
    honest.signs_in = honest.signs_in | claims
    assert come_back(visitor, at_provider(leave(visitor))) == REFUSED


@pytest.mark.parametrize("forgery", ["another key", "none", "HS256"])
def test_an_id_token_that_the_provider_did_not_sign_is_refused(
    visitor: TestClient, honest: Provider, ready: str, forgery: str
) -> None:
    if forgery == "another key":
        honest.signing_key = RSAKey.generate_key(2048, {"kid": "1"})
    else:
        honest.algorithm = forgery
    assert come_back(visitor, at_provider(leave(visitor))) == REFUSED


@pytest.mark.parametrize("wanted", ["//evil.example", "https://evil.example", "/\\evil.example"])
def test_single_sign_on_leads_nowhere_else(visitor: TestClient, wanted: str) -> None:
    answer = visitor.get("/api/session/oidc", params={"next": wanted}, follow_redirects=False)
    assert (answer.status_code, answer.json()["code"]) == (422, "input.invalid")


def test_a_provider_that_does_not_answer_is_said_so(office: Database, office_settings: Settings) -> None:
    named = {"database_url": office.url, "oidc_issuer": "http://127.0.0.1:9", "oidc_client_id": "geo"}
    app = create_app(office_settings.model_copy(update=named))
    answer = TestClient(app).get("/api/session/oidc", follow_redirects=False)
    app.state.database.dispose()
    assert (answer.status_code, answer.json()["code"]) == (503, "auth.provider_unavailable")


def test_without_a_provider_there_is_none(office: Database, office_settings: Settings) -> None:
    app = create_app(office_settings.model_copy(update={"database_url": office.url}))
    client = TestClient(app)
    answer = client.get("/api/session/oidc", follow_redirects=False)
    assert (answer.status_code, answer.json()["code"]) == (404, "auth.provider_not_configured")
    assert client.get("/api/settings/public").json()["single_sign_on"] is False
    app.state.database.dispose()
