"""The field app's server side: each record judged by itself, taken once; work packs and what has changed since."""

import json
import zipfile
from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from uuid import uuid4

import pytest
from fastapi.testclient import TestClient
from sqlalchemy import text
from sqlalchemy.orm import Session

from geo_service.auth.acting import act_as
from geo_service.auth.officer import OPERATOR, Role
from geo_service.auth.sessions import officer_of
from geo_service.db import Database
from geo_service.operations import marker_forms
from geo_service.operations.outbox_file import OutboxUnreadable, take_outbox
from geo_service.schemas.markers import NewMarker
from geo_service.settings import Settings
from tests.geo_service.markers.conftest import CODE, LINE, SignIn, form, visit
from tests.geo_service.markers.test_photos import picture
from tests.people import operator, put_officer

pytestmark = pytest.mark.database
As = Callable[[], TestClient]


def inspection(**changed: object) -> dict:
    return {"type": "inspection", "marker_code": CODE, **visit(**changed)}


def opening(**changed: object) -> dict:
    return {
        "type": "case_event",
        "marker_code": CODE,
        "id": str(uuid4()),
        "event": "report.abnormal",
        "records": {"description": "断裂"},
    } | changed


def edit(version: int = 1, **changes: object) -> dict:
    return {
        "type": "edit",
        "marker_code": CODE,
        "id": str(uuid4()),
        "base_version": version,
        "captured_at": datetime.now(UTC).isoformat(),
        "changes": changes,
    }


def push(client: TestClient, *records: dict, **more: object) -> list[dict]:
    answer = client.post("/api/field/push", json={"device_id": "phone 7", "records": list(records), **more})
    assert answer.status_code == 200, answer.text
    return answer.json()["results"]


def test_every_record_is_judged_by_itself_in_the_order_sent(green: str, surveyor: As) -> None:
    good, bad, lost = inspection(), inspection(condition="fine"), inspection(marker_code="nowhere")
    unknown, step = {"type": "poem", "id": str(uuid4())}, opening(case_id=str(uuid4()))
    change = edit(feature_relation="位于堤上")
    results = push(surveyor(), good, bad, lost, unknown, step, opening(), change)
    assert [each["status"] for each in results] == [
        "accepted", "rejected", "rejected", "rejected", "rejected", "accepted", "accepted",
    ]  # fmt: skip
    assert [each["code"] for each in results[1:5]] == [
        "input.invalid", "marker.not_found", "field.record_unknown", "marker.case_not_found",
    ]  # fmt: skip
    assert [each["id"] for each in results] == [r["id"] for r in (good, bad, lost, unknown, step)] + [
        results[5]["id"],
        change["id"],
    ]
    assert "condition" in results[1]["detail"]


def test_what_is_sent_again_is_a_duplicate_with_the_first_receipt(green: str, surveyor: As) -> None:
    client, records = surveyor(), [inspection(), opening(), edit(material="花岗岩")]
    first, again = push(client, *records), push(client, *records)
    assert [each["status"] for each in again] == ["duplicate"] * 3
    assert [each["received_at"] for each in again] == [each["received_at"] for each in first]
    twice = inspection()
    assert [each["status"] for each in push(client, twice, twice)] == ["accepted", "duplicate"]
    other = push(client, records[0] | {"note": "another"})
    assert (other[0]["status"], other[0]["code"]) == ("rejected", "record.conflict")


def test_offline_edits_merge_by_field_and_keep_both_of_the_same(green: str, surveyor: As) -> None:
    client = surveyor()
    results = push(
        client,
        edit(1, feature_relation="位于堤上"),
        edit(1, guardian="王"),
        edit(1, feature_relation="位于桥头"),
    )
    assert [each["status"] for each in results] == ["accepted"] * 3
    assert [each["code"] for each in results] == [None, None, "marker.edit_conflict"]
    told = client.get(f"/api/markers/{CODE}").json()["properties"]
    assert (told["feature_relation"], told["guardian"], told["version"]) == ("位于堤上", "王", 3)
    edits = client.get(f"/api/markers/{CODE}/history").json()["edits"]
    assert [(each["applied"], each["changes"].get("feature_relation")) for each in edits[1:]] == [
        (True, "位于堤上"),
        (True, None),
        (False, "位于桥头"),
    ]


def test_a_corrected_record_is_linked_to_the_refused_one(
    green: str, surveyor: As, hainan_session: Session
) -> None:
    refused = inspection(condition="fine")
    (answer,) = push(surveyor(), refused)
    assert answer["status"] == "rejected"
    corrected = inspection(corrects=refused["id"])
    for _ in range(2):
        (answer,) = push(surveyor(), corrected)
    assert answer["status"] == "duplicate"
    act_as(hainan_session, OPERATOR)
    acts = hainan_session.execute(
        text("SELECT detail FROM service.audit_entry WHERE act = 'field.correct'")
    ).scalars()
    links = [(each["record"], each["refused"]) for each in acts]
    assert links == [(corrected["id"], refused["id"])]
    (answer,) = push(surveyor(), inspection(corrects="no uuid"))
    assert (answer["status"], answer["code"]) == ("rejected", "input.invalid")


