"""The demonstration's hubs: as many as promised, on the districts' ground, labelled synthetic, loaded once."""

import pytest
from sqlalchemy import text

from geo_service.auth.officer import OPERATOR
from geo_service.db import Database
from geo_service.demonstration.hubs import SYNTHETIC, load_hubs
from geo_service.operations.hubs_coverage import answer
from geo_service.operations.hubs_plan import plan_of
from geo_service.schemas.hubs import CoverageQuestion

pytestmark = pytest.mark.database


def test_forty_three_hubs_stand_in_haikou_and_say_that_they_are_made_up(hainan_session) -> None:
    rows = hainan_session.execute(text("SELECT status, source, unit_code, name FROM hubs.hub")).all()
    assert len(rows) == 43
    assert {row.source for row in rows} == {SYNTHETIC}
    assert all("合成" in row.name for row in rows)
    assert {row.unit_code for row in rows} <= {"460105", "460106", "460107", "460108"}
    counts = {
        status: sum(row.status == status for row in rows) for status in ("existing", "planned", "candidate")
    }
    assert counts == {"existing": 18, "planned": 3, "candidate": 22}


def test_the_cells_are_haikous_and_weigh_as_much_as_a_city(hainan_session) -> None:
    plan = plan_of(hainan_session, CoverageQuestion(limit_m=1000, limits_m=[300, 500]))
    told = answer(plan)
    assert len(plan.ground.demand.ids) == 4_667
    assert 2.0e6 < told["total_weight"] < 3.5e6
    assert {unit["code"] for unit in told["units"]} == {"460105", "460106", "460107", "460108"}
    shares = [each["covered_share"] for each in told["limits"]]
    assert shares == sorted(shares)
    assert 0.1 < told["covered_share"] < told["straight_line"]["covered_share"] < 0.7
    assert told["network"]["components"] <= 5


def test_loading_twice_is_once(hainan: Database) -> None:
    said: list[str] = []
    load_hubs(hainan.acting_as(OPERATOR), tell=said.append)
    assert said == ["demonstration hubs: already there"]
