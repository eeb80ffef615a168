"""Names out of the register: our export as GeoPackage and GeoParquet against `ogr2ogr` from the same database, and back in.

Run as `python -m tests.benchmarks.export_names [--rows 1000000]`; prints JSON lines `{name, ours, peer, ratio, unit}`. Each
contestant is a process of its own, one after the other, on one private cluster. `ogr2ogr` (Debian's `gdal-bin`) is skipped with
a reason where it is not there, or cannot write the format. Import is our reader into a staging table, against psycopg's bare
binary COPY of the same columns already in memory.
"""

import argparse
import json
import multiprocessing
import resource
import shutil
import subprocess
import tempfile
import time
from collections.abc import Callable
from dataclasses import replace
from datetime import date
from pathlib import Path
from typing import Any

import geopandas
import psycopg
import shapely

from geo_service.auth.officer import OPERATOR, Role
from geo_service.db import Database
from geo_service.embedded import Cluster
from geo_service.exchange.mapping import TargetColumn
from geo_service.exchange.reading import Terms, open_features
from geo_service.exchange.staging import bulk_load, create_staging
from geo_service.migrations import upgrade
from geo_service.operations.layer_files import write_layer
from geo_service.settings import Settings
from layers.naming.exporting import NAMES

FILL = """
INSERT INTO naming.name (id, place_id, characters, specific, generic, kind, pinyin, pinyin_plain, unit_code, authority_code,
       keys, source, valid_from, recorded_by, geometry, reading, aliases)
SELECT gen_random_uuid(), gen_random_uuid(), '海秀' || n || '路', '海秀' || n, '路', 'street', 'Hǎixiù ' || n || ' Lù',
       'Haixiu ' || n || ' Lu', '460106', '460100', '{}', '标准地名图', '2020-01-01', 'benchmark',
       ST_SetSRID(ST_MakePoint(108.6 + random() * 2.5, 18.1 + random() * 2.1), 4490), '{hǎi,xiù}', '{}'
  FROM generate_series(1, %s) n
"""
STAGED = {
    "name": "text",
    "pinyin": "text",
    "kind": "text",
    "unit_code": "text",
    "source": "text",
    "geometry": "geometry",
}
DAY = date(2026, 1, 1)


def export(url: str, path: Path) -> int:
    """Our export, as the command line does it; returns how many rows."""
    database = Database(url, Settings(database_url=url, statement_timeout_s=3600))
    officer = replace(OPERATOR, roles=OPERATOR.roles | {Role.NAMING})
    with database.acting_as(officer).transaction() as session:
        written = write_layer(session, "names", path, as_of=DAY, profile="condition_first")
    database.dispose()
    return written.rows


def ogr2ogr(url: str, path: Path) -> int:
    """The peer: the same columns by GDAL's own reader and writer."""
    statement = (
        NAMES.format(filters="")
        .replace(":as_of", f"DATE '{DAY}'")
        .replace("ST_AsBinary(n.geometry)", "n.geometry")
    )
    form = {".gpkg": "GPKG", ".parquet": "Parquet"}[path.suffix]
    plain = url.replace("postgresql+psycopg", "postgresql")
    command = ["ogr2ogr", "-f", form, str(path), f"PG:{plain}", "-sql", statement, "-nln", "names"]
    done = subprocess.run(command, capture_output=True, text=True, check=False)  # our own words
    if done.returncode:
        raise RuntimeError(done.stderr[:300])
    return 0


def load(url: str, path: Path) -> int:
    """Our import of a file into a staging table."""
    targets = [TargetColumn(name, text=False) for name in STAGED if name != "geometry"]
    with psycopg.connect(url.replace("+psycopg", "")) as connection:
        create_staging(connection, "landing", STAGED, life="temporary")
        with open_features(path, terms=Terms(targets=targets)) as reading:
            batches = (batch.for_staging(row=None, original=None, crs=None) for batch in reading.batches())
            return bulk_load(connection, "landing", STAGED, batches)


