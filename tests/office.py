"""An office with committed transactions: what is kept must be there after the answer; asked for by name."""

from collections.abc import Callable, Iterator
from datetime import date
from itertools import count
from typing import Any

import psycopg
import pytest
from fastapi import FastAPI
from fastapi.testclient import TestClient
from shapely.geometry import box

from geo_service.app import create_app
from geo_service.auth.officer import OPERATOR, Role
from geo_service.db import Database
from geo_service.embedded import Running
from geo_service.settings import Settings
from layers.boundaries.line_register import derive_on, refresh_outlines
from layers.boundaries.model import Level, UnitVersion
from layers.boundaries.register import establish
from tests.people import INSIDE, sign_in_as

BEGAN = date(2020, 1, 1)
GROUNDS = {
    "460107": ("甲区", "460100", box(110.0, 20.0, 110.1, 20.1)),
    "460108": ("乙区", "460100", box(110.1, 20.0, 110.2, 20.1)),
    "469005": ("丙市", "460000", box(110.2, 20.0, 110.3, 20.1)),
}
numbers = count(1)


def _address() -> str:
    number = next(numbers)
    return f"10.{number // 250}.{number % 250}.1"


@pytest.fixture(scope="session")
def office_settings(settings: Settings) -> Settings:
    return settings.model_copy(update={"session_idle_minutes": 60, "session_absolute_hours": 8})


def drawn_office(url: str, settings: Settings) -> Iterator[Database]:
    """Draw two districts of one city and a city beside it into an empty database."""
    database = Database(url, settings)
    units = [
        UnitVersion("460000", "某省", Level.PROVINCE, BEGAN, "drawn"),
        UnitVersion("460100", "某市", Level.PREFECTURE, BEGAN, "drawn", parent_code="460000"),
    ]
    for code, (name, parent, ground) in GROUNDS.items():
        units.append(
            UnitVersion(code, name, Level.COUNTY, BEGAN, "drawn", parent_code=parent, geometry=ground)
        )
    with database.acting_as(OPERATOR).transaction() as session:
        establish(session, units, recorded_by="test")
        refresh_outlines(session)
        derive_on(session, BEGAN)
    yield database
    database.dispose()


def service_of(office: Database, settings: Settings) -> Iterator[FastAPI]:
    """Serve an office."""
    made = create_app(settings.model_copy(update={"database_url": office.url}))
    yield made
    made.state.database.dispose()


@pytest.fixture(scope="session")
def office(office_settings: Settings, new_database: Callable[[str], str]) -> Iterator[Database]:
    """The office that most tests share; what one commits, the next one finds."""
    yield from drawn_office(new_database("geo_office"), office_settings)


@pytest.fixture(scope="session")
def app(office: Database, office_settings: Settings) -> Iterator[FastAPI]:
    yield from service_of(office, office_settings)


@pytest.fixture
def fresh() -> str:
    """A user name that no other test has."""
    return f"officer{next(numbers)}"


@pytest.fixture
def visitor(app: FastAPI) -> TestClient:
    """Nobody, from an address of his own."""
    return TestClient(app, raise_server_exceptions=False, client=(_address(), 40000))


Enter = Callable[..., TestClient]


@pytest.fixture
def enter(app: FastAPI, office: Database, office_settings: Settings) -> Enter:
    """Sign a new officer in and return his client."""

    def signed_in(
        *roles: Role, jurisdictions: tuple[str, ...] = (INSIDE,), username: str | None = None
    ) -> TestClient:
        client = TestClient(app, raise_server_exceptions=False, client=(_address(), 40000))
        name = username or f"officer{next(numbers)}"
        with office.transaction() as session:
            sign_in_as(client, session, office_settings, name, *roles, jurisdictions=jurisdictions)
        client.headers["x-test-name"] = name
        return client

    return signed_in


@pytest.fixture
def as_superuser(migrated: Running) -> Callable[[str], Any]:
    """Run a statement in the office's database as its superuser, past every rule."""

    def run(statement: str) -> Any:
        url = migrated.url("postgres", "geo_office").replace("+psycopg", "")
        with psycopg.connect(url, autocommit=True) as connection:
            cursor = connection.execute(statement)
            return cursor.fetchall() if cursor.description else cursor.rowcount

    return run
