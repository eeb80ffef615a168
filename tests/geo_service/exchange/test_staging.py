"""Binary COPY into a real PostGIS: every type, nulls, geometry, and what is refused."""

import uuid
from datetime import UTC, date, datetime

import numpy as np
import psycopg
import pyarrow as pa
import pytest
import shapely

from geo_service.exchange.mapping import TargetColumn
from geo_service.exchange.reading import POINTS, Terms, open_features
from geo_service.exchange.refusals import StagingRefused
from geo_service.exchange.staging import bulk_load, create_staging
from layers.geodesy import ellipsoidal_areas_m2, ellipsoidal_lengths_m, gcj02_to_wgs84, transformer

pytestmark = pytest.mark.database

HOSTILE = "秀英区 '; DROP TABLE landing;-- 😀 \\N \t\"\n"


@pytest.fixture
def connection(cluster):
    with psycopg.connect(cluster.owner_url.replace("postgresql+psycopg", "postgresql")) as opened:
        yield opened
        opened.rollback()


def test_every_type_arrives_as_sent(connection) -> None:
    moment = datetime(2026, 3, 5, 12, 30, 15, 123456, tzinfo=UTC)
    day = date(1999, 12, 31)
    key = uuid.uuid4()
    sent = {
        "small": ("smallint", [1, None, -3]),
        "whole": ("integer", [2**31 - 1, None, -(2**31)]),
        "large": ("bigint", [2**63 - 1, None, -(2**63)]),
        "single": ("real", [1.5, None, -0.25]),
        "double": ("double precision", [1e-300, None, float("inf")]),
        "truth": ("boolean", [True, None, False]),
        "day": ("date", [day, None, date(2100, 1, 1)]),
        "moment": ("timestamp with time zone", [moment, None, datetime(1970, 1, 1, tzinfo=UTC)]),
        "words": ("text", [HOSTILE, None, ""]),
        "content": ("bytea", [b"\x00\xff", None, b""]),
        "key": ("uuid", [key, None, str(key)]),
        "facts": ("jsonb", [{"名": [1, None]}, None, "text"]),
    }
    columns = {name: kind for name, (kind, _) in sent.items()}
    create_staging(connection, "landing", columns)
    assert (
        bulk_load(connection, "landing", columns, [{name: values for name, (_, values) in sent.items()}]) == 3
    )
    rows = connection.execute("SELECT * FROM landing").fetchall()
    assert list(rows[0]) == [values[0] for _, values in sent.values()]
    assert list(rows[1]) == [None] * len(sent)
    assert rows[2][:10] == tuple(values[2] for _, values in sent.values())[:10]
    assert rows[2][10:] == (key, "text")


