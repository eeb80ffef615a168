"""Other marks of a line, the counts its documents state, and the indoor comparison, over HTTP."""

from typing import Any

from fastapi import APIRouter

from geo_service.auth.gate import BoundaryOfficer, SignedIn
from geo_service.db import DbSession
from geo_service.operations import joint_lines as operations
from geo_service.schemas.joint_plans import LineCode, LineCounts, NewOtherMark, OtherMarkEnd

router = APIRouter(prefix="/api/joint-inspections/lines", tags=["joint inspections"])


@router.get("/{line_code}")
def get_line(session: DbSession, officer: SignedIn, line_code: LineCode) -> dict[str, Any]:
    """Return a line's other marks, declared counts, and the register checked against line, documents and itself."""
    return operations.line_told(session, officer, line_code)


@router.post("/{line_code}/other-marks", status_code=201)
def add_other_mark(
    session: DbSession, officer: BoundaryOfficer, line_code: LineCode, asked: NewOtherMark
) -> dict[str, Any]:
    """Put a mark on record that the agreement names beside the posts; later task lists visit it."""
    return operations.add_other_mark(session, officer, line_code, asked)


@router.post("/{line_code}/other-marks/{code:path}/end")
def end_other_mark(
    session: DbSession, officer: BoundaryOfficer, line_code: LineCode, code: str, asked: OtherMarkEnd
) -> dict[str, Any]:
    """Put down that a mark is none any more (order 353, art. 8)."""
    return operations.end_other_mark(session, officer, line_code, code, asked)


@router.post("/{line_code}/counts", status_code=201)
def declare_counts(
    session: DbSession, officer: BoundaryOfficer, line_code: LineCode, asked: LineCounts
) -> dict[str, Any]:
    """Put down how many markers a document of the line states."""
    return operations.declare_counts(session, officer, line_code, asked)
