"""Real files and small drawn ones, read into batches in EPSG:4490 with a reason for each row left out."""

import json
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyogrio
import pytest
import shapely
from pyogrio.raw import write_arrow

from geo_service.exchange.mapping import TargetColumn
from geo_service.exchange.reading import AREAS, Terms, as_text, open_features
from geo_service.exchange.refusals import CrsUnknown, LayerUnknown, MappingInvalid, MissingColumn
from layers.errors import LayerError
from layers.findings import Finding
from layers.geodesy import DatumRefused, HelmertParameters
from layers.geodesy.ground import ELLIPSOID

UNITS = (
    TargetColumn("code", required=True),
    TargetColumn("name", required=True),
    TargetColumn("parent_code"),
)


def read_all(path, **how):
    """All batches of a file as lists: codes by row, geometries, rejects, and the reading."""
    with open_features(path, **how) as reading:
        batches = list(reading.batches())
    geometries = np.concatenate([batch.geometries for batch in batches]) if batches else np.array([])
    rejects = [reject for batch in batches for reject in batch.rejects]
    return batches, geometries, rejects, reading


def write(
    path: Path, geometries, columns=None, *, crs="EPSG:4490", driver=None, kind="Unknown", **options
) -> Path:
    table = pa.table(
        {**(columns or {}), "geom": pa.array(shapely.to_wkb(np.array(geometries, dtype=object)), pa.binary())}
    )
    write_arrow(table, path, driver=driver, geometry_name="geom", geometry_type=kind, crs=crs, **options)
    return path


def furthest_m(a, b) -> float:
    one, other = shapely.get_coordinates(a), shapely.get_coordinates(b)
    assert len(one) == len(other)
    return float(np.max(ELLIPSOID.inv(one[:, 0], one[:, 1], other[:, 0], other[:, 1])[2]))


@pytest.mark.parametrize("layer", ["county", "city", "province"])
def test_gcj02_outlines_arrive_within_a_centimetre_of_their_wgs84_places(shared, layer: str) -> None:
    path = shared("data", "boundaries", "hainan_admin_amap.gpkg")
    terms = Terms(targets=UNITS[:2], accept=AREAS)
    batches, offset, rejects, reading = read_all(path, layer=f"{layer}_gcj02", crs="GCJ-02", terms=terms)
    _, aligned, _, plain = read_all(path, layer=f"{layer}_wgs84_derived", terms=terms)
    assert (rejects, reading.crs.text, plain.crs.text) == ([], "GCJ-02", "EPSG:4326")
    assert furthest_m(offset, aligned) < 0.01
    original = shapely.from_wkb(
        np.concatenate([b.original_wkb.to_numpy(zero_copy_only=False) for b in batches])
    )
    assert 300 < furthest_m(original, aligned) < 700
    codes = batches[0].columns["code"].to_pylist()
    assert len(codes) == {"county": 26, "city": 19, "province": 1}[layer]
    assert all(code.startswith("46") for code in codes)


def test_without_crs_somebody_must_state_it(shared) -> None:
    path = shared("data", "boundaries", "hainan_admin_amap.gpkg")
    with pytest.raises(CrsUnknown) as refusal, open_features(path, layer="county_gcj02"):
        pass
    assert refusal.value.code == "import.crs_unknown"
    assert "GCJ-02" in refusal.value.facts["accepts"]
    assert refusal.value.facts["bounds"][0] == pytest.approx(108.587008)


def test_several_layers_and_none_named(shared) -> None:
    path = shared("data", "boundaries", "hainan_admin_amap.gpkg")
    for asked in (None, "nowhere"):
        with pytest.raises(LayerUnknown) as refusal, open_features(path, layer=asked):
            pass
        assert "county_gcj02" in refusal.value.facts["layers"]


