"""Sessions of signed-in browsers: begun, found by their cookie, listed and ended."""

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from typing import Final
from uuid import UUID

from sqlalchemy import delete, func, select, update
from sqlalchemy.orm import Session

from geo_service.auth.acting import act_as, show_officer, show_secret
from geo_service.auth.attempts import Caller
from geo_service.auth.audit import record_act
from geo_service.auth.officer import EVERY_ACT, Officer, Role, Scope
from geo_service.auth.secrets import new_secret, secret_hash
from geo_service.auth.tables import OfficerRow, SessionRow
from geo_service.settings import Settings

SEEN_EVERY: Final = timedelta(minutes=1)
KEPT: Final = timedelta(days=90)


def officer_of(
    row: OfficerRow, *, session_id: UUID | None = None, scopes: frozenset[Scope] | None = None
) -> Officer:
    """Return the officer that a row describes."""
    return Officer(
        username=row.username,
        roles=frozenset(Role(role) for role in row.roles),
        jurisdictions=frozenset(row.jurisdictions),
        id=row.id,
        scopes=EVERY_ACT if scopes is None else scopes,
        session_id=session_id,
    )


def may_sign_in(row: OfficerRow | None, settings: Settings) -> bool:
    """Say whether an officer exists, is not disabled, and is none of a demonstration that is over."""
    return row is not None and row.disabled_at is None and (settings.demo or not row.demonstration)


def begin_session(
    session: Session, row: OfficerRow, caller: Caller, settings: Settings, *, by: str
) -> tuple[str, Officer]:
    """Begin a session, acting as its officer from now; returns the secret for the cookie, kept as hash only.

    `by` says how the officer signed in, for the audit: `password`, `link`, `provider`.
    """
    act_as(session, officer_of(row))
    secret, now = new_secret(), datetime.now(UTC)
    begun = SessionRow(
        secret_hash=secret_hash(secret),
        officer_id=row.id,
        expires_at=now + timedelta(hours=settings.session_absolute_hours),
        address=caller.address,
        user_agent=_printable(caller.user_agent),
    )
    session.add(begun)
    old = SessionRow.expires_at < now - KEPT
    session.execute(delete(SessionRow).where(SessionRow.officer_id == row.id, old))
    session.flush()
    record_act(session, "session.begin", subject=("session", str(begun.id)), detail={"by": by})
    return secret, officer_of(row, session_id=begun.id)


def _printable(header: str | None) -> str | None:
    return None if header is None else "".join(sign for sign in header if sign.isprintable())[:300]


def officer_of_session(session: Session, secret: str, settings: Settings) -> Officer | None:
    """Return whose session a cookie is, None when it is unknown, ended, idle too long or too old."""
    now, hashed = datetime.now(UTC), secret_hash(secret)
    show_secret(session, hashed)
    begun = session.execute(
        select(SessionRow).where(
            SessionRow.secret_hash == hashed,
            SessionRow.ended_at.is_(None),
            SessionRow.expires_at > now,
            SessionRow.last_seen_at > now - timedelta(minutes=settings.session_idle_minutes),
        )
    ).scalar_one_or_none()
    if begun is None:
        return None
    show_officer(session, begun.officer_id)
    row = session.get(OfficerRow, begun.officer_id)
    if row is None or not may_sign_in(row, settings):
        return None
    if now - begun.last_seen_at > SEEN_EVERY:
        session.execute(update(SessionRow).where(SessionRow.id == begun.id).values(last_seen_at=now))
    return officer_of(row, session_id=begun.id)


def own_sessions(session: Session, officer: Officer, settings: Settings) -> Sequence[SessionRow]:
    """Return an officer's sessions that still hold, newest first."""
    idle_since = datetime.now(UTC) - timedelta(minutes=settings.session_idle_minutes)
    return (
        session.execute(
            select(SessionRow)
            .where(
                SessionRow.officer_id == officer.id,
                SessionRow.ended_at.is_(None),
                SessionRow.expires_at > func.now(),
                SessionRow.last_seen_at > idle_since,
            )
            .order_by(SessionRow.last_seen_at.desc())
        )
        .scalars()
        .all()
    )


def end_session(session: Session, officer: Officer, session_id: UUID) -> bool:
    """End one of an officer's own sessions; returns whether there was one to end."""
    ended = session.execute(
        update(SessionRow)
        .where(
            SessionRow.id == session_id, SessionRow.officer_id == officer.id, SessionRow.ended_at.is_(None)
        )
        .values(ended_at=func.now())
        .returning(SessionRow.id)
    ).scalar()
    if ended is not None:
        record_act(session, "session.end", subject=("session", str(session_id)))
    return ended is not None


def end_all_sessions(session: Session, officer_id: UUID) -> None:
    """End every session of an officer; the act that does so records itself."""
    session.execute(
        update(SessionRow)
        .where(SessionRow.officer_id == officer_id, SessionRow.ended_at.is_(None))
        .values(ended_at=func.now())
    )
