"""Takes a file of registration forms on record: guarded by datum, judged row by row, then all of it or nothing."""

import csv
import uuid
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, Final

import numpy as np
import shapely
from sqlalchemy import text
from sqlalchemy.orm import Session

from geo_service.auth.audit import record_act
from geo_service.exchange.batches import FeatureBatch
from geo_service.exchange.encodings import text_encoding
from geo_service.exchange.mapping import TargetColumn
from geo_service.exchange.reading import POINTS, Reading, Terms, open_features
from geo_service.exchange.rejects import Reject
from geo_service.exchange.sources import local_file
from geo_service.exchange.workbooks import unpack_sheet
from geo_service.messages import catalogue
from geo_service.operations import marker_form_columns, marker_register_columns
from layers.findings import Finding
from layers.geodesy import DatumRefused, transformer
from layers.markers.marker_rows import marker_values, object_values
from layers.markers.model import Grade, LegalPosition, Marker, OriginalCoordinates, SetKind
from layers.markers.register import append, office_rules, project
from layers.markers.tables import MarkerAliasRow, MarkerRow, ReferenceObjectRow
from layers.tables import uuid7

TARGETS: Final = (
    TargetColumn("code", required=True, aliases=("JZDM", "界桩代码", "marker_code", "Mark")),
    TargetColumn("number", aliases=("JZBH", "界桩编号", "界桩号", "marker_no", "Name")),
    TargetColumn("line_code", aliases=("JXDM", "界线代码", "界线编号")),
    TargetColumn("name", aliases=("MC", "名称", "JZMC")),
    TargetColumn("grade", aliases=("JZDJ", "等级", "界桩等级")),
    TargetColumn("set_kind", aliases=("JZLX", "类型", "界桩类型", "设立形式")),
    TargetColumn("faces", aliases=("MS", "面数")),
    TargetColumn("material", aliases=("JZCZ", "材质")),
    TargetColumn("height_m", aliases=("GC", "高程", "Elevation", "height")),
    TargetColumn("accuracy_m", aliases=("JD_M", "精度", "点位精度", "accuracy")),
    TargetColumn("place_1", aliases=("SZD1", "所在地1", "SZD")),
    TargetColumn("place_2", aliases=("SZD2", "所在地2")),
    TargetColumn("place_3", aliases=("SZD3", "所在地3")),
    TargetColumn("position_description", aliases=("WZMS", "位置描述")),
    TargetColumn("managing_unit", aliases=("FGGLF", "分工管理方")),
    TargetColumn("datum", aliases=("Datum", "坐标系", "ZBX")),
    TargetColumn("valid_from", aliases=("QYRQ", "启用日期", "Start Date")),
    *marker_form_columns.TARGETS,
    *marker_register_columns.TARGETS,
)
PLACES: Final = (
    ("JD", "WD"),
    ("经度", "纬度"),
    ("HZB", "ZZB"),
    ("横坐标", "纵坐标"),
    ("Longitude", "Latitude"),
)
"""Columns of a place, east first; on Chinese forms 纵坐标 X is north and 横坐标 Y is east."""
GRADES: Final = {"省级": "province", "市级": "city", "县级": "county", "乡级": "township", "村级": "village"}
SETS: Final = {"单立": "single", "双立": "double", "三立": "triple"}
DATUMS: Final = {
    "CGCS2000": "China 2000",
    "国家2000": "China 2000",
    "2000国家大地坐标系": "China 2000",
    "WGS84": "World Geodetic System 1984 ensemble",
    "WGS 84": "World Geodetic System 1984 ensemble",
}
USUAL_ACCURACY_M: Final = 1.0  # 0.1 mm on a map of 1:10,000, where the form says nothing
REGISTER_SHEET: Final = "marker.sheet.register"
Tell = Callable[[float, str], None]


