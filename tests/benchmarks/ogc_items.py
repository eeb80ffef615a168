"""Items and tiles of `/ogc` against the service's own lists and tiles, tipg and pygeoapi on the same rows.

`python -m tests.benchmarks.ogc_items [--rows 100000] [--seconds 3]`; JSON lines `{name, ours, peer, ratio, unit}`. One client,
one connection, one worker each, the same boxes and tiles in the same order, in turns that alternate. What each says to match
is compared first, so that all do the same work. A tile made anew is one of a day that nobody asked for before; the peers
keep none. Peers that cannot be had are left out with a reason.
"""

import argparse
import http.client
import json
import math
import statistics
import tempfile
from collections.abc import Iterator
from contextlib import ExitStack
from datetime import date, timedelta
from pathlib import Path

from geo_service.embedded import Cluster, Running
from geo_service.migrations import upgrade
from tests.benchmarks._door_peers import PeerMissing, pygeoapi, tipg
from tests.benchmarks.unit_reads import boxes, fill, rate, report, server

OGC = "/ogc/collections/units"
OURS = ["--factory", "geo_service.app:create_app"]
ZOOM = 13
TURNS = 4
FILTER = "&filter=name%20LIKE%20%27%25%31%25%27%20AND%20area_m2%20%3E%201"
Side = tuple[int, list[str]]


def tiles(asked: list[str]) -> list[tuple[int, int]]:
    """Return the tile over the south-west corner of each box."""
    found = []
    for box in asked:
        lon, lat = (float(part) for part in box.split(",")[:2])
        size = 2**ZOOM
        y = (1 - math.asinh(math.tan(math.radians(lat + 0.01))) / math.pi) / 2 * size
        found.append((int((lon + 180.01) / 360 * size), int(y)))
    return found


def days() -> Iterator[date]:
    """Yield days on which every unit holds, none of them twice."""
    return (date(2020, 6, 1) + timedelta(days=number) for number in range(2000))


def matched(port: int, path: str) -> tuple[int, int]:
    """Return how many items an answer holds and how many it says match."""
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=60)
    connection.request("GET", path)
    told = json.loads(connection.getresponse().read())
    return len(told["features"]), told["numberMatched"]


def ours(port: int, asked: list[str]) -> dict[str, Side]:
    """Return what is asked of the service; tiles made anew go through days, and through places on each."""
    places = tiles(asked)
    anew = [(day, x, y) for day, (x, y) in zip(days(), places * 50, strict=True)]
    return {
        "items": (port, [f"{OGC}/items?limit=100&bbox={box}" for box in asked]),
        "list": (port, [f"/api/boundaries/units?limit=100&bbox={box}" for box in asked]),
        "filtered": (port, [f"{OGC}/items?limit=100&bbox={box}{FILTER}" for box in asked]),
        "tile": (port, [f"{OGC}/tiles/WebMercatorQuad/{ZOOM}/{x}/{y}?datetime={day}" for day, x, y in anew]),
        "own tile": (port, [f"/tiles/units/{ZOOM}/{x}/{y}.mvt?as_of={day}" for day, x, y in anew]),
        "kept tile": (port, [f"{OGC}/tiles/WebMercatorQuad/{ZOOM}/{x}/{y}" for x, y in places]),
        "own kept tile": (port, [f"/tiles/units/{ZOOM}/{x}/{y}.mvt" for x, y in places]),
    }


def measure(running: Running, rows: int, seconds: float) -> None:
    asked = boxes(rows)
    with tempfile.TemporaryDirectory(prefix="geo-bench-") as folder, ExitStack() as servers:
        environment = {
            "GEO_DATABASE_URL": running.service_url,
            "GEO_DATA_DIR": folder,
            "GEO_LOG_FORMAT": "json",
        }
        sides = ours(servers.enter_context(server("ours", OURS, "/readyz", **environment)), asked)
        sides |= peers(running, servers, Path(folder), asked)
        agree({name: side for name, side in sides.items() if "items" in name})
        found: dict[str, list[float]] = {name: [] for name in sides}
        for turn in range(TURNS):
            for name, (port, paths) in sides.items():
                begin = turn * len(paths) // TURNS
                found[name].append(rate(port, paths[begin:] + paths[:begin], seconds / TURNS))
    tell({name: statistics.median(rates) for name, rates in found.items()}, rows)


def peers(running: Running, servers: ExitStack, folder: Path, asked: list[str]) -> dict[str, Side]:
    """Start the peers and return what is asked of them."""
    places = [f"{ZOOM}/{x}/{y}" for x, y in tiles(asked)]
    collection = "/collections/published.units"
    port = servers.enter_context(tipg(running))
    found = {
        "tipg items": (port, [f"{collection}/items?limit=100&sortby=id&bbox={box}" for box in asked]),
        "tipg tile": (port, [f"{collection}/tiles/WebMercatorQuad/{place}" for place in places]),
    }
    try:
        port = servers.enter_context(pygeoapi(running, folder))
    except PeerMissing as missing:
        print(json.dumps({"name": "/ogc against pygeoapi", "skipped": str(missing)}), flush=True)
        return found
    collection = "/collections/units"
    turned = [f"{ZOOM}/{y}/{x}" for x, y in tiles(asked)]
    return found | {
        "pygeoapi items": (port, [f"{collection}/items?limit=100&f=json&bbox={box}" for box in asked]),
        "pygeoapi tile": (port, [f"{collection}/tiles/WebMercatorQuad/{place}?f=mvt" for place in turned]),
    }


def agree(sides: dict[str, Side]) -> None:
    """Raise `RuntimeError` where those that do the same work do not say the same."""
    for number in (0, 1, 2):
        said = {name: matched(port, paths[number]) for name, (port, paths) in sides.items()}
        if len(set(said.values())) != 1:
            raise RuntimeError(f"box {number}: {said}")


def tell(rates: dict[str, float], rows: int) -> None:
    """Report every ratio that has both its sides."""
    of = f"of {rows} units"
    for name, mine, other in (
        (f"/ogc items of 100 {of} against the service's own list", "items", "list"),
        ("the same with a CQL2 filter against without", "filtered", "items"),
        (f"/ogc items of 100 {of} against tipg as it comes", "items", "tipg items"),
        (f"/ogc items of 100 {of} against pygeoapi", "items", "pygeoapi items"),
        (f"/ogc tile z{ZOOM}, made anew, against the service's own", "tile", "own tile"),
        (f"/ogc tile z{ZOOM}, kept, against the service's own", "kept tile", "own kept tile"),
        (f"/ogc tile z{ZOOM}, made anew, against tipg", "tile", "tipg tile"),
        (f"/ogc tile z{ZOOM}, made anew, against pygeoapi", "tile", "pygeoapi tile"),
    ):
        if other in rates:
            report(name, rates[mine], rates[other], "req/s")


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("--rows", type=int, default=100_000)
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
