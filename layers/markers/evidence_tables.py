"""Rows of evidence: inspections, reviews, photos, cases, rarer records; only ever added, the database sees to it."""

import uuid
from datetime import datetime
from typing import Any

from geoalchemy2 import WKBElement
from sqlalchemy import BigInteger, CheckConstraint, Float, ForeignKey, Index, Integer, Text, text
from sqlalchemy.dialects.postgresql import ARRAY, JSONB, UUID
from sqlalchemy.orm import Mapped, mapped_column

from layers.markers.model import Condition, InspectionKind, PositionCheck
from layers.markers.tables import SCHEMA, Instant, Json, marker_key, one_of
from layers.tables import Base, Key, RecordedAt, geometry


class InspectionRow(Base):
    """One visit as recorded on site. Two clocks: `captured_at` of the device, `received_at` of the office.

    `happened_at` is the device's time put right by the skew that was measured when the record came in.
    `condition` is what the person saw, `judged_condition` what it counts as once a measurement proves a shift.
    """

    __tablename__ = "inspection"
    __table_args__ = (
        CheckConstraint(one_of("kind", InspectionKind), name="kind"),
        CheckConstraint(one_of("condition", Condition), name="condition"),
        CheckConstraint(one_of("judged_condition", Condition), name="judged_condition"),
        CheckConstraint(one_of("position_check", PositionCheck), name="position_check"),
        Index("ix_inspection_marker_id", "marker_id"),
        Index("ix_inspection_received_at", "received_at"),
        {"schema": SCHEMA},
    )

    id: Mapped[Key]
    marker_id: Mapped[uuid.UUID] = marker_key()
    kind: Mapped[str] = mapped_column(Text)
    captured_at: Mapped[datetime] = mapped_column(Instant)
    happened_at: Mapped[datetime] = mapped_column(Instant)
    received_at: Mapped[datetime] = mapped_column(Instant)
    clock_skew_s: Mapped[float] = mapped_column(Float, server_default="0")
    device: Mapped[str] = mapped_column(Text, server_default="")
    app_version: Mapped[str] = mapped_column(Text, server_default="")
    person: Mapped[str] = mapped_column(Text)
    unit: Mapped[str] = mapped_column(Text, server_default="")
    condition: Mapped[str] = mapped_column(Text)
    judged_condition: Mapped[str] = mapped_column(Text)
    components: Mapped[dict[str, str]] = mapped_column(JSONB)
    geometry: Mapped[WKBElement | None] = mapped_column(geometry("POINT"))
    gnss: Mapped[Json | None] = mapped_column(JSONB)
    position_check: Mapped[str] = mapped_column(Text)
    displacement: Mapped[Json] = mapped_column(JSONB)
    actions: Mapped[list[str]] = mapped_column(ARRAY(Text))
    note: Mapped[str] = mapped_column(Text)
    remarks: Mapped[list[Any]] = mapped_column(JSONB, server_default=text("'[]'"))
    digest: Mapped[str] = mapped_column(Text)


class InspectionReviewRow(Base):
    """A reviewer's word on an inspection; a later one stands in the place of an earlier."""

    __tablename__ = "inspection_review"
    __table_args__ = (Index("ix_inspection_review_marker_id", "marker_id"), {"schema": SCHEMA})

    id: Mapped[Key]
    inspection_id: Mapped[uuid.UUID] = mapped_column(ForeignKey(f"{SCHEMA}.inspection.id"))
    marker_id: Mapped[uuid.UUID] = marker_key()
    accepted: Mapped[bool]
    reason: Mapped[str] = mapped_column(Text, server_default="")
    person: Mapped[str] = mapped_column(Text)
    recorded_at: Mapped[RecordedAt]


class PhotoRow(Base):
    """A photo that has arrived whole; its name is the SHA-256 of its bytes."""

    __tablename__ = "photo"
    __table_args__ = {"schema": SCHEMA}  # noqa: RUF012 -- SQLAlchemy's spelling

    sha256: Mapped[str] = mapped_column(Text, primary_key=True)
    size_bytes: Mapped[int] = mapped_column(BigInteger)
    media_type: Mapped[str] = mapped_column(Text)
    received_at: Mapped[RecordedAt]
    received_by: Mapped[str] = mapped_column(Text)


