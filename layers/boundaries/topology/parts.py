"""Parts of units that no unit has: strips along a line, and pieces laid on another's ground.

It refuses to judge islands: a part that touches nobody is nobody's fault.
"""

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np
import shapely
from shapely.geometry.base import BaseGeometry

from layers.boundaries.topology.faces import Fault
from layers.boundaries.topology.ground import Geometries, wider

ALONG_OTHERS = 0.4  # a strip at the outer limit has one long side with a neighbour, that is almost half


@dataclass(frozen=True, slots=True)
class Strip:
    """A piece of ground too narrow for a unit, and the neighbours along it, longest first."""

    unit: int
    shape: BaseGeometry
    neighbours: tuple[int, ...]


def slivers(units: Geometries, *, narrower_m: float, same_place_m: float) -> Iterator[Strip]:
    """Yield every part that is nowhere wider than `narrower_m` and lies along its neighbours' lines."""
    parts, owner = shapely.get_parts(units, return_index=True)
    maybe = np.flatnonzero(2 * shapely.area(parts) < narrower_m * shapely.length(parts))
    narrow = np.array([row for row in maybe if not wider(parts[row], narrower_m)], dtype=np.int64)
    if not len(narrow):
        return
    tree = shapely.STRtree(shapely.boundary(units))
    for index in narrow.tolist():
        along = _along(parts[index], owner[index], tree, same_place_m)
        if sum(along.values()) >= ALONG_OTHERS * shapely.length(parts[index]):
            neighbours = tuple(sorted(along, key=lambda unit: -along[unit]))
            yield Strip(int(owner[index]), parts[index], neighbours)


def _along(part: BaseGeometry, owner: int, tree: shapely.STRtree, same_place_m: float) -> dict[int, float]:
    """Return how many metres of the part's edge run along each other unit."""
    xy = shapely.get_coordinates(shapely.get_exterior_ring(part))
    step = np.diff(xy, axis=0)
    middles = shapely.points(xy[:-1] + step / 2)
    edge, unit = tree.query(middles, predicate="dwithin", distance=same_place_m)
    along: dict[int, float] = {}
    for e, u in zip(edge.tolist(), unit.tolist(), strict=True):
        if u != owner:
            along[u] = along.get(u, 0.0) + float(np.hypot(*step[e]))
    return along


@dataclass(frozen=True, slots=True)
class Stray:
    """A further part of a unit that lies on the ground of others, and the overlaps it causes."""

    unit: int
    part: BaseGeometry
    over: tuple[int, ...]
    causes: tuple[int, ...]


def strays(units: Geometries, overlaps: Sequence[Fault], stray_share: float) -> Iterator[Stray]:
    """Yield the parts that lie on others' ground as a whole; `causes` are rows of `overlaps`.

    The unit must have another part that does not, for that is where it is, be it smaller or larger.
    Where two units both have the piece as a part, neither is more stray than the other, and it
    stays an overlap.
    """
    pieces = _pieces(units, overlaps, stray_share)
    claims = Counter(row for rows in pieces.values() for row in rows)
    for (unit, number), rows in pieces.items():
        parts = shapely.get_parts(units[unit])
        at_home = any((unit, other) not in pieces for other in range(len(parts)))
        if at_home and all(claims[row] == 1 for row in rows):
            over = tuple(dict.fromkeys(u for row in rows for u in overlaps[row].units if u != unit))
            yield Stray(unit, parts[number], over, tuple(rows))


def _pieces(
    units: Geometries, overlaps: Sequence[Fault], stray_share: float
) -> dict[tuple[int, int], list[int]]:
    """Return the rows of overlaps for every (unit, part) of which they cover at least that share."""
    covered: dict[tuple[int, int], dict[int, float]] = {}
    for row, overlap in enumerate(overlaps):
        for unit in overlap.units:
            parts = shapely.get_parts(units[unit])
            shared = shapely.area(shapely.intersection(parts, overlap.shape)) / shapely.area(parts)
            for number in np.flatnonzero(shared) if len(parts) > 1 else ():
                covered.setdefault((unit, int(number)), {})[row] = float(shared[number])
    return {part: list(shares) for part, shares in covered.items() if sum(shares.values()) >= stray_share}
