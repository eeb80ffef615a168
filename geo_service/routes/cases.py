"""Cases of markers over HTTP."""

from typing import Annotated, Any, Literal
from uuid import UUID

from fastapi import APIRouter, Query, Request, Response

from geo_service.auth.gate import SignedIn, Surveyor
from geo_service.db import DbSession
from geo_service.operations import case_papers, cases
from geo_service.paging import Limit
from geo_service.routes.paper_files import PAPER, PaperFormat, paper_file
from geo_service.schemas.markers import CaseOpening, CaseStep
from layers.markers import dossiers
from layers.markers.model import CaseStage

router = APIRouter(prefix="/api", tags=["cases"])


@router.get("/cases")
def list_cases(
    session: DbSession,
    officer: SignedIn,
    stage: CaseStage | None = None,
    line: Annotated[str | None, Query(max_length=40)] = None,
    unit: Annotated[str | None, Query(max_length=12)] = None,
    open_only: Annotated[bool, Query(alias="open")] = False,
    limit: Limit = 100,
) -> dict[str, Any]:
    """List cases, the latest first."""
    listed = cases.cases_listed(
        session, stage=stage.value if stage else None, line=line, unit=unit, open=open_only, limit=limit
    )
    return {"cases": listed}


@router.get("/cases/{case_id}")
def get_case(session: DbSession, officer: SignedIn, case_id: UUID) -> dict[str, Any]:
    """One case with its events, and the events that may come next."""
    return cases.case_told(session, case_id)


@router.get("/cases/{case_id}/file.{form}", response_class=Response, responses=PAPER)
def get_case_file(
    session: DbSession,
    officer: SignedIn,
    case_id: UUID,
    form: PaperFormat,
    language: Literal["zh-CN", "en"] = "zh-CN",
) -> Response:
    """Return a case as one paper: its acts with who, when and on which basis, what each was asked, the papers cited."""
    return paper_file(case_papers.case_paper(session, case_id, language), form)


@router.get("/markers/{code}/cases")
def list_cases_of_marker(session: DbSession, officer: SignedIn, code: str) -> dict[str, Any]:
    """List the cases of one marker."""
    dossiers.identity_of(session, code)
    return {"cases": cases.cases_listed(session, code=code)}


@router.post("/markers/{code}/cases", status_code=201)
def open_case(
    request: Request, session: DbSession, officer: Surveyor, code: str, asked: CaseOpening, response: Response
) -> dict[str, Any]:
    """Open a case: a report of something abnormal, or an application."""
    profile = request.app.state.settings.colour_profile
    answer, first = cases.open_case(session, officer, code, asked, profile=profile)
    response.status_code = 201 if first else 200
    return answer


@router.post("/cases/{case_id}/events", status_code=201)
def step_case(
    request: Request,
    session: DbSession,
    officer: Surveyor,
    case_id: UUID,
    asked: CaseStep,
    response: Response,
) -> dict[str, Any]:
    """Take a case one step on; a refused step names what is missing."""
    profile = request.app.state.settings.colour_profile
    answer, first = cases.step_case(session, officer, case_id, asked, profile=profile)
    response.status_code = 201 if first else 200
    return answer
