"""Every route × role × inside or outside the jurisdiction, against the one table of `docs/access.md`."""

import re
from collections.abc import Iterator
from io import BytesIO
from typing import Any, Final
from uuid import UUID, uuid4

import pytest
from fastapi import FastAPI
from fastapi.testclient import TestClient
from sqlalchemy import text
from sqlalchemy.orm import Session

from geo_service.app import create_app
from geo_service.auth.audit import record_act
from geo_service.auth.gate import COOKIE
from geo_service.auth.officer import OPERATOR, Officer, Role, Scope
from geo_service.auth.sessions import officer_of
from geo_service.auth.tokens import make_token
from geo_service.db import Database, public_session, request_session
from geo_service.operations.reference_layers import KEEPERS
from geo_service.operations.reference_uploads import keep_upload
from geo_service.releases.requests import apply_for, review
from geo_service.settings import Settings
from geo_service.tables import JobRow
from tests.access_records import PLAN, put_records
from tests.access_walk import CELLS, PLACES, PROBES, ROLES, Belongings, ask, routes_of, send
from tests.audited import every_change_an_entry
from tests.conftest import ROOT
from tests.people import INSIDE, begin, put_officer

pytestmark = pytest.mark.database
PAGE: Final = ROOT / "docs" / "access.md"
ROW: Final = re.compile(r"^\| `([A-Z]+ /\S*)` \| (.+) \|$", re.MULTILINE)


def table() -> dict[str, dict[str, str]]:
    """Return route → role → word, as the page says it."""
    section = PAGE.read_text(encoding="utf-8").split("## Who may ask what", 1)[1]
    found = {}
    for route, cells in ROW.findall(section):
        words = [cell.strip() for cell in cells.split("|")]
        assert len(words) == len(ROLES), route
        assert route not in found, f"{route} stands twice"
        found[route] = dict(zip(ROLES, words, strict=True))
    return found


@pytest.fixture(scope="module")
def walked(office: Database, office_settings: Settings) -> Iterator[FastAPI]:
    """The service, whose requests are undone at their end; `state.entries` are those that the last one made."""
    app = create_app(office_settings.model_copy(update={"database_url": office.url}))
    last = text("SELECT coalesce(number, 0) FROM service.audit_link()")

    def undone() -> Iterator[Session]:
        with office.engine.connect() as connection, Session(connection) as session:
            before = session.execute(last).scalar_one()
            yield session
            app.state.entries = session.execute(last).scalar_one() - before
            session.rollback()

    app.dependency_overrides |= {request_session: undone, public_session: undone}
    yield app
    app.state.database.dispose()


@pytest.fixture(scope="module")
def askers(
    walked: FastAPI, office: Database, office_settings: Settings
) -> dict[tuple[str, str], tuple[TestClient, str]]:
    """(role, place) → a client that is signed in so, with a reading token of the same officer."""
    made: dict[tuple[str, str], tuple[TestClient, str]] = {}
    for place, code in PLACES.items():
        made["public", place] = (TestClient(walked, raise_server_exceptions=False), "")
        for role in Role:
            with office.acting_as(OPERATOR).transaction() as session:
                row = put_officer(session, f"walk-{role.value}-{place}", role, jurisdictions=(code,))
                secret = begin(session, row, office_settings)
                token, _ = make_token(session, row.id, label="walk", scopes={Scope.READ}, days=1)
            client = TestClient(walked, raise_server_exceptions=False, cookies={COOKIE: secret})
            made[role.value, place] = (client, token)
    return made


@pytest.fixture(scope="module")
def belongings(askers: Any, office: Database, walked: FastAPI) -> dict[str, Belongings]:
    """Role → what its inside officer has, and his office."""
    made, records = {}, put_records(office, walked.state.settings)
    calendars: dict[str, str] = {}
    for role in ROLES:
        name = f"walk-{role if role != 'public' else 'planner'}-inside"
        with office.acting_as(OPERATOR).transaction() as session:
            row = put_officer(session, name)
            _, token = make_token(session, row.id, label="walk", scopes={Scope.READ}, days=1)
            if name not in calendars:
                calendars[name], _ = make_token(
                    session, row.id, label="walk", scopes={Scope.CALENDAR}, days=1
                )
        client = askers[role, "inside"][0]
        session_id = client.get("/api/session").json().get("session_id") or token.id
        with office.acting_as(officer_of(row)).transaction() as session:
            jobs = [
                JobRow(kind="check_boundaries", state=state, request={}, created_by=row.username)
                for state in ("waiting", "done")
            ]
            session.add_all(jobs)
            wanted = {"layer": "names", "form": "csv", "purpose": "勘测", "recipient": "某院"}
            release = apply_for(session, officer_of(row), wanted, home_unit=INSIDE).id
        with office.acting_as(OPERATOR).transaction() as session:
            review(session, OPERATOR, release, approved=True, note="")
        upload = _put_upload(office, officer_of(row))
        made[role] = Belongings(
            session_id, token.id, calendars[name], jobs[0].id, jobs[1].id, release, upload, records
        )
    return made


