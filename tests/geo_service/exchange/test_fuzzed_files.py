"""Files broken, mislabelled and made to hurt, by hypothesis and by hand: each is read or refused by a code, nothing else.

The examples are the same at every run; `--hypothesis-seed` with `derandomize` off looks further.
"""

import gzip
import io
import zipfile
from collections.abc import Iterator
from pathlib import Path
from tempfile import TemporaryDirectory

import numpy as np
import pyarrow as pa
import pytest
import shapely
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from geo_service.auth.officer import Role
from geo_service.exchange.feature_source import FileUnreadable, read_features
from geo_service.exchange.reading import Terms, open_features
from geo_service.exchange.writing import Export, write_features
from layers.errors import LayerError

ENDINGS = [".gpkg", ".geojson", ".geojsonl", ".fgb", ".parquet", ".kml", ".csv", ".xlsx", ".zip"]
LAUGHS = "".join(f'<!ENTITY l{n} "{f"&l{n - 1};" * 10}">' for n in range(1, 10))
KML = '<?xml version="1.0"?>{doctype}<kml xmlns="http://www.opengis.net/kml/2.2"><Document>{inside}</Document></kml>'
HERE = "<Placemark><name>{name}</name><Point><coordinates>110,20</coordinates></Point></Placemark>"


@pytest.fixture(scope="module")
def seeds(tmp_path_factory: pytest.TempPathFactory) -> dict[str, bytes]:
    """One good file of each format, as bytes."""
    folder = tmp_path_factory.mktemp("seeds")
    batch = {
        "name": pa.array(["秀英区😀", None, "x" * 300]),
        "n": pa.array([1, None, 3]),
        "geometry": np.array(
            [shapely.Point(110.1, 20), shapely.Point(110.2, 20), shapely.Point(110.3, 20)], dtype=object
        ),
    }
    made = {}
    for ending in ENDINGS:
        write_features(folder / f"a{ending}", [batch], export=Export(geometry_type="Point"))
        made[ending] = (folder / f"a{ending}").read_bytes()
    return made


def read(path: Path) -> str | None:
    """Read a file through both doors; returns the code of the first refusal. Anything else that is raised fails the test."""
    code = None
    try:
        with open_features(path, crs="EPSG:4490", terms=Terms(mapping={})) as reading:
            for batch in reading.batches():
                assert {reject.row for reject in batch.rejects}.isdisjoint(batch.rows.tolist())
    except LayerError as refused:
        code = refused.code
    try:
        read_features(path, kinds=("Point",))
    except LayerError as refused:
        code = code or refused.code
    return code


