"""Layers for reference: loaded whole with names and types as they are, seen at once, replaced and removed on record."""

import json
import zipfile
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import geopandas
import pandas as pd
import pyogrio
import pytest
import shapely
from fastapi.testclient import TestClient
from sqlalchemy import text
from typer.testing import CliRunner

from geo_service.app import create_app
from geo_service.auth.officer import OPERATOR
from geo_service.cli import app as commands
from geo_service.db import Database
from geo_service.exchange.refusals import LayerUnknown, UnreadableFile
from geo_service.exchange.writing import Export, write_features
from geo_service.operations.reference_layers import (
    LayerNameRefused,
    LayerNameTaken,
    LayerNotFound,
    Terms,
    add_layer,
    list_layers,
    remove_layer,
    removed_layers,
)
from geo_service.operations.reference_loading import ColumnNameRefused
from geo_service.settings import Settings, get_settings

pytestmark = pytest.mark.database


@pytest.fixture(scope="module")
def database(settings: Settings, new_database: Callable[[str], str]) -> Iterator[Database]:
    made = Database(new_database("geo_door_reference"), settings)
    yield made.acting_as(OPERATOR)
    made.dispose()


@pytest.fixture(scope="module")
def client(database: Database, settings: Settings) -> Iterator[TestClient]:
    app = create_app(settings.model_copy(update={"database_url": database.url}))
    yield TestClient(app, raise_server_exceptions=False)
    app.state.door.state.door.dispose()
    app.state.database.dispose()


def add(database: Database, path: Path, name: str, **terms: Any) -> None:
    with database.transaction() as session:
        add_layer(session, path, name, terms=Terms(**terms), recorded_by="test")


def items(client: TestClient, name: str, **parameters: Any) -> list[dict[str, Any]]:
    answer = client.get(f"/ogc/collections/{name}/items", params=parameters)
    assert answer.status_code == 200, answer.text
    return answer.json()["features"]


@pytest.fixture
def frame() -> geopandas.GeoDataFrame:
    shapes = [shapely.Point(110.3, 20.0), None, shapely.LineString([(110, 20), (111, 21)])]
    columns = {
        "scalerank": [1, 2, 3],
        "id": [7, 8, 9],
        "shape": ["圆", "方", None],
        "名称": ["海口", "", None],
        "date": pd.to_datetime(["2022-04-16", None, "2023-01-01"]),
        "boolean": [True, False, True],
        'we"ird %s': [1.5, float("nan"), -2e300],
        "end": ["a", "b", "c"],
    }
    return geopandas.GeoDataFrame(columns, geometry=shapes, crs=4490)


def test_names_types_and_rows_without_geometry_survive(
    database: Database, client: TestClient, tmp_path: Path, frame: geopandas.GeoDataFrame
) -> None:
    file = tmp_path / "mixed.gpkg"
    frame.to_file(file, driver="GPKG", engine="pyogrio")
    add(database, file, "混合_layer")
    first, second, third = items(client, "混合_layer")
    assert first["properties"].keys() == set(frame.columns) - {"geometry"}
    assert first["properties"] | {"date": None} == {
        "scalerank": 1, "id": 7, "shape": "圆", "名称": "海口", "date": None, "boolean": True, 'we"ird %s': 1.5, "end": "a",
    }  # fmt: skip
    assert first["properties"]["date"].startswith("2022-04-16")
    assert second["geometry"] is None
    assert second["properties"]["名称"] == ""
    assert third["properties"]["名称"] is None
    assert third["properties"]['we"ird %s'] == -2e300
    assert third["geometry"]["type"] == "LineString"
    assert len(items(client, "混合_layer", filter='"we""ird %s" = 1.5 AND 名称 LIKE \'海%\'')) == 1
    assert len(items(client, "混合_layer", filter="geom IS NULL")) == 1
    assert client.get("/ogc/collections/混合_layer/tiles/WebMercatorQuad/0/0/0").content
    for link in client.get("/ogc/collections/混合_layer").json()["links"]:
        assert link["href"].isascii()
        assert client.get(link["href"]).status_code == 200


def test_coordinates_are_brought_to_the_storage_crs_as_every_import_is(
    database: Database, client: TestClient, tmp_path: Path
) -> None:
    plane = geopandas.GeoDataFrame({"n": [1]}, geometry=[shapely.Point(110.35, 20.02)], crs=4490).to_crs(4546)
    file = tmp_path / "plane.fgb"
    plane.to_file(file, driver="FlatGeobuf", engine="pyogrio")
    add(database, file, "plane")
    assert items(client, "plane")[0]["geometry"]["coordinates"] == pytest.approx([110.35, 20.02], abs=1e-8)
    folder = tmp_path / "shapes"
    folder.mkdir()
    geopandas.GeoDataFrame({"名": ["滨江"]}, geometry=[shapely.Point(110.35, 20.02)], crs=4326).to_file(
        folder / "图.shp", engine="pyogrio", encoding="GB18030"
    )
    archive = tmp_path / "shapes.zip"
    with zipfile.ZipFile(archive, "w") as packed:
        for part in folder.iterdir():
            packed.write(part, part.name)
    add(database, archive, "shapes")
    assert items(client, "shapes")[0]["properties"] == {"名": "滨江"}


