"""Markers on the office map: signs, groups, filters, profiles and past days, on the real service."""

import re
from itertools import combinations

import pytest
from playwright.sync_api import expect

from tests.web_map.conftest import ROOT
from tests.web_map.marker_desk import MarkerDesk

pytestmark = [pytest.mark.browser, pytest.mark.database]

HAIKOU = "#map=10/19.82000/110.50000"
INK = {"black": "#1a1a1a", "red": "#c62828", "blue": "#1565c0", "yellow": "#f9c80e", "green": "#2e7d32"}
CHINESE = {"black": "黑", "red": "红", "blue": "蓝", "yellow": "黄", "green": "绿"}

GREY_SIGNS = """async () => {
  const {drawSign} = await import("/static/js/map/marker-signs.js");
  const legend = await (await window.fetch("/api/legend")).json();
  return Object.fromEntries(legend.shape.map(({code}) => {
    const canvas = document.createElement("canvas");
    canvas.width = canvas.height = 32;
    const context = canvas.getContext("2d", {willReadFrequently: true});
    drawSign(context, {colour: "any", shape: code, ink: "#777777"}, {x: 16, y: 16, radius_px: 9});
    return [code, [...context.getImageData(0, 0, 32, 32).data]];
  }));
}"""


@pytest.fixture
def open_desk(open_map):
    """Open the office map with its markers."""

    def desk(link: str = HAIKOU, **options) -> MarkerDesk:
        return MarkerDesk(open_map(link, **options).drawn(), open_map.address).marked()

    return desk


def test_every_colour_of_the_register_is_on_the_map(open_desk):
    inks = open_desk().inks()
    assert [name for name, ink in INK.items() if inks.get(ink, 0) < 20] == []


def test_shapes_differ_without_their_colour(open_desk):
    shapes = open_desk().page.evaluate(GREY_SIGNS)
    assert set(shapes) == {"square", "cross", "ring", "diamond", "triangle", "circle"}
    for one, other in combinations(shapes, 2):
        differing = sum(abs(a - b) > 60 for a, b in zip(shapes[one], shapes[other], strict=True))
        assert differing > 60, (one, other)


def test_a_group_tells_its_mix_in_words_and_opens(open_desk):
    desk = open_desk()
    rings = desk.rings()
    assert len(rings) > 5
    desk.page.mouse.move(rings[0][0] - 3, rings[0][1])
    desk.page.mouse.move(*rings[0])
    tip = desk.page.locator(".marker-tip")
    expect(tip).to_contain_text(re.compile("正常|关注|异常|处理中|灭失|报废"))
    numbers = [int(text) for text in tip.locator("b").all_inner_texts()]
    assert sum(numbers) >= 2
    before = desk.map.view()[0]
    desk.page.mouse.click(*rings[0])
    expect(desk.page).not_to_have_url(re.compile(f"map={before}/"))
    assert desk.map.view()[0] > before


def test_numbers_and_words_stand_beside_signs_when_near(open_desk):
    desk = open_desk()
    lon, lat = desk.markers("colour=red")[0]["geometry"]["coordinates"]
    desk.go(f"#map=14/{lat}/{lon}")
    near = desk.marked().inks()
    assert near.get(INK["red"], 0) > 30
    assert near.get("#2b3a40", 0) > 100  # the ink of words; far out there are none
    assert open_desk("#map=12/19.82/110.50").inks().get("#2b3a40", 0) < 20


def test_a_marker_is_picked_on_the_map_and_told_in_the_address(open_desk):
    desk = open_desk()
    alone = next(
        each for each in desk.markers("colour=yellow") if not _crowded(each, desk.markers("limit=200"))
    )
    lon, lat = alone["geometry"]["coordinates"]
    desk.go(f"#map=15/{lat}/{lon}")
    desk.marked()
    desk.map.click(lon, lat)
    expect(desk.map.title).to_have_text(alone["properties"]["number"])
    assert f"selected=marker:{alone['id']}" in desk.page.url


def _crowded(marker: dict, others: list[dict]) -> bool:
    lon, lat = marker["geometry"]["coordinates"]
    near = [
        other
        for other in others
        if max(abs(other["geometry"]["coordinates"][0] - lon), abs(other["geometry"]["coordinates"][1] - lat))
        < 0.004
    ]
    return len(near) > 1


def test_markers_that_the_map_cannot_part_are_listed(open_desk):
    desk = open_desk()
    places: dict[tuple, list[str]] = {}
    for marker in desk.markers("limit=200"):
        places.setdefault(tuple(marker["geometry"]["coordinates"]), []).append(marker["properties"]["number"])
    (lon, lat), numbers = next((place, numbers) for place, numbers in places.items() if len(numbers) > 1)
    desk.go(f"#map=18/{lat}/{lon}")
    desk.marked()
    desk.map.click(lon, lat)
    listed = desk.page.locator("#board .marker-row .code")
    expect(listed).to_have_count(len(numbers))
    assert sorted(listed.all_inner_texts()) == sorted(numbers)


