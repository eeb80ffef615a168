"""The check of a whole coverage: every fault once, by code, units, place and size.

It reports and never mends, needs neither a parent layer nor parent codes, and lets pass what law
allows: enclaves, units in several parts, narrow units.
"""

from collections.abc import Iterator, Mapping, Sequence

import numpy as np
import shapely
from numpy.typing import NDArray
from pyproj import CRS
from shapely.geometry import MultiPoint, Point
from shapely.geometry.base import BaseGeometry

from layers.boundaries.topology.edges import Edges
from layers.boundaries.topology.faces import Fault, faults
from layers.boundaries.topology.ground import Geometries, GroundPlane, box_height_m, greatest_width_m
from layers.boundaries.topology.limits import DEFAULT_LIMITS, CoverageLimits
from layers.boundaries.topology.matching import Mismatch, match
from layers.boundaries.topology.parts import slivers, strays
from layers.boundaries.topology.records import (
    parents_by_code,
    recorded_twice,
    repeated_codes,
    strangers_by_code,
    strangers_by_ground,
)
from layers.boundaries.topology.report import Reporter
from layers.boundaries.topology.rings import Crossing, crossings, polygonal
from layers.findings import Finding
from layers.geodesy import STORAGE_CRS

NEAR_CROSSING_M = 1.0  # a gap or overlap this near to a crossing of its own unit is made by it


def check_coverage(
    codes: Sequence[str],
    polygons: Sequence[BaseGeometry | None] | Geometries,
    *,
    parent_codes: Sequence[str] | None = None,
    parent_grounds: Mapping[str, BaseGeometry] | None = None,
    crs: CRS = STORAGE_CRS,
    limits: CoverageLimits = DEFAULT_LIMITS,
) -> list[Finding]:
    """Return what is wrong with units that should cover ground without gap and overlap.

    `polygons` are (multi)polygons, east first in `crs`, one for each of `codes`; `parent_codes`
    and `parent_grounds` (code → polygon in the same CRS) are asked for wrong parents when given.
    Subjects are unit codes, the unit at fault first where that can be told. Evidence is `lon`,
    `lat` in the datum of the data, `measure` in `measure_unit`, `area_m2`, and the faulty
    `geometry` in `crs`:

    | code | measure |
    |---|---|
    | boundary.gap, boundary.overlap, boundary.sliver | greatest width, m |
    | boundary.unshared_vertex | vertices in the run |
    | boundary.self_intersection | height of the loop, m |
    | boundary.duplicate_polygon, boundary.stray_part | area, m2 |
    | boundary.duplicate_code, boundary.wrong_parent_code, boundary.missing_geometry | records |

    >>> west = shapely.box(110.00, 20.00, 110.01, 20.01)
    >>> east = shapely.box(110.0099, 20.00, 110.02, 20.01)
    >>> [(found.code, found.subject) for found in check_coverage(["460105", "460106"], [west, east])]
    [('boundary.overlap', ('460105', '460106'))]
    """
    given = np.empty(len(codes), dtype=np.object_)
    given[:] = list(polygons)
    given[_with_strange_numbers(given)] = None
    known, units, plane = _on_plane(given, crs)
    found = [_without_ground(codes[row]) for row in np.flatnonzero(~known).tolist()]
    if plane is not None:
        report = Reporter([codes[row] for row in np.flatnonzero(known).tolist()], plane)
        parents = (
            None if parent_codes is None else [parent_codes[row] for row in np.flatnonzero(known).tolist()]
        )
        grounds = _grounds_on_plane(parent_grounds or {}, plane)
        found += [*_coverage(report, plane.to_plane(given[known]), units, limits)]
        found += [*_wrong_parents(report, units, parents, grounds)]
    return sorted(found, key=lambda finding: (finding.code, finding.subject))


def _with_strange_numbers(given: Geometries) -> NDArray[np.int64]:
    """Return the rows with a coordinate that is infinite or no number: nothing can be said of their ground."""
    xy, row = shapely.get_coordinates(given, return_index=True)
    return np.unique(row[~np.isfinite(xy).all(axis=1)])


def _on_plane(given: Geometries, crs: CRS) -> tuple[NDArray[np.bool_], Geometries, GroundPlane | None]:
    """Return which records have ground, that ground as valid polygons in metres, and the plane."""
    present = given[~shapely.is_missing(given) & ~shapely.is_empty(given)]
    if not len(present):
        return np.zeros(len(given), dtype=np.bool_), present, None
    plane = GroundPlane.about(present, crs)
    valid = np.empty(len(given), dtype=np.object_)
    valid[:] = [polygonal(geometry) for geometry in plane.to_plane(given)]
    known = ~shapely.is_missing(valid)
    return known, valid[known], plane if known.any() else None


def _without_ground(code: str) -> Finding:
    return Finding("boundary.missing_geometry", (code,), {"measure": 1, "measure_unit": "record"})


