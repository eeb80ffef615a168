"""Markers in and out of files, guarded by datum; the register examined."""

import csv
from collections import Counter
from collections.abc import Callable
from datetime import date
from pathlib import Path

import pytest
import shapely
from openpyxl import Workbook, load_workbook
from pyogrio import read_dataframe
from sqlalchemy import text
from sqlalchemy.orm import Session

from geo_service.auth.acting import act_as
from geo_service.auth.officer import OPERATOR
from geo_service.exchange.writing import Export, write_features
from geo_service.operations.marker_check import check_markers
from geo_service.operations.marker_export import export_batches, write_result_table
from geo_service.operations.marker_import import ImportedMarkers, MarkerTerms, import_markers
from layers.geodesy import DatumRefused
from layers.markers.queries import MarkerFilter

pytestmark = pytest.mark.database
TODAY = date(2026, 6, 1)
HEADER = ["JZDM", "JZBH", "JXDM", "JZDJ", "JZLX", "JZCZ", "ZZB", "HZB", "GC", "SZD1", "WZMS"]
ROW = ["010790210801Q", "01079021801Q", "460107469021", "县级", "单立", "花岗岩", "2214712.422", "431986.864", "31.2",
       "琼山区", ""]  # fmt: skip


def write(path: Path, *rows: list[str], header: list[str] = HEADER) -> Path:
    if path.suffix == ".xlsx":
        book = Workbook()
        for row in (header, *rows):
            book.active.append(row)
        book.save(path)
        return path
    with path.open("w", encoding="gb18030" if "gbk" in path.name else "utf-8", newline="") as sink:
        csv.writer(sink).writerows([header, *rows])
    return path


def take(session: Session, path: Path, **terms: object) -> ImportedMarkers:
    return import_markers(session, path, MarkerTerms(**terms), recorded_by="operator", on=TODAY)


def changed(**cells: str) -> list[str]:
    return [cells.get(name, cell) for name, cell in zip(HEADER, ROW, strict=True)]


@pytest.mark.parametrize("name", ["forms.csv", "forms_gbk.csv", "forms.xlsx"])
def test_forms_in_the_field_codes_are_taken(hainan_session: Session, tmp_path: Path, name: str) -> None:
    done = take(hainan_session, write(tmp_path / name, ROW), crs="EPSG:4546")
    assert (done.rows, done.begun, done.rejects, done.written) == (1, 1, [], True)
    row = hainan_session.execute(
        text("SELECT m.*, ST_X(geometry) AS lon, ST_Y(geometry) AS lat, s.condition, c.colour FROM markers.marker m "
             "JOIN markers.marker_state s ON s.marker_id = m.id JOIN markers.marker_colour c ON c.marker_id = m.id "
             "AND c.profile = 'condition_first' WHERE code = :code"),
        {"code": ROW[0]},
    ).one()  # fmt: skip
    assert (row.lon, row.lat) == (pytest.approx(110.35, abs=1e-8), pytest.approx(20.02, abs=1e-8))
    assert (row.original_north, row.original_east, row.original_epsg) == (
        pytest.approx(2214712.422, abs=1e-3),
        pytest.approx(431986.864, abs=1e-3),
        4546,
    )
    assert (row.number, row.unit_codes, row.set_kind, row.colour) == (
        ROW[1],
        ["460107", "469021"],
        "single",
        "yellow",
    )
    again = take(hainan_session, tmp_path / name, crs="EPSG:4546")
    assert (again.begun, again.unchanged, again.rejects) == (0, 1, [])


@pytest.mark.parametrize("crs", ["EPSG:4610", "EPSG:2382", "EPSG:4214"])
def test_a_legacy_datum_is_refused_and_never_passed_unshifted(
    hainan_session: Session, tmp_path: Path, crs: str
) -> None:
    with pytest.raises(DatumRefused):
        take(hainan_session, write(tmp_path / "forms.csv", ROW), crs=crs)


def test_swapped_axes_are_rejected_with_the_suggestion(hainan_session: Session, tmp_path: Path) -> None:
    swapped = changed(ZZB="431986.864", HZB="2214712.422")
    done = take(hainan_session, write(tmp_path / "forms.csv", swapped), crs="EPSG:4546")
    assert [reject.code for reject in done.rejects] == ["crs.axes_swapped"]
    assert not done.written


