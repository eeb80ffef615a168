"""One name examined with its evidence over generated registers, and the same question put to pg_trgm.

`python -m tests.benchmarks.name_check [--sizes 10000 300000] [--asked 200]`; JSON lines. 2,000,000 and more by option.
Names are two- and three-character specifics of common naming characters with the usual generics, on a drawn city of
one district for each 10,000 names; what is asked about is drawn the same way and lies in the middle of one city. Recall
is taken against the engine on every name of the city. The peer searches `characters % name` and the toneless letters
under a GIN index of trigrams, at the threshold of 0.3, in the same database.
"""

import argparse
import json
import random
import statistics
import tempfile
import time
from collections.abc import Iterator
from concurrent.futures import ProcessPoolExecutor, ThreadPoolExecutor
from contextlib import contextmanager
from datetime import date
from functools import partial
from pathlib import Path
from typing import Any

import psycopg
from sqlalchemy import text
from sqlalchemy.orm import Session

from geo_service.db import Database
from geo_service.embedded import Cluster, Running
from geo_service.migrations import upgrade
from geo_service.operations.naming_check import check_name
from geo_service.schemas.naming import CheckedName, NameToCheck
from geo_service.settings import Settings
from layers.naming import on_record
from layers.naming.candidates import asked_keys, stored_keys
from layers.naming.model import NameKind
from layers.naming.search_key import typed_key
from layers.naming.spelling import spell

CHARACTERS = (
    "海滨金龙兴安文明和平新华建设人民中山东西南北春秋江河湖泉溪云天星月光辉荣昌盛福寿康宁德仁义礼信智勇忠孝清秀丽美景芳香桂兰"
    "梅竹松柏杨柳桃李枫榕椰棕翠碧玉珠琼瑶白红紫青蓝黄绿凤凰鹏鹤鹿马羊牛虎园林苑庭城门桥港湾洲岛沙石山岭峰坡岗台阳丰长永"
)
GENERICS = ("路",) * 6 + ("街", "街", "巷", "大道", "一路", "二路", "东路", "北路")
CITY_SIZE = 10_000
DRAWN = 300_000  # names beyond these are those of the first cities, in others
AT_ONCE = 3
SIDE = 0.5  # degrees: a city
DAY = date(2026, 1, 1)


def names(count: int, seed: int) -> Iterator[str]:
    drawn = random.Random(seed)
    for _ in range(count):
        yield "".join(drawn.choices(CHARACTERS, k=drawn.choice((2, 2, 2, 3)))) + drawn.choice(GENERICS)


