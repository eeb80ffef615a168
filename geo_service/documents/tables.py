"""Rows of documents and what they are linked to; both are evidence, only ever added to."""

import uuid
from datetime import date

from sqlalchemy import BigInteger, CheckConstraint, Date, ForeignKey, Index, Text, UniqueConstraint
from sqlalchemy.dialects.postgresql import ARRAY
from sqlalchemy.orm import Mapped, mapped_column

from geo_service.documents.legend import SUBJECT_KINDS, TYPES
from layers.tables import Base, Key, RecordedAt

SCHEMA = "service"


def _one_of(column: str, codes: tuple[str, ...]) -> str:
    return f"{column} IN ({', '.join(repr(code) for code in codes)})"


class DocumentRow(Base):
    """A paper on file: what it is, which bytes it has, where the original stands.

    `office_codes` are the jurisdictions of the officer who recorded it: the offices that keep it.
    """

    __tablename__ = "document"
    __table_args__ = (
        CheckConstraint(_one_of("type", tuple(sign.code for sign in TYPES)), name="type"),
        CheckConstraint("sha256 ~ '^[0-9a-f]{64}$'", name="sha256"),
        CheckConstraint("size_bytes > 0", name="size"),
        Index("ix_document_recorded_at_id", "recorded_at", "id"),
        Index("ix_document_sha256", "sha256"),
        {"schema": SCHEMA},
    )

    id: Mapped[Key]
    type: Mapped[str] = mapped_column(Text)
    number: Mapped[str | None] = mapped_column(Text)
    dated_on: Mapped[date | None] = mapped_column(Date)
    title: Mapped[str] = mapped_column(Text)
    archive_place: Mapped[str | None] = mapped_column(Text)
    file_name: Mapped[str] = mapped_column(Text)
    sha256: Mapped[str] = mapped_column(Text)
    size_bytes: Mapped[int] = mapped_column(BigInteger)
    media_type: Mapped[str] = mapped_column(Text)
    office_codes: Mapped[list[str]] = mapped_column(ARRAY(Text))
    recorded_by: Mapped[str] = mapped_column(Text)
    recorded_at: Mapped[RecordedAt]


class DocumentLinkRow(Base):
    """What a document proves: a line by its code, all else by its id."""

    __tablename__ = "document_link"
    __table_args__ = (
        CheckConstraint(
            _one_of("subject_kind", tuple(sign.code for sign in SUBJECT_KINDS)), name="subject_kind"
        ),
        UniqueConstraint("document_id", "subject_kind", "subject_id"),
        Index("ix_document_link_subject_kind_subject_id", "subject_kind", "subject_id"),
        {"schema": SCHEMA},
    )

    id: Mapped[Key]
    document_id: Mapped[uuid.UUID] = mapped_column(ForeignKey(f"{SCHEMA}.document.id"))
    subject_kind: Mapped[str] = mapped_column(Text)
    subject_id: Mapped[str] = mapped_column(Text)
    recorded_by: Mapped[str] = mapped_column(Text)
    recorded_at: Mapped[RecordedAt]
