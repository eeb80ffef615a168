"""What is due in naming, read from open proposals and sittings within the jurisdiction of whoever asks."""

from collections import Counter
from collections.abc import Iterable, Iterator
from datetime import date, timedelta
from itertools import groupby
from typing import Any, Final

from sqlalchemy import Row, text
from sqlalchemy.orm import Session

from layers.due import Due
from layers.naming.due_list import OF_CLOCK, NamingDueKind
from layers.naming.profiles import load_profile
from layers.naming.review import (
    CLOSED,
    PATH,
    STOPS_CLOCK,
    Actor,
    ProposalCase,
    ProposalEvent,
    ProposalState,
    deadlines,
)

# Proposals under public comment are seen by all: what is due is told to the office that holds them. Only steps that
# start or stop a clock are read.
CASES: Final = """
SELECT p.id, p.characters, p.unit_code, p.profile, p.state AS stands, e.event, e.actor, e.happened_on, e.state
  FROM naming.proposal p JOIN naming.proposal_event e ON e.proposal_id = p.id
 WHERE p.state <> ALL (:ended) AND e.event = ANY (:steps) AND service.reaches_code(p.unit_code) {under}
 ORDER BY p.id, e.place
"""
MEETINGS: Final = """
SELECT p.id, p.title, p.unit_code, p.held_on FROM naming.meeting p
 WHERE p.held_on <= :until AND service.reaches_code(p.unit_code) {under}
   AND EXISTS (SELECT FROM naming.agenda_item i WHERE i.meeting_id = p.id AND i.outcome IS NULL)
"""
UNDER_UNIT: Final = """AND p.unit_code IN (
    WITH RECURSIVE under AS (
        SELECT u.unit_id, u.code, 0 AS depth FROM boundaries.administrative_unit u WHERE u.code = :unit AND u.valid_to IS NULL
        UNION ALL
        SELECT u.unit_id, u.code, under.depth + 1 FROM boundaries.administrative_unit u
          JOIN under ON u.parent_id = under.unit_id AND u.valid_to IS NULL WHERE under.depth < 6)
    SELECT code FROM under UNION SELECT CAST(:unit AS text))"""
TIMED: Final = sorted(
    {step.event for step in PATH if step.clock}
    | {event for events in STOPS_CLOCK.values() for event in events}
)
WITHOUT_CLOCK: Final = sorted(
    state.value for state in {*CLOSED, ProposalState.IN_FORCE, ProposalState.RENAMED, ProposalState.RETIRED}
)


def naming_due(
    session: Session,
    *,
    on: date,
    days_ahead: int,
    unit: str | None = None,
    kinds: Iterable[NamingDueKind] = tuple(NamingDueKind),
    most: int = 1000,
) -> list[Due]:
    """Return what is due until `days_ahead` days after `on`, overdue first; `unit` with all below it, None means any.

    At most `most` of a kind, the earliest. Row-level security shows the steps of a proposal to the naming office, its committee, auditors and administrators.
    """
    until, wanted = on + timedelta(days=days_ahead), frozenset(kinds)
    found: list[Due] = []
    if wanted - {NamingDueKind.MEETING}:
        found += (
            due for due in _of_proposals(session, unit, on) if due.kind in wanted and due.due_on <= until
        )
    if NamingDueKind.MEETING in wanted:
        found += (
            Due(row.held_on, NamingDueKind.MEETING, row.title, row.unit_code, meeting_id=str(row.id))
            for row in _rows(session, MEETINGS, unit, until=until)
        )
    told: Counter[str] = Counter()
    kept = []
    for due in sorted(found):
        told[due.kind] += 1
        if told[due.kind] <= most:
            kept.append(due)
    return kept


def _of_proposals(session: Session, unit: str | None, on: date) -> Iterator[Due]:
    rows = _rows(session, CASES, unit, ended=WITHOUT_CLOCK, steps=TIMED)
    for _, steps in groupby(rows, key=lambda row: row.id):
        yield from _of_proposal(list(steps), on)


def _of_proposal(steps: list[Row[Any]], on: date) -> Iterator[Due]:
    proposal = steps[0]
    history = tuple(
        ProposalEvent(step.event, Actor(step.actor), step.happened_on, ProposalState(step.state))
        for step in steps
    )
    case = ProposalCase(ProposalState(proposal.stands), history)
    told: set[NamingDueKind] = set()
    for deadline in deadlines(case, load_profile(proposal.profile).clocks, today=on):
        kind = OF_CLOCK[deadline.clock]
        if kind not in told:
            told.add(kind)
            yield Due(
                deadline.due_on, kind, proposal.characters, proposal.unit_code, proposal_id=str(proposal.id)
            )


def _rows(session: Session, statement: str, unit: str | None, **given: Any) -> list[Row[Any]]:
    narrowed = statement.format(under="" if unit is None else UNDER_UNIT)
    return list(session.execute(text(narrowed), given if unit is None else given | {"unit": unit}))
