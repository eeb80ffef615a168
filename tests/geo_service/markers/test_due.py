"""What is due over HTTP: clocks of markers and lines, the report clock, repairs; the same as a calendar."""

from datetime import date, timedelta
from typing import Any
from uuid import uuid4

import pytest
from icalendar import Calendar
from sqlalchemy import text
from sqlalchemy.orm import Session

from geo_service.auth.officer import Role
from layers.due import SOON_DAYS, Due, DueState
from layers.markers.due_list import DueKind
from tests.geo_service.markers.conftest import CODE, LINE

pytestmark = pytest.mark.database


def entries(officer: Any, **asked: Any) -> list[dict[str, Any]]:
    answer = officer.get("/api/due", params={"line": LINE, "days_ahead": 730, **asked})
    assert answer.status_code == 200, answer.text
    return list(answer.json()["entries"])


def test_a_marker_never_inspected_is_due_today(marker: str, bureau) -> None:
    officer = bureau()
    [patrol] = [each for each in entries(officer, kind="patrol") if each["subject"] == CODE]
    assert patrol["never_done"] is True
    assert patrol["state"] == "soon"
    assert (patrol["line_code"], patrol["unit"]) == (LINE, "460107")
    [joint] = entries(officer, kind="joint")
    assert (joint["subject"], joint["never_done"]) == (LINE, True)


@pytest.mark.parametrize("condition", ["retired", "not_set"])
def test_a_post_that_is_not_there_is_due_for_nothing(
    marker: str, bureau, hainan_session: Session, condition: str
) -> None:
    asked = {"condition": condition, "code": marker}
    hainan_session.execute(
        text(
            "UPDATE markers.marker_state SET condition = :condition WHERE marker_id = "
            "(SELECT id FROM markers.marker WHERE code = :code)"
        ),
        asked,
    )
    assert CODE not in {each["subject"] for each in entries(bureau())}


def test_after_an_inspection_the_day_lies_ahead(green: str, bureau) -> None:
    officer = bureau()
    [patrol] = [each for each in entries(officer, kind="patrol") if each["subject"] == CODE]
    assert patrol["never_done"] is False
    told = officer.get(f"/api/markers/{CODE}").json()["properties"]
    assert patrol["due_on"] == told["patrol_due_on"]
    today = officer.get("/api/due").json()["on"]
    near = (date.fromisoformat(patrol["due_on"]) - date.fromisoformat(today)).days - 1
    assert CODE not in {each["subject"] for each in entries(officer, kind="patrol", days_ahead=near)}


def test_a_report_has_its_clock(green: str, bureau, sign_in) -> None:
    officer = bureau()
    body = {"id": str(uuid4()), "event": "report.abnormal", "capacity": "county_bureau", "unit": "460107"}
    records = {"description": "桩体断裂", "condition": "damaged"}
    answer = officer.post(f"/api/markers/{green}/cases", json=body | {"records": records})
    assert answer.status_code == 201, answer.text
    [report] = [each for each in entries(officer, kind="report") if each["subject"] == CODE]
    assert report["state"] == "soon"


def test_units_lines_and_kinds_narrow(marker: str, bureau) -> None:
    officer = bureau()
    assert CODE in {each["subject"] for each in entries(officer, unit="460100")}
    assert CODE not in {each["subject"] for each in entries(officer, unit="460200")}
    assert entries(officer, line="nowhere") == []
    assert {each["kind"] for each in entries(officer, kind=["patrol", "joint"])} == {"patrol", "joint"}
    assert officer.get("/api/due", params={"kind": "tea"}).status_code == 422


def test_the_calendar_says_the_same(marker: str, bureau, client) -> None:
    officer = bureau()
    answer = officer.get("/api/due.ics", params={"line": LINE, "kind": "patrol", "language": "en"})
    assert answer.headers["content-type"].startswith("text/calendar")
    events = Calendar.from_ical(answer.content).walk("VEVENT")
    assert {str(event["uid"]) for event in events} == {
        f"patrol-{each['subject']}@geo-service" for each in entries(officer, kind="patrol", days_ahead=30)
    }
    assert f"Patrol {CODE} · never inspected" in {str(event["summary"]) for event in events}
    client.cookies.clear()
    assert client.get("/api/due.ics").status_code == 401


@pytest.mark.parametrize(
    ("days", "state"),
    [(-1, DueState.OVERDUE), (0, DueState.SOON), (SOON_DAYS, DueState.SOON), (SOON_DAYS + 1, DueState.AHEAD)],
)
def test_the_state_goes_by_days(days: int, state: DueState) -> None:
    on = date(2026, 5, 1)
    assert Due(on + timedelta(days=days), DueKind.PATROL, "m").state(on) is state


def test_a_secret_address_holds_what_its_officer_may_see(green: str, bureau, sign_in, client) -> None:
    officer = bureau()
    body = {"id": str(uuid4()), "event": "report.abnormal", "capacity": "county_bureau", "unit": "460107"}
    records = {"description": "桩体断裂", "condition": "damaged"}
    assert officer.post(f"/api/markers/{green}/cases", json=body | {"records": records}).is_success
    paths = {"inside": bureau().post("/api/due/calendar-address").json()["path"]}
    elsewhere = sign_in("feng", Role.BOUNDARY, jurisdictions=("460200",))
    paths["outside"] = elsewhere.post("/api/due/calendar-address").json()["path"]
    shown = {"outside": {each["subject"] for each in entries(elsewhere, kind="report")}}
    shown["inside"] = {each["subject"] for each in entries(bureau(), kind="report")}
    assert CODE in shown["inside"] - shown["outside"]
    client.cookies.clear()
    for place, path in paths.items():
        asked = {"line": LINE, "kind": "report", "days_ahead": 730}
        events = Calendar.from_ical(client.get(f"/{path}", params=asked).content).walk("VEVENT")
        assert {str(event["uid"]) for event in events} == {
            f"report-{code}@geo-service" for code in shown[place]
        }, place
