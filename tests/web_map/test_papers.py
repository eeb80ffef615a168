"""Papers on file, where one looks for them: beside the unit, the line or the marker that they are about."""

from uuid import uuid4

import pytest
from playwright.sync_api import expect

from tests.access_records import PDF
from tests.web_map.marker_desk import MarkerDesk
from tests.web_map.test_accessibility import axe, violations  # noqa: F401 -- `axe` is a fixture

pytestmark = [pytest.mark.browser, pytest.mark.database]
LINE = "460107460108"


def file_paper(desk: MarkerDesk, title: str) -> None:
    fields = {"id": str(uuid4()), "type": "agreement", "title": title, "number": "琼协〔2003〕1号"}
    linked = {"subject_kind": "line", "subject_id": LINE, "archive_place": "市档案馆 12-3"}
    paper = {"name": "协议书.pdf", "mimeType": "application/pdf", "buffer": PDF}
    answer = desk.page.context.request.post(
        f"{desk.address}/api/documents", multipart={**fields, **linked, "file": paper}
    )
    assert answer.status == 201, answer.text()


def test_the_papers_of_a_line_are_listed_and_open_in_a_tab(open_map, axe):  # noqa: F811
    opened = open_map("#map=9/19.8/110.4").drawn()
    desk, title = MarkerDesk(opened, open_map.address).sign_in("boundary"), f"界线协议书 {uuid4()}"
    file_paper(desk, title)
    desk.page.goto(f"{desk.address}/#map=9/19.8/110.4&selected=line:{LINE}")
    desk.page.reload()
    paper = desk.page.locator(".papers li", has_text=title)
    expect(paper).to_contain_text("协议书 · 琼协〔2003〕1号")
    expect(paper).to_contain_text("市档案馆 12-3")
    address = paper.get_by_role("link").get_attribute("href")
    content = desk.page.context.request.get(f"{desk.address}/{address}")
    assert (content.status, content.headers["content-type"]) == (200, "application/pdf")
    assert violations(desk.page, axe) == []


def test_nobody_in_particular_is_told_of_no_paper(open_map):
    opened = open_map(f"#map=9/19.8/110.4&selected=line:{LINE}").drawn()
    expect(opened.page.locator("#panel-body .sides")).to_be_visible()
    opened.page.wait_for_load_state("networkidle")
    expect(opened.page.locator(".papers")).to_have_count(0)
