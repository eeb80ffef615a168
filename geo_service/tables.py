"""Every table there is, gathered for the migrations, and the service's own."""

import uuid
from datetime import datetime
from typing import Any

from sqlalchemy import (
    BigInteger,
    CheckConstraint,
    DateTime,
    Float,
    ForeignKey,
    Index,
    LargeBinary,
    SmallInteger,
    Text,
    text,
)
from sqlalchemy.dialects.postgresql import ARRAY, JSONB, UUID
from sqlalchemy.orm import Mapped, mapped_column

from geo_service.auth import tables as auth
from geo_service.changes import tables as changes
from geo_service.documents import tables as documents
from geo_service.releases import tables as releases
from layers.boundaries import tables as boundaries
from layers.hubs import tables as hubs
from layers.markers import evidence_tables, joint_tables, sensor_tables
from layers.markers import tables as markers
from layers.naming import proposal_tables as naming_proposals
from layers.naming import tables as naming
from layers.tables import Base, RecordedAt, uuid7

SCHEMA = "service"


class DataVersionRow(Base):
    """How often a layer has changed, in parts to be summed; a tile's ETag is made of it. Raised by trigger with every change.

    A part is raised by few connections: two that change a layer at once seldom wait for one row, and the sum still
    grows with every commit.
    """

    __tablename__ = "data_version"
    __table_args__ = {"schema": SCHEMA}  # noqa: RUF012 -- SQLAlchemy's spelling

    layer: Mapped[str] = mapped_column(Text, primary_key=True)
    part: Mapped[int] = mapped_column(SmallInteger, primary_key=True)
    version: Mapped[int] = mapped_column(BigInteger)


class JobRow(Base):
    """Long work: what was asked, how far it is, what came of it (D11)."""

    __tablename__ = "job"
    __table_args__ = (
        CheckConstraint("state IN ('waiting', 'running', 'done', 'failed', 'cancelled')", name="state"),
        CheckConstraint("progress BETWEEN 0 AND 1", name="progress"),
        Index("ix_job_created_at", "created_at"),
        {"schema": SCHEMA},
    )

    id: Mapped[uuid.UUID] = mapped_column(UUID(as_uuid=True), primary_key=True, default=uuid7)
    kind: Mapped[str] = mapped_column(Text)
    state: Mapped[str] = mapped_column(Text, server_default="waiting")
    progress: Mapped[float] = mapped_column(Float, server_default="0")
    stage: Mapped[str | None] = mapped_column(Text)
    request: Mapped[dict[str, Any]] = mapped_column(JSONB)
    result: Mapped[dict[str, Any] | None] = mapped_column(JSONB)
    problem: Mapped[dict[str, Any] | None] = mapped_column(JSONB)
    created_by: Mapped[str | None] = mapped_column(Text)
    created_at: Mapped[RecordedAt]
    started_at: Mapped[datetime | None] = mapped_column(DateTime(timezone=True))
    ended_at: Mapped[datetime | None] = mapped_column(DateTime(timezone=True))
    cancel_asked_at: Mapped[datetime | None] = mapped_column(DateTime(timezone=True))


class ReferenceLayerRow(Base):
    """A file that the office wants to see beside its own data: where its rows stand, what it was read from, how it looks.

    `columns` are names and PostgreSQL types in the file's order, without key and geometry; `bbox` in degrees of EPSG:4490.
    One that was removed keeps its rows for seven days; of those shown, each name stands once.
    """

    __tablename__ = "reference_layer"
    __table_args__ = (
        Index(
            "uq_reference_layer_name_shown", "name", unique=True, postgresql_where=text("removed_at IS NULL")
        ),
        {"schema": SCHEMA},
    )

    id: Mapped[uuid.UUID] = mapped_column(UUID(as_uuid=True), primary_key=True, default=uuid7)
    name: Mapped[str] = mapped_column(Text)
    title: Mapped[str] = mapped_column(Text)
    style: Mapped[dict[str, Any]] = mapped_column(JSONB, server_default=text("'{}'"))
    table_name: Mapped[str] = mapped_column(Text, unique=True)
    key_column: Mapped[str] = mapped_column(Text)
    geometry_column: Mapped[str] = mapped_column(Text)
    geometry_type: Mapped[str] = mapped_column(Text)
    columns: Mapped[list[dict[str, str]]] = mapped_column(JSONB)
    features: Mapped[int] = mapped_column(BigInteger)
    bbox: Mapped[list[float] | None] = mapped_column(ARRAY(Float))
    source_file: Mapped[str] = mapped_column(Text)
    source_layer: Mapped[str] = mapped_column(Text)
    source_crs: Mapped[str] = mapped_column(Text)
    sha256: Mapped[str] = mapped_column(Text)
    recorded_at: Mapped[RecordedAt]
    recorded_by: Mapped[str] = mapped_column(Text)
    removed_at: Mapped[datetime | None] = mapped_column(DateTime(timezone=True))
    removed_by: Mapped[str | None] = mapped_column(Text)


class ReferenceUploadRow(Base):
    """A file on its way to become a layer for reference; forgotten once it is one, or after a day."""

    __tablename__ = "reference_upload"
    __table_args__ = {"schema": SCHEMA}  # noqa: RUF012 -- SQLAlchemy's spelling

    id: Mapped[uuid.UUID] = mapped_column(UUID(as_uuid=True), primary_key=True)
    file_name: Mapped[str] = mapped_column(Text)
    size: Mapped[int] = mapped_column(BigInteger)
    sha256: Mapped[str] = mapped_column(Text)
    recorded_at: Mapped[RecordedAt]
    recorded_by: Mapped[str] = mapped_column(Text)


class ReferenceUploadPieceRow(Base):
    """A piece of such a file, so that a worker on any machine can read it."""

    __tablename__ = "reference_upload_piece"
    __table_args__ = {"schema": SCHEMA}  # noqa: RUF012 -- SQLAlchemy's spelling

    upload_id: Mapped[uuid.UUID] = mapped_column(
        ForeignKey("service.reference_upload.id", ondelete="CASCADE"), primary_key=True
    )
    number: Mapped[int] = mapped_column(primary_key=True)
    content: Mapped[bytes] = mapped_column(LargeBinary)


PARTS = (
    auth,
    changes,
    documents,
    releases,
    boundaries,
    markers,
    evidence_tables,
    joint_tables,
    sensor_tables,
    hubs,
    naming,
    naming_proposals,
)
metadata = Base.metadata
