"""Reads and records of markers as the register grows: summary, tiles against bare SQL, past pages, recording.

`python -m tests.benchmarks.marker_reads [--markers 10000 100000] [--seconds 2] [--plans docs/query-plans.md]`; JSON lines
`{name, ours, peer, ratio, unit}`; the peer is named in the name, or is the aim where nothing else does the same work.
Ten inspections and their reviews stand on each marker. Markers follow 200 patterns; the state of the first 200 is
derived by the engine and copied to the others, whose records are the same.
"""

import argparse
import statistics
import tempfile
import time
import uuid
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import psycopg
from sqlalchemy import event
from sqlalchemy.orm import Session

from geo_service.auth.officer import Officer, Role
from geo_service.db import Database
from geo_service.embedded import Cluster, Running
from geo_service.migrations import upgrade
from geo_service.operations.inspections import record_inspection
from geo_service.schemas.markers import InspectionRecord
from geo_service.settings import Settings
from layers.markers.queries import MarkerFilter, marker_page
from layers.markers.register import follow_the_clock, project
from layers.markers.summary_queries import summary
from layers.markers.tiles import markers_tile
from tests.benchmarks.unit_reads import report

PATTERNS = 200
PROFILE = "condition_first"
WHO = Officer("bench", frozenset({Role.BOUNDARY}), frozenset({"*"}))
MARKERS = """
INSERT INTO markers.marker (id, code, number, line_code, unit_codes, grade, set_kind, faces, geometry, accuracy_m, valid_from, synthetic)
SELECT ('00000000-0000-7000-8000-' || lpad(to_hex(n), 12, '0'))::uuid, 'M' || lpad(n::text, 7, '0'), n::text,
       lpad((100000 + n %% 400)::text, 6, '0') || lpad((100001 + n %% 400)::text, 6, '0'),
       ARRAY[lpad((100000 + n %% 400)::text, 6, '0'), lpad((100001 + n %% 400)::text, 6, '0')], 'county', 'single', 2,
       ST_SetSRID(ST_MakePoint(108.6 + (n::bigint * 7919 %% 100000) * 2.4e-5, 18.2 + (n::bigint * 104729 %% 100000) * 1.9e-5), 4490), 0.5,
       '2018-01-01', true FROM generate_series(%(first)s::int, %(last)s::int) n
"""
INSPECTIONS = """
INSERT INTO markers.inspection (id, marker_id, kind, captured_at, happened_at, received_at, person, condition, judged_condition,
                                components, position_check, displacement, actions, note, digest)
SELECT ('00000000-0000-7000-9' || lpad(k::text, 3, '0') || '-' || lpad(to_hex(n), 12, '0'))::uuid, m.id, 'patrol', t, t, t, 'p',
       c, c, '{}', 'agrees', '{}', '{}', '', ''
  FROM generate_series(%(first)s::int, %(last)s::int) n CROSS JOIN generate_series(0, 9) k
  JOIN markers.marker m ON m.id = ('00000000-0000-7000-8000-' || lpad(to_hex(n), 12, '0'))::uuid,
  LATERAL (SELECT %(now)s::timestamptz - make_interval(days => k * 180 + n %% 200) AS t,
                  CASE WHEN k = 0 AND n %% 200 %% 9 = 0 THEN 'damaged' WHEN k = 0 AND n %% 200 %% 7 = 0 THEN 'minor_defect'
                       ELSE 'intact' END AS c) x
"""
REVIEWS = """
INSERT INTO markers.inspection_review (id, inspection_id, marker_id, accepted, person, recorded_at)
SELECT gen_random_uuid(), i.id, i.marker_id, true, 'r', i.received_at + interval '1 hour' FROM markers.inspection i
  LEFT JOIN markers.inspection_review r ON r.inspection_id = i.id WHERE r.id IS NULL
"""
COPY_STATE = """
INSERT INTO markers.{table} SELECT (jsonb_populate_record(NULL::markers.{table}, to_jsonb(s) || jsonb_build_object('marker_id', m.id))).*
  FROM generate_series(greatest(%(first)s::int, 200), %(last)s::int) n
  JOIN markers.marker m ON m.id = ('00000000-0000-7000-8000-' || lpad(to_hex(n), 12, '0'))::uuid
  JOIN markers.{table} s ON s.marker_id = ('00000000-0000-7000-8000-' || lpad(to_hex(n %% 200), 12, '0'))::uuid
"""
BARE_TILE = """
WITH tile AS (SELECT ST_TileEnvelope(%(z)s, %(x)s, %(y)s) AS box, ST_TileEnvelope(%(z)s, %(x)s, %(y)s, margin => 0.0157) AS reach),
shown AS MATERIALIZED (SELECT m.code, c.colour, c.shape, ST_AsMVTGeom(ST_Transform(m.geometry, 3857), tile.box, 4096, 64, true) AS place
            FROM markers.marker m JOIN markers.marker_colour c ON c.marker_id = m.id AND c.profile = 'condition_first', tile
           WHERE m.geometry && ST_Transform(tile.reach, 4490))
SELECT ST_AsMVT(shown, 'markers', 4096, 'place') FROM shown WHERE place IS NOT NULL
"""


