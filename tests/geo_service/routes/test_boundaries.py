"""Boundaries over HTTP, on Hainan's real units."""

import pytest
from fastapi.testclient import TestClient
from sqlalchemy.orm import Session

from geo_service.auth.officer import Role
from geo_service.settings import Settings
from tests.people import sign_in_as

pytestmark = pytest.mark.database
TWELVE_KM = {
    "460105460106": 56.19,
    "460105469023": 72.83,
    "460105469021": 10.89,
    "460106460107": 47.61,
    "460106460108": 9.87,
    "460106469021": 5.50,
    "460107460108": 66.52,
    "460107469021": 38.80,
    "460107469005": 59.25,
    "460108469005": 57.84,
    "469021469023": 41.19,
    "469005469021": 21.13,
}


def codes(answer) -> list[str]:
    return [feature["properties"]["code"] for feature in answer.json()["features"]]


def test_the_districts_of_haikou_are_listed_with_their_places(client: TestClient) -> None:
    answer = client.get("/api/boundaries/units", params={"parent": "460100"})
    body = answer.json()
    assert answer.headers["content-type"] == "application/geo+json"
    assert (body["numberMatched"], body["numberReturned"]) == (4, 4)
    assert codes(answer) == ["460105", "460106", "460107", "460108"]
    first = body["features"][0]
    assert first["id"] == "460105"
    assert first["geometry"]["type"] == "MultiPolygon"
    assert set(first["properties"]) >= {
        "code", "name", "pinyin", "level", "parent_code", "valid_from", "valid_to", "area_m2",
    }  # fmt: skip
    assert 500e6 < first["properties"]["area_m2"] < 620e6


@pytest.mark.parametrize("wanted", ["琼山", "qiongshan", "QIONGSHAN", "qsq", "460107"])
def test_a_unit_is_found_by_name_pinyin_initials_or_code(client: TestClient, wanted: str) -> None:
    answer = client.get("/api/boundaries/units", params={"q": wanted, "level": "county", "geometry": "none"})
    assert codes(answer) == ["460107"]
    assert answer.json()["features"][0]["geometry"] is None


@pytest.mark.parametrize("wanted", ["%", "_", "\\", "'; DROP TABLE boundaries.administrative_unit; --", "😀"])
def test_a_search_takes_what_is_typed_for_text(client: TestClient, wanted: str) -> None:
    answer = client.get("/api/boundaries/units", params={"q": wanted})
    assert (answer.status_code, codes(answer)) == (200, [])


def test_pages_follow_one_another_without_gap_or_repeat(client: TestClient) -> None:
    path, seen = "/api/boundaries/units?level=county&geometry=none&limit=7", []
    while path:
        body = client.get(path).json()
        seen += [feature["properties"]["code"] for feature in body["features"]]
        path = next((link["href"] for link in body["links"] if link["rel"] == "next"), None)
    assert len(seen) == len(set(seen)) == body["numberMatched"] == 27


def test_a_code_is_answered_by_date(client: TestClient) -> None:
    before = client.get("/api/boundaries/units/469025", params={"as_of": "2006-12-31"}).json()
    after = client.get("/api/boundaries/units/469025", params={"as_of": "2007-01-01"}).json()
    assert before["properties"]["name"] == "定安县"
    assert after["properties"]["name"] == "白沙黎族自治县"
    now = client.get("/api/boundaries/units/469021").json()["properties"]["history"]
    assert [(step["code"], step["relation"], step["kind"]) for step in now] == [
        ("469025", "predecessor", None),
        ("469021", "self", "recode"),
    ]


def test_danzhou_stands_at_two_levels_under_one_code(client: TestClient) -> None:
    assert client.get("/api/boundaries/units/460400").json()["properties"]["level"] == "prefecture"
    county = client.get("/api/boundaries/units/460400", params={"level": "county"}).json()["properties"]
    assert (county["level"], county["parent_code"]) == ("county", "460400")


def test_twelve_villages_share_one_name(client: TestClient) -> None:
    answer = client.get("/api/boundaries/units", params={"q": "新村村委会", "level": "village"}).json()
    same = [each for each in answer["features"] if each["properties"]["name"] == "新村村委会"]
    assert len(same) == 12


def test_lines_have_the_measured_lengths(client: TestClient) -> None:
    features = client.get("/api/boundaries/lines", params={"geometry": "none"}).json()["features"]
    lengths_km = {each["id"]: each["properties"]["length_m"] / 1000 for each in features}
    assert len(lengths_km) == 52
    for line_code, measured_km in TWELVE_KM.items():
        assert lengths_km[line_code] == pytest.approx(measured_km, rel=0.005), line_code


def test_a_line_names_its_sides_and_tripoints(client: TestClient) -> None:
    line = client.get("/api/boundaries/lines/460107469021").json()["properties"]
    assert [unit["name"] for unit in line["units"]] == ["琼山区", "定安县"]
    assert line["level"] == "prefecture"
    assert {"460107469005469021I", "460106460107469021I"} <= {
        point["tripoint_code"] for point in line["tripoints"]
    }