def test_a_layer_appears_and_goes_at_once_and_leaves_entries(
    database: Database, client: TestClient, tmp_path: Path
) -> None:
    file = tmp_path / "one.geojson"
    shape = {"type": "Point", "coordinates": [110.123456789012345, 20.1]}
    feature = {"type": "Feature", "properties": {"a": [1, {"b": None}]}, "geometry": shape}
    file.write_text(json.dumps({"type": "FeatureCollection", "features": [feature]}))
    assert client.get("/ogc/collections/coming/items").status_code == 404
    add(database, file, "coming")
    found = items(client, "coming")[0]
    assert found["geometry"]["coordinates"] == [110.123456789012345, 20.1]
    listed = client.get("/ogc/collections").json()["collections"]
    assert "coming" in {each["id"] for each in listed if "reference" in each["keywords"]}
    with pytest.raises(LayerNameTaken):
        add(database, file, "coming")
    feature["properties"] = {"z": True}
    file.write_text(json.dumps({"type": "FeatureCollection", "features": [feature, feature]}))
    add(database, file, "coming", replace=True)
    assert [each["properties"] for each in items(client, "coming")] == [{"z": True}] * 2
    with database.transaction() as session:
        remove_layer(session, "coming", by="test")
    assert client.get("/ogc/collections/coming/items").status_code == 404
    with database.transaction() as session:
        acts = session.execute(
            text("SELECT act FROM service.audit_entry WHERE subject_id = 'coming' ORDER BY number")
        ).scalars()
        assert list(acts) == ["reference_layer.add", "reference_layer.add", "reference_layer.remove"]
        tables = text("SELECT count(*) FROM pg_tables WHERE schemaname = 'reference'")
        kept = [*list_layers(session), *removed_layers(session)]
        assert session.execute(tables).scalar_one() == len(kept)


@pytest.mark.parametrize(
    ("name", "refusal"),
    [
        ("units", LayerNameTaken),
        ("a/b", LayerNameRefused),
        ("", LayerNameRefused),
        ("../x", LayerNameRefused),
        ("x\n", LayerNameRefused),
        ('"; DROP TABLE service.job; --', LayerNameRefused),
        ("规划🚧", LayerNameRefused),
    ],
)
def test_names_that_cannot_be_are_refused(
    database: Database, tmp_path: Path, name: str, refusal: type[Exception]
) -> None:
    file = tmp_path / "x.geojson"
    file.write_text('{"type":"FeatureCollection","features":[]}')
    with pytest.raises(refusal):
        add(database, file, name, crs="EPSG:4490")


def test_a_file_is_loaded_whole_or_not_at_all(database: Database, tmp_path: Path) -> None:
    two = tmp_path / "two.gpkg"
    one = geopandas.GeoDataFrame({"a": [1]}, geometry=[shapely.Point(110, 20)], crs=4490)
    for layer in ("a", "b"):
        pyogrio.write_dataframe(one, two, layer=layer)
    with pytest.raises(LayerUnknown):
        add(database, two, "two")
    torn = tmp_path / "torn.fgb"
    many = geopandas.GeoDataFrame({"a": range(500)}, geometry=[shapely.Point(110, 20)] * 500, crs=4490)
    many.to_file(torn, driver="FlatGeobuf", engine="pyogrio")
    torn.write_bytes(torn.read_bytes()[:-2000])
    with pytest.raises(UnreadableFile):
        add(database, torn, "torn")
    long = tmp_path / "long.geojson"
    feature = {
        "type": "Feature",
        "properties": {"长" * 30: 1},
        "geometry": {"type": "Point", "coordinates": [1, 1]},
    }
    long.write_text(json.dumps({"type": "FeatureCollection", "features": [feature]}))
    with pytest.raises(ColumnNameRefused):
        add(database, long, "long")
    with database.transaction() as session:
        assert not {"two", "torn", "long"} & {row.name for row in list_layers(session)}
        with pytest.raises(LayerNotFound):
            remove_layer(session, "two", by="test")


def test_the_command_does_the_same(
    database: Database,
    client: TestClient,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    frame: geopandas.GeoDataFrame,
) -> None:
    file = tmp_path / "told.gpkg"
    frame.to_file(file, driver="GPKG", engine="pyogrio", layer="first")
    monkeypatch.setenv("GEO_DATABASE_URL", database.url)
    get_settings.cache_clear()
    try:
        run = CliRunner().invoke
        added = run(
            commands, ["layer", "add", str(file), "--layer", "first", "--as", "told", "--format", "json"]
        )
        assert added.exit_code == 0, added.output
        assert json.loads(added.stdout)["features"] == 3
        assert isinstance(
            run(commands, ["layer", "add", str(file), "--as", "told"]).exception, LayerNameTaken
        )
        again = run(commands, ["layer", "add", str(file), "--as", "told", "--replace"])
        assert again.exit_code == 0
        listed = run(commands, ["layer", "list", "--format", "json"])
        assert "told" in {row["name"] for row in json.loads(listed.stdout)}
        assert len(items(client, "told")) == 3
        assert run(commands, ["layer", "remove", "told"]).exit_code == 0
        assert client.get("/ogc/collections/told").status_code == 404
    finally:
        get_settings.cache_clear()


@pytest.mark.parametrize("ending", ["parquet", "kml", "xlsx", "geojsonl"])
def test_every_format_of_the_exchange_is_a_layer(database, client, tmp_path: Path, ending: str) -> None:
    places = shapely.points([[110.25, 20.5], [110.5, 20.0]])
    batch = {"名称": ["海秀路", None], "geometry": places}
    write_features(tmp_path / f"plan.{ending}", [batch], export=Export(geometry_type="Point"))
    name = f"plan_{ending}"
    add(
        database,
        tmp_path / f"plan.{ending}",
        name,
        crs="EPSG:4490" if ending in {"xlsx", "geojsonl"} else None,
    )
    found = items(client, name)
    assert [each["properties"]["名称"] for each in found] == ["海秀路", None]
    assert [each["geometry"]["coordinates"] for each in found] == [[110.25, 20.5], [110.5, 20.0]]
