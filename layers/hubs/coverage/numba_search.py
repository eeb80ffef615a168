"""The fast search: the compiled kernel behind the seam; refuses nothing the reference would not."""

from functools import cached_property

import numpy as np
from scipy.sparse import csr_array

from layers.hubs.coverage import kernel
from layers.hubs.coverage.legs import (
    LIMIT_TOLERANCE_M,
    EdgeMates,
    legs_in,
    legs_out,
    nearer_along_edges,
)
from layers.hubs.coverage.search import Nearest
from layers.hubs.network import RoadNetwork, Snapped
from layers.hubs.network.road_network import Floats, Integers, LongIntegers

_MOST_BUCKETS = 65_536


class KernelSearch:
    """Searches towards fixed destinations [d]; keeps its working memory between calls.

    One instance serves one thread: a search leaves its marks in that memory and wipes them after.
    """

    def __init__(self, network: RoadNetwork, destinations: Snapped) -> None:
        self._network = network
        self._destinations = destinations
        self._legs = legs_in(network, destinations)
        self._mates = EdgeMates.of(destinations)
        self._graph = (network.indptr, network.indices, network.lengths)

    def matrix(self, origins: Snapped, limit_m: float) -> csr_array:
        """Return the cost of every pair within the limit [origins, d]."""
        network = self._network
        legs = legs_out(network, origins)
        low, high = self._mates.bounds(origins.edge)
        edges = (network.forward_m[origins.edge], network.backward_m[origins.edge])
        indptr, columns, costs = kernel.reach_rows(
            self._graph,
            (legs.node, legs.cost_m, origins.fraction, origins.access_m, *edges),
            self._attached,
            (self._mates.order, low, high),
            (self._destinations.fraction, self._destinations.access_m),
            _finite_reach(limit_m),
            self._work,
            *self._queue(legs.cost_m),
        )
        shape = (len(origins), len(self._destinations))
        matrix = csr_array((costs, columns, indptr), shape=shape)
        matrix.sort_indices()
        return matrix

    def nearest(self, origins: Snapped, limit_m: float) -> Nearest:
        """Return the nearest origin of every destination, by one search from all origins at once."""
        legs = legs_out(self._network, origins)
        number = np.repeat(np.arange(len(origins), dtype=np.int32), 2)
        seeds = (legs.node.ravel(), legs.cost_m.ravel(), number)
        queue = self._queue(legs.cost_m)
        distance, label = kernel.nearest_nodes(self._graph, seeds, _finite_reach(limit_m), *queue)
        cost = distance[self._legs.node] + self._legs.cost_m
        side = np.argmin(cost, axis=1)
        rows = np.arange(len(cost))
        best, origin = cost[rows, side], label[self._legs.node[rows, side]].astype(np.int64)
        nearer_along_edges(self._network, origins, self._destinations, self._mates, (best, origin))
        return Nearest.within(origin, best, limit_m)

    @cached_property
    def _work(self) -> tuple[Floats, Floats, Integers, Integers]:
        nodes, destinations = self._network.node_count, len(self._destinations)
        return (
            np.full(nodes, np.inf),
            np.full(destinations, np.inf),
            np.empty(nodes, np.int32),
            np.empty(destinations, np.int32),
        )

    @cached_property
    def _links(self) -> tuple[Integers, Integers]:
        nodes = self._network.node_count
        return np.empty(nodes, np.int32), np.full(nodes, kernel.NOT_WAITING, np.int32)

    def _queue(self, seed_costs: Floats) -> tuple[kernel.Queue, float]:
        """Return an empty ring of buckets half a usual arc wide, longer than any step, and its scale."""
        usual, longest = self._network.arc_lengths_m
        longest = max(longest, float(seed_costs.max(initial=0.0, where=np.isfinite(seed_costs))))
        width = max(usual / 2, longest / _MOST_BUCKETS, 1e-3)
        buckets = 1 << (int(longest / width) + 2).bit_length()
        return (np.full(buckets, -1, np.int32), *self._links), 1.0 / width

    @cached_property
    def _attached(self) -> tuple[LongIntegers, Integers, Floats]:
        """Which destinations hang on each node, and at what cost: CSR over nodes."""
        node, cost = self._legs.node.ravel(), self._legs.cost_m.ravel()
        destination = np.repeat(np.arange(len(self._destinations), dtype=np.int32), 2)
        usable = np.flatnonzero(np.isfinite(cost))
        order = usable[np.argsort(node[usable], kind="stable")]
        indptr = np.zeros(self._network.node_count + 1, np.int64)
        np.cumsum(np.bincount(node[usable], minlength=self._network.node_count), out=indptr[1:])
        return indptr, destination[order], cost[order]


def _finite_reach(limit_m: float) -> float:
    """Return the reach of a limit; never `inf`, which in the kernel means untouched."""
    return float(min(limit_m + LIMIT_TOLERANCE_M, np.finfo(float).max))
