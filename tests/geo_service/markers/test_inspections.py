"""Inspections over HTTP: recorded once, judged by their accuracy, counted when somebody else accepts them."""

import math
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import uuid4

import pytest
from fastapi.testclient import TestClient
from sqlalchemy import text
from sqlalchemy.exc import ProgrammingError
from sqlalchemy.orm import Session

from geo_service.auth.officer import Role
from layers.markers.reference_check import convergence_deg
from tests.geo_service.markers.conftest import CODE, LAT, LON, form, visit

pytestmark = pytest.mark.database
As = Callable[[], TestClient]
METRE = 1 / 111_000  # degrees of latitude, nearly


def north(metres: float, **quality: object) -> dict[str, object]:
    return {"lon": LON, "lat": LAT + metres * METRE, **quality}


def colour_of(client: TestClient, **asked: str) -> str:
    answer = client.get(f"/api/markers/{CODE}", params=asked)
    assert answer.status_code == 200, answer.text
    return answer.json()["properties"]["colour"]["code"]


def record(client: TestClient, **changed: object) -> dict:
    answer = client.post(f"/api/markers/{CODE}/inspections", json=visit(**changed))
    assert answer.status_code == 201, answer.text
    return answer.json()


def accept(client: TestClient, inspection: dict, **more: object) -> dict:
    body = {"id": str(uuid4()), "accepted": True, **more}
    answer = client.post(f"/api/inspections/{inspection['id']}/reviews", json=body)
    assert answer.status_code == 201, answer.text
    return answer.json()


def test_a_marker_never_inspected_is_yellow_in_a_and_black_in_b(marker: str, surveyor: As) -> None:
    client = surveyor()
    assert colour_of(client) == "yellow"
    assert colour_of(client, profile="inspection_progress") == "black"


def test_a_patrol_counts_once_it_is_accepted(green: str, surveyor: As, bureau: As) -> None:
    recorded = record(surveyor(), condition="damaged", components={"body": "damaged"})
    assert recorded["facts"]["review_pending"] is True
    assert recorded["colour"]["code"] == "green"
    accepted = accept(bureau(), recorded)
    assert (accepted["colour"]["code"], accepted["colour"]["rule"]) == ("red", "A3")
    assert accepted["why"]["because"] == [
        {"fact": "condition", "value": "damaged", "evidence": [recorded["id"]]}
    ]


def test_a_submitted_patrol_is_blue_in_the_second_profile(green: str, surveyor: As) -> None:
    client = surveyor()
    record(client)
    assert (colour_of(client), colour_of(client, profile="inspection_progress")) == ("green", "blue")


@pytest.mark.parametrize(
    ("offset_m", "quality", "outcome"),
    [
        (12, {"accuracy_m": 5, "fix_type": 1}, ("agrees", "intact")),
        (20, {"accuracy_m": 5, "fix_type": 1}, ("re_measure", "intact")),
        (500, {"accuracy_m": 0.01, "source": "phone"}, ("re_measure", "intact")),
        (20, {"accuracy_m": 5, "fix_type": "phone"}, ("re_measure", "intact")),
        (1.4, {"accuracy_m": 0.03, "fix_type": 4}, ("agrees", "intact")),
        (1.7, {"accuracy_m": 0.03, "fix_type": "rtk_fixed"}, ("none", "displaced")),
    ],
)
def test_only_a_measurement_proves_displacement(
    green: str, surveyor: As, bureau: As, *, offset_m: float, quality: dict, outcome: tuple[str, str]
) -> None:
    recorded = record(surveyor(), observed_position=north(offset_m, **quality))
    assert recorded["inspection"]["position_check"] == outcome[0]
    facts = accept(bureau(), recorded)["facts"]
    assert (facts["position_check"], facts["condition"]) == outcome


