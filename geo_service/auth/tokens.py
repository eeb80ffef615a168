"""API tokens for devices and desktop GIS: made, found by their secret, listed and revoked."""

from collections.abc import Collection, Sequence
from datetime import UTC, datetime, timedelta
from uuid import UUID

from sqlalchemy import func, select, update
from sqlalchemy.orm import Session

from geo_service.auth.acting import show_officer, show_secret
from geo_service.auth.audit import record_act
from geo_service.auth.officer import Officer, Scope
from geo_service.auth.secrets import new_secret, secret_hash
from geo_service.auth.sessions import SEEN_EVERY, may_sign_in, officer_of
from geo_service.auth.tables import OfficerRow, TokenRow
from geo_service.settings import Settings


def officer_of_token(
    session: Session, secret: str, settings: Settings, *, scope: Scope | None = None
) -> Officer | None:
    """Return whose token this is, with its scopes; None when it is unknown, revoked or expired.

    A calendar's token is known only where `scope` asks for it: it stands in an address, and signs nobody in.
    """
    now, hashed = datetime.now(UTC), secret_hash(secret)
    show_secret(session, hashed)
    token = session.execute(
        select(TokenRow).where(
            TokenRow.secret_hash == hashed, TokenRow.revoked_at.is_(None), TokenRow.expires_at > now
        )
    ).scalar_one_or_none()
    if token is None or (Scope.CALENDAR in token.scopes) != (scope is Scope.CALENDAR):
        return None
    show_officer(session, token.officer_id)
    row = session.get(OfficerRow, token.officer_id)
    if row is None or not may_sign_in(row, settings):
        return None
    if token.last_used_at is None or now - token.last_used_at > SEEN_EVERY:
        session.execute(update(TokenRow).where(TokenRow.id == token.id).values(last_used_at=now))
    return officer_of(row, scopes=frozenset(map(Scope, token.scopes)))


def make_token(
    session: Session, officer_id: UUID, *, label: str, scopes: Collection[Scope], days: int
) -> tuple[str, TokenRow]:
    """Make a token and return its secret, shown this once: `geo_` and 256 random bits."""
    secret = f"geo_{new_secret()}"
    row = TokenRow(
        secret_hash=secret_hash(secret),
        hint=secret[-4:],
        officer_id=officer_id,
        label=label,
        scopes=sorted(scope.value for scope in scopes),
        expires_at=datetime.now(UTC) + timedelta(days=days),
    )
    session.add(row)
    session.flush()
    session.refresh(row)
    detail = {"label": label, "scopes": row.scopes, "days": days}
    record_act(session, "token.create", subject=("token", str(row.id)), detail=detail)
    return secret, row


def own_tokens(session: Session, officer: Officer) -> Sequence[TokenRow]:
    """Return an officer's tokens, newest first."""
    asked = select(TokenRow).where(TokenRow.officer_id == officer.id).order_by(TokenRow.created_at.desc())
    return session.execute(asked).scalars().all()


def revoke_token(session: Session, token_id: UUID, *, owner: UUID | None = None) -> bool:
    """Revoke a token, of `owner` where one is named; returns whether there was one to revoke."""
    asked = update(TokenRow).where(TokenRow.id == token_id, TokenRow.revoked_at.is_(None))
    if owner is not None:
        asked = asked.where(TokenRow.officer_id == owner)
    revoked = session.execute(asked.values(revoked_at=func.now()).returning(TokenRow.id)).scalar()
    if revoked is not None:
        record_act(session, "token.revoke", subject=("token", str(token_id)))
    return revoked is not None


def revoke_all_tokens(session: Session, officer_id: UUID) -> None:
    """Revoke every token of an officer; the act that does so records itself."""
    session.execute(
        update(TokenRow)
        .where(TokenRow.officer_id == officer_id, TokenRow.revoked_at.is_(None))
        .values(revoked_at=func.now())
    )
