"""What the door answers: documents, CRS, pages that stay put, problems, and nothing that is not published."""

import json
import re
from typing import Any

import pytest
from fastapi.testclient import TestClient
from pyproj import Transformer

pytestmark = pytest.mark.database
PLACES = "/ogc/collections/ne_110m_populated_places_simple"
EPSG = "http://www.opengis.net/def/crs/EPSG/0/{}"


@pytest.mark.parametrize(
    "path",
    [
        "/ogc/",
        "/ogc/conformance",
        "/ogc/functions",
        "/ogc/collections",
        "/ogc/tileMatrixSets",
        "/ogc/tileMatrixSets/WebMercatorQuad",
        *(
            f"{PLACES}{part}"
            for part in ("", "/queryables", "/items", "/items/1", "/tiles", "/tiles/WebMercatorQuad")
        ),
        "/ogc/collections/units",
        "/ogc/collections/markers/items",
        "/ogc/api.html",
    ],
)
def test_every_document_is_json_and_a_page_that_needs_nothing_from_elsewhere(
    standard: TestClient, path: str
) -> None:
    if not path.endswith(".html"):
        plain = standard.get(path, headers={"Accept": "application/json"})
        assert plain.status_code == 200, plain.text
        assert "json" in plain.headers["content-type"]
        plain.json()
    for language in ("zh-CN", "en"):
        page = standard.get(
            path,
            params={} if path.endswith(".html") else {"f": "html"},
            headers={"Accept-Language": language},
        )
        assert page.status_code == 200, page.text
        assert page.headers["content-type"].startswith("text/html")
        assert f'lang="{language}"' in page.text
        assert all(
            name.startswith("static/") for name in re.findall(r'<script[^>]* src="([^"]*)"', page.text)
        )
        assert re.sub(r"^.*base-uri ([^;]*);.*$", r"\1", page.headers["content-security-policy"]) == "'self'"
        assert "https://" not in page.text.replace("https://schemas", "")


def test_links_of_the_landing_page_lead_somewhere(standard: TestClient) -> None:
    for link in standard.get("/ogc/").json()["links"]:
        assert standard.get(link["href"]).status_code == 200, link


def test_attribute_names_and_types_survive(standard: TestClient) -> None:
    found = standard.get(f"{PLACES}/items", params={"filter": "start IS NOT NULL", "sortby": "name"}).json()
    first = found["features"][0]["properties"]
    assert {"start", "end", "date", "boolean", "pop_other"} <= first.keys()
    assert isinstance(first["boolean"], bool)
    assert isinstance(first["pop_other"], int)
    assert first["date"].count("-") == 2
    described = standard.get(f"{PLACES}/queryables").json()["properties"]
    assert described["date"]["format"] == "date"
    assert described["start"]["format"] == "date-time"


@pytest.mark.parametrize(("code", "north_first"), [(4490, True), (4326, True), (3857, False), (4546, True)])
def test_a_crs_is_spoken_with_its_own_axes(standard: TestClient, *, code: int, north_first: bool) -> None:
    plain = standard.get(f"{PLACES}/items/74").json()
    lon, lat = plain["geometry"]["coordinates"]
    uri = EPSG.format(code)
    answer = standard.get(f"{PLACES}/items/74", params={"crs": uri})
    assert answer.headers["content-crs"] == f"<{uri}>"
    east, north = Transformer.from_crs(4490, code, always_xy=True).transform(lon, lat)
    expected = (north, east) if north_first else (east, north)
    assert answer.json()["geometry"]["coordinates"] == pytest.approx(expected, rel=1e-6)
    around = [expected[0] - 1e-3, expected[1] - 1e-3, expected[0] + 1e-3, expected[1] + 1e-3]
    inside = standard.get(
        f"{PLACES}/items", params={"bbox": ",".join(map(str, around)), "bbox-crs": uri, "crs": uri}
    ).json()
    assert [each["id"] for each in inside["features"]] == [74]
    polygon = f"POINT({expected[0]:.9f} {expected[1]:.9f})"
    near = standard.get(
        f"{PLACES}/items", params={"filter": f"distance_m(geom, {polygon}) < 100", "filter-crs": uri}
    ).json()
    assert [each["id"] for each in near["features"]] == [74]


def pages(client: TestClient, url: str, **parameters: Any) -> list[list[Any]]:
    found = []
    answer = client.get(url, params=parameters).json()
    while True:
        found.append([each["id"] for each in answer["features"]])
        following = [link["href"] for link in answer["links"] if link["rel"] == "next"]
        if not following:
            return found
        answer = client.get(following[0]).json()


@pytest.mark.parametrize("order", ["", "name", "-name", "start,-pop_max", "-date,boolean", "namealt"])
def test_pages_hold_every_item_once_in_any_order(standard: TestClient, order: str) -> None:
    found = pages(standard, f"{PLACES}/items", limit=50, **({"sortby": order} if order else {}))
    assert [len(page) for page in found] == [50, 50, 50, 50, 43]
    assert len({each for page in found for each in page}) == 243
    whole = pages(standard, f"{PLACES}/items", limit=1000, **({"sortby": order} if order else {}))
    assert [each for page in found for each in page] == whole[0]