def _grounds_on_plane(grounds: Mapping[str, BaseGeometry], plane: GroundPlane) -> dict[str, BaseGeometry]:
    moved = {code: polygonal(plane.to_plane(np.array([shape]))[0]) for code, shape in grounds.items()}
    return {code: shape for code, shape in moved.items() if shape is not None}


def _coverage(
    report: Reporter, raw: Geometries, units: Geometries, limits: CoverageLimits
) -> Iterator[Finding]:
    """Yield duplicates, then the faults of the coverage without the later copies."""
    once = np.ones(len(units), dtype=np.bool_)
    for first, copy in recorded_twice(units, limits.duplicate_share):
        once[copy] = False
        yield report.finding("boundary.duplicate_polygon", (first, copy), units[first])
    report = Reporter([code for code, one in zip(report.codes, once, strict=True) if one], report.plane)
    raw, units = raw[once], units[once]
    for rows in repeated_codes(report.codes):
        yield report.finding(
            "boundary.duplicate_code", rows, units[rows[-1]], measure=len(rows), unit="record"
        )
    crossed = [
        found for row in np.flatnonzero(~shapely.is_valid(raw)) for found in crossings(int(row), raw[row])
    ]
    for crossing in crossed:
        height = box_height_m(report.plane.true_size(crossing.loop))
        yield report.finding(
            "boundary.self_intersection", (crossing.unit,), crossing.loop, measure=height, at=crossing.place
        )
    yield from _lines(report, units, crossed, limits)


def _lines(
    report: Reporter, units: Geometries, crossed: list[Crossing], limits: CoverageLimits
) -> Iterator[Finding]:
    """Yield what is wrong along lines; what one fault brings with it is not told again."""
    edges, mismatches = match(Edges.of(units), limits.same_place_m)
    every = faults(edges, units, narrower_m=limits.sliver_width_m, same_place_m=limits.same_place_m)
    ground = [fault for fault in every if not _made_by(fault, crossed)]
    overlaps = [fault for fault in ground if fault.covers > 1]
    explained: set[int] = set()
    for stray in strays(units, overlaps, limits.stray_share):
        explained.update(stray.causes)
        yield report.finding("boundary.stray_part", (stray.unit, *stray.over), stray.part)
    told = [overlap for row, overlap in enumerate(overlaps) if row not in explained]
    for fault in (*told, *(fault for fault in ground if fault.covers == 0)):
        code = "boundary.overlap" if fault.covers else "boundary.gap"
        width = greatest_width_m(report.plane.true_size(fault.shape))
        yield report.finding(code, fault.units, fault.shape, measure=width)
    for strip in slivers(units, narrower_m=limits.sliver_width_m, same_place_m=limits.same_place_m):
        width = greatest_width_m(report.plane.true_size(strip.shape))
        yield report.finding("boundary.sliver", (strip.unit, *strip.neighbours), strip.shape, measure=width)
    yield from _unshared(report, mismatches, [*ground, *_as_faults(crossed)], limits)


def _made_by(fault: Fault, crossed: list[Crossing]) -> bool:
    return any(
        crossing.unit in fault.units and shapely.dwithin(fault.shape, crossing.place, NEAR_CROSSING_M)
        for crossing in crossed
    )


def _as_faults(crossed: list[Crossing]) -> list[Fault]:
    return [Fault(crossing.loop, (crossing.unit,), 1) for crossing in crossed]


def _unshared(
    report: Reporter, mismatches: list[Mismatch], ground: list[Fault], limits: CoverageLimits
) -> Iterator[Finding]:
    """Yield vertices that one side lacks, but for those that a gap, overlap or loop brings with it."""
    tree = shapely.STRtree([fault.shape for fault in ground])
    for mismatch in mismatches:
        place = MultiPoint(mismatch.places)
        beside = mismatch.has | mismatch.lacks
        at_fault = tree.query(place, predicate="dwithin", distance=2 * limits.same_place_m)
        if any(beside & set(ground[row].units) for row in at_fault):
            continue
        units = (*sorted(mismatch.has), *sorted(mismatch.lacks))
        middle = Point(mismatch.places[len(mismatch.places) // 2])
        count = len(mismatch.places)
        yield report.finding(
            "boundary.unshared_vertex", units, place, measure=count, unit="vertex", at=middle
        )


def _wrong_parents(
    report: Reporter, units: Geometries, parents: list[str] | None, grounds: dict[str, BaseGeometry]
) -> Iterator[Finding]:
    """Yield units whose parent is neither borne out by their code nor by the ground they lie on."""
    wrong = set() if parents is None else set(strangers_by_code(report.codes, parents).tolist())
    if grounds:
        named = parents_by_code(report.codes, list(grounds)) if parents is None else parents
        wrong |= {row for row, _ in strangers_by_ground(units, named, grounds)}
    for row in sorted(wrong):
        yield report.finding("boundary.wrong_parent_code", (row,), units[row], measure=1, unit="record")
