"""Rows of joint inspections (联检): plan, tasks, each side's records, opinions, signatures; keeps no stage."""

import uuid
from datetime import date, datetime

from geoalchemy2 import WKBElement
from sqlalchemy import CheckConstraint, Date, Float, ForeignKey, Index, Integer, Text, UniqueConstraint, text
from sqlalchemy.dialects.postgresql import ARRAY, JSONB
from sqlalchemy.orm import Mapped, mapped_column

from layers.markers.tables import SCHEMA, Instant, Json
from layers.tables import Base, Key, RecordedAt, geometry


class JointInspectionRow(Base):
    """The joint inspection of a line in a round: who leads, which documents; the stage follows from what is on record."""

    __tablename__ = "joint_inspection"
    __table_args__ = (
        UniqueConstraint("line_code", "cycle_start", "year", name="uq_joint_inspection_line_round"),
        CheckConstraint("cardinality(sides) >= 2", name="two_sides"),
        {"schema": SCHEMA},
    )

    id: Mapped[Key]
    line_code: Mapped[str] = mapped_column(Text)
    cycle_start: Mapped[date] = mapped_column(Date)
    year: Mapped[int] = mapped_column(Integer)
    sides: Mapped[list[str]] = mapped_column(ARRAY(Text))
    lead: Mapped[str] = mapped_column(Text)
    plan_document: Mapped[str | None] = mapped_column(Text)
    report_document: Mapped[str | None] = mapped_column(Text)
    indoor_minutes: Mapped[str | None] = mapped_column(Text)
    consent: Mapped[str | None] = mapped_column(Text)
    filing_number: Mapped[str | None] = mapped_column(Text)
    filed_on: Mapped[date | None] = mapped_column(Date)
    archived_in: Mapped[list[str]] = mapped_column(ARRAY(Text), server_default=text("'{}'"))
    results_recorded_at: Mapped[datetime | None] = mapped_column(Instant)
    recorded_at: Mapped[RecordedAt]
    recorded_by: Mapped[str] = mapped_column(Text)


class JointTaskRow(Base):
    """One stop of the walk along the line."""

    __tablename__ = "joint_task"
    __table_args__ = {"schema": SCHEMA}  # noqa: RUF012 -- SQLAlchemy's spelling

    joint_id: Mapped[uuid.UUID] = mapped_column(ForeignKey(f"{SCHEMA}.joint_inspection.id"), primary_key=True)
    place: Mapped[int] = mapped_column(Integer, primary_key=True)
    kind: Mapped[str] = mapped_column(Text)
    subjects: Mapped[list[str]] = mapped_column(ARRAY(Text))
    geometry: Mapped[WKBElement] = mapped_column(geometry("GEOMETRY"))
    along_m: Mapped[float] = mapped_column(Float)
    length_m: Mapped[float] = mapped_column(Float)
    sides: Mapped[list[str]] = mapped_column(ARRAY(Text))


class JointRecordRow(Base):
    """What a side recorded at a task, the joint opinion on it, that its work is done, or a signature; none is changed.

    Clocks as on an inspection: `captured_at` of the device that wrote it (none where the office did), `happened_at` put
    right by the skew (s) that was measured when it was sent, `recorded_at` of the office that received it.
    """

    __tablename__ = "joint_record"
    __table_args__ = (
        CheckConstraint("kind IN ('record', 'opinion', 'signature', 'completion')", name="kind"),
        Index("ix_joint_record_joint_id", "joint_id"),
        {"schema": SCHEMA},
    )

    id: Mapped[Key]
    joint_id: Mapped[uuid.UUID] = mapped_column(ForeignKey(f"{SCHEMA}.joint_inspection.id"))
    kind: Mapped[str] = mapped_column(Text)
    task: Mapped[int | None] = mapped_column(Integer)
    side: Mapped[str | None] = mapped_column(Text)
    person: Mapped[str] = mapped_column(Text)
    content: Mapped[Json] = mapped_column(JSONB)
    digest: Mapped[str] = mapped_column(Text, server_default="")
    captured_at: Mapped[datetime | None] = mapped_column(Instant)
    happened_at: Mapped[datetime] = mapped_column(Instant)
    clock_skew_s: Mapped[float] = mapped_column(Float, server_default="0")
    device: Mapped[str | None] = mapped_column(Text)
    recorded_at: Mapped[datetime] = mapped_column(Instant)
    recorded_by: Mapped[str] = mapped_column(Text)


class JointPaperRow(Base):
    """Which paper a record of a side cites; the database keeps it, so that its readers are those of the inspection."""

    __tablename__ = "joint_paper"
    __table_args__ = (Index("ix_joint_paper_sha256", "sha256"), {"schema": SCHEMA})

    record_id: Mapped[uuid.UUID] = mapped_column(ForeignKey(f"{SCHEMA}.joint_record.id"), primary_key=True)
    sha256: Mapped[str] = mapped_column(Text, primary_key=True)
    joint_id: Mapped[uuid.UUID] = mapped_column(ForeignKey(f"{SCHEMA}.joint_inspection.id"))


class OtherMarkRow(Base):
    """其他标志物 of a line, as its agreement names it; ended where it is gone and another takes its place."""

    __tablename__ = "other_mark"
    __table_args__ = (
        UniqueConstraint("line_code", "code", name="uq_other_mark_line_code"),
        CheckConstraint("valid_to > valid_from", name="valid"),
        {"schema": SCHEMA},
    )

    id: Mapped[Key]
    code: Mapped[str] = mapped_column(Text)
    line_code: Mapped[str] = mapped_column(Text)
    sides: Mapped[list[str]] = mapped_column(ARRAY(Text))
    description: Mapped[str] = mapped_column(Text)
    document: Mapped[str] = mapped_column(Text)
    geometry: Mapped[WKBElement] = mapped_column(geometry("POINT"))
    valid_from: Mapped[date] = mapped_column(Date)
    valid_to: Mapped[date | None] = mapped_column(Date)
    end_document: Mapped[str | None] = mapped_column(Text)
    recorded_at: Mapped[RecordedAt]
    recorded_by: Mapped[str] = mapped_column(Text)


class LineCountRow(Base):
    """界桩颗数 of a line as one of its documents states it; the newest counts, none is changed."""

    __tablename__ = "line_count"
    __table_args__ = (Index("ix_line_count_line_code", "line_code"), {"schema": SCHEMA})

    id: Mapped[Key]
    line_code: Mapped[str] = mapped_column(Text)
    sides: Mapped[list[str]] = mapped_column(ARRAY(Text))
    total: Mapped[int | None] = mapped_column(Integer)
    single: Mapped[int | None] = mapped_column(Integer)
    double: Mapped[int | None] = mapped_column(Integer)
    triple: Mapped[int | None] = mapped_column(Integer)
    document: Mapped[str] = mapped_column(Text)
    recorded_at: Mapped[RecordedAt]
    recorded_by: Mapped[str] = mapped_column(Text)
