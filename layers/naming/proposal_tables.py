"""Rows of proposals, their events, holds, comments, meetings and of signs; refuses to know any rule."""

import uuid
from datetime import date, datetime

from geoalchemy2 import WKBElement
from sqlalchemy import (
    Boolean,
    CheckConstraint,
    Date,
    DateTime,
    Float,
    ForeignKey,
    Index,
    Integer,
    Text,
    UniqueConstraint,
    text,
)
from sqlalchemy.dialects.postgresql import ARRAY, JSONB, UUID
from sqlalchemy.orm import Mapped, mapped_column

from layers.naming.committee import Vote
from layers.naming.model import NameKind, WidthBasis
from layers.naming.review import ProposalState
from layers.naming.signs import SignColour, SignPlace
from layers.naming.tables import SCHEMA, Json, one_of
from layers.tables import Base, Key, RecordedAt, geometry


class ProposalRow(Base):
    """What is proposed and where it stands; its path is `proposal_event`.

    `asked` is the request that made it, so that the same request again is known; `applicant` is personal and
    never shown to the public. `findings` are those of the last check, with the profile they were made under.
    """

    __tablename__ = "proposal"
    __table_args__ = (
        CheckConstraint(one_of("kind", NameKind), name="kind"),
        CheckConstraint(one_of("state", ProposalState), name="state"),
        CheckConstraint("action IN ('name', 'rename')", name="action"),
        CheckConstraint(one_of("width_basis", WidthBasis), name="width_basis"),
        Index("ix_proposal_keys", "keys", postgresql_using="gin"),
        Index("ix_proposal_geometry", "geometry", postgresql_using="gist"),
        Index("ix_proposal_state_id", "state", "id"),
        {"schema": SCHEMA},
    )

    id: Mapped[Key]
    characters: Mapped[str] = mapped_column(Text)
    kind: Mapped[str] = mapped_column(Text)
    action: Mapped[str] = mapped_column(Text, server_default="name")
    former_name_id: Mapped[uuid.UUID | None] = mapped_column(ForeignKey(f"{SCHEMA}.name.id"))
    former_name: Mapped[str] = mapped_column(Text, server_default="")
    state: Mapped[str] = mapped_column(Text, server_default="draft")
    reading: Mapped[list[str]] = mapped_column(ARRAY(Text), server_default=text("'{}'"))
    pinyin: Mapped[str] = mapped_column(Text)
    geometry: Mapped[WKBElement | None] = mapped_column(geometry("GEOMETRY"))
    unit_code: Mapped[str] = mapped_column(Text)
    authority_code: Mapped[str] = mapped_column(Text)
    width_m: Mapped[float | None] = mapped_column(Float)
    width_basis: Mapped[str | None] = mapped_column(Text)
    length_m: Mapped[float | None] = mapped_column(Float)
    road_class: Mapped[str] = mapped_column(Text, server_default="")
    parent: Mapped[str | None] = mapped_column(Text)
    origin: Mapped[str] = mapped_column(Text, server_default="")
    meaning: Mapped[str] = mapped_column(Text, server_default="")
    alternatives: Mapped[list[str]] = mapped_column(ARRAY(Text), server_default=text("'{}'"))
    alternative_readings: Mapped[Json] = mapped_column(JSONB, server_default=text("'{}'"))
    applicant: Mapped[Json] = mapped_column(JSONB, server_default=text("'{}'"))
    reasons: Mapped[Json] = mapped_column(JSONB, server_default=text("'{}'"))
    profile: Mapped[str] = mapped_column(Text)
    findings: Mapped[list[Json]] = mapped_column(JSONB, server_default=text("'[]'"))
    checked_at: Mapped[datetime | None] = mapped_column(DateTime(timezone=True))
    keys: Mapped[list[str]] = mapped_column(ARRAY(Text))
    asked: Mapped[Json] = mapped_column(JSONB)
    name_id: Mapped[uuid.UUID | None] = mapped_column(ForeignKey(f"{SCHEMA}.name.id"))
    comment_until: Mapped[date | None] = mapped_column(Date)
    synthetic: Mapped[bool] = mapped_column(Boolean, server_default=text("false"))
    recorded_at: Mapped[RecordedAt]
    recorded_by: Mapped[str] = mapped_column(Text)


