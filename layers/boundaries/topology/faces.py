"""Ground between left-over edges that no unit covers, or that several do.

It decides by counting the units over each face; it refuses to guess from the shape of edges.
"""

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
import shapely
from scipy.sparse import coo_array
from scipy.sparse.csgraph import connected_components
from shapely.geometry.base import BaseGeometry

from layers.boundaries.topology.edges import Edges, Numbers, Places
from layers.boundaries.topology.ground import Geometries, wider

INSIDE_M = 1e-5  # how far from its longest edge a face is asked what covers it
ON_EDGE_M = 1e-6  # noding moves a point less than this off the edge it came from
REAL_SHARE = 0.01  # a unit with less of an overlap than this only touches it


@dataclass(frozen=True, slots=True)
class Fault:
    """Faces of one gap (`covers` 0) or overlap (2 or more), and the units beside or over it."""

    shape: BaseGeometry
    units: tuple[int, ...]
    covers: int


def faults(edges: Edges, units: Geometries, *, narrower_m: float, same_place_m: float) -> Iterator[Fault]:
    """Yield every gap and overlap wider than `same_place_m`, one for each connected piece of ground.

    A hole inside a single unit is where an enclave lies that is not among the units given, and no
    fault, unless it is nowhere as wide as `narrower_m`: no enclave is.
    """
    loose = edges.only(edges.left_over())
    faces = _faces(loose, same_place_m)
    if not len(faces):
        return
    tree = shapely.STRtree(units)
    point, _ = tree.query(_inner_points(faces), predicate="intersects")
    covers = np.minimum(np.bincount(point, minlength=len(faces)), 2)
    for face, beside in _joined(faces[covers == 0], _units_beside(loose, faces[covers == 0])):
        if wider(face, same_place_m) and (len(beside) > 1 or not wider(face, narrower_m)):
            yield Fault(face, beside, 0)
    for face, over in _joined(faces[covers == 2], _units_over(tree, faces[covers == 2])):
        if wider(face, same_place_m):
            yield Fault(face, over, 2)


def _faces(loose: Edges, same_place_m: float) -> Geometries:
    """Return the faces between the edges in which a circle of that width has room, walked to their left."""
    _, one_of_each = np.unique(loose.pair_keys(), return_index=True)
    noded = shapely.union_all(loose.only(one_of_each).lines())
    faces = shapely.get_parts(shapely.polygonize(shapely.get_parts(noded)))
    roomy = 2 * np.sqrt(shapely.area(faces) / np.pi) > same_place_m
    return np.asarray(shapely.orient_polygons(faces[roomy]), dtype=np.object_)


def _inner_points(faces: Geometries) -> Geometries:
    """Return a point just inside each face, beside its longest edge, or its roomiest point."""
    xy, face = shapely.get_coordinates(shapely.get_exterior_ring(faces), return_index=True)
    same = face[1:] == face[:-1]
    start, step, face = xy[:-1][same], np.diff(xy, axis=0)[same], face[:-1][same]
    length = np.hypot(*step.T)
    by_length = np.lexsort([length, face])
    longest = by_length[np.searchsorted(face[by_length], np.arange(len(faces)), side="right") - 1]
    left = np.column_stack([-step[longest, 1], step[longest, 0]]) / length[longest, None]
    points = shapely.points(start[longest] + step[longest] / 2 + left * INSIDE_M)
    pinched = ~shapely.contains(faces, points)
    circles = shapely.maximum_inscribed_circle(faces[pinched])
    points[pinched] = shapely.get_point(circles, 0)
    return np.asarray(points, dtype=np.object_)


def _units_beside(loose: Edges, faces: Geometries) -> list[tuple[int, ...]]:
    """Return the units along each face, the one with most of its edge first."""
    rings, ring_face = shapely.get_rings(faces, return_index=True)
    xy, ring = shapely.get_coordinates(rings, return_index=True)
    step = np.diff(xy, axis=0)
    same = ring[1:] == ring[:-1]
    middle = shapely.points((xy[:-1] + step / 2)[same])
    length, face = np.hypot(*step.T)[same], ring_face[ring[:-1][same]]
    tree = shapely.STRtree(loose.lines())
    piece, edge = tree.query(middle, predicate="dwithin", distance=ON_EDGE_M)
    return _ranked(len(faces), face[piece], loose.unit[edge], length[piece])


def _units_over(tree: shapely.STRtree, faces: Geometries) -> list[tuple[int, ...]]:
    """Return the units over each face: the one that covers most of it first, then the one most covered."""
    face, unit = tree.query(faces, predicate="intersects")
    area = shapely.area(shapely.intersection(faces[face], tree.geometries[unit]))
    of_face, of_unit = area / shapely.area(faces)[face], area / shapely.area(tree.geometries)[unit]
    real = of_face > REAL_SHARE
    return _ranked(len(faces), face[real], unit[real], (np.round(of_face, 2) + 1e-3 * of_unit)[real])


def _ranked(count: int, face: Numbers, unit: Numbers, weight: Places) -> list[tuple[int, ...]]:
    total: list[dict[int, float]] = [{} for _ in range(count)]
    for f, u, w in zip(face.tolist(), unit.tolist(), weight.tolist(), strict=True):
        total[f][u] = total[f].get(u, 0.0) + w
    return [tuple(sorted(of, key=lambda u: (-of[u], u))) for of in total]


def _joined(
    faces: Geometries, units: list[tuple[int, ...]]
) -> Iterator[tuple[BaseGeometry, tuple[int, ...]]]:
    """Join faces of the same units that touch: one fault, though its edges may cross at a point."""
    if not len(faces):
        return
    one, other = shapely.STRtree(faces).query(faces, predicate="intersects")
    alike = np.array([set(units[a]) == set(units[b]) for a, b in zip(one, other, strict=True)])
    graph = coo_array((np.ones(alike.sum()), (one[alike], other[alike])), shape=(len(faces),) * 2)
    count, piece = connected_components(graph, directed=False)
    for number in range(count):
        members = np.flatnonzero(piece == number)
        yield shapely.union_all(faces[members]), units[members[0]]
