"""Two offline changes of one field: both stand until a reviewer takes one, or writes a third, with a reason."""

from collections.abc import Callable
from uuid import uuid4

import pytest
from fastapi.testclient import TestClient
from sqlalchemy import text
from sqlalchemy.exc import ProgrammingError
from sqlalchemy.orm import Session

from geo_service.auth.acting import act_as
from geo_service.auth.officer import OPERATOR, Role
from tests.geo_service.markers.conftest import CODE, LINE, SignIn
from tests.geo_service.markers.test_field import edit, push

pytestmark = pytest.mark.database
As = Callable[[], TestClient]
FIRST, SECOND, THIRD = "位于堤上", "位于桥头", "位于堤桥相接处"


@pytest.fixture
def waiting(marker: str, surveyor: As) -> dict:
    """The second of two changes of the same field, as the list tells it."""
    first, second = edit(1, feature_relation=FIRST), edit(1, feature_relation=SECOND, guardian="王")
    results = push(surveyor(), first, second)
    assert [each["code"] for each in results] == [None, "marker.edit_conflict"]
    (told,) = surveyor().get("/api/edits", params={"marker": CODE, "decided": "false"}).json()["edits"]
    assert told["id"] == second["id"]
    return told


def decision(waiting: dict, take: str, **changed: object) -> dict:
    return {
        "id": str(uuid4()),
        "version": waiting["version"],
        "choices": {"feature_relation": take},
        "reason": "现场照片可证",
    } | changed


def decide(client: TestClient, waiting: dict, asked: dict) -> tuple[int, dict]:
    answer = client.post(f"/api/edits/{waiting['id']}/decision", json=asked)
    return answer.status_code, answer.json()


def form(client: TestClient) -> dict:
    return client.get(f"/api/markers/{CODE}").json()["properties"]


def test_both_values_are_listed_with_who_when_and_device(waiting: dict, surveyor: As) -> None:
    assert waiting["changes"] == {"feature_relation": SECOND}
    assert (waiting["recorded_by"], waiting["device"]) == ("chen", "phone 7")
    assert waiting["captured_at"]
    standing = waiting["standing"]["feature_relation"]
    assert (standing["value"], standing["recorded_by"], standing["device"]) == (FIRST, "chen", "phone 7")
    assert waiting["decision"] is None
    told = form(surveyor())
    assert (told["feature_relation"], told["guardian"]) == (FIRST, "王")


@pytest.mark.parametrize(("take", "stands"), [("standing", FIRST), ("brought", SECOND), ("other", THIRD)])
def test_one_is_taken_or_a_third_written(
    waiting: dict, bureau: As, take: str, stands: str, hainan_session: Session
) -> None:
    client = bureau()
    asked = decision(waiting, take, other={"feature_relation": THIRD} if take == "other" else {})
    status, told = decide(client, waiting, asked)
    assert (status, told["decision"]["recorded_by"]) == (201, "lin")
    assert told["decision"]["choices"]["feature_relation"] == {
        "take": take,
        "standing": FIRST,
        "brought": SECOND,
        "value": stands,
    }
    assert form(client)["feature_relation"] == stands
    assert form(client)["version"] == waiting["version"] + (take != "standing")
    assert decide(client, waiting, asked)[0] == 200
    assert client.get("/api/edits", params={"marker": CODE, "decided": "false"}).json()["edits"] == []
    act_as(hainan_session, OPERATOR)
    acts = hainan_session.execute(
        text("SELECT officer, detail FROM service.audit_entry WHERE act = 'marker.edit_decide'")
    ).all()
    assert [(row.officer, row.detail["edit"]) for row in acts] == [("lin", waiting["id"])]


def test_a_decision_is_not_taken_back_nor_changed(waiting: dict, bureau: As, hainan_session: Session) -> None:
    client = bureau()
    assert decide(client, waiting, decision(waiting, "brought"))[0] == 201
    status, problem = decide(client, waiting, decision(waiting, "standing"))
    assert (status, problem["code"]) == (409, "marker.edit_decided")
    with pytest.raises(ProgrammingError, match=r"never changed|permission denied"):
        hainan_session.execute(text("UPDATE markers.marker_edit_decision SET reason = ''"))


def test_nobody_decides_on_his_own_change(marker: str, sign_in: SignIn) -> None:
    client = sign_in("wu", Role.SURVEYOR, Role.BOUNDARY)
    push(client, edit(1, feature_relation=FIRST), edit(1, feature_relation=SECOND))
    (own,) = client.get("/api/edits", params={"marker": marker}).json()["edits"]
    status, problem = decide(client, own, decision(own, "brought"))
    assert (status, problem["code"]) == (409, "marker.own_edit_refused")


def test_a_form_that_has_moved_on_is_read_again_first(waiting: dict, bureau: As) -> None:
    client = bureau()
    path, etag = f"/api/markers/{CODE}", client.get(f"/api/markers/{CODE}").headers["ETag"]
    assert (
        client.patch(path, json={"feature_relation": "另写"}, headers={"If-Match": etag}).status_code == 200
    )
    status, problem = decide(client, waiting, decision(waiting, "brought"))
    assert (status, problem["code"]) == (409, "marker.edit_moved")
    (again,) = client.get("/api/edits", params={"marker": CODE, "decided": "false"}).json()["edits"]
    assert again["standing"]["feature_relation"]["value"] == "另写"
    assert decide(client, again, decision(again, "brought"))[0] == 201


@pytest.mark.parametrize(
    "wrong",
    [
        {"choices": {"guardian": "brought"}},
        {"choices": {"feature_relation": "other"}},
        {"choices": {"feature_relation": "brought"}, "other": {"guardian": "李"}},
        {"reason": ""},
        {"version": 99},
    ],
)
def test_every_field_has_one_choice_and_a_reason(waiting: dict, bureau: As, wrong: dict) -> None:
    status, _ = decide(bureau(), waiting, decision(waiting, "brought", **wrong))
    assert status == 422


def test_the_device_hears_what_became_of_it(waiting: dict, surveyor: As, bureau: As) -> None:
    (mine,) = surveyor().get("/api/field/pull", params={"area": LINE}).json()["my_edits"]
    assert (mine["id"], mine["decision"]) == (waiting["id"], None)
    assert decide(bureau(), waiting, decision(waiting, "standing"))[0] == 201
    (mine,) = surveyor().get("/api/field/pull", params={"area": LINE}).json()["my_edits"]
    assert mine["decision"]["choices"]["feature_relation"]["take"] == "standing"


def test_the_same_value_twice_is_no_conflict(marker: str, surveyor: As) -> None:
    results = push(surveyor(), edit(1, guardian="王"), edit(1, guardian="王"))
    assert [each["code"] for each in results] == [None, None]
