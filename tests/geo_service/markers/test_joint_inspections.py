"""The joint inspection under way: what each side brings, and the stage that follows from it."""

from collections.abc import Callable
from uuid import uuid4

import pytest
from fastapi.testclient import TestClient

from geo_service.auth.officer import Role
from tests.geo_service.markers.conftest import LINE, SIDES

pytestmark = pytest.mark.database
As = Callable[[], TestClient]


def under_way(client: TestClient) -> dict:
    listed = client.get("/api/joint-inspections", params={"line": LINE}).json()["joint_inspections"]
    assert len(listed) == 1
    return client.get(f"/api/joint-inspections/{listed[0]['id']}").json()


def test_the_one_under_way_waits_for_the_rest_of_its_tasks(bureau: As) -> None:
    joint = under_way(bureau())
    assert (joint["stage"], joint["next_stage"], joint["disagreements"]) == ("compared", "surveyed", 1)
    assert joint["tasks"] == len(joint["task_list"]) > 15
    assert any(code.startswith("joint.record_missing") for code in joint["missing"])
    walked = sum(task["length_m"] for task in joint["task_list"])
    assert walked == pytest.approx(38_800, rel=0.02)


def test_records_of_both_sides_and_an_opinion_carry_it_on(surveyor: As, bureau: As) -> None:
    client, joint = surveyor(), under_way(bureau())
    client, path = surveyor(), f"/api/joint-inspections/{joint['id']}"
    recorded = {(record["task"], record["side"]) for record in joint["records"]}
    for task in joint["task_list"]:
        for side in set(SIDES) - {side for order, side in recorded if order == task["order"]}:
            answers = dict.fromkeys(task["checklist"], "agrees")
            body = {
                "id": str(uuid4()),
                "task": task["order"],
                "side": side,
                "person": "代表",
                "answers": answers,
            }
            answer = client.post(f"{path}/records", json=body | {"condition": "intact"})
            assert answer.status_code == 201, answer.text
    whole = under_way(client)
    assert (whole["stage"], whole["next_stage"]) == ("surveyed", "settled")
    opinion = {"id": str(uuid4()), "task": 2, "text": "当场除草", "agreed_by": SIDES, "condition": "intact"}
    settled = client.post(f"{path}/opinions", json=opinion)
    assert (settled.status_code, settled.json()["stage"]) == (201, "settled")
    assert client.post(f"{path}/opinions", json=opinion).status_code == 200
    other = client.post(f"{path}/opinions", json=opinion | {"text": "否"})
    assert (other.status_code, other.json()["code"]) == (409, "record.conflict")


def test_a_stranger_signs_nothing(bureau: As, sign_in: Callable[..., TestClient]) -> None:
    client = bureau()
    joint = under_way(client)
    body = {
        "id": str(uuid4()),
        "side": "469005",
        "person": "x",
        "document": "d",
        "signed_at": "2026-01-01T00:00:00Z",
    }
    answer = client.post(f"/api/joint-inspections/{joint['id']}/signatures", json=body)
    assert (answer.status_code, answer.json()["code"]) == (422, "input.invalid")
    outside = sign_in("fu", Role.BOUNDARY, jurisdictions=("469005",))
    answer = outside.post(f"/api/joint-inspections/{joint['id']}/signatures", json=body | {"side": SIDES[0]})
    assert (answer.status_code, answer.json()["code"]) == (404, "joint.not_found")
    missing = client.get(f"/api/joint-inspections/{uuid4()}")
    assert (missing.status_code, missing.json()["code"]) == (404, "joint.not_found")
