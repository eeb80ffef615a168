"""The wall between record and publication: what leaves by the door, for whom, and what the reader cannot reach."""

from collections.abc import Callable, Iterator
from datetime import date
from typing import Any

import pytest
import sqlalchemy as sa
from fastapi.testclient import TestClient
from geoalchemy2.shape import from_shape
from shapely import Point
from sqlalchemy.exc import DBAPIError

from geo_service.app import create_app
from geo_service.auth.officer import OPERATOR, Role, Scope
from geo_service.auth.tokens import make_token
from geo_service.db import Database
from geo_service.exchange.dictionary import PUBLISHED
from geo_service.ogc.asking import ask
from geo_service.ogc.collections import OWN, read_catalogue
from geo_service.ogc.door import reader_engine
from geo_service.ogc.reading import read_items
from geo_service.settings import Settings
from layers.boundaries.line_register import derive_on, refresh_outlines
from layers.boundaries.model import Level, UnitVersion
from layers.boundaries.register import establish
from layers.hubs.tables import HubRow
from layers.markers.tables import MarkerRow
from layers.naming.tables import NameRow
from layers.tables import uuid7
from tests.office import BEGAN, GROUNDS
from tests.people import INSIDE, OUTSIDE, put_officer

pytestmark = pytest.mark.database
LON, LAT = 110.1012345, 20.0512345


@pytest.fixture(scope="module")
def ground(settings: Settings, new_database: Callable[[str], str]) -> Iterator[Database]:
    """Two districts, the line between them, a marker on it, two names of which one is in force, a hub."""
    database = Database(new_database("geo_door_office"), settings)
    units = [
        UnitVersion("460000", "某省", Level.PROVINCE, BEGAN, "drawn"),
        UnitVersion("460100", "某市", Level.PREFECTURE, BEGAN, "drawn", parent_code="460000"),
    ]
    for code, (name, parent, shape) in GROUNDS.items():
        units.append(
            UnitVersion(code, name, Level.COUNTY, BEGAN, "drawn", parent_code=parent, geometry=shape)
        )
    with database.acting_as(OPERATOR).transaction() as session:
        establish(session, units, recorded_by="test")
        refresh_outlines(session)
        derive_on(session, BEGAN)
    with database.transaction() as session:
        put_officer(session, "everyone", Role.NAMING, Role.PLANNER, Role.BOUNDARY, jurisdictions=("*",))
        session.execute(sa.text("SELECT set_config('geo.roles', '{naming,planner,boundary}', true)"))
        _put_records(session)
    yield database
    database.dispose()


def _put_records(session: Any) -> None:
    place = from_shape(Point(LON, LAT), srid=4490)
    session.add(
        MarkerRow(
            code="460107460108-1",
            number="1",
            line_code="460107460108",
            unit_codes=["460107", "460108"],
            grade="county",
            set_kind="single",
            faces=2,
            geometry=place,
            accuracy_m=0.1,
            valid_from=BEGAN,
        )
    )
    for characters, ended in (("长滨路", None), ("旧滨路", date(2021, 1, 1))):
        session.add(
            NameRow(
                place_id=uuid7(),
                characters=characters,
                specific=characters[:2],
                generic="路",
                kind="street",
                status="in_force" if ended is None else "retired",
                pinyin="Chángbīn Lù",
                pinyin_plain="Changbin Lu",
                geometry=place,
                unit_code="460107",
                authority_code="460100",
                keys=[],
                source="drawn",
                valid_from=BEGAN,
                valid_to=ended,
                recorded_by="test",
            )
        )
    hub = {"code": "H1", "name": "中心", "status": "existing", "geometry": place, "source": "drawn"}
    session.add(HubRow(**hub, services=["养老", "托幼"], unit_code="460107", recorded_by="test"))


@pytest.fixture
def service(ground: Database, settings: Settings) -> Iterator[Callable[..., TestClient]]:
    """Make a client of a service on that ground with its own settings, as nobody or with an officer's token."""
    made = []

    def client(jurisdiction: str | None = None, **differing: Any) -> TestClient:
        app = create_app(settings.model_copy(update={"database_url": ground.url, **differing}))
        made.append(app)
        headers = {}
        if jurisdiction is not None:
            with ground.transaction() as session:
                row = put_officer(
                    session, f"reader-{jurisdiction}", Role.SURVEYOR, jurisdictions=(jurisdiction,)
                )
                secret, _ = make_token(session, row.id, label="gis", scopes={Scope.READ}, days=1)
            headers["Authorization"] = f"Bearer {secret}"
        return TestClient(app, raise_server_exceptions=False, headers=headers)

    yield client
    for app in made:
        app.state.door.state.door.dispose()
        app.state.database.dispose()


