"""The topology check on drawn ground: every kind of fault once, and what is no fault."""

import numpy as np
import pytest
import shapely
from pyproj import CRS, Transformer
from shapely.geometry import MultiPolygon, Polygon

from layers.boundaries.topology import CoverageLimits, check_coverage
from layers.findings import Finding
from layers.geodesy import ellipsoidal_area_m2
from tests.grids import EAST_M, draw

TWO_TOWNS = draw("""
    a  e  b
    .     .
    d  f  c
""")


def check(parents=None, grounds=None, crs=None, **units) -> list[Finding]:
    codes = list(units)
    more = {} if crs is None else {"crs": crs}
    return check_coverage(codes, list(units.values()), parent_codes=parents, parent_grounds=grounds, **more)


def codes(findings: list[Finding]) -> list[str]:
    return [finding.code for finding in findings]


def test_neighbours_that_share_every_vertex_are_sound():
    assert check(west=TWO_TOWNS.area("aefd"), east=TWO_TOWNS.area("ebcf")) == []


def test_no_units_no_findings():
    assert check_coverage([], []) == []


def test_overlapping_towns_are_found_once_with_both_units_place_and_width():
    ground = draw("""
        a  e  b  f
        .        .
        d  h  c  g
    """)
    (found,) = check(east=ground.area("efgh"), west=ground.area("abcd"))
    assert found.code == "boundary.overlap"
    assert set(found.subject) == {"east", "west"}
    assert found.evidence["measure"] == pytest.approx(300, rel=0.01)
    assert found.evidence["area_m2"] == pytest.approx(300 * 600, rel=0.01)
    assert ground.area("ebch").contains(shapely.Point(found.evidence["lon"], found.evidence["lat"]))


def test_overlap_over_the_line_of_two_others_names_all_three():
    ground = draw("""
        a  e  b
        i  j  k
        l  m  n
        d  f  c
    """)
    north, south = ground.area("aebkji"), ground.area("lmncfd")
    middle = ground.area("iknl")
    assert codes(check(north=north, middle=middle, south=south)) == [
        "boundary.unshared_vertex",
        "boundary.unshared_vertex",
    ]
    over_both = ground.area("ebcf")
    (found,) = check(north=ground.area("abki"), south=ground.area("ikcd"), over=over_both)
    assert found.code == "boundary.overlap"
    assert found.subject[0] == "over"
    assert set(found.subject) == {"over", "north", "south"}


def test_gap_between_two_units_is_one_finding_with_its_greatest_width():
    ground = draw("""
        a     e     b
        .     f     .
        .   g
        .     h     .
        d     i     c
    """)
    west, east = ground.area("aefghid"), ground.area("ebcihf")
    (found,) = check(west=west, east=east)
    assert (found.code, set(found.subject)) == ("boundary.gap", {"west", "east"})
    assert found.evidence["geometry"].equals(ground.area("fgh").normalize())
    radius = 2 * 0.5 * 600 * 200 / (600 + 2 * np.hypot(300, 200))
    assert found.evidence["measure"] == pytest.approx(2 * radius, rel=0.01)


def test_gap_among_three_units_names_all_three():
    ground = draw("""
        a     b     c
        .    e f    .
        .     g     .
        d     h     i
    """)
    west, east = ground.area("abeghd"), ground.area("bcihgf")
    north = ground.area("bfe")
    (found,) = check(west=west, east=east, north=north)
    assert (found.code, set(found.subject)) == ("boundary.gap", {"west", "east", "north"})


def test_legal_enclave_is_no_finding():
    ground = draw("""
        a        b
        .  e  f
        .  h  g
        d        c
    """)
    assert check(host=ground.area("abcd", "efgh"), enclave=ground.area("efgh")) == []


def test_hole_of_one_unit_is_an_enclave_of_a_unit_elsewhere():
    ground = draw("""
        a        b
        .  e  f
        .  h  g
        d        c
    """)
    assert check(host=ground.area("abcd", "efgh")) == []


def test_slit_in_one_unit_is_no_enclave():
    ground = draw(
        """
        a        b
        .  e  f
        .  h  g
        d        c
        """,
        row_m=20,
    )
    (found,) = check(host=ground.area("abcd", "efgh"))
    assert (found.code, found.subject) == ("boundary.gap", ("host",))


