"""What every test may ask for."""

from collections.abc import Callable
from pathlib import Path

import pytest

pytest_plugins = ["tests.databases", "tests.service", "tests.office"]

ROOT = Path(__file__).resolve().parent.parent
SHARED = ROOT.parent / "shared"


@pytest.fixture(scope="session")
def shared() -> Callable[..., Path]:
    """Path of a file of the labelled sets and real data, or a skip that says what is absent."""

    def path(*parts: str) -> Path:
        found = SHARED.joinpath(*parts)
        if not found.exists():
            pytest.skip(f"not present beside the project: {'/'.join(parts)}")
        return found

    return path
