"""The page of one marker: why it has its colour, its positions, its form, its records; by who reads it."""

import re
from pathlib import Path

import pytest
from playwright.sync_api import expect

from tests.web_map.conftest import PHONE
from tests.web_map.marker_desk import MarkerDesk
from tests.web_map.test_accessibility import axe, violations  # noqa: F401 -- `axe` is a fixture

pytestmark = [pytest.mark.browser, pytest.mark.database]

START = "#map=10/19.82000/110.50000"


@pytest.fixture
def open_desk(open_map):
    """Open the office map, signed in as somebody or nobody."""

    def desk(username: str | None = None, **options) -> MarkerDesk:
        opened = MarkerDesk(open_map(START, **options).drawn(), open_map.address)
        return opened.sign_in(username) if username else opened

    return desk


def test_the_rule_and_the_evidence_under_it(open_desk):
    desk = open_desk("boundary")
    code = desk.markers("condition=damaged&colour=red")[0]["id"]
    desk.open_marker(code)
    reasons = desk.page.locator(".reasons")
    expect(reasons).to_contain_text("规则 A3")
    expect(reasons).to_contain_text("状况: 损坏")
    inspection = desk.get(f"api/markers/{code}/history")["inspections"][0]
    expect(reasons.locator(".evidence").first).to_contain_text(inspection["person"])
    expect(desk.page.locator(".marker-head")).to_contain_text("合成数据")


def test_reference_objects_with_the_kind_of_azimuth(open_desk):
    desk = open_desk("surveyor")
    code = desk.markers("colour=green")[0]["id"]
    desk.open_marker(code)
    objects = desk.get(f"api/markers/{code}")["properties"]["reference_objects"]
    rows = desk.page.locator(".objects tbody tr")
    expect(rows).to_have_count(len(objects))
    assert len(objects) >= 3
    expect(rows.first).to_contain_text(objects[0]["name"])
    kinds = {"grid": "坐标方位角", "true": "真方位角", "magnetic": "磁方位角"}
    expect(rows.first).to_contain_text(kinds[objects[0]["azimuth_kind"]])
    expect(rows.first).to_contain_text(f"{objects[0]['distance_m']:.2f} 米")


def test_legal_and_observed_position_with_their_offset(open_desk):
    desk = open_desk("surveyor")
    code = desk.markers("condition=displaced")[0]["id"]
    desk.open_marker(code)
    history = desk.get(f"api/markers/{code}/history")
    seen = next(each for each in history["inspections"] if each["observed_position"])["displacement"]
    positions = desk.page.locator(".positions")
    expect(positions).to_contain_text(f"{seen['offset_m']:.2f} 米")
    expect(positions.get_by_role("img")).to_have_attribute(
        "aria-label", re.compile(f"{seen['offset_m']:.2f}")
    )
    expect(positions).to_contain_text("EPSG:4546")


def test_the_public_sees_rounded_positions_and_no_names(open_desk):
    desk = open_desk()
    code = desk.markers("condition=damaged")[0]["id"]
    desk.open_marker(code)
    panel = desk.page.locator("#panel")
    expect(panel.locator(".positions-told")).to_contain_text("取整")
    expect(panel.locator(".objects")).to_have_count(0)
    expect(panel).not_to_contain_text("法定位置")
    expect(panel).not_to_contain_text("巡检员")
    expect(panel.get_by_role("button", name="记录检查")).to_have_count(0)
    expect(panel.get_by_role("link", name="登录")).to_have_attribute("href", re.compile("sign-in"))
    lon, lat = desk.markers("condition=damaged")[0]["geometry"]["coordinates"]
    assert (round(lon, 2), round(lat, 2)) == (lon, lat)


