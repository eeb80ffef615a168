"""Bounded Dijkstra as compiled loops; refuses objects: arrays of numbers in, arrays of numbers out.

The work is proportional to the ground reached, not to the network: what a search touched is noted and
reset after it, so a catchment on a million nodes costs what it costs on fifty thousand.

What waits to be worked on lies in a ring of buckets, each some metres wide; the ring is longer than any
single step. A bucket is found by its whole number, never by comparing metres, and is worked on until it
stays empty; a node that gets nearer is laid in again. So distances are exact whatever the width is. Each
bucket is a linked list through the nodes themselves, so the queue never grows, and nothing is compiled to
ask whether it has; with unsigned numbers that made the loops six times faster than the plain form.

A `Queue` is (top node of each bucket: a power of two of them, -1 where empty; node below each node; node
above each node, `NOT_WAITING` for a node in no bucket), int32; it is left empty, as it was found.
"""

from collections.abc import Callable
from typing import Any, TypeAlias, TypeVar, cast

import numpy as np
from numba import njit
from numpy.typing import NDArray

Array: TypeAlias = NDArray[Any]
Whole: TypeAlias = Any  # a Python int to the reader, an unsigned machine number to the compiler
Queue: TypeAlias = tuple[Array, Array, Array]
Loop = TypeVar("Loop", bound=Callable[..., Any])

NOT_WAITING = -2
_TOP = -1


def _compiled(function: Loop) -> Loop:
    """Compile, and keep the machine code beside the source or in the user's cache if one is writable."""
    try:
        return cast("Loop", njit(cache=True, nogil=True)(function))
    except RuntimeError:  # no place to keep it: compile anew in each process
        return cast("Loop", njit(nogil=True)(function))


@_compiled
def _lay_in(queue: Queue, slot: Whole, node: Whole) -> None:
    """Lay a node that does not wait on top of the bucket `slot`."""
    head, below, above = queue
    top = head[slot]
    below[node] = top
    above[node] = _TOP
    if top >= 0:
        above[np.uint32(top)] = node
    head[slot] = node


@_compiled
def _take_out(queue: Queue, slot: Whole, node: Whole) -> None:
    """Take a waiting node out of the bucket `slot`, from wherever it lies there."""
    head, below, above = queue
    lower, upper = below[node], above[node]
    if upper >= 0:
        below[np.uint32(upper)] = lower
    else:
        head[slot] = lower
    if lower >= 0:
        above[np.uint32(lower)] = upper
    above[node] = NOT_WAITING


@_compiled
def _doubled(array: Array) -> Array:
    """Return the same values in twice the room."""
    larger = np.empty(2 * len(array), array.dtype)
    larger[: len(array)] = array
    return larger


@_compiled
def _spread(  # noqa: PLR0917 numba knows no keyword-only arguments
    graph: tuple[Array, ...],
    seeds: tuple[Array, Array],
    reach: float,
    marks: tuple[Array, Array],
    queue: Queue,
    per_metre: float,
) -> int:
    """Search from seeds (nodes, costs) up to `reach`; return how many nodes were touched.

    `marks` are the distances of all nodes, `inf` before, and room to note the touched ones.
    """
    indptr, indices, lengths = graph
    distance, touched = marks
    head, _, above = queue
    mask = np.uint64(len(head) - 1)
    waiting, touches = 0, 0
    for seed in range(len(seeds[0])):
        node, cost = np.uint32(seeds[0][seed]), seeds[1][seed]
        if cost <= reach and cost < distance[node]:
            if distance[node] == np.inf:
                touched[touches] = node
                touches += 1
                waiting += 1
            else:
                _take_out(queue, np.uint64(distance[node] * per_metre) & mask, node)
            distance[node] = cost
            _lay_in(queue, np.uint64(cost * per_metre) & mask, node)
    ring = np.uint64(0)
    while waiting > 0:
        while head[ring] >= 0:
            node = np.uint32(head[ring])
            _take_out(queue, ring, node)
            waiting -= 1
            key = distance[node]
            for arc in range(np.uint64(indptr[node]), np.uint64(indptr[node + np.uint32(1)])):
                cost, there = key + lengths[arc], np.uint32(indices[arc])
                if cost <= reach and cost < distance[there]:
                    if distance[there] == np.inf:
                        touched[touches] = there
                        touches += 1
                    if above[there] == NOT_WAITING:
                        waiting += 1
                    else:
                        _take_out(queue, np.uint64(distance[there] * per_metre) & mask, there)
                    distance[there] = cost
                    _lay_in(queue, np.uint64(cost * per_metre) & mask, there)
        ring = (ring + np.uint64(1)) & mask
    return touches


@_compiled
def _gather(
    attached: tuple[Array, ...],
    touched: Array,
    distance: Array,
    reach: float,
    into: tuple[Array, Array],
) -> int:
    """Cost of the destinations that hang on the touched nodes; return how many are within `reach`."""
    indptr, hanging, leg = attached
    best, found = into
    finds = 0
    for place in range(len(touched)):
        node = np.uint32(touched[place])
        for entry in range(np.uint64(indptr[node]), np.uint64(indptr[node + 1])):
            cost, destination = distance[node] + leg[entry], np.uint32(hanging[entry])
            if cost <= reach and cost < best[destination]:
                if best[destination] == np.inf:
                    found[finds] = destination
                    finds += 1
                best[destination] = cost
        distance[node] = np.inf
    return finds


