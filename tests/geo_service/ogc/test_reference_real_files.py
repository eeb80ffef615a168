"""Real files of every kind become layers for reference: with the CRS that they say, or the one that a person states."""

import shutil
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import geopandas
import pytest
from sqlalchemy import text

from geo_service.auth.officer import OPERATOR
from geo_service.db import Database
from geo_service.exchange.looking import look_into
from geo_service.exchange.refusals import CrsUnknown, LayerUnknown
from geo_service.exchange.writing import frame_batches, write_features
from geo_service.operations.reference_layers import Terms, add_layer
from geo_service.settings import Settings

pytestmark = pytest.mark.database
FILES: dict[str, tuple[str, dict[str, Any], int, str]] = {
    "osm": ("roads/helsinki_centre.osm.pbf", {"layer": "lines"}, 2650, "LINESTRING"),
    "gpkg": ("roads/zhengzhou_east_osm.gpkg", {}, 1311, "LINESTRING"),
    "gcj02": ("boundaries/hainan_admin_amap.gpkg", {"layer": "county_gcj02", "crs": "GCJ-02"}, 26, "MULTIPOLYGON"),
    "countries": ("conformance/ne110m4cql2.gpkg", {"layer": "ne_110m_admin_0_countries"}, 177, "MULTIPOLYGON"),
    "csv": ("hubs/porto_alegre_hexgrid.csv", {"crs": "EPSG:4326"}, 1227, "POINT"),
    "marks": ("markers/geonet_marks.csv", {"crs": "EPSG:4326"}, 260, "POINT"),
}  # fmt: skip
FORMS = {"geojson", "geojsonseq", "flatgeobuf", "parquet", "kml", "csv", "shapefile"}


@pytest.fixture(scope="module")
def database(settings: Settings, new_database: Callable[[str], str]) -> Iterator[Database]:
    made = Database(new_database("geo_reference_files"), settings)
    yield made.acting_as(OPERATOR)
    made.dispose()


def loaded(database: Database, path: Path, name: str, **terms: Any) -> tuple[int, str, Any]:
    with database.transaction() as session:
        row, _ = add_layer(session, path, name, terms=Terms(**terms), recorded_by="test")
        session.flush()
        kept = session.execute(text(f"SELECT count(*) FROM reference.{row.table_name}")).scalar_one()
        assert kept == row.features
        return row.features, row.geometry_type, row.bbox


@pytest.mark.parametrize("kind", FILES)
def test_a_real_file_is_looked_into_and_loaded(
    database: Database, shared: Callable[..., Path], kind: str
) -> None:
    file, terms, rows, shape = FILES[kind]
    path = shared("data", *file.split("/"))
    seen = look_into(path, layer=terms.get("layer"))
    assert seen.rows
    assert not seen.needs_places
    assert (seen.crs is None) == ("crs" in terms)
    features, geometry_type, bbox = loaded(database, path, kind, **terms)
    assert geometry_type in {shape, "GEOMETRY"}
    assert (
        features >= rows if kind == "osm" else features == rows
    )  # beside 2,650 streets there are other lines
    if kind == "gcj02":  # what it says lies some 450 m further east
        moved = seen.bounds[2] - bbox[2]
        assert 0.003 < moved < 0.007


def test_a_file_of_several_layers_and_one_without_a_crs_are_asked_about(
    database: Database, shared: Callable[..., Path]
) -> None:
    path = shared("data", "boundaries", "hainan_admin_amap.gpkg")
    assert len(look_into(path).layers) >= 6
    with pytest.raises(LayerUnknown):
        loaded(database, path, "which")
    with pytest.raises(CrsUnknown):
        loaded(database, path, "where", layer="county_gcj02")


@pytest.mark.parametrize("form", sorted(FORMS))
def test_real_outlines_are_the_same_in_every_format(
    database: Database, shared: Callable[..., Path], tmp_path: Path, form: str
) -> None:
    path = shared("data", "boundaries", "hainan_admin_amap.gpkg")
    frame = geopandas.read_file(path, layer="county_wgs84_derived", engine="pyogrio")
    suffix = {"shapefile": "zip", "flatgeobuf": "fgb", "geojsonseq": "geojsonl"}.get(form, form)
    file = tmp_path / f"县级界线.{suffix}"
    if form == "shapefile":
        folder = tmp_path / "parts"
        folder.mkdir()
        frame.to_file(folder / "县级.shp", engine="pyogrio", encoding="GB18030")
        shutil.make_archive(str(file.with_suffix("")), "zip", folder)
    else:
        write_features(file, frame_batches(frame))
    stated = {"crs": "EPSG:4490"} if form in {"csv", "geojsonseq"} else {}
    features, _, bbox = loaded(database, file, f"counties_{form}", **stated)
    assert features == len(frame)
    assert bbox == pytest.approx(frame.total_bounds.tolist(), abs=1e-6)
