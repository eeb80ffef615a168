"""Rings that cross themselves: where, how large the loop is, and a valid polygon to go on with.

It refuses to repair data: the polygon it makes serves only the rest of the check.
"""

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
import shapely
from scipy.sparse import coo_array
from scipy.sparse.csgraph import connected_components
from shapely.geometry import MultiPolygon, Point, Polygon
from shapely.geometry.base import BaseGeometry
from shapely.validation import explain_validity

from layers.boundaries.topology.ground import Geometries


@dataclass(frozen=True, slots=True)
class Crossing:
    """One place where a unit's rings cross or touch, with the loop that they form there."""

    unit: int
    place: Point
    loop: BaseGeometry
    reason: str


def polygonal(geometry: BaseGeometry | None) -> BaseGeometry | None:
    """Return what is ground of a geometry: a valid (multi)polygon, or None where there is none.

    A bow tie keeps both its loops; parts of one unit that overlap are taken as one.
    """
    if geometry is None:
        return None
    valid = (
        geometry
        if geometry.is_valid
        else shapely.make_valid(geometry, method="structure", keep_collapsed=False)
    )
    parts = shapely.get_parts(shapely.get_parts(valid))
    parts = parts[shapely.area(parts) > 0]  # lines and points have none, nor has a polygon folded flat
    if not len(parts):
        return None
    return parts[0] if len(parts) == 1 else MultiPolygon(list(parts))


def crossings(unit: int, geometry: Polygon | MultiPolygon) -> Iterator[Crossing]:
    """Yield the faults of an invalid geometry, one for each loop however often its ends cross."""
    reason, _, _ = explain_validity(geometry).partition("[")
    noded = shapely.get_parts(shapely.union_all(shapely.get_rings(shapely.get_parts(geometry))))
    knots = _knots(noded)
    if not len(knots):
        yield Crossing(unit, _reported_place(geometry), geometry, reason)
        return
    faces = shapely.get_parts(shapely.polygonize(noded))
    loops = faces[np.argsort(-shapely.area(faces))[1:]]
    for members in _gathered(knots, loops):
        touching = loops[shapely.intersects(loops[:, None], knots[members]).any(axis=1)]
        loop = shapely.union_all(touching) if len(touching) else knots[members[0]]
        yield Crossing(unit, knots[members[0]], loop, reason)


def _knots(noded: Geometries) -> Geometries:
    """Return the points where more than two pieces of line meet."""
    ends = np.concatenate([shapely.get_coordinates(shapely.get_point(noded, at)) for at in (0, -1)])
    place, meeting = np.unique(ends, axis=0, return_counts=True)
    return np.atleast_1d(np.asarray(shapely.points(place[meeting > 2]), dtype=np.object_))


def _gathered(knots: Geometries, loops: Geometries) -> list[np.ndarray]:
    """Gather the knots that lie on a common loop."""
    knot, loop = np.nonzero(shapely.intersects(knots[:, None], loops))
    size = len(knots) + len(loops)
    graph = coo_array((np.ones(len(knot)), (knot, len(knots) + loop)), shape=(size, size))
    _, group = connected_components(graph, directed=False)
    return [np.flatnonzero(group[: len(knots)] == g) for g in np.unique(group[: len(knots)])]


def _reported_place(geometry: BaseGeometry) -> Point:
    """Return the place that GEOS names, as in `Hole lies outside shell[110.5 19.7]`."""
    _, _, place = explain_validity(geometry).partition("[")
    x, y = place.rstrip("]").split()[:2]
    return Point(float(x), float(y))
