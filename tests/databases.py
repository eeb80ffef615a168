"""The cluster that the tests of a session share: temporary, started once, given up after the last test."""

import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from geo_service.embedded import Cluster, Running


@pytest.fixture(scope="session")
def cluster() -> Iterator[Running]:
    """A running PostGIS with roles and extensions, without tables. `cluster.owner_url` and its sisters lead to it."""
    with (
        tempfile.TemporaryDirectory(prefix="geo-", ignore_cleanup_errors=True) as directory,
        Cluster(Path(directory), durable=False).start() as running,
    ):
        yield running
