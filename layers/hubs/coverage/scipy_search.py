"""The reference: SciPy's Dijkstra, one hub at a time, in plain array steps; refuses cleverness.

Each origin enters the graph as a node of its own with arcs to the two ends of its edge, costs and
access leg on them. SciPy's dense form for many origins is never used: it fills origins x nodes.
"""

import numpy as np
from scipy.sparse import csr_array
from scipy.sparse.csgraph import dijkstra

from layers.hubs.coverage.legs import (
    LIMIT_TOLERANCE_M,
    EdgeMates,
    along_edge,
    legs_in,
    legs_out,
    nearer_along_edges,
)
from layers.hubs.coverage.search import Nearest
from layers.hubs.network import RoadNetwork, Snapped
from layers.hubs.network.road_network import Floats


class ReferenceSearch:
    """Searches towards fixed destinations [d] by `scipy.sparse.csgraph.dijkstra`."""

    def __init__(self, network: RoadNetwork, destinations: Snapped) -> None:
        self._network = network
        self._destinations = destinations
        self._legs = legs_in(network, destinations)
        self._mates = EdgeMates.of(destinations)

    def matrix(self, origins: Snapped, limit_m: float) -> csr_array:
        """Return the cost of every pair within the limit [origins, d]."""
        reach = min(limit_m + LIMIT_TOLERANCE_M, np.finfo(float).max)
        graph = self._with_origins(origins)
        columns, costs = [np.empty(0, np.int64)], [np.empty(0)]
        for row in range(len(origins)):
            cost = self._row(graph, origins, row, reach)
            within = np.flatnonzero(cost <= reach)
            columns.append(within)
            costs.append(cost[within])
        indptr = np.cumsum([len(found) for found in columns], dtype=np.int64)
        shape = (len(origins), len(self._destinations))
        return csr_array((np.concatenate(costs), np.concatenate(columns), indptr), shape=shape)

    def nearest(self, origins: Snapped, limit_m: float) -> Nearest:
        """Return the nearest origin of every destination, by one search from all origins at once."""
        nodes = self._network.node_count
        best = np.full(len(self._destinations), np.inf)
        origin = np.full(len(self._destinations), -1, np.int64)
        starts = nodes + np.flatnonzero(origins.ok)
        if len(starts) == 0:
            return Nearest(origin, best)
        distance, _, source = dijkstra(
            self._with_origins(origins),
            indices=starts,
            limit=limit_m + LIMIT_TOLERANCE_M,
            min_only=True,
            return_predecessors=True,
        )
        for side in (0, 1):
            node = self._legs.node[:, side]
            cost = distance[node] + self._legs.cost_m[:, side]
            nearer = cost < best
            best[nearer], origin[nearer] = cost[nearer], source[node[nearer]] - nodes
        nearer_along_edges(self._network, origins, self._destinations, self._mates, (best, origin))
        return Nearest.within(origin, best, limit_m)

    def _row(self, graph: csr_array, origins: Snapped, row: int, reach: float) -> Floats:
        if not origins.ok[row]:
            return np.full(len(self._destinations), np.inf)
        # The list of one keeps SciPy's answer two-dimensional, as its typing knows it.
        distance = dijkstra(graph, indices=[self._network.node_count + row], limit=reach)[0]
        cost = np.asarray(np.min(distance[self._legs.node] + self._legs.cost_m, axis=1), np.float64)
        low, high = self._mates.bounds(origins.edge[row : row + 1])
        mates = self._mates.order[low[0] : high[0]]
        straight = along_edge(self._network, origins, row, self._destinations, mates)
        cost[mates] = np.minimum(cost[mates], straight)
        return cost

    def _with_origins(self, origins: Snapped) -> csr_array:
        """Return the graph with one more node per origin, which only leads out into the network."""
        network = self._network
        legs = legs_out(network, origins)
        # On a loop both ends are one node: two arcs to it would be added up, so the cheaper stands alone.
        loop = legs.node[:, 0] == legs.node[:, 1]
        cost = legs.cost_m.copy()
        cost[loop, 0] = cost[loop].min(axis=1)
        cost[loop, 1] = np.inf
        used = np.isfinite(cost)
        indptr = np.concatenate((network.indptr, network.indptr[-1] + np.cumsum(used.sum(axis=1))))
        size = network.node_count + len(origins)
        data = np.concatenate((network.lengths, cost[used]))
        indices = np.concatenate((network.indices, legs.node[used]))
        return csr_array((data, indices.astype(np.int32), indptr.astype(np.int32)), shape=(size, size))
