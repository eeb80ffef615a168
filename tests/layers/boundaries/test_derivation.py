"""Lines and tripoints out of polygons, and what a change would leave."""

from collections.abc import Callable
from pathlib import Path
from typing import ClassVar

import numpy as np
import pyogrio
import pytest
import shapely
from pyproj import Transformer
from shapely.geometry import LineString, MultiLineString, MultiPolygon

from layers.boundaries.derivation import change_findings, derive_lines
from tests.grids import EAST_M, NORTH_M, draw
from tests.townships import inject, townships

FOUR = draw("""
    a  e  b
    .  .  .
    h  i  f
    .  .  .
    d  g  c
""")
NORTH_WEST, NORTH_EAST, SOUTH = "460105", "460106", "469023"


def three_units() -> dict:
    return {
        NORTH_WEST: FOUR.area("aeih"),
        NORTH_EAST: FOUR.area("ebfi"),
        SOUTH: FOUR.area("hifcgd"),
    }


def test_every_pair_of_neighbours_has_one_line_with_its_length_on_the_ground():
    lines = {line.line_code: line for line in derive_lines(three_units()).lines}
    assert set(lines) == {"460105460106", "460105469023", "460106469023"}
    assert lines["460105460106"].geometry.equals(FOUR.line("ei"))
    assert lines["460105460106"].length_m == pytest.approx(600, rel=1e-3)
    assert lines["460105469023"].unit_codes == (NORTH_WEST, SOUTH)
    assert lines["460105469023"].length_m == pytest.approx(300, rel=1e-3)


def test_lines_run_as_markers_are_numbered_west_to_east_or_north_to_south():
    lines = {line.line_code: line.geometry for line in derive_lines(three_units()).lines}
    assert list(lines["460105460106"].coords) == [FOUR.places["e"], FOUR.places["i"]]
    assert list(lines["460106469023"].coords) == [FOUR.places["i"], FOUR.places["f"]]


def test_tripoint_where_three_meet_and_none_at_the_outer_limit():
    (tripoint,) = derive_lines(three_units()).tripoints
    assert tripoint.tripoint_code == "460105460106469023I"
    assert tripoint.point.equals(FOUR.point("i"))


def test_touching_at_a_point_makes_no_line_but_a_point_of_four():
    units = {
        "460105": FOUR.area("aeih"),
        "460106": FOUR.area("ebfi"),
        "460107": FOUR.area("ifcg"),
        "460108": FOUR.area("higd"),
    }
    derived = derive_lines(units)
    assert {line.unit_codes for line in derived.lines} == {
        ("460105", "460106"), ("460106", "460107"), ("460107", "460108"), ("460105", "460108"),
    }  # fmt: skip
    (corner,) = derived.tripoints
    assert corner.unit_codes == ("460105", "460106", "460107", "460108")


def test_vertices_that_one_side_lacks_do_not_break_a_line():
    units = three_units() | {SOUTH: FOUR.area("hfcgd")}
    derived = derive_lines(units)
    lines = {line.line_code: line.geometry for line in derived.lines}
    assert lines["460105469023"].equals(FOUR.line("hi"))
    assert lines["460106469023"].equals(FOUR.line("if"))
    assert [tripoint.point for tripoint in derived.tripoints] == [FOUR.point("i")]


def test_a_line_stops_where_a_gap_begins():
    ground = draw("""
        a     e     b
        .     f     .
        .   g       .
        .     h     .
        d     i     c
    """)
    units = {"460105": ground.area("aefghid"), "460106": ground.area("ebcihf")}
    (line,) = derive_lines(units).lines
    assert isinstance(line.geometry, MultiLineString)
    assert [list(piece.coords) for piece in line.geometry.geoms] == [
        [ground.places["e"], ground.places["f"]],
        [ground.places["h"], ground.places["i"]],
    ]


def test_line_round_an_enclave_is_closed():
    ground = draw("""
        a        b
        .  e  f
        .  h  g
        d        c
    """)
    (line,) = derive_lines({"460105": ground.area("abcd", "efgh"), "460106": ground.area("efgh")}).lines
    assert isinstance(line.geometry, LineString)
    assert line.geometry.is_ring
    assert line.length_m == pytest.approx(1200, rel=1e-3)


def test_units_apart_have_no_line_and_nothing_gives_nothing():
    assert derive_lines({"460105": FOUR.area("aeih"), "460107": FOUR.area("ifcg")}).lines == ()
    assert derive_lines({}).lines == ()


