"""The file of a case: read back from DOCX and PDF it says who did what, when, on which papers, and what was asked."""

from collections.abc import Callable
from dataclasses import replace
from datetime import datetime
from io import BytesIO
from uuid import uuid4

import pytest
from docx import Document
from fastapi.testclient import TestClient
from pypdf import PdfReader

from layers.markers.case_proof import proven_steps
from layers.markers.case_table import STEPS
from layers.markers.evidence import Actor, Capacity, CaseEvent
from layers.markers.evidence import CaseEventKind as Event
from layers.markers.legend_guards import GUARD
from layers.markers.transitions import CaseFile, guards_of
from tests.geo_service.markers.conftest import CODE, PAPER, SignIn
from tests.geo_service.markers.test_cases import (
    DONE,
    FILED,
    HERE,
    SIGNED,
    THERE,
    neighbour,
    report,
    took,
    until_repaired,
)
from tests.geo_service.naming.test_papers import words_of

pytestmark = [pytest.mark.database, pytest.mark.usefixtures("paper")]
As = Callable[[], TestClient]


def content_of(client: TestClient, case: str, form: str = "docx", **asked: str) -> bytes:
    answer = client.get(f"/api/cases/{case}/file.{form}", params=asked)
    assert answer.status_code == 200, answer.text
    return answer.content


def filed(bureau: As, sign_in: SignIn) -> str:
    """A repair from its report to its filing."""
    case = until_repaired(bureau())
    took(neighbour(sign_in), case, "acceptance.pass", signatures=SIGNED)
    took(bureau(), case, "approve", decision="批复 5 号")
    took(bureau(), case, "file", **FILED)
    return case


def test_the_file_says_the_whole_case_in_both_forms(green: str, bureau: As, sign_in: SignIn) -> None:
    case = filed(bureau, sign_in)
    told = bureau().get(f"/api/cases/{case}").json()
    for form in ("pdf", "docx"):
        words = words_of(content_of(bureau(), case, form))
        for said in (
            f"界桩案件卷宗：{CODE}", "桩体断裂", "分工管理方", "琼山区(460107)", "定安县(469021)", "毗邻各方到场", "GNSSRTK",
            "0.12", "批复5号", "琼民备2026-17", f"代表{HERE}", f"代表{THERE}", "《行政区域界线管理条例》第6,16条", "已结案",
            *(event["person"] for event in told["events"]),
        ):  # fmt: skip
            assert said in words, (form, said)
        assert PAPER in words, form
        assert "缺少：" not in words
    head = next(
        table for table in Document(BytesIO(content_of(bureau(), case))).tables if len(table.columns) == 6
    )
    assert [row.cells[2].text for row in head.rows[1:]] == [
        "报告异常", "核实", "受理", "约定修复", "完成修复", "联合验收合格", "批准", "备案",
    ]  # fmt: skip


def test_the_pdf_carries_the_font_of_its_characters(green: str, bureau: As) -> None:
    pages = PdfReader(BytesIO(content_of(bureau(), until_repaired(bureau()), "pdf"))).pages
    fonts = [font.get_object() for page in pages for font in page["/Resources"]["/Font"].values()]
    descriptors = [font["/DescendantFonts"][0].get_object()["/FontDescriptor"].get_object() for font in fonts]
    assert descriptors
    assert all(any(f"/FontFile{kind}" in each for kind in ("", "2", "3")) for each in descriptors)


def test_cited_papers_are_told_with_their_hash_and_where_they_are_cited(green: str, bureau: As) -> None:
    case = until_repaired(bureau())
    papers = Document(BytesIO(content_of(bureau(), case))).tables[-2]
    (row,) = [[cell.text for cell in row.cells] for row in papers.rows[1:]]
    assert row[0].replace("\n", "") == PAPER
    assert row[1].startswith("照片 · image/png · ")
    assert row[1].endswith(" · chen")
    assert row[2] == "5"


