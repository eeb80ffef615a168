"""The report on the markers of a line or a unit: it says what the API says, as text, and names no address."""

import re
from collections import Counter
from collections.abc import Callable
from html.parser import HTMLParser
from uuid import uuid4

import pytest
from fastapi.testclient import TestClient
from sqlalchemy import text
from sqlalchemy.orm import Session

from geo_service.auth.acting import act_as
from geo_service.auth.officer import OPERATOR
from geo_service.operations import marker_report
from layers.markers.legend_facts import FACT
from layers.markers.model import MarkerFacts
from tests.geo_service.markers.conftest import LINE, form

pytestmark = pytest.mark.database
As = Callable[[], TestClient]
UNIT = "460107"


class Page(HTMLParser):
    """What a report says: rows of its tables, its key, its elements."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.rows: list[list[str]] = []
        self.colours: list[str] = []
        self.key: Counter[str] = Counter()
        self.tags: Counter[str] = Counter()
        self._in_cell = False
        self.feed(page)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        told = dict(attrs)
        self.tags[tag] += 1
        if tag == "tr":
            self.rows.append([])
            if "data-colour" in told:
                self.colours.append(str(told["data-colour"]))
        elif tag in {"td", "th"}:
            self.rows[-1].append("")
            self._in_cell = True
        elif tag == "li" and "data-count" in told:
            self.key[str(told["data-colour"])] += int(str(told["data-count"]))

    def handle_endtag(self, tag: str) -> None:
        self._in_cell = self._in_cell and tag not in {"td", "th"}

    def handle_data(self, data: str) -> None:
        if self._in_cell:
            self.rows[-1][-1] += data


def report(client: TestClient, **asked: str) -> str:
    answer = client.get("/api/reports/markers.html", params=asked)
    assert answer.status_code == 200, answer.text
    assert answer.headers["content-security-policy"] == "sandbox"
    return answer.text


def counted(client: TestClient, **asked: str) -> Counter[str]:
    answer = client.get("/api/markers/summary", params=asked)
    assert answer.status_code == 200, answer.text
    return +Counter(answer.json()["by_colour"])


@pytest.mark.parametrize("asked", [{"line": LINE}, {"unit": UNIT}, {"unit": "460100"}])
@pytest.mark.parametrize("profile", ["A", "B"])
def test_the_report_counts_what_the_api_counts(bureau: As, asked: dict[str, str], profile: str) -> None:
    client = bureau()
    page = Page(report(client, **asked, profile=profile))
    expected = counted(client, **asked, profile=profile)
    assert sum(expected.values()) > 0
    assert Counter(page.colours) == expected
    assert +page.key == expected


def test_a_past_day_is_told_as_it_was(bureau: As, hainan_session: Session) -> None:
    client = bureau()
    day = hainan_session.execute(text("SELECT current_date - 200")).scalar_one()
    page = Page(report(client, unit=UNIT, as_of=day.isoformat()))
    assert Counter(page.colours) == counted(client, unit=UNIT, as_of=day.isoformat())
    assert Counter(page.colours) != counted(client, unit=UNIT)
    assert f"{day.isoformat()} 日终" in report(client, unit=UNIT, as_of=day.isoformat())


def test_each_row_has_the_rule_its_reasons_and_its_dates(bureau: As) -> None:
    client = bureau()
    listed = client.get("/api/markers", params={"line": LINE, "limit": 1000}).json()["features"]
    rows = {row[0]: row for row in Page(report(client, line=LINE)).rows if len(row) == 10}
    assert len(rows) == len(listed) + 1
    red = 0
    for feature in listed:
        told = feature["properties"]
        row = rows[told["number"]]
        assert row[3].split()[0] == told["colour"]["rule"]
        assert row[6] == (told["last_inspected_at"] or "–")
        assert row[7:9] == [told["patrol_due_on"] or "–", told["joint_due_on"] or "–"]
        assert (row[9] == "–") == (told["case_stage"] in {"none", "closed"})
        red += told["colour"]["code"] == "red"
    assert red == sum("红" in row[3] for row in rows.values() if row[0] != "界桩号")
    one = client.get(f"/api/markers/{listed[0]['id']}").json()["properties"]
    facts = {each["fact"] for each in one["why"]["because"]}
    assert all(FACT[fact].zh in rows[one["number"]][4] for fact in facts)


def test_open_cases_say_what_was_done_last(bureau: As) -> None:
    client = bureau()
    asked = {"unit": "460100", "case_stage": "repairing", "limit": 1000}
    feature = client.get("/api/markers", params=asked).json()["features"][0]["properties"]
    row = next(r for r in Page(report(client, line=feature["line_code"])).rows if r[0] == feature["number"])
    assert re.fullmatch(r"施工中；\d{4}-\d\d-\d\d 立案；\d{4}-\d\d-\d\d \S+", row[9])


def test_lines_are_told_with_their_length_and_synthetic_markers_are_labelled(bureau: As) -> None:
    client = bureau()
    line = client.get(f"/api/boundaries/lines/{LINE}").json()["properties"]
    page = report(client, line=LINE)
    row = next(row for row in Page(page).rows if row and row[0] == LINE)
    assert (row[1], row[4]) == (line["name"], f"{line['length_m'] / 1000:.2f} km")
    assert f"其中 {row[3]} 座为合成演示数据" in page
    english = report(client, line=LINE, language="en")
    assert "synthetic demonstration data" in english
    assert "condition first · condition_first 1" in english
    assert '<html lang="en">' in english


def test_what_officers_write_is_text_and_no_address_is_named(bureau: As) -> None:
    client = bureau()
    hostile = "</script><img src=x onerror=alert(1)>'\"`"
    answer = client.post(
        "/api/markers", json=form(number=hostile, managing_unit="460107", name=hostile, id=str(uuid4()))
    )
    assert answer.status_code == 201, answer.text
    page = report(client, line=LINE)
    assert hostile not in page
    assert "&lt;/script&gt;&lt;img src=x onerror=alert(1)&gt;" in page
    assert Page(page).tags["img"] == 0
    assert Page(page).tags["script"] == 2
    assert all(row[0] for row in Page(page).rows if len(row) == 10)
    named = {each for each in re.findall(r"https?://[^\s'\"<>)]+", page) if "www.w3.org" not in each}
    assert named == set()
    assert re.search(r"(src|href)=['\"]//", page) is None


def test_what_cannot_be_reported_is_said(
    bureau: As, client: TestClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    signed_in = bureau()

    def refused(**asked: str) -> tuple[int, str]:
        answer = signed_in.get("/api/reports/markers.html", params=asked)
        return answer.status_code, answer.json()["code"]

    assert refused() == (422, "input.invalid")
    assert refused(line=LINE, unit=UNIT) == (422, "input.invalid")
    assert refused(line="000000000001") == (404, "boundary.line_not_found")
    assert refused(unit="999999") == (404, "boundary.unit_not_found")
    assert refused(line=LINE, profile="none") == (404, "marker.profile_not_found")
    monkeypatch.setattr(marker_report, "MOST", 1)
    assert refused(unit="460100") == (422, "marker.report_too_many")
    client.cookies.clear()
    assert client.get("/api/reports/markers.html", params={"line": LINE}).status_code == 401


def test_a_line_without_markers_says_what_to_do(bureau: As, hainan_session: Session) -> None:
    act_as(hainan_session, OPERATOR)
    without = hainan_session.execute(
        text(
            "SELECT line_code FROM boundaries.boundary_line l WHERE valid_to IS NULL AND NOT EXISTS "
            "(SELECT FROM markers.marker m WHERE m.line_code = l.line_code) LIMIT 1"
        )
    ).scalar_one()
    assert "这一天登记册中没有属于此处的界桩" in report(bureau(), line=without)


def test_every_fact_is_worded() -> None:
    assert list(FACT) == list(MarkerFacts.__dataclass_fields__)
    assert all(each.zh_definition and each.en_definition for each in FACT.values())
