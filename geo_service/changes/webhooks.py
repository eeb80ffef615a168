"""Addresses that are told when layers change: put on record, ended, and what became of each message.

A message says which layers changed between two places of the feed, and nothing of what they hold: whoever gets it reads the
feed with his own rights.
"""

import json
import secrets
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from typing import Any, Final
from uuid import UUID

from sqlalchemy import func, select, text
from sqlalchemy.orm import Session

from geo_service.auth.audit import record_act
from geo_service.auth.officer import Officer
from geo_service.changes.addresses import judged
from geo_service.changes.feed import Layer, Place, newest_place
from geo_service.changes.tables import WebhookDeliveryRow, WebhookRow
from layers.errors import NotFound

# Waited for after the first, second … attempt that failed; then the message is given up, and stays in the log.
BACK_OFF: Final = tuple(timedelta(seconds=seconds) for seconds in (10, 60, 300, 1800, 7200, 21600))
CHANGED_LAYERS: Final = text(
    "SELECT DISTINCT c.layer FROM service.change_set s JOIN service.change c ON c.set_id = s.id "
    "WHERE s.place > :after AND s.place <= :to AND c.layer = ANY (:layers)"
)


class WebhookNotFound(NotFound):
    """There is no such webhook."""

    code = "webhook.not_found"


def add_webhook(
    session: Session,
    officer: Officer,
    *,
    label: str,
    url: str,
    layers: Sequence[Layer],
    allowed: Sequence[str],
) -> WebhookRow:
    """Put an address on record; it is told of what changes from now on. Raises `AddressRefused`."""
    judged(url, allowed)
    row = WebhookRow(
        label=label,
        url=url,
        layers=sorted({layer.value for layer in layers}),
        secret=secrets.token_urlsafe(32),
        told_to=newest_place(session),
        created_by=officer.username,
    )
    session.add(row)
    session.flush()
    session.refresh(row)
    record_act(
        session, "webhook.add", subject=("webhook", str(row.id)), detail={"url": url, "layers": row.layers}
    )
    return row


def find_webhook(session: Session, webhook_id: UUID) -> WebhookRow:
    """Return a webhook; raises `WebhookNotFound`."""
    row = session.get(WebhookRow, webhook_id)
    if row is None:
        raise WebhookNotFound(webhook=str(webhook_id))
    return row


def end_webhook(session: Session, webhook_id: UUID) -> None:
    """Send nothing more to an address; what waits is given up at its next turn."""
    row = find_webhook(session, webhook_id)
    if row.ended_at is None:
        row.ended_at = func.now()
        record_act(session, "webhook.end", subject=("webhook", str(row.id)))


def list_webhooks(session: Session) -> list[WebhookRow]:
    """Return the webhooks that stand, the newest first."""
    asked = select(WebhookRow).where(WebhookRow.ended_at.is_(None)).order_by(WebhookRow.created_at.desc())
    return list(session.execute(asked).scalars())


def deliveries(session: Session, webhook_id: UUID, *, limit: int = 100) -> list[WebhookDeliveryRow]:
    """Return the log of a webhook, the newest message first."""
    find_webhook(session, webhook_id)
    asked = (
        select(WebhookDeliveryRow)
        .where(WebhookDeliveryRow.webhook_id == webhook_id)
        .order_by(WebhookDeliveryRow.created_at.desc())
        .limit(limit)
    )
    return list(session.execute(asked).scalars())


def announce(session: Session) -> list[WebhookDeliveryRow]:
    """Make a message for each address whose layers changed since it was last told; of two workers one makes it."""
    to = newest_place(session)
    behind = (
        select(WebhookRow)
        .where(WebhookRow.ended_at.is_(None), WebhookRow.told_to < to)
        .with_for_update(skip_locked=True)
    )
    made = []
    for hook in session.execute(behind).scalars():
        bound = {"after": hook.told_to, "to": to, "layers": hook.layers}
        changed = sorted(session.execute(CHANGED_LAYERS, bound).scalars())
        if changed:
            made.append(
                WebhookDeliveryRow(webhook_id=hook.id, after_place=hook.told_to, to_place=to, layers=changed)
            )
        hook.told_to = to
    session.add_all(made)
    session.flush()
    return made


def message(row: WebhookDeliveryRow) -> bytes:
    """Return the body of a message, the same at every attempt."""
    said: dict[str, Any] = {
        "delivery": str(row.id),
        "webhook": str(row.webhook_id),
        "layers": row.layers,
        "since": Place(row.after_place, 2**63 - 1).token,
        "changes": {
            layer: f"/api/changes/{layer}?since={Place(row.after_place, 2**63 - 1).token}"
            for layer in row.layers
        },
    }
    return json.dumps(said, ensure_ascii=False, sort_keys=True).encode()


def note_attempt(row: WebhookDeliveryRow, *, answered: int | None, failure: str | None) -> datetime | None:
    """Put an attempt on record; return when the next one is due, None when there is none."""
    row.attempts += 1
    row.answered, row.failure = answered, failure
    now = datetime.now(UTC)
    if answered is not None and 200 <= answered < 300:
        row.state, row.ended_at, row.next_attempt_at = "delivered", now, None
    elif row.attempts > len(BACK_OFF):
        row.state, row.ended_at, row.next_attempt_at = "failed", now, None
    else:
        row.next_attempt_at = now + BACK_OFF[row.attempts - 1]
    return row.next_attempt_at
