"""A file of names writes what writing each name by itself writes: rows, events, keys, feed and audit."""

import csv
import gzip
import unicodedata
import uuid
from collections.abc import Sequence
from datetime import date
from itertools import islice
from pathlib import Path

import pytest
import shapely
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import text
from sqlalchemy.orm import Session

from geo_service.exchange.binary_copy import encode_block
from geo_service.operations.name_file import NameTerms
from geo_service.operations.name_import import import_names
from layers.naming.parser import kind_of
from layers.naming.register import NewName, enter
from layers.naming.tables import NameEventKind
from layers.tables import uuid7_block
from tests.geo_service.naming.streets import LAT, LON, naming

DAY = date(2026, 11, 27)
ROWS = """
SELECT to_jsonb(n) - ARRAY['id', 'place_id', 'original_geometry', 'original_crs', 'recorded_at'] AS name, n.id = n.place_id AS own,
       (SELECT jsonb_agg(to_jsonb(e) - ARRAY['id', 'name_id', 'recorded_at']) FROM naming.name_event e WHERE e.name_id = n.id) AS events,
       (SELECT jsonb_agg(jsonb_build_array(s.key, s.why, s.shown) ORDER BY s.why, s.key COLLATE "C", s.shown COLLATE "C")
          FROM naming.name_search s WHERE s.name_id = n.id) AS keys,
       (SELECT jsonb_agg(jsonb_build_array(c.layer, c.code = n.id::text, c.kind)) FROM service.change c WHERE c.subject = n.id) AS told
  FROM naming.name n WHERE n.source = :source ORDER BY n.characters COLLATE "C", ST_X(n.geometry)
"""
TOGETHER = (
    "的一长滨行乐大新重都单盖厦会朝六仇海口市文明东西三第号路街道巷村里胡同儿黎族自治县女绿㐀𠮷𬇕𫭟Aa1ｂ①·'⽂"
)


def entered(session: Session, names: Sequence[tuple[str, str, str]], source: str) -> None:
    """Put names on the register one by one, each with its reading and its aliases."""
    new = [
        NewName(
            "".join(unicodedata.normalize("NFKC", name).split()),
            kind_of(name),
            "460108",
            "460100",
            source,
            DAY,
            reading=tuple(reading.split()),
            geometry=_place(number),
            aliases=tuple(filter(None, aliases.split(";"))),
        )
        for number, (name, reading, aliases) in enumerate(names)
    ]
    for each in new:
        enter(session, [each], recorded_by="namer", event=NameEventKind.IMPORTED)


def imported(session: Session, names: Sequence[tuple[str, str, str]], path: Path) -> None:
    with path.open("w", encoding="utf-8", newline="") as sink:
        csv.writer(sink).writerows(
            [("name", "reading", "aliases", "wkt")]
            + [
                (*name, shapely.to_wkt(_place(number), rounding_precision=6))
                for number, name in enumerate(names)
            ]
        )
    done = import_names(session, path, NameTerms(crs="EPSG:4490"), recorded_by="namer", on=DAY)
    assert not done.rejects, done.rejects.first(3)
    assert (done.begun, done.written) == (len(names), True)


def _place(number: int) -> shapely.Point:
    return shapely.Point(round(LON + number % 50 * 1e-4, 6), round(LAT + number // 50 * 1e-4, 6))


def written(session: Session, source: str) -> list[tuple[object, ...]]:
    rows = session.execute(text(ROWS), {"source": source})
    return [tuple(row) for row in rows]


def same_both_ways(session: Session, names: Sequence[tuple[str, str, str]], path: Path) -> None:
    with naming(session):
        imported(session, names, path)
        by_file = written(session, path.name)
        session.execute(
            text("UPDATE naming.name SET source = 'before' WHERE source = :own"), {"own": path.name}
        )
        entered(session, names, path.name)
        by_hand = written(session, path.name)
    assert len(by_file) == len(names)
    assert by_file == by_hand


@pytest.mark.database
def test_real_names_are_written_as_if_entered_by_hand(
    hainan_session: Session, shared, tmp_path: Path
) -> None:
    with gzip.open(shared("data", "names", "road_names_zh.csv.gz"), "rt", encoding="utf-8") as lines:
        roads = [row["road"] for row in csv.DictReader(lines)]
    with gzip.open(shared("data", "names", "hainan_divisions_2023.csv.gz"), "rt", encoding="utf-8") as lines:
        divisions = [row["name"] for row in csv.DictReader(lines)]
    taken = [*dict.fromkeys(name for name in roads if _takable(name))][:400]
    taken += [*dict.fromkeys(islice(divisions, 0, None, 12))]
    assert len(taken) > 500
    same_both_ways(hainan_session, [(name, "", "") for name in dict.fromkeys(taken)], tmp_path / "real.csv")


def _takable(name: str) -> bool:
    plain = "".join(unicodedata.normalize("NFKC", name).split())
    return len(plain) <= 40 and any("\u3400" <= letter <= "\u9fff" for letter in plain)


strange = (
    st.text(
        st.one_of(st.sampled_from(TOGETHER), st.characters(codec="utf-8", exclude_categories=("C", "Z"))),
        max_size=9,
    )
    .map(lambda drawn: f"{drawn}长")
    .filter(_takable)
)
aliases = st.lists(st.text(st.sampled_from(TOGETHER), min_size=1, max_size=5), max_size=2).map(";".join)


@pytest.mark.database
@settings(max_examples=12, deadline=None, suppress_health_check=list(HealthCheck))
@given(
    drawn=st.lists(
        st.tuples(strange, st.sampled_from(["", "cháng", "zhǎng"]), aliases),
        min_size=1,
        max_size=12,
        unique_by=lambda row: "".join(unicodedata.normalize("NFKC", row[0]).split()),
    )
)
def test_strange_names_are_written_as_if_entered_by_hand(
    hainan_session: Session, tmp_path_factory: pytest.TempPathFactory, drawn: list[tuple[str, str, str]]
) -> None:
    wanted = [*drawn, ("长😀路", "", ""), ("𠮷野村", "", "")]
    distinct = {"".join(unicodedata.normalize("NFKC", name).split()): (name, *rest) for name, *rest in wanted}
    with hainan_session.begin_nested() as undone:
        same_both_ways(
            hainan_session, list(distinct.values()), tmp_path_factory.mktemp("strange") / "strange.csv"
        )
        undone.rollback()


@pytest.mark.database
def test_lists_of_text_arrive_as_they_are(hainan_session: Session) -> None:
    lists = [["长", "", 'a"b,{}\\'], [], None, ["😀"], ["x"] * 300]
    block, rows = encode_block({"words": lists}, {"words": "text[]"})
    driver = hainan_session.connection().connection.driver_connection
    driver.execute("CREATE TEMPORARY TABLE of_words (words text[]) ON COMMIT DROP")
    with driver.cursor().copy("COPY of_words FROM STDIN (FORMAT BINARY)") as copy:
        copy.write(b"PGCOPY\n\xff\r\n\0" + bytes(8))
        copy.write(block)
        copy.write(b"\xff\xff")
    assert rows == len(lists)
    assert [words for (words,) in driver.execute("SELECT words FROM of_words")] == lists


def test_many_keys_are_of_version_7_and_differ() -> None:

    made = [uuid.UUID(bytes=each.tobytes()) for each in uuid7_block(500)]
    assert len(set(made)) == 500
    assert {(each.version, each.variant) for each in made} == {(7, uuid.RFC_4122)}
