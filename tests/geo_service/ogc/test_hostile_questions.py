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