def test_lines_and_outer_limit_are_the_whole_boundary():
    """Every metre of every boundary is in exactly one line, or on the outer limit."""
    coverage = townships(100)
    derived = derive_lines(coverage.units)
    plane = np.array([EAST_M, NORTH_M])
    total = shapely.length(shapely.transform(list(coverage.units.values()), lambda xy: xy * plane)).sum()
    outer = shapely.transform(
        shapely.coverage_union_all(list(coverage.units.values())), lambda xy: xy * plane
    )
    shared = shapely.length(
        shapely.transform([line.geometry for line in derived.lines], lambda xy: xy * plane)
    )
    assert 2 * shared.sum() + outer.length == pytest.approx(total)
    assert len(derived.tripoints) == 81  # inner nodes of 10 x 10 cells
    assert len(derived.lines) == 180


def test_small_mismatches_do_not_change_lengths():
    coverage = townships(100)
    sound = {line.line_code: line.length_m for line in derive_lines(coverage.units).lines}
    codes, polygons, faults = inject(coverage, 5)
    noted = {pair for fault in faults if fault.code == "boundary.unshared_vertex" for pair in [fault.units]}
    assert noted
    faulty = {line.line_code: line for line in derive_lines(dict(zip(codes, polygons, strict=True))).lines}
    for pair in noted:
        code = "".join(sorted(pair))
        assert faulty[code].length_m == pytest.approx(sound[code], rel=1e-9)


HAIKOU_KM = {
    "460105460106": 56.19, "460105469023": 72.83, "460105469021": 10.89, "460106460107": 47.61,
    "460106460108": 9.87, "460106469021": 5.50, "460107460108": 66.52, "460107469021": 38.80,
    "460107469005": 59.25, "460108469005": 57.84, "469021469023": 41.19, "469005469021": 21.13,
}  # fmt: skip


def test_twelve_lines_of_haikou_have_their_known_lengths(shared: Callable[..., Path]):
    """Known in UTM zone 49; on the ellipsoid they are 0.03 to 0.08 % longer, by that zone's scale."""
    meta, _, shapes, columns = pyogrio.raw.read(
        shared("data", "boundaries", "hainan_admin_amap.gpkg"), layer="county_wgs84_derived"
    )
    codes = [str(code) for code in dict(zip(meta["fields"], columns, strict=True))["adcode"]]
    derived = derive_lines(dict(zip(codes, shapely.from_wkb(shapes), strict=True)))
    lines = {line.line_code: line for line in derived.lines}
    to_utm = Transformer.from_crs(4326, 32649, always_xy=True)
    for code, known_km in HAIKOU_KM.items():
        in_utm = shapely.transform(lines[code].geometry, lambda xy: np.column_stack(to_utm.transform(*xy.T)))
        assert in_utm.length / 1000 == pytest.approx(known_km, abs=0.0051)
        assert lines[code].length_m / 1000 == pytest.approx(known_km, rel=0.005)
    assert len(derived.lines) == 52
    assert "460107469005469021I" in {tripoint.tripoint_code for tripoint in derived.tripoints}


class TestChange:
    before: ClassVar = {"460105": FOUR.area("aeih"), "460106": FOUR.area("ebfi")}

    def test_merge_of_all_ground_is_sound(self):
        assert change_findings(self.before, {"460105": FOUR.area("abfh")}) == []
        assert change_findings({"460105": FOUR.area("abfh")}, self.before) == []

    def test_ground_that_nobody_takes_is_a_gap_with_its_place(self):
        (found,) = change_findings(self.before, {"460105": FOUR.area("aeih")})
        assert (found.code, found.subject) == ("boundary.gap", ("460106",))
        assert FOUR.area("ebfi").contains(shapely.Point(found.evidence["lon"], found.evidence["lat"]))
        assert found.evidence["area_m2"] == pytest.approx(300 * 600, rel=1e-3)

    def test_ground_of_two_successors_is_an_overlap(self):
        after = {"460105": FOUR.area("abfh"), "460106": FOUR.area("ebfi")}
        (found,) = change_findings(self.before, after)
        assert (found.code, set(found.subject)) == ("boundary.overlap", {"460105", "460106"})

    def test_ground_of_others_is_an_overlap(self):
        after = {"460105": FOUR.area("aeih"), "460106": FOUR.area("ebcgi")}
        (found,) = change_findings(self.before, after)
        assert (found.code, found.subject) == ("boundary.overlap", ("460106",))

    def test_a_new_vertex_on_the_old_line_is_no_change(self):
        ground = draw("""
            a  e  b
            .  j  .
            h  i  f
        """)
        before: ClassVar = {"460105": ground.area("aeih"), "460106": ground.area("ebfi")}
        after = {"460105": ground.area("aejih"), "460106": ground.area("ebfij")}
        assert change_findings(before, after) == []

    def test_unit_without_ground_before_or_after(self):
        assert change_findings({}, {}) == []
        (found,) = change_findings({"460105": MultiPolygon()}, {"460105": FOUR.area("aeih")})
        assert found.code == "boundary.overlap"
        (found,) = change_findings({"460105": FOUR.area("aeih")}, {})
        assert found.code == "boundary.gap"
