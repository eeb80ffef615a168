"""Both clocks of what a side records outdoors: the device's, by how much it was wrong, and the office's; the last happening counts."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from uuid import uuid4

import pytest
from fastapi.testclient import TestClient

from tests.geo_service.markers.test_joint_plans import PATH, SIDES, begun, of

pytestmark = pytest.mark.database
SignIn = Callable[..., TestClient]
HOUR = timedelta(hours=1)


def seen(joint: dict, condition: str, **more: object) -> dict:
    post = next(task for task in joint["task_list"] if task["kind"] in {"marker", "tripoint"})
    return {
        "id": str(uuid4()), "task": post["order"], "side": SIDES[0], "person": "林", "condition": condition,
        "answers": dict.fromkeys(post["checklist"], "agrees"),
    } | more  # fmt: skip


def push(client: TestClient, *records: dict, sent_at: datetime) -> list[str]:
    body = {"device_id": "phone 7", "sent_at": sent_at.isoformat(), "records": list(records)}
    answer = client.post("/api/field/push", json=body)
    assert answer.status_code == 200, answer.text
    return [each["status"] for each in answer.json()["results"]]


def told(client: TestClient, joint: dict) -> dict:
    return client.get(f"{PATH}/{joint['id']}").json()


def test_a_record_of_the_walk_keeps_both_times_and_the_error_of_the_clock(
    sign_in: SignIn, client: TestClient
) -> None:
    client = of(client, SIDES[0], sign_in)
    joint = begun(client)
    slow = datetime.now(UTC) - 6 * HOUR  # what a device reads whose clock is six hours slow
    wrote = slow - HOUR / 2
    record = seen(joint, "damaged", captured_at=wrote.isoformat())
    opinion = {
        "id": str(uuid4()), "task": record["task"], "text": "扶正", "agreed_by": SIDES, "captured_at": wrote.isoformat()
    }  # fmt: skip
    signature = {
        "id": str(uuid4()), "side": SIDES[0], "person": "林", "document": "记录 1", "signed_at": wrote.isoformat()
    }  # fmt: skip
    sent = [
        {"type": f"joint_{kind}", "joint_id": joint["id"], **each}
        for kind, each in (("record", record), ("opinion", opinion), ("signature", signature))
    ]
    assert push(client, *sent, sent_at=slow) == ["accepted"] * 3
    later = datetime.now(UTC) - 5 * HOUR
    assert push(client, *sent, sent_at=later) == ["duplicate"] * 3
    whole = told(client, joint)
    for name in ("records", "opinions", "signatures"):
        (kept,) = whole[name]
        assert datetime.fromisoformat(kept["captured_at"]) == wrote, name
        assert kept["clock_skew_s"] == pytest.approx(6 * 3600, abs=20)
        happened, received = (datetime.fromisoformat(kept[each]) for each in ("happened_at", "recorded_at"))
        assert (received - happened).total_seconds() == pytest.approx(1800, abs=20)
        assert kept["device"] == "phone 7"


def test_what_happened_last_counts_however_late_the_rest_comes_in(
    sign_in: SignIn, client: TestClient
) -> None:
    client = of(client, SIDES[0], sign_in)
    joint = begun(client)
    now = datetime.now(UTC)
    noon = seen(joint, "intact", captured_at=(now - HOUR).isoformat())
    morning = seen(joint, "damaged", captured_at=(now - 5 * HOUR).isoformat())
    for record in (noon, morning):
        pushed = {"type": "joint_record", "joint_id": joint["id"], **record}
        assert push(client, pushed, sent_at=datetime.now(UTC)) == ["accepted"]
    records = told(client, joint)["records"]
    assert [each["condition"] for each in records] == ["damaged", "intact"]
    assert records[0]["recorded_at"] > records[1]["recorded_at"]


def test_what_the_office_writes_itself_has_its_own_time_alone(sign_in: SignIn, client: TestClient) -> None:
    client = of(client, SIDES[0], sign_in)
    joint = begun(client)
    record = seen(joint, "intact")
    assert client.post(f"{PATH}/{joint['id']}/records", json=record).status_code == 201
    assert client.post(f"{PATH}/{joint['id']}/records", json=record).status_code == 200
    (kept,) = told(client, joint)["records"]
    assert (kept["captured_at"], kept["device"], kept["clock_skew_s"]) == (None, None, 0)
    assert kept["happened_at"] == kept["recorded_at"]
    ahead = seen(joint, "intact", captured_at=(datetime.now(UTC) + HOUR).isoformat())
    assert client.post(f"{PATH}/{joint['id']}/records", json=ahead).status_code == 201
    kept = told(client, joint)["records"][-1]
    assert kept["happened_at"] == kept["recorded_at"] < kept["captured_at"]
