"""The report on markers: fetched from the panel of a line or a unit, then opened as a file, without any network."""

from collections import Counter
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.web_map.marker_desk import MarkerDesk
from tests.web_map.test_accessibility import axe, violations  # noqa: F401 -- `axe` is a fixture

PICTURES = Path(__file__).parents[2] / "docs" / "screenshots"
pytestmark = [pytest.mark.browser, pytest.mark.database]


def fetched(desk: MarkerDesk, selected: str, place: Path, view: str = "") -> Path:
    """Press the link of a panel and keep what comes."""
    desk.go(f"#map=9/19.8/110.4&selected={selected}{view}")
    with desk.page.expect_download() as coming:
        desk.page.locator(".papers .written a", has_text="HTML").click()
    coming.value.save_as(place)
    return place


def opened(browser: Browser, place: Path, faults: list[str]) -> Page:
    """Open a file in a browser that has no network; whatever it asks for beside the file is a fault."""
    context = browser.new_context(offline=True, viewport={"width": 1280, "height": 900})
    page = context.new_page()
    page.on("request", lambda each: faults.append(each.url) if each.url != place.as_uri() else None)
    page.on("console", lambda each: faults.append(each.text) if each.type in {"error", "warning"} else None)
    page.on("pageerror", lambda error: faults.append(str(error)))
    page.goto(place.as_uri())
    return page


def drawn(page: Page) -> Counter[str]:
    """How many signs of each rule the map shows."""
    return Counter(page.locator(".leaflet-marker-icon.post span").all_inner_texts())


def test_the_report_of_a_unit_opens_without_a_network(open_map, browser, tmp_path, axe):  # noqa: F811
    desk = MarkerDesk(open_map("#map=9/19.8/110.4").drawn(), open_map.address).sign_in("boundary")
    faults: list[str] = []
    page = opened(browser, fetched(desk, "unit:460107", tmp_path / "unit.html", "&lang=zh-CN"), faults)
    markers = desk.markers("unit=460107")
    assert len(markers) > 20
    assert drawn(page) == Counter(each["properties"]["colour"]["rule"] for each in markers)
    heights = {
        rule: min(
            sign.evaluate("(icon) => +icon.style.zIndex - icon._leaflet_pos.y")
            for sign in page.locator(".leaflet-marker-icon.post", has_text=rule).all()
        )
        for rule in drawn(page)
    }
    assert sorted(heights, key=heights.__getitem__, reverse=True) == sorted(heights)
    assert page.screenshot(path=PICTURES / "marker-report.png")
    rows = page.locator("table.markers tbody tr")
    assert Counter(row.get_attribute("data-colour") for row in rows.all()) == Counter(
        each["properties"]["colour"]["code"] for each in markers
    )
    red = next(each for each in markers if each["properties"]["colour"]["code"] == "red")["properties"]
    sign = page.get_by_role("button", name=f"{red['number']} · {red['colour']['rule']} ")
    sign.focus()
    page.keyboard.press("Enter")
    expect(page.locator(".leaflet-popup-content")).to_contain_text(red["number"])
    page.locator(".leaflet-popup-content a").click()
    expect(page.locator("tr:target td").first).to_contain_text(red["number"])
    page.keyboard.press("Home")
    before = sum(drawn(page).values())
    page.locator(".leaflet-control-layers").hover()  # it swallows the click by which it opens
    expect(page.locator(".leaflet-control-layers-expanded")).to_be_visible()
    page.locator(".leaflet-control-layers label", has_text="A3").locator("input").uncheck()
    assert sum(drawn(page).values()) == before - drawn_of(markers, "A3")
    expect(page.locator(".leaflet-popup")).to_have_count(0)  # it fades; half faded it has no contrast
    assert violations(page, axe) == []
    assert faults == []
    page.context.close()


def drawn_of(markers: list[dict], rule: str) -> int:
    return sum(each["properties"]["colour"]["rule"] == rule for each in markers)


def test_the_panel_asks_for_the_day_and_the_profile_that_it_shows(open_map, browser, tmp_path):
    desk = MarkerDesk(open_map("#map=9/19.8/110.4").drawn(), open_map.address).sign_in("boundary")
    faults: list[str] = []
    line = desk.markers("unit=460107")[0]["properties"]["line_code"]
    view = "&profile=inspection_progress&lang=en"
    page = opened(browser, fetched(desk, f"line:{line}", tmp_path / "line.html", view), faults)
    markers = desk.markers(f"line={line}&profile=B")
    assert drawn(page) == Counter(each["properties"]["colour"]["rule"] for each in markers)
    assert {rule[0] for rule in drawn(page)} == {"B"}
    expect(page.locator("html")).to_have_attribute("lang", "en")
    expect(page.locator(".about")).to_contain_text("inspection progress")
    assert faults == []
    page.context.close()
