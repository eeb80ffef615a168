"""A name's public page: what it says, that its address holds through renames, its QR code, its print."""

import io
import re

import pytest
import segno
from PIL import Image
from playwright.sync_api import expect

from tests.web_map.conftest import DESKTOP, PHONE
from tests.web_map.naming_office import propose
from tests.web_map.pages import Office, axe_violations, fits

pytestmark = [pytest.mark.browser, pytest.mark.database]


@pytest.fixture(scope="module")
def renamed(live_server, browser):
    """A road that was given a name, then another: the identifiers of both."""
    office = Office(live_server, browser)
    api = office.api("naming")

    def in_force(name, days_ago, **facts):
        proposal = propose(api, name, upto="put_in_force", place=199, days_ago=days_ago, **facts)
        return api.get(f"api/naming/proposals/{proposal}")["properties"]["name_id"]

    first = in_force("松涛南路", 80)
    reasons = {"rename": "division_change"}
    second = in_force(
        "鹭鸣路", 40, action="rename", former_name="松涛南路", former_name_id=first, reasons=reasons
    )
    office.close()
    return first, second


def demonstrated(api, name):
    return api.get(f"api/naming/names?q={name}")["features"][0]["id"]


def test_a_page_says_what_is_on_the_register(office):
    name = demonstrated(office.api("naming"), "明珠路")
    page = office.open(f"n/{name}")
    expect(page.get_by_role("heading", level=1)).to_have_text("明珠路")
    expect(page.locator(".name-head .pinyin")).to_have_text("Míngzhū Lù")
    expect(page.locator(".name-head .badge").first).to_have_text("使用中")
    expect(page.locator(".facts")).to_contain_text("秀英区")
    expect(page.get_by_role("application", name="明珠路的位置图")).to_have_attribute("data-roads", "1")
    page.get_by_label("语言").select_option("en")
    expect(page.locator(".facts")).to_contain_text("Xiùyīng")
    expect(page.get_by_role("img", name="QR code of the page of 明珠路")).to_be_visible()


def test_a_former_name_keeps_its_page_and_leads_on(office, renamed):
    first, second = renamed
    page = office.open(f"n/{first}")
    note = page.get_by_role("note")
    expect(note).to_contain_text("起不再使用")
    expect(page.get_by_text("测〔2026〕7号").first).to_be_visible()
    note.get_by_role("link", name="鹭鸣路").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("鹭鸣路")
    assert page.url == f"{office.address}/n/{second}"
    expect(page.locator(".rows tbody tr")).to_have_count(2)
    expect(page.get_by_role("note")).to_have_count(0)


def test_the_address_of_the_road_leads_to_its_name_of_today(office, renamed):
    first, second = renamed
    api = office.api("naming")
    place = api.get(f"api/naming/names/{second}")["properties"]["place_id"]
    assert place == api.get(f"api/naming/names/{first}")["properties"]["place_id"]
    page = office.open(f"n/{place}")
    expect(page.get_by_role("heading", level=1)).to_have_text("松涛南路" if place == first else "鹭鸣路")


def test_no_such_name_is_a_page_too(office):
    page = office.open("n/00000000-0000-4000-8000-000000000000")
    expect(page.get_by_role("heading", name="没有这个地名")).to_be_visible()
    assert axe_violations(page) == []
    answer = page.context.request.get(f"{office.address}/n/not-an-id")
    assert (answer.status, answer.headers["content-type"]) == (404, "text/html; charset=utf-8")
    assert page.context.request.get(f"{office.address}/n/not-an-id/qr.svg").status == 404
    office.forgive(404)


def test_the_code_holds_the_absolute_address(office):
    name = demonstrated(office.api("naming"), "明珠路")
    page = office.open(f"n/{name}")
    wanted = segno.make_qr(f"{office.address}/n/{name}", error="m").matrix
    png = page.context.request.get(f"{office.address}/n/{name}/qr.png")
    picture = Image.open(io.BytesIO(png.body())).convert("1")
    size = len(wanted)
    assert picture.width == picture.height == (size + 8) * 10
    seen = [[picture.getpixel((45 + 10 * x, 45 + 10 * y)) == 0 for x in range(size)] for y in range(size)]
    assert seen == [[module == 1 for module in row] for row in wanted]
    code = page.get_by_role("img", name=re.compile("二维码"))
    expect(code).to_have_js_property("naturalWidth", (size + 8) * 10)


def test_on_paper_stands_the_name_without_buttons(office):
    name = demonstrated(office.api("naming"), "明珠路")
    page = office.open(f"n/{name}")
    expect(page.get_by_role("button", name="打印")).to_be_visible()
    page.emulate_media(media="print")
    expect(page.get_by_role("button", name="打印")).to_be_hidden()
    expect(page.locator(".bar")).to_be_hidden()
    expect(page.get_by_role("heading", level=1)).to_be_visible()
    expect(page.get_by_role("img", name=re.compile("二维码"))).to_be_visible()


@pytest.mark.parametrize("size", [DESKTOP, PHONE], ids=["desktop", "phone"])
@pytest.mark.parametrize("language", ["zh-CN", "en"])
def test_accessible(office, renamed, size, language):
    page = office.open(f"n/{renamed[0]}", size=size, language=language)
    expect(page.get_by_role("note")).to_be_visible()
    expect(page.locator(".road-map[data-drawn]")).to_be_visible()
    assert axe_violations(page) == []
    assert fits(page)
