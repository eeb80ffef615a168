"""The secret address at which a phone's calendar reads what is due: one an officer, a token that opens nothing else."""

from datetime import UTC, datetime
from typing import Final

from sqlalchemy import select, text
from sqlalchemy.orm import Session

from geo_service.auth.acting import act_as
from geo_service.auth.attempts import Caller, note_attempt, refuse_too_many
from geo_service.auth.officer import Officer, Scope
from geo_service.auth.refusals import CalendarAddressNotFound, SignInRequired
from geo_service.auth.tables import OfficerRow, TokenRow
from geo_service.auth.tokens import make_token, officer_of_token, revoke_token
from geo_service.messages import catalogue
from geo_service.settings import Settings

DAYS: Final = 366
NOBODY: Final = "calendar address"
"""The name under which unknown addresses count as attempts; with its space, no officer can have it."""


def own_address(session: Session, officer: Officer) -> TokenRow | None:
    """Return the officer's address that holds, without its secret; None where he has none."""
    row = _standing(session, officer)
    return None if row is None or row.expires_at <= datetime.now(UTC) else row


def make_address(session: Session, officer: Officer) -> tuple[str, TokenRow]:
    """Make the officer's address and return its secret, shown this once; the one before is revoked.

    Of two at once the second replaces the first. Both revoking and making are entries of the audit.
    """
    if officer.id is None:
        raise SignInRequired
    session.execute(
        text("SELECT pg_advisory_xact_lock(hashtextextended(:whose, 0))"),
        {"whose": f"{NOBODY} {officer.id}"},
    )
    if (before := _standing(session, officer)) is not None:
        revoke_token(session, before.id, owner=officer.id)
    language = session.execute(select(OfficerRow.language).where(OfficerRow.id == officer.id)).scalar_one()
    label = catalogue(language)["due.calendar"]
    return make_token(session, officer.id, label=label, scopes={Scope.CALENDAR}, days=DAYS)


def revoke_address(session: Session, officer: Officer) -> None:
    """Revoke the officer's address; raises `CalendarAddressNotFound` where he has none."""
    row = _standing(session, officer)
    if row is None:
        raise CalendarAddressNotFound
    revoke_token(session, row.id, owner=officer.id)


def act_as_reader(session: Session, secret: str, *, caller: Caller, settings: Settings) -> Officer:
    """Return whose address a secret is, and act as him: his calendar holds what he may see, and no more.

    Raises `CalendarAddressNotFound` for an unknown, revoked or expired one, which counts as a failed attempt of its
    caller, and `TooManyAttempts` after some of those (commit either, so that the count is kept). One that holds is
    never made to wait, whoever else asks from the same network.
    """
    officer = officer_of_token(session, secret, settings, scope=Scope.CALENDAR)
    if officer is None:
        refuse_too_many(session, NOBODY, caller)
        note_attempt(session, NOBODY, caller, succeeded=False)
        raise CalendarAddressNotFound
    act_as(session, officer)
    return officer


def _standing(session: Session, officer: Officer) -> TokenRow | None:
    asked = select(TokenRow).where(
        TokenRow.officer_id == officer.id,
        TokenRow.scopes == [Scope.CALENDAR.value],
        TokenRow.revoked_at.is_(None),
    )
    return session.execute(asked).scalar_one_or_none()
