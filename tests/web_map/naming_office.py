"""The naming officer through the API, for tests of pages: puts proposals and takes them along their path."""

from datetime import date, timedelta
from typing import Final
from uuid import uuid4

from geo_service.paging import today
from layers.naming.review import PATH
from tests.web_map.pages import Api

PAPERS: Final = {step.event: step.records for step in PATH}
ORDER: Final = (
    "check", "reserve", "submit", "accept", "consult_departments", "call_experts", "open_comment", "assess",
    "put_on_agenda", "recommend", "approve", "file", "announce", "enter_in_database", "set_sign", "put_in_force",
)  # fmt: skip


def propose(api: Api, name: str, *, upto: str, place: int, days_ago: int = 40, **facts: object) -> str:
    """Put a proposal for a road of its own ground and walk it to a step; give its id."""
    west, south = 110.05 + 0.004 * (place % 20), 19.80 - 0.01 * (place // 20)
    line = {"type": "LineString", "coordinates": [[west, south], [west, south + 0.0036]]}
    asked = {
        "id": str(uuid4()),
        "name": name,
        "geometry": line,
        "unit_code": "460105",
        "profile": "haikou_draft",
    }
    asked |= {
        "meaning": "取其意，便于识记",
        "origin": "虚构",
        "applicant": {"name": "某单位", "contact": "13900000000"},
    }
    api.send("post", "api/naming/proposals", asked | facts)
    walk(api, asked["id"], upto=upto, days_ago=days_ago)
    return asked["id"]


def walk(api: Api, proposal: str, *, upto: str, after: str | None = None, days_ago: int = 40) -> None:
    """Take every step up to one; days lie in the past, so that the public's period is over where it must be."""
    begun = today() - timedelta(days=3 if upto == "open_comment" else days_ago)
    for event in ORDER[0 if after is None else ORDER.index(after) + 1 : ORDER.index(upto) + 1]:
        late = ORDER.index(event) >= ORDER.index("assess")
        step(api, proposal, event, on=begun + timedelta(days=10 if late else 0))


def step(api: Api, proposal: str, event: str, *, on: date | None = None) -> None:
    records = {code: {"text": "测〔2026〕7号"} for code in PAPERS[event]}
    data = {"on": None if on is None else on.isoformat(), "records": records}
    api.send(
        "post", f"api/naming/proposals/{proposal}/events", {"id": str(uuid4()), "event": event, "data": data}
    )
