"""Every format there and back, with Chinese column names; and what a format cannot say is said."""

import csv
import json
import zipfile

import geopandas
import numpy as np
import pyarrow as pa
import pyogrio
import pytest
import shapely

from geo_service.exchange.reading import Terms, open_features
from geo_service.exchange.refusals import FileExists, FormatUnknown, NotExportable
from geo_service.exchange.rejects import Reject, write_rejects
from geo_service.exchange.writing import Export, frame_batches, write_features
from layers.geodesy import DatumRefused

NAMES = ["秀英区", "龙华😀 '; DROP TABLE x;--", None, 'a"b,c\nd', "=1+1"]
AREAS = np.array([shapely.box(110 + n, 20, 110.123456789 + n, 20.1) for n in range(5)], dtype=object)
BATCHES = [
    {
        "名称": pa.array(NAMES[:3]),
        "代码": ["460105", "460106", "000007"],
        "级别": [3, None, 4],
        "geometry": AREAS[:3],
    },
    {"名称": pa.array(NAMES[3:]), "代码": ["1", "2"], "级别": [1, 2], "geometry": shapely.to_wkb(AREAS[3:])},
]
NOTICE = "界线示意，不作为划界依据"
EXPORT = Export(layer="行政区", geometry_type="Polygon", disclaimer=NOTICE)
ENDINGS = [".gpkg", ".geojson", ".geojsonl", ".fgb", ".zip", ".csv"]


@pytest.mark.parametrize("ending", ENDINGS)
def test_there_and_back(tmp_path, ending: str) -> None:
    path = tmp_path / f"export{ending}"
    written = write_features(path, iter(BATCHES), export=EXPORT)
    assert (written.rows, written.renamed, written.shortened) == (5, {}, 0)
    stated = "EPSG:4490" if ending in {".csv", ".geojsonl"} else None
    with open_features(path, crs=stated, terms=Terms(mapping={})) as reading:
        batches = list(reading.batches())
        assert reading.crs.text == "EPSG:4490"
        assert reading.findings == []
    found = {
        name: [v for b in batches for v in b.columns[name].to_pylist()] for name in ("名称", "代码", "级别")
    }
    order = np.argsort(
        [{"460105": 0, "460106": 1, "000007": 2, "1": 3, "2": 4}[code] for code in found["代码"]]
    )
    assert [found["名称"][at] for at in order] == NAMES
    assert [found["级别"][at] for at in order] == (
        [3, None, 4, 1, 2] if ending != ".csv" else ["3", None, "4", "1", "2"]
    )
    shapes = np.concatenate([batch.geometries for batch in batches])[order]
    assert shapely.equals_exact(shapely.normalize(shapes), shapely.normalize(AREAS), tolerance=1e-9).all()
    assert not [reject for batch in batches for reject in batch.rejects]


def test_the_disclaimer_travels_with_every_format(tmp_path) -> None:
    for ending in ENDINGS:
        write_features(tmp_path / f"a{ending}", iter(BATCHES), export=EXPORT)
    assert pyogrio.read_info(tmp_path / "a.gpkg")["layer_metadata"]["disclaimer"] == NOTICE
    assert pyogrio.read_info(tmp_path / "a.fgb")["layer_metadata"]["DESCRIPTION"] == NOTICE
    document = json.loads((tmp_path / "a.geojson").read_text())
    assert document["description"] == NOTICE
    assert document["crs"]["properties"]["name"].endswith("EPSG::4490")
    lines = [json.loads(line.strip("\x1e")) for line in (tmp_path / "a.geojsonl").read_text().splitlines()]
    assert {line["properties"]["disclaimer"] for line in lines} == {NOTICE}
    with zipfile.ZipFile(tmp_path / "a.zip") as archive:
        assert NOTICE in archive.read("README.txt").decode("utf-8-sig")
    with (tmp_path / "a.csv").open(encoding="utf-8-sig", newline="") as stream:
        assert {row["disclaimer"] for row in csv.DictReader(stream)} == {NOTICE}


def test_a_shapefile_says_what_it_could_not_hold(tmp_path) -> None:
    long = "长" * 200
    batch = {
        "administrative_level": [1], "administrative_leader": ["a"], "行政区划代码全称": ["b"], "note": [long],
        "geometry": AREAS[:1],
    }  # fmt: skip
    written = write_features(tmp_path / "a.zip", [batch], export=EXPORT)
    assert written.renamed == {
        "administrative_level": "administra", "administrative_leader": "administ_1", "行政区划代码全称": "行政区划代",
    }  # fmt: skip
    assert written.shortened == 1
    with zipfile.ZipFile(tmp_path / "a.zip") as archive:
        names = {name.rpartition(".")[2]: name for name in archive.namelist()}
        assert archive.read(names["cpg"]).decode().strip() == "GB18030"
        assert (
            "CGCS2000" in archive.read(names["prj"]).decode()
            or "China_2000" in archive.read(names["prj"]).decode()
        )
        assert b"administ_1 = administrative_leader" in archive.read("README.txt")
    with open_features(tmp_path / "a.zip") as reading:
        (back,) = reading.batches()
    assert back.columns["note"].to_pylist() == ["长" * 127]
    assert back.columns["行政区划代"].to_pylist() == ["b"]


