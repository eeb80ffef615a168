"""Every subject of `import` and `export` from a terminal, end to end, with the exit codes of the contract."""

import csv
import hashlib
import json
from collections.abc import Callable, Iterator
from pathlib import Path

import geopandas
import pyarrow.parquet as pq
import pyogrio
import pytest
from PIL import Image
from typer.testing import CliRunner

from geo_service.cli import app as command_line
from geo_service.cli import main
from geo_service.db import Database
from geo_service.exchange.dictionary import COLUMNS
from geo_service.settings import get_settings

pytestmark = pytest.mark.database
Run = Callable[..., tuple[int, str]]


@pytest.fixture
def run(hainan: Database, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys) -> Iterator[Run]:
    """Run the command line in this process, on the demonstration; returns exit code and what was told."""
    monkeypatch.setenv("GEO_DATABASE_URL", hainan.url)
    monkeypatch.setenv("GEO_DATA_DIR", str(tmp_path / "data"))
    monkeypatch.setenv("LC_ALL", "en_GB.UTF-8")
    get_settings.cache_clear()

    def command(*arguments: object) -> tuple[int, str]:
        words = [str(each) for each in arguments]
        monkeypatch.setattr("sys.argv", ["geo-service", *words])
        with pytest.raises(SystemExit) as ended:
            main()
        told = capsys.readouterr()
        return int(ended.value.code or 0), told.out + told.err

    yield command
    get_settings.cache_clear()


SUBJECTS = ["boundaries", "lines", "tripoints", "markers", "names", "hubs", "demand", "roads"]


@pytest.mark.parametrize("subject", SUBJECTS)
@pytest.mark.parametrize("ending", ["parquet", "kml"])
def test_every_subject_goes_out_and_is_read_by_others(
    run: Run, tmp_path: Path, subject: str, ending: str
) -> None:
    path = tmp_path / f"out.{ending}"
    code, told = run("export", subject, path, "--bbox", "109.9,19.5,111,20.3")
    assert code == 0, told
    frame = geopandas.read_parquet(path) if ending == "parquet" else pyogrio.read_dataframe(path)
    assert len(frame) > 0
    assert frame.geometry.notna().any()
    assert str(path) in told


@pytest.mark.parametrize(
    ("subject", "name", "more"),
    [
        ("boundaries", "a.parquet", ["--level", "county", "--bbox", "109.9,19.5,111,20.3"]),
        ("names", "a.xlsx", []),
        ("names", "a.kml", []),
        ("hubs", "a.xlsx", []),
        ("hubs", "a.geojsonl", []),
        ("demand", "a.parquet", []),
        ("demand", "a.kml", []),
        ("roads", "a.fgb", []),
        ("markers", "a.parquet", []),
        ("markers", "a.gpkg", []),
    ],
)
def test_what_goes_out_is_taken_in_again(
    run: Run, tmp_path: Path, subject: str, name: str, more: list[str]
) -> None:
    """A dry run over the office's own export: no row is rejected, and nothing is written."""
    path = tmp_path / name
    code, told = run("export", subject, path, *more)
    assert code == 0, told
    crs = ["--crs", "EPSG:4490"] if name.endswith((".xlsx", ".csv", ".geojsonl")) else []
    groups = ["--map", "population=population"] if subject == "demand" else []
    code, told = run("import", subject, path, *crs, *groups, "--dry-run", "--format", "json")
    assert code == 0, told
    answer = json.loads(told)
    assert (answer["rejected"], answer["dry_run"]) == (0, True)
    if subject in {"boundaries", "markers"}:
        assert (answer["begun"], answer["unchanged"] > 0) == (0, True)


def test_photos_of_a_folder(run: Run, tmp_path: Path) -> None:
    folder = tmp_path / "photos"
    folder.mkdir()
    Image.new("RGB", (8, 8), (200, 10, 10)).save(folder / "a.jpg")
    (folder / "b.jpg").write_bytes(b"GIF89a but not really")
    digest = hashlib.sha256((folder / "a.jpg").read_bytes()).hexdigest()
    code, told = run("import", "photos", folder, "--dry-run", "--format", "json")
    assert (code, json.loads(told)["would_be_kept"]) == (1, 1)
    code, told = run("import", "photos", folder, "--format", "json", "--rejects", tmp_path / "r.csv")
    assert code == 1, told
    answer = json.loads(told)
    assert [(each["sha256"], each["state"]) for each in answer["photos"]] == [(digest, "kept")]
    with (tmp_path / "r.csv").open(encoding="utf-8-sig", newline="") as stream:
        assert [row["code"] for row in csv.DictReader(stream)] == ["document.content_refused"]
    code, told = run("import", "photos", folder / "a.jpg")
    assert (code, "known: 1" in told) == (0, True)


def test_what_cannot_run_says_so(run: Run, tmp_path: Path) -> None:
    assert run("import", "names", tmp_path / "none.gpkg")[0] == 3
    assert run("import", "photos", tmp_path / "none")[0] == 3
    assert run("import", "nothing", tmp_path / "none.gpkg")[0] == 2
    assert run("export", "hubs", tmp_path / "a.gpkg", "--as-of", "2020-01-01")[0] == 2
    assert run("export", "names", tmp_path / "a.dwg")[0] == 3
    assert run("export", "demand", tmp_path / "a.gpkg", "--name", "no such set")[0] == 3
    assert [each.name for each in tmp_path.iterdir()] in ([], ["data"])


