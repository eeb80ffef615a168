"""What any client may expect of the door: methods, forms, links, parameters, marks of answers (OGC 17-069r4, 18-058)."""

from typing import Any

import pytest
from fastapi.testclient import TestClient
from openapi_spec_validator import OpenAPIV30SpecValidator

pytestmark = pytest.mark.database
PLACES = "/ogc/collections/ne_110m_populated_places_simple"
DOCUMENTS = [
    "/ogc/",
    "/ogc/conformance",
    "/ogc/functions",
    "/ogc/collections",
    "/ogc/tileMatrixSets",
    PLACES,
    f"{PLACES}/queryables",
    f"{PLACES}/schema",
    f"{PLACES}/items/1",
    f"{PLACES}/tiles",
    f"{PLACES}/tiles/WebMercatorQuad",
    f"{PLACES}/tiles/WebMercatorQuad/tilejson.json",
]


@pytest.mark.parametrize("path", [*DOCUMENTS, f"{PLACES}/items", f"{PLACES}/tiles/WebMercatorQuad/0/0/0"])
def test_head_and_options_are_answered_and_other_sites_may_read(standard: TestClient, path: str) -> None:
    whole, head = standard.get(path), standard.head(path)
    assert (head.status_code, head.content) == (200, b"")
    for name in ("content-type", "content-crs", "etag"):
        assert head.headers.get(name) == whole.headers.get(name)
    assert whole.headers["access-control-allow-origin"] == "*"
    asked = standard.options(
        path, headers={"Origin": "http://elsewhere", "Access-Control-Request-Method": "GET"}
    )
    assert (asked.status_code, asked.headers["access-control-allow-methods"]) == (204, "GET, HEAD, OPTIONS")
    assert "access-control-allow-credentials" not in whole.headers | asked.headers
    assert standard.post(path).status_code == 405
    assert standard.head(f"{path}nothing").status_code == 404  # fmt: skip


@pytest.mark.parametrize("path", DOCUMENTS)
def test_a_parameter_that_nothing_knows_is_refused_everywhere(standard: TestClient, path: str) -> None:
    answer = standard.get(path, params={"unheard": "1"})
    assert (answer.status_code, answer.json()["code"]) == (400, "ogc.parameter_invalid")


@pytest.mark.parametrize(
    "parameters",
    [
        {"filter-crs": "nothing"},
        {"filter-lang": "ecql"},
        {"bbox-crs": "nothing"},
        {"datetime": "2022-W15-6"},
        {"datetime": "2022-04-16T10"},
        {"limit": "-1"},
    ],
)
def test_a_parameter_that_does_not_hold_is_refused_even_where_it_is_not_needed(
    standard: TestClient, parameters: dict[str, str]
) -> None:
    assert standard.get(f"{PLACES}/items", params=parameters).status_code == 400


def test_more_than_the_most_is_the_most(standard: TestClient) -> None:
    answer = standard.get(f"{PLACES}/items", params={"limit": "50000"})
    assert (answer.status_code, answer.json()["numberReturned"]) == (200, 243)


@pytest.mark.parametrize(
    "path", ["/ogc/", "/ogc/collections", PLACES, f"{PLACES}/items", f"{PLACES}/items/1"]
)
def test_every_document_names_itself_and_its_other_form(standard: TestClient, path: str) -> None:
    links = {link["rel"]: link for link in standard.get(path).json()["links"]}
    assert standard.get(links["self"]["href"]).headers["content-type"].startswith(links["self"]["type"])
    assert standard.get(links["alternate"]["href"]).headers["content-type"].startswith("text/html")


@pytest.mark.parametrize(
    ("accepted", "form"),
    [
        ("text/html", "text/html"),
        ("text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8", "text/html"),
        ("application/json;q=0.1, text/html", "text/html"),
        ("text/html;q=0.1,application/json", "application/geo+json"),
        ("text/html;q=0.5, application/geo+json;q=0.6", "application/geo+json"),
        ("text/html;q=nonsense", "application/geo+json"),
        ("*/*", "application/geo+json"),
        ("", "application/geo+json"),
    ],
)
def test_the_form_that_is_wanted_most_is_given(standard: TestClient, accepted: str, form: str) -> None:
    answer = standard.get(f"{PLACES}/items?limit=1", headers={"Accept": accepted})
    assert answer.headers["content-type"].startswith(form)


@pytest.mark.parametrize("path", [f"{PLACES}/items?limit=3", f"{PLACES}/items/1"])
def test_an_answer_that_did_not_change_is_not_sent_again(standard: TestClient, path: str) -> None:
    first = standard.get(path)
    again = standard.get(path, headers={"If-None-Match": first.headers["etag"]})
    assert (again.status_code, again.content) == (304, b"")
    assert again.headers["etag"] == first.headers["etag"]
    other = standard.get(path, params={"crs": "EPSG:3857"}, headers={"If-None-Match": first.headers["etag"]})
    assert other.status_code == 200


def test_tiles_and_their_description_call_the_layer_alike(standard: TestClient) -> None:
    tile = standard.get(f"{PLACES}/tiles/WebMercatorQuad/0/0/0").content
    told = standard.get(f"{PLACES}/tiles/WebMercatorQuad/tilejson.json").json()["vector_layers"][0]["id"]
    assert told.encode() in tile


def test_the_description_names_the_form_and_is_openapi_30(standard: TestClient) -> None:
    document: dict[str, Any] = standard.get("/ogc/api").json()
    for path in document["paths"].values():
        assert "f" in {one["name"] for one in path["get"]["parameters"]}
    OpenAPIV30SpecValidator(document).validate()
