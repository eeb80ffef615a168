"""A proposal's whole path over HTTP, what stops it, who may do what, and the public's say."""

from datetime import date, timedelta
from uuid import uuid4

import pytest
from sqlalchemy import text

from geo_service.auth.officer import Role
from geo_service.paging import today
from tests.geo_service.naming.office import TO_FORCE, TO_THE_COMMITTEE, Office
from tests.geo_service.naming.streets import geojson, put, street

pytestmark = pytest.mark.database


def test_the_whole_path_ends_on_the_register(office: Office) -> None:
    proposal = office.put("宜海路", meaning="宜居滨海", origin="地名方案")["id"]
    done = office.walk(proposal, *TO_THE_COMMITTEE, *TO_FORCE)["properties"]
    assert done["state"] == "in_force"
    assert [each["event"] for each in done["events"]] == [*TO_THE_COMMITTEE, *TO_FORCE]
    name = office.client.get(f"/api/naming/names/{done['name_id']}").json()["properties"]
    assert (name["name"], name["pinyin"], name["status"], name["meaning"]) == (
        "宜海路",
        "Yíhǎi Lù",
        "in_force",
        "宜居滨海",
    )
    assert name["events"][0]["instrument"] == "纸质存档"
    still = text(
        "SELECT count(*) FROM naming.reservation WHERE released_on IS NULL AND characters = '宜海路'"
    )
    held = office.session.execute(still).scalar()
    assert held == 0
    again = office.client.post(
        "/api/naming/check", json={"name": "宜海路", "geometry": geojson((0, 500), (9, 500))}
    )
    assert "DUP-01" in {each["code"] for each in again.json()["findings"]}


def test_the_same_proposal_and_step_sent_twice_are_once(office: Office) -> None:
    body = {"id": str(uuid4()), "name": "宜海路", "geometry": geojson((0, 0), (900, 0))}
    answers = [office.client.post("/api/naming/proposals", json=body) for _ in range(2)]
    assert [each.status_code for each in answers] == [201, 200]
    other = office.client.post("/api/naming/proposals", json={**body, "name": "怡海路"})
    assert (other.status_code, other.json()["code"]) == (409, "naming.proposal_repeated")
    step = {"id": str(uuid4()), "event": "check", "data": {}}
    path = f"/api/naming/proposals/{body['id']}/events"
    assert [office.client.post(path, json=step).status_code for _ in range(2)] == [201, 200]
    other = office.client.post(path, json={**step, "event": "withdraw"})
    assert (other.status_code, other.json()["code"]) == (409, "naming.step_repeated")
    assert len(office.read(body["id"])["events"]) == 1


def test_a_step_out_of_order_or_without_papers_names_what_is_missing(office: Office) -> None:
    proposal = office.put("宜海路")["id"]
    early = office.step(proposal, "approve")
    assert (early.status_code, early.json()["code"]) == (409, "naming.proposal_step_refused")
    assert "check" in early.json()["facts"]["possible"]
    office.walk(proposal, "check", "reserve")
    without = office.step(proposal, "submit", records={"location_map": {"text": "图"}})
    assert set(without.json()["facts"]["missing_records"]) == {
        "scheme_and_reasons", "position_scale_nature", "meaning_and_origin",
    }  # fmt: skip
    unfiled = office.step(proposal, "submit", records={"location_map": {"document": str(uuid4())}})
    assert (unfiled.status_code, unfiled.json()["code"]) == (422, "naming.record_missing")
    future = office.step(proposal, "withdraw", days_ago=-1)
    assert (future.status_code, future.json()["code"]) == (422, "input.invalid")


def test_a_blocking_finding_is_passed_only_with_a_recorded_reason(office: Office) -> None:
    put(office.session, street("宜海路", (0, 500), (900, 500)))
    proposal = office.put("宜海路")["id"]
    office.walk(proposal, "check")
    assert office.read(proposal)["blocks"] >= 1
    refused = office.step(proposal, "reserve")
    assert refused.json()["facts"]["blocks"] == ["DUP-01"]
    passed = office.step(proposal, "reserve", overrides={"DUP-01": "两路相距甚远，经会议同意"})
    assert passed.status_code == 201
    assert passed.json()["properties"]["overrides"] == {"DUP-01": "两路相距甚远，经会议同意"}


def test_an_amended_name_is_checked_again_without_the_old_reasons(office: Office) -> None:
    put(office.session, street("宜海路", (0, 500), (900, 500)))
    proposal = office.put("怡海路")
    office.walk(proposal["id"], "check")
    path = f"/api/naming/proposals/{proposal['id']}"
    body = {"name": "宜海路", "geometry": geojson((0, 0), (900, 0)), "profile": "national"}
    assert office.client.put(path, json=body).status_code == 428
    etag = office.client.get(path).headers["etag"]
    assert office.client.put(path, json=body, headers={"If-Match": etag}).status_code == 200
    assert office.client.put(path, json=body, headers={"If-Match": etag}).status_code == 412
    assert office.step(proposal["id"], "reserve").json()["facts"]["blocks"] == ["DUP-01"]
    office.step(proposal["id"], "reserve", overrides={"DUP-01": "有理由"})
    late = office.client.put(path, json=body, headers={"If-Match": office.client.get(path).headers["etag"]})
    assert (late.status_code, late.json()["code"]) == (409, "naming.proposal_not_amendable")


