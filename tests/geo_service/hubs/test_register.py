"""The register of hubs over HTTP: who may, twice is once, a stale change is refused, the audit knows."""

import uuid

import pytest
from sqlalchemy import text
from sqlalchemy.exc import ProgrammingError

from geo_service.auth.acting import act_as
from geo_service.auth.officer import OPERATOR, Role
from geo_service.auth.sessions import officer_of
from layers.hubs.register import add_hub
from tests.people import put_officer, sign_in_as

pytestmark = pytest.mark.database
NEW = {"code": "H-9", "name": "龙海大社区综合服务中心", "status": "existing", "lon": 110.31, "lat": 20.0, "capacity": 12000,
       "services": ["养老", "政务"], "opened_on": "2024-05-01"}  # fmt: skip


def test_a_hub_is_put_on_record_found_changed_and_taken_off(planner, hainan_session):
    made = planner.post("/api/hubs", json=NEW)
    assert made.status_code == 201, made.text
    assert made.headers["content-type"] == "application/geo+json"
    assert made.json()["id"] == "H-9"
    assert made.json()["geometry"]["coordinates"] == [110.31, 20.0]
    assert made.json()["properties"]["unit_code"] == "460106"
    found = planner.get("/api/hubs", params={"q": "龙海", "status": "existing", "unit": "460100"}).json()
    assert [each["id"] for each in found["features"]] == ["H-9"]
    etag = planner.get("/api/hubs/H-9").headers["etag"]
    moved = planner.patch("/api/hubs/H-9", json={"lon": 110.32, "lat": 20.01}, headers={"If-Match": etag})
    assert moved.status_code == 200, moved.text
    assert moved.json()["geometry"]["coordinates"] == [110.32, 20.01]
    assert moved.json()["properties"]["capacity"] == 12000
    assert planner.patch("/api/hubs/H-9", json={"name": "a"}, headers={"If-Match": etag}).status_code == 412
    assert planner.patch("/api/hubs/H-9", json={"name": "a"}).status_code == 428
    gone = planner.delete("/api/hubs/H-9", headers={"If-Match": moved.headers["etag"]})
    assert gone.status_code == 204
    assert planner.get("/api/hubs/H-9").json()["code"] == "hubs.hub_not_found"
    act_as(hainan_session, OPERATOR)
    acts = hainan_session.execute(
        text("SELECT act, officer FROM service.audit_entry WHERE subject_id = 'H-9' ORDER BY number")
    ).all()
    assert acts == [(f"hub.{act}", "planner-1") for act in ("add", "change", "remove")]


def test_the_same_hub_sent_twice_is_recorded_once(planner):
    asked = NEW | {"id": str(uuid.uuid4())}
    assert planner.post("/api/hubs", json=asked).status_code == 201
    assert planner.post("/api/hubs", json=asked).status_code == 200
    assert planner.post("/api/hubs", json=asked | {"name": "else"}).json()["code"] == "hubs.id_taken"
    assert planner.post("/api/hubs", json=NEW).json()["code"] == "hubs.code_taken"


@pytest.mark.parametrize(
    "change",
    [
        {"code": "coverage"},
        {"code": "a/b"},
        {"lon": 200},
        {"lat": None},
        {"capacity": -1},
        {"status": "closed"},
        {"x": 1},
    ],
)
def test_a_hub_that_cannot_be_is_refused(planner, change):
    assert planner.post("/api/hubs", json=NEW | change).status_code == 422


@pytest.mark.parametrize(
    ("role", "jurisdiction", "status"),
    [
        (Role.PLANNER, "460100", 201),
        (Role.PLANNER, "460106", 201),
        (Role.PLANNER, "469005", 403),
        (Role.SURVEYOR, "460100", 403),
        (Role.ADMINISTRATOR, "460100", 403),
    ],
)
def test_a_hub_is_a_planners_of_its_ground(client, hainan_session, settings, *, role, jurisdiction, status):
    name = f"{role}-{jurisdiction}"
    sign_in_as(client, hainan_session, settings, name, role, jurisdictions=(jurisdiction,))
    assert client.post("/api/hubs", json=NEW).status_code == status


def test_nobody_moves_a_hub_out_of_his_ground(planner):
    etag = planner.post("/api/hubs", json=NEW).headers["etag"]
    away = planner.patch("/api/hubs/H-9", json={"lon": 110.8, "lat": 19.6}, headers={"If-Match": etag})
    assert (away.status_code, away.json()["code"]) == (403, "auth.forbidden")


