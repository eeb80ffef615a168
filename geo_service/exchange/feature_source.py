"""Features of a vector or CSV file as plain arrays; refuses what it cannot read, by a stable code.

The formats of the exchange, OpenStreetMap extracts and CSV with coordinates, some rows at a time or all at once for the
engines; what a file really is, is found out before GDAL sees it, as for every import.
"""

import codecs
import gzip
from collections.abc import Generator, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import numpy as np
import pyarrow as pa
import pyogrio
import shapely
from numpy.typing import NDArray
from pyarrow import csv
from pyogrio.raw import open_arrow
from pyproj import CRS

from geo_service.exchange.archives import refuse_swelling
from geo_service.exchange.crs import map_offset
from geo_service.exchange.flat import flat
from geo_service.exchange.gdal_reading import COUNTED, encoding_of, geometry_column, layer_info
from geo_service.exchange.json_guard import looked_through
from geo_service.exchange.raw import RawLayer
from geo_service.exchange.reading import open_raw
from geo_service.exchange.refusals import FormatUnknown, UnreadableFile
from geo_service.exchange.sources import Source, local_file, recognised
from geo_service.exchange.wkb_guard import readable
from layers.errors import InvalidInput, LayerError
from layers.geodesy import read_crs

LONGITUDE: Final = ("lon", "lng", "long", "longitude", "经度")
LATITUDE: Final = ("lat", "latitude", "纬度")
EASTING: Final = ("x", "x_m", "easting")
NORTHING: Final = ("y", "y_m", "northing")
WELL_KNOWN_TEXT: Final = ("wkt", "geometry", "geom", "the_geom")
CSV_SUFFIXES: Final = (".csv", ".txt", ".gz")
AT_ONCE: Final = 10_000
"""Features in memory at a time, whatever the file holds."""


class FileUnreadable(LayerError):
    """The file cannot be read as features. Facts: `file`, `reason`."""

    code = "exchange.file_unreadable"


class CoordinatesMissing(InvalidInput):
    """A CSV has no columns that hold a place. Facts: `file`, `columns`."""

    code = "exchange.coordinates_missing"


@dataclass(frozen=True, eq=False)
class Features:
    """Geometries [f], the columns beside them, and the CRS the file states (None: it states none)."""

    geometry: NDArray[np.object_]
    columns: Mapping[str, NDArray[Any]]
    crs: CRS | None


def stream_features(
    path: Path,
    *,
    kinds: Sequence[str],
    layer: str | None = None,
    columns: Sequence[str] | None = None,
    where: str | None = None,
) -> Iterator[Features]:
    """Yield the features of a file some at a time: of `layer`, or of its first layer of one of the `kinds` of geometry.

    `kinds` are words such as "Point"; a layer of mixed geometry is of any kind. `columns` and `where`
    are for GDAL's files. A file without features yields none of them once, so that its columns are known.

    A CSV gives its place by lon and lat, x and y, or WKT; lon and lat are WGS 84 degrees, the others
    state no CRS. Raises `FileUnreadable`, `CoordinatesMissing`.
    """
    try:
        yield from _stream(path, kinds, layer, columns=columns, where=where)
    except (FormatUnknown, UnreadableFile) as refused:
        raise FileUnreadable(file=path.name, reason=refused.facts.get("reason", refused.code)) from refused


def read_features(
    path: Path,
    *,
    kinds: Sequence[str],
    layer: str | None = None,
    columns: Sequence[str] | None = None,
    where: str | None = None,
) -> Features:
    """Return all features of a file at once; otherwise as `stream_features`."""
    batches = list(stream_features(path, kinds=kinds, layer=layer, columns=columns, where=where))
    shapes = np.concatenate([batch.geometry for batch in batches])
    return Features(shapes, _Joined([batch.columns for batch in batches]), batches[0].crs)


def taken_off_the_map(features: Features, stated: str | None, *, file: str) -> Features:
    """Return features that were said to be in GCJ-02 or BD-09 at their place in WGS 84, all others as they are.

    What is said wins over the CRS a file carries: no file can name such an offset, so most are mislabelled.
    Raises `InvalidInput` for coordinates that are no degrees.
    """
    offset = map_offset(stated)
    if offset is None or len(features.geometry) == 0:
        return features
    name, move = offset
    west, south, east, north = (float(bound) for bound in shapely.total_bounds(features.geometry))
    if west < -180 or east > 180 or south < -90 or north > 90:
        raise InvalidInput(field="crs", expected="EPSG:n", given=name, file=file)

    def moved(xy: NDArray[np.float64]) -> NDArray[np.float64]:
        return np.column_stack(move(xy[:, 0], xy[:, 1]))

    there: Any = shapely.transform(features.geometry, moved)
    return Features(np.asarray(there, dtype=object), features.columns, read_crs(4326))


