"""What a package says of lines is taken onto those on record, whole or not at all; where they run stays as derived."""

import csv
import hashlib
import io
import zipfile
from collections.abc import Callable
from pathlib import Path
from uuid import uuid4

import pytest
import shapely
from shapely.affinity import translate
from sqlalchemy import text
from sqlalchemy.orm import Session

from geo_service.auth.acting import act_as
from geo_service.auth.officer import OPERATOR
from geo_service.documents.reception import Upload
from geo_service.documents.store import LocalStore
from geo_service.exchange.refusals import ArchiveRefused, FormatUnknown
from geo_service.exchange.writing import Export, write_features
from geo_service.operations.documents import record_document
from geo_service.operations.ministry_line_import import ImportedLines, import_line_package
from geo_service.operations.ministry_packages import write_line_package
from geo_service.schemas.documents import NewDocument
from geo_service.settings import Settings
from tests.geo_service.documents.office import pdf
from tests.geo_service.markers.test_exchange import TODAY

pytestmark = pytest.mark.database
LINE, OTHER = "460107469021", "460107460108"
LINES = "SELECT * FROM boundaries.boundary_line ORDER BY id"
COUNTS = "SELECT count(*) FROM markers.line_count"
Rows = list[dict[str, str]]


@pytest.fixture
def store(settings: Settings) -> LocalStore:
    return LocalStore(Path(settings.document_store))


@pytest.fixture
def package(hainan_session: Session, store: LocalStore, tmp_path: Path) -> Path:
    """The lines as a package; one has an instrument, a managing split and its agreement on file."""
    act_as(hainan_session, OPERATOR)
    hainan_session.execute(
        text(
            "UPDATE boundaries.boundary_line SET managing = '北段由琼山区管理', legal_instrument = '协议书 3 号', "
            "last_joint_inspection_on = '2024-05-01' WHERE line_code = :line"
        ),
        {"line": LINE},
    )
    scan, path = pdf(), tmp_path / "lines.zip"
    filed = NewDocument(id=uuid4(), type="agreement", title="协议书", subject_kind="line", subject_id=LINE)
    digest = hashlib.sha256(scan).hexdigest()
    upload = Upload(io.BytesIO(scan), "协议书.pdf", digest, len(scan), "application/pdf", {})
    record_document(hainan_session, OPERATOR, store, filed, upload)
    write_line_package(hainan_session, store, path, as_of=TODAY, overwrite=False)
    return path


def take(session: Session, store: LocalStore, path: Path, **terms: object) -> ImportedLines:
    act_as(session, OPERATOR)
    return import_line_package(session, store, OPERATOR, path, on=TODAY, **terms)


def rewritten(path: Path, change: Callable[[Rows], Rows], **files: bytes) -> Path:
    """The package with other rows, without its list of files; `files` take the place of members or come beside them."""
    made = path.with_name("rewritten.zip")
    given = {name.replace("__", "/"): content for name, content in files.items()}
    with zipfile.ZipFile(path) as before, zipfile.ZipFile(made, "w") as after:
        rows = list(csv.DictReader(io.StringIO(before.read("SXSJ/JX.csv").decode("gb18030"), newline="")))
        head, sink = rows[0].keys(), io.StringIO(newline="")
        writer = csv.DictWriter(sink, head)
        writer.writeheader()
        writer.writerows(change(rows))
        after.writestr("SXSJ/JX.csv", sink.getvalue().encode("gb18030"))
        for name in before.namelist():
            if name not in {"SXSJ/JX.csv", "ML.csv", *given}:
                after.writestr(name, before.read(name))
        for name, content in given.items():
            after.writestr(name, content)
    return made


def put(code: str, **cells: str) -> Callable[[Rows], Rows]:
    return lambda rows: [row | cells if row["JXDM"] == code else row for row in rows]


def known(session: Session) -> list[object]:
    return [tuple(row) for row in session.execute(text(LINES))]


def test_what_goes_out_and_comes_in_again_changes_nothing(
    package: Path, hainan_session: Session, store: LocalStore
) -> None:
    before = known(hainan_session)
    done = take(hainan_session, store, package)
    assert (done.rejects, done.findings, done.renewed, done.papers) == ([], [], 0, 0)
    assert done.written
    assert done.rows == done.unchanged > 50
    assert known(hainan_session) == before
    assert hainan_session.execute(text(COUNTS)).scalar() == 0


def test_facts_counts_and_papers_are_taken_and_the_course_is_not(
    package: Path, hainan_session: Session, store: LocalStore
) -> None:
    said = {
        "JXMC": "琼山定安线", "JXCD": "39.250", "FGGL": "各管一半", "FLWS": "国函 9 号", "SFZY": "是",
        "ZJLJRQ": "2025-06-01", "JZKS": "99",
    }  # fmt: skip
    scan = pdf("线图")
    changed = rewritten(package, put(LINE, **said), **{f"DMTSJ__{LINE}__{LINE}_XYT_01.pdf": scan})
    before = hainan_session.execute(
        text("SELECT geometry, length_m, name FROM boundaries.boundary_line WHERE line_code = :line"),
        {"line": LINE},
    ).one()
    dry = take(hainan_session, store, changed, dry_run=True)
    assert (dry.renewed, dry.papers, dry.written) == (1, 1, False)
    assert hainan_session.execute(text(COUNTS)).scalar() == 0
    done = take(hainan_session, store, changed)
    assert (done.rejects, done.renewed, done.papers, done.written) == ([], 1, 1, True)
    assert {finding.code for finding in done.findings} == {"line.name_differs", "line.length_differs"}
    row = hainan_session.execute(
        text("SELECT * FROM boundaries.boundary_line WHERE line_code = :line"), {"line": LINE}
    ).one()
    assert (row.stated_name, row.stated_length_m, row.managing) == ("琼山定安线", 39250, "各管一半")
    assert (row.legal_instrument, row.disputed) == ("国函 9 号", True)
    assert row.last_joint_inspection_on.isoformat() == "2025-06-01"
    assert (row.geometry, row.length_m, row.name) == tuple(before)
    counted = hainan_session.execute(text("SELECT line_code, total FROM markers.line_count")).all()
    assert [tuple(each) for each in counted] == [(LINE, 99)]
    again = take(hainan_session, store, changed)
    assert (again.renewed, again.papers) == (0, 0)
    out = package.with_name("again.zip")
    write_line_package(hainan_session, store, out, as_of=TODAY, overwrite=False)
    back = take(hainan_session, store, out)
    assert (back.rejects, back.renewed, back.papers) == ([], 0, 0)