def test_a_point_is_located_province_first(client: TestClient) -> None:
    answer = client.get("/api/boundaries/locate", params={"lon": 110.35, "lat": 20.02}).json()
    assert [unit["code"] for unit in answer["units"]] == ["460000", "460100", "460108"]
    assert client.get("/api/boundaries/locate", params={"lon": 0, "lat": 0}).json() == {"units": []}


def test_a_thousand_points_are_located_in_one_call(client: TestClient) -> None:
    points = [[110.0 + number * 0.0005, 20.0 - number * 0.0003] for number in range(1000)]
    results = client.post("/api/boundaries/locate", json={"points": points}).json()["results"]
    one = client.get("/api/boundaries/locate", params={"lon": points[700][0], "lat": points[700][1]}).json()
    assert (len(results), results[700]) == (1000, one)
    refused = client.post("/api/boundaries/locate", json={"points": [*points, [110, 20]]})
    assert (refused.status_code, refused.json()["code"]) == (422, "input.invalid")


def test_the_real_outlines_have_no_findings(client: TestClient) -> None:
    assert client.get("/api/boundaries/findings").json()["features"] == []


@pytest.mark.parametrize(
    ("path", "status", "code"),
    [
        ("/api/boundaries/units/999999", 404, "boundary.unit_not_found"),
        ("/api/boundaries/units/46x", 422, "input.invalid"),
        ("/api/boundaries/units?bbox=1,2,3", 422, "input.invalid"),
        ("/api/boundaries/units?bbox=120,20,110,21", 422, "input.invalid"),
        ("/api/boundaries/units?bbox=nan,nan,nan,nan", 422, "input.invalid"),
        ("/api/boundaries/units?limit=1001", 422, "input.invalid"),
        ("/api/boundaries/units?as_of=yesterday", 422, "input.invalid"),
        ("/api/boundaries/units?cursor=xyz", 422, "input.invalid"),
        ("/api/boundaries/units?q=%00", 422, "input.invalid"),
        ("/api/boundaries/locate?lon=200&lat=0", 422, "input.invalid"),
        ("/api/boundaries/lines/123", 404, "boundary.line_not_found"),
        ("/tiles/units/3/9/1.mvt", 404, "tile.not_found"),
        ("/tiles/nothing/1/1/1.mvt", 404, "tile.not_found"),
        ("/nowhere", 404, "request.not_found"),
    ],
)
def test_what_cannot_be_answered_is_a_problem(client: TestClient, path: str, status: int, code: str) -> None:
    answer = client.get(path)
    assert (answer.status_code, answer.json()["code"]) == (status, code)
    assert answer.headers["content-type"] == "application/problem+json"
    assert answer.json()["request_id"] == answer.headers["x-request-id"]


def test_a_problem_is_worded_in_the_askers_language(client: TestClient) -> None:
    asked = "/api/boundaries/units/999999"
    chinese, english = (
        client.get(asked, headers={"Accept-Language": language}).json()["title"]
        for language in ("zh-CN", "en-GB")
    )
    assert (chinese, english) == ("没有这个单位", "No such unit")


def test_a_tile_is_sent_once_per_version_of_the_data(client: TestClient) -> None:
    first = client.get("/tiles/units/9/413/227.mvt")
    assert first.headers["content-type"] == "application/vnd.mapbox-vector-tile"
    assert len(first.content) > 1000
    again = client.get("/tiles/units/9/413/227.mvt", headers={"If-None-Match": first.headers["etag"]})
    assert (again.status_code, again.content) == (304, b"")


def test_what_is_typed_whole_comes_first(client: TestClient) -> None:
    path, names = "/api/boundaries/units?q=xincun&limit=9&geometry=none", []
    while path:
        found = client.get(path).json()
        names += [each["properties"]["name"] for each in found["features"]]
        path = next((link["href"] for link in found["links"] if link["rel"] == "next"), None)
    begins = [name.startswith("新村") for name in names]
    assert names.count("新村村委会") == 12
    assert begins == sorted(begins, reverse=True)
    assert not all(begins)


def test_a_lines_record_is_kept_by_either_side_and_not_blindly(
    client: TestClient, hainan_session: Session, settings: Settings
) -> None:
    path = "/api/boundaries/lines/460107469005"
    etag = client.get(path).headers["etag"]
    sign_in_as(client, hainan_session, settings, "wenchang", Role.BOUNDARY, jurisdictions=("469005",))
    change = {"managing": "文昌市民政局", "last_joint_inspection_on": "2024-05-20"}
    assert client.patch(path, json=change).json()["code"] == "request.etag_missing"
    kept = client.patch(path, json=change, headers={"If-Match": etag})
    assert kept.status_code == 200, kept.text
    assert kept.json()["properties"]["next_due_on"] == "2029-05-20"
    stale = client.patch(path, json={"disputed": True}, headers={"If-Match": etag})
    assert (stale.status_code, stale.json()["code"]) == (412, "request.etag_stale")
    moved = client.patch(path, json={"geometry": None}, headers={"If-Match": kept.headers["etag"]})
    assert moved.json()["code"] == "input.invalid"
    foreign = "/api/boundaries/lines/460105460106"
    refused = client.patch(foreign, json=change, headers={"If-Match": client.get(foreign).headers["etag"]})
    assert (refused.status_code, refused.json()["code"]) == (403, "auth.forbidden")
