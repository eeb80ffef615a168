"""Receivers as they are: slow, away, failing, redirecting, dying mid-answer; and workers that end or work side by side."""

import hashlib
import hmac
import json
import socket
import threading
import time
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from uuid import UUID

import pytest
from sqlalchemy import select, text
from typer.testing import CliRunner

from geo_service.auth.officer import OPERATOR, Role
from geo_service.changes import addresses, delivery
from geo_service.changes.feed import Layer
from geo_service.changes.messages import message, take
from geo_service.changes.tables import WebhookDeliveryRow
from geo_service.changes.webhooks import add_webhook
from geo_service.cli import app as cli
from tests.geo_service.changes.test_feed import put
from tests.geo_service.changes.test_webhooks import inner_allowed, receiver, run_queued  # noqa: F401 # fixtures
from tests.people import operator

pytestmark = [pytest.mark.database, pytest.mark.usefixtures("inner_allowed")]
Answer = Callable[[socket.socket], None]


@pytest.fixture(autouse=True)
def alone(office) -> None:
    """What other tests left on its way is not sent here."""
    with operator(office) as session:
        for statement in (
            "UPDATE service.webhook SET ended_at = now() WHERE ended_at IS NULL",
            "UPDATE service.webhook_delivery SET state = 'failed' WHERE state = 'waiting'",
            "UPDATE service.job SET state = 'done' WHERE state = 'waiting'",
        ):
            session.execute(text(statement))


@pytest.fixture
def listening() -> Iterator[Callable[[Answer], str]]:
    """Have a raw socket answer each connection as told; returns its address."""
    made: list[tuple[socket.socket, threading.Thread]] = []

    def listen(answer: Answer) -> str:
        server = socket.create_server(("127.0.0.1", 0))

        def serve() -> None:
            while True:
                try:
                    connection, _ = server.accept()
                except OSError:
                    return
                with connection:
                    connection.recv(65536)
                    try:
                        answer(connection)
                    except OSError:
                        continue  # the other side has hung up

        thread = threading.Thread(target=serve)
        thread.start()
        made.append((server, thread))
        return f"http://127.0.0.1:{server.getsockname()[1]}/hook"

    yield listen
    for server, thread in made:
        server.shutdown(socket.SHUT_RDWR)
        server.close()
        thread.join()


def waiting(office, url: str) -> tuple[UUID, UUID]:
    """Put an address on record and change a hub; returns the webhook and the message to it."""
    with operator(office) as session:
        hook = add_webhook(
            session, OPERATOR, label="外局", url=url, layers=[Layer.HUBS], allowed=["127.0.0.0/8"]
        ).id  # fmt: skip
    with operator(office) as session:
        put(session)
    delivery.announce_changes(office)
    with operator(office) as session:
        asked = select(WebhookDeliveryRow.id).where(WebhookDeliveryRow.webhook_id == hook)
        return hook, session.execute(asked).scalar_one()


def sent(office, identity: UUID) -> dict:
    return delivery.send_once(office.acting_as(OPERATOR), identity)


def log_of(office, identity: UUID) -> WebhookDeliveryRow:
    with operator(office) as session:
        row = session.get_one(WebhookDeliveryRow, identity)
        session.expunge(row)
        return row


def drip(connection: socket.socket) -> None:
    """Answer a byte at a time, never to its end: no single read is late."""
    for _ in range(400):
        connection.sendall(b"H")
        time.sleep(0.05)


@pytest.mark.parametrize(
    ("answer", "failure"),
    [
        (drip, "TimeoutError"),
        (lambda _: time.sleep(2), "TimeoutError"),
        (lambda _: None, "RemoteDisconnected"),
        (lambda connection: connection.sendall(b"HTTP/1.1 2"), "BadStatusLine"),
    ],
    ids=["a_byte_at_a_time", "silent", "hangs_up", "dies_mid_answer"],
)
def test_a_receiver_that_does_not_answer_is_asked_again(office, listening, monkeypatch, answer, failure):
    monkeypatch.setattr(addresses, "TIMEOUT_S", 0.6)
    _, identity = waiting(office, listening(answer))
    told = sent(office, identity)
    assert (told["state"], told["attempts"], told["answered"]) == ("waiting", 1, None)
    # Who ends with something unread resets the connection, if that is noticed first.
    assert told["failure"] in {failure, "ConnectionResetError"}
    assert log_of(office, identity).next_attempt_at > datetime.now(UTC)


