"""Unit tiles of Hainan at z10 and z12: the service against its own bare SQL and against tipg on the same view.

`python -m tests.benchmarks.unit_tiles [--seconds 4]`; JSON lines `{name, ours, peer, ratio, unit}`, p50 in milliseconds.
One keep-alive client. The service's cache is passed by: each request asks for another day, which makes another tile.
The figure with the cache, where a page that pans gets 304 or kept tiles, stands beside it.
"""

import argparse
import http.client
import statistics
import tempfile
import time
from collections.abc import Callable
from datetime import date, timedelta
from pathlib import Path

import psycopg

from geo_service.auth.officer import OPERATOR
from geo_service.db import Database
from geo_service.demonstration.boundaries import load_boundaries
from geo_service.embedded import Cluster, Running
from geo_service.migrations import upgrade
from geo_service.settings import Settings
from layers.boundaries.tiles import UNITS_TILE, band_of, levels_at
from tests.benchmarks.unit_reads import for_tipg, report, server

TILES = {10: (825, 453), 12: (3303, 1817)}
DAYS = [date(2005, 1, 1) + timedelta(days=number) for number in range(7900)]
"""None is asked for twice, or the second answer would be the kept one; a run that needs more of them ends in an error."""
VIEW = """
CREATE VIEW public.bench_units AS
SELECT u.id::text AS id, u.code, u.name, u.pinyin, u.level, u.valid_from, u.valid_to, o.geometry
  FROM boundaries.unit_outline o JOIN boundaries.administrative_unit u ON u.id = o.version_id
 WHERE o.max_zoom = 12 AND u.valid_to IS NULL
"""


def p50_ms(action: Callable[[], object], seconds: float) -> float:
    action()
    taken, end = [], time.perf_counter() + seconds
    while time.perf_counter() < end:
        began = time.perf_counter()
        action()
        taken.append(time.perf_counter() - began)
    return statistics.median(taken) * 1000


def fetch(connection: http.client.HTTPConnection, path: str) -> bytes:
    connection.request("GET", path)
    answer = connection.getresponse()
    body = answer.read()
    if answer.status != 200 or len(body) < 500:
        raise RuntimeError(f"{path}: {answer.status}, {len(body)} bytes")
    return body


def bare(running: Running, z: int, x: int, y: int, seconds: float) -> float:
    statement = UNITS_TILE
    for name in ("band", "levels", "as_of", "z", "x", "y"):
        statement = statement.replace(f":{name}", f"%({name})s")
    values = {"z": z, "x": x, "y": y, "band": band_of(z), "levels": levels_at(z), "as_of": date(2026, 1, 1)}
    url = running.service_url.replace("+psycopg", "")
    with psycopg.connect(
        url, prepare_threshold=None, options="-c plan_cache_mode=force_custom_plan -c jit=off"
    ) as own:
        return p50_ms(lambda: own.execute(statement, values).fetchone(), seconds)


def main() -> None:
    options = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    options.add_argument("--seconds", type=float, default=4)
    seconds = options.parse_args().seconds
    with (
        tempfile.TemporaryDirectory(prefix="geo-bench-", ignore_cleanup_errors=True) as folder,
        Cluster(Path(folder), durable=False).start() as running,
    ):
        upgrade(running.owner_url)
        database = Database(running.service_url, Settings())
        load_boundaries(database.acting_as(OPERATOR), tell=lambda _: None)
        database.dispose()
        plain = running.superuser_url.replace("+psycopg", "")
        with psycopg.connect(plain, autocommit=True) as superuser:
            superuser.execute("VACUUM ANALYZE")
            superuser.execute(VIEW)
        environment = {"GEO_DATABASE_URL": running.service_url, "GEO_DATA_DIR": folder}
        sql = {z: bare(running, z, *TILES[z], seconds) for z in TILES}
        with server("ours", ["--factory", "geo_service.app:create_app"], "/readyz", **environment) as port:
            own = http.client.HTTPConnection("127.0.0.1", port, timeout=30)
            made = {}
            for z, (x, y) in TILES.items():
                day = iter(DAYS)
                made[z] = p50_ms(
                    lambda z=z, x=x, y=y, day=day: fetch(
                        own, f"/tiles/units/{z}/{x}/{y}.mvt?as_of={next(day)}"
                    ),
                    seconds,
                )
            kept = p50_ms(lambda: fetch(own, "/tiles/units/10/825/453.mvt"), seconds)
        peer = {"DATABASE_URL": for_tipg(plain), "TIPG_DB_SCHEMAS": '["public"]'}
        with server("tipg", ["tipg.main:app"], "/collections", **peer) as port:
            other = http.client.HTTPConnection("127.0.0.1", port, timeout=30)
            tipg = {
                z: p50_ms(
                    lambda z=z: fetch(
                        other,
                        f"/collections/public.bench_units/tiles/WebMercatorQuad/{z}/{TILES[z][0]}/{TILES[z][1]}",
                    ),
                    seconds,
                )
                for z in TILES
            }
        for z in TILES:
            report(f"unit tile z{z}, made anew, against its bare SQL, p50", made[z], sql[z], "ms")
            report(f"unit tile z{z}, made anew, against tipg on the same view, p50", made[z], tipg[z], "ms")
        report("unit tile z10, kept, against its bare SQL, p50", kept, sql[10], "ms")


if __name__ == "__main__":
    main()
