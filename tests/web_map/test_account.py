"""The account page: who one is, password, sessions and tokens; a session that ends under the hands loses nothing."""

import re

import pytest
from playwright.sync_api import Page, expect

from tests.web_map.conftest import DESKTOP, PHONE
from tests.web_map.pages import axe_violations, end_session, fits, refused, told

pytestmark = [pytest.mark.browser, pytest.mark.database]


def type_token(page: Page, label: str) -> None:
    page.get_by_text("新建令牌").click()
    page.get_by_label("用途").fill(label)
    page.get_by_label("外业").check()


def test_says_in_words_who_one_is(office):
    page = office.open("account", signed_in="boundary")
    about = page.locator("#about")
    expect(about).to_contain_text("演示界线员")
    expect(about).to_contain_text("登记行政区域、界线与界桩事项")
    expect(about).to_contain_text("海口市 460100")
    expect(about).to_contain_text("示范")


def test_name_and_language_are_changed_in_place(office):
    office.newcomer("renamed", password="first password")
    page = office.open("sign-in?next=/account")
    page.get_by_label("用户名").fill("renamed")
    page.get_by_label("密码", exact=True).fill("first password")
    page.keyboard.press("Enter")
    page.get_by_label("姓名", exact=True).fill("符<b>某</b>")
    page.locator("#account-language").select_option("en")
    page.get_by_role("button", name="保存").click()
    expect(page.get_by_role("heading", name="My account")).to_be_visible()
    expect(page.locator("#about strong").first).to_have_text("符<b>某</b>")
    expect(page.locator("#who")).to_contain_text("符<b>某</b>")
    page.reload()
    expect(page.get_by_role("heading", name="My account")).to_be_visible()
    expect(page.locator("#display-name")).to_have_value("符<b>某</b>")


def test_the_password_is_changed_with_the_old_one_only(office):
    office.newcomer("new-password", password="first password")
    page = office.open("sign-in?next=/account")
    page.get_by_label("用户名").fill("new-password")
    page.get_by_label("密码", exact=True).fill("first password")
    page.keyboard.press("Enter")
    page.get_by_label("原密码").fill("wrong password")
    page.get_by_label("新密码", exact=True).fill("second password")
    page.get_by_label("再输一遍新密码").fill("second password")
    page.get_by_role("button", name="更改密码").click()
    assert "原密码不正确" in refused(page, "#password")
    expect(page.get_by_label("新密码", exact=True)).to_have_value("second password")
    page.get_by_label("原密码").fill("first password")
    page.get_by_role("button", name="更改密码").click()
    told(page, "密码已更改，其他登录已结束")
    expect(page.get_by_label("原密码")).to_have_value("")
    office.sign_in(page.context, "new-password", "second password")
    office.forgive(403)


def test_another_browser_is_signed_out_from_here_after_a_question(office):
    office.newcomer("two-browsers", password="first password")
    pages = []
    for _ in range(3):
        page = office.open("sign-in")
        office.sign_in(page.context, "two-browsers", "first password")
        page.goto(f"{office.address}/account")
        pages.append(page)
    here, other, third = pages
    here.reload()
    sessions = here.locator("#session-list li")
    expect(sessions.filter(has_text="当前")).to_have_count(1)
    expect(sessions.first).to_contain_text("127.0.0.1")
    count = sessions.count()
    end = sessions.nth(1).get_by_role("button", name=re.compile("结束"))
    end.click()
    expect(here.get_by_role("button", name="取消")).to_be_focused()
    here.keyboard.press("Escape")
    expect(end).to_be_focused()
    assert sessions.count() == count
    end.click()
    here.get_by_role("alertdialog").get_by_role("button", name="结束").click()
    told(here, "会话已结束")
    expect(sessions).to_have_count(count - 1)
    expect(here.locator("#sessions-title")).to_be_focused()
    here.get_by_role("button", name="结束其他所有会话").click()
    here.get_by_role("alertdialog").get_by_role("button", name="结束其他所有会话").click()
    told(here, "其他会话已全部结束")
    expect(sessions).to_have_count(1)
    expect(here.get_by_role("button", name="结束其他所有会话")).to_be_hidden()
    for page in (other, third):
        page.reload()
        page.wait_for_url("**/sign-in?next=%2Faccount")


