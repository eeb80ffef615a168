"""Tells the database who acts, for its row-level security; refuses to decide anything itself."""

from typing import Final

from sqlalchemy import text
from sqlalchemy.orm import Session

from geo_service.auth.officer import Officer

WHO: Final = text(
    "SELECT set_config('geo.officer', :officer, true), set_config('geo.officer_id', :id, true), "
    "set_config('geo.roles', :roles, true), set_config('geo.jurisdictions', :jurisdictions, true), "
    "set_config('geo.secret_hash', '', true), set_config('geo.sign_in_key', '', true), "
    "set_config('geo.sensor_source', '', true)"
)
WHENCE: Final = text(
    "SELECT set_config('geo.address', :address, true), set_config('geo.request_id', :request_id, true)"
)


def act_as(session: Session, officer: Officer) -> None:
    """Make the session's transaction act as `officer`: until it ends, policies see roles and jurisdictions.

    Lists are written as PostgreSQL arrays, `{460100,469005}`; `*` is every jurisdiction.
    """
    session.execute(
        WHO,
        {
            "officer": officer.username,
            "id": str(officer.id or ""),
            "roles": "{" + ",".join(sorted(officer.roles)) + "}",
            "jurisdictions": "{" + ",".join(sorted(officer.jurisdictions)) + "}",
        },
    )


def coming_from(session: Session, address: str | None, request_id: str | None) -> None:
    """Tell the database where the request comes from, for the audit."""
    session.execute(WHENCE, {"address": address or "", "request_id": request_id or ""})


def show_secret(session: Session, secret_hash: bytes) -> None:
    """Let the transaction see the one session, token or link that has this secret."""
    session.execute(text("SELECT set_config('geo.secret_hash', :hash, true)"), {"hash": secret_hash.hex()})


def show_account(session: Session, key: str) -> None:
    """Let the transaction see the one officer who signs in under this name or subject."""
    session.execute(text("SELECT set_config('geo.sign_in_key', :key, true)"), {"key": key})


def show_officer(session: Session, officer_id: object) -> None:
    """Let the transaction see the officer whose session, token or link was found."""
    session.execute(text("SELECT set_config('geo.officer_id', :id, true)"), {"id": str(officer_id)})


def act_for_source(session: Session, source_id: object) -> None:
    """Let the transaction see one source of sensor messages, and write in its name."""
    session.execute(text("SELECT set_config('geo.sensor_source', :id, true)"), {"id": str(source_id)})
