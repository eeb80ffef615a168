"""Features of a vector or CSV file as plain arrays; refuses what it cannot read, by a stable code.

The formats of the exchange, whole files at once for the engines, OpenStreetMap extracts and CSV with coordinates; what
a file really is, is found out before GDAL sees it, as for every import.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import numpy as np
import pyarrow as pa
import pyogrio
import shapely
from numpy.typing import NDArray
from pyarrow import csv
from pyproj import CRS

from geo_service.exchange.archives import refuse_swelling
from geo_service.exchange.crs import map_offset
from geo_service.exchange.encodings import table_encoding
from geo_service.exchange.raw import RawLayer
from geo_service.exchange.reading import open_raw
from geo_service.exchange.refusals import FormatUnknown, UnreadableFile
from geo_service.exchange.sources import DRIVERS, Source, local_file, recognised
from layers.errors import InvalidInput, LayerError
from layers.geodesy import read_crs

LONGITUDE: Final = ("lon", "lng", "long", "longitude", "经度")
LATITUDE: Final = ("lat", "latitude", "纬度")
EASTING: Final = ("x", "x_m", "easting")
NORTHING: Final = ("y", "y_m", "northing")
WELL_KNOWN_TEXT: Final = ("wkt", "geometry", "geom", "the_geom")
CSV_SUFFIXES: Final = (".csv", ".txt", ".gz")


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


def read_features(
    path: Path,
    *,
    kinds: Sequence[str],
    layer: str | None = None,
    columns: Sequence[str] | None = None,
    where: str | None = None,
) -> Features:
    """Read the features of a file: of `layer`, or of its first layer of one of the `kinds` of geometry.

    `kinds` are words such as "Point"; a layer of mixed geometry is of any kind. `columns` and `where`
    are for GDAL's files.

    A CSV gives its place by lon and lat, x and y, or WKT; lon and lat are WGS 84 degrees, the others
    state no CRS. Raises `FileUnreadable`, `CoordinatesMissing`.
    """
    try:
        return _read(path, kinds, layer, columns=columns, where=where)
    except (FormatUnknown, UnreadableFile) as refused:
        raise FileUnreadable(file=path.name, reason=refused.facts.get("reason", refused.code)) from refused


def taken_off_the_map(features: Features, stated: str | None, *, file: str) -> Features:
    """Return features that were said to be in GCJ-02 or BD-09 at their place in WGS 84, all others as they are.

    What is said wins over the CRS a file carries: no file can name such an offset, so most are mislabelled.
    Raises `InvalidInput` for coordinates that are no degrees.
    """
    offset = map_offset(stated)
    if offset is None:
        return features
    name, move = offset
    west, south, east, north = (float(bound) for bound in shapely.total_bounds(features.geometry))
    if west < -180 or east > 180 or south < -90 or north > 90:
        raise InvalidInput(field="crs", expected="EPSG:n", given=name, file=file)

    def moved(xy: NDArray[np.float64]) -> NDArray[np.float64]:
        return np.column_stack(move(xy[:, 0], xy[:, 1]))

    there: Any = shapely.transform(features.geometry, moved)
    return Features(np.asarray(there, dtype=object), features.columns, read_crs(4326))


def _read(path: Path, kinds: Sequence[str], layer: str | None, **chosen: Any) -> Features:
    if path.name.lower().endswith(CSV_SUFFIXES):
        return _read_csv(local_file(path), path.name)
    with recognised(path) as source:
        if source.format == "xlsx":
            return _read_csv(source.parts[path.stem], path.name)
        if source.format in {"kml", "parquet"}:
            return _of_batches(open_raw(source, layer, {}))
        return _read_vector(source, kinds, layer, **chosen)


def _of_batches(raw: RawLayer) -> Features:
    batches = list(raw.batches())
    columns = {
        name: np.concatenate([batch.columns[name].to_numpy(zero_copy_only=False) for batch in batches])
        for name in raw.fields
        if batches
    }
    shapes = np.concatenate([np.empty(0, dtype=object), *(batch.geometries for batch in batches)])
    flat: Any = shapely.force_2d(shapes)
    return Features(np.asarray(flat, dtype=object), columns, read_crs(raw.crs) if raw.crs else None)


def _read_vector(source: Source, kinds: Sequence[str], layer: str | None, **chosen: Any) -> Features:
    path = next(iter(source.parts.values()))
    encoding = table_encoding(path.with_suffix(".dbf"), source.name) if source.format == "shapefile" else None
    if source.format == "shapefile" and layer is not None and layer in source.parts:
        path, layer = source.parts[layer], None
    try:
        asked = layer or _layer_of(path, kinds)
        if pyogrio.read_info(path, layer=asked, encoding=encoding)["driver"] != DRIVERS[source.format]:
            raise FileUnreadable(file=source.name, reason="the content is not what the name says")
        meta, _, geometry, values = pyogrio.raw.read(
            path, layer=asked, force_2d=True, encoding=encoding, **chosen
        )
    except (ValueError, IndexError, RuntimeError, OSError) as error:  # IndexError: a file without any layer
        raise FileUnreadable(file=source.name, reason=str(error).split("/")[-1][:200]) from error
    if geometry is None:
        raise FileUnreadable(file=source.name, reason="no geometry")
    crs = read_crs(meta["crs"]) if meta["crs"] else None
    named = dict(zip([str(name) for name in meta["fields"]], values, strict=True))
    return Features(np.asarray(shapely.from_wkb(geometry), dtype=object), named, crs)


def _layer_of(path: Path, kinds: Sequence[str]) -> str | None:
    """Name the first layer whose geometry may be of the kinds, else the first of all."""
    layers = pyogrio.list_layers(path)
    fitting = [
        name
        for name, kind in layers
        if kind is not None and (kind == "Unknown" or any(word in kind for word in kinds))
    ]
    return str(fitting[0]) if fitting else (str(layers[0][0]) if len(layers) else None)


def _read_csv(path: Path, file: str) -> Features:
    if path.suffix.lower() == ".gz":
        refuse_swelling(path, file)
    table = _csv_columns(path, file)
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


class _TextColumns(Mapping[str, NDArray[Any]]):
    """Columns of a CSV, turned into Python's text only when one is asked for: millions of rows stay small."""

    def __init__(self, table: pa.Table) -> None:
        self._table = table

    def __getitem__(self, name: str) -> NDArray[Any]:
        column: NDArray[Any] = self._table[name].to_numpy(zero_copy_only=False)
        return column

    def __iter__(self) -> Iterator[str]:
        return iter(self._table.column_names)

    def __len__(self) -> int:
        return int(self._table.num_columns)


def _csv_columns(path: Path, file: str) -> Mapping[str, NDArray[Any]]:
    """Columns as text; GB 18030 where the file is no UTF-8, as spreadsheets in Chinese offices write it."""
    reason = "neither UTF-8 nor GB 18030"
    for encoding in ("utf-8", "gb18030"):
        try:
            names = _csv_header(path, encoding)
            table = csv.read_csv(
                path,
                read_options=csv.ReadOptions(encoding=encoding),
                parse_options=csv.ParseOptions(newlines_in_values=True),
                convert_options=csv.ConvertOptions(
                    column_types=dict.fromkeys(names, pa.string()), strings_can_be_null=False
                ),
            )
        except (UnicodeDecodeError, pa.ArrowException, OSError, ValueError) as error:
            reason = str(error)[:200]
            continue
        return _TextColumns(table)
    raise FileUnreadable(file=file, reason=reason)


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