def test_a_polyphone_stops_the_submission_until_its_reading_is_confirmed(office: Office) -> None:
    without = office.put("长滨路")["id"]
    office.walk(without, "check", "reserve")
    assert office.step(without, "submit").json()["facts"]["blocks"] == ["CHR-03"]
    confirmed = office.put("长堤路", (0, 900), (900, 900), readings=["cháng", "dī"])["id"]
    office.walk(confirmed, "check", "reserve", "submit")
    assert office.read(confirmed)["state"] == "submitted"


def test_alternatives_keep_the_reading_that_a_person_confirmed(office: Office) -> None:
    asked = {
        "alternatives": ["长庚路", "启明路"],
        "alternative_readings": {"长庚路": ["cháng", "gēng", "lù"]},
    }
    proposal = office.put("宜海路", **asked)["id"]
    assert office.read(proposal)["alternative_readings"] == asked["alternative_readings"]
    path = f"/api/naming/proposals/{proposal}"
    etag = office.client.get(path).headers["etag"]
    for wrong in ({"启明星路": ["qǐ"]}, {"启明路": ["qǐ", "míng", "xīng", "lù"]}):
        body = {"name": "宜海路", **asked, "alternative_readings": wrong}
        refused = office.client.put(path, json=body, headers={"If-Match": etag})
        assert (refused.status_code, refused.json()["code"]) == (422, "input.invalid")
    body = {"name": "宜海路", "alternatives": ["启明路"], "alternative_readings": {"启明路": ["qǐ"]}}
    changed = office.client.put(path, json=body, headers={"If-Match": etag})
    assert changed.json()["properties"]["alternative_readings"] == {"启明路": ["qǐ"]}
    assert changed.headers["etag"] != etag


def test_a_held_name_is_refused_to_a_second_proposal_until_it_is_released(office: Office) -> None:
    first, second = office.put("宜海路")["id"], office.put("宜海路", (0, 700), (900, 700))["id"]
    office.walk(first, "check", "reserve")
    office.walk(second, "check")
    assert office.step(second, "reserve").json()["facts"]["blocks"] == ["DUP-01"]
    held = office.step(second, "reserve", overrides={"DUP-01": "看看"})
    assert (held.status_code, held.json()["code"]) == (409, "naming.name_held")
    assert office.read(second)["state"] == "precheck"
    early = office.step(first, "expire")
    assert early.json()["facts"]["held_until"] == (today() + timedelta(days=270 - 30)).isoformat()
    office.walk(first, "withdraw", days_ago=0)
    assert office.step(second, "reserve").status_code == 201


def test_deadlines_run_in_calendar_days(office: Office) -> None:
    proposal = office.put("宜海路")["id"]
    office.walk(proposal, *TO_THE_COMMITTEE, "recommend", "approve", days_ago=28)
    clocks = {each["clock"]: each["days_left"] for each in office.read(proposal)["deadlines"]}
    assert clocks == {"filing": -5, "announcement": -5}


def test_the_renamed_name_stays_findable_and_leads_to_the_new_one(office: Office) -> None:
    (old,) = put(office.session, street("滨海路", (0, 0), (900, 0)))
    proposal = office.put(
        "滨江路", action="rename", former_name_id=str(old), reasons={"rename": "construction"}
    )["id"]  # fmt: skip
    new = office.walk(proposal, *TO_THE_COMMITTEE, *TO_FORCE)["properties"]["name_id"]
    history = office.client.get(f"/api/naming/names/{new}").json()["properties"]["history"]
    assert [(each["name"], each["status"]) for each in history] == [
        ("滨海路", "renamed"),
        ("滨江路", "in_force"),
    ]
    hit = office.client.get("/api/naming/names", params={"q": "滨海路"}).json()["features"][0]["properties"]
    assert (hit["name"], hit["matched"]["why"], hit["matched"]["with"]) == ("滨江路", "former_name", "滨海路")


def test_a_rename_without_a_lawful_reason_is_blocked(office: Office) -> None:
    (old,) = put(office.session, street("滨海路", (0, 0), (900, 0), heritage="历史地名"))
    proposal = office.put("滨江路", action="rename", former_name_id=str(old))["id"]
    office.walk(proposal, "check")
    assert office.step(proposal, "reserve").json()["facts"]["blocks"] == ["HIS-01", "HIS-02"]


