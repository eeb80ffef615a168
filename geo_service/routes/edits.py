"""Offline changes of a form that wait for a reviewer, over HTTP."""

from typing import Annotated, Any
from uuid import UUID

from fastapi import APIRouter, Query, Response

from geo_service.auth.gate import BoundaryOfficer, SignedIn
from geo_service.db import DbSession
from geo_service.operations import offline_edits
from geo_service.paging import Limit
from geo_service.schemas.markers import EditDecision

router = APIRouter(prefix="/api/edits", tags=["markers"])


@router.get("")
def list_edits(
    session: DbSession,
    officer: SignedIn,
    marker: Annotated[str | None, Query(max_length=64, description="marker code")] = None,
    decided: Annotated[bool | None, Query(description="only decided ones, or only those that wait")] = None,
    limit: Limit = 100,
) -> dict[str, Any]:
    """List changes made offline whose field somebody else had changed meanwhile, with both values, oldest first."""
    return {"edits": offline_edits.edits_listed(session, marker=marker, decided=decided, limit=limit)}


@router.post("/{edit_id}/decision", status_code=201)
def decide_edit(
    session: DbSession, officer: BoundaryOfficer, edit_id: UUID, asked: EditDecision, response: Response
) -> dict[str, Any]:
    """Take one value of each field, or write a third, with a reason; once, by somebody who did not bring it."""
    told, first = offline_edits.decide_edit(session, officer, edit_id, asked)
    response.status_code = 201 if first else 200
    return told
