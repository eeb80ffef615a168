"""The page of joint inspections: plan, one inspection under way, each side for itself, in both languages and on a phone."""

import re
from itertools import count
from uuid import uuid4

import pytest
from PIL import Image
from playwright.sync_api import Locator, Page, expect

from tests.web_map.conftest import DESKTOP, PHONE, ROOT
from tests.web_map.pages import Office, axe_violations, fits, refused, told

pytestmark = [pytest.mark.browser, pytest.mark.database]
UNDER_WAY, OTHER = "460107469021", "460107460108"
numbers = count(1)


def officer(office: Office, side: str) -> str:
    """An officer of one side alone, with the password that every one of these tests uses."""
    name = f"joint-{side}-{next(numbers)}"
    administrator = office.api("administrator")
    wanted = {"username": name, "display_name": f"代表{side}", "roles": ["boundary"], "jurisdictions": [side]}
    administrator.send("post", "api/officers", wanted)
    link = administrator.send("post", f"api/officers/{name}/link")["link"]
    office.api("administrator")._request.post(
        f"{office.address}/api/session/link",
        data={"secret": link.split("link=")[1], "password": f"demo-{name}"},
    )
    return name


def task(page: Page, number: int) -> Locator:
    return page.locator(f"#task-{number}")


def opened(office: Office, username: str, **how) -> Page:
    listed = office.api(username).get(f"api/joint-inspections?line={UNDER_WAY}")["joint_inspections"]
    return office.open(f"joint?id={listed[0]['id']}", signed_in=username, **how)


def test_the_plan_says_who_leads_and_a_line_of_it_is_begun(office):
    name = officer(office, "460107")
    page = office.open(f"joint?line={OTHER}", signed_in=name)
    expect(page.get_by_role("heading", name=re.compile("五年联检计划"))).to_be_visible()
    expect(page.locator("#years tbody tr")).to_have_count(5)
    line = page.locator("#lines tbody tr")
    expect(line).to_have_count(1)
    expect(line.locator("[data-label=牵头方]")).to_contain_text("琼山区")
    expect(line.locator("[data-label=配合方]")).to_contain_text("美兰区")
    line.get_by_role("button", name=re.compile("启动联检")).focus()
    page.keyboard.press("Enter")
    window = page.get_by_role("dialog")
    if window.get_by_label("同意调整年度的文件").get_attribute("required") is not None:
        window.get_by_role("button", name="启动").click()
        assert refused(page, "dialog form")
        window.get_by_label("同意调整年度的文件").fill("琼民函 3 号")
    window.get_by_role("button", name="启动").click()
    expect(page.get_by_role("heading", level=1)).to_contain_text("联检")
    expect(page.locator(".stages [aria-current]")).to_have_text("已列入计划")
    expect(page.locator(".missing")).to_contain_text("缺少文件")
    page.get_by_role("button", name="登记文件").click()
    page.get_by_role("dialog").get_by_label("实施方案").fill("方案 7 号")
    page.get_by_role("dialog").get_by_role("button", name="保存").click()
    told(page, "文件已登记")
    page.get_by_role("button", name="签署实施方案").click()
    window = page.get_by_role("dialog")
    window.get_by_label("签字方").select_option("460108")
    window.get_by_role("button", name="签字", exact=True).click()
    assert "须附已签字的纸质文件照片" in refused(page, "dialog form")
    window.get_by_label("签字方").select_option("460107")
    window.get_by_role("button", name="签字", exact=True).click()
    told(page, "签字已登记")
    expect(page.locator(".missing")).to_contain_text("缺少签字 · 美兰区")


