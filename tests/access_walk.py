"""Walks routes as every role, inside and outside a jurisdiction, and says what each is answered."""

import re
import time
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any, Final
from uuid import UUID, uuid4

from fastapi.testclient import TestClient
from starlette.routing import BaseRoute

from geo_service.auth.gate import COOKIE
from geo_service.auth.officer import Role
from geo_service.signatures import signature
from tests import access_records as drawn
from tests import access_stories as stories
from tests.people import INSIDE, OUTSIDE, PASSWORD

ROLES: Final = ("public", *(role.value for role in Role))
PLACES: Final = {"inside": INSIDE, "outside": OUTSIDE}
EXAMPLES: Final = {
    "code": "460107",
    "line_code": "460107460108",
    "layer": "units",
    "z": "9",
    "x": "413",
    "y": "227",
    "sha256": "0" * 64,
}


@dataclass(frozen=True)
class Belongings:
    """What the inside officer of a role has, for others to ask after, and what his office has on record."""

    session_id: UUID
    token_id: UUID
    calendar_secret: str
    job_id: UUID
    ended_job_id: UUID
    release_id: UUID
    upload_id: UUID
    records: drawn.Records


Made = Callable[[Belongings], Any]


def _nothing(_: Belongings) -> dict[str, Any]:
    return {}


@dataclass(frozen=True)
class Probe:
    """How a route is asked, so that only access can refuse: path values, body, query.

    `owned` routes are asked for the inside officer's own thing by both: not found is then an answer.
    `form` makes a multipart form, `content` bytes as they are; `conditional` sends the ETag that is current; `signed`
    signs the bytes as the office's source of sensor messages.
    """

    values: Made = _nothing
    body: Made | None = None
    query: Mapping[str, str] = field(default_factory=dict)
    owned: bool = False
    form: Callable[[], tuple[dict[str, str], dict[str, Any]]] | None = None
    content: Callable[[], bytes] | None = None
    conditional: bool = False
    signed: bool = False


def of(name: str, parameter: str | None = None) -> Made:
    """Return a maker of path values from one of the office's records."""
    return lambda belongings: {parameter or name: getattr(belongings.records, name)}


def story(name: str, parameter: str | None = None) -> Made:
    """Return a maker of path values from one of the office's records with a history."""
    return lambda belongings: {parameter or name: getattr(belongings.records.stories, name)}


def _same(body: Any) -> Made:
    return lambda _: body


def _rename(_: Belongings) -> dict[str, Any]:
    return {
        "id": str(uuid4()),
        "kind": "rename",
        "effective_on": "2026-01-01",
        "instrument": "试〔2026〕1号",
        "predecessors": ["460107"],
        "successors": [{"code": "460107", "name": "新名"}],
    }


def _paper() -> tuple[dict[str, str], dict[str, Any]]:
    fields = {"id": str(uuid4()), "type": "agreement", "title": "协议书"}
    linked = {"subject_kind": "line", "subject_id": drawn.LINE}
    return fields | linked, {"file": ("a.pdf", drawn.PDF, "application/pdf")}


def _cells() -> tuple[dict[str, str], dict[str, Any]]:
    table = b"id,lon,lat,weight\na,110.05,20.05,10\n"
    return {"name": "人口", "source": "drawn", "crs": "EPSG:4490"}, {"file": ("cells.csv", table, "text/csv")}


def _streets() -> tuple[dict[str, str], dict[str, Any]]:
    line = b'{"type":"LineString","coordinates":[[110.01,20.01],[110.02,20.02]]}'
    made = (
        b'{"type":"FeatureCollection","features":[{"type":"Feature","properties":{},"geometry":%s}]}' % line
    )
    return {"name": "路网", "source": "drawn"}, {"file": ("streets.geojson", made, "application/geo+json")}


def _layer() -> tuple[dict[str, str], dict[str, Any]]:
    return {"id": str(uuid4())}, {"file": ("plan.geojson", drawn.PLAN, "application/geo+json")}


