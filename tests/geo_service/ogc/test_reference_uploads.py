"""Layers for reference from the browser: taken in, looked into, loaded as a job, changed, removed and had back."""

import json
import time
import zipfile
from collections.abc import Callable, Iterator
from io import BytesIO
from pathlib import Path
from typing import Any
from uuid import uuid4

import geopandas
import openpyxl
import pytest
import shapely
from fastapi.testclient import TestClient
from sqlalchemy import func, text

from geo_service.app import create_app
from geo_service.auth.officer import OPERATOR, WORKER, Role
from geo_service.auth.sessions import officer_of
from geo_service.db import Database
from geo_service.jobs import JobCancelled, Progress
from geo_service.operations import reference_uploads
from geo_service.settings import Settings
from geo_service.tables import JobRow
from tests.people import put_officer, sign_in_as

pytestmark = pytest.mark.database
PLAN = {
    "type": "FeatureCollection",
    "features": [
        {
            "type": "Feature",
            "properties": {"名": "站", "n": 1},
            "geometry": {"type": "Point", "coordinates": [110.4, 20.0]},
        },
        {
            "type": "Feature",
            "properties": {"名": "新区", "n": 2},
            "geometry": {"type": "Polygon", "coordinates": [[[110, 20], [111, 20], [111, 21], [110, 20]]]},
        },
    ],
}


@pytest.fixture(scope="module")
def database(settings: Settings, new_database: Callable[[str], str]) -> Iterator[Database]:
    made = Database(new_database("geo_reference_uploads"), settings)
    yield made.acting_as(OPERATOR)
    made.dispose()


@pytest.fixture(scope="module")
def app_settings(database: Database, settings: Settings) -> Settings:
    return settings.model_copy(update={"database_url": database.url, "layer_limit_mib": 80})


@pytest.fixture(scope="module")
def service(app_settings: Settings) -> Iterator[TestClient]:
    """The service with its worker, for nobody in particular."""
    with TestClient(create_app(app_settings), raise_server_exceptions=False) as client:
        yield client


@pytest.fixture
def officer(service: TestClient, database: Database, app_settings: Settings) -> TestClient:
    """A boundary officer on that service."""
    return signed_in(service, database, app_settings, "keeper", Role.BOUNDARY)


def signed_in(
    service: TestClient, database: Database, settings: Settings, name: str, *roles: Role
) -> TestClient:
    client = TestClient(service.app, raise_server_exceptions=False)
    with database.transaction() as session:
        sign_in_as(client, session, settings, name, *roles)
    return client


def take(client: TestClient, name: str, content: bytes, upload: str | None = None) -> Any:
    fields = {"id": upload or str(uuid4())}
    return client.post("/api/reference-layers/uploads", data=fields, files={"file": (name, content)})


def taken(client: TestClient, name: str, content: bytes) -> dict[str, Any]:
    answer = take(client, name, content)
    assert answer.status_code == 201, answer.text
    return answer.json()


def ended(client: TestClient, job: str) -> dict[str, Any]:
    deadline = time.monotonic() + 60
    while time.monotonic() < deadline:
        told = client.get(f"/api/jobs/{job}").json()
        if told["state"] in {"done", "failed", "cancelled"}:
            return told
        time.sleep(0.05)
    raise AssertionError(told)


def load(client: TestClient, upload: str, name: str, **terms: Any) -> dict[str, Any]:
    asked = {"id": str(uuid4()), "upload": upload, "name": name, **terms}
    answer = client.post("/api/reference-layers", json=asked)
    assert answer.status_code == 202, answer.text
    return ended(client, asked["id"])


def added(client: TestClient, file: str, content: bytes, name: str, **terms: Any) -> dict[str, Any]:
    job = load(client, taken(client, file, content)["id"], name, **terms)
    assert job["state"] == "done", job
    return job["result"]


def plan() -> bytes:
    return json.dumps(PLAN, ensure_ascii=False).encode()


def listed(client: TestClient, which: str = "layers") -> dict[str, dict[str, Any]]:
    return {each["name"]: each for each in client.get("/api/reference-layers").json()[which]}