@pytest.mark.parametrize("with_text", [False, True])
def test_points_by_the_fast_path_and_by_the_general_one(connection, with_text: bool) -> None:  # noqa: FBT001 - parametrized
    count = 1000
    random = np.random.default_rng(5)
    lon, lat = random.uniform(110, 111, count), random.uniform(19, 20, count)
    batch = {"number": np.arange(count), "geometry": shapely.set_srid(shapely.points(lon, lat), 4490)}
    columns = {"number": "bigint", "geometry": "geometry"}
    if with_text:
        batch["name"], columns["name"] = pa.array([f"点{n}" if n % 3 else None for n in range(count)]), "text"
    create_staging(connection, "landing", columns)
    half = {name: values[: count // 2] for name, values in batch.items()}
    rest = {name: values[count // 2 :] for name, values in batch.items()}
    assert bulk_load(connection, "landing", columns, [half, rest]) == count
    rows = connection.execute(
        "SELECT number, ST_X(geometry), ST_Y(geometry), ST_SRID(geometry) FROM landing ORDER BY number"
    ).fetchall()
    assert [row[0] for row in rows] == list(range(count))
    assert np.array_equal([row[1] for row in rows], lon)
    assert np.array_equal([row[2] for row in rows], lat)
    assert {row[3] for row in rows} == {4490}
    if with_text:
        names = connection.execute("SELECT name FROM landing ORDER BY number").fetchall()
        assert [name for (name,) in names] == batch["name"].to_pylist()


def test_geometry_of_every_kind_is_the_same_in_postgis(connection) -> None:
    shapes = [
        shapely.Point(110, 20),
        shapely.Point(110, 20, 5),
        shapely.Point(),
        shapely.LineString([(110, 20), (111, 21)]),
        shapely.Polygon(shapely.box(0, 0, 4, 4).exterior, [shapely.box(1, 1, 2, 2).exterior]),
        shapely.MultiPolygon([shapely.box(0, 0, 1, 1), shapely.box(2, 2, 3, 3)]),
        shapely.GeometryCollection([shapely.Point(1, 2)]),
        None,
    ]
    array = shapely.set_srid(np.array(shapes, dtype=object), 4490)
    create_staging(connection, "landing", {"number": "integer", "geometry": "geometry"})
    batch = {"number": np.arange(len(shapes)), "geometry": array}
    bulk_load(connection, "landing", {"number": "integer", "geometry": "geometry"}, [batch])
    rows = connection.execute(
        "SELECT ST_AsEWKB(geometry), ST_SRID(geometry) FROM landing ORDER BY number"
    ).fetchall()
    for shape, (wkb, srid) in zip(shapes, rows, strict=True):
        if shape is None:
            assert wkb is None
        else:
            assert srid == 4490
            assert shapely.equals_exact(shapely.from_wkb(wkb), shape) or (
                shape.is_empty and shapely.from_wkb(wkb).is_empty
            )


def test_scalars_are_repeated_and_nothing_is_a_batch_too(connection) -> None:
    columns = {"code": "text", "crs": "text"}
    create_staging(connection, "landing", columns)
    batches = [{"code": ["a", "b"], "crs": "GCJ-02"}, {"code": [], "crs": "GCJ-02"}]
    assert bulk_load(connection, "landing", columns, batches) == 2
    assert connection.execute("SELECT * FROM landing").fetchall() == [("a", "GCJ-02"), ("b", "GCJ-02")]


def test_names_are_only_names(connection) -> None:
    table, column = 'x"; DROP TABLE y;--', '名"; --'
    create_staging(connection, table, {column: "text"})
    assert bulk_load(connection, table, {column: "text"}, [{column: ["v"]}]) == 1


@pytest.mark.parametrize(
    ("columns", "batch", "reason"),
    [
        ({"a": "integer"}, {"b": [1]}, "column_missing"),
        ({"a": "integer", "b": "integer"}, {"a": [1, 2], "b": [1]}, "unequal_lengths"),
        ({"a": "integer"}, {"a": [2**40]}, "value_does_not_fit"),
        ({"a": "integer"}, {"a": ["x"]}, "value_does_not_fit"),
        ({"a": "text"}, {"a": ["a\0b"]}, "value_does_not_fit"),
        ({"a": "uuid"}, {"a": ["no"]}, "value_does_not_fit"),
    ],
)
def test_what_does_not_fit_is_refused_with_its_column(connection, columns, batch, reason: str) -> None:
    create_staging(connection, "landing", columns)
    with pytest.raises(StagingRefused) as refusal:
        bulk_load(connection, "landing", columns, [batch])
    assert refusal.value.facts["reason"] == reason


def test_a_type_without_exact_form_is_refused(connection) -> None:
    with pytest.raises(StagingRefused):
        create_staging(connection, "landing", {"a": "text); DROP TABLE x;--"})


def test_a_refusal_in_the_middle_leaves_nothing(connection) -> None:
    create_staging(connection, "landing", {"a": "integer"})
    connection.commit()
    create_staging(connection, "kept", {"a": "integer"}, life="unlogged")
    connection.commit()
    try:
        with pytest.raises(StagingRefused):
            bulk_load(connection, "kept", {"a": "integer"}, [{"a": [1, 2]}, {"a": ["x"]}])
        connection.rollback()
        assert connection.execute("SELECT count(*) FROM kept").fetchone() == (0,)
    finally:
        connection.rollback()
        connection.execute("DROP TABLE kept")
        connection.commit()


@pytest.mark.parametrize("crs", ["EPSG:4546", "EPSG:4490", "GCJ-02"])
def test_a_file_of_points_goes_the_fast_path_and_arrives_where_the_slow_one_does(
    connection, tmp_path, crs
) -> None:
    count = 3000
    random = np.random.default_rng(11)
    lon, lat = random.uniform(109.6, 111, count), random.uniform(18.5, 20, count)
    x, y = transformer(4490, 4546).transform(lon, lat) if crs == "EPSG:4546" else (lon, lat)
    path = tmp_path / "points.csv"
    lines = [
        f"{n:06d},点{n},{east!r},{north!r}"
        for n, (east, north) in enumerate(zip(x.tolist(), y.tolist(), strict=True))
    ]
    path.write_text("代码,名称,x,y\n" + "\n".join(lines), encoding="utf-8")
    columns = {
        "code": "text", "name": "text", "geometry": "geometry", "source_row": "bigint",
        "original_wkb": "bytea", "original_crs": "text",
    }  # fmt: skip
    targets = [TargetColumn("code", required=True), TargetColumn("name")]
    arrived = []
    for table, validate in (("fast", None), ("slow", lambda _row: ())):
        create_staging(connection, table, columns)
        terms = Terms(targets=targets, accept=POINTS, validate=validate)
        with open_features(path, crs=crs, terms=terms, batch_size=1000) as reading:
            batches = [
                batch for batch in reading.batches() if (batch.points is None) == (validate is not None)
            ]
            assert len(batches) == 3
            assert bulk_load(connection, table, columns, (batch.for_staging() for batch in batches)) == count
        query = f"SELECT code, name, ST_AsEWKB(geometry), source_row, original_wkb, original_crs FROM {table} ORDER BY 1"
        arrived.append(connection.execute(query).fetchall())
    assert arrived[0] == arrived[1]
    assert (arrived[0][7][0], arrived[0][7][1], arrived[0][7][3], arrived[0][7][5]) == (
        "000007",
        "点7",
        8,
        crs,
    )
    stored = shapely.get_coordinates(shapely.from_wkb([row[2] for row in arrived[0]]))
    expected = gcj02_to_wgs84(lon, lat) if crs == "GCJ-02" else (lon, lat)
    assert np.allclose(stored, np.column_stack(expected), atol=1e-9)


def test_lengths_and_areas_agree_with_postgis_on_the_ellipsoid(connection, shared) -> None:
    path = shared("data", "boundaries", "hainan_admin_amap.gpkg")
    with open_features(
        path, layer="county_wgs84_derived", terms=Terms(targets=[TargetColumn("code")])
    ) as reading:
        (batch,) = reading.batches()
    columns = {"code": "text", "geometry": "geometry"}
    create_staging(connection, "landing", columns)
    bulk_load(connection, "landing", columns, [batch.for_staging(row=None, original=None, crs=None)])
    rows = connection.execute(
        "SELECT ST_Area(geometry::geography), ST_Perimeter(geometry::geography) FROM landing ORDER BY code"
    ).fetchall()
    order = np.argsort(batch.columns["code"].to_pylist())
    assert len(rows) == 26
    assert np.allclose(ellipsoidal_areas_m2(batch.geometries)[order], [row[0] for row in rows], rtol=1e-6)
    assert np.allclose(ellipsoidal_lengths_m(batch.geometries)[order], [row[1] for row in rows], rtol=1e-9)
