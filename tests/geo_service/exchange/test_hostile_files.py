"""Files made to mislead: each is refused with its own stable code, before GDAL follows anything."""

import json
import os
import sqlite3
import stat
import zipfile
from pathlib import Path

import numpy as np
import pyarrow as pa
import pytest
import shapely
from pyogrio.raw import write_arrow

from geo_service.exchange import archives, json_guard
from geo_service.exchange.feature_source import FileUnreadable, read_features
from geo_service.exchange.looking import look_into
from geo_service.exchange.raw import RawBatch
from geo_service.exchange.reading import open_features
from geo_service.exchange.refusals import PieceTooLarge
from layers.errors import LayerError

POINTS = pa.table({
    "名称": ["秀英区 '; DROP TABLE units;--", "龙华😀", None],
    "geom": pa.array(shapely.to_wkb(shapely.points([110.1, 110.2, 110.3], [20.0, 20.0, 20.0])), pa.binary()),
})  # fmt: skip


def made(path: Path, **options) -> Path:
    """The three points under any name; written under a plain one first, as the writer minds some letters."""
    driver = {".geojsonl": "GeoJSONSeq"}.get(path.suffix)
    plain = path if path.suffix == ".shp" else path.with_name(f"plain{path.suffix}")
    write_arrow(
        POINTS, plain, driver=driver, geometry_name="geom", geometry_type="Point", crs="EPSG:4490", **options
    )
    return plain.rename(path)


@pytest.fixture
def shapefile(tmp_path) -> dict[str, Path]:
    folder = tmp_path / "shp"
    folder.mkdir()
    made(folder / "units.shp", encoding="GB18030")
    return {part.name: part for part in folder.iterdir()}


def refusal_of(path, **how) -> LayerError:
    with pytest.raises(LayerError) as refusal, open_features(path, **how) as reading:
        for _ in reading.batches():
            pass
    return refusal.value


@pytest.mark.parametrize(
    "path",
    [
        "/vsicurl/http://127.0.0.1:1/x.gpkg", "/vsizip/x.zip/a.shp", "/vsimem/x", "http://127.0.0.1:1/a.geojson",
        "https://h/a.gpkg", "s3://b/k.gpkg", "PG:dbname=postgres", "GPKG:/etc/passwd", "zip:///tmp/a.zip", "a\0b.csv",
        "/vsistdin/", "GEOJSON:/etc/passwd", "nowhere.gpkg", "/etc", "/dev/zero", "/proc/self/mem.csv",
    ],
)  # fmt: skip
def test_only_local_files_are_opened(path: str) -> None:
    assert refusal_of(path).code == "import.path_refused"


def test_a_pipe_is_no_file(tmp_path) -> None:
    pipe = tmp_path / "a.csv"
    os.mkfifo(pipe)
    assert refusal_of(pipe).code == "import.path_refused"


def test_empty_files(tmp_path) -> None:
    for name in ("a.gpkg", "a.csv", "a.zip", "a.geojson", "a.fgb"):
        (tmp_path / name).touch()
        refused = refusal_of(tmp_path / name)
        assert (refused.code, refused.facts["reason"]) == ("import.unreadable_file", "empty")


