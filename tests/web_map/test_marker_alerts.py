"""Alarms on the map: at the marker with the message under them, on the board across the office, answered in words."""

import re

import pytest
from playwright.sync_api import expect

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


def alerts(desk: MarkerDesk, code: str) -> list[dict]:
    return [each for each in desk.get("api/alerts?kind=sensor")["alerts"] if each["code"] == code]


def test_an_alarm_is_shown_with_its_evidence_and_answered(open_desk, axe):  # noqa: F811 -- fixture
    desk = open_desk("surveyor")
    alarm = alerts(desk, "sensor.tilted")[0]
    desk.open_marker(alarm["marker_code"])
    shown = desk.page.locator(".marker-alerts li.alarm")
    expect(shown).to_contain_text("桩体倾斜")
    expect(shown).to_contain_text("倾斜（°） 7.60，限值 5")
    expect(shown).to_contain_text(f"设备 {alarm['evidence']['device']}")
    expect(shown).to_contain_text("设备记录")
    expect(desk.page.locator(".reasons")).to_contain_text("报警：桩体倾斜")
    expect(desk.page.locator(".marker-head")).to_contain_text("完好")
    assert violations(desk.page, axe) == []
    shown.get_by_role("button", name="确认报警").click()
    expect(shown.get_by_role("status")).to_contain_text("请写明查看情况")
    shown.get_by_label("查看情况").fill("现场查看：设备支架松动，桩体完好")
    shown.get_by_role("button", name="确认报警").press("Enter")
    expect(desk.page.locator(".marker-alerts li.alarm")).to_have_count(0)
    expect(desk.page.locator(".timeline")).to_contain_text("现场查看：设备支架松动，桩体完好")
    expect(desk.page.locator(".reasons")).not_to_contain_text("规则 A3")
    assert alerts(desk, "sensor.tilted") == []


def test_the_board_lists_what_devices_say(open_desk):
    desk = open_desk("boundary")
    told = desk.get("api/alerts?kind=sensor")["alerts"]
    assert {"sensor.low_battery", "sensor.silent", "sensor.unmatched"} <= {each["code"] for each in told}
    desk.go(START).open_board()
    rows = desk.page.locator(".board-alerts li")
    expect(rows).to_have_count(len(told))
    expect(rows.filter(has_text="演示-未登记").get_by_role("button")).to_have_count(0)
    rows.filter(has_text="电量低").get_by_role("button").click()
    code = next(each["marker_code"] for each in told if each["code"] == "sensor.low_battery")
    expect(desk.page.locator("#panel-title")).to_have_text(code, timeout=15_000)
    expect(desk.page.locator(".marker-alerts")).to_contain_text(re.compile("电量（%） 1[0-9]，限值 20"))
    expect(desk.page.locator(".marker-alerts form")).to_have_count(0)


def test_the_public_sees_clocks_and_no_device(open_desk):
    silent = alerts(open_desk("surveyor"), "sensor.silent")[0]["marker_code"]
    public = open_desk()
    public.page.context.clear_cookies()
    public.open_marker(silent)
    expect(public.page.locator("#panel")).to_contain_text("合成数据")
    expect(public.page.locator("#panel")).not_to_contain_text("设备")
