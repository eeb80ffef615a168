"""The reader's side of the database: a small pool that can read what is published, and who a question comes from."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from functools import cached_property
from threading import Lock
from typing import Any, Final, TypeVar

import anyio
import psycopg
import structlog
from anyio import to_thread
from fastapi import Request
from fastapi.concurrency import run_in_threadpool
from sqlalchemy import Engine, create_engine, event, make_url
from sqlalchemy.engine import URL
from sqlalchemy.exc import DataError, InternalError, OperationalError, ProgrammingError
from tipg.model import Extent

from geo_service.auth.gate import COOKIE, whoever
from geo_service.auth.officer import PUBLIC, Officer
from geo_service.db import READER_ROLE, Database, look_after_idleness, make_engine
from geo_service.ogc.collections import OWN, Catalogue, Published, quoted, read_catalogue
from geo_service.ogc.refusals import CollectionNotFound, DoorBusy, FilterInvalid
from geo_service.reading import pooled_connection
from geo_service.settings import Settings
from layers.driver import as_sqlalchemy_tells
from layers.markers.register import follow_the_clock

Answer = TypeVar("Answer")
CONNECTIONS: Final = 6
"""Questions that are answered at once; more wait without holding a thread, so that nobody else waits for them."""
STRANGERS: Final = 4
"""How many of them may be the public's: whatever strangers ask, an officer finds a connection."""
PATIENCE_S: Final = 10.0
"""How long a question waits for its turn before it is told to come back."""
RETRY_AFTER_S: Final = 5
UNDEFINED_TABLE: Final = "42P01"
log = structlog.get_logger(__name__)

ASKING: Final = (
    "SELECT set_config('geo.officer', %(officer)s, {local}), set_config('geo.roles', %(roles)s, {local}), "
    "set_config('geo.jurisdictions', %(jurisdictions)s, {local}), "
    "set_config('geo.marker_positions', %(positions)s, {local}), "
    "set_config('geo.colour_profile', %(profile)s, {local})"
)
VERSIONS: Final = "SELECT layer, version FROM published.data_version"
VERSION: Final = "SELECT coalesce(sum(version), 0)::bigint FROM published.data_version WHERE layer = ANY(CAST(%(layers)s AS text[]))"


class Door:
    """What the routes of `/ogc` read through; kept on the application's state, connected when first asked.

    A connection is the public's from its beginning, so that a stranger's question is one statement and one way to the
    database; an officer's is a transaction that says first who asks. What draws a tile keeps its plan, as elsewhere.
    """

    def __init__(self, database: Database, settings: Settings) -> None:
        self._database = database
        self._settings = settings
        self._threads = anyio.CapacityLimiter(CONNECTIONS)
        self._strangers = anyio.Semaphore(STRANGERS)
        self._officers = anyio.Semaphore(CONNECTIONS - STRANGERS)
        self._catalogue: Catalogue | None = None
        self._engines: dict[str, Engine] = {}
        self._connecting = Lock()

    def dispose(self) -> None:
        """Close the reader's connections."""
        for engine in self._engines.values():
            engine.dispose()

    async def answer(
        self, request: Request, work: "Callable[[Reading], Answer]", *, drawing: bool = False
    ) -> Answer:
        """Do `work` with a connection that knows who asks and never writes, in a thread of the door's own few.

        Raises `DoorBusy` where no turn comes in time.
        """
        officer = PUBLIC
        if "authorization" in request.headers or COOKIE in request.cookies:
            officer = await run_in_threadpool(self._asker, request)

        def done() -> Answer:
            if request.path_params.get("collectionId") == "markers":
                with self._database.transaction() as session:
                    follow_the_clock(session)
            try:
                with self._reading(officer, drawing=drawing) as reading:
                    return work(reading)
            except (DataError, InternalError) as refused:
                if not request.query_params and "featureId" not in request.path_params:
                    raise
                log.info("door_refused_values", error=str(refused.orig))
                raise FilterInvalid(reason="values") from None
            except ProgrammingError as refused:
                if getattr(refused.orig, "sqlstate", None) == UNDEFINED_TABLE:  # taken away a moment ago
                    raise CollectionNotFound(collection="–") from None
                raise

        turns = self._strangers if officer is PUBLIC else self._officers
        with anyio.move_on_after(PATIENCE_S) as waiting:
            await turns.acquire()
        if waiting.cancelled_caught:
            raise DoorBusy(retry_after_s=RETRY_AFTER_S)
        try:
            return await to_thread.run_sync(done, limiter=self._threads)
        finally:
            turns.release()

    def _asker(self, request: Request) -> Officer:
        with self._database.transaction() as session:
            return whoever(request, session)

    @contextmanager
    def _reading(self, officer: Officer, *, drawing: bool) -> "Iterator[Reading]":
        pooled = pooled_connection(self._engine("auto" if drawing else "force_custom_plan"))
        connection: Any = pooled.driver_connection
        try:
            reading = Reading(connection, self, officer)
            if officer is PUBLIC:
                yield reading
            else:
                with as_sqlalchemy_tells("BEGIN", connection), connection.transaction():
                    reading.rows(ASKING.format(local="true"), _told(officer, self._settings))
                    yield reading
        finally:
            if connection.closed:
                pooled.invalidate()
            pooled.close()

    def _engine(self, plan: str) -> Engine:
        with self._connecting:
            if plan not in self._engines:
                self._engines[plan] = reader_engine(self._database.url, self._settings, plan=plan)
            return self._engines[plan]

    def catalogue(self, reading: "Reading", name: str | None) -> Catalogue:
        """Return what is published; for the office's own collections, which stay, the database is not asked again."""
        known = self._catalogue
        if known is not None and name in OWN:
            return known
        version = reading.versions.get("reference", 0)
        if known is None or known.version != version:
            known = self._catalogue = read_catalogue(reading, version)
        return known