def test_an_empty_cell_takes_nothing_away_and_an_older_day_does_not_count(
    package: Path, hainan_session: Session, store: LocalStore
) -> None:
    before = known(hainan_session)
    empty = dict.fromkeys(("JXMC", "JXCD", "FGGL", "FLWS", "SFZY", "JZKS", "DLKS", "SLKS", "TLKS"), "")
    done = take(hainan_session, store, rewritten(package, put(LINE, ZJLJRQ="2019-01-01", **empty)))
    assert (done.rejects, done.renewed) == ([], 0)
    assert known(hainan_session) == before


def test_another_course_is_told_in_metres_and_left_aside(
    package: Path, hainan_session: Session, store: LocalStore, tmp_path: Path
) -> None:
    rows = hainan_session.execute(
        text("SELECT line_code, name, ST_AsBinary(geometry) AS shape FROM boundaries.boundary_line")
    ).all()
    shapes = [shapely.from_wkb(bytes(row.shape)) for row in rows]
    moved = [
        translate(shape, yoff=0.001) if row.line_code == LINE else shape
        for row, shape in zip(rows, shapes, strict=True)
    ]
    made = tmp_path / "JX.zip"
    batch = {"JXDM": [row.line_code for row in rows], "JXMC": [row.name for row in rows]}
    what = Export(layer="JX", geometry_type="MultiLineString")
    write_features(
        made, [batch | {"geometry": shapely.to_wkb(moved).tolist()}], export=what, form="shapefile"
    )
    with zipfile.ZipFile(made) as opened:
        files = {f"KJSJ__{name}": opened.read(name) for name in opened.namelist() if name.startswith("JX.")}
    before = known(hainan_session)
    changed = rewritten(package, lambda given: given, **files)
    done = take(hainan_session, store, changed)
    (found,) = done.findings
    assert (found.code, found.evidence["line_code"]) == ("line.course_differs", LINE)
    assert 20 < found.evidence["metres"] <= 111
    assert done.written
    assert known(hainan_session) == before
    assert take(hainan_session, store, changed, tolerance_m=120).findings == []


@pytest.mark.parametrize(
    ("cells", "code"),
    [
        ({"JXCD": "三十八"}, "line.value_unknown"),
        ({"SFZY": "也许"}, "line.value_unknown"),
        ({"ZJLJRQ": "2025年"}, "line.value_unknown"),
        ({"JZKS": "-1"}, "line.value_unknown"),
        ({"XZQ": "460107;460105"}, "line.sides_differ"),
        ({"JXDM": "999999999998"}, "line.unknown"),
        ({"JXDM": OTHER}, "import.repeated_code"),
    ],
)
def test_one_row_that_cannot_be_taken_keeps_the_package_out(
    package: Path, hainan_session: Session, store: LocalStore, cells: dict[str, str], code: str
) -> None:
    before = known(hainan_session)
    at = put(LINE, XZQ="", **cells) if "XZQ" not in cells else put(LINE, **cells)
    mixed = rewritten(package, lambda rows: put(OTHER, FLWS="协议书 8 号")(at(rows)))
    done = take(hainan_session, store, mixed)
    assert [reject.code for reject in done.rejects] == [code]
    assert not done.written
    assert known(hainan_session) == before


def test_a_package_that_is_not_whole_leaves_no_trace(
    package: Path, hainan_session: Session, store: LocalStore
) -> None:
    before = known(hainan_session)
    tampered = package.with_name("tampered.zip")
    with zipfile.ZipFile(package) as old, zipfile.ZipFile(tampered, "w") as new:
        for name in old.namelist():
            content = old.read(name)
            new.writestr(
                name,
                content.replace(b"460107469021", b"460107469022", 1) if name.startswith("SXSJ") else content,
            )
    with pytest.raises(ArchiveRefused) as refused:
        take(hainan_session, store, tampered)
    assert refused.value.facts["reason"] == "sum_differs"
    stray = rewritten(package, lambda rows: rows, **{"DMTSJ__000000000000__000000000000_QT_01.pdf": pdf()})
    with pytest.raises(ArchiveRefused, match="of_no_line"):
        take(hainan_session, store, stray)
    other = package.with_name("other.zip")
    with zipfile.ZipFile(other, "w") as made:
        made.writestr("a.txt", "x")
    with pytest.raises(FormatUnknown):
        take(hainan_session, store, other)
    assert known(hainan_session) == before
