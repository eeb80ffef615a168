"""Lists, one marker, history and tiles over HTTP, on the demonstration; what the public is told and what not."""

import json
from collections import Counter
from collections.abc import Callable

import pytest
from fastapi.testclient import TestClient

from geo_service.db import Database
from geo_service.demonstration.markers import load_markers
from tests.geo_service.markers.conftest import CODE

pytestmark = pytest.mark.database
As = Callable[[], TestClient]
EXACT = {"legal_position", "reference_objects", "position_description", "generated_description", "guardian"}


def features(client: TestClient, **asked: object) -> list[dict]:
    answer = client.get("/api/markers", params={"limit": 1000} | asked)
    assert answer.status_code == 200, answer.text
    return answer.json()["features"]


def test_the_list_has_what_the_contract_promises(bureau: As) -> None:
    listed = features(bureau())
    assert 110 <= len(listed) <= 140
    properties = listed[0]["properties"]
    assert set(properties["colour"]) == {"code", "shape", "rule", "since"}
    assert {"condition", "currency", "case_stage", "last_inspected_at", "next_due_on"} <= set(properties)
    assert properties["synthetic"] is True


def test_every_colour_and_every_stage_is_among_the_demonstration(bureau: As) -> None:
    listed = features(bureau())
    assert set(Counter(each["properties"]["colour"]["code"] for each in listed)) == {
        "black", "red", "blue", "yellow", "green",
    }  # fmt: skip
    assert {each["properties"]["case_stage"] for each in listed} == {
        "none", "reported", "verified", "accepted", "repairing", "awaiting_joint_acceptance",
        "awaiting_approval", "awaiting_filing", "closed",
    }  # fmt: skip


def test_a_shipped_profile_answers_to_the_letter_of_its_rules(bureau: As) -> None:
    for letter, profile in (("A", "condition_first"), ("B", "inspection_progress")):
        assert features(bureau(), profile=letter) == features(bureau(), profile=profile)
        assert {each["properties"]["colour"]["rule"][0] for each in features(bureau(), profile=letter)} == {
            letter
        }


def test_green_means_no_open_case(bureau: As) -> None:
    for profile in ("condition_first", "inspection_progress"):
        stages = {
            each["properties"]["case_stage"] for each in features(bureau(), colour="green", profile=profile)
        }
        assert stages <= {"none", "closed"}


def test_pages_of_markers_follow_one_another(bureau: As) -> None:
    client, path, seen = bureau(), "/api/markers?limit=17&geometry=none", []
    while path:
        body = client.get(path).json()
        seen += [each["properties"]["code"] for each in body["features"]]
        path = next((link["href"] for link in body["links"] if link["rel"] == "next"), None)
    assert seen == sorted({each["properties"]["code"] for each in features(client)})


def test_loading_the_demonstration_twice_is_once(hainan: Database, bureau: As) -> None:
    before = len(features(bureau()))
    said: list[str] = []
    load_markers(hainan, store="unused", tell=said.append)
    assert said == ["demonstration markers: already there"]
    assert len(features(bureau())) == before


@pytest.mark.parametrize(("setting", "digits"), [("hidden", None), ("rounded", 2), ("exact", 8)])
def test_the_public_sees_positions_as_the_office_allows(
    client: TestClient, setting: str, digits: int | None, monkeypatch: pytest.MonkeyPatch
) -> None:
    client.cookies.clear()
    monkeypatch.setattr(client.app.state.settings, "marker_positions", setting)
    listed = features(client)
    assert len(listed) > 100
    for each in listed:
        if digits is None:
            assert each["geometry"] is None
        else:
            assert all(
                round(x, digits) == pytest.approx(x, abs=1e-9) for x in each["geometry"]["coordinates"]
            )
    told = client.get(f"/api/markers/{listed[0]['id']}").json()["properties"]
    assert EXACT & set(told) == (EXACT if setting == "exact" else set())
    tile = client.get("/tiles/markers/9/413/227.mvt")
    assert (tile.content == b"") is (setting == "hidden")


def test_the_public_history_names_no_person(client: TestClient, bureau: As) -> None:
    code = features(bureau(), case_stage="repairing")[0]["id"]
    client.cookies.clear()
    told = client.get(f"/api/markers/{code}/history").json()
    assert set(told) == {"code", "profile", "spans", "inspections"}
    assert "演示巡检员" not in json.dumps(told, ensure_ascii=False)
    assert len(told["spans"]) > 3


