"""A file's rows on their way into a table of their own: names, types and all rows as they are, or none; judges no row."""

import json
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import Any, Final

import numpy as np
import pyarrow as pa
import shapely
from psycopg.errors import ProgramLimitExceeded
from sqlalchemy import text
from sqlalchemy.orm import Session

from geo_service.exchange.binary_copy import PointColumn
from geo_service.exchange.crs import SourceCrs
from geo_service.exchange.raw import RawBatch, RawLayer
from geo_service.exchange.refusals import UnreadableFile
from geo_service.exchange.staging import bulk_load
from layers.errors import InvalidInput
from layers.geodesy import STORAGE_SRID

Told = Callable[[int, int | None], None]
"""Hears how many rows are in, of how many where the file says that, and may raise to stop."""
LONGEST_COLUMN_BYTES: Final = 63
"""PostgreSQL cuts longer names off without a word."""
SYSTEM_COLUMNS: Final = frozenset({"tableoid", "xmin", "cmin", "xmax", "cmax", "ctid"})
MOST_COLUMNS: Final = 1500
"""PostgreSQL holds 1,600 columns a table."""


class ColumnNameRefused(InvalidInput):
    """A column's name is empty, repeated, the database's own or too long to be kept. Facts: `columns`, `most_bytes`."""

    code = "reference.column_name_refused"


@dataclass(slots=True)
class Loading:
    """A file on its way into its table; counts and extent grow with the rows."""

    crs: SourceCrs
    columns: dict[str, str]
    key: str
    shape: str
    file: str
    rows: int = 0
    kinds: set[str] = field(default_factory=set)
    bounds: list[Any] = field(default_factory=list)

    def batch(self, raw: RawBatch) -> dict[str, Any]:
        """Return one batch as its table has it: names as in the file, geometry in EPSG:4490."""
        values = {name: _plain(raw.columns[name], kind) for name, kind in self.columns.items()}
        values = {self.key: raw.rows, self.shape: self._points(raw) or self._shapes(raw), **values}
        self.rows += len(raw.rows)
        return values

    def _points(self, raw: RawBatch) -> PointColumn | None:
        """Return the places of a batch of plain points, which need no object each; None for any other batch."""
        points = None if raw.rejects else raw.points()
        if points is None:
            return None
        there = self.crs.points_to_storage(points)
        if not np.isfinite(there).all():
            return None
        self.kinds.add("POINT")
        self.bounds.append([*there.min(axis=0), *there.max(axis=0)])
        return PointColumn(there, STORAGE_SRID)

    def _shapes(self, raw: RawBatch) -> Any:
        if raw.rejects or raw.unreadable.any():
            row = raw.rejects[0].row if raw.rejects else int(raw.rows[raw.unreadable][0])
            raise UnreadableFile(file=self.file, reason="geometry_unreadable", detail=f"row {row}")
        shapes = self.crs.to_storage(raw.geometries)
        empty = shapely.is_missing(shapes) | shapely.is_empty(shapes)
        lost = ~empty & ~np.isfinite(shapely.bounds(shapes)).all(axis=1)
        if lost.any():
            raise UnreadableFile(file=self.file, reason="outside_crs", detail=f"row {int(raw.rows[lost][0])}")
        self._note(shapes[~empty])
        return shapely.set_srid(shapes, STORAGE_SRID)

    def _note(self, shapes: Any) -> None:
        if len(shapes):
            self.kinds |= {shapely.GeometryType(kind).name for kind in np.unique(shapely.get_type_id(shapes))}
            self.bounds.append(shapely.total_bounds(shapes))

    @property
    def bbox(self) -> list[float] | None:
        """West, south, east, north of all rows; None without any geometry."""
        if not self.bounds:
            return None
        all_of = np.array(self.bounds)
        return [*all_of[:, :2].min(axis=0).tolist(), *all_of[:, 2:].max(axis=0).tolist()]


def load(
    session: Session,
    table: str,
    raw: RawLayer,
    crs: SourceCrs,
    file: str,
    *,
    told: Told = lambda _rows, _of: None,
) -> Loading:
    """Make the table from the first batch's types, copy every batch into it, and index it after that (D6).

    Raises `ColumnNameRefused`, `UnreadableFile`.
    """
    batches = iter(raw.batches())
    first = next(batches, None)
    types = {name: _type_of(first.columns[name].type if first else pa.string()) for name in raw.fields}
    _refuse_names(raw.fields, file)
    loading = Loading(crs, types, _unused("fid", types), _unused("geom", types), file)
    columns = {loading.key: "bigint", loading.shape: "geometry", **types}
    made = [{"name": name, "type": kind} for name, kind in columns.items()]
    bound = {"wanted": table, "columns": json.dumps(made, ensure_ascii=False)}
    session.execute(text("SELECT service.make_reference_table(:wanted, CAST(:columns AS jsonb))"), bound)
    connection: Any = session.connection().connection.driver_connection

    def rows() -> Iterator[dict[str, Any]]:
        if first is not None:
            yield loading.batch(first)
            told(loading.rows, raw.feature_count)
        for batch in batches:
            yield loading.batch(batch)
            told(loading.rows, raw.feature_count)

    try:
        bulk_load(connection, f"reference.{table}", columns, rows())
    except ProgramLimitExceeded as wide:  # a row of so many columns fits no page
        raise UnreadableFile(file=file, reason="too_many_columns", detail=len(types)) from wide
    finish = text("SELECT service.finish_reference_table(:wanted, :key, :shape)")
    session.execute(finish, {"wanted": table, "key": loading.key, "shape": loading.shape})
    return loading


def _refuse_names(fields: list[str], file: str) -> None:
    if len(fields) > MOST_COLUMNS:
        raise UnreadableFile(file=file, reason="too_many_columns", detail=MOST_COLUMNS)
    refused = [
        name
        for name in fields
        if not 0 < len(name.encode()) <= LONGEST_COLUMN_BYTES or name in SYSTEM_COLUMNS
    ]
    if refused or len(set(fields)) != len(fields):
        raise ColumnNameRefused(columns=refused or fields, most_bytes=LONGEST_COLUMN_BYTES)


def _unused(wanted: str, taken: dict[str, str]) -> str:
    return wanted if wanted not in taken else _unused(f"_{wanted}", taken)


def _type_of(arrow: Any) -> str:
    """Return the PostgreSQL type that holds an Arrow type without loss; lists and records become JSON."""
    kinds = pa.types
    if kinds.is_boolean(arrow):
        return "boolean"
    if kinds.is_integer(arrow):
        return "bigint"
    if kinds.is_floating(arrow):
        return "double precision"
    if kinds.is_date(arrow):
        return "date"
    if kinds.is_timestamp(arrow):
        return "timestamp with time zone"
    return "jsonb" if kinds.is_nested(arrow) else "text"


def _plain(column: Any, kind: str) -> Any:
    if pa.types.is_binary(column.type) or pa.types.is_large_binary(column.type):
        return pa.array(
            [None if value is None else value.hex() for value in column.to_pylist()], pa.large_string()
        )
    if pa.types.is_dictionary(column.type):
        return column.dictionary_decode()
    if pa.types.is_time(column.type):
        return pa.array(
            [None if value is None else value.isoformat() for value in column.to_pylist()], pa.string()
        )
    return column.to_pylist() if kind == "jsonb" else column
