"""Two officers change units at once, each over a connection of his own; everything is committed."""

from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import date
from threading import Barrier
from typing import Any
from uuid import uuid4

import pytest
from shapely.geometry import box
from sqlalchemy import text

from geo_service.auth.officer import OPERATOR, Officer, Role
from geo_service.db import Database
from geo_service.operations.boundaries import change_units
from geo_service.schemas.boundaries import ChangeOfUnits
from geo_service.settings import Settings
from layers.boundaries.line_register import derive_on, refresh_outlines
from layers.boundaries.model import Level, UnitVersion
from layers.boundaries.register import establish
from layers.errors import LayerError

pytestmark = pytest.mark.database
OFFICERS = [Officer(name, frozenset({Role.BOUNDARY}), frozenset({"990100"})) for name in ("甲", "乙")]
BEGAN = date(2020, 1, 1)
ROUNDS = 4


@pytest.fixture(scope="module")
def row_of_counties(settings: Settings, new_database: Callable[[str], str]) -> Iterator[Database]:
    """Nine counties in a row, committed."""
    database = Database(new_database("geo_at_once"), settings)
    units = [UnitVersion("990100", "某市", Level.PREFECTURE, BEGAN, "drawn")]
    for number in range(1, 10):
        ground = box(110 + number / 10, 20.0, 110.1 + number / 10, 20.1)
        code, name = f"99010{number}", f"{number}县"
        units.append(
            UnitVersion(code, name, Level.COUNTY, BEGAN, "drawn", parent_code="990100", geometry=ground)
        )
    with database.acting_as(OPERATOR).transaction() as session:
        establish(session, units, recorded_by="test")
        refresh_outlines(session)
        derive_on(session, BEGAN)
    yield database
    database.dispose()


def asked(kind: str, predecessors: list[str], successors: list[dict[str, Any]], on: date) -> ChangeOfUnits:
    return ChangeOfUnits.model_validate(
        {
            "id": uuid4(), "kind": kind, "effective_on": on, "instrument": "国函〔2026〕1号",
            "predecessors": predecessors, "successors": successors,
        }
    )  # fmt: skip


def at_once(database: Database, acts: list[ChangeOfUnits]) -> list[str]:
    """Send each act from its own thread at the same moment; returns `first`, `again` or the refusal's reason."""
    together = Barrier(len(acts))

    def send(officer: Officer, act: ChangeOfUnits) -> str:
        together.wait()
        try:
            with database.acting_as(officer).transaction() as session:
                return "first" if change_units(session, officer, act)[1] else "again"
        except LayerError as refused:
            return str(refused.facts.get("reason", refused.code))

    with ThreadPoolExecutor(len(acts)) as threads:
        return list(threads.map(send, OFFICERS, acts))


def line_names(database: Database, on: date) -> list[str]:
    with database.transaction() as session:
        rows = session.execute(
            text(
                "SELECT name FROM boundaries.boundary_line WHERE valid_from <= :on "
                "AND (valid_to IS NULL OR valid_to > :on) ORDER BY line_code"
            ),
            {"on": on},
        ).scalars()
        return list(rows)


@pytest.mark.parametrize("day", [date(2026, 1, 1 + turn) for turn in range(ROUNDS)])
def test_of_two_acts_on_one_unit_the_second_sees_the_first(row_of_counties: Database, day: date) -> None:
    acts = [
        asked("rename", ["990101"], [{"code": "990101", "name": f"{name}{day.day}县"}], day)
        for name in ("甲", "乙")
    ]
    assert sorted(at_once(row_of_counties, acts)) == ["changed_since", "first"]


@pytest.mark.parametrize("day", [date(2026, 2, 1 + turn) for turn in range(ROUNDS)])
def test_neighbours_changed_at_once_leave_one_line_with_both_names(
    row_of_counties: Database, day: date
) -> None:
    acts = [
        asked("rename", [code], [{"code": code, "name": f"{code}{day.day}县"}], day)
        for code in ("990104", "990105")
    ]
    assert at_once(row_of_counties, acts) == ["first", "first"]
    assert f"990104{day.day}县—990105{day.day}县" in line_names(row_of_counties, day)
    assert len(line_names(row_of_counties, day)) == 8


def test_one_act_sent_twice_at_once_is_recorded_once(row_of_counties: Database) -> None:
    act = asked("rename", ["990107"], [{"code": "990107", "name": "新县"}], date(2026, 3, 1))
    assert sorted(at_once(row_of_counties, [act, act])) == ["again", "first"]


def test_merges_that_name_the_same_units_in_turned_order_do_not_lock_each_other(
    row_of_counties: Database,
) -> None:
    day, successor = date(2026, 4, 1), [{"code": "990111", "name": "并县"}]
    acts = [asked("merge", codes, successor, day) for codes in (["990108", "990109"], ["990109", "990108"])]
    outcome = sorted(at_once(row_of_counties, acts))
    assert outcome == ["first", "predecessor_not_in_force"]
    assert len(line_names(row_of_counties, day)) == 7
