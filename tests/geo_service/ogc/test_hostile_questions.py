"""Questions made to hurt: trees of anything, SQL in every place, whatever the description allows; never a fault of ours."""

import json
from typing import Any

import pytest
import schemathesis
from fastapi.testclient import TestClient
from hypothesis import HealthCheck, given, strategies
from hypothesis import settings as effort
from starlette.types import Receive, Scope, Send

from geo_service.ogc.cql.conditions import CONDITIONS
from geo_service.ogc.cql.scalars import ARITHMETIC, FUNCTIONS
from geo_service.ogc.cql.spatial import FUNCTIONS as RELATIONS

pytestmark = pytest.mark.database
PLACES = "/ogc/collections/ne_110m_populated_places_simple/items"
GENTLY = effort(
    max_examples=150, deadline=None, database=None, derandomize=True, suppress_health_check=list(HealthCheck)
)
HURTFUL = [
    "'; DROP TABLE reference.x; --", '" OR true --', "%(v0)s", "%s", "$1", "\\", "%", "_", "{0}", "{a}", ":v0", "E'\\\\'", "\u2028",
    'name" IS NOT NULL) OR (1=1', "pg_sleep(10)", "琼山", "\ud7ff", "..", "NULL", "-- ", "/*",
]  # fmt: skip
NAMES = ["name", "pop_max", "date", "start", "end", "boolean", "geom", "geometry", "fid", "nothing"]
OPERATIONS = [
    *CONDITIONS,
    *(op.replace("%%", "%") for op in ARITHMETIC),
    *FUNCTIONS,
    "casei",
    "accenti",
    "pg_sleep",
    "AND",
]

words = strategies.sampled_from(HURTFUL) | strategies.text(max_size=8)
numbers = strategies.floats(width=64) | strategies.integers(-(10**30), 10**30)
positions = strategies.lists(numbers, min_size=0, max_size=4)
leaves = (
    strategies.none()
    | strategies.booleans()
    | numbers
    | words
    | strategies.sampled_from(NAMES).map(lambda name: {"property": name})
    | words.map(lambda name: {"property": name})
    | words.map(lambda day: {"date": day})
    | strategies.dates().map(lambda day: {"date": day.isoformat()})
    | strategies.datetimes().map(lambda instant: {"timestamp": instant.isoformat() + "Z"})
    | words.map(lambda instant: {"timestamp": instant})
    | strategies.lists(words | strategies.just(".."), min_size=1, max_size=3).map(
        lambda ends: {"interval": ends}
    )
    | strategies.lists(numbers, max_size=6).map(lambda box: {"bbox": box})
    | positions.map(lambda position: {"type": "Point", "coordinates": position})
    | strategies.lists(positions, max_size=5).map(lambda line: {"type": "LineString", "coordinates": line})
    | strategies.lists(strategies.lists(positions, max_size=5), max_size=2).map(
        lambda rings: {"type": "Polygon", "coordinates": rings}
    )
)
trees = strategies.recursive(
    leaves,
    lambda inner: strategies.builds(
        lambda op, given_args: {"op": op, "args": given_args},
        strategies.sampled_from(OPERATIONS) | words,
        strategies.lists(inner | strategies.lists(inner, max_size=3), max_size=3),
    ),
    max_leaves=12,
)


def answered(client: TestClient, written: str, language: str) -> None:
    answer = client.get(PLACES, params={"filter": written, "filter-lang": language, "limit": "1"})
    assert answer.status_code in {200, 400}, (written, answer.text)
    if answer.status_code == 400:
        assert answer.json()["code"] in {"ogc.filter_invalid", "ogc.property_unknown"}
        said = answer.json()["detail"] + answer.json()["title"]
        assert not any(word in said for word in ("psycopg", "LINE 1", "ERROR:", "CAST("))


def test_no_tree_is_a_fault_of_the_service(standard: TestClient) -> None:
    @GENTLY
    @given(tree=trees)
    def asked(tree: Any) -> None:
        answered(standard, json.dumps(tree), "cql2-json")

    asked()
    assert standard.get(PLACES, params={"limit": "1"}).json()["numberMatched"] == 243