class ProposalEventRow(Base):
    """One step a proposal took, with what was put on record with it; never changed."""

    __tablename__ = "proposal_event"
    __table_args__ = (
        UniqueConstraint("proposal_id", "place"),
        {"schema": SCHEMA},
    )

    id: Mapped[Key]
    proposal_id: Mapped[uuid.UUID] = mapped_column(ForeignKey(f"{SCHEMA}.proposal.id"))
    place: Mapped[int] = mapped_column(Integer)
    event: Mapped[str] = mapped_column(Text)
    actor: Mapped[str] = mapped_column(Text)
    happened_on: Mapped[date] = mapped_column(Date)
    state: Mapped[str] = mapped_column(Text)
    data: Mapped[Json] = mapped_column(JSONB)
    recorded_at: Mapped[RecordedAt]
    recorded_by: Mapped[str] = mapped_column(Text)


class ReservationRow(Base):
    """A hold on a name in one scope. While `released_on` is empty no other hold on it can be made there.

    The unique index is what makes two proposals at the same instant one: the second waits for the first
    to commit, then fails.
    """

    __tablename__ = "reservation"
    __table_args__ = (
        Index(
            "uq_reservation_held",
            "scope",
            "characters",
            "kind",
            unique=True,
            postgresql_where=text("released_on IS NULL"),
        ),
        Index("ix_reservation_proposal_id", "proposal_id"),
        CheckConstraint("held_from <= held_until", name="held"),
        {"schema": SCHEMA},
    )

    id: Mapped[Key]
    proposal_id: Mapped[uuid.UUID] = mapped_column(ForeignKey(f"{SCHEMA}.proposal.id"))
    scope: Mapped[str] = mapped_column(Text)
    characters: Mapped[str] = mapped_column(Text)
    kind: Mapped[str] = mapped_column(Text)
    held_from: Mapped[date] = mapped_column(Date)
    held_until: Mapped[date] = mapped_column(Date)
    released_on: Mapped[date | None] = mapped_column(Date)
    recorded_at: Mapped[RecordedAt]
    recorded_by: Mapped[str] = mapped_column(Text)


class CommentRow(Base):
    """What a member of the public says on a proposal; who says it is for the office alone; never changed."""

    __tablename__ = "comment"
    __table_args__ = (
        CheckConstraint("opinion IN ('for', 'against', 'remark')", name="opinion"),
        Index("ix_comment_proposal_id", "proposal_id"),
        Index("ix_comment_sender_recorded_at", "sender", "recorded_at"),
        {"schema": SCHEMA},
    )

    id: Mapped[Key]
    proposal_id: Mapped[uuid.UUID] = mapped_column(ForeignKey(f"{SCHEMA}.proposal.id"))
    opinion: Mapped[str] = mapped_column(Text)
    body: Mapped[str] = mapped_column(Text)
    author: Mapped[str] = mapped_column(Text, server_default="")
    contact: Mapped[str] = mapped_column(Text, server_default="")
    sender: Mapped[str] = mapped_column(Text)
    recorded_at: Mapped[RecordedAt]


class DispositionRow(Base):
    """How the office handled a comment, with its reason; a later one stands before an earlier; never changed."""

    __tablename__ = "comment_disposition"
    __table_args__ = (
        CheckConstraint("outcome IN ('adopted', 'partly', 'declined', 'noted')", name="outcome"),
        Index("ix_comment_disposition_comment_id", "comment_id"),
        {"schema": SCHEMA},
    )

    id: Mapped[Key]
    comment_id: Mapped[uuid.UUID] = mapped_column(ForeignKey(f"{SCHEMA}.comment.id"))
    outcome: Mapped[str] = mapped_column(Text)
    reason: Mapped[str] = mapped_column(Text)
    recorded_at: Mapped[RecordedAt]
    recorded_by: Mapped[str] = mapped_column(Text)


class MeetingRow(Base):
    """A sitting of the committee: when, who belongs to it, who takes the chair."""

    __tablename__ = "meeting"
    __table_args__ = (
        CheckConstraint("cardinality(members) >= 3", name="members"),
        {"schema": SCHEMA},
    )

    id: Mapped[Key]
    held_on: Mapped[date] = mapped_column(Date)
    title: Mapped[str] = mapped_column(Text)
    unit_code: Mapped[str] = mapped_column(Text)
    chair: Mapped[str] = mapped_column(Text)
    members: Mapped[list[str]] = mapped_column(ARRAY(Text))
    asked: Mapped[Json] = mapped_column(JSONB)
    recorded_at: Mapped[RecordedAt]
    recorded_by: Mapped[str] = mapped_column(Text)