def test_a_file_is_taken_in_looked_into_and_loaded_and_its_upload_is_gone(
    officer: TestClient, service: TestClient, database: Database
) -> None:
    upload = taken(officer, "规划 图.geojson", plan())
    content = upload["content"]
    assert (
        content["layers"] == [{"name": "规划 图", "geometry_type": None}]
        or content["layers"][0]["name"] == "规划 图"
    )
    assert (content["crs"], content["features"]) == ("EPSG:4326", 2)
    assert content["geometry_types"] == ["Point", "Polygon"]
    assert content["rows"][0] == {"名": "站", "n": 1}
    assert content["bounds"] == [110, 20, 111, 21]
    job = load(officer, upload["id"], "规划_图", title="规划 图（2030）🚧")
    assert job["result"] == {"name": "规划_图", "features": 2, "source_crs": "EPSG:4326", "findings": []}
    layer = listed(officer)["规划_图"]
    assert (layer["title"], layer["source_file"], layer["recorded_by"]) == (
        "规划 图（2030）🚧", "规划 图.geojson", "keeper",
    )  # fmt: skip
    assert layer["sha256"] == upload["sha256"]
    assert listed(service)["规划_图"]["source_file"] is None
    assert service.get("/ogc/collections/规划_图").json()["title"] == "规划 图（2030）🚧"
    assert len(service.get("/ogc/collections/规划_图/items").json()["features"]) == 2
    assert (
        officer.get(f"/api/reference-layers/uploads/{upload['id']}").json()["code"]
        == "reference.upload_not_found"
    )
    with database.transaction() as session:
        acts = "SELECT act FROM service.audit_entry WHERE officer = 'keeper' AND subject_id IN (:a, :b) ORDER BY number"
        found = session.execute(text(acts), {"a": "规划_图", "b": upload["id"]}).scalars().all()
        assert found == ["reference_layer.upload", "reference_layer.add"]
        assert not session.execute(text("SELECT count(*) FROM service.reference_upload_piece")).scalar()


def test_the_same_act_sent_twice_is_done_once(officer: TestClient) -> None:
    upload, job = str(uuid4()), str(uuid4())
    assert [take(officer, "a.geojson", plan(), upload).status_code for _ in range(2)] == [201, 200]
    other = take(officer, "a.geojson", plan().replace(b"1", b"3"), upload)
    assert (other.status_code, other.json()["code"]) == (409, "reference.id_taken")
    asked = {"id": job, "upload": upload, "name": "twice"}
    assert officer.post("/api/reference-layers", json=asked).status_code == 202
    assert ended(officer, job)["state"] == "done"
    again = officer.post("/api/reference-layers", json=asked)
    assert (again.status_code, again.json()["state"]) == (200, "done")
    different = officer.post("/api/reference-layers", json={**asked, "name": "thrice"})
    assert (different.status_code, different.json()["code"]) == (409, "reference.id_taken")


def test_another_officers_upload_is_nobodys(
    officer: TestClient, service: TestClient, database: Database, app_settings: Settings
) -> None:
    upload = taken(officer, "mine.geojson", plan())["id"]
    other = signed_in(service, database, app_settings, "other-keeper", Role.ADMINISTRATOR)
    assert other.get(f"/api/reference-layers/uploads/{upload}").status_code == 404
    asked = {"id": str(uuid4()), "upload": upload, "name": "theirs"}
    assert other.post("/api/reference-layers", json=asked).json()["code"] == "reference.upload_not_found"
    surveyor = signed_in(service, database, app_settings, "walker", Role.SURVEYOR)
    assert take(surveyor, "a.geojson", plan()).status_code == 403
    assert take(TestClient(service.app), "a.geojson", plan()).json()["code"] == "auth.sign_in_required"


def test_names_that_are_taken_or_cannot_be_are_refused_before_anything_is_read(officer: TestClient) -> None:
    upload = taken(officer, "a.geojson", plan())["id"]
    for name, status, code in (
        ("units", 409, "reference.name_taken"),
        ('x"; DROP TABLE service.job; --', 422, "reference.name_refused"),
        ("规划🚧", 422, "reference.name_refused"),
        ("a\n", 422, "reference.name_refused"),
    ):
        answer = officer.post(
            "/api/reference-layers", json={"id": str(uuid4()), "upload": upload, "name": name}
        )
        assert (answer.status_code, answer.json()["code"]) == (status, code)
    assert load(officer, upload, "once")["state"] == "done"
    second = taken(officer, "b.geojson", plan())["id"]
    answer = officer.post(
        "/api/reference-layers", json={"id": str(uuid4()), "upload": second, "name": "once"}
    )
    assert answer.json()["code"] == "reference.name_taken"
    assert load(officer, second, "once", replace=True)["state"] == "done"
    # what is not composed is the same name
    third = taken(officer, "c.geojson", plan())["id"]
    assert load(officer, third, "caf\u00e9")["state"] == "done"
    fourth = taken(officer, "d.geojson", plan())["id"]
    answer = officer.post(
        "/api/reference-layers", json={"id": str(uuid4()), "upload": fourth, "name": "cafe\u0301"}
    )
    assert answer.json()["code"] == "reference.name_taken"