@pytest.mark.parametrize(
    ("parameters", "code"),
    [
        ({"filter": "nothing = 1"}, "ogc.property_unknown"),
        ({"filter": "name ="}, "ogc.filter_invalid"),
        ({"filter": "name = 1"}, "ogc.filter_invalid"),
        ({"filter": "name"}, "ogc.filter_invalid"),
        ({"filter": "pop_max = 2^100000"}, "ogc.filter_invalid"),
        ({"filter": "S_INTERSECTS(geom, POLYGON((0 0, 1 1)))"}, "ogc.filter_invalid"),
        ({"filter": "name; DROP TABLE x"}, "ogc.filter_invalid"),
        ({"filter": '{"op":"="', "filter-lang": "cql2-json"}, "ogc.filter_invalid"),
        ({"filter": "(" * 10_000 + "name = 'x'" + ")" * 10_000}, "ogc.filter_invalid"),
        ({"filter": "NOT " * 10_000 + "name = 'x'"}, "ogc.filter_invalid"),
        ({"filter": "pop_max" + "-1" * 10_000 + " = 1"}, "ogc.filter_invalid"),
        ({"filter": '{"op":"not","args":[' * 900 + "true" + "]}" * 900}, "ogc.filter_invalid"),
        ({"filter": "start = TIMESTAMP('2022-13-45T00:00:00Z')"}, "ogc.filter_invalid"),
        ({"filter": "name = 'x'", "filter-lang": "ecql"}, "ogc.parameter_invalid"),
        ({"bbox": "1,2,3"}, "ogc.parameter_invalid"),
        ({"bbox": "a,b,c,d"}, "ogc.parameter_invalid"),
        ({"datetime": "yesterday"}, "ogc.parameter_invalid"),
        ({"datetime": "2023-01-01/2022-01-01"}, "ogc.parameter_invalid"),
        ({"limit": "0"}, "ogc.parameter_invalid"),
        ({"cursor": "x"}, "ogc.parameter_invalid"),
        ({"cursor": "W1sieCJdLG51bGxd"}, "ogc.filter_invalid"),
        ({"unheard": "1"}, "ogc.parameter_invalid"),
        ({"pop_max": "many"}, "ogc.parameter_invalid"),
        ({"crs": EPSG.format(2381)}, "ogc.crs_not_offered"),
        ({"sortby": "geom"}, "ogc.property_unknown"),
        ({"properties": "nothing"}, "ogc.property_unknown"),
        ({"f": "xml"}, "ogc.parameter_invalid"),
    ],
)
def test_what_cannot_be_read_is_a_problem_of_the_asker(
    standard: TestClient, parameters: dict[str, str], code: str
) -> None:
    answer = standard.get(f"{PLACES}/items", params=parameters)
    assert (answer.status_code, answer.json()["code"]) == (400, code)
    assert answer.headers["content-type"] == "application/problem+json"
    assert not any(word in answer.text for word in ("psycopg", "SELECT", "reference.layer_", "Traceback"))


@pytest.mark.parametrize(
    "path",
    ["/ogc/collections/nothing", "/ogc/collections/officer/items", f"{PLACES}/items/999999", f"{PLACES}/items/x",
     "/ogc/collections/units/items/x", f"{PLACES}/tiles/Moon/0/0/0", f"{PLACES}/tiles/WebMercatorQuad/2/9/9", "/ogc/nowhere"],
)  # fmt: skip
def test_what_is_not_there_is_404(standard: TestClient, path: str) -> None:
    answer = standard.get(path)
    assert answer.status_code == 404
    assert answer.headers["content-type"] == "application/problem+json"


def test_parameters_may_name_properties(standard: TestClient) -> None:
    found = standard.get(f"{PLACES}/items", params={"name": "København", "boolean": "true"}).json()
    assert found["numberMatched"] <= 1
    assert standard.get(f"{PLACES}/items", params={"name": "København"}).json()["numberMatched"] == 1
    assert standard.get(f"{PLACES}/items", params={"datetime": "2022-04-16"}).json()["numberMatched"] == 1
    assert standard.get(f"{PLACES}/items", params={"datetime": "../.."}).json()["numberMatched"] == 243


def test_chosen_properties_alone_are_shown(standard: TestClient) -> None:
    found = standard.get(f"{PLACES}/items", params={"properties": "name,pop_max", "limit": 1}).json()
    assert found["features"][0]["properties"].keys() == {"name", "pop_max"}


