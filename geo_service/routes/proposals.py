"""Proposals over HTTP: put, listed, read, amended, taken step by step."""

from typing import Annotated, Any
from uuid import UUID

from fastapi import APIRouter, Query, Request, Response
from fastapi.responses import JSONResponse

from geo_service.auth.gate import CommitteeMember, NamingOfficer, Whoever
from geo_service.auth.jurisdiction import require_reach
from geo_service.auth.officer import Officer
from geo_service.db import DbSession
from geo_service.etags import IfMatch
from geo_service.operations.proposal_dossier import dossier, is_office
from geo_service.operations.proposal_examination import examine_changed
from geo_service.operations.proposal_steps import take_step
from geo_service.operations.proposals import amend_proposal, find_proposal, put_proposal
from geo_service.paging import GEOJSON, Bbox, Cursor, ExactCount, GeometryWanted, Limit, collection, today
from geo_service.schemas.geojson import Feature, FeatureCollection
from geo_service.schemas.naming_proposals import AmendedProposal, NewProposal, ProposalStep
from layers.naming.proposal_queries import OFFICE, PUBLIC, ProposalFilter
from layers.naming.review import ProposalState

router = APIRouter(prefix="/api/naming/proposals", tags=["naming"])
FEATURES: dict[int | str, dict[str, Any]] = {200: {"model": FeatureCollection, "content": {GEOJSON: {}}}}
FEATURE: dict[int | str, dict[str, Any]] = {200: {"model": Feature, "content": {GEOJSON: {}}}}
NEW_FEATURE: dict[int | str, dict[str, Any]] = {**FEATURE, 201: {"model": Feature, "content": {GEOJSON: {}}}}


def answer(session: DbSession, officer: Officer, proposal_id: UUID, status: int = 200) -> Response:
    """Return a proposal in full as the asker may see it, with its ETag."""
    feature, etag = dossier(session, officer, proposal_id, today=today())
    return JSONResponse(feature, status_code=status, media_type=GEOJSON, headers={"ETag": etag})


@router.get("", responses=FEATURES, response_class=Response)
def list_proposals(
    request: Request,
    session: DbSession,
    officer: Whoever,
    bbox: Bbox,
    after: Cursor,
    state: ProposalState | None = None,
    q: Annotated[str | None, Query(max_length=40)] = None,
    limit: Limit = 100,
    geometry: GeometryWanted = "full",
    count: ExactCount = False,
) -> Response:
    """List proposals: all of the jurisdiction for the office, those under public comment for everyone."""
    where, values = ProposalFilter(state, q, bbox).where()
    page = (OFFICE if is_office(officer) else PUBLIC).page(
        session,
        where=where,
        values=values,
        limit=limit,
        after=after,
        with_geometry=geometry == "full",
        exact_count=count,
    )
    return collection(request, page)


@router.post("", responses=NEW_FEATURE, response_class=Response, status_code=201)
def create_proposal(
    request: Request, session: DbSession, officer: NamingOfficer, asked: NewProposal
) -> Response:
    """Put a proposal on record as a draft; the same one sent twice is recorded once."""
    settings = request.app.state.settings
    row, first = put_proposal(
        session, officer, asked, profile=settings.rule_profile, home_unit=settings.home_unit, today=today()
    )
    return answer(session, officer, row.id, 201 if first else 200)


@router.get("/{proposal_id}", responses=FEATURE, response_class=Response)
def get_proposal(session: DbSession, officer: Whoever, proposal_id: UUID) -> Response:
    """One proposal: for the office with its path, findings and deadlines."""
    return answer(session, officer, proposal_id)


@router.put("/{proposal_id}", responses=FEATURE, response_class=Response)
def change_proposal(
    request: Request,
    session: DbSession,
    officer: NamingOfficer,
    proposal_id: UUID,
    asked: AmendedProposal,
    if_match: IfMatch = None,
) -> Response:
    """Change a draft, a proposal returned, or one that the committee amends."""
    settings = request.app.state.settings
    require_reach(session, officer, [find_proposal(session, proposal_id).unit_code])
    row = amend_proposal(
        session,
        officer,
        proposal_id,
        asked,
        if_match=if_match,
        profile=settings.rule_profile,
        home_unit=settings.home_unit,
        today=today(),
    )
    examine_changed(session, row, home_unit=settings.home_unit, today=today())
    return answer(session, officer, proposal_id)


@router.post("/{proposal_id}/events", responses=NEW_FEATURE, response_class=Response, status_code=201)
def step(
    request: Request, session: DbSession, officer: CommitteeMember, proposal_id: UUID, asked: ProposalStep
) -> Response:
    """Take a step on the path; refused with all that is missing. The same step sent twice is taken once."""
    require_reach(session, officer, [find_proposal(session, proposal_id).unit_code])
    home_unit = request.app.state.settings.home_unit
    _, first = take_step(session, officer, proposal_id, asked, home_unit=home_unit, today=today())
    return answer(session, officer, proposal_id, 201 if first else 200)
