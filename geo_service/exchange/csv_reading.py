"""CSV with a WKT column, or with two coordinate columns, as raw rows; refuses files without either."""

import csv
from collections.abc import Iterator, Mapping, Sequence
from itertools import islice
from pathlib import Path
from typing import Any, Final

import numpy as np
import pyarrow as pa
import shapely
from numpy.typing import NDArray

from geo_service.exchange.encodings import Encoding, text_encoding
from geo_service.exchange.mapping import TargetColumn, map_columns
from geo_service.exchange.raw import MOST_COLUMNS, RawBatch, RawLayer
from geo_service.exchange.refusals import MissingColumn, UnreadableFile
from geo_service.exchange.rejects import Reject
from geo_service.exchange.sources import Source
from layers.errors import InvalidInput
from layers.geodesy import parse_dms

PLACES: Final = (TargetColumn("wkt"), TargetColumn("lon"), TargetColumn("lat"))
_DELIMITERS: Final = (",", "\t", ";")
# A province outline as WKT is a few megabytes in one cell; Python's own limit is 128 KiB.
_MOST_CHARACTERS: Final = 256 * 1024**2


def open_csv_layer(source: Source, stated: Mapping[str, str], *, batch_size: int) -> RawLayer:
    """Open a CSV. `stated` may name the columns `wkt`, or `lon` and `lat` (east and north, whatever the unit)."""
    (path,) = source.parts.values()
    encoding = text_encoding(path, source.name)
    reader = _Csv(path, source.name, encoding, batch_size)
    places = map_columns(
        reader.header, PLACES, {key: value for key, value in stated.items() if key in _place_names()}
    )
    if "wkt" not in places and not {"lon", "lat"} <= places.keys():
        names = {target.name: list(target.names()) for target in PLACES}
        raise MissingColumn(missing=["wkt"], found=reader.header, known_names=names)
    reader.places = [places["wkt"]] if "wkt" in places else [places["lon"], places["lat"]]
    if {"wkt", "lon", "lat"} <= places.keys():
        reader.numbers = [places["lon"], places["lat"]]
    fields = [name for name in reader.header if name not in reader.places]
    return RawLayer(path.stem, fields, None, None, None, reader.batches, tuple(reader.places))


def _place_names() -> set[str]:
    return {target.name for target in PLACES}


class _Csv:
    """A CSV file that can be read through, more than once."""

    def __init__(self, path: Path, name: str, encoding: Encoding, batch_size: int) -> None:
        self._path, self._name, self._batch_size = path, name, batch_size
        self._codec = "utf-8-sig" if encoding == "UTF-8" else "gb18030"
        self._delimiter = ","
        self.places: list[str] = []
        self.numbers: list[
            str
        ] = []  # where they stand beside a WKT column: the place of rows whose WKT is blank
        with path.open(encoding=self._codec, newline="") as stream:
            first = stream.readline(1_000_000)
        self._delimiter = max(_DELIMITERS, key=first.count)
        self.header = [name.strip() for name in next(self._lines(), [])]
        if len(self.header) > MOST_COLUMNS:
            raise UnreadableFile(file=name, reason="too_many_columns", detail=MOST_COLUMNS)
        twice = {name for name in self.header if self.header.count(name) > 1}
        if twice or not any(self.header):
            raise UnreadableFile(
                file=name, reason="column_twice" if twice else "no_header", detail=sorted(twice)
            )

    def batches(self) -> Iterator[RawBatch]:
        lines = self._lines()
        next(lines)
        number = 0
        while chunk := list(islice(lines, self._batch_size)):
            yield self._raw_batch(chunk, number)
            number += len(chunk)

    def _lines(self) -> Iterator[list[str]]:
        csv.field_size_limit(_MOST_CHARACTERS)
        with self._path.open(encoding=self._codec, newline="") as stream:
            reader = csv.reader(stream, delimiter=self._delimiter, strict=True)
            try:
                yield from (line for line in reader if line)
            except csv.Error as error:
                detail = f"line {reader.line_num}: {error}"
                raise UnreadableFile(file=self._name, reason="damaged", detail=detail) from error

    def _raw_batch(self, chunk: list[list[str]], read: int) -> RawBatch:
        width = len(self.header)
        fits = [len(line) == width for line in chunk]
        rejects = [
            Reject(
                read + at + 1,
                "import.row_malformed",
                {"expected": width, "found": len(line)},
                dict(zip(self.header, line, strict=False)),
            )
            for at, (line, good) in enumerate(zip(chunk, fits, strict=True))
            if not good
        ]
        rows = read + 1 + np.flatnonzero(fits).astype(np.int64)
        whole = [line for line, good in zip(chunk, fits, strict=True) if good]
        cells = (
            dict(zip(self.header, zip(*whole, strict=True), strict=True))
            if whole
            else dict.fromkeys(self.header, ())
        )
        geometries, unreadable = self._geometries(cells)
        columns = {
            name: pa.array([cell or None for cell in values], pa.string())
            for name, values in cells.items()
            if name not in self.places
        }
        # Where nothing could be read the text itself is all there is to keep.
        columns |= {name: _kept_text(cells[name], unreadable) for name in self.places if unreadable.any()}
        wkb = pa.array(shapely.to_wkb(geometries), pa.binary())
        return RawBatch(rows, columns, wkb, unreadable, rejects)

    def _geometries(
        self, cells: Mapping[str, Sequence[str]]
    ) -> tuple[NDArray[np.object_], NDArray[np.bool_]]:
        found, unreadable = self._places_of(cells, self.places)
        if self.numbers:
            blank = np.array([not cell.strip() for cell in cells[self.places[0]]], bool)
            numbers, wrong = self._places_of(cells, self.numbers)
            found[blank], unreadable = numbers[blank], unreadable | (wrong & blank)
        return found, unreadable

    @staticmethod
    def _places_of(
        cells: Mapping[str, Sequence[str]], places: Sequence[str]
    ) -> tuple[NDArray[np.object_], NDArray[np.bool_]]:
        given = [np.array(cells[name], dtype=np.object_) for name in places]
        filled = np.logical_and.reduce(
            [np.array([bool(cell.strip()) for cell in cells[n]], bool) for n in places]
        )
        if len(given) == 1:
            given[0][~filled] = None
            with np.errstate(invalid="ignore"):  # NaN is judged later, row by row
                geometries: Any = shapely.from_wkt(given[0].tolist(), on_invalid="ignore")
        else:
            lon, lat = _numbers(given[0], "lon"), _numbers(given[1], "lat")
            read = filled & ~(np.isnan(lon) | np.isnan(lat))
            geometries = np.full(len(filled), None, dtype=np.object_)
            geometries[read] = shapely.points(lon[read], lat[read])
        found = np.asarray(geometries, dtype=np.object_)
        return found, filled & np.asarray(shapely.is_missing(found))


def _numbers(cells: NDArray[np.object_], axis: Any) -> NDArray[np.float64]:
    try:
        return cells.astype(np.float64)
    except ValueError:
        return np.array([_number(cell, axis) for cell in cells], dtype=np.float64)


def _number(cell: str, axis: Any) -> float:
    try:
        return float(cell)
    except ValueError:
        pass
    try:
        return parse_dms(cell, axis)
    except InvalidInput:
        return float("nan")


def _kept_text(cells: Sequence[str], unreadable: NDArray[np.bool_]) -> Any:
    return pa.array(
        [cell if kept else None for cell, kept in zip(cells, unreadable, strict=True)], pa.string()
    )