def fill(running: Running, database: Database, first: int, last: int, now: datetime) -> None:
    """Add markers `first` to `last` with their evidence and state."""
    values = {"first": first, "last": last, "now": now}
    plain = running.superuser_url.replace("+psycopg", "")
    with psycopg.connect(plain, autocommit=True) as connection:
        connection.execute("SET session_replication_role = replica")
        for statement in (MARKERS, INSPECTIONS):
            connection.execute(statement, values)
        connection.execute(REVIEWS)
        connection.execute("ANALYZE")
    if first == 0:
        ids = [uuid.UUID(f"00000000-0000-7000-8000-{n:012x}") for n in range(PATTERNS)]
        with database.transaction() as session:
            project(session, ids, now, anew=True)
    with psycopg.connect(plain, autocommit=True) as connection:
        connection.execute("SET session_replication_role = replica")
        for table in ("marker_state", "marker_colour"):
            connection.execute(COPY_STATE.format(table=table), values)
        connection.execute("SELECT markers.recount_markers()")
        connection.execute("VACUUM ANALYZE")


def p50_ms(act: Callable[[], object], seconds: float) -> float:
    """Return the median time of an act, run for some seconds after one run to warm up."""
    act()
    took, until = [], time.perf_counter() + seconds
    while time.perf_counter() < until or len(took) < 5:
        began = time.perf_counter()
        act()
        took.append((time.perf_counter() - began) * 1000)
    return round(statistics.median(took), 2)


def reads(database: Database, markers: int, seconds: float) -> None:
    now = MarkerFilter(as_of=datetime.now(UTC).date(), profile=PROFILE)
    then = MarkerFilter(as_of=now.as_of - timedelta(days=5 * 365), profile=PROFILE, past=True)
    of = f"of {markers} markers"
    with database.transaction() as session:
        taken = {
            profile: p50_ms(
                lambda profile=profile: summary(session, MarkerFilter(as_of=now.as_of, profile=profile)),
                seconds,
            )
            for profile in (PROFILE, "inspection_progress")
        }
        counted = p50_ms(
            lambda: summary(session, MarkerFilter(as_of=now.as_of, profile=PROFILE, q="")), seconds
        )
        report(f"colour summary by unit {of} against counting them, p50", taken[PROFILE], counted, "ms")
        report(
            f"recolouring {of} under another profile against 5 s", taken["inspection_progress"], 5000, "ms"
        )
        for tile in ((8, 206, 114), (10, 825, 456), (12, 3302, 1826), (14, 13210, 7304)):
            made, bare = alternately(session, tile, now, seconds)
            report(f"marker tile z{tile[0]} {of} against its bare SQL, p50", made, bare, "ms")
        page = {"limit": 100, "after": None, "with_geometry": True, "exact_count": False}
        today = p50_ms(lambda: marker_page(session, now, **page), seconds)
        past = p50_ms(lambda: marker_page(session, then, **page), seconds)
        report(f"page of 100 {of} as of five years back against now, p50", past, today, "ms")