def test_colours_in_time_and_records_in_time(open_desk):
    desk = open_desk("boundary")
    code = desk.markers("colour=blue&case_stage=awaiting_filing")[0]["id"]
    desk.open_marker(code)
    history = desk.get(f"api/markers/{code}/history")
    desk.page.locator(".colour-history summary").click()
    spans = desk.page.locator(".spans > li")
    expect(spans).to_have_count(min(12, len(history["spans"])))
    expect(spans.first).to_contain_text("处理中")
    more = desk.page.get_by_role("button", name=re.compile("显示其余"))
    if more.count():
        more.click()
    kinds = ("inspections", "case_events", "records", "edits")
    expect(desk.page.locator(".timeline > li")).to_have_count(sum(len(history[kind]) for kind in kinds))
    expect(desk.page.locator(".timeline")).to_contain_text("案件：批准")


def test_on_a_past_day_the_colour_of_that_day_and_no_forms(open_desk):
    desk = open_desk("boundary")
    code = desk.markers("colour=blue")[0]["id"]
    desk.go(f"#map=12/19.9/110.4&selected=marker:{code}&as_of=2026-01-15")
    then = desk.get(f"api/markers/{code}?as_of=2026-01-15")["properties"]["why"]
    expect(desk.page.locator(".reasons")).to_contain_text(f"规则 {then['rule']}", timeout=20_000)
    expect(desk.page.locator("#panel")).to_contain_text("回到今天后可记录检查")
    expect(desk.page.get_by_role("button", name="记录检查")).to_have_count(0)


def test_another_profile_gives_another_reason(open_desk):
    desk = open_desk("boundary")
    code = desk.markers("condition=missing&colour=black")[0]["id"]
    desk.open_marker(code)
    expect(desk.page.locator(".reasons")).to_contain_text("规则 A2")
    desk.open_board()
    desk.page.locator("#profile").select_option("inspection_progress")
    expect(desk.page.locator(".reasons")).to_contain_text("规则 B3")
    expect(desk.page.locator(".marker-colour")).to_contain_text("异常")


def test_every_word_of_marker_and_board_in_english(open_desk):
    desk = open_desk("boundary")
    code = desk.markers("colour=red")[0]["id"]
    desk.open_marker(code, language="en").open_board()
    desk.page.locator(".board-filter summary").click()
    shown = desk.page.evaluate(
        """() => [...document.querySelectorAll("#board, .marker-head, .reasons, .colour-history > summary")]
            .flatMap((box) => [...box.querySelectorAll("h2, h3, label, caption, .chip, .marker-row .word, dt, p, summary")])
            .filter((e) => !e.closest(":lang(zh-CN)") && !e.querySelector("select")).map((e) => e.textContent)"""
    )
    assert [text for text in shown if re.search(r"[一-鿿]", text)] == []
    assert len(shown) > 20


@pytest.mark.parametrize("size", [{"width": 1366, "height": 800}, PHONE], ids=["desktop", "phone"])
@pytest.mark.parametrize("language", ["zh-CN", "en"])
def test_board_and_marker_pass_the_rules_a_machine_can_test(open_desk, axe, size, language):  # noqa: F811 -- fixture
    desk = open_desk("boundary", size=size)
    code = desk.markers("condition=damaged&colour=red")[0]["id"]
    desk.open_marker(code, language=language)
    desk.page.locator(".colour-history summary").click()
    desk.page.locator(".form-sheet summary").click()
    assert violations(desk.page, axe) == []
    assert desk.page.evaluate("document.documentElement.scrollWidth") <= size["width"]
    desk.page.locator("#panel-close").click()
    desk.open_board()
    desk.page.locator(".board-filter summary").click()
    assert violations(desk.page, axe) == []
    assert desk.page.evaluate("document.documentElement.scrollWidth") <= size["width"]


def test_the_registration_form_is_taken_from_the_panel(open_desk):
    desk = open_desk("surveyor")
    code = desk.markers("colour=green")[0]["id"]
    desk.open_marker(code)
    with desk.page.expect_download() as download:
        desk.page.get_by_role("link", name="界桩登记表 PDF").click()
    assert download.value.suggested_filename.startswith("界桩登记表")
    assert Path(download.value.path()).read_bytes().startswith(b"%PDF")
