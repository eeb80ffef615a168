"""Comments of the public on a proposal, without an account: received in the period, few from one sender, disposed of."""

import hashlib
from datetime import UTC, date, datetime, timedelta
from typing import Final
from uuid import UUID

from sqlalchemy import insert, select, text
from sqlalchemy.orm import Session

from geo_service.auth.audit import record_act
from geo_service.auth.officer import Officer
from geo_service.operations.proposals import find_proposal
from geo_service.paging import today as this_day
from geo_service.schemas.naming_proposals import (
    Comment,
    CommentList,
    CommentReceipt,
    Disposition,
    NewComment,
    NewDisposition,
)
from layers.errors import Conflict, LayerError, NotFound
from layers.naming.proposal_tables import CommentRow, DispositionRow
from layers.naming.review import ProposalState

WINDOW: Final = timedelta(hours=1)
MOST_AN_HOUR: Final = 10
DAY: Final = timedelta(days=1)
MOST_ON_ONE_PROPOSAL: Final = 3


class CommentClosed(Conflict):
    """The proposal is not under public comment, or its period is over."""

    code = "naming.comment_closed"


class TooManyComments(LayerError):
    """One sender has sent enough for now; the facts say when the next is heard."""

    code = "naming.too_many_comments"


class CommentRepeated(Conflict):
    """The id stands for another comment."""

    code = "naming.comment_repeated"


class CommentNotFound(NotFound):
    """There is no such comment on the proposal."""

    code = "naming.comment_not_found"


def sender_of(address: str | None, secret: str) -> str:
    """Return what stands for a sender today: not the address, and another tomorrow."""
    return hashlib.sha256(f"{secret}|{this_day().isoformat()}|{address}".encode()).hexdigest()[:32]


def receive_comment(
    session: Session, proposal_id: UUID, asked: NewComment, *, sender: str, today: date
) -> tuple[CommentReceipt, bool]:
    """Receive a comment and return the receipt, with whether this was the first time it was sent.

    Raises `ProposalNotFound`, `CommentClosed`, `TooManyComments`, `CommentRepeated`.
    """
    row = find_proposal(session, proposal_id)
    receipt = CommentReceipt(id=asked.id, proposal_id=proposal_id, comment_until=row.comment_until)
    repeated = session.execute(
        text("SELECT proposal_id, opinion, body FROM naming.comment_repeated(:id)"), {"id": asked.id}
    ).first()
    if repeated is not None:
        if tuple(repeated) != (proposal_id, asked.opinion, asked.body):
            raise CommentRepeated(id=str(asked.id))
        return receipt, False
    if row.state != ProposalState.PUBLIC_COMMENT or (
        row.comment_until is not None and today > row.comment_until
    ):
        until = None if row.comment_until is None else row.comment_until.isoformat()
        raise CommentClosed(state=row.state, comment_until=until)
    _refuse_too_many(session, sender, proposal_id)
    values = {**asked.model_dump(), "proposal_id": proposal_id, "sender": sender}
    session.execute(insert(CommentRow).values(**values).inline())
    record_act(
        session,
        "comment.receive",
        subject=("proposal", str(proposal_id)),
        after=asked.model_dump(mode="json"),
        detail={"comment": str(asked.id), "opinion": asked.opinion},
    )
    return receipt, True


def _refuse_too_many(session: Session, sender: str, proposal_id: UUID) -> None:
    """Refuse what is too much; tries of one sender queue up, so that a hundred at once count as a hundred."""
    session.execute(text("SELECT pg_advisory_xact_lock(hashtextextended(:sender, 6))"), {"sender": sender})
    now = datetime.now(UTC)
    for since, proposal, most in ((WINDOW, None, MOST_AN_HOUR), (DAY, proposal_id, MOST_ON_ONE_PROPOSAL)):
        sent = session.execute(
            text("SELECT number, oldest FROM naming.comments_sent(:sender, :since, CAST(:proposal AS uuid))"),
            {"sender": sender, "since": now - since, "proposal": proposal},
        ).one()
        if sent.number >= most:
            left = (sent.oldest + since - now).total_seconds()
            raise TooManyComments(retry_after_s=max(1, round(left)))


def comments_on(session: Session, proposal_id: UUID) -> CommentList:
    """Return the comments on a proposal with how each was handled. Raises `ProposalNotFound`."""
    find_proposal(session, proposal_id)
    rows = (
        session.execute(
            select(CommentRow)
            .where(CommentRow.proposal_id == proposal_id)
            .order_by(CommentRow.recorded_at, CommentRow.id)
        )
        .scalars()
        .all()
    )
    given = session.execute(
        select(DispositionRow)
        .where(DispositionRow.comment_id.in_([row.id for row in rows]))
        .order_by(DispositionRow.recorded_at, DispositionRow.id)
    ).scalars()
    latest = {each.comment_id: each for each in given}
    comments = [
        Comment(
            id=row.id,
            opinion=row.opinion,
            body=row.body,
            author=row.author,
            contact=row.contact,
            recorded_at=row.recorded_at,
            disposition=_shown(latest[row.id]) if row.id in latest else None,
        )
        for row in rows
    ]
    return CommentList(comments=comments, open=sum(each.disposition is None for each in comments))


def _shown(row: DispositionRow) -> Disposition:
    return Disposition(
        id=row.id,
        outcome=row.outcome,
        reason=row.reason,
        recorded_by=row.recorded_by,
        recorded_at=row.recorded_at,
    )


def dispose(
    session: Session, officer: Officer, proposal_id: UUID, comment_id: UUID, asked: NewDisposition
) -> tuple[Disposition, bool]:
    """Record how a comment is handled; the same id twice is once. Raises `CommentNotFound`, `CommentRepeated`."""
    comment = session.get(CommentRow, comment_id)
    if comment is None or comment.proposal_id != proposal_id:
        raise CommentNotFound(id=str(comment_id))
    repeated = session.get(DispositionRow, asked.id)
    if repeated is not None:
        if (repeated.comment_id, repeated.outcome, repeated.reason) != (
            comment_id,
            asked.outcome,
            asked.reason,
        ):
            raise CommentRepeated(id=str(asked.id))
        return _shown(repeated), False
    row = DispositionRow(comment_id=comment_id, recorded_by=officer.username, **asked.model_dump())
    session.add(row)
    session.flush()
    session.refresh(row)
    record_act(
        session,
        "comment.dispose",
        subject=("proposal", str(proposal_id)),
        after=asked.model_dump(mode="json"),
        detail={"comment": str(comment_id), "outcome": asked.outcome},
    )
    return _shown(row), True
