"""Bulk load by binary COPY into a staging table, columns at a time; refuses row-by-row inserts.

Each batch becomes one block of COPY's binary format: every value as its length and its big-endian
bytes, laid side by side by Arrow for the whole batch at once. Indexes belong after the load.
"""

from collections.abc import Iterable, Mapping
from typing import Any, Final, Literal

from psycopg import Connection, sql

from geo_service.exchange.binary_copy import ENCODED_TYPES, encode_block
from geo_service.exchange.refusals import StagingRefused

_SIGNATURE: Final = b"PGCOPY\n\xff\r\n\0" + bytes(8)
_END: Final = b"\xff\xff"

Batch = Mapping[str, Any]
Life = Literal["temporary", "unlogged"]


def create_staging(
    connection: Connection[Any], table: str, columns: Mapping[str, str], *, life: Life = "temporary"
) -> None:
    """Create an empty staging table: `temporary` goes with the transaction, `unlogged` until it is dropped.

    `columns` maps names to types of `binary_copy.ENCODED_TYPES`, e.g. {"code": "text", "geometry": "geometry"}.
    """
    unknown = sorted(set(columns.values()) - set(ENCODED_TYPES))
    if unknown:
        raise StagingRefused(column=unknown, reason="type_not_encoded")
    # The types are words of our own table, so they may stand in the statement as they are.
    fields = [
        sql.Composed([sql.Identifier(name), sql.SQL(" "), sql.SQL(kind)]) for name, kind in columns.items()
    ]
    form = (
        "CREATE TEMPORARY TABLE {} ({}) ON COMMIT DROP"
        if life == "temporary"
        else "CREATE UNLOGGED TABLE {} ({})"
    )
    connection.execute(sql.SQL(form).format(_identifier(table), sql.Composed(fields).join(", ")))


def bulk_load(
    connection: Connection[Any], table: str, columns: Mapping[str, str], batches: Iterable[Batch]
) -> int:
    """Copy batches into an existing table, within the caller's transaction; returns the rows sent.

    A batch maps each column of `columns` to a pyarrow array, a NumPy array, a sequence, or one scalar for all rows.
    `geometry` columns take Shapely geometries with their SRID set, or EWKB bytes. Raises `StagingRefused` when a batch
    lacks a column, has columns of unequal length, or a value its type cannot hold.
    """
    names = sql.SQL(", ").join(sql.Identifier(name) for name in columns)
    statement = sql.SQL("COPY {} ({}) FROM STDIN (FORMAT BINARY)").format(_identifier(table), names)
    rows = 0
    with connection.cursor() as cursor, cursor.copy(statement) as copy:
        copy.write(_SIGNATURE)
        for batch in batches:
            block, count = encode_block(batch, columns)
            copy.write(block)
            rows += count
        copy.write(_END)
    return rows


def _identifier(table: str) -> sql.Identifier:
    """Read `schema.table` as two names."""
    return sql.Identifier(*table.split(".", 1))
