"""The page of requests for controlled data: applied for, decided by another officer with a reason, fetched once."""

import hashlib
import re
from itertools import count
from pathlib import Path

import pytest
from playwright.sync_api import Locator, Page, expect

from tests.web_map.conftest import DESKTOP, PHONE
from tests.web_map.pages import Office, axe_violations, fits, refused, told

pytestmark = [pytest.mark.browser, pytest.mark.database]
PDF = b"%PDF-1.4\n1 0 obj<</Type/Catalog>>endobj\ntrailer<</Root 1 0 R>>\n%%EOF\n"
numbers = count(1)


def officer(office: Office, role: str) -> str:
    """A newcomer of the home office, whose list of requests is empty."""
    name = f"release-{role}-{next(numbers)}"
    office.newcomer(name, roles=(role,), password=f"demo-{name}")
    return name


def put(office: Office, username: str, recipient: str, **more) -> str:
    asked = {"layer": "lines", "form": "gpkg", "purpose": "外业底图", "recipient": recipient}
    return office.api(username).send("post", "api/releases", asked | more)["id"]


def item(page: Page, words: str) -> Locator:
    return page.locator(".releases > li").filter(has_text=words)


def decide(page: Page, words: str, choice: str, reason: str) -> None:
    item(page, words).get_by_role("button", name=re.compile("^审核")).click()
    window = page.get_by_role("dialog")
    window.get_by_role("radio", name=choice, exact=True).check()
    window.get_by_label("理由").fill(reason)
    window.get_by_role("button", name="提交审核").click()


def test_a_newcomer_is_told_what_to_do_and_the_menu_leads_here(office):
    page = office.open("account", signed_in=officer(office, "planner"))
    page.get_by_role("button", name=re.compile("测试")).click()
    page.locator("#who-menu").get_by_role("link", name="数据提供").click()
    expect(page.get_by_role("heading", name="数据提供", level=1)).to_be_visible()
    expect(page.locator("#own-list")).to_contain_text("您还没有申请过数据")
    expect(page.locator("#waiting")).to_be_hidden()  # planners decide on nothing


def test_a_file_is_asked_for_from_the_keyboard_with_its_paper(office, tmp_path):
    name = officer(office, "planner")
    page = office.open("releases", signed_in=name)
    page.get_by_role("button", name="申请数据").focus()
    page.keyboard.press("Enter")
    form = page.get_by_role("dialog")
    form.get_by_role("button", name="提交申请").press("Enter")
    assert refused(page, "dialog form") == "请填写或改正标出的各项。"
    expect(form.get_by_label("提供给")).to_be_focused()
    page.keyboard.type("某勘测院")
    form.get_by_label("用途").fill("联合检查外业底图")
    form.get_by_role("combobox", name="范围").focus()
    page.keyboard.type("460107")
    expect(form.locator("#unit-list li").first).to_contain_text("琼山区")
    page.keyboard.press("Enter")
    form.get_by_role("combobox", name="范围").fill("460106")
    expect(form.locator("#unit-list li").first).to_contain_text("龙华区")
    page.keyboard.press("Enter")
    expect(form.locator(".chips li")).to_have_count(1)  # one unit takes the place of another
    (tmp_path / "数据申请函.pdf").write_bytes(PDF)
    form.get_by_label("或上传申请文件").set_input_files(tmp_path / "数据申请函.pdf")
    form.get_by_role("button", name="提交申请").press("Enter")
    told(page, "申请已提交，等待审核")
    asked = item(page, "某勘测院")
    expect(asked).to_be_focused()
    expect(asked).to_contain_text("龙华区 460106")
    expect(asked).to_contain_text("待审核")
    (kept,) = office.api(name).get("api/releases")["releases"]
    assert (kept["layer"], kept["form"], kept["as_of"]) == ("lines", "gpkg", None)
    with page.expect_popup() as opened:
        asked.get_by_role("link", name="查看文件").click()
    assert opened.value.url.endswith(f"api/documents/{kept['document_id']}/content")
    assert office.api(name).get(f"api/documents/{kept['document_id']}")["title"] == "数据申请函.pdf"


def test_nobody_decides_on_his_own_request(office):
    name = officer(office, "boundary")
    release = put(office, name, "自己的单位")
    page = office.open("releases", signed_in=name)
    own = item(page, "自己的单位")
    expect(own).to_contain_text("本人不能审核自己的申请")
    expect(own.get_by_role("button")).to_have_count(0)
    expect(page.locator("#waiting-list")).not_to_contain_text("自己的单位")
    answer = page.evaluate(
        """(id) => fetch(`api/releases/${id}/review`, {method: "POST", headers: {"Content-Type": "application/json"},
             body: JSON.stringify({approved: true, note: "同意"})}).then(async (r) => [r.status, (await r.json()).code])""",
        release,
    )
    assert answer == [403, "release.by_applicant"]
    office.forgive(403)


