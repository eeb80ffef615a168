"""Siting as a job on the real queue: answer with bound, cancel keeps the best, a network built of an upload."""

import json
import time

import pytest
from typer.testing import CliRunner

from geo_service.cli import app as command_line
from tests.geo_service.hubs import town

pytestmark = pytest.mark.database


def wait(client, job, *states, within_s=60):
    deadline = time.monotonic() + within_s
    while time.monotonic() < deadline:
        found = client.get(f"/api/jobs/{job['id']}").json()
        if found["state"] in states:
            return found
        time.sleep(0.05)
    raise AssertionError(found)


def start(service, **more):
    answer = service.client.post("/api/hubs/siting", json=service.town.asked(**more))
    assert answer.status_code == 202, answer.text
    return answer.json()


@pytest.mark.parametrize(
    ("method", "more"),
    [
        ("mclp", {"p": 5, "limit_m": 700}),
        ("lscp", {"limit_m": 3000}),
        ("p_median", {"p": 5}),
        ("p_center", {"p": 5}),
    ],
)
def test_every_method_says_its_bound_and_keeps_what_exists(service, method, more):
    job = wait(service.client, start(service, method=method, **more), "done", "failed")
    assert job["state"] == "done", job
    result = job["result"]
    assert result["status"] == "optimal"
    assert result["gap"] <= 1e-7
    assert {"H-1", "H-2", "H-3"} <= set(result["sites"])
    assert [each["id"] for each in result["places"]] == result["sites"]
    assert result["demand"]["id"] == service.town.demand


def test_the_service_and_the_command_choose_the_same(service, tmp_path):
    features = [
        {
            "type": "Feature",
            "geometry": {"type": "Point", "coordinates": town.at(*place)},
            "properties": {"id": name},
        }
        for name, place in town.CANDIDATES.items()
    ]
    candidates = tmp_path / "candidates.geojson"
    candidates.write_text(json.dumps({"type": "FeatureCollection", "features": features}))
    command = ["hubs", "siting", "--method", "mclp", "--p", "5", "--limit-m", "700", "--format", "json"]
    command += [
        "--network",
        str(service.town.streets),
        "--candidates",
        str(candidates),
        "--keep",
        str(service.town.hubs),
    ]
    told = json.loads(
        CliRunner().invoke(command_line, [*command, "--demand", str(service.town.cells)]).stdout
    )
    job = wait(service.client, start(service, method="mclp", p=5, limit_m=700), "done")
    assert (job["result"]["sites"], job["result"]["objective"]) == (told["sites"], told["objective"])


def test_capacity_limits_what_counts(service):
    free = wait(service.client, start(service, method="mclp", p=4, limit_m=900), "done")["result"]
    tight = wait(service.client, start(service, method="mclp", p=4, limit_m=900, capacity=5000), "done")[
        "result"
    ]
    assert tight["objective"] <= 4 * 5000 < free["objective"]


def test_more_hubs_than_candidates_is_told_in_words(service):
    job = wait(service.client, start(service, method="mclp", p=50, limit_m=700), "done", "failed")
    assert job["result"]["status"] == "infeasible"
    assert job["result"]["reason"]


def test_a_question_without_figures_is_refused_at_once(service):
    for wrong in (
        {"method": "mclp", "p": 3},
        {"method": "p_median"},
        {"method": "mclp", "p": 0, "limit_m": 5},
    ):
        assert service.client.post("/api/hubs/siting", json=service.town.asked(**wrong)).status_code == 422


def test_cancel_keeps_the_best_so_far(service):
    chance = __import__("numpy").random.default_rng(5)
    places = [
        {"id": f"X{at:03d}", "lon": town.at(x, y)[0], "lat": town.at(x, y)[1]}
        for at, (x, y) in enumerate(chance.uniform(0, 9, (150, 2)))
    ]
    job = start(service, method="p_center", p=18, candidates=places, keep=[], time_limit_s=120)
    deadline = time.monotonic() + 60
    while time.monotonic() < deadline:
        now = service.client.get(f"/api/jobs/{job['id']}").json()
        if now["result"] or now["state"] not in {"waiting", "running"}:
            break
        time.sleep(0.02)
    if now["state"] != "running":
        pytest.skip(f"solved before it could be stopped: {now['state']}")
    assert now["result"]["status"] == "running"
    service.client.delete(f"/api/jobs/{job['id']}")
    ended = wait(service.client, job, "cancelled", "done")
    assert len(ended["result"]["sites"]) == 18
    assert ended["result"]["status"] in {"cancelled", "optimal"}


def test_a_network_is_built_of_an_upload(service):
    form = {"name": "upload", "source": "drawn", "dated_on": "2026-01-01"}
    files = {"file": ("路网.geojson", service.town.streets.read_bytes())}
    answer = service.client.post("/api/hubs/networks", data=form, files=files)
    assert answer.status_code == 202, answer.text
    job = wait(service.client, answer.json(), "done", "failed")
    assert job["state"] == "done", job
    listed = service.client.get(f"/api/hubs/networks/{job['result']['id']}").json()
    assert listed["properties"]["dated_on"] == "2026-01-01"
    asked = service.town.asked(limit_m=900) | {"network": job["result"]["id"]}
    same = [
        service.client.post("/api/hubs/coverage", json=each).json()["covered_weight"]
        for each in (asked, service.town.asked(limit_m=900))
    ]
    assert same[0] == same[1]
    assert service.client.delete(f"/api/hubs/networks/{job['result']['id']}").status_code == 204


def test_a_file_without_streets_fails_in_words(service):
    form = {"name": "upload", "source": "drawn"}
    files = {"file": ("points.geojson", service.town.cells.read_bytes())}
    job = wait(
        service.client,
        service.client.post("/api/hubs/networks", data=form, files=files).json(),
        "failed",
        "done",
    )
    assert job["problem"]["code"] == "hubs.no_streets"


def test_a_large_question_becomes_a_job(service):
    chance = __import__("numpy").random.default_rng(9)
    points = [
        {"id": str(at), "lon": x, "lat": y, "weight": 1}
        for at, (x, y) in enumerate(
            chance.uniform((110.30, 19.98), (110.33, 20.005), (100_001, 2)).round(6).tolist()
        )
    ]
    asked = {"network": service.town.network, "demand": points, "limit_m": 600, "by": None}
    answer = service.client.post("/api/hubs/coverage", json=asked)
    assert answer.status_code == 202, answer.text[:500]
    job = wait(service.client, answer.json(), "done", "failed", within_s=120)
    assert job["state"] == "done", job["problem"]
    assert job["result"]["total_weight"] == 100_001
    assert 0 < job["result"]["covered_share"] < 1
