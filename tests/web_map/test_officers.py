"""The administrator's page: officers found, made, changed, disabled; two administrators at once are told so."""

import re

import pytest
from playwright.sync_api import Locator, Page, expect

from tests.web_map.conftest import DESKTOP, PHONE
from tests.web_map.pages import axe_violations, end_session, fits, refused, told

pytestmark = [pytest.mark.browser, pytest.mark.database]


def row(page: Page, username: str) -> Locator:
    return page.locator("#officer-list tbody tr").filter(
        has=page.locator("th .code", has_text=re.compile(f"^{username}$"))
    )


def change(page: Page, username: str) -> Locator:
    row(page, username).get_by_role("button", name=re.compile("^更改")).click()
    return page.get_by_role("dialog")


def test_officers_are_found_by_name_role_and_place(office):
    page = office.open("officers", signed_in="administrator")
    search = page.get_by_label("查找")
    for words in ("surveyor", "测绘员 海口", "演示测绘"):
        search.fill(words)
        expect(row(page, "surveyor")).to_be_visible()
        expect(row(page, "auditor")).to_have_count(0)
    search.fill("nobody of that name")
    expect(page.locator("#officer-list")).to_contain_text("没有符合条件的用户")
    expect(page.locator("#officer-count")).to_contain_text("显示 0 个")


def test_an_officer_is_made_from_the_keyboard_and_gets_a_link(office):
    page = office.open("officers", signed_in="administrator")
    page.get_by_role("button", name="新建用户").click()
    form = page.get_by_role("dialog")
    form.get_by_label("用户名").fill("made-here")
    form.get_by_label("姓名").fill("王测绘")
    form.get_by_role("button", name="创建用户").click()
    assert refused(page, "dialog form") == "请至少选择一个角色。"
    form.get_by_label(re.compile("测绘员")).check()
    form.get_by_role("button", name="创建用户").click()
    expect(form.locator(".refused")).to_contain_text("至少选择一个管辖区域")
    units = form.get_by_role("combobox", name="管辖范围")
    expect(units).to_be_focused()
    page.keyboard.type("longhua")
    expect(form.locator("#unit-list li").first).to_contain_text("龙华区")
    page.keyboard.press("Enter")
    expect(form.locator(".chips")).to_contain_text("龙华区 460106")
    page.keyboard.type("秀英")
    expect(form.locator("#unit-list li").first).to_contain_text("秀英")
    page.keyboard.press("Enter")
    form.get_by_role("button", name=re.compile("去掉秀英")).click()
    expect(form.locator(".chips li")).to_have_count(1)
    form.get_by_role("button", name="创建用户").click()
    ask = page.get_by_role("alertdialog")
    ask.get_by_role("button", name="创建链接").click()
    link = page.get_by_label("一次性链接", exact=True)
    expect(link).to_have_value(re.compile(f"^{office.address}/sign-in#link=.{{20,}}"))
    secret = link.input_value()
    page.get_by_role("button", name="我已保存").click()
    expect(link).to_have_count(0)
    assert secret not in page.content()
    expect(row(page, "made-here")).to_contain_text("龙华区 460106")
    expect(row(page, "made-here")).to_contain_text("尚未设置密码")
    expect(row(page, "made-here").get_by_role("button", name=re.compile("^更改"))).to_be_focused()


def test_a_name_that_is_taken_is_said_in_words_and_nothing_is_lost(office):
    page = office.open("officers", signed_in="administrator")
    page.get_by_role("button", name="新建用户").click()
    form = page.get_by_role("dialog")
    form.get_by_label("用户名").fill("Auditor")
    form.get_by_label("姓名").fill("李某")
    form.get_by_label(re.compile("审计员")).check()
    form.get_by_role("combobox", name="管辖范围").fill("460105")
    form.locator("#unit-list li").first.click()
    form.get_by_role("button", name="创建用户").click()
    assert "用户名已被使用" in refused(page, "dialog form")
    expect(form.get_by_label("姓名")).to_have_value("李某")
    expect(form.locator(".chips li")).to_have_count(1)
    office.forgive(409)


def test_two_administrators_at_once_are_told_and_decide(office):
    office.newcomer("contested")
    page = office.open("officers", signed_in="administrator")
    form = change(page, "contested")
    form.get_by_label("姓名").fill("我的改动")
    other = office.api("administrator")
    read = other.get("api/officers/contested")
    other.send("patch", "api/officers/contested", {"roles": ["planner"]}, **{"If-Match": read["etag"]})
    form.get_by_role("button", name="保存").click()
    conflict = form.locator(".conflict")
    expect(conflict).to_contain_text("他人刚刚更改了该用户")
    expect(conflict.locator("tbody tr").filter(has_text="角色")).to_contain_text("规划员")
    expect(conflict.locator("tbody tr").filter(has_text="姓名")).to_contain_text("我的改动")
    expect(conflict.locator("tbody tr")).to_have_count(2)
    assert axe_violations(page) == []
    expect(form.get_by_label("姓名")).to_have_value("我的改动")
    form.get_by_role("button", name="保存我填写的").click()
    told(page, "已更改 我的改动")
    expect(row(page, "contested")).to_contain_text("测绘员")
    office.forgive(412)


