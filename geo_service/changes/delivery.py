"""Messages on their way: made when layers have changed, sent by the job queue, sent again with longer and longer waits."""

import http.client
import time
from collections.abc import Mapping
from typing import Any, Final
from uuid import UUID

import structlog

from geo_service.auth.officer import OPERATOR
from geo_service.changes.addresses import AddressRefused, judged, post
from geo_service.changes.tables import WebhookDeliveryRow, WebhookRow
from geo_service.changes.webhooks import announce, message, note_attempt
from geo_service.db import Database
from geo_service.jobs import Progress, enqueue, job_kind
from geo_service.settings import get_settings
from geo_service.signatures import signature

JOB_KIND: Final = "deliver_webhook"
log = structlog.get_logger(__name__)


def announce_changes(database: Database) -> int:
    """Make and queue the messages that are due; returns how many."""
    with database.acting_as(OPERATOR).transaction() as session:
        made = announce(session)
        for row in made:
            enqueue(session, JOB_KIND, {"delivery": str(row.id)}, asked_by=OPERATOR)
        return len(made)


@job_kind(JOB_KIND)
def deliver(database: Database, progress: Progress, request: Mapping[str, Any]) -> Mapping[str, Any]:
    """Send a message once, and queue the next attempt where this one failed.

    The database is not held while the other side thinks; a message that was delivered is not sent again.
    """
    identity = UUID(request["delivery"])
    with database.transaction() as session:
        row = session.get_one(WebhookDeliveryRow, identity)
        hook = session.get_one(WebhookRow, row.webhook_id)
        if row.state != "waiting":
            return {"state": row.state, "attempts": row.attempts}
        body, url, secret, ended = message(row), hook.url, hook.secret, hook.ended_at
    answered, failure = (None, "ended") if ended else _sent(identity, url, secret, body)
    with database.transaction() as session:
        row = session.get_one(WebhookDeliveryRow, identity)
        due = note_attempt(row, answered=answered, failure=failure)
        if due is not None and not ended:
            enqueue(session, JOB_KIND, {"delivery": str(identity)}, asked_by=OPERATOR, at=due)
        told = {"state": row.state, "attempts": row.attempts, "answered": answered, "failure": failure}
    progress.report(1.0, "sent")
    return told


def _sent(identity: UUID, url: str, secret: str, body: bytes) -> tuple[int | None, str | None]:
    """Return the status that was answered, or in a word why there is none."""
    timestamp = int(time.time())
    headers = {
        "Content-Type": "application/json",
        "User-Agent": "geo_service",
        "Geo-Delivery": str(identity),
        "Geo-Timestamp": str(timestamp),
        "Geo-Signature": signature(secret, timestamp, body),
    }
    try:
        return post(judged(url, get_settings().webhook_networks), body, headers), None
    except AddressRefused as refused:
        return None, str(refused.facts["reason"])
    except (OSError, http.client.HTTPException) as error:
        log.info("webhook_not_delivered", delivery=str(identity), error=type(error).__name__)
        return None, type(error).__name__
