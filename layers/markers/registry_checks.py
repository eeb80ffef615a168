"""Does the register agree with itself and with its lines; finds, and refuses to repair.

Every check takes markers as they stand in the register (positions in EPSG:4490 degrees) and yields findings; a
profile weighs them, and a person decides what is mistaken.
"""

import math
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from shapely import Point
from shapely.geometry.base import BaseGeometry

from layers.findings import Finding
from layers.geodesy import DatumRefused, metric_crs, misread_rows, project_to_metres, transformer
from layers.markers.displacement import CGCS2000
from layers.markers.model import POSTS, AzimuthKind, LegalPosition, Marker, ReferenceObject, SetKind
from layers.markers.numbering import MarkerNumber, NumberScheme, check_letter, check_number, read_number

FEWEST_OBJECTS = 3


@dataclass(frozen=True, slots=True, kw_only=True)
class RegistryTolerances:
    """How far apart two statements of one thing may be: metres and degrees, an office's own choice.

    A single marker stands on its line; posts of a double or triple set stand beside it, on the banks of a river.
    """

    on_line_m: float = 5.0
    beside_line_m: float = 200.0
    object_distance_m: float = 0.5
    object_azimuth_deg: float = 0.5
    original_m: float = 0.05


def off_line(
    markers: Iterable[Marker], lines: Mapping[str, BaseGeometry], tolerances: RegistryTolerances
) -> Iterator[Finding]:
    """Yield `marker.off_line` for markers away from their line, and `marker.line_unknown` for those without one.

    `lines` holds the legal geometry of each line code in EPSG:4490; distances are metres in the line's 3° zone.
    """
    for line_code, group in _by_line(markers).items():
        if line_code not in lines:
            for marker in group:
                yield Finding("marker.line_unknown", (marker.code,), {"line_code": line_code})
            continue
        placed = [(marker, marker.legal_position) for marker in group]
        points = [(marker, Point(legal.lon, legal.lat)) for marker, legal in placed if legal]
        flat, _ = project_to_metres([lines[line_code], *(point for _, point in points)])
        for (marker, _), point in zip(points, flat[1:], strict=True):
            single = marker.set_kind is SetKind.SINGLE
            allowed = tolerances.on_line_m if single else tolerances.beside_line_m
            distance = float(point.distance(flat[0]))
            if distance > allowed:
                evidence = {"line_code": line_code, "distance_m": distance, "tolerance_m": allowed}
                yield Finding("marker.off_line", (marker.code,), evidence)


def _by_line(markers: Iterable[Marker]) -> dict[str, list[Marker]]:
    lines: dict[str, list[Marker]] = defaultdict(list)
    for marker in markers:
        lines[marker.line_code].append(marker)
    return lines


@dataclass(frozen=True, slots=True)
class NumberedSet:
    """The posts of one line that share a serial."""

    serial: int
    posts: tuple[tuple[Marker, MarkerNumber], ...]

    @property
    def codes(self) -> tuple[str, ...]:
        """Return the codes of the posts."""
        return tuple(marker.code for marker, _ in self.posts)


def numbered_sets(markers: Iterable[Marker], scheme: NumberScheme) -> list[NumberedSet]:
    """Return the sets of one line in the order of their serials; numbers that cannot be read are left out."""
    sets: dict[int, list[tuple[Marker, MarkerNumber]]] = defaultdict(list)
    for marker in markers:
        number = read_number(marker.number, scheme)
        if number is not None:
            sets[number.serial].append((marker, number))
    return [NumberedSet(serial, tuple(posts)) for serial, posts in sorted(sets.items())]


def numbers_and_sets(markers: Sequence[Marker], scheme: NumberScheme) -> Iterator[Finding]:
    """Yield what is wrong with the numbers of one line and with the sets that they make.

    Besides the codes of `numbering`: `marker.set_incomplete` (a double marker of one post), `marker.number_repeated`,
    `marker.set_mixed` (posts of one serial that differ in kind), `marker.serial_gap` (missing serials).
    """
    for marker in markers:
        for finding in check_number(marker.number, scheme):
            yield Finding(finding.code, (marker.code,), {"number": marker.number, **finding.evidence})
    sets = numbered_sets(markers, scheme)
    for one in sets:
        yield from _check_set(one)
    serials = {one.serial for one in sets}
    if missing := sorted(set(range(1, max(serials, default=0))) - serials):
        yield Finding("marker.serial_gap", (markers[0].line_code,), {"serials": missing})


def _check_set(one: NumberedSet) -> Iterator[Finding]:
    kinds = {marker.set_kind for marker, _ in one.posts}
    texts = Counter(number.text for _, number in one.posts)
    repeated = sorted(text for text, times in texts.items() if times > 1)
    # without letters the posts of a set do share one text
    if repeated and any(number.letter for _, number in one.posts):
        yield Finding("marker.number_repeated", one.codes, {"numbers": repeated})
    if len(kinds) > 1:
        yield Finding("marker.set_mixed", one.codes, {"set_kinds": sorted(kinds)})
    elif len(one.posts) != (posts := POSTS[next(iter(kinds))]):
        yield Finding("marker.set_incomplete", one.codes, {"posts": len(one.posts), "expected": posts})
    for marker, number in one.posts:
        for finding in check_letter(
            number, marker.set_kind, post_unit=marker.post_unit, unit_codes=marker.unit_codes
        ):
            yield Finding(finding.code, (marker.code,), finding.evidence)


