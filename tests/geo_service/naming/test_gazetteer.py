"""The gazetteer and the filing sheet: every name in force under its letter, every approved one with its days."""

from datetime import date
from io import BytesIO

import pytest
from openpyxl import load_workbook

from geo_service.operations import gazetteer
from tests.geo_service.naming.office import TO_FORCE, TO_THE_COMMITTEE, Office
from tests.geo_service.naming.test_papers import words_of

pytestmark = pytest.mark.database


def rows_of(content: bytes) -> list[dict[str, object]]:
    head, *rows = load_workbook(BytesIO(content)).worksheets[0].iter_rows(values_only=True)
    return [dict(zip(head, row, strict=True)) for row in rows]


@pytest.fixture
def in_force(office: Office) -> str:
    """A name taken all the way from a draft into force."""
    proposal = office.put("宜海路", origin="近海", meaning="宜居海滨")["id"]
    office.walk(proposal, *TO_THE_COMMITTEE, *TO_FORCE)
    return proposal


@pytest.mark.usefixtures("in_force")
def test_names_in_force_stand_under_their_letters(office: Office) -> None:
    listed = rows_of(office.client.get("/api/naming/gazetteer.xlsx").content)
    found = next(row for row in listed if row["标准名称"] == "宜海路")
    assert (found["首字母"], found["罗马字母拼写"], found["含义"]) == ("Y", "Yíhǎi Lù", "宜居海滨")
    assert found["所属政区"] != found["政区代码"]
    letters = [str(row["首字母"]) for row in listed]
    assert letters == sorted(letters)
    on_record = office.client.get("/api/naming/names", params={"limit": 1, "count": True}).json()
    assert len(listed) == on_record["numberMatched"]
    paper = words_of(office.client.get("/api/naming/gazetteer.pdf").content)
    assert all(str(row["标准名称"]) in paper for row in listed)
    assert f"共{len(listed)}条" in paper
    assert "Gazetteer" in words_of(office.client.get("/api/naming/gazetteer.docx?language=en").content)


@pytest.mark.usefixtures("in_force")
def test_a_gazetteer_is_of_a_day_a_kind_and_a_division(office: Office) -> None:
    def count(**asked: str) -> int:
        return len(rows_of(office.client.get("/api/naming/gazetteer.xlsx", params=asked).content))

    assert count(as_of="1990-01-01") == 0
    assert count(kind="bridge") < count(kind="street")
    assert count(unit="110101") == 0
    assert "共0条" in words_of(office.client.get("/api/naming/gazetteer.pdf?as_of=1990-01-01").content)


@pytest.mark.usefixtures("in_force")
def test_too_many_names_are_refused_with_what_to_do(office: Office, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(gazetteer, "MOST_ON_PAPER", 0)
    answer = office.client.get("/api/naming/gazetteer.pdf")
    assert (answer.status_code, answer.json()["code"]) == (422, "naming.gazetteer_too_large")
    assert "缩小" in answer.json()["detail"]


def test_what_is_approved_is_listed_until_it_is_filed_and_after(office: Office) -> None:
    office.walk(office.put("文坛街", (0, 900), (900, 900))["id"], *TO_THE_COMMITTEE, *TO_FORCE[:2])
    office.walk(office.put("宜海路")["id"], *TO_THE_COMMITTEE, *TO_FORCE)
    asked = {"since": "2020-01-01", "until": "2099-12-31"}
    listed = {
        row["标准名称"]: row
        for row in rows_of(office.client.get("/api/naming/filing.xlsx", params=asked).content)
    }
    assert set(listed) >= {"文坛街", "宜海路"}
    approved, filed = listed["文坛街"], listed["宜海路"]
    assert (approved["备案期限"] - approved["批准日期"]).days == 15
    assert approved["备案日期"] is None
    assert approved["备案状态"] in {"待备案", "逾期未备案"}
    assert filed["备案日期"] is not None
    assert filed["公告日期"] is not None
    nothing = rows_of(office.client.get("/api/naming/filing.xlsx?since=1990-01-01&until=1990-12-31").content)
    assert nothing == []
    wrong = office.client.get("/api/naming/filing.xlsx?since=2026-02-01&until=2026-01-01")
    assert (wrong.status_code, wrong.json()["code"]) == (422, "input.invalid")


def test_a_late_filing_is_called_late() -> None:
    """Approved on 26 September 2025, due on 11 October (Decree 753, art. 13)."""
    row = {"approved_on": date(2025, 9, 26), "profile": "haikou_draft", "synthetic": False, "records": {}}
    row |= dict.fromkeys(
        ("name", "pinyin", "kind", "action", "former_name", "unit_code", "unit_name", "origin", "meaning"), ""
    )
    row |= dict.fromkeys(("length_m", "width_m", "announced_on"))
    words = {f"filing_sheet.{state}": state for state in ("filed", "filed_late", "overdue", "open")}

    def state(filed_on: date | None, today: date) -> object:
        return gazetteer._filed(1, row | {"filed_on": filed_on}, words, "zh-CN", today)[-2]

    assert state(None, date(2025, 10, 11)) == "open"
    assert state(None, date(2025, 10, 12)) == "overdue"
    assert state(date(2025, 10, 11), date(2026, 1, 1)) == "filed"
    assert state(date(2025, 10, 12), date(2026, 1, 1)) == "filed_late"
