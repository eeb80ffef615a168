"""Do serials run along their line as they must: west to east or north to south; refuses to renumber.

Practice of provincial-line surveys. A line that reaches farther east-west than north-south counts from the west,
any other from the north.
"""

from bisect import bisect_left
from collections.abc import Iterator, Sequence

import numpy as np
from numpy.typing import NDArray
from shapely import LineString, Point, line_merge
from shapely.geometry.base import BaseGeometry

from layers.findings import Finding
from layers.geodesy import project_to_metres
from layers.markers.registry_checks import NumberedSet


def serial_order(line_code: str, line: BaseGeometry, sets: Sequence[NumberedSet]) -> Iterator[Finding]:
    """Yield where serials do not run along their line as they must.

    `marker.serial_direction`: the whole line counts the other way. `marker.serial_out_of_order`: a set stands
    between others than its serial says; the fewest sets are named whose removal leaves the others in order. `line`
    is in EPSG:4490 degrees, `sets` in the order of their serials. A line that closes on itself (an enclave) has no
    first end and is not judged.
    """
    placed = [(one, point) for one in sets if (point := _middle(one)) is not None]
    if len(placed) < 2:
        return
    flat, _ = project_to_metres([line, *(point for _, point in placed)])
    along = _along(flat[0], flat[1:])
    if along is None:
        return
    forward, backward = _longest_rise(along), _longest_rise(-along)
    kept = forward
    if len(backward) > len(forward):
        yield Finding(
            "marker.serial_direction", (line_code,), {"sets": len(placed), "against": len(backward)}
        )
        kept = backward
    for place, (one, _) in enumerate(placed):
        if place not in kept:
            evidence = {"line_code": line_code, "serial": one.serial, "along_m": float(along[place])}
            yield Finding("marker.serial_out_of_order", one.codes, evidence)


def _middle(one: NumberedSet) -> Point | None:
    """Return the middle of a set's posts, None where one has no position."""
    legal = [marker.legal_position for marker, _ in one.posts]
    known = [position for position in legal if position is not None]
    if len(known) != len(legal):
        return None
    return Point(sum(p.lon for p in known) / len(known), sum(p.lat for p in known) / len(known))


def _along(line: BaseGeometry, points: NDArray[np.object_]) -> NDArray[np.float64] | None:
    """Return how far along the line each point is (metres) from the end where serials begin."""
    west, south, east, north = line.bounds
    eastward = east - west >= north - south
    merged = line_merge(line) if line.geom_type == "MultiLineString" else line
    if not isinstance(merged, LineString):
        # parts that do not join have no common length: the trend of the whole has to do
        return np.array([point.x if eastward else -point.y for point in points])
    if merged.is_closed:
        return None
    first, last = merged.coords[0], merged.coords[-1]
    begins_here = first[0] <= last[0] if eastward else first[1] >= last[1]
    along = np.array([merged.project(point) for point in points])
    return along if begins_here else merged.length - along


def _longest_rise(values: NDArray[np.float64]) -> set[int]:
    """Return the places of one longest rising run among the values (patience sorting)."""
    tops: list[float] = []
    at: list[int] = []
    before: list[int | None] = []
    for place, value in enumerate(map(float, values)):
        pile = bisect_left(tops, value)
        before.append(at[pile - 1] if pile else None)
        if pile == len(tops):
            tops.append(value)
            at.append(place)
        else:
            tops[pile], at[pile] = value, place
    kept: set[int] = set()
    here: int | None = at[-1] if at else None
    while here is not None:
        kept.add(here)
        here = before[here]
    return kept
