"""`boundaries check FILE` as a desk runs it: lines of JSON, exit codes, columns of every name."""

import json
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pyogrio
import pytest
import shapely
from click.testing import Result
from pyproj import Transformer
from typer.testing import CliRunner

from geo_service.cli import app
from tests.grids import draw

GROUND = draw("""
    a  e  b  f
    d  h  c  g
""")
SOUND = {"460107001": GROUND.area("aehd"), "460107002": GROUND.area("ebch")}
OVERLAPPING = {"460107001": GROUND.area("abcd"), "460107002": GROUND.area("efgh")}


def boundaries_check(*arguments: object) -> Result:
    return CliRunner().invoke(app, ["boundaries", "check", *map(str, arguments)], catch_exceptions=False)


def as_a_program(*arguments: object) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "geo_service", "boundaries", "check", *map(str, arguments)],
        capture_output=True, text=True, encoding="utf-8", check=False,
    )  # fmt: skip


def write(
    path: Path, units: dict, *, crs: str | None = "EPSG:4490", column: str = "code", **more: list
) -> Path:
    columns = {column: np.array(list(units), dtype=object)} | {
        name: np.array(values, dtype=object) for name, values in more.items()
    }
    pyogrio.raw.write(
        path, shapely.to_wkb(list(units.values())), list(columns.values()), list(columns),
        geometry_type="Polygon", crs=crs, layer=path.stem if path.suffix == ".gpkg" else None,
    )  # fmt: skip
    return path


def lines(run: Result) -> list[dict]:
    return [json.loads(line) for line in run.stdout.splitlines()]


def test_sound_file_says_nothing_and_exits_0(tmp_path):
    run = boundaries_check(write(tmp_path / "towns.gpkg", SOUND), "--format", "json")
    assert (run.exit_code, run.stdout) == (0, "")


def test_findings_are_lines_of_json_and_exit_1(tmp_path):
    run = boundaries_check(write(tmp_path / "towns.gpkg", OVERLAPPING))
    (found,) = lines(run)
    assert run.exit_code == 1
    assert set(found) == {"code", "unit_codes", "lon", "lat", "measure"}
    assert found["code"] == "boundary.overlap"
    assert set(found["unit_codes"]) == set(OVERLAPPING)
    assert GROUND.area("ebch").contains(shapely.Point(found["lon"], found["lat"]))


def test_table_shows_the_same(tmp_path):
    run = boundaries_check(write(tmp_path / "towns.gpkg", OVERLAPPING), "--format", "table")
    assert run.exit_code == 1
    assert "boundary.overlap" in run.stdout


@pytest.mark.parametrize("column", ["adcode", "unit_code", "XZQDM"])
def test_codes_stand_under_many_names(tmp_path, column):
    (found,) = lines(boundaries_check(write(tmp_path / "towns.geojson", OVERLAPPING, column=column)))
    assert set(found["unit_codes"]) == set(OVERLAPPING)


def test_column_can_be_named_and_rows_without_one_are_numbered(tmp_path):
    file = write(tmp_path / "towns.fgb", OVERLAPPING, column="bianhao")
    (found,) = lines(boundaries_check(file, "--code-column", "bianhao"))
    assert set(found["unit_codes"]) == set(OVERLAPPING)
    (found,) = lines(boundaries_check(file))
    assert sorted(found["unit_codes"]) == ["1", "2"]


def test_parents_are_asked_when_the_file_tells_them(tmp_path):
    file = write(
        tmp_path / "towns.gpkg",
        SOUND | {"460107003": GROUND.area("bfgc")},
        parent_code=["460107", "460107", "460108"],
    )
    (found,) = lines(boundaries_check(file))
    assert (found["code"], found["unit_codes"]) == ("boundary.wrong_parent_code", ["460107003"])


def test_table_of_wkt(tmp_path):
    file = tmp_path / "towns.csv"
    rows = [f'{code},"{shape.wkt}"' for code, shape in OVERLAPPING.items()]
    file.write_text("\n".join(["code,wkt", *rows]), encoding="utf-8")
    (found,) = lines(boundaries_check(file))
    assert (found["code"], set(found["unit_codes"])) == ("boundary.overlap", set(OVERLAPPING))


@pytest.mark.filterwarnings("ignore:'crs' was not provided")
def test_metres_without_crs_are_refused_until_one_is_stated(tmp_path):
    grid = Transformer.from_crs(4490, 4546, always_xy=True)
    projected = {
        code: shapely.transform(shape, lambda xy: np.column_stack(grid.transform(*xy.T)))
        for code, shape in OVERLAPPING.items()
    }
    file = write(tmp_path / "towns.fgb", projected, crs=None)
    refused = as_a_program(file)
    assert (refused.returncode, refused.stdout) == (3, "")
    assert "import.crs_unknown" in refused.stderr
    (found,) = lines(boundaries_check(file, "--crs", "EPSG:4546"))
    assert GROUND.area("ebch").contains(shapely.Point(found["lon"], found["lat"]))
    assert found["measure"] == pytest.approx(300, rel=0.01)


def test_what_cannot_be_read_exits_3_and_wrong_usage_2(tmp_path):
    file = write(tmp_path / "towns.gpkg", SOUND)
    broken = tmp_path / "broken.gpkg"
    broken.write_bytes(file.read_bytes()[:5000])
    for arguments in (
        [tmp_path / "absent.gpkg"],
        [broken],
        [file, "--layer", "no such layer"],
        [file, "--code-column", "x"],
    ):
        run = as_a_program(*arguments)
        assert (run.returncode, run.stdout) == (3, ""), arguments
        assert "Traceback" not in run.stderr
    assert boundaries_check(file, "--format", "xml").exit_code == 2
    assert boundaries_check().exit_code == 2


def test_labelled_file_without_naming_its_layer(shared: Callable[..., Path]):
    run = as_a_program(shared("gold", "coverage_dev.gpkg"))
    assert (run.returncode, len(run.stdout.splitlines()), run.stderr) == (1, 30, "")
    assert (
        boundaries_check(shared("gold", "coverage_dev_clean.gpkg"), "--parents-layer", "counties").exit_code
        == 0
    )