def _plan(_: Belongings) -> dict[str, Any]:
    return {"name": "方案", "metric": "straight_line", "limit_m": 800, "hubs": []}


def _question(belongings: Belongings) -> dict[str, Any]:
    return {"demand": str(belongings.records.demand_id), "metric": "straight_line", "limit_m": 800}


TO_A_UNIT: Final = _same({"subject_kind": "unit", "subject_id": "460107"})
PEOPLE: Final[Mapping[str, Probe]] = {
    "POST /api/session": Probe(body=lambda b: {"username": b.records.colleague, "password": PASSWORD}),
    "POST /api/session/link": Probe(body=lambda b: {"secret": b.records.link_secret, "password": PASSWORD}),
    "PATCH /api/session/account": Probe(body=_same({"language": "en"})),
    "DELETE /api/session/{session_id}": Probe(lambda b: {"session_id": b.session_id}, owned=True),
    "DELETE /api/tokens/{token_id}": Probe(lambda b: {"token_id": b.token_id}, owned=True),
    "GET /api/due/calendar/{secret}.ics": Probe(lambda b: {"secret": b.calendar_secret}),
    "DELETE /api/due/calendar-address": Probe(owned=True),
    "POST /api/tokens": Probe(body=_same({"label": "x", "scopes": ["read"]})),
    "GET /api/officers/{username}": Probe(of("colleague", "username"), owned=True),
    "PATCH /api/officers/{username}": Probe(
        of("colleague", "username"), body=_same({"language": "en"}), owned=True, conditional=True
    ),
    "POST /api/officers/{username}/link": Probe(of("colleague", "username"), owned=True),
    "POST /api/officers": Probe(
        body=_same(
            {
                "username": "somebody.new",
                "display_name": "x",
                "roles": ["planner"],
                "jurisdictions": ["460107"],
            }
        )
    ),
}
GROUND: Final[Mapping[str, Probe]] = {
    "GET /api/boundaries/locate": Probe(query={"lon": "110.05", "lat": "20.05"}),
    "POST /api/boundaries/locate": Probe(body=_same({"points": [[110.05, 20.05]]})),
    "POST /api/boundaries/changes": Probe(body=_rename),
    "PATCH /api/boundaries/lines/{line_code}": Probe(body=_same({"managing": "甲区"}), conditional=True),
    "GET /api/jobs/{job_id}": Probe(lambda b: {"job_id": b.job_id}, owned=True),
    "DELETE /api/jobs/{job_id}": Probe(lambda b: {"job_id": b.job_id}, owned=True),
    "GET /api/jobs/{job_id}/events": Probe(lambda b: {"job_id": b.ended_job_id}, owned=True),
    "POST /api/documents": Probe(form=_paper),
    "GET /api/documents/{document_id}": Probe(of("document_id"), owned=True),
    "GET /api/documents/{document_id}/content": Probe(of("document_id"), owned=True),
    "POST /api/documents/{document_id}/links": Probe(of("document_id"), body=TO_A_UNIT, owned=True),
}
AT_MARKER: Final = _same({"code": drawn.MARKER})
MARKERS: Final[Mapping[str, Probe]] = {
    "GET /api/markers/{code}": Probe(AT_MARKER),
    "GET /api/markers/{code}/history": Probe(AT_MARKER),
    "GET /api/markers/{code}/registration.{form}": Probe(lambda b: {**AT_MARKER(b), "form": "docx"}),
    "GET /api/boundaries/lines/{line_code}/registrations.{form}": Probe(lambda _: {"form": "docx"}),
    "GET /api/reports/markers.html": Probe(query={"line": "460107460108"}),
    "GET /api/markers/{code}/cases": Probe(AT_MARKER),
    "GET /api/inspections/{inspection_id}": Probe(of("inspection_id"), owned=True),
    "GET /api/cases/{case_id}": Probe(of("case_id"), owned=True),
    "GET /api/cases/{case_id}/file.{form}": Probe(lambda b: {**of("case_id")(b), "form": "docx"}, owned=True),
    "POST /api/markers": Probe(body=lambda _: drawn.marker_form("01070108902A")),
    "PATCH /api/markers/{code}": Probe(AT_MARKER, body=_same({"guardian": "王"}), conditional=True),
    "POST /api/markers/{code}/inspections": Probe(AT_MARKER, body=lambda _: drawn.visit()),
    "POST /api/inspections/{inspection_id}/reviews": Probe(
        of("inspection_id"), body=lambda _: {"id": str(uuid4()), "accepted": True}, owned=True
    ),
    "POST /api/edits/{edit_id}/decision": Probe(
        of("edit_id"),
        body=lambda _: {
            "id": str(uuid4()),
            "version": 2,
            "choices": {"material": "brought"},
            "reason": "现场核实",
        },
        owned=True,
    ),
    "POST /api/joint-inspections": Probe(
        body=lambda _: {"id": str(uuid4()), "line_code": "460107460108", "year": 2031}
    ),
    "POST /api/markers/{code}/cases": Probe(AT_MARKER, body=lambda _: drawn.opening()),
    "POST /api/cases/{case_id}/events": Probe(
        of("case_id"),
        body=lambda _: {
            "id": str(uuid4()),
            "event": "case.verify",
            "records": {"verification": "照片可见"},
        },
        owned=True,
    ),
    "POST /api/field/push": Probe(
        body=lambda _: {
            "device_id": "平板",
            "records": [{**drawn.visit(), "type": "inspection", "marker_code": drawn.MARKER}],
        }
    ),
    "PUT /api/photos/{sha256}": Probe(
        lambda _: {"sha256": drawn.picture()[0]}, content=lambda: drawn.picture()[1]
    ),
}
NAMES: Final[Mapping[str, Probe]] = {
    "GET /api/naming/names/{name_id}": Probe(of("name_id")),
    "GET /n/{name_id}": Probe(of("name_id")),
    "GET /n/{name_id}/qr.svg": Probe(of("name_id")),
    "GET /n/{name_id}/qr.png": Probe(of("name_id")),
    "PATCH /api/naming/names/{name_id}": Probe(
        of("name_id"), body=_same({"meaning": "长而近水", "source": "drawn"}), conditional=True
    ),
    "POST /api/naming/names/{name_id}/retirement": Probe(
        of("name_id"),
        body=lambda _: {"id": str(uuid4()), "ended_on": "2026-01-01", "instrument": "试〔2026〕2号"},
    ),
}
HUBS: Final[Mapping[str, Probe]] = {
    "POST /api/hubs": Probe(body=_same(drawn.hub("WALK-2"))),
    "GET /api/hubs/{code}": Probe(of("hub", "code")),
    "PATCH /api/hubs/{code}": Probe(of("hub", "code"), body=_same({"name": "新名"}), conditional=True),
    "DELETE /api/hubs/{code}": Probe(of("hub", "code"), conditional=True),
    "POST /api/hubs/demand": Probe(body=_same(drawn.demand())),
    "POST /api/hubs/demand/files": Probe(form=_cells),
    "DELETE /api/hubs/demand/sets/{demand_id}": Probe(of("demand_id")),
    "POST /api/hubs/networks": Probe(form=_streets),
    "GET /api/hubs/networks/{network_id}": Probe(of("network_id")),
    "DELETE /api/hubs/networks/{network_id}": Probe(of("network_id")),
    "PUT /api/hubs/presets/{code}": Probe(_same({"code": "walk_new"}), body=_same(drawn.preset())),
    "DELETE /api/hubs/presets/{code}": Probe(of("preset", "code")),
    "POST /api/hubs/coverage": Probe(body=_question),
    "POST /api/hubs/scenarios": Probe(body=_plan),
    "GET /api/hubs/scenarios/{scenario_id}": Probe(of("scenario_id")),
    "PUT /api/hubs/scenarios/{scenario_id}": Probe(of("scenario_id"), body=_plan, conditional=True),
    "DELETE /api/hubs/scenarios/{scenario_id}": Probe(of("scenario_id"), conditional=True),
}
DOOR: Final[Mapping[str, Probe]] = {
    "POST /api/webhooks": Probe(
        body=_same({"label": "外局", "url": "http://8.8.4.4/hook", "layers": ["names"]})
    ),
    "DELETE /api/webhooks/{webhook_id}": Probe(of("webhook_id")),
    "POST /api/webhooks/{webhook_id}/pause": Probe(of("webhook_id")),
    "POST /api/webhooks/{webhook_id}/resume": Probe(of("paused_webhook_id", "webhook_id")),
    "POST /api/webhooks/{webhook_id}/secret": Probe(of("webhook_id")),
    "POST /api/webhooks/{webhook_id}/test": Probe(of("webhook_id")),
    "GET /api/webhooks/{webhook_id}/deliveries": Probe(of("webhook_id")),
    "POST /api/sensors/messages": Probe(content=drawn.sensor_message, signed=True),
    "POST /api/sensors/sources": Probe(body=_same({"name": "新平台", "unit": INSIDE})),
    "POST /api/sensors/sources/{source_id}/secret": Probe(
        of("sensor_source", "source_id"), body=_same({"grace_hours": 1}), owned=True
    ),
    "DELETE /api/sensors/sources/{source_id}": Probe(of("sensor_source", "source_id"), owned=True),
    "POST /api/alerts/{alert_id}/acknowledgement": Probe(
        of("alarm_id", "alert_id"), body=lambda _: {"id": str(uuid4()), "found": "已查看"}, owned=True
    ),
    "POST /api/releases": Probe(body=_same({"layer": "lines", "purpose": "勘测", "recipient": "某院"})),
    "POST /api/releases/{release_id}/review": Probe(
        of("release_id"), body=_same({"approved": True}), owned=True
    ),
    "POST /api/releases/{release_id}/link": Probe(lambda b: {"release_id": b.release_id}, owned=True),
}
AT_LINE: Final = _same({"line_code": "460107460108"})
UNDER_WAY: Final[Mapping[str, Probe]] = {
    "GET /api/photos/{sha256}": Probe(story("photo", "sha256"), owned=True),
    "GET /api/photos/{sha256}/thumbnail": Probe(story("photo", "sha256"), owned=True),
    "GET /api/joint-inspections/{joint_id}": Probe(story("joint_id"), owned=True),
    "POST /api/joint-inspections/{joint_id}/records": Probe(
        story("joint_id"), body=stories.joint_record, owned=True
    ),
    "POST /api/joint-inspections/{joint_id}/completions": Probe(
        story("joint_id"), body=stories.joint_completion, owned=True
    ),
    "POST /api/joint-inspections/{joint_id}/opinions": Probe(
        story("joint_id"), body=stories.joint_opinion, owned=True
    ),
    "POST /api/joint-inspections/{joint_id}/signatures": Probe(
        story("joint_id"), body=stories.joint_signature, owned=True
    ),
    "PATCH /api/joint-inspections/{joint_id}": Probe(
        story("joint_id"), body=_same({"indoor_minutes": "纪要"}), owned=True, conditional=True
    ),
    "POST /api/joint-inspections/{joint_id}/filing": Probe(
        story("joint_id"), body=_same({"filing_number": "1", "filed_on": "2026-03-01"}), owned=True
    ),
    "POST /api/joint-inspections/{joint_id}/archive": Probe(
        story("joint_id"), body=_same({"archived_in": ["county"]}), owned=True
    ),
    "GET /api/joint-inspections/{joint_id}/report": Probe(story("joint_id"), owned=True),
    "GET /api/joint-inspections/{joint_id}/report.{form}": Probe(
        lambda b: {"joint_id": b.records.stories.joint_id, "form": "pdf"}, owned=True
    ),
    **{
        f"GET /api/joint-inspections/{{joint_id}}/{paper}.{{form}}": Probe(
            lambda b: {"joint_id": b.records.stories.joint_id, "form": "pdf"}, owned=True
        )
        for paper in ("plan", "indoor")
    },
    "GET /api/joint-inspections/lines/{line_code}": Probe(AT_LINE),
    "POST /api/joint-inspections/lines/{line_code}/other-marks": Probe(AT_LINE, body=stories.other_mark),
    "POST /api/joint-inspections/lines/{line_code}/other-marks/{code:path}/end": Probe(
        _same({"line_code": "460107460108", "code": stories.MARK}),
        body=_same({"valid_to": "2026-01-01", "document": "补充协议"}),
    ),
    "POST /api/joint-inspections/lines/{line_code}/counts": Probe(
        AT_LINE, body=lambda _: {"id": str(uuid4()), "total": 3, "document": "成果表"}
    ),
    "POST /api/naming/proposals": Probe(body=lambda _: stories.proposal()),
    "GET /api/naming/proposals/{proposal_id}": Probe(story("proposal_id"), owned=True),
    "GET /api/naming/proposals/{proposal_id}/scopes": Probe(story("proposal_id"), owned=True),
    "PUT /api/naming/proposals/{proposal_id}": Probe(
        story("proposal_id"),
        body=lambda _: {name: value for name, value in stories.proposal().items() if name != "id"},
        owned=True,
        conditional=True,
    ),
    "POST /api/naming/proposals/{proposal_id}/events": Probe(
        story("proposal_id"), body=lambda _: {"id": str(uuid4()), "event": "check", "data": {}}, owned=True
    ),
    "GET /api/naming/proposals/{proposal_id}/comments": Probe(story("proposal_id"), owned=True),
    "GET /api/naming/proposals/{proposal_id}/papers/{kind}.{form}": Probe(
        lambda b: {"proposal_id": b.records.stories.proposal_id, "kind": "application", "form": "docx"},
        owned=True,
    ),
    "GET /api/naming/meetings/{meeting_id}/minutes.{form}": Probe(
        lambda b: {"meeting_id": b.records.stories.meeting_id, "form": "docx"}, owned=True
    ),
    "GET /api/naming/gazetteer.{form}": Probe(lambda _: {"form": "docx"}, query={"as_of": "1990-01-01"}),
    "GET /api/naming/gazetteer.xlsx": Probe(query={"as_of": "1990-01-01"}),
    "GET /api/naming/filing.xlsx": Probe(query={"since": "2026-01-01"}),
    "GET /api/naming/meetings/{meeting_id}": Probe(story("meeting_id"), owned=True),
    "POST /api/naming/meetings/{meeting_id}/votes": Probe(
        story("meeting_id"),
        body=lambda b: {"votes": [{"item_id": str(b.records.stories.item_id), "vote": "for"}]},
        owned=True,
    ),
    "POST /api/naming/meetings/{meeting_id}/decisions": Probe(
        story("meeting_id"),
        body=lambda b: {"item_id": str(b.records.stories.item_id), "minutes": "记录"},
        owned=True,
    ),
    "GET /api/naming/signs/work-list.xlsx": Probe(),
    "POST /api/naming/signs/plan": Probe(body=lambda b: {"name_id": str(b.records.name_id)}),
    "POST /api/naming/signs/{sign_id}/inspections": Probe(
        story("sign_id"),
        body=lambda _: {"id": str(uuid4()), "inspected_on": "2026-03-01", "state": "standing"},
    ),
}
FOR_REFERENCE: Final[Mapping[str, Probe]] = {
    "GET /api/reference-layers/{name}": Probe(of("reference_layer", "name")),
    "GET /api/reference-layers/{name}/file": Probe(of("reference_layer", "name")),
    "PATCH /api/reference-layers/{name}": Probe(
        of("reference_layer", "name"), body=_same({"title": "规划"}), conditional=True
    ),
    "DELETE /api/reference-layers/{name}": Probe(of("reference_layer", "name")),
    "POST /api/reference-layers/removed/{layer_id}/restoration": Probe(of("removed_layer", "layer_id")),
    "POST /api/reference-layers/uploads": Probe(form=_layer),
    "GET /api/reference-layers/uploads/{upload_id}": Probe(lambda b: {"upload_id": b.upload_id}),
    "POST /api/reference-layers": Probe(
        body=lambda b: {"id": str(uuid4()), "upload": str(b.upload_id), "name": "walked"}
    ),
}
PROBES: Final[Mapping[str, Probe]] = {
    **FOR_REFERENCE,
    **UNDER_WAY,
    **PEOPLE,
    **GROUND,
    **MARKERS,
    **NAMES,
    **HUBS,
    **DOOR,
}


