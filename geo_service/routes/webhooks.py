"""Webhooks over HTTP: an administrator's."""

from uuid import UUID

from fastapi import APIRouter, Request

from geo_service.auth.gate import Administrator, NeverStored
from geo_service.changes import webhooks
from geo_service.db import DbSession
from geo_service.schemas.changes import Deliveries, Delivery, MadeWebhook, NewWebhook, Webhook, Webhooks

router = APIRouter(prefix="/api/webhooks", tags=["changes"], dependencies=[NeverStored])


@router.get("")
def list_webhooks(session: DbSession, officer: Administrator) -> Webhooks:
    """List the addresses that are told of changes."""
    return Webhooks(webhooks=[Webhook.model_validate(row) for row in webhooks.list_webhooks(session)])


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


@router.get("/{webhook_id}/deliveries")
def list_deliveries(session: DbSession, officer: Administrator, webhook_id: UUID) -> Deliveries:
    """List the messages to an address and what became of each."""
    rows = webhooks.deliveries(session, webhook_id)
    return Deliveries(deliveries=[Delivery.model_validate(row) for row in rows])