@dataclass(frozen=True, slots=True)
class MarkerTerms:
    """On what terms a file of markers is taken; `line_code` stands for rows that name none."""

    layer: str | None = None
    crs: str | None = None
    mapping: Mapping[str, str] = field(default_factory=dict)
    line_code: str | None = None
    valid_from: date | None = None
    source: str = ""
    accuracy_m: float | None = None
    dry_run: bool = False


@dataclass(slots=True)
class ImportedMarkers:
    """What became of a file: rows read, markers begun and left as they are, papers filed, rejects, findings."""

    rows: int = 0
    begun: int = 0
    unchanged: int = 0
    papers: int = 0
    written: bool = False
    source_crs: str = ""
    mapping: Mapping[str, str] = field(default_factory=dict)
    rejects: list[Reject] = field(default_factory=list)
    findings: list[Finding] = field(default_factory=list)


def import_markers(
    session: Session, path: Path, terms: MarkerTerms, *, recorded_by: str, on: date, tell: Tell | None = None
) -> ImportedMarkers:
    """Put the markers of a file in the register; with one reject, or on a dry run, nothing is written.

    A marker whose code is there with the same number and place is left as it is; with others the row is rejected, for
    forms are changed one by one and legal positions by a case only. Raises the refusals of `geo_service.exchange`.
    """
    done = ImportedMarkers()
    lines = {
        row.line_code: list(row.unit_codes)
        for row in session.execute(
            text("SELECT line_code, unit_codes FROM boundaries.boundary_line WHERE valid_to IS NULL")
        )
    }
    with _opened(path) as source:
        mapping = _places(source, terms.mapping)
        agreed = Terms(TARGETS, mapping, POINTS, validate=_judge(terms, lines))
        with open_features(source, layer=terms.layer, crs=terms.crs, terms=agreed) as reading:
            done.source_crs, done.mapping = reading.crs.text, reading.mapping
            done.findings += reading.findings
            rows = list(_rows(reading, terms, lines, done, on=on, tell=tell))
    fresh = _apart(session, rows, done)
    if done.rejects or terms.dry_run:
        done.begun = len(fresh)
        return done
    _take(session, fresh, recorded_by=recorded_by)
    done.begun, done.written = len(fresh), True
    record_act(
        session,
        "marker.import",
        subject=("file", path.name),
        detail={"begun": done.begun, "unchanged": done.unchanged},
    )
    return done


@contextmanager
def _opened(path: Path) -> Iterator[Path]:
    """Yield a file that the exchange reads: of a workbook the sheet of the register, or the first, as CSV."""
    if path.suffix.lower() != ".xlsx":
        yield path
        return
    with TemporaryDirectory(prefix="exchange-") as folder:
        plain = Path(folder) / f"{path.stem}.csv"
        unpack_sheet(local_file(path), path.name, plain, sheet=catalogue("zh-CN")[REGISTER_SHEET])
        yield plain


def _places(path: Path, stated: Mapping[str, str]) -> dict[str, str]:
    """Return the mapping with the columns of the place, where a CSV names them as the forms do."""
    mapping = dict(stated)
    if path.suffix.lower() != ".csv" or {"lon", "lat", "wkt"} & mapping.keys():
        return mapping
    encoding = "utf-8-sig" if text_encoding(path, path.name) == "UTF-8" else "gb18030"
    with path.open(encoding=encoding, newline="") as stream:
        header = {name.strip(): name.strip() for name in next(csv.reader(stream), [])}
    folded = {name.casefold(): name for name in header}
    for east, north in PLACES:
        if {east.casefold(), north.casefold()} <= folded.keys():
            return mapping | {"lon": folded[east.casefold()], "lat": folded[north.casefold()]}
    return mapping