def _stream(path: Path, kinds: Sequence[str], layer: str | None, **chosen: Any) -> Iterator[Features]:
    if path.name.lower().endswith(CSV_SUFFIXES):
        yield from _stream_csv(local_file(path), path.name)
        return
    with recognised(path) as source:
        if source.format == "xlsx":
            yield from _stream_csv(source.parts[path.stem], path.name)
        elif source.format in {"kml", "parquet"}:
            yield from _of_batches(open_raw(source, layer, {}, batch_size=AT_ONCE))
        else:
            yield from _stream_vector(source, kinds, layer, **chosen)


def _of_batches(raw: RawLayer) -> Iterator[Features]:
    crs = read_crs(raw.crs) if raw.crs else None
    empty = True
    for batch in raw.batches():
        empty = False
        yield Features(flat(batch.geometries), _Columns(batch.columns), crs)
    if empty:
        columns = {name: pa.array([], pa.string()) for name in raw.fields}
        yield Features(np.empty(0, dtype=object), _Columns(columns), crs)


def _stream_vector(
    source: Source, kinds: Sequence[str], layer: str | None, **chosen: Any
) -> Iterator[Features]:
    path = next(iter(source.parts.values()))
    promised = looked_through(source)
    encoding = encoding_of(source, path)
    if source.format == "shapefile" and layer is not None and layer in source.parts:
        path, layer = source.parts[layer], None
    try:
        asked = layer or _layer_of(path, kinds)
        info = layer_info(source, path, asked, encoding)
        if source.format in COUNTED:
            promised = int(info["features"])
        with open_arrow(
            path, layer=asked, encoding=encoding, batch_size=AT_ONCE, use_pyarrow=True, **chosen
        ) as (meta, reader):
            read = yield from _of_reader(reader, read_crs(meta["crs"]) if meta["crs"] else None, source.name)
        if read < promised and not chosen.get("where"):
            raise FileUnreadable(file=source.name, reason=f"{read} of {promised} records can be read")
    except (ValueError, IndexError, RuntimeError, OSError, pa.ArrowException) as error:
        # IndexError: a file without any layer
        raise FileUnreadable(file=source.name, reason=str(error).split("/")[-1][:200]) from error


def _of_reader(reader: Any, crs: CRS | None, file: str) -> Generator[Features, None, int]:
    """Yield a file's features some at a time, and return how many there were."""
    geometry = geometry_column(reader.schema)
    if geometry is None:
        raise FileUnreadable(file=file, reason="no geometry")
    empty = pa.RecordBatch.from_pylist([], schema=reader.schema)
    read = 0
    for batch in reader:
        batch.validate(full=True)  # text that is no UTF-8 would break out later, far from its cause
        read += batch.num_rows
        yield _of_arrow(batch, geometry, crs)
    if not read:
        yield _of_arrow(empty, geometry, crs)
    return read


def _of_arrow(batch: Any, geometry: str, crs: CRS | None) -> Features:
    columns = {name: batch.column(name) for name in batch.schema.names if name != geometry}
    shapes = shapely.from_wkb(readable(batch.column(geometry)))
    return Features(flat(np.asarray(shapes, dtype=object)), _Columns(columns), crs)


class _Columns(Mapping[str, NDArray[Any]]):
    """Columns of some rows, turned into Python's values only when one is asked for: millions of rows stay small."""

    def __init__(self, columns: Mapping[str, Any]) -> None:
        self._columns = columns

    def __getitem__(self, name: str) -> NDArray[Any]:
        column = self._columns[name]
        if pa.types.is_nested(column.type):
            values = np.empty(len(column), dtype=object)
            values[:] = column.to_pylist()
            return values
        plain: NDArray[Any] = column.to_numpy(zero_copy_only=False)
        return plain

    def __iter__(self) -> Iterator[str]:
        return iter(self._columns)

    def __len__(self) -> int:
        return len(self._columns)


