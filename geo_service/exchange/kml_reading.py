"""KML as raw rows, a placemark at a time; refuses entities, nesting without end and places it cannot read.

KML is degrees of WGS 84 by its standard, longitude first; what lies beside it (links, styles, overlays) is not followed.
"""

from collections import deque
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from itertools import islice
from pathlib import Path
from typing import Any, Final

import numpy as np
import pyarrow as pa
import shapely
from shapely.geometry.base import BaseGeometry

from geo_service.exchange.raw import MOST_COLUMNS, RawBatch, RawLayer
from geo_service.exchange.refusals import UnreadableFile
from geo_service.exchange.sources import Source
from geo_service.exchange.xml_guard import Hearing

TYPES: Final[Mapping[str, Any]] = {
    "int": pa.int64(),
    "uint": pa.int64(),
    "short": pa.int64(),
    "ushort": pa.int64(),
    "float": pa.float64(),
    "double": pa.float64(),
    "bool": pa.bool_(),
}
_SIMPLE: Final[Mapping[str, Any]] = {
    "Point": shapely.Point,
    "LineString": shapely.LineString,
    "LinearRing": shapely.LinearRing,
}
_OF_SEVERAL: Final[Mapping[str, Any]] = {
    "Point": shapely.MultiPoint,
    "LineString": shapely.MultiLineString,
    "Polygon": shapely.MultiPolygon,
}


def open_kml_layer(source: Source, *, batch_size: int) -> RawLayer:
    """Look the document through once for its columns, and open it; raises `UnreadableFile`."""
    (path,) = source.parts.values()
    survey = _Survey(source.name)
    with path.open("rb") as stream:
        Hearing(stream, source.name, survey).to_the_end()
    if not survey.is_kml:
        raise UnreadableFile(file=source.name, reason="content_contradicts_name", detail="xml")
    opened = _Kml(path, source.name, survey.types, batch_size)
    return RawLayer(path.stem, list(survey.types), "EPSG:4326", None, survey.placemarks, opened.batches)


class _Survey:
    """Hears which columns there are and how many placemarks."""

    def __init__(self, file: str) -> None:
        self._file = file
        self.is_kml = False
        self.placemarks = 0
        self.types: dict[str, Any] = {}
        self._open: list[str] = []

    def begins(self, name: str, attributes: Mapping[str, str]) -> None:
        above = self._open[-1] if self._open else ""
        self._open.append(name)
        if name == "kml":
            self.is_kml = True
        elif name == "Placemark":
            self.placemarks += 1
        elif name == "SimpleField":
            self._column(attributes.get("name"), TYPES.get(attributes.get("type", ""), pa.string()))
        elif name in {"SimpleData", "Data"}:
            self._column(attributes.get("name"), pa.string())
        elif name in {"name", "description"} and above == "Placemark":
            self._column(name, pa.string())

    def says(self, text: str) -> None:
        """Pass over text: only the shape of the document counts here."""

    def ends(self, name: str) -> None:  # noqa: ARG002 # what every listener is told
        self._open.pop()

    def _column(self, name: str | None, kind: Any) -> None:
        if name:
            self.types.setdefault(name, kind)
        if len(self.types) > MOST_COLUMNS:
            raise UnreadableFile(file=self._file, reason="too_many_columns", detail=MOST_COLUMNS)


@dataclass(slots=True)
class _Placemark:
    said: dict[str, str] = field(default_factory=dict)
    parts: list[list[BaseGeometry]] = field(default_factory=lambda: [[]])
    unreadable: bool = False

    @property
    def geometry(self) -> BaseGeometry | None:
        found = self.parts[0]
        return found[0] if found and not self.unreadable else None