@pytest.mark.filterwarnings("ignore::RuntimeWarning")  # GDAL's own complaints about the same files
@pytest.mark.filterwarnings("ignore::UserWarning")  # openpyxl's
@pytest.mark.parametrize("ending", ENDINGS)
@settings(max_examples=25, deadline=None, derandomize=True, suppress_health_check=list(HealthCheck))
@given(
    wounds=st.lists(st.tuples(st.floats(0, 1), st.binary(max_size=9)), max_size=3),
    kept=st.none() | st.floats(0, 1),
    other=st.none() | st.none() | st.sampled_from([*ENDINGS, ".pbf", ".osm", ".shp"]),
)
def test_broken_bytes_are_read_or_refused(seeds, ending: str, wounds, kept, other) -> None:
    content = bytearray(seeds[ending])
    for where, what in wounds:
        at = int(where * (len(content) - 1))
        content[at : at + 1] = what
    if kept is not None:
        del content[int(kept * len(content)) :]
    with TemporaryDirectory() as folder:
        path = Path(folder) / f"a{other or ending}"
        path.write_bytes(content)
        read(path)
        assert [each.name for each in Path(folder).iterdir()] == [path.name]


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        (KML.format(doctype=f"<!DOCTYPE x [<!ENTITY l0 'ha'>{LAUGHS}]>", inside=HERE.format(name="&l9;")), "document_type"),
        (KML.format(doctype='<!DOCTYPE x [<!ENTITY e SYSTEM "file:///etc/passwd">]>', inside=HERE.format(name="&e;")), "document_type"),
        (KML.format(doctype='<!DOCTYPE x SYSTEM "http://127.0.0.1:1/x.dtd">', inside=HERE.format(name="x")), "document_type"),
        (KML.format(doctype="", inside="<Folder>" * 100 + "</Folder>" * 100), "nested_too_deeply"),
        (KML.format(doctype="", inside="<Placemark><MultiGeometry>" + "<MultiGeometry>" * 5000), "nested_too_deeply"),
        (KML.format(doctype="", inside=HERE.format(name="&e;")), "damaged_xml"),
        (KML.format(doctype="", inside="".join(f'<SimpleField name="c{n}"/>' for n in range(10_000))), "too_many_columns"),
        ("<kml><Document><Placemark>", "damaged_xml"),
        ("<html><!-- <kml> --></html>", "content_contradicts_name"),
    ],
)  # fmt: skip
def test_kml_that_hurts(tmp_path, content: str, reason: str) -> None:
    (tmp_path / "a.kml").write_text(content)
    with pytest.raises(LayerError) as refusal, open_features(tmp_path / "a.kml") as reading:
        list(reading.batches())
    assert (refusal.value.code, refusal.value.facts["reason"]) == ("import.unreadable_file", reason)


def test_places_that_are_none_are_rejects_not_errors(tmp_path) -> None:
    places = ["nan,20", "110,inf", "1e999,20", "110", "", "here,there", "110,20 111", "110,20,5,6"]
    inside = "".join(
        f"<Placemark><Point><coordinates>{place}</coordinates></Point></Placemark>" for place in places
    )
    (tmp_path / "a.kml").write_text(KML.format(doctype="", inside=inside))
    with open_features(tmp_path / "a.kml") as reading:
        (batch,) = reading.batches()
    assert len(batch.rejects) >= 6
    assert {each.code for each in batch.rejects} <= {
        "import.geometry_unreadable", "import.geometry_not_finite", "import.geometry_missing", "import.geometry_invalid",
    }  # fmt: skip


