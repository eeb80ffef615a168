"""Packages of the ministry's layouts: what goes out comes in again with its papers, and what is not whole leaves no trace."""

import csv
import hashlib
import io
import zipfile
from collections.abc import Callable
from datetime import date
from pathlib import Path
from uuid import uuid4

import pytest
import shapely
from fastapi.testclient import TestClient
from pyogrio.raw import read as read_shapes
from sqlalchemy import select, text
from sqlalchemy.orm import Session

from geo_service.auth.acting import act_as
from geo_service.auth.officer import OPERATOR
from geo_service.documents.reception import Upload
from geo_service.documents.store import LocalStore
from geo_service.exchange.refusals import ArchiveRefused, FileExists, UnreadableFile
from geo_service.operations.documents import record_document
from geo_service.operations.marker_import import ImportedMarkers, MarkerTerms
from geo_service.operations.ministry_import import import_package, is_package
from geo_service.operations.ministry_packages import write_line_package, write_marker_package
from geo_service.schemas.documents import NewDocument
from geo_service.settings import Settings
from layers.errors import LayerError
from layers.markers.register import load
from layers.markers.tables import MarkerRow
from tests.geo_service.documents.office import pdf
from tests.geo_service.markers.conftest import CODE, SCAN, form, visit
from tests.geo_service.markers.test_exchange import TODAY, asked
from tests.geo_service.markers.test_form_parts import WHOLE

pytestmark = pytest.mark.database
As = Callable[[], TestClient]
PAPERS = (
    "SELECT d.type, d.sha256, m.code FROM service.document d JOIN service.document_link l ON l.document_id = d.id "
    "JOIN markers.marker m ON m.id::text = l.subject_id WHERE l.subject_kind = 'marker' ORDER BY 1, 2, 3"
)


@pytest.fixture
def store(settings: Settings) -> LocalStore:
    return LocalStore(Path(settings.document_store))


@pytest.fixture
def registered(bureau: As, surveyor: As, paper: str) -> str:
    """A marker with a whole form and a photo of its inspection."""
    answer = bureau().post("/api/markers", json=form(name="三门坡一号", form=WHOLE))
    assert answer.status_code == 201, answer.text
    photo = {"sha256": paper, "shows": "overview"}
    answer = surveyor().post(f"/api/markers/{CODE}/inspections", json=visit(photos=[photo]))
    assert answer.status_code == 201, answer.text
    return CODE


@pytest.fixture
def package(
    registered: str, hainan_session: Session, settings: Settings, store: LocalStore, tmp_path: Path
) -> Path:
    """The register as a package, with a registration form on file for one marker."""
    act_as(hainan_session, OPERATOR)
    scan, path = pdf(), tmp_path / "register.zip"
    filed = NewDocument(
        id=uuid4(), type="registration_form", title="登记表", subject_kind="marker", subject_id=registered
    )
    digest = hashlib.sha256(scan).hexdigest()
    upload = Upload(io.BytesIO(scan), "登记表.pdf", digest, len(scan), "application/pdf", {})
    record_document(hainan_session, OPERATOR, store, filed, upload)
    write_marker_package(hainan_session, settings, store, path, asked(), overwrite=False)
    return path


def take(session: Session, store: LocalStore, path: Path, **terms: object) -> ImportedMarkers:
    act_as(session, OPERATOR)
    return import_package(session, store, OPERATOR, path, MarkerTerms(**terms), on=TODAY)


def forms_in(path: Path) -> list[dict[str, str]]:
    with zipfile.ZipFile(path) as opened:
        return list(csv.DictReader(io.StringIO(opened.read("SXSJ/JZ.csv").decode("gb18030"), newline="")))


def changed(path: Path, name: str, content: bytes, *, listed: bool = False) -> Path:
    """The package with one file of other content; its list of files is left as it was, or left out."""
    made = path.with_name("changed.zip")
    with zipfile.ZipFile(path) as before, zipfile.ZipFile(made, "w") as after:
        for each in before.namelist():
            if each == "ML.csv" and not listed:
                continue
            after.writestr(each, content if each == name else before.read(each))
        if name not in before.namelist():
            after.writestr(name, content)
    return made


def test_a_package_holds_attributes_places_and_papers(package: Path, hainan_session: Session) -> None:
    assert is_package(package)
    with zipfile.ZipFile(package) as opened:
        names = set(opened.namelist())
        for row in csv.DictReader(io.StringIO(opened.read("ML.csv").decode("gb18030"))):
            content = opened.read(row["WJ"])
            assert (str(len(content)), hashlib.sha256(content).hexdigest()) == (row["ZJS"], row["SHA256"])
            names.discard(row["WJ"])
        assert names == {"ML.csv"}
        assert opened.read(f"DMTSJ/{CODE}/{CODE}_DJB_01.pdf") == pdf()
        assert opened.read(f"DMTSJ/{CODE}/{CODE}_ZP_01.png") == SCAN
        opened.extractall(package.parent / "out")
    rows = forms_in(package)
    assert len(rows) == hainan_session.execute(text("SELECT count(*) FROM markers.marker")).scalar()
    row = next(each for each in rows if each["JZDM"] == CODE)
    told = [
        row[name] for name in ("MC", "JZDJ", "JZLX", "SFGK", "YHFWWWZ1", "YHFWWFWJLB1", "YHFWWJL3", "SBBH")
    ]
    assert told == ["三门坡一号", "县级", "单立", "否", "水塔", "真方位角", "64.25", WHOLE["iot"]["number"]]
    meta, _, shapes, fields = read_shapes(package.parent / "out" / "KJSJ" / "JZ.shp")
    at = list(fields[list(meta["fields"]).index("JZDM")]).index(CODE)
    point = shapely.from_wkb(shapes[at])
    assert (point.x, point.y) == pytest.approx((float(row["JD"]), float(row["WD"])), abs=1e-9)
    assert "4490" in meta["crs"] or "China_2000" in meta["crs"] or "CGCS" in meta["crs"]


