"""An office of their own for tests that count what changes: elsewhere lines are renamed and units recoded."""

from collections.abc import Callable, Iterator

import pytest
from fastapi import FastAPI

from geo_service.db import Database
from geo_service.settings import Settings
from tests.office import drawn_office, service_of


@pytest.fixture(scope="session")
def office(office_settings: Settings, new_database: Callable[[str], str]) -> Iterator[Database]:
    yield from drawn_office(new_database("geo_changes"), office_settings)


@pytest.fixture(scope="session")
def app(office: Database, office_settings: Settings) -> Iterator[FastAPI]:
    yield from service_of(office, office_settings)
