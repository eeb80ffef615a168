"""Papers of proposals and sittings over HTTP, as DOCX and PDF; the gazetteer and the filing sheet, as workbooks too."""

from datetime import date
from typing import Annotated, Any, Final, Literal
from urllib.parse import quote
from uuid import UUID

from fastapi import APIRouter, Query, Response

from geo_service.auth.gate import CommitteeMember, SignedIn
from geo_service.db import DbSession
from geo_service.operations import gazetteer, naming_papers
from geo_service.operations.naming_papers import NamingPaper
from geo_service.paging import AsOf, Bbox, today
from geo_service.routes.paper_files import PAPER, PaperFormat, paper_file
from geo_service.schemas.boundaries import Code
from layers.naming.model import NameKind
from layers.naming.queries import NameFilter

router = APIRouter(prefix="/api/naming", tags=["naming"])
Language = Literal["zh-CN", "en"]
SHEET: Final = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
WORKBOOK: Final[dict[int | str, dict[str, Any]]] = {200: {"content": {SHEET: {}}}}


@router.get("/proposals/{proposal_id}/papers/{kind}.{form}", response_class=Response, responses=PAPER)
def get_proposal_paper(
    session: DbSession,
    officer: CommitteeMember,
    proposal_id: UUID,
    kind: NamingPaper,
    form: PaperFormat,
    language: Language = "zh-CN",
) -> Response:
    """Return a paper of a proposal: application, reports, decision, filing form, announcement."""
    paper = naming_papers.proposal_paper(
        session, officer, proposal_id, kind, language=language, today=today()
    )
    return paper_file(paper, form)


@router.get("/meetings/{meeting_id}/minutes.{form}", response_class=Response, responses=PAPER)
def get_minutes(
    session: DbSession,
    officer: CommitteeMember,
    meeting_id: UUID,
    form: PaperFormat,
    language: Language = "zh-CN",
) -> Response:
    """Return the minutes of a sitting."""
    return paper_file(naming_papers.minutes_paper(session, meeting_id, language=language), form)


@router.get("/gazetteer.xlsx", response_class=Response, responses=WORKBOOK)
def get_gazetteer_workbook(
    session: DbSession,
    officer: SignedIn,
    as_of: AsOf,
    bbox: Bbox,
    kind: NameKind | None = None,
    unit: Code | None = None,
    language: Language = "zh-CN",
) -> Response:
    """Return the names that stood on a day as a workbook, by pinyin."""
    asked = NameFilter(as_of, kind, None, unit, bbox)
    return _workbook(gazetteer.gazetteer_workbook(session, asked, language=language), f"地名录-{as_of}")


@router.get("/gazetteer.{form}", response_class=Response, responses=PAPER)
def get_gazetteer(
    session: DbSession,
    officer: SignedIn,
    form: PaperFormat,
    as_of: AsOf,
    bbox: Bbox,
    kind: NameKind | None = None,
    unit: Code | None = None,
    language: Language = "zh-CN",
) -> Response:
    """Return the names that stood on a day on paper, under the letters of their pinyin."""
    asked = NameFilter(as_of, kind, None, unit, bbox)
    return paper_file(gazetteer.gazetteer_paper(session, asked, language=language), form)


@router.get("/filing.xlsx", response_class=Response, responses=WORKBOOK)
def get_filing_sheet(
    session: DbSession,
    officer: CommitteeMember,
    since: Annotated[date, Query(description="approved on this day or later")],
    until: Annotated[
        date | None, Query(description="approved on this day or earlier; today when left out")
    ] = None,
    language: Language = "zh-CN",
) -> Response:
    """Return the names approved in a period for filing: what is filed, by when it is due, whether it was."""
    last = until or today()
    sheet = gazetteer.filing_workbook(session, since, last, language=language, today=today())
    return _workbook(sheet, f"地名备案-{since}-{last}")


def _workbook(content: bytes, name: str) -> Response:
    headers = {
        "Content-Disposition": f"attachment; filename=\"names.xlsx\"; filename*=UTF-8''{quote(name)}.xlsx",
        "Cache-Control": "no-store",
    }
    return Response(content, media_type=SHEET, headers=headers)
