"""Acts on one's own account: sign in, set a password, use a one-time link, change language or name."""

from sqlalchemy import select
from sqlalchemy.orm import Session

from geo_service.auth.acting import act_as, show_account
from geo_service.auth.attempts import Caller, note_attempt, refuse_too_many
from geo_service.auth.audit import record_act
from geo_service.auth.links import use_link
from geo_service.auth.officer import Officer
from geo_service.auth.refusals import PasswordWrong, SignInRefused, SignInRequired
from geo_service.auth.secrets import hash_password, password_fits
from geo_service.auth.sessions import begin_session, end_all_sessions, end_session, may_sign_in, officer_of
from geo_service.auth.tables import OfficerRow
from geo_service.auth.usernames import username_key
from geo_service.schemas.people import AccountChange
from geo_service.settings import Settings

Begun = tuple[str, Officer]


def sign_in(
    session: Session, username: str, password: str, *, caller: Caller, settings: Settings, replacing: Officer
) -> Begun:
    """Begin a session for the officer whose name and password these are, ending the browser's old one.

    Raises `SignInRefused`, after the same work for a name that nobody has, and `TooManyAttempts`. A
    refusal leaves the attempt in the session: commit it, or nobody is ever slowed.
    """
    refuse_too_many(session, username, caller)
    key = username_key(username)
    show_account(session, key)
    row = session.execute(select(OfficerRow).where(OfficerRow.username_key == key)).scalar_one_or_none()
    usable = row is not None and may_sign_in(row, settings)
    fits = password_fits(password, row.password_hash if row is not None and usable else None)
    note_attempt(session, username, caller, succeeded=fits)
    if row is None or not fits:
        raise SignInRefused
    end_replaced(session, replacing)
    return begin_session(session, row, caller, settings, by="password")


def end_replaced(session: Session, replacing: Officer) -> None:
    """End the session that a browser had before it signed in anew."""
    if replacing.session_id is not None:
        act_as(session, replacing)
        end_session(session, replacing, replacing.session_id)


def use_one_time_link(
    session: Session, secret: str, password: str, *, caller: Caller, settings: Settings
) -> Begun:
    """Set the password of the officer whom a link was made for and sign him in; his other sessions end.

    Raises `LinkRefused`, and `PasswordTooWeak`, which leaves the link as it was.
    """
    row = use_link(session, secret, settings)
    hashed = hash_password(password, username=row.username)
    act_as(session, officer_of(row))
    row.password_hash = hashed
    end_all_sessions(session, row.id)
    record_act(session, "officer.password", subject=("officer", row.username), detail={"by": "link"})
    return begin_session(session, row, caller, settings, by="link")


def own_row(session: Session, officer: Officer) -> OfficerRow:
    """Return the row of the officer who is signed in."""
    row = session.execute(select(OfficerRow).where(OfficerRow.id == officer.id)).scalar_one_or_none()
    if row is None:
        raise SignInRequired
    return row


def change_account(
    session: Session, officer: Officer, asked: AccountChange, *, caller: Caller, settings: Settings
) -> tuple[OfficerRow, Begun | None]:
    """Change one's own name, language or password; returns the row, and the new session of a new password.

    Raises `PasswordWrong` and `TooManyAttempts` (commit either, as for `sign_in`), `PasswordTooWeak`.
    """
    row = own_row(session, officer)
    begun = None
    if asked.new_password is not None:
        _check_old_password(session, row, asked, caller)
        row.password_hash = hash_password(asked.new_password.get_secret_value(), username=row.username)
        end_all_sessions(session, row.id)
        record_act(session, "officer.password", subject=("officer", row.username), detail={"by": "password"})
        begun = begin_session(session, row, caller, settings, by="password")
    changed = {name: value for name in ("display_name", "language") if (value := getattr(asked, name))}
    if changed:
        for name, value in changed.items():
            setattr(row, name, value)
        record_act(session, "officer.account", subject=("officer", row.username), after=changed)
    return row, begun


def _check_old_password(session: Session, row: OfficerRow, asked: AccountChange, caller: Caller) -> None:
    refuse_too_many(session, row.username, caller)
    old = asked.old_password.get_secret_value() if asked.old_password else ""
    fits = password_fits(old, row.password_hash)
    note_attempt(session, row.username, caller, succeeded=fits)
    if not fits:
        raise PasswordWrong