def test_a_stated_crs_that_contradicts_the_file_is_said(shared) -> None:
    path = shared("data", "boundaries", "hainan_admin_amap.gpkg")
    with open_features(path, layer="county_wgs84_derived", crs="BD-09") as reading:
        (finding,) = reading.findings
    assert (finding.code, finding.evidence) == (
        "import.crs_contradicted", {"of_file": "EPSG:4326", "stated": "BD-09"},
    )  # fmt: skip
    with open_features(path, layer="county_wgs84_derived", crs="EPSG:4490") as reading:
        assert reading.findings == []


@pytest.mark.parametrize(
    "stated", ["EPSG:99999", "EPSG:4490; x", "GCJ", "+proj=longlat", "", "/vsicurl/http://h/x.wkt"]
)
def test_words_that_name_no_crs_are_refused(shared, stated: str) -> None:
    path = shared("data", "boundaries", "hainan_admin_amap.gpkg")
    with pytest.raises(LayerError) as refusal, open_features(path, layer="county_gcj02", crs=stated):
        pass
    assert refusal.value.code == "crs.unreadable"


def test_a_legacy_datum_needs_parameters(tmp_path) -> None:
    path = write(tmp_path / "old.gpkg", [shapely.Point(431986.864, 2214712.422)], crs="EPSG:2382")
    with pytest.raises(DatumRefused) as refusal, open_features(path):
        pass
    assert refusal.value.facts["source_datum"] == "Xian 1980"
    approved = HelmertParameters(
        "EPSG:4610", "EPSG:4490", -10.2, 4.1, 8.0, 0.1, 0.2, -0.3, 1.5,
        rotation="position_vector", approved_by="fitted for this test",
    )  # fmt: skip
    _, (point,), rejects, reading = read_all(path, parameters=approved)
    assert (rejects, reading.crs.text) == ([], "EPSG:2382")
    assert furthest_m(point, shapely.Point(110.35, 20.02)) < 200


@pytest.mark.parametrize(
    ("crs", "place", "code", "suggestion"),
    [
        ("EPSG:4546", "2214712.422,431986.864", "crs.axes_swapped", "swap axes"),
        ("EPSG:4546", "37431986.864,2214712.422", "crs.zone_prefix", "EPSG:4525"),
        ("EPSG:4490", "20.02,110.35", "crs.axes_swapped", "swap axes"),
        ("EPSG:4490", "37431986.864,2214712.422", "crs.metres_declared_as_degrees", "EPSG:4525"),
        ("EPSG:4546", "110.35,20.02", "crs.degrees_declared_as_metres", "EPSG:4490"),
    ],
)
def test_misread_coordinates_are_rejected_with_the_likely_reading(
    tmp_path, crs, place, code, suggestion
) -> None:
    path = tmp_path / "points.csv"
    path.write_text(f"名称,东坐标,北坐标\n一号,{place}\n", encoding="utf-8")
    _, taken, (reject,), _ = read_all(path, crs=crs)
    assert (len(taken), reject.row, reject.code) == (0, 1, code)
    assert reject.facts["suggestion"] == suggestion
    assert reject.attributes["名称"] == "一号"