def _told(officer: Officer, settings: Settings) -> dict[str, str]:
    return {
        "officer": officer.username,
        "roles": "{" + ",".join(sorted(officer.roles)) + "}",
        "jurisdictions": "{" + ",".join(sorted(officer.jurisdictions)) + "}",
        "positions": settings.marker_positions,
        "profile": settings.colour_profile,
    }


class Reading:
    """One question: its connection, what is published, and the versions that its answer depends on."""

    def __init__(self, connection: psycopg.Connection[tuple[Any, ...]], door: Door, officer: Officer) -> None:
        self._connection = connection
        self._door = door
        self.officer = officer

    def rows(self, statement: str, values: Mapping[str, Any] | None = None) -> Sequence[tuple[Any, ...]]:
        """Return every row; what the driver raises leaves as SQLAlchemy's error of the same kind."""
        with as_sqlalchemy_tells(statement, self._connection):
            return self._connection.execute(statement.encode(), values or {}).fetchall()

    @cached_property
    def versions(self) -> Mapping[str, int]:
        """The data versions of all layers."""
        return dict(self.rows(VERSIONS))

    def collection(self, name: str) -> Published:
        """Return the collection of that name, its extent as it was last asked for. Raises `CollectionNotFound`."""
        found = self._door.catalogue(self, name).collections.get(name)
        if found is None:
            raise CollectionNotFound(collection=name[:200])
        return found

    def published(self) -> list[Published]:
        """Return every collection there is."""
        return list(self._door.catalogue(self, None).collections.values())

    def collections(self) -> list[Published]:
        """Return every collection with its extent."""
        return [self.with_extent(each) for each in self.published()]

    def with_extent(self, collection: Published) -> Published:
        """Return the collection with its extent, which is read once a data version; that of places kept back is unknown."""
        if collection.own is None or collection.id == "markers":
            return collection
        version = tuple(self.versions.get(layer, 0) for layer in layers_of(collection))
        extents = self._door.catalogue(self, collection.id).extents
        kept = extents.get(collection.id)
        if kept is None or kept[0] != version:
            kept = (version, self._extent(collection))
            extents[collection.id] = kept
        collection.known_extent = kept[1]
        return collection

    def _extent(self, collection: Published) -> Extent | None:
        since = collection.own.since
        times = f"min({quoted(since)})" if since else "NULL"
        box = "ST_Extent(geometry)"
        statement = f"SELECT ST_XMin({box}), ST_YMin({box}), ST_XMax({box}), ST_YMax({box}), {times} FROM {collection.source}"
        ((*corners, begun),) = self.rows(statement)
        if corners[0] is None:
            return None
        temporal = {"interval": [[f"{begun}T00:00:00Z", None]]} if begun else None
        return Extent(spatial={"bbox": [corners]}, temporal=temporal)


def layers_of(collection: Published) -> list[str]:
    """Return the layers whose data versions the collection changes with."""
    return list(OWN[collection.id].changes_with) if collection.own else ["reference"]


def reader_engine(url: str, settings: Settings, *, plan: str = "force_custom_plan") -> Engine:
    """Return an engine that logs in as the reader, or becomes it after logging in; it never writes.

    Its connections commit each statement by itself and are the public's until a transaction says otherwise. A URL
    without a password is one of a socket, through which the same account of the machine is let in as every role.
    """
    chosen = settings.reader_database_url or _as_reader(url)
    limit = settings.statement_timeout_s
    engine = make_engine(
        chosen, pool_size=CONNECTIONS, overflow=0, statement_timeout_s=limit, readings=True, plan=plan
    )
    look_after_idleness(engine)

    @event.listens_for(engine, "connect")
    def narrow(connection: Any, _record: Any) -> None:
        cursor = connection.cursor()
        cursor.execute("SELECT current_user <> %s AND pg_has_role(%s, 'member')", (READER_ROLE, READER_ROLE))
        if cursor.fetchone()[0]:
            cursor.execute(f"SET ROLE {READER_ROLE}")
        cursor.execute(ASKING.format(local="false"), _told(PUBLIC, settings))
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
