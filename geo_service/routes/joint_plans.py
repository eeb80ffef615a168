"""The plan of joint inspections, what carries one on, and its report, over HTTP."""

from datetime import date
from typing import Annotated, Any, Literal
from uuid import UUID

from fastapi import APIRouter, Header, Query, Response

from geo_service.auth.gate import BoundaryOfficer, SignedIn
from geo_service.db import DbSession
from geo_service.operations import joint_papers, joint_plan_papers, joint_plans
from geo_service.paging import today
from geo_service.routes.paper_files import PAPER, PaperFormat, paper_file
from geo_service.schemas.joint_plans import (
    JointArchive,
    JointFiling,
    JointPapers,
    JointPlan,
    NewJointInspection,
)

router = APIRouter(prefix="/api/joint-inspections", tags=["joint inspections"])
IfMatch = Annotated[str | None, Header()]


@router.get("/plan")
def plan_round(
    session: DbSession,
    officer: SignedIn,
    on: date | None = None,
    year: Annotated[int | None, Query(ge=1990, le=2200)] = None,
) -> JointPlan:
    """Return the five-year plan that a day lies in, or a year of it: each line, who leads, since when it is due."""
    return JointPlan.model_validate(joint_plans.plan_told(session, officer, on or today(), year))


@router.post("", status_code=201)
def begin_joint_inspection(
    session: DbSession, officer: BoundaryOfficer, asked: NewJointInspection, response: Response
) -> dict[str, Any]:
    """Plan the joint inspection of a line in a year; its tasks are made from the line and its markers."""
    whole, first = joint_plans.begin(session, officer, asked)
    response.status_code = 201 if first else 200
    return _tagged(session, whole, response)


@router.patch("/{joint_id}")
def name_papers(
    session: DbSession,
    officer: BoundaryOfficer,
    joint_id: UUID,
    asked: JointPapers,
    response: Response,
    if_match: IfMatch = None,
) -> dict[str, Any]:
    """Name the plan to be signed, the minutes of the indoor comparison, the report to be signed."""
    whole = joint_plans.name_papers(session, officer, joint_id, asked, if_match=if_match)
    return _tagged(session, whole, response)


@router.post("/{joint_id}/filing")
def file_report(
    session: DbSession,
    officer: BoundaryOfficer,
    joint_id: UUID,
    asked: JointFiling,
    response: Response,
    if_match: IfMatch = None,
) -> dict[str, Any]:
    """File the report that every side signed; its findings become evidence of the markers."""
    whole = joint_plans.file_report(session, officer, joint_id, asked, if_match=if_match)
    return _tagged(session, whole, response)


@router.post("/{joint_id}/archive")
def archive(
    session: DbSession,
    officer: BoundaryOfficer,
    joint_id: UUID,
    asked: JointArchive,
    response: Response,
    if_match: IfMatch = None,
) -> dict[str, Any]:
    """Put down which archive sets (county, city, province) are complete."""
    whole = joint_plans.archive(session, officer, joint_id, list(asked.archived_in), if_match=if_match)
    return _tagged(session, whole, response)


@router.get("/{joint_id}/report")
def get_report(session: DbSession, officer: SignedIn, joint_id: UUID) -> dict[str, Any]:
    """Return the figures and lists of the report, once every disagreement is settled."""
    return joint_papers.report_told(session, joint_id)


@router.get("/{joint_id}/report.{form}", response_class=Response, responses=PAPER)
def get_report_paper(
    session: DbSession,
    officer: SignedIn,
    joint_id: UUID,
    form: PaperFormat,
    language: Literal["zh-CN", "en"] = "zh-CN",
) -> Response:
    """Return the report (联检报告) as PDF or DOCX."""
    return paper_file(joint_papers.report_paper(session, joint_id, language), form)


@router.get("/{joint_id}/plan.{form}", response_class=Response, responses=PAPER)
def get_plan_paper(
    session: DbSession,
    officer: SignedIn,
    joint_id: UUID,
    form: PaperFormat,
    language: Literal["zh-CN", "en"] = "zh-CN",
) -> Response:
    """Return the implementation plan (实施方案) that every side signs, as PDF or DOCX."""
    return paper_file(joint_plan_papers.plan_paper(session, joint_id, language), form)


@router.get("/{joint_id}/indoor.{form}", response_class=Response, responses=PAPER)
def get_indoor_paper(
    session: DbSession,
    officer: SignedIn,
    joint_id: UUID,
    form: PaperFormat,
    language: Literal["zh-CN", "en"] = "zh-CN",
) -> Response:
    """Return what the indoor comparison (内业比对) finds, to be minuted, as PDF or DOCX."""
    return paper_file(joint_plan_papers.indoor_paper(session, joint_id, language), form)


def _tagged(session: DbSession, whole: dict[str, Any], response: Response) -> dict[str, Any]:
    response.headers["ETag"] = joint_plans.current_etag(session, whole["id"])
    return whole
