"""The officers of a new service: one administrator by a one-time link, or a demonstration's seven."""

from typing import Final

from sqlalchemy import select, text
from sqlalchemy.orm import Session

from geo_service.auth.acting import act_as
from geo_service.auth.audit import record_act
from geo_service.auth.links import issue_link
from geo_service.auth.officer import OPERATOR, Role
from geo_service.auth.secrets import hash_password
from geo_service.auth.tables import OfficerRow
from geo_service.auth.usernames import username_key

FIRST_NAMES: Final = ("administrator", "first-administrator")
DEMONSTRATION: Final = {
    "administrator": ("演示管理员", Role.ADMINISTRATOR),
    "boundary": ("演示界线员", Role.BOUNDARY),
    "surveyor": ("演示测绘员", Role.SURVEYOR),
    "planner": ("演示规划员", Role.PLANNER),
    "naming": ("演示地名员", Role.NAMING),
    "committee": ("演示委员", Role.COMMITTEE),
    "auditor": ("演示审计员", Role.AUDITOR),
}
JURISDICTION: Final = "460100"


def first_link(session: Session, language: str) -> str | None:
    """Return a one-time link for the first administrator, made when nobody is on record who could sign in.

    As long as the only officer has not used his link, each start makes a new one: a link that was lost
    with the terminal locks nobody out. None once somebody has signed in, or a second officer is known.
    """
    _alone(session)
    known = select(OfficerRow).where(OfficerRow.demonstration.is_(False)).limit(2)
    rows = session.execute(known).scalars().all()
    if not rows:
        rows = [_first_administrator(session, language)]
    if len(rows) > 1 or rows[0].password_hash or rows[0].oidc_subject or rows[0].oidc_username:
        return None
    return issue_link(session, rows[0])[0]


def _first_administrator(session: Session, language: str) -> OfficerRow:
    taken = set(session.execute(select(OfficerRow.username_key)).scalars())
    name = next(name for name in FIRST_NAMES if name not in taken)
    row = OfficerRow(
        username=name,
        username_key=username_key(name),
        display_name="管理员" if language == "zh-CN" else "Administrator",
        roles=[Role.ADMINISTRATOR],
        jurisdictions=["*"],
        language=language,
    )
    session.add(row)
    record_act(session, "officer.create", subject=("officer", name), detail={"first": True})
    return row


def load_demonstration_officers(session: Session) -> int:
    """Put an officer for each role on record, password `demo-` and the name; returns how many were missing.

    They sign in only while the service runs as a demonstration (`may_sign_in`).
    """
    _alone(session)
    known = set(session.execute(select(OfficerRow.username_key)).scalars())
    missing = [name for name in DEMONSTRATION if name not in known]
    for name in missing:
        display_name, role = DEMONSTRATION[name]
        row = OfficerRow(
            username=name,
            username_key=name,
            display_name=display_name,
            password_hash=hash_password(f"demo-{name}", username=name),
            roles=[role],
            jurisdictions=[JURISDICTION],
            demonstration=True,
        )
        session.add(row)
        record_act(session, "officer.create", subject=("officer", name), detail={"demonstration": True})
    return len(missing)


def _alone(session: Session) -> None:
    act_as(session, OPERATOR)
    session.execute(text("SELECT pg_advisory_xact_lock(hashtext('service.officer'))"))
