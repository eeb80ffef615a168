"""A name examined over HTTP against names drawn in Haikou; the keys find what a full scan finds."""

import itertools
import random

import pytest
from fastapi.testclient import TestClient
from sqlalchemy.orm import Session

from geo_service.operations.naming_check import check_name
from geo_service.paging import today
from geo_service.schemas.naming import NameToCheck
from layers.naming.candidates import WIDEST_FOLDS
from layers.naming.dictionary import character_table
from layers.naming.profiles import load_profile, shipped_profiles
from layers.naming.readings import possible_readings
from layers.naming.syllables import fold
from tests.geo_service.naming.streets import codes, geojson, put, street

pytestmark = pytest.mark.database
HERE = geojson((0, 0), (1000, 0))


def asked(client: TestClient, name: str, **more):
    answer = client.post(
        "/api/naming/check", json={"name": name, "geometry": HERE, "profile": "national", **more}
    )
    assert answer.status_code == 200, answer.text
    return answer.json()


def of(answer, code):
    return [finding for finding in answer["findings"] if finding["code"] == code]


def test_a_road_is_what_the_code_calls_a_street(client: TestClient) -> None:
    assert asked(client, "长滨三路", kind="road") == asked(client, "长滨三路", kind="street")


def test_a_name_is_taken_apart_read_and_spelled(client: TestClient) -> None:
    answer = asked(client, "长滨三路")
    assert answer["parts"] | {"numerals": ""} == {
        "prefix": "", "specific": "长滨", "modifiers": "", "ordinal": "三", "generic": "路", "numerals": "",
    }  # fmt: skip
    assert answer["spelling"] == {"toned": "Chángbīn 3 Lù", "plain": "Changbin 3 Lu", "sign": "CHANGBIN 3 LU"}
    first = answer["readings"][0]
    assert (first["character"], first["reading"], first["to_confirm"]) == ("长", "cháng", True)
    assert {"cháng", "zhǎng"} <= set(first["possible"])


@pytest.mark.parametrize(
    ("existing", "proposed", "code"),
    [
        ("宜海路", "宜海路", "DUP-01"),
        ("宜海路", "怡海路", "DUP-02"),
        ("金陵路", "金岭路", "DUP-03"),
        ("椰海大道", "椰海路", "DUP-04"),
        ("滨海路", "新滨海路", "DUP-05"),
        ("新港路", "兴港路", "DUP-06"),
        ("士林路", "土林路", "DUP-07"),
        ("海口市文明路", "文明路", "DUP-05"),
    ],
)
def test_the_vectors_of_the_handbook_are_found_in_the_register(
    client: TestClient, hainan_session: Session, existing: str, proposed: str, code: str
) -> None:
    identifier, _ = put(
        hainan_session, street(existing, (0, 500), (1000, 500)), street("海甸大道", (0, 900), (9, 900))
    )
    found = of(asked(client, proposed), code)
    assert [finding["subject"][1] for finding in found] == [str(identifier)]
    evidence = found[0]["evidence"]
    assert evidence["other"] == existing
    assert evidence["distance_m"] == pytest.approx(500, abs=2)
    assert evidence["geometry"]["type"] == "LineString"
    assert evidence["scope"] == "built_up_area"
    assert existing in found[0]["message"]["zh"]
    assert "m away" in found[0]["message"]["en"]


def test_a_confirmed_reading_decides(client: TestClient, hainan_session: Session) -> None:
    put(hainan_session, street("朝阳路", (0, 500), (1000, 500), reading=("cháo", "yáng")))
    same, other = (asked(client, "朝阳路", readings=[first, "yáng"]) for first in ("cháo", "zhāo"))
    assert "DUP-08" not in codes(same["findings"])
    assert of(other, "DUP-08")[0]["severity"] == "block"


def test_the_reading_of_every_character_may_be_given(client: TestClient) -> None:
    answer = asked(client, "长滨三路", readings="cháng bīn sān lù")
    assert answer["spelling"]["toned"] == "Chángbīn 3 Lù"
    assert of(answer, "CHR-03") == []


def test_a_name_in_another_city_is_no_duplicate(client: TestClient, hainan_session: Session) -> None:
    far = street("宜海路", (0, -150_000), (1000, -150_000), unit_code="460200", authority_code="460200")
    put(hainan_session, far)
    assert "DUP-01" not in codes(asked(client, "宜海路")["findings"])
    assert {scope["kind"] for scope in asked(client, "宜海路")["scopes"]} == {
        "built_up_area",
        "district",
        "city",
    }


def test_the_scopes_come_with_their_outlines_when_asked(client: TestClient) -> None:
    plain = asked(client, "宜海路")["scopes"]
    assert {scope["kind"] for scope in plain if scope["counts"]} == {"built_up_area"}
    assert {scope["geometry"] for scope in plain} == {None}
    drawn = asked(client, "宜海路", outlines=True)["scopes"]
    assert {scope["geometry"]["type"] for scope in drawn} <= {"Polygon", "MultiPolygon"}


