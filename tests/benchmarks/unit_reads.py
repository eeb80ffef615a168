"""Lists and tiles of 1,000,000 units: the service against tipg and against a bare psycopg application.

`python -m tests.benchmarks.unit_reads [--rows 1000000] [--seconds 4]`; JSON lines `{name, ours, peer, ratio, unit}`.
One client, one connection, one worker each, the same boxes in the same order, on one private cluster, in turns that
alternate. The bare application runs one statement and passes its text through: no paging, no links, no checks, no log. It
answers twice: with a lean statement of its own (eight properties, no count, no parent), and with the service's own.
"""

import argparse
import http.client
import json
import os
import random
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from datetime import date
from pathlib import Path

import psycopg
from sqlalchemy import TextClause

from geo_service.embedded import Cluster, Running
from geo_service.migrations import upgrade
from geo_service.reading import Answer
from layers.boundaries.queries import UNITS, UnitFilter
from layers.driver import of_driver
from layers.features import Box

PORTS = {"ours": 8791, "bare": 8792, "tipg": 8793}
SIDE = 0.0008  # degrees: units of about 80 m
BOXES = 40
TURNS = 3

FILL = """
INSERT INTO boundaries.administrative_unit
       (id, unit_id, code, name, pinyin, search_key, level, geometry, valid_from, authoritative, source)
SELECT gen_random_uuid(), gen_random_uuid(), lpad((100000000000 + n)::text, 12, '0'), '村' || n, 'cun', 'cun ' || n,
       'village', ST_Multi(ST_MakeEnvelope(x, y, x + %(side)s, y + %(side)s, 4490)), '2020-01-01', false, 'generated'
  FROM (SELECT n, 109 + (n %% 1000) * 0.002 AS x, 18 + (n / 1000) * 0.002 AS y FROM generate_series(0, %(rows)s - 1) n) g
"""

BARE_SQL = """
SELECT '{"type":"FeatureCollection","features":[' || coalesce(string_agg(
       '{"type":"Feature","id":' || to_json(code)::text || ',"geometry":' || ST_AsGeoJSON(geometry, 7, 0) ||
       ',"properties":' || json_build_object('code', code, 'name', name, 'pinyin', pinyin, 'level', level,
       'valid_from', valid_from, 'valid_to', valid_to, 'area_m2', round(area_m2::numeric, 1))::text || '}', ','), '') || ']}'
  FROM (SELECT * FROM boundaries.administrative_unit
         WHERE geometry && ST_MakeEnvelope(%s, %s, %s, %s, 4490) AND valid_from <= %s
           AND (valid_to IS NULL OR valid_to > %s) ORDER BY code, id LIMIT 100) u
"""


class Overheard:
    """Takes down the statement of a list instead of answering it."""

    def execute(self, statement: TextClause, _values: object = None, /) -> Answer:
        self.statement = of_driver(statement.text).decode()
        return Answer([])


def own_statement() -> str:
    """Return the statement that the service runs for a list of units in a box."""
    overheard = Overheard()
    where, values = UnitFilter(date(2026, 1, 1), bbox=Box(0, 0, 1, 1)).where()
    UNITS.page(overheard, where=where, values=values)
    return overheard.statement


BARE_APP = f"""
import os
from psycopg_pool import ConnectionPool
from starlette.applications import Starlette
from starlette.responses import Response
from starlette.routing import Route

pool = ConnectionPool(os.environ["BARE_URL"], min_size=1, max_size=4, open=True,
                      kwargs={{"prepare_threshold": None, "options": "-c plan_cache_mode=force_custom_plan -c jit=off"}})

def items(request):
    box = [float(part) for part in request.query_params["bbox"].split(",")]
    with pool.connection() as connection:
        body = connection.execute({BARE_SQL!r}, [*box, "2026-01-01", "2026-01-01"]).fetchone()[0]
    return Response(body, media_type="application/geo+json")

def same(request):
    west, south, east, north = (float(part) for part in request.query_params["bbox"].split(","))
    values = dict(west=west, south=south, east=east, north=north, as_of="2026-01-01", limit=101)
    with pool.connection() as connection:
        rows = connection.execute({own_statement()!r}, values).fetchall()
    body = '{{"type":"FeatureCollection","features":[' + ",".join([row[2] for row in rows[:100]]) + "]}}"
    return Response(body, media_type="application/geo+json")

app = Starlette(routes=[Route("/items", items), Route("/same", same)])
"""