def test_no_text_is_a_fault_of_the_service(standard: TestClient) -> None:
    parts = strategies.sampled_from(
        [
            *HURTFUL,
            *NAMES,
            "AND",
            "OR",
            "NOT",
            "(",
            ")",
            "=",
            "<",
            "'x'",
            "1",
            "-",
            "LIKE",
            "IN",
            "DATE(",
            "INTERVAL(",
            "BBOX(",
        ]
    )

    @GENTLY
    @given(pieces=strategies.lists(parts, max_size=12))
    def asked(pieces: list[str]) -> None:
        answered(standard, " ".join(pieces), "cql2-text")

    asked()


@pytest.mark.parametrize("hurtful", HURTFUL)
def test_words_are_compared_and_never_run(standard: TestClient, hurtful: str) -> None:
    quoted = hurtful.replace("'", "''")
    for comparison in ("name = '{}'", "name IN ('{}')", "CASEI(name) = CASEI('{}')", "name = ACCENTI('{}')"):
        answer = standard.get(PLACES, params={"filter": comparison.format(quoted)})
        assert (answer.status_code, answer.json()["numberMatched"]) == (200, 0)
    named = '"' + hurtful.replace('"', '""') + '" = 1'
    assert standard.get(PLACES, params={"filter": named}).json()["code"] in {
        "ogc.property_unknown",
        "ogc.filter_invalid",
    }
    assert standard.get(PLACES, params={"name": hurtful}).json()["numberMatched"] == 0
    assert standard.get(PLACES, params={"sortby": hurtful}).status_code in {200, 400}


PROPERTY = {"property": "pop_max"}
NAME = {"property": "name"}
COLLECTION = {
    "type": "GeometryCollection",
    "geometries": [
        {"type": "Point", "coordinates": [2.35, 48.86]},
        {"type": "Polygon", "coordinates": [[[0, 40], [10, 40], [10, 50], [0, 50], [0, 40]]]},
    ],
}
AREA = COLLECTION["geometries"][1]
REFUSED = "refused"


def nested(op: str, depth: int) -> str:
    return f'{{"op":"{op}","args":[' * depth + "true" + "]}" * depth


def many(client: TestClient, written: str, language: str) -> int | str:
    answer = client.get(PLACES, params={"filter": written, "filter-lang": language, "limit": "1"})
    if answer.status_code == 200:
        return int(answer.json()["numberMatched"])
    assert answer.status_code == 400, (written[:200], answer.text[:500])
    assert answer.headers["content-type"] == "application/problem+json"
    assert answer.json()["code"] == "ogc.filter_invalid"
    return REFUSED


@pytest.mark.parametrize(
    ("op", "given_args", "expected"),
    [
        ("a_contains", [["a"], []], 243),  # the empty set lies in every set
        ("a_contains", [[], ["a"]], 0),
        ("a_contains", [[1], []], 243),
        ("a_contains", [[], []], 243),
        ("a_containedby", [[], ["a"]], 243),
        ("a_equals", [[], ["a"]], 0),
        ("a_overlaps", [["a"], []], 0),
        ("a_contains", [["a"], [1]], REFUSED),
        ("a_contains", [NAME, []], REFUSED),
        ("a_contains", [[None], [None]], REFUSED),
        ("in", [NAME, []], REFUSED),
        (">", [PROPERTY, 10**400], REFUSED),
        ("<", [PROPERTY, 10**300], 243),
        ("<", [PROPERTY, -(10**30)], 0),
        ("=", [NAME, "a\x00b"], REFUSED),
        ("=", [NAME, "a\ud800b"], REFUSED),
        ("=", [{"property": "na\ud800me"}, "a"], REFUSED),
        ("=", [NAME, "\U0001f600"], 0),
        ("like", [NAME, "Par\\"], REFUSED),
        ("like", [NAME, "no such place\\"], REFUSED),
        ("like", [NAME, "Par\\is"], 1),
        ("like", [NAME, "Paris\\\\"], 0),
    ],
)
def test_edges_of_values_are_answered_right_or_refused(
    standard: TestClient, op: str, given_args: list[Any], expected: int | str
) -> None:
    assert many(standard, json.dumps({"op": op, "args": given_args}), "cql2-json") == expected


