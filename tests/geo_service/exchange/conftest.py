"""Files drawn for the tests of the exchange: small, and wrong in one way each."""

import zipfile
from collections.abc import Callable
from pathlib import Path

import pytest


@pytest.fixture
def zipped(tmp_path: Path) -> Callable[..., Path]:
    """A ZIP with the members given, by name; content is bytes or a file."""

    def make(name: str, members: dict[str, bytes | Path]) -> Path:
        archive = tmp_path / name
        with zipfile.ZipFile(archive, "w", zipfile.ZIP_DEFLATED) as opened:
            for member, content in members.items():
                opened.writestr(member, content if isinstance(content, bytes) else content.read_bytes())
        return archive

    return make