def test_the_format_may_be_named(run: Run, tmp_path: Path) -> None:
    code, told = run("export", "hubs", tmp_path / "hubs.dat", "--format", "geojson")
    assert code == 0, told
    assert json.loads((tmp_path / "hubs.dat").read_text())["type"] == "FeatureCollection"


def test_the_help_names_every_option_of_the_contract() -> None:
    told = CliRunner().invoke(command_line, ["import", "--help"], env={"COLUMNS": "200"}).output
    assert all(word in told for word in ("--layer", "--crs", "--map", "--dry-run", "--rejects", "photos"))


@pytest.mark.parametrize("subject", SUBJECTS)
def test_every_column_that_goes_out_is_in_the_manual(run: Run, tmp_path: Path, subject: str) -> None:
    assert run("export", subject, tmp_path / "a.parquet")[0] == 0
    found = pq.read_schema(tmp_path / "a.parquet").names
    known = COLUMNS[subject]
    if subject == "demand":
        assert found[0] == "id"
    else:
        assert found == [*known, "geometry"]


def test_a_snapshot_is_whole_dated_and_summed(run: Run, tmp_path: Path) -> None:
    code, told = run("export", "snapshot", tmp_path / "out", "--format", "parquet")
    assert code == 0, told
    (dated,) = (tmp_path / "out").iterdir()
    about = json.loads((dated / "snapshot.json").read_text())
    assert dated.name == about["as_of"]
    for line in (dated / "SHA256SUMS").read_text().splitlines():
        digest, name = line.split("  ")
        assert hashlib.sha256((dated / name).read_bytes()).hexdigest() == digest
    rows = {layer: each["rows"] for layer, each in about["layers"].items()}
    assert set(rows) == {"boundaries", "lines", "tripoints", "markers", "names", "signs", "hubs"}
    assert len(geopandas.read_parquet(dated / "lines.parquet")) == rows["lines"] > 0
    assert run("export", "snapshot", tmp_path / "out")[0] == 3
    assert [each.name for each in (tmp_path / "out").iterdir()] == [dated.name]
    assert run("check", "snapshot", dated) == (0, "")


@pytest.mark.parametrize("form", ["gpkg", "geojsonseq", "csv"])
def test_a_snapshot_is_examined_where_it_was_carried(run: Run, tmp_path: Path, form: str) -> None:
    assert run("export", "snapshot", tmp_path / "out", "--format", form)[0] == 0
    (dated,) = (tmp_path / "out").iterdir()
    assert run("check", "snapshot", dated) == (0, "")

    about = json.loads((dated / "snapshot.json").read_text())
    names = {layer: each["file"] for layer, each in about["layers"].items() if "file" in each}
    (dated / names["hubs"]).unlink()
    with (dated / names["lines"]).open("ab") as stream:
        stream.write(b"\n")
    (dated / "note.txt").write_text("mine")
    code, told = run("check", "snapshot", dated, "--format", "json")
    findings = [json.loads(line) for line in told.splitlines()]
    assert code == 1
    assert {(each["code"], each["file"]) for each in findings} == {
        ("snapshot.file_missing", names["hubs"]),
        ("snapshot.sum_differs", names["lines"]),
        ("snapshot.file_unlisted", "note.txt"),
    }


def test_a_snapshot_is_held_against_what_it_says_of_itself(run: Run, tmp_path: Path, monkeypatch) -> None:
    """Sums that were made to fit again do not hide other rows; a folder without sums, or with a way out of it, is refused."""
    assert run("export", "snapshot", tmp_path / "out")[0] == 0
    (dated,) = (tmp_path / "out").iterdir()
    about = json.loads((dated / "snapshot.json").read_text())
    rows = about["layers"]["hubs"]["rows"]
    about["layers"]["hubs"]["rows"] = rows + 1
    about["layers"]["lines"]["sha256"] = "0" * 64
    (dated / "snapshot.json").write_text(json.dumps(about))
    sums = (dated / "SHA256SUMS").read_text().splitlines()
    digest = hashlib.sha256((dated / "snapshot.json").read_bytes()).hexdigest()
    (dated / "SHA256SUMS").write_text("\n".join([*sums[:-1], f"{digest}  snapshot.json"]) + "\n")
    code, told = run("check", "snapshot", dated)
    assert (code, [line.split(":")[0] for line in told.splitlines()]) == (
        1,
        ["snapshot.sum_differs", "snapshot.rows_differ"],
    )
    assert f"hubs.gpkg has {rows} rows, snapshot.json says {rows + 1}" in told
    monkeypatch.setenv("LC_ALL", "zh_CN.UTF-8")
    assert f"hubs.gpkg 有 {rows} 行，snapshot.json 记为 {rows + 1} 行" in run("check", "snapshot", dated)[1]
    for wrong in ("", f"{digest}  ../snapshot.json\n", "x\n"):
        (dated / "SHA256SUMS").write_text(wrong)
        code, told = run("check", "snapshot", dated)
        assert (code, "snapshot.sums_unreadable" in told) == (3, True)
    assert run("check", "snapshot", tmp_path / "nowhere")[0] == 3
    assert run("check", "snapshot")[0] == run("check", "audit", dated)[0] == 2