def test_what_goes_out_comes_in_again_with_its_papers(
    package: Path, hainan_session: Session, session: Session, store: LocalStore
) -> None:
    done = take(session, store, package)
    assert (done.rejects, done.written, done.papers) == ([], True, 2)
    ids = select(MarkerRow.id)
    before, after = (
        {marker.code: marker for _, marker, _ in load(each, each.execute(ids).scalars().all())}
        for each in (hainan_session, session)
    )
    assert after.keys() == before.keys()
    own, back = before[CODE], after[CODE]
    assert (back.reference_objects, back.locations, back.public) == (
        own.reference_objects,
        own.locations,
        own.public,
    )
    kept = session.execute(
        text("SELECT form, name FROM markers.marker WHERE code = :code"), {"code": CODE}
    ).one()
    assert (kept.form | {"spatial_id": None}, kept.name) == (WHOLE | {"spatial_id": None}, "三门坡一号")
    assert [(row.type, row.code) for row in session.execute(text(PAPERS))] == [
        ("photo", CODE),
        ("registration_form", CODE),
    ]
    again = take(session, store, package)
    assert (again.begun, again.unchanged, again.papers) == (0, len(before), 0)


def test_a_package_that_is_not_whole_leaves_no_trace(
    package: Path, session: Session, store: LocalStore
) -> None:
    scan = f"DMTSJ/{CODE}/{CODE}_ZP_01.png"
    with pytest.raises(ArchiveRefused) as refused:
        take(session, store, changed(package, scan, pdf(), listed=True))
    assert refused.value.facts["reason"] == "sum_differs"
    with pytest.raises(ArchiveRefused) as refused:
        take(session, store, changed(package, "DMTSJ/none/none_ZP_01.pdf", pdf()))
    assert refused.value.facts["reason"] == "of_no_marker"
    session.rollback()
    with pytest.raises(LayerError) as unfit:
        take(session, store, changed(package, scan, b"MZ\x90 a program"))
    assert unfit.value.facts["file"] == scan
    session.rollback()
    cut = package.with_name("cut.zip")
    cut.write_bytes(package.read_bytes()[: package.stat().st_size // 2])
    assert not is_package(cut)
    with pytest.raises(UnreadableFile):
        take(session, store, cut)
    assert session.execute(text("SELECT count(*) FROM markers.marker")).scalar() == 0


def test_a_point_that_stands_elsewhere_than_its_table_says_keeps_the_package_out(
    package: Path, session: Session, store: LocalStore
) -> None:
    rows = forms_in(package)
    rows[1]["JD"] = str(float(rows[1]["JD"]) + 0.0001)
    sink = io.StringIO(newline="")
    writer = csv.DictWriter(sink, rows[0].keys())
    writer.writeheader()
    writer.writerows(rows)
    done = take(session, store, changed(package, "SXSJ/JZ.csv", sink.getvalue().encode("gb18030")))
    assert [(each.row, each.code) for each in done.rejects] == [(2, "marker.package_place_differs")]
    assert not done.written
    assert session.execute(text("SELECT count(*) FROM markers.marker")).scalar() == 0


def test_lines_go_out_with_their_length_ends_and_counts(
    package: Path, hainan_session: Session, store: LocalStore, tmp_path: Path
) -> None:
    path = tmp_path / "lines.zip"
    written = write_line_package(hainan_session, store, path, as_of=date(2026, 12, 1), overwrite=False)
    with zipfile.ZipFile(path) as opened:
        rows = list(csv.DictReader(io.StringIO(opened.read("SXSJ/JX.csv").decode("gb18030"), newline="")))
        assert {"KJSJ/JX.shp", "KJSJ/JX.prj"} <= set(opened.namelist())
    assert len(rows) == written
    row = next(each for each in rows if each["JXDM"] == "460107469021")
    assert float(row["JXCD"]) == pytest.approx(38.80, rel=0.005)  # the sample's length of 琼山–定安
    assert (row["JXDJ"], row["XZQ"], row["SFZY"]) == ("市级", "460107;469021", "否")
    count = sum(each["JXDM"] == "460107469021" for each in forms_in(package))
    assert int(row["JZKS"]) == count == sum(int(row[name]) for name in ("DLKS", "SLKS", "TLKS"))
    first, last = ([float(each) for each in row[name].split()] for name in ("JXQD", "JXZD"))
    assert first[0] < last[0] or first[1] > last[1]  # west to east, or north to south
    with pytest.raises(FileExists):
        write_line_package(hainan_session, store, path, as_of=date(2026, 12, 1), overwrite=False)