def bare_copy(url: str, path: Path) -> int:
    """The peer: psycopg's own binary COPY, a row at a time, of rows read before the clock runs."""
    frame = geopandas.read_parquet(path)
    shapes = shapely.to_wkb(shapely.set_srid(frame.geometry.to_numpy(), 4490), include_srid=True)
    rows = list(zip(*(frame[name] for name in STAGED if name != "geometry"), shapes.tolist(), strict=True))
    with psycopg.connect(url.replace("+psycopg", "")) as connection:
        create_staging(connection, "landing", STAGED, life="temporary")
        began = time.perf_counter()
        statement = f"COPY landing ({', '.join(STAGED)}) FROM STDIN (FORMAT BINARY)"
        with connection.cursor() as cursor, cursor.copy(statement) as copy:
            copy.set_types(["text"] * (len(STAGED) - 1) + ["bytea"])
            for row in rows:
                copy.write_row(row)
        bare_copy.took = time.perf_counter() - began  # type: ignore[attr-defined]
    return len(rows)


def _measured(work: Callable[[str, Path], int], url: str, path: Path, answer: Any) -> None:
    began = time.perf_counter()
    try:
        rows = work(url, path)
    except RuntimeError as error:
        answer.put((None, 0, 0, str(error)))
        return
    took = getattr(work, "took", time.perf_counter() - began)
    own, children = (
        resource.getrusage(who).ru_maxrss for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)
    )
    answer.put((took, max(own, children) // 1024, rows, ""))


def apart(work: Callable[[str, Path], int], url: str, path: Path) -> tuple[float | None, int, int, str]:
    """Do work in a process of its own; returns seconds, peak memory in MiB, rows, and why it did not run."""
    context = multiprocessing.get_context("spawn")
    answer = context.Queue()
    process = context.Process(target=_measured, args=(work, url, path, answer))
    process.start()
    found: tuple[float | None, int, int, str] = answer.get()
    process.join()
    return found


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rows", type=int, default=1_000_000)
    chosen = parser.parse_args()
    with (
        tempfile.TemporaryDirectory(prefix="geo-bench-", ignore_cleanup_errors=True) as name,
        Cluster(Path(name) / "cluster", durable=False).start() as running,
    ):
        upgrade(running.owner_url)
        with psycopg.connect(running.superuser_url.replace("+psycopg", "")) as connection:
            connection.execute(
                "SET session_replication_role = replica"
            )  # triggers rest while the ground is drawn
            connection.execute(FILL, [chosen.rows])
        with psycopg.connect(running.superuser_url.replace("+psycopg", ""), autocommit=True) as connection:
            connection.execute("VACUUM ANALYZE naming.name")
        folder = Path(name)
        for ending in (".gpkg", ".parquet"):
            took, peak, rows, _ = apart(export, running.service_url, folder / f"ours{ending}")
            line = {
                "name": f"export of {rows} names as {ending[1:]} against ogr2ogr",
                "ours": took,
                "unit": "s",
                "peak_mib": peak,
            }
            if shutil.which("ogr2ogr") is None:
                line |= {"peer": None, "skipped": "ogr2ogr is not installed (Debian: gdal-bin)"}
            else:
                peer, peer_peak, _, why = apart(ogr2ogr, running.superuser_url, folder / f"theirs{ending}")
                line |= {
                    "peer": peer,
                    "peer_peak_mib": peer_peak,
                    "ratio": None if not peer or not took else round(took / peer, 3),
                }
                line |= {"skipped": why} if why else {}
            print(json.dumps(line, ensure_ascii=False), flush=True)
        bare, _, _, _ = apart(bare_copy, running.superuser_url, folder / "ours.parquet")
        for ending in (".gpkg", ".parquet"):
            took, peak, rows, _ = apart(load, running.superuser_url, folder / f"ours{ending}")
            ratio = None if not bare or not took else round(took / bare, 3)
            line = {"name": f"import of {rows} names from {ending[1:]} against bare COPY", "ours": took, "peer": bare, "ratio": ratio,
                    "unit": "s", "peak_mib": peak}  # fmt: skip
            print(json.dumps(line), flush=True)


if __name__ == "__main__":
    main()
