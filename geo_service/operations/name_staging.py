"""Rows of a file of names, kept in the database until the whole file is read; refuses to hold them in memory (D6).

What is one road can be said only when all rows of its name are known, wherever they stand in the file: the database
sorts them, on its disk where they are many, and gives them back name by name.
"""

import json
from collections.abc import Iterator, Sequence
from itertools import groupby
from typing import Any, Final

import shapely
from sqlalchemy import text
from sqlalchemy.orm import Session

from geo_service.exchange.staging import bulk_load, create_staging
from geo_service.operations.name_file import AT_ONCE, Piece
from layers.naming.parser import normalise

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
BY_NAME: Final = f"SELECT * FROM pg_temp.{TABLE} WHERE name <> '' ORDER BY name COLLATE \"C\", row_number"  # noqa: S608 -- our own table
UNNAMED: Final = f"SELECT * FROM pg_temp.{TABLE} WHERE name = '' ORDER BY row_number"  # noqa: S608 -- our own table


def begin(session: Session) -> None:
    """Make room for the rows of a file; it goes with the transaction."""
    session.execute(text(f"DROP TABLE IF EXISTS pg_temp.{TABLE}"))
    create_staging(_driver(session), TABLE, COLUMNS)


def stage(session: Session, pieces: Sequence[Piece]) -> None:
    """Put rows aside, in the order of the file."""
    units = [piece.unit or (None, None) for piece in pieces]
    batch = {
        "row_number": [piece.row for piece in pieces],
        "name": [normalise(piece.says("name")) for piece in pieces],
        "said": [json.dumps(dict(piece.said), ensure_ascii=False) for piece in pieces],
        "ground": list(shapely.to_wkb([piece.ground for piece in pieces])),
        "original": [piece.original for piece in pieces],
        "unit": [unit for unit, _ in units],
        "authority": [authority for _, authority in units],
    }
    bulk_load(_driver(session), TABLE, COLUMNS, [batch])


def by_name(session: Session) -> Iterator[list[Piece]]:
    """Yield all rows of one name after those of another, each in the order of the file."""
    for _, rows in groupby(_rows(session, BY_NAME), key=lambda row: row.name):
        yield [_piece(row) for row in rows]


def unnamed(session: Session) -> Iterator[list[Piece]]:
    """Yield the rows without a name, some at a time."""
    held: list[Piece] = []
    for row in _rows(session, UNNAMED):
        held.append(_piece(row))
        if len(held) == AT_ONCE:
            yield held
            held = []
    if held:
        yield held


def _rows(session: Session, statement: str) -> Iterator[Any]:
    """Read through a cursor of the server: other statements may run meanwhile."""
    return iter(session.execute(text(statement), execution_options={"yield_per": AT_ONCE}))


def _piece(row: Any) -> Piece:
    unit = None if row.unit is None else (row.unit, row.authority)
    original = None if row.original is None else bytes(row.original)
    return Piece(row.row_number, json.loads(row.said), shapely.from_wkb(bytes(row.ground)), original, unit)


def _driver(session: Session) -> Any:
    return session.connection().connection.driver_connection
