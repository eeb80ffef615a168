"""The committee's meetings: agenda of what is ready, recusals, votes, decisions that move proposals on."""

from datetime import date
from math import ceil
from typing import Any, Final
from uuid import UUID

from sqlalchemy import func, select
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session

from geo_service.auth.audit import record_act
from geo_service.auth.jurisdiction import require_reach
from geo_service.auth.officer import Officer
from geo_service.operations.proposal_steps import take_step
from geo_service.operations.proposals import find_proposal
from geo_service.schemas.naming_meetings import (
    AgendaItem,
    BallotShown,
    CastVote,
    Meeting,
    NewDecision,
    NewMeeting,
    VoteAnswer,
)
from geo_service.schemas.naming_proposals import ProposalStep
from layers.errors import Conflict, InvalidInput, NotFound
from layers.naming.committee import QUORUM_SHARE, Ballot, BallotRefused, Vote, decide
from layers.naming.proposal_tables import AgendaItemRow, BallotRow, MeetingRow, ProposalRow
from layers.naming.review import ProposalState
from layers.tables import uuid7

RECUSED: Final = "recused"
STEP_OF: Final = {Vote.FOR: "recommend", Vote.AGAINST: "reject", Vote.DEFER: "defer"}
NEEDS_REASON: Final = frozenset({"against", RECUSED})


class MeetingNotFound(NotFound):
    """There is no such meeting, or it is another office's."""

    code = "naming.meeting_not_found"


class MeetingRepeated(Conflict):
    """The id stands for another meeting."""

    code = "naming.meeting_repeated"


class ItemNotFound(NotFound):
    """The agenda has no such item."""

    code = "naming.item_not_found"


class NothingReady(Conflict):
    """Proposals named for the agenda are not before the committee, or on another open agenda; or none is ready."""

    code = "naming.nothing_ready"


def ready_for(session: Session) -> list[UUID]:
    """Return the proposals before the committee that are on no open agenda, the oldest first."""
    on_agenda = select(AgendaItemRow.proposal_id).where(AgendaItemRow.outcome.is_(None))
    statement = select(ProposalRow.id).where(
        ProposalRow.state == ProposalState.COMMITTEE.value, ProposalRow.id.not_in(on_agenda)
    )
    return list(session.execute(statement.order_by(ProposalRow.id)).scalars())


def call_meeting(
    session: Session, officer: Officer, asked: NewMeeting, *, home_unit: str
) -> tuple[Meeting, bool]:
    """Call a meeting with its agenda and return it, with whether this was the first time it was sent.

    Raises `MeetingRepeated`, `NothingReady`, `Forbidden`.
    """
    content = asked.model_dump(mode="json")
    repeated = session.get(MeetingRow, asked.id)
    if repeated is not None:
        if repeated.asked != content:
            raise MeetingRepeated(id=str(asked.id))
        return meeting_of(session, asked.id), False
    unit = asked.unit_code or home_unit
    require_reach(session, officer, [unit])
    if len(set(asked.members)) < len(asked.members) or asked.chair not in asked.members:
        raise InvalidInput(field="members", expected="each member once, the chair among them")
    ready = ready_for(session)
    wanted = ready if asked.proposals is None else list(dict.fromkeys(asked.proposals))
    unready = [str(each) for each in wanted if each not in set(ready)]
    if unready or not wanted:
        raise NothingReady(proposals=unready)
    session.add(
        MeetingRow(
            **{name: content[name] for name in ("title", "chair", "members")},
            id=asked.id,
            held_on=asked.held_on,
            unit_code=unit,
            asked=content,
            recorded_by=officer.username,
        )
    )
    session.flush()
    session.add_all(
        AgendaItemRow(id=uuid7(), meeting_id=asked.id, proposal_id=proposal, place=place)
        for place, proposal in enumerate(wanted, start=1)
    )
    session.flush()
    record_act(session, "meeting.call", subject=("meeting", str(asked.id)), after=content)
    return meeting_of(session, asked.id), True


def _load(session: Session, meeting_id: UUID) -> MeetingRow:
    row = session.get(MeetingRow, meeting_id)
    if row is None:
        raise MeetingNotFound(id=str(meeting_id))
    return row


def meeting_of(session: Session, meeting_id: UUID) -> Meeting:
    """Return a meeting with its agenda and votes. Raises `MeetingNotFound`."""
    row = _load(session, meeting_id)
    items = session.execute(
        select(AgendaItemRow, ProposalRow)
        .join(ProposalRow, ProposalRow.id == AgendaItemRow.proposal_id)
        .where(AgendaItemRow.meeting_id == meeting_id)
        .order_by(AgendaItemRow.place)
    ).all()
    ballots: dict[UUID, list[BallotRow]] = {item.id: [] for item, _ in items}
    for ballot in session.execute(
        select(BallotRow)
        .where(BallotRow.item_id.in_(ballots))
        .order_by(BallotRow.recorded_at, BallotRow.member)
    ).scalars():
        ballots[ballot.item_id].append(ballot)
    return Meeting(
        id=row.id,
        held_on=row.held_on,
        title=row.title,
        unit_code=row.unit_code,
        chair=row.chair,
        members=row.members,
        items=[_item(row, item, proposal, ballots[item.id]) for item, proposal in items],
    )


