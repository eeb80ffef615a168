"""Rows out into a file of any exchange format; refuses to overwrite unasked and to call EPSG:4490 anything else.

GeoJSON is written as longitude and latitude of EPSG:4490 with a `crs` member that says so; programs
that follow RFC 7946 read it as WGS 84, which is the same within centimetres.
"""

import shutil
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from itertools import chain
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, Final

import numpy as np
import pyarrow as pa
import shapely

from geo_service.exchange.csv_writing import write_csv
from geo_service.exchange.gdal_writing import write_gdal
from geo_service.exchange.geoparquet import write_parquet
from geo_service.exchange.keeping import kept_whole
from geo_service.exchange.kml_writing import write_kml
from geo_service.exchange.nested import as_text_where_nested
from geo_service.exchange.refusals import FileExists, FormatUnknown, NotExportable
from geo_service.exchange.shapefile_writing import ShapefileTable, pack_shapefile
from geo_service.exchange.sources import NATIVE_SUFFIXES, SUFFIXES, Format
from geo_service.exchange.workbooks import write_workbook
from layers.geodesy import STORAGE_SRID, read_crs, transformer

Batch = Mapping[str, Any]

FORMATS: Final[dict[str, Format]] = {str(name): name for name in NATIVE_SUFFIXES}
_WITHOUT_PLACE: Final = {"csv", "geojsonseq"}  # for a word about the whole: it stands in a column


@dataclass(frozen=True, slots=True)
class Export:
    """What is written: layer name, geometry type, and a disclaimer that travels with the data.

    `disclaimer` stands in the metadata of GeoPackage, GeoJSON, FlatGeobuf, GeoParquet and KML, on a second sheet of a
    workbook, in `README.txt` of a
    Shapefile's ZIP, and, where a format has no place for it, in a last column `disclaimer`.
    """

    layer: str = "features"
    geometry: str = "geometry"
    geometry_type: str = "Unknown"
    disclaimer: str = ""


@dataclass(slots=True)
class Written:
    """What became of the rows: how many, and what a Shapefile could not say in full."""

    path: Path
    rows: int = 0
    renamed: dict[str, str] = field(default_factory=dict)
    shortened: int = 0


def write_features(
    path: Path,
    batches: Iterable[Batch],
    *,
    export: Export | None = None,
    form: str | None = None,
    overwrite: bool = False,
) -> Written:
    """Write batches of columns to `path`; the format is `form` (a name or an ending) or what the path's ending says.

    A batch maps column names to sequences; the column `export.geometry` holds WKB bytes or Shapely geometries in
    EPSG:4490. The file appears whole or not at all. Raises `FormatUnknown`, `FileExists`, `NotExportable`.
    """
    what = export or Export()
    kind = _format(path, form)
    if path.exists() and not overwrite:
        raise FileExists(file=path.name)
    written = Written(path)
    with TemporaryDirectory(prefix="exchange-") as folder:
        made = _made(kind, Path(folder), _tables(batches, what, kind, written), what, written)
        _put(made, path)
    return written


def _format(path: Path, form: str | None) -> Format:
    """Return the format that is asked for by its name or an ending, else the one of the path's ending."""
    asked = (form or path.suffix).lower()
    found = FORMATS.get(asked) or SUFFIXES.get(f".{asked.removeprefix('.')}")
    if found is None or found == "osm" or asked == ".shp":
        raise FormatUnknown(
            file=path.name, formats=sorted(set(FORMATS) | set(SUFFIXES) - {".pbf", ".osm", ".shp"})
        )
    return found


def _put(made: Path, path: Path) -> None:
    """Let the finished file appear under its name at once, from within its own folder."""
    with TemporaryDirectory(prefix=".export-", dir=path.parent) as folder:
        near = Path(folder) / made.name
        shutil.copyfile(made, near)
        near.replace(path)


