"""Public comment over HTTP: received from everyone, read and disposed of by the office."""

from uuid import UUID

from fastapi import APIRouter, Request, Response

from geo_service.auth.gate import CommitteeMember, NamingOfficer, NeverStored, Whoever, caller_of
from geo_service.auth.jurisdiction import require_reach
from geo_service.db import DbSession
from geo_service.operations import public_comment as operations
from geo_service.operations.proposals import find_proposal
from geo_service.paging import today
from geo_service.schemas.naming_proposals import (
    CommentList,
    CommentReceipt,
    Disposition,
    NewComment,
    NewDisposition,
)

router = APIRouter(prefix="/api/naming/proposals/{proposal_id}/comments", tags=["naming"])


@router.post("", status_code=201, responses={200: {"model": CommentReceipt}})
def comment(
    request: Request,
    session: DbSession,
    officer: Whoever,
    proposal_id: UUID,
    asked: NewComment,
    response: Response,
) -> CommentReceipt:
    """Say something on a proposal under public comment; no account is needed, few are taken from one sender."""
    secret = request.app.state.settings.secret_key
    sender = operations.sender_of(
        caller_of(request).address, "" if secret is None else secret.get_secret_value()
    )
    receipt, first = operations.receive_comment(session, proposal_id, asked, sender=sender, today=today())
    response.status_code = 201 if first else 200
    return receipt


@router.get("", dependencies=[NeverStored])
def list_comments(session: DbSession, officer: CommitteeMember, proposal_id: UUID) -> CommentList:
    """All comments on a proposal with how each was handled, for the office."""
    require_reach(session, officer, [find_proposal(session, proposal_id).unit_code])
    return operations.comments_on(session, proposal_id)


@router.post("/{comment_id}/dispositions", status_code=201, responses={200: {"model": Disposition}})
def dispose(
    session: DbSession,
    officer: NamingOfficer,
    proposal_id: UUID,
    comment_id: UUID,
    asked: NewDisposition,
    response: Response,
) -> Disposition:
    """Record how a comment is handled, with the reason; before assessment every one needs it."""
    require_reach(session, officer, [find_proposal(session, proposal_id).unit_code])
    disposition, first = operations.dispose(session, officer, proposal_id, comment_id, asked)
    response.status_code = 201 if first else 200
    return disposition
