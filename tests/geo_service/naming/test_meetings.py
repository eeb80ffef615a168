"""A sitting of the committee: agenda of what is ready, quorum, recusal, votes, decisions that move proposals."""

from uuid import uuid4

import pytest

from geo_service.auth.officer import Role
from tests.geo_service.naming.office import TO_THE_COMMITTEE, Office

pytestmark = pytest.mark.database
MEMBERS = ["chen", "zhou", "song"]


def ready(office: Office, *names: str) -> list[str]:
    proposals = []
    for place, name in enumerate(names):
        proposal = office.put(name, (0, 700.0 * place), (900, 700.0 * place))["id"]
        office.walk(proposal, *TO_THE_COMMITTEE)
        proposals.append(proposal)
    return proposals


def call(office: Office, **more):
    body = {
        "id": str(uuid4()), "held_on": "2026-01-05", "title": "第一次会议", "chair": "chen", "members": MEMBERS, **more,
    }  # fmt: skip
    return office.client.post("/api/naming/meetings", json=body)


def vote(office: Office, member: str, meeting: str, *votes: tuple[str, str, str]):
    office.sign_in(member, Role.COMMITTEE)
    asked = [{"item_id": item, "vote": cast, "reason": reason} for item, cast, reason in votes]
    answer = office.client.post(f"/api/naming/meetings/{meeting}/votes", json={"votes": asked})
    return [(each["status"], each["detail"]) for each in answer.json()["results"]]


def decide(office: Office, meeting: str, item: str):
    body = {"item_id": item, "minutes": "会议纪要第一号"}
    return office.client.post(f"/api/naming/meetings/{meeting}/decisions", json=body)


def test_a_sitting_decides_item_by_item(office: Office) -> None:
    one, two, three = ready(office, "宜海路", "文坛街", "椰林巷")
    assert {one, two, three} <= set(office.client.get("/api/naming/meetings").json()["ready"])
    called = call(office, proposals=[one, two, three])
    assert called.status_code == 201, called.text
    meeting, items = called.json()["id"], [each["id"] for each in called.json()["items"]]
    assert [each["proposal_id"] for each in called.json()["items"]] == [one, two, three]
    assert [each["quorum"] for each in called.json()["items"]] == [2, 2, 2]
    assert call(office, proposals=[one]).json()["code"] == "naming.nothing_ready"
    cast = [(items[0], "for", ""), (items[1], "against", "与地名方案不符"), (items[2], "defer", "")]
    assert vote(office, "chen", meeting, *cast) == [("accepted", None)] * 3
    assert vote(office, "chen", meeting, *cast) == [("duplicate", None)] * 3
    assert vote(office, "chen", meeting, (items[0], "against", "改主意")) == [("rejected", "voted_already")]
    early = decide(office, meeting, items[0])
    assert (early.status_code, early.json()["code"]) == (409, "naming.ballot_refused")
    assert vote(office, "zhou", meeting, (items[1], "against", "")) == [("rejected", "without_reason")]
    assert vote(office, "zhou", meeting, *cast) == [("accepted", None)] * 3
    assert vote(office, "stranger", meeting, *cast) == [("rejected", "not_a_member")] * 3
    office.sign_in("chen", Role.COMMITTEE)
    decided = [decide(office, meeting, item).json()["items"][place] for place, item in enumerate(items)]
    assert [each["outcome"] for each in decided] == ["for", "against", "defer"]
    assert [each["state"] for each in decided] == ["government_decision", "rejected", "deferred"]
    assert decided[0]["counts"]["for"] == 2
    assert vote(office, "song", meeting, cast[0]) == [("rejected", "decided")]
    office.officer()
    rejected = office.read(two)
    assert rejected["records"]["reasons"]["text"] == "与地名方案不符；与地名方案不符"
    assert rejected["events"][-1]["actor"] == "committee"


def test_a_recused_member_neither_counts_nor_votes(office: Office) -> None:
    called = call(office, proposals=ready(office, "宜海路")).json()
    meeting, item = called["id"], called["items"][0]["id"]
    assert vote(office, "chen", meeting, (item, "recused", "")) == [("rejected", "without_reason")]
    assert vote(office, "chen", meeting, (item, "recused", "系申请单位职工")) == [("accepted", None)]
    assert vote(office, "zhou", meeting, (item, "for", "")) == [("accepted", None)]
    shown = office.client.get(f"/api/naming/meetings/{meeting}").json()["items"][0]
    assert (shown["entitled"], shown["quorum"]) == (2, 2)
    assert decide(office, meeting, item).status_code == 409
    assert vote(office, "song", meeting, (item, "for", "")) == [("accepted", None)]
    assert decide(office, meeting, item).json()["items"][0]["outcome"] == "for"


def test_strangers_see_no_meeting(office: Office) -> None:
    meeting = call(office, proposals=ready(office, "宜海路")).json()["id"]
    office.sign_in("far", Role.COMMITTEE, jurisdictions=("469005",))
    assert office.client.get(f"/api/naming/meetings/{meeting}").json()["code"] == "naming.meeting_not_found"
    office.public()
    assert office.client.get("/api/naming/meetings").status_code == 401
