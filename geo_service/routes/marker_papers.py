"""Registration forms of markers and the result table of a line over HTTP: PDF and DOCX, and a workbook."""

from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, Final, Literal
from urllib.parse import quote

from fastapi import APIRouter, Request, Response

from geo_service.auth.gate import SignedIn
from geo_service.db import DbSession
from geo_service.operations import marker_papers
from geo_service.operations.marker_export import write_result_table
from geo_service.paging import today
from geo_service.routes.paper_files import PAPER, PaperFormat, paper_file
from layers.markers.joint_line_rows import inspected_line
from layers.markers.queries import MarkerFilter, Positions
from layers.markers.register import follow_the_clock

router = APIRouter(prefix="/api", tags=["markers"])
Language = Literal["zh-CN", "en"]
SHEET: Final = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
WORKBOOK: Final[dict[int | str, dict[str, Any]]] = {200: {"content": {SHEET: {}}}}


@router.get("/markers/{code}/registration.{form}", response_class=Response, responses=PAPER)
def get_registration_form(
    request: Request,
    session: DbSession,
    officer: SignedIn,
    code: str,
    form: PaperFormat,
    language: Language = "zh-CN",
) -> Response:
    """Return the registration form (界桩登记表) of a marker as the register has it, with a sketch and photos."""
    settings = request.app.state.settings
    return paper_file(marker_papers.registration_form(session, settings, code, language), form)


@router.get("/boundaries/lines/{line_code}/registrations.{form}", response_class=Response, responses=PAPER)
def get_registration_forms(
    request: Request,
    session: DbSession,
    officer: SignedIn,
    line_code: str,
    form: PaperFormat,
    language: Language = "zh-CN",
) -> Response:
    """Return the registration forms of all markers of a line, each on a page of its own."""
    settings = request.app.state.settings
    return paper_file(marker_papers.registration_forms(session, settings, line_code, language), form)


@router.get("/boundaries/lines/{line_code}/results.xlsx", response_class=Response, responses=WORKBOOK)
def get_result_table(request: Request, session: DbSession, officer: SignedIn, line_code: str) -> Response:
    """Return the result table (界桩成果表) of a line as a workbook."""
    inspected_line(session, line_code, today())
    follow_the_clock(session)
    profile = request.app.state.settings.colour_profile
    asked = MarkerFilter(as_of=today(), profile=profile, positions=Positions.EXACT, line=line_code)
    with TemporaryDirectory(prefix="geo-results-") as folder:
        sheet = Path(folder, "results.xlsx")
        write_result_table(session, sheet, asked, overwrite=True)
        content = sheet.read_bytes()
    name = quote(f"界桩成果表-{line_code}.xlsx")
    headers = {
        "Content-Disposition": f"attachment; filename=\"results.xlsx\"; filename*=UTF-8''{name}",
        "Cache-Control": "no-store",
    }
    return Response(content, media_type=SHEET, headers=headers)
