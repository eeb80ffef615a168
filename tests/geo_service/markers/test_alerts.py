"""Alerts over HTTP: what stands open of a marker and of an office, since when, by which message; and alarms answered."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import uuid4

import pytest
from fastapi.testclient import TestClient
from sqlalchemy import text
from sqlalchemy.orm import Session

from geo_service.auth.acting import act_as, act_for_source
from geo_service.auth.officer import OPERATOR, Officer, Role
from layers.markers.sensor_tables import SensorMessageRow
from tests.geo_service.markers.conftest import LINE, SignIn
from tests.geo_service.markers.sensing import DEVICE, message, send, tilted
from tests.geo_service.markers.test_sensor_messages import fitted, platform, put_marker, source
from tests.people import operator

__all__ = ["fitted", "platform", "source"]  # fixtures
pytestmark = pytest.mark.database
As = Callable[[], TestClient]
LOW = {"reading": {"battery_percent": 9, "tilt_deg": 0.2}}


def alerts_at(client: TestClient, code: str, **asked: str) -> dict[str, dict[str, Any]]:
    properties = client.get(f"/api/markers/{code}", params=asked).json()["properties"]
    return {each["code"]: each for each in properties["alerts"]}


def listed(client: TestClient, **asked: Any) -> list[dict[str, Any]]:
    answer = client.get("/api/alerts", params=asked)
    assert answer.status_code == 200, answer.text
    return list(answer.json()["alerts"])


def answer(client: TestClient, alarm: str, **changed: Any) -> Any:
    body = {"id": str(uuid4()), "found": "现场查看：桩体被车撞斜，已报告"} | changed
    return client.post(f"/api/alerts/{alarm}/acknowledgement", json=body)


def test_an_alarm_is_told_with_the_message_under_it(
    source: dict[str, Any], fitted: str, bureau: As, client: TestClient
) -> None:
    sent = tilted(11.5)
    receipt = send(client, source, sent).json()
    alarm = alerts_at(bureau(), fitted)["sensor.tilted"]
    assert (alarm["weight"], alarm["subject"]) == ("alarm", [fitted, DEVICE])
    evidence = alarm["evidence"]
    assert (evidence["message"], evidence["message_id"]) == (receipt["receipt"], sent["id"])
    assert (evidence["measure"], evidence["value"], evidence["limit"]) == ("tilt_deg", 11.5, 5.0)
    assert datetime.fromisoformat(evidence["captured_at"]) == datetime.fromisoformat(sent["captured_at"])
    assert datetime.fromisoformat(alarm["since"]) == datetime.fromisoformat(sent["captured_at"])
    assert {"received_at", "clock_skew_s"} <= evidence.keys()


def test_an_alarm_ends_by_an_answer_and_so_does_its_colour(
    source: dict[str, Any], fitted: str, surveyor: As, client: TestClient
) -> None:
    send(client, source, tilted(11.5))
    officer = surveyor()
    alarm = alerts_at(officer, fitted)["sensor.tilted"]["id"]
    body = {"id": str(uuid4()), "found": "桩体完好，设备松动已紧固"}
    first, again = (answer(officer, alarm, **body) for _ in range(2))
    assert (first.status_code, again.status_code) == (201, 200)
    assert first.json()["person"] == "chen"
    assert (first.json()["colour"]["code"], first.json()["facts"]["sensor_alarm_open"]) == ("green", False)
    assert first.json()["recorded_at"] == again.json()["recorded_at"]
    assert alerts_at(officer, fitted) == {}
    other = answer(officer, alarm)
    assert (other.status_code, other.json()["code"]) == (409, "alert.answered")
    conflict = answer(officer, alarm, id=body["id"], found="另一说法")
    assert conflict.json()["code"] == "record.conflict"
    send(client, source, tilted(11.9))
    assert alerts_at(officer, fitted) == {}
    send(client, source, tilted(30.0))
    assert alerts_at(officer, fitted)["sensor.tilted"]["evidence"]["value"] == 30.0


def test_an_answer_needs_a_word_and_somebody_of_a_side(
    source: dict[str, Any], fitted: str, bureau: As, sign_in: SignIn, client: TestClient
) -> None:
    send(client, source, tilted(11.5))
    alarm = alerts_at(bureau(), fitted)["sensor.tilted"]["id"]
    assert answer(client, alarm, found=" ").status_code == 422
    assert answer(client, str(uuid4())).json()["code"] == "alert.not_found"
    assert answer(sign_in("sheng", Role.BOUNDARY, jurisdictions=("469005",)), alarm).status_code == 404
    assert answer(sign_in("gui", Role.PLANNER), alarm).status_code == 403
    client.cookies.clear()
    assert answer(client, alarm).status_code == 401


def test_what_a_device_complains_of_is_told_while_it_does(
    source: dict[str, Any], fitted: str, bureau: As, client: TestClient
) -> None:
    send(client, source, message(**LOW))
    low = alerts_at(bureau(), fitted)["sensor.low_battery"]
    assert (low["weight"], low["id"], low["evidence"]["value"]) == ("attention", None, 9)
    send(client, source, message(reading={}))
    assert set(alerts_at(client, fitted)) == {"sensor.low_battery"}
    send(client, source, message())
    assert alerts_at(client, fitted) == {}


def put_old(
    session: Session, source_id: str, marker: str, *, days_ago: int, codes: tuple[str, ...] = ()
) -> None:
    """Put a message on record that came in some days ago, as the source would have."""
    at = datetime.now(UTC) - timedelta(days=days_ago)
    key = session.execute(
        text("SELECT id FROM markers.marker WHERE code = :code"), {"code": marker}
    ).scalar_one()
    act_as(session, Officer("sensor:x", frozenset(), frozenset({"460100"})))
    act_for_source(session, source_id)
    findings = [{"code": code, "subject": [marker, DEVICE], "evidence": {"measure": "battery_percent", "value": 9,
                 "weight": "attention"}} for code in codes]  # fmt: skip
    session.add(
        SensorMessageRow(
            source_id=source_id, message_id=str(uuid4()), unit_code="460100", marker_id=key, device=DEVICE,
            captured_at=at, happened_at=at, received_at=at, codes=list(codes), findings=findings,
            content={"reading": {"battery_percent": 9}}, digest="",
        )
    )  # fmt: skip
    session.flush()
    act_as(session, OPERATOR)


def test_a_device_falls_silent_by_the_clock_and_colours_nothing(
    source: dict[str, Any], fitted: str, bureau: As, hainan_session: Session, client: TestClient
) -> None:
    put_old(hainan_session, source["id"], fitted, days_ago=3, codes=("sensor.low_battery",))
    officer = bureau()
    found = alerts_at(officer, fitted)
    assert set(found) == {"sensor.silent", "sensor.low_battery"}
    since = datetime.fromisoformat(found["sensor.silent"]["since"])
    assert since - datetime.now(UTC) == pytest.approx(timedelta(days=-2), abs=timedelta(minutes=1))
    assert officer.get(f"/api/markers/{fitted}").json()["properties"]["colour"]["code"] == "green"
    then = (datetime.now(UTC) - timedelta(days=3)).date().isoformat()
    assert set(alerts_at(officer, fitted, as_of=then)) == {"sensor.low_battery"}
    before = (datetime.now(UTC) - timedelta(days=5)).date().isoformat()
    assert not {"sensor.silent", "sensor.low_battery"} & set(alerts_at(officer, fitted, as_of=before))
    send(client, source, message())
    assert alerts_at(officer, fitted) == {}


def test_a_device_taken_off_the_form_is_missed_by_nobody(
    source: dict[str, Any], fitted: str, bureau: As, hainan_session: Session
) -> None:
    put_old(hainan_session, source["id"], fitted, days_ago=3)
    officer = bureau()
    assert set(alerts_at(officer, fitted)) == {"sensor.silent"}
    etag = officer.get(f"/api/markers/{fitted}").headers["etag"]
    officer.patch(f"/api/markers/{fitted}", json={"form": {}}, headers={"If-Match": etag})
    assert alerts_at(officer, fitted) == {}


def test_the_public_is_told_of_clocks_and_of_no_device(
    source: dict[str, Any], fitted: str, client: TestClient
) -> None:
    send(client, source, tilted(11.5))
    client.cookies.clear()
    assert alerts_at(client, fitted) == {}
    late = client.get(
        "/api/markers", params={"due_before": datetime.now(UTC).date().isoformat(), "limit": 500}
    ).json()
    code = next(each["id"] for each in late["features"] if each["properties"]["patrol_currency"] == "overdue")
    overdue = alerts_at(client, code)["clock.patrol_overdue"]
    assert overdue["evidence"]["due_on"] < datetime.now(UTC).date().isoformat()
    assert client.get("/api/alerts").status_code == 401


def test_the_list_narrows_by_line_unit_kind_and_since(
    source: dict[str, Any], fitted: str, bureau: As, client: TestClient
) -> None:
    send(client, source, {"messages": [tilted(11.5), message(**LOW), message(device="nowhere")]})
    officer = bureau()
    everything = listed(officer)
    assert [each["weight"] for each in everything] == sorted(each["weight"] for each in everything)
    codes = {each["code"] for each in everything}
    assert {"sensor.tilted", "sensor.low_battery", "sensor.unmatched", "clock.patrol_overdue"} <= codes
    mine = listed(officer, line=LINE, kind="sensor")
    assert fitted in {each["marker_code"] for each in mine if each["code"] == "sensor.tilted"}
    assert {each["line_code"] for each in mine} == {LINE}
    assert {each["code"] for each in listed(officer, kind="clock.joint_overdue")} <= {"clock.joint_overdue"}
    leaning = {unit: {each["marker_code"] for each in listed(officer, unit=unit, kind="sensor.tilted")}
               for unit in ("469021", "460106")}  # fmt: skip
    assert (fitted in leaning["469021"], fitted in leaning["460106"]) == (True, False)
    unmatched = listed(officer, unit="460100", kind="sensor.unmatched")
    (lost,) = [each for each in unmatched if each["subject"] == ["nowhere"]]
    assert (lost["evidence"]["reason"], lost["evidence"]["messages"]) == ("no_marker", 1)
    soon = (datetime.now(UTC) + timedelta(hours=1)).isoformat()
    assert listed(officer, since=soon) == []
    hour = (datetime.now(UTC) - timedelta(hours=1)).isoformat()
    assert {each["code"] for each in listed(officer, since=hour)} >= {"sensor.tilted", "sensor.low_battery"}
    assert officer.get("/api/alerts", params={"kind": "mood"}).json()["code"] == "input.invalid"


def test_an_unmatched_device_is_found_once_a_form_names_it(
    source: dict[str, Any], fitted: str, bureau: As, client: TestClient
) -> None:
    send(client, source, message(device="HK-NEW"))
    officer = bureau()
    assert ["HK-NEW"] in [each["subject"] for each in listed(officer, kind="sensor.unmatched")]
    etag = officer.get(f"/api/markers/{fitted}").headers["etag"]
    officer.patch(
        f"/api/markers/{fitted}", json={"form": {"iot": {"number": "HK-NEW"}}}, headers={"If-Match": etag}
    )
    assert send(client, source, message(device="HK-NEW")).json()["marker_code"] == fitted
    assert ["HK-NEW"] not in [each["subject"] for each in listed(officer, kind="sensor.unmatched")]


def test_a_past_day_is_told_as_it_was(
    source: dict[str, Any], fitted: str, bureau: As, client: TestClient
) -> None:
    send(client, source, tilted(11.5))
    officer = bureau()
    before = (datetime.now(UTC) - timedelta(days=2)).date().isoformat()
    assert fitted in {each["marker_code"] for each in listed(officer, kind="sensor")}
    assert fitted not in {each["marker_code"] for each in listed(officer, as_of=before, kind="sensor")}
    then = listed(officer, as_of="2026-03-01", kind="clock", unit="460107")
    state = officer.get("/api/markers", params={"as_of": "2026-03-01", "unit": "460107", "limit": 500}).json()
    late = {
        each["id"]
        for each in state["features"]
        if each["properties"]["patrol_currency"] == "overdue"
        and each["properties"]["condition"] not in {"retired", "not_set"}
    }
    assert {each["marker_code"] for each in then if each["code"] == "clock.patrol_overdue"} == late


def test_another_office_is_told_of_no_device(
    source: dict[str, Any], fitted: str, sign_in: SignIn, client: TestClient
) -> None:
    send(client, source, {"messages": [tilted(11.5), message(device="nowhere")]})
    other = sign_in("sheng", Role.BOUNDARY, jurisdictions=("469005",))
    found = listed(other, kind="sensor")
    assert [each for each in found if each["marker_code"] == fitted or each["subject"] == ["nowhere"]] == []
    side = sign_in("ding", Role.AUDITOR, jurisdictions=("469021",))
    assert fitted in {each["marker_code"] for each in listed(side, kind="sensor.tilted")}


def test_of_two_officers_who_answer_at_once_one_does(
    platform: dict[str, Any], office: Any, visitor: TestClient, enter: Any
) -> None:
    put_marker(office, "01070108932Q", "D-932")
    send(visitor, platform, tilted(12.0, device="D-932"))
    clients = [enter(Role.BOUNDARY), enter(Role.SURVEYOR)]
    alarm = alerts_at(clients[0], "01070108932Q")["sensor.tilted"]["id"]
    with ThreadPoolExecutor(2) as pool:
        answers = list(pool.map(lambda client: answer(client, alarm).status_code, clients))
    assert sorted(answers) == [201, 409]
    with operator(office) as session:
        settled = text("SELECT count(*) FROM markers.marker_record WHERE kind = 'settled' AND about = :alarm")
        assert session.execute(settled, {"alarm": alarm}).scalar_one() == 1