def test_the_board_counts_what_the_service_counts(open_desk):
    desk = open_desk().open_board()
    counted = desk.get("api/markers/summary")
    assert desk.chips() == {CHINESE[name]: number for name, number in counted["by_colour"].items()}
    rows = desk.page.locator("#board .by-unit tbody tr")
    expect(rows).to_have_count(len(counted["by_unit"]))
    first = counted["by_unit"][0]
    expect(rows.first.locator("td").last).to_have_text(str(first["total"]))


def test_a_colour_alone(open_desk):
    desk = open_desk().open_board()
    desk.page.locator("#board .chip", has_text="异常").click()
    desk.counted().marked()
    assert "filter=colour:red" in desk.page.url
    inks = desk.inks()
    assert inks.get(INK["red"], 0) > 50
    assert inks.get(INK["green"], 0) == 0
    expect(desk.page.locator("#board .marker-row")).to_have_count(len(desk.markers("colour=red")))
    assert set(desk.page.locator("#board .marker-row .word").all_inner_texts()) == {"异常"}


@pytest.mark.parametrize(
    ("field", "value", "question"),
    [
        ("#filter-unit", "460108", "unit=460108"),
        ("#filter-stage", "reported", "case_stage=reported"),
        ("#filter-line", "460107460108", "line=460107460108"),
    ],
)
def test_filters_ask_the_service(open_desk, field, value, question):
    desk = open_desk().open_board()
    desk.page.locator("#board .board-filter summary").click()
    desk.page.locator(field).select_option(value)
    desk.counted()
    found, all_there_are = desk.markers(question), len(desk.markers(""))
    assert 0 < len(found) < all_there_are
    expect(desk.page.locator("#board .board-list .count")).to_have_text(str(len(found)))
    desk.page.get_by_role("button", name="清除筛选").click()
    expect(desk.page.locator("#board .board-list .count")).to_have_text(str(all_there_are))


def test_what_is_due_before_a_day(open_desk):
    desk = open_desk().open_board()
    desk.page.locator("#board .board-filter summary").click()
    day = sorted(each["properties"]["next_due_on"] or "9999" for each in desk.markers("limit=200"))[40]
    desk.page.locator("#filter-due").fill(day)
    desk.page.locator("#filter-due").dispatch_event("change")
    found = desk.get(f"api/markers/summary?due_before={day}")["total"]
    assert 0 < found < len(desk.markers(""))
    expect(desk.page.locator("#board .board-list .count")).to_have_text(str(found))


def test_another_profile_recolours_the_map(open_desk):
    desk = open_desk().open_board()
    before = desk.inks()
    desk.page.locator("#profile").select_option("inspection_progress")
    expect(desk.page.locator("#board .signs")).to_contain_text("待联检")
    desk.counted().marked()
    counted = desk.get("api/markers/summary?profile=inspection_progress")
    assert desk.chips() == {CHINESE[name]: number for name, number in counted["by_colour"].items()}
    assert desk.inks() != before
    assert "profile=inspection_progress" in desk.page.url


def test_the_slider_shows_the_colours_of_a_past_month(open_desk):
    desk = open_desk().open_board()
    now = desk.chips()
    slider = desk.page.locator("#time-slider")
    slider.focus()
    for _ in range(14):
        desk.page.keyboard.press("ArrowLeft")
    expect(desk.page).to_have_url(re.compile("as_of="))
    expect(desk.page.locator("#as-of-past")).to_be_visible()
    desk.counted().marked()
    day = re.search(r"as_of=([\d-]+)", desk.page.url).group(1)
    then = desk.get(f"api/markers/summary?as_of={day}")["by_colour"]
    assert desk.chips() == {CHINESE[name]: number for name, number in then.items()} != now


def test_the_key_and_the_layer_switch_know_markers(open_desk):
    desk = open_desk()
    desk.page.get_by_role("button", name="图层与图例").click()
    key = desk.page.locator("#layers-box")
    for word in ("处理中", "灭失", "异常", "关注", "正常"):
        expect(key).to_contain_text(word)
    desk.page.get_by_label("界桩", exact=True).first.uncheck()
    expect(desk.page.locator(".leaflet-markers-pane canvas")).to_have_count(0)


def test_the_picture_for_the_readme(open_desk):
    desk = open_desk("#map=10/19.82000/110.58000").sign_in("boundary")
    red = desk.markers("colour=red&case_stage=reported")[0]["id"]
    desk.go(f"#map=11/19.96000/110.36000&selected=marker:{red}")
    expect(desk.page.locator(".marker-head")).to_be_visible()
    desk.open_board().marked()
    desk.page.wait_for_timeout(500)
    picture = desk.page.screenshot(path=ROOT / "docs" / "screenshots" / "markers.png")
    assert len(picture) > 50_000
