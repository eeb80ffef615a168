"""Ground of one's own for each cluster."""

import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest


@pytest.fixture
def tmp_path() -> Iterator[Path]:
    """A directory outside pytest's own, which every other session of pytest closes to the cluster's account again."""
    with tempfile.TemporaryDirectory(prefix="geo-", ignore_cleanup_errors=True) as directory:
        yield Path(directory)
