"""One statement at a time, straight through the driver: for the reads that a map asks most; refuses to write.

A session of SQLAlchemy costs as much as the statement where that takes a millisecond. What is asked here is
prepared on its connection and still planned with its values (`plan_cache_mode=force_custom_plan`, D5).
"""

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import Any

import psycopg
from sqlalchemy import Engine, PoolProxiedConnection, TextClause
from sqlalchemy.exc import DBAPIError

from layers.driver import as_sqlalchemy_tells, of_driver


class Answer:
    """The rows of one statement, told as SQLAlchemy's result tells them."""

    def __init__(self, rows: Sequence[tuple[Any, ...]]) -> None:
        self._rows = rows

    def all(self) -> Sequence[tuple[Any, ...]]:
        """Return every row."""
        return self._rows

    def scalar_one(self) -> Any:
        """Return the first column of the one row there is."""
        ((value, *_),) = self._rows
        return value

    def one(self) -> tuple[Any, ...]:
        """Return the one row there is."""
        (row,) = self._rows
        return row


class Reading:
    """A connection that reads as nobody in particular, each statement by itself."""

    def __init__(self, connection: psycopg.Connection[tuple[Any, ...]]) -> None:
        self._connection = connection

    def execute(self, statement: TextClause, values: Mapping[str, Any] | None = None) -> Answer:
        """Answer a statement; what the driver raises leaves as SQLAlchemy's error of the same kind."""
        with as_sqlalchemy_tells(statement.text, self._connection):
            return Answer(self._connection.execute(of_driver(statement.text), values).fetchall())


def pooled_connection(engine: Engine) -> PoolProxiedConnection:
    """Return a connection of the pool; a database that cannot be reached is told as SQLAlchemy tells it."""
    try:
        return engine.raw_connection()
    except psycopg.Error as error:
        raise DBAPIError.instance(
            "connect", None, error, psycopg.Error, hide_parameters=True, connection_invalidated=True
        ) from error


@contextmanager
def reading(engine: Engine) -> Iterator[Reading]:
    """Yield a pooled connection of an engine that commits by itself; a broken one does not go back into the pool."""
    pooled = pooled_connection(engine)
    connection: Any = pooled.driver_connection
    try:
        yield Reading(connection)
    finally:
        if connection.closed:
            pooled.invalidate()
        pooled.close()