def test_a_revoked_act_stays_in_the_file_and_says_so(green: str, bureau: As) -> None:
    case = report(bureau())["case"]["id"]
    took(bureau(), case, "case.verify", verification="看错界桩")
    wrong = bureau().get(f"/api/cases/{case}").json()["events"][-1]["id"]
    took(bureau(), case, "revoke", points_at=wrong, reason="看错")
    words = words_of(content_of(bureau(), case))
    assert "2.核实（已由第3项撤销）" in words
    assert "九、撤销与更正" in words
    assert "第2项" in words
    english = words_of(content_of(bureau(), case, language="en"))
    assert "2.verify(revokedbyno.3)" in english
    assert "Nothingonrecordyet." in english


def test_what_people_write_is_text(green: str, bureau: As) -> None:
    hostile = '#let x = 1 \\ "$a$" <script>alert(1)</script> *b* @c'
    case = report(bureau(), records={"description": hostile})["case"]["id"]
    for form in ("pdf", "docx"):
        assert "".join(hostile.split()) in words_of(content_of(bureau(), case, form)), form


def test_another_office_has_no_such_file(green: str, bureau: As, sign_in: SignIn, client: TestClient) -> None:
    case = until_repaired(bureau())
    other = sign_in("he", jurisdictions=("469030",))
    answer = other.get(f"/api/cases/{case}/file.pdf")
    assert (answer.status_code, answer.json()["code"]) == (404, "marker.case_not_found")
    assert other.get(f"/api/cases/{uuid4()}/file.docx").status_code == 404
    client.cookies.clear()
    assert client.get(f"/api/cases/{case}/file.pdf").status_code == 401


def test_generated_cases_are_labelled_synthetic(bureau: As) -> None:
    listed = bureau().get("/api/cases").json()["cases"]
    assert listed
    words = words_of(content_of(bureau(), listed[0]["id"]))
    assert "合成演示数据，并非真实案件" in words


def test_every_guard_is_worded_as_what_it_proves() -> None:
    names = {guard.__qualname__.split(".", 1)[0] for each in STEPS for guard in guards_of(each)}
    assert names == set(GUARD)


def test_a_guard_that_is_no_longer_answered_names_what_is_missing(green: str, bureau: As) -> None:
    told = bureau().get(f"/api/cases/{until_repaired(bureau())}").json()
    events = tuple(
        CaseEvent(
            id=each["id"], happened_at=datetime.fromisoformat(each["happened_at"]), recorded_at=datetime.fromisoformat(each["recorded_at"]), case_id="c",
            kind=Event(each["event"]), actor=Actor(each["person"], each["unit"], Capacity(each["capacity"])),
            records=each["records"],
        )
        for each in told["events"]
    )  # fmt: skip
    units = tuple(told["unit_codes"])
    whole = proven_steps(CaseFile(case_id="c", units=units, events=events, on_file=frozenset({PAPER})))
    assert [guard.missing for each in whole for guard in each.guards if guard.missing] == []
    lost = proven_steps(CaseFile(case_id="c", units=units, events=events))
    assert next(guard for guard in lost[-1].guards if guard.missing).missing == (f"paper_on_record:{PAPER}",)
    assert {guard.name for guard in lost[-1].guards} == {
        "managing_side_known", "neighbour_attended", "surveyed_at_legal_point", "papers_on_record",
    }  # fmt: skip
    done = DONE | {"neighbour_attendance": {"unit": THERE, "name": "符"}}
    alone = proven_steps(
        CaseFile(case_id="c", units=units, events=(*events[:-1], replace(events[-1], records=done)))
    )
    (attended,) = [guard for guard in alone[-1].guards if guard.name == "neighbour_attended"]
    assert attended.missing == (
        f"neighbour_attendance:{THERE}.signature",
        f"neighbour_attendance:{THERE}.photo",
    )
    assert attended.asks == (f"neighbour_attendance:{THERE}",)
