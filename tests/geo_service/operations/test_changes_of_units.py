"""Changes of units: merge, split, transfer, rename, recode; what they refuse and what they leave behind."""

import json
import re
from datetime import date
from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest
import shapely
from shapely.geometry import box, mapping
from sqlalchemy import text
from sqlalchemy.orm import Session

from geo_service.auth.officer import Officer, Role
from geo_service.messages import LANGUAGES, catalogue, words
from geo_service.operations.boundaries import change_units
from geo_service.schemas.boundaries import ChangeOfUnits
from layers.boundaries.dossiers import unit_feature
from layers.boundaries.line_register import derive_on, refresh_outlines
from layers.boundaries.model import (
    ChangeKind,
    ChangeLeavesGap,
    ChangeOverlaps,
    ChangeRefused,
    ChangeRepeated,
    Level,
    UnitVersion,
)
from layers.boundaries.register import establish, outlines_on

pytestmark = pytest.mark.database
OFFICER = Officer("boundary", frozenset({Role.BOUNDARY}), frozenset({"990100"}))
BEGAN, DAY = date(2020, 1, 1), date(2026, 5, 1)
WEST, MIDDLE, EAST = (
    box(110.0, 20.0, 110.1, 20.1),
    box(110.1, 20.0, 110.2, 20.1),
    box(110.2, 20.0, 110.3, 20.1),
)


@pytest.fixture
def three_counties(session: Session) -> Session:
    """甲, 乙 and 丙 side by side, a town in each."""
    grounds = {"990101": ("甲县", WEST), "990102": ("乙县", MIDDLE), "990103": ("丙县", EAST)}
    units = [UnitVersion("990100", "某市", Level.PREFECTURE, BEGAN, "drawn")]
    for code, (name, ground) in grounds.items():
        units.append(
            UnitVersion(code, name, Level.COUNTY, BEGAN, "drawn", parent_code="990100", geometry=ground)
        )
        units.append(
            UnitVersion(f"{code}100", f"{name[0]}镇", Level.TOWNSHIP, BEGAN, "drawn", parent_code=code)
        )
    establish(session, units, recorded_by="test")
    refresh_outlines(session)
    derive_on(session, BEGAN)
    return session


def act(
    kind: ChangeKind, predecessors: list[str], successors: list[dict[str, Any]], **more: Any
) -> ChangeOfUnits:
    return ChangeOfUnits.model_validate(
        {
            "id": uuid4(),
            "kind": kind,
            "effective_on": DAY,
            "instrument": "国函〔2026〕1号",
            "predecessors": predecessors,
            "successors": successors,
            **more,
        }
    )


def counties(session: Session, on: date) -> list[str]:
    return sorted(outlines_on(session, on, Level.COUNTY))


def lines(session: Session, on: date) -> set[str]:
    asked = text(
        "SELECT line_code FROM boundaries.boundary_line "
        "WHERE valid_from <= :on AND (valid_to IS NULL OR valid_to > :on)"
    )
    return set(session.execute(asked, {"on": on}).scalars())


def test_a_merge_ends_two_units_and_begins_one(three_counties: Session) -> None:
    merge = act(ChangeKind.MERGE, ["990101", "990102"], [{"code": "990104", "name": "新县"}])
    recorded, first = change_units(three_counties, OFFICER, merge)
    assert first
    assert recorded.lines_changed == 3
    assert counties(three_counties, date(2026, 4, 30)) == ["990101", "990102", "990103"]
    assert counties(three_counties, DAY) == ["990103", "990104"]
    assert lines(three_counties, date(2026, 4, 30)) == {"990101990102", "990102990103"}
    assert lines(three_counties, DAY) == {"990103990104"}
    merged = outlines_on(three_counties, DAY, Level.COUNTY)["990104"][1]
    assert shapely.equals(merged, shapely.union_all([WEST, MIDDLE]))


def test_towns_follow_a_merge_and_the_history_can_be_walked_both_ways(three_counties: Session) -> None:
    change_units(
        three_counties,
        OFFICER,
        act(ChangeKind.MERGE, ["990101", "990102"], [{"code": "990104", "name": "新县"}]),
    )
    town = unit_feature(three_counties, "990101100", DAY)
    assert '"code" : "990104"' in town
    new = unit_feature(three_counties, "990104", DAY)
    assert all(f'"code" : "{code}"' in new for code in ("990101", "990102"))
    old = unit_feature(three_counties, "990101", date(2026, 4, 30))
    assert '"relation" : "successor"' in old


