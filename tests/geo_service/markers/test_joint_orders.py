"""What a joint inspection leaves to be done: plan and filing by their terms, work orders until their side has done them."""

from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from typing import Any
from uuid import uuid4

import pytest
from fastapi.testclient import TestClient

from geo_service.auth.officer import Role
from tests.geo_service.markers.test_joint_plans import (
    LINE,
    PATH,
    SIDES,
    YEAR,
    begun,
    changed,
    of,
    record_all,
    sign,
)
from tests.geo_service.markers.test_photos import picture

pytestmark = pytest.mark.database
SignIn = Callable[..., TestClient]
MINE, OTHER = SIDES
DEADLINE = date(YEAR + 1, 3, 31).isoformat()


def due(client: TestClient, kind: str, **asked: Any) -> list[dict[str, Any]]:
    answer = client.get("/api/due", params={"line": LINE, "kind": kind, "days_ahead": 730, **asked})
    assert answer.status_code == 200, answer.text
    return list(answer.json()["entries"])


def agree(client: TestClient, joint: dict, task: int, **order: str) -> None:
    body = {"id": str(uuid4()), "task": task, "text": "已议", "agreed_by": SIDES, **order}
    answer = client.post(f"{PATH}/{joint['id']}/opinions", json=body)
    assert answer.status_code == 201, answer.text


def ordered(client: TestClient, joint: dict, task: int, deadline: str = DEADLINE) -> None:
    agree(client, joint, task, measure="重新描红", responsible=MINE, deadline=deadline)


def finish(client: TestClient, joint: dict, **asked: Any) -> tuple[int, dict[str, Any]]:
    body = {"id": str(uuid4()), "task": 2, "side": MINE, "person": "林", "done_on": f"{YEAR}-01-15"} | asked
    answer = client.post(f"{PATH}/{joint['id']}/completions", json=body)
    return answer.status_code, answer.json()


def test_the_plan_is_due_until_all_have_signed_and_the_filing_until_it_is_filed(
    sign_in: SignIn, paper: str, client: TestClient
) -> None:
    client = of(client, MINE, sign_in)
    joint = begun(client)
    [plan], [filing] = due(client, "joint_plan"), due(client, "filing")
    assert (plan["due_on"], plan["unit"], plan["joint_id"]) == (f"{YEAR}-05-15", MINE, joint["id"])
    assert (filing["due_on"], filing["subject"], filing["line_code"]) == (f"{YEAR}-12-01", LINE, LINE)
    assert due(client, "filing", unit="469005") == []
    assert len(due(client, "filing", unit=OTHER)) == 1
    assert due(sign_in("sanya", Role.BOUNDARY, jurisdictions=("460200",)), "filing") == []
    client = of(client, MINE, sign_in)
    changed(client, joint, plan_document=paper, indoor_minutes="纪要 1")
    sign(client, joint, MINE, paper)
    assert len(due(client, "joint_plan")) == 1
    client = of(client, OTHER, sign_in)
    sign(client, joint, OTHER, paper)
    assert due(client, "joint_plan") == []
    assert len(due(client, "filing")) == 1


def test_a_work_order_is_due_until_its_own_side_has_done_it(
    sign_in: SignIn, paper: str, client: TestClient
) -> None:
    client = of(client, MINE, sign_in)
    joint = begun(client)
    assert finish(client, joint, papers=[paper])[1]["code"] == "joint.order_not_found"
    ordered(client, joint, 2)
    [entry] = due(client, "work_order")
    assert (entry["due_on"], entry["unit"], entry["joint_id"]) == (DEADLINE, MINE, joint["id"])
    assert entry["subject"] == "/".join(joint["task_list"][1]["subjects"])
    near = (date.fromisoformat(DEADLINE) - date.fromisoformat(client.get("/api/due").json()["on"])).days
    assert due(client, "work_order", days_ahead=near - 1) == []
    assert finish(client, joint, papers=["0" * 64])[1]["code"] == "joint.paper_not_on_file"
    assert finish(client, joint, papers=[])[0] == 422
    assert finish(client, joint, papers=[paper], side=OTHER)[1]["code"] == "joint.order_not_found"
    later = (datetime.now(UTC) + timedelta(days=3)).date().isoformat()
    assert finish(client, joint, papers=[paper], done_on=later)[1]["code"] == "input.invalid"
    client = of(client, OTHER, sign_in)
    assert finish(client, joint, papers=[paper])[1]["code"] == "auth.forbidden"
    assert len(due(client, "work_order")) == 1
    client = of(client, MINE, sign_in)
    status, whole = finish(client, joint, papers=[paper], note="已描红")
    assert (status, whole["work_orders"][0]["done_on"]) == (201, f"{YEAR}-01-15")
    assert due(client, "work_order") == []


def test_the_last_opinion_counts_and_asks_for_its_work_anew(
    sign_in: SignIn, paper: str, client: TestClient
) -> None:
    client = of(client, MINE, sign_in)
    joint = begun(client)
    ordered(client, joint, 2)
    finish(client, joint, papers=[paper])
    ordered(client, joint, 2, deadline=f"{YEAR + 1}-06-30")
    assert [each["due_on"] for each in due(client, "work_order")] == [f"{YEAR + 1}-06-30"]
    [order] = client.get(f"{PATH}/{joint['id']}").json()["work_orders"]
    assert (order["deadline"], order["done_on"]) == (f"{YEAR + 1}-06-30", None)
    agree(client, joint, 2)
    assert due(client, "work_order") == []


def test_work_is_done_after_the_report_is_signed_too(sign_in: SignIn, paper: str, client: TestClient) -> None:
    client = of(client, MINE, sign_in)
    joint = begun(client)
    changed(client, joint, plan_document=paper, indoor_minutes="纪要 1")
    for side in SIDES:
        client = of(client, side, sign_in)
        sign(client, joint, side, paper)
        record_all(client, joint, side)
    for task in joint["task_list"]:
        ordered(client, joint, task["order"])
    report = picture(77)
    assert client.put(f"/api/photos/{report[0]}", content=report[1]).status_code == 201
    assert changed(client, joint, report_document=report[0]).status_code == 200
    for side in SIDES:
        client = of(client, side, sign_in)
        whole = sign(client, joint, side, report[0])
    assert whole["stage"] == "report_signed"
    client = of(client, MINE, sign_in)
    before = len(due(client, "work_order"))
    assert finish(client, joint, papers=[paper])[0] == 201
    assert len(due(client, "work_order")) == before - 1
    assert (
        changed(client, joint, "/filing", filing_number="备 1", filed_on=f"{YEAR}-06-01").status_code == 200
    )
    assert due(client, "filing") == []
