"""Rows of a file of names, kept in the database until the whole file is read; refuses to hold them in memory (D6).

What is one road can be said only when all rows of its name are known, wherever they stand in the file: the database
sorts them, on its disk where they are many, and gives them back name by name.
"""

import json
from collections.abc import Callable, Iterable, Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import contextmanager
from itertools import chain, groupby
from operator import attrgetter
from typing import Any, Final, TypeVar

import shapely
from sqlalchemy import text
from sqlalchemy.orm import Session

from geo_service.exchange.staging import bulk_load, create_staging
from geo_service.operations.name_file import AT_ONCE, Piece

TABLE: Final = "staged_piece"
COLUMNS: Final = {
    "row_number": "bigint",
    "name": "text",
    "said": "text",
    "ground": "bytea",
    "original": "bytea",
    "unit": "text",
    "authority": "text",
}
BY_NAME: Final = f"SELECT {', '.join(COLUMNS)} FROM pg_temp.{TABLE} WHERE name <> '' ORDER BY name COLLATE \"C\", row_number"  # noqa: S608 -- our own table
UNNAMED: Final = f"SELECT {', '.join(COLUMNS)} FROM pg_temp.{TABLE} WHERE name = '' ORDER BY row_number"  # noqa: S608 -- our own table

Answer = TypeVar("Answer")


class Turns:
    """What is asked of the database, one thing after the other, while this process goes on with its own work."""

    def __init__(self, thread: ThreadPoolExecutor) -> None:
        self._thread = thread
        self._failed: BaseException | None = None

    def ask(self, work: Callable[[], Answer]) -> "Future[Answer]":
        """Have something done after all that was asked before; where that failed, this fails with the same error."""
        return self._thread.submit(self._turn, work)

    def _turn(self, work: Callable[[], Answer]) -> Answer:
        if self._failed is not None:
            raise self._failed
        try:
            return work()
        except BaseException as error:
            self._failed = error
            raise


@contextmanager
def taking_turns() -> Iterator[Turns]:
    """Give a thread that talks to the database; what was begun is over when the block is left.

    A transaction has one connection: while turns are taken, nobody else may use its session.
    """
    with ThreadPoolExecutor(1, thread_name_prefix="names") as thread:
        yield Turns(thread)


def begin(session: Session) -> None:
    """Make room for the rows of a file; it goes with the transaction."""
    session.execute(text(f"DROP TABLE IF EXISTS pg_temp.{TABLE}"))
    create_staging(driver(session), TABLE, COLUMNS)


def stage(session: Session, pieces: Sequence[Piece]) -> None:
    """Put rows aside, in the order of the file."""
    units = [piece.unit or (None, None) for piece in pieces]
    batch = {
        "row_number": [piece.row for piece in pieces],
        "name": [piece.name for piece in pieces],
        "said": [json.dumps(dict(piece.said), ensure_ascii=False) for piece in pieces],
        "ground": shapely.to_wkb([piece.ground for piece in pieces]).tolist(),
        "original": [piece.original for piece in pieces],
        "unit": [unit for unit, _ in units],
        "authority": [authority for _, authority in units],
    }
    bulk_load(driver(session), TABLE, COLUMNS, [batch])


def by_name(session: Session, turns: Turns) -> Iterator[list[Piece]]:
    """Yield all rows of one name after those of another, each in the order of the file."""
    pages = chain.from_iterable(_pages(session, turns, BY_NAME))
    for _, rows in groupby(pages, key=attrgetter("name")):
        yield list(rows)


def unnamed(session: Session, turns: Turns) -> Iterator[list[Piece]]:
    """Yield the rows without a name, some at a time."""
    yield from _pages(session, turns, UNNAMED)


def _pages(session: Session, turns: Turns, statement: str) -> Iterator[list[Piece]]:
    """Read through a cursor of the server, a page ahead: other statements may run meanwhile."""
    cursor = driver(session).cursor(name=TABLE, binary=True)
    turns.ask(lambda: cursor.execute(statement))
    page = turns.ask(lambda: cursor.fetchmany(AT_ONCE))
    while rows := page.result():
        page = turns.ask(lambda: cursor.fetchmany(AT_ONCE))
        yield list(_pieces(rows))
    turns.ask(cursor.close).result()


def _pieces(rows: Sequence[tuple[Any, ...]]) -> Iterable[Piece]:
    grounds = shapely.from_wkb([row[3] for row in rows])
    for (number, name, said, _, original, unit, authority), ground in zip(rows, grounds, strict=True):
        yield Piece(
            number, name, json.loads(said), ground, original, None if unit is None else (unit, authority)
        )


def driver(session: Session) -> Any:
    """Return the connection of a transaction as psycopg has it."""
    return session.connection().connection.driver_connection
