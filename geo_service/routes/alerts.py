"""What stands open of markers over HTTP: late clocks, alarms and complaints of devices; and alarms answered."""

from collections import Counter
from datetime import UTC, date, datetime
from typing import Annotated, Any
from uuid import UUID

from fastapi import APIRouter, Query, Response
from pydantic import AwareDatetime

from geo_service.auth.gate import SignedIn, Surveyor
from geo_service.db import DbSession
from geo_service.operations import alerts
from geo_service.routes.markers import ProfileCode, office_day
from geo_service.schemas.markers import Acknowledgement
from layers.markers.queries import MarkerFilter
from layers.markers.register import follow_the_clock

router = APIRouter(prefix="/api/alerts", tags=["markers"])


@router.get("")
def list_alerts(
    session: DbSession,
    officer: SignedIn,
    profile: ProfileCode,
    unit: Annotated[str | None, Query(max_length=12, description="a unit, with all below it")] = None,
    line: Annotated[str | None, Query(max_length=40, description="line code")] = None,
    kind: Annotated[
        list[str] | None,
        Query(max_length=40, description="codes, or `clock`, `sensor`; all when left out"),
    ] = None,
    since: Annotated[AwareDatetime | None, Query(description="only what began then or later")] = None,
    as_of: Annotated[date | None, Query(description="what stood open at the end of that day")] = None,
) -> dict[str, Any]:
    """List what stands open, alarms first, then the latest; at most a thousand of each family, `more` names the others."""
    today = office_day(datetime.now(UTC))
    codes = alerts.codes_of(kind or [])
    follow_the_clock(session)
    past = as_of is not None and as_of != today
    markers = MarkerFilter(as_of=as_of or today, past=past, profile=profile, unit=unit, line=line)
    found, more = alerts.alerts_listed(session, markers, codes, since)
    return {
        "as_of": markers.as_of,
        "by_code": Counter(each["code"] for each in found),
        "more": more,
        "alerts": found,
    }


@router.post("/{alert_id}/acknowledgement", status_code=201)
def acknowledge(
    session: DbSession,
    officer: Surveyor,
    alert_id: UUID,
    asked: Acknowledgement,
    profile: ProfileCode,
    response: Response,
) -> dict[str, Any]:
    """Answer an alarm with a word of what was found; the answer has the marker's facts and colour after it."""
    answer, first = alerts.acknowledge(session, officer, alert_id, asked, profile=profile)
    response.status_code = 201 if first else 200
    return answer