def test_a_layer_is_given_another_look_on_the_state_that_was_read(
    officer: TestClient, service: TestClient
) -> None:
    added(officer, "look.geojson", plan(), "look")
    path = "/api/reference-layers/look"
    read = officer.get(path)
    style = {"colour": "#123456", "width": 3, "opacity": 0.5, "label": "名"}
    assert officer.patch(path, json={"style": style}).status_code == 428
    changed = officer.patch(
        path, json={"style": style, "title": "样子"}, headers={"If-Match": read.headers["etag"]}
    )
    assert changed.json()["style"] == style
    assert (
        officer.patch(path, json={"title": "x"}, headers={"If-Match": read.headers["etag"]}).status_code
        == 412
    )
    fresh = {"If-Match": changed.headers["etag"]}
    for wrong in (
        {"label": "nothing"},
        {"colour": "red"},
        {"colour": "#12345g"},
        {"width": 99},
        {"opacity": 0},
    ):
        assert officer.patch(path, json={"style": style | wrong}, headers=fresh).status_code == 422
    assert officer.patch(path, json={}, headers=fresh).status_code == 422
    assert listed(service)["look"]["title"] == "样子"
    # its successor keeps the look, but no label that it has no attribute for
    other = json.dumps({**PLAN, "features": [{**PLAN["features"][0], "properties": {"z": 1}}]}).encode()
    added(officer, "look2.geojson", other, "look", replace=True)
    assert listed(service)["look"]["style"] == {**style, "label": None}


def test_what_was_removed_or_replaced_can_be_had_back(
    officer: TestClient, service: TestClient, database: Database
) -> None:
    added(officer, "old.geojson", plan(), "back")
    removed = officer.delete("/api/reference-layers/back").json()
    assert service.get("/ogc/collections/back").status_code == 404
    assert "back" not in listed(service)
    assert listed(service, "removed") == {}
    assert listed(officer, "removed")["back"]["removed_by"] == "keeper"
    added(officer, "new.geojson", plan(), "back")
    restoration = f"/api/reference-layers/removed/{removed['id']}/restoration"
    assert officer.post(restoration).json()["code"] == "reference.name_taken"
    officer.delete("/api/reference-layers/back")
    assert officer.post(restoration).json()["source_file"] == "old.geojson"
    assert officer.post(restoration).status_code == 200
    assert len(service.get("/ogc/collections/back/items").json()["features"]) == 2
    with database.transaction() as session:
        assert session.execute(text("SELECT service.forget_reference_material()")).scalar() == 0
    aged = "UPDATE service.reference_layer SET removed_at = now() - interval '8 days' WHERE removed_at IS NOT NULL"
    with database.transaction() as session:
        session.execute(text(aged))
        assert session.execute(text("SELECT service.forget_reference_material()")).scalar() >= 1
        tables = session.execute(
            text("SELECT count(*) FROM pg_tables WHERE schemaname = 'reference'")
        ).scalar()
        assert tables == session.execute(text("SELECT count(*) FROM service.reference_layer")).scalar()
    assert listed(officer, "removed") == {}


def sheet(*rows: tuple[Any, ...], title: str = "Sheet1", more: str | None = None) -> bytes:
    book = openpyxl.Workbook()
    book.active.title = title
    for row in rows:
        book.active.append(row)
    if more:
        second = book.create_sheet(more)
        for row in rows:
            second.append(row)
    into = BytesIO()
    book.save(into)
    return into.getvalue()