class InspectionPhotoRow(Base):
    """Which photo an inspection names and what it shows; the photo itself may still be on its way."""

    __tablename__ = "inspection_photo"
    __table_args__ = (Index("ix_inspection_photo_sha256", "sha256"), {"schema": SCHEMA})

    inspection_id: Mapped[uuid.UUID] = mapped_column(ForeignKey(f"{SCHEMA}.inspection.id"), primary_key=True)
    sha256: Mapped[str] = mapped_column(Text, primary_key=True)
    marker_id: Mapped[uuid.UUID] = marker_key()
    place: Mapped[int] = mapped_column(Integer)
    shows: Mapped[str] = mapped_column(Text)


class MarkerCaseRow(Base):
    """A case: which marker, when it was opened. Kind and stage are what its events make of it, kept for lists."""

    __tablename__ = "marker_case"
    __table_args__ = (Index("ix_marker_case_marker_id", "marker_id"), {"schema": SCHEMA})

    id: Mapped[Key]
    marker_id: Mapped[uuid.UUID] = marker_key()
    opened_at: Mapped[datetime] = mapped_column(Instant)
    opened_by: Mapped[str] = mapped_column(Text)
    kind: Mapped[str] = mapped_column(Text)
    stage: Mapped[str] = mapped_column(Text)


class CaseEventRow(Base):
    """One act on a case with the records that it brought.

    Sent by a device, it also has the device's own time and its clock's error, by which `happened_at` was put right.
    """

    __tablename__ = "case_event"
    __table_args__ = (
        Index("ix_case_event_case_id", "case_id"),
        Index("ix_case_event_marker_id", "marker_id"),
        {"schema": SCHEMA},
    )

    id: Mapped[Key]
    case_id: Mapped[uuid.UUID] = mapped_column(ForeignKey(f"{SCHEMA}.marker_case.id"))
    marker_id: Mapped[uuid.UUID] = marker_key()
    kind: Mapped[str] = mapped_column(Text)
    happened_at: Mapped[datetime] = mapped_column(Instant)
    recorded_at: Mapped[datetime] = mapped_column(Instant)
    captured_at: Mapped[datetime | None] = mapped_column(Instant)
    clock_skew_s: Mapped[float] = mapped_column(Float, server_default="0")
    person: Mapped[str] = mapped_column(Text)
    unit: Mapped[str] = mapped_column(Text)
    capacity: Mapped[str] = mapped_column(Text)
    records: Mapped[Json] = mapped_column(JSONB)
    digest: Mapped[str] = mapped_column(Text, server_default="")


class CasePaperRow(Base):
    """Which paper an act on a case cites; the database keeps it, so that its readers are those of the marker."""

    __tablename__ = "case_paper"
    __table_args__ = (Index("ix_case_paper_sha256", "sha256"), {"schema": SCHEMA})

    event_id: Mapped[uuid.UUID] = mapped_column(ForeignKey(f"{SCHEMA}.case_event.id"), primary_key=True)
    sha256: Mapped[str] = mapped_column(Text, primary_key=True)
    marker_id: Mapped[uuid.UUID] = marker_key()


class MarkerRecordRow(Base):
    """The rarer evidence: confirmations, joint results, flags and their settling, calls, withdrawals."""

    __tablename__ = "marker_record"
    __table_args__ = (
        CheckConstraint(
            "kind IN ('confirmed', 'joint_result', 'flagged', 'settled', 'called', 'withdrawn')", name="kind"
        ),
        Index("ix_marker_record_marker_id", "marker_id"),
        Index(
            "ix_marker_record_flagged", "marker_id", "recorded_at", postgresql_where=text("kind = 'flagged'")
        ),
        {"schema": SCHEMA},
    )

    id: Mapped[Key]
    marker_id: Mapped[uuid.UUID] = marker_key()
    kind: Mapped[str] = mapped_column(Text)
    about: Mapped[uuid.UUID | None] = mapped_column(UUID(as_uuid=True))
    happened_at: Mapped[datetime] = mapped_column(Instant)
    recorded_at: Mapped[datetime] = mapped_column(Instant)
    person: Mapped[str] = mapped_column(Text)
    content: Mapped[Json] = mapped_column(JSONB)