@pytest.mark.parametrize(
    ("name", "content", "code"),
    [
        ("a.gpkg", b"<OGRVRTDataSource><OGRVRTLayer name='x'/></OGRVRTDataSource>", "import.format_unknown"),
        ("a.vrt", b"<OGRVRTDataSource/>", "import.format_unknown"),
        ("a.csv", b"<OGRVRTDataSource><SrcDataSource>/etc/passwd</SrcDataSource></OGRVRTDataSource>", "import.format_unknown"),
        ("a.geojson", b'{"type":"gdal_streamed_alg","command_line":"gdal vector pipeline ! read x"}', "import.unreadable_file"),
        ("a.gpkg", b'{"type":"FeatureCollection","features":[]}', "import.unreadable_file"),
        ("a.geojson", b'{"type":"Topology","objects":{"a":{"type":"Point","coordinates":[1,2]}},"arcs":[]}', "import.unreadable_file"),
        ("a.geojson", b'{"type":"FeatureCollection","features":[{"type":"Feature","geometry":{"ty', "import.unreadable_file"),
        ("a.geojson", b'{"a":1}', "import.unreadable_file"),
        ("a.geojson", b"not json", "import.format_unknown"),
        ("a.xlsx", b"PK\x03\x04", "import.unreadable_file"),
        ("a.csv", b"name,lon,lat\nx,1\x002,3\n", "import.format_unknown"),
        ("a.csv", b"\xff\xfe\xff\xff\xff,lon,lat\n", "import.unreadable_file"),
        ("a.csv", b'lon,lat,name\n1,2,"open\n', "import.unreadable_file"),
        ("a.csv", b"lon,lat,a,a\n1,2,3,4\n", "import.unreadable_file"),
        ("a.csv", b"name,place\nx,here\n", "import.missing_column"),
        ("a.zip", b"PK\x03\x04 and no more", "import.unreadable_file"),
        ("a.gpkg", b"SQLite format 3\0" + bytes(52) + b"GPKG" + bytes(100), "import.unreadable_file"),
        ("a.fgb", b"fgb\x03fgb\x01" + bytes(40), "import.unreadable_file"),
    ],
)  # fmt: skip
@pytest.mark.filterwarnings("ignore::RuntimeWarning")  # GDAL's own complaints about the same files
def test_disguised_and_broken_content(tmp_path, name: str, content: bytes, code: str) -> None:
    (tmp_path / name).write_bytes(content)
    assert refusal_of(tmp_path / name, crs="EPSG:4490").code == code


def test_a_sqlite_file_that_is_no_geopackage(tmp_path) -> None:
    path = tmp_path / "a.gpkg"
    with sqlite3.connect(path) as database:
        database.execute("CREATE TABLE x (a)")
    database.close()
    assert refusal_of(path).code == "import.format_unknown"


@pytest.mark.filterwarnings("ignore::RuntimeWarning")
@pytest.mark.parametrize("name", ["a.gpkg", "a.fgb", "a.geojson", "a.zip"])
@pytest.mark.parametrize("share", [0.3, 0.6, 0.95])
def test_truncated_files_never_pass_as_whole(tmp_path, shapefile, zipped, name: str, share: float) -> None:
    path = tmp_path / name
    if name == "a.zip":
        zipped(name, shapefile)
    else:
        many = pa.concat_tables([POINTS] * 2000)
        write_arrow(many, path, geometry_name="geom", geometry_type="Point", crs="EPSG:4490")
    whole = path.read_bytes()
    path.write_bytes(whole[: int(len(whole) * share)])
    assert refusal_of(path).code == "import.unreadable_file"


@pytest.mark.filterwarnings("ignore::RuntimeWarning")
def test_a_shapefile_with_its_points_cut_off(tmp_path, shapefile, zipped) -> None:
    parts = {name: part.read_bytes() for name, part in shapefile.items()}
    parts["units.shp"] = parts["units.shp"][:110]
    path = zipped("cut.zip", parts)
    with open_features(path) as reading:
        (batch,) = reading.batches()
    assert [reject.code for reject in batch.rejects] == ["import.geometry_missing"] * len(batch.rejects)
    assert len(batch.rejects) >= 2


@pytest.mark.parametrize(
    ("member", "reason"),
    [
        ("../../etc/cron.d/x.shp", "path_leads_out"), ("/etc/x.shp", "path_leads_out"), ("..\\x.shp", "path_leads_out"),
        ("C:/x.shp", "path_leads_out"), ("units.vrt", "member_not_allowed"), ("inner.zip", "member_not_allowed"),
    ],
)  # fmt: skip
def test_archives_that_lead_elsewhere(shapefile, zipped, tmp_path, member: str, reason: str) -> None:
    before = set(tmp_path.parent.iterdir())
    refused = refusal_of(zipped("a.zip", {**shapefile, member: b"<OGRVRTDataSource/>"}))
    assert (refused.code, refused.facts["reason"]) == ("import.archive_refused", reason)
    assert set(tmp_path.parent.iterdir()) == before


