"""The board of what is due: as the service says it, by state, narrowed by a filter, each row with the way to its work."""

from datetime import date
from urllib.error import HTTPError
from urllib.parse import parse_qs, urlsplit
from urllib.request import urlopen

import pytest
from icalendar import Calendar
from playwright.sync_api import Locator, Page, expect

from tests.web_map.conftest import DESKTOP, PHONE, ROOT
from tests.web_map.pages import Office, axe_violations, fits, told

pytestmark = [pytest.mark.browser, pytest.mark.database]
STATES = ("overdue", "soon", "ahead")
NEVER_JOINED = "460107469005"
AT_ONCE = 50
JOINTS = "?kind=joint&days_ahead=730"


def rows(page: Page, state: str | None = None) -> Locator:
    return page.locator(f"#{state or 'board'} tbody tr")


def subscribed(office: Office, address: str) -> tuple[int, set[str]]:
    """What a calendar program reads at an address, without a cookie: the status, and the subjects of its entries."""
    try:
        with urlopen(address) as answer:  # noqa: S310 -- loopback
            events = Calendar.from_ical(answer.read()).walk("VEVENT")
            return answer.status, {str(event["uid"]).split("@")[0].split("-", 1)[1] for event in events}
    except HTTPError as refused:
        return refused.code, set()


def said(office: Office, query: str = "") -> dict:
    return office.api("boundary").get(f"api/due{query}")


def test_the_page_shows_what_the_service_says_by_state(office):
    page = office.open("due", signed_in="boundary")
    expect(rows(page).first).to_be_visible()
    answer = said(office)
    assert set(answer["by_state"]) == set(STATES)
    for state in STATES:
        expect(rows(page, state)).to_have_count(answer["by_state"][state])
    expect(page.locator("#counts")).to_contain_text(f"{answer['by_state']['overdue']} 逾期")
    expect(page.locator("#counts")).to_contain_text(f"{answer['by_kind']['patrol']} 巡检")
    first = answer["entries"][0]
    late = (date.fromisoformat(answer["on"]) - date.fromisoformat(first["due_on"])).days
    expect(rows(page, "overdue").first.locator("[data-label=到期日]")).to_contain_text(f"{late}天前")
    never = rows(page, "soon").filter(has_text="从未检查")
    expect(never.first.locator("time")).to_have_attribute("datetime", answer["on"])


def test_the_filter_narrows_and_stands_in_the_address(office):
    page = office.open("due", signed_in="boundary")
    expect(rows(page).first).to_be_visible()
    page.get_by_label("事项", exact=True).select_option(label="联检")
    page.get_by_label("期限", exact=True).select_option(label="730 天内")
    narrowed = said(office, JOINTS)["entries"]
    expect(rows(page)).to_have_count(len(narrowed))
    assert parse_qs(urlsplit(page.url).query) == {"kind": ["joint"], "days_ahead": ["730"]}
    page.reload()
    expect(rows(page)).to_have_count(len(narrowed))
    expect(page.get_by_label("事项", exact=True)).to_have_value("joint")
    page.get_by_label("界线", exact=True).select_option(NEVER_JOINED)
    expect(rows(page)).to_have_count(1)
    expect(page.locator("#due-told")).to_have_text("共 1 项")
    page.get_by_label("界线", exact=True).select_option("")
    page.get_by_label("单位", exact=True).select_option("460106")
    expect(rows(page)).to_have_count(len(said(office, f"{JOINTS}&unit=460106")["entries"]))
    page.get_by_label("语言", exact=True).select_option("en")
    expect(page.get_by_label("What", exact=True)).to_have_value("joint")
    expect(rows(page).first).to_contain_text("joint inspection")


def test_the_calendar_is_what_the_filter_shows(office):
    page = office.open("due?kind=patrol&days_ahead=90", signed_in="boundary")
    expect(rows(page).first).to_be_visible()
    with page.expect_download() as download:
        page.get_by_role("link", name="下载日历").click()
    events = Calendar.from_ical(download.value.path().read_bytes()).walk("VEVENT")
    shown = said(office, "?kind=patrol&days_ahead=90")["entries"]
    assert {str(event["uid"]) for event in events} == {
        f"patrol-{each['subject']}@geo-service" for each in shown
    }
    assert all(str(event["summary"]).startswith("巡检") for event in events)


def test_a_row_leads_to_its_work(office):
    page = office.open("due?kind=report", signed_in="boundary")
    link = rows(page).first.get_by_role("rowheader").get_by_role("link")
    code = link.inner_text()
    link.focus()
    page.keyboard.press("Enter")
    page.wait_for_url(f"**/#*selected=marker:{code}*")
    expect(page.locator("#panel-title")).to_contain_text(
        said(office, "?kind=report")["entries"][0]["subject"]
    )
    page.go_back()
    page.goto(f"{office.address}/due?kind=joint&line={NEVER_JOINED}")
    row = rows(page).first
    expect(row.locator("[data-label=界线] a")).to_have_attribute("href", f"./#selected=line:{NEVER_JOINED}")
    row.get_by_role("rowheader").get_by_role("link").click()
    page.wait_for_url(f"**/joint?line={NEVER_JOINED}")
    expect(page.locator("#lines tbody tr")).to_have_count(1)