def _judge(
    terms: MarkerTerms, lines: Mapping[str, list[str]]
) -> Callable[[Mapping[str, Any]], Iterator[Finding]]:
    datum = _datum(terms.crs)

    def judge(row: Mapping[str, Any]) -> Iterator[Finding]:
        code = row.get("code") or ""
        if not code:
            yield Finding("marker.code_missing", (code,))
        given = row.get("datum")
        if given and datum and DATUMS.get(given.upper(), given) != datum:
            yield Finding("marker.datum_differs", (code,), {"row": given, "declared": datum})
        line = row.get("line_code") or terms.line_code
        if not line or _sides(line, lines) is None:
            yield Finding("marker.line_unknown", (code,), {"line_code": line})
        for name, words in (("grade", GRADES), ("set_kind", SETS)):
            value = row.get(name)
            if value and value not in words and value not in words.values():
                yield Finding("marker.value_unknown", (code,), {"field": name, "given": value})
        for name in ("height_m", "accuracy_m", "faces"):
            if row.get(name) and _number(row[name]) is None:
                yield Finding("marker.value_unknown", (code,), {"field": name, "given": row[name]})
        cells = {name: cell for name, cell in row.items() if cell}
        yield from marker_form_columns.faults(code, cells)
        yield from marker_register_columns.faults(code, cells)

    return judge


def _datum(crs: str | None) -> str | None:
    from pyproj import CRS  # noqa: PLC0415 # beside the other geodesy, loaded with the exchange
    from pyproj.exceptions import CRSError  # noqa: PLC0415 # as above

    try:
        geodetic = CRS(crs).geodetic_crs if crs else None
    except CRSError:
        return None
    return geodetic.datum.name if geodetic and geodetic.datum else None


def _sides(line: str, lines: Mapping[str, list[str]]) -> list[str] | None:
    """Return the sides of a line: those on record, or the two codes that a 12-digit line code is made of."""
    if line in lines:
        return lines[line]
    if len(line) == 12 and line.isdigit() and line[:6] < line[6:]:
        return [line[:6], line[6:]]
    return None


def _number(given: str) -> float | None:
    try:
        return float(given)
    except ValueError:
        return None


def _rows(
    reading: Reading,
    terms: MarkerTerms,
    lines: Mapping[str, list[str]],
    done: ImportedMarkers,
    *,
    on: date,
    tell: Tell | None,
) -> Iterator[tuple[int, dict[str, Any]]]:
    for batch in reading.batches():
        done.rows += len(batch) + len(batch.rejects)
        done.rejects += batch.rejects
        done.findings += batch.findings
        if tell is not None and reading.feature_count:
            tell(min(done.rows / reading.feature_count, 1.0), "reading")
        yield from _of_batch(batch, reading, terms, lines, on=on)


def _of_batch(
    batch: FeatureBatch, reading: Reading, terms: MarkerTerms, lines: Mapping[str, list[str]], *, on: date
) -> Iterator[tuple[int, dict[str, Any]]]:
    columns = {name: column.to_pylist() for name, column in batch.columns.items()}
    back = _way_back(reading)
    before: list[list[float]] = []
    if back is not None and len(batch):
        there = shapely.get_coordinates(batch.geometries)
        before = np.column_stack(back[1].transform(there[:, 0], there[:, 1])).tolist()
    for place, (row, point) in enumerate(zip(batch.rows, batch.geometries, strict=True)):
        given = {name: values[place] for name, values in columns.items() if values[place] is not None}
        line = given.get("line_code") or terms.line_code or ""
        accuracy = _number(given.get("accuracy_m", "")) or terms.accuracy_m or USUAL_ACCURACY_M
        original = None
        if back is not None:
            east, north = before[place]
            original = OriginalCoordinates(north=round(north, 4), east=round(east, 4), epsg=back[0])
        marker = Marker(
            code=given["code"],
            number=given.get("number") or given["code"],
            line_code=line,
            unit_codes=tuple(_sides(line, lines) or ()),
            grade=Grade(GRADES.get(given.get("grade", ""), given.get("grade", "county"))),
            set_kind=SetKind(SETS.get(given.get("set_kind", ""), given.get("set_kind", "single"))),
            faces=int(_number(given.get("faces", "")) or 2),
            material=given.get("material", ""),
            legal_position=LegalPosition(
                lon=float(point.x),
                lat=float(point.y),
                accuracy_m=accuracy,
                height_m=_number(given.get("height_m", "")),
                original=original,
                method=given.get("survey_method", ""),
            ),
            locations=tuple(given[name] for name in ("place_1", "place_2", "place_3") if name in given),
            position_description=given.get("position_description", ""),
            managing_unit=given.get("managing_unit"),
            guardian=given.get("guardian"),
            **marker_register_columns.facts_of(given, truth=marker_form_columns.truth(given.get("public"))),
        )
        yield (
            int(row),
            {
                **marker_values(marker),
                "id": uuid7(),
                "name": given.get("name", ""),
                "objects": marker.reference_objects,
                "source": terms.source,
                "form": marker_form_columns.form_of(given),
                "under_contract": bool(marker_form_columns.truth(given.get("under_contract"))),
                "synthetic": bool(marker_form_columns.truth(given.get("synthetic"))),
                "valid_from": _day(given.get("valid_from")) or terms.valid_from or on,
            },
        )


