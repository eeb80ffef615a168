"""Coverage over HTTP: the same numbers as the command on the same files, tables that add up, clear refusals."""

import json
import uuid

import pytest
from shapely import Point
from shapely.geometry import shape
from typer.testing import CliRunner

from geo_service.cli import app as command_line

pytestmark = pytest.mark.database
RIVERSIDE_M = 900.0


def told_by_command(drawn, metric: str, limit_m: float) -> dict:
    command = ["hubs", "coverage", "--network", str(drawn.streets), "--hubs", str(drawn.hubs)]
    command += [
        "--demand",
        str(drawn.cells),
        "--limit-m",
        str(limit_m),
        "--metric",
        metric,
        "--format",
        "json",
    ]
    done = CliRunner().invoke(command_line, command)
    assert done.exit_code == 0, done.output
    return json.loads(done.stdout)


@pytest.mark.parametrize("metric", ["walking", "straight_line"])
@pytest.mark.parametrize("limit_m", [300.0, RIVERSIDE_M])
def test_the_service_and_the_command_say_the_same(planner, drawn, metric, limit_m):
    asked = drawn.asked(hubs=["H-1", "H-2", "H-3"], metric=metric, limit_m=limit_m)
    served = planner.post("/api/hubs/coverage", json=asked)
    assert served.status_code == 200, served.text
    served, told = served.json(), told_by_command(drawn, metric, limit_m)
    for name in ("total_weight", "covered_weight", "covered_share", "unreached"):
        assert served[name] == pytest.approx(told[name], abs=1e-9), name
    assert {name: served["unsnapped"][name] for name in ("hubs", "demand")} == told["unsnapped"]
    by_hub = {hub["id"]: hub for hub in served["hubs"]}
    for hub in told["hubs"]:
        assert by_hub[hub["id"]]["covered_weight"] == hub["covered_weight"]
        assert by_hub[hub["id"]]["nearest_weight"] == hub["nearest_weight"]
    if metric == "walking":
        assert served["straight_line"]["covered_weight"] == told["straight_line"]["covered_weight"]
        assert served["unsnapped"]["demand"] == 1


def test_tables_add_up(planner, drawn):
    body = planner.post(
        "/api/hubs/coverage", json=drawn.asked(limit_m=RIVERSIDE_M, by="county", cells=True)
    ).json()
    assert [hub["id"] for hub in body["hubs"]] == ["H-1", "H-2", "H-3"]
    assert 0 < body["covered_share"] < 1
    for name in ("total_weight", "covered_weight"):
        assert sum(unit[name] for unit in body["units"]) == body[name]
    assert sum(hub["nearest_weight"] for hub in body["hubs"]) == body["covered_weight"]
    assert sum(gap["weight"] for gap in body["gaps"]) == body["total_weight"] - body["covered_weight"]
    assert [gap["severity"] for gap in body["gaps"]] == sorted(
        (g["severity"] for g in body["gaps"]), reverse=True
    )
    by_times = {each["times"]: each["weight"] for each in body["overlaps"]["by_times"]}
    assert sum(by_times.values()) == body["total_weight"]
    assert by_times[0] == body["total_weight"] - body["covered_weight"]
    cells = body["cells"]
    within = [metres is not None and metres <= RIVERSIDE_M for metres in cells["distance_m"]]
    assert (
        sum(w for w, inside in zip(cells["weight"], within, strict=True) if inside) == body["covered_weight"]
    )
    assert {unit["code"] for unit in body["units"]} <= {"460105", "460106", "460107", "460108"}
    population, elderly = body["groups"]
    assert (population["group"], elderly["group"]) == ("population", "elderly_60")
    assert elderly["total_weight"] < population["total_weight"] / 4


def test_the_circle_counts_those_across_the_river(planner, drawn):
    body = planner.post("/api/hubs/coverage", json=drawn.asked(limit_m=RIVERSIDE_M)).json()
    beside = body["straight_line"]
    assert beside["covered_weight"] == body["covered_weight"] + beside["circle_only_weight"]
    assert beside["circle_only_weight"] > 0


def test_several_limits_come_of_one_search(planner, drawn):
    asked = drawn.asked(limit_m=500, limits_m=[300, 1000])
    limits = planner.post("/api/hubs/coverage", json=asked).json()["limits"]
    assert [each["limit_m"] for each in limits] == [300, 500, 1000]
    for each in limits:
        alone = planner.post("/api/hubs/coverage", json=drawn.asked(limit_m=each["limit_m"])).json()
        assert alone["covered_weight"] == each["covered_weight"]


def test_minutes_are_metres_by_the_walking_speed(planner, drawn):
    minutes = planner.post("/api/hubs/coverage", json=drawn.asked(limit_min=15, speed_m_s=0.75)).json()
    metres = planner.post("/api/hubs/coverage", json=drawn.asked(limit_m=675)).json()
    assert minutes["limit_m"] == 675
    assert minutes["covered_weight"] == metres["covered_weight"]


def test_hubs_and_demand_may_come_with_the_question(planner, drawn):
    asked = {
        "network": drawn.network,
        "hubs": [{"id": "new", "lon": 110.3066, "lat": 19.9866}],
        "demand": [
            {"id": "a", "lon": 110.3066, "lat": 19.9866, "weight": 7},
            {"id": "b", "lon": 110.33, "lat": 20.005, "weight": 5},
        ],
        "limit_m": 400,
        "by": None,
    }
    body = planner.post("/api/hubs/coverage", json=asked).json()
    assert (body["total_weight"], body["covered_weight"], body["units"]) == (12, 7, [])


