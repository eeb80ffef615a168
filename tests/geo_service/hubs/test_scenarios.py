"""Plans saved, changed, compared: what changed and by whom, cells gained and lost, fairness."""

import re
import uuid
from io import BytesIO

import pyogrio
import pytest
from openpyxl import load_workbook
from pypdf import PdfReader

from geo_service.auth.officer import Role
from tests.geo_service.hubs import town
from tests.people import sign_in_as

pytestmark = pytest.mark.database


def hubs(*names):
    places = {"H-1": (2.4, 2.1), "H-2": (8.6, 1.9), "H-3": (6.5, 7.8)} | town.CANDIDATES
    return [
        {"id": name, "name": name, "lon": town.at(*places[name])[0], "lat": town.at(*places[name])[1]}
        for name in names
    ]


def save(planner, drawn, name, *chosen, **more):
    asked = drawn.asked(name=name, limit_m=700, hubs=hubs(*chosen)) | more
    answer = planner.post("/api/hubs/scenarios", json=asked)
    assert answer.status_code == 201, answer.text
    return answer.json()


def test_a_scenario_keeps_who_changed_what(planner, drawn):
    made = save(planner, drawn, "方案一", "H-1", "H-2", "K-1")
    path = f"/api/hubs/scenarios/{made['id']}"
    moved = hubs("H-1", "K-1", "K-3")
    moved[0]["lon"] += 0.001
    asked = drawn.asked(name="方案一", limit_m=900, hubs=moved)
    assert planner.put(path, json=asked).status_code == 428
    assert planner.put(path, json=asked, headers={"If-Match": '"old"'}).status_code == 412
    changed = planner.put(path, json=asked, headers={"If-Match": made["etag"]})
    assert changed.status_code == 200, changed.text
    steps = planner.get(path).json()["steps"]
    assert [step["recorded_by"] for step in steps] == ["planner-1", "planner-1"]
    assert steps[0]["change"]["added"] == ["H-1", "H-2", "K-1"]
    assert steps[1]["change"] == {
        "added": ["K-3"], "removed": ["H-2"], "moved": ["H-1"], "altered": [], "fields": ["limit_m"],
    }  # fmt: skip
    assert made["id"] in {each["id"] for each in planner.get("/api/hubs/scenarios").json()["scenarios"]}
    assert planner.delete(path, headers={"If-Match": changed.json()["etag"]}).status_code == 204
    assert planner.get(path).json()["code"] == "hubs.scenario_not_found"


def test_the_same_scenario_sent_twice_is_saved_once(planner, drawn):
    asked = drawn.asked(id=str(uuid.uuid4()), name="twice", limit_m=700, hubs=hubs("H-1"))
    assert planner.post("/api/hubs/scenarios", json=asked).status_code == 201
    assert planner.post("/api/hubs/scenarios", json=asked).status_code == 200
    assert planner.post("/api/hubs/scenarios", json=asked | {"hubs": []}).json()["code"] == "hubs.id_taken"


def test_a_scenario_is_assessed_by_its_id(planner, drawn):
    made = save(planner, drawn, "a", "H-1", "K-3")
    by_id = planner.post("/api/hubs/coverage", json={"scenario": made["id"]}).json()
    by_hand = planner.post(
        "/api/hubs/coverage", json=drawn.asked(hubs=hubs("H-1", "K-3"), limit_m=700)
    ).json()
    assert by_id["limit_m"] == 700
    assert by_id["covered_weight"] == by_hand["covered_weight"]
    wider = planner.post("/api/hubs/coverage", json={"scenario": made["id"], "limit_m": 1500}).json()
    assert wider["covered_weight"] > by_id["covered_weight"]


def test_two_plans_side_by_side(planner, drawn):
    a = save(planner, drawn, "a", "H-1", "H-2", "H-3")
    b = save(planner, drawn, "b", "H-1", "H-3", "K-3", "K-1")
    answer = planner.get("/api/hubs/scenarios/compare", params={"a": a["id"], "b": b["id"], "by": "county"})
    assert answer.status_code == 200, answer.text
    body = answer.json()
    difference = body["difference"]
    assert difference["covered_weight"] == body["b"]["covered_weight"] - body["a"]["covered_weight"]
    assert difference["gained_weight"] - difference["lost_weight"] == difference["covered_weight"]
    assert difference["gained"]
    assert difference["lost"]
    assert sum(unit["gained_weight"] for unit in difference["units"]) == difference["covered_weight"]
    assert body["hubs"] == {"added": ["K-3", "K-1"], "removed": ["H-2"], "moved": [], "altered": []}
    fair = body["b"]["equity"]
    assert fair["worst_unit"]["covered_share"] == min(
        u["covered_share"] for u in body["b"]["units"] if u["code"]
    )
    assert fair["share_beyond_limit"]["population"] == pytest.approx(1 - body["b"]["covered_share"])
    assert 0 < fair["gini_of_walk"] < 1
    now = planner.get("/api/hubs/scenarios/compare", params={"b": a["id"]}).json()
    assert now["a"]["name"] is None
    assert now["difference"]["covered_weight"] == 0


