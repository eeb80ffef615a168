"""`import`, `export`, `check` and `db` from a terminal, on the demonstration."""

import json
import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import geopandas
import pytest

from geo_service.db import Database
from geo_service.embedded import Running

pytestmark = pytest.mark.database
Run = Callable[..., subprocess.CompletedProcess[str]]


@pytest.fixture
def run(hainan: Database, migrated: Running, tmp_path: Path) -> Run:
    """Run the command line on the demonstration's database, in English."""
    environment = {
        **os.environ,
        "GEO_DATABASE_URL": hainan.url,
        "GEO_OWNER_DATABASE_URL": migrated.url("geo_owner", "geo_hainan"),
        "GEO_DATA_DIR": str(tmp_path),
        "LC_ALL": "en_GB.UTF-8",
    }

    def command(*arguments: str) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            [sys.executable, "-m", "geo_service", *arguments],
            env=environment, capture_output=True, text=True, check=False, timeout=120,
        )  # fmt: skip

    return command


@pytest.mark.parametrize("name", ["units.gpkg", "units.geojson", "units.fgb", "units.zip", "units.csv"])
def test_what_is_exported_says_its_crs_and_can_be_read(run: Run, tmp_path: Path, name: str) -> None:
    done = run(
        "export", "boundaries", str(tmp_path / name), "--level", "county", "--bbox", "110.1,19.5,110.7,20.1"
    )
    assert done.returncode == 0, done.stderr
    frame = geopandas.read_file(tmp_path / name)
    assert len(frame) >= 5
    assert "460107" in set(frame["code"].astype(str))
    if name.endswith((".gpkg", ".fgb", ".zip")):
        assert frame.crs.to_epsg() == 4490


def test_an_export_answers_by_date(run: Run, tmp_path: Path) -> None:
    run("export", "boundaries", str(tmp_path / "a.gpkg"), "--as-of", "2006-12-31", "--level", "county")
    frame = geopandas.read_file(tmp_path / "a.gpkg").set_index("code")
    assert frame.loc["469025", "name"] == "定安县"


def test_an_export_overwrites_only_when_told(run: Run, tmp_path: Path) -> None:
    path = tmp_path / "a.geojson"
    path.write_text("mine")
    refused = run("export", "lines", str(path))
    assert (refused.returncode, path.read_text()) == (3, "mine")
    assert "--overwrite" in refused.stderr
    assert "export.file_exists" in refused.stderr
    assert run("export", "lines", str(path), "--overwrite").returncode == 0
    assert len(geopandas.read_file(path)) == 52


def test_a_dry_run_tells_what_would_happen(run: Run, shared: Callable[..., Path]) -> None:
    path = shared("data", "boundaries", "hainan_admin_amap.gpkg")
    done = run(
        "import", "boundaries", str(path), "--layer", "county_gcj02", "--crs", "GCJ-02", "--level", "county",
        "--dry-run", "--format", "json",
    )  # fmt: skip
    told = json.loads(done.stdout)
    assert done.returncode == 0
    assert (told["rows"], told["unchanged"], told["begun"], told["written"]) == (26, 24, 2, False)


def test_rejects_are_written_with_their_reason(run: Run, tmp_path: Path) -> None:
    source, rejects = tmp_path / "in.csv", tmp_path / "out.csv"
    source.write_text(
        'code,name,wkt\n99x,甲,"POLYGON((110 20,110.1 20,110.1 20.1,110 20))"\n', encoding="utf-8"
    )
    done = run(
        "import",
        "boundaries",
        str(source),
        "--crs",
        "EPSG:4490",
        "--level",
        "county",
        "--rejects",
        str(rejects),
    )
    assert done.returncode == 1
    assert "boundary.unit_code_invalid" in rejects.read_text(encoding="utf-8-sig")


@pytest.mark.parametrize(
    ("arguments", "code"),
    [
        (["nowhere.gpkg"], "import."),
        (["/vsicurl/http://127.0.0.1/x.gpkg"], "import.path_refused"),
        (["plain.csv", "--level", "county"], "import.crs_unknown"),
        (["plain.csv", "--crs", "EPSG:4610", "--level", "county"], "crs.datum_not_approved"),
        (["plain.csv", "--crs", "Mars", "--level", "county"], "crs."),
        (["plain.csv", "--crs", "EPSG:4490", "--map", "nonsense"], "import.mapping_invalid"),
    ],
)
def test_what_cannot_be_taken_is_said_in_words(
    run: Run, tmp_path: Path, arguments: list[str], code: str
) -> None:
    (tmp_path / "plain.csv").write_text('code,name,wkt\n990101,甲,"POLYGON((1 1,2 1,2 2,1 1))"\n')
    path = arguments[0] if arguments[0].startswith("/") else str(tmp_path / arguments[0])
    done = run("import", "boundaries", path, *arguments[1:])
    assert done.returncode == 3, done.stdout + done.stderr
    assert code in done.stderr
    assert "Traceback" not in done.stderr


def test_the_record_has_no_findings(run: Run) -> None:
    done = run("check", "boundaries", "--format", "json")
    assert (done.returncode, done.stdout) == (0, "")


def test_the_tables_are_current_and_as_the_models_say(run: Run) -> None:
    state = json.loads(run("db", "status", "--format", "json").stdout)
    assert (state["current"], state["embedded"]) == (True, False)


def test_a_wrong_word_is_a_matter_of_usage(run: Run) -> None:
    assert run("import", "galaxies", "x").returncode == 2
    assert run("check", "everything").returncode == 2


def test_the_report_on_markers_is_one_file_and_takes_no_files_place_unasked(run: Run, tmp_path: Path) -> None:
    path = tmp_path / "markers.html"
    done = run("markers", "report", str(path), "--unit", "460107", "--profile", "B", "--language", "en")
    assert done.returncode == 0, done.stderr
    page = path.read_text(encoding="utf-8")
    assert "inspection progress · inspection_progress 1" in page
    assert done.stdout.strip() == f"{path}: {page.count('<tr id=')}"
    again = run("markers", "report", str(path), "--unit", "460107")
    assert again.returncode == 3
    assert "export.file_exists" in again.stderr
    assert run("markers", "report", str(tmp_path / "none.html")).returncode == 2
    assert run("markers", "report", str(tmp_path / "none.html"), "--line", "1").returncode == 3
    assert not (tmp_path / "none.html").exists()