def test_who_may_do_what(office: Office) -> None:
    proposal = office.put("宜海路")["id"]
    path = f"/api/naming/proposals/{proposal}"
    office.public()
    assert office.client.get(path).json()["code"] == "naming.proposal_not_found"
    listed = office.client.get("/api/naming/proposals").json()["features"]
    assert {each["properties"]["state"] for each in listed} <= {"public_comment"}
    assert (
        office.client.post("/api/naming/proposals", json={"id": str(uuid4()), "name": "海府路"}).status_code
        == 401
    )
    office.sign_in("zhao", Role.NAMING, jurisdictions=("469005",))
    assert office.client.get(path).status_code == 404
    body = {"id": str(uuid4()), "name": "海府路", "geometry": geojson((0, 0), (900, 0))}
    assert office.client.post("/api/naming/proposals", json=body).status_code == 403
    office.sign_in("qian", Role.SURVEYOR)
    assert office.step(proposal, "check").status_code == 403
    office.sign_in("chen", Role.COMMITTEE)
    refused = office.step(proposal, "check")
    assert refused.json()["facts"]["actors"] == ["applicant", "naming"]


def test_a_reserved_name_of_others_is_hinted_at_without_telling_it(office: Office) -> None:
    office.walk(office.put("宜海路")["id"], "check", "reserve")
    office.public()
    body = {"name": "怡海路", "geometry": geojson((0, 500), (900, 500)), "profile": "national"}
    answer = office.client.post("/api/naming/check", json=body)
    (finding,) = [each for each in answer.json()["findings"] if each["code"] == "DUP-02"]
    assert finding["evidence"] == {"pending": True, "scope": "built_up_area"}
    assert "宜海路" not in answer.text


def comment(office: Office, proposal: str, body: str = "名称很好", **more):
    asked = {
        "id": str(uuid4()),
        "opinion": "for",
        "body": body,
        "author": "张三",
        "contact": "13900000000",
        **more,
    }
    return office.client.post(f"/api/naming/proposals/{proposal}/comments", json=asked)


def test_the_public_comments_without_account_and_every_comment_is_disposed_of(office: Office) -> None:
    proposal = office.put("宜海路")["id"]
    assert comment(office, proposal).json()["code"] == "naming.comment_closed"
    office.walk(proposal, *TO_THE_COMMITTEE[:7], days_ago=3)
    office.public()
    shown = office.client.get(f"/api/naming/proposals/{proposal}")
    assert shown.json()["properties"]["comment_until"] == (today() + timedelta(days=4)).isoformat()
    assert not any(word in shown.text for word in ("李某", "13800000000", "findings", "events"))
    first = comment(office, proposal)
    assert first.status_code == 201
    assert "张三" not in first.text
    assert comment(office, proposal, "不如叫滨海路", opinion="against").status_code == 201
    assert office.client.get(f"/api/naming/proposals/{proposal}/comments").status_code == 401
    office.officer()
    assert (
        office.step(proposal, "assess").json()["facts"]["comment_ends"]
        == (today() + timedelta(days=4)).isoformat()
    )
    listed = office.client.get(f"/api/naming/proposals/{proposal}/comments").json()
    assert (listed["open"], listed["comments"][0]["author"]) == (2, "张三")
    for each in listed["comments"]:
        asked = {"id": str(uuid4()), "outcome": "adopted", "reason": "已采纳"}
        path = f"/api/naming/proposals/{proposal}/comments/{each['id']}/dispositions"
        assert [office.client.post(path, json=asked).status_code for _ in range(2)] == [201, 200]
    assert office.client.get(f"/api/naming/proposals/{proposal}/comments").json()["open"] == 0


def test_open_opinions_hold_the_assessment_up(office: Office) -> None:
    proposal = office.put("宜海路")["id"]
    office.walk(proposal, *TO_THE_COMMITTEE[:7], days_ago=3)
    office.public()
    comment(office, proposal)
    office.officer()
    office.session.execute(text("SELECT 1"))
    refused = office.step(proposal, "assess").json()["facts"]
    assert refused["open_opinions"] == 1


def test_one_sender_is_heard_a_few_times(office: Office) -> None:
    proposal = office.put("宜海路")["id"]
    office.walk(proposal, *TO_THE_COMMITTEE[:7], days_ago=3)
    office.public()
    answers = [comment(office, proposal, f"意见{number}") for number in range(4)]
    assert [each.status_code for each in answers] == [201, 201, 201, 429]
    assert int(answers[3].headers["retry-after"]) > 3600
    kept = office.session.execute(
        text("SELECT count(*) FROM naming.comments_sent('x', now(), NULL)")
    ).scalar()
    assert kept == 1


@pytest.mark.parametrize("day", [date(2000, 1, 1)])
def test_days_do_not_run_backwards(office: Office, day: date) -> None:
    proposal = office.put("宜海路")["id"]
    office.walk(proposal, "check", days_ago=1)
    refused = office.step(proposal, "reserve", days_ago=(today() - day).days)
    assert refused.json()["facts"]["before"] == (today() - timedelta(days=1)).isoformat()
