"""The walking network as arrays in metres; refuses to be changed once built."""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from functools import cached_property
from typing import TypeAlias

import numpy as np
import shapely
from numpy.typing import NDArray
from scipy.sparse import csr_array
from scipy.sparse.csgraph import connected_components

from layers.errors import InvalidInput

Floats: TypeAlias = NDArray[np.float64]
Integers: TypeAlias = NDArray[np.int32]
LongIntegers: TypeAlias = NDArray[np.int64]
Shapes: TypeAlias = NDArray[np.object_]


class NetworkEmpty(InvalidInput):
    """No line with any length is left to walk on."""

    code = "hubs.network_empty"


class NetworkGeometryInvalid(InvalidInput):
    """A line of the network has no coordinates that can be measured."""

    code = "hubs.network_geometry_invalid"


class NetworkFileInvalid(InvalidInput):
    """The file is no compact network, or one of another format version."""

    code = "hubs.network_file_invalid"


@dataclass(frozen=True, eq=False)
class RoadNetwork:
    """Nodes, arcs and edges of one version of the network (路网), in metres of one projected CRS.

    An *edge* is a piece of street between two cuts and keeps its shape; points are snapped to edges.
    An *arc* is what a search walks: of several parallel edges only the cheapest direction is one, and
    a loop is none. Costs are metres walked on the level; a slope, a stair or a slow class enters as a
    factor, so a limit in minutes is `minutes * 60 * speed_m_s` metres. Cost may differ by direction.

    Shapes, for n nodes in Hilbert order, a arcs, m edges and k vertices:

    - `node_xy` float64 [n, 2]; `component` int32 [n], 0 being the component with most nodes
    - `indptr` int64 [n + 1], `indices` int32 [a], `lengths` float64 [a]: arcs leaving each node
    - `edge_start`, `edge_end` int32 [m]: node numbers; `edge_line` int64 [m]: which line it came from
    - `edge_length_m`, `forward_m`, `backward_m` float64 [m]: length, cost start→end and end→start
      (`inf` where that direction may not be walked)
    - `vertex_xy` float64 [k, 2], `edge_offsets` int64 [m + 1]: the shape of each edge
    """

    node_xy: Floats
    component: Integers
    indptr: LongIntegers
    indices: Integers
    lengths: Floats
    edge_start: Integers
    edge_end: Integers
    edge_line: LongIntegers
    edge_length_m: Floats
    forward_m: Floats
    backward_m: Floats
    vertex_xy: Floats
    edge_offsets: LongIntegers

    @property
    def node_count(self) -> int:
        """Number of nodes: ends of lines, and vertices that two lines share."""
        return len(self.node_xy)

    @property
    def edge_count(self) -> int:
        """Number of edges, parallel ones and loops included."""
        return len(self.edge_start)

    @cached_property
    def component_count(self) -> int:
        """Number of parts that no street joins; more than one means islands."""
        return int(self.component.max()) + 1

    @cached_property
    def is_symmetric(self) -> bool:
        """Whether every edge costs the same both ways, so that direction does not matter."""
        return bool(np.array_equal(self.forward_m, self.backward_m))

    @cached_property
    def arc_lengths_m(self) -> tuple[float, float]:
        """Mean and longest arc."""
        return float(self.lengths.mean()) if len(self.lengths) else 1.0, float(self.lengths.max(initial=0.0))

    @cached_property
    def graph(self) -> csr_array:
        """The arcs as a sparse matrix [n, n], as SciPy's searches take it; zeros are arcs too."""
        shape = (self.node_count, self.node_count)
        indptr = self.indptr.astype(np.int32) if len(self.indices) < 2**31 else self.indptr
        return csr_array((self.lengths, self.indices, indptr), shape=shape)

    @cached_property
    def edge_shapes(self) -> Shapes:
        """The edges as LineStrings [m], in the network's metres."""
        return linestrings(self.vertex_xy, self.edge_offsets)

    def drawn(self, edges: slice) -> Shapes:
        """Return some neighbouring edges as LineStrings, kept by nobody: all of them take some hundred bytes each."""
        offsets = self.edge_offsets[edges.start : edges.stop + 1]
        return linestrings(self.vertex_xy[offsets[0] : offsets[-1]], offsets - offsets[0])

    def shapes_in_pieces(self, at_once: int = 50_000) -> Iterator[tuple[int, Shapes]]:
        """Give all edges as LineStrings some at a time, with the number of the first."""
        for first in range(0, self.edge_count, at_once):
            yield first, self.drawn(slice(first, min(first + at_once, self.edge_count)))

    @cached_property
    def extent(self) -> tuple[float, float, float, float]:
        """West, south, east, north of all edges."""
        low, high = self.vertex_xy.min(axis=0), self.vertex_xy.max(axis=0)
        return float(low[0]), float(low[1]), float(high[0]), float(high[1])

    @cached_property
    def edge_index(self) -> shapely.STRtree:
        """Spatial index of `edge_shapes`, built at the first snap and kept with this version."""
        return shapely.STRtree(self.edge_shapes)

    @cached_property
    def reversed(self) -> "RoadNetwork":
        """The same streets with every direction turned: a search *from* hubs then costs *towards* them."""
        if self.is_symmetric:
            return self
        turned = csr_array(self.graph.T)
        turned.sort_indices()
        return replace(
            self,
            indptr=turned.indptr.astype(np.int64),
            indices=turned.indices.astype(np.int32),
            lengths=turned.data,
            forward_m=self.backward_m,
            backward_m=self.forward_m,
        )

    def __getstate__(self) -> dict[str, object]:
        """Only the arrays travel to another process; indexes are built again there."""
        return {name: self.__dict__[name] for name in self.__dataclass_fields__}


def linestrings(vertex_xy: Floats, offsets: LongIntegers) -> Shapes:
    """LineStrings from one array of vertices [k, 2] and the offsets [m + 1] where each begins."""
    owners = np.repeat(np.arange(len(offsets) - 1), np.diff(offsets))
    return np.asarray(shapely.linestrings(vertex_xy, indices=owners), dtype=object)


def point_shapes(xy: Floats) -> Shapes:
    """Points [p, 2] as an array of Shapely points [p], also when there is none."""
    return np.asarray(shapely.points(xy), dtype=object)


def numbered_components(node_count: int, start: NDArray[np.integer], end: NDArray[np.integer]) -> Integers:
    """Component number of each node [n], numbered by falling count of nodes."""
    joined = csr_array((np.ones(len(start), np.int8), (start, end)), shape=(node_count, node_count))
    _, label = connected_components(joined, directed=False)
    rank = np.argsort(np.argsort(-np.bincount(label), kind="stable"), kind="stable")
    return rank[label].astype(np.int32)
