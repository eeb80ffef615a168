"""Addresses that are told when layers change: put on record, paused, given a new secret, ended. It sends nothing."""

import secrets
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from typing import Final
from uuid import UUID

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from geo_service.auth.audit import record_act
from geo_service.auth.officer import Officer
from geo_service.changes.addresses import judged
from geo_service.changes.feed import Layer, newest_place
from geo_service.changes.tables import WebhookRow
from layers.errors import NotFound

BOTH_SECRETS: Final = timedelta(days=1)


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
        secret=_new_secret(),
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


def standing_webhook(session: Session, webhook_id: UUID) -> WebhookRow:
    """Return a webhook that has not ended, held until the transaction ends; raises `WebhookNotFound`."""
    asked = select(WebhookRow).where(WebhookRow.id == webhook_id, WebhookRow.ended_at.is_(None))
    row = session.execute(asked.with_for_update()).scalar_one_or_none()
    if row is None:
        raise WebhookNotFound(webhook=str(webhook_id))
    return row


def pause_webhook(session: Session, webhook_id: UUID) -> WebhookRow:
    """Send nothing to an address until it is resumed; what changes meanwhile is told then, in one message."""
    row = standing_webhook(session, webhook_id)
    if row.paused_at is None:
        row.paused_at = func.now()
        _noted(session, row, "webhook.pause")
    return row


def resume_webhook(session: Session, webhook_id: UUID) -> WebhookRow:
    """Send to an address again: what was waiting, and what changed meanwhile."""
    row = standing_webhook(session, webhook_id)
    if row.paused_at is not None:
        row.paused_at = None
        _noted(session, row, "webhook.resume")
    return row


def change_secret(session: Session, webhook_id: UUID) -> WebhookRow:
    """Give an address a new secret; for a day its messages are signed with the former one too."""
    row = standing_webhook(session, webhook_id)
    row.former_secret, row.former_secret_until = row.secret, datetime.now(UTC) + BOTH_SECRETS
    row.secret = _new_secret()
    _noted(session, row, "webhook.secret")
    return row


def secrets_of(row: WebhookRow) -> list[str]:
    """Return the secrets that sign an address's messages now, the newest first."""
    until = row.former_secret_until
    if row.former_secret is None or until is None or until <= datetime.now(UTC):
        return [row.secret]
    return [row.secret, row.former_secret]


def end_webhook(session: Session, webhook_id: UUID) -> None:
    """Send nothing more to an address; what waits is given up at its next turn. Ended once, it stays ended."""
    row = find_webhook(session, webhook_id)
    if row.ended_at is None:
        row.ended_at = func.now()
        record_act(session, "webhook.end", subject=("webhook", str(row.id)))


def list_webhooks(session: Session) -> list[WebhookRow]:
    """Return the webhooks that stand, the newest first."""
    asked = select(WebhookRow).where(WebhookRow.ended_at.is_(None)).order_by(WebhookRow.created_at.desc())
    return list(session.execute(asked).scalars())


def _new_secret() -> str:
    return secrets.token_urlsafe(32)


def _noted(session: Session, row: WebhookRow, act: str) -> None:
    session.flush()
    session.refresh(row)
    record_act(session, act, subject=("webhook", str(row.id)))
