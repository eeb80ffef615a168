"""What a naming office and its committee must have done by a day: on the list, in the calendar, at the secret address."""

from datetime import date, timedelta
from typing import Any

import pytest
from icalendar import Calendar

from geo_service.auth.officer import Role
from geo_service.legends import legend
from layers.naming.due_list import OF_CLOCK, NamingDueKind
from layers.naming.review import PATH
from tests.geo_service.naming.office import TO_THE_COMMITTEE, Office
from tests.geo_service.naming.test_meetings import call, decide, vote

pytestmark = pytest.mark.database
TO_COMMENT = TO_THE_COMMITTEE[: TO_THE_COMMITTEE.index("assess")]
NAMES = [kind.value for kind in NamingDueKind]


def entries(office: Office, **asked: Any) -> list[dict[str, Any]]:
    answer = office.client.get("/api/due", params={"days_ahead": 730, "kind": NAMES, **asked})
    assert answer.status_code == 200, answer.text
    return list(answer.json()["entries"])


def of(office: Office, proposal: str, **asked: Any) -> dict[str, int]:
    """Days left by kind for one proposal."""
    on = date.fromisoformat(office.client.get("/api/due").json()["on"])
    found = [each for each in entries(office, **asked) if each["proposal_id"] == proposal]
    assert len({each["kind"] for each in found}) == len(found)
    return {each["kind"]: (date.fromisoformat(each["due_on"]) - on).days for each in found}


def test_an_application_is_accepted_and_decided_by_a_day(office: Office) -> None:
    proposal = office.put("枫桥路")["id"]
    office.walk(proposal, "check", "reserve", days_ago=20)
    assert of(office, proposal) == {"name_hold": 250}
    office.walk(proposal, "submit", days_ago=20)
    assert of(office, proposal) == {"name_acceptance": -13, "name_decision": 10, "name_hold": 345}
    office.walk(proposal, "accept", days_ago=20)
    assert of(office, proposal, days_ahead=30) == {"name_decision": 10}
    [told] = [each for each in entries(office, days_ahead=30) if each["proposal_id"] == proposal]
    assert (told["subject"], told["unit"], told["line_code"], told["state"]) == (
        "枫桥路",
        "460108",
        None,
        "ahead",
    )
    office.walk(proposal, "withdraw", days_ago=0)
    assert of(office, proposal) == {}


def test_comment_ends_then_approval_is_filed_and_announced(office: Office) -> None:
    proposal = office.put("枫桥路")["id"]
    office.walk(proposal, *TO_COMMENT, days_ago=9)
    assert of(office, proposal)["name_comment"] == -2
    for event in ("assess", "put_on_agenda", "recommend", "approve"):
        assert office.step(proposal, event).status_code == 201
    assert of(office, proposal) == {"name_filing": 15, "name_announcement": 15}
    assert office.step(proposal, "file").status_code == 201
    assert of(office, proposal) == {"name_announcement": 15}
    assert office.step(proposal, "announce").status_code == 201
    assert of(office, proposal) == {}


def test_a_sitting_is_due_on_its_day_until_its_items_have_outcomes(office: Office) -> None:
    proposal = office.put("枫桥路")["id"]
    office.walk(proposal, *TO_THE_COMMITTEE)
    meeting = call(office, proposals=[proposal]).json()

    def told() -> list[tuple[str, str, str]]:
        found = entries(office, kind="name_meeting")
        return [(each["meeting_id"], each["subject"], each["due_on"]) for each in found]

    assert (meeting["id"], "第一次会议", "2026-01-05") in told()
    item = meeting["items"][0]["id"]
    for member in ("chen", "zhou"):
        vote(office, member, meeting["id"], (item, "for", ""))
    assert decide(office, meeting["id"], item).is_success
    assert meeting["id"] not in {identifier for identifier, *_ in told()}


def test_only_the_office_that_holds_a_proposal_is_told(office: Office) -> None:
    proposal = office.put("枫桥路")["id"]
    office.walk(proposal, *TO_COMMENT, days_ago=2)
    assert of(office, proposal, unit="460000")["name_comment"] == 5
    assert of(office, proposal, unit="460200") == {}
    assert of(office, proposal, line="460107460108") == {}
    office.sign_in("liang", Role.BOUNDARY)
    assert of(office, proposal) == {}
    office.sign_in("away", Role.NAMING, jurisdictions=("460200",))
    assert of(office, proposal) == {}


@pytest.mark.parametrize(
    ("language", "summary"), [("zh-CN", "地名审批 枫桥路"), ("en", "Decision on a name 枫桥路")]
)
def test_the_secret_address_reads_the_same(office: Office, language: str, summary: str) -> None:
    proposal = office.put("枫桥路")["id"]
    office.walk(proposal, "check", "reserve", "submit", days_ago=20)
    path = office.client.post("/api/due/calendar-address").json()["path"]
    office.public()
    asked = {"kind": "name_decision", "language": language}
    events = Calendar.from_ical(office.client.get(f"/{path}", params=asked).content).walk("VEVENT")
    [event] = [each for each in events if str(each["uid"]) == f"name_decision-{proposal}@geo-service"]
    assert str(event["summary"]).startswith(summary)
    assert event["dtstart"].dt == office_day(office) + timedelta(days=10)


def office_day(office: Office) -> date:
    office.officer()
    return date.fromisoformat(office.client.get("/api/due").json()["on"])


def test_every_kind_is_worded_and_every_clock_has_one() -> None:
    told = {each["code"]: each for each in legend()["due_kind"]}
    assert set(NAMES) < set(told)
    for kind in NAMES:
        assert all(told[kind][part] for part in ("zh", "en", "definition_zh", "definition_en"))
    for part in ("zh", "en"):
        assert len({each[part] for each in told.values()}) == len(told)
    assert {clock for step in PATH for clock in step.clock} == set(OF_CLOCK)