@pytest.mark.parametrize("kind", ["csv", "xlsx"])
def test_a_tables_columns_of_places_and_crs_are_stated_by_a_person(officer: TestClient, kind: str) -> None:
    rows = (("名称", "横", "纵"), ("甲", 510000, 2214000), ("乙", 511000, 2215000))
    content = (
        sheet(*rows, title="点", more="第二") if kind == "xlsx"
        else "\n".join(",".join(map(str, row)) for row in rows).encode("gb18030")
    )  # fmt: skip
    upload = taken(officer, f"点.{kind}", content)
    seen = upload["content"]
    assert (seen["needs_places"], seen["crs"], seen["features"]) == (True, None, 2)
    assert [column["name"] for column in seen["columns"]] == ["名称", "横", "纵"]
    assert seen["rows"][0]["名称"] == "甲"
    named = officer.get(
        f"/api/reference-layers/uploads/{upload['id']}", params={"lon": "横", "lat": "纵"}
    ).json()
    assert named["content"]["bounds"] == [510000, 2214000, 511000, 2215000]
    assert named["content"]["places"] == {"lon": "横", "lat": "纵"}
    columns = {"lon": "横", "lat": "纵"}
    failed = load(officer, upload["id"], f"points_{kind}", columns=columns)
    assert (failed["state"], failed["problem"]["code"]) == ("failed", "import.crs_unknown")
    terms = {"columns": columns, "crs": "EPSG:4546", "layer": "第二" if kind == "xlsx" else None}
    assert load(officer, upload["id"], f"points_{kind}", **terms)["state"] == "done"
    bbox = listed(officer)[f"points_{kind}"]["bbox"]
    assert 108 < bbox[0] < 112
    assert 19 < bbox[1] < 21


def test_a_crs_that_contradicts_the_file_is_told_and_a_datum_without_a_way_refused(
    officer: TestClient, tmp_path: Path
) -> None:
    result = added(officer, "amap.geojson", plan(), "amap", crs="GCJ-02")
    assert [each["code"] for each in result["findings"]] == ["import.crs_contradicted"]
    assert listed(officer)["amap"]["bbox"][0] < 110
    frame = geopandas.GeoDataFrame({"a": [1]}, geometry=[shapely.Point(510000, 2214000)], crs=2434)
    frame.to_file(tmp_path / "bj54.gpkg", driver="GPKG", engine="pyogrio")
    upload = taken(officer, "bj54.gpkg", (tmp_path / "bj54.gpkg").read_bytes())
    assert upload["content"]["crs"] == "EPSG:2434"
    assert load(officer, upload["id"], "bj54")["problem"]["code"] == "crs.datum_not_approved"