def test_the_history_ends_in_the_colour_shown_and_says_why(bureau: As) -> None:
    client = bureau()
    for each in features(client)[::9]:
        told = client.get(f"/api/markers/{each['id']}/history").json()["spans"]
        full = client.get(f"/api/markers/{each['id']}").json()["properties"]
        assert (told[-1]["colour"], told[-1]["rule"]) == (full["colour"]["code"], full["colour"]["rule"])
        assert full["why"]["rule"] == full["colour"]["rule"]
        assert full["why"]["label"]["zh"]


def test_a_form_is_changed_only_on_the_version_that_was_read(marker: str, bureau: As) -> None:
    client, path = bureau(), f"/api/markers/{CODE}"
    etag = client.get(path).headers["etag"]
    change = {"number": "01079021901新", "guardian": "王", "reason": "重刻"}
    missing = client.patch(path, json=change)
    assert (missing.status_code, missing.json()["code"]) == (428, "request.etag_missing")
    done = client.patch(path, json=change, headers={"If-Match": etag})
    assert (done.status_code, done.json()["version"]) == (200, 2)
    stale = client.patch(path, json=change, headers={"If-Match": etag})
    assert (stale.status_code, stale.json()["code"]) == (412, "request.etag_stale")
    told = client.get(path).json()["properties"]
    assert [alias["number"] for alias in told["aliases"]] == [CODE, "01079021901新"]
    assert [each["id"] for each in features(client, q=CODE)] == [CODE]


@pytest.mark.parametrize(
    ("path", "status", "code"),
    [
        ("/api/markers/nowhere", 404, "marker.not_found"),
        ("/api/markers/nowhere/history", 404, "marker.not_found"),
        ("/api/markers?profile=rainbow", 404, "marker.profile_not_found"),
        ("/api/markers?colour=pink", 422, "input.invalid"),
        ("/api/markers?as_of=then", 422, "input.invalid"),
        ("/api/markers?q=%00", 422, "input.invalid"),
        ("/tiles/markers/3/9/1.mvt", 404, "tile.not_found"),
    ],
)
def test_what_cannot_be_answered_is_a_problem(bureau: As, path: str, status: int, code: str) -> None:
    answer = bureau().get(path)
    assert (answer.status_code, answer.json()["code"]) == (status, code)


def test_a_tile_is_sent_once_per_version_and_changes_with_a_record(marker: str, bureau: As) -> None:
    client, path = bureau(), "/tiles/markers/9/413/227.mvt"
    first = client.get(path)
    again = client.get(path, headers={"If-None-Match": first.headers["etag"]})
    assert (again.status_code, again.content) == (304, b"")
    body = {"id": "6b1f9f5e-0000-4000-8000-000000000001", "records": {"description": "断裂"}}
    assert client.post(f"/api/markers/{CODE}/cases", json=body).status_code == 201
    assert client.get(path).headers["etag"] != first.headers["etag"]
    other = client.get(path, params={"profile": "inspection_progress"})
    assert other.headers["etag"] != client.get(path).headers["etag"]


def test_pages_of_a_past_day_follow_one_another(bureau: As) -> None:
    client, day = bureau(), "2026-03-01"
    path, seen = f"/api/markers?limit=40&geometry=none&as_of={day}", []
    matched = set()
    while path:
        body = client.get(path).json()
        matched.add(body["numberMatched"])
        seen += [(each["id"], each["properties"]["colour"]["code"]) for each in body["features"]]
        path = next((link["href"] for link in body["links"] if link["rel"] == "next"), None)
    whole = features(client, as_of=day)
    assert seen == [(each["id"], each["properties"]["colour"]["code"]) for each in whole]
    assert matched == {len(whole)}
    yellow = {code for code, colour in seen if colour == "yellow"}
    assert {each["id"] for each in features(client, as_of=day, colour="yellow")} == yellow


def test_a_tile_filtered_by_what_no_version_counts_is_never_kept(bureau: As) -> None:
    client, path = bureau(), "/tiles/markers/9/413/227.mvt"
    answer = client.get(path, params={"condition": "intact"})
    assert answer.headers["cache-control"] == "no-store"
    assert "etag" not in answer.headers
    assert b"green" in answer.content
    assert client.get(path, params={"condition": "destroyed"}).content == b""
