"""From lines to a network, cut where vertices are shared; refuses to guess at other crossings.

Two lines are joined only where both carry the same vertex, end or not: a bridge that merely crosses
above a street shares none and stays apart. Crossings on one level are a separate, asked-for repair.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from shapely import LineString, MultiLineString

from layers.hubs.network.hilbert import hilbert_order
from layers.hubs.network.road_network import (
    Floats,
    Integers,
    LongIntegers,
    NetworkEmpty,
    NetworkGeometryInvalid,
    RoadNetwork,
    numbered_components,
)
from layers.hubs.network.strands import Strands, strands_of

# Vertices nearer than this are one: far below any survey, far above the noise of a projection.
SAME_VERTEX_M = 1e-6
_AT_ONCE = 1_000_000


@dataclass(frozen=True)
class _Vertices:
    """Vertices [k] of all lines one after another: place, line and number of the place."""

    xy: Floats
    line: LongIntegers
    place: Integers


def build_network(
    lines: Sequence[LineString | MultiLineString] | Strands,
    *,
    forward_factor: Sequence[float] | Floats | None = None,
    backward_factor: Sequence[float] | Floats | None = None,
) -> RoadNetwork:
    """Cut lines at every vertex they share and return the network with all its components.

    `lines` are in metres of a projected CRS; heights are ignored. `forward_factor` and
    `backward_factor` [one a line] multiply a line's length into its cost along and against its drawn
    direction: 1 on the level, 1.6 for a stair at a lower speed, `inf` where nobody may walk; a line
    closed both ways is no part of the network, and nothing is snapped to it. Parallel edges all stay for snapping, and the cheaper one is the arc. Lines without length are left out.

    A cross drawn as two lines that share the middle vertex gives five nodes and four edges:

    >>> cross = [LineString([(0, 5), (5, 5), (9, 5)]), LineString([(5, 0), (5, 5), (5, 9)])]
    >>> build_network(cross).edge_count
    4

    Raises `NetworkEmpty` when nothing can be walked, `NetworkGeometryInvalid` for coordinates or
    factors that are not numbers.
    """
    strands = lines if isinstance(lines, Strands) else strands_of(lines)
    forward = _factors(forward_factor, strands.lines)
    backward = _factors(backward_factor, strands.lines)
    walkable = np.isfinite(forward) | np.isfinite(backward)
    return _assemble(_vertices(strands, walkable), forward, backward)


def _factors(given: Sequence[float] | Floats | None, count: int) -> Floats:
    factors = np.ones(count) if given is None else np.asarray(given, np.float64)
    if factors.shape != (count,) or np.isnan(factors).any() or (factors <= 0).any():
        raise NetworkGeometryInvalid(reason="factor", expected=count, given=list(factors.shape))
    return factors


def _vertices(strands: Strands, walkable: NDArray[np.bool_]) -> _Vertices:
    xy = strands.xy
    if len(xy) == 0:
        raise NetworkEmpty(lines=strands.lines)
    counts = np.diff(strands.offsets)
    part = np.repeat(np.arange(len(counts), dtype=np.int32), counts)
    broken = ~np.isfinite(xy).all(axis=1)
    if broken.any():
        bad = np.unique(strands.line[part[broken]])
        raise NetworkGeometryInvalid(reason="coordinates", lines=bad[:10].tolist(), count=len(bad))
    place = _numbered_places(xy)
    kept = np.ones(len(xy), bool)
    kept[1:] = (place[1:] != place[:-1]) | (part[1:] != part[:-1])
    lasting = (np.bincount(part[kept], minlength=len(counts)) >= 2) & walkable[strands.line]
    kept &= lasting[part]
    if not kept.any():
        raise NetworkEmpty(lines=strands.lines)
    if not kept.all():
        xy, part, place = xy[kept], part[kept], place[kept]
    # The part, not the line, is the thread to follow; its line is looked up once edges exist.
    return _Vertices(xy, part * np.int64(strands.lines) + strands.line[part], place)


def _numbered_places(xy: Floats) -> Integers:
    """Give each vertex the number of its place: equal numbers for vertices within `SAME_VERTEX_M`."""
    east, north = (np.round(xy[:, axis] / SAME_VERTEX_M).astype(np.int64) for axis in (0, 1))
    order = np.lexsort((north, east))
    fresh = np.zeros(len(xy), bool)
    for cell in (east, north):
        cell[:] = cell[order]
        fresh[1:] |= cell[1:] != cell[:-1]
    del east, north, cell
    place = np.empty(len(xy), np.int32)
    place[order] = np.cumsum(fresh, dtype=np.int32)
    return place


def _assemble(vertices: _Vertices, forward: Floats, backward: Floats) -> RoadNetwork:
    begins = np.flatnonzero(np.diff(vertices.line, prepend=-1) != 0)
    ends = np.append(begins[1:], len(vertices.line)) - 1
    is_node = np.bincount(vertices.place)[vertices.place] > 1
    is_node[begins] = is_node[ends] = True
    first, last = _edge_bounds(is_node, ends)
    node_place, node_xy = _ordered_nodes(vertices, is_node)
    lookup = np.full(int(vertices.place.max()) + 1, -1, np.int32)
    lookup[node_place] = np.arange(len(node_place), dtype=np.int32)
    start, end = lookup[vertices.place[first]], lookup[vertices.place[last]]
    del lookup, node_place, is_node
    counts = last - first + 1
    offsets = np.concatenate(([0], np.cumsum(counts)))
    line = vertices.line[first] % len(forward)
    shape_xy = vertices.xy[np.arange(offsets[-1]) - np.repeat(offsets[:-1] - first, counts)]
    del vertices, first, last, counts
    length = _edge_lengths(shape_xy, offsets)
    costs = (length * forward[line], length * backward[line])
    indptr, indices, lengths = _arcs(len(node_xy), start, end, costs)
    return RoadNetwork(
        node_xy=node_xy,
        component=numbered_components(len(node_xy), start, end),
        indptr=indptr,
        indices=indices,
        lengths=lengths,
        edge_start=start,
        edge_end=end,
        edge_line=line,
        edge_length_m=length,
        forward_m=costs[0],
        backward_m=costs[1],
        vertex_xy=shape_xy,
        edge_offsets=offsets,
    )


def _edge_bounds(is_node: NDArray[np.bool_], ends: LongIntegers) -> tuple[LongIntegers, LongIntegers]:
    """First and last vertex of every edge: from each cut to the next on the same line."""
    cuts = np.flatnonzero(is_node)
    closes = np.zeros(len(is_node), bool)
    closes[ends] = True
    opening = ~closes[cuts]
    return cuts[opening], cuts[np.flatnonzero(opening) + 1]


def _ordered_nodes(vertices: _Vertices, is_node: NDArray[np.bool_]) -> tuple[Integers, Floats]:
    place, sample = np.unique(vertices.place[is_node], return_index=True)
    xy = vertices.xy[is_node][sample]
    order = hilbert_order(xy)
    return place[order], xy[order]


def _edge_lengths(shape_xy: Floats, offsets: LongIntegers) -> Floats:
    step = np.zeros(len(shape_xy))
    for first in range(0, len(shape_xy) - 1, _AT_ONCE):
        step[first : first + _AT_ONCE][: len(shape_xy) - 1 - first] = np.hypot(
            *np.diff(shape_xy[first : first + _AT_ONCE + 1], axis=0).T
        )
    step[offsets[1:] - 1] = 0.0  # from the end of one edge to the begin of the next nobody walks
    return np.add.reduceat(step, offsets[:-1])


def _arcs(
    node_count: int, start: Integers, end: Integers, costs: tuple[Floats, Floats]
) -> tuple[LongIntegers, NDArray[np.int32], Floats]:
    """Arcs in CSR form; of parallel edges the cheapest only, for SciPy would add them up."""
    tail, head = np.concatenate((start, end)), np.concatenate((end, start))
    cost = np.concatenate(costs)
    usable = (tail != head) & np.isfinite(cost)
    if not usable.all():
        tail, head, cost = tail[usable], head[usable], cost[usable]
    order = np.lexsort((cost, head, tail))
    tail, head, cost = tail[order], head[order], cost[order]
    del order, usable
    cheapest = np.ones(len(tail), bool)
    cheapest[1:] = (tail[1:] != tail[:-1]) | (head[1:] != head[:-1])
    indptr = np.zeros(node_count + 1, np.int64)
    np.cumsum(np.bincount(tail[cheapest], minlength=node_count), out=indptr[1:])
    return indptr, head[cheapest], cost[cheapest]