def test_the_database_itself_refuses_another_offices_ground(hainan_session):
    officer = officer_of(put_officer(hainan_session, "planner-2", Role.PLANNER, jurisdictions=("469005",)))
    act_as(hainan_session, officer)
    values = {"code": "H-8", "name": "a", "status": "existing", "source": ""}
    with pytest.raises(ProgrammingError, match="row-level security"), hainan_session.begin_nested():
        add_hub(hainan_session, values, lon=110.31, lat=20.0, recorded_by="planner-2")


def test_the_public_sees_hubs_and_no_demand(planner, client, drawn):
    client.cookies.clear()
    assert client.get("/api/hubs").json()["numberMatched"] == 8
    assert client.get("/api/hubs/presets").status_code == 200
    for path in ("/api/hubs/demand", "/api/hubs/demand/sets", "/api/hubs/networks", "/api/hubs/scenarios"):
        assert client.get(path).status_code == 401, path


def test_demand_is_listed_with_weights_source_and_date(planner, drawn):
    asked = {
        "name": "社区", "source": "普查", "counted_on": "2020-11-01", "population_groups": ["population", "elderly_60"],
        "points": [{"id": "V1", "lon": 110.31, "lat": 20.0, "weights": {"population": 900, "elderly_60": 120}},
                   {"id": "V2", "lon": 110.32, "lat": 20.0, "weights": {"population": 500}}],
    }  # fmt: skip
    made = planner.post("/api/hubs/demand", json=asked)
    assert made.status_code == 201, made.text
    page = planner.get("/api/hubs/demand", params={"demand": made.json()["id"]}).json()
    assert [each["properties"]["weights"] for each in page["features"]] == [
        {"population": 900, "elderly_60": 120},
        {"population": 500, "elderly_60": 0},
    ]
    sets = planner.get("/api/hubs/demand/sets").json()["sets"]
    assert {each["name"]: (each["source"], each["counted_on"]) for each in sets}["社区"] == (
        "普查",
        "2020-11-01",
    )
    twice = asked | {"points": [asked["points"][0]] * 2}
    assert planner.post("/api/hubs/demand", json=twice).status_code == 422
    bare = asked | {"points": [{"id": "V1", "lon": 110.31, "lat": 20.0, "weights": {}}]}
    assert planner.post("/api/hubs/demand", json=bare).status_code == 422


def test_a_file_of_demand_is_taken_on_record(planner, drawn):
    form = {"name": "cells", "source": "file", "groups": "population=weight,elderly_60=old"}
    files = {"file": ("格网.geojson", drawn.cells.read_bytes())}
    made = planner.post("/api/hubs/demand/files", data=form, files=files)
    assert made.status_code == 201, made.text
    assert (made.json()["points"], made.json()["population_groups"]) == (301, ["population", "elderly_60"])
    wrong = planner.post("/api/hubs/demand/files", data=form | {"groups": "a=nobody"}, files=files)
    assert (wrong.status_code, wrong.json()["code"]) == (422, "hubs.column_missing")
    odd = planner.post("/api/hubs/demand/files", data=form, files={"file": ("a.exe", b"MZ")})
    assert (odd.status_code, odd.json()["code"]) == (415, "hubs.file_kind_refused")


def test_networks_are_listed_with_their_repair_report(planner, drawn):
    listed = planner.get("/api/hubs/networks").json()["features"]
    mine = next(each for each in listed if each["id"] == drawn.network)
    assert mine["properties"]["report"]["components"] == 1
    assert mine["properties"]["report"]["edges"] == 10 * 11 + 12 * 8 + 1
    assert planner.get(f"/api/hubs/networks/{drawn.network}").json()["id"] == drawn.network


def test_radii_of_standards_and_of_the_office(planner):
    listed = planner.get("/api/hubs/presets").json()
    circle = next(each for each in listed["radii"] if each["code"] == "living_circle_15")
    assert (circle["radius_m"], circle["in_force_from"]) == (1000, "2018-12-01")
    own = {
        "zh": "大社区",
        "en": "hub",
        "radius_m": 2000,
        "source": "本局 2026",
        "in_force_from": "2026-01-01",
    }
    assert planner.put("/api/hubs/presets/rural_hub", json=own).status_code == 200
    assert (
        planner.put("/api/hubs/presets/rural_hub", json=own | {"radius_m": 1800}).json()["radius_m"] == 1800
    )
    assert [each["radius_m"] for each in planner.get("/api/hubs/presets").json()["office"]] == [1800]
    assert planner.delete("/api/hubs/presets/rural_hub").status_code == 204
    assert planner.delete("/api/hubs/presets/rural_hub").json()["code"] == "hubs.preset_not_found"
