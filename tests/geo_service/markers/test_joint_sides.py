"""Nobody closes a joint inspection alone: each side signs for itself, and what all signed stays as it is."""

from collections.abc import Callable
from datetime import UTC, datetime
from uuid import uuid4

import pytest
from fastapi.testclient import TestClient
from sqlalchemy import text
from sqlalchemy.orm import Session

from geo_service.auth.acting import act_as
from geo_service.auth.officer import OPERATOR, Role
from tests.geo_service.markers.conftest import form
from tests.geo_service.markers.test_joint_plans import LINE, PATH, SIDES, begun, changed, of, record_all, sign
from tests.geo_service.markers.test_photos import picture

pytestmark = pytest.mark.database
SignIn = Callable[..., TestClient]
MINE, OTHER = SIDES
THIRD = "469005"


def signing(
    client: TestClient, joint: dict, side: str, document: str, **asked: str
) -> tuple[int, str | None]:
    body = {"id": str(uuid4()), "side": side, "person": f"代表{side}", "document": document}
    body |= {"signed_at": datetime.now(UTC).isoformat()} | asked
    answer = client.post(f"{PATH}/{joint['id']}/signatures", json=body)
    return answer.status_code, answer.json().get("code")


REFUSED = (409, "joint.signature_not_own")


def test_an_officer_signs_for_the_own_side_alone(sign_in: SignIn, paper: str, client: TestClient) -> None:
    client = of(client, MINE, sign_in)
    joint = begun(client)
    assert signing(client, joint, OTHER, paper) == REFUSED
    assert signing(client, joint, MINE, paper)[0] == 201
    assert signing(client, joint, OTHER, paper, sheet="0" * 64) == REFUSED
    assert signing(client, joint, OTHER, paper, sheet=paper, person=f"代表{MINE}") == REFUSED
    assert signing(client, joint, OTHER, paper, sheet=paper)[0] == 201


def test_who_reaches_both_sides_signs_for_one(sign_in: SignIn, paper: str, client: TestClient) -> None:
    client = sign_in("city", Role.BOUNDARY)
    joint = begun(client)
    assert signing(client, joint, MINE, paper)[0] == 201
    assert signing(client, joint, OTHER, paper) == REFUSED
    assert signing(client, joint, OTHER, "another paper")[0] == 201


def test_sides_on_one_device_are_each_judged_by_themselves(
    sign_in: SignIn, paper: str, client: TestClient
) -> None:
    client = of(client, MINE, sign_in)
    joint = begun(client)
    signed = {"type": "joint_signature", "joint_id": joint["id"], "document": paper}
    signed |= {"signed_at": datetime.now(UTC).isoformat(), "method": "屏上手写"}
    opinion = {
        "type": "joint_opinion",
        "joint_id": joint["id"],
        "task": 1,
        "text": "重立",
        "agreed_by": SIDES,
    }
    brought = [
        signed | {"id": str(uuid4()), "side": MINE, "person": "甲"},
        signed | {"id": str(uuid4()), "side": OTHER, "person": "乙"},
        signed | {"id": str(uuid4()), "side": OTHER, "person": "甲", "sheet": paper},
        signed | {"id": str(uuid4()), "side": OTHER, "person": "乙", "sheet": paper},
        opinion | {"id": str(uuid4())},
        opinion | {"id": str(uuid4()), "agreed_by": [MINE]},
    ]
    push = {"device_id": "平板", "records": brought}
    told = [client.post("/api/field/push", json=push).json()["results"] for _ in range(2)]
    refused = ("rejected", "joint.signature_not_own")
    assert [(each["status"], each["code"]) for each in told[0]] == [
        ("accepted", None), refused, refused, ("accepted", None), ("accepted", None), ("rejected", "input.invalid"),
    ]  # fmt: skip
    assert [each["status"] for each in told[1]].count("duplicate") == 3
    whole = client.get(f"{PATH}/{joint['id']}").json()
    assert {(each["side"], each["person"]) for each in whole["signatures"]} == {(MINE, "甲"), (OTHER, "乙")}
    assert [each["text"] for each in whole["opinions"]] == ["重立"]


def test_a_corrected_opinion_names_the_refused_one_on_the_inspection(
    sign_in: SignIn, client: TestClient, hainan_session: Session
) -> None:
    client = of(client, MINE, sign_in)
    joint = begun(client)
    opinion = {"id": str(uuid4()), "type": "joint_opinion", "joint_id": joint["id"], "task": 1}
    opinion |= {"text": "重立", "agreed_by": SIDES, "corrects": str(uuid4())}
    (told,) = client.post("/api/field/push", json={"device_id": "平板", "records": [opinion]}).json()[
        "results"
    ]
    assert told["status"] == "accepted"
    act_as(hainan_session, OPERATOR)
    statement = "SELECT subject_kind, subject_id, detail FROM service.audit_entry WHERE act = 'field.correct'"
    (entry,) = hainan_session.execute(text(statement)).all()
    assert tuple(entry[:2]) == ("joint_inspection", joint["id"])
    assert (entry.detail["record"], entry.detail["refused"]) == (opinion["id"], opinion["corrects"])


