"""Officers over HTTP, for administrators."""

from fastapi import APIRouter, Response

from geo_service.auth.gate import Administrator, NeverStored
from geo_service.auth.links import issue_link
from geo_service.db import DbSession
from geo_service.etags import IfMatch, require_match
from geo_service.operations import officers
from geo_service.schemas.people import OfficerChange, OfficerRecord, Officers, OfficerToMake, OneTimeLink

router = APIRouter(prefix="/api/officers", tags=["people"], dependencies=[NeverStored])


def _with_etag(response: Response, record: OfficerRecord) -> OfficerRecord:
    response.headers["ETag"] = record.etag
    return record


@router.get("")
def list_officers(session: DbSession, administrator: Administrator) -> Officers:
    """List the officers within one's jurisdictions."""
    rows = officers.list_officers(session, administrator)
    return Officers(officers=[officers.describe(row) for row in rows])


@router.post("", status_code=201)
def create_officer(
    response: Response, session: DbSession, administrator: Administrator, asked: OfficerToMake
) -> OfficerRecord:
    """Put an officer on record."""
    return _with_etag(response, officers.describe(officers.create_officer(session, administrator, asked)))


@router.get("/{username}")
def get_officer(
    response: Response, session: DbSession, administrator: Administrator, username: str
) -> OfficerRecord:
    """One officer."""
    return _with_etag(response, officers.describe(officers.find_officer(session, administrator, username)))


@router.patch("/{username}")
def change_officer(
    response: Response,
    session: DbSession,
    administrator: Administrator,
    username: str,
    asked: OfficerChange,
    if_match: IfMatch = None,
) -> OfficerRecord:
    """Change an officer's roles, jurisdictions or name, disable him or let him back."""
    row = officers.find_officer(session, administrator, username)
    require_match(if_match, officers.describe(row).etag)
    changed = officers.change_officer(session, administrator, row, asked)
    return _with_etag(response, officers.describe(changed))


@router.post("/{username}/link", status_code=201)
def make_link(session: DbSession, administrator: Administrator, username: str) -> OneTimeLink:
    """Make a one-time link for an officer to set a password with; it is shown this once."""
    link, ends = issue_link(session, officers.find_officer(session, administrator, username))
    return OneTimeLink(link=link, expires_at=ends)