def frame_batches(frame: Any, *, geometry: str = "geometry", size: int = 65_536) -> Iterator[Batch]:
    """Yield a GeoDataFrame as batches in EPSG:4490; its CRS must be known and of an approved datum."""
    if frame.crs is None:
        raise NotExportable(format="GeoDataFrame", reason="no_crs")
    way = transformer(read_crs(frame.crs.to_wkt()), STORAGE_SRID)
    names = [name for name in frame.columns if name != frame.geometry.name]
    for first in range(0, max(len(frame), 1), size):
        part = frame.iloc[first : first + size]
        shapes: Any = shapely.transform(
            part.geometry.to_numpy(), lambda c: np.column_stack(way.transform(c[:, 0], c[:, 1]))
        )
        columns = {str(name): pa.array(part[name], from_pandas=True) for name in names}
        yield columns | {geometry: shapes}


def _tables(batches: Iterable[Batch], what: Export, kind: Format, written: Written) -> Iterator[Any]:
    """Yield Arrow record batches, geometry last as WKB."""
    added = what.disclaimer if kind in _WITHOUT_PLACE else ""
    for batch in batches:
        wkb = _wkb(batch[what.geometry])
        columns = {name: _array(values) for name, values in batch.items() if name != what.geometry}
        if added:
            columns["disclaimer"] = pa.array([added] * len(wkb))
        written.rows += len(wkb)
        yield pa.RecordBatch.from_pydict({**columns, what.geometry: wkb})


def _array(values: Any) -> Any:
    return values if isinstance(values, pa.Array | pa.ChunkedArray) else pa.array(values, from_pandas=True)


def _wkb(values: Any) -> Any:
    if isinstance(values, pa.Array):
        return values
    array = np.asarray(values, dtype=np.object_)
    first = next((value for value in array if value is not None), None)
    if isinstance(first, bytes | bytearray | memoryview) or first is None:
        return pa.array(array, pa.binary())
    return pa.array(shapely.to_wkb(array), pa.binary())


def _made(kind: Format, folder: Path, tables: Iterator[Any], what: Export, written: Written) -> Path:
    first = next(tables, None)
    if first is None:
        raise NotExportable(format=kind, reason="no_rows")
    settled = _settled(first.schema)
    schema = settled
    rows: Iterator[Any] = (batch.cast(settled) for batch in chain([first], tables))
    if kind != "parquet":
        schema, rows = as_text_where_nested(schema, rows)
        rows = kept_whole(kind, rows, geometry=what.geometry)
    target = folder / f"export{NATIVE_SUFFIXES[kind]}"
    if kind == "shapefile":
        table = ShapefileTable(schema, what.geometry)
        stem = folder / f"{table.stem(what.layer)}.shp"
        _by_gdal(stem, kind, table.schema, table.shaped(rows), what)
        written.renamed, written.shortened = table.renamed, table.shortened
        return pack_shapefile(folder, table, what.disclaimer)
    if kind == "csv":
        write_csv(target, schema, rows, geometry=what.geometry)
    elif kind == "kml":
        write_kml(target, schema, rows, geometry=what.geometry, layer=what.layer, disclaimer=what.disclaimer)
    elif kind == "parquet":
        write_parquet(target, schema, rows, geometry=what.geometry, disclaimer=what.disclaimer)
    elif kind == "xlsx":
        write_workbook(
            target, schema, rows, geometry=what.geometry, layer=what.layer, disclaimer=what.disclaimer
        )
    else:
        _by_gdal(target, kind, schema, rows, what)
    return target


def _by_gdal(target: Path, kind: Format, schema: Any, rows: Iterator[Any], what: Export) -> None:
    write_gdal(
        target,
        kind,
        schema,
        rows,
        geometry=what.geometry,
        layer=what.layer,
        geometry_type=what.geometry_type,
        disclaimer=what.disclaimer,
    )


def _settled(schema: Any) -> Any:
    """Columns that are empty throughout the first batch are text; otherwise nothing could follow in them."""
    return pa.schema([pa.field(f.name, pa.string() if pa.types.is_null(f.type) else f.type) for f in schema])