def test_hubs_take_no_more_than_they_have_room_for(planner, drawn):
    body = planner.post("/api/hubs/coverage", json=drawn.asked(limit_m=2500, capacities=True)).json()
    filled = body["by_capacity"]
    assert all(load["load"] <= load["capacity"] for load in filled["loads"])
    assert filled["served_weight"] == sum(load["load"] for load in filled["loads"]) <= 60_000
    assert filled["served_weight"] + filled["unserved_weight"] == body["total_weight"]


def test_without_any_hub_all_is_a_gap(planner, drawn):
    body = planner.post("/api/hubs/coverage", json=drawn.asked(hubs=[], limit_m=500)).json()
    assert (body["covered_weight"], body["hubs"]) == (0, [])
    assert len(body["gaps"]) == 100
    assert sum(gap["points"] for gap in body["gaps"]) > 200
    assert all(gap["nearest_hub"] is None for gap in body["gaps"])


def test_a_limit_of_a_hundred_kilometres_reaches_all_that_has_a_street(planner, drawn):
    body = planner.post("/api/hubs/coverage", json=drawn.asked(limit_m=100_000)).json()
    assert body["total_weight"] - body["covered_weight"] == 50


@pytest.mark.parametrize(
    ("change", "status", "code"),
    [
        ({"limit_m": 0}, 422, "hubs.limit_invalid"),
        ({"limit_m": -5}, 422, "hubs.limit_invalid"),
        ({"group": "children"}, 422, "hubs.group_unknown"),
        ({"hubs": ["nobody"]}, 404, "hubs.hub_not_found"),
        ({"hubs": [{"id": "p", "lon": -51.2, "lat": -30.0}]}, 422, "hubs.far_from_network"),
        ({"demand": str(uuid.UUID(int=5))}, 404, "hubs.demand_not_found"),
        ({"network": str(uuid.UUID(int=5))}, 404, "hubs.network_not_found"),
        ({"demand": [{"id": "a", "lon": 110.3, "lat": 20.0}]}, 422, "input.invalid"),
        ({"demand": [{"id": "a", "lon": 110.3, "lat": 20.0, "weight": -1}]}, 422, "input.invalid"),
        ({"hubs": ["H-1", "H-1"]}, 422, "input.invalid"),
        ({"limit_m": None}, 422, "input.invalid"),
    ],
)
def test_bad_questions_are_refused_in_words(planner, drawn, change, status, code):
    answer = planner.post("/api/hubs/coverage", json=drawn.asked(**({"limit_m": 500} | change)))
    assert (answer.status_code, answer.json()["code"]) == (status, code), answer.text
    assert answer.json()["detail"]


def test_a_weight_that_is_no_number_is_refused(planner, drawn):
    asked = json.dumps(drawn.asked(limit_m=500, demand=[{"id": "a", "lon": 110.3, "lat": 20.0, "weight": 1}]))
    answer = planner.post(
        "/api/hubs/coverage",
        content=asked.replace('"weight": 1', '"weight": NaN'),
        headers={"Content-Type": "application/json"},
    )
    assert answer.status_code == 422


def test_a_stranger_is_asked_to_sign_in(client, drawn):
    client.cookies.clear()
    assert client.post("/api/hubs/coverage", json=drawn.asked(limit_m=500)).status_code == 401


def test_a_hub_without_any_street_near_is_named(planner, drawn):
    asked = drawn.asked(limit_m=500, hubs=[{"id": "far", "lon": 110.27, "lat": 19.97}, "H-1"])
    body = planner.post("/api/hubs/coverage", json=asked).json()
    assert body["unsnapped"]["hub_ids"] == ["far"]
    assert [hub["snapped"] for hub in body["hubs"]] == [False, True]


def test_areas_agree_with_the_table(planner, drawn):
    asked = drawn.asked(hubs=["H-1"], limit_m=800)
    cells = planner.post("/api/hubs/coverage", json=asked | {"cells": True}).json()["cells"]
    answer = planner.post("/api/hubs/areas", json=asked)
    assert answer.status_code == 200, answer.text
    feature = answer.json()["features"][0]
    ground = shape(feature["geometry"])
    wrong = [
        name
        for name, lon, lat, metres in zip(
            cells["ids"], cells["lon"], cells["lat"], cells["distance_m"], strict=True
        )
        if ground.covers(Point(lon, lat)) != (metres is not None and metres <= 800)
    ]
    assert wrong == []
    assert feature["properties"]["area_m2"] > 100_000


def test_districts_share_no_ground(planner, drawn):
    answer = planner.post(
        "/api/hubs/areas", json=drawn.asked(limit_m=2000, kind="districts", within="460106")
    )
    grounds = [shape(each["geometry"]) for each in answer.json()["features"] if each["geometry"]]
    assert len(grounds) >= 2
    pairs = [(a, b) for at, a in enumerate(grounds) for b in grounds[at + 1 :]]
    assert all(a.intersection(b).area < 1e-3 * min(a.area, b.area) for a, b in pairs)
