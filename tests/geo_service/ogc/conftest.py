"""A door with committed rows: its reader is another connection, which sees nothing that is not."""

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from fastapi.testclient import TestClient

from geo_service.app import create_app
from geo_service.auth.officer import OPERATOR
from geo_service.db import Database
from geo_service.operations.reference_layers import Terms, add_layer
from geo_service.settings import Settings

STANDARD = (
    "ne_110m_admin_0_countries",
    "ne_110m_populated_places_simple",
    "ne_110m_rivers_lake_centerlines",
)


@pytest.fixture(scope="session")
def standard_layers(
    settings: Settings, new_database: Callable[[str], str], shared: Callable[..., Path]
) -> Iterator[Database]:
    """A database with the three layers that the standard's own predicates are written for."""
    file = shared("data", "conformance", "ne110m4cql2.gpkg")
    database = Database(new_database("geo_door_standard"), settings)
    with database.acting_as(OPERATOR).transaction() as session:
        for layer in STANDARD:
            add_layer(session, file, layer, terms=Terms(layer=layer), recorded_by="test")
    yield database
    database.dispose()


@pytest.fixture(scope="session")
def standard(standard_layers: Database, settings: Settings) -> Iterator[TestClient]:
    """A client of a service with those layers."""
    app = create_app(settings.model_copy(update={"database_url": standard_layers.url}))
    yield TestClient(app, raise_server_exceptions=False)
    app.state.door.state.door.dispose()
    app.state.database.dispose()
