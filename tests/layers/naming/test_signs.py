"""Sign plans on drawn roads: both ends, main crossings, colours, arrows."""

import pytest
from shapely import LineString

from layers.naming.signs import SignColour, SignPlace, colour_of_bearing, main_bearing, plan_signs

EAST = LineString([(0, 0), (1000, 0)])


def test_blue_runs_east_west_and_green_north_south():
    assert [colour_of_bearing(bearing) for bearing in (90, 270, 100, 0, 180, 20)] == [
        SignColour.BLUE, SignColour.BLUE, SignColour.BLUE, SignColour.GREEN, SignColour.GREEN, SignColour.GREEN,
    ]  # fmt: skip


def test_bearing_of_the_whole_road_not_of_its_ends():
    bent = LineString([(0, 0), (0, 50), (900, 60), (900, 0)])
    assert main_bearing(bent) == pytest.approx(90, abs=5)
    assert main_bearing(LineString([(0, 0), (0, 10)])) == pytest.approx(0, abs=1e-6)


def test_ends_and_main_crossings_get_signs():
    crossings = [
        ("龙昆北路", LineString([(400, -100), (400, 100)])),
        ("同一路口", LineString([(410, -100), (410, 100)])),
        ("起点旁", LineString([(5, -100), (5, 100)])),
        ("不相交", LineString([(0, 50), (900, 50)])),
    ]
    signs = plan_signs("海秀东路", EAST, crossings)
    assert [(sign.reason, round(sign.place.x)) for sign in signs] == [
        (SignPlace.START, 0), (SignPlace.CROSSING, 400), (SignPlace.END, 1000),
    ]  # fmt: skip
    assert {sign.pinyin for sign in signs} == {"HAIXIU DONGLU"}
    assert {sign.colour for sign in signs} == {SignColour.BLUE}
    assert [sign.arrows for sign in signs] == [(90.0,), (90.0, 270.0), (270.0,)]
    assert signs[1].crossing == "龙昆北路"