def test_a_rename_keeps_the_unit_and_its_ground(three_counties: Session) -> None:
    change_units(
        three_counties, OFFICER, act(ChangeKind.RENAME, ["990101"], [{"code": "990101", "name": "甲新县"}])
    )
    names = three_counties.execute(
        text(
            "SELECT array_agg(name ORDER BY valid_from), count(DISTINCT unit_id) "
            "FROM boundaries.administrative_unit WHERE code = '990101'"
        )
    ).one()
    assert (names[0], names[1]) == (["甲县", "甲新县"], 1)
    assert lines(three_counties, DAY) == {"990101990102", "990102990103"}


def test_a_recode_renews_the_lines_under_the_new_code(three_counties: Session) -> None:
    change_units(three_counties, OFFICER, act(ChangeKind.RECODE, ["990102"], [{"code": "990122"}]))
    assert lines(three_counties, DAY) == {"990101990122", "990103990122"}


def test_a_transfer_moves_ground_between_two_units(three_counties: Session) -> None:
    west, middle = box(110.0, 20.0, 110.05, 20.1), box(110.05, 20.0, 110.2, 20.1)
    moved = [{"code": "990101", "geometry": mapping(west)}, {"code": "990102", "geometry": mapping(middle)}]
    change_units(three_counties, OFFICER, act(ChangeKind.TRANSFER, ["990101", "990102"], moved))
    now = outlines_on(three_counties, DAY, Level.COUNTY)
    assert shapely.equals(now["990101"][1], west)
    assert shapely.equals(outlines_on(three_counties, BEGAN, Level.COUNTY)["990101"][1], WEST)


@pytest.mark.parametrize(
    ("refusal", "north_edge", "south_edge"),
    [(ChangeLeavesGap, 20.06, 20.04), (ChangeOverlaps, 20.04, 20.06)],
)
def test_a_split_that_leaves_a_hole_or_an_overlap_is_refused_with_the_place(
    three_counties: Session, refusal: type[ChangeRefused], north_edge: float, south_edge: float
) -> None:
    halves = [
        {"code": "990111", "name": "甲北县", "geometry": mapping(box(110.0, north_edge, 110.1, 20.1))},
        {"code": "990112", "name": "甲南县", "geometry": mapping(box(110.0, 20.0, 110.1, south_edge))},
    ]
    with pytest.raises(refusal) as refused:
        change_units(three_counties, OFFICER, act(ChangeKind.SPLIT, ["990101"], halves))
    place = refused.value.facts["places"][0]
    assert 110.0 < place["lon"] < 110.1
    assert 20.04 <= place["lat"] <= 20.06
    assert 2000 < place["measure"] < 2400
    assert counties(three_counties, DAY) == ["990101", "990102", "990103"]


def test_a_split_needs_to_say_where_the_towns_go(three_counties: Session) -> None:
    halves = [
        {"code": "990111", "name": "甲北县", "geometry": mapping(box(110.0, 20.05, 110.1, 20.1))},
        {"code": "990112", "name": "甲南县", "geometry": mapping(box(110.0, 20.0, 110.1, 20.05))},
    ]
    with pytest.raises(ChangeRefused) as refused:
        change_units(three_counties, OFFICER, act(ChangeKind.SPLIT, ["990101"], halves))
    assert refused.value.facts["unit_code"] == "990101100"
    three_counties.expire_all()


def test_the_same_act_sent_twice_is_recorded_once(three_counties: Session) -> None:
    rename = act(ChangeKind.RENAME, ["990101"], [{"code": "990101", "name": "甲新县"}])
    first = change_units(three_counties, OFFICER, rename)
    again = change_units(three_counties, OFFICER, rename)
    assert (first[1], again[1], again[0]) == (True, False, first[0])
    other = rename.model_copy(update={"instrument": "国函〔2026〕2号"})
    with pytest.raises(ChangeRepeated):
        change_units(three_counties, OFFICER, other)


@pytest.mark.parametrize(
    ("kind", "predecessors", "successors", "reason"),
    [
        (ChangeKind.MERGE, ["990101"], [{"code": "990104", "name": "新"}], "wrong_number_of_units"),
        (ChangeKind.RENAME, ["990199"], [{"code": "990199", "name": "新"}], "predecessor_not_in_force"),
        (ChangeKind.SPLIT, ["990101"], [{"code": "990111", "name": "北"}] * 2, "code_given_twice"),
        (
            ChangeKind.SPLIT,
            ["990101"],
            [{"code": "990111", "name": "北"}, {"code": "990112", "name": "南"}],
            "outline_needed",
        ),
    ],
)
def test_an_act_that_does_not_hold_is_refused_with_the_reason(
    three_counties: Session,
    kind: ChangeKind,
    predecessors: list[str],
    successors: list[dict[str, Any]],
    reason: str,
) -> None:
    with pytest.raises(ChangeRefused) as refused:
        change_units(three_counties, OFFICER, act(kind, predecessors, successors))
    assert refused.value.facts["reason"] == reason