def test_nobody_listens_then_an_error_then_it_is_taken(office, receiver) -> None:  # noqa: F811
    with socket.create_server(("127.0.0.1", 0)) as free:
        away = f"http://127.0.0.1:{free.getsockname()[1]}/"
    _, refused = waiting(office, away)
    assert sent(office, refused)["failure"] == "ConnectionRefusedError"
    receiver.answers += [500, 307, 200]
    _, identity = waiting(office, receiver.url)
    told = [sent(office, identity) for _ in range(4)]
    assert [each.get("answered") for each in told] == [500, 307, 200, None]
    assert [each["state"] for each in told] == ["waiting", "waiting", "delivered", "left"]
    assert len(receiver.got) == 3  # what was delivered is not sent again, and no redirect was followed


def test_of_many_workers_one_sends(office, receiver) -> None:  # noqa: F811
    _, identity = waiting(office, receiver.url)
    start = threading.Barrier(6)
    told: list[str] = []

    def work() -> None:
        start.wait()
        told.append(sent(office, identity)["state"])

    threads = [threading.Thread(target=work) for _ in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(told) == ["delivered", *["left"] * 5]
    assert len(receiver.got) == 1


def test_a_message_whose_process_died_goes_on(office, receiver) -> None:  # noqa: F811
    """Between attempts it is on record with its job; cut off while sending, it is queued again when it is let go."""
    _, identity = waiting(office, receiver.url)
    with operator(office) as session:
        assert take(session, identity) is not None  # and the process is killed here, its job with it
        session.execute(text("UPDATE service.job SET state = 'failed' WHERE request ->> 'delivery' = :id"), {"id": str(identity)})  # fmt: skip
    assert delivery.announce_changes(office) == 0
    assert run_queued(office) == 0  # still held
    with operator(office) as session:
        session.execute(text("UPDATE service.webhook_delivery SET taken_until = now()"))
    delivery.announce_changes(office)
    delivery.announce_changes(office)
    assert run_queued(office) == 1  # queued again, and once
    assert log_of(office, identity).state == "delivered"
    receiver.answers += [503, 503]  # both addresses are told
    _, next_one = waiting(office, receiver.url)
    run_queued(office)
    assert log_of(office, next_one).state == "waiting"
    with operator(office) as session:  # a new process finds the next attempt in the queue
        queued = session.execute(
            text(
                "SELECT q.scheduled_at FROM procrastinate.procrastinate_jobs q JOIN service.job j "
                "ON q.args ->> 'job_id' = j.id::text WHERE j.request ->> 'delivery' = :id AND j.state = 'waiting'"
            ),
            {"id": str(next_one)},
        ).scalar_one()
    assert queued == log_of(office, next_one).next_attempt_at


def test_paused_nothing_goes_out_and_resumed_one_message_tells_all(office, enter, receiver) -> None:  # noqa: F811
    administrator = enter(Role.ADMINISTRATOR)
    hook, identity = waiting(office, receiver.url)
    assert administrator.post(f"/api/webhooks/{hook}/pause").json()["paused_at"]
    assert run_queued(office) == 1  # its turn comes, and it is left
    for _ in range(2):
        with operator(office) as session:
            put(session)
        assert delivery.announce_changes(office) == 0
    assert receiver.got == []
    assert log_of(office, identity).attempts == 0
    assert administrator.post(f"/api/webhooks/{hook}/resume").json()["paused_at"] is None
    assert delivery.announce_changes(office) == 1
    assert run_queued(office) == 2
    assert [log["state"] for log in administrator.get(f"/api/webhooks/{hook}/deliveries").json()["deliveries"]] == ["delivered"] * 2  # fmt: skip
    newest = json.loads(receiver.got[-1][1])
    told = {json.loads(body)["since"]: body for _, body in receiver.got}
    assert len(told) == 2
    assert administrator.get(newest["changes"]["hubs"]).text.count("\x1e") >= 1
    for act in ("pause", "resume", "secret", "test"):
        gone = administrator.post(f"/api/webhooks/01900000-0000-7000-8000-000000000000/{act}")
        assert (gone.status_code, gone.json()["code"]) == (404, "webhook.not_found")


def test_both_secrets_sign_for_a_day(office, enter, receiver) -> None:  # noqa: F811
    administrator = enter(Role.ADMINISTRATOR)
    asked = {"label": "外局", "url": receiver.url, "layers": ["hubs"]}
    made = administrator.post("/api/webhooks", json=asked).json()
    renewed = administrator.post(f"/api/webhooks/{made['id']}/secret").json()
    assert renewed["secret"] != made["secret"]
    assert "secret" not in administrator.get("/api/webhooks").json()["webhooks"][0]

    def signed_by(secret: str) -> bool:
        """As docs/exchange.md has it."""
        headers, body = receiver.got[-1]
        timestamp, signature = headers["Geo-Timestamp"], headers["Geo-Signature"]
        expected = "sha256=" + hmac.new(secret.encode(), f"{timestamp}.".encode() + body, hashlib.sha256).hexdigest()  # fmt: skip
        return any(hmac.compare_digest(expected, each) for each in signature.split(", "))

    test = administrator.post(f"/api/webhooks/{made['id']}/test")
    assert (test.status_code, test.json()["layers"], test.json()["state"]) == (202, [], "waiting")
    sent(office, UUID(test.json()["id"]))
    assert json.loads(receiver.got[-1][1])["test"] is True
    assert (signed_by(made["secret"]), signed_by(renewed["secret"]), signed_by("other")) == (
        True,
        True,
        False,
    )
    with operator(office) as session:
        session.execute(text("UPDATE service.webhook SET former_secret_until = now() - interval '1 second'"))
    sent(office, UUID(administrator.post(f"/api/webhooks/{made['id']}/test").json()["id"]))
    assert (signed_by(made["secret"]), signed_by(renewed["secret"])) == (False, True)
    (shown,) = [
        each for each in administrator.get("/api/webhooks").json()["webhooks"] if each["id"] == made["id"]
    ]
    assert (shown["last_delivery"]["state"], shown["last_delivery"]["answered"]) == ("delivered", 204)


def test_a_test_is_sent_once_and_what_is_removed_is_given_up(office, enter, receiver) -> None:  # noqa: F811
    administrator = enter(Role.ADMINISTRATOR)
    hook, identity = waiting(office, receiver.url)
    receiver.answers.append(500)
    test = administrator.post(f"/api/webhooks/{hook}/test").json()["id"]
    told = sent(office, UUID(test))
    assert (told["state"], told["answered"]) == ("failed", 500)
    administrator.delete(f"/api/webhooks/{hook}")
    told = sent(office, identity)
    assert (told["state"], told["failure"]) == ("failed", "ended")
    assert administrator.post(f"/api/webhooks/{hook}/test").status_code == 404


def test_the_body_is_the_same_at_every_attempt(office) -> None:
    row = WebhookDeliveryRow(
        id=UUID(int=1), webhook_id=UUID(int=2), after_place=3, to_place=4, layers=["hubs"]
    )
    assert message(row) == message(row)
    assert "test" not in json.loads(message(row))


def test_from_a_terminal(office, receiver, monkeypatch) -> None:  # noqa: F811
    monkeypatch.setenv("GEO_DATABASE_URL", office.url)
    run = CliRunner()

    def said(*words: str, exit_code: int = 0) -> list[str]:
        result = run.invoke(cli, ["webhook", *words])
        assert result.exit_code == exit_code, result.output + str(result.exception)
        return result.stdout.splitlines()

    identity, secret = said("add", "终端", receiver.url, "--layer", "hubs", "--layer", "names")
    assert len(secret) > 30
    (row,) = [line for line in said("list") if line.startswith(identity)]
    assert row.split("\t")[1:] == ["终端", receiver.url, "hubs,names", "active", "-"]
    assert said("test", identity) == ["delivered: 204"]
    receiver.answers.append(404)
    assert said("test", identity, exit_code=1) == ["failed: 404"]
    log = [line.split("\t") for line in said("deliveries", identity)]
    assert [(line[2], line[3], line[4], line[5]) for line in log] == [
        ("failed", "1", "404", "test"),
        ("delivered", "1", "204", "test"),
    ]
    said("pause", identity)
    assert "\tpaused\t" in next(line for line in said("list") if line.startswith(identity))
    said("resume", identity)
    renewed, until = said("secret", identity)
    assert renewed != secret
    assert until.endswith("Z")
    said("remove", identity)
    assert not any(line.startswith(identity) for line in said("list"))
