"""One-time links: for the first administrator, a new officer, a forgotten password."""

from datetime import UTC, datetime, timedelta
from typing import Final

from sqlalchemy import func, select, update
from sqlalchemy.orm import Session

from geo_service.auth.acting import show_officer, show_secret
from geo_service.auth.audit import record_act
from geo_service.auth.refusals import LinkRefused
from geo_service.auth.secrets import new_secret, secret_hash
from geo_service.auth.sessions import may_sign_in
from geo_service.auth.tables import OfficerRow, OneTimeLinkRow
from geo_service.settings import Settings

HOLDS: Final = timedelta(hours=72)
PAGE: Final = "/sign-in#link="  # behind the # it reaches no server and no log


def issue_link(session: Session, officer: OfficerRow) -> tuple[str, datetime]:
    """Return a new link for an officer and when it ends; the links made for him before end now."""
    session.execute(
        update(OneTimeLinkRow)
        .where(OneTimeLinkRow.officer_id == officer.id, OneTimeLinkRow.used_at.is_(None))
        .values(used_at=func.now())
    )
    secret, ends = new_secret(), datetime.now(UTC) + HOLDS
    session.add(OneTimeLinkRow(secret_hash=secret_hash(secret), officer_id=officer.id, expires_at=ends))
    record_act(session, "officer.link", subject=("officer", officer.username))
    return PAGE + secret, ends


def use_link(session: Session, secret: str, settings: Settings) -> OfficerRow:
    """Use a link up and return whose it is; raises `LinkRefused`. Of two at once, one succeeds."""
    hashed = secret_hash(secret)
    show_secret(session, hashed)
    officer_id = session.execute(
        update(OneTimeLinkRow)
        .where(
            OneTimeLinkRow.secret_hash == hashed,
            OneTimeLinkRow.used_at.is_(None),
            OneTimeLinkRow.expires_at > func.now(),
        )
        .values(used_at=func.now())
        .returning(OneTimeLinkRow.officer_id)
    ).scalar()
    if officer_id is None:
        raise LinkRefused
    show_officer(session, officer_id)
    row = session.execute(select(OfficerRow).where(OfficerRow.id == officer_id)).scalar_one_or_none()
    if row is None or not may_sign_in(row, settings):
        raise LinkRefused
    return row
