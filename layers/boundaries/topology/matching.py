"""Vertices that one unit has on a shared line and its neighbour lacks.

It makes two descriptions of one line alike before anything is measured, and refuses to touch what
differs by more than the tolerance: that is ground, and ground is for `faces` to judge.
"""

from dataclasses import dataclass

import numpy as np
import shapely
from scipy.sparse import coo_array
from scipy.sparse.csgraph import connected_components
from scipy.spatial import KDTree

from layers.boundaries.topology.edges import Edges, Numbers, Places


@dataclass(frozen=True, slots=True)
class Mismatch:
    """One place, or a run of places along one line, that not all units beside it have as vertices."""

    places: Places
    has: frozenset[int]
    lacks: frozenset[int]
    off_m: float


Missing = tuple[int, int, int, float]  # place, the unit that has it, the unit that lacks it, metres off


def match(edges: Edges, same_place_m: float) -> tuple[Edges, list[Mismatch]]:
    """Give every left-over edge the vertices that its neighbours have on it.

    Returns the edges, alike wherever they run within `same_place_m` of each other, and what had to
    be added. Only a vertex where lines really run together counts, that is, where an edge found its
    counterpart; two corners that merely touch are no mismatch.
    """
    loose = edges.only(edges.left_over())
    new_place, merged = _merge(edges, loose, same_place_m)
    edges, before = edges.moved(new_place), loose.moved(new_place)
    left = edges.left_over()
    loose, settled = edges.only(left), edges.only(~left)
    vertex, segment, off_m = _vertices_on_edges(edges, loose, same_place_m)
    matched = settled.with_more(_split(loose, vertex, segment))
    added = list(_missing(before, loose, vertex, segment, off_m))
    answered = _answered(before, matched)
    return matched, _runs(matched, [m for m in (*merged, *added) if (m[0], m[1]) in answered])


def _merge(edges: Edges, loose: Edges, same_place_m: float) -> tuple[Numbers, list[Missing]]:
    """Join vertices of different units that stand closer than the tolerance."""
    new_place = np.arange(len(edges.places))
    ends = np.unique(np.concatenate([loose.start, loose.end]))
    if not len(ends):
        return new_place, []
    near = ends[KDTree(edges.places[ends]).query_pairs(same_place_m, output_type="ndarray")]
    units = _units_by_place(edges, np.unique(near))
    near = np.array([pair for pair in near if units[pair[0]].isdisjoint(units[pair[1]])], dtype=np.int64)
    if not len(near):
        return new_place, []
    size = len(edges.places)
    graph = coo_array((np.ones(len(near)), (near[:, 0], near[:, 1])), shape=(size, size))
    _, cluster = connected_components(graph, directed=False)
    _, first = np.unique(cluster, return_index=True)
    new_place = first[cluster]
    off_m = np.hypot(*(edges.places[near[:, 0]] - edges.places[near[:, 1]]).T)
    return new_place, [
        (int(new_place[one]), has, lacks, float(off))
        for (one, other), off in zip(near, off_m, strict=True)
        for has in units[one]
        for lacks in units[other]
    ]


def _units_by_place(edges: Edges, places: Numbers) -> dict[int, set[int]]:
    units: dict[int, set[int]] = {int(place): set() for place in places}
    for end in (edges.start, edges.end):
        here = np.isin(end, places)
        for place, unit in zip(end[here].tolist(), edges.unit[here].tolist(), strict=True):
            units[place].add(unit)
    return units


def _vertices_on_edges(edges: Edges, loose: Edges, same_place_m: float) -> tuple[Numbers, Numbers, Places]:
    """Return (vertex, edge, metres apart) where a vertex lies on an edge of a unit that lacks it."""
    ends = np.unique(np.concatenate([loose.start, loose.end]))
    if not len(ends):
        return ends, ends, np.empty(0)
    lines, points = loose.lines(), shapely.points(edges.places[ends])
    hit, segment = shapely.STRtree(lines).query(points, predicate="dwithin", distance=same_place_m)
    vertex = ends[hit]
    units = int(edges.unit.max()) + 1
    known = np.isin(vertex * units + loose.unit[segment], edges.at_ends(units))
    vertex, segment, hit = vertex[~known], segment[~known], hit[~known]
    return vertex, segment, shapely.distance(points[hit], lines[segment])


def _split(loose: Edges, vertex: Numbers, segment: Numbers) -> Edges:
    """Return the edges with the vertices set in, each edge's in walking order."""
    start, end = loose.places[loose.start[segment]], loose.places[loose.end[segment]]
    along = np.einsum("ij,ij->i", loose.places[vertex] - start, end - start)
    along = along / np.einsum("ij,ij->i", end - start, end - start)
    every = np.arange(len(loose))
    owner = np.concatenate([every, segment, every])
    position = np.concatenate([np.full(len(loose), -np.inf), along, np.full(len(loose), np.inf)])
    place = np.concatenate([loose.start, vertex, loose.end])
    order = np.lexsort([position, owner])
    owner, place = owner[order], place[order]
    inside = owner[1:] == owner[:-1]
    pieces = Edges(loose.places, place[:-1][inside], place[1:][inside], loose.unit[owner[:-1][inside]])
    return pieces.only(pieces.start != pieces.end)


def _missing(before: Edges, loose: Edges, vertex: Numbers, segment: Numbers, off_m: Places) -> list[Missing]:
    beside = _units_by_place(before, np.unique(vertex))
    return [
        (place, has, lacks, off)
        for place, lacks, off in zip(
            vertex.tolist(), loose.unit[segment].tolist(), off_m.tolist(), strict=True
        )
        for has in beside[place]
        if has != lacks
    ]


def _answered(before: Edges, matched: Edges) -> set[tuple[int, int]]:
    """Return (place, unit) where an edge that stood alone has now found its counterpart."""
    units = int(matched.unit.max(initial=0)) + 1
    was, times = np.unique(before.at_ends(units), return_counts=True)
    still, still_times = np.unique(matched.only(matched.left_over()).at_ends(units), return_counts=True)
    left = dict(zip(still.tolist(), still_times.tolist(), strict=True))
    fewer = (key for key, count in zip(was.tolist(), times.tolist(), strict=True) if left.get(key, 0) < count)
    return {divmod(key, units) for key in fewer}


def _runs(matched: Edges, missing: list[Missing]) -> list[Mismatch]:
    """Gather the missing vertices place by place, and neighbouring places of one line into a run."""
    at: dict[int, list[Missing]] = {}
    for lack in missing:
        at.setdefault(lack[0], []).append(lack)
    if not at:
        return []
    ids = np.array(sorted(at))
    beside = [frozenset(unit for m in at[place] for unit in m[1:3]) for place in ids.tolist()]
    linked = matched.only(np.isin(matched.start, ids) & np.isin(matched.end, ids))
    one, other = np.searchsorted(ids, linked.start), np.searchsorted(ids, linked.end)
    same_line = np.array([beside[a] == beside[b] for a, b in zip(one, other, strict=True)], dtype=np.bool_)
    graph = coo_array((np.ones(same_line.sum()), (one[same_line], other[same_line])), shape=(len(ids),) * 2)
    count, run = connected_components(graph, directed=False)
    return [
        _mismatch(matched, [m for place in ids[run == r].tolist() for m in at[place]]) for r in range(count)
    ]


def _mismatch(matched: Edges, missing: list[Missing]) -> Mismatch:
    places = sorted({m[0] for m in missing})
    lacks = frozenset(m[2] for m in missing)
    has = frozenset(m[1] for m in missing) - lacks or lacks
    return Mismatch(matched.places[places], has, lacks, max(m[3] for m in missing))
