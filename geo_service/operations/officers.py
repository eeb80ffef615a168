"""Acts of administrators on officers: make, change, disable; rights never reach beyond the giver's."""

from collections.abc import Sequence
from typing import Any

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from geo_service.auth.audit import record_act
from geo_service.auth.jurisdiction import out_of_reach, require_reach
from geo_service.auth.officer import Officer
from geo_service.auth.refusals import OfficerNotFound, OwnRights, UsernameTaken
from geo_service.auth.sessions import end_all_sessions
from geo_service.auth.tables import OfficerRow
from geo_service.auth.tokens import revoke_all_tokens
from geo_service.auth.usernames import check_username, username_key
from geo_service.etags import etag_of
from geo_service.schemas.people import OfficerChange, OfficerRecord, OfficerToMake

SHOWN = (
    "username",
    "display_name",
    "roles",
    "jurisdictions",
    "language",
    "oidc_username",
    "demonstration",
    "disabled_at",
    "created_at",
)
RIGHTS = {"roles", "jurisdictions", "disabled", "oidc_username"}


def describe(row: OfficerRow) -> OfficerRecord:
    """Return an officer as administrators see him, with the ETag of that."""
    shown: dict[str, Any] = {name: getattr(row, name) for name in SHOWN}
    shown["has_password"] = row.password_hash is not None
    return OfficerRecord(**shown, etag=etag_of(shown))


def list_officers(session: Session, administrator: Officer) -> Sequence[OfficerRow]:
    """Return the officers all of whose jurisdictions lie within the administrator's, by name."""
    rows = session.execute(select(OfficerRow).order_by(OfficerRow.username_key)).scalars().all()
    codes = {code for row in rows for code in row.jurisdictions}
    outside = set(out_of_reach(session, administrator, codes))
    return [row for row in rows if outside.isdisjoint(row.jurisdictions)]


def find_officer(session: Session, administrator: Officer, username: str) -> OfficerRow:
    """Return an officer, locked for a change; raises `OfficerNotFound` for another office's too."""
    row = session.execute(
        select(OfficerRow).where(OfficerRow.username_key == username_key(username)).with_for_update()
    ).scalar_one_or_none()
    if row is None or out_of_reach(session, administrator, row.jurisdictions):
        raise OfficerNotFound(username=username[:64])
    return row


def create_officer(
    session: Session, administrator: Officer, asked: OfficerToMake, *, demonstration: bool = False
) -> OfficerRow:
    """Put an officer on record, who cannot sign in before he has a link or the provider knows him.

    Raises `UsernameRefused`, `UsernameTaken`, and `Forbidden` for jurisdictions beyond the giver's.
    """
    key = check_username(asked.username)
    require_reach(session, administrator, asked.jurisdictions)
    row = OfficerRow(
        username=asked.username.strip(" "),
        username_key=key,
        display_name=asked.display_name,
        roles=sorted(set(asked.roles)),
        jurisdictions=sorted(set(asked.jurisdictions)),
        language=asked.language,
        oidc_username=asked.oidc_username,
        demonstration=demonstration,
    )
    _refuse_taken(session, row)
    session.add(row)
    session.flush()
    record_act(
        session,
        "officer.create",
        subject=("officer", row.username),
        after=describe(row).model_dump(mode="json"),
        detail={"roles": row.roles, "jurisdictions": row.jurisdictions},
    )
    return row


def _refuse_taken(session: Session, row: OfficerRow) -> None:
    taken = select(func.service.username_taken(row.username_key, row.oidc_username))
    if session.execute(taken).scalar_one():
        raise UsernameTaken(username=row.username)


def change_officer(
    session: Session, administrator: Officer, row: OfficerRow, asked: OfficerChange
) -> OfficerRow:
    """Change what is asked of an officer; disabling ends his sessions and revokes his tokens.

    Raises `OwnRights` for one's own rights, so that the last administrator cannot lock himself out, and
    `Forbidden` for jurisdictions beyond the giver's.
    """
    wanted = asked.model_dump(exclude_unset=True)
    if row.id == administrator.id and RIGHTS & wanted.keys():
        raise OwnRights(username=row.username)
    before = describe(row).model_dump(mode="json")
    if asked.jurisdictions is not None:
        require_reach(session, administrator, asked.jurisdictions)
        row.jurisdictions = sorted(set(asked.jurisdictions))
    if asked.roles is not None:
        row.roles = sorted(set(asked.roles))
    for name in ("display_name", "language"):
        if wanted.get(name) is not None:
            setattr(row, name, wanted[name])
    if "oidc_username" in wanted:
        row.oidc_username, row.oidc_subject = asked.oidc_username, None
    if asked.disabled is not None:
        disable(session, row, disabled=asked.disabled)
    session.flush()
    session.refresh(row)
    after = describe(row).model_dump(mode="json")
    detail = {name: after[name] for name in after if name != "etag" and after[name] != before[name]}
    record_act(
        session,
        "officer.change",
        subject=("officer", row.username),
        before=before,
        after=after,
        detail=detail,
    )
    return row


def disable(session: Session, row: OfficerRow, *, disabled: bool) -> None:
    """Disable an officer, ending sessions and tokens, or let him back; the caller records it."""
    if not disabled:
        row.disabled_at = None
    elif row.disabled_at is None:
        row.disabled_at = func.now()
        end_all_sessions(session, row.id)
        revoke_all_tokens(session, row.id)