class _Joined(Mapping[str, NDArray[Any]]):
    """The columns of several batches as one, each joined when it is asked for."""

    def __init__(self, parts: Sequence[Mapping[str, NDArray[Any]]]) -> None:
        self._parts = parts

    def __getitem__(self, name: str) -> NDArray[Any]:
        return np.concatenate([part[name] for part in self._parts])

    def __iter__(self) -> Iterator[str]:
        return iter(self._parts[0])

    def __len__(self) -> int:
        return len(self._parts[0])


def _layer_of(path: Path, kinds: Sequence[str]) -> str | None:
    """Name the first layer whose geometry may be of the kinds, else the first of all."""
    layers = pyogrio.list_layers(path)
    fitting = [
        name
        for name, kind in layers
        if kind is not None and (kind == "Unknown" or any(word in kind for word in kinds))
    ]
    return str(fitting[0]) if fitting else (str(layers[0][0]) if len(layers) else None)


def _stream_csv(path: Path, file: str) -> Iterator[Features]:
    if path.suffix.lower() == ".gz":
        refuse_swelling(path, file)
    for columns in _csv_columns(path, file):
        yield _placed(columns, file)


def _placed(table: Mapping[str, NDArray[Any]], file: str) -> Features:
    crs: CRS | None = None
    place = {name.strip().lower(): name for name in table}
    east, north = _first(place, LONGITUDE), _first(place, LATITUDE)
    if east and north:
        crs = read_crs(4326)
    else:
        east, north = _first(place, EASTING), _first(place, NORTHING)
    text = _first(place, WELL_KNOWN_TEXT)
    if east and north:
        xy = np.column_stack((as_numbers(table[east]), as_numbers(table[north])))
        geometry = np.full(len(xy), None, dtype=object)
        known = np.isfinite(xy).all(axis=1)
        geometry[known] = shapely.points(xy[known])
    elif text:
        geometry = np.asarray(shapely.from_wkt(table[text], on_invalid="ignore"), dtype=object)
    else:
        raise CoordinatesMissing(file=file, columns=list(table)[:20])
    return Features(geometry, table, crs)


def _csv_columns(path: Path, file: str) -> Iterator[_Columns]:
    """Yield the columns as text; GB 18030 where the file is no UTF-8, as spreadsheets in Chinese offices write it."""
    try:
        encoding = _csv_encoding(path)
        names = _csv_header(path, encoding)
        with csv.open_csv(
            path,
            read_options=csv.ReadOptions(encoding=encoding),
            parse_options=csv.ParseOptions(newlines_in_values=True),
            convert_options=csv.ConvertOptions(
                column_types=dict.fromkeys(names, pa.string()), strings_can_be_null=False
            ),
        ) as reader:
            names = list(reader.schema.names)
            told = False
            for batch in reader:
                told = True
                yield _Columns({name: batch.column(names.index(name)) for name in names})
            if not told:
                yield _Columns({name: pa.array([], pa.string()) for name in names})
    except (UnicodeDecodeError, EOFError, pa.ArrowException, OSError, ValueError) as error:
        raise FileUnreadable(file=file, reason=str(error)[:200]) from error


def _csv_encoding(path: Path) -> str:
    """Return the encoding that all of a file can be read by."""
    for encoding in ("utf-8", "gb18030"):
        decoder = codecs.getincrementaldecoder(encoding)()
        try:
            with gzip.open(path) if path.suffix.lower() == ".gz" else path.open("rb") as stream:
                while chunk := stream.read(1 << 20):
                    decoder.decode(chunk)
                decoder.decode(b"", final=True)
        except UnicodeDecodeError:
            continue
        return encoding
    raise ValueError("neither UTF-8 nor GB 18030")


def _csv_header(path: Path, encoding: str) -> list[str]:
    """Names of the columns; every column is then read as text, so that "007" stays an id."""
    with csv.open_csv(path, read_options=csv.ReadOptions(encoding=encoding, block_size=1 << 16)) as reader:
        return list(reader.schema.names)


def as_numbers(values: NDArray[Any]) -> NDArray[np.float64]:
    """Return the values as floats, `nan` where a value is no number."""
    try:
        return values.astype(np.float64)
    except (TypeError, ValueError):
        return np.array([_number(value) for value in values], np.float64)


def _number(value: object) -> float:
    try:
        return float(str(value))
    except ValueError:
        return float("nan")


def _first(place: Mapping[str, str], names: Sequence[str]) -> str | None:
    return next((place[name] for name in names if name in place), None)
