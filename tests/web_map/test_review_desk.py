"""The review desk: the board by stage, one proposal's evidence on map and in words, steps with papers and overrides, comments."""

import re
from pathlib import Path

import pytest
from playwright.sync_api import expect

from tests.geo_service.documents.office import pdf
from tests.web_map.conftest import DESKTOP, PHONE
from tests.web_map.naming_office import propose
from tests.web_map.pages import Office, axe_violations, fits

ROOT = Path(__file__).parents[2]
pytestmark = [pytest.mark.browser, pytest.mark.database]


@pytest.fixture(scope="module")
def alike(live_server, browser):
    """A proposal that sounds like 明珠路 of the demonstration, and lies beside it: its id."""
    office = Office(live_server, browser)
    beside = {"type": "LineString", "coordinates": [[110.19, 19.9695], [110.2, 19.9695]]}
    proposal = propose(office.api("naming"), "明竹路", upto="check", place=0, geometry=beside)
    office.close()
    return proposal


def desk_at(office, proposal, **how):
    page = office.open(f"naming/#{proposal}", signed_in=how.pop("signed_in", "naming"), **how)
    expect(page.locator(".road-map[data-drawn]")).to_be_visible()
    return page


def test_the_board_leads_to_a_proposal_by_the_keyboard(office, alike):
    page = office.open("naming/", signed_in="naming")
    stage = page.get_by_role("region", name="预审", exact=True)
    entry = stage.get_by_role("link", name=re.compile("明竹路"))
    expect(entry).to_contain_text("警告 1")
    overdue = page.get_by_role("link", name=re.compile("枫林路"))
    expect(overdue).to_contain_text("超期")
    page.get_by_label("按名称或拼音筛选").fill("mingzhu")
    expect(overdue).to_have_count(0)
    entry.focus()
    page.keyboard.press("Enter")
    expect(page.locator(".proposed")).to_have_text("明竹路")
    expect(entry).to_have_attribute("aria-current", "true")
    expect(page.locator("#proposal")).to_be_focused()


def test_what_collides_stands_in_words_and_on_the_map(office, alike):
    page = desk_at(office, alike)
    row = page.locator('tr[data-code="DUP-03"]')
    expect(row).to_contain_text("不计声调同音：明珠路")
    expect(row.locator("mark")).to_have_text(["竹", "珠"])
    expect(page.get_by_text(re.compile(r"未发现问题的规则（3\d条）"))).to_be_visible()
    expect(page.locator(".road-name.against")).to_have_text(["明珠路"])
    expect(page.locator(".road-name.own")).to_have_text(["明竹路"])
    expect(page.locator(".map-legend .scope")).to_contain_text("建成区：海口市")
    row.get_by_role("button", name="在图上看").click()
    expect(page.get_by_role("application")).to_be_focused()
    page.get_by_label("语言").select_option("en")
    expect(page.locator('tr[data-code="DUP-03"]')).to_contain_text("sounds the same but for the tones")


def test_a_step_is_refused_with_what_is_missing_and_taken_with_it(office):
    api = office.api("naming")
    proposal = propose(api, "晚霞路", upto="reserve", place=60)
    page = desk_at(office, proposal)
    step = page.locator('[data-event="submit"]')
    expect(step.locator("summary")).to_contain_text("缺4项")
    step.locator("summary").click()
    step.get_by_role("button", name="提交申请").click()
    expect(step.get_by_role("alert")).to_contain_text("不能进行这一步")
    for paper in ("命名方案及理由", "位置、规模、性质", "标明起止点的位置图", "含义与来历"):
        step.get_by_label(paper, exact=True).fill(f"{paper}，第3号")
    step.get_by_role("button", name="提交申请").click()
    expect(page.locator("#told")).to_have_text("已记录，现处于：已申请")
    expect(page.locator(".proposal .history li").first).to_contain_text("命名方案及理由，第3号")
    assert api.get(f"api/naming/proposals/{proposal}")["properties"]["state"] == "submitted"
    office.forgive(409)


