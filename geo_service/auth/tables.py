"""Rows of officers, their sessions and tokens, and of the audit; secrets stand here as hashes only."""

import uuid
from datetime import datetime
from typing import Any

from sqlalchemy import (
    BigInteger,
    CheckConstraint,
    DateTime,
    ForeignKey,
    Index,
    LargeBinary,
    Text,
    text,
)
from sqlalchemy.dialects.postgresql import ARRAY, INET, JSONB
from sqlalchemy.orm import Mapped, mapped_column

from layers.tables import Base, Key, RecordedAt

SCHEMA = "service"
Instant = DateTime(timezone=True)


class OfficerRow(Base):
    """A person who may sign in. Never deleted: `disabled_at` ends what they may do, not what they did."""

    __tablename__ = "officer"
    __table_args__ = (
        CheckConstraint(
            "roles <@ ARRAY['administrator', 'boundary', 'surveyor', 'planner', 'naming', 'committee', 'auditor']",
            name="roles",
        ),
        CheckConstraint("cardinality(jurisdictions) > 0", name="jurisdictions"),
        CheckConstraint("username_key NOT IN ('operator', 'worker', 'public')", name="username_free"),
        {"schema": SCHEMA},
    )

    id: Mapped[Key]
    username: Mapped[str] = mapped_column(Text)
    username_key: Mapped[str] = mapped_column(Text, unique=True)
    display_name: Mapped[str] = mapped_column(Text)
    password_hash: Mapped[str | None] = mapped_column(Text)
    oidc_subject: Mapped[str | None] = mapped_column(Text, unique=True)
    oidc_username: Mapped[str | None] = mapped_column(Text, unique=True)
    roles: Mapped[list[str]] = mapped_column(ARRAY(Text))
    jurisdictions: Mapped[list[str]] = mapped_column(ARRAY(Text))
    language: Mapped[str] = mapped_column(Text, server_default="zh-CN")
    demonstration: Mapped[bool] = mapped_column(server_default=text("false"))
    disabled_at: Mapped[datetime | None] = mapped_column(Instant)
    created_at: Mapped[RecordedAt]


class SessionRow(Base):
    """A signed-in browser. The cookie holds a random secret; the row its SHA-256."""

    __tablename__ = "sign_in_session"
    __table_args__ = (Index("ix_sign_in_session_officer_id", "officer_id"), {"schema": SCHEMA})

    id: Mapped[Key]
    secret_hash: Mapped[bytes] = mapped_column(LargeBinary, unique=True)
    officer_id: Mapped[uuid.UUID] = mapped_column(ForeignKey(f"{SCHEMA}.officer.id"))
    created_at: Mapped[RecordedAt]
    last_seen_at: Mapped[RecordedAt]
    expires_at: Mapped[datetime] = mapped_column(Instant)
    ended_at: Mapped[datetime | None] = mapped_column(Instant)
    address: Mapped[str | None] = mapped_column(INET)
    user_agent: Mapped[str | None] = mapped_column(Text)


class TokenRow(Base):
    """An API token for a device or a desktop GIS: shown once, stored as SHA-256, with scope and expiry."""

    __tablename__ = "api_token"
    __table_args__ = (
        CheckConstraint("scopes <@ ARRAY['read', 'field', 'write', 'calendar']", name="scopes"),
        CheckConstraint("NOT 'calendar' = ANY (scopes) OR cardinality(scopes) = 1", name="calendar_alone"),
        Index("ix_api_token_officer_id", "officer_id"),
        Index(
            "uq_api_token_calendar",
            "officer_id",
            unique=True,
            postgresql_where=text("'calendar' = ANY (scopes) AND revoked_at IS NULL"),
        ),
        {"schema": SCHEMA},
    )

    id: Mapped[Key]
    secret_hash: Mapped[bytes] = mapped_column(LargeBinary, unique=True)
    hint: Mapped[str] = mapped_column(Text)
    officer_id: Mapped[uuid.UUID] = mapped_column(ForeignKey(f"{SCHEMA}.officer.id"))
    label: Mapped[str] = mapped_column(Text)
    scopes: Mapped[list[str]] = mapped_column(ARRAY(Text))
    created_at: Mapped[RecordedAt]
    expires_at: Mapped[datetime] = mapped_column(Instant)
    last_used_at: Mapped[datetime | None] = mapped_column(Instant)
    revoked_at: Mapped[datetime | None] = mapped_column(Instant)