def test_a_token_is_shown_once_works_and_is_revoked(office):
    office.newcomer("token-user", password="first password")
    page = office.open("sign-in")
    page.context.grant_permissions(["clipboard-read", "clipboard-write"])
    office.sign_in(page.context, "token-user", "first password")
    page.goto(f"{office.address}/account")
    expect(page.locator("#token-list")).to_contain_text("还没有可用的令牌")
    type_token(page, "平板 3 号")
    page.get_by_label(re.compile("有效天数")).fill("400")
    page.get_by_role("button", name="创建令牌").click()
    assert refused(page, "#new-token") == "请填写或改正标出的各项。"
    page.get_by_label(re.compile("有效天数")).fill("30")
    page.get_by_role("button", name="创建令牌").click()
    secret = page.get_by_label("令牌", exact=True)
    expect(secret).to_have_value(re.compile("^geo_"))
    page.get_by_role("button", name="复制").click()
    expect(page.get_by_text("已复制")).to_be_visible()
    token = page.evaluate("navigator.clipboard.readText()")
    assert token == secret.input_value()

    def who() -> int:
        headers = {"Authorization": f"Bearer {token}"}
        return page.request.get(f"{office.address}/api/session/list", headers=headers).status

    assert who() == 200
    page.get_by_role("button", name="我已保存").click()
    assert token not in page.content()
    page.reload()
    expect(page.locator("#token-list")).to_contain_text(f"平板 3 号…{token[-4:]}")
    assert token not in page.content()
    page.get_by_role("button", name="吊销令牌 平板 3 号").click()
    page.get_by_role("alertdialog").get_by_role("button", name="吊销").click()
    told(page, "已吊销“平板 3 号”")
    expect(page.locator("#token-list summary")).to_contain_text("1")
    assert who() == 401


def test_a_session_that_ended_is_begun_again_over_what_was_typed(office):
    page = office.open("account", signed_in="naming")
    type_token(page, "未丢失")
    end_session(page)
    page.get_by_role("button", name="创建令牌").click()
    again = page.get_by_role("dialog", name="登录已失效")
    expect(again.get_by_label("用户名")).to_have_value("naming")
    expect(again.get_by_label("密码")).to_be_focused()
    assert axe_violations(page) == []
    page.keyboard.press("Escape")
    assert "需要登录" in refused(page, "#new-token")
    expect(page.get_by_label("用途")).to_have_value("未丢失")
    page.get_by_role("button", name="创建令牌").click()
    again.get_by_label("密码").fill("wrong")
    page.keyboard.press("Enter")
    expect(again.locator(".refused")).to_contain_text("密码不正确")
    again.get_by_label("密码").fill("demo-naming")
    page.keyboard.press("Enter")
    expect(page.get_by_label("令牌", exact=True)).to_have_value(re.compile("^geo_"))
    expect(page.locator("#token-list")).to_contain_text("未丢失")
    office.forgive(401)


def test_who_has_no_password_signs_in_on_another_tab_and_goes_on_here(office):
    page = office.open("account", signed_in="committee")
    type_token(page, "另一标签页")
    end_session(page)
    page.get_by_role("button", name="创建令牌").click()
    again = page.get_by_role("dialog", name="登录已失效")
    resume = again.get_by_role("button", name="已登录，继续")
    resume.click()
    expect(again.locator(".refused")).to_have_text("尚未登录。")
    office.sign_in(page.context, "planner")
    resume.click()
    expect(again.locator(".refused")).to_contain_text("与本页的用户不同")
    with page.context.expect_page() as tab:
        again.get_by_role("link", name="在新标签页中登录").click()
    tab.value.get_by_role("button", name="登录为评审委员").click()
    tab.value.wait_for_url("**/account")
    resume.click()
    expect(page.locator("#token-list")).to_contain_text("另一标签页")
    office.forgive(401)


@pytest.mark.parametrize("size", [DESKTOP, PHONE], ids=["desktop", "phone"])
@pytest.mark.parametrize("language", ["zh-CN", "en"])
def test_accessible(office, size, language):
    page = office.open("account", signed_in="planner", size=size, language=language)
    expect(page.locator("#session-list li").first).to_be_visible()
    page.locator("#who button").first.click()
    assert axe_violations(page) == []
    page.keyboard.press("Escape")
    page.locator("details.adding summary").click()
    page.locator("#token-label").fill("axe")
    page.locator("#new-token [type=submit]").click()
    expect(page.locator("#token-secret")).to_be_visible()
    assert axe_violations(page) == []
    assert fits(page)
    page.locator("#session-list button").first.click()
    expect(page.get_by_role("alertdialog")).to_be_visible()
    assert axe_violations(page) == []
