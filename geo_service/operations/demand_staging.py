"""Demand of a file, kept in the database until the whole file is read and judged; refuses to hold it in memory (D6)."""

from collections.abc import Iterator
from typing import Any, Final

import numpy as np
from sqlalchemy import text
from sqlalchemy.orm import Session

from geo_service.exchange.point_files import (
    ABSENT,
    NAMED,
    IdsRefused,
    PointBatch,
    PointReading,
    texts_of,
)
from geo_service.exchange.rejects import Reject
from geo_service.exchange.staging import bulk_load, create_staging

TABLE: Final = "staged_demand"
COLUMNS: Final = {
    "position": "integer",
    "code": "text",
    "whole": "text",
    "lon": "double precision",
    "lat": "double precision",
    "weights": "jsonb",
}
TWICE: Final = f"SELECT code FROM pg_temp.{TABLE} GROUP BY code HAVING count(*) > 1"  # noqa: S608 -- our own table
REPEATED: Final = f"""
SELECT position, code FROM (SELECT position, code, row_number() OVER (PARTITION BY code ORDER BY position) AS nth
  FROM pg_temp.{TABLE}) s WHERE nth > 1 ORDER BY position
"""  # noqa: S608 -- our own table


def begin(session: Session) -> None:
    """Make room for the points of a file; it goes with the transaction."""
    session.execute(text(f"DROP TABLE IF EXISTS pg_temp.{TABLE}"))
    create_staging(_driver(session), TABLE, COLUMNS)


def stage(session: Session, batch: PointBatch, lon_lat: Any, groups: tuple[str, ...]) -> None:
    """Put the points of a batch aside that have an id; of ids that are numbers both ways to write them.

    Which of the two is meant the last row of the file may decide.
    """
    codes = np.array(texts_of(batch.ids), dtype=object)
    known = np.isin(codes, ABSENT, invert=True)
    whole = None
    if batch.ids.dtype.kind == "f":
        whole = [str(int(number)) if number.is_integer() else None for number in batch.ids[known].tolist()]
    weights = np.where(np.isfinite(batch.weights), batch.weights, 0.0)[known]  # JSON has no other numbers
    columns = {
        "position": batch.rows[known],
        "code": codes[known].tolist(),
        "whole": whole,
        "lon": np.ascontiguousarray(lon_lat[known, 0]),
        "lat": np.ascontiguousarray(lon_lat[known, 1]),
        "weights": [dict(zip(groups, each, strict=True)) for each in weights.tolist()],
    }
    bulk_load(_driver(session), TABLE, COLUMNS, [columns])


def finish(session: Session, reading: PointReading) -> tuple[int, list[str]]:
    """Settle how ids are written, and return how many stand there more than once, with the first ten of them."""
    if not reading.fractional:
        session.execute(text(f"UPDATE pg_temp.{TABLE} SET code = whole WHERE whole IS NOT NULL"))  # noqa: S608 -- our own table
    session.execute(text(f"CREATE INDEX ON pg_temp.{TABLE} (position)"))
    count = session.execute(text(f"SELECT count(*) FROM ({TWICE}) s")).scalar_one()  # noqa: S608 -- our own table
    first = text(f'{TWICE} ORDER BY code COLLATE "C" LIMIT {NAMED}')
    return count, list(session.execute(first).scalars()) if count else []


def repeated(session: Session, id_column: str) -> Iterator[Reject]:
    """Yield the rows whose id stands in a row above."""
    for position, code in session.execute(text(REPEATED), execution_options={"yield_per": 4000}):
        facts = {"reason": "duplicate", "ids": [code]}
        yield Reject(position + 1, IdsRefused.code, facts, {id_column: code})


def _driver(session: Session) -> Any:
    return session.connection().connection.driver_connection
