"""The register against its lines and itself, on a line drawn at Haikou."""

import math
from dataclasses import replace

import pytest
from shapely import LineString, MultiLineString, Point, Polygon

from layers.geodesy import project_to_metres, projected_position
from layers.markers.displacement import CGCS2000
from layers.markers.model import (
    AzimuthKind,
    Grade,
    LegalPosition,
    Marker,
    OriginalCoordinates,
    ReferenceObject,
    SetKind,
)
from layers.markers.numbering import shipped_schemes
from layers.markers.registry_checks import (
    DeclaredCounts,
    RegistryTolerances,
    counts,
    numbered_sets,
    numbers_and_sets,
    off_line,
    original_coordinates,
    reference_objects,
)
from layers.markers.serial_order import serial_order

SCHEME = shipped_schemes()["county_line"]
TOLERANCES = RegistryTolerances()
LINE_CODE = "460107469021"
LINE = LineString([(110.20, 19.70), (110.25, 19.74), (110.31, 19.71), (110.40, 19.73)])
WEST_TO_EAST = [0.05, 0.2, 0.4, 0.6, 0.8, 0.95]


def marker(serial, where=0.5, *, letter="Q", set_kind=SetKind.SINGLE, beside_m=0.0, line=LINE, **more):
    point = line.interpolate(where, normalized=True)
    lon, lat, _ = CGCS2000.fwd(point.x, point.y, 0.0, beside_m)
    return Marker(
        code=f"m{serial}{letter}",
        number=f"01079021{serial:03d}{letter}",
        line_code=LINE_CODE,
        unit_codes=("460107", "469021"),
        grade=Grade.COUNTY,
        set_kind=set_kind,
        legal_position=LegalPosition(lon=lon, lat=lat, accuracy_m=0.5),
        **more,
    )


def double(serial, where):
    posts = (("A", "460107", 60.0), ("B", "469021", -60.0))
    return [
        marker(serial, where, letter=letter, set_kind=SetKind.DOUBLE, beside_m=beside, post_unit=unit)
        for letter, unit, beside in posts
    ]


def found(findings):
    return [(finding.code, *finding.subject) for finding in findings]


def order(markers, line=LINE):
    return found(serial_order(LINE_CODE, line, numbered_sets(markers, SCHEME)))


def along(wheres, line=LINE):
    return [marker(serial, where, line=line) for serial, where in enumerate(wheres, 1)]


def test_markers_off_their_line_are_found_with_the_distance():
    markers = [marker(1, 0.1), marker(2, 0.5, beside_m=30.0), *double(3, 0.7)]
    findings = list(off_line(markers, {LINE_CODE: LINE}, TOLERANCES))
    assert found(findings) == [("marker.off_line", "m2Q")]
    assert 20 < findings[0].evidence["distance_m"] <= 30.0
    lost = list(off_line(markers[:1], {}, TOLERANCES))
    assert found(lost) == [("marker.line_unknown", "m1Q")]


def test_serials_from_west_to_east_are_in_order_however_the_line_is_drawn():
    assert order(along(WEST_TO_EAST)) == []
    assert order(along(WEST_TO_EAST), LINE.reverse()) == []
    assert order([*along(WEST_TO_EAST[:3]), *double(4, 0.7)]) == []


def test_a_line_counted_from_the_east_is_found_once():
    assert order(along(reversed(WEST_TO_EAST))) == [("marker.serial_direction", LINE_CODE)]


def test_the_fewest_sets_out_of_order_are_named():
    assert order(along([0.05, 0.2, 0.9, 0.4, 0.6, 0.8])) == [("marker.serial_out_of_order", "m3Q")]
    assert order(along([0.05, 0.2, 0.4, 0.6, 0.1, 0.8])) == [("marker.serial_out_of_order", "m5Q")]


def test_a_line_that_runs_north_south_counts_from_the_north():
    line = LineString([(110.30, 19.50), (110.32, 19.70), (110.29, 19.90)])
    assert order(along([0.9, 0.5, 0.1], line), line) == []
    assert order(along([0.1, 0.5, 0.9], line), line) == [("marker.serial_direction", LINE_CODE)]


def test_a_line_in_parts_is_judged_by_its_trend_and_an_enclave_not_at_all():
    parts = MultiLineString([[(110.20, 19.70), (110.25, 19.74)], [(110.31, 19.71), (110.40, 19.73)]])
    assert order(along(WEST_TO_EAST), parts) == []
    assert order(along([0.05, 0.9, 0.4, 0.6, 0.8]), parts) == [("marker.serial_out_of_order", "m2Q")]
    ring = Polygon([(110.2, 19.7), (110.3, 19.7), (110.3, 19.8)]).exterior
    assert order(along([0.9, 0.5, 0.1]), LineString(ring)) == []


