"""Joint inspections (联检) over HTTP."""

from typing import Annotated, Any
from uuid import UUID

from fastapi import APIRouter, Query, Response

from geo_service.auth.gate import SignedIn, Surveyor
from geo_service.db import DbSession
from geo_service.operations import joint_inspections as operations
from geo_service.operations.joint_plans import current_etag
from geo_service.schemas.joint import JointCompletion, JointOpinionAsked, JointRecord, JointSignatureAsked

router = APIRouter(prefix="/api/joint-inspections", tags=["joint inspections"])


@router.get("")
def list_joint_inspections(
    session: DbSession,
    officer: SignedIn,
    line: Annotated[str | None, Query(max_length=40)] = None,
    year: Annotated[int | None, Query(ge=1990, le=2200)] = None,
) -> dict[str, Any]:
    """List joint inspections with the stage that their records have reached."""
    return {"joint_inspections": operations.joints_listed(session, line=line, year=year)}


@router.get("/{joint_id}")
def get_joint_inspection(
    session: DbSession, officer: SignedIn, joint_id: UUID, response: Response
) -> dict[str, Any]:
    """One joint inspection: tasks, each side's records, opinions, signatures, and what is still missing."""
    etag = response.headers["ETag"] = current_etag(session, joint_id)
    return operations.seen_by(session, officer, joint_id) | {"etag": etag}


@router.post("/{joint_id}/records", status_code=201)
def record_task(
    session: DbSession, officer: Surveyor, joint_id: UUID, asked: JointRecord, response: Response
) -> dict[str, Any]:
    """Put on file what one side saw at one task."""
    return _added(session, officer, joint_id, "record", asked.model_dump(mode="json"), response)


@router.post("/{joint_id}/opinions", status_code=201)
def agree_opinion(
    session: DbSession, officer: Surveyor, joint_id: UUID, asked: JointOpinionAsked, response: Response
) -> dict[str, Any]:
    """Put the joint opinion on a task on file."""
    return _added(session, officer, joint_id, "opinion", asked.model_dump(mode="json"), response)


@router.post("/{joint_id}/completions", status_code=201)
def complete_order(
    session: DbSession, officer: Surveyor, joint_id: UUID, asked: JointCompletion, response: Response
) -> dict[str, Any]:
    """Put on file that the responsible side has done a work order, after the report is signed too."""
    return _added(session, officer, joint_id, "completion", asked.model_dump(mode="json"), response)


@router.post("/{joint_id}/signatures", status_code=201)
def sign(
    session: DbSession, officer: Surveyor, joint_id: UUID, asked: JointSignatureAsked, response: Response
) -> dict[str, Any]:
    """Put the signature of a side under a document on file."""
    return _added(session, officer, joint_id, "signature", asked.model_dump(mode="json"), response)


def _added(  # what the four routes share
    session: DbSession,
    officer: Surveyor,
    joint_id: UUID,
    kind: str,
    asked: dict[str, Any],
    response: Response,
) -> dict[str, Any]:
    whole, first = operations.add_record(session, officer, joint_id, kind, asked)
    response.status_code = 201 if first else 200
    return whole
