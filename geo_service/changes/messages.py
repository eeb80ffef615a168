"""Messages to webhooks: made, held by one worker while it sends, and what became of each attempt. It sends nothing.

A message says which layers changed between two places of the feed, and nothing of what they hold: whoever gets it reads the
feed with his own rights. A test names no layers.
"""

import json
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from typing import Any, Final
from uuid import UUID

from sqlalchemy import select, text
from sqlalchemy.dialects.postgresql import distinct_on
from sqlalchemy.orm import Session

from geo_service.auth.audit import record_act
from geo_service.changes.feed import Place, newest_place
from geo_service.changes.tables import WebhookDeliveryRow, WebhookRow
from geo_service.changes.webhooks import find_webhook, standing_webhook

# Waited for after the first, second … attempt that failed; then the message is given up, and stays in the log.
BACK_OFF: Final = tuple(timedelta(seconds=seconds) for seconds in (10, 60, 300, 1800, 7200, 21600))
HELD: Final = timedelta(minutes=1)
CHANGED_LAYERS: Final = text(
    "SELECT DISTINCT c.layer FROM service.change_set s JOIN service.change c ON c.set_id = s.id "
    "WHERE s.place > :after AND s.place <= :to AND c.layer = ANY (:layers)"
)
# Waiting, and nobody will send it: its job was cut off with its process, or ended while the address was paused.
WITHOUT_JOB: Final = text("""
    SELECT d.id, d.next_attempt_at FROM service.webhook_delivery d JOIN service.webhook w ON w.id = d.webhook_id
     WHERE d.state = 'waiting' AND w.paused_at IS NULL AND (d.taken_until IS NULL OR d.taken_until <= now())
       AND NOT EXISTS (
           SELECT FROM service.job j
             JOIN procrastinate.procrastinate_jobs q ON q.args ->> 'job_id' = j.id::text
             LEFT JOIN procrastinate.procrastinate_workers v ON v.id = q.worker_id
            WHERE j.request ->> 'delivery' = d.id::text AND j.state IN ('waiting', 'running')
              AND (q.status = 'todo' OR (q.status = 'doing' AND v.last_heartbeat > now() - interval '30 seconds')))
""")
ONE_AT_A_TIME: Final = text("SELECT pg_try_advisory_xact_lock(hashtext('service.webhook_delivery'))")


def deliveries(session: Session, webhook_id: UUID, *, limit: int = 100) -> list[WebhookDeliveryRow]:
    """Return the log of a webhook, the newest message first; raises `WebhookNotFound`."""
    find_webhook(session, webhook_id)
    asked = (
        select(WebhookDeliveryRow)
        .where(WebhookDeliveryRow.webhook_id == webhook_id)
        .order_by(WebhookDeliveryRow.created_at.desc(), WebhookDeliveryRow.id.desc())
        .limit(limit)
    )
    return list(session.execute(asked).scalars())


def newest_of_each(session: Session, webhooks: Sequence[WebhookRow]) -> dict[UUID, WebhookDeliveryRow]:
    """Return the newest message to each of some webhooks, by the webhook's key."""
    asked = (
        select(WebhookDeliveryRow)
        .ext(distinct_on(WebhookDeliveryRow.webhook_id))
        .where(WebhookDeliveryRow.webhook_id.in_([row.id for row in webhooks]))
        .order_by(
            WebhookDeliveryRow.webhook_id,
            WebhookDeliveryRow.created_at.desc(),
            WebhookDeliveryRow.id.desc(),
        )
    )
    return {row.webhook_id: row for row in session.execute(asked).scalars()}


def announce(session: Session) -> list[WebhookDeliveryRow]:
    """Make a message for each address whose layers changed since it was last told; of two workers one makes it."""
    to = newest_place(session)
    behind = (
        select(WebhookRow)
        .where(WebhookRow.ended_at.is_(None), WebhookRow.paused_at.is_(None), WebhookRow.told_to < to)
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


def make_test(session: Session, webhook_id: UUID) -> WebhookDeliveryRow:
    """Make a message that only says that it is a test; it is sent once. Raises `WebhookNotFound`."""
    hook = standing_webhook(session, webhook_id)
    row = WebhookDeliveryRow(webhook_id=hook.id, after_place=hook.told_to, to_place=hook.told_to, layers=[])
    session.add(row)
    session.flush()
    session.refresh(row)
    record_act(session, "webhook.test", subject=("webhook", str(hook.id)), detail={"delivery": str(row.id)})
    return row


def without_job(session: Session) -> list[tuple[UUID, datetime | None]]:
    """Return messages that wait and that no job will send, with the time of their next attempt; to one worker at a time."""
    if not session.execute(ONE_AT_A_TIME).scalar_one():
        return []
    return [(row.id, row.next_attempt_at) for row in session.execute(WITHOUT_JOB)]


def take(session: Session, delivery_id: UUID) -> WebhookDeliveryRow | None:
    """Hold a message for one worker, for a minute; None where it is done, held by another, or its address paused.

    A test goes out although its address is paused.
    """
    asked = select(WebhookDeliveryRow).where(WebhookDeliveryRow.id == delivery_id).with_for_update()
    row = session.execute(asked).scalar_one()
    now = datetime.now(UTC)
    if row.state != "waiting" or (row.taken_until is not None and row.taken_until > now):
        return None
    if row.layers and session.get_one(WebhookRow, row.webhook_id).paused_at is not None:
        return None
    row.taken_until = now + HELD
    return row


def message(row: WebhookDeliveryRow) -> bytes:
    """Return the body of a message, the same at every attempt."""
    since = Place(row.after_place, 2**63 - 1).token
    said: dict[str, Any] = {
        "delivery": str(row.id),
        "webhook": str(row.webhook_id),
        "layers": row.layers,
        "since": since,
        "changes": {layer: f"/api/changes/{layer}?since={since}" for layer in row.layers},
    }
    if not row.layers:
        said["test"] = True
    return json.dumps(said, ensure_ascii=False, sort_keys=True).encode()


def note_attempt(
    row: WebhookDeliveryRow, *, answered: int | None, failure: str | None, last: bool = False
) -> datetime | None:
    """Put an attempt on record; return when the next one is due, None when there is none, as after the `last`."""
    row.attempts += 1
    row.answered, row.failure, row.taken_until = answered, failure, None
    now = datetime.now(UTC)
    if answered is not None and 200 <= answered < 300:
        row.state, row.ended_at, row.next_attempt_at = "delivered", now, None
    elif last or row.attempts > len(BACK_OFF):
        row.state, row.ended_at, row.next_attempt_at = "failed", now, None
    else:
        row.next_attempt_at = now + BACK_OFF[row.attempts - 1]
    return row.next_attempt_at
