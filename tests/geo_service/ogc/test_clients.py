"""Programs of others at the door of a real server: GDAL's OAPIF driver, OWSLib, a crowd that only holds the line."""

import http.client
import os
import resource
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from urllib.parse import urlsplit

import geopandas
import numpy as np
import pyogrio
import pytest
import shapely
from owslib.ogcapi.features import Features

from geo_service.auth.officer import OPERATOR
from geo_service.db import Database
from geo_service.operations.reference_layers import add_layer
from geo_service.settings import Settings

pytestmark = pytest.mark.database
MANY = 100_000


@pytest.fixture(scope="module")
def served(
    settings: Settings, new_database: Callable[[str], str], tmp_path_factory: pytest.TempPathFactory
) -> Iterator[str]:
    """Address of a service with a layer of 100,000 points and one of every type, in a process of its own."""
    folder = tmp_path_factory.mktemp("served")
    database = Database(new_database("geo_door_served"), settings)
    with database.acting_as(OPERATOR).transaction() as session:
        for name, frame in (("many", _many()), ("kinds", _kinds())):
            frame.to_file(folder / f"{name}.gpkg", driver="GPKG", engine="pyogrio")
            add_layer(session, folder / f"{name}.gpkg", name, recorded_by="test")
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    environment = os.environ | {
        "GEO_DATABASE_URL": database.url,
        "GEO_DATA_DIR": str(folder),
        "GEO_POOL_SIZE": "4",
    }
    command = [sys.executable, "-m", "geo_service", "serve", "--port", str(port)]
    _allow_files()
    with (folder / "log").open("w") as log:
        process = subprocess.Popen(command, env=environment, stdout=log, stderr=log)
        try:
            _wait_for(port, process, folder / "log")
            yield f"http://127.0.0.1:{port}"
        finally:
            process.terminate()
            process.wait(timeout=20)
            database.dispose()


def _many() -> geopandas.GeoDataFrame:
    step = np.arange(MANY)
    points = shapely.points(110 + step % 1000 / 1000, 19 + step // 1000 / 1000)
    return geopandas.GeoDataFrame(
        {"number": step, "name": [f"路{each}" for each in step]}, geometry=points, crs=4490
    )


def _kinds() -> geopandas.GeoDataFrame:
    shapes = [shapely.Point(110.123456789012, 20.5), shapely.Point(110.2, 20.6)]
    columns = {
        "whole": [1, 2**40],
        "real": [0.1, -1e-300],
        "yes": [True, False],
        "words": ["琼山“区”", "a,\"b'"],
    }
    return geopandas.GeoDataFrame(columns, geometry=shapes, crs=4490)


def _wait_for(port: int, process: subprocess.Popen[bytes], log: Path) -> None:
    for _ in range(600):
        assert process.poll() is None, log.read_text()
        try:
            with socket.create_connection(("127.0.0.1", port), timeout=1):
                return
        except OSError:
            time.sleep(0.1)
    pytest.fail(log.read_text())


def _allow_files() -> None:
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    if soft < 4096:
        resource.setrlimit(resource.RLIMIT_NOFILE, (min(4096, hard) if hard > 0 else 4096, hard))


def test_gdal_lists_filters_and_pages_through_a_hundred_thousand(served: str) -> None:
    if "OAPIF" not in pyogrio.list_drivers():
        pytest.skip("this GDAL has no OAPIF driver")
    source = f"OAPIF:{served}/ogc"
    layers = dict(pyogrio.list_layers(source))
    assert {"units", "lines", "markers", "names", "hubs", "many", "kinds"} <= layers.keys()
    assert layers["many"] == "Point"
    _, _, geometry, (numbers,) = pyogrio.raw.read(source, layer="many", columns=["number"], PAGE_SIZE="5000")
    assert len(geometry) == MANY
    assert sorted(numbers) == list(range(MANY))
    assert pyogrio.read_info(source, layer="many")["features"] == MANY
    few = pyogrio.read_dataframe(source, layer="many", where="number >= 10 AND name = '路12'")
    assert list(few["number"]) == [12]
    near = pyogrio.read_dataframe(source, layer="many", bbox=(110, 19, 110.0095, 19.0005))
    assert len(near) == 10


def test_what_gdal_reads_is_what_was_put_in(served: str) -> None:
    if "OAPIF" not in pyogrio.list_drivers():
        pytest.skip("this GDAL has no OAPIF driver")
    read = pyogrio.read_dataframe(f"OAPIF:{served}/ogc", layer="kinds")
    put = _kinds()
    assert list(read.geometry) == list(put.geometry)
    for name in ("whole", "real", "words"):
        assert list(read[name]) == list(put[name]), name
    assert [bool(each) for each in read["yes"]] == list(put["yes"])


def test_owslib_finds_its_way(served: str) -> None:
    client = Features(f"{served}/ogc/")
    assert "http://www.opengis.net/spec/ogcapi-features-1/1.0/conf/core" in client.conformance()["conformsTo"]
    assert {"units", "many"} <= set(client.feature_collections())
    assert client.collection("many")["storageCrs"].endswith("/4490")
    assert "number" in client.collection_queryables("many")["properties"]
    found = client.collection_items("many", limit=7, bbox=[110, 19, 111, 20], filter="number > 5")
    assert (found["numberReturned"], found["numberMatched"]) == (7, MANY - 6)
    item = found["features"][0]["id"]
    assert client.collection_item("many", item)["id"] == item


def test_slow_and_idle_clients_hold_nobody_up(served: str) -> None:
    place = urlsplit(served)
    address = (place.hostname, place.port)
    idle = [socket.create_connection(address) for _ in range(1000)]
    slow = [socket.create_connection(address) for _ in range(20)]
    try:
        for each in slow:  # asks for much and reads nothing
            each.sendall(b"GET /ogc/collections/many/items?limit=10000 HTTP/1.1\r\nHost: x\r\n\r\n")
        for half in idle[:50]:
            half.sendall(b"GET /ogc/collections/many/items HTTP/1.1\r\nHost: x\r\nX-Slow: ")
        for path in ("/ogc/collections/many/items?limit=5", "/healthz", "/api/boundaries/units"):
            connection = http.client.HTTPConnection(*address, timeout=20)
            connection.request("GET", path)
            assert connection.getresponse().status == 200, path
            connection.close()
    finally:
        for each in (*idle, *slow):
            each.close()