def _way_back(reading: Reading) -> tuple[int, Any] | None:
    """Return how the original numbers are found again: the file's EPSG code and the way from EPSG:4490 to it."""
    name, _, code = reading.crs.text.partition(":")
    if name != "EPSG" or not code.isdigit():
        return None
    try:
        return int(code), transformer(4490, int(code))
    except DatumRefused:
        return None


def _day(given: str | None) -> date | None:
    try:
        return date.fromisoformat(given[:10]) if given else None
    except ValueError:
        return None


HELD: Final = """
SELECT asked.place, m.code, m.number = asked.number AND ST_Distance(m.geometry, ST_GeomFromEWKT(asked.ground)) < 1e-9 AS same
  FROM unnest(CAST(:codes AS text[]), CAST(:numbers AS text[]), CAST(:places AS text[]))
       WITH ORDINALITY AS asked(code, number, ground, place)
  JOIN markers.marker m ON m.code = asked.code
"""


def _apart(
    session: Session, rows: list[tuple[int, dict[str, Any]]], done: ImportedMarkers
) -> list[dict[str, Any]]:
    """Return the rows that are new; repeated codes and those taken by another marker become rejects."""
    asked = {
        "codes": [values["code"] for _, values in rows],
        "numbers": [values["number"] for _, values in rows],
        "places": [values["geometry"] for _, values in rows],
    }
    held = session.execute(text(HELD), asked).all()
    known, same = {row.code for row in held}, {row.place for row in held if row.same}
    counts: dict[str, int] = {}
    for _, values in rows:
        counts[values["code"]] = counts.get(values["code"], 0) + 1
    fresh = []
    for place, (number, values) in enumerate(rows, start=1):
        code = values["code"]
        attributes = {"code": code, "number": values["number"]}
        if counts[code] > 1:
            facts = {"code": code, "times": counts[code]}
            done.rejects.append(Reject(number, "import.repeated_code", facts, attributes))
        elif code not in known:
            fresh.append(values)
        elif place in same:
            done.unchanged += 1
        else:
            done.rejects.append(Reject(number, "marker.code_taken", {"code": code}, attributes))
    done.rejects.sort(key=lambda reject: reject.row)
    return fresh


def _take(session: Session, fresh: list[dict[str, Any]], *, recorded_by: str) -> None:
    objects = {values["id"]: values.pop("objects") for values in fresh}
    append(session, MarkerRow, (values | {"recorded_by": recorded_by, "version": 1} for values in fresh))
    append(
        session,
        ReferenceObjectRow,
        (row for marker_id, each in objects.items() for row in object_values(marker_id, each)),
    )
    append(
        session,
        MarkerAliasRow,
        (
            {"id": uuid.uuid5(values["id"], "alias"), "marker_id": values["id"], "number": values["number"]}
            for values in fresh
        ),
    )
    now = datetime.now(UTC)
    _, policy = next(iter(office_rules().values())).at(now)
    begins = [policy.start_of(values["valid_from"]) for values in fresh]
    project(session, [values["id"] for values in fresh], max([now, *begins]), anew=True)
