"""The review desk's board and the areas a name must be unique in."""

import pytest

from geo_service.auth.officer import Role
from tests.geo_service.naming.office import Office

pytestmark = pytest.mark.database


def board(office: Office, query: str = "") -> list[dict]:
    answer = office.client.get(f"/api/naming/board{query}")
    assert answer.status_code == 200, answer.text
    return answer.json()["proposals"]


def test_the_most_pressing_comes_first_and_what_is_over_is_left_out(office: Office) -> None:
    fresh, late, gone = (
        office.put(name, (0, north), (900, north))["id"]
        for name, north in (("枫桥路", 0), ("云顶路", 800), ("星汉路", 1600))
    )
    office.walk(fresh, "check", "reserve", "submit", days_ago=1)
    office.walk(late, "check", "reserve", "submit", days_ago=20)
    office.walk(gone, "check", "withdraw")
    known = [each for each in board(office) if each["id"] in {fresh, late, gone}]
    assert [each["id"] for each in known] == [late, fresh]
    assert known[0]["deadline"]["days_left"] < 0 <= known[1]["deadline"]["days_left"]
    assert gone in {each["id"] for each in board(office, "?ended=true")}


def test_a_neighbour_s_board_holds_none_of_it_not_even_what_the_public_sees(office: Office) -> None:
    proposal = office.put("枫桥路")["id"]
    office.walk(
        proposal, "check", "reserve", "submit", "accept", "consult_departments", "call_experts", "open_comment",
        days_ago=2,
    )  # fmt: skip
    assert proposal in {each["id"] for each in board(office)}
    office.sign_in("away", Role.NAMING, jurisdictions=("460200",))
    assert proposal not in {each["id"] for each in board(office)}
    assert office.client.get(f"/api/naming/proposals/{proposal}/scopes").status_code == 403


def test_the_area_that_counts_is_marked_and_drawn(office: Office) -> None:
    proposal = office.put("枫桥路")["id"]
    found = office.client.get(f"/api/naming/proposals/{proposal}/scopes").json()["features"]
    counting = [each for each in found if each["properties"]["counts"]]
    assert {each["properties"]["kind"] for each in counting} == {"built_up_area"}
    assert counting[0]["geometry"]["type"] in {"Polygon", "MultiPolygon"}
    assert {each["properties"]["kind"] for each in found} >= {"district", "city"}
