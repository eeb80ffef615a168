"""The committee's meetings over HTTP: called, read, voted in, decided item by item."""

from uuid import UUID

from fastapi import APIRouter, Request, Response

from geo_service.auth.gate import CommitteeMember, NamingOfficer
from geo_service.db import DbSession
from geo_service.operations import meetings as operations
from geo_service.paging import today
from geo_service.schemas.naming_meetings import (
    CastVotes,
    Meeting,
    MeetingList,
    NewDecision,
    NewMeeting,
    VoteAnswers,
)

router = APIRouter(prefix="/api/naming/meetings", tags=["naming"])


@router.get("")
def list_meetings(session: DbSession, officer: CommitteeMember) -> MeetingList:
    """List meetings with their agendas, and what is ready for the next."""
    return MeetingList(meetings=operations.meetings_of(session), ready=operations.ready_for(session))


@router.post("", status_code=201, responses={200: {"model": Meeting}})
def call_meeting(
    request: Request, session: DbSession, officer: NamingOfficer, asked: NewMeeting, response: Response
) -> Meeting:
    """Call a meeting; its agenda is what is ready, or what is named of it."""
    home_unit = request.app.state.settings.home_unit
    meeting, first = operations.call_meeting(session, officer, asked, home_unit=home_unit)
    response.status_code = 201 if first else 200
    return meeting


@router.get("/{meeting_id}")
def get_meeting(session: DbSession, officer: CommitteeMember, meeting_id: UUID) -> Meeting:
    """One meeting with agenda, quorum and votes."""
    return operations.meeting_of(session, meeting_id)


@router.post("/{meeting_id}/votes")
def vote(session: DbSession, officer: CommitteeMember, meeting_id: UUID, asked: CastVotes) -> VoteAnswers:
    """Cast the member's own votes, or his recusals, on many items; each is answered for itself."""
    results = [operations.cast(session, officer, meeting_id, each) for each in asked.votes]
    operations.record_votes(session, meeting_id, results)
    return VoteAnswers(results=results)


@router.post("/{meeting_id}/decisions")
def decide(
    request: Request, session: DbSession, officer: CommitteeMember, meeting_id: UUID, asked: NewDecision
) -> Meeting:
    """Put on record what the votes on an item come to, with the minutes; the proposal moves on."""
    home_unit = request.app.state.settings.home_unit
    return operations.decide_item(session, officer, meeting_id, asked, home_unit=home_unit, today=today())
