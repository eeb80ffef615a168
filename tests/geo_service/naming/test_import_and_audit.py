"""Names from files, and the register examined: the road with four names, homophones, wrong spelling, no name."""

import csv
from pathlib import Path

import pytest
from fastapi.testclient import TestClient
from shapely.geometry import shape
from sqlalchemy import text
from sqlalchemy.orm import Session

from geo_service.db import Database
from geo_service.demonstration.names import load_names
from geo_service.operations.name_file import NameTerms
from geo_service.operations.name_import import import_names
from geo_service.operations.naming import audit_register
from geo_service.paging import today
from layers.features import Box
from layers.naming.exporting import export_batches
from tests.geo_service.naming.streets import NAMER, line, naming, put, street

pytestmark = pytest.mark.database
FOUR = ("椰博路", "博雅纵一路", "博雅路", "凤翔东二横路")


def write(path: Path, *rows: tuple[str, str]) -> Path:
    with path.open("w", encoding="utf-8", newline="") as sink:
        csv.writer(sink).writerows([("道路名称", "wkt"), *rows])
    return path


def taken(session: Session, path: Path, **terms):
    with naming(session):
        return import_names(
            session, path, NameTerms(crs="EPSG:4490", **terms), recorded_by="namer", on=today()
        )


def test_pieces_of_one_road_are_one_name_and_a_file_twice_is_once(
    hainan_session: Session, tmp_path: Path
) -> None:
    path = write(
        tmp_path / "roads.csv",
        ("宜海路", line((0, 0), (500, 0)).wkt),
        ("宜海路", line((520, 0), (900, 0)).wkt),
        ("宜海路", line((9000, 0), (9900, 0)).wkt),
        ("", line((0, 700), (90, 700)).wkt),
    )
    done = taken(hainan_session, path)
    assert (done.rows, done.begun, done.unnamed, done.written, len(done.rejects)) == (4, 2, 1, True, 0)
    again = taken(hainan_session, path)
    assert (again.begun, again.unchanged) == (0, 2)
    rows = hainan_session.execute(
        text(
            "SELECT unit_code, authority_code, pinyin, sources->>'geometry' FROM naming.name WHERE characters = '宜海路'"
        )
    ).all()
    assert set(rows) == {("460108", "460100", "Yíhǎi Lù", "roads.csv")}
    unnamed = text("SELECT count(*) FROM naming.unnamed_road WHERE source = 'roads.csv'")
    assert hainan_session.execute(unnamed).scalar() == 1


def test_roads_without_a_name_are_listed_where_they_lie(
    client: TestClient, hainan_session: Session, tmp_path: Path
) -> None:
    here, beside = line((0, 700), (90, 700)), line((0, 5700), (90, 5700))
    taken(hainan_session, write(tmp_path / "roads.csv", ("", here.wkt), ("", beside.wkt)))
    box = ",".join(str(degrees) for degrees in here.bounds)
    (road,) = client.get("/api/naming/unnamed-roads", params={"bbox": box}).json()["features"]
    assert (road["geometry"]["type"], road["properties"]["source"]) == ("LineString", "roads.csv")
    whole = client.get("/api/naming/unnamed-roads").json()["features"]
    assert [road["properties"]["source"] for road in whole].count("roads.csv") == 2
    assert client.get("/api/naming/unnamed-roads", params={"unit": "460200"}).json()["features"] == []
    along, across = line((-20, 705), (60, 705), (95, 702)), line((45, 5600), (45, 5800))
    taken(hainan_session, write(tmp_path / "named.csv", ("宜海路", along.wkt), ("沧浪路", across.wkt)))
    left = client.get("/api/naming/unnamed-roads").json()["features"]
    found = [road for road in left if road["properties"]["source"] == "roads.csv"]
    assert [shape(road["geometry"]).equals_exact(beside, 1e-6) for road in found] == [True]


def test_one_bad_row_and_nothing_is_written(hainan_session: Session, tmp_path: Path) -> None:
    path = write(
        tmp_path / "roads.csv",
        ("宜海路", line((0, 0), (500, 0)).wkt),
        ("Main Street", line((0, 90), (500, 90)).wkt),
        ("怡海路", "LINESTRING (100 40, 100.1 40)"),
    )
    done = taken(hainan_session, path)
    assert [(each.row, each.code) for each in done.rejects] == [
        (2, "naming.not_chinese"),
        (3, "naming.outside_units"),
    ]
    assert not done.written
    kept = text("SELECT count(*) FROM naming.name WHERE source = 'roads.csv'")
    assert hainan_session.execute(kept).scalar() == 0


def test_the_roads_of_a_real_extract_enter_with_their_names(hainan_session: Session, shared) -> None:
    path = shared("data", "roads", "zhengzhou_east_osm.gpkg")
    done = taken(hainan_session, path, unit="460100", dry_run=True, mapping={"name": "name"})
    if done.rejects:
        assert {each.code for each in done.rejects} <= {"naming.not_chinese"}
    else:
        assert done.begun > 50
    assert done.rows > 500
    assert not done.written