@pytest.mark.parametrize(
    ("written", "expected"),
    [
        ("pop_max > 1e999", REFUSED),
        ("pop_max < -1e999", REFUSED),
        ("pop_max > 1e308 * 10", REFUSED),
        ("2 ^ 5000 > pop_max", REFUSED),
        ("pop_max + 9223372036854775807 > 0", 243),
        ("pop_max > 9223372036854775807 + 1", 0),
        ("pop_max > 1e-999", 243),
        ("pop_max / 0 > 1", 0),
        ("pop_max % 0 = 1", 0),
        ("name LIKE 'Par\\'", REFUSED),
        ("name LIKE '\\'", REFUSED),
        ("name = '\0'", REFUSED),
        ("S_INTERSECTS(geom, BBOX(-1e999,0,0,0))", REFUSED),
        ("S_INTERSECTS(geom, POINT EMPTY)", 0),
        ("S_DISJOINT(geom, POLYGON EMPTY)", 243),
        ("pop_max * 100000000000000 > 0", 243),
        ("pop_other = 1038288.0 AND pop_other = 1038288e0", 1),
        ("S_INTERSECTS(geom, " + "GEOMETRYCOLLECTION(" * 9 + "POINT(0 0)" + ")" * 10, REFUSED),
        ("(" * 90 + "name = 'Paris'" + ")" * 90, 1),
        ("(" * 5000 + "name = 'Paris'" + ")" * 5000, REFUSED),
        ("NOT " * 3000 + "name = 'Paris'", REFUSED),
        ("pop_max = " + "1+" * 3000 + "1", REFUSED),
        ("name = 'Paris' OR " * 1500 + "name = 'Paris'", 1),
    ],
)
def test_edges_of_texts_are_answered_right_or_refused(
    standard: TestClient, written: str, expected: int | str
) -> None:
    assert many(standard, written, "cql2-text") == expected


@pytest.mark.parametrize(
    "written",
    [
        '{"op":">","args":[{"property":"pop_max"},Infinity]}',
        '{"op":">","args":[{"property":"pop_max"},NaN]}',
        '{"op":">","args":[{"property":"pop_max"},-1e999]}',
        '{"op":">","args":[{"property":"pop_max"},' + "9" * 5000 + "]}",
        '{"op":"s_intersects","args":[{"property":"geom"},{"type":"Point","coordinates":[1e999,0]}]}',
        '{"op":"s_intersects","args":[{"property":"geom"},{"type":"Point","coordinates":[NaN,0]}]}',
        '{"op":["and"],"args":[true]}',
        '{"op":"and","args":{"a":1}}',
        "[" * 20_000,
        nested("not", 700),
        "",
    ],
)
def test_what_is_no_tree_is_refused(standard: TestClient, written: str) -> None:
    assert many(standard, written, "cql2-json") == REFUSED


@pytest.mark.parametrize("op", sorted(RELATIONS))
@pytest.mark.parametrize(
    "collection",
    ["ne_110m_populated_places_simple", "ne_110m_admin_0_countries", "ne_110m_rivers_lake_centerlines"],
)
def test_a_collection_of_geometries_stands_in_every_relation(
    standard: TestClient, op: str, collection: str
) -> None:
    """Its point lies in its area, so that it covers the same ground, and stands in the same relations, as the area alone."""
    found = []
    for shape in (COLLECTION, AREA):
        written = json.dumps({"op": op, "args": [{"property": "geom"}, shape]})
        asked = {"filter": written, "filter-lang": "cql2-json", "limit": "1"}
        answer = standard.get(f"/ogc/collections/{collection}/items", params=asked)
        assert answer.status_code in {200, 400}, answer.text
        found.append(answer.json().get("numberMatched"))
    assert found[0] == found[1], (op, collection)


@pytest.mark.filterwarnings(
    "ignore::morecantile.errors.PointOutsideTMSBounds"
)  # of empty layers, a warning of tipg's
def test_nothing_that_the_description_allows_is_a_fault_of_the_service(standard: TestClient) -> None:
    async def without_worker(scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "lifespan":
            await standard.app(scope, receive, send)

    document = schemathesis.openapi.from_asgi("/ogc/api", without_worker)
    seen, well = set(), 0
    for found in document.get_all_operations():
        operation = found.ok()
        seen.add(operation.path)

        @effort(GENTLY, max_examples=25)
        @given(case=operation.as_strategy())
        def asked(case: schemathesis.Case) -> None:
            nonlocal well
            answer = case.call()
            well += answer.status_code == 200
            assert answer.status_code < 500
            if answer.status_code >= 400:
                assert answer.headers["content-type"] == ["application/problem+json"]

        asked()
    assert well > 5
    assert {"/collections/{collectionId}/items", "/collections/{collectionId}/items/{featureId}"} <= seen
