"""The reader's side of the database: a small pool that can read what is published, and who a question comes from."""

from collections.abc import Callable
from typing import Any, Final, TypeVar

import anyio
import structlog
from anyio import to_thread
from fastapi import Request
from sqlalchemy import Connection, Engine, create_engine, event, make_url, text
from sqlalchemy.engine import URL
from sqlalchemy.exc import DataError, InternalError, OperationalError, ProgrammingError
from tipg.model import Extent

from geo_service.auth.gate import COOKIE, whoever
from geo_service.auth.officer import PUBLIC, Officer
from geo_service.db import READER_ROLE, Database, make_engine
from geo_service.ogc.collections import OWN, Catalogue, Published, quoted, read_catalogue
from geo_service.ogc.refusals import CollectionNotFound, FilterInvalid
from geo_service.settings import Settings
from layers.markers.register import follow_the_clock

Answer = TypeVar("Answer")
CONNECTIONS: Final = 6
"""Questions that are answered at once; more wait without holding a thread, so that nobody else waits for them."""
UNDEFINED_TABLE: Final = "42P01"
log = structlog.get_logger(__name__)

ASKING: Final = text(
    "SELECT set_config('geo.officer', :officer, true), set_config('geo.roles', :roles, true), "
    "set_config('geo.jurisdictions', :jurisdictions, true), set_config('geo.marker_positions', :positions, true), "
    "set_config('geo.colour_profile', :profile, true), "
    "(SELECT coalesce(jsonb_object_agg(layer, version), '{}') FROM published.data_version)"
)


class Door:
    """What the routes of `/ogc` read through; kept on the application's state, connected when first asked."""

    def __init__(self, database: Database, settings: Settings) -> None:
        self._database = database
        self._settings = settings
        self._engine: Engine | None = None
        self._limiter = anyio.CapacityLimiter(CONNECTIONS)
        self._catalogue: Catalogue | None = None

    @property
    def engine(self) -> Engine:
        """The reader's engine."""
        if self._engine is None:
            self._engine = reader_engine(self._database.url, self._settings)
        return self._engine

    def dispose(self) -> None:
        """Close the reader's connections."""
        if self._engine is not None:
            self._engine.dispose()

    async def answer(self, request: Request, work: "Callable[[Reading], Answer]") -> Answer:
        """Do `work` in a read-only transaction that knows who asks, in a thread of the door's own few."""

        def done() -> Answer:
            officer = self._asker(request)
            if request.path_params.get("collectionId") == "markers":
                with self._database.transaction() as session:
                    follow_the_clock(session)
            try:
                return self._read(officer, work)
            except (DataError, InternalError) as refused:
                if not request.query_params and "featureId" not in request.path_params:
                    raise
                log.info("door_refused_values", error=str(refused.orig))
                raise FilterInvalid(reason="values") from None

        return await to_thread.run_sync(done, limiter=self._limiter)

    def _asker(self, request: Request) -> Officer:
        if "authorization" not in request.headers and COOKIE not in request.cookies:
            return PUBLIC
        with self._database.transaction() as session:
            return whoever(request, session)

    def _read(self, officer: Officer, work: "Callable[[Reading], Answer]") -> Answer:
        try:
            with self.engine.begin() as connection:
                versions = connection.execute(ASKING, self._settings_of(officer)).one()[-1]
                return work(Reading(connection, self._known(connection, versions), versions, officer))
        except ProgrammingError as refused:
            if getattr(refused.orig, "sqlstate", None) == UNDEFINED_TABLE:  # taken away a moment ago
                raise CollectionNotFound(collection="–") from None
            raise

    def _settings_of(self, officer: Officer) -> dict[str, str]:
        return {
            "officer": officer.username,
            "roles": "{" + ",".join(sorted(officer.roles)) + "}",
            "jurisdictions": "{" + ",".join(sorted(officer.jurisdictions)) + "}",
            "positions": self._settings.marker_positions,
            "profile": self._settings.colour_profile,
        }

    def _known(self, connection: Connection, versions: dict[str, int]) -> Catalogue:
        version = versions.get("reference", 0)
        if self._catalogue is None or self._catalogue.version != version:
            self._catalogue = read_catalogue(connection, version)
        return self._catalogue


class Reading:
    """One question's transaction: the connection, what is published, and the versions that its answer depends on."""

    def __init__(
        self, connection: Connection, catalogue: Catalogue, versions: dict[str, int], officer: Officer
    ) -> None:
        self.connection = connection
        self.catalogue = catalogue
        self.versions = versions
        self.officer = officer

    def collection(self, name: str) -> Published:
        """Return the collection of that name, its extent known. Raises `CollectionNotFound`."""
        found = self.catalogue.collections.get(name)
        if found is None:
            raise CollectionNotFound(collection=name[:200])
        return found

    def version_of(self, collection: Published) -> tuple[int, ...]:
        """Return the data versions that the collection changes with."""
        layers = OWN[collection.id].changes_with if collection.own else ("reference",)
        return tuple(self.versions.get(layer, 0) for layer in layers)

    def with_extent(self, collection: Published) -> Published:
        """Return the collection with its extent, which is read once a data version; that of places kept back is unknown."""
        if collection.own is None or collection.id == "markers":
            return collection
        version = self.version_of(collection)
        kept = self.catalogue.extents.get(collection.id)
        if kept is None or kept[0] != version:
            kept = (version, self._extent(collection))
            self.catalogue.extents[collection.id] = kept
        collection.known_extent = kept[1]
        return collection

    def _extent(self, collection: Published) -> Extent | None:
        since = collection.own.since
        times = f"min({quoted(since)})" if since else "NULL"
        box = "ST_Extent(geometry)"
        statement = f"SELECT ST_XMin({box}), ST_YMin({box}), ST_XMax({box}), ST_YMax({box}), {times} FROM {collection.source}"
        *corners, begun = self.connection.exec_driver_sql(statement).one()
        if corners[0] is None:
            return None
        temporal = {"interval": [[f"{begun}T00:00:00Z", None]]} if begun else None
        return Extent(spatial={"bbox": [corners]}, temporal=temporal)


def reader_engine(url: str, settings: Settings) -> Engine:
    """Return an engine that logs in as the reader, or becomes it after logging in; its transactions never write.

    A URL without a password is one of a socket, through which the same account of the machine is let in as every role.
    """
    chosen = settings.reader_database_url or _as_reader(url)
    engine = make_engine(chosen, pool_size=CONNECTIONS, statement_timeout_s=settings.statement_timeout_s)

    @event.listens_for(engine, "connect")
    def narrow(connection: Any, _record: Any) -> None:
        cursor = connection.cursor()
        cursor.execute("SET default_transaction_read_only = on")
        cursor.execute("SELECT current_user <> %s AND pg_has_role(%s, 'member')", (READER_ROLE, READER_ROLE))
        if cursor.fetchone()[0]:
            cursor.execute(f"SET ROLE {READER_ROLE}")
        cursor.close()
        connection.commit()

    return engine


def _as_reader(url: str) -> str:
    made: URL = make_url(url.replace("postgres://", "postgresql://", 1))
    if made.password is not None or not made.username:
        return url
    as_reader = made.set(username=READER_ROLE).render_as_string(hide_password=False)
    trial = create_engine(
        make_url(as_reader).set(drivername="postgresql+psycopg"), connect_args={"connect_timeout": 5}
    )
    try:
        with trial.connect():
            return as_reader
    except OperationalError:
        return url
    finally:
        trial.dispose()