def test_enclave_without_a_hole_for_it_is_an_overlap():
    ground = draw("""
        a        b
        .  e  f
        .  h  g
        d        c
    """)
    (found,) = check(host=ground.area("abcd"), enclave=ground.area("efgh"))
    assert (found.code, found.subject) == ("boundary.overlap", ("enclave", "host"))


STRIP = """
    a       e b       c
    .                 .
    d       h g       f
"""


@pytest.mark.parametrize(
    ("wide_m", "expected"), [(0.5, ["boundary.sliver"]), (20, ["boundary.sliver"]), (70, [])]
)
def test_strip_along_a_line_is_a_sliver_and_a_narrow_unit_is_not(wide_m, expected):
    ground = draw(STRIP, column_m=wide_m / 2, row_m=2000)
    findings = check(
        west=ground.area("aehd"), strip=ground.area("ebgh"), east=ground.area("bcfg"),
    )  # fmt: skip
    wide = [finding for finding in findings if finding.subject[0] == "strip"]
    assert codes(wide) == expected
    for finding in wide:
        assert set(finding.subject) == {"strip", "west", "east"}
        assert finding.evidence["measure"] == pytest.approx(wide_m, rel=0.01)


def test_narrow_islet_is_no_sliver():
    ground = draw("""
        a  b  e f
        d  c  h g
    """, column_m=10)  # fmt: skip
    assert check(town=MultiPolygon([ground.area("abcd"), ground.area("efgh")])) == []


def test_vertex_that_one_side_lacks():
    ground = draw("""
        a  e  b
        .  g  .
        d  f  c
    """)
    (found,) = check(west=ground.area("aegfd"), east=ground.area("ebcf"))
    assert (found.code, found.subject) == ("boundary.unshared_vertex", ("west", "east"))
    assert found.evidence["measure"] == 1
    assert (found.evidence["lon"], found.evidence["lat"]) == pytest.approx(ground.places["g"])


def test_several_missing_vertices_of_one_stretch_are_one_finding():
    ground = draw("""
        a  e  b
        .  g  .
        .  h  .
        .  i  .
        d  f  c
    """)
    (found,) = check(west=ground.area("aeghifd"), east=ground.area("ebcf"))
    assert (found.code, found.evidence["measure"]) == ("boundary.unshared_vertex", 3)


def test_corner_of_three_units_that_the_third_lacks():
    ground = draw("""
        a  e  b
        d  f  c
        h  .  g
    """)
    (found,) = check(west=ground.area("aefd"), east=ground.area("ebcf"), south=ground.area("dcgh"))
    assert found.code == "boundary.unshared_vertex"
    assert found.subject == ("west", "east", "south")


def test_vertices_written_differently_by_millimetres_are_one_place():
    west, east = TWO_TOWNS.area("aefd"), TWO_TOWNS.area("ebcf")
    shifted = shapely.transform(east, lambda xy: xy + np.array([0.003 / EAST_M, 0]))
    (found,) = check(west=west, east=shifted)
    assert (found.code, found.evidence["measure"]) == ("boundary.unshared_vertex", 2)
    wide_apart = shapely.transform(east, lambda xy: xy - np.array([0.05 / EAST_M, 0]))
    assert codes(check(west=west, east=wide_apart)) == ["boundary.overlap"]


def test_corners_that_touch_at_a_point_share_no_line():
    ground = draw("""
        a  b
        d  c  e
        .  g  f
    """)
    assert check(one=ground.area("abcd"), other=ground.area("cefg")) == []
    edge = draw("""
        a     b
        d  c  e
        . g f
    """)
    assert check(one=edge.area("abed"), other=edge.area("cfg")) == []


def test_bow_tie_is_one_finding_at_its_crossing():
    ground = draw("""
        a        b
        .  q  p  .
        d        c
    """)
    (found,) = check(town=ground.area("abcqpd"))
    assert (found.code, found.subject) == ("boundary.self_intersection", ("town",))
    # the loop q p x is 300 m wide; its sides rise by 300 m over 600 m, so that they cross 75 m below it
    assert found.evidence["measure"] == pytest.approx(75, rel=0.01)
    crossing = shapely.Point(found.evidence["lon"], found.evidence["lat"])
    assert shapely.distance(crossing, ground.line("cq")) < 1e-9