def workbook(members: dict[str, bytes]) -> bytes:
    held = io.BytesIO()
    with zipfile.ZipFile(held, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in members.items():
            archive.writestr(name, content)
    return held.getvalue()


@pytest.mark.parametrize(
    ("member", "content", "code"),
    [
        ("xl/worksheets/sheet1.xml", b"<!DOCTYPE x [<!ENTITY e SYSTEM 'file:///etc/passwd'>]><x>&e;</x>", "import.unreadable_file"),
        ("xl/worksheets/sheet1.xml", b"<x>" * 500, "import.unreadable_file"),
        ("xl/worksheets/sheet1.xml", b"not xml", "import.unreadable_file"),
        ("xl/media/a.bin", bytes(64 * 1024**2), "import.archive_refused"),
        ("[Content_Types].xml", b"<Types/>", "import.unreadable_file"),
    ],
)  # fmt: skip
def test_workbooks_that_hurt(tmp_path, seeds, member: str, content: bytes, code: str) -> None:
    with zipfile.ZipFile(io.BytesIO(seeds[".xlsx"])) as archive:
        members = {name: archive.read(name) for name in archive.namelist()}
    (tmp_path / "a.xlsx").write_bytes(workbook(members | {member: content}))
    with pytest.raises(LayerError) as refusal, open_features(tmp_path / "a.xlsx", crs="EPSG:4490"):
        pass
    assert refusal.value.code == code


@pytest.mark.parametrize("ending", [".csv", ".parquet"])
def test_ten_thousand_columns_are_too_many(tmp_path, ending: str) -> None:
    columns = {f"c{n}": [1] for n in range(10_000)}
    batch = columns | {"geometry": np.array([shapely.Point(110, 20)], dtype=object)}
    write_features(tmp_path / f"a{ending}", [batch])
    with pytest.raises(LayerError) as refusal, open_features(tmp_path / f"a{ending}", crs="EPSG:4490"):
        pass
    assert refusal.value.facts["reason"] == "too_many_columns"


@pytest.mark.parametrize("ending", [".gpkg", ".parquet", ".kml", ".xlsx", ".csv"])
def test_a_column_named_by_an_enemy_is_only_a_name(tmp_path, ending: str) -> None:
    names = ["x'); DROP TABLE naming.name; --", 'a"b', "%s :bound {brace}", "<b>&amp;"]
    batch = {name: ["v"] for name in names} | {"geometry": np.array([shapely.Point(110, 20)], dtype=object)}
    write_features(tmp_path / f"a{ending}", [batch])
    with open_features(tmp_path / f"a{ending}", crs="EPSG:4490", terms=Terms(mapping={})) as reading:
        (found,) = reading.batches()
    assert set(names) <= set(found.columns)


def test_a_packed_table_that_swells(tmp_path) -> None:
    with gzip.open(tmp_path / "a.csv.gz", "wb") as sink:
        sink.write(b"id,lon,lat\n")
        for _ in range(64):
            sink.write(b"0" * 1024**2)
    with pytest.raises(LayerError) as refusal:
        read_features(tmp_path / "a.csv.gz", kinds=("Point",))
    assert refusal.value.code == "import.archive_refused"
    (tmp_path / "b.csv.gz").write_bytes(b"\x1f\x8b\x08 no more")
    with pytest.raises(FileUnreadable):
        read_features(tmp_path / "b.csv.gz", kinds=("Point",))


@pytest.mark.parametrize(
    "path",
    [
        "/vsicurl/http:/127.0.0.1:1/a.gpkg",
        "/vsizip/http:/127.0.0.1/a.zip",
        "/vsimem/a.gpkg",
        "/dev/zero",
        "/etc",
    ],
)
def test_the_door_of_the_engines_is_the_same(path: str) -> None:
    with pytest.raises(LayerError) as refusal:
        read_features(Path(path), kinds=("Point",))
    assert refusal.value.code == "import.path_refused"


def uploads() -> Iterator[tuple[str, bytes]]:
    vrt = b"<OGRVRTDataSource><OGRVRTLayer name='x'><SrcDataSource>/etc/passwd</SrcDataSource></OGRVRTLayer></OGRVRTDataSource>"
    for name in ("a.gpkg", "a.kml", "a.geojson", "a.osm", "a.csv", "a.xlsx", "a.zip", "a.parquet"):
        yield name, vrt
    yield (
        "a.osm",
        b"<?xml version='1.0'?><!DOCTYPE osm [<!ENTITY e SYSTEM 'file:///etc/passwd'>]><osm version='0.6'>&e;</osm>",
    )
    yield "a.gml", b"<gml/>"
    yield "/vsicurl/http:/x/a.geojson", b"{}"
    yield "a.csv", b"id,lon,lat,weight\n" + b"x" * 100_000
    yield "a.zip", workbook({"../../x.shp": b"x"})


@pytest.mark.database
@pytest.mark.filterwarnings("ignore::RuntimeWarning")
def test_an_upload_that_hurts_is_answered_by_a_problem(enter) -> None:
    planner = enter(Role.PLANNER)
    for name, content in uploads():
        for route in ("/api/hubs/demand/files",):
            fields = {"name": "x", "source": "x", "crs": "EPSG:4490"}
            answer = planner.post(route, data=fields, files={"file": (name, content)})
            assert 400 <= answer.status_code < 500, (name, answer.status_code, answer.text[:300])
            assert answer.headers["content-type"] == "application/problem+json"
            assert answer.json()["code"] != "server.error"
            assert "exchange-" not in answer.text  # no path of the machine