def test_a_paper_is_put_on_file_with_the_step_that_needs_it(office):
    api = office.api("naming")
    proposal = propose(api, "晨星路", upto="reserve", place=62)
    page = desk_at(office, proposal)
    step = page.locator('[data-event="submit"]')
    step.locator("summary").click()
    for paper in ("命名方案及理由", "位置、规模、性质", "含义与来历"):
        step.get_by_label(paper, exact=True).fill(f"{paper}，第4号")
    chosen = step.get_by_label("标明起止点的位置图的扫描件")
    chosen.set_input_files({"name": "位置图.pdf", "mimeType": "application/pdf", "buffer": b"not a PDF"})
    step.get_by_role("button", name="提交申请").click()
    expect(step.get_by_role("alert")).to_be_visible()  # looked at by content, not by name
    assert api.get(f"api/naming/proposals/{proposal}")["properties"]["state"] == "reserved"
    chosen.set_input_files({"name": "位置图.pdf", "mimeType": "application/pdf", "buffer": pdf()})
    step.get_by_role("button", name="提交申请").click()
    expect(page.locator("#told")).to_have_text("已记录，现处于：已申请")
    link = page.locator(".proposal .history li").first.get_by_role("link", name="位置图.pdf")
    read = page.context.request.get(link.get_attribute("href"))
    assert (read.status, read.body()) == (200, pdf())
    filed = api.get(f"api/documents?subject_kind=proposal&subject_id={proposal}")["documents"]
    assert [(one["type"], one["title"]) for one in filed] == [("detailed_map", "标明起止点的位置图：晨星路")]
    office.forgive(415)


def test_a_blocking_finding_is_passed_with_a_reason(office):
    api = office.api("naming")
    on_a_named_road = {"type": "LineString", "coordinates": [[110.19, 19.9680], [110.2, 19.9680]]}
    proposal = propose(api, "苇塘路", upto="check", place=0, geometry=on_a_named_road)
    page = desk_at(office, proposal)
    step = page.locator('[data-event="reserve"]')
    step.locator("summary").click()
    step.get_by_label(re.compile("GEO-01.*例外通过的理由")).fill("原名将一并注销")
    step.get_by_role("button", name="预留").click()
    expect(page.locator("#told")).to_have_text("已记录，现处于：已预留")
    expect(page.locator('tr[data-code="GEO-01"]')).to_contain_text("例外通过：原名将一并注销")
    expect(page.locator(".proposal .history")).to_contain_text("GEO-01 例外通过：原名将一并注销")


def test_every_comment_gets_its_disposition(office):
    api = office.api("naming")
    proposal = propose(api, "枫桥路", upto="open_comment", place=61)
    said = {"id": "0195f000-0000-7000-8000-0000000000c1", "opinion": "against", "body": "与丰桥路易混"}
    api.send("post", f"api/naming/proposals/{proposal}/comments", said)
    page = desk_at(office, proposal)
    comment = page.locator(".comments > li")
    expect(comment).to_contain_text("与丰桥路易混")
    comment.get_by_label("处理结果").select_option("declined")
    comment.get_by_label("理由").fill("两路不在同一城区")
    comment.get_by_role("button", name="记录处理结果").click()
    expect(comment.locator(".note")).to_contain_text("不采纳：两路不在同一城区")
    assert api.get(f"api/naming/proposals/{proposal}/comments")["open"] == 0


def test_papers_are_had_and_others_do_not_see_the_desk(office, alike):
    page = desk_at(office, alike, signed_in="committee")
    with page.expect_download() as download:
        page.get_by_role("link", name="申请书 PDF").click()
    assert download.value.suggested_filename.endswith(".pdf")
    expect(page.locator('[data-event="reserve"]')).to_contain_text("地名工作人员")
    page = office.open("naming/", signed_in="surveyor")
    expect(page.get_by_role("heading", name="无权查看本页")).to_be_visible()


@pytest.mark.parametrize("size", [DESKTOP, PHONE], ids=["desktop", "phone"])
@pytest.mark.parametrize("language", ["zh-CN", "en"])
def test_accessible(office, alike, size, language):
    page = desk_at(office, alike, size=size, language=language)
    page.locator(".silent summary").click()
    page.locator(".step summary").first.click()
    assert axe_violations(page) == []
    assert fits(page)


def test_a_picture_for_the_readme(office, alike):
    page = desk_at(office, alike, size={"width": 1366, "height": 900})
    page.evaluate("window.scrollTo(0, 0)")
    picture = page.screenshot(path=ROOT / "docs" / "screenshots" / "naming.png")
    assert len(picture) > 50_000
