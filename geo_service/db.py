"""The database: one engine a process, one session and one transaction a request."""

import copy
import time
from collections.abc import AsyncIterator, Iterator
from contextlib import contextmanager
from typing import Annotated, Any

from fastapi import Depends, Request
from fastapi.concurrency import run_in_threadpool
from sqlalchemy import Engine, create_engine, event, text
from sqlalchemy.engine import URL, make_url
from sqlalchemy.exc import DisconnectionError, SQLAlchemyError
from sqlalchemy.orm import Session, sessionmaker

from geo_service.auth.acting import act_as
from geo_service.auth.officer import Officer
from geo_service.reading import Reading, reading
from geo_service.settings import Settings

SERVICE_ROLE = "geo_service"
OWNER_ROLE = "geo_owner"
READER_ROLE = "geo_reader"
IDLE_S = 5.0
DURABLE = """
SELECT set_config('synchronous_commit', 'on', true) WHERE current_setting('synchronous_commit') = 'off'
"""
"""Makes one transaction's commit wait for the disk, whatever the database is set to: for what is receipted."""


def sqlalchemy_url(url: str) -> URL:
    """Return `url` for the psycopg driver, whichever PostgreSQL spelling it came in.

    >>> str(sqlalchemy_url("postgres://geo@db/geo"))
    'postgresql+psycopg://geo@db/geo'
    """
    made = make_url(url.replace("postgres://", "postgresql://", 1))
    return made.set(drivername="postgresql+psycopg")


def make_engine(
    url: str,
    *,
    pool_size: int = 5,
    overflow: int = 5,
    statement_timeout_s: float | None = None,
    readings: bool = False,
    plan: str = "force_custom_plan",
) -> Engine:
    """Return an engine whose statements are planned with their values (D5): a large and a small bbox differ.

    A `statement_timeout_s` of 0 is no limit, nor is there one then to how long a transaction waits for its file.
    With `readings` each statement is committed by itself, prepared when it comes again, and may not write; only then
    can another `plan` (`plan_cache_mode` of PostgreSQL) keep what was planned.
    """
    options = [f"-c plan_cache_mode={plan}", "-c timezone=UTC", "-c jit=off"]
    if readings:
        options.append("-c default_transaction_read_only=on")
    if statement_timeout_s is not None:
        options.append(f"-c statement_timeout={int(statement_timeout_s * 1000)}")
    if statement_timeout_s == 0:
        options.append("-c idle_in_transaction_session_timeout=0")
    return create_engine(
        sqlalchemy_url(url),
        pool_size=pool_size,
        max_overflow=overflow,
        pool_timeout=10,
        connect_args={
            "prepare_threshold": 1 if readings else None,
            "options": " ".join(options),
            "application_name": "geo_service",
            "connect_timeout": 5,
        },
        **({"isolation_level": "AUTOCOMMIT", "pool_reset_on_return": None} if readings else {}),
    )


def look_after_idleness(engine: Engine) -> None:
    """Ask a connection that lay idle whether it still lives, and replace it when not.

    SQLAlchemy's own pre-ping asks at every checkout, which costs a busy service a fifth of a list's time.
    """

    @event.listens_for(engine, "checkin")
    def note(_connection: Any, record: Any) -> None:
        record.info["idle_since"] = time.monotonic()

    @event.listens_for(engine, "checkout")
    def ask(connection: Any, record: Any, _proxy: Any) -> None:
        if time.monotonic() - record.info.get("idle_since", 0.0) < IDLE_S:
            return
        try:
            engine.dialect.do_ping(connection)
        except engine.dialect.dbapi.Error as gone:  # type: ignore[union-attr]  # an engine has a driver
            raise DisconnectionError from gone


def _narrow_role(engine: Engine) -> None:
    """Make every connection act as `geo_service`, which owns nothing, when the login may do more."""

    @event.listens_for(engine, "connect")
    def set_role(connection: object, _record: object) -> None:
        cursor = connection.cursor()  # type: ignore[attr-defined]  # DB-API connection, untyped here
        cursor.execute(
            "SELECT current_user <> %s AND pg_has_role(%s, 'member')", (SERVICE_ROLE, SERVICE_ROLE)
        )
        if cursor.fetchone()[0]:
            cursor.execute(f"SET ROLE {SERVICE_ROLE}")
        cursor.close()
        connection.commit()  # type: ignore[attr-defined]  # as above


def _close(_connection: object, record: Any) -> None:
    """Close a connection that comes back too late."""
    record.close()


