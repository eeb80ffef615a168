"""Webhooks over HTTP: an administrator's."""

from uuid import UUID

from fastapi import APIRouter, Request

from geo_service.auth.gate import Administrator, NeverStored
from geo_service.changes import delivery, messages, webhooks
from geo_service.db import DbSession
from geo_service.schemas.changes import (
    Deliveries,
    Delivery,
    ListedWebhook,
    MadeWebhook,
    NewWebhook,
    Webhook,
    Webhooks,
)

router = APIRouter(prefix="/api/webhooks", tags=["changes"], dependencies=[NeverStored])


@router.get("")
def list_webhooks(session: DbSession, officer: Administrator) -> Webhooks:
    """List the addresses that are told of changes, each with the newest message to it."""
    rows = webhooks.list_webhooks(session)
    newest = messages.newest_of_each(session, rows)
    return Webhooks(
        webhooks=[
            ListedWebhook(
                **Webhook.model_validate(row).model_dump(),
                last_delivery=Delivery.model_validate(newest[row.id]) if row.id in newest else None,
            )
            for row in rows
        ]
    )


@router.post("", status_code=201)
def add_webhook(
    request: Request, session: DbSession, officer: Administrator, asked: NewWebhook
) -> MadeWebhook:
    """Have an address told when layers change; the secret of its signatures is shown this once."""
    row = webhooks.add_webhook(
        session,
        officer,
        label=asked.label,
        url=asked.url,
        layers=asked.layers,
        allowed=request.app.state.settings.webhook_networks,
    )
    return MadeWebhook.model_validate(row)


@router.delete("/{webhook_id}", status_code=204)
def end_webhook(session: DbSession, officer: Administrator, webhook_id: UUID) -> None:
    """Send nothing more to an address."""
    webhooks.end_webhook(session, webhook_id)


@router.post("/{webhook_id}/pause")
def pause_webhook(session: DbSession, officer: Administrator, webhook_id: UUID) -> Webhook:
    """Send nothing to an address until it is resumed; what changes meanwhile is told then."""
    return Webhook.model_validate(webhooks.pause_webhook(session, webhook_id))


@router.post("/{webhook_id}/resume")
def resume_webhook(session: DbSession, officer: Administrator, webhook_id: UUID) -> Webhook:
    """Send to an address again."""
    return Webhook.model_validate(webhooks.resume_webhook(session, webhook_id))


@router.post("/{webhook_id}/secret")
def change_webhook_secret(session: DbSession, officer: Administrator, webhook_id: UUID) -> MadeWebhook:
    """Give an address a new secret, shown this once; for a day messages are signed with the former one too."""
    return MadeWebhook.model_validate(webhooks.change_secret(session, webhook_id))


@router.post("/{webhook_id}/test", status_code=202)
def test_webhook(session: DbSession, officer: Administrator, webhook_id: UUID) -> Delivery:
    """Send an address a message that only says that it is a test, once; its delivery says what came of it."""
    return Delivery.model_validate(delivery.queue_test(session, officer, webhook_id))


@router.get("/{webhook_id}/deliveries")
def list_deliveries(session: DbSession, officer: Administrator, webhook_id: UUID) -> Deliveries:
    """List the messages to an address and what became of each."""
    rows = messages.deliveries(session, webhook_id)
    return Deliveries(deliveries=[Delivery.model_validate(row) for row in rows])
