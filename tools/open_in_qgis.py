"""Opens layers and tiles of `/ogc` in a headless QGIS; run by `make qgis` with the system's Python.

Starts the demonstration on a database of its own, or takes the address of a running service as its argument. Counts, windows,
filters and values that QGIS shows are held against what the door says, and tiles have to draw something. Exit 1 where one differs.
"""

import json
import socket
import subprocess
import sys
import tempfile
import time
import urllib.parse
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from os import environ
from pathlib import Path
from typing import Any

from qgis.core import (
    QgsApplication,
    QgsCoordinateReferenceSystem,
    QgsFeatureRequest,
    QgsMapRendererSequentialJob,
    QgsMapSettings,
    QgsRectangle,
    QgsVectorLayer,
    QgsVectorTileLayer,
)
from qgis.PyQt.QtCore import QSize

ROOT = Path(__file__).resolve().parent.parent
READY_WITHIN_S = 300


@contextmanager
def running() -> Iterator[str]:
    if len(sys.argv) > 1:
        yield sys.argv[1].rstrip("/")
        return
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    address = f"http://127.0.0.1:{port}"
    with tempfile.TemporaryDirectory(prefix="geo-qgis-", ignore_cleanup_errors=True) as folder:
        command = [
            str(ROOT / ".venv/bin/python"),
            "-m",
            "geo_service",
            "demo",
            "--serve",
            "--port",
            str(port),
        ]
        service = subprocess.Popen(
            command, cwd=ROOT, env={**environ, "GEO_DATA_DIR": folder}, stdout=subprocess.DEVNULL
        )
        try:
            wait_for(address)
            yield address
        finally:
            service.terminate()
            service.wait(60)


def wait_for(address: str) -> None:
    deadline = time.monotonic() + READY_WITHIN_S
    while time.monotonic() < deadline:
        try:
            with urllib.request.urlopen(f"{address}/readyz", timeout=2):  # noqa: S310 -- our own address
                return
        except OSError:
            time.sleep(0.5)
    sys.exit("the service did not start")


def colours(layer: Any) -> int:
    """Draw Hainan and return how many colours the picture has; one is an empty picture."""
    settings = QgsMapSettings()
    settings.setLayers([layer])
    settings.setDestinationCrs(QgsCoordinateReferenceSystem("EPSG:3857"))
    settings.setExtent(QgsRectangle(12_080_000, 2_050_000, 12_380_000, 2_300_000))
    settings.setOutputSize(QSize(400, 333))
    job = QgsMapRendererSequentialJob(settings)
    job.start()
    job.waitForFinished()
    picture = job.renderedImage()
    return len({picture.pixel(x, y) for x in range(0, 400, 4) for y in range(0, 333, 3)})


def asked(address: str, path: str, **parameters: str) -> Any:
    """Return what the door itself says."""
    query = urllib.parse.urlencode({"f": "json", **parameters})
    with urllib.request.urlopen(f"{address}/ogc/{path}?{query}") as answer:  # noqa: S310 -- our own address
        return json.load(answer)


def same(shown: Any, told: Any) -> bool:
    """Say whether QGIS shows a value as the door tells it; what QGIS makes a text or leaves empty is compared as text."""
    if told is None or isinstance(told, list | dict):
        return True
    if isinstance(told, bool):
        return str(shown).lower() in {str(told).lower(), str(int(told))}
    if isinstance(told, int | float):
        return abs(float(shown) - told) <= abs(told) * 1e-12
    return bool((shown.toString(1) if hasattr(shown, "toString") else str(shown)).startswith(told[:10]))


def wrong_values(address: str, name: str, layer: Any) -> list[str]:
    """Return the attributes of which QGIS shows other values than the door tells, over the first items."""
    told = asked(address, f"collections/{name}/items", limit="20")["features"]
    shown = {str(each["id"]): each for each in layer.getFeatures() if "id" in layer.fields().names()}
    return [
        f"{item['id']}.{field}"
        for item in told
        for field, value in item["properties"].items()
        if (mine := shown.get(str(item["id"]))) is not None
        and field in layer.fields().names()
        and not same(mine[field], value)
    ]


def filtered(address: str, name: str, layer: Any) -> bool:
    """Say whether a filter on a text of the first item finds in QGIS what it finds at the door."""
    first = asked(address, f"collections/{name}/items", limit="1")["features"]
    texts = [
        (field, value)
        for each in first
        for field, value in each["properties"].items()
        if isinstance(value, str)
    ]
    fields = set(layer.fields().names())
    field, value = next(
        ((field, value) for field, value in texts if field in fields and "-" not in value), (None, None)
    )
    if field is None:
        return True
    quoted = value.replace("'", "''")
    matched = asked(address, f"collections/{name}/items", limit="1", filter=f"\"{field}\" = '{quoted}'")[
        "numberMatched"
    ]
    request = QgsFeatureRequest().setFilterExpression(f"\"{field}\" = '{quoted}'")
    return sum(1 for _ in layer.getFeatures(request)) == matched


def looked_at(address: str, name: str) -> dict[str, Any]:
    """Open a collection and its tiles, and hold what QGIS has against what the door says."""
    layer = QgsVectorLayer(f"url='{address}/ogc' typename='{name}' pagingEnabled='true'", name, "OAPIF")
    if not layer.isValid():
        return {"layer": name, "opened": False}
    matched = asked(address, f"collections/{name}/items", limit="1")["numberMatched"]
    found = sum(1 for _ in layer.getFeatures())
    near = QgsFeatureRequest().setFilterRect(QgsRectangle(110.2, 19.9, 110.5, 20.1))
    inside = sum(1 for _ in layer.getFeatures(near))
    within = asked(address, f"collections/{name}/items", limit="1", bbox="110.2,19.9,110.5,20.1")[
        "numberMatched"
    ]
    tiles = f"{address}/ogc/collections/{name}/tiles/WebMercatorQuad/{{z}}/{{x}}/{{y}}"
    drawn = QgsVectorTileLayer(f"type=xyz&url={tiles}&zmin=0&zmax=14", name)
    told = {
        "layer": name,
        "features": found,
        "in_a_window": inside,
        "colours_of_tiles": colours(drawn) if drawn.isValid() else 0,
        "wrong_values": wrong_values(address, name, layer)[:5],
        "filter_holds": filtered(address, name, layer),
    }
    whole = found == matched and inside == within and told["filter_holds"] and not told["wrong_values"]
    return {**told, "opened": whole and (told["colours_of_tiles"] > 1 or not within)}


def open_everything(address: str) -> list[dict[str, Any]]:
    return [looked_at(address, each["id"]) for each in asked(address, "collections")["collections"]]


def main() -> int:
    application = QgsApplication([], True)
    application.initQgis()
    with running() as address:
        told = open_everything(address)
    for line in told:
        print(json.dumps(line, ensure_ascii=False))
    application.exitQgis()
    return 0 if all(line["opened"] for line in told) else 1


if __name__ == "__main__":
    sys.exit(main())
