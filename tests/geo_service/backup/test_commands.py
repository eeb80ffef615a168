"""`db backup` and `db restore` as typed: from one data directory to another."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

pytestmark = pytest.mark.database


def geo_service(*arguments: str, data_dir: Path) -> subprocess.CompletedProcess[str]:
    environment = {key: value for key, value in os.environ.items() if not key.startswith("GEO_")}
    return subprocess.run(
        [sys.executable, "-m", "geo_service", *arguments],
        env={**environment, "GEO_DATA_DIR": str(data_dir), "LANG": "en_GB.UTF-8", "LC_ALL": ""},
        capture_output=True,
        text=True,
        check=False,
        timeout=120,
    )


def test_from_one_data_directory_to_another(tmp_path: Path) -> None:
    old, new, archive = tmp_path / "old", tmp_path / "new", tmp_path / "office.tar"
    assert geo_service("db", "upgrade", data_dir=old).returncode == 0
    made = geo_service("db", "backup", str(archive), "--format", "json", data_dir=old)
    assert made.returncode == 0, made.stderr
    restored = geo_service("db", "restore", str(archive), "--format", "json", data_dir=new)
    assert restored.returncode == 0, restored.stderr
    assert json.loads(restored.stdout) == json.loads(made.stdout)
    status = geo_service("db", "status", "--format", "json", data_dir=new)
    assert json.loads(status.stdout)["current"] is True

    again = geo_service("db", "restore", str(archive), data_dir=new)
    assert (again.returncode, "backup.place_not_empty" in again.stderr) == (3, True)
    taken = geo_service("db", "backup", str(archive), data_dir=old)
    assert (taken.returncode, "backup.target_exists" in taken.stderr) == (3, True)
    archive.chmod(0o600)
    archive.write_bytes(archive.read_bytes()[:50_000])
    cut_off = geo_service("db", "restore", str(archive), data_dir=tmp_path / "other")
    assert (cut_off.returncode, "backup.incomplete" in cut_off.stderr) == (3, True)
    assert not (tmp_path / "other").exists()
    assert geo_service("db", "restore", str(tmp_path / "absent.tar"), data_dir=new).returncode == 2