@pytest.mark.parametrize("encoding", ["GB18030", "UTF-8"])
@pytest.mark.parametrize("cpg", [None, b"UTF-8", b"nonsense\xff", b"true"])
def test_a_shapefile_is_read_in_its_encoding_whatever_the_cpg_says(
    tmp_path, zipped, encoding: str, cpg
) -> None:
    folder = tmp_path / "made"
    folder.mkdir()
    frame = geopandas.GeoDataFrame({"名称": ["海口市秀英区", "龙华"]}, geometry=AREAS[:2], crs=4490)
    pyogrio.write_dataframe(frame, folder / "units.shp", encoding=encoding)
    parts = {part.name: part for part in folder.iterdir() if part.suffix != ".cpg"}
    with open_features(zipped("a.zip", parts | ({} if cpg is None else {"units.cpg": cpg}))) as reading:
        (batch,) = reading.batches()
    assert batch.columns["名称"].to_pylist() == ["海口市秀英区", "龙华"]


@pytest.mark.parametrize("cpg", [b"GBK", b"936", b"cp936", b"ANSI 936", b"GB18030"])
def test_the_many_names_of_chinese_encodings(tmp_path, zipped, cpg: bytes) -> None:
    folder = tmp_path / "made"
    folder.mkdir()
    frame = geopandas.GeoDataFrame({"名称": ["海口"]}, geometry=AREAS[:1], crs=4490)
    pyogrio.write_dataframe(frame, folder / "units.shp", encoding="GB18030")
    parts = {part.name: part for part in folder.iterdir() if part.suffix != ".cpg"}
    with open_features(zipped("a.zip", parts | {"units.cpg": cpg})) as reading:
        (batch,) = reading.batches()
    assert batch.columns["名称"].to_pylist() == ["海口"]


def test_nothing_is_overwritten_unasked_and_nothing_is_left_half(tmp_path) -> None:
    path = tmp_path / "a.gpkg"
    path.write_text("mine")
    with pytest.raises(FileExists):
        write_features(path, iter(BATCHES), export=EXPORT)

    def breaks_off():
        yield BATCHES[0]
        msg = "the database went away"
        raise ConnectionError(msg)

    with pytest.raises((ConnectionError, NotExportable)):
        write_features(path, breaks_off(), export=EXPORT, overwrite=True)
    assert path.read_text() == "mine"
    assert [entry.name for entry in tmp_path.iterdir()] == ["a.gpkg"]
    write_features(path, iter(BATCHES), export=EXPORT, overwrite=True)
    assert pyogrio.read_info(path)["features"] == 5


def test_unknown_endings_and_no_rows_are_refused(tmp_path) -> None:
    with pytest.raises(FormatUnknown):
        write_features(tmp_path / "a.dwg", iter(BATCHES))
    with pytest.raises(NotExportable):
        write_features(tmp_path / "a.gpkg", iter(()))


def test_a_frame_is_brought_to_the_storage_crs_or_refused(tmp_path) -> None:
    frame = geopandas.GeoDataFrame(
        {"名称": ["一"]}, geometry=[shapely.Point(431986.864, 2214712.422)], crs=4546
    )
    write_features(tmp_path / "a.gpkg", frame_batches(frame), export=Export(geometry_type="Point"))
    with open_features(tmp_path / "a.gpkg") as reading:
        (batch,) = reading.batches()
    assert np.allclose(shapely.get_coordinates(batch.geometries), (110.35, 20.02), atol=1e-8)
    with pytest.raises(DatumRefused):
        list(frame_batches(frame.set_crs(2382, allow_override=True)))
    with pytest.raises(NotExportable):
        list(frame_batches(frame.set_crs(None, allow_override=True)))


def test_rejects_as_a_file_to_mend_and_send_again(tmp_path) -> None:
    rejects = [
        Reject(
            2,
            "crs.axes_swapped",
            {"suggestion": "swap axes"},
            {"名称": "=cmd|' /C calc'!A0", "n": -1.5},
            shapely.Point(20, 110),
        ),
        Reject(7, "import.geometry_missing", {}, {"名称": "二", "code": "x"}),
    ]
    assert write_rejects(tmp_path / "r.csv", rejects, source_crs="EPSG:4546") == 2
    with (tmp_path / "r.csv").open(encoding="utf-8-sig", newline="") as stream:
        rows = list(csv.DictReader(stream))
    assert rows[0] == {
        "row": "2", "code": "crs.axes_swapped", "facts": '{"suggestion": "swap axes"}', "名称": "'=cmd|' /C calc'!A0",
        "n": "-1.5", "file_code": "", "wkt": "POINT (20 110)", "crs": "EPSG:4546",
    }  # fmt: skip
    assert rows[1]["file_code"] == "x"
    write_rejects(tmp_path / "r.geojson", rejects)
    features = json.loads((tmp_path / "r.geojson").read_text())["features"]
    assert [feature["properties"]["row"] for feature in features] == [2, 7]
    with pytest.raises(FormatUnknown):
        write_rejects(tmp_path / "r.xml", rejects)
