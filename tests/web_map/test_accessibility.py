"""The map page against the WCAG rules that a machine can test (axe-core)."""

from pathlib import Path

import pytest
from playwright.sync_api import expect

from tests.web_map.conftest import DESKTOP, PHONE

pytestmark = [pytest.mark.browser, pytest.mark.database]

AXE = Path(__file__).parents[2] / "node_modules" / "axe-core" / "axe.min.js"


@pytest.fixture(scope="module")
def axe() -> str:
    if not AXE.exists():
        pytest.skip("axe-core is not installed: npm ci")
    return AXE.read_text(encoding="utf-8")


def violations(page, axe: str) -> list[str]:
    page.evaluate(axe)
    found = page.evaluate("axe.run(document, {resultTypes: ['violations']}).then((r) => r.violations)")
    return [
        f"{rule['impact']} {rule['id']}: {node['target']} {node['html'][:120]}"
        for rule in found
        for node in rule["nodes"]
        if rule["impact"] in {"serious", "critical", "moderate"}
    ]


@pytest.mark.parametrize("size", [DESKTOP, PHONE], ids=["desktop", "phone"])
@pytest.mark.parametrize("language", ["zh-CN", "en"])
def test_page_with_everything_open(open_map, axe, size, language):
    office_map = open_map(f"#map=10/19.85/110.45&selected=unit:460107&lang={language}", size=size).drawn()
    expect(office_map.title).to_have_text("琼山区")
    office_map.page.locator("#layers-button").click()
    office_map.search.fill("hai")
    expect(office_map.page.locator("#search-list [role=option]").first).to_be_visible()
    assert violations(office_map.page, axe) == []


def test_past_date_and_print_view(open_map, axe):
    office_map = open_map("#map=10/19.85/110.45&as_of=2005-06-01").drawn()
    assert violations(office_map.page, axe) == []
    office_map.page.locator("#print-button").click()
    assert violations(office_map.page, axe) == []


def test_the_first_stops_of_the_tab_key(open_map):
    office_map = open_map("#map=10/19.85/110.45").drawn()
    stops = []
    for _ in range(8):
        office_map.page.keyboard.press("Tab")
        stops.append(
            office_map.page.evaluate("document.activeElement.id || document.activeElement.className")
        )
    assert stops[:3] == ["skip", "skip", "search-input"]
    assert {"as-of-input", "print-button"} <= set(stops)
    assert office_map.page.evaluate("getComputedStyle(document.activeElement).outlineStyle !== 'none'")


def test_skip_links_move_the_focus_and_leave_the_address(open_map):
    office_map = open_map("#map=10/19.85000/110.45000").drawn()
    before = office_map.view()
    office_map.page.keyboard.press("Tab")
    office_map.page.keyboard.press("Tab")
    office_map.page.keyboard.press("Enter")
    expect(office_map.canvas).to_be_focused()
    assert office_map.view() == before
