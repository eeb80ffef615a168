"""Attempts to sign in, counted by account and address: guessing is slowed, nobody's office is locked out."""

import hashlib
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any, Final

from sqlalchemy import ColumnElement, delete, func, select, text
from sqlalchemy.orm import Session

from geo_service.auth.refusals import TooManyAttempts
from geo_service.auth.tables import SignInAttemptRow
from geo_service.auth.usernames import username_key

WINDOW: Final = timedelta(minutes=15)
KEPT: Final = timedelta(days=90)
FREE_ATTEMPTS: Final = 5
LONGEST_WAIT_S: Final = 300
PER_ADDRESS: Final = 100
PER_ACCOUNT: Final = 100


@dataclass(frozen=True, slots=True)
class Caller:
    """Where a request came from."""

    address: str | None
    user_agent: str | None = None


def account_hash(username: str) -> bytes:
    """Return the SHA-256 under which attempts on an account are kept."""
    return hashlib.sha256(username_key(username).encode(errors="replace")).digest()


def refuse_too_many(session: Session, username: str, caller: Caller) -> None:
    """Raise `TooManyAttempts` while this address must wait before its next try on this account.

    - Failures since the last success count for the pair of account and address: five are free, then the
      wait doubles up to five minutes. A stranger who guesses keeps himself waiting, not the officer.
    - After a hundred failures from one address in a quarter of an hour, each account has one try there in
      that time: officers behind the same address who know their password still come in.
    - After a hundred failures on one account from everywhere, only addresses from which that officer has
      signed in before are heard.

    Tries on one pair queue up, so that a hundred at once count as a hundred.
    """
    account = account_hash(username)
    session.execute(text("SET LOCAL lock_timeout = '5s'"))
    session.execute(
        text("SELECT pg_advisory_xact_lock(hashtextextended(:pair, 0))"),
        {"pair": f"{account.hex()} {caller.address}"},
    )
    row, since = SignInAttemptRow, datetime.now(UTC) - WINDOW
    here, theirs = row.address.is_not_distinct_from(caller.address), row.account == account
    last_success = session.execute(select(func.max(row.at)).where(theirs, here, row.succeeded)).scalar()
    count, last = _failures(session, theirs, here, row.at > max(since, last_success or since))
    _refuse_until(count, last)
    if count and _failures(session, here, row.at > since)[0] >= PER_ADDRESS:
        raise TooManyAttempts(retry_after_s=LONGEST_WAIT_S)
    if last_success is None and _failures(session, theirs, row.at > since)[0] >= PER_ACCOUNT:
        raise TooManyAttempts(retry_after_s=LONGEST_WAIT_S)


def _failures(session: Session, *where: ColumnElement[bool]) -> tuple[int, Any]:
    row = SignInAttemptRow
    asked = select(func.count(), func.max(row.at)).where(row.succeeded.is_(False), *where)
    count, last = session.execute(asked).one()
    return int(count), last


def _refuse_until(count: int, last: datetime | None) -> None:
    if count < FREE_ATTEMPTS or last is None:
        return
    wait = min(2.0 ** (count - FREE_ATTEMPTS), LONGEST_WAIT_S)
    left = wait - (datetime.now(UTC) - last).total_seconds()
    if left > 0:
        raise TooManyAttempts(retry_after_s=max(1, round(left)))


def note_attempt(session: Session, username: str, caller: Caller, *, succeeded: bool) -> None:
    """Put an attempt on record, and forget those too old to count."""
    row = SignInAttemptRow
    session.add(row(account=account_hash(username), address=caller.address, succeeded=succeeded))
    session.execute(delete(row).where(row.at < datetime.now(UTC) - KEPT))
    session.flush()