def test_the_same_visit_sent_twice_is_one(green: str, surveyor: As) -> None:
    client, body = surveyor(), visit()
    first = client.post(f"/api/markers/{CODE}/inspections", json=body)
    again = client.post(f"/api/markers/{CODE}/inspections", json=body)
    assert (first.status_code, again.status_code) == (201, 200)
    assert first.json() == again.json()
    other = client.post(f"/api/markers/{CODE}/inspections", json=body | {"condition": "damaged"})
    assert (other.status_code, other.json()["code"]) == (409, "record.conflict")
    told = client.get(f"/api/markers/{CODE}/history").json()
    assert [each["id"] for each in told["inspections"]] == [body["id"]]


def test_nobody_accepts_his_own_record(green: str, sign_in: Callable[..., TestClient]) -> None:
    client = sign_in("wu", Role.BOUNDARY)
    recorded = record(client)
    answer = client.post(
        f"/api/inspections/{recorded['id']}/reviews", json={"id": str(uuid4()), "accepted": True}
    )
    assert (answer.status_code, answer.json()["code"]) == (409, "marker.own_review_refused")


def test_a_loss_is_black_only_by_a_second_person_with_proof(
    green: str, surveyor: As, bureau: As, paper: str
) -> None:
    recorded = record(surveyor(), condition="missing", observed_position=None)
    assert accept(bureau(), recorded)["colour"]["code"] == "red"
    typed = {"id": str(uuid4()), "accepted": True, "proofs": ["sha256:photo of the empty hole"]}
    refused = bureau().post(f"/api/inspections/{recorded['id']}/reviews", json=typed)
    assert (refused.status_code, refused.json()["code"]) == (409, "marker.proof_not_on_record")
    again = accept(bureau(), recorded, proofs=[paper])
    assert (again["colour"]["code"], again["facts"]["condition_confirmed"]) == ("black", True)


def test_a_clock_that_is_wrong_by_hours_is_put_right_and_both_times_kept(green: str, surveyor: As) -> None:
    ahead = datetime.now(UTC) + timedelta(hours=6)
    captured = ahead - timedelta(minutes=10)
    recorded = record(surveyor(), captured_at=captured.isoformat(), sent_at=ahead.isoformat())["inspection"]
    assert datetime.fromisoformat(recorded["captured_at"]) == captured
    assert recorded["clock_skew_s"] == pytest.approx(-6 * 3600, abs=5)
    happened = datetime.fromisoformat(recorded["happened_at"])
    assert datetime.now(UTC) - happened == pytest.approx(timedelta(minutes=10), abs=timedelta(seconds=5))


def test_another_county_may_not_record_but_either_side_may(
    green: str, sign_in: Callable[..., TestClient]
) -> None:
    wenchang = sign_in("fu", Role.SURVEYOR, jurisdictions=("469005",))
    answer = wenchang.post(f"/api/markers/{CODE}/inspections", json=visit())
    assert (answer.status_code, answer.json()["code"]) == (403, "auth.forbidden")
    dingan = sign_in("mo", Role.SURVEYOR, jurisdictions=("469021",))
    assert dingan.post(f"/api/markers/{CODE}/inspections", json=visit()).status_code == 201


def test_the_public_may_not_record(green: str, client: TestClient) -> None:
    client.cookies.clear()
    answer = client.post(f"/api/markers/{CODE}/inspections", json=visit())
    assert (answer.status_code, answer.json()["code"]) == (401, "auth.sign_in_required")


@pytest.mark.parametrize(
    ("changed", "field"),
    [
        ({"condition": "fine"}, "body.condition"),
        ({"captured_at": "2026-01-01T10:00:00"}, "body.captured_at"),
        ({"observed_position": {"lon": 200, "lat": 0}}, "body.observed_position.lon"),
        ({"components": {"roof": "good"}}, "body.components.roof.[key]"),
        ({"photos": ["xyz"]}, "body.photos.0.sha256"),
        ({"surprise": 1}, "body.surprise"),
    ],
)
def test_what_cannot_be_read_is_named_field_by_field(
    green: str, surveyor: As, changed: dict, field: str
) -> None:
    answer = surveyor().post(f"/api/markers/{CODE}/inspections", json=visit(**changed))
    assert (answer.status_code, answer.json()["code"]) == (422, "input.invalid")
    assert field in {error["field"] for error in answer.json()["errors"]}


