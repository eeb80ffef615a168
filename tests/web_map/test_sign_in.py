"""The sign-in page: in, refused, slowed, by link; it leads on within the service and nowhere else."""

import json
import re
import time

import pytest
from playwright.sync_api import Page, expect

from tests.web_map.conftest import DESKTOP, PHONE
from tests.web_map.pages import axe_violations, fits, refused

pytestmark = [pytest.mark.browser, pytest.mark.database]


def enter(page: Page, username: str, password: str) -> None:
    page.get_by_label("用户名").fill(username)
    page.get_by_label("密码", exact=True).fill(password)
    page.keyboard.press("Enter")


def test_leads_to_the_page_asked_for_and_back(office):
    page = office.open("audit?officer=operator")
    page.wait_for_url("**/sign-in?next=%2Faudit%3Fofficer%3Doperator")
    enter(page, "auditor", "demo-auditor")
    page.wait_for_url("**/audit?officer=operator")
    expect(page.get_by_label("用户", exact=True)).to_have_value("operator")


def test_the_map_is_left_and_found_again_as_it_was(office):
    page = office.open("#map=12/19.98000/110.33000&layers=units")
    page.get_by_role("link", name="登录", exact=True).click()
    page.wait_for_url("**/sign-in?next=*")
    enter(page, "planner", "demo-planner")
    page.wait_for_url("**/#map=12/19.98000/110.33000&layers=units*")
    menu = page.get_by_role("button", name="演示规划员")
    menu.click()
    expect(page.locator("#who-menu")).to_contain_text("规划员")
    page.keyboard.press("Escape")
    expect(page.locator("#who-menu")).to_be_hidden()
    expect(menu).to_be_focused()
    menu.click()
    page.get_by_role("button", name="退出登录").click()
    expect(page.get_by_role("link", name="登录", exact=True)).to_be_visible()


@pytest.mark.parametrize(
    "elsewhere",
    ["https://elsewhere.example/", "//elsewhere.example", "/%5Celsewhere.example", "/%09/elsewhere.example"],
)
def test_nobody_is_led_elsewhere(office, elsewhere):
    page = office.open(f"sign-in?next={elsewhere}")
    expect(page.locator("#foreign")).to_contain_text("已忽略")
    enter(page, "committee", "demo-committee")
    page.wait_for_url(re.compile(f"^{office.address}/(#|$)"))


def test_a_wrong_password_is_said_in_words_and_the_name_stays(office):
    page = office.open("sign-in")
    enter(page, "wrong-password", "not it")
    assert "用户名或密码不正确" in refused(page, "#sign-in")
    expect(page.get_by_label("用户名")).to_have_value("wrong-password")
    office.forgive(401)


def test_an_empty_form_says_what_is_missing(office):
    page = office.open("sign-in")
    page.get_by_role("button", name="登录", exact=True).first.click()
    assert refused(page, "#sign-in") == "请填写或改正标出的各项。"
    expect(page.get_by_label("用户名")).to_be_focused()
    expect(page.get_by_label("用户名")).to_have_attribute("aria-invalid", "true")


def test_who_is_slowed_learns_for_how_long_and_goes_on_then(office):
    page = office.open("sign-in")
    for _ in range(6):
        page.request.post(f"{office.address}/api/session", data={"username": "guessed", "password": "x"})
        time.sleep(0.2)
    page.wait_for_timeout(1100)
    page.request.post(f"{office.address}/api/session", data={"username": "guessed", "password": "x"})
    enter(page, "guessed", "kept as typed")
    assert re.search(r"请在 \d 秒后再试", refused(page, "#sign-in").replace(" 秒 后", " 秒后"))
    button = page.locator("#sign-in [type=submit]")
    expect(button).to_contain_text("请等待")
    expect(button).to_have_attribute("aria-disabled", "true")
    expect(button).to_have_text("登录", timeout=8000)
    expect(page.get_by_label("密码", exact=True)).to_have_value("kept as typed")
    office.forgive(429)


def test_a_service_that_does_not_answer_is_said_in_words(office):
    page = office.open("sign-in")
    expect(page.locator("#sign-in")).to_be_visible()
    page.route("**/api/session", lambda route: route.abort())
    enter(page, "planner", "demo-planner")
    assert refused(page, "#sign-in") == "服务没有正常应答。"
    office.faults.clear()  # the browser itself logs the request that the test aborted


