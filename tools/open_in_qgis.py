"""Opens layers and tiles of `/ogc` in a headless QGIS; run by `make qgis` with the system's Python.

Starts the demonstration on a database of its own, or takes the address of a running service as its argument. Exit 1
names what QGIS would not open.
"""

import json
import socket
import subprocess
import sys
import tempfile
import time
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


def open_everything(address: str) -> list[dict[str, Any]]:
    told = []
    with urllib.request.urlopen(f"{address}/ogc/collections") as answer:  # noqa: S310 -- our own address
        names = [each["id"] for each in json.load(answer)["collections"]]
    for name in names:
        layer = QgsVectorLayer(f"url='{address}/ogc' typename='{name}' pagingEnabled='true'", name, "OAPIF")
        whole = sum(1 for _ in layer.getFeatures()) if layer.isValid() else None
        near = QgsFeatureRequest().setFilterRect(QgsRectangle(110.2, 19.9, 110.5, 20.1))
        inside = sum(1 for _ in layer.getFeatures(near)) if layer.isValid() else None
        told.append({"layer": name, "opened": layer.isValid(), "features": whole, "in_a_window": inside})
    tiles = f"{address}/ogc/collections/units/tiles/WebMercatorQuad/{{z}}/{{x}}/{{y}}"
    layer = QgsVectorTileLayer(f"type=xyz&url={tiles}&zmin=0&zmax=14", "tiles")
    told.append({"layer": "tiles of units", "opened": layer.isValid() and colours(layer) > 1})
    return told


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
