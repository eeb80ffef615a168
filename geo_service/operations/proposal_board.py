"""The review desk's board: every open proposal with its stage and nearest deadline; the ground a name must be unique in."""

from datetime import date
from typing import Any, Final
from uuid import UUID

from geoalchemy2.shape import to_shape
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from geo_service.auth.jurisdiction import out_of_reach, require_reach
from geo_service.auth.officer import Officer
from geo_service.operations.naming_check import outline
from geo_service.operations.proposal_steps import case_of
from geo_service.operations.proposals import find_proposal
from geo_service.schemas.naming_board import Board, BoardDeadline, BoardEntry
from layers.naming.profiles import load_profile
from layers.naming.proposal_tables import CommentRow, DispositionRow, ProposalEventRow, ProposalRow
from layers.naming.queries import scopes_of
from layers.naming.review import CLOSED, ProposalState, deadlines

MOST: Final = 1000
ENDED: Final = frozenset({*CLOSED, ProposalState.IN_FORCE, ProposalState.RENAMED, ProposalState.RETIRED})
"""States that no clock runs in; the board leaves them out unless it is asked for them."""


def board(session: Session, officer: Officer, *, today: date, ended: bool) -> Board:
    """Return the proposals of the officer's jurisdiction, the most pressing first; at most a thousand."""
    wanted = select(ProposalRow).order_by(ProposalRow.id.desc()).limit(MOST)
    if not ended:
        wanted = wanted.where(ProposalRow.state.not_in([state.value for state in ENDED]))
    seen = session.execute(wanted).scalars().all()
    away = set(out_of_reach(session, officer, sorted({row.unit_code for row in seen})))
    rows = [row for row in seen if row.unit_code not in away]  # those under public comment are seen by all
    happened: dict[UUID, list[ProposalEventRow]] = {row.id: [] for row in rows}
    for event in session.execute(
        select(ProposalEventRow)
        .where(ProposalEventRow.proposal_id.in_(happened))
        .order_by(ProposalEventRow.place)
    ).scalars():
        happened[event.proposal_id].append(event)
    opinions = _open_opinions(session, list(happened))
    entries = [
        _entry(row, happened[row.id], today=today, open_opinions=opinions.get(row.id, 0)) for row in rows
    ]
    return Board(
        today=today,
        proposals=sorted(entries, key=lambda each: (each.deadline is None, each.days_left(), each.name)),
    )


def _open_opinions(session: Session, proposals: list[UUID]) -> dict[UUID, int]:
    disposed = select(DispositionRow.comment_id)
    counted = (
        select(CommentRow.proposal_id, func.count())
        .where(CommentRow.proposal_id.in_(proposals), CommentRow.id.not_in(disposed))
        .group_by(CommentRow.proposal_id)
    )
    return {row[0]: row[1] for row in session.execute(counted)}


def _entry(
    row: ProposalRow, events: list[ProposalEventRow], *, today: date, open_opinions: int
) -> BoardEntry:
    running = deadlines(case_of(row, events), load_profile(row.profile).clocks, today=today)
    severities = [finding["severity"] for finding in row.findings]
    nearest = next(iter(running), None)
    return BoardEntry(
        id=row.id,
        name=row.characters,
        pinyin=row.pinyin,
        kind=row.kind,
        action=row.action,
        state=row.state,
        unit_code=row.unit_code,
        blocks=severities.count("block"),
        warnings=severities.count("warn"),
        open_opinions=open_opinions,
        deadline=nearest
        and BoardDeadline(clock=nearest.clock, due_on=nearest.due_on, days_left=nearest.days_left),
    )


def scope_outlines(
    session: Session, officer: Officer, proposal_id: UUID, *, home_unit: str, today: date
) -> dict[str, Any]:
    """Return as a FeatureCollection the areas inside which a proposal's name must be unique, outlines simplified.

    EPSG:4490, to about 40 m: for a map. Raises `ProposalNotFound`, `Forbidden`.
    """
    row = find_proposal(session, proposal_id)
    require_reach(session, officer, [row.unit_code])
    ground = None if row.geometry is None else to_shape(row.geometry)
    scopes = scopes_of(session, ground, unit_code=row.unit_code or home_unit, as_of=today)
    counts = load_profile(row.profile).scope_for(row.road_class)
    return {
        "type": "FeatureCollection",
        "features": [
            {
                "type": "Feature",
                "id": scope.identifier,
                "geometry": outline(scope.polygon),
                "properties": {
                    "kind": scope.kind,
                    "name": scope.name,
                    "unit_code": scope.unit_code,
                    "source": scope.source,
                    "counts": scope.kind == counts,
                },
            }
            for scope in scopes
        ],
    }
