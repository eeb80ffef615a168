"""What it costs from a snapped point to the two ends of its edge; refuses to forget the access leg."""

from dataclasses import dataclass

import numpy as np

from layers.hubs.network import RoadNetwork, Snapped
from layers.hubs.network.road_network import Floats, LongIntegers

# "Within 1,000 m" is meant inclusively; sums of floats may pass the figure by this much, no more.
LIMIT_TOLERANCE_M = 1e-6


@dataclass(frozen=True)
class Legs:
    """Ends of each point's edge and the cost between point and end, access leg included.

    `node` int64 [p, 2] (start and end of the edge) and `cost_m` float64 [p, 2], `inf` for a point
    that is not snapped and for a direction that may not be walked.
    """

    node: LongIntegers
    cost_m: Floats


def legs_out(network: RoadNetwork, points: Snapped) -> Legs:
    """Cost from each point to the ends of its edge."""
    to_start = _part(points.fraction, network.backward_m[points.edge])
    to_end = _part(1.0 - points.fraction, network.forward_m[points.edge])
    return _legs(network, points, to_start, to_end)


def legs_in(network: RoadNetwork, points: Snapped) -> Legs:
    """Cost from the ends of its edge to each point."""
    from_start = _part(points.fraction, network.forward_m[points.edge])
    from_end = _part(1.0 - points.fraction, network.backward_m[points.edge])
    return _legs(network, points, from_start, from_end)


def _part(share: Floats, whole: Floats | np.float64) -> Floats:
    """Share of an edge's cost; no share costs nothing, also of an edge that may not be walked."""
    with np.errstate(invalid="ignore"):
        return np.where(share > 0.0, share * whole, 0.0)


def _legs(network: RoadNetwork, points: Snapped, start: Floats, end: Floats) -> Legs:
    node = np.stack((network.edge_start[points.edge], network.edge_end[points.edge]), axis=1)
    cost = np.stack((start, end), axis=1) + points.access_m[:, None]
    cost[~points.ok] = np.inf
    return Legs(node.astype(np.int64), cost)


@dataclass(frozen=True)
class EdgeMates:
    """Points grouped by edge, to find those that stand on the same edge as another point.

    `order` int64 [p] sorts the snapped points by edge, `edge` are the edges in that order.
    """

    order: LongIntegers
    edge: LongIntegers

    @classmethod
    def of(cls, points: Snapped) -> "EdgeMates":
        """Group the points that are snapped."""
        rows = np.flatnonzero(points.ok)
        order = rows[np.argsort(points.edge[rows], kind="stable")]
        return cls(order, points.edge[order])

    def bounds(self, edges: LongIntegers) -> tuple[LongIntegers, LongIntegers]:
        """Return where in `order` the mates of each edge begin and end."""
        return np.searchsorted(self.edge, edges, "left"), np.searchsorted(self.edge, edges, "right")


def along_edge(
    network: RoadNetwork, origins: Snapped, row: int, destinations: Snapped, mates: LongIntegers
) -> Floats:
    """Cost from one origin straight along its edge to each of its mates, both access legs included."""
    edge = origins.edge[row]
    ahead = destinations.fraction[mates] - origins.fraction[row]
    forward = _part(ahead, network.forward_m[edge])
    backward = _part(-ahead, network.backward_m[edge])
    return np.asarray(origins.access_m[row] + forward + backward + destinations.access_m[mates])


def nearer_along_edges(
    network: RoadNetwork,
    origins: Snapped,
    destinations: Snapped,
    mates: EdgeMates,
    best: tuple[Floats, LongIntegers],
) -> None:
    """Lower the best cost and origin of destinations that share an edge with an origin, in place."""
    cost_m, origin = best
    low, high = mates.bounds(origins.edge)
    for row in np.flatnonzero(origins.ok & (high > low)).tolist():
        own = mates.order[low[row] : high[row]]
        cost = along_edge(network, origins, row, destinations, own)
        nearer = cost < cost_m[own]
        cost_m[own[nearer]], origin[own[nearer]] = cost[nearer], row