@_compiled
def _gather_along_edge(  # noqa: PLR0917 numba knows no keyword-only arguments
    origin: tuple[float, float, float, float],
    mates: Array,
    destinations: tuple[Array, Array],
    reach: float,
    into: tuple[Array, Array],
    finds: int,
) -> int:
    """Add the ways straight along the origin's own edge; return how many are within `reach` now."""
    fraction, access_m, forward_m, backward_m = origin
    best, found = into
    for destination in mates:
        ahead = destinations[0][destination] - fraction
        walked = 0.0
        if ahead > 0:
            walked = ahead * forward_m
        elif ahead < 0:
            walked = -ahead * backward_m
        cost = access_m + walked + destinations[1][destination]
        if cost <= reach and cost < best[destination]:
            if best[destination] == np.inf:
                found[finds] = destination
                finds += 1
            best[destination] = cost
    return finds


@_compiled
def reach_rows(  # noqa: PLR0917 numba knows no keyword-only arguments
    graph: tuple[Array, ...],
    origins: tuple[Array, ...],
    attached: tuple[Array, ...],
    mates: tuple[Array, ...],
    destinations: tuple[Array, Array],
    reach: float,
    work: tuple[Array, ...],
    queue: Queue,
    per_metre: float,
) -> tuple[Array, Array, Array]:
    """Cost from each origin to every destination within `reach`: row ends, columns, costs.

    Tuples of arrays: `graph` (indptr, indices, lengths); `origins` (end nodes [o, 2], costs to them
    [o, 2], fraction, access, cost of the edge forward and backward); `attached` (indptr over nodes,
    destination, leg); `mates` (order, low, high: destinations on each origin's edge); `destinations`
    (fraction, access); `work` (node distances and destination costs, all `inf` before and after;
    room to note touched nodes and found destinations); `per_metre` buckets of `queue` make a metre.
    """
    distance, best, touched, found = work
    columns, costs = np.empty(4096, np.int32), np.empty(4096)
    row_end = np.zeros(len(origins[0]) + 1, np.int64)
    stored = 0
    for row in range(len(origins[0])):
        seeds = (origins[0][row], origins[1][row])
        touches = _spread(graph, seeds, reach, (distance, touched), queue, per_metre)
        finds = _gather(attached, touched[:touches], distance, reach, (best, found))
        origin = (origins[2][row], origins[3][row], origins[4][row], origins[5][row])
        own = mates[0][mates[1][row] : mates[2][row]]
        finds = _gather_along_edge(origin, own, destinations, reach, (best, found), finds)
        while stored + finds > len(columns):
            columns, costs = _doubled(columns), _doubled(costs)
        for place in range(finds):
            destination = np.uint32(found[place])
            columns[stored] = destination
            costs[stored] = best[destination]
            best[destination] = np.inf
            stored += 1
        row_end[row + 1] = stored
    return row_end, columns[:stored].copy(), costs[:stored].copy()


@_compiled
def nearest_nodes(
    graph: tuple[Array, ...],
    seeds: tuple[Array, Array, Array],
    reach: float,
    queue: Queue,
    per_metre: float,
) -> tuple[Array, Array]:
    """Distance of every node from its nearest seed within `reach`, and that seed's origin (-1: none).

    `seeds` are nodes, costs and origins; of origins at exactly the same distance the lowest wins.
    """
    indptr, indices, lengths = graph
    distance = np.full(len(indptr) - 1, np.inf)
    origin = np.full(len(indptr) - 1, np.int32(-1))
    head, _, above = queue
    mask = np.uint64(len(head) - 1)
    waiting = 0
    for seed in range(len(seeds[0])):
        node, cost, number = np.uint32(seeds[0][seed]), seeds[1][seed], seeds[2][seed]
        if cost <= reach and (cost < distance[node] or (cost == distance[node] and number < origin[node])):
            if above[node] == NOT_WAITING:
                waiting += 1
            else:
                _take_out(queue, np.uint64(distance[node] * per_metre) & mask, node)
            distance[node] = cost
            origin[node] = number
            _lay_in(queue, np.uint64(cost * per_metre) & mask, node)
    ring = np.uint64(0)
    while waiting > 0:
        while head[ring] >= 0:
            node = np.uint32(head[ring])
            _take_out(queue, ring, node)
            waiting -= 1
            key, number = distance[node], origin[node]
            for arc in range(np.uint64(indptr[node]), np.uint64(indptr[node + np.uint32(1)])):
                cost, there = key + lengths[arc], np.uint32(indices[arc])
                if cost > reach or cost > distance[there]:
                    continue
                if cost < distance[there] or number < origin[there]:
                    if above[there] == NOT_WAITING:
                        waiting += 1
                    else:
                        _take_out(queue, np.uint64(distance[there] * per_metre) & mask, there)
                    distance[there] = cost
                    origin[there] = number
                    _lay_in(queue, np.uint64(cost * per_metre) & mask, there)
        ring = (ring + np.uint64(1)) & mask
    return distance, origin