class OneTimeLinkRow(Base):
    """A link that signs an officer in once, to set a password: the first administrator's, or a forgotten one."""

    __tablename__ = "one_time_link"
    __table_args__ = {"schema": SCHEMA}  # noqa: RUF012 -- SQLAlchemy's spelling

    id: Mapped[Key]
    secret_hash: Mapped[bytes] = mapped_column(LargeBinary, unique=True)
    officer_id: Mapped[uuid.UUID] = mapped_column(ForeignKey(f"{SCHEMA}.officer.id"))
    created_at: Mapped[RecordedAt]
    expires_at: Mapped[datetime] = mapped_column(Instant)
    used_at: Mapped[datetime | None] = mapped_column(Instant)


class SignInAttemptRow(Base):
    """A sign-in that failed or succeeded: for throttling by account and by address.

    The account stands here as the SHA-256 of what was typed, which now and then is a password.
    """

    __tablename__ = "sign_in_attempt"
    __table_args__ = (
        Index("ix_sign_in_attempt_account_at", "account", "at"),
        Index("ix_sign_in_attempt_address_at", "address", "at"),
        {"schema": SCHEMA},
    )

    id: Mapped[Key]
    account: Mapped[bytes] = mapped_column(LargeBinary)
    address: Mapped[str | None] = mapped_column(INET)
    succeeded: Mapped[bool]
    at: Mapped[RecordedAt]


class ProviderAttemptRow(Base):
    """A sign-in that was sent to the OpenID provider and is awaited back, once, from the same browser."""

    __tablename__ = "provider_attempt"
    __table_args__ = {"schema": SCHEMA}  # noqa: RUF012 -- SQLAlchemy's spelling

    id: Mapped[Key]
    state_hash: Mapped[bytes] = mapped_column(LargeBinary, unique=True)
    browser_hash: Mapped[bytes] = mapped_column(LargeBinary)
    nonce: Mapped[str] = mapped_column(Text)
    code_verifier: Mapped[str] = mapped_column(Text)
    redirect_uri: Mapped[str] = mapped_column(Text)
    next_page: Mapped[str] = mapped_column(Text)
    expires_at: Mapped[datetime] = mapped_column(Instant)


class AuditEntryRow(Base):
    """Who did what to which subject, when, from where; each entry holds the hash of the one before.

    `number`, `previous_hash` and `hash` are set by the database; nothing here can be changed or removed.
    """

    __tablename__ = "audit_entry"
    __table_args__ = (
        Index("ix_audit_entry_subject_kind_subject_id", "subject_kind", "subject_id"),
        Index("ix_audit_entry_at", "at"),
        Index("ix_audit_entry_officer", "officer"),
        {"schema": SCHEMA},
    )

    number: Mapped[int] = mapped_column(BigInteger, primary_key=True, autoincrement=False)
    at: Mapped[RecordedAt]
    officer: Mapped[str] = mapped_column(Text)
    address: Mapped[str | None] = mapped_column(INET)
    request_id: Mapped[str | None] = mapped_column(Text)
    act: Mapped[str] = mapped_column(Text)
    subject_kind: Mapped[str] = mapped_column(Text)
    subject_id: Mapped[str] = mapped_column(Text)
    before_digest: Mapped[bytes | None] = mapped_column(LargeBinary)
    after_digest: Mapped[bytes | None] = mapped_column(LargeBinary)
    detail: Mapped[dict[str, Any]] = mapped_column(JSONB)
    previous_hash: Mapped[bytes] = mapped_column(LargeBinary)
    hash: Mapped[bytes] = mapped_column(LargeBinary)