def fill(running: Running, rows: int) -> None:
    """Make the rows with the indexes away, then put those back: seconds instead of minutes."""
    with psycopg.connect(running.superuser_url.replace("+psycopg", ""), autocommit=True) as connection:
        indexes = connection.execute(
            "SELECT indexdef FROM pg_indexes WHERE schemaname = 'boundaries' AND tablename = 'administrative_unit' "
            "AND indexname LIKE 'ix_%'"
        ).fetchall()
        connection.execute("ALTER TABLE boundaries.administrative_unit DISABLE TRIGGER USER")
        for constraint in ("ex_unit_version", "ex_unit_code"):
            connection.execute(f"ALTER TABLE boundaries.administrative_unit DROP CONSTRAINT {constraint}")
        for (definition,) in indexes:
            connection.execute(f"DROP INDEX boundaries.{definition.split()[2]}")
        connection.execute(FILL, {"side": SIDE, "rows": rows})
        connection.execute(
            "INSERT INTO boundaries.unit_outline SELECT id, 22, ST_Transform(geometry, 3857), "
            "ST_Transform(ST_Centroid(geometry), 3857), 40 FROM boundaries.administrative_unit"
        )
        for (definition,) in indexes:
            connection.execute(definition)
        connection.execute("VACUUM ANALYZE boundaries.administrative_unit")
        connection.execute("VACUUM ANALYZE boundaries.unit_outline")


@contextmanager
def server(
    name: str, arguments: list[str], ready: str, *, python: str = sys.executable, **environment: str
) -> Iterator[int]:
    port = PORTS[name]
    process = subprocess.Popen(
        [python, "-m", "uvicorn", *arguments, "--port", str(port), "--log-level", "warning"],
        env={**os.environ, **environment},
        stderr=subprocess.DEVNULL if os.environ.get("BENCH_QUIET", "1") == "1" else None,
    )
    try:
        for _ in range(2400):
            time.sleep(0.05)
            if process.poll() is not None:
                raise RuntimeError(f"{name} has ended by itself; BENCH_QUIET=0 shows why")
            try:
                connection = http.client.HTTPConnection("127.0.0.1", port, timeout=2)
                connection.request("GET", ready)
                if connection.getresponse().status < 500:
                    break
            except OSError:
                continue
        yield port
    finally:
        process.terminate()
        process.wait(10)


def rate(port: int, paths: list[str], seconds: float) -> float:
    """Return requests a second of one keep-alive client that goes round `paths`."""
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=30)
    sizes, done = set(), 0
    for span in (min(seconds, 0.5), seconds):
        began, done = time.perf_counter(), 0
        while time.perf_counter() - began < span:
            connection.request("GET", paths[done % len(paths)])
            answer = connection.getresponse()
            body = answer.read()
            if answer.status != 200:
                raise RuntimeError(f"{paths[done % len(paths)]}: {answer.status} {body[:300]!r}")
            sizes.add(len(body))
            done += 1
    if max(sizes) < 10_000:
        raise RuntimeError(f"answers of {max(sizes)} bytes hold no hundred units")
    return done / seconds


def for_tipg(url: str) -> str:
    """Return a unix-socket URL with the directory in the host's place, as tipg's settings want it."""
    user, rest = url.split("@/", 1)
    database, query = rest.split("?host=", 1)
    directory, port = query.split("&port=", 1)
    return f"{user}@{directory}:{port}/{database}"


def report(name: str, ours: float, peer: float, unit: str) -> None:
    line = {
        "name": name,
        "ours": round(ours, 2),
        "peer": round(peer, 2),
        "ratio": round(ours / peer, 3),
        "unit": unit,
    }
    print(json.dumps(line), flush=True)


