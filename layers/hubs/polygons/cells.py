"""The ground divided among points of the network, once per network version; refuses to draw hulls.

Every node, a point every so often along long edges, and every demand point own the ground nearest to
them (Voronoi). A hub's area is the union of the cells whose point it reaches. Since the demand points
own cells themselves, no demand point can stand on the wrong side of a border.
"""

from dataclasses import dataclass
from functools import cached_property
from typing import Final

import numpy as np
import shapely
from numpy.typing import NDArray
from shapely import MultiPolygon, Polygon

from layers.hubs.coverage.search import Engine, Search, checked_limit, prepare_search
from layers.hubs.network import RoadNetwork, Snapped
from layers.hubs.network.road_network import Floats, LongIntegers, Shapes, point_shapes
from layers.hubs.polygons.clipping import clipped_to_discs

RULE: Final = "hubs.area.voronoi_cells"
DEFAULT_OFF_ROAD_M: Final = 150.0
DEFAULT_STEP_M: Final = 200.0
_SAME_POINT_M: Final = 1e-3


@dataclass(frozen=True, eq=False)
class NetworkCells:
    """Cells [c] of a network version, the points that own them and where these stand on the network.

    `off_road_m`: how far from its point a cell may reach. Areas drawn from it obey the rule `RULE`.
    """

    network: RoadNetwork
    points: Snapped
    shapes: Shapes
    off_road_m: float
    step_m: float
    engine: Engine = "auto"

    def __len__(self) -> int:
        """Return the number of cells."""
        return len(self.shapes)

    @cached_property
    def _search(self) -> Search:
        return prepare_search(self.network.reversed, self.points, origins=50, engine=self.engine)

    def isochrones(
        self, hubs: Snapped, limit_m: float, *, within: Polygon | MultiPolygon | None = None
    ) -> Shapes:
        """Ground from which each hub [h] is reached in `limit_m`, clipped to `within` (a unit) if given.

        Polygons or multipolygons in the network's metres, empty for a hub that is not snapped; they
        may overlap, as catchments do.
        """
        matrix = self._search.matrix(hubs, checked_limit(limit_m))
        rows = np.split(matrix.indices, matrix.indptr[1:-1])
        return self._united([row.astype(np.int64) for row in rows], within)

    def districts(
        self, hubs: Snapped, limit_m: float = np.inf, *, within: Polygon | MultiPolygon | None = None
    ) -> Shapes:
        """Ground nearest to each hub [h] by walking, up to `limit_m`: they share borders, never ground."""
        nearest = self._search.nearest(hubs, checked_limit(limit_m))
        reached = np.flatnonzero(nearest.reached)
        reached = reached[np.argsort(nearest.origin[reached], kind="stable")]
        bounds = np.cumsum(np.bincount(nearest.origin[reached], minlength=len(hubs)))[:-1]
        return self._united(np.split(reached, bounds), within)

    def _united(self, groups: list[LongIntegers], within: Polygon | MultiPolygon | None) -> Shapes:
        areas = np.empty(len(groups), dtype=object)
        for number, group in enumerate(groups):
            area = shapely.coverage_union_all(self.shapes[group]) if len(group) else Polygon()
            areas[number] = area if within is None else shapely.intersection(area, within)
        return areas


def network_cells(
    network: RoadNetwork,
    demand_xy: Floats | None = None,
    demand: Snapped | None = None,
    *,
    off_road_m: float = DEFAULT_OFF_ROAD_M,
    step_m: float = DEFAULT_STEP_M,
    engine: Engine = "auto",
) -> NetworkCells:
    """Divide the ground among the network's points and the demand points [d, 2] snapped as `demand`.

    Edges longer than `step_m` get points between their ends. Points within a millimetre of each other
    share a cell, and a demand point goes before a street's.
    """
    xy, points = _street_points(network, step_m)
    if demand_xy is not None and demand is not None:
        # A demand point that is not snapped owns ground too: nobody reaches it, nor its point.
        xy, points = np.concatenate((demand_xy, xy)), _joined(demand, points)
    kept = _distinct(xy)
    xy, points = xy[kept], points.take(kept)
    shapes = _voronoi(xy, off_road_m)
    return NetworkCells(network, points, clipped_to_discs(shapes, xy, off_road_m), off_road_m, step_m, engine)


def _street_points(network: RoadNetwork, step_m: float) -> tuple[Floats, Snapped]:
    parts = np.maximum(np.ceil(network.edge_length_m / step_m).astype(np.int64), 1)
    edge = np.repeat(np.arange(network.edge_count), parts + 1)
    place = np.arange(len(edge)) - np.repeat(np.cumsum(parts + 1) - (parts + 1), parts + 1)
    fraction = place / parts[edge]
    shapes = shapely.line_interpolate_point(network.edge_shapes[edge], fraction, normalized=True)
    xy = shapely.get_coordinates(shapes)
    ends = {0.0: network.edge_start, 1.0: network.edge_end}
    for share, node in ends.items():
        at_end = fraction == share
        xy[at_end] = network.node_xy[node[edge[at_end]]]
    return xy, Snapped(edge, fraction, np.zeros(len(edge)), np.ones(len(edge), bool))


def _joined(one: Snapped, other: Snapped) -> Snapped:
    return Snapped(
        np.concatenate((one.edge, other.edge)),
        np.concatenate((one.fraction, other.fraction)),
        np.concatenate((one.access_m, other.access_m)),
        np.concatenate((one.ok, other.ok)),
    )


def _distinct(xy: Floats) -> LongIntegers:
    """Return the rows that stand first at their place, in their order."""
    _, first = np.unique(np.round(xy / _SAME_POINT_M).astype(np.int64), axis=0, return_index=True)
    return np.sort(first)


def _voronoi(xy: Floats, margin_m: float) -> NDArray[np.object_]:
    """Return the cell of each point, in the order of the points."""
    low, high = xy.min(axis=0) - 2 * margin_m, xy.max(axis=0) + 2 * margin_m
    if len(xy) == 1:
        return np.array([shapely.box(*low, *high)], dtype=object)
    diagram = shapely.voronoi_polygons(
        shapely.multipoints(point_shapes(xy)), extend_to=shapely.box(*low, *high), ordered=True
    )
    return np.asarray(shapely.get_parts(diagram), dtype=object)
