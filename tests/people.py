"""Officers for tests: one a role, inside and outside a jurisdiction, signed in without waiting for Argon2."""

from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager
from functools import cache
from typing import Any

from fastapi.testclient import TestClient
from sqlalchemy import select, text
from sqlalchemy.orm import Session

from geo_service.auth.acting import act_as
from geo_service.auth.attempts import Caller
from geo_service.auth.gate import COOKIE
from geo_service.auth.officer import OPERATOR, Role
from geo_service.auth.secrets import hash_password
from geo_service.auth.sessions import begin_session
from geo_service.auth.tables import OfficerRow
from geo_service.db import Database
from geo_service.settings import Settings

PASSWORD = "correct horse battery"
INSIDE, OUTSIDE = "460100", "469005"


@cache
def _hashed() -> str:
    return hash_password(PASSWORD, username="nobody")


def put_officer(
    session: Session, username: str, *roles: Role, jurisdictions: tuple[str, ...] = (INSIDE,)
) -> OfficerRow:
    """Return the officer of this name, put on record where he is not yet; his password is `PASSWORD`."""
    act_as(session, OPERATOR)
    known = session.execute(
        select(OfficerRow).where(OfficerRow.username_key == username)
    ).scalar_one_or_none()
    if known is not None:
        return known
    row = OfficerRow(
        username=username,
        username_key=username,
        display_name=username,
        password_hash=_hashed(),
        roles=list(roles),
        jurisdictions=list(jurisdictions),
    )
    session.add(row)
    session.flush()
    return row


def begin(session: Session, row: OfficerRow, settings: Settings) -> str:
    """Return the secret of a new session of an officer; the session acts as the operator again after it."""
    secret, _ = begin_session(session, row, Caller("127.0.0.1", "test"), settings, by="password")
    act_as(session, OPERATOR)
    return secret


def sign_in_as(
    client: TestClient,
    session: Session,
    settings: Settings,
    username: str,
    *roles: Role,
    jurisdictions: tuple[str, ...] = (INSIDE,),
) -> OfficerRow:
    """Sign a client in as an officer of this name, made where he is not yet known."""
    row = put_officer(session, username, *roles, jurisdictions=jurisdictions)
    client.cookies.clear()
    client.cookies.set(COOKIE, begin(session, row, settings))
    return row


@contextmanager
def acts_of(office: Database, act: str) -> Iterator[list[Any]]:
    """Collect the audit entries of an act that are added within the block."""
    asked = text("SELECT officer, subject_id, detail, host(address) AS address FROM service.audit_entry "
                 "WHERE act = :act ORDER BY number")  # fmt: skip
    with office.acting_as(OPERATOR).transaction() as session:
        before = len(session.execute(asked, {"act": act}).all())
    added: list[Any] = []
    yield added
    with office.acting_as(OPERATOR).transaction() as session:
        added += session.execute(asked, {"act": act}).all()[before:]


def operator(office: Database) -> AbstractContextManager[Session]:
    """A committed transaction of the operator."""
    return office.acting_as(OPERATOR).transaction()
