"""What the review desk shows beside a proposal itself: the board of all, the ground a name must be unique in."""

from uuid import UUID

from fastapi import APIRouter, Request
from fastapi.responses import JSONResponse

from geo_service.auth.gate import CommitteeMember
from geo_service.db import DbSession
from geo_service.operations import proposal_board as operations
from geo_service.paging import GEOJSON, today
from geo_service.schemas.geojson import FeatureCollection
from geo_service.schemas.naming_board import Board

router = APIRouter(prefix="/api/naming", tags=["naming"])


@router.get("/board")
def get_board(session: DbSession, officer: CommitteeMember, ended: bool = False) -> Board:
    """List open proposals with stage, findings and nearest deadline, the most pressing first; with `ended` all."""
    return operations.board(session, officer, today=today(), ended=ended)


@router.get(
    "/proposals/{proposal_id}/scopes",
    responses={200: {"model": FeatureCollection, "content": {GEOJSON: {}}}},
    response_class=JSONResponse,
)
def get_scopes(
    request: Request, session: DbSession, officer: CommitteeMember, proposal_id: UUID
) -> JSONResponse:
    """Return the areas inside which the proposal's name must be unique; `counts` marks those of its road class."""
    home_unit = request.app.state.settings.home_unit
    found = operations.scope_outlines(session, officer, proposal_id, home_unit=home_unit, today=today())
    return JSONResponse(found, media_type=GEOJSON)