class Database:
    """The engine and its sessions, and two for reading beside it; made by `create_app`, kept on `app.state.database`.

    What draws a tile has one plan wherever the tile lies, for its box is worked out inside the statement: planning it
    anew took more than running it, so `drawings` lets the server keep the plan. A `patient` one is for commands, which
    nobody waits for: a file of millions of rows takes what it takes, between two statements too.
    """

    def __init__(self, url: str, settings: Settings, *, patient: bool = False) -> None:
        self.url = url
        half = max(1, settings.pool_size // 2)
        limit = 0 if patient else settings.statement_timeout_s
        self.engine = make_engine(url, pool_size=settings.pool_size, overflow=half, statement_timeout_s=limit)
        self.readings = make_engine(url, pool_size=half, overflow=0, statement_timeout_s=limit, readings=True)
        self.drawings = make_engine(
            url, pool_size=half, overflow=0, statement_timeout_s=limit, readings=True, plan="auto"
        )
        for engine in (self.engine, self.readings, self.drawings):
            look_after_idleness(engine)
            _narrow_role(engine)
        self._sessions = sessionmaker(self.engine, expire_on_commit=False)
        self._reading_sessions = sessionmaker(self.readings)
        self._officer: Officer | None = None

    def acting_as(self, officer: Officer) -> "Database":
        """Return the same database, whose transactions act as `officer`; without one they are the public's."""
        acting = copy.copy(self)
        acting._officer = officer  # noqa: SLF001 -- our own copy
        return acting

    def new_session(self) -> Session:
        """Return a session that nobody commits yet."""
        return self._sessions()

    def new_reading(self) -> Session:
        """Return a session whose statements stand alone; for reading only."""
        return self._reading_sessions()

    @contextmanager
    def reading(self) -> Iterator[Reading]:
        """Yield a connection for single statements, as nobody in particular: what a map asks most."""
        with reading(self.readings) as own:
            yield own

    @contextmanager
    def drawing(self) -> Iterator[Reading]:
        """Yield a connection as `reading` does, for statements that draw tiles."""
        with reading(self.drawings) as own:
            yield own

    @contextmanager
    def transaction(self) -> Iterator[Session]:
        """Yield a session; commit when the block ends, roll back when it raises."""
        with self._sessions.begin() as session:
            if self._officer is not None:
                act_as(session, self._officer)
            yield session

    @contextmanager
    def moment(self) -> Iterator[Session]:
        """Yield a session that reads the database as it is at one moment, however long it reads; it cannot write."""
        with self._sessions.begin() as session:
            session.connection(
                execution_options={"isolation_level": "REPEATABLE READ", "postgresql_readonly": True}
            )
            if self._officer is not None:
                act_as(session, self._officer)
            yield session

    def answers(self) -> bool:
        """Say whether the database answers."""
        try:
            with self.engine.connect() as connection:
                connection.execute(text("SELECT 1"))
        except SQLAlchemyError:
            return False
        return True

    def connections(self) -> tuple[int, int]:
        """Return how many connections are in use, and how many may be kept."""
        pools: list[Any] = [self.engine.pool, self.readings.pool, self.drawings.pool]
        return sum(pool.checkedout() for pool in pools), sum(pool.size() for pool in pools)

    def dispose(self) -> None:
        """Close every pooled connection, and those still at work when they come back.

        A connection that is out goes back to a pool that nobody empties any more, and would stay open until it is
        collected as rubbish.
        """
        for engine in (self.engine, self.readings, self.drawings):
            event.listen(engine, "checkin", _close)
            engine.dispose()


async def request_session(request: Request) -> AsyncIterator[Session]:
    """Yield the request's session; its transaction ends before the answer is sent.

    That order is a promise: a receipt that reaches the client is durable. A session takes a connection
    when it is first used, in the handler's own thread.
    """
    database: Database = request.app.state.database
    session = database.new_session()
    try:
        yield session
        await run_in_threadpool(session.commit)
    finally:
        session.close()  # rolls back what was not committed


DbSession = Annotated[Session, Depends(request_session, scope="function")]


async def public_session(request: Request) -> AsyncIterator[Session]:
    """Yield a session for what everybody may read: each statement by itself, as nobody in particular.

    Without a transaction to open and end, a list or a tile goes to the database once.
    """
    database: Database = request.app.state.database
    session = database.new_reading()
    try:
        yield session
    finally:
        session.close()


PublicSession = Annotated[Session, Depends(public_session, scope="function")]