def test_a_task_done_by_two_surveyors_keeps_both_records(green: str, sign_in: SignIn) -> None:
    mine, theirs = inspection(note="上午"), inspection(note="下午", condition="minor_defect")
    assert push(sign_in("chen", Role.SURVEYOR), mine)[0]["status"] == "accepted"
    client = sign_in("wu", Role.SURVEYOR)
    assert push(client, theirs)[0]["status"] == "accepted"
    history = client.get(f"/api/markers/{CODE}/history").json()["inspections"]
    kept = {each["id"]: (each["person"], each["note"]) for each in history}
    assert kept[mine["id"]] == ("chen", "上午")
    assert kept[theirs["id"]] == ("wu", "下午")


def test_a_device_whose_clock_is_wrong_is_measured_once_for_all_it_brings(green: str, surveyor: As) -> None:
    behind = datetime.now(UTC) - timedelta(hours=6)
    captured = behind - timedelta(minutes=30)
    client, record = surveyor(), inspection(captured_at=captured.isoformat())
    push(client, record, sent_at=behind.isoformat())
    told = client.get(f"/api/inspections/{record['id']}").json()["inspection"]
    assert told["device"] == "phone 7"
    assert datetime.fromisoformat(told["captured_at"]) == captured
    assert told["clock_skew_s"] == pytest.approx(6 * 3600, abs=10)


def test_a_retired_marker_takes_the_record_with_a_flag(
    bureau: As, surveyor: As, green: str, paper: str
) -> None:
    client = bureau()
    consents = [{"unit": unit, "document": paper} for unit in ("460107", "469021")]
    asked = {
        "id": str(uuid4()),
        "event": "retire.apply",
        "records": {"application": "函", "consents": consents},
    }
    case = client.post(f"/api/markers/{CODE}/cases", json=asked).json()["case"]["id"]
    body = {"id": str(uuid4()), "event": "retire", "records": {"consent_document": "批复"}}
    assert client.post(f"/api/cases/{case}/events", json=body).status_code == 201
    results = push(surveyor(), inspection())
    assert (results[0]["status"], results[0]["code"]) == ("accepted", "inspection.marker_retired")


def test_a_pack_holds_the_line_and_then_only_what_has_changed(green: str, surveyor: As) -> None:
    client = surveyor()
    first = client.get("/api/field/pull", params={"area": LINE}).json()
    assert first["total"] == len(first["markers"]) == 12
    mine = next(each for each in first["markers"] if each["code"] == CODE)
    assert len(mine["form"]["reference_objects"]) == 3
    assert mine["form"]["legal_position"]["accuracy_m"] == 0.5
    later = (datetime.fromisoformat(first["token"]) + timedelta(minutes=5)).isoformat()
    assert client.get("/api/field/pull", params={"area": LINE, "since": later}).json()["markers"] == []
    token = (datetime.now(UTC) + timedelta(seconds=119)).isoformat()
    push(client, inspection())
    changed = client.get("/api/field/pull", params={"area": LINE, "since": token}).json()
    assert [each["code"] for each in changed["markers"]] == [CODE]
    whole = client.get("/api/field/pull", params={"area": "460107"}).json()
    assert whole["total"] > first["total"]
    boxed = client.get("/api/field/pull", params={"area": "110.39,19.74,110.41,19.76"}).json()
    assert CODE in {each["code"] for each in boxed["markers"]}


def test_more_than_500_records_are_refused_as_a_whole(green: str, surveyor: As) -> None:
    body = {"device_id": "x", "records": [{}] * 501}
    assert surveyor().post("/api/field/push", json=body).status_code == 422


def test_only_those_who_survey_may_push_or_pull(green: str, sign_in: Callable[..., TestClient]) -> None:
    planner = sign_in("li", Role.PLANNER)
    assert planner.get("/api/field/pull", params={"area": LINE}).status_code == 403
    planner.cookies.clear()
    assert planner.post("/api/field/push", json={"device_id": "x", "records": []}).status_code == 401
    outside = sign_in("fu", Role.SURVEYOR, jurisdictions=("469005",))
    assert push(outside, inspection())[0]["code"] == "auth.forbidden"