class AgendaItemRow(Base):
    """One proposal on an agenda, and what the committee decided on it."""

    __tablename__ = "agenda_item"
    __table_args__ = (
        UniqueConstraint("meeting_id", "proposal_id"),
        Index(
            "uq_agenda_item_open",
            "proposal_id",
            unique=True,
            postgresql_where=text("outcome IS NULL"),
        ),
        {"schema": SCHEMA},
    )

    id: Mapped[Key]
    meeting_id: Mapped[uuid.UUID] = mapped_column(ForeignKey(f"{SCHEMA}.meeting.id"))
    proposal_id: Mapped[uuid.UUID] = mapped_column(ForeignKey(f"{SCHEMA}.proposal.id"))
    place: Mapped[int] = mapped_column(Integer)
    outcome: Mapped[str | None] = mapped_column(Text)
    counts: Mapped[Json | None] = mapped_column(JSONB)
    decided_at: Mapped[datetime | None] = mapped_column(DateTime(timezone=True))


class BallotRow(Base):
    """A member's vote on an item, or his recusal with its reason; one a member and item, never changed."""

    __tablename__ = "ballot"
    __table_args__ = (
        CheckConstraint(f"{one_of('vote', Vote)} OR vote = 'recused'", name="vote"),
        UniqueConstraint("item_id", "member"),
        {"schema": SCHEMA},
    )

    id: Mapped[Key]
    item_id: Mapped[uuid.UUID] = mapped_column(ForeignKey(f"{SCHEMA}.agenda_item.id"))
    member: Mapped[str] = mapped_column(Text)
    vote: Mapped[str] = mapped_column(Text)
    reason: Mapped[str] = mapped_column(Text, server_default="")
    recorded_at: Mapped[RecordedAt]


class SignRow(Base):
    """A street sign as planned: where, why there, what it shows; how it was found stands in `sign_inspection`."""

    __tablename__ = "sign"
    __table_args__ = (
        CheckConstraint(one_of("reason", SignPlace), name="reason"),
        CheckConstraint(one_of("colour", SignColour), name="colour"),
        UniqueConstraint("name_id", "number"),
        Index("ix_sign_geometry", "geometry", postgresql_using="gist"),
        {"schema": SCHEMA},
    )

    id: Mapped[Key]
    name_id: Mapped[uuid.UUID] = mapped_column(ForeignKey(f"{SCHEMA}.name.id"))
    number: Mapped[int] = mapped_column(Integer)
    reason: Mapped[str] = mapped_column(Text)
    crossing: Mapped[str] = mapped_column(Text, server_default="")
    bearing: Mapped[float] = mapped_column(Float)
    colour: Mapped[str] = mapped_column(Text)
    text: Mapped[str] = mapped_column(Text)
    pinyin: Mapped[str] = mapped_column(Text)
    arrows: Mapped[list[float]] = mapped_column(ARRAY(Float))
    geometry: Mapped[WKBElement] = mapped_column(geometry("POINT"))
    unit_code: Mapped[str] = mapped_column(Text)
    recorded_at: Mapped[RecordedAt]
    recorded_by: Mapped[str] = mapped_column(Text)


class SignInspectionRow(Base):
    """What a sign was found to show, or that it is missing; never changed."""

    __tablename__ = "sign_inspection"
    __table_args__ = (
        CheckConstraint("state IN ('standing', 'damaged', 'missing')", name="state"),
        Index("ix_sign_inspection_sign_id", "sign_id"),
        {"schema": SCHEMA},
    )

    id: Mapped[uuid.UUID] = mapped_column(UUID(as_uuid=True), primary_key=True)
    sign_id: Mapped[uuid.UUID] = mapped_column(ForeignKey(f"{SCHEMA}.sign.id"))
    inspected_on: Mapped[date] = mapped_column(Date)
    state: Mapped[str] = mapped_column(Text)
    text_seen: Mapped[str | None] = mapped_column(Text)
    pinyin_seen: Mapped[str | None] = mapped_column(Text)
    colour_seen: Mapped[str | None] = mapped_column(Text)
    note: Mapped[str] = mapped_column(Text, server_default="")
    recorded_at: Mapped[RecordedAt]
    recorded_by: Mapped[str] = mapped_column(Text)