def test_bow_tie_on_a_shared_line_does_not_bring_gaps_and_overlaps_with_it():
    ground = draw("""
        a        b
        .  p  q  .
        d  .  .  c
        e        f
    """)
    south = ground.area("dpqcfe")
    assert check(north=ground.area("abcqpd"), south=south) == []
    (found,) = check(north=ground.area("abcpqd"), south=south)
    assert (found.code, found.subject) == ("boundary.self_intersection", ("north",))


def test_parts_of_one_unit_that_overlap_are_a_broken_ring():
    ground = draw("""
        a  e  b  f
        d  h  c  g
    """)
    findings = check(town=MultiPolygon([ground.area("abcd"), ground.area("efgh")]))
    assert codes(findings) == ["boundary.self_intersection"]


def test_same_polygon_twice_with_another_code_and_with_the_same():
    west, east = TWO_TOWNS.area("aefd"), TWO_TOWNS.area("ebcf")
    turned = TWO_TOWNS.area("fdae")
    (found,) = check(west=west, east=east, again=turned)
    assert (found.code, found.subject) == ("boundary.duplicate_polygon", ("west", "again"))
    (found,) = check_coverage(["west", "east", "west"], [west, east, turned])
    assert (found.code, found.subject) == ("boundary.duplicate_polygon", ("west", "west"))


def test_same_code_on_different_ground():
    west, east = TWO_TOWNS.area("aefd"), TWO_TOWNS.area("ebcf")
    (found,) = check_coverage(["town", "town"], [west, east])
    assert (found.code, found.subject, found.evidence["measure"]) == (
        "boundary.duplicate_code", ("town", "town"), 2,
    )  # fmt: skip


STRAY = draw("""
    a     e        b
    .        g  h
    .        j  i
    d     f        c
""")


def test_part_inside_another_unit_is_stray():
    west = MultiPolygon([STRAY.area("aefd"), STRAY.area("ghij")])
    (found,) = check(west=west, east=STRAY.area("ebcf"))
    assert (found.code, found.subject) == ("boundary.stray_part", ("west", "east"))
    assert found.evidence["measure"] == pytest.approx(300 * 300, rel=0.01)


def test_stray_part_may_be_larger_than_the_unit_itself():
    ground = draw("""
        a  e           b
        .     g  .  h
        .     j  .  i
        d  f           c
    """)
    west = MultiPolygon([ground.area("aefd"), ground.area("ghij")])
    small = MultiPolygon([ground.area("aed"), ground.area("ghij")])
    assert small.geoms[1].area > small.geoms[0].area
    for unit in (west, small):
        (found,) = check(west=unit, east=ground.area("ebcf"))
        assert (found.code, found.subject) == ("boundary.stray_part", ("west", "east"))


def test_part_that_two_units_have_is_an_overlap():
    islet = STRAY.area("ghij")
    one, other = (
        MultiPolygon([STRAY.area("aefd"), islet]),
        MultiPolygon([draw("k l\nn m").area("klmn"), islet]),
    )
    far = shapely.transform(other.geoms[0], lambda xy: xy + 1)
    assert codes(check(one=one, other=MultiPolygon([far, islet]))) == ["boundary.overlap"]


def test_exclave_in_the_hole_made_for_it_is_legal():
    west = MultiPolygon([STRAY.area("aefd"), STRAY.area("ghij")])
    assert check(west=west, east=STRAY.area("ebcf", "ghij")) == []


def test_wrong_parent_by_code_only_where_codes_are_built_so():
    ground = draw("""
        a  b  c  d
        h  g  f  e
    """)
    areas = [ground.area("abgh"), ground.area("bcfg"), ground.area("cdef")]
    towns = ["460107001", "460107002", "460107003"]
    (found,) = check_coverage(towns, areas, parent_codes=["460107", "460108", "460107"])
    assert (found.code, found.subject) == ("boundary.wrong_parent_code", ("460107002",))
    assert check_coverage(["A", "B", "C"], areas, parent_codes=["460107", "460108", "460107"]) == []
    assert (
        check_coverage(["460107", "460108", "469005"], areas, parent_codes=["460100", "460100", "469000"])
        == []
    )


def test_wrong_parent_by_ground():
    ground = draw("""
        a  b  c
        f  e  d
    """)
    areas, towns = [ground.area("abef"), ground.area("bcde")], ["460107001", "460108001"]
    counties = {"460107": ground.area("abcdef")}
    (found,) = check_coverage(towns, areas, parent_codes=["460107", "460108"], parent_grounds=counties)
    assert (found.code, found.subject) == ("boundary.wrong_parent_code", ("460108001",))
    counties |= {"460107": ground.area("abef"), "460108": ground.area("bcde")}
    assert check_coverage(towns, areas, parent_grounds=counties) == []
    (found,) = check_coverage(towns[:1], areas[1:], parent_grounds=counties)
    assert found.code == "boundary.wrong_parent_code"