def test_sets_are_complete_and_lettered():
    assert list(numbers_and_sets([marker(1, 0.1), *double(2, 0.5)], SCHEME)) == []
    assert found(numbers_and_sets([marker(1, 0.1), double(2, 0.5)[0]], SCHEME)) == [
        ("marker.set_incomplete", "m2A")
    ]
    swapped = [
        replace(post, post_unit=unit) for post, unit in zip(double(1, 0.5), ("469021", "460107"), strict=True)
    ]
    assert found(numbers_and_sets(swapped, SCHEME)) == [
        ("marker.letter_order", "m1A"),
        ("marker.letter_order", "m1B"),
    ]
    mixed = [double(1, 0.5)[0], replace(double(1, 0.5)[1], set_kind=SetKind.SINGLE)]
    assert ("marker.set_mixed", "m1A", "m1B") in found(numbers_and_sets(mixed, SCHEME))


def test_gaps_repetitions_and_unreadable_numbers_are_found():
    markers = [
        marker(1, 0.1),
        marker(4, 0.5),
        replace(marker(4, 0.6), code="again"),
        replace(marker(5), number="5"),
    ]
    findings = list(numbers_and_sets(markers, SCHEME))
    assert ("marker.number_invalid", "m5Q") in found(findings)
    assert ("marker.number_repeated", "m4Q", "again") in found(findings)
    gap = next(finding for finding in findings if finding.code == "marker.serial_gap")
    assert gap.evidence["serials"] == [2, 3]


def test_counts_of_the_documents_are_reproduced():
    markers = [marker(1, 0.1), marker(2, 0.2), *double(3, 0.5)]

    def differing(**declared):
        findings = counts(LINE_CODE, markers, SCHEME, DeclaredCounts(**declared))
        return [finding.evidence["of"] for finding in findings]

    assert differing(total=4, single=2, double=1, triple=0) == []
    assert differing(total=3) == []
    assert differing() == []
    assert differing(total=5, single=3) == ["total", "single"]


def with_objects(kind, *, turned=0.0, farther=0.0, declination=None):
    base = marker(1, 0.5)
    legal = base.legal_position
    objects = []
    for name, azimuth, distance in (("pier", 35.0, 80.0), ("house", 160.0, 55.0), ("banyan", 280.0, 40.0)):
        lon, lat, _ = CGCS2000.fwd(legal.lon, legal.lat, azimuth, distance)
        shown = azimuth - (declination or 0.0)
        if kind is AzimuthKind.GRID:
            flat, _ = project_to_metres([_point(legal.lon, legal.lat), _point(lon, lat)])
            shown = _grid(flat)
        objects.append(
            ReferenceObject(
                name=name,
                azimuth_deg=(shown + turned) % 360,
                distance_m=distance + farther,
                azimuth_kind=kind,
                lon=lon,
                lat=lat,
            )
        )
    return replace(base, reference_objects=tuple(objects))


def _point(lon, lat):
    return Point(lon, lat)


def _grid(flat):
    return math.degrees(math.atan2(flat[1].x - flat[0].x, flat[1].y - flat[0].y))


@pytest.mark.parametrize("kind", list(AzimuthKind))
def test_reference_objects_reproduce_from_their_coordinates(kind):
    right = with_objects(kind, declination=-2.0 if kind is AzimuthKind.MAGNETIC else None)
    assert list(reference_objects(right, TOLERANCES, declination_deg=-2.0)) == []
    wrong = replace(
        right,
        reference_objects=tuple(
            replace(item, azimuth_deg=item.azimuth_deg + 3) for item in right.reference_objects
        ),
    )
    codes = [finding.code for finding in reference_objects(wrong, TOLERANCES, declination_deg=-2.0)]
    assert codes == ["marker.reference_object_azimuth"] * 3


def test_a_magnetic_azimuth_without_declination_is_not_judged():
    assert list(reference_objects(with_objects(AzimuthKind.MAGNETIC, turned=5.0), TOLERANCES)) == []


def test_wrong_distances_and_too_few_objects_are_found():
    far = with_objects(AzimuthKind.TRUE, farther=1.0)
    assert [f.code for f in reference_objects(far, TOLERANCES)] == ["marker.reference_object_distance"] * 3
    few = replace(far, reference_objects=far.reference_objects[:0])
    assert [f.code for f in reference_objects(few, TOLERANCES)] == ["marker.reference_objects_few"]


def declared(north, east, epsg):
    base = marker(1, 0.5)
    original = OriginalCoordinates(north=north, east=east, epsg=epsg)
    return replace(base, legal_position=replace(base.legal_position, original=original))


def test_original_coordinates_are_what_they_are_declared_to_be():
    legal = marker(1, 0.5).legal_position
    plain = projected_position(legal.lon, legal.lat)
    prefixed = projected_position(legal.lon, legal.lat, prefixed=True)
    home = (108.0, 18.0, 111.5, 20.5)

    def codes(item):
        return [finding.code for finding in original_coordinates(item, TOLERANCES, home=home)]

    assert codes(declared(plain.northing_m, plain.easting_m, 4546)) == []
    assert codes(declared(prefixed.northing_m, prefixed.easting_m, 4525)) == []
    assert codes(declared(prefixed.northing_m, prefixed.easting_m, 4546)) == ["crs.zone_prefix"]
    assert codes(declared(plain.easting_m, plain.northing_m, 4546)) == ["crs.axes_swapped"]
    assert codes(declared(plain.northing_m + 1, plain.easting_m, 4546)) == ["marker.original_differs"]
    assert codes(declared(plain.northing_m, plain.easting_m, 2382)) == ["marker.legacy_datum"]