@pytest.mark.parametrize(
    "geometry",
    [
        {"type": "Point", "coordinates": [110, 20]},
        {"type": "Polygon", "coordinates": "everywhere"},
        {"type": "Polygon", "coordinates": [[[110, 20], [110.1, 20.1], [110.1, 20], [110, 20.1], [110, 20]]]},
        mapping(box(431986, 2214712, 441986, 2224712)),
    ],
)
def test_an_outline_that_is_none_is_refused(three_counties: Session, geometry: dict[str, Any]) -> None:
    moved = [{"code": "990101", "geometry": geometry}, {"code": "990102", "geometry": mapping(MIDDLE)}]
    with pytest.raises(ChangeRefused):
        change_units(three_counties, OFFICER, act(ChangeKind.TRANSFER, ["990101", "990102"], moved))


def test_a_new_unit_on_ground_that_another_has_is_refused_with_the_place(three_counties: Session) -> None:
    taken = {"code": "990105", "name": "新县", "level": "county", "parent_code": "990100"}
    strip = mapping(box(110.28, 20.0, 110.4, 20.1))
    with pytest.raises(ChangeOverlaps) as refused:
        change_units(three_counties, OFFICER, act(ChangeKind.ESTABLISH, [], [{**taken, "geometry": strip}]))
    place = refused.value.facts["places"][0]
    assert place["unit_codes"] == ["990105", "990103"]
    assert 110.28 < place["lon"] < 110.3
    beside = mapping(box(110.3, 20.0, 110.4, 20.1))
    change_units(three_counties, OFFICER, act(ChangeKind.ESTABLISH, [], [{**taken, "geometry": beside}]))
    assert "990103990105" in lines(three_counties, DAY)


def line_record(session: Session, line_code: str, on: date) -> Any:
    asked = text(
        "SELECT name, managing, disputed FROM boundaries.boundary_line WHERE line_code = :code "
        "AND valid_from <= :on AND (valid_to IS NULL OR valid_to > :on)"
    )
    return session.execute(asked, {"code": line_code, "on": on}).one()


def test_a_line_bears_the_names_of_its_sides_by_date_and_keeps_its_record(three_counties: Session) -> None:
    managed = text("UPDATE boundaries.boundary_line SET managing = '甲管北段', disputed = true")
    three_counties.execute(managed)
    change_units(
        three_counties, OFFICER, act(ChangeKind.RENAME, ["990101"], [{"code": "990101", "name": "甲市"}])
    )
    assert line_record(three_counties, "990101990102", BEGAN) == ("甲县—乙县", "甲管北段", True)
    assert line_record(three_counties, "990101990102", DAY) == ("甲市—乙县", "甲管北段", True)
    change_units(three_counties, OFFICER, act(ChangeKind.RECODE, ["990102"], [{"code": "990122"}]))
    assert line_record(three_counties, "990101990122", DAY) == ("甲市—乙县", "甲管北段", True)


def test_two_acts_of_one_day_leave_each_line_once(three_counties: Session) -> None:
    change_units(
        three_counties, OFFICER, act(ChangeKind.RENAME, ["990101"], [{"code": "990101", "name": "甲市"}])
    )
    change_units(
        three_counties, OFFICER, act(ChangeKind.RENAME, ["990102"], [{"code": "990102", "name": "乙市"}])
    )
    assert line_record(three_counties, "990101990102", DAY).name == "甲市—乙市"
    assert lines(three_counties, DAY) == {"990101990102", "990102990103"}


def test_a_town_recoded_on_the_day_its_county_is_merged_follows_it(three_counties: Session) -> None:
    change_units(three_counties, OFFICER, act(ChangeKind.RECODE, ["990101100"], [{"code": "990104101"}]))
    merge = act(ChangeKind.MERGE, ["990101", "990102"], [{"code": "990104", "name": "新县"}])
    change_units(three_counties, OFFICER, merge)
    town = json.loads(unit_feature(three_counties, "990104101", DAY))
    assert town["properties"]["parent_code"] == "990104"