@pytest.mark.parametrize(
    ("cells", "code"),
    [
        ({"JXDM": "999"}, "marker.line_unknown"),
        ({"JZLX": "四立"}, "marker.value_unknown"),
        ({"GC": "high"}, "marker.value_unknown"),
        ({"JZDM": ""}, "marker.code_missing"),
        ({"ZZB": "north"}, "import.geometry_unreadable"),
    ],
)
def test_one_bad_row_keeps_the_whole_file_out(
    hainan_session: Session, tmp_path: Path, cells: dict[str, str], code: str
) -> None:
    path = write(tmp_path / "forms.csv", ROW, changed(**({"JZDM": "other"} | cells)))
    before = hainan_session.execute(text("SELECT count(*) FROM markers.marker")).scalar_one()
    done = take(hainan_session, path, crs="EPSG:4546")
    assert ([reject.code for reject in done.rejects], done.written) == ([code], False)
    assert hainan_session.execute(text("SELECT count(*) FROM markers.marker")).scalar_one() == before


def test_repeated_and_taken_codes_are_rejected(hainan_session: Session, tmp_path: Path) -> None:
    twice = take(hainan_session, write(tmp_path / "twice.csv", ROW, ROW), crs="EPSG:4546")
    assert [reject.code for reject in twice.rejects] == ["import.repeated_code"] * 2
    take(hainan_session, write(tmp_path / "one.csv", ROW), crs="EPSG:4546")
    moved = take(hainan_session, write(tmp_path / "moved.csv", changed(ZZB="2214722.422")), crs="EPSG:4546")
    assert [reject.code for reject in moved.rejects] == ["marker.code_taken"]


def test_the_real_geodetic_marks_show_datums_repeats_and_the_antimeridian(
    hainan_session: Session, shared: Callable[..., Path]
) -> None:
    marks = shared("data", "markers", "geonet_marks.csv")
    done = take(hainan_session, marks, crs="EPSG:4326", line_code="460107469021", dry_run=True)
    reasons = Counter(reject.code for reject in done.rejects)
    with marks.open(encoding="utf-8") as stream:
        rows = list(csv.DictReader(stream))
    datums = Counter(row["Datum"] for row in rows)
    codes = Counter(row["Mark"] for row in rows if row["Datum"] == "WGS84")
    assert done.rows == len(rows) == 260
    assert reasons["marker.datum_differs"] == datums["NZGD2000"]
    assert reasons["import.repeated_code"] == sum(times for times in codes.values() if times > 1)
    assert done.begun == datums["WGS84"] - reasons["import.repeated_code"]
    assert not done.written
    assert (done.mapping["code"], done.mapping["height_m"]) == ("Mark", "Elevation")
    with pytest.raises(DatumRefused):
        take(hainan_session, marks, crs="EPSG:4167", line_code="460107469021")


def asked() -> MarkerFilter:
    return MarkerFilter(as_of=date.today(), profile="condition_first")  # noqa: DTZ011 # any day near now will do


@pytest.mark.parametrize("ending", [".gpkg", ".csv", ".geojson"])
def test_what_is_exported_carries_colour_shape_and_label(
    hainan_session: Session, tmp_path: Path, ending: str
) -> None:
    path = tmp_path / f"markers{ending}"
    what = Export(layer="markers", geometry_type="Point")
    written = write_features(path, export_batches(hainan_session, asked()), export=what)
    frame = read_dataframe(path) if ending != ".csv" else None
    if frame is None:
        with path.open(encoding="utf-8-sig", newline="") as stream:
            rows = list(csv.DictReader(stream))
        assert len(rows) == written.rows > 100
        assert {"灭失", "异常"} <= {row["colour_label"].split()[0] for row in rows}
        return
    assert len(frame) == written.rows > 100
    assert set(frame["shape"]) >= {"circle", "triangle", "diamond", "square"}
    assert all(isinstance(shape, shapely.Point) for shape in frame.geometry)


def test_the_result_table_is_a_workbook_without_formulas(hainan_session: Session, tmp_path: Path) -> None:
    path = tmp_path / "result.xlsx"
    written = write_result_table(hainan_session, path, asked(), overwrite=False)
    sheet = load_workbook(path).active
    rows = list(sheet.iter_rows(min_row=3, values_only=True))
    assert (sheet.title, len(rows)) == ("界桩成果表", written)
    assert {row[6] for row in rows} == {4546}
    assert {row[12] for row in rows} >= {"圆形", "菱形"}
    assert all(cell.data_type != "f" for line in sheet.iter_rows() for cell in line)


def test_the_generated_register_is_sound_but_for_what_was_meant(hainan_session: Session) -> None:
    found = Counter(finding.code for finding in check_markers(hainan_session, date.today()))  # noqa: DTZ011 # as above
    assert found == {}


