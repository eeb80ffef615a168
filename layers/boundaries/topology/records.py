"""Faults of the records rather than of the lines: the same twice, a parent that cannot be.

It refuses to read a meaning into codes whose form the data themselves do not bear out.
"""

from collections.abc import Iterator, Mapping, Sequence

import numpy as np
import shapely
from shapely.geometry.base import BaseGeometry

from layers.boundaries.topology.edges import Flags, Numbers
from layers.boundaries.topology.ground import Geometries

MOST = 0.5  # a habit of the data is what more than half of the records follow


def recorded_twice(polygons: Geometries, duplicate_share: float) -> Iterator[tuple[int, int]]:
    """Yield (first, later) for records that show the same polygon, later ones once each."""
    tree, area = shapely.STRtree(polygons), shapely.area(polygons)
    one, other = tree.query(polygons)
    later = one < other
    one, other = one[later], other[later]
    alike = np.minimum(area[one], area[other]) >= duplicate_share * np.maximum(area[one], area[other])
    boxes = shapely.bounds(polygons)
    alike &= _boxes_agree(boxes[one], boxes[other], duplicate_share)
    seen: set[int] = set()
    for first, second in zip(one[alike].tolist(), other[alike].tolist(), strict=True):
        common = shapely.area(shapely.intersection(polygons[first], polygons[second]))
        joint = area[first] + area[second] - common
        if second not in seen and first not in seen and common >= duplicate_share * joint:
            seen.add(second)
            yield first, second


def _boxes_agree(one: np.ndarray, other: np.ndarray, share: float) -> Flags:
    """Compare sides only: polygons that agree in nearly all their ground may differ by a spike."""
    overlap = np.minimum(one[:, 2:], other[:, 2:]) - np.maximum(one[:, :2], other[:, :2])
    smaller = np.minimum(one[:, 2:] - one[:, :2], other[:, 2:] - other[:, :2])
    return np.asarray((overlap >= (1 - 2 * (1 - share)) * smaller).all(axis=1), dtype=np.bool_)


def repeated_codes(codes: Sequence[str]) -> Iterator[list[int]]:
    """Yield the rows of every code that stands more than once."""
    rows: dict[str, list[int]] = {}
    for row, code in enumerate(codes):
        rows.setdefault(code, []).append(row)
    yield from (same for code, same in rows.items() if len(same) > 1 and code)


def strangers_by_code(codes: Sequence[str], parents: Sequence[str]) -> Numbers:
    """Return the rows whose code does not begin as their parent's, where codes are built that way.

    GB/T 2260 and the township codes of GB/T 10114 put the parent first: 460107 lies in 4601(00),
    990104007 in 990104. Trailing pairs of zeros of the parent only fill it up. Where most records
    do not follow (other schemes, foreign data) nothing is said.
    """
    told = np.array([bool(code and parent) for code, parent in zip(codes, parents, strict=True)])
    follows = np.array(
        [code.startswith(_significant(parent)) for code, parent in zip(codes, parents, strict=True)]
    )
    if not told.any() or follows[told].mean() <= MOST:
        return np.empty(0, dtype=np.int64)
    return np.flatnonzero(told & ~follows)


def strangers_by_ground(
    polygons: Geometries, parents: Sequence[str], grounds: Mapping[str, BaseGeometry]
) -> Iterator[tuple[int, str]]:
    """Yield (row, code of the parent it lies in) where most of a unit lies in another parent's ground."""
    names, shapes = list(grounds), np.array(list(grounds.values()), dtype=np.object_)
    row, ground = shapely.STRtree(shapes).query(polygons, predicate="intersects")
    inside = shapely.area(shapely.intersection(polygons[row], shapes[ground])) / shapely.area(polygons)[row]
    for unit, where, share in zip(row.tolist(), ground.tolist(), inside.tolist(), strict=True):
        if share > MOST and parents[unit] and names[where] != parents[unit]:
            yield unit, names[where]


def _significant(code: str) -> str:
    while len(code) > 2 and code.endswith("00"):
        code = code[:-2]
    return code


def parents_by_code(codes: Sequence[str], parents: Sequence[str]) -> list[str]:
    """Return for each code the parent that it begins with (the longest), or nothing."""
    longest = sorted(parents, key=lambda parent: -len(_significant(parent)))
    return [
        next((p for p in longest if code.startswith(_significant(p)) and code != p), "") for code in codes
    ]
