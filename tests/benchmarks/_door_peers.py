"""The peers of `/ogc`: tipg as it comes, and pygeoapi in an environment of its own that the measurement makes through pip.

pygeoapi takes the axes of EPSG:4490 as latitude first and its boxes with them, and compares boxes of EPSG:4326 where it is not
told: on the register's own view every answer is empty or 500 (mixed SRID). So it reads a copy of the same rows that is
labelled EPSG:4326, with the same two indexes.
"""

import json
import os
import subprocess
import venv
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import psycopg

from geo_service.embedded import Running
from tests.benchmarks.unit_reads import PORTS, for_tipg, server

PORTS["pygeoapi"] = 8794
PINNED = ("pygeoapi==0.21.0", "SQLAlchemy==2.1.9", "GeoAlchemy2==0.20.0", "psycopg2-binary==2.9.13", "starlette==1.10.0",
          "uvicorn==0.54.0", "httptools==0.9.0", "uvloop==0.23.0")  # fmt: skip
KEPT = Path(__file__).parents[2] / "build" / "benchmarks" / PINNED[0].replace("==", "-")
COPY = """
CREATE TABLE public.bench_units AS
SELECT id, code, name, pinyin, level, parent_code, area_m2, authoritative, source, valid_from, valid_to,
       ST_SetSRID(geometry, 4326)::geometry(MultiPolygon, 4326) AS geometry FROM published.units;
ALTER TABLE public.bench_units ADD PRIMARY KEY (id);
CREATE INDEX ON public.bench_units USING gist (geometry);
GRANT SELECT ON public.bench_units TO geo_service;
"""
SAID = {"title": "units", "description": "units", "keywords": ["units"]}


class PeerMissing(RuntimeError):
    """The peer cannot be had here."""


@contextmanager
def tipg(running: Running) -> Iterator[int]:
    """Serve the published view by tipg, as the service's role."""
    environment = {
        "DATABASE_URL": for_tipg(running.service_url.replace("+psycopg", "")),
        "TIPG_DB_SCHEMAS": '["published"]',
        "TIPG_MAX_FEATURES_PER_QUERY": "1000",
    }
    with server("tipg", ["tipg.main:app"], "/collections", **environment) as port:
        yield port


@contextmanager
def pygeoapi(running: Running, folder: Path) -> Iterator[int]:
    """Serve a copy of the units by pygeoapi, items and tiles. Raises `PeerMissing`."""
    python = _python()
    with psycopg.connect(running.superuser_url.replace("+psycopg", ""), autocommit=True) as superuser:
        if superuser.execute("SELECT to_regclass('public.bench_units')").fetchone() == (None,):
            superuser.execute(COPY)
            superuser.execute("VACUUM ANALYZE public.bench_units")
    configuration, description = folder / "pygeoapi.yml", folder / "pygeoapi-openapi.json"
    configuration.write_text(json.dumps(_configured(running)), encoding="utf-8")  # JSON is YAML
    described = [python.parent / "pygeoapi", "openapi", "generate", configuration, "--format", "json"]
    subprocess.run([*described, "--output-file", description], check=True, capture_output=True)
    environment = {"PYGEOAPI_CONFIG": str(configuration), "PYGEOAPI_OPENAPI": str(description)}
    arguments = ["pygeoapi.starlette_app:APP"]
    with server("pygeoapi", arguments, "/collections", python=str(python), **environment) as port:
        yield port


def _python() -> Path:
    """Return the interpreter of pygeoapi's environment, made where it is not there yet."""
    python = KEPT / "bin" / "python"
    if (KEPT / "complete").exists():
        return python
    venv.create(KEPT, clear=True, with_pip=True)
    environment = {name: value for name, value in os.environ.items() if name != "PYTHONPATH"}
    made = subprocess.run(
        [python, "-m", "pip", "install", "--quiet", *PINNED],
        env=environment,
        capture_output=True,
        check=False,
    )
    if made.returncode:
        raise PeerMissing(made.stderr.decode()[-300:])
    (KEPT / "complete").touch()
    return python


def _configured(running: Running) -> dict[str, object]:
    host, port = running.service_url.split("?host=", 1)[1].split("&port=", 1)
    data = {"host": host.replace("%2F", "/"), "port": port, "dbname": "geo_service", "user": "geo_service", "password": "",
            "search_path": ["public"]}  # fmt: skip
    table = {"data": data, "id_field": "id", "table": "bench_units", "geom_field": "geometry"}
    tiled = {"type": "tile", "name": "MVT-postgresql", "storage_crs": "http://www.opengis.net/def/crs/EPSG/0/4326",
             "options": {"zoom": {"min": 0, "max": 22}}, "format": {"name": "pbf", "mimetype": "application/vnd.mapbox-vector-tile"}}  # fmt: skip
    world = {"bbox": [-180, -90, 180, 90], "crs": "http://www.opengis.net/def/crs/OGC/1.3/CRS84"}
    address = f"http://127.0.0.1:{PORTS['pygeoapi']}"
    return {
        "server": {
            "bind": {"host": "127.0.0.1", "port": PORTS["pygeoapi"]},
            "url": address,
            "mimetype": "application/json",
            "encoding": "utf-8",
            "languages": ["en"],
            "limits": {"default_items": 100, "max_items": 10_000},
        },
        "logging": {"level": "ERROR"},
        "metadata": {
            "identification": {**SAID, "keywords_type": "theme", "terms_of_service": "none", "url": address},
            "license": {"name": "none", "url": address},
            "provider": {"name": "none", "url": address},
            "contact": {"name": "none", "email": "none@localhost"},
        },
        "resources": {
            "units": {
                "type": "collection",
                **SAID,
                "links": [],
                "extents": {"spatial": world},
                "providers": [{"type": "feature", "name": "PostgreSQL", **table}, {**tiled, **table}],
            }
        },
    }
