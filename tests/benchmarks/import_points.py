"""Points into PostGIS: our bulk load and our file import against a bare binary COPY and GeoDataFrame.to_postgis.

Run as `python -m tests.benchmarks.import_points [--rows 1000000]`; prints JSON lines
`{name, ours, peer, ratio, unit}`. All write the same rows (number, name, point) into an unlogged table without index, in
one private cluster, one after the other; the best of `--repeat` runs counts.
"""

import argparse
import gc
import json
import tempfile
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import geopandas
import numpy as np
import psycopg
import pyarrow as pa
import shapely
import sqlalchemy
from pyogrio.raw import write_arrow

from geo_service.embedded import Cluster
from geo_service.exchange.mapping import TargetColumn
from geo_service.exchange.reading import POINTS, Terms, open_features
from geo_service.exchange.staging import bulk_load, create_staging

COLUMNS = {"number": "bigint", "name": "text", "geometry": "geometry"}
BATCH = 65_536


class Points:
    """The same rows in every form that a contestant wants, made before any clock runs."""

    def __init__(self, rows: int, folder: Path) -> None:
        random = np.random.default_rng(2024)
        self.rows = rows
        self.number = np.arange(rows)
        self.name = [f"界桩{n:07d}" for n in range(rows)]
        self.points = shapely.set_srid(
            shapely.points(random.uniform(108.6, 111.1, rows), random.uniform(18.1, 20.2, rows)), 4490
        )
        self.ewkb = shapely.to_wkb(self.points, include_srid=True)
        self.frame = geopandas.GeoDataFrame(
            {"number": self.number, "name": self.name}, geometry=self.points, crs=4490
        )
        self.file = folder / "points.gpkg"
        table = pa.table(
            {"number": self.number, "name": self.name, "geom": pa.array(shapely.to_wkb(self.points))}
        )
        write_arrow(table, self.file, geometry_name="geom", geometry_type="Point", crs="EPSG:4490",
                    layer_options={"SPATIAL_INDEX": "NO"})  # fmt: skip

    def batches(self) -> Iterator[dict[str, Any]]:
        names = pa.array(self.name)
        for first in range(0, self.rows, BATCH):
            part = slice(first, first + BATCH)
            yield {"number": self.number[part], "name": names[part], "geometry": self.points[part]}


def load_arrays(connection: psycopg.Connection[Any], points: Points) -> None:
    bulk_load(connection, "landing", COLUMNS, points.batches())


def import_file(connection: psycopg.Connection[Any], points: Points) -> None:
    targets = [TargetColumn("number", text=False), TargetColumn("name", required=True)]
    with open_features(points.file, terms=Terms(targets=targets, accept=POINTS)) as reading:
        bulk_load(connection, "landing", COLUMNS, (batch.for_staging() for batch in reading.batches()))
    if reading.rows_rejected:
        msg = "the file holds good rows only"
        raise RuntimeError(msg)


def bare_copy(connection: psycopg.Connection[Any], points: Points) -> None:
    """Psycopg's own binary COPY, a row at a time, the EWKB already made."""
    statement = "COPY landing (number, name, geometry) FROM STDIN (FORMAT BINARY)"
    kinds = ["int8", "text", "bytea"]  # a geometry's binary form is its EWKB
    with connection.cursor() as cursor, cursor.copy(statement) as copy:
        copy.set_types(kinds)
        for row in zip(points.number.tolist(), points.name, points.ewkb.tolist(), strict=True):
            copy.write_row(row)


def measured(url: str, points: Points, load: Callable[[Any, Points], None], repeat: int) -> float:
    best = float("inf")
    for _ in range(repeat):
        with psycopg.connect(url) as connection:
            connection.execute("DROP TABLE IF EXISTS landing")
            create_staging(connection, "landing", COLUMNS, life="unlogged")
            connection.commit()
            gc.collect()
            began = time.perf_counter()
            load(connection, points)
            connection.commit()
            best = min(best, time.perf_counter() - began)
            held = connection.execute(
                "SELECT count(*) FROM landing WHERE ST_SRID(geometry) = 4490"
            ).fetchone()
            if held != (points.rows,):
                msg = f"{held} rows of {points.rows} arrived"
                raise RuntimeError(msg)
    return best


def to_postgis(url: str, points: Points) -> float:
    engine = sqlalchemy.create_engine(url.replace("postgresql://", "postgresql+psycopg://"))
    began = time.perf_counter()
    points.frame.to_postgis("landing_frame", engine, if_exists="replace", index=False)
    took = time.perf_counter() - began
    engine.dispose()
    return took


def report(name: str, ours: float, peer: float) -> None:
    line = {
        "name": name,
        "ours": round(ours, 3),
        "peer": round(peer, 3),
        "ratio": round(ours / peer, 3),
        "unit": "s",
    }
    print(json.dumps(line), flush=True)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rows", type=int, default=1_000_000)
    parser.add_argument("--repeat", type=int, default=2)
    chosen = parser.parse_args()
    with (
        tempfile.TemporaryDirectory(prefix="geo-bench-", ignore_cleanup_errors=True) as folder,
        Cluster(Path(folder) / "cluster", durable=False).start() as running,
    ):
        url = running.owner_url.replace("postgresql+psycopg", "postgresql")
        points = Points(chosen.rows, Path(folder))
        gc.collect()
        gc.freeze()  # what was made beforehand is nobody's burden
        bare = measured(url, points, bare_copy, chosen.repeat)
        arrays = measured(url, points, load_arrays, chosen.repeat)
        file = measured(url, points, import_file, chosen.repeat)
        frame = to_postgis(url, points)
        report(f"bulk load of {chosen.rows} points from arrays against bare binary COPY", arrays, bare)
        report(f"import of {chosen.rows} points from GeoPackage against bare binary COPY", file, bare)
        report(f"import of {chosen.rows} points from GeoPackage against GeoDataFrame.to_postgis", file, frame)


if __name__ == "__main__":
    main()
