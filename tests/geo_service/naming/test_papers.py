"""The office's papers: read back from DOCX and PDF they say what is on record."""

from io import BytesIO
from uuid import uuid4

import pytest
from docx import Document
from pypdf import PdfReader

from geo_service.auth.officer import Role
from geo_service.operations.naming_papers import NamingPaper
from layers.naming.review import ANNOUNCEMENT_FIELDS
from tests.geo_service.naming.office import TO_FORCE, TO_THE_COMMITTEE, Office

pytestmark = pytest.mark.database


def words_of(content: bytes) -> str:
    if content.startswith(b"%PDF"):
        text = "".join(page.extract_text() for page in PdfReader(BytesIO(content)).pages)
    else:
        document = Document(BytesIO(content))
        cells = [cell.text for table in document.tables for row in table.rows for cell in row.cells]
        text = "".join([*(each.text for each in document.paragraphs), *cells])
    return "".join(text.split())


def paper(office: Office, proposal: str, kind: str, form: str, **asked) -> str:
    answer = office.client.get(f"/api/naming/proposals/{proposal}/papers/{kind}.{form}", params=asked)
    assert answer.status_code == 200, answer.text
    assert "filename*=UTF-8''" in answer.headers["content-disposition"]
    return words_of(answer.content)


def test_each_paper_names_the_proposal(office: Office) -> None:
    proposal = office.put("宜海路", origin="近海", meaning="宜居海滨", reasons={"GEN-03": "城市主轴"})["id"]
    office.walk(proposal, *TO_THE_COMMITTEE)
    for kind in NamingPaper:
        text = paper(office, proposal, kind, "pdf" if kind is NamingPaper.APPLICATION else "docx")
        assert "宜海路" in text
        assert "YíhǎiLù" in text or kind is NamingPaper.ANNOUNCEMENT
    application = paper(office, proposal, "application", "docx")
    assert all(word in application for word in ("李某", "城市主轴"))
    assert "Applicationforaname" in paper(office, proposal, "application", "docx", language="en")


def test_an_announcement_has_its_six_fields(office: Office) -> None:
    proposal = office.put("文坛街", (0, 900), (900, 900))["id"]
    office.walk(proposal, *TO_THE_COMMITTEE, *TO_FORCE[:3])
    given = {name: {"text": f"内容{number}"} for number, name in enumerate(ANNOUNCEMENT_FIELDS)}
    assert office.step(proposal, "announce", records=given).status_code == 201
    text = paper(office, proposal, "announcement", "pdf")
    for number, label in enumerate(
        ("标准名称", "罗马字母拼写", "所属政区", "位置描述", "批准机关", "批准时间")
    ):
        assert f"{label}内容{number}" in text


def test_minutes_tell_votes_and_their_reasons(office: Office) -> None:
    proposal = office.put("椰林巷", (0, 1800), (900, 1800))["id"]
    office.walk(proposal, *TO_THE_COMMITTEE)
    body = {"id": str(uuid4()), "held_on": "2026-01-05", "title": "第一次会议", "chair": "chen"}
    members = ["chen", "zhou", "song"]
    called = office.client.post(
        "/api/naming/meetings", json=body | {"members": members, "proposals": [proposal]}
    )
    meeting, item = called.json()["id"], called.json()["items"][0]["id"]
    for member in members:
        office.sign_in(member, Role.COMMITTEE)
        vote = {"item_id": item, "vote": "against", "reason": f"{member}认为太短"}
        assert office.client.post(f"/api/naming/meetings/{meeting}/votes", json={"votes": [vote]}).is_success
    decided = office.client.post(
        f"/api/naming/meetings/{meeting}/decisions", json={"item_id": item, "minutes": "否决"}
    )
    assert decided.status_code == 200, decided.text
    for form in ("pdf", "docx"):
        text = words_of(office.client.get(f"/api/naming/meetings/{meeting}/minutes.{form}").content)
        for word in ("第一次会议会议纪要", "椰林巷", "song认为太短", "不同意", "法定人数2人"):
            assert word in text


def test_the_office_alone_has_its_papers(office: Office) -> None:
    proposal = office.put("宜海路")["id"]
    path = f"/api/naming/proposals/{proposal}/papers"
    assert office.client.get(f"{path}/nothing.pdf").status_code == 422
    assert office.client.get(f"{path}/application.exe").status_code == 422
    assert office.client.get(f"/api/naming/meetings/{uuid4()}/minutes.pdf").status_code == 404
    office.public()
    assert office.client.get(f"{path}/application.pdf").status_code == 401
