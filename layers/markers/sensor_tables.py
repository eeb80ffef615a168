"""Rows of what sensors say: who may send (sources), and their messages, only ever added."""

import uuid
from datetime import datetime
from typing import Any

from sqlalchemy import CheckConstraint, Float, ForeignKey, Index, Text, UniqueConstraint, text
from sqlalchemy.dialects.postgresql import ARRAY, JSONB
from sqlalchemy.orm import Mapped, mapped_column

from layers.markers.sensor_model import Unmatched
from layers.markers.tables import SCHEMA, Instant, Json, marker_key, one_of
from layers.tables import Base, Key, RecordedAt


class SensorSourceRow(Base):
    """Who sends messages of sensors: a platform or a gateway, of one office, with the secret that it signs by.

    A signature is checked by making it again, so the secret is kept as it is; `previous_secret` holds until
    `previous_until` after a change of secrets. A source that has ended is kept, for its messages name it.
    """

    __tablename__ = "sensor_source"
    __table_args__ = (
        Index("uq_sensor_source_name", "name", unique=True, postgresql_where=text("ended_at IS NULL")),
        {"schema": SCHEMA},
    )

    id: Mapped[Key]
    name: Mapped[str] = mapped_column(Text)
    unit_code: Mapped[str] = mapped_column(Text)
    secret: Mapped[str] = mapped_column(Text)
    previous_secret: Mapped[str | None] = mapped_column(Text)
    previous_until: Mapped[datetime | None] = mapped_column(Instant)
    created_by: Mapped[str] = mapped_column(Text)
    created_at: Mapped[RecordedAt]
    rotated_at: Mapped[datetime | None] = mapped_column(Instant)
    ended_at: Mapped[datetime | None] = mapped_column(Instant)


class SensorMessageRow(Base):
    """One message of a device as it came in, with what it showed by the policy of that day; its id is the receipt.

    Clocks as on an inspection: `captured_at` of the device, `happened_at` put right by the skew measured at `sent_at`,
    `received_at` of the office. Without a marker, `unmatched` says why, and `unit_code` whose it is to look at.
    What it means for the colour stands in `marker_record`.
    """

    __tablename__ = "sensor_message"
    __table_args__ = (
        CheckConstraint(one_of("unmatched", Unmatched), name="unmatched"),
        CheckConstraint("(marker_id IS NULL) = (unmatched IS NOT NULL)", name="matched"),
        UniqueConstraint("source_id", "message_id", name="uq_sensor_message_source_id_message_id"),
        Index("ix_sensor_message_source_id_received_at", "source_id", "received_at"),
        Index("ix_sensor_message_marker_id_received_at", "marker_id", "received_at"),
        Index("ix_sensor_message_marker_id_device_happened_at", "marker_id", "device", "happened_at"),
        Index(
            "ix_sensor_message_unmatched", "device", "received_at", postgresql_where=text("marker_id IS NULL")
        ),
        {"schema": SCHEMA},
    )

    id: Mapped[Key]
    source_id: Mapped[uuid.UUID] = mapped_column(ForeignKey(f"{SCHEMA}.sensor_source.id"))
    message_id: Mapped[str] = mapped_column(Text)
    unit_code: Mapped[str] = mapped_column(Text)
    marker_id: Mapped[uuid.UUID | None] = marker_key()
    unmatched: Mapped[str | None] = mapped_column(Text)
    device: Mapped[str] = mapped_column(Text)
    captured_at: Mapped[datetime] = mapped_column(Instant)
    sent_at: Mapped[datetime | None] = mapped_column(Instant)
    happened_at: Mapped[datetime] = mapped_column(Instant)
    received_at: Mapped[datetime] = mapped_column(Instant)
    clock_skew_s: Mapped[float] = mapped_column(Float, server_default="0")
    codes: Mapped[list[str]] = mapped_column(ARRAY(Text), server_default=text("'{}'"))
    findings: Mapped[list[Any]] = mapped_column(JSONB, server_default=text("'[]'"))
    content: Mapped[Json] = mapped_column(JSONB)
    digest: Mapped[str] = mapped_column(Text)
