"""The register browser: search as one types with the reason of each hit, filters, one name in full, the audit."""

import re
from pathlib import Path

import pytest
from playwright.sync_api import expect

from tests.web_map.conftest import DESKTOP, PHONE
from tests.web_map.pages import axe_violations, fits

pytestmark = [pytest.mark.browser, pytest.mark.database]
PICTURES = Path(__file__).parents[2] / "docs" / "screenshots"


def opened(office, path="naming/register", **how):
    page = office.open(path, **how)
    expect(page.locator("#hits .entry").first).to_be_visible()
    return page


@pytest.mark.parametrize(
    ("typed", "why"),
    [("明珠", "字"), ("mingzhulu", "拼音"), ("míngzhū", "拼音"), ("mzl", "首字母")],
)
def test_each_hit_says_why_it_is_one(office, typed, why):
    page = opened(office)
    page.get_by_label("查找", exact=True).press_sequentially(typed)
    hit = page.locator("#hits .entry", has_text="明珠路")
    expect(hit.locator(".why")).to_contain_text(why)


def test_filters_narrow_and_a_name_is_read_in_full_by_the_keyboard(office):
    page = opened(office)
    page.get_by_label("状态", exact=True).select_option("historic")
    expect(page.locator("#hits .entry")).to_have_count(2)
    page.get_by_label("查找", exact=True).fill("什么也没有")
    expect(page.locator("#hits")).to_contain_text("没有符合条件的地名")
    page.get_by_label("查找", exact=True).fill("五源河")
    hit = page.locator("#hits .entry")
    expect(hit).to_have_count(1)
    hit.focus()
    page.keyboard.press("Enter")
    expect(page.locator("#found-name")).to_be_focused()
    expect(page.get_by_role("note")).to_contain_text("起不再使用")
    expect(page.locator("#found-name")).to_contain_text("字段来源")
    page.get_by_label("语言").select_option("en")
    expect(page.locator("#found-name")).to_contain_text("What it was called")


def test_the_audit_finds_the_road_with_four_names(office):
    page = opened(office, signed_in="naming")
    page.get_by_role("button", name="开始检查").click()
    expect(page.locator("#audit")).to_contain_text(re.compile(r"发现\d+处"), timeout=20_000)
    several = page.locator('#audit [data-code="naming.road_with_several_names"]')
    several.locator("summary").click()
    expect(several).to_contain_text("椰博路")
    expect(several).to_contain_text("凤翔东二横路")


def test_the_public_reads_the_register_and_starts_no_audit(office):
    page = opened(office)
    expect(page.get_by_role("button", name="开始检查")).to_have_count(0)


@pytest.mark.parametrize("size", [DESKTOP, PHONE], ids=["desktop", "phone"])
@pytest.mark.parametrize("language", ["zh-CN", "en"])
def test_accessible(office, size, language):
    page = opened(office, "naming/register?q=mzl", signed_in="naming", size=size, language=language)
    page.locator("#hits .entry", has_text="明珠路").click()
    expect(page.locator(".road-map[data-drawn]")).to_be_visible()
    assert axe_violations(page) == []
    assert fits(page)
