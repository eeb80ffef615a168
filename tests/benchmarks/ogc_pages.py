"""All items of a collection through GDAL's OAPIF driver, and what a page far in costs: `/ogc` against pygeoapi.

`python -m tests.benchmarks.ogc_pages [--rows 100000]`; JSON lines `{name, ours, peer, ratio, unit}`. The driver is that of the
GDAL in pyogrio, the one `ogr2ogr` reads with, each time in a process of its own. Pages are then asked for by their `next` links,
and the median of the last five stands beside that of the first five but one, which counts.
"""

import argparse
import http.client
import json
import statistics
import subprocess
import sys
import tempfile
import time
from contextlib import ExitStack
from pathlib import Path
from urllib.parse import urlsplit

from geo_service.embedded import Cluster, Running
from geo_service.migrations import upgrade
from tests.benchmarks._door_peers import PeerMissing, pygeoapi
from tests.benchmarks.ogc_items import OURS
from tests.benchmarks.unit_reads import fill, report, server

PAGES = (1000, 10_000)
READ = """
import sys, time, pyogrio
began = time.perf_counter()
_, _, geometry, _ = pyogrio.raw.read(sys.argv[1], layer="units", PAGE_SIZE=sys.argv[2])
print(len(geometry), time.perf_counter() - began)
"""


def read_by_gdal(address: str, rows: int, page: int) -> float:
    """Return the seconds that GDAL takes for all items."""
    command = [sys.executable, "-c", READ, f"OAPIF:{address}", str(page)]
    count, seconds = subprocess.run(command, capture_output=True, check=True, text=True).stdout.split()
    if int(count) != rows:
        raise RuntimeError(f"{address}: {count} items of {rows}")
    return float(seconds)


def depth(port: int, path: str) -> tuple[float, float]:
    """Return the median milliseconds of the pages near the first, and of the last, along the `next` links."""
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=600)
    taken = []
    following: str | None = path
    while following:
        began = time.perf_counter()
        connection.request("GET", following)
        told = json.loads(connection.getresponse().read())
        taken.append((time.perf_counter() - began) * 1000)
        links = [urlsplit(link["href"]) for link in told["links"] if link["rel"] == "next"]
        following = f"{links[0].path}?{links[0].query}" if links and told["features"] else None
    return statistics.median(taken[1:6]), statistics.median(taken[-6:-1])


def measure(running: Running, rows: int) -> None:
    with tempfile.TemporaryDirectory(prefix="geo-bench-") as folder, ExitStack() as servers:
        environment = {
            "GEO_DATABASE_URL": running.service_url,
            "GEO_DATA_DIR": folder,
            "GEO_LOG_FORMAT": "json",
        }
        own = servers.enter_context(server("ours", OURS, "/readyz", **environment))
        first, last = depth(own, "/ogc/collections/units/items?limit=1000")
        report(f"page of 1000 far into {rows} items against one near the first", last, first, "ms")
        try:
            other = servers.enter_context(pygeoapi(running, Path(folder)))
        except PeerMissing as missing:
            print(json.dumps({"name": "/ogc against pygeoapi", "skipped": str(missing)}), flush=True)
            other = None
        for page in PAGES:
            mine = read_by_gdal(f"http://127.0.0.1:{own}/ogc", rows, page)
            if other is None:
                report(f"{rows} items by GDAL in pages of {page}, against 60 s", mine, 60, "s")
                continue
            theirs = read_by_gdal(f"http://127.0.0.1:{other}", rows, page)
            report(f"{rows} items by GDAL in pages of {page} against pygeoapi", mine, theirs, "s")
        if other is not None:
            first, last = depth(other, "/collections/units/items?limit=1000&f=json")
            report(
                f"pygeoapi: page of 1000 far into {rows} items against one near the first", last, first, "ms"
            )


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("--rows", type=int, default=100_000)
    options = parser.parse_args()
    with (
        tempfile.TemporaryDirectory(prefix="geo-bench-", ignore_cleanup_errors=True) as folder,
        Cluster(Path(folder), durable=False).start() as running,
    ):
        upgrade(running.owner_url)
        fill(running, options.rows)
        measure(running, options.rows)


if __name__ == "__main__":
    main()
