"""A piece of a network with every street that meets some ground; refuses to change any length or cost."""

from dataclasses import dataclass

import numpy as np
import shapely

from layers.hubs.network.road_network import Floats, LongIntegers, RoadNetwork, numbered_components
from layers.hubs.network.snapping import Snapped


@dataclass(frozen=True, eq=False)
class Excerpt:
    """A network of some edges of a larger one; `edges` int64 [m], ascending, are their numbers there."""

    network: RoadNetwork
    edges: LongIntegers

    def brought(self, points: Snapped) -> tuple[Snapped, LongIntegers]:
        """Return the points that stand on the excerpt, in it, and their rows among those given."""
        at = np.minimum(np.searchsorted(self.edges, points.edge), max(len(self.edges) - 1, 0))
        rows = np.flatnonzero(points.ok & (self.edges[at] == points.edge)) if len(self.edges) else at[:0]
        kept = points.take(rows)
        return Snapped(at[rows], kept.fraction, kept.access_m, kept.ok), rows


def excerpt(network: RoadNetwork, bounds: tuple[float, float, float, float]) -> Excerpt:
    """Return the edges that meet `bounds` [m], whole; arcs between their nodes keep their costs.

    A way that stays within the bounds costs the same here; one that leaves them may cost more or be missing.
    """
    edges = np.sort(network.edge_index.query(shapely.box(*bounds), predicate="intersects"))
    start, end = network.edge_start[edges], network.edge_end[edges]
    nodes = np.unique(np.concatenate((start, end)))
    graph = network.graph[nodes][:, nodes]
    graph.sort_indices()
    new_start, new_end = (np.searchsorted(nodes, ends).astype(np.int32) for ends in (start, end))
    vertices, offsets = _vertices(network, edges)
    piece = RoadNetwork(
        node_xy=network.node_xy[nodes],
        component=numbered_components(len(nodes), new_start, new_end),
        indptr=graph.indptr.astype(np.int64),
        indices=graph.indices.astype(np.int32),
        lengths=graph.data,
        edge_start=new_start,
        edge_end=new_end,
        edge_line=network.edge_line[edges],
        edge_length_m=network.edge_length_m[edges],
        forward_m=network.forward_m[edges],
        backward_m=network.backward_m[edges],
        vertex_xy=vertices,
        edge_offsets=offsets,
    )
    return Excerpt(piece, edges)


def _vertices(network: RoadNetwork, edges: LongIntegers) -> tuple[Floats, LongIntegers]:
    begin, count = network.edge_offsets[edges], np.diff(network.edge_offsets)[edges]
    offsets = np.concatenate(([0], np.cumsum(count))).astype(np.int64)
    rows = np.repeat(begin - offsets[:-1], count) + np.arange(offsets[-1])
    return network.vertex_xy[rows], offsets
