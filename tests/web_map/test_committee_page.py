"""A sitting of the committee, worked through from the keyboard: votes, recusal, quorum, an amendment, decisions."""

import re
from uuid import uuid4

import pytest
from playwright.sync_api import expect

from geo_service.paging import today
from tests.web_map.conftest import DESKTOP, PHONE
from tests.web_map.naming_office import propose
from tests.web_map.pages import Office, axe_violations, fits

pytestmark = [pytest.mark.browser, pytest.mark.database]
MEMBERS = ["committee", "naming", "zhou"]


def called(office, names, place, **facts):
    """Call a sitting on proposals of these names; give its id."""
    api = office.api("naming")
    proposals = [
        propose(api, name, upto="put_on_agenda", place=place + number, alternatives=["青云路"], **facts)
        for number, name in enumerate(names)
    ]
    asked = {"id": str(uuid4()), "held_on": today().isoformat(), "title": "试会", "chair": "committee"}
    api.send("post", "api/naming/meetings", asked | {"members": MEMBERS, "proposals": proposals})
    return asked["id"]


@pytest.fixture(scope="module")
def shown(live_server, browser):
    """A sitting that nobody votes in: its id."""
    office = Office(live_server, browser)
    sitting = called(office, ["榕湖路", "榕溪路"], 80)
    office.close()
    return sitting


def sit(office, sitting, member, **how):
    page = office.open(f"naming/committee#{sitting}", signed_in=member, **how)
    expect(page.locator(".road-map[data-drawn]")).to_be_visible()
    return page


def current(page, name):
    expect(page.locator(".proposed")).to_have_text(name)


def test_a_batch_is_voted_from_the_keyboard_and_decided(office):
    names = ["松湖路", "松溪路", "松泉路", "松岛路"]
    sitting = called(office, names, 90)
    page = sit(office, sitting, "committee")
    current(page, "松湖路")
    page.keyboard.press("j")
    current(page, "松溪路")
    page.keyboard.press("k")
    current(page, "松湖路")
    page.keyboard.press("1")
    expect(page.locator(".progress")).to_contain_text("我已表决 1 / 4")
    current(page, "松溪路")
    page.keyboard.press("2")
    expect(page.get_by_label("理由")).to_be_focused()
    expect(page.locator("#reason-hint")).to_contain_text("不同意")
    page.keyboard.type("与邻路易混")
    page.keyboard.press("Enter")
    current(page, "松泉路")
    page.keyboard.press("5")
    page.keyboard.type("系申请单位职工")
    page.keyboard.press("Enter")
    current(page, "松岛路")
    page.keyboard.press("4")
    expect(page.locator(".progress")).to_contain_text("我已表决 4 / 4")

    page = sit(office, sitting, "naming")
    expect(page.locator(".ballot")).to_contain_text("已参加 1 人，法定人数 2（应到 3）")
    for name, key in zip(names, "1214", strict=True):
        current(page, name)
        page.keyboard.press(key)
        if key == "2":
            page.keyboard.type("同上")
            page.keyboard.press("Enter")
    expect(page.locator(".progress")).to_contain_text("我已表决 4 / 4")
    page.locator(".agenda button").nth(2).click()
    expect(page.locator(".ballot")).to_contain_text("已参加 1 人，法定人数 2（应到 2）")
    expect(page.locator(".ballot")).to_contain_text("系申请单位职工")
    page.keyboard.press("d")
    page.keyboard.type("试会纪要")
    page.keyboard.press("Enter")
    expect(page.locator(".decision .refused")).to_be_visible()
    page.get_by_label("一并议决达到法定人数的3项").check()
    page.get_by_role("button", name="按表决结果议决").click()
    expect(page.locator("#told")).to_have_text("3项已议决")
    agenda = page.locator(".agenda .badge:first-child")
    expect(agenda).to_have_text(["通过", "不予通过", "同意", "暂缓"])
    heard = office.api("naming").get(f"api/naming/meetings/{sitting}")["items"]
    assert [each["state"] for each in heard] == ["government_decision", "rejected", "committee", "deferred"]
    office.forgive(409)
    office.forgive(422)


def test_an_amended_name_is_examined_as_it_is_typed_and_leaves_the_agenda(office):
    in_the_city = {"type": "LineString", "coordinates": [[110.19, 19.9659], [110.2, 19.9659]]}
    sitting = called(office, ["槐湖路"], 0, geometry=in_the_city)
    page = sit(office, sitting, "naming")
    page.keyboard.press("a")
    dialog = page.get_by_role("dialog", name="修改槐湖路")
    expect(dialog.get_by_label("新名称")).to_have_value("青云路")
    dialog.get_by_label("新名称").fill("铭珠路")
    expect(dialog.locator(".live-check")).to_contain_text("Míngzhū Lù")
    expect(dialog.locator('tr[data-code="DUP-02"]')).to_contain_text("明珠路")
    dialog.get_by_label("修改意见").fill("与地形更相符")
    dialog.get_by_role("button", name="修改并重新检查").click()
    expect(page.locator(".agenda")).to_contain_text("已修改，重新审查")
    current(page, "铭珠路")
    item = office.api("naming").get(f"api/naming/meetings/{sitting}")["items"][0]
    assert (item["name"], item["state"], item["outcome"]) == ("铭珠路", "precheck", "amended")
    assert item["warnings"] >= 1


def test_who_is_no_member_does_not_vote(office, shown):
    office.newcomer("liu-of-the-committee", roles=("committee",), password="sitting-in-the-hall-7")
    page = office.open("sign-in")
    office.sign_in(page.context, "liu-of-the-committee", "sitting-in-the-hall-7")
    page.goto(f"{office.address}/naming/committee#{shown}")
    expect(page.locator(".ballot")).to_contain_text("您不是本次会议的委员")
    expect(page.locator(".votes")).to_have_count(0)


def test_a_sitting_is_called_on_what_is_ready(office):
    propose(office.api("naming"), "柳湖路", upto="put_on_agenda", place=110)
    page = office.open("naming/committee", signed_in="naming")
    page.get_by_label("会议名称").fill("第九次会议")
    page.get_by_label("日期").fill(today().isoformat())
    page.get_by_label("委员（用户名）").fill("committee、naming")
    page.get_by_label("主任（用户名）").fill("committee")
    page.get_by_role("button", name="召开").click()
    expect(page.locator("form .refused")).to_be_visible()
    page.get_by_label("委员（用户名）").fill("committee、naming，zhou")
    page.get_by_role("button", name="召开").click()
    expect(page.locator(".sitting-title")).to_contain_text("第九次会议")
    expect(page.locator(".agenda")).to_contain_text("柳湖路")
    office.forgive(422)


@pytest.mark.parametrize("size", [DESKTOP, PHONE], ids=["desktop", "phone"])
@pytest.mark.parametrize("language", ["zh-CN", "en"])
def test_accessible(office, shown, size, language):
    page = sit(office, shown, "naming", size=size, language=language)
    assert axe_violations(page) == []
    assert fits(page)
    page.keyboard.press("?")
    expect(page.get_by_role("dialog", name=re.compile("键盘操作|Keys"))).to_be_visible()
    assert axe_violations(page) == []
    page.keyboard.press("Escape")
    page.goto(f"{office.address}/naming/committee#")
    page.reload()
    expect(page.locator("#sitting .entry").first).to_be_visible()
    assert axe_violations(page) == []
