"""GeoParquet 1.1 in and out by pyarrow, a row group at a time; refuses files whose `geo` metadata do not hold."""

import json
from collections.abc import Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import shapely
from pyproj import CRS
from pyproj.exceptions import CRSError

from geo_service.exchange.raw import MOST_COLUMNS, RawBatch, RawLayer
from geo_service.exchange.refusals import UnreadableFile
from geo_service.exchange.sources import Source
from layers.geodesy import STORAGE_SRID

_BROKEN: Final = (
    pa.ArrowException,
    OSError,
    ValueError,
    KeyError,
    TypeError,
    OverflowError,
    UnicodeDecodeError,
)
_WHERE_NONE_IS_SAID: Final = "OGC:CRS84"


def open_parquet_layer(source: Source, *, batch_size: int) -> RawLayer:
    """Open a file by its `geo` metadata; one without a CRS is CRS84, one whose CRS is null says none."""
    (path,) = source.parts.values()
    try:
        with pq.ParquetFile(path, page_checksum_verification=True) as file:
            schema, rows = file.schema_arrow, file.metadata.num_rows
            about = file.metadata.metadata or {}
    except _BROKEN as error:
        raise UnreadableFile(file=source.name, reason="damaged", detail=str(error)[:200]) from error
    if len(schema) > MOST_COLUMNS:
        raise UnreadableFile(file=source.name, reason="too_many_columns", detail=MOST_COLUMNS)
    geometry, crs = _geometry_of(schema, about, source.name)
    fields = [name for name in schema.names if name != geometry]
    opened = _Parquet(path, source.name, geometry, batch_size)
    return RawLayer(path.stem, fields, crs, None, rows, opened.batches)


def _geometry_of(schema: Any, metadata: Mapping[bytes, bytes], file: str) -> tuple[str, str | None]:
    try:
        geo = json.loads(metadata[b"geo"])
        name = geo["primary_column"]
        about = geo["columns"][name]
        encoding = about["encoding"]
        crs = about.get("crs", _WHERE_NONE_IS_SAID)
        kind = schema.field(name).type
    except (KeyError, ValueError, TypeError, RecursionError) as error:
        raise UnreadableFile(file=file, reason="no_geometry", detail=str(error)[:200]) from error
    if encoding != "WKB" or not (pa.types.is_binary(kind) or pa.types.is_large_binary(kind)):
        raise UnreadableFile(file=file, reason="no_geometry", detail=str(encoding)[:100])
    if crs is None or crs == _WHERE_NONE_IS_SAID:
        return str(name), crs
    try:
        return str(name), CRS.from_json_dict(crs).to_wkt()
    except (CRSError, AttributeError, TypeError) as error:
        raise UnreadableFile(file=file, reason="damaged", detail=str(error)[:200]) from error


@dataclass(frozen=True, slots=True)
class _Parquet:
    """A file that can be read through, more than once."""

    path: Path
    file: str
    geometry: str
    batch_size: int

    def batches(self) -> Iterator[RawBatch]:
        """Give the rows a batch at a time; the next is unpacked while one is worked on."""
        read = 0
        try:
            with (
                pq.ParquetFile(self.path, page_checksum_verification=True) as file,
                ThreadPoolExecutor(1, thread_name_prefix="parquet") as ahead,
            ):
                groups = file.iter_batches(batch_size=self.batch_size)
                coming = ahead.submit(_next, groups)
                while (batch := coming.result()) is not None:
                    coming = ahead.submit(_next, groups)
                    columns = {
                        name: _decoded(batch.column(name))
                        for name in batch.schema.names
                        if name != self.geometry
                    }
                    rows = np.arange(read + 1, read + 1 + batch.num_rows, dtype=np.int64)
                    yield RawBatch(rows, columns, batch.column(self.geometry).cast(pa.binary()))
                    read += batch.num_rows
        except _BROKEN as error:
            raise UnreadableFile(file=self.file, reason="damaged", detail=str(error)[:200]) from error


def _next(groups: Iterator[Any]) -> Any:
    """Return the next rows, looked through for text that is no UTF-8; None behind the last."""
    batch = next(groups, None)
    if batch is not None:
        batch.validate(full=True)
    return batch


def _decoded(column: Any) -> Any:
    return column.dictionary_decode() if pa.types.is_dictionary(column.type) else column


def write_parquet(
    target: Path, schema: Any, batches: Iterator[Any], *, geometry: str, disclaimer: str
) -> None:
    """Write batches with the CRS as PROJJSON, the geometry types and the extent that they turned out to have."""
    kinds: set[str] = set()
    extent = np.array([np.inf, np.inf, -np.inf, -np.inf])
    if disclaimer:
        schema = schema.with_metadata({"disclaimer": disclaimer})
    with pq.ParquetWriter(
        target, schema, compression="zstd", write_page_checksum=True, store_schema=False
    ) as writer:
        for batch in batches:
            shapes = shapely.from_wkb(batch.column(geometry).to_numpy(zero_copy_only=False))
            kinds |= _kinds(shapes)
            bounds = shapely.total_bounds(shapes)
            if not np.isnan(bounds).all():
                extent = np.concatenate(
                    [np.minimum(extent[:2], bounds[:2]), np.maximum(extent[2:], bounds[2:])]
                )
            writer.write_batch(batch.cast(schema))
        column: dict[str, Any] = {
            "encoding": "WKB",
            "geometry_types": sorted(kinds),
            "crs": CRS.from_epsg(STORAGE_SRID).to_json_dict(),
        }
        if np.isfinite(extent).all():
            column["bbox"] = extent.tolist()
        geo = {"version": "1.1.0", "primary_column": geometry, "columns": {geometry: column}}
        writer.add_key_value_metadata({"geo": json.dumps(geo)})


def _kinds(shapes: Any) -> set[str]:
    present = shapes[~shapely.is_missing(shapes)]
    found = zip(shapely.get_type_id(present).tolist(), shapely.has_z(present).tolist(), strict=True)
    return {f"{_NAMES[kind]}{' Z' if deep else ''}" for kind, deep in set(found)}


_NAMES: Final = (
    "Point", "LineString", "LineString", "Polygon", "MultiPoint", "MultiLineString", "MultiPolygon", "GeometryCollection",
)  # fmt: skip
