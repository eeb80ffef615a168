"""Rows of requests for the release of data."""

import uuid
from datetime import date, datetime

from sqlalchemy import CheckConstraint, Date, DateTime, Float, ForeignKey, Index, LargeBinary, Text
from sqlalchemy.dialects.postgresql import ARRAY, UUID
from sqlalchemy.orm import Mapped, mapped_column

from layers.tables import Base, Key, RecordedAt

Instant = DateTime(timezone=True)


class ReleaseRequestRow(Base):
    """A request for a file of a layer (数据提供申请): who wants it for what, who decided, when it was fetched.

    `unit_code` is the applicant's office; who decides must reach it. `ground_code` is the unit whose ground is
    asked for, instead of `bbox`. The link is kept as its hash; the file is made when it is fetched, and its hash kept.
    """

    __tablename__ = "release_request"
    __table_args__ = (
        CheckConstraint("state IN ('requested', 'approved', 'refused', 'downloaded')", name="state"),
        CheckConstraint("reviewed_by <> requested_by", name="other_officer"),
        Index("uq_release_request_link_hash", "link_hash", unique=True),
        {"schema": "service"},
    )

    id: Mapped[Key]
    layer: Mapped[str] = mapped_column(Text)
    form: Mapped[str] = mapped_column(Text)
    purpose: Mapped[str] = mapped_column(Text)
    recipient: Mapped[str] = mapped_column(Text)
    bbox: Mapped[list[float] | None] = mapped_column(ARRAY(Float))
    ground_code: Mapped[str | None] = mapped_column(Text)
    as_of: Mapped[date | None] = mapped_column(Date)
    document_id: Mapped[uuid.UUID | None] = mapped_column(
        UUID(as_uuid=True), ForeignKey("service.document.id")
    )
    state: Mapped[str] = mapped_column(Text, server_default="requested")
    unit_code: Mapped[str] = mapped_column(Text)
    requested_by: Mapped[str] = mapped_column(Text)
    requested_at: Mapped[RecordedAt]
    reviewed_by: Mapped[str | None] = mapped_column(Text)
    reviewed_at: Mapped[datetime | None] = mapped_column(Instant)
    note: Mapped[str] = mapped_column(Text, server_default="")
    link_hash: Mapped[bytes | None] = mapped_column(LargeBinary)
    expires_at: Mapped[datetime | None] = mapped_column(Instant)
    downloaded_at: Mapped[datetime | None] = mapped_column(Instant)
    sha256: Mapped[str | None] = mapped_column(Text)
