"""Messages on their way: made when layers have changed, sent by the job queue, sent again with longer and longer waits."""

import http.client
import time
from collections.abc import Mapping, Sequence
from typing import Any, Final
from uuid import UUID

import structlog
from sqlalchemy.orm import Session

from geo_service.auth.officer import OPERATOR, Officer
from geo_service.changes.addresses import AddressRefused, judged, post
from geo_service.changes.messages import announce, make_test, message, note_attempt, take, without_job
from geo_service.changes.tables import WebhookDeliveryRow, WebhookRow
from geo_service.changes.webhooks import secrets_of
from geo_service.db import Database
from geo_service.jobs import Progress, enqueue, job_kind
from geo_service.settings import get_settings
from geo_service.signatures import signature

JOB_KIND: Final = "deliver_webhook"
log = structlog.get_logger(__name__)


def announce_changes(database: Database) -> int:
    """Make and queue the messages that are due, and queue again what no job will send; returns how many were made."""
    with database.acting_as(OPERATOR).transaction() as session:
        made = announce(session)
        for row in made:
            enqueue(session, JOB_KIND, {"delivery": str(row.id)}, asked_by=OPERATOR)
        for identity, due in without_job(session):
            enqueue(session, JOB_KIND, {"delivery": str(identity)}, asked_by=OPERATOR, at=due)
        return len(made)


def queue_test(session: Session, officer: Officer, webhook_id: UUID) -> WebhookDeliveryRow:
    """Make a test message and have it sent; raises `WebhookNotFound`."""
    row = make_test(session, webhook_id)
    enqueue(session, JOB_KIND, {"delivery": str(row.id)}, asked_by=officer)
    return row


@job_kind(JOB_KIND)
def deliver(database: Database, progress: Progress, request: Mapping[str, Any]) -> Mapping[str, Any]:
    """Send a message once, and queue the next attempt where this one failed."""
    told = send_once(database, UUID(request["delivery"]))
    progress.report(1.0, "sent")
    return told


def send_once(database: Database, identity: UUID) -> dict[str, Any]:
    """Send a message and put on record what came of it; the next attempt is queued with the record of this one.

    The database is not held while the other side thinks. A message that was delivered, or that another worker is sending,
    is not sent.
    """
    with database.transaction() as session:
        row = take(session, identity)
        if row is None:
            return {"state": "left"}
        hook = session.get_one(WebhookRow, row.webhook_id)
        body, url, secrets, ended = message(row), hook.url, secrets_of(hook), hook.ended_at is not None
    answered, failure = (None, "ended") if ended else _sent(identity, url, secrets, body)
    with database.transaction() as session:
        row = session.get_one(WebhookDeliveryRow, identity)
        due = note_attempt(row, answered=answered, failure=failure, last=ended or not row.layers)
        if due is not None:
            enqueue(session, JOB_KIND, {"delivery": str(identity)}, asked_by=OPERATOR, at=due)
        return {"state": row.state, "attempts": row.attempts, "answered": answered, "failure": failure}


def _sent(identity: UUID, url: str, secrets: Sequence[str], body: bytes) -> tuple[int | None, str | None]:
    """Return the status that was answered, or in a word why there is none."""
    timestamp = int(time.time())
    headers = {
        "Content-Type": "application/json",
        "User-Agent": "geo_service",
        "Geo-Delivery": str(identity),
        "Geo-Timestamp": str(timestamp),
        "Geo-Signature": ", ".join(signature(secret, timestamp, body) for secret in secrets),
    }
    try:
        return post(judged(url, get_settings().webhook_networks), body, headers), None
    except AddressRefused as refused:
        return None, str(refused.facts["reason"])
    except (OSError, http.client.HTTPException) as error:
        log.info("webhook_not_delivered", delivery=str(identity), error=type(error).__name__)
        return None, type(error).__name__
