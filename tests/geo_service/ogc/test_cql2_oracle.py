"""Filters made at random, as text and as JSON, against counts worked out by hand over the same rows."""

import json
from collections.abc import Callable, Mapping
from datetime import UTC
from pathlib import Path
from typing import Any

import geopandas
import pandas as pd
import pytest
from fastapi.testclient import TestClient
from hypothesis import HealthCheck, given, strategies
from hypothesis import settings as effort

from tests.geo_service.ogc import cql2_oracle as oracle

pytestmark = pytest.mark.database
COUNTRIES, PLACES, RIVERS = (
    "ne_110m_admin_0_countries",
    "ne_110m_populated_places_simple",
    "ne_110m_rivers_lake_centerlines",
)
ENOUGH = effort(
    max_examples=150, deadline=None, database=None, derandomize=True, suppress_health_check=list(HealthCheck)
)


def op(name: str, *args: Any) -> dict[str, Any]:
    return {"op": name, "args": list(args)}


def named(name: str) -> dict[str, str]:
    return {"property": name}


one_of = strategies.sampled_from
TEXTS = ["København", "Kiev", "Bern", "Chișinău", "São Tomé", "Paris", "", "K_benhavn", "o", "Ōsaka", "a'b"]
PATTERNS = ["%", "_ern", "B_r%", "%o%", "K%n", "São%", "%\\%", "\\Paris", "____", "%ș%", "K\\_benhavn", ""]
NUMBERS = [0, -1, 3, 1038288, 1038288.5, 4e6, 100000, -2.5]
DAYS = ["2021-04-16", "2022-04-16", "2022-04-17", "2023-04-16", "1999-12-31"]
INSTANTS = [
    "2021-04-16T10:15:59Z",
    "2022-04-16T10:13:19Z",
    "2022-04-16T10:15:10Z",
    "2022-04-16T10:16:06Z",
    "2023-04-16T10:13:19Z",
    "2022-04-16T00:00:00Z",
]
SQUARE = [[0, 40], [10, 40], [10, 50], [0, 50], [0, 40]]
GEOMETRIES = [
    {"bbox": [0, 40, 10, 50]},
    {"bbox": [150, -90, -150, 90]},
    {"bbox": [-180, -90, 0, 90]},
    {"bbox": [7, 50, 8, 51]},
    {"type": "Point", "coordinates": [7.02, 49.92]},
    {"type": "Point", "coordinates": [6.1300028, 49.6116604]},
    {"type": "Point", "coordinates": [6.043073357781111, 50.128051662794235]},
    {"type": "LineString", "coordinates": [[0, 40], [10, 50]]},
    {"type": "LineString", "coordinates": [[-60, -90], [-60, 90]]},
    {"type": "Polygon", "coordinates": [SQUARE]},
    {
        "type": "Polygon",
        "coordinates": [
            [[-180, -90], [180, -90], [180, 90], [-180, 90], [-180, -90]],
            [[-90, -60], [-90, 60], [90, 60], [90, -60], [-90, -60]],
        ],
    },
    {"type": "MultiPoint", "coordinates": [[6.1300028, 49.6116604], [2, 48], [-60, -10]]},
    {"type": "MultiLineString", "coordinates": [[[0, 40], [10, 50]], [[-60, -90], [-60, 90]]]},
    {
        "type": "MultiPolygon",
        "coordinates": [[SQUARE], [[[-80, -60], [-40, -60], [-40, 10], [-80, 10], [-80, -60]]]],
    },
    {"type": "LineString", "coordinates": []},
    {"type": "Polygon", "coordinates": []},
]

strings = one_of(TEXTS) | one_of(["name", "nameascii"]).map(named)
strings |= strategies.builds(op, one_of(["casei", "accenti"]), strings)
patterns = one_of(PATTERNS) | strategies.builds(op, one_of(["casei", "accenti"]), one_of(PATTERNS))
numbers = strategies.recursive(
    one_of(NUMBERS) | one_of(["pop_max", "pop_min", "pop_other"]).map(named),
    lambda inner: (
        strategies.builds(op, one_of(["+", "-", "*"]), inner, inner)
        | strategies.builds(op, one_of(["/", "div", "%"]), inner, one_of([2, 3, -2]))
        | strategies.builds(op, strategies.just("^"), inner, one_of([2, 3]))
    ),
    max_leaves=3,
)
days = one_of(DAYS).map(lambda day: {"date": day}) | strategies.just(named("date"))
instants = one_of(INSTANTS).map(lambda instant: {"timestamp": instant}) | one_of(["start", "end"]).map(named)
day_spans = strategies.builds(
    lambda a, b: {"interval": sorted([a, b])}, one_of([*DAYS, ".."]), one_of(DAYS)
) | one_of(DAYS).map(lambda day: {"interval": [day, ".."]})
spans = strategies.just({"interval": [named("start"), named("end")]}) | strategies.builds(
    lambda a, b: {"interval": sorted([a, b])}, one_of([*INSTANTS, ".."]), one_of(INSTANTS)
)
moments = instants | spans | days | day_spans


