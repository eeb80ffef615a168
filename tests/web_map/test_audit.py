"""The audit page: entries found and paged through, all that is on record of one, the chain and its anchor."""

import csv
import io
import json
import re
from pathlib import Path

import pytest
from playwright.sync_api import expect

from tests.web_map.conftest import DESKTOP, PHONE
from tests.web_map.pages import axe_violations, fits

pytestmark = [pytest.mark.browser, pytest.mark.database]

ROWS = "#entries tbody tr:not(.below)"


def test_entries_are_filtered_and_the_address_says_how(office):
    page = office.open("audit", signed_in="auditor")
    rows = page.locator(ROWS)
    expect(rows.first).to_be_visible()
    page.get_by_label("操作", exact=True).select_option("officer.create")
    page.get_by_label("对象标识").fill("surveyor")
    page.get_by_role("button", name="查找").click()
    expect(rows).to_have_count(1)
    expect(rows).to_contain_text("创建用户")
    expect(rows).to_contain_text("operator")
    assert "act=officer.create&subject=surveyor" in page.url
    page.reload()
    expect(rows).to_have_count(1)
    expect(page.get_by_label("操作", exact=True)).to_have_value("officer.create")
    page.get_by_label("语言").select_option("en")
    expect(rows).to_contain_text("created an officer")
    expect(page.get_by_label("Act", exact=True)).to_have_value("officer.create")
    page.get_by_role("button", name="Clear").click()
    expect(rows.nth(1)).to_be_visible()
    assert page.url == f"{office.address}/audit"


def test_days_are_the_readers_own_and_whole(office):
    page = office.open("audit", signed_in="auditor")
    rows = page.locator(ROWS)
    expect(rows.first).to_be_visible()
    today = page.evaluate("new Date().toLocaleDateString('sv')")
    page.get_by_label("自", exact=True).fill(today)
    page.get_by_label("至", exact=True).fill(today)
    page.get_by_role("button", name="查找").click()
    expect(rows.first).to_be_visible()
    page.get_by_label("自", exact=True).fill("2001-01-01")
    page.get_by_label("至", exact=True).fill("2001-12-31")
    page.get_by_role("button", name="查找").click()
    expect(page.locator("#entries")).to_contain_text("没有符合条件的记录")


def test_pages_lead_to_older_entries_and_back(office):
    planner = office.api("planner")
    for number in range(55):
        planner.send("post", "api/tokens", {"label": f"paging {number}", "scopes": ["read"], "days": 1})
    page = office.open("audit?officer=planner&act=token.create", signed_in="auditor")
    rows = page.locator(ROWS)
    expect(rows).to_have_count(50)
    newest = rows.first.locator("th").inner_text()
    expect(page.get_by_role("button", name="较新")).to_be_disabled()
    page.get_by_role("button", name="较早").click()
    expect(rows.first.locator("th")).not_to_have_text(newest)
    expect(page.locator("#entries-title")).to_be_focused()
    assert int(rows.first.locator("th").inner_text()) < int(newest)
    assert rows.count() >= 5
    page.get_by_role("button", name="较新").click()
    expect(rows.first.locator("th")).to_have_text(newest)


def test_an_entry_tells_all_that_is_on_record(office):
    office.newcomer("looked-at")
    page = office.open("audit?act=officer.create&subject=looked-at", signed_in="auditor")
    more = page.get_by_role("button", name=re.compile("^详情：第"))
    more.focus()
    page.keyboard.press("Enter")
    expect(more).to_have_attribute("aria-expanded", "true")
    detail = page.locator("#entries .below")
    expect(detail).to_contain_text("officer.create")
    expect(detail).to_contain_text('"surveyor"')
    expect(detail).to_contain_text("127.0.0.1")
    entry = office.api("auditor").get("api/audit?act=officer.create&subject=looked-at")["entries"][0]
    for digest in (entry["hash"], entry["after_digest"]):
        assert re.fullmatch("[0-9a-f]{64}", digest)
        expect(detail).to_contain_text(digest)
    page.keyboard.press("Enter")
    expect(detail).to_be_hidden()


def test_what_is_exported_is_what_was_looked_for(office, tmp_path):
    page = office.open("audit?act=officer.create&officer=operator", signed_in="auditor")
    expect(page.locator(ROWS).first).to_be_visible()
    with page.expect_download() as download:
        page.get_by_role("link", name="导出 CSV").click()
    file: Path = tmp_path / "audit.csv"
    download.value.save_as(file)
    rows = list(csv.DictReader(io.StringIO(file.read_text(encoding="utf-8-sig"))))
    assert len(rows) >= 7
    assert {(row["act"], row["officer"]) for row in rows} == {("officer.create", "operator")}


def test_the_chain_is_verified_and_its_end_can_be_kept(office):
    page = office.open("audit", signed_in="auditor")
    page.context.grant_permissions(["clipboard-read", "clipboard-write"])
    expect(page.locator("#chain-state")).to_contain_text(re.compile(r"完整：\d+ 条记录"))
    page.get_by_role("button", name="复制").click()
    copied = page.evaluate("navigator.clipboard.readText()")
    assert re.fullmatch("[0-9a-f]{64}", copied)
    number = int(re.search(r"第 (\d+) 条", page.locator("#anchor").inner_text()).group(1))
    entries = office.api("auditor").get("api/audit?limit=50")["entries"]
    assert copied == next(entry["hash"] for entry in entries if entry["number"] == number)


def test_a_broken_chain_is_said_with_its_place(office):
    page = office.open("audit", signed_in="auditor")

    def broken(route):
        route.fulfill(
            body=json.dumps(route.fetch().json() | {"broken_at": 7}), content_type="application/json"
        )

    page.route("**/api/audit/chain", broken)
    page.get_by_role("button", name="重新核验").click()
    expect(page.locator("#chain-state")).to_contain_text("已断开：从第 7 条起")
    assert axe_violations(page) == []


def test_an_administrator_reads_it_and_a_surveyor_does_not(office):
    page = office.open("audit", signed_in="administrator")
    expect(page.locator(ROWS).first).to_be_visible()
    page = office.open("audit", signed_in="surveyor")
    expect(page.get_by_role("heading", name="无权查看本页")).to_be_visible()


@pytest.mark.parametrize("size", [DESKTOP, PHONE], ids=["desktop", "phone"])
@pytest.mark.parametrize("language", ["zh-CN", "en"])
def test_accessible(office, size, language):
    page = office.open("audit", signed_in="auditor", size=size, language=language)
    expect(page.locator(ROWS).first).to_be_visible()
    expect(page.locator("#anchor-digest")).to_be_visible()
    page.locator(f"{ROWS} button").first.click()
    assert axe_violations(page) == []
    assert fits(page)