def test_the_officers_of_the_demonstration_are_listed_and_enter_at_a_click(office):
    page = office.open("sign-in?next=/account")
    rows = page.locator("#demo-officers tr")
    expect(rows).to_have_count(7)
    expect(rows.filter(has_text="测绘员")).to_contain_text("demo-surveyor")
    page.get_by_role("button", name="登录为测绘员").click()
    page.wait_for_url("**/account")
    expect(page.locator("#about")).to_contain_text("surveyor")


def test_in_earnest_no_demonstration_is_offered_but_the_offices_provider(office):
    page = office.open("sign-in")
    expect(page.locator("#provider")).to_be_hidden()

    def in_earnest(route):
        said = route.fetch().json() | {"demo": False, "single_sign_on": True}
        route.fulfill(body=json.dumps(said), content_type="application/json")

    page.route("**/api/settings/public", in_earnest)
    page.goto(f"{office.address}/sign-in?next=/account")
    provider = page.get_by_role("link", name="通过本单位统一认证登录")
    expect(provider).to_have_attribute("href", "api/session/oidc?next=%2Faccount")
    expect(page.locator("#demo")).to_be_hidden()
    page.goto(f"{office.address}/sign-in#problem=auth.provider_refused")
    assert "统一认证未通过" in refused(page, "#sign-in")
    assert "problem" not in page.url


def test_a_one_time_link_sets_a_password_once(office):
    link = office.newcomer("link-user")
    page = office.open(link.replace("sign-in#", "sign-in/link#"))
    page.wait_for_url("**/sign-in#link=*")
    expect(page.get_by_role("heading", name="设置密码")).to_be_visible()
    first, again = page.get_by_label("新密码", exact=True), page.get_by_label("再输一遍新密码")
    first.fill("long enough 1")
    again.fill("long enough 2")
    page.keyboard.press("Enter")
    assert "不一致" in refused(page, "#new-password")
    first.fill("short")
    again.fill("short")
    page.keyboard.press("Enter")
    expect(page.locator("#new-password .refused")).to_contain_text("密码须为 10 至 256 个字符")
    first.fill("long enough 1")
    again.fill("long enough 1")
    page.keyboard.press("Enter")
    page.wait_for_url("**/account")
    expect(page.locator("#about")).to_contain_text("link-user")
    page.goto(f"{office.address}/{link}")
    page.reload()
    first.fill("another try 1")
    again.fill("another try 1")
    page.keyboard.press("Enter")
    assert "链接无效" in refused(page, "#sign-in")
    assert "link=" not in page.url
    office.forgive(422)
    office.forgive(403)


def test_the_language_changes_in_place_and_what_was_typed_stays(office):
    page = office.open("sign-in")
    page.get_by_label("用户名").fill("somebody")
    page.get_by_label("语言").select_option("en")
    expect(page.get_by_role("heading", name="Sign in", exact=True)).to_be_visible()
    expect(page.get_by_label("User name")).to_have_value("somebody")
    expect(page).to_have_title(re.compile("^Sign in"))


@pytest.mark.parametrize("path", ["sign-in", "account", "officers", "audit"])
def test_no_script_or_style_of_the_page_itself_is_allowed(office, path):
    page = office.open(path, signed_in="administrator")
    answer = page.request.get(f"{office.address}/{path}")
    policy = answer.headers["content-security-policy"]
    assert "unsafe" not in policy
    assert "default-src 'self'" in policy
    assert re.search(r"<style|\sstyle=|\son\w+=|<script(?![^>]*\ssrc=)", answer.text()) is None
    expect(page.locator("main h1")).to_be_visible()
    page.evaluate(
        """() => { const script = document.createElement("script"); script.textContent = "window.ran = 1";
                   document.body.append(script); }"""
    )
    assert page.evaluate("window.ran") is None
    assert office.faults
    assert all("Content Security Policy" in fault and "inline script" in fault for fault in office.faults)
    office.faults.clear()  # the script that the test put there was refused, and nothing else


@pytest.mark.parametrize("size", [DESKTOP, PHONE], ids=["desktop", "phone"])
@pytest.mark.parametrize("language", ["zh-CN", "en"])
def test_accessible(office, size, language):
    page = office.open("sign-in?next=//elsewhere.example", size=size, language=language)
    page.locator("#sign-in [type=submit]").click()
    expect(page.locator("#sign-in .refused")).to_be_visible()
    assert axe_violations(page) == []
    assert fits(page)
    page.goto(f"{office.address}/sign-in#link=unknown")
    page.reload()
    expect(page.locator("#new-password")).to_be_visible()
    assert axe_violations(page) == []
    assert fits(page)