def test_a_report_from_a_fast_clock_is_put_right_and_both_times_are_kept(
    green: str, surveyor: As, hainan_session: Session
) -> None:
    ahead = datetime.now(UTC) + timedelta(hours=6)
    found = ahead - timedelta(minutes=20)
    client, report = surveyor(), opening(on=found.isoformat())
    change = edit(guardian="王") | {"captured_at": found.isoformat()}
    results = push(client, report, change, sent_at=ahead.isoformat())
    assert [each["status"] for each in results] == ["accepted", "accepted"]
    again = push(client, report, change, sent_at=(ahead + timedelta(seconds=40)).isoformat())
    assert [each["status"] for each in again] == ["duplicate", "duplicate"]
    row = hainan_session.execute(
        text("SELECT happened_at, captured_at, clock_skew_s FROM markers.case_event WHERE case_id = :id"),
        {"id": report["id"]},
    ).one()
    assert row.captured_at == found
    assert row.clock_skew_s == pytest.approx(-6 * 3600, abs=10)
    assert (row.happened_at - found).total_seconds() == pytest.approx(-6 * 3600, abs=10)
    skew = hainan_session.execute(
        text("SELECT clock_skew_s FROM markers.marker_edit WHERE id = :id"), {"id": change["id"]}
    ).scalar_one()
    assert skew == pytest.approx(-6 * 3600, abs=10)


@pytest.mark.parametrize(
    "wrong",
    [
        {"type": "inspection", "marker_code": "a\0b"},
        {"type": "inspection", "marker_code": CODE, "note": "a\0b"},
        {"type": "inspection", "marker_code": CODE, "note": "\ud800"},
        {"type": "case_event", "case_id": "no uuid", "event": "case.verify"},
        {"type": "joint_record", "joint_id": "no uuid"},
    ],
)
def test_what_no_database_takes_is_refused_alone(wrong: dict, green: str, surveyor: As) -> None:
    record = {**visit(), **wrong} if wrong["type"] == "inspection" else {"id": str(uuid4()), **wrong}
    answer = surveyor().post(
        "/api/field/push",
        content=json.dumps({"device_id": "phone", "records": [record, inspection()]}),
        headers={"Content-Type": "application/json"},
    )
    assert [each["status"] for each in answer.json()["results"]] == ["rejected", "accepted"]


def test_my_tasks_are_what_is_due_or_has_a_case_where_i_work(green: str, surveyor: As) -> None:
    client = surveyor()
    mine = client.get("/api/field/pull", params={"area": "mine"}).json()
    assert CODE not in mine["codes"]
    assert mine["total"] == len(mine["codes"]) > 0
    for each in mine["markers"]:
        assert any(unit.startswith("4601") for unit in each["state"]["unit_codes"])
    push(client, opening())
    assert CODE in client.get("/api/field/pull", params={"area": "mine"}).json()["codes"]
    size = client.get("/api/field/size", params={"area": LINE}).json()
    assert (size["markers"], len(size["extent"])) == (12, 4)


def test_a_pack_brings_the_rules_and_names_that_a_form_needs(green: str, surveyor: As) -> None:
    pack = surveyor().get("/api/field/pull", params={"area": LINE}).json()
    assert pack["policy"] == {"capture_accuracy_m": 10.0, "report_hours": 12, "tolerance_m": 1.0}
    assert pack["units"] == {"460107": "琼山区", "469021": "定安县"}


def test_an_outbox_that_was_carried_by_hand_stands_once(
    settings: Settings, new_database: Callable[[str], str], tmp_path: Path
) -> None:
    database = Database(new_database("geo_outbox"), settings)
    with operator(database) as session:
        row = put_officer(session, "chen", Role.SURVEYOR, jurisdictions=("*",))
        boundary = officer_of(put_officer(session, "lin", Role.BOUNDARY, jurisdictions=("*",)))
        marker_forms.register_marker(session, boundary, NewMarker(**form()), today=date(2026, 1, 1))
    name, whole = picture(90)
    record = inspection(photos=[name])
    listed = {
        "format": "geo-field-outbox",
        "device_id": "phone 7",
        "records": [
            {"body": record, **{key: record[key] for key in ("id", "type", "marker_code")}},
            {"id": str(uuid4()), "type": "joint_signature", "body": {"joint_id": str(uuid4())}},
            {"id": "x", "type": "poem", "marker_code": CODE},
        ],
    }
    path = tmp_path / "outbox.zip"
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("records.json", json.dumps(listed))
        archive.writestr(f"photos/{name}", whole)
        archive.writestr("../evil", b"")
    told = [list(take_outbox(database, settings, officer_of(row), path, language="en")) for _ in range(2)]
    assert [[each["status"] for each in once] for once in told] == [
        ["accepted", "rejected", "accepted", "rejected"],
        ["duplicate", "rejected", "duplicate", "rejected"],
    ]
    kinds = [each["id"] if each["kind"] == "photo" else each["code"] for each in told[0]]
    assert kinds == [None, "field.record_unknown", name, "input.invalid"]  # what cites a photo comes after it
    with operator(database) as session:
        (person,) = session.execute(text("SELECT person FROM markers.inspection")).scalars()
    assert person == "chen"
    path.write_bytes(path.read_bytes()[:200])
    with pytest.raises(OutboxUnreadable):
        list(take_outbox(database, settings, officer_of(row), path, language="en"))
    database.dispose()
