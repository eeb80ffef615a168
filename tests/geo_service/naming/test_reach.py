"""How far a check reads: only the area in which a rule can reach, and nothing less."""

import random

import pytest
import shapely
from pyproj import Geod
from sqlalchemy import text
from sqlalchemy.orm import Session

from geo_service.operations.naming_check import check_name
from geo_service.paging import today
from geo_service.schemas.naming import NameToCheck
from layers.naming import on_record
from layers.naming.candidates import areas_within, asked_keys
from layers.naming.model import NameKind
from layers.naming.on_record import IN_AREAS, SHARING, box_around, candidates
from layers.naming.queries import Scope
from tests.geo_service.naming.streets import LAT, LON, geojson, put, street

pytestmark = pytest.mark.database
AROUND = (LON - 0.1, LAT - 0.1, LON + 0.1, LAT + 0.1)
HAIKOU = ("460100", "460108")


def areas_of(session: Session, ground: shapely.Geometry | None, unit_code: str = "460108") -> list[str]:
    wkb = None if ground is None else shapely.to_wkb(ground)
    return session.execute(
        text("SELECT naming.areas_of(ST_GeomFromWKB(CAST(:wkb AS bytea), 4490), :unit)"),
        {"wkb": wkb, "unit": unit_code},
    ).scalar_one()


def sharing(session: Session, name: str, unit_codes: tuple[str, ...] = HAIKOU) -> set[str]:
    keys = asked_keys(name, NameKind.STREET)
    found = candidates(session, keys, ground=None, within=AROUND, unit_codes=unit_codes, as_of=today())
    return {each.unit_code for each in found}


def test_the_database_and_the_asker_name_the_same_areas(hainan_session: Session) -> None:
    drawn = random.Random(5)
    edges = [110.0, 109.999999, 110.000001, -0.5, 0.0, 20.0]
    for _ in range(300):
        west, south = (
            drawn.choice([*edges, drawn.uniform(70, 135)]),
            drawn.choice([*edges, drawn.uniform(3, 53)]),
        )
        east, north = west + drawn.choice([0, 0.01, 1, 2.5]), south + drawn.choice([0, 0.01, 1, 2.5])
        named = areas_of(hainan_session, shapely.box(west, south, east, north).boundary)
        assert set(named) <= set(areas_within((west, south, east, north), []) or ())
        assert named != ["*"]


def test_what_is_larger_than_a_province_is_everywhere_and_what_has_no_place_in_its_prefecture(
    hainan_session: Session,
) -> None:
    assert areas_of(hainan_session, shapely.LineString([(100, 20), (110, 30)])) == ["*"]
    assert areas_of(hainan_session, None, "460108") == ["u4601"]
    assert areas_of(hainan_session, shapely.LineString()) == []
    assert areas_within((73, 18, 135, 54), []) is None


def test_a_name_is_found_in_its_area_whatever_its_ground(hainan_session: Session) -> None:
    put(
        hainan_session,
        street("宜海路", (0, 0), (100, 0), unit_code="here"),
        street("宜海路", (-90_000, 0), (100, 0), unit_code="over the edge of a degree"),
        street("宜海路", unit_code="460105"),
        street("宜海路", unit_code="460200"),
        street("宜海路", (0, 900_000), (100, 900_000), unit_code="far"),
        street("宜海路", (-600_000, -600_000), (600_000, 900_000), unit_code="long"),
    )
    assert sharing(hainan_session, "怡海路") == {"here", "over the edge of a degree", "460105", "long"}
    assert "460200" in sharing(hainan_session, "怡海路", ("460200",))


def test_a_key_alone_does_not_bring_a_name_of_the_area(hainan_session: Session) -> None:
    put(hainan_session, street("椰博路", (0, 0), (100, 0)))
    assert sharing(hainan_session, "宜海路") == set()


def test_the_index_of_keys_in_areas_is_what_is_read(hainan_session: Session) -> None:
    hainan_session.execute(text("SET LOCAL enable_seqscan = off"))
    keys = list(asked_keys("宜海路", NameKind.STREET))
    values = {"keys": keys, "areas": list(areas_within(AROUND, HAIKOU) or ())}
    statement = "EXPLAIN SELECT * FROM " + SHARING.format(by_key=IN_AREAS) + " n"
    plan = "\n".join(hainan_session.execute(text(statement), values).scalars())
    assert "ix_name_keys_in_area" in plan


def test_answers_are_those_of_the_whole_country(
    hainan_session: Session, monkeypatch: pytest.MonkeyPatch
) -> None:
    drawn = random.Random(9)
    characters = "海滨金龙兴安文明宜怡士土林"

    def name() -> str:
        return "".join(drawn.choices(characters, k=2)) + drawn.choice(["路", "大道", "一路", "二路"])

    places = [(drawn.uniform(-150_000, 60_000), drawn.uniform(-200_000, 20_000)) for _ in range(300)]
    put(hainan_session, *(street(name(), (x, y), (x + 300, y)) for x, y in places))

    def answer(asked: NameToCheck) -> dict:
        checked = check_name(hainan_session, asked, profile="national", home_unit="460100", today=today())
        return checked.model_dump()

    asked = [NameToCheck(name=name(), geometry=geojson((100, 100), (900, 100))) for _ in range(40)]
    near = [answer(each) for each in asked]
    monkeypatch.setattr(on_record, "areas_within", lambda *_: None)
    assert near == [answer(each) for each in asked]
    assert sum(len(each["findings"]) for each in near) > 10


@pytest.mark.parametrize("latitude", [4.0, 20.0, 48.0, 53.5])
def test_the_box_holds_the_radius_at_every_latitude(latitude: float) -> None:
    ground = shapely.LineString([(126.0, latitude), (126.01, latitude)])
    scope = Scope("city", "1", "230100", "city", "test", ground.buffer(0.001))
    west, south, east, north = box_around(ground, [scope], 10_000.0) or (0, 0, 0, 0)
    for azimuth, inside in ((90, lambda x, _y: x <= east), (0, lambda _x, y: y <= north)):
        x, y, _ = Geod(ellps="GRS80").fwd(126.01, latitude, azimuth, 10_000.0)
        assert inside(x, y)
    assert west < 126.0
    assert south < latitude