def test_a_link_in_an_archive(tmp_path, shapefile, zipped) -> None:
    path = zipped("a.zip", shapefile)
    with zipfile.ZipFile(path, "a") as archive:
        link = zipfile.ZipInfo("b.shp")
        link.external_attr = (stat.S_IFLNK | 0o777) << 16
        archive.writestr(link, "/etc/passwd")
    refused = refusal_of(path)
    assert (refused.code, refused.facts["reason"]) == ("import.archive_refused", "link")


def test_an_archive_that_swells(shapefile, zipped) -> None:
    refused = refusal_of(zipped("a.zip", {**shapefile, "units.dbf": bytes(64 * 1024**2)}))
    assert (refused.code, refused.facts["reason"]) == ("import.archive_refused", "swells")


def test_an_archive_larger_than_allowed(tmp_path, shapefile, zipped) -> None:
    path = zipped("a.zip", shapefile)
    with pytest.raises(LayerError) as refusal:
        archives.unpack_shapefiles(path, tmp_path, most_bytes=100)
    assert refusal.value.facts["reason"] == "swells"
    with pytest.raises(LayerError) as refusal:
        archives.unpack_shapefiles(path, tmp_path, most_members=2)
    assert refusal.value.facts["reason"] == "too_many_members"


def test_archives_without_a_whole_shapefile(shapefile, zipped) -> None:
    assert refusal_of(zipped("a.zip", {"readme.txt": b"x"})).facts["reason"] == "no_shapefile"
    lacking = {name: part for name, part in shapefile.items() if not name.endswith(".dbf")}
    assert refusal_of(zipped("b.zip", lacking)).facts["reason"] == "parts_missing"


def test_a_damaged_member_is_noticed(tmp_path, shapefile, zipped) -> None:
    path = zipped("a.zip", shapefile)
    content = bytearray(path.read_bytes())
    with zipfile.ZipFile(path) as archive:
        at = archive.getinfo("units.dbf").header_offset + 30 + len("units.dbf") + 4
    content[at] ^= 0xFF
    path.write_bytes(bytes(content))
    assert refusal_of(path).code == "import.unreadable_file"


@pytest.mark.parametrize(
    "name", ["a.gpkg", "a.fgb", "a.geojson", "a.geojsonl", "a;b & $(x) 名!.gpkg", "-x?y=1.geojson"]
)
def test_hostile_names_and_values_are_only_text(tmp_path, name: str) -> None:
    path = made(tmp_path / name)
    with open_features(path, crs="EPSG:4490") as reading:
        (batch,) = reading.batches()
    assert set(batch.columns["名称"].to_pylist()) == set(POINTS["名称"].to_pylist())


def test_a_neighbouring_file_is_not_followed(tmp_path) -> None:
    """GDAL reads `a.csvt`, `a.gpkg.aux.xml` and the like beside a file; here it sees the file alone."""
    path = made(tmp_path / "a.gpkg")
    (tmp_path / "a.gpkg.aux.xml").write_text(
        "<PAMDataset><Metadata><MDI key='x'>y</MDI></Metadata></PAMDataset>"
    )
    before = sorted(tmp_path.iterdir())
    with open_features(path) as reading:
        assert sum(len(batch) for batch in reading.batches()) == 3
    assert sorted(tmp_path.iterdir()) == before


def test_mixed_and_nested_geometry_keeps_its_place(tmp_path) -> None:
    features = [
        {"type": "Feature", "properties": {"n": n}, "geometry": geometry}
        for n, geometry in enumerate([
            {"type": "Point", "coordinates": [110, 20]},
            None,
            {"type": "GeometryCollection", "geometries": [{"type": "Point", "coordinates": [110, 20]}]},
            {"type": "LineString", "coordinates": [[110, 20], [110.1, 20]]},
            {"type": "Polygon", "coordinates": [[[110, 20], [110.1, 20], [110, 20]]]},
        ])
    ]  # fmt: skip
    path = tmp_path / "mixed.geojson"
    path.write_text(json.dumps({"type": "FeatureCollection", "features": features}))
    with open_features(path) as reading:
        (batch,) = reading.batches()
    assert batch.rows.tolist() == [1, 3, 4]
    assert [(reject.row, reject.code) for reject in batch.rejects] == [
        (2, "import.geometry_missing"), (5, "import.geometry_invalid"),
    ]  # fmt: skip


