"""The standard's own predicates, asked over HTTP: how many items each returns (OGC 21-065r2, annex A)."""

import csv
import json
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from fastapi.testclient import TestClient

from geo_service.ogc.cql import read_filter

pytestmark = pytest.mark.database
ERRATA = {"ACCENTI(CASEI(name)) LIKE accenti(casei('Chiș%'))": 1}
"""Where the annex is wrong: one place alone, Chișinău, begins so (opengeospatial/ogcapi-features, issue 1011)."""
COMBINED = "(NOT ({p2}) AND {p1}) OR ({p3} and {p4}) or not ({p1} OR {p4})"


def rows(path: Path) -> Iterator[dict[str, str]]:
    with path.open(encoding="utf-8", newline="") as stream:
        yield from csv.DictReader(stream)


def matched(client: TestClient, collection: str, **parameters: str) -> int | str:
    answer = client.get(f"/ogc/collections/{collection}/items", params=parameters | {"limit": "1"})
    return answer.json()["numberMatched"] if answer.status_code == 200 else answer.text


@pytest.mark.parametrize("language", ["cql2-text", "cql2-json"])
def test_every_predicate_returns_what_the_standard_expects(
    standard: TestClient, shared: Callable[..., Path], language: str
) -> None:
    wrong = {}
    for row in rows(shared("data", "conformance", "cql2_expected_counts.csv")):
        predicate = row["predicate"]
        written = predicate if language == "cql2-text" else json.dumps(read_filter(predicate))
        found = matched(standard, row["dataset"], filter=written, **{"filter-lang": language})
        expected = ERRATA.get(predicate, int(row["expected"]))
        if found != expected:
            wrong[predicate] = (expected, found)
    assert wrong == {}


def test_every_combination_returns_what_the_standard_expects(
    standard: TestClient, shared: Callable[..., Path]
) -> None:
    wrong = {}
    for row in rows(shared("data", "conformance", "cql2_combinations.csv")):
        written = COMBINED.format(**row)
        found = matched(standard, "ne_110m_populated_places_simple", filter=written)
        if found != int(row["expected"]):
            wrong[written] = (row["expected"], found)
    assert wrong == {}


def test_every_example_is_read_as_the_standard_reads_it(shared: Callable[..., Path]) -> None:
    examples = [
        json.loads(line)
        for line in shared("data", "conformance", "cql2_examples.jsonl")
        .read_text(encoding="utf-8")
        .splitlines()
    ]
    assert examples
    for example in examples:
        tree = read_filter(example["text"])
        if example["json"] is not None:
            assert tree == example["json"], example["id"]
            assert read_filter(json.dumps(example["json"]), "cql2-json") == example["json"]


def test_examples_about_absent_properties_are_refused_by_name(
    standard: TestClient, shared: Callable[..., Path]
) -> None:
    lines = shared("data", "conformance", "cql2_examples.jsonl").read_text(encoding="utf-8").splitlines()
    for example in map(json.loads, lines):
        for language, written in (("cql2-text", example["text"]), ("cql2-json", json.dumps(example["json"]))):
            if written == "null":
                continue
            answer = standard.get(
                "/ogc/collections/ne_110m_rivers_lake_centerlines/items",
                params={"filter": written, "filter-lang": language},
            )
            assert answer.status_code in {200, 400}, (example["id"], answer.text)
            if answer.status_code == 400:
                assert answer.headers["content-type"] == "application/problem+json"
                assert answer.json()["code"] in {"ogc.property_unknown", "ogc.filter_invalid"}
