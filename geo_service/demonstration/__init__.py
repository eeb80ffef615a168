"""The demonstration: real districts, divisions and code history of Hainan; loading it twice is once."""

from collections.abc import Callable

from geo_service.db import Database
from geo_service.demonstration.boundaries import load_boundaries
from geo_service.demonstration.hubs import load_hubs
from geo_service.demonstration.markers import load_markers
from geo_service.demonstration.names import load_names


def load_demonstration(database: Database, *, store: str, tell: Callable[[str], None]) -> None:
    """Load what is not there yet; each part in one transaction, all or nothing. `store` keeps photos."""
    load_boundaries(database, tell=tell)
    load_markers(database, store=store, tell=tell)
    load_hubs(database, tell=tell)
    load_names(database, tell=tell)