def test_each_side_records_for_itself_and_a_disagreement_is_settled(office):
    page = opened(office, officer(office, "460107"))
    expect(page.locator(".missing li").filter(has_text="琼山区")).to_contain_text("由您一方办理")
    expect(page.locator(".missing li").filter(has_text="定安县")).not_to_contain_text("由您一方办理")
    expect(page.get_by_role("button", name=re.compile("的记录：定安县"))).to_have_count(0)
    page.get_by_label("显示").select_option("own")
    first = page.locator(".tasks tbody tr").first
    number = int(first.get_attribute("id").removeprefix("task-"))
    first.get_by_role("button", name=re.compile(f"任务 {number} 的记录：琼山区")).focus()
    page.keyboard.press("Enter")
    window = page.get_by_role("dialog")
    window.get_by_label("备注").fill("两侧新栽胶林")
    window.locator(".items-of select").first.select_option("changed")
    window.get_by_role("button", name="登记").click()
    told(page, f"任务 {number} 已登记")
    expect(task(page, number)).to_have_count(0)
    page.get_by_label("显示").select_option("all")
    expect(task(page, number)).to_contain_text("有变化")
    page.get_by_label("显示").select_option("disagree")
    expect(task(page, 2).locator(".badge").first).to_contain_text("不一致：所见状况")
    task(page, 2).get_by_role("button", name=re.compile("任务 2 的共同处理意见")).click()
    window = page.get_by_role("dialog")
    expect(window.locator(".note.warn")).to_contain_text("轻微缺陷")
    window.get_by_label("意见", exact=True).fill("当场除草，重新描红")
    window.get_by_label("措施").fill("重新描红")
    window.get_by_role("button", name="登记意见").click()
    assert "须经该处各方同意" in refused(page, "dialog form")
    for side in ("琼山区", "定安县"):
        window.get_by_label(side).check()
    window.get_by_role("button", name="登记意见").click()
    assert "责任方和期限" in refused(page, "dialog form")
    window.get_by_label("责任方").select_option("469021")
    window.get_by_label("期限").fill("2027-03-31")
    window.get_by_role("button", name="登记意见").click()
    told(page, "任务 2 的意见已登记")
    orders = page.locator("section").filter(has=page.get_by_role("heading", name="整改任务"))
    expect(orders).to_contain_text("重新描红")
    expect(orders).to_contain_text("定安县")


def test_a_work_order_of_the_own_side_is_recorded_as_done(office, tmp_path):
    username = officer(office, "460107")
    side = office.api(username)
    (joint,) = side.get(f"api/joint-inspections?line={UNDER_WAY}")["joint_inspections"]
    opinion = {"id": str(uuid4()), "task": 4, "text": "除草", "agreed_by": ["460107", "469021"]}
    ordered = {"measure": "清除杂草", "responsible": "460107", "deadline": "2099-03-31"}
    side.send("post", f"api/joint-inspections/{joint['id']}/opinions", opinion | ordered)
    page = opened(office, username)
    orders = page.locator("section").filter(has=page.get_by_role("heading", name="整改任务"))
    button = orders.get_by_role("button", name="登记任务 4 整改完成")
    button.focus()
    page.keyboard.press("Enter")
    window = page.get_by_role("dialog")
    picture = tmp_path / "done.jpg"
    Image.new("RGB", (64, 48), (40, 90, 20)).save(picture, "JPEG")
    window.get_by_label("完成日期").fill("2099-01-01")
    window.get_by_label("完成后的照片").set_input_files(picture)
    assert axe_violations(page) == []
    window.get_by_role("button", name="登记完成").click()
    assert refused(page, "dialog form")
    office.forgive(422)
    window.get_by_label("完成日期").fill("2026-01-15")
    window.get_by_role("button", name="登记完成").click()
    told(page, "任务 4 的整改已登记完成")
    expect(orders.locator("tbody tr").filter(has_text="清除杂草")).to_contain_text("2026年1月15日")
    expect(button).to_have_count(0)


def test_the_line_is_compared_indoors_and_its_papers_are_fetched(office):
    page = opened(office, officer(office, "460107"))
    card = page.locator("section").filter(has=page.get_by_role("heading", name="内业比对", exact=True))
    expect(card).to_contain_text("发现")
    card.get_by_role("button", name="登记颗数").click()
    window = page.get_by_role("dialog")
    window.get_by_label("总数").fill("999")
    window.get_by_label("依据文件").fill("界桩成果表")
    window.get_by_role("button", name="保存").click()
    told(page, "颗数已登记")
    expect(card).to_contain_text("界桩颗数与登记不符")
    card.get_by_role("button", name="登记标志物").click()
    window = page.get_by_role("dialog")
    for name, words in {
        "名称或编号": "石桥",
        "经度": "110.4",
        "纬度": "19.75",
        "依据文件": "协议书",
        "自": "2010-01-01",
    }.items():
        window.get_by_label(name, exact=True).fill(words)
    window.get_by_role("button", name="保存").click()
    told(page, re.compile("标志物已登记"))
    expect(card).to_contain_text("石桥")
    with page.expect_download() as waiting:
        page.get_by_role("link", name="实施方案 PDF").click()
    assert waiting.value.path().read_bytes().startswith(b"%PDF")


