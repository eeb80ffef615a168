"""Points put on the nearest point of the nearest edge; refuses to drop what lies too far, it marks it."""

from dataclasses import dataclass

import numpy as np
import shapely
from numpy.typing import NDArray

from layers.hubs.network.road_network import Floats, LongIntegers, RoadNetwork, point_shapes

DEFAULT_MAX_SNAP_M = 500.0
SNAP_TOLERANCE_M = 1e-6
_POINTS_AT_ONCE = 200_000


@dataclass(frozen=True, eq=False)
class Snapped:
    """Where points [p] stand on a network: edge, share of its length from its start, leg to get there.

    `edge` int64 [p] (-1 where no edge lies within the largest distance), `fraction` float64 [p] in
    0…1, `access_m` float64 [p] straight-line metres from the point to the edge (`inf` where none),
    `ok` bool [p]. Points that are not `ok` keep their row everywhere, and are reached by nobody.
    """

    edge: LongIntegers
    fraction: Floats
    access_m: Floats
    ok: NDArray[np.bool_]

    def __len__(self) -> int:
        """Return the number of points given, snapped or not."""
        return len(self.edge)

    @property
    def unsnapped(self) -> LongIntegers:
        """Row numbers of the points that no edge is near enough to."""
        return np.flatnonzero(~self.ok)

    def take(self, rows: NDArray[np.integer] | slice) -> "Snapped":
        """Return the same for some rows only, in the order asked."""
        return Snapped(self.edge[rows], self.fraction[rows], self.access_m[rows], self.ok[rows])


def snap(network: RoadNetwork, points_xy: Floats, max_snap_m: float = DEFAULT_MAX_SNAP_M) -> Snapped:
    """Put each point [p, 2] (metres, the network's CRS) on the nearest point of its nearest edge.

    Not the nearest node: that errs by up to half an edge, 45 m in an ordinary city grid. Of edges
    equally near the one with the lowest number is taken. `max_snap_m` is inclusive and may be `inf`.
    A point without finite coordinates is marked as not snapped.
    """
    points_xy = np.asarray(points_xy, np.float64).reshape(-1, 2)
    snapped = Snapped(
        np.full(len(points_xy), -1, np.int64),
        np.zeros(len(points_xy)),
        np.full(len(points_xy), np.inf),
        np.zeros(len(points_xy), bool),
    )
    rows = np.flatnonzero(np.isfinite(points_xy).all(axis=1))
    for begin in range(0, len(rows), _POINTS_AT_ONCE):
        _snap_rows(network, points_xy, rows[begin : begin + _POINTS_AT_ONCE], max_snap_m, snapped)
    return snapped


def _snap_rows(
    network: RoadNetwork, points_xy: Floats, rows: LongIntegers, max_snap_m: float, into: Snapped
) -> None:
    points = point_shapes(points_xy[rows])
    reach = None if np.isinf(max_snap_m) else max_snap_m + SNAP_TOLERANCE_M
    (point, edge), distance = network.edge_index.query_nearest(
        points, max_distance=reach, return_distance=True, all_matches=True
    )
    order = np.lexsort((edge, point))
    point, edge, distance = point[order], edge[order], distance[order]
    first = np.ones(len(point), bool)
    first[1:] = point[1:] != point[:-1]
    point, edge, distance = point[first], edge[first], distance[first]
    along = shapely.line_locate_point(network.edge_shapes[edge], points[point])
    found = rows[point]
    into.edge[found] = edge
    into.fraction[found] = np.clip(along / network.edge_length_m[edge], 0.0, 1.0)
    into.access_m[found] = distance
    into.ok[found] = True