def test_an_act_put_on_record_late_reaches_into_the_lines_of_later_days(three_counties: Session) -> None:
    later, earlier = date(2026, 9, 1), date(2026, 3, 1)
    change_units(
        three_counties,
        OFFICER,
        act(ChangeKind.MERGE, ["990102", "990103"], [{"code": "990105", "name": "丁县"}], effective_on=later),
    )
    late = act(ChangeKind.RENAME, ["990101"], [{"code": "990101", "name": "甲市"}], effective_on=earlier)
    change_units(three_counties, OFFICER, late)
    assert lines(three_counties, earlier) == {"990101990102", "990102990103"}
    assert lines(three_counties, later) == {"990101990105"}
    assert line_record(three_counties, "990101990102", earlier).name == "甲市—乙县"
    assert line_record(three_counties, "990101990105", later).name == "甲市—丁县"
    assert line_record(three_counties, "990101990102", date(2026, 2, 1)).name == "甲县—乙县"
    overlapping = text(
        "SELECT count(*) FROM boundaries.tripoint a JOIN boundaries.tripoint b ON a.id < b.id "
        "AND a.tripoint_code = b.tripoint_code AND ST_Equals(a.geometry, b.geometry) "
        "AND daterange(a.valid_from, a.valid_to) && daterange(b.valid_from, b.valid_to)"
    )
    assert three_counties.execute(overlapping).scalar() == 0


def test_a_parent_that_stands_at_two_levels_is_the_nearest_above(session: Session) -> None:
    units = [
        UnitVersion("990400", "某市", Level.PREFECTURE, BEGAN, "drawn"),
        UnitVersion("990400", "某市", Level.COUNTY, BEGAN, "drawn", parent_code="990400"),
    ]
    establish(session, units, recorded_by="test")
    officer = Officer("boundary", frozenset({Role.BOUNDARY}), frozenset({"990400"}))
    for code, level in (("990400100", "township"), ("990401", "county")):
        wanted = {"code": code, "name": "新", "level": level, "parent_code": "990400"}
        change_units(session, officer, act(ChangeKind.ESTABLISH, [], [wanted]))
    above = text(
        "SELECT c.code, p.level FROM boundaries.administrative_unit c JOIN boundaries.administrative_unit p "
        "ON p.unit_id = c.parent_id WHERE c.name = '新'"
    )
    assert sorted(map(tuple, session.execute(above))) == [("990400100", "county"), ("990401", "prefecture")]
    wanted = {"code": "990402", "name": "高", "level": "prefecture", "parent_code": "990400"}
    with pytest.raises(ChangeRefused) as refused:
        change_units(session, officer, act(ChangeKind.ESTABLISH, [], [wanted]))
    assert refused.value.facts["reason"] == "parent_not_higher"


@pytest.mark.parametrize(
    ("kind", "code", "successor", "children", "reason"),
    [
        ("recode", "990101", {"code": "990102"}, None, "code_in_force"),
        ("recode", "990101", {"code": "990109"}, {"990101100": "990103"}, "not_a_successor"),
        ("recode", "990101", {"code": "990109"}, {"990102100": "990109"}, "not_a_child"),
        ("rename", "990103", {"code": "990103", "name": "丙"}, None, "changed_since"),
    ],
)
def test_an_act_is_refused_where_it_contradicts_another(
    three_counties: Session, kind: str, code: str, successor: Any, *, children: Any, reason: str
) -> None:
    renamed = [{"code": "990103", "name": "丙市"}]
    later = act(ChangeKind.RENAME, ["990103"], renamed, effective_on=date(2026, 6, 1))
    change_units(three_counties, OFFICER, later)
    with pytest.raises(ChangeRefused) as refused:
        change_units(three_counties, OFFICER, act(ChangeKind(kind), [code], [successor], children=children))
    assert refused.value.facts["reason"] == reason


def test_every_reason_is_worded_in_both_languages() -> None:
    sources = [
        Path("layers/boundaries/register.py"),
        *Path("geo_service/operations").glob("boundar*.py"),
    ]
    code = "\n".join(path.read_text(encoding="utf-8") for path in sources)
    reasons = set(re.findall(r'reason="(\w+)"|reason = "(\w+)" if found else "(\w+)"', code))
    known = {reason for each in reasons for reason in each if reason}
    assert len(known) > 12
    for language in LANGUAGES:
        worded = catalogue(language)
        missing = {each for each in known if f"problem.boundary.change_refused.reason.{each}" not in worded}
        assert missing == set(), language
    said = words("problem.boundary.change_refused", "en", {"reason": "code_in_force", "unit_code": "460107"})
    assert "460107" in said[1]
    assert "code_in_force" not in said[1]
