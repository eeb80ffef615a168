"""GeoPackage, Shapefile, GeoJSON and FlatGeobuf as raw rows, by Arrow batches; refuses any other GDAL driver."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import numpy as np
import pyarrow as pa
import pyogrio
from pyogrio.errors import (
    CRSError,
    DataLayerError,
    DataSourceError,
    FeatureError,
    FieldError,
    GeometryError,
)
from pyogrio.raw import open_arrow

from geo_service.exchange.encodings import table_encoding
from geo_service.exchange.json_guard import looked_through
from geo_service.exchange.raw import RawBatch, RawLayer
from geo_service.exchange.refusals import LayerUnknown, UnreadableFile
from geo_service.exchange.sources import DRIVERS, Source

# GDAL 3.12 counts the bytes of places wrongly where a FlatGeobuf has a row without one, unless it takes the long way.
pyogrio.set_gdal_config_options({"OGR_FLATGEOBUF_STREAM_BASE_IMPL": "YES"})

_UNREADABLE: Final = (
    CRSError,
    DataLayerError,
    DataSourceError,
    FeatureError,
    FieldError,
    GeometryError,
    pa.ArrowException,
    OSError,
    UnicodeDecodeError,
)
# A sequence of one record is a GeoJSON document too, and GDAL takes it for that.
_ONE_RECORD: Final = {"geojsonseq": "GeoJSON"}
COUNTED: Final = {"flatgeobuf", "shapefile"}
"""These write their count into the file, so a file that ends early is noticed."""


def open_gdal_layer(source: Source, layer: str | None, *, batch_size: int) -> RawLayer:
    """Open one layer; raises `UnreadableFile`, `LayerUnknown`."""
    counted = looked_through(source)
    path, name = _choose(source, layer)
    encoding = encoding_of(source, path)
    with _said_plainly(source.name):
        info = layer_info(source, path, name, encoding)
    bounds = info["total_bounds"]
    count = int(info["features"])
    promised = count if source.format in COUNTED else counted
    opened = _Opened(source.name, path, name, encoding, batch_size, promised)
    return RawLayer(
        name=name or info["layer_name"],
        fields=[str(field) for field in info["fields"]],
        crs=info["crs"],
        bounds=None if bounds is None else (bounds[0], bounds[1], bounds[2], bounds[3]),
        feature_count=count if count >= 0 else None,
        batches=opened.batches,
    )


def encoding_of(source: Source, path: Path) -> str | None:
    """Return what the words of a Shapefile are written in; None of all else."""
    return table_encoding(path.with_suffix(".dbf"), source.name) if source.format == "shapefile" else None


def layer_info(source: Source, path: Path, layer: str | None, encoding: str | None) -> dict[str, Any]:
    """Return what GDAL says of a layer; raises `UnreadableFile` where it is of another format than its name."""
    info: dict[str, Any] = pyogrio.read_info(path, layer=layer, encoding=encoding)
    if info["driver"] not in {DRIVERS[source.format], _ONE_RECORD.get(source.format)}:
        raise UnreadableFile(file=source.name, reason="content_contradicts_name", detail=info["driver"])
    return info


def spatial_layers(source: Source) -> dict[str, str | None]:
    """Return the layers that have places: name → kind of geometry as the file says it, None where it does not."""
    looked_through(source)
    return _listed(source)


def _listed(source: Source) -> dict[str, str | None]:
    if source.format == "shapefile":
        return dict.fromkeys(source.parts)
    path = next(iter(source.parts.values()))
    with _said_plainly(source.name):
        layers = pyogrio.list_layers(path)
    return {str(name): str(kind) for name, kind in layers if kind is not None}


def _choose(source: Source, layer: str | None) -> tuple[Path, str | None]:
    """Return the file to open and the layer to ask it for; a Shapefile is a layer by itself."""
    spatial = list(_listed(source))
    if source.format == "shapefile":
        return source.parts[_one_of(spatial, layer, source.name)], None
    path = next(iter(source.parts.values()))
    if len(spatial) == 1 and source.format != "gpkg":
        return path, spatial[0]  # these formats hold one layer, whatever it is called
    return path, _one_of(spatial, layer, source.name)


def _one_of(names: list[str], asked: str | None, file: str) -> str:
    if not names:
        raise UnreadableFile(file=file, reason="no_layer")
    if asked is None and len(names) == 1:
        return names[0]
    if asked is None or asked not in names:
        raise LayerUnknown(file=file, layers=names, asked=asked)
    return asked


@dataclass(frozen=True, slots=True)
class _Opened:
    """A layer that can be read through, more than once; `count` rows are promised, -1 for unknown."""

    file: str
    path: Path
    layer: str | None
    encoding: str | None
    batch_size: int
    count: int

    def batches(self) -> Iterator[RawBatch]:
        read = 0
        with (
            _said_plainly(self.file),
            open_arrow(
                self.path,
                layer=self.layer,
                encoding=self.encoding,
                batch_size=self.batch_size,
                use_pyarrow=True,
            ) as (_, reader),
        ):
            geometry = geometry_column(reader.schema)
            if geometry is None:
                raise UnreadableFile(file=self.file, reason="no_geometry")
            while (batch := _next(reader)) is not None:
                batch.validate(full=True)  # text that is no UTF-8 would break out later, far from its cause
                yield _raw_batch(batch, geometry, read + 1)
                read += batch.num_rows
        if read < self.count:
            raise UnreadableFile(file=self.file, reason="ends_early", detail=f"{read} of {self.count}")


def _next(reader: Any) -> Any:
    try:
        return reader.read_next_batch()
    except StopIteration:
        return None


def geometry_column(schema: Any) -> str | None:
    """Return the column that GDAL marks as the geometry; None where a layer has none."""
    for field in schema:
        if (field.metadata or {}).get(b"ARROW:extension:name") in {b"geoarrow.wkb", b"ogc.wkb"}:
            return str(field.name)
    return None


def _raw_batch(batch: Any, geometry: str, first_row: int) -> RawBatch:
    columns = {name: batch.column(name) for name in batch.schema.names if name != geometry}
    rows = np.arange(first_row, first_row + batch.num_rows, dtype=np.int64)
    return RawBatch(rows, columns, batch.column(geometry))


@contextmanager
def _said_plainly(file: str) -> Iterator[None]:
    """Turn what GDAL and Arrow raise on a damaged file into one refusal."""
    try:
        yield
    except _UNREADABLE as error:
        # Paths of our own folder in GDAL's words would only confuse.
        raise UnreadableFile(file=file, reason="damaged", detail=str(error).split("/")[-1][:300]) from error