@dataclass(frozen=True, slots=True, kw_only=True)
class DeclaredCounts:
    """界桩颗数 of a line as its documents state it; None where they do not."""

    total: int | None = None
    single: int | None = None
    double: int | None = None
    triple: int | None = None


def counts(
    line_code: str, markers: Iterable[Marker], scheme: NumberScheme, declared: DeclaredCounts
) -> Iterator[Finding]:
    """Yield `marker.count_differs` for each count that the register does not reproduce.

    Documents count either posts or numbers; the total may be either, the kinds are counted by number.
    """
    sets = numbered_sets(markers, scheme)
    kinds = Counter(one.posts[0][0].set_kind for one in sets)
    posts = sum(len(one.posts) for one in sets)
    if declared.total not in {None, posts, len(sets)}:
        evidence = {"of": "total", "declared": declared.total, "posts": posts, "numbers": len(sets)}
        yield Finding("marker.count_differs", (line_code,), evidence)
    for kind in SetKind:
        stated = getattr(declared, kind.value)
        if stated is not None and stated != kinds[kind]:
            evidence = {"of": kind.value, "declared": stated, "numbers": kinds[kind]}
            yield Finding("marker.count_differs", (line_code,), evidence)


def reference_objects(
    marker: Marker, tolerances: RegistryTolerances, *, declination_deg: float | None = None
) -> Iterator[Finding]:
    """Yield what is wrong with a marker's reference objects.

    `marker.reference_objects_few` below three; `marker.reference_object_distance` and `_azimuth` where an object
    with coordinates is elsewhere than the form says. Magnetic azimuths are judged only with a declination.
    """
    if (number := len(marker.reference_objects)) < FEWEST_OBJECTS:
        yield Finding(
            "marker.reference_objects_few", (marker.code,), {"objects": number, "fewest": FEWEST_OBJECTS}
        )
    legal = marker.legal_position
    for item in marker.reference_objects:
        if legal is not None and item.lon is not None and item.lat is not None:
            place = Point(item.lon, item.lat)
            yield from _check_object(
                marker.code, legal, item, place, tolerances=tolerances, declination_deg=declination_deg
            )


def _check_object(
    code: str,
    legal: LegalPosition,
    item: ReferenceObject,
    place: Point,
    *,
    tolerances: RegistryTolerances,
    declination_deg: float | None,
) -> Iterator[Finding]:
    _, _, distance = CGCS2000.inv(legal.lon, legal.lat, place.x, place.y)
    if abs(distance - item.distance_m) > tolerances.object_distance_m:
        apart = {"object": item.name, "form_m": item.distance_m, "computed_m": float(distance)}
        yield Finding("marker.reference_object_distance", (code,), apart)
    azimuth = _azimuth(legal, place, item.azimuth_kind, declination_deg)
    if azimuth is None:
        return
    # seen from near by, the distance tolerance alone turns the azimuth
    turn = math.degrees(math.atan2(tolerances.object_distance_m, max(distance, 1e-9)))
    if abs((azimuth - item.azimuth_deg + 180) % 360 - 180) > max(tolerances.object_azimuth_deg, turn):
        turned = {"object": item.name, "form_deg": item.azimuth_deg, "computed_deg": azimuth}
        yield Finding("marker.reference_object_azimuth", (code,), {**turned, "kind": item.azimuth_kind})


def _azimuth(
    legal: LegalPosition, place: Point, kind: AzimuthKind, declination_deg: float | None
) -> float | None:
    """Return the azimuth of an object from the coordinates, from the north that the form counts from."""
    if kind is AzimuthKind.GRID:
        flat, _ = project_to_metres([Point(legal.lon, legal.lat), place], metric_crs(legal.lon))
        return math.degrees(math.atan2(flat[1].x - flat[0].x, flat[1].y - flat[0].y)) % 360
    azimuth, _, _ = CGCS2000.inv(legal.lon, legal.lat, place.x, place.y)
    if kind is AzimuthKind.TRUE:
        return float(azimuth % 360)
    return None if declination_deg is None else float((azimuth - declination_deg) % 360)


def original_coordinates(
    marker: Marker, tolerances: RegistryTolerances, *, home: tuple[float, float, float, float] | None = None
) -> Iterator[Finding]:
    """Yield what speaks against a marker's original coordinates being what they are declared to be.

    The `crs.*` codes of `geodesy.misread_rows` (axes swapped, zone prefix, wrong zone …); `marker.legacy_datum` for
    a datum without an approved transformation, which cannot be compared; `marker.original_differs` where they lie
    elsewhere than the legal position. `home` is (west, south, east, north) in degrees.
    """
    legal = marker.legal_position
    if legal is None or legal.original is None:
        return
    original = legal.original
    east, north = np.array([original.east]), np.array([original.north])
    subject, declared = (marker.code,), {"epsg": original.epsg}
    misread = list(misread_rows(east, north, original.epsg, home=home))
    for misreading in misread:
        yield Finding(misreading.code, subject, {**declared, "suggestion": misreading.suggestion})
    if misread:
        return
    try:
        lon, lat = transformer(original.epsg, 4490).transform(east, north)
    except DatumRefused as refused:
        yield Finding("marker.legacy_datum", subject, {**declared, **refused.facts})
        return
    _, _, apart = CGCS2000.inv(legal.lon, legal.lat, float(lon[0]), float(lat[0]))
    if apart > tolerances.original_m:
        yield Finding("marker.original_differs", subject, {**declared, "apart_m": apart})
