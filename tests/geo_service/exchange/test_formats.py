"""Every format holds what it promises: drawn rows written and read again, bit for bit where the format can."""

import json
from datetime import date
from pathlib import Path
from tempfile import TemporaryDirectory

import numpy as np
import openpyxl
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
import shapely
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from pyproj import CRS

from geo_service.exchange.reading import Terms, open_features, open_raw
from geo_service.exchange.refusals import FormatUnknown, NotExportable
from geo_service.exchange.sources import recognised
from geo_service.exchange.writing import Export, write_features

EMPTY_IS_NULL = {".csv", ".xlsx", ".zip"}
DATES_ARE_TEXT = {".csv", ".xlsx", ".kml"}
NESTED = {".parquet"}
STATED = {".csv": "EPSG:4490", ".xlsx": "EPSG:4490", ".geojsonl": "EPSG:4490"}
ENDINGS = [".gpkg", ".geojson", ".geojsonl", ".fgb", ".parquet", ".kml", ".csv", ".xlsx"]

numbers = st.integers(min_value=-(2**53), max_value=2**53) | st.none()
# What a spreadsheet program would not trim, and XML can say: surrogates and controls have no place in names.
texts = st.none() | st.text(
    st.characters(blacklist_categories=["Cs", "Cc"]) | st.sampled_from("\n\t😀琼'\",;=<&"), max_size=20
)
days = st.none() | st.dates(min_value=date(1900, 3, 1), max_value=date(2100, 1, 1))
places = st.tuples(st.floats(108, 112), st.floats(18, 21))
lists = st.none() | st.lists(st.sampled_from(["", "路", "😀 a", "b'"]), max_size=3)


def _square(place: tuple[float, float]) -> shapely.Polygon:
    x, y = place
    return shapely.Polygon(
        shapely.box(x, y, x + 1, y + 1).exterior, [shapely.box(x + 0.25, y + 0.25, x + 0.5, y + 0.5).exterior]
    )


shapes = st.one_of(
    st.none(),
    places.map(shapely.Point),
    st.lists(places, min_size=2, max_size=5, unique=True).map(shapely.LineString),
    places.map(_square),
    st.lists(places, min_size=2, max_size=4, unique=True).map(shapely.MultiPoint),
    places.map(lambda place: shapely.MultiPolygon([_square(place), shapely.box(0, 0, 1, 1)])),
    places.map(lambda p: shapely.MultiLineString([[p, (100.0, 1.0)], [(101.0, 1.0), (102.0, 2.0)]])),
)
rows = st.lists(st.tuples(texts, numbers, days, lists, shapes), min_size=1, max_size=6)


def _batch(drawn) -> dict[str, object]:
    said, numbers_, dates, nested, geometry = zip(*drawn, strict=True)
    return {
        "row": list(range(len(drawn))),
        "名称 name": pa.array(said, pa.string()),
        "number": pa.array(numbers_, pa.int64()),
        "day": pa.array(dates, pa.date32()),
        "aliases": pa.array(nested, pa.list_(pa.string())),
        "geometry": np.array(geometry, dtype=object),
    }


def _back(path: Path) -> list[dict[str, object]]:
    """The rows of a file in the order they were written, as the raw reader has them."""
    found = []
    with recognised(path) as source:
        for batch in open_raw(source, None, {}).batches():
            names = list(batch.columns)
            columns = [batch.columns[name].to_pylist() for name in names]
            for values, shape in zip(zip(*columns, strict=True), batch.geometries, strict=True):
                found.append(dict(zip(names, values, strict=True)) | {"geometry": shape})
    return sorted(found, key=lambda row: int(row["row"]))


def _expected(drawn, ending: str):
    for said, number, day, nested, shape in drawn:
        text = None if ending in EMPTY_IS_NULL and said == "" else said
        told_day = None if day is None else day.isoformat() if ending in DATES_ARE_TEXT else day
        told_number = None if number is None else str(number) if ending in {".csv", ".xlsx"} else number
        yield text, told_number, told_day, nested, shape