def test_record_without_ground():
    findings = check(west=TWO_TOWNS.area("aefd"), lost=None, empty=Polygon())
    assert [(found.code, found.subject) for found in findings] == [
        ("boundary.missing_geometry", ("empty",)),
        ("boundary.missing_geometry", ("lost",)),
    ]
    assert codes(check(lost=None)) == ["boundary.missing_geometry"]


def test_projected_data_are_compared_as_they_were_drawn():
    """In degrees the vertex would lie 18 cm beside the 5 km edge: a gap instead of an unshared vertex."""
    grid = CRS.from_epsg(4546)
    west = Polygon([(430_000, 2_210_000), (435_000, 2_210_000), (435_000, 2_212_000), (430_000, 2_212_000)])
    south = Polygon(
        [
            (430_000, 2_210_000),
            (430_000, 2_208_000),
            (435_000, 2_208_000),
            (435_000, 2_210_000),
            (432_500, 2_210_000),
        ]
    )
    (found,) = check(west=west, south=south, crs=grid)
    assert (found.code, found.subject) == ("boundary.unshared_vertex", ("south", "west"))
    lon, lat = Transformer.from_crs(4546, 4490, always_xy=True).transform(432_500, 2_210_000)
    assert (found.evidence["lon"], found.evidence["lat"]) == pytest.approx((lon, lat))
    in_degrees = [
        shapely.transform(
            shape,
            lambda xy: np.column_stack(Transformer.from_crs(4546, 4490, always_xy=True).transform(*xy.T)),
        )
        for shape in (west, south)
    ]
    assert codes(check(west=in_degrees[0], south=in_degrees[1])) != ["boundary.unshared_vertex"]


def test_limits_are_the_callers():
    ground = draw(STRIP, column_m=35, row_m=2000)
    units = {"west": ground.area("aehd"), "strip": ground.area("ebgh"), "east": ground.area("bcfg")}
    found = check_coverage(list(units), list(units.values()), limits=CoverageLimits(sliver_width_m=100))
    assert codes(found) == ["boundary.sliver"]


def scrawl(random: np.random.Generator) -> Polygon | MultiPolygon | None:
    """Return a polygon through a few points of a small lattice: crossed, folded or flat as it comes."""

    def ring(vertices):
        return (110, 20) + random.integers(0, 7, (vertices, 2)) * 0.01

    kind = random.integers(0, 6)
    if kind < 4:
        return Polygon(ring(random.integers(3, 8)))
    if kind == 4:
        return MultiPolygon([Polygon(ring(4)), Polygon(ring(3))])
    return Polygon(ring(5), [ring(3), ring(4)])


@pytest.mark.parametrize("seed", range(40))
def test_no_scrawl_stops_the_check(seed):
    random = np.random.default_rng(seed)
    shapes = [scrawl(random) for _ in range(random.integers(1, 7))] + [
        None,
        Polygon(),
        shapely.Point(110, 20),
    ]
    towns = [f"46010{number}" for number in random.integers(0, 8, len(shapes))]
    for found in check_coverage(towns, shapes, parent_codes=["460100"] * len(shapes)):
        assert set(found.subject) <= set(towns)
        assert found.code.startswith("boundary.")


@pytest.mark.parametrize("seed", range(40))
def test_overlaps_of_two_have_the_area_of_their_intersection(seed):
    random = np.random.default_rng(seed)
    one, other = (
        shapely.convex_hull(shapely.multipoints((110, 20) + random.random((5, 2)) * 0.1)) for _ in "12"
    )
    told = sum(f.evidence["area_m2"] for f in check(one=one, other=other) if f.code == "boundary.overlap")
    assert told == pytest.approx(ellipsoidal_area_m2(shapely.intersection(one, other)), rel=1e-6, abs=1)


def test_coordinates_that_are_no_numbers_are_no_ground():
    strange = shapely.from_wkt("POLYGON ((110 20, inf 20, 110.1 20.1, 110 20))")
    assert codes(check(strange=strange, sound=TWO_TOWNS.area("aefd"))) == ["boundary.missing_geometry"]
