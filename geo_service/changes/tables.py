"""Rows of the change feed, of webhooks and their deliveries."""

import uuid
from datetime import datetime

from sqlalchemy import BigInteger, CheckConstraint, DateTime, ForeignKey, Identity, Index, Integer, Text
from sqlalchemy import text as sql_text
from sqlalchemy.dialects.postgresql import ARRAY, UUID
from sqlalchemy.orm import Mapped, mapped_column

from layers.tables import Base, Key, RecordedAt

SCHEMA = "service"
Instant = DateTime(timezone=True)


class ChangeSetRow(Base):
    """What one transaction changed; `place` is its place in the order of commits, given as it commits."""

    __tablename__ = "change_set"
    __table_args__ = (
        Index("uq_change_set_place", "place", unique=True),
        Index("ix_change_set_transaction", "transaction"),
        {"schema": SCHEMA},
    )

    id: Mapped[int] = mapped_column(BigInteger, Identity(always=True), primary_key=True)
    transaction: Mapped[str] = mapped_column(Text)
    place: Mapped[int | None] = mapped_column(BigInteger)
    committed_at: Mapped[datetime | None] = mapped_column(Instant)


class ChangeRow(Base):
    """One record of a layer added, changed or removed; written by trigger with the change itself."""

    __tablename__ = "change"
    __table_args__ = (
        CheckConstraint("kind IN ('added', 'changed', 'removed')", name="kind"),
        Index("ix_change_set_id_layer_id", "set_id", "layer", "id"),
        {"schema": SCHEMA},
    )

    id: Mapped[int] = mapped_column(BigInteger, Identity(always=True), primary_key=True)
    set_id: Mapped[int] = mapped_column(BigInteger)
    layer: Mapped[str] = mapped_column(Text)
    subject: Mapped[uuid.UUID] = mapped_column(UUID(as_uuid=True))
    code: Mapped[str] = mapped_column(Text)
    kind: Mapped[str] = mapped_column(Text)


class WebhookRow(Base):
    """An address that is told when layers change. `told_to` is the place up to which deliveries were made.

    While it is paused, nothing is made or sent; a former secret signs besides the new one until its end.
    """

    __tablename__ = "webhook"
    __table_args__ = {"schema": SCHEMA}  # noqa: RUF012 -- SQLAlchemy's spelling

    id: Mapped[Key]
    label: Mapped[str] = mapped_column(Text)
    url: Mapped[str] = mapped_column(Text)
    layers: Mapped[list[str]] = mapped_column(ARRAY(Text))
    secret: Mapped[str] = mapped_column(Text)
    told_to: Mapped[int] = mapped_column(BigInteger)
    created_by: Mapped[str] = mapped_column(Text)
    created_at: Mapped[RecordedAt]
    paused_at: Mapped[datetime | None] = mapped_column(Instant)
    former_secret: Mapped[str | None] = mapped_column(Text)
    former_secret_until: Mapped[datetime | None] = mapped_column(Instant)
    ended_at: Mapped[datetime | None] = mapped_column(Instant)


class WebhookDeliveryRow(Base):
    """One message to one address, sent until it is taken or given up; its id is the same at every attempt.

    A test names no layers. Until `taken_until` one worker is sending it, and no other does.
    """

    __tablename__ = "webhook_delivery"
    __table_args__ = (
        CheckConstraint("state IN ('waiting', 'delivered', 'failed')", name="state"),
        Index("ix_webhook_delivery_webhook_id", "webhook_id"),
        Index(
            "ix_webhook_delivery_waiting", "next_attempt_at", postgresql_where=sql_text("state = 'waiting'")
        ),
        {"schema": SCHEMA},
    )

    id: Mapped[Key]
    webhook_id: Mapped[uuid.UUID] = mapped_column(ForeignKey(f"{SCHEMA}.webhook.id"))
    after_place: Mapped[int] = mapped_column(BigInteger)
    to_place: Mapped[int] = mapped_column(BigInteger)
    layers: Mapped[list[str]] = mapped_column(ARRAY(Text))
    state: Mapped[str] = mapped_column(Text, server_default="waiting")
    attempts: Mapped[int] = mapped_column(Integer, server_default="0")
    answered: Mapped[int | None] = mapped_column(Integer)
    failure: Mapped[str | None] = mapped_column(Text)
    created_at: Mapped[RecordedAt]
    next_attempt_at: Mapped[datetime | None] = mapped_column(Instant)
    taken_until: Mapped[datetime | None] = mapped_column(Instant)
    ended_at: Mapped[datetime | None] = mapped_column(Instant)