def test_an_unknown_marker_is_said_so(surveyor: As) -> None:
    answer = surveyor().post("/api/markers/nowhere/inspections", json=visit())
    assert (answer.status_code, answer.json()["code"]) == (404, "marker.not_found")


def test_evidence_can_be_neither_changed_nor_removed(
    green: str, surveyor: As, hainan_session: Session
) -> None:
    record(surveyor())
    for statement in ("UPDATE markers.inspection SET note = 'x'", "DELETE FROM markers.inspection"):
        with pytest.raises(ProgrammingError, match="permission denied"), hainan_session.begin_nested():
            hainan_session.execute(text(statement))


def test_the_form_of_a_new_marker_comes_back_whole(bureau: As) -> None:
    client = bureau()
    body = form(code="01079021902Q", number="01079021902Q", filed=False)
    assert client.post("/api/markers", json=body).status_code == 201
    assert client.post("/api/markers", json=body).status_code == 200
    told = client.get("/api/markers/01079021902Q").json()
    assert told["geometry"]["coordinates"] == [LON, LAT]
    properties = told["properties"]
    assert properties["colour"]["code"] == "blue"
    assert properties["why"]["because"][0]["fact"] == "filing_pending"
    assert [item["name"] for item in properties["reference_objects"]] == ["水塔", "桥头", "庙门"]
    assert "琼山区三门坡镇" in properties["generated_description"]["zh"]


def sighted(east_m: float = 0.0, north_m: float = 0.0, **changed) -> dict[str, Any]:
    """The three objects of the form as sighted by a total station from so far beside the legal point."""
    objects = []
    for item in form()["reference_objects"]:
        grid = item.get("azimuth_kind", "grid") == "grid"
        azimuth = math.radians(item["azimuth_deg"] + (convergence_deg(LON, LAT) if grid else 0.0))
        east = item["distance_m"] * math.sin(azimuth) - east_m
        north = item["distance_m"] * math.cos(azimuth) - north_m
        told = {"name": item["name"], "distance_m": math.hypot(east, north)}
        objects.append(told | {"azimuth_deg": math.degrees(math.atan2(east, north)) % 360})
    return {"instrument": "total_station", "objects": objects} | changed


def test_reference_objects_prove_what_a_phone_cannot(surveyor: As, marker: str) -> None:
    client = surveyor()
    record = visit(resightings=sighted(3.0, -1.0))
    told = client.post(f"/api/markers/{marker}/inspections", json=record)
    assert told.status_code == 201, told.text
    seen = client.get(f"/api/markers/{marker}/history").json()["inspections"][0]
    assert (seen["judged_condition"], seen["displacement"]["verdict"]) == ("displaced", "displaced")
    assert seen["displacement"]["fix_verdict"] == "agrees"
    reference = seen["displacement"]["reference"]
    assert (reference["east_m"], reference["north_m"]) == (
        pytest.approx(3.0, abs=0.01),
        pytest.approx(-1.0, abs=0.01),
    )
    assert reference["shift_m"] > reference["limit_m"]


def test_objects_that_agree_answer_for_a_bad_phone(surveyor: As, marker: str) -> None:
    client = surveyor()
    phone = {"lon": LON + 0.0003, "lat": LAT, "accuracy_m": 4.0, "fix_type": 1, "source": "phone"}
    alone = visit(observed_position=phone)
    both = visit(observed_position=phone, resightings=sighted())
    for each in (alone, both):
        assert client.post(f"/api/markers/{marker}/inspections", json=each).status_code == 201
    assert client.post(f"/api/markers/{marker}/inspections", json=both).status_code == 200
    known = {each["id"]: each for each in client.get(f"/api/markers/{marker}/history").json()["inspections"]}
    assert known[alone["id"]]["position_check"] == "re_measure"
    assert known[both["id"]]["position_check"] == "agrees"
    strange = visit(resightings=sighted(objects=[{"name": "无此物", "distance_m": 3.0}]))
    refused = client.post(f"/api/markers/{marker}/inspections", json=strange)
    assert (refused.status_code, refused.json()["code"]) == (422, "input.invalid")