def test_what_somebody_else_wrote_can_be_taken(office):
    office.newcomer("yielded")
    page = office.open("officers", signed_in="administrator")
    form = change(page, "yielded")
    form.get_by_label("姓名").fill("我的改动")
    other = office.api("administrator")
    read = other.get("api/officers/yielded")
    other.send("patch", "api/officers/yielded", {"display_name": "他人的改动"}, **{"If-Match": read["etag"]})
    form.get_by_role("button", name="保存").click()
    form.get_by_role("button", name="采用现在的内容").click()
    expect(form.get_by_label("姓名")).to_have_value("他人的改动")
    form.get_by_role("button", name="保存").click()
    expect(row(page, "yielded")).to_contain_text("他人的改动")
    office.forgive(412)


def test_who_is_disabled_is_out_until_let_back(office):
    office.newcomer("disabled", password="first password")
    theirs = office.open("sign-in")
    office.sign_in(theirs.context, "disabled", "first password")
    page = office.open("officers", signed_in="administrator")
    row(page, "disabled").get_by_role("button", name=re.compile("^停用")).click()
    page.get_by_role("alertdialog").get_by_role("button", name="停用").click()
    told(page, "测试disabled 已停用")
    expect(row(page, "disabled")).to_contain_text("已停用")
    theirs.goto(f"{office.address}/account")
    theirs.wait_for_url("**/sign-in?next=%2Faccount")
    page.get_by_label("状态").select_option("disabled")
    expect(row(page, "auditor")).to_have_count(0)
    row(page, "disabled").get_by_role("button", name=re.compile("^恢复")).click()
    page.get_by_role("alertdialog").get_by_role("button", name="恢复").click()
    told(page, "测试disabled 已恢复")
    page.get_by_label("状态").select_option("all")
    expect(row(page, "disabled")).to_contain_text("用密码登录")
    office.sign_in(theirs.context, "disabled", "first password")


def test_disabling_what_somebody_else_changed_is_refused_and_the_list_is_fresh(office):
    office.newcomer("stale")
    page = office.open("officers", signed_in="administrator")
    expect(row(page, "stale")).to_be_visible()
    other = office.api("administrator")
    read = other.get("api/officers/stale")
    other.send("patch", "api/officers/stale", {"display_name": "新名"}, **{"If-Match": read["etag"]})
    row(page, "stale").get_by_role("button", name=re.compile("^停用")).click()
    page.get_by_role("alertdialog").get_by_role("button", name="停用").click()
    told(page, re.compile("记录已被他人修改"))
    expect(row(page, "stale")).to_contain_text("新名")
    expect(row(page, "stale")).not_to_contain_text("已停用")
    office.forgive(412)


def test_nobody_changes_his_own_rights_here(office):
    page = office.open("officers", signed_in="administrator")
    own = row(page, "administrator")
    expect(own.get_by_role("button", name=re.compile("停用"))).to_have_count(0)
    form = change(page, "administrator")
    expect(form).to_contain_text("须由另一位管理员办理")
    expect(form.get_by_role("checkbox")).to_have_count(0)
    page.keyboard.press("Escape")
    expect(own.get_by_role("button", name=re.compile("^更改"))).to_be_focused()


def test_the_form_outlives_a_session_that_ended(office):
    office.newcomer("outlived")
    page = office.open("officers", signed_in="administrator")
    form = change(page, "outlived")
    form.get_by_label("姓名").fill("续写")
    end_session(page)
    form.get_by_role("button", name="保存").click()
    again = page.get_by_role("dialog", name="登录已失效")
    again.get_by_label("密码").fill("demo-administrator")
    page.keyboard.press("Enter")
    told(page, "已更改 续写")
    expect(row(page, "outlived")).to_contain_text("续写")
    office.forgive(401)


def test_the_page_is_for_administrators(office):
    page = office.open("officers", signed_in="auditor")
    expect(page.get_by_role("heading", name="无权查看本页")).to_be_visible()
    page.get_by_label("语言").select_option("en")
    expect(page.get_by_role("heading", name="This page is not open to you")).to_be_visible()
    assert axe_violations(page) == []


@pytest.mark.parametrize("size", [DESKTOP, PHONE], ids=["desktop", "phone"])
@pytest.mark.parametrize("language", ["zh-CN", "en"])
def test_accessible(office, size, language):
    page = office.open("officers", signed_in="administrator", size=size, language=language)
    expect(row(page, "auditor")).to_be_visible()
    assert axe_violations(page) == []
    assert fits(page)
    page.locator("#new-officer").click()
    page.locator("#unit-search").fill("460")
    expect(page.locator("#unit-list li").first).to_be_visible()
    assert axe_violations(page) == []
    page.locator("#unit-list li").first.click()
    page.locator("dialog [type=submit]").click()
    expect(page.locator("dialog .refused")).to_be_visible()
    assert axe_violations(page) == []
    assert fits(page)
