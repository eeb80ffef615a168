"""Webhooks: signed, the same id at every attempt, sent again with longer waits, and nowhere near the machine itself."""

import hashlib
import hmac
import json
import socket
import threading
from collections.abc import Iterator
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, HTTPServer

import pytest
from sqlalchemy import select, text

from geo_service.auth.officer import OPERATOR, Role
from geo_service.changes import delivery
from geo_service.changes.addresses import AddressRefused, judged
from geo_service.changes.messages import BACK_OFF, note_attempt
from geo_service.changes.tables import WebhookDeliveryRow
from geo_service.jobs import KINDS, Progress
from geo_service.settings import get_settings
from geo_service.tables import JobRow
from tests.geo_service.changes.test_feed import put
from tests.people import operator

pytestmark = pytest.mark.database


@dataclass
class Receiver:
    """Another system: what it was sent, and what it answers next."""

    url: str = ""
    answers: list[int] = field(default_factory=list)
    got: list[tuple[dict[str, str], bytes]] = field(default_factory=list)


@pytest.fixture
def receiver() -> Iterator[Receiver]:
    found = Receiver()

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["Content-Length"]))
            found.got.append((dict(self.headers), body))
            self.send_response(found.answers.pop(0) if found.answers else 204)
            self.send_header("Location", "http://169.254.169.254/")
            self.end_headers()

        def log_message(self, *_: object) -> None:
            pass

    server = HTTPServer(("127.0.0.1", 0), Handler)
    found.url = f"http://127.0.0.1:{server.server_port}/hook?a=b"
    thread = threading.Thread(target=server.serve_forever, args=(0.05,))
    thread.start()
    yield found
    server.shutdown()
    thread.join()
    server.server_close()


@pytest.fixture
def inner_allowed(app, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """The office allows loopback, as one may allow its own network."""
    monkeypatch.setenv("GEO_WEBHOOK_NETWORKS", '["127.0.0.0/8"]')
    get_settings.cache_clear()
    app.state.settings.webhook_networks.append("127.0.0.0/8")
    yield
    app.state.settings.webhook_networks.remove("127.0.0.0/8")
    get_settings.cache_clear()


def run_queued(office) -> int:
    """Do the deliveries that wait in the queue, as the worker does; returns how many."""
    acting = office.acting_as(OPERATOR)
    with acting.transaction() as session:
        asked = select(JobRow).where(JobRow.kind == delivery.JOB_KIND, JobRow.state == "waiting")
        jobs = [(job.id, dict(job.request)) for job in session.execute(asked).scalars()]
    for identity, request in jobs:
        KINDS[delivery.JOB_KIND](acting, Progress(acting, identity), request)
        with acting.transaction() as session:
            session.execute(text("UPDATE service.job SET state = 'done' WHERE id = :id"), {"id": identity})
    return len(jobs)


def test_a_message_is_signed_and_repeated_until_taken(office, enter, receiver, inner_allowed) -> None:
    administrator = enter(Role.ADMINISTRATOR)
    asked = {"label": "外局", "url": receiver.url, "layers": ["hubs", "names"]}
    made = administrator.post("/api/webhooks", json=asked)
    assert made.status_code == 201, made.text
    hook, secret = made.json()["id"], made.json()["secret"]
    assert "secret" not in administrator.get("/api/webhooks").json()["webhooks"][0]
    delivery.announce_changes(office)
    run_queued(office)
    assert receiver.got == []  # nothing has changed since it was put on record

    receiver.answers += [500, 302]
    with operator(office) as session:
        put(session)
    assert delivery.announce_changes(office) == 1
    assert delivery.announce_changes(office) == 0
    assert [run_queued(office) for _ in range(4)] == [1, 1, 1, 0]
    ids = {headers["Geo-Delivery"] for headers, _ in receiver.got}
    bodies = {body for _, body in receiver.got}
    assert (len(receiver.got), len(ids), len(bodies)) == (3, 1, 1)
    headers, body = receiver.got[-1]
    expected = hmac.new(
        secret.encode(), headers["Geo-Timestamp"].encode() + b"." + body, hashlib.sha256
    ).hexdigest()
    assert headers["Geo-Signature"] == f"sha256={expected}"
    said = json.loads(body)
    assert said["layers"] == ["hubs"]
    assert administrator.get(said["changes"]["hubs"]).text.count("\x1e") == 1

    (log,) = administrator.get(f"/api/webhooks/{hook}/deliveries").json()["deliveries"]
    assert (log["state"], log["attempts"], log["answered"]) == ("delivered", 3, 204)
    assert administrator.delete(f"/api/webhooks/{hook}").status_code == 204
    with operator(office) as session:
        put(session)
    assert delivery.announce_changes(office) == 0


def test_after_the_last_wait_a_message_is_given_up() -> None:
    row = WebhookDeliveryRow(state="waiting", attempts=0)
    waits = [note_attempt(row, answered=None, failure="TimeoutError") for _ in range(len(BACK_OFF) + 1)]
    assert all(waits[:-1])
    assert sorted(waits[:-1]) == waits[:-1]
    assert (waits[-1], row.state, row.attempts) == (None, "failed", len(BACK_OFF) + 1)


@pytest.mark.parametrize(
    "url",
    [
        "http://127.0.0.1/", "http://localhost/", "http://[::1]/", "http://169.254.169.254/latest/meta-data", "http://10.0.0.1/",
        "http://192.168.1.1/", "http://0.0.0.0/", "http://[::ffff:127.0.0.1]/", "http://[fe80::1]/", "http://2130706433/",
        "http://0x7f.1/", "ftp://8.8.8.8/", "http://user@8.8.8.8/", "http:///", "http://8.8.8.8:99999/", "file:///etc/passwd",
        "http://[fd00:ec2::254]/", "http://100.100.100.200/", "http://224.0.0.1/", "http://no-such-host.invalid/",
    ],
)  # fmt: skip
def test_addresses_inside_are_refused(url: str, enter) -> None:
    with pytest.raises(AddressRefused):
        judged(url)


def test_an_office_may_allow_its_network_but_never_metadata(monkeypatch: pytest.MonkeyPatch) -> None:
    assert judged("http://10.1.2.3:8080/a?b", ["10.0.0.0/8"]).path == "/a?b"
    for url in ("http://169.254.169.254/", "http://[fe80::1]/", "http://100.100.100.200/"):
        with pytest.raises(AddressRefused):
            judged(url, ["0.0.0.0/0", "::/0"])
    # One name, two addresses, one of them inside: refused.
    both = [(2, 1, 6, "", ("8.8.8.8", 80)), (2, 1, 6, "", ("10.0.0.1", 80))]
    monkeypatch.setattr(socket, "getaddrinfo", lambda *_, **__: both)
    with pytest.raises(AddressRefused):
        judged("http://two.example/")


def test_only_an_administrator_who_signed_in_adds_one(enter) -> None:
    asked = {"label": "x", "url": "http://127.0.0.1/", "layers": ["hubs"]}
    assert enter(Role.BOUNDARY).post("/api/webhooks", json=asked).status_code == 403
    refused = enter(Role.ADMINISTRATOR).post("/api/webhooks", json=asked)
    assert (refused.status_code, refused.json()["code"]) == (422, "webhook.address_refused")
