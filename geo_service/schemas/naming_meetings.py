"""Shapes of the committee's meetings: agenda, recusals, votes, decisions."""

from datetime import date
from typing import Annotated, Literal
from uuid import UUID

from pydantic import BaseModel, Field, StringConstraints

from geo_service.schemas.boundaries import Code
from geo_service.schemas.naming import LongText, ShortText

Username = Annotated[str, StringConstraints(min_length=1, max_length=60)]


class NewMeeting(BaseModel):
    """A sitting of the committee; without `proposals` everything that is ready goes on the agenda."""

    id: UUID
    held_on: date
    title: ShortText
    unit_code: Code | None = None
    chair: Username
    members: Annotated[list[Username], Field(min_length=3, max_length=60)]
    proposals: Annotated[list[UUID], Field(min_length=1, max_length=200)] | None = None


class CastVote(BaseModel):
    """The acting member's own vote on an item, or his recusal; against and recused need a reason."""

    item_id: UUID
    vote: Literal["for", "against", "abstain", "defer", "recused"]
    reason: LongText = ""


class CastVotes(BaseModel):
    """Votes on up to 200 items in one go; each is answered for itself."""

    votes: Annotated[list[CastVote], Field(min_length=1, max_length=200)]


class VoteAnswer(BaseModel):
    """What became of one vote."""

    item_id: UUID
    status: Literal["accepted", "duplicate", "rejected"]
    code: str | None = None
    detail: str | None = None


class VoteAnswers(BaseModel):
    """One answer a vote, in the order sent."""

    results: list[VoteAnswer]


class NewDecision(BaseModel):
    """What the votes come to is put on record, with the minutes."""

    item_id: UUID
    minutes: Annotated[str, StringConstraints(min_length=1, max_length=4000, strip_whitespace=True)]


class BallotShown(BaseModel):
    """A member's vote as recorded."""

    member: str
    vote: str
    reason: str


class AgendaItem(BaseModel):
    """One proposal on the agenda with its votes; `outcome` once it is decided."""

    id: UUID
    place: int
    proposal_id: UUID
    name: str
    pinyin: str
    state: str
    blocks: int
    warnings: int
    ballots: list[BallotShown]
    entitled: int
    quorum: int
    outcome: str | None
    counts: dict[str, int] | None


class Meeting(BaseModel):
    """A meeting with its agenda."""

    id: UUID
    held_on: date
    title: str
    unit_code: str
    chair: str
    members: list[str]
    items: list[AgendaItem]


class MeetingList(BaseModel):
    """Meetings, the newest first, and the proposals that are ready for the next one."""

    meetings: list[Meeting]
    ready: list[UUID]