def test_a_ways_of_openstreetmap_file_is_read(hainan_session: Session, shared) -> None:
    path = shared("data", "roads", "porto_alegre_osm.pbf")
    with naming(hainan_session):
        done = import_names(
            hainan_session, path, NameTerms(unit="460100", dry_run=True), recorded_by="namer", on=today()
        )
    assert done.rows > 500
    assert {each.code for each in done.rejects} == {"naming.not_chinese"}


def found(session: Session, profile: str = "national"):
    return audit_register(session, unit=None, as_of=today(), profile=profile)


def test_the_road_with_four_names_is_one_finding(hainan_session: Session) -> None:
    ids = put(
        hainan_session,
        *(
            street(name, (0, 3.0 * place), (1500, 3.0 * place), source=f"department {place}")
            for place, name in enumerate(FOUR)
        ),
        street("海府路", (0, 400), (1500, 400)),
    )
    roads = [each for each in found(hainan_session) if each["code"] == "naming.road_with_several_names"]
    roads = [each for each in roads if set(each["subject"]) & {str(identifier) for identifier in ids}]
    assert [set(each["evidence"]["names"]) for each in roads] == [set(FOUR)]
    assert len(roads[0]["subject"]) == 4
    assert roads[0]["evidence"]["geometry"]["type"] == "LineString"
    assert roads[0]["message"]["zh"].startswith("一路多名：")
    assert roads[0]["severity"] == "block"


def test_repeats_homophones_spelling_and_structure_are_found_once_each(hainan_session: Session) -> None:
    ids = put(
        hainan_session,
        street("宜海路", (0, 0), (900, 0)),
        street("怡海路", (0, 300), (900, 300)),
        street("宜海路", (0, 600), (900, 600)),
        street("宜海路", (0, -150_000), (900, -150_000), authority_code="460200", unit_code="460200"),
        street("三路", (0, 900), (900, 900)),
    )
    with naming(hainan_session):
        hainan_session.execute(
            text("UPDATE naming.name SET pinyin = 'Yihai Road' WHERE id = :id"), {"id": ids[0]}
        )
    told = [each for each in found(hainan_session) if set(each["subject"]) & set(map(str, ids))]
    pairs = {(each["code"], frozenset(each["subject"])) for each in told}
    one, two, three, far, bare = map(str, ids)
    assert ("DUP-01", frozenset({one, three})) in pairs
    assert {("DUP-02", frozenset({one, two})), ("DUP-02", frozenset({two, three}))} <= pairs
    assert ("PIN-01", frozenset({one})) in pairs
    assert ("STR-03", frozenset({bare})) in pairs
    assert not any(far in each["subject"] for each in told)
    assert len(told) == len({(each["code"], *each["subject"]) for each in told})


def test_names_are_listed_by_box_kind_and_day_and_read_in_full(
    client: TestClient, hainan_session: Session
) -> None:
    identifier, _ = put(
        hainan_session, street("宜海路", (0, 0), (900, 0)), street("海府路", (0, 20_000), (900, 20_000))
    )
    listed = client.get(
        "/api/naming/names", params={"bbox": "110.34,20.01,110.37,20.03", "kind": "street"}
    ).json()
    assert [each["properties"]["name"] for each in listed["features"]] == ["宜海路"]
    assert client.get("/api/naming/names", params={"as_of": "2019-01-01"}).json()["features"] == []
    whole = client.get(f"/api/naming/names/{identifier}")
    properties = whole.json()["properties"]
    assert properties["history"][0]["name"] == "宜海路"
    assert properties["events"][0]["event"] == "named"
    assert whole.headers["etag"]
    assert (
        client.get("/api/naming/names/00000000-0000-7000-8000-000000000000").json()["code"]
        == "naming.name_not_found"
    )
    tile = client.get("/tiles/names/13/6607/3630.mvt")
    assert "宜海路".encode() in tile.content
    hit = client.get("/api/naming/names", params={"q": "yhl"}).json()["features"][0]["properties"]["matched"]
    assert hit == {"why": "initials", "with": "yhl", "whole": True}


def test_the_demonstration_is_there_once_and_says_that_it_is_made_up(hainan: Database) -> None:
    load_names(hainan, tell=lambda _: None)
    with hainan.acting_as(NAMER).transaction() as session:
        names, made_up = session.execute(
            text("SELECT count(*), count(*) FILTER (WHERE synthetic) FROM naming.name")
        ).one()
        states = session.execute(text("SELECT state FROM naming.proposal WHERE synthetic")).scalars().all()
        told = found(session, "haikou_draft")
    assert (names, made_up) == (27, 27)
    assert {"precheck", "reserved", "public_comment", "committee", "approved", "in_force"} <= set(states)
    roads = [each["evidence"]["names"] for each in told if each["code"] == "naming.road_with_several_names"]
    assert [set(each) for each in roads] == [set(FOUR)]


def test_the_register_is_exported_in_the_order_of_its_letters(hainan_session: Session) -> None:
    put(hainan_session, street("宜海路", (0, 0), (900, 0)), street("海府路", (0, 20_000), (900, 20_000)))
    box = Box(110.34, 20.0, 110.37, 20.3)
    (batch,) = export_batches(hainan_session, as_of=today(), within=box)
    assert list(zip(batch["name"], batch["pinyin"], strict=True)) == [
        ("海府路", "Hǎifǔ Lù"),
        ("宜海路", "Yíhǎi Lù"),
    ]
