"""Signs of a road planned from its line, and what inspections find wrong."""

from uuid import uuid4

import pytest
from sqlalchemy import text

from geo_service.auth.officer import Role
from tests.geo_service.naming.office import Office
from tests.geo_service.naming.streets import naming, put, street
from tests.geo_service.naming.test_gazetteer import rows_of

pytestmark = pytest.mark.database


def planned(office: Office):
    road, *_ = put(
        office.session,
        street("宜海路", (0, 0), (1000, 0)),
        street("海府路", (500, -300), (500, 300)),
        street("文明路", (0, 800), (900, 800)),
    )
    answer = office.client.post("/api/naming/signs/plan", json={"name_id": str(road)})
    assert answer.status_code == 200, answer.text
    return str(road), answer.json()["features"]


def test_signs_stand_at_both_ends_and_at_the_crossing(office: Office) -> None:
    road, signs = planned(office)
    assert [(each["properties"]["reason"], each["properties"]["crossing"]) for each in signs] == [
        ("start", ""), ("crossing", "海府路"), ("end", ""),
    ]  # fmt: skip
    middle = signs[1]
    assert (middle["properties"]["colour"], middle["properties"]["pinyin"]) == ("blue", "YIHAI LU")
    assert middle["geometry"]["coordinates"][0] == pytest.approx(110.35 + 500 / 104_650, abs=1e-5)
    again = office.client.post("/api/naming/signs/plan", json={"name_id": road}).json()["features"]
    assert len(again) == 3


def test_what_does_not_agree_is_the_work_list(office: Office) -> None:
    road, signs = planned(office)
    office.sign_in("surveyor", Role.SURVEYOR)
    seen = {
        "id": str(uuid4()),
        "inspected_on": "2026-01-05",
        "state": "standing",
        "text_seen": "怡海路",
        "pinyin_seen": "Yihai Lu",
        "colour_seen": "green",
    }
    path = f"/api/naming/signs/{signs[1]['id']}/inspections"
    assert [office.client.post(path, json=seen).status_code for _ in range(2)] == [201, 200]
    other = office.client.post(path, json={**seen, "state": "missing"})
    assert (other.status_code, other.json()["code"]) == (409, "naming.sign_repeated")
    office.public()
    work = office.client.get("/api/naming/signs", params={"mismatch": True}).json()["features"]
    assert [each["properties"]["mismatches"] for each in work] == [["wrong_text", "wrong_colour"]]
    fine = office.client.get("/api/naming/signs", params={"mismatch": False, "name": road}).json()
    assert fine["numberMatched"] == 2
    assert office.client.post(path, json=seen).status_code == 401


def test_a_name_without_a_line_has_no_signs(office: Office) -> None:
    (bare,) = put(office.session, street("宜海路"))
    answer = office.client.post("/api/naming/signs/plan", json={"name_id": str(bare)})
    assert (answer.status_code, answer.json()["code"]) == (422, "naming.road_missing")


def seen(office: Office, sign: str, **facts: str) -> None:
    body = {"id": str(uuid4()), "inspected_on": "2026-01-05", "state": "standing", **facts}
    assert office.client.post(f"/api/naming/signs/{sign}/inspections", json=body).status_code == 201


def test_the_work_list_says_what_is_to_do_at_each_sign(office: Office) -> None:
    road, (start, crossing, end) = planned(office)
    assert {row["要做的事"] for row in work(office) if row["道路"] == "宜海路"} == {"新设"}
    seen(office, start["id"], text_seen="宜海路", pinyin_seen="YIHAI LU", colour_seen="blue")
    seen(office, crossing["id"], text_seen="宜海路", pinyin_seen="Yihai Road", colour_seen="green")
    seen(office, end["id"], state="missing")
    rows = [row for row in work(office) if row["道路"] == "宜海路"]
    assert [(row["牌号"], row["位置"], row["要做的事"]) for row in rows] == [
        (2, "与海府路交叉口", "更换：拼写不符；更换：底色不符"), (3, "终点", "补设"),
    ]  # fmt: skip
    assert (rows[0]["应有底色"], rows[0]["现有底色"]) == ("蓝底白字", "绿底白字")
    assert (rows[0]["箭头方向"], rows[1]["箭头方向"]) == ("东 西", "西")
    assert rows[0]["经度"] == pytest.approx(crossing["geometry"]["coordinates"][0], abs=1e-6)
    with naming(office.session):
        office.session.execute(
            text("UPDATE naming.name SET status = 'renamed', valid_to = '2026-01-06' WHERE id = :id"),
            {"id": road},
        )
    ended = [row["要做的事"] for row in work(office) if row["道路"] == "宜海路"]
    assert len(ended) == 3
    assert all("地名已变更" in task for task in ended)
    assert [row for row in work(office, unit="460200") if row["道路"] == "宜海路"] == []
    assert len(work(office, unit="460000")) == len(work(office))


def work(office: Office, **asked: str) -> list[dict[str, object]]:
    return rows_of(office.client.get("/api/naming/signs/work-list.xlsx", params=asked).content)