BROKEN = {
    "UPDATE markers.marker SET number = left(number, 11) || 'A' WHERE code = :code": "marker.letter_against_set",
    "UPDATE markers.marker SET set_kind = 'double' WHERE code = :code": "marker.set_incomplete",
    "UPDATE markers.marker SET number = replace(number, '001Q', '003Q') WHERE code = :code": "marker.serial_gap",
    "UPDATE markers.marker SET number = replace(number, '001Q', '099Q') WHERE code = :code": "marker.serial_out_of_order",
    "UPDATE markers.marker SET original_east = original_east + 37000000, original_epsg = 4545 WHERE code = :code": "crs.",
    "INSERT INTO markers.line_count (id, line_code, sides, total, document, recorded_by) "
    "SELECT gen_random_uuid(), line_code, unit_codes, 99, '成果表', 'test' FROM markers.marker WHERE code = :code": "marker.count_differs",
    "UPDATE markers.reference_object SET distance_m = distance_m + 9 WHERE marker_id = "
    "(SELECT id FROM markers.marker WHERE code = :code)": "marker.reference_object_distance",
}


@pytest.mark.parametrize("statement", BROKEN)
def test_each_fault_of_the_register_is_found(hainan_session: Session, statement: str) -> None:
    act_as(hainan_session, OPERATOR)
    line = "460107469021"
    code = hainan_session.execute(
        text("SELECT code FROM markers.marker WHERE line_code = :line AND number LIKE '%001Q'"),
        {"line": line},
    ).scalar_one()
    assert hainan_session.execute(text(statement), {"code": code}).rowcount > 0
    found = {finding.code for finding in check_markers(hainan_session, date.today(), line=line)}  # noqa: DTZ011 # as above
    assert any(each.startswith(BROKEN[statement]) for each in found), found


def test_a_marker_put_elsewhere_is_found(hainan_session: Session) -> None:
    code = hainan_session.execute(
        text(
            "SELECT code FROM markers.marker WHERE line_code = '460107469021' AND set_kind = 'single' LIMIT 1"
        )
    ).scalar_one()
    hainan_session.execute(
        text("UPDATE markers.marker SET geometry = ST_Translate(geometry, 0.01, 0.01) WHERE code = :code"),
        {"code": code},
    )
    found = {finding.code for finding in check_markers(hainan_session, date.today(), line="460107469021")}  # noqa: DTZ011 # as above
    assert {"marker.off_line", "marker.original_differs", "marker.reference_object_distance"} <= found


def test_real_marks_keep_their_side_of_the_date_line(
    hainan_session: Session, shared: Callable[..., Path], tmp_path: Path
) -> None:
    """GeoNet's marks stand on both sides of 180°, in two datums, some under one code twice."""
    path = shared("data", "markers", "geonet_marks.csv")
    with path.open(encoding="utf-8") as stream:
        marks = list(csv.DictReader(stream))
    terms = {"crs": "EPSG:4326", "line_code": "460107469021"}
    mixed = take(hainan_session, path, **terms)
    assert (mixed.written, mixed.rows) == (False, len(marks))
    others = sum(mark["Datum"] != "WGS84" for mark in marks)
    assert Counter(reject.code for reject in mixed.rejects) == {"marker.datum_differs": others}
    with pytest.raises(DatumRefused):
        take(hainan_session, path, **terms | {"crs": "EPSG:4167"})
    own = [mark for mark in marks if mark["Datum"] == "WGS84"]
    plain = write(tmp_path / "marks.csv", *(list(mark.values()) for mark in own), header=list(own[0]))
    done = take(hainan_session, plain, **terms)
    assert (done.begun, done.rejects, done.written) == (len(own), [], True)
    kept = hainan_session.execute(
        text(
            "SELECT code, ST_X(geometry) AS lon, ST_Y(geometry) AS lat FROM markers.marker WHERE code = ANY (:codes)"
        ),
        {"codes": [mark["Mark"] for mark in own]},
    )
    places = {row.code: (row.lon, row.lat) for row in kept}
    assert places == {
        mark["Mark"]: (
            pytest.approx(float(mark["Longitude"]), abs=1e-9),
            pytest.approx(float(mark["Latitude"]), abs=1e-9),
        )
        for mark in own
    }
    assert min(lon for lon, _ in places.values()) < -165
    assert max(lon for lon, _ in places.values()) > 175


def test_real_marks_under_one_code_twice_are_not_taken(
    hainan_session: Session, shared: Callable[..., Path], tmp_path: Path
) -> None:
    path = shared("data", "markers", "geonet_marks.csv")
    with path.open(encoding="utf-8") as stream:
        marks = [
            {name: cell for name, cell in mark.items() if name != "Datum"} for mark in csv.DictReader(stream)
        ]
    plain = write(tmp_path / "marks.csv", *(list(mark.values()) for mark in marks), header=list(marks[0]))
    done = take(hainan_session, plain, crs="EPSG:4326", line_code="460107469021")
    twice = {code for code, times in Counter(mark["Mark"] for mark in marks).items() if times > 1}
    assert not done.written
    assert {reject.attributes["code"] for reject in done.rejects} == twice
