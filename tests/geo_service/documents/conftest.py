"""The office that the tests of documents share."""

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from fastapi.testclient import TestClient

from geo_service.app import create_app
from geo_service.auth.officer import OPERATOR
from geo_service.db import Database
from geo_service.settings import Settings
from tests.geo_service.documents.office import Office, draw_ground, people


@pytest.fixture(scope="package")
def office_database(settings: Settings, new_database: Callable[[str], str]) -> Iterator[Database]:
    """A database with drawn ground."""
    database = Database(new_database("geo_documents"), settings).acting_as(OPERATOR)
    with database.transaction() as session:
        draw_ground(session)
    yield database
    database.dispose()


@pytest.fixture
def office(settings: Settings, office_database: Database, tmp_path: Path) -> Iterator[Office]:
    """An office with an empty store."""
    with office_database.transaction() as session:
        signed = people(session)
    store = tmp_path / "documents"
    chosen = settings.model_copy(
        update={"database_url": office_database.url, "photo_store": str(store), "document_limit_mib": 2}
    )
    app = create_app(chosen)
    yield Office(TestClient(app, raise_server_exceptions=False), office_database, store, signed)
    app.state.database.dispose()