@pytest.mark.parametrize(
    ("language", "code", "words"),
    [
        ("zh-CN", "古榕", ("终止", "终止日期", "依据文件")),
        ("en", "old/banyan", ("End", "Ends on", "Document")),
    ],
)
def test_another_mark_is_ended_by_keyboard_with_its_day_and_paper(office, language, code, words):
    username = officer(office, "460107")
    told_ = {"code": code, "lon": 110.4, "lat": 19.75, "description": "村口", "document": "协议书"}
    path = f"api/joint-inspections/lines/{UNDER_WAY}/other-marks"
    office.api(username).send("post", path, told_ | {"id": str(uuid4()), "valid_from": "2010-01-01"})
    page = opened(office, username, language=language)
    end, day, paper = words
    button = page.locator(f"[data-key='mark-end-{code}']")
    button.focus()
    page.keyboard.press("Enter")
    window = page.get_by_role("dialog")
    window.get_by_label(day).fill("2009-12-31")
    window.get_by_label(paper, exact=True).fill("补充协议 2 号")
    assert axe_violations(page) == []
    page.keyboard.press("Enter")
    assert "2010" in refused(page, "dialog form")
    window.get_by_label(day).fill("2024-05-01")
    window.get_by_label(paper, exact=True).focus()
    page.keyboard.press("Enter")
    sure = page.get_by_role("alertdialog")
    expect(sure).to_contain_text("补充协议 2 号")
    assert axe_violations(page) == []
    page.keyboard.press("Escape")
    expect(sure).to_have_count(0)
    marks = office.api(username).get(path.removesuffix("/other-marks"))["other_marks"]
    assert {each["code"]: each["valid_to"] for each in marks}[code] is None
    window.get_by_role("button", name=end, exact=True).press("Enter")
    page.keyboard.press("Tab")
    page.keyboard.press("Enter")
    told(page, re.compile(re.escape(code)))
    expect(button).to_have_count(0)
    expect(page.locator("li").filter(has_text=code)).to_contain_text("补充协议 2 号")


def test_who_acts_for_no_side_only_looks(office):
    page = opened(office, "auditor")
    expect(page.get_by_role("heading", name="外业任务清单")).to_be_visible()
    expect(page.locator("main").get_by_role("button")).to_have_count(0)
    expect(page.locator("main")).to_contain_text("各处意见一致后方可生成")


def test_a_line_outside_is_not_begun_and_one_under_way_is_opened(office):
    page = office.open("joint", signed_in="boundary")
    page.get_by_label("年度").select_option("all")
    expect(page.locator("#lines tbody tr")).to_have_count(52)
    page.get_by_label("界线名称或代码").fill("460202460203")
    expect(page.locator("#lines tbody tr")).to_contain_text("尚未启动")
    page.get_by_label("界线名称或代码").fill(UNDER_WAY)
    page.get_by_role("link", name="内业比对完成").click()
    expect(page.get_by_role("heading", level=1)).to_contain_text("琼山区—定安县")


def test_the_map_leads_to_the_plan_of_a_line(office):
    page = office.open(f"#selected=line:{OTHER}", signed_in="boundary")
    page.get_by_role("link", name="联检计划与记录").click()
    page.wait_for_url(f"**/joint?line={OTHER}")
    expect(page.locator("#lines tbody tr")).to_have_count(1)


@pytest.mark.parametrize("size", [DESKTOP, PHONE], ids=["desktop", "phone"])
@pytest.mark.parametrize("language", ["zh-CN", "en"])
def test_accessible(office, size, language):
    page = office.open("joint", signed_in="boundary", size=size, language=language)
    expect(page.locator("#lines tbody tr").first).to_be_visible()
    assert axe_violations(page) == []
    assert fits(page)
    page = opened(office, "boundary", size=size, language=language)
    expect(task(page, 1)).to_be_visible()
    assert axe_violations(page) == []
    assert fits(page)
    if (size, language) == (DESKTOP, "zh-CN"):
        page.evaluate("document.activeElement.blur()")
        assert page.screenshot(path=ROOT / "docs" / "screenshots" / "joint.png", full_page=False)
    page.locator("[data-key^=record-]").first.click()
    expect(page.get_by_role("dialog")).to_be_visible()
    assert axe_violations(page) == []
    assert fits(page)
