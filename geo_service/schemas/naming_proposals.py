"""Shapes of proposals: as they are put, amended, taken a step further, commented on."""

from datetime import date, datetime
from typing import Annotated, Any, Literal
from uuid import UUID

from pydantic import BaseModel, Field, StringConstraints, field_validator

from geo_service.schemas.naming import Described, LongText, NameText, ShortText, Syllables

EventName = Annotated[str, StringConstraints(pattern=r"^[a-z_]{1,40}$")]
RuleCode = Annotated[str, StringConstraints(pattern=r"^[A-Z]{3}-[0-9]{2}$")]
RecordCode = Annotated[str, StringConstraints(pattern=r"^[a-z_]{1,40}$")]
Reason = Annotated[str, StringConstraints(min_length=1, max_length=4000, strip_whitespace=True)]


class Applicant(BaseModel):
    """Who applies (art. 11): an authority, institution, enterprise or committee; never shown to the public."""

    name: ShortText = ""
    contact: ShortText = ""


class AmendedProposal(Described):
    """A proposal as it shall be, whole; possible before it is submitted and when it was returned or amended."""

    former_name_id: UUID | None = Field(None, description="the name on the register that would be renamed")
    origin: LongText = ""
    meaning: LongText = ""
    alternatives: Annotated[list[NameText], Field(max_length=5)] = Field(default_factory=list)
    alternative_readings: dict[NameText, Syllables] = Field(
        default_factory=dict, max_length=5, description="confirmed syllables of an alternative, by its name"
    )
    applicant: Applicant = Applicant()


class NewProposal(AmendedProposal):
    """A proposal; the client makes the id, so that sending it twice is once."""

    id: UUID


class Recorded(BaseModel):
    """What is put on record: a document on file that is linked to the proposal, or what stands on paper."""

    document: UUID | None = None
    text: LongText = ""


class StepData(BaseModel):
    """What goes with a step: its day (today), papers, reasons for passing blocking findings, a note."""

    on: date | None = None
    records: dict[RecordCode, Recorded] = Field(default_factory=dict, max_length=40)
    overrides: dict[RuleCode, Reason] = Field(default_factory=dict, max_length=36)
    note: LongText = ""

    @field_validator("records", mode="before")
    @classmethod
    def _as_mapping(cls, given: Any) -> Any:
        """Read a list of codes, and plain texts, as records without a document."""
        if isinstance(given, list):
            return {code: {} for code in given if isinstance(code, str)}
        if isinstance(given, dict):
            return {
                code: {"text": value} if isinstance(value, str) else value for code, value in given.items()
            }
        return given


class ProposalStep(BaseModel):
    """A step on the path; the client makes the id, so that sending it twice is once."""

    id: UUID
    event: EventName
    data: StepData = StepData()


class NewComment(BaseModel):
    """What a member of the public says; name and contact are voluntary and for the office alone."""

    id: UUID
    opinion: Literal["for", "against", "remark"]
    body: Annotated[str, StringConstraints(min_length=2, max_length=2000, strip_whitespace=True)]
    author: Annotated[str, StringConstraints(max_length=60, strip_whitespace=True)] = ""
    contact: Annotated[str, StringConstraints(max_length=100, strip_whitespace=True)] = ""


class CommentReceipt(BaseModel):
    """That a comment was received; nothing of it is repeated."""

    id: UUID
    proposal_id: UUID
    received: Literal[True] = True
    comment_until: date | None


class NewDisposition(BaseModel):
    """How the office handles a comment."""

    id: UUID
    outcome: Literal["adopted", "partly", "declined", "noted"]
    reason: Reason


class Disposition(BaseModel):
    """How a comment was handled, by whom."""

    id: UUID
    outcome: str
    reason: str
    recorded_by: str
    recorded_at: datetime


class Comment(BaseModel):
    """A comment as the office sees it."""

    id: UUID
    opinion: str
    body: str
    author: str
    contact: str
    recorded_at: datetime
    disposition: Disposition | None


class CommentList(BaseModel):
    """The comments on a proposal, the oldest first; `open` have no disposition yet."""

    comments: list[Comment]
    open: int