def marker(client: TestClient, **parameters: str) -> dict[str, Any] | None:
    answer = client.get("/ogc/collections/markers/items", params=parameters)
    assert answer.status_code == 200, answer.text
    features = answer.json()["features"]
    return features[0] if features else None


@pytest.mark.parametrize(
    ("told", "jurisdiction", "expected"),
    [
        ("hidden", None, None),
        ("rounded", None, [110.1, 20.05]),
        ("exact", None, [LON, LAT]),
        ("hidden", INSIDE, [LON, LAT]),
        ("rounded", INSIDE, [LON, LAT]),
        ("rounded", "460108", [LON, LAT]),
        ("rounded", OUTSIDE, [110.1, 20.05]),
        ("hidden", OUTSIDE, None),
    ],
)
def test_positions_are_told_as_the_office_allows(
    service: Callable[..., TestClient], told: str, jurisdiction: str | None, expected: list[float] | None
) -> None:
    client = service(jurisdiction, marker_positions=told)
    found = marker(client)
    assert found is not None
    shape = found["geometry"]
    assert (shape and shape["coordinates"]) == (expected and pytest.approx(expected, abs=1e-9))
    assert found["properties"]["position_told"] == ("exact" if expected == [LON, LAT] else told)


def test_no_question_finds_a_position_better_than_it_is_told(service: Callable[..., TestClient]) -> None:
    client = service(marker_positions="rounded")
    near = f"{LON - 1e-4},{LAT - 1e-4},{LON + 1e-4},{LAT + 1e-4}"
    assert marker(client, bbox=near) is None
    assert marker(client, filter=f"S_INTERSECTS(geometry, BBOX({near}))") is None
    assert marker(client, filter=f"distance_m(geometry, POINT({LON} {LAT})) < 50") is None
    assert marker(client, bbox="110.09,20.04,110.101,20.051") is not None
    hidden = service(marker_positions="hidden")
    assert marker(hidden, bbox="-180,-90,180,90") is None
    assert hidden.get("/ogc/collections/markers").json().get("extent") is None
    whole = "/ogc/collections/markers/tiles/WebMercatorQuad/0/0/0"
    assert b"460107460108-1" in client.get(whole).content
    tile = hidden.get(whole)
    assert tile.status_code == 200
    assert b"460107460108-1" not in tile.content


def test_a_token_that_does_not_hold_is_refused(service: Callable[..., TestClient]) -> None:
    answer = service().get("/ogc/collections/units/items", headers={"Authorization": "Bearer nothing"})
    assert (answer.status_code, answer.json()["code"]) == (401, "auth.sign_in_required")


def test_every_own_collection_answers_with_rows_of_its_own(service: Callable[..., TestClient]) -> None:
    client = service()
    counts = {name: client.get(f"/ogc/collections/{name}/items").json()["numberMatched"] for name in OWN}
    assert counts == {
        "units": 5, "lines": 2, "tripoints": 0, "markers": 1, "names": 1, "signs": 0, "hubs": 1, "coverage": 1,
    }  # fmt: skip
    for collection, rows in counts.items():
        tile = client.get(f"/ogc/collections/{collection}/tiles/WebMercatorQuad/6/51/28")
        assert (tile.status_code, bool(tile.content)) == (200, rows > 0), collection
    name = client.get("/ogc/collections/names/items").json()["features"][0]["properties"]
    assert name["name"] == "长滨路"
    overlapping = client.get(
        "/ogc/collections/hubs/items", params={"filter": "A_CONTAINS(services, ('养老'))"}
    )
    assert overlapping.json()["numberMatched"] == 1
    sides = {"filter": "A_OVERLAPS(unit_codes, ('460107')) AND INTERVAL(valid_from, valid_to) IS NOT NULL"}
    assert client.get("/ogc/collections/lines/items", params=sides).status_code == 400
    sides["filter"] = (
        "A_OVERLAPS(unit_codes, ('460107')) AND T_INTERSECTS(INTERVAL(valid_from, valid_to), DATE('2030-01-01'))"
    )
    assert client.get("/ogc/collections/lines/items", params=sides).json()["numberMatched"] == 1
    nothing = '{"op":"%s","args":[{"property":"unit_codes"},[]]}'
    for op, expected in (("a_contains", 2), ("a_containedby", 0), ("a_equals", 0), ("a_overlaps", 0)):
        asked = {"filter": nothing % op, "filter-lang": "cql2-json"}
        assert client.get("/ogc/collections/lines/items", params=asked).json()["numberMatched"] == expected
    for name in OWN:
        first = client.get(f"/ogc/collections/{name}/items", params={"limit": 1}).json()["features"]
        for each in first:
            assert client.get(f"/ogc/collections/{name}/items/{each['id']}").json()["id"] == each["id"]