def _item(
    meeting: MeetingRow, item: AgendaItemRow, proposal: ProposalRow, ballots: list[BallotRow]
) -> AgendaItem:
    entitled = len(meeting.members) - sum(ballot.vote == RECUSED for ballot in ballots)
    severities = [finding["severity"] for finding in proposal.findings]
    return AgendaItem(
        id=item.id,
        place=item.place,
        proposal_id=proposal.id,
        name=proposal.characters,
        pinyin=proposal.pinyin,
        state=proposal.state,
        blocks=severities.count("block"),
        warnings=severities.count("warn"),
        ballots=[BallotShown(member=each.member, vote=each.vote, reason=each.reason) for each in ballots],
        entitled=entitled,
        quorum=ceil(QUORUM_SHARE * entitled),
        outcome=item.outcome,
        counts=item.counts,
    )


def meetings_of(session: Session) -> list[Meeting]:
    """Return the meetings that the acting officer may see, the newest first, at most a hundred."""
    rows = session.execute(
        select(MeetingRow.id).order_by(MeetingRow.held_on.desc(), MeetingRow.id.desc()).limit(100)
    ).scalars()
    return [meeting_of(session, each) for each in rows.all()]


def cast(session: Session, officer: Officer, meeting_id: UUID, vote: CastVote) -> VoteAnswer:
    """Record the acting member's vote on one item; the same vote twice is once, another one is refused."""
    meeting = _load(session, meeting_id)
    item = session.get(AgendaItemRow, vote.item_id)
    if item is None or item.meeting_id != meeting_id:
        return VoteAnswer(item_id=vote.item_id, status="rejected", code=ItemNotFound.code)
    faults = {
        "not_a_member": officer.username not in meeting.members,
        "decided": item.outcome is not None,
        "without_reason": vote.vote in NEEDS_REASON and not vote.reason.strip(),
    }
    for fault, holds in faults.items():
        if holds:
            return _refused(vote, fault)
    taken = session.execute(
        insert(BallotRow)
        .values(id=uuid7(), item_id=item.id, member=officer.username, vote=vote.vote, reason=vote.reason)
        .on_conflict_do_nothing(index_elements=["item_id", "member"])
        .returning(BallotRow.id)
    ).scalar()
    if taken is not None:
        return VoteAnswer(item_id=item.id, status="accepted")
    known = session.execute(
        select(BallotRow).where(BallotRow.item_id == item.id, BallotRow.member == officer.username)
    ).scalar_one()
    if (known.vote, known.reason) == (vote.vote, vote.reason):
        return VoteAnswer(item_id=item.id, status="duplicate")
    return _refused(vote, "voted_already")


def _refused(vote: CastVote, reason: str) -> VoteAnswer:
    return VoteAnswer(item_id=vote.item_id, status="rejected", code=BallotRefused.code, detail=reason)


def record_votes(session: Session, meeting_id: UUID, answers: list[VoteAnswer]) -> None:
    """Put on the audit how many votes a member cast."""
    accepted = [str(each.item_id) for each in answers if each.status == "accepted"]
    if accepted:
        record_act(session, "meeting.vote", subject=("meeting", str(meeting_id)), detail={"items": accepted})


def decide_item(
    session: Session, officer: Officer, meeting_id: UUID, asked: NewDecision, *, home_unit: str, today: date
) -> Meeting:
    """Put on record what the votes on an item come to; the proposal is recommended, rejected or deferred.

    A decided item stays as it is. Raises `ItemNotFound`, `BallotRefused` where the quorum is not met, and
    `ProposalStepRefused`.
    """
    meeting = _load(session, meeting_id)
    statement = select(AgendaItemRow).where(
        AgendaItemRow.id == asked.item_id, AgendaItemRow.meeting_id == meeting_id
    )
    item = session.execute(statement.with_for_update()).scalar_one_or_none()
    if item is None:
        raise ItemNotFound(id=str(asked.item_id))
    if item.outcome is not None:
        return meeting_of(session, meeting_id)
    rows = session.execute(select(BallotRow).where(BallotRow.item_id == item.id)).scalars().all()
    recused = [row.member for row in rows if row.vote == RECUSED]
    ballots = [Ballot(row.member, Vote(row.vote), row.reason) for row in rows if row.vote != RECUSED]
    decision = decide(meeting.members, recused, ballots)
    records: dict[str, Any] = {"minutes": {"text": asked.minutes}}
    if decision.outcome is Vote.AGAINST:
        against = "；".join(ballot.reason for ballot in ballots if ballot.vote is Vote.AGAINST)
        records["reasons"] = {"text": against or asked.minutes}
    step = ProposalStep.model_validate(
        {
            "id": uuid7(),
            "event": STEP_OF[decision.outcome],
            "data": {"records": records, "note": f"meeting {meeting_id}"},
        }
    )
    take_step(
        session, officer, find_proposal(session, item.proposal_id).id, step, home_unit=home_unit, today=today
    )
    item.outcome = decision.outcome.value
    item.counts = {vote.value: number for vote, number in decision.counts.items()}
    item.decided_at = session.execute(select(func.now())).scalar_one()
    session.flush()
    return meeting_of(session, meeting_id)
