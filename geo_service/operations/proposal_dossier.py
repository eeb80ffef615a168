"""One proposal in full: what it says, where it stands, what may come next, what runs out; personal data for the office."""

import json
from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any
from uuid import UUID

from sqlalchemy import text
from sqlalchemy.orm import Session

from geo_service.auth.jurisdiction import out_of_reach
from geo_service.auth.officer import Officer, Role
from geo_service.operations.proposal_steps import (
    OPEN_OPINIONS,
    PAPERS_OF_THE_STEP,
    case_of,
    overrides_of,
    records_of,
)
from geo_service.operations.proposals import ProposalNotFound, events_of, find_proposal, proposal_etag
from layers.naming.profiles import load_profile
from layers.naming.proposal_queries import proposal_feature
from layers.naming.review import BLOCKING_ONLY_FROM_SUBMISSION, ProposalState, Step, deadlines, steps_from

OFFICE_ROLES = (Role.NAMING, Role.COMMITTEE, Role.AUDITOR, Role.ADMINISTRATOR)


def is_office(officer: Officer) -> bool:
    """Say whether an officer sees proposals as the office does."""
    return officer.holds(*OFFICE_ROLES)


def dossier(
    session: Session, officer: Officer, proposal_id: UUID, *, today: date
) -> tuple[dict[str, Any], str]:
    """Return a proposal as a Feature and its ETag; the public's has neither path nor findings nor applicant.

    Raises `ProposalNotFound`.
    """
    office = is_office(officer) and not out_of_reach(session, officer, _unit(session, proposal_id))
    encoded = proposal_feature(session, proposal_id, office=office)
    if encoded is None:
        raise ProposalNotFound(id=str(proposal_id))
    feature: dict[str, Any] = json.loads(encoded)
    row = find_proposal(session, proposal_id)
    if office:
        feature["properties"] |= _path(session, proposal_id, today)
    return feature, proposal_etag(session, row)


def _unit(session: Session, proposal_id: UUID) -> list[str]:
    return [find_proposal(session, proposal_id).unit_code]


def _path(session: Session, proposal_id: UUID, today: date) -> Mapping[str, Any]:
    row, events = find_proposal(session, proposal_id), events_of(session, proposal_id)
    case, profile = case_of(row, events), load_profile(row.profile)
    return {
        "alternatives": row.alternatives,
        "alternative_readings": row.alternative_readings,
        "applicant": row.applicant,
        "reasons": row.reasons,
        "parent": row.parent,
        "width_basis": row.width_basis,
        "former_name_id": None if row.former_name_id is None else str(row.former_name_id),
        "findings": row.findings,
        "records": records_of(events),
        "overrides": overrides_of(events),
        "open_opinions": session.execute(text(OPEN_OPINIONS), {"id": proposal_id}).scalar_one(),
        "steps": [
            {
                "event": step.event,
                "target": step.target.value,
                "actors": sorted(step.actors),
                "records": list(step.records),
                "stops_at_blocks": step.stops_at_blocks,
                "open_blocks": _open_blocks(step, row.findings, overrides_of(events)),
            }
            for step in steps_from(ProposalState(row.state))
        ],
        "deadlines": [
            {"clock": each.clock, "due_on": each.due_on.isoformat(), "days_left": each.days_left}
            for each in deadlines(case, profile.clocks, today=today)
        ],
        "events": [
            {
                "id": str(each.id),
                "event": each.event,
                "state": each.state,
                "actor": each.actor,
                "on": each.happened_on.isoformat(),
                "data": each.data,
                "recorded_by": each.recorded_by,
                "recorded_at": each.recorded_at.isoformat(),
            }
            for each in events
        ],
    }


def _open_blocks(
    step: Step, findings: Sequence[Mapping[str, Any]], overrides: Mapping[str, str]
) -> list[str]:
    """Return the blocking findings of the last check that a step would still stop at."""
    if not step.stops_at_blocks:
        return []
    waits = BLOCKING_ONLY_FROM_SUBMISSION if step.event == "reserve" else frozenset()
    if step.event in PAPERS_OF_THE_STEP:
        waits = waits | {"DOC-01"}
    blocks = {finding["code"] for finding in findings if finding["severity"] == "block"}
    return sorted(blocks - waits - set(overrides))
