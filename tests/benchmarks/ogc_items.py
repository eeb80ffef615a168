"""Items and tiles of `/ogc` against the service's own lists and tiles, tipg and pygeoapi on the same rows.

`python -m tests.benchmarks.ogc_items [--rows 200000] [--seconds 3]`; JSON lines `{name, ours, peer, ratio, unit}`. One client,
one connection, one worker each, the same boxes in the same order. tipg reads the published view as the service's role, and
counts as it always does; pygeoapi, which is no dependency of the project, is left out with a reason where it is not installed.
"""

import argparse
import json
import math
import tempfile
from importlib.util import find_spec
from pathlib import Path

from geo_service.embedded import Cluster, Running
from geo_service.migrations import upgrade
from tests.benchmarks.unit_reads import boxes, fill, for_tipg, rate, report, server

OGC = "/ogc/collections/units"
OURS = ["--factory", "geo_service.app:create_app"]
ZOOM = 13
PYGEOAPI = """
server: {{bind: {{host: 127.0.0.1, port: 8794}}, url: http://127.0.0.1:8794, mimetype: application/json, encoding: utf-8,
         languages: [en], limits: {{default_items: 100, max_items: 1000}}}}
logging: {{level: ERROR}}
metadata:
  identification: {{title: t, description: d, keywords: [k], keywords_type: theme, terms_of_service: t, url: http://x}}
  license: {{name: n, url: http://x}}
  provider: {{name: n, url: http://x}}
  contact: {{name: n, email: e@x}}
resources:
  units:
    type: collection
    title: units
    description: units
    keywords: [units]
    links: []
    extents: {{spatial: {{bbox: [-180, -90, 180, 90], crs: 'http://www.opengis.net/def/crs/OGC/1.3/CRS84'}}}}
    providers:
      - type: feature
        name: PostgreSQL
        data: {{host: {host}, port: {port}, dbname: geo_service, user: geo_service, password: '', search_path: [boundaries]}}
        id_field: id
        table: administrative_unit
        geom_field: geometry
"""


def tiles(asked: list[str]) -> list[tuple[int, int]]:
    """Return the tile over the south-west corner of each box."""
    found = []
    for box in asked:
        lon, lat = (float(part) for part in box.split(",")[:2])
        size = 2**ZOOM
        y = (1 - math.asinh(math.tan(math.radians(lat + 0.01))) / math.pi) / 2 * size
        found.append((int((lon + 180.01) / 360 * size), int(y)))
    return found


def measure(running: Running, rows: int, seconds: float) -> None:
    asked = boxes(rows)
    with tempfile.TemporaryDirectory(prefix="geo-bench-") as folder:
        environment = {
            "GEO_DATABASE_URL": running.service_url,
            "GEO_DATA_DIR": folder,
            "GEO_LOG_FORMAT": "json",
        }
        with server("ours", OURS, "/readyz", **environment) as port:
            door = rate(port, [f"{OGC}/items?limit=100&bbox={box}" for box in asked], seconds)
            own = rate(port, [f"/api/boundaries/units?limit=100&bbox={box}" for box in asked], seconds)
            query = "&filter=name%20LIKE%20%27%25%31%25%27%20AND%20area_m2%20%3E%201"
            filtered = rate(port, [f"{OGC}/items?limit=100&bbox={box}{query}" for box in asked], seconds)
            places = tiles(asked)
            door_tiles = rate(
                port, [f"{OGC}/tiles/WebMercatorQuad/{ZOOM}/{x}/{y}" for x, y in places], seconds
            )
        report(f"/ogc items of 100 of {rows} units against the service's own list", door, own, "req/s")
        report("the same with a CQL2 filter against without", filtered, door, "req/s")
        report(f"/ogc tiles at zoom {ZOOM}, not cached, against its items", door_tiles, door, "req/s")
        _tipg(running, asked, door, rows, seconds)
        _pygeoapi(running, Path(folder), asked, door, seconds)


def _tipg(running: Running, asked: list[str], door: float, rows: int, seconds: float) -> None:
    peer = {
        "DATABASE_URL": for_tipg(running.service_url.replace("+psycopg", "")),
        "TIPG_DB_SCHEMAS": '["published"]',
        "TIPG_MAX_FEATURES_PER_QUERY": "1000",
    }
    with server("tipg", ["tipg.main:app"], "/collections", **peer) as port:
        items = "/collections/published.units/items?limit=100&sortby=id"
        tipg = rate(port, [f"{items}&bbox={box}" for box in asked], seconds)
    report(f"/ogc items of 100 of {rows} units against tipg as it comes", door, tipg, "req/s")


def _pygeoapi(running: Running, folder: Path, asked: list[str], door: float, seconds: float) -> None:
    if find_spec("pygeoapi") is None:
        skipped = {"name": "/ogc items against pygeoapi", "skipped": "pygeoapi is not installed"}
        print(json.dumps(skipped), flush=True)
        return
    host, port = running.service_url.split("?host=", 1)[1].split("&port=", 1)
    configuration = folder / "pygeoapi.yml"
    configuration.write_text(PYGEOAPI.format(host=host.replace("%2F", "/"), port=port))
    peer = {"PYGEOAPI_CONFIG": str(configuration), "PYGEOAPI_OPENAPI": str(configuration)}
    with server("tipg", ["pygeoapi.starlette_app:APP"], "/collections", **peer) as listening:
        found = rate(
            listening, [f"/collections/units/items?limit=100&f=json&bbox={box}" for box in asked], seconds
        )
    report("/ogc items against pygeoapi", door, found, "req/s")


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("--rows", type=int, default=200_000)
    parser.add_argument("--seconds", type=float, default=3)
    options = parser.parse_args()
    with (
        tempfile.TemporaryDirectory(prefix="geo-bench-", ignore_cleanup_errors=True) as folder,
        Cluster(Path(folder), durable=False).start() as running,
    ):
        upgrade(running.owner_url)
        fill(running, options.rows)
        measure(running, options.rows, options.seconds)


if __name__ == "__main__":
    main()
