"""Layers for reference: any file an office wants to see beside its own data, loaded whole or not at all; never changed."""

import hashlib
import json
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final
from uuid import uuid4

import numpy as np
import pyarrow as pa
import shapely
from sqlalchemy import text
from sqlalchemy.orm import Session

from geo_service.auth.audit import record_act
from geo_service.exchange.crs import SourceCrs, source_crs
from geo_service.exchange.raw import RawBatch, RawLayer
from geo_service.exchange.reading import open_raw
from geo_service.exchange.refusals import UnreadableFile
from geo_service.exchange.sources import recognised
from geo_service.exchange.staging import bulk_load
from geo_service.ogc.collections import OWN
from geo_service.tables import ReferenceLayerRow
from layers.errors import Conflict, InvalidInput, NotFound
from layers.geodesy import STORAGE_SRID

NAME: Final = re.compile(r"^[\w][\w.\-]{0,99}$")
LONGEST_COLUMN_BYTES: Final = 63
"""PostgreSQL cuts longer names off without a word."""


class LayerNameRefused(InvalidInput):
    """A name that cannot stand in an address. Facts: `name`."""

    code = "reference.name_refused"


class LayerNameTaken(Conflict):
    """A layer, or a collection of the office's own, has this name. Facts: `name`, `reason`, `features`, `source_file`."""

    code = "reference.name_taken"


class LayerNotFound(NotFound):
    """There is no layer for reference of that name. Facts: `name`, `names`."""

    code = "reference.layer_not_found"


class ColumnNameRefused(InvalidInput):
    """A column's name is empty, repeated or too long to be kept as it is. Facts: `columns`, `most_bytes`."""

    code = "reference.column_name_refused"


@dataclass(slots=True)
class _Loading:
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
        if raw.rejects or raw.unreadable.any():
            row = raw.rejects[0].row if raw.rejects else int(raw.rows[raw.unreadable][0])
            raise UnreadableFile(file=self.file, reason="geometry_unreadable", detail=f"row {row}")
        shapes = self.crs.to_storage(raw.geometries)
        empty = shapely.is_missing(shapes) | shapely.is_empty(shapes)
        lost = ~empty & ~np.isfinite(shapely.bounds(shapes)).all(axis=1)
        if lost.any():
            raise UnreadableFile(file=self.file, reason="outside_crs", detail=f"row {int(raw.rows[lost][0])}")
        self._note(shapes[~empty])
        values = {name: _plain(raw.columns[name], kind) for name, kind in self.columns.items()}
        self.rows += len(raw.rows)
        return {self.key: raw.rows, self.shape: shapely.set_srid(shapes, STORAGE_SRID), **values}

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


def add_layer(
    session: Session,
    path: Path,
    name: str,
    *,
    layer: str | None = None,
    crs: str | None = None,
    replace: bool = False,
    recorded_by: str,
) -> ReferenceLayerRow:
    """Load a layer of a file under a name, all rows or none; with `replace`, in place of the one that has the name.

    Raises `LayerNameRefused`, `LayerNameTaken`, `ColumnNameRefused` and the refusals of the exchange.
    """
    former = _free(session, name, replace=replace)
    table = f"layer_{uuid4().hex}"
    with recognised(path) as source:
        raw = open_raw(source, layer, {})
        chosen, _ = source_crs(raw.crs, crs, file=source.name, bounds=raw.bounds)
        loading = _load(session, table, raw, chosen, source.name)
    if former is not None:
        _forget(session, former)
    row = ReferenceLayerRow(
        name=name,
        table_name=table,
        key_column=loading.key,
        geometry_column=loading.shape,
        geometry_type=loading.kinds.pop() if len(loading.kinds) == 1 else "GEOMETRY",
        columns=[{"name": column, "type": kind} for column, kind in loading.columns.items()],
        features=loading.rows,
        bbox=loading.bbox,
        source_file=path.name,
        source_layer=raw.name,
        source_crs=chosen.text,
        sha256=_digest(path),
        recorded_by=recorded_by,
    )
    session.add(row)
    told = {"file": path.name, "layer": raw.name, "features": row.features, "sha256": row.sha256}
    record_act(session, "reference_layer.add", subject=("reference_layer", name), after=told, detail=told)
    return row


def _free(session: Session, name: str, *, replace: bool) -> ReferenceLayerRow | None:
    if not NAME.match(name):
        raise LayerNameRefused(name=name[:200])
    if name in OWN:
        raise LayerNameTaken(name=name, reason="own")
    former = session.get(ReferenceLayerRow, name)
    if former is not None and not replace:
        raise LayerNameTaken(
            name=name, reason="layer", features=former.features, source_file=former.source_file
        )
    return former


def _load(session: Session, table: str, raw: RawLayer, crs: SourceCrs, file: str) -> _Loading:
    """Make the table from the first batch's types, copy every batch into it, and index it after that (D6)."""
    batches = iter(raw.batches())
    first = next(batches, None)
    types = {name: _type_of(first.columns[name].type if first else pa.string()) for name in raw.fields}
    refused = [name for name in raw.fields if not 0 < len(name.encode()) <= LONGEST_COLUMN_BYTES]
    if refused or len(set(raw.fields)) != len(raw.fields):
        raise ColumnNameRefused(columns=refused or raw.fields, most_bytes=LONGEST_COLUMN_BYTES)
    loading = _Loading(crs, types, _unused("fid", types), _unused("geom", types), file)
    columns = {loading.key: "bigint", loading.shape: "geometry", **types}
    made = [{"name": name, "type": kind} for name, kind in columns.items()]
    bound = {"wanted": table, "columns": json.dumps(made, ensure_ascii=False)}
    session.execute(text("SELECT service.make_reference_table(:wanted, CAST(:columns AS jsonb))"), bound)
    connection: Any = session.connection().connection.driver_connection

    def rows() -> Iterator[dict[str, Any]]:
        if first is not None:
            yield loading.batch(first)
        for batch in batches:
            yield loading.batch(batch)

    bulk_load(connection, f"reference.{table}", columns, rows())
    finish = text("SELECT service.finish_reference_table(:wanted, :key, :shape)")
    session.execute(finish, {"wanted": table, "key": loading.key, "shape": loading.shape})
    return loading


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


def _digest(path: Path) -> str:
    with path.open("rb") as stream:
        return hashlib.file_digest(stream, "sha256").hexdigest()


def _forget(session: Session, row: ReferenceLayerRow) -> None:
    session.delete(row)
    session.flush()
    session.execute(text("SELECT service.drop_reference_table(:wanted)"), {"wanted": row.table_name})


def remove_layer(session: Session, name: str) -> None:
    """Take a layer away with its rows; the file it came from is the office's. Raises `LayerNotFound`."""
    row = session.get(ReferenceLayerRow, name)
    if row is None:
        raise LayerNotFound(name=name, names=[each.name for each in list_layers(session)])
    told = {"file": row.source_file, "features": row.features, "sha256": row.sha256}
    _forget(session, row)
    record_act(session, "reference_layer.remove", subject=("reference_layer", name), before=told, detail=told)


def list_layers(session: Session) -> Sequence[ReferenceLayerRow]:
    """Return the layers by name."""
    return session.query(ReferenceLayerRow).order_by(ReferenceLayerRow.name).all()