def _put_upload(office: Database, officer: Officer) -> UUID:
    """Return a file that the officer has brought for a layer; one that is not there where he may bring none."""
    upload = uuid4()
    if officer.holds(*KEEPERS):
        with office.acting_as(officer).transaction() as session:
            keep_upload(session, officer, upload, BytesIO(PLAN), "plan.geojson")
    return upload


def test_every_route_stands_in_the_table_and_every_row_is_a_route(walked: FastAPI) -> None:
    routes = list(routes_of(walked.routes))
    missing, gone = set(routes) - table().keys(), table().keys() - set(routes)
    assert (missing, gone) == (set(), set())
    assert set(PROBES) <= set(routes)


@pytest.mark.parametrize("role", ROLES)
def test_a_role_is_answered_as_the_table_says(
    role: str, askers: Any, belongings: dict[str, Belongings]
) -> None:
    wrong = {}
    for route, words in table().items():
        answers = tuple(ask(askers[role, place][0], route, belongings[role]) for place in PLACES)
        found = CELLS.get(answers, "/".join(answers))  # type: ignore[call-overload]  # two places, two answers
        if found != words[role]:
            wrong[route] = f"the table says {words[role]}, the service {found}"
    assert wrong == {}


ANSWERED: Final = {"yes", "inside", "own"}
ASKS_ONLY: Final = {
    "POST /api/boundaries/locate",
    "POST /api/hubs/areas",
    "POST /api/hubs/coverage",  # a large plan is a job, which is on record
    "POST /api/hubs/coverage/live",
    "POST /api/hubs/siting",  # always a job, which needs a network to be asked for
    "POST /api/naming/check",
}
"""Questions that are too long for an address: nothing of the record changes."""
TOLD_AS_STORIES: Final = {
    "/api/joint-inspections": "tests/geo_service/markers/test_joint_inspections.py",
    "/api/naming/proposals": "tests/geo_service/naming/test_proposals.py",
    "/api/naming/meetings": "tests/geo_service/naming/test_meetings.py",
    "/api/naming/signs": "tests/geo_service/naming/test_signs.py",
}
"""Acts that need a history of their own before them. Their requests are watched by `tests.audited`, as all are that
the fixture `client` sends: one that changes the record and leaves no entry fails."""


def test_every_change_is_an_entry(walked: FastAPI, askers: Any, belongings: dict[str, Belongings]) -> None:
    silent, unanswered = {}, {}
    for route, words in table().items():
        method, path = route.split(" ", 1)
        if method == "GET" or route in ASKS_ONLY or path.startswith(tuple(TOLD_AS_STORIES)):
            continue
        role = next(role for role in ROLES[1:] if words[role] in ANSWERED)
        walked.state.entries = 0
        answer = send(askers[role, "inside"][0], route, belongings[role])
        if not answer.is_success:
            unanswered[route] = (role, answer.status_code, answer.text)
        elif not walked.state.entries:
            silent[route] = role
    assert (silent, unanswered) == ({}, {})


@pytest.mark.parametrize("path", TOLD_AS_STORIES)
def test_the_stories_ask_for_what_they_are_named_for(path: str) -> None:
    assert path in (ROOT / TOLD_AS_STORIES[path]).read_text(encoding="utf-8")


def test_a_change_without_an_entry_is_noticed(office: Database) -> None:
    silent = text("UPDATE boundaries.boundary_line SET name = name WHERE line_code = '460107460108'")
    with office.acting_as(OPERATOR).transaction() as session:
        with every_change_an_entry(session, "GET"):
            session.execute(silent)
        with pytest.raises(AssertionError, match="boundary_line"), every_change_an_entry(session, "PATCH"):
            session.execute(silent)
        with every_change_an_entry(session, "PATCH"):
            session.execute(silent)
            record_act(session, "line.keep", subject=("line", "460107460108"))
        session.rollback()


OPEN_TO_READERS: Final = {
    "POST /api/naming/proposals/{proposal_id}/comments",  # everybody's say, signed in or not
    "POST /api/sensors/messages",  # signed by its source, whoever carries it
    "POST /api/session",  # signs in by password, whoever asks
    "DELETE /api/session",  # a token has no session to end
    "POST /api/session/link",  # signs in by link, whoever asks
    "POST /api/boundaries/locate",  # questions: nothing of the record changes
    "POST /api/hubs/areas",
    "POST /api/hubs/coverage",
    "POST /api/hubs/coverage/live",
    "POST /api/naming/check",
}


def test_a_reading_token_changes_nothing(
    walked: FastAPI, askers: Any, belongings: dict[str, Belongings]
) -> None:
    passed = set()
    for role in Role:
        token = askers[role.value, "inside"][1]
        client = TestClient(
            walked, headers={"Authorization": f"Bearer {token}"}, raise_server_exceptions=False
        )
        for route in table():
            if not route.startswith("GET ") and ask(client, route, belongings[role.value]) != "no":
                passed.add(route)
    assert passed <= OPEN_TO_READERS