def routes_of(routes: list[BaseRoute]) -> Iterator[str]:
    """Yield every route as `METHOD /path`, pages and mounted files too."""
    for route in routes:
        inner: Any = getattr(route, "original_router", None)
        methods: Any = getattr(route, "methods", None)
        if inner is not None:
            yield from routes_of(inner.routes)
        elif methods:
            yield from (f"{method} {route.path}" for method in sorted(methods - {"HEAD"}))  # type: ignore[attr-defined]
        else:
            yield f"GET {route.path}/*"  # type: ignore[attr-defined]  # a mount has one


def _signed(body: bytes, belongings: Belongings) -> dict[str, str]:
    timestamp = int(time.time())
    return {
        "Geo-Source": str(belongings.records.sensor_source),
        "Geo-Timestamp": str(timestamp),
        "Geo-Signature": signature(belongings.records.sensor_secret, timestamp, body),
    }


def send(client: TestClient, route: str, belongings: Belongings) -> Any:
    """Send a route's request as its probe has it; the client stays signed in as it was."""
    method, path = route.split(" ", 1)
    probe = PROBES.get(route, Probe())
    values = {**EXAMPLES, **probe.values(belongings)}
    filled = re.sub(r"\{(\w+)(?::\w+)?\}", lambda found: str(values.get(found[1], uuid4())), path)
    headers = {}
    if probe.conditional:
        headers["If-Match"] = client.get(filled).headers.get("etag", '"none"')
    sent: dict[str, Any] = {}
    if probe.form is not None:
        sent["data"], sent["files"] = probe.form()
    elif probe.content is not None:
        sent["content"] = probe.content()
        headers |= _signed(sent["content"], belongings) if probe.signed else {}
    elif probe.body is not None or method != "GET":
        sent["json"] = probe.body(belongings) if probe.body else {}
    cookie = client.cookies.get(COOKIE)
    answer = client.request(
        method,
        filled.replace("/*", "/icon.svg"),
        params=dict(probe.query),
        headers=headers,
        follow_redirects=False,
        **sent,
    )
    client.cookies.clear()
    if cookie is not None:
        client.cookies.set(COOKIE, cookie)
    return answer


def ask(client: TestClient, route: str, belongings: Belongings) -> str:
    """Return what a route answers: `yes`, `no` (403), `sign in` (401), `not found` (an owned thing)."""
    answer = send(client, route, belongings)
    assert answer.status_code < 500 or answer.status_code == 503, (route, answer.text)
    owned = PROBES.get(route, Probe()).owned
    kinds = {401: "sign in", 403: "no"} | ({404: "not found"} if owned else {})
    return kinds.get(answer.status_code, "yes")


CELLS: Final = {
    ("yes", "yes"): "yes",
    ("no", "no"): "no",
    ("sign in", "sign in"): "sign in",
    ("yes", "no"): "inside",
    ("yes", "not found"): "own",
    ("not found", "not found"): "unseen",
}
"""(inside, outside) → the table's word."""