def corner(city: int) -> tuple[float, float]:
    return 100 + (city % 40) * SIDE, 20 + (city // 40) * SIDE


COLUMNS = (
    "id, place_id, characters, specific, generic, kind, pinyin, pinyin_plain, geometry, unit_code, authority_code, keys, "
    "source, valid_from, recorded_by"
)
PEERS = {
    "peer_name": "CREATE INDEX peer_name ON naming.name USING gin (characters gin_trgm_ops)",
    "peer_pinyin": "CREATE INDEX peer_pinyin ON naming.name USING gin (pinyin_plain gin_trgm_ops)",
}
INDEXES = """SELECT indexname, indexdef FROM pg_indexes
 WHERE schemaname = 'naming' AND tablename = 'name' AND indexname NOT IN ('pk_name', 'ix_name_unit_code')"""


def fill(running: Running, start: int, end: int) -> None:
    """Add names `start` to `end`; cities first, indexes last, each with the time that it took."""
    with as_superuser(running) as plain:
        for city in range(start // CITY_SIZE, -(-end // CITY_SIZE)):
            west, south = corner(city)
            plain.execute(
                "INSERT INTO boundaries.administrative_unit (id, unit_id, code, name, level, geometry, valid_from, source) "
                "VALUES (gen_random_uuid(), gen_random_uuid(), %s, %s, 'prefecture', "
                "ST_Multi(ST_Segmentize(ST_MakeEnvelope(%s, %s, %s, %s, 4490), 0.001)), '2000-01-01', 'generated')",
                (f"{city + 100000}", f"城{city}", west, south, west + SIDE, south + SIDE),
            )
        definitions = dict(plain.execute(INDEXES).fetchall()) | PEERS
        for index in definitions:
            plain.execute(f"DROP INDEX IF EXISTS naming.{index}")
        written = max(start, min(end, DRAWN))
        took_s = {}
        with lasting(took_s, "names"):
            _write(plain, start, written)
            _move(running, written, end)
        with ThreadPoolExecutor(AT_ONCE) as builders:
            took_s |= builders.map(partial(_build, running), definitions.items())
        plain.execute("VACUUM ANALYZE naming.name")
        plain.execute("ANALYZE boundaries.administrative_unit")
        report(name=f"{end - start} names loaded, {end} on record", seconds=took_s)


def _build(running: Running, index: tuple[str, str]) -> tuple[str, float]:
    name, definition = index
    began = time.perf_counter()
    with as_superuser(running) as plain:
        plain.execute("SET maintenance_work_mem = '512MB'")
        plain.execute(definition)
    return name, round(time.perf_counter() - began, 1)


@contextmanager
def lasting(took_s: dict[str, float], what: str) -> Iterator[None]:
    began = time.perf_counter()
    yield
    took_s[what] = round(time.perf_counter() - began, 1)


def _write(plain: psycopg.Connection, start: int, end: int) -> None:
    """Draw the cities of names `start` to `end`, several at a time, and copy them in."""
    spans = [(first, min(first + CITY_SIZE, end)) for first in range(start, end, CITY_SIZE)]
    with ProcessPoolExecutor() as workers:
        for rows in workers.map(_drawn, *zip(*spans, strict=True)) if spans else ():
            with plain.cursor().copy(f"COPY naming.name ({COLUMNS}) FROM STDIN") as sink:
                for row in rows:
                    sink.write_row(row)


def _drawn(start: int, end: int) -> list[tuple[Any, ...]]:
    drawn = random.Random(start + 1)
    rows = []
    for place, name in enumerate(names(end - start, seed=start), start):
        west, south = corner(place // CITY_SIZE)
        lon, lat = west + drawn.random() * (SIDE - 0.02), south + drawn.random() * (SIDE - 0.01)
        identifier = f"{place:08x}-0000-7000-8000-000000000000"
        plain_letters = typed_key(spell(name, NameKind.STREET).plain)
        line = f"SRID=4490;LINESTRING({lon:.6f} {lat:.6f},{lon + 0.01:.6f} {lat:.6f})"
        code = f"{place // CITY_SIZE + 100000}"
        rows.append(
            (identifier, identifier, name, name[:2], name[-1], "street", plain_letters, plain_letters, line, code,
             code, list(stored_keys(name, NameKind.STREET)), "generated", date(2020, 1, 1), "bench")
        )  # fmt: skip
    return rows


MOVED = """
INSERT INTO naming.name ({columns})
SELECT moved.id, moved.id, {same}, ST_Translate(n.geometry, %(east)s, %(north)s), moved.code, moved.code, n.keys, n.source,
       n.valid_from, n.recorded_by
  FROM naming.name n, LATERAL (SELECT (lpad(to_hex(('x' || left(n.id::text, 8))::bit(32)::int + %(ahead)s), 8, '0')
       || '-0000-7000-8000-000000000000')::uuid AS id, %(code)s AS code) moved
 WHERE n.unit_code = %(from)s
"""


def _move(running: Running, start: int, end: int) -> None:
    """Put the names of the first cities into further ones: drawing two millions takes an hour, moving them minutes."""
    with ThreadPoolExecutor(AT_ONCE) as movers:
        list(movers.map(partial(_moved, running), range(start // CITY_SIZE, end // CITY_SIZE)))


def _moved(running: Running, city: int) -> None:
    source = city % (DRAWN // CITY_SIZE)
    (west, south), (own_west, own_south) = corner(city), corner(source)
    values = {"east": west - own_west, "north": south - own_south, "ahead": (city - source) * CITY_SIZE}
    same = "n.characters, n.specific, n.generic, n.kind, n.pinyin, n.pinyin_plain"
    with as_superuser(running) as plain:
        plain.execute(
            MOVED.format(columns=COLUMNS, same=same),
            values | {"code": f"{city + 100000}", "from": f"{source + 100000}"},
        )


def as_superuser(running: Running) -> psycopg.Connection:
    return psycopg.connect(running.superuser_url.replace("+psycopg", ""), autocommit=True)


def report(**figures: Any) -> None:
    print(json.dumps(figures, ensure_ascii=False), flush=True)


def quantiles(times_s: list[float]) -> dict[str, float]:
    cuts = statistics.quantiles(times_s, n=20)
    return {"p50_ms": round(1000 * statistics.median(times_s), 2), "p95_ms": round(1000 * cuts[18], 2)}


def wanted(name: str, city: int = 0) -> NameToCheck:
    west, south = corner(city)
    line = {"type": "LineString", "coordinates": [[west + 0.25, south + 0.25], [west + 0.26, south + 0.25]]}
    return NameToCheck(name=name, geometry=line)


def check(session: Session, name: str, *, city: int = 0, full_scan: bool = False) -> CheckedName:
    asked = wanted(name, city)
    return check_name(session, asked, profile="national", home_unit="100000", today=DAY, full_scan=full_scan)


@contextmanager
def whole_country() -> Iterator[None]:
    """Read the names of the whole country that share a key, as the engine did before it knew areas."""
    known = on_record.areas_within
    on_record.areas_within = lambda *_: None
    try:
        yield
    finally:
        on_record.areas_within = known


def ours(database: Database, asked: list[str], size: int) -> dict[str, set[str]]:
    times, before, found = [], [], {}
    with database.transaction() as session:
        for name in asked:
            began = time.perf_counter()
            answer = check(session, name)
            times.append(time.perf_counter() - began)
            found[name] = {each.subject[1] for each in answer.findings if each.code[:6] in PAIRS}
            with whole_country():
                began = time.perf_counter()
                check(session, name)
                before.append(time.perf_counter() - began)
        sizes = session.execute(text(SIZES)).all()
    report(name=f"check of one name over {size} names", **quantiles(times))
    report(name=f"the same, by key in the whole country, over {size} names", **quantiles(before))
    report(
        name=f"indexes over {size} names", megabytes={index: round(megabytes) for index, megabytes in sizes}
    )
    return found


SIZES = """SELECT indexrelname, pg_relation_size(indexrelid) / 1048576.0 FROM pg_stat_user_indexes
 WHERE schemaname = 'naming' AND relname = 'name' ORDER BY 1"""


def pages_read(database: Database, asked: list[str], size: int) -> None:
    """Count pages and rows that the statement for one name reads: figures that the load of the machine leaves alone."""
    west, south = corner(0)
    areas = on_record.areas_within((west, south, west + SIDE, south + SIDE), ["100000"])
    with database.transaction() as session:
        for way, by_key in (
            ("in its area", on_record.IN_AREAS),
            ("in the whole country", on_record.IN_THE_COUNTRY),
        ):
            pages, rows = [], []
            for name in asked:
                keys = list(asked_keys(name, NameKind.STREET))
                values = {"keys": keys} | ({"areas": list(areas or ())} if ":areas" in by_key else {})
                explained = session.execute(
                    text("EXPLAIN (ANALYZE, BUFFERS, TIMING OFF, FORMAT JSON) " + on_record.SHARING.format(by_key=by_key)),
                    values,
                ).scalar_one()  # fmt: skip
                plan = explained[0]["Plan"]
                pages.append(plan["Shared Hit Blocks"] + plan["Shared Read Blocks"])
                rows.append(plan["Actual Rows"])
            cuts = statistics.quantiles(pages, n=20)
            report(
                name=f"pages read for one name {way} over {size} names",
                p50=statistics.median(pages), p95=cuts[18], rows_p50=statistics.median(rows), rows_most=max(rows),
            )  # fmt: skip


def same_findings(database: Database, size: int, count: int) -> None:
    """Ask by area and by the whole country, in cities all over it: every finding of every rule is compared."""
    drawn = random.Random(11)
    findings = differing = 0
    with database.transaction() as session:
        for name in names(count, seed=-2):
            city = drawn.randrange(size // CITY_SIZE)
            near = check(session, name, city=city)
            with whole_country():
                far = check(session, name, city=city)
            findings += len(near.findings)
            differing += near != far
    report(
        name=f"by area and by the whole country over {size} names",
        names=count,
        findings=findings,
        answers_that_differ=differing,
    )


PAIRS = {f"DUP-0{number}" for number in range(1, 9)}


def recall(database: Database, asked: list[str], found: dict[str, set[str]], size: int) -> None:
    """Compare with the engine on every name within its reach."""
    few = [name for name in asked if found[name]][:3]
    hit = total = 0
    with database.transaction() as session:
        session.execute(
            text("SET LOCAL idle_in_transaction_session_timeout = 0")
        )  # ten thousand comparisons a name
        for name in few:
            everything = check(session, name, full_scan=True)
            true = {each.subject[1] for each in everything.findings if each.code[:6] in PAIRS}
            total += len(true)
            hit += len(true & found[name])
    report(
        name=f"recall against a full scan over {size} names",
        names=len(few),
        pairs=total,
        recall=hit / total if total else None,
    )


def peer(database: Database, asked: list[str], found: dict[str, set[str]], size: int) -> None:
    for column, form in (
        ("characters", lambda name: name),
        ("pinyin_plain", lambda name: typed_key(spell(name).plain)),
    ):
        times, hit, total = [], 0, 0
        with database.transaction() as session:
            for name in asked[:50]:
                began = time.perf_counter()
                rows = session.execute(
                    text(f"SELECT id::text FROM naming.name WHERE {column} % :name AND unit_code = '100000'"),
                    {"name": form(name)},
                ).scalars()
                answered = set(rows)
                times.append(time.perf_counter() - began)
                total += len(found[name])
                hit += len(found[name] & answered)
        report(
            name=f"pg_trgm on {column} over {size} names",
            **quantiles(times),
            recall=round(hit / total, 3) if total else None,
        )


def main() -> None:
    options = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    options.add_argument("--sizes", type=int, nargs="+", default=[10_000, 300_000])
    options.add_argument("--asked", type=int, default=200)
    options.add_argument(
        "--compared", type=int, default=200, help="names asked both by area and by the country"
    )
    options.add_argument(
        "--register", type=Path, help="where the register is kept for further runs; must not shrink"
    )
    chosen = options.parse_args()
    asked = list(names(chosen.asked, seed=-1))
    with (
        tempfile.TemporaryDirectory(prefix="geo-bench-", ignore_cleanup_errors=True) as folder,
        Cluster(chosen.register or Path(folder), durable=False).start() as running,
    ):
        upgrade(running.owner_url)
        database = Database(
            running.service_url, Settings(database_url=running.service_url, statement_timeout_s=600)
        )
        with database.transaction() as session:
            filled = session.execute(text("SELECT count(*) FROM naming.name")).scalar_one()
        for size in sorted(each for each in chosen.sizes if each >= filled):
            if size > filled:
                fill(running, filled, size)
            filled = size
            ours(database, asked[:20], size)  # warms caches: reported, for the first one is what a user meets
            found = ours(database, asked, size)
            pages_read(database, asked, size)
            same_findings(database, size, chosen.compared)
            peer(database, asked, found, size)
            recall(database, asked, found, size)
        database.dispose()


if __name__ == "__main__":
    main()