def alternately(
    session: Session, tile: tuple[int, int, int], now: MarkerFilter, seconds: float
) -> tuple[float, float]:
    """Return the median times of a tile by the service's query and by its bare SQL, taken in turns."""
    raw: Any = session.connection().connection.driver_connection
    values = dict(zip("zxy", tile, strict=True))
    made, bare = [], []
    until = time.perf_counter() + seconds
    while time.perf_counter() < until or len(made) < 5:
        for times, act in (
            (made, lambda: markers_tile(session, *tile, now)),
            (bare, lambda: raw.execute(BARE_TILE, values).fetchone()),
        ):
            began = time.perf_counter()
            act()
            times.append((time.perf_counter() - began) * 1000)
    return statistics.median(made), statistics.median(bare)


def records(database: Database, markers: int, seconds: float) -> None:
    def one(number: int) -> float:
        asked = InspectionRecord(id=uuid.uuid4(), captured_at=datetime.now(UTC), condition="intact")
        began = time.perf_counter()
        with database.transaction() as session:
            record_inspection(session, WHO, f"M{number * 613 % markers:07d}", asked, profile=PROFILE)
        return (time.perf_counter() - began) * 1000

    one(0)
    alone = [one(number) for number in range(int(40 * seconds))]
    count = int(100 * seconds)
    with ThreadPoolExecutor(16) as pool:
        began = time.perf_counter()
        list(pool.map(one, range(1000, 1000 + count)))
        rate = count / (time.perf_counter() - began)
    of = f"an inspection among {markers} markers"
    report(f"recording {of}, one client, against 15 ms, p50", statistics.median(alone), 15, "ms")
    report(f"recording {of}, sixteen clients in one process, against 300/s", rate, 300, "records/s")


def plans(database: Database, markers: int, page: Path) -> None:
    """Write the plans of the hot statements, with what they read."""
    asked = MarkerFilter(as_of=datetime.now(UTC).date(), profile=PROFILE)
    with database.transaction() as session:
        heard: list[tuple[str, Any]] = []
        event.listen(database.engine, "before_cursor_execute", lambda *told: heard.append(told[2:4]))
        for act in (
            lambda: summary(session, asked),
            lambda: markers_tile(session, 12, 3302, 1826, asked),
            lambda: marker_page(session, asked, limit=100, after=None, with_geometry=True, exact_count=False),
            lambda: follow_the_clock(session),
        ):
            act()
        hot = tuple(heard[: len(HOT)])
        parts = [PLANS.format(markers=f"{markers:,}")]
        for title, (statement, values) in zip(HOT, hot, strict=True):
            rows = session.connection().exec_driver_sql(
                f"EXPLAIN (ANALYZE, BUFFERS, TIMING OFF, COSTS OFF) {statement}", values
            )
            told = "\n".join(row[0][:150].rstrip() for row in rows)
            parts.append(f"## {title}\n\n```\n{told}\n```\n")
    page.write_text("\n".join(parts), encoding="utf-8")


HOT = ("Summary by colour and unit", "Marker tile z12", "Page of 100 markers", "What a clock has changed")
PLANS = """# Plans of hot statements

Written by `python -m tests.benchmarks.marker_reads --plans docs/query-plans.md`, on {markers} markers.
"""


def main() -> None:
    options = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    options.add_argument("--markers", type=int, nargs="+", default=[10_000, 100_000])
    options.add_argument("--seconds", type=float, default=2.0)
    options.add_argument("--plans", type=Path)
    asked = options.parse_args()
    now = datetime.now(UTC)
    with (
        tempfile.TemporaryDirectory(prefix="geo-", ignore_cleanup_errors=True) as folder,
        Cluster(Path(folder), durable=False).start() as running,
    ):
        upgrade(running.owner_url)
        settings = Settings(database_url=running.service_url, pool_size=16)
        database = Database(running.service_url, settings).acting_as(WHO)
        done = 0
        for markers in sorted(asked.markers):
            fill(running, database, done, markers - 1, now)
            done = markers
            reads(database, markers, asked.seconds)
            if asked.plans is not None:
                plans(database, markers, asked.plans)
            records(database, markers, asked.seconds)
        database.dispose()


if __name__ == "__main__":
    main()