def boxes(rows: int) -> list[str]:
    chance = random.Random(460100)
    rows_high = max(rows // 1000 - 20, 1)
    corners = [
        (109 + chance.randrange(980) * 0.002, 18 + chance.randrange(rows_high) * 0.002) for _ in range(BOXES)
    ]
    return [f"{x:.4f},{y:.4f},{x + 0.03:.4f},{y + 0.03:.4f}" for x, y in corners]


def lists(running: Running, rows: int, seconds: float) -> None:
    asked = boxes(rows)
    plain = running.service_url.replace("+psycopg", "")
    own_path, collection = (
        "/api/boundaries/units?limit=100",
        "/collections/boundaries.administrative_unit/items",
    )
    with tempfile.TemporaryDirectory(prefix="geo-bench-") as folder, ExitStack() as servers:
        Path(folder, "bare_app.py").write_text(BARE_APP)
        environment = {
            "GEO_DATABASE_URL": running.service_url,
            "GEO_DATA_DIR": folder,
            "GEO_LOG_FORMAT": "json",
        }
        peer = {
            "DATABASE_URL": for_tipg(plain),
            "TIPG_DB_SCHEMAS": '["boundaries"]',
            "TIPG_MAX_FEATURES_PER_QUERY": "1000",
        }
        own = servers.enter_context(
            server("ours", ["--factory", "geo_service.app:create_app"], "/readyz", **environment)
        )
        bare = servers.enter_context(
            server("bare", ["--app-dir", folder, "bare_app:app"], f"/items?bbox={asked[0]}", BARE_URL=plain)
        )
        tipg = servers.enter_context(server("tipg", ["tipg.main:app"], "/collections", **peer))
        sides = {
            "ours": (own, [f"{own_path}&bbox={box}" for box in asked]),
            "lean": (bare, [f"/items?bbox={box}" for box in asked]),
            "same": (bare, [f"/same?bbox={box}" for box in asked]),
            "tipg": (tipg, [f"{collection}?limit=100&geom-column=geometry&bbox={box}" for box in asked]),
        }
        found: dict[str, list[float]] = {side: [] for side in [*sides, "open"]}
        for _ in range(TURNS):
            for side, (port, paths) in sides.items():
                found[side].append(rate(port, paths, seconds / TURNS))
            with unsecured(running):
                found["open"].append(rate(*sides["ours"], seconds / TURNS))
    best = {side: statistics.median(rates) for side, rates in found.items()}
    name = f"bbox list of 100 of {rows} units"
    report(
        f"{name} against a bare psycopg application with the same statement",
        best["ours"],
        best["same"],
        "req/s",
    )
    report(
        f"{name} against a bare psycopg application with a leaner one", best["ours"], best["lean"], "req/s"
    )
    report(f"{name} against tipg", best["ours"], best["tipg"], "req/s")
    report(f"{name} under row-level security against without", best["ours"], best["open"], "req/s")


@contextmanager
def unsecured(running: Running) -> Iterator[None]:
    """Take row-level security away from the units, for as long as the block lasts."""
    with psycopg.connect(running.superuser_url.replace("+psycopg", ""), autocommit=True) as superuser:
        superuser.execute("ALTER TABLE boundaries.administrative_unit DISABLE ROW LEVEL SECURITY")
        try:
            yield
        finally:
            superuser.execute("ALTER TABLE boundaries.administrative_unit ENABLE ROW LEVEL SECURITY")


def main() -> None:
    options = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    options.add_argument("--rows", type=int, default=1_000_000)
    options.add_argument("--seconds", type=float, default=4)
    chosen = options.parse_args()
    with (
        tempfile.TemporaryDirectory(prefix="geo-bench-", ignore_cleanup_errors=True) as folder,
        Cluster(Path(folder), durable=False).start() as running,
    ):
        upgrade(running.owner_url)
        fill(running, chosen.rows)
        lists(running, chosen.rows, chosen.seconds)


if __name__ == "__main__":
    main()