def test_not_a_number_in_a_geopackage(tmp_path) -> None:
    with np.errstate(invalid="ignore"):
        ring = shapely.Polygon([(110, 20), (np.nan, 20), (110.1, 20.1), (110, 20)])
    table = pa.table({"geom": pa.array([shapely.to_wkb(ring)], pa.binary())})
    write_arrow(table, tmp_path / "a.gpkg", geometry_name="geom", geometry_type="Polygon", crs="EPSG:4490")
    with open_features(tmp_path / "a.gpkg") as reading:
        (batch,) = reading.batches()
    assert [reject.code for reject in batch.rejects] == ["import.geometry_not_finite"]


@pytest.mark.parametrize("separator", ["", "\x1e"])
def test_a_line_that_gdal_would_pass_over_is_noticed(tmp_path, separator: str) -> None:
    good = '{"type":"Feature","properties":{"n":1},"geometry":{"type":"Point","coordinates":[110,20]}}'
    path = tmp_path / "a.geojsonl"
    path.write_text("".join(f"{separator}{line}\n" for line in (good, good[:40], good)))
    refused = refusal_of(path)
    assert (refused.code, refused.facts["detail"]) == ("import.unreadable_file", "2 of 3")


@pytest.mark.parametrize("separator", ["", "\x1e"])
def test_a_sequence_of_points_is_taken_whole_or_not_at_all(tmp_path, separator: str) -> None:
    """The door of hubs and demand: one record alone is read, a torn one is no row less."""
    good = '{"type":"Feature","properties":{"id":"a"},"geometry":{"type":"Point","coordinates":[110,20]}}'
    path = tmp_path / "a.geojsonl"
    for lines, read in ((1, 1), (2, 2)):
        path.write_text(f"{separator}{good}\n" * lines)
        assert len(read_features(path, kinds=("Point",)).geometry) == read
    path.write_text("".join(f"{separator}{line}\n" for line in (good, good[:40], good)))
    with pytest.raises(FileUnreadable) as refused:
        read_features(path, kinds=("Point",))
    assert "2 of 3" in str(refused.value.facts["reason"])


class TestPieces:
    """A JSON text that GDAL would hold whole is read up to a size, and one that it reads in pieces is read at any."""

    POINT = '{"type":"Feature","properties":{"n":1},"geometry":{"type":"Point","coordinates":[110,20]}}'

    @pytest.fixture(autouse=True)
    def small(self, monkeypatch: pytest.MonkeyPatch) -> None:
        """Let 8 KiB be the most that is read at once."""
        monkeypatch.setattr(json_guard, "MOST_BYTES", 8192)

    @pytest.mark.parametrize(
        "ahead", ['"name":"features",', f'"about":"{"-" * 6000}",', '"is":{"features":7},']
    )
    def test_a_collection_whose_features_stand_far_behind(self, tmp_path, ahead: str) -> None:
        path = tmp_path / "a.geojson"
        for count, large in ((2, False), (200, True)):
            features = ",".join([self.POINT] * count)
            path.write_text(f'{{"type":"FeatureCollection",{ahead}"features":[{features}]}}')
            if large:
                refused = refusal_of(path)
                assert (refused.code, refused.facts["piece"]) == ("import.piece_too_large", "document")
            else:
                with open_features(path) as reading:
                    assert sum(len(batch) for batch in reading.batches()) == count

    @pytest.mark.parametrize("ahead", ["", '"name":"roads",', '"said":"\\"features\\"",'])
    def test_a_collection_that_begins_with_its_features(self, tmp_path, ahead: str) -> None:
        path = tmp_path / "a.geojson"
        features = ",".join([self.POINT] * 200)
        path.write_text(f'{{"type":"FeatureCollection",{ahead}"features" : [{features}]}}')
        with open_features(path) as reading:
            assert sum(len(batch) for batch in reading.batches()) == 200

    def test_neither_door_reads_them(self, tmp_path) -> None:
        path = tmp_path / "a.geojson"
        features = ",".join([self.POINT] * 200)
        path.write_text(f'{{"type":"FeatureCollection","name":"features","features":[{features}]}}')
        with pytest.raises(PieceTooLarge):
            read_features(path, kinds=("Point",))
        with pytest.raises(PieceTooLarge):
            look_into(path)

    @pytest.mark.parametrize("separator", ["", "\x1e"])
    def test_a_record_of_a_sequence(self, tmp_path, separator: str) -> None:
        path = tmp_path / "a.geojsonl"
        path.write_text(f"{separator}{self.POINT}\n" * 200)
        with open_features(path, crs="EPSG:4490") as reading:
            assert sum(len(batch) for batch in reading.batches()) == 200
        long = self.POINT.replace('"n":1', f'"n":"{"-" * 9000}"')
        lines = long.replace(":", ":\n") if separator else long
        path.write_text(f"{separator}{self.POINT}\n{separator}{lines}\n{separator}{self.POINT}\n")
        refused = refusal_of(path)
        assert (refused.code, refused.facts["piece"]) == ("import.piece_too_large", "record")