def test_another_decides_with_a_reason_and_the_file_comes_once(office):
    asker, decider = officer(office, "planner"), officer(office, "boundary")
    put(office, asker, "一次院")
    page = office.open("releases", signed_in=decider)
    item(page, "一次院").get_by_role("button", name=re.compile("^审核")).click()
    window = page.get_by_role("dialog")
    window.get_by_role("button", name="提交审核").click()
    assert "请填写" in refused(page, "dialog form")
    page.keyboard.press("Escape")
    decide(page, "一次院", "批准", "限本次使用")
    link = page.get_by_label("一次性下载链接", exact=True)
    expect(link).to_have_value(re.compile(f"^{office.address}/api/releases/files/.{{20,}}"))
    given = link.input_value()
    page.get_by_role("button", name="我已保存").click()
    told(page, "已批准，申请人可下载一次")
    expect(item(page, "一次院")).to_be_focused()

    applicant = office.open("releases", signed_in=asker)
    own = item(applicant, "一次院")
    expect(own).to_contain_text("下载期限")
    own.get_by_role("button", name=re.compile("^下载")).click()
    with applicant.expect_download() as coming:
        applicant.get_by_role("alertdialog").get_by_role("button", name="下载", exact=True).click()
    assert coming.value.suggested_filename.startswith("lines_")
    digest = hashlib.sha256(Path(coming.value.path()).read_bytes()).hexdigest()
    told(applicant, "文件已下载")
    own.get_by_text("办理记录").click()
    steps = own.locator(".log li")
    expect(steps).to_have_count(3)
    expect(steps.nth(0)).to_contain_text(f"{asker} 提出申请")
    expect(steps.nth(1)).to_contain_text(f"{decider} 批准")
    expect(steps.nth(1)).to_contain_text("限本次使用")
    expect(steps.nth(2)).to_contain_text(digest)
    expect(own.get_by_role("button")).to_have_count(0)
    spent = applicant.request.get(given)  # the applicant's own link took its place, and was used
    assert (spent.status, spent.json()["code"]) == (410, "release.link_spent")


def test_the_link_that_is_given_to_somebody_outside_works_once(office):
    put(office, officer(office, "planner"), "外单位")
    page = office.open("releases", signed_in=officer(office, "boundary"))
    decide(page, "外单位", "批准", "同意")
    given = page.get_by_label("一次性下载链接", exact=True).input_value()
    stranger = office.open("sign-in")
    assert [stranger.request.get(given).status for _ in range(2)] == [200, 410]
    page.get_by_role("button", name="我已保存").click()
    page.reload()
    expect(item(page, "外单位")).to_contain_text("已下载")
    assert given.rsplit("/", 1)[1] not in page.content()


def test_a_refusal_and_its_reason_are_shown_to_who_asked(office):
    asker = officer(office, "planner")
    put(office, asker, "被拒院")
    page = office.open("releases", signed_in=officer(office, "boundary"))
    decide(page, "被拒院", "不批准", "用途不明")
    told(page, "已记录：未批准")
    applicant = office.open("releases", signed_in=asker, language="en")
    own = item(applicant, "被拒院")
    expect(own).to_contain_text("refused")
    expect(own.locator(".log")).to_contain_text("用途不明")
    expect(own.get_by_role("button")).to_have_count(0)


def test_a_request_that_somebody_else_decided_meanwhile_is_said_in_words(office):
    release = put(office, officer(office, "planner"), "两人院")
    page = office.open("releases", signed_in=officer(office, "boundary"))
    item(page, "两人院").get_by_role("button", name=re.compile("^审核")).click()
    quicker = office.api(officer(office, "boundary"))
    quicker.send("post", f"api/releases/{release}/review", {"approved": False, "note": "重复申请"})
    window = page.get_by_role("dialog")
    window.get_by_role("radio", name="批准", exact=True).check()
    window.get_by_label("理由").fill("同意")
    window.get_by_role("button", name="提交审核").click()
    assert "申请已经审核" in refused(page, "dialog form")
    page.keyboard.press("Escape")
    expect(item(page, "两人院")).to_contain_text("未批准")
    office.forgive(409)


def test_a_file_that_cannot_be_made_is_said_and_the_link_still_holds(office):
    asker = officer(office, "planner")
    release = put(office, asker, "空白院", bbox=[1, 1, 2, 2])
    office.api(officer(office, "boundary")).send("post", f"api/releases/{release}/review", {"approved": True})
    page = office.open("releases", signed_in=asker)
    item(page, "空白院").get_by_role("button", name=re.compile("^下载")).click()
    page.get_by_role("alertdialog").get_by_role("button", name="下载", exact=True).click()
    expect(page.locator("#told")).not_to_be_empty()
    expect(item(page, "空白院").get_by_role("button", name=re.compile("^下载"))).to_be_visible()
    office.forgive(422)
    office.forgive(409)


@pytest.mark.parametrize("size", [DESKTOP, PHONE], ids=["desktop", "phone"])
@pytest.mark.parametrize("language", ["zh-CN", "en"])
def test_accessible(office, size, language):
    asker, decider = officer(office, "planner"), officer(office, "boundary")
    put(office, asker, f"可用院{next(numbers)}")
    put(office, decider, "自申院", layer="names", ground_code="460107")
    page = office.open("releases", signed_in=decider, size=size, language=language)
    expect(page.locator("#waiting-list .release").first).to_be_visible()
    expect(page.locator("#own-list .release").first).to_be_visible()
    page.locator("#own-list summary").first.click()
    assert axe_violations(page) == []
    assert fits(page)
    page.locator("#apply").click()
    expect(page.locator("dialog form")).to_be_visible()
    assert axe_violations(page) == []
    page.locator("dialog [type=submit]").click()
    assert axe_violations(page) == []
    assert fits(page)
    page.keyboard.press("Escape")
    page.locator("#waiting-list button.strong").first.click()
    expect(page.locator("dialog form")).to_be_visible()
    assert axe_violations(page) == []
    assert fits(page)
