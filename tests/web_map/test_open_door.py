"""The pages of the open door: what is listed is on the map, a filter is tried before the page is left, both languages."""

import re

import pytest
from playwright.sync_api import Page, expect

from tests.web_map.pages import Office

pytestmark = [pytest.mark.browser, pytest.mark.database]
ITEMS = "ogc/collections/units/items?f=html&limit=20"


@pytest.fixture
def door(office: Office) -> Page:
    return office.open(ITEMS)


def test_what_is_listed_is_drawn_and_a_row_leads_to_its_item(door: Page) -> None:
    plan = door.locator("#door-map")
    expect(plan).to_have_attribute("data-drawn", "")
    rows = door.locator("tr[data-item]")
    expect(plan).to_have_attribute("aria-label", re.compile(rf"\b{rows.count()}\b"))
    expect(door.get_by_role("columnheader", name="区划代码")).to_be_visible()
    code = rows.first.get_by_role("cell").first.inner_text()
    rows.first.get_by_role("link").focus()
    expect(rows.first).to_have_class("marked")
    rows.first.get_by_role("link").click()
    expect(door.get_by_role("row", name="区划代码")).to_contain_text(code)
    expect(door.locator("#door-map")).to_have_attribute("data-drawn", "")


def test_a_filter_that_does_not_hold_is_told_where_it_was_written(door: Page, office: Office) -> None:
    written = door.get_by_label("筛选")
    before = door.url
    written.fill("height > 3")
    written.press("Enter")
    expect(door.get_by_role("alert")).to_contain_text("height")
    office.forgive(400)
    assert door.url == before
    expect(written).to_have_value("height > 3")
    written.fill("level = 'county'")
    written.press("Enter")
    expect(door).to_have_url(re.compile("filter="))
    levels = {row.get_by_role("cell").nth(3).inner_text() for row in door.locator("tr[data-item]").all()}
    assert levels == {"county"}
    door.get_by_label("筛选").fill("name = '无此地'")
    door.get_by_label("筛选").press("Enter")
    expect(door.get_by_text("没有要素")).to_be_visible()


def test_the_language_chosen_on_a_page_is_that_of_the_next(door: Page) -> None:
    door.get_by_label("语言").select_option("en")
    expect(door.locator("html")).to_have_attribute("lang", "en")
    expect(door.get_by_role("columnheader", name="division code")).to_be_visible()
    door.goto(door.url.split("/ogc")[0] + "/ogc/?f=html")
    expect(door.get_by_role("heading", name="Collections")).to_be_visible()
    expect(door.get_by_label("Address")).to_have_value(re.compile("/ogc/$"))
    door.goto(door.url.split("/ogc")[0] + "/ogc/collections/lines?f=html")
    expect(door.locator("#door-map")).to_have_attribute("data-drawn", "")