class _Rows:
    """Hears placemarks and keeps each, whole, until it is fetched."""

    def __init__(self) -> None:
        self.ready: deque[_Placemark] = deque()
        self._open: list[str] = []
        self._now: _Placemark | None = None
        self._text: list[str] = []
        self._column = ""
        self._rings: list[Any] = []
        self._coordinates: Any = None

    def begins(self, name: str, attributes: Mapping[str, str]) -> None:
        self._open.append(name)
        self._text = []
        if name == "Placemark":
            self._now = _Placemark()
        elif self._now is None:
            return
        elif name in {"SimpleData", "Data"}:
            self._column = attributes.get("name", "")
        elif name == "MultiGeometry":
            self._now.parts.append([])
        elif name == "Polygon":
            self._rings = []
        if name in _SIMPLE:
            self._coordinates = None

    def says(self, text: str) -> None:
        if self._now is not None:
            self._text.append(text)

    def ends(self, name: str) -> None:
        self._open.pop()
        if self._now is None:
            return
        above = self._open[-1] if self._open else ""
        if name == "Placemark":
            self.ready.append(self._now)
            self._now = None
        elif name == "SimpleData" or (name == "value" and above == "Data"):
            self._now.said[self._column] = "".join(self._text)
        elif name in {"name", "description"} and above == "Placemark":
            self._now.said.setdefault(name, "".join(self._text))
        elif name == "coordinates":
            self._coordinates = _numbers("".join(self._text))
        elif name in {*_SIMPLE, "Polygon", "MultiGeometry"}:
            self._shape(self._now, name, above)

    def _shape(self, placemark: _Placemark, name: str, above: str) -> None:
        try:
            with np.errstate(invalid="ignore"):  # NaN is judged later, row by row
                made = self._made(placemark, name)
        except (ValueError, TypeError, IndexError, shapely.errors.ShapelyError):
            placemark.unreadable = True
            return
        if name == "LinearRing" and above in {"outerBoundaryIs", "innerBoundaryIs"}:
            self._rings.append(made)
        else:
            placemark.parts[-1].append(made)

    def _made(self, placemark: _Placemark, name: str) -> BaseGeometry:
        if name == "MultiGeometry":
            parts = placemark.parts.pop()
            kinds = {part.geom_type for part in parts}
            several = (
                _OF_SEVERAL.get(next(iter(kinds)), shapely.GeometryCollection) if len(kinds) == 1 else None
            )
            made: BaseGeometry = (several or shapely.GeometryCollection)(parts)
            return made
        if name == "Polygon":
            return shapely.Polygon(self._rings[0], self._rings[1:]) if self._rings else shapely.Polygon()
        if self._coordinates is None:
            msg = "no coordinates"
            raise ValueError(msg)
        points = self._coordinates[0] if name == "Point" else self._coordinates
        simple: BaseGeometry = _SIMPLE[name](points)
        return simple


def _numbers(text: str) -> list[tuple[float, ...]] | None:
    """Read `lon,lat[,height]` tuples; None where they are none."""
    try:
        points = [tuple(float(number) for number in place.split(",")) for place in text.split()]
    except ValueError:
        return None
    return points if len({len(point) for point in points}) <= 1 else [point[:2] for point in points]


@dataclass(frozen=True, slots=True)
class _Kml:
    """A document that can be read through, more than once."""

    path: Path
    file: str
    types: Mapping[str, Any]
    batch_size: int

    def batches(self) -> Iterator[RawBatch]:
        read = 0
        placemarks = self._placemarks()
        while part := list(islice(placemarks, self.batch_size)):
            yield self._batch(part, read + 1)
            read += len(part)

    def _placemarks(self) -> Iterator[_Placemark]:
        rows = _Rows()
        with self.path.open("rb") as stream:
            hearing = Hearing(stream, self.file, rows)
            while hearing.go_on():
                while rows.ready:
                    yield rows.ready.popleft()
        yield from rows.ready

    def _batch(self, part: list[_Placemark], first_row: int) -> RawBatch:
        columns = {
            name: _column([each.said.get(name) for each in part], kind) for name, kind in self.types.items()
        }
        shapes = np.array([each.geometry for each in part], dtype=np.object_)
        unreadable = np.array([each.unreadable for each in part], dtype=np.bool_)
        rows = np.arange(first_row, first_row + len(part), dtype=np.int64)
        return RawBatch(rows, columns, pa.array(shapely.to_wkb(shapes), pa.binary()), unreadable)


def _column(values: list[str | None], kind: Any) -> Any:
    """Return values in the type their schema promises; as text where one does not keep the promise."""
    text = pa.array(values, pa.string())
    try:
        return text if pa.types.is_string(kind) else text.cast(kind)
    except pa.ArrowInvalid:
        return text