def test_what_was_signed_on_one_screen_is_read_by_every_side_alone(
    sign_in: SignIn, client: TestClient
) -> None:
    client = of(client, MINE, sign_in)
    joint = begun(client)
    sheet, drawn = picture(60), picture(61)
    for name, content in (sheet, drawn):
        assert client.put(f"/api/photos/{name}", content=content).status_code == 201
    client = of(client, OTHER, sign_in)
    assert client.get(f"/api/photos/{sheet[0]}").status_code == 404
    client = of(client, MINE, sign_in)
    signed = {"id": str(uuid4()), "type": "joint_signature", "joint_id": joint["id"], "document": sheet[0]}
    signed |= {"side": OTHER, "person": "乙", "sheet": drawn[0], "signed_at": datetime.now(UTC).isoformat()}
    (told,) = client.post("/api/field/push", json={"device_id": "平板", "records": [signed]}).json()[
        "results"
    ]
    assert told["status"] == "accepted"
    client = of(client, OTHER, sign_in)
    assert client.get(f"/api/photos/{sheet[0]}").content == sheet[1]
    assert client.get(f"/api/photos/{drawn[0]}").content == drawn[1]
    whole = client.get(f"{PATH}/{joint['id']}").json()
    assert whole["field_papers"] == [sheet[0]]
    assert [(each["person"], each["sheet"]) for each in whole["signatures"]] == [("乙", drawn[0])]
    client = sign_in("wen", Role.SURVEYOR, jurisdictions=(THIRD,))
    assert client.get(f"/api/photos/{sheet[0]}").status_code == 404


def test_a_pack_brings_the_walk_and_what_the_sides_have_on_record(
    sign_in: SignIn, client: TestClient
) -> None:
    client = of(client, MINE, sign_in)
    joint = begun(client)
    for sees in ("damaged", "intact"):
        seen = {"id": str(uuid4()), "task": 2, "side": MINE, "person": "甲", "condition": sees, "answers": {}}
        assert client.post(f"{PATH}/{joint['id']}/records", json=seen).status_code == 201
    client = sign_in("ding", Role.SURVEYOR, jurisdictions=(OTHER,))
    (walk,) = client.get("/api/field/pull", params={"area": LINE}).json()["joint_inspections"]
    assert (walk["id"], walk["own_sides"], walk["lead"]) == (joint["id"], [OTHER], joint["lead"])
    assert [each["checklist"] for each in walk["task_list"]] == [
        each["checklist"] for each in joint["task_list"]
    ]
    assert [(each["task"], each["side"], each["condition"]) for each in walk["records"]] == [
        (2, MINE, "intact")
    ]


def test_what_all_have_signed_is_not_changed(sign_in: SignIn, paper: str, client: TestClient) -> None:
    client = of(client, MINE, sign_in)
    joint = begun(client)
    assert changed(client, joint, plan_document=paper, indoor_minutes="纪要").status_code == 200
    for side in SIDES:
        client = of(client, side, sign_in)
        sign(client, joint, side, paper)
        record_all(client, joint, side)
    for task in joint["task_list"][:3]:
        opinion = {"id": str(uuid4()), "task": task["order"], "text": "重立", "agreed_by": SIDES}
        assert client.post(f"{PATH}/{joint['id']}/opinions", json=opinion).status_code == 201
    assert changed(client, joint, report_document="报告").status_code == 200
    for side in SIDES:
        client = of(client, side, sign_in)
        sign(client, joint, side, "报告")
    late = {
        "id": str(uuid4()),
        "task": 1,
        "side": OTHER,
        "person": "x",
        "answers": {},
        "condition": "damaged",
    }
    for answer in (
        client.post(f"{PATH}/{joint['id']}/records", json=late),
        changed(client, joint, report_document="另一份"),
    ):
        assert (answer.status_code, answer.json()["code"]) == (409, "joint.records_closed")
    assert client.get(f"{PATH}/{joint['id']}").json()["stage"] == "report_signed"


def test_the_third_side_of_a_tripoint_takes_part(sign_in: SignIn, client: TestClient) -> None:
    client = sign_in("city", Role.BOUNDARY)
    here = form(
        line_code=LINE,
        unit_codes=[*SIDES, THIRD],
        code="01070108901Q",
        number="01070108901Q",
        managing_unit=MINE,
        legal_position={"lon": 110.6, "lat": 19.9, "accuracy_m": 0.5},
    )
    assert client.post("/api/markers", json=here).status_code == 201
    joint = begun(client)
    assert joint["sides"] == [*SIDES, THIRD]
    task = next(each for each in joint["task_list"] if each["kind"] == "tripoint")
    client = sign_in("wen", Role.SURVEYOR, jurisdictions=(THIRD,))
    seen = {"id": str(uuid4()), "task": task["order"], "side": THIRD, "person": "x", "condition": "intact"}
    seen["answers"] = dict.fromkeys(task["checklist"], "agrees")
    assert client.post(f"{PATH}/{joint['id']}/records", json=seen).status_code == 201