@pytest.mark.parametrize("ending", ENDINGS)
@settings(max_examples=12, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(drawn=rows)
def test_what_is_written_comes_back(ending: str, drawn) -> None:
    with TemporaryDirectory() as folder:
        path = Path(folder) / f"a{ending}"
        write_features(path, [_batch(drawn)], export=Export(layer="drawn"))
        back = _back(path)
    for found, (text, number, day, nested, shape) in zip(back, _expected(drawn, ending), strict=True):
        listed = found["aliases"]  # as a list, or as JSON where the format has none
        assert (json.loads(listed) if isinstance(listed, str) else listed) == nested
        assert (
            isinstance(listed, str) is (nested is not None and ending not in NESTED) or ending == ".geojsonl"
        )
        assert (found["名称 name"], found["number"]) == (text, number)
        day_found = found["day"]
        assert (day_found.date() if hasattr(day_found, "date") else day_found) == day
        if shape is None:
            assert found["geometry"] is None
        else:
            # GeoJSON is written to 1e-9 of a degree, a sheet holds 16 digits; every other format keeps each bit.
            near = 1e-9 if "json" in ending else 1e-12 if ending == ".xlsx" else 0.0
            assert shapely.equals_exact(shapely.normalize(found["geometry"]), shapely.normalize(shape), near)


@pytest.mark.parametrize("ending", [".gpkg", ".fgb", ".parquet", ".kml", ".csv", ".xlsx"])
def test_an_empty_geometry_is_no_place_but_no_error(tmp_path, ending: str) -> None:
    batch = {
        "row": [0, 1],
        "geometry": np.array([shapely.Point(110, 20), shapely.MultiPoint()], dtype=object),
    }
    write_features(tmp_path / f"a{ending}", [batch])
    back = _back(tmp_path / f"a{ending}")
    assert back[0]["geometry"].equals(shapely.Point(110, 20))
    assert back[1]["geometry"] is None or back[1]["geometry"].is_empty


def test_each_format_tells_its_crs_truthfully(tmp_path) -> None:
    batch = {"row": [0], "geometry": np.array([shapely.Point(110.25, 20)], dtype=object)}
    for ending in ENDINGS:
        write_features(tmp_path / f"a{ending}", [batch])
        with open_features(
            tmp_path / f"a{ending}", crs=STATED.get(ending), terms=Terms(mapping={})
        ) as reading:
            assert reading.crs.text == ("EPSG:4326" if ending == ".kml" else "EPSG:4490")
            assert reading.findings == []
            (read,) = reading.batches()
        assert read.geometries[0].equals(shapely.Point(110.25, 20))
    geo = json.loads(pq.read_schema(tmp_path / "a.parquet").metadata[b"geo"])
    column = geo["columns"][geo["primary_column"]]
    assert CRS.from_json_dict(column["crs"]).to_epsg() == 4490
    assert (column["encoding"], column["geometry_types"], column["bbox"]) == (
        "WKB",
        ["Point"],
        [110.25, 20] * 2,
    )
    assert "EPSG:4490" in (tmp_path / "a.kml").read_text()


def test_other_programs_read_the_parquet_and_the_kml(tmp_path) -> None:
    geopandas = pytest.importorskip("geopandas")
    pyogrio = pytest.importorskip("pyogrio")
    batch = {"name": ["琼😀"], "n": [1], "geometry": np.array([shapely.Point(110.25, 20)], dtype=object)}
    for ending in (".parquet", ".kml"):
        write_features(tmp_path / f"a{ending}", [batch])
    frame = geopandas.read_parquet(tmp_path / "a.parquet")
    assert (frame.crs.to_epsg(), frame.name.tolist()) == (4490, ["琼😀"])
    frame = pyogrio.read_dataframe(tmp_path / "a.kml")
    assert frame.geometry[0].equals(shapely.Point(110.25, 20))
    assert "琼😀" in frame.iloc[0].to_list()


def test_a_workbook_holds_text_not_formulas(tmp_path) -> None:
    batch = {"name": ["=1+1", "_x0041_", "a\x0bb\r"], "geometry": np.full(3, None, dtype=object)}
    write_features(tmp_path / "a.xlsx", [batch], export=Export(disclaimer="示意"))
    book = openpyxl.load_workbook(tmp_path / "a.xlsx")
    assert [cell.data_type for cell in book.worksheets[0]["A"]] == ["s"] * 4
    assert book["disclaimer"]["A1"].value == "示意"
    with recognised(tmp_path / "a.xlsx") as source:
        text = next(iter(source.parts.values())).read_bytes().decode()
    assert "=1+1" in text
    assert "_x0041_" in text
    assert "a\x0bb\r" in text


def test_what_a_format_cannot_hold_is_refused(tmp_path) -> None:
    place = np.array([None], dtype=object)
    with pytest.raises(NotExportable) as refusal:
        write_features(tmp_path / "a.kml", [{"name": ["\x00"], "geometry": place}])
    assert refusal.value.facts["reason"] == "character_not_in_xml"
    with pytest.raises(NotExportable) as refusal:
        write_features(tmp_path / "a.xlsx", [{"name": ["长" * 40_000], "geometry": place}])
    assert refusal.value.facts["reason"] == "cell_too_long"
    with pytest.raises(FormatUnknown):
        write_features(tmp_path / "a.pbf", [{"name": ["x"], "geometry": place}])
    assert list(tmp_path.iterdir()) == []


def test_a_lon_and_lat_stand_in_where_the_wkt_is_blank(tmp_path) -> None:
    (tmp_path / "a.csv").write_text("name,lon,lat,wkt\na,110,20,\nb,,,POINT (110.5 20)\nc,x,20,\n")
    with open_features(tmp_path / "a.csv", crs="EPSG:4490") as reading:
        (batch,) = reading.batches()
    assert [place.x for place in batch.geometries] == [110, 110.5]
    assert [(reject.row, reject.code) for reject in batch.rejects] == [(3, "import.geometry_unreadable")]
