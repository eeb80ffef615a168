"""Which database this process works on: the one that is named, or the embedded cluster, started."""

from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager, nullcontext
from dataclasses import dataclass

from geo_service.auth.officer import OPERATOR
from geo_service.db import Database
from geo_service.embedded import Cluster, Running
from geo_service.migrations import upgrade
from geo_service.settings import Settings


@dataclass(frozen=True, slots=True)
class Opened:
    """The URLs of an open database: as the service, and as the owner of the tables."""

    service_url: str
    owner_url: str
    embedded: bool
    cluster: Running | None = None

    def kept_alive(self) -> AbstractContextManager[None]:
        """Within the block, an embedded cluster that dies is started again; another database is its owner's care."""
        return nullcontext() if self.cluster is None else self.cluster.kept_alive()


@contextmanager
def open_database(settings: Settings) -> Iterator[Opened]:
    """Yield the database to work on; an embedded cluster is brought up to date, and stopped at the end.

    A database of the office's own is never migrated in passing: that is `geo-service db upgrade`.
    """
    if settings.database_url is not None:
        yield Opened(
            settings.database_url, settings.owner_database_url or settings.database_url, embedded=False
        )
        return
    with Cluster(settings.data_dir).start() as running:
        upgrade(running.owner_url)
        yield Opened(running.service_url, running.owner_url, embedded=True, cluster=running)


@contextmanager
def work_on(settings: Settings) -> Iterator[Database]:
    """Yield the open database with sessions as the service, for a command, however long it takes; acts are the operator's."""
    with open_database(settings) as opened:
        database = Database(opened.service_url, settings, patient=True)
        try:
            yield database.acting_as(OPERATOR)
        finally:
            database.dispose()
