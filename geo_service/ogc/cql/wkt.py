"""Geometries of a CQL2 text, which are WKT, as the GeoJSON of its JSON encoding; measures are left out."""

from typing import TYPE_CHECKING, Any, Final

from geo_service.ogc.cql.tokens import Sort

if TYPE_CHECKING:
    from geo_service.ogc.cql.text import Reader

DIMENSIONS: Final = ("Z", "M", "ZM")
PLAIN: Final = {
    "POINT": "Point",
    "LINESTRING": "LineString",
    "POLYGON": "Polygon",
    "MULTIPOINT": "MultiPoint",
    "MULTILINESTRING": "MultiLineString",
    "MULTIPOLYGON": "MultiPolygon",
    "GEOMETRYCOLLECTION": "GeometryCollection",
}
KINDS: Final = {f"{word}{axes}": (kind, axes) for word, kind in PLAIN.items() for axes in ("", *DIMENSIONS)}


def geometry(reader: "Reader", word: str) -> dict[str, Any]:
    """Read the geometry that a word begins. Raises `FilterInvalid`."""
    kind, axes = KINDS[word]
    for each in DIMENSIONS:
        if not axes and reader.take(each):
            axes = each
    inside = "geometries" if kind == "GeometryCollection" else "coordinates"
    if reader.take("EMPTY"):
        return {"type": kind, inside: []}
    return {"type": kind, inside: _Shape(reader, axes).read(kind)}


class _Shape:
    def __init__(self, reader: "Reader", axes: str) -> None:
        self._reader = reader
        self._axes = axes

    def read(self, kind: str) -> list[Any]:
        listed = self._reader.listed
        if kind == "Point":
            self._reader.need("(")
            found = self._position()
            self._reader.need(")")
            return found
        inside = {
            "LineString": self._position,
            "MultiPoint": self._point,
            "Polygon": self._line,
            "MultiLineString": self._line,
            "MultiPolygon": lambda: listed(self._line),
            "GeometryCollection": self._member,
        }
        return listed(inside[kind])

    def _line(self) -> list[Any]:
        return self._reader.listed(self._position)

    def _point(self) -> list[Any]:
        return self.read("Point") if self._reader.here.says("(") else self._position()

    def _member(self) -> dict[str, Any]:
        word = str(self._reader.here.value).upper()
        if word not in KINDS:
            raise self._reader.stopped()
        self._reader.take(word)
        return geometry(self._reader, word)

    def _position(self) -> list[float]:
        found = [self._reader.number(), self._reader.number()]
        while len(found) < 4 and (self._reader.here.sort is Sort.NUMBER or self._reader.here.says("-", "+")):
            found += [self._reader.number()]
        return found[: 2 if self._axes == "M" else 3]
