"""Lines and tripoints out of the polygons of units; and what a change of units would leave behind.

It refuses to make a line where units do not share one: a gap or an overlap wider than the tolerance
has no line in it, and a mere point of contact is none.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from itertools import combinations

import numpy as np
import shapely
from shapely.geometry import LineString, MultiLineString, Point
from shapely.geometry.base import BaseGeometry

from layers.boundaries.line_code import line_code, tripoint_code
from layers.boundaries.topology.edges import Edges, Numbers, Places
from layers.boundaries.topology.faces import REAL_SHARE
from layers.boundaries.topology.ground import Geometries, GroundPlane, greatest_width_m, wider
from layers.boundaries.topology.limits import DEFAULT_LIMITS, CoverageLimits
from layers.boundaries.topology.matching import match
from layers.boundaries.topology.report import Reporter
from layers.boundaries.topology.rings import polygonal
from layers.findings import Finding
from layers.geodesy import STORAGE_CRS, ellipsoidal_length_m


@dataclass(frozen=True, slots=True)
class DerivedLine:
    """The line between two neighbours (界线): its code, units, geometry in EPSG:4490, length on the ground.

    Each piece runs from west to east, or from north to south where that is its longer way, which is
    the way serials of markers run; pieces follow one another likewise.
    """

    line_code: str
    unit_codes: tuple[str, str]
    geometry: LineString | MultiLineString
    length_m: float


@dataclass(frozen=True, slots=True)
class DerivedTripoint:
    """A point where three units or more meet (三交点), with serials from west to east, north to south."""

    tripoint_code: str
    unit_codes: tuple[str, ...]
    point: Point


@dataclass(frozen=True, slots=True)
class Derivation:
    """All lines and tripoints of a set of units, each sorted by code."""

    lines: tuple[DerivedLine, ...]
    tripoints: tuple[DerivedTripoint, ...]


def derive_lines(units: Mapping[str, BaseGeometry], limits: CoverageLimits = DEFAULT_LIMITS) -> Derivation:
    """Return the line of every pair of neighbours, and every point where three or more units meet.

    `units` are (multi)polygons in EPSG:4490 degrees by 6-, 9- or 12-digit code, all of one level.
    Vertices that one side lacks, or that differ by less than `limits.same_place_m`, do not break a
    line. Lengths are those of the CGCS2000 ellipsoid: 琼山-定安 has 38.8 km.

    Raises `LineCodeInvalid` where a code is no division code.
    """
    ground = {code: shape for code in sorted(units) if (shape := polygonal(units[code])) is not None}
    if not ground:
        return Derivation((), ())
    codes, given = list(ground), np.empty(len(ground), dtype=np.object_)
    given[:] = list(ground.values())
    plane = GroundPlane.about(given, STORAGE_CRS)
    drawn = Edges.of(given)
    edges, _ = match(replace(drawn, places=plane.metres(drawn.places)), limits.same_place_m)
    places = drawn.places  # the lines have the very coordinates of the units
    return Derivation(
        tuple(sorted(_lines(edges, places, codes), key=lambda line: line.line_code)),
        tuple(sorted(_tripoints(edges, places, codes), key=lambda tripoint: tripoint.tripoint_code)),
    )


def _lines(edges: Edges, places: Places, codes: list[str]) -> Iterator[DerivedLine]:
    low, high, shared = _shared(edges)
    if not len(shared):
        return
    pair = low * len(codes) + high
    order = np.argsort(pair, kind="stable")
    ends = np.stack([places[edges.start[shared[order]]], places[edges.end[shared[order]]]], axis=1)
    segments = np.asarray(shapely.linestrings(ends), dtype=np.object_)
    pairs, first = np.unique(pair[order], return_index=True)
    for number, group in zip(pairs.tolist(), np.split(segments, first[1:]), strict=True):
        one, other = codes[number // len(codes)], codes[number % len(codes)]
        line = _in_serial_order(shapely.line_merge(MultiLineString(list(group))))
        yield DerivedLine(line_code(one, other), (one, other), line, ellipsoidal_length_m(line))


def _shared(edges: Edges) -> tuple[Numbers, Numbers, Numbers]:
    """Return (lower unit, higher unit, edge) for every edge that two units walk opposite ways."""
    forward = edges.start < edges.end
    key = edges.pair_keys()
    there, back = np.flatnonzero(forward), np.flatnonzero(~forward)
    there, back = there[np.argsort(key[there])], back[np.argsort(key[back])]
    _, one, other = np.intersect1d(key[there], key[back], return_indices=True)
    there, back = there[one], back[other]
    low = np.minimum(edges.unit[there], edges.unit[back])
    high = np.maximum(edges.unit[there], edges.unit[back])
    two = low != high
    return low[two], high[two], there[two]


def _in_serial_order(line: BaseGeometry) -> LineString | MultiLineString:
    pieces = [_onward(piece) for piece in shapely.get_parts(line)]
    places = np.array([piece.coords[0] for piece in pieces])
    ordered = [pieces[row] for row in _serial_order(places, shapely.bounds(line))]
    return ordered[0] if len(ordered) == 1 else MultiLineString(ordered)


def _onward(piece: LineString) -> LineString:
    (x0, y0), (x1, y1) = piece.coords[0], piece.coords[-1]
    if (x0, y0) == (x1, y1):  # the whole limit of an enclave has no beginning: walked from its west
        ring = np.array(piece.coords[:-1])
        ring = np.roll(ring, -int(np.lexsort([ring[:, 1], ring[:, 0]])[0]), axis=0)
        return LineString([*ring, ring[0]])
    west_to_east = abs(x1 - x0) >= abs(y1 - y0)
    backward = x1 < x0 if west_to_east else y1 > y0
    return shapely.reverse(piece) if backward else piece


def _serial_order(places: Places, bounds: Places) -> Numbers:
    """Return the rows from west to east, or from north to south where the ground reaches further so."""
    west_to_east = bounds[2] - bounds[0] >= bounds[3] - bounds[1]
    keys = (-places[:, 1], places[:, 0]) if west_to_east else (places[:, 0], -places[:, 1])
    return np.lexsort(keys)


def _tripoints(edges: Edges, places: Places, codes: list[str]) -> Iterator[DerivedTripoint]:
    met = np.unique(edges.at_ends(len(codes)))
    place, unit = np.divmod(met, len(codes))
    distinct, first, count = np.unique(place, return_index=True, return_counts=True)
    meetings: dict[tuple[str, ...], list[int]] = {}
    for number in np.flatnonzero(count > 2).tolist():
        units = unit[first[number] : first[number] + count[number]]
        meetings.setdefault(tuple(codes[row] for row in units), []).append(int(distinct[number]))
    for unit_codes, rows in meetings.items():
        xy = places[rows]
        order = _serial_order(xy, np.concatenate([xy.min(axis=0), xy.max(axis=0)]))
        for serial, row in enumerate(order.tolist(), start=1):
            yield DerivedTripoint(tripoint_code(unit_codes, serial), unit_codes, Point(xy[row]))


def change_findings(
    before: Mapping[str, BaseGeometry],
    after: Mapping[str, BaseGeometry],
    limits: CoverageLimits = DEFAULT_LIMITS,
) -> list[Finding]:
    """Return where a merge, split or transfer would leave a hole or an overlap.

    `before` and `after` are the predecessors and successors by code, in EPSG:4490 degrees. Together
    the successors must have the ground of the predecessors, all of it, no more, and none twice:

    - `boundary.gap`: ground that no successor takes; subject are the predecessors that had it
    - `boundary.overlap`: ground of two successors, or ground that no predecessor had, which is then
      another unit's or the sea; subject are the successors that take it

    Evidence is as that of `check_coverage`, with the greatest width in metres as measure. What is
    nowhere wider than `limits.same_place_m` is the same line written differently.
    """
    codes = [*before, *after]
    given = np.empty(len(codes), dtype=np.object_)
    given[:] = [polygonal(geometry) for geometry in (*before.values(), *after.values())]
    if shapely.is_missing(given).all():
        return []
    plane = GroundPlane.about(given[~shapely.is_missing(given)], STORAGE_CRS)
    ground, report = plane.to_plane(given), Reporter(codes, plane)
    old, new = range(len(before)), range(len(before), len(codes))
    had, has = (shapely.union_all(ground[list(rows)]) for rows in (old, new))
    found = [
        _change_finding(report, "boundary.gap", _owners(ground, old, part), part)
        for part in _wide_parts(shapely.difference(had, has), limits)
    ]
    found += [
        _change_finding(report, "boundary.overlap", _owners(ground, new, part), part)
        for part in _wide_parts(shapely.difference(has, had), limits)
    ]
    for one, other in combinations(new, 2):
        common = shapely.intersection(ground[one], ground[other])
        found += [
            _change_finding(report, "boundary.overlap", [one, other], part)
            for part in _wide_parts(common, limits)
        ]
    return found


def overlap_findings(
    new: Mapping[str, BaseGeometry],
    standing: Mapping[str, BaseGeometry],
    limits: CoverageLimits = DEFAULT_LIMITS,
) -> list[Finding]:
    """Return where new units would take ground that another new one or a standing one of their level has.

    As the overlaps of `change_findings`, for units that had no outline before; the new unit is named first.
    """
    codes = [*new, *standing]
    given = np.empty(len(codes), dtype=np.object_)
    given[:] = [polygonal(geometry) for geometry in (*new.values(), *standing.values())]
    if shapely.is_missing(given[: len(new)]).all():
        return []
    plane = GroundPlane.about(given[~shapely.is_missing(given)], STORAGE_CRS)
    ground, report = plane.to_plane(given), Reporter(codes, plane)
    return [
        _change_finding(report, "boundary.overlap", [one, other], part)
        for one, other in combinations(range(len(codes)), 2)
        if one < len(new)
        for part in _wide_parts(shapely.intersection(ground[one], ground[other]), limits)
    ]


def _wide_parts(ground: BaseGeometry | None, limits: CoverageLimits) -> list[BaseGeometry]:
    return [
        part
        for part in shapely.get_parts(ground)
        if part.geom_type == "Polygon" and wider(part, limits.same_place_m)
    ]


def _owners(ground: Geometries, rows: range, part: BaseGeometry) -> list[int]:
    """Return which of the units really cover a part, the one with most of it first."""
    shared = {row: shapely.area(shapely.intersection(ground[row], part)) for row in rows}
    real = [row for row in rows if shared[row] > REAL_SHARE * shapely.area(part)]
    return sorted(real, key=lambda row: -shared[row])


def _change_finding(report: Reporter, code: str, rows: list[int], part: BaseGeometry) -> Finding:
    return report.finding(code, rows, part, measure=greatest_width_m(report.plane.true_size(part)))