@pytest.mark.parametrize("side", range(4))
def test_a_box_ends_where_it_says_by_less_than_a_hands_breadth(standard: TestClient, side: int) -> None:
    place = standard.get(f"{PLACES}/items/1").json()["geometry"]["coordinates"]
    at = place[side % 2]
    other = at + (1 if side < 2 else -1)

    def found(edge: float) -> list[int]:
        ends = {
            side % 2: sorted((edge, other)),
            1 - side % 2: [place[1 - side % 2] - 1, place[1 - side % 2] + 1],
        }
        box = ",".join(str(ends[axis][end]) for end in (0, 1) for axis in (0, 1))
        answer = standard.get(f"{PLACES}/items", params={"bbox": box, "limit": 1000}).json()
        assert answer["numberMatched"] == answer["numberReturned"]
        return [each["id"] for each in answer["features"]]

    outward = -1e-7 if side < 2 else 1e-7
    assert 1 in found(at + outward)
    assert 1 not in found(at - outward)
    assert 1 in found(at + 1e3 * outward)


@pytest.mark.parametrize(
    "asked", ["limit=5", "limit=5&sortby=-name", "limit=3&filter=pop_max%3E1", "limit=5&name=Rome"]
)
def test_what_is_asked_plainly_and_otherwise_is_answered_alike(standard: TestClient, asked: str) -> None:
    plain = standard.get(f"{PLACES}/items?{asked}")
    otherwise = standard.get(f"{PLACES}/items?limit=9&{asked}")
    assert plain.json()["features"] == otherwise.json()["features"]
    assert plain.json()["numberMatched"] == otherwise.json()["numberMatched"]
    differing = {"x-request-id", "content-length", "etag"}  # the ETag is that of the address
    assert {k: v for k, v in plain.headers.items() if k not in differing} == {
        k: v for k, v in otherwise.headers.items() if k not in differing
    }
    assert [link["rel"] for link in plain.json()["links"]] == [
        link["rel"] for link in otherwise.json()["links"]
    ]


def test_a_kept_tile_is_the_one_made_for_a_question_of_its_own(standard: TestClient) -> None:
    url = f"{PLACES}/tiles/WebMercatorQuad/1/1/0"
    first, kept, alone = standard.get(url), standard.get(url), standard.get(f"{url}?datetime=../..")
    assert first.content == kept.content == alone.content
    assert first.headers["etag"] == kept.headers["etag"] != alone.headers["etag"]


def test_a_tile_is_known_by_the_version_of_its_data(standard: TestClient) -> None:
    url = "/ogc/collections/ne_110m_admin_0_countries/tiles/WebMercatorQuad/1/1/0"
    first = standard.get(url)
    assert first.headers["content-type"] == "application/vnd.mapbox-vector-tile"
    assert b"ne_110m_admin_0_countries" in first.content
    assert b"France" in first.content
    assert standard.get(url, headers={"If-None-Match": first.headers["etag"]}).status_code == 304
    geographic = standard.get("/ogc/collections/ne_110m_admin_0_countries/tiles/WorldCRS84Quad/1/2/0")
    assert geographic.status_code == 200
    assert geographic.content


def test_answers_are_as_the_standard_describes_them(standard: TestClient, shared: Any) -> None:
    yaml = pytest.importorskip("yaml", reason="PyYAML is not installed")
    jsonschema = pytest.importorskip("jsonschema", reason="jsonschema is not installed")
    file = shared("data", "conformance", "ogcapi-features-1.openapi.yaml")
    described = yaml.safe_load(file.read_text(encoding="utf-8"))["components"]
    for path, schema in (
        ("/ogc/", "landingPage"),
        ("/ogc/conformance", "confClasses"),
        ("/ogc/collections", "collections"),
        (PLACES, "collection"),
        ("/ogc/collections/units", "collection"),
        (f"{PLACES}/items", "featureCollectionGeoJSON"),
        (f"{PLACES}/items/74", "featureGeoJSON"),
    ):
        whole = {"components": described, "$ref": f"#/components/schemas/{schema}"}
        jsonschema.Draft4Validator(whole).validate(standard.get(path).json())
    answer = standard.get("/ogc/api")
    assert answer.headers["content-type"] == "application/vnd.oai.openapi+json;version=3.0"
    ours = answer.json()
    assert ours["openapi"].startswith("3.0")
    assert '"null"' not in json.dumps(ours["paths"])
    items = ours["paths"]["/collections/{collectionId}/items"]["get"]["parameters"]
    for name, asked in described["parameters"].items():
        if asked["in"] == "query":
            mine = next(one for one in items if one["name"] == asked["name"])
            assert mine["required"] is asked.get("required", False), name
    limit = next(one for one in items if one["name"] == "limit")["schema"]
    assert (limit["minimum"], limit["maximum"]) == (1, described["parameters"]["limit"]["schema"]["maximum"])


def test_a_form_that_is_sent_empty_asks_nothing_and_a_program_is_told(standard: TestClient) -> None:
    empty = {"filter": "", "datetime": "", "limit": "1"}
    assert standard.get(f"{PLACES}/items", params={**empty, "f": "html"}).status_code == 200
    assert standard.get(f"{PLACES}/items", params=empty).json()["status"] == 400