def test_text_that_is_no_text(tmp_path) -> None:
    path = tmp_path / "a.geojson"
    feature = (
        b'{"type":"Feature","properties":{"n":"\xe5\x81"},"geometry":{"type":"Point","coordinates":[110,20]}}'
    )
    path.write_bytes(b'{"type":"FeatureCollection","features":[' + feature + b"]}")
    assert refusal_of(path).code == "import.unreadable_file"


@pytest.mark.parametrize(
    "statement",
    [
        "CREATE VIEW evil AS WITH RECURSIVE c(x) AS (SELECT 1 UNION ALL SELECT x + 1 FROM c) SELECT x AS fid FROM c",
        (
            "CREATE VIEW geometry_columns AS SELECT hex(zeroblob(400000000)) AS name; "
            "UPDATE gpkg_contents SET table_name = 'geometry_columns'"
        ),
        "ALTER TABLE units ADD COLUMN large TEXT GENERATED ALWAYS AS (hex(zeroblob(400000000))) VIRTUAL",
        "CREATE VIRTUAL TABLE evil USING fts5(words); UPDATE gpkg_contents SET table_name = 'evil'",
        (
            "DROP TABLE gpkg_contents; CREATE VIEW gpkg_contents AS WITH RECURSIVE c(x) AS (SELECT 1 UNION ALL "
            "SELECT x + 1 FROM c) SELECT 'units' AS table_name, 'features' AS data_type FROM c"
        ),
    ],
)
def test_what_a_geopackage_would_compute_is_refused(tmp_path, statement: str) -> None:
    file = made(tmp_path / "units.gpkg", layer="units")
    with sqlite3.connect(file) as database:
        database.executescript(statement)
    assert refusal_of(file).facts["reason"] == "computed"


def test_views_that_the_standard_recommends_are_let_through(tmp_path) -> None:
    file = made(tmp_path / "units.gpkg", layer="units")
    with sqlite3.connect(file) as database:
        database.execute("CREATE VIEW st_geometry_columns AS SELECT table_name FROM gpkg_geometry_columns")
    with open_features(file) as reading:
        assert sum(batch.geometries.size for batch in reading.batches()) == 3


@pytest.mark.parametrize(
    "head", [b"\x01\x07\0\0\0\x01\0\0\0", b"\0\0\0\0\x07\0\0\0\x01", b"\x01\xef\x03\0\0\x01\0\0\0"]
)
def test_collections_within_collections_do_not_overrun_the_stack(head: bytes) -> None:
    batch = RawBatch(np.arange(2), {}, pa.array([head * 50_000, bytes(shapely.to_wkb(shapely.Point(1, 2)))]))
    assert batch.unreadable.tolist() == [True, False]