def test_each_bad_row_has_its_reason_and_the_good_ones_pass(tmp_path) -> None:
    bow = "POLYGON ((110 20, 110.1 20.1, 110.1 20, 110 20.1, 110 20))"
    rows = [
        "460105,秀英区,POLYGON ((110 20, 110.1 20, 110.1 20.1, 110 20))",
        f'460106,龙华区,"{bow}"',
        "460107,琼山区,",
        "460108,美兰区,POLYGON ((110 20",
        "1,点,POINT (110 20)",
        "2,空,POLYGON EMPTY",
        '3,非数,"POLYGON ((110 20, 110.1 nan, 110.1 20.1, 110 20))"',
        "4,多,列,POINT (1 1)",
        '5,混,"GEOMETRYCOLLECTION (POINT (110 20), POLYGON ((110 20, 110.1 20, 110.1 20.1, 110 20)))"',
        '6,好,"MULTIPOLYGON (((110 20, 110.1 20, 110.1 20.1, 110 20)))"',
    ]
    rows[0] = rows[0].replace("POLYGON", '"POLYGON', 1) + '"'
    rows[3] = '460108,美兰区,"POLYGON ((110 20"'
    path = tmp_path / "units.csv"
    path.write_text("\n".join(["代码,名称,wkt", *rows]) + "\n", encoding="utf-8")
    terms = Terms(targets=UNITS, accept=AREAS)
    (batch,), taken, rejects, reading = read_all(path, crs="EPSG:4490", terms=terms)
    assert batch.rows.tolist() == [1, 10]
    assert batch.columns["code"].to_pylist() == ["460105", "6"]
    assert [(reject.row, reject.code) for reject in rejects] == [
        (2, "import.geometry_invalid"),
        (3, "import.geometry_missing"),
        (4, "import.geometry_unreadable"),
        (5, "import.geometry_type"),
        (6, "import.geometry_missing"),
        (7, "import.geometry_not_finite"),
        (8, "import.row_malformed"),
        (9, "import.geometry_type"),
    ]
    assert "Self-intersection" in rejects[0].facts["reason"]
    assert (reading.rows_read, reading.rows_rejected) == (10, 8)
    # only when told to, and never in silence
    (mended,), taken, rejects, _ = read_all(
        path, crs="EPSG:4490", terms=Terms(targets=UNITS, accept=AREAS, repair=True)
    )
    assert mended.rows.tolist() == [1, 2, 10]
    (finding,) = mended.findings
    assert (finding.code, finding.evidence["row"]) == ("import.geometry_repaired", 2)
    assert shapely.is_valid(taken).all()
    assert bow == shapely.to_wkt(shapely.from_wkb(mended.original_wkb[1].as_py()), trim=True)


def test_the_callers_rule_is_asked_for_rows_that_passed(tmp_path) -> None:
    path = write(
        tmp_path / "a.geojson", [shapely.Point(110 + n / 10, 20) for n in range(3)], {"code": ["1", "x", "3"]}
    )

    def numeric(row):
        if not row["code"].isdigit():
            yield Finding("unit.code_malformed", (row["code"],), {"lon": row["geometry"].x})
            yield Finding("unit.second_reason", ())

    terms = Terms(targets=[TargetColumn("code")], validate=numeric)
    (batch,), _, (reject,), _ = read_all(path, terms=terms)
    assert batch.columns["code"].to_pylist() == ["1", "3"]
    assert (reject.row, reject.code) == (2, "unit.code_malformed")
    assert reject.facts == {"lon": pytest.approx(110.1), "also": ["unit.second_reason"]}


def test_columns_are_found_by_their_names_or_as_told(tmp_path) -> None:
    path = write(
        tmp_path / "a.geojson",
        [shapely.Point(110, 20)],
        {"行政区划代码": [460105.0], "标题": ["秀英区"], "PID": ["460100"]},
    )
    (batch,), _, _, reading = read_all(path, terms=Terms(targets=UNITS, mapping={"name": "标题"}))
    assert reading.mapping == {"code": "行政区划代码", "name": "标题", "parent_code": "PID"}
    assert {name: column.to_pylist() for name, column in batch.columns.items()} == {
        "code": ["460105"], "name": ["秀英区"], "parent_code": ["460100"],
    }  # fmt: skip
    with pytest.raises(MissingColumn) as refusal, open_features(path, terms=Terms(targets=UNITS)):
        pass
    assert refusal.value.facts["missing"] == ["name"]
    assert "名称" in refusal.value.facts["known_names"]["name"]
    for wrong in ({"name": "没有"}, {"nothing": "标题"}):
        with pytest.raises(MappingInvalid), open_features(path, terms=Terms(targets=UNITS, mapping=wrong)):
            pass


