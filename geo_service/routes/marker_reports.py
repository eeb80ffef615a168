"""The report on the markers of a line or a unit over HTTP: one HTML file that is opened without a network."""

from datetime import UTC, date, datetime
from typing import Annotated, Any, Final, Literal
from urllib.parse import quote

from fastapi import APIRouter, Query, Response

from geo_service.auth.gate import SignedIn
from geo_service.db import DbSession
from geo_service.operations.marker_report import ReportAsked, marker_report
from geo_service.routes.markers import ProfileCode, office_day
from layers.markers.register import follow_the_clock
from web_map.reports.marker_report import render

router = APIRouter(prefix="/api/reports", tags=["markers"])
PAGE: Final[dict[int | str, dict[str, Any]]] = {200: {"content": {"text/html": {}}}}


@router.get("/markers.html", response_class=Response, responses=PAGE)
def report_markers(
    session: DbSession,
    officer: SignedIn,
    profile: ProfileCode,
    line: Annotated[str | None, Query(max_length=40, description="line code")] = None,
    unit: Annotated[str | None, Query(max_length=12, description="a unit, with all below it")] = None,
    as_of: Annotated[date | None, Query(description="the day asked about; now when left out")] = None,
    language: Literal["zh-CN", "en"] = "zh-CN",
) -> Response:
    """Return map, key and table of the markers of a line or of a unit, as they are or as they were on a day."""
    follow_the_clock(session)
    today = office_day(datetime.now(UTC))
    on = as_of or today
    asked = ReportAsked(on=on, now=on == today, profile=profile, language=language, line=line, unit=unit)
    content = render(marker_report(session, asked)).encode()
    name = quote(f"界桩-{line or unit}-{on.isoformat()}.html")
    # The report carries its own script, so it is a file to keep and no page of this service ever shows it.
    headers = {
        "Content-Disposition": f"attachment; filename=\"markers.html\"; filename*=UTF-8''{name}",
        "Content-Security-Policy": "sandbox",
        "Cache-Control": "no-store",
    }
    return Response(content, media_type="text/html; charset=utf-8", headers=headers)
