"""The register browser: search as one types with the reason of each hit, filters, one name in full, the audit."""

import re
from pathlib import Path

import pytest
from playwright.sync_api import expect

from tests.web_map.conftest import DESKTOP, PHONE
from tests.web_map.naming_office import propose
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


def test_a_name_is_put_right_and_another_is_merged_into_it(office):
    api = office.api("naming")
    for place, name in ((70, "棠梨路"), (71, "棠梨东路")):
        propose(api, name, upto="put_in_force", place=place)
    page = opened(office, "naming/register?q=棠梨路", signed_in="naming")
    page.locator("#hits .entry", has_text="棠梨路").first.click()
    page.get_by_role("button", name="更正").click()
    dialog = page.get_by_role("dialog")
    dialog.get_by_label("含义").fill("棠梨成林")
    dialog.get_by_role("button", name="保存更正").click()
    expect(dialog.locator("[aria-invalid]")).to_have_count(1)  # no change without its source
    dialog.get_by_label("依据").fill("现场调查 3 号")
    dialog.get_by_role("button", name="保存更正").click()
    expect(page.locator("#found-name")).to_contain_text("棠梨成林")
    expect(page.locator("#found-name")).to_contain_text("现场调查 3 号")
    page.get_by_label("查找", exact=True).fill("棠梨东路")
    page.locator("#hits .entry", has_text="棠梨东路").click()
    expect(page.locator("#found-name h1")).to_have_text(re.compile("棠.*东"))
    page.get_by_role("button", name="销名或并入").click()
    ends = page.get_by_role("alertdialog")
    ends.get_by_label("日期").fill("2099-01-01")
    ends.get_by_label("依据文号").fill("海民〔2026〕31号")
    ends.get_by_label("方式").select_option("merged")
    ends.get_by_role("button", name="确认").click()
    expect(ends.locator(".refused")).to_have_text("请先选定并入的地名。")
    ends.get_by_label("并入的地名").fill("棠梨")
    ends.get_by_role("radio", name="棠梨路").check()
    assert axe_violations(page) == []
    ends.get_by_role("button", name="确认").click()
    note = page.get_by_role("note")
    expect(note).to_contain_text("并入： 棠梨路")
    note.get_by_role("link", name="棠梨路").click()
    expect(page.locator("#found-name")).to_contain_text("棠梨东路并入 · 海民〔2026〕31号")


def test_the_public_reads_the_register_and_starts_no_audit(office):
    page = opened(office)
    expect(page.locator("#acts-title")).to_have_count(0)
    expect(page.get_by_role("button", name="开始检查")).to_have_count(0)


@pytest.mark.parametrize("size", [DESKTOP, PHONE], ids=["desktop", "phone"])
@pytest.mark.parametrize("language", ["zh-CN", "en"])
def test_accessible(office, size, language):
    page = opened(office, "naming/register?q=mzl", signed_in="naming", size=size, language=language)
    page.locator("#hits .entry", has_text="明珠路").click()
    expect(page.locator(".road-map[data-drawn]")).to_be_visible()
    assert axe_violations(page) == []
    assert fits(page)