def test_all_columns_keep_their_names_when_none_is_asked_for(tmp_path) -> None:
    path = write(tmp_path / "a.geojson", [shapely.Point(110, 20)], {"代码": ["1"], "n": [2]})
    (batch,), _, _, _ = read_all(path, terms=Terms(mapping={"code": "代码"}))
    assert {name: column.to_pylist() for name, column in batch.columns.items()} == {"code": ["1"], "n": [2]}


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "gb18030"])
@pytest.mark.parametrize("delimiter", [",", "\t", ";"])
def test_csv_with_coordinates_in_the_encodings_of_offices(tmp_path, encoding: str, delimiter: str) -> None:
    lines = [
        ["名称", "经度", "纬度"],
        ["秀英😀", "110°21′00″E", "20°01′12″N"],
        ["龙华", "110.35", "20.02"],
        ["坏", "?", "20"],
    ]
    path = tmp_path / "points.csv"
    path.write_text("\r\n".join(delimiter.join(line) for line in lines), encoding=encoding, newline="")
    (batch,), points, (reject,), _ = read_all(path, crs="EPSG:4490", terms=Terms(targets=UNITS[1:2]))
    assert batch.columns["name"].to_pylist() == ["秀英😀", "龙华"]
    assert np.allclose(shapely.get_coordinates(points), (110.35, 20.02), atol=1e-9)
    assert (reject.row, reject.code, reject.attributes["经度"]) == (3, "import.geometry_unreadable", "?")


def test_heights_stay_with_the_original_only(tmp_path) -> None:
    path = write(tmp_path / "a.geojson", [shapely.Point(110.35, 20.02, 12.5)])
    (batch,), (point,), _, _ = read_all(path)
    assert not point.has_z
    assert shapely.from_wkb(batch.original_wkb[0].as_py()).z == 12.5


def test_batches_are_small_and_rows_counted_on(tmp_path) -> None:
    path = write(tmp_path / "a.fgb", [shapely.Point(110, 20)] * 2500, {"n": list(range(2500))}, kind="Point")
    with open_features(path, batch_size=1000) as reading:
        batches = list(reading.batches())
        again = sum(len(batch) for batch in reading.batches())
    assert [len(batch) for batch in batches] == [1000, 1000, 500]
    assert batches[-1].rows[[0, -1]].tolist() == [2001, 2500]
    assert again == 2500


def test_the_originals_and_their_crs_go_beside_what_is_stored(tmp_path) -> None:
    path = write(tmp_path / "a.gpkg", [shapely.Point(431986.864, 2214712.422)], {"n": [1]}, crs="EPSG:4546")
    (batch,), _, _, _ = read_all(path)
    staged = batch.for_staging()
    assert staged["original_crs"] == "EPSG:4546"
    assert staged["geometry"].srid == 4490
    assert np.allclose(staged["geometry"].coordinates, (110.35, 20.02), atol=1e-8)
    assert furthest_m(batch.geometries, shapely.Point(110.35, 20.02)) < 0.001
    assert shapely.from_wkb(staged["original_wkb"][0].as_py()).equals(shapely.Point(431986.864, 2214712.422))


def test_codes_kept_as_numbers_become_text() -> None:
    assert as_text(pa.array([460105.0, None, 1.5])).to_pylist() == ["460105", None, "1.5"]
    assert as_text(pa.array([460105, None])).to_pylist() == ["460105", None]
    assert as_text(pa.array([" 海口市　", "", None])).to_pylist() == ["海口市", None, None]


def test_the_labelled_township_set_reads_with_its_defects(shared) -> None:
    """Invalid rings are rejects here; the topology engine judges them on its own path."""
    path = shared("gold", "coverage_dev.gpkg")
    _batches, taken, rejects, _ = read_all(path, layer="townships")
    read = pyogrio.read_info(path, layer="townships")["features"]
    assert len(taken) + len(rejects) == read
    assert {reject.code for reject in rejects} <= {"import.geometry_invalid", "import.geometry_missing"}
    assert json.dumps([reject.facts for reject in rejects])
