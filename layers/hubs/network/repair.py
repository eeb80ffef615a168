"""What is wrong with the lines of a network, and the two repairs asked for by name.

Refuses to mend on its own: crossings are cut and gaps closed only when called, and each call says what it did.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from hashlib import blake2b

import numpy as np
import shapely
from numpy.typing import NDArray
from shapely import LineString

from layers.hubs.network.building import SAME_VERTEX_M
from layers.hubs.network.road_network import (
    Floats,
    LongIntegers,
    RoadNetwork,
    Shapes,
    linestrings,
    point_shapes,
)


@dataclass(frozen=True)
class NetworkReport:
    """What an office should look at before it trusts a network.

    `dangling_xy` float64 [d, 2]: ends of one edge only that lie within the tolerance of another edge
    they do not touch, with `gap_m` [d] to it; `duplicate_edges` int64: numbers of edges whose shape
    another, lower-numbered edge repeats; `island_nodes` and `island_length_m`: size of each component
    after the largest, falling by nodes.
    """

    nodes: int
    edges: int
    length_m: float
    components: int
    dangling_xy: Floats
    gap_m: Floats
    duplicate_edges: LongIntegers
    island_nodes: LongIntegers
    island_length_m: Floats


@dataclass(frozen=True)
class Crossings:
    """Lines after a repair, with the places [c, 2] where it put a new vertex."""

    lines: list[LineString]
    places_xy: Floats


def examine_network(network: RoadNetwork, *, gap_tolerance_m: float = 2.0) -> NetworkReport:
    """Report near misses, repeated edges and islands; nothing is changed."""
    dangling, gap = _near_misses(network, gap_tolerance_m)
    part = network.component[network.edge_start]
    return NetworkReport(
        nodes=network.node_count,
        edges=network.edge_count,
        length_m=float(network.edge_length_m.sum()),
        components=network.component_count,
        dangling_xy=network.node_xy[dangling],
        gap_m=gap,
        duplicate_edges=_duplicates(network),
        island_nodes=np.bincount(network.component)[1:],
        island_length_m=np.bincount(part, network.edge_length_m, network.component_count)[1:].astype(
            np.float64
        ),
    )


def _dangling_nodes(network: RoadNetwork) -> LongIntegers:
    degree = np.bincount(np.concatenate((network.edge_start, network.edge_end)), minlength=network.node_count)
    return np.flatnonzero(degree == 1)


def _near_misses(network: RoadNetwork, tolerance_m: float) -> tuple[LongIntegers, Floats]:
    """Dangling nodes with an edge within the tolerance that is not their own; edges are drawn some at a time."""
    nodes = _dangling_nodes(network)
    points = point_shapes(network.node_xy[nodes])
    ends = shapely.STRtree(points)
    gap = np.full(len(nodes), np.inf)
    for first, shapes in network.shapes_in_pieces():
        piece, row = ends.query(shapes, predicate="dwithin", distance=tolerance_m)
        edge = first + piece
        own = (network.edge_start[edge] == nodes[row]) | (network.edge_end[edge] == nodes[row])
        row, piece = row[~own], piece[~own]
        np.minimum.at(gap, row, shapely.distance(points[row], shapes[piece]))
    missed = np.isfinite(gap)
    return nodes[missed], gap[missed]


def _duplicates(network: RoadNetwork) -> LongIntegers:
    keys = np.empty((network.edge_count, 2), np.uint64)
    for first, shapes in network.shapes_in_pieces():
        drawn = shapely.to_wkb(shapely.normalize(shapes))
        digests = b"".join(blake2b(each, digest_size=16).digest() for each in drawn)
        keys[first : first + len(drawn)] = np.frombuffer(digests, np.uint64).reshape(-1, 2)
    order = np.lexsort((keys[:, 1], keys[:, 0]))  # stable: of equal ones the lowest number comes first
    again = np.zeros(len(keys), bool)
    again[order[1:]] = (keys[order[1:]] == keys[order[:-1]]).all(axis=1)
    return np.flatnonzero(again)


def cut_crossings(
    lines: Sequence[LineString], *, level: Sequence[int] | NDArray[np.integer] | None = None
) -> Crossings:
    """Give both lines a common vertex wherever two on the same level cross or touch.

    `level` [one a line] is OSM's `layer`: 0 on the ground, 1 a bridge, -1 a tunnel. Without it all
    lines are on the ground. Lines lying on top of each other for a stretch get vertices at its ends.
    """
    shapes = np.asarray(lines, dtype=object)
    levels = np.zeros(len(shapes), int) if level is None else np.asarray(level)
    one, other = shapely.STRtree(shapes).query(shapes, predicate="intersects")
    paired = (one < other) & (levels[one] == levels[other])
    one, other = one[paired], other[paired]
    xy, pair = shapely.get_coordinates(shapely.intersection(shapes[one], shapes[other]), return_index=True)
    owners = np.concatenate((one[pair], other[pair]))
    return _with_vertices(shapes, owners, np.concatenate((xy, xy)))


def close_gaps(lines: Sequence[LineString], network: RoadNetwork, *, tolerance_m: float) -> Crossings:
    """Lengthen each dangling end to the nearest point of an edge within `tolerance_m` of it.

    `network` is the one built from `lines`. Both the stretch added and the edge met get the vertex,
    so the network built from the answer is joined there.
    """
    nodes, gap = _near_misses(network, tolerance_m)
    shapes = np.asarray(lines, dtype=object)
    points = point_shapes(network.node_xy[nodes])
    row, edge = network.edge_index.query(points, predicate="dwithin", distance=tolerance_m)
    own = (network.edge_start[edge] == nodes[row]) | (network.edge_end[edge] == nodes[row])
    near = ~own & (shapely.distance(points[row], network.edge_shapes[edge]) <= gap[row])
    row, edge = row[near], edge[near]
    row, first = np.unique(row, return_index=True)
    edge = edge[first]
    joint = shapely.get_coordinates(
        shapely.line_interpolate_point(
            network.edge_shapes[edge], shapely.line_locate_point(network.edge_shapes[edge], points[row])
        )
    )
    mended = _with_vertices(shapes, network.edge_line[edge], joint)
    ends = np.stack((network.node_xy[nodes[row]], joint), axis=1)
    bridges = linestrings(ends.reshape(-1, 2), np.arange(0, 2 * len(row) + 1, 2))
    long_enough = shapely.length(bridges) > SAME_VERTEX_M
    return Crossings([*mended.lines, *bridges[long_enough]], joint)


def _with_vertices(shapes: Shapes, owners: LongIntegers, xy: Floats) -> Crossings:
    """Lines with extra vertices put in where they belong along each."""
    result: list[LineString] = list(shapes)
    order = np.argsort(owners, kind="stable")
    for owner, rows in zip(*_groups(owners[order], order), strict=True):
        result[owner] = _threaded(shapes[owner], xy[rows])
    return Crossings(result, np.unique(xy, axis=0))


def _groups(owners: LongIntegers, rows: LongIntegers) -> tuple[list[int], list[LongIntegers]]:
    if len(owners) == 0:
        return [], []
    bounds = np.flatnonzero(np.diff(owners)) + 1
    return owners[np.concatenate(([0], bounds))].tolist(), np.split(rows, bounds)


def _threaded(line: LineString, extra_xy: Floats) -> LineString:
    """Return the line with vertices at `extra_xy`; one already there gives way to the common one."""
    own = shapely.get_coordinates(line)
    own_at = np.concatenate(([0.0], np.cumsum(np.hypot(*np.diff(own, axis=0).T))))
    extra_at = shapely.line_locate_point(line, shapely.points(extra_xy))
    at = np.concatenate((own_at, extra_at))
    xy = np.concatenate((own, extra_xy))
    rank = np.concatenate((np.ones(len(own)), np.zeros(len(extra_xy))))
    order = np.lexsort((rank, at))
    at, xy, rank = at[order], xy[order], rank[order]
    near_extra = np.isin(np.round(at, 5), np.round(at[rank == 0], 5))
    return LineString(xy[~(near_extra & (rank == 1))])