def test_plans_on_other_demand_are_not_compared(planner, drawn):
    points = [{"id": "V1", "lon": 110.31, "lat": 20.0, "weights": {"population": 900}}]
    other = planner.post(
        "/api/hubs/demand",
        json={"name": "other", "source": "", "population_groups": ["population"], "points": points},
    ).json()["id"]
    a, b = save(planner, drawn, "a", "H-1"), save(planner, drawn, "b", "H-1", demand=other)
    answer = planner.get("/api/hubs/scenarios/compare", params={"a": a["id"], "b": b["id"]})
    assert (answer.status_code, answer.json()["code"]) == (409, "hubs.scenarios_differ")


def test_another_offices_scenario_is_read_and_not_changed(planner, client, drawn, hainan_session, settings):
    made = save(planner, drawn, "a", "H-1")
    sign_in_as(client, hainan_session, settings, "planner-9", Role.PLANNER, jurisdictions=("469005",))
    path = f"/api/hubs/scenarios/{made['id']}"
    assert client.get(path).status_code == 200
    refused = client.put(
        path, json=drawn.asked(name="x", limit_m=1, hubs=[]), headers={"If-Match": made["etag"]}
    )
    assert (refused.status_code, refused.json()["code"]) == (403, "auth.forbidden")


def test_the_report_names_no_address_outside(planner, drawn):
    made = save(planner, drawn, "报告 <script>", "H-1", "H-3", "K-3")
    answer = planner.get(f"/api/hubs/scenarios/{made['id']}/report.html")
    assert answer.status_code == 200, answer.text[:500]
    page = answer.text
    named = {
        address
        for address in re.findall(r"https?://[^\s'\"<>)]+", page)
        if not address.startswith("http://www.w3.org/")
    }
    assert named == set()
    assert re.search(r"(src|href)=['\"]//", page) is None
    assert "报告 &lt;script&gt;" in page
    assert "window.L" in page
    told = planner.post("/api/hubs/coverage", json={"scenario": made["id"]}).json()
    assert f"{told['covered_weight']:,.0f} ({told['covered_share']:.1%})" in page
    english = planner.get(f"/api/hubs/scenarios/{made['id']}/report.html", params={"language": "en"}).text
    assert "Worst-served unit" in english


def test_the_report_on_paper_says_the_same(planner, drawn):
    made = save(planner, drawn, "方案 #1", "H-1", "H-3", "K-3")
    told = planner.post("/api/hubs/coverage", json={"scenario": made["id"]}).json()
    answer = planner.get(f"/api/hubs/scenarios/{made['id']}/report.pdf")
    assert (answer.status_code, answer.headers["content-type"]) == (200, "application/pdf")
    pages = PdfReader(BytesIO(answer.content)).pages
    text = "".join("".join(page.extract_text() for page in pages).split())
    assert "方案#1" in text
    assert f"{told['covered_weight']:,.0f}({told['covered_share']:.1%})" in text
    assert sum(len(page.images) for page in pages) == 1


def test_workbook_and_geopackage_hold_the_same_figures(planner, drawn, tmp_path):
    made = save(planner, drawn, "tables", "H-1", "H-3", "K-3")
    told = planner.post("/api/hubs/coverage", json={"scenario": made["id"]}).json()
    book = load_workbook(BytesIO(planner.get(f"/api/hubs/scenarios/{made['id']}/tables.xlsx").content))
    cells = list(book["cells"].iter_rows(min_row=2, values_only=True))
    assert len(cells) == 301
    assert sum(row[3] for row in cells if row[7]) == told["covered_weight"]
    package = tmp_path / "plan.gpkg"
    package.write_bytes(planner.get(f"/api/hubs/scenarios/{made['id']}/layers.gpkg").content)
    assert {name for name, _ in pyogrio.list_layers(package)} == {"hubs", "gaps", "cells", "areas"}
    hubs_written = pyogrio.read_dataframe(package, layer="hubs")
    assert hubs_written.crs.to_epsg() == 4490
    assert hubs_written["covered_weight"].tolist() == [hub["covered_weight"] for hub in told["hubs"]]