def test_rows_of_another_day_are_asked_for_by_datetime(service: Callable[..., TestClient]) -> None:
    client = service()
    url = "/ogc/collections/units/items"
    for asked, expected in (
        ("2019-12-31", 0),
        ("2020-01-01", 5),
        ("../..", 5),
        ("2019-01-01T00:00:00Z/2020-06-01T00:00:00Z", 5),
    ):
        assert client.get(url, params={"datetime": asked}).json()["numberMatched"] == expected, asked


@pytest.mark.parametrize(
    "statement",
    [
        "SELECT * FROM boundaries.administrative_unit",
        "SELECT geometry FROM markers.marker",
        "SELECT * FROM service.officer",
        "SELECT * FROM service.reference_layer",
        "DELETE FROM published.hubs",
        "CREATE TABLE published.mine (id integer)",
        "CREATE TEMPORARY TABLE mine (id integer)",
        "SELECT service.make_reference_table('layer_00000000000000000000000000000000', '[]')",
        "SELECT service.drop_reference_table('layer_00000000000000000000000000000000')",
    ],
)
def test_the_reader_reaches_nothing_behind_the_wall(
    ground: Database, settings: Settings, statement: str
) -> None:
    engine = reader_engine(ground.url, settings)
    try:
        with engine.connect() as connection:
            assert connection.exec_driver_sql("SELECT current_user").scalar() == "geo_reader"
            with pytest.raises(DBAPIError, match=r"permission denied|read-only transaction"):
                connection.exec_driver_sql(statement)
    finally:
        engine.dispose()


def test_the_index_of_the_key_leads_to_a_page_however_far_it_lies(
    ground: Database, settings: Settings
) -> None:
    engine = reader_engine(ground.url, settings)
    asked_for: list[tuple[str, Any]] = []

    class Overheard:
        """Answers a statement itself, and takes down the others."""

        def rows(self, statement: str, values: Any = None) -> Any:
            asked_for.append((statement, values))
            return pooled.driver_connection.execute(statement.encode(), values or {}).fetchall()

    pooled: Any = engine.raw_connection()
    try:
        units = read_catalogue(Overheard(), 0).collections["units"]
        first = read_items(Overheard(), ask(units, {}, {}), limit=2, cursor=None)
        assert first.following is not None
        read_items(Overheard(), ask(units, {}, {}), limit=2, cursor=first.following)
        statement, values = asked_for[-1]
        pooled.driver_connection.execute("SET enable_seqscan = off")
        plan = pooled.driver_connection.execute(f"EXPLAIN {statement}".encode(), values).fetchall()
        assert any("Index Cond: (id > " in line for (line,) in plan), plan
    finally:
        pooled.close()
        engine.dispose()


def test_what_an_officer_is_shown_is_shown_to_nobody_after_him(service: Callable[..., TestClient]) -> None:
    client = service("460107", marker_positions="hidden")
    tile = "/ogc/collections/markers/tiles/WebMercatorQuad/0/0/0"
    credentials = dict(client.headers)
    assert b"460107460108-1" in client.get(tile).content
    assert marker(client)["properties"]["position_told"] == "exact"  # type: ignore[index]  # there is one
    del client.headers["authorization"]
    for _ in range(8):
        assert client.get(tile).content == b""
        assert marker(client)["properties"]["position_told"] == "hidden"  # type: ignore[index]  # as above
    client.headers.update(credentials)
    assert b"460107460108-1" in client.get(tile).content


@pytest.mark.parametrize(
    "path", ["/ogc/collections/units/items", "/ogc/collections", "/api/boundaries/units"]
)
def test_a_database_that_is_not_there_is_told_as_such(settings: Settings, path: str) -> None:
    app = create_app(settings.model_copy(update={"database_url": "postgresql://geo@/geo?host=/nowhere"}))
    answer = TestClient(app, raise_server_exceptions=False).get(path)
    assert (answer.status_code, answer.json()["code"]) == (503, "database.unavailable")


def test_a_question_that_takes_too_long_is_a_problem(service: Callable[..., TestClient]) -> None:
    answer = service(statement_timeout_s=0.001).get(
        "/ogc/collections/units/items", params={"filter": " OR ".join(["CASEI(name) LIKE '%x%'"] * 400)}
    )
    assert (answer.status_code, answer.json()["code"]) == (503, "request.timed_out")
    assert answer.headers["retry-after"]


def test_every_attribute_is_called_by_a_name_in_both_languages(service: Callable[..., TestClient]) -> None:
    client = service()
    for collection in OWN:
        where = f"/ogc/collections/{collection}/queryables"
        told = client.get(where, headers={"Accept-Language": "zh-CN"}).json()["properties"]
        assert {name for name, each in told.items() if each["title"].isascii()} == {"geometry"}, collection
        assert PUBLISHED[collection].keys() >= told.keys() - {"geometry"}
