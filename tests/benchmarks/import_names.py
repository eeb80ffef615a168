"""A file of names onto the register, and a file as a layer for reference, against a bare COPY of the very same resulting rows.

Run as `python -m tests.benchmarks.import_names [--names 100000] [--rows 1000000]`; prints JSON lines
`{name, ours, peer, ratio, unit}`. Ours is `import names`, from the file to the commit: located in one of 36 drawn counties,
read, spelled, keyed, written with events, feed and audit. The peer copies the rows that came of it, in binary, into the tables
of an empty database with all their indexes and foreign keys, without readings or triggers of the feed. Seconds `at_work` are what
the process and its backend spent at work: on a machine that others use too these say more than the clock.
"""

import argparse
import json
import os
import random
import resource
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import date
from pathlib import Path
from typing import Any

import numpy as np
import psycopg
import shapely
from pyogrio.raw import write as write_gpkg
from sqlalchemy import text
from sqlalchemy.orm import Session

from geo_service.auth.officer import OPERATOR, Role
from geo_service.db import Database
from geo_service.embedded import Cluster, Running
from geo_service.exchange.writing import Export, write_features
from geo_service.migrations import upgrade
from geo_service.operations.name_file import NameTerms
from geo_service.operations.name_import import import_names
from geo_service.operations.reference_layers import add_layer
from geo_service.settings import Settings
from tests.benchmarks.name_check import names

TABLES = ("naming.name", "naming.name_event", "naming.name_search")
COUNTIES = """
INSERT INTO boundaries.administrative_unit (id, unit_id, code, name, level, geometry, valid_from, source)
SELECT gen_random_uuid(), gen_random_uuid(), (460200 + x * 6 + y)::text, '县' || x || y, 'county',
       ST_Multi(ST_Segmentize(ST_MakeEnvelope(108 + x * 0.5, 18 + y * 0.5, 108.5 + x * 0.5, 18.5 + y * 0.5, 4490), 0.001)),
       '2000-01-01', 'drawn' FROM generate_series(0, 5) x, generate_series(0, 5) y
"""
DAY = date(2026, 1, 1)


def plain(url: str) -> str:
    return url.replace("+psycopg", "")


def file_of_names(path: Path, count: int) -> None:
    """Write drawn names at drawn places, one a row."""
    drawn, size = random.Random(5), 10_000

    def batches() -> Iterator[dict[str, Any]]:
        waiting = names(count, seed=11)
        for first in range(0, count, size):
            here = range(first, min(first + size, count))
            places = [(drawn.uniform(108, 111), drawn.uniform(18, 21)) for _ in here]
            yield {
                "name": [next(waiting) for _ in here],
                "geometry": shapely.to_wkb(shapely.points(places)).tolist(),
            }

    write_features(path, batches(), export=Export(layer="names", geometry_type="Point"))