def compared(values: strategies.SearchStrategy[Any]) -> strategies.SearchStrategy[Any]:
    return (
        strategies.builds(op, one_of(sorted(oracle.COMPARED)), values, values)
        | strategies.builds(lambda a, many: op("in", a, many), values, strategies.lists(values, min_size=1, max_size=3))
        | strategies.builds(op, strategies.just("isNull"), values)
        | strategies.builds(op, strategies.just("between"), values, values, values)
    )  # fmt: skip


def joined(leaves: strategies.SearchStrategy[Any]) -> strategies.SearchStrategy[Any]:
    return strategies.recursive(
        leaves,
        lambda inner: strategies.builds(
            lambda word, parts: op(word, *parts), one_of(["and", "or"]), strategies.lists(inner, min_size=2, max_size=3)
        )
        | strategies.builds(op, strategies.just("not"), inner),
        max_leaves=5,
    )  # fmt: skip


def spatial() -> strategies.SearchStrategy[Any]:
    places = one_of(GEOMETRIES)
    relation = one_of(sorted(oracle.RELATED))
    return strategies.builds(op, relation, strategies.just(named("geom")), places) | strategies.builds(
        op, relation, places, strategies.just(named("geom"))
    )


of_places = joined(
    compared(strings)
    | compared(numbers)
    | compared(days)
    | compared(instants)
    | strategies.builds(op, strategies.just("like"), strings, patterns)
    | strategies.builds(op, one_of(sorted(oracle.TIMES)), moments, moments)
    | one_of([True, False, None, named("boolean"), op("=", named("boolean"), False)])
    | spatial()
)


def rows_of(file: Path, layer: str) -> list[dict[str, Any]]:
    frame = geopandas.read_file(file, layer=layer, engine="pyogrio").rename(columns={"geometry": "geom"})
    return [{name: plain(name, value) for name, value in raw.items()} for raw in frame.to_dict("records")]


def plain(name: str, value: Any) -> Any:
    """Return a value as Python has it; what pandas calls missing is None."""
    if name == "geom":
        return value
    if pd.isna(value):
        return None
    if name == "date":
        return value.date()
    return value.to_pydatetime().astimezone(UTC) if name in {"start", "end"} else value


def asked(client: TestClient, layer: str, tree: Any, rows: list[Mapping[str, Any]]) -> None:
    expected = sum(oracle.value(tree, row) is True for row in rows)
    for language, written in (("cql2-text", oracle.text(tree)), ("cql2-json", json.dumps(tree))):
        answer = client.get(
            f"/ogc/collections/{layer}/items",
            params={"filter": written, "filter-lang": language, "limit": "1", "properties": "name"}
            if layer != COUNTRIES
            else {"filter": written, "filter-lang": language, "limit": "1"},
        )
        assert answer.status_code == 200, (written, answer.text)
        assert answer.json()["numberMatched"] == expected, written


def test_places_match_as_worked_out_by_hand(standard: TestClient, shared: Callable[..., Path]) -> None:
    rows = rows_of(shared("data", "conformance", "ne110m4cql2.gpkg"), PLACES)

    @ENOUGH
    @given(tree=of_places)
    def filtered(tree: Any) -> None:
        asked(standard, PLACES, tree, rows)

    filtered()


@pytest.mark.parametrize("layer", [COUNTRIES, PLACES, RIVERS])
@pytest.mark.parametrize("relation", sorted(oracle.RELATED))
def test_every_relation_with_every_kind_of_geometry_both_ways(
    standard: TestClient, shared: Callable[..., Path], layer: str, relation: str
) -> None:
    rows = rows_of(shared("data", "conformance", "ne110m4cql2.gpkg"), layer)
    for geometry in GEOMETRIES:
        asked(standard, layer, op(relation, named("geom"), geometry), rows)
        asked(standard, layer, op(relation, geometry, named("geom")), rows)


@pytest.mark.parametrize("relation", sorted(oracle.TIMES))
def test_every_relation_of_times_with_every_kind_of_time(
    standard: TestClient, shared: Callable[..., Path], relation: str
) -> None:
    rows = rows_of(shared("data", "conformance", "ne110m4cql2.gpkg"), PLACES)
    span = {"interval": [named("start"), named("end")]}
    literals: list[Any] = [{"timestamp": each} for each in INSTANTS] + [{"date": each} for each in DAYS]
    literals += [{"interval": [a, b]} for a in ["..", *INSTANTS[:3]] for b in [*INSTANTS[2:5], ".."]]
    literals += [{"interval": ["2022-01-01", "2022-12-31"]}, {"interval": ["..", ".."]}]
    for literal in literals:
        for mine in (named("start"), named("date"), span):
            asked(standard, PLACES, op(relation, mine, literal), rows)
            asked(standard, PLACES, op(relation, literal, mine), rows)


@pytest.mark.parametrize(
    ("letters", "function"), [("CHIȘINĂU", "CASEI"), ("chișinău", "CASEI"), ("Chisinau", "ACCENTI")]
)
def test_composed_and_decomposed_letters_are_the_same_where_case_or_accents_are(
    standard: TestClient, letters: str, function: str
) -> None:
    for written in (letters, letters.replace("Ș", "S\u0326").replace("ș", "s\u0326").replace("ă", "a\u0306")):
        answer = standard.get(
            f"/ogc/collections/{PLACES}/items",
            params={"filter": f"{function}(name) = {function}('{written}')"},
        )
        assert answer.json()["numberMatched"] == 1, written  # fmt: skip