def test_what_a_joint_inspection_leaves_to_be_done_leads_to_it(office):
    page = office.open("due?kind=filing&days_ahead=730", signed_in="boundary")
    entry = said(office, "?kind=filing&days_ahead=730")["entries"][0]
    rows(page).first.get_by_role("rowheader").get_by_role("link").click()
    page.wait_for_url(f"**/joint?id={entry['joint_id']}")
    expect(page.locator(".stages [aria-current]")).to_be_visible()


def test_a_long_list_is_written_in_two_steps(office):
    page = office.open("due?days_ahead=730", signed_in="boundary")
    expect(rows(page, "ahead")).to_have_count(AT_ONCE)
    count = said(office, "?days_ahead=730")["by_state"]["ahead"]
    more = page.get_by_role("button", name=f"再显示 {count - AT_ONCE} 项")
    more.focus()
    page.keyboard.press("Enter")
    expect(rows(page, "ahead")).to_have_count(count)
    expect(rows(page, "ahead").nth(AT_ONCE).get_by_role("rowheader").get_by_role("link")).to_be_focused()


def test_nothing_due_says_what_to_do(office):
    page = office.open("due?unit=460205&days_ahead=0", signed_in="boundary")
    empty = page.locator("#board .nothing")
    expect(empty).to_contain_text("没有到期事项")
    expect(page.locator("#counts")).to_contain_text("0 逾期")
    empty.get_by_role("button", name="查看两年内").click()
    expect(page.get_by_label("期限", exact=True)).to_have_value("730")
    expect(empty).to_be_visible()
    empty.get_by_role("button", name="清除筛选").click()
    expect(rows(page, "overdue").first).to_be_visible()
    assert urlsplit(page.url).query == "days_ahead=730"


def test_the_menu_leads_here_and_strangers_sign_in_first(office):
    page = office.open("", signed_in="surveyor")
    page.get_by_role("button", name="账户菜单").click()
    page.locator("#who-menu").get_by_role("link", name="待办").click()
    page.wait_for_url("**/due")
    expect(page.locator("#who-menu a[aria-current=page]")).to_have_text("待办")
    office.open("due").wait_for_url("**/sign-in?next=%2Fdue")


def test_a_calendar_subscribes_by_an_address_that_is_made_replaced_and_revoked(office):
    office.newcomer("calendar-reader", password="first password")
    page = office.open("sign-in")
    page.context.grant_permissions(["clipboard-read", "clipboard-write"])
    office.sign_in(page.context, "calendar-reader", "first password")
    page.goto(f"{office.address}/due?kind=joint&days_ahead=730")
    card = page.locator("section").filter(has=page.get_by_role("heading", name="在手机日历中订阅"))
    expect(card).to_contain_text("还没有日历地址")
    card.get_by_role("button", name="生成日历地址").focus()
    page.keyboard.press("Enter")
    field = card.get_by_label("日历地址", exact=True)
    expect(field).to_be_visible()
    assert axe_violations(page) == []
    card.get_by_role("button", name="复制").click()
    first = page.evaluate("navigator.clipboard.readText()")
    assert first == field.input_value()
    opening = card.get_by_role("link", name="在本机日历中打开").get_attribute("href")
    assert opening == first.replace("http:", "webcal:")
    assert subscribed(office, first) == (200, {each["subject"] for each in said(office, JOINTS)["entries"]})
    card.get_by_role("button", name="我已保存").click()
    expect(page.locator("#address-title")).to_be_focused()
    page.reload()
    expect(card).to_contain_text(f"…{urlsplit(first).path.removesuffix('.ics')[-4:]}")
    expect(field).to_have_count(0)
    card.get_by_role("button", name="更换地址").click()
    page.get_by_role("alertdialog").get_by_role("button", name="更换地址").click()
    second = field.input_value()
    assert subscribed(office, first)[0] == 404
    assert subscribed(office, second)[0] == 200
    card.get_by_role("button", name="停用地址").click()
    page.get_by_role("alertdialog").get_by_role("button", name="停用地址").click()
    told(page, "日历地址已停用")
    expect(card).to_contain_text("还没有日历地址")
    expect(field).to_have_count(0)
    assert subscribed(office, second)[0] == 404


@pytest.mark.parametrize("size", [DESKTOP, PHONE], ids=["desktop", "phone"])
@pytest.mark.parametrize("language", ["zh-CN", "en"])
def test_accessible(office, size, language):
    page = office.open("due", signed_in="boundary", size=size, language=language)
    expect(rows(page, "overdue").first).to_be_visible()
    assert axe_violations(page) == []
    assert fits(page)
    if (size, language) == (DESKTOP, "zh-CN"):
        assert page.screenshot(path=ROOT / "docs" / "screenshots" / "due.png", full_page=False)
    page.locator(".meanings summary").click()
    expect(page.locator(".meanings dd").first).to_be_visible()
    assert axe_violations(page) == []
    page.goto(f"{office.address}/due?unit=460205")
    expect(page.locator("#board .nothing")).to_be_visible()
    assert axe_violations(page) == []
    assert fits(page)
