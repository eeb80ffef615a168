"""A layer for reference as a file of any exchange format; its rows as they are kept, in EPSG:4490."""

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any, Final

import pyarrow as pa
from sqlalchemy.orm import Session

from geo_service.exchange.writing import Export, Written, write_features
from geo_service.ogc.collections import REFERENCE_SCHEMA, quoted
from geo_service.tables import ReferenceLayerRow

ROWS_AT_ONCE: Final = 20_000
ARROW: Final[Mapping[str, Any]] = {
    "text": pa.string(),
    "bigint": pa.int64(),
    "double precision": pa.float64(),
    "boolean": pa.bool_(),
    "date": pa.date32(),
    "timestamp with time zone": pa.timestamp("us", tz="UTC"),
    "jsonb": pa.string(),
}

WRITTEN: Final = {
    each.upper(): each
    for each in (
        "Point",
        "LineString",
        "Polygon",
        "MultiPoint",
        "MultiLineString",
        "MultiPolygon",
        "GeometryCollection",
    )
}
"""Kinds of geometry as they are kept, and as writers of files call them; a layer of several has none."""


def write_layer_file(session: Session, row: ReferenceLayerRow, path: Path, *, form: str) -> Written:
    """Write a layer's rows in their order. Raises what `write_features` does, `NotExportable` for a layer without rows."""
    geometry = "geometry"
    while geometry in {each["name"] for each in row.columns}:
        geometry = f"{geometry}_"
    kind = WRITTEN.get(row.geometry_type, "Unknown")
    export = Export(layer=row.title, geometry=geometry, geometry_type=kind)
    return write_features(path, _batches(session, row, geometry), export=export, form=form)


def _batches(session: Session, row: ReferenceLayerRow, geometry: str) -> Iterator[Mapping[str, Any]]:
    told = [f"{quoted(each['name'])}{'::text' if each['type'] == 'jsonb' else ''}" for each in row.columns]
    fields = ", ".join([*told, f"ST_AsBinary({quoted(row.geometry_column)})"])
    source = f"{quoted(REFERENCE_SCHEMA)}.{quoted(row.table_name)}"
    statement = f"SELECT {fields} FROM {source} ORDER BY {quoted(row.key_column)}"  # noqa: S608 -- names on record, quoted
    streamed = {"stream_results": True, "max_row_buffer": ROWS_AT_ONCE}
    rows = session.connection().exec_driver_sql(statement, execution_options=streamed)
    for part in rows.partitions(ROWS_AT_ONCE):
        *columns, shapes = zip(*part, strict=True)
        batch = {
            each["name"]: pa.array(values, ARROW[each["type"]])
            for each, values in zip(row.columns, columns, strict=True)
        }
        wkb = pa.array([None if shape is None else bytes(shape) for shape in shapes], pa.binary())
        yield {**batch, geometry: wkb}