def zipped(**members: bytes) -> bytes:
    into = BytesIO()
    with zipfile.ZipFile(into, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in members.items():
            archive.writestr(name, content)
    return into.getvalue()


HOSTILE = {
    "slip.zip": (zipped(**{"../../etc/x.shp": b"x"}), "import.archive_refused"),
    "bomb.zip": (
        zipped(**{"a.shp": bytes(40_000_000), "a.shx": b"", "a.dbf": b""}),
        "import.archive_refused",
    ),
    "a.vrt": (b"<OGRVRTDataSource/>", "import.format_unknown"),
    "vrt.kml": (b"<OGRVRTDataSource><OGRVRTLayer/></OGRVRTDataSource>", "import.format_unknown"),
    "really.gpkg": (plan(), "import.unreadable_file"),
    "alg.json": (b'{"type": "gdal_streamed_alg", "command_line": "x"}', "import.unreadable_file"),
    "cut.geojson": (plan()[:-30], "import.unreadable_file"),
    "empty.csv": (b"", "import.unreadable_file"),
    "../../passwd": (b"x", "import.format_unknown"),
    "bomb.xlsx": (
        zipped(**{"xl/workbook.xml": b"<a>" + b" " * 30_000_000 + b"</a>"}),
        "import.archive_refused",
    ),
}


@pytest.mark.parametrize("name", HOSTILE)
def test_a_hostile_file_is_refused_and_nothing_of_it_kept(
    officer: TestClient, database: Database, name: str
) -> None:
    content, code = HOSTILE[name]
    with database.transaction() as session:
        before = session.execute(text("SELECT count(*) FROM service.reference_upload_piece")).scalar()
    answer = take(officer, name, content)
    assert answer.json()["code"] == code, answer.text
    assert 400 <= answer.status_code < 500
    with database.transaction() as session:
        assert session.execute(text("SELECT count(*) FROM service.reference_upload_piece")).scalar() == before


def test_what_is_damaged_further_down_loads_no_row_and_the_upload_stays(
    officer: TestClient, tmp_path: Path
) -> None:
    many = geopandas.GeoDataFrame({"a": range(5000)}, geometry=[shapely.Point(110, 20)] * 5000, crs=4490)
    many.to_file(tmp_path / "torn.fgb", driver="FlatGeobuf", engine="pyogrio")
    upload = taken(officer, "torn.fgb", (tmp_path / "torn.fgb").read_bytes()[:-2000])
    job = load(officer, upload["id"], "torn")
    assert (job["state"], job["problem"]["code"]) == ("failed", "import.unreadable_file")
    assert "torn" not in listed(officer)
    assert officer.get(f"/api/reference-layers/uploads/{upload['id']}").status_code == 200


@pytest.mark.parametrize("column", ["ctid", "长" * 22, ""])
def test_attributes_that_the_database_cannot_name_are_told(officer: TestClient, column: str) -> None:
    one = {**PLAN["features"][0], "properties": {column: 1, "b": 2}}
    upload = taken(officer, "a.geojson", json.dumps({**PLAN, "features": [one]}).encode())
    job = load(officer, upload["id"], "columns")
    assert job["problem"]["code"] == "reference.column_name_refused"


def test_more_attributes_than_a_table_holds_are_told(officer: TestClient) -> None:
    for count in (1600, 1100):
        one = {**PLAN["features"][0], "properties": {f"column_{n}": "some text" for n in range(count)}}
        upload = taken(officer, "wide.geojson", json.dumps({**PLAN, "features": [one]}).encode())
        job = load(officer, upload["id"], f"wide_{count}")
        assert job["problem"]["code"] == "import.unreadable_file", job
        assert job["problem"]["facts"]["reason"] == "too_many_columns"


def test_sixty_megabytes_come_in_and_the_limit_names_itself(officer: TestClient) -> None:
    line = "{},110.{:06d},20.{:06d},{}\n"
    body = "id,lon,lat,备注\n" + "".join(
        line.format(n, n % 10**6, n % 10**6, "滨江路" * 30) for n in range(210_000)
    )
    content = body.encode()
    assert len(content) > 60_000_000
    result = added(officer, "big.csv", content, "big", crs="EPSG:4490")
    assert result["features"] == 210_000
    over = take(officer, "over.csv", content + content[:30_000_000])
    assert (over.status_code, over.json()["code"], over.json()["facts"]["most_mib"]) == (
        413, "reference.upload_too_large", 80,
    )  # fmt: skip
    assert "80 MiB" in over.json()["detail"]


def test_a_job_that_is_cancelled_leaves_no_layer_and_the_upload_stays(
    officer: TestClient, database: Database
) -> None:
    upload = taken(officer, "stop.geojson", plan())["id"]
    asked = {"upload": upload, "name": "stopped", "title": None, "layer": None, "crs": None, "columns": {}}
    with database.transaction() as session:
        keeper = officer_of(put_officer(session, "keeper"))
    with database.acting_as(keeper).transaction() as session:
        row = JobRow(kind="x", request={}, state="running", created_by="keeper", cancel_asked_at=func.now())
        session.add(row)
        session.flush()
        job = row.id
    with pytest.raises(JobCancelled):
        reference_uploads.load_upload(
            database.acting_as(keeper), Progress(database.acting_as(WORKER), job), {**asked, "replace": False}
        )
    assert "stopped" not in listed(officer)
    assert officer.get(f"/api/reference-layers/uploads/{upload}").status_code == 200


@pytest.mark.parametrize(
    "form", ["gpkg", "shapefile", "geojson", "geojsonseq", "flatgeobuf", "parquet", "kml", "csv", "xlsx"]
)
def test_a_layer_is_given_out_in_every_format_and_taken_in_again(officer: TestClient, form: str) -> None:
    if "给出" not in listed(officer):
        points = {**PLAN, "features": [PLAN["features"][0]] * 3}
        added(officer, "out.geojson", json.dumps(points).encode(), "给出")
    answer = officer.get("/api/reference-layers/给出/file", params={"form": form})
    assert answer.status_code == 200, answer.text
    suffix = "." + answer.headers["content-disposition"].rsplit(".", 1)[1]
    crs = {"crs": "EPSG:4490"} if form in {"csv", "xlsx", "geojsonseq"} else {}
    result = added(officer, f"again{suffix}", answer.content, f"again_{form}", **crs)
    assert result["features"] == 3
    assert listed(officer)[f"again_{form}"]["bbox"] == pytest.approx([110.4, 20.0, 110.4, 20.0])
