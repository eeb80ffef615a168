"""The naming office at its desk: signs in, puts proposals, walks them along the path."""

from dataclasses import dataclass
from datetime import timedelta
from typing import Any
from uuid import uuid4

from fastapi.testclient import TestClient
from sqlalchemy.orm import Session

from geo_service.auth.officer import Role
from geo_service.paging import today
from geo_service.settings import Settings
from layers.naming.review import PATH
from tests.geo_service.naming.streets import geojson
from tests.people import sign_in_as

TO_THE_COMMITTEE = (
    "check", "reserve", "submit", "accept", "consult_departments", "call_experts", "open_comment", "assess",
    "put_on_agenda",
)  # fmt: skip
TO_FORCE = ("recommend", "approve", "file", "announce", "enter_in_database", "set_sign", "put_in_force")
PAPERS = {event: [*step.records] for step in PATH for event in [step.event]}


@dataclass
class Office:
    client: TestClient
    session: Session
    settings: Settings

    def sign_in(self, username: str, *roles: Role, jurisdictions: tuple[str, ...] = ("460100",)) -> None:
        sign_in_as(self.client, self.session, self.settings, username, *roles, jurisdictions=jurisdictions)

    def officer(self) -> None:
        self.sign_in("wang", Role.NAMING)

    def public(self) -> None:
        self.client.cookies.clear()

    def put(self, name: str, *metres: tuple[float, float], **more: Any) -> dict[str, Any]:
        body = {
            "id": str(uuid4()),
            "name": name,
            "geometry": geojson(*(metres or ((0, 0), (900, 0)))),
            "profile": "national",
            "readings": more.pop("readings", None),
            "applicant": {"name": "李某", "contact": "13800000000"},
            **more,
        }
        answer = self.client.post("/api/naming/proposals", json=body)
        assert answer.status_code == 201, answer.text
        return answer.json()

    def step(self, proposal: str, event: str, *, days_ago: int = 0, **data: Any) -> Any:
        on = (today() - timedelta(days=days_ago)).isoformat()
        data.setdefault("records", {code: {"text": "纸质存档"} for code in PAPERS.get(event, ())})
        return self.client.post(
            f"/api/naming/proposals/{proposal}/events",
            json={"id": str(uuid4()), "event": event, "data": {"on": on, **data}},
        )

    def walk(self, proposal: str, *events: str, days_ago: int = 30) -> dict[str, Any]:
        answer = None
        for number, event in enumerate(events):
            ago = days_ago if event != "assess" and "assess" not in events[:number] else max(0, days_ago - 8)
            answer = self.step(proposal, event, days_ago=ago)
            assert answer.status_code == 201, (event, answer.text)
        return answer.json() if answer is not None else {}

    def read(self, proposal: str) -> dict[str, Any]:
        return self.client.get(f"/api/naming/proposals/{proposal}").json()["properties"]
