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
from datetime import date
from pathlib import Path
from typing import Any

import psycopg
from sqlalchemy import text

from geo_service.db import Database
from geo_service.embedded import Cluster, Running
from geo_service.migrations import upgrade
from geo_service.operations.naming_check import check_name
from geo_service.schemas.naming import NameToCheck
from geo_service.settings import Settings
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
SIDE = 0.5  # degrees: a city
DAY = date(2026, 1, 1)


def names(count: int, seed: int) -> Iterator[str]:
    drawn = random.Random(seed)
    for _ in range(count):
        yield "".join(drawn.choices(CHARACTERS, k=drawn.choice((2, 2, 2, 3)))) + drawn.choice(GENERICS)


def corner(city: int) -> tuple[float, float]:
    return 100 + (city % 40) * SIDE, 20 + (city // 40) * SIDE


def fill(running: Running, start: int, end: int) -> None:
    """Add names `start` to `end`; cities first."""
    with psycopg.connect(running.superuser_url.replace("+psycopg", ""), autocommit=True) as plain:
        for city in range(start // CITY_SIZE, -(-end // CITY_SIZE)):
            west, south = corner(city)
            plain.execute(
                "INSERT INTO boundaries.administrative_unit (id, unit_id, code, name, level, geometry, valid_from, source) "
                "VALUES (gen_random_uuid(), gen_random_uuid(), %s, %s, 'prefecture', "
                "ST_Multi(ST_Segmentize(ST_MakeEnvelope(%s, %s, %s, %s, 4490), 0.001)), '2000-01-01', 'generated')",
                (f"{city + 100000}", f"城{city}", west, south, west + SIDE, south + SIDE),
            )
        columns = (
            "id, place_id, characters, specific, generic, kind, pinyin, pinyin_plain, geometry, unit_code, "
            "authority_code, keys, source, valid_from, recorded_by"
        )
        plain.execute(
            "DROP INDEX IF EXISTS naming.ix_name_keys, naming.ix_name_geometry, naming.peer_name, naming.peer_pinyin"
        )
        written = max(start, min(end, DRAWN))
        _write(plain, columns, start, written)
        _move(plain, columns, written, end)
        plain.execute("CREATE INDEX ix_name_keys ON naming.name USING gin (keys)")
        plain.execute("CREATE INDEX ix_name_geometry ON naming.name USING gist (geometry)")
        plain.execute("CREATE INDEX peer_name ON naming.name USING gin (characters gin_trgm_ops)")
        plain.execute("CREATE INDEX peer_pinyin ON naming.name USING gin (pinyin_plain gin_trgm_ops)")
        plain.execute("VACUUM ANALYZE naming.name")
        plain.execute("ANALYZE boundaries.administrative_unit")


def _write(plain: psycopg.Connection, columns: str, start: int, end: int) -> None:
    """Draw names `start` to `end` and copy them in."""
    drawn = random.Random(start + 1)
    with plain.cursor().copy(f"COPY naming.name ({columns}) FROM STDIN") as sink:
        for place, name in enumerate(names(end - start, seed=start), start):
            west, south = corner(place // CITY_SIZE)
            lon, lat = west + drawn.random() * (SIDE - 0.02), south + drawn.random() * (SIDE - 0.01)
            identifier = f"{place:08x}-0000-7000-8000-000000000000"
            plain_letters = typed_key(spell(name, NameKind.STREET).plain)
            line = f"SRID=4490;LINESTRING({lon:.6f} {lat:.6f},{lon + 0.01:.6f} {lat:.6f})"
            code = f"{place // CITY_SIZE + 100000}"
            sink.write_row(
                (identifier, identifier, name, name[:2], name[-1], "street", plain_letters, plain_letters, line, code,
                 code, list(stored_keys(name, NameKind.STREET)), "generated", date(2020, 1, 1), "bench")
            )  # fmt: skip


MOVED = """
INSERT INTO naming.name ({columns})
SELECT moved.id, moved.id, {same}, ST_Translate(n.geometry, %(east)s, %(north)s), moved.code, moved.code, n.keys, n.source,
       n.valid_from, n.recorded_by
  FROM naming.name n, LATERAL (SELECT (lpad(to_hex(('x' || left(n.id::text, 8))::bit(32)::int + %(ahead)s), 8, '0')
       || '-0000-7000-8000-000000000000')::uuid AS id, %(code)s AS code) moved
 WHERE n.unit_code = %(from)s
"""


def _move(plain: psycopg.Connection, columns: str, start: int, end: int) -> None:
    """Put the names of the first cities into further ones: drawing two millions takes an hour, moving them minutes."""
    same = "n.characters, n.specific, n.generic, n.kind, n.pinyin, n.pinyin_plain"
    statement = MOVED.format(columns=columns, same=same)
    for city in range(start // CITY_SIZE, end // CITY_SIZE):
        source = city % (DRAWN // CITY_SIZE)
        (west, south), (own_west, own_south) = corner(city), corner(source)
        values = {"east": west - own_west, "north": south - own_south, "ahead": (city - source) * CITY_SIZE}
        plain.execute(statement, values | {"code": f"{city + 100000}", "from": f"{source + 100000}"})


def report(**figures: Any) -> None:
    print(json.dumps(figures, ensure_ascii=False), flush=True)


def quantiles(times_s: list[float]) -> dict[str, float]:
    cuts = statistics.quantiles(times_s, n=20)
    return {"p50_ms": round(1000 * statistics.median(times_s), 2), "p95_ms": round(1000 * cuts[18], 2)}


def wanted(name: str) -> NameToCheck:
    west, south = corner(0)
    line = {"type": "LineString", "coordinates": [[west + 0.25, south + 0.25], [west + 0.26, south + 0.25]]}
    return NameToCheck(name=name, geometry=line)


def ours(database: Database, asked: list[str], size: int) -> dict[str, set[str]]:
    times, found = [], {}
    with database.transaction() as session:
        for name in asked:
            began = time.perf_counter()
            answer = check_name(session, wanted(name), profile="national", home_unit="100000", today=DAY)
            times.append(time.perf_counter() - began)
            found[name] = {each.subject[1] for each in answer.findings if each.code[:6] in PAIRS}
        size_index = session.execute(text("SELECT pg_relation_size('naming.ix_name_keys')")).scalar_one()
        plan = session.execute(
            text(
                "EXPLAIN (ANALYZE, FORMAT TEXT, TIMING OFF) SELECT id FROM naming.name n "
                "WHERE n.valid_from <= :day AND (n.valid_to IS NULL OR n.valid_to > :day) AND n.keys && CAST(:keys AS text[])"
            ),
            {"day": DAY, "keys": list(asked_keys(asked[0], NameKind.STREET))},
        ).scalars()
        scan = next((line.strip() for line in plan if "Scan" in line), "")
    report(
        name=f"check of one name over {size} names",
        **quantiles(times),
        index_mb=round(size_index / 2**20, 1),
        plan=scan,
    )
    return found


PAIRS = {f"DUP-0{number}" for number in range(1, 9)}


def recall(database: Database, asked: list[str], found: dict[str, set[str]], size: int) -> None:
    """Compare with the engine on every name, for as many as take a bounded time."""
    few = [name for name in asked if found[name]][: max(1, 30_000 // size)]
    hit = total = 0
    with database.transaction() as session:
        for name in few:
            everything = check_name(
                session, wanted(name), profile="national", home_unit="100000", today=DAY, full_scan=True
            )
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
    chosen = options.parse_args()
    asked = list(names(chosen.asked, seed=-1))
    with (
        tempfile.TemporaryDirectory(prefix="geo-bench-", ignore_cleanup_errors=True) as folder,
        Cluster(Path(folder), durable=False).start() as running,
    ):
        upgrade(running.owner_url)
        database = Database(
            running.service_url, Settings(database_url=running.service_url, statement_timeout_s=600)
        )
        filled = 0
        for size in sorted(chosen.sizes):
            fill(running, filled, size)
            filled = size
            ours(database, asked[:20], size)  # warms caches: reported, for the first one is what a user meets
            found = ours(database, asked, size)
            recall(database, asked, found, size)
            peer(database, asked, found, size)
        database.dispose()


if __name__ == "__main__":
    main()