def at_work(backend: int) -> float:
    """Seconds that this process and a backend of the database have been at work."""
    own = resource.getrusage(resource.RUSAGE_SELF)
    fields = Path(f"/proc/{backend}/stat").read_text(encoding="utf-8").rsplit(")", 1)[1].split()
    return own.ru_utime + own.ru_stime + (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


@contextmanager
def office(url: str) -> Iterator[Session]:
    """Yield a transaction of the operator as the command line has it."""
    database = Database(url, Settings(database_url=url, statement_timeout_s=36_000))
    officer = replace(OPERATOR, roles=OPERATOR.roles | {Role.NAMING})
    with database.acting_as(officer).transaction() as session:
        yield session
    database.dispose()


def ours(url: str, work: Callable[[Session], Any]) -> tuple[float, float]:
    """Do something as the office; returns seconds by the clock, to the commit, and at work."""
    began = time.perf_counter()
    with office(url) as session:
        backend = session.execute(text("SELECT pg_backend_pid()")).scalar_one()
        before = at_work(backend)
        work(session)
        spent = at_work(backend) - before
    return time.perf_counter() - began, spent


def copied(
    source: str, target: str, tables: dict[str, str], *, then: str | None = None
) -> tuple[float, float]:
    """Copy rows from one database into tables of another; only the way in is on the clock."""
    held = {}
    with psycopg.connect(plain(source)) as connection:
        for table, query in tables.items():
            with connection.cursor().copy(f"COPY ({query}) TO STDOUT (FORMAT BINARY)") as copy:
                held[table] = b"".join(copy)
    with psycopg.connect(plain(target)) as connection:
        for table in tables:
            connection.execute(f"ALTER TABLE {table} DISABLE TRIGGER USER")
        began, before = time.perf_counter(), at_work(connection.info.backend_pid)
        for table, rows in held.items():
            with connection.cursor().copy(f"COPY {table} FROM STDIN (FORMAT BINARY)") as copy:
                copy.write(rows)
        if then is not None:
            connection.execute(then)
        spent = at_work(connection.info.backend_pid) - before
        connection.commit()
        return time.perf_counter() - began, spent


def report(name: str, own: tuple[float, float], peer: tuple[float, float]) -> None:
    line = {"name": name, "ours": round(own[0], 2), "peer": round(peer[0], 2), "ratio": round(own[0] / peer[0], 3), "unit": "s",
            "ours_at_work": round(own[1], 2), "peer_at_work": round(peer[1], 2),
            "ratio_at_work": round(own[1] / peer[1], 3)}  # fmt: skip
    print(json.dumps(line, ensure_ascii=False), flush=True)


def of_names(running: Running, copy_of: Callable[[], str], folder: Path, count: int) -> None:
    for ending in ("gpkg", "parquet"):
        path, first, second = folder / f"names.{ending}", copy_of(), copy_of()
        file_of_names(path, count)
        took = ours(
            running.url("geo_service", first),
            lambda session, path=path: import_names(session, path, NameTerms(), recorded_by="bench", on=DAY),  # type: ignore[misc]
        )
        rows = {table: f"SELECT * FROM {table}" for table in TABLES}
        bare = copied(running.url("postgres", first), running.url("postgres", second), rows)
        report(
            f"import of {count} names from {ending}, bare COPY of the resulting rows into their tables",
            took,
            bare,
        )


def of_layers(running: Running, copy_of: Callable[[], str], folder: Path, count: int) -> None:
    path, database = folder / "layer.gpkg", copy_of()
    drawn = np.random.default_rng(7)
    places = shapely.points(drawn.uniform(108, 111, count), drawn.uniform(18, 21, count))
    fields = [np.arange(count), np.array([f"点{n:07d}" for n in range(count)], dtype=object)]
    write_gpkg(path, shapely.to_wkb(places), fields, ["number", "name"], layer="points", geometry_type="Point", crs="EPSG:4490",
               layer_options={"SPATIAL_INDEX": "NO"})  # fmt: skip
    url = running.url("postgres", database)
    took = ours(
        running.url("geo_service", database),
        lambda session: add_layer(session, path, "points", recorded_by="bench"),
    )
    with psycopg.connect(plain(url)) as connection:
        found = connection.execute("SELECT table_name FROM service.reference_layer").fetchone()
        table = f"reference.{found[0] if found else ''}"
        connection.execute(f"CREATE TABLE reference.bare AS SELECT * FROM {table} LIMIT 0")
        connection.execute("CREATE TABLE reference.indexed AS SELECT * FROM reference.bare")
    query = f"SELECT * FROM {table}"
    bare = copied(url, url, {"reference.bare": query})
    report(f"layer add of {count} rows with its indexes, bare COPY without any", took, bare)
    finish = (
        "ALTER TABLE reference.indexed ADD PRIMARY KEY (fid); CREATE INDEX ON reference.indexed USING gist (geom); "
        "ANALYZE reference.indexed"
    )
    indexed = copied(url, url, {"reference.indexed": query}, then=finish)
    report(f"layer add of {count} rows with its indexes, bare COPY and the same indexes", took, indexed)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--names", type=int, default=100_000)
    parser.add_argument("--rows", type=int, default=1_000_000)
    chosen = parser.parse_args()
    with (
        tempfile.TemporaryDirectory(prefix="geo-bench-", ignore_cleanup_errors=True) as name,
        Cluster(Path(name) / "cluster", durable=False).start() as running,
    ):
        upgrade(running.owner_url)
        with psycopg.connect(plain(running.superuser_url), autocommit=True) as connection:
            connection.execute(COUNTIES)
            connection.execute("ANALYZE boundaries.administrative_unit")
        made: list[str] = []

        def copy_of() -> str:
            made.append(f"bench_{len(made)}")
            with psycopg.connect(plain(running.url("postgres", "postgres")), autocommit=True) as superuser:
                superuser.execute(f"CREATE DATABASE {made[-1]} TEMPLATE geo_service OWNER geo_owner")
            return made[-1]

        of_names(running, copy_of, Path(name), chosen.names)
        of_layers(running, copy_of, Path(name), chosen.rows)


if __name__ == "__main__":
    main()
