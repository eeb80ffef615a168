"""Spatial functions and literals of CQL2: GeoJSON geometries and boxes, in the CRS that the filter is written in."""

from typing import Any, Final

import shapely
from shapely.geometry.base import BaseGeometry

from geo_service.ogc.cql.terms import Kind, Place, Question, Term
from geo_service.ogc.refusals import FilterInvalid

FUNCTIONS: Final = {
    "s_intersects": "ST_Intersects",
    "s_equals": "ST_Equals",
    "s_disjoint": "ST_Disjoint",
    "s_touches": "ST_Touches",
    "s_within": "ST_Within",
    "s_overlaps": "ST_Overlaps",
    "s_crosses": "ST_Crosses",
    "s_contains": "ST_Contains",
}
GEOMETRY_TYPES: Final = frozenset({
    "Point", "MultiPoint", "LineString", "MultiLineString", "Polygon", "MultiPolygon", "GeometryCollection",
})  # fmt: skip


def related(op: str, left: Term, right: Term) -> Term:
    """Return the condition that two geometries stand in a relation. Raises `FilterInvalid` for other kinds."""
    for term in (left, right):
        if term.kind is not Kind.GEOMETRY:
            raise FilterInvalid(reason="not_a_geometry", found=op)
    return Term(f"{FUNCTIONS[op]}({left.sql}, {right.sql})", Kind.BOOLEAN)


def geometry_literal(question: Question, written: dict[str, Any]) -> Term:
    """Return a GeoJSON geometry of the filter as SQL. Raises `FilterInvalid`."""
    shape = _read(written)
    return Term(placed(question, shape), Kind.GEOMETRY)


def box_literal(question: Question, numbers: Any) -> Term:
    """Return a box of four or six numbers as SQL; one whose west lies east of its east spans the antimeridian."""
    try:
        corners = [float(number) for number in numbers]
    except (TypeError, ValueError):
        raise FilterInvalid(reason="bbox", found=str(numbers)[:200]) from None
    return Term(placed(question, box_shape(corners, question.place)), Kind.GEOMETRY)


def box_corners(corners: list[float], place: Place) -> tuple[float, float, float, float]:
    """Return west, south, east, north of a box whose axes are as the CRS has them. Raises `FilterInvalid`."""
    if len(corners) not in {4, 6} or not all(abs(number) < 1e9 for number in corners):
        raise FilterInvalid(reason="bbox", found=str(corners)[:200])
    first, second, third, fourth = (
        corners[index] for index in ((0, 1, 2, 3) if len(corners) == 4 else (0, 1, 3, 4))
    )
    if place.north_first:
        south, west, north, east = first, second, third, fourth
    else:
        west, south, east, north = first, second, third, fourth
    if south > north or (west > east and not place.same_ground):
        raise FilterInvalid(reason="bbox", found=str(corners)[:200])
    return west, south, east, north


def box_shape(corners: list[float], place: Place) -> BaseGeometry:
    """Return the area of a box, axes as the CRS has them. Raises `FilterInvalid`."""
    west, south, east, north = box_corners(corners, place)
    parts = [(west, east)] if west <= east else [(west, 180.0), (-180.0, east)]
    boxes = [_corners(left, south, right, north) for left, right in parts]
    shape: BaseGeometry = boxes[0] if len(boxes) == 1 else shapely.MultiPolygon(boxes)
    return _flipped(shape) if place.north_first else shape


def _corners(west: float, south: float, east: float, north: float) -> shapely.Polygon:
    return shapely.Polygon([(west, south), (east, south), (east, north), (west, north), (west, south)])


def _read(written: dict[str, Any]) -> BaseGeometry:
    try:
        return _built(written, depth=0)
    except (ValueError, TypeError, KeyError, IndexError, AttributeError, shapely.errors.ShapelyError):
        raise FilterInvalid(reason="geometry", found=str(written)[:200]) from None


def _built(written: dict[str, Any], *, depth: int) -> BaseGeometry:
    kind = written["type"]
    parts: Any = written.get("coordinates")
    if kind == "GeometryCollection":
        if depth > 1:
            raise ValueError(kind)
        return shapely.GeometryCollection([_built(part, depth=depth + 1) for part in written["geometries"]])
    makers: dict[str, Any] = {
        "Point": lambda: shapely.Point(*_positions([parts])) if parts else shapely.Point(),
        "MultiPoint": lambda: shapely.MultiPoint(_positions(parts)),
        "LineString": lambda: shapely.LineString(_positions(parts)),
        "MultiLineString": lambda: shapely.MultiLineString([_positions(line) for line in parts]),
        "Polygon": lambda: _area(parts),
        "MultiPolygon": lambda: shapely.MultiPolygon([_area(area) for area in parts]),
    }
    return makers[kind]()  # type: ignore[no-any-return]  # every maker returns a geometry


def _area(rings: list[Any]) -> shapely.Polygon:
    if not rings:
        return shapely.Polygon()
    return shapely.Polygon(_positions(rings[0]), [_positions(ring) for ring in rings[1:]])


def _positions(parts: list[Any]) -> list[tuple[float, float]]:
    """Return east and north of each position; heights do not matter to any relation."""
    found = [(float(position[0]), float(position[1])) for position in parts]
    if not all(abs(number) < 1e9 for position in found for number in position):
        raise ValueError(parts)
    return found


def placed(question: Question, shape: BaseGeometry) -> str:
    """Bind a geometry, east first, and return it as SQL in the CRS of storage."""
    place = question.place
    if place.north_first:
        shape = _flipped(shape)
    wkb = question.bound(shapely.to_wkb(shape), "bytea")
    if place.same_ground:
        return f"ST_GeomFromWKB({wkb}, {place.storage_srid})"
    return f"ST_Transform(ST_GeomFromWKB({wkb}, {place.srid}), {place.storage_srid})"


def _flipped(shape: BaseGeometry) -> BaseGeometry:
    return shapely.transform(shape, lambda xy: xy[:, ::-1])
