"""The short storm: two hundred phones, a service and a database that are killed; the long one is a benchmark."""

import json
import tempfile
from pathlib import Path

import pytest

from tests.field_storm import Size, hold, storm

pytestmark = pytest.mark.database
SHORT = Size(
    devices=200, records=500, photos=200, markers=40, a_push=2, kills=1, database_kills=1, within_s=240
)


def test_whatever_is_receipted_stands_once() -> None:
    with tempfile.TemporaryDirectory(prefix="geo-", ignore_cleanup_errors=True) as home:
        verdict = storm(Path(home), SHORT, seed=5)
    print(json.dumps(verdict, ensure_ascii=False))
    hold(verdict)
    assert (verdict["receipts"] + sum(verdict["refused"].values()), verdict["photos"]) == (500, 200)
    assert verdict["killed"] == {"service": 1, "database": 1}
    for what in ("cut in mid-body", "answer lost", "duplicate", "sessions expired"):
        assert verdict["happened"][what] > 0