def test_names_without_a_place_count_by_their_unit(client: TestClient, hainan_session: Session) -> None:
    put(hainan_session, street("宜海路"), street("怡海路", unit_code="460200", authority_code="460200"))
    found = asked(client, "宜海路")
    assert codes(found["findings"]) & {"DUP-01", "DUP-02"} == {"DUP-01"}
    without = client.post("/api/naming/check", json={"name": "宜海路", "unit_code": "460100"}).json()
    assert of(without, "DUP-01")[0]["evidence"]["other"] == "宜海路"


def test_the_district_is_the_scope_of_branch_roads_in_the_beijing_draft(
    client: TestClient, hainan_session: Session
) -> None:
    west = street("宜海路", (-12_000, -3000), (-11_500, -3000), unit_code="460105")
    put(hainan_session, west)
    branch = asked(client, "宜海路", profile="beijing_draft", road_class="branch")
    main = asked(client, "宜海路", profile="beijing_draft", road_class="main")
    assert "DUP-01" not in codes(branch["findings"])
    assert {"DUP-01", "DUP-09"} <= codes(main["findings"])


def test_a_road_that_has_a_name_is_shown(client: TestClient, hainan_session: Session) -> None:
    put(hainan_session, street("博雅路", (100, 3), (900, 3)))
    overlap = of(asked(client, "椰博路"), "GEO-01")[0]
    assert overlap["severity"] == "block"
    assert overlap["evidence"]["overlap_m"] == pytest.approx(800, rel=0.05)
    lon, lat = overlap["evidence"]["geometry"]["coordinates"][0]
    assert (round(lon, 2), round(lat, 2)) == (110.35, 20.02)


def test_renamed_names_hold_nothing_and_divisions_outside_are_hinted(client: TestClient) -> None:
    answer = asked(client, "文昌路")
    assert of(answer, "ADM-01")[0]["evidence"]["division"] == "文昌"
    assert not of(asked(client, "美兰路"), "ADM-01")


@pytest.mark.parametrize(
    "wrong",
    [
        {"name": ""},
        {"name": "宜海路", "geometry": {"type": "LineString"}},
        {"name": "宜海路", "geometry": {"type": "Point", "coordinates": [500, 20]}},
        {"name": "宜海路", "geometry": {"type": "GeometryCollection", "geometries": []}},
        {"name": "宜海路", "readings": ["yí", "hǎi", "lù", "ma"]},
        {"name": "宜海路", "width_m": -1},
        {"name": "宜海路\u0000"},
    ],
)
def test_what_cannot_be_examined_is_refused(client: TestClient, wrong) -> None:
    answer = client.post("/api/naming/check", json=wrong)
    assert (answer.status_code, answer.json()["code"]) == (422, "input.invalid")


def test_an_unknown_profile_is_not_found(client: TestClient) -> None:
    answer = client.post("/api/naming/check", json={"name": "宜海路", "profile": "nowhere"})
    assert (answer.status_code, answer.json()["code"]) == (404, "naming.profile_not_found")


CHARACTERS = "滨宾新兴港长常金京士土重朝一"


def _many(count: int) -> list[str]:
    random.seed(6)
    names = [
        "".join(random.choices(CHARACTERS, k=2))
        + random.choice(("路", "路", "街", "大道", "一路", "二路", "新路"))
        for _ in range(count)
    ]
    return [random.choice(("", "", "", "新", "海口", "大")) + name for name in names]


@pytest.mark.parametrize("profile", ["national", "haikou_draft", "tongling", "beijing_draft"])
def test_the_keys_find_all_that_a_full_scan_finds(hainan_session: Session, profile: str) -> None:
    names = _many(400)
    grid = [(east * 300.0, north * 300.0) for east, north in itertools.product(range(20), range(20))]
    put(
        hainan_session,
        *(street(name, (x, y), (x + 200, y)) for name, (x, y) in zip(names, grid, strict=True)),
    )
    found = 0
    for name in _many(440)[400:] + names[:10]:
        wanted = NameToCheck(name=name, geometry=geojson((100, 100), (900, 100)), parent=names[0])
        by_key, by_scan = (
            check_name(
                hainan_session, wanted, profile=profile, home_unit="460100", today=today(), full_scan=scan
            ).findings
            for scan in (False, True)
        )
        assert {(each.code, *each.subject) for each in by_key} == {
            (each.code, *each.subject) for each in by_scan
        }
        found += sum(each.code.startswith("DUP") for each in by_key)
    assert found > 20


def test_the_widest_folds_are_coarser_than_every_profile() -> None:
    syllables = {sound for character in character_table() for sound in possible_readings(character)}
    assert len(syllables) > 1000
    for name in shipped_profiles():
        classes: dict[str, set[str]] = {}
        for sound in syllables:
            classes.setdefault(fold(sound, load_profile(name).folds), set()).add(fold(sound, WIDEST_FOLDS))
        assert all(len(widest) == 1 for widest in classes.values()), name
