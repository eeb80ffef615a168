"""What is due over HTTP: as a list for a board, and as a calendar file."""

from collections import Counter
from datetime import UTC, datetime
from typing import Annotated, Any, Final, Literal

from fastapi import APIRouter, Depends, Query, Response

from geo_service.auth.gate import SignedIn
from geo_service.db import DbSession
from geo_service.operations.due_calendar import due_calendar
from layers.markers.due_list import Due, DueKind
from layers.markers.due_rows import MOST, DueAsked, due_entries
from layers.markers.register import follow_the_clock, office_rules

router = APIRouter(prefix="/api", tags=["markers"])
CALENDAR: Final = "text/calendar"
Entries = list[tuple[Due, str]]


def due_asked(
    session: DbSession,
    officer: SignedIn,
    unit: Annotated[str | None, Query(max_length=12, description="a unit, with all below it")] = None,
    line: Annotated[str | None, Query(max_length=40, description="line code")] = None,
    kind: Annotated[list[DueKind] | None, Query(description="only these; all when left out")] = None,
    days_ahead: Annotated[int, Query(ge=0, le=730)] = 30,
) -> tuple[DueAsked, Entries]:
    """Return what was asked and what is due by the clock of the office."""
    now = datetime.now(UTC)
    _, policy = next(iter(office_rules().values())).at(now)
    follow_the_clock(session)
    kinds = frozenset(kind or DueKind)
    asked = DueAsked(policy.day_of(now), days_ahead, unit=unit, line=line, kinds=kinds)
    return asked, due_entries(session, asked, policy)


Found = Annotated[tuple[DueAsked, Entries], Depends(due_asked)]


@router.get("/due")
def list_due(found: Found) -> dict[str, Any]:
    """List what is due, overdue first; at most a thousand of each kind, `more` names the kinds that have others."""
    asked, entries = found
    kinds = Counter(due.kind for due, _ in entries)
    return {
        "on": asked.on,
        "days_ahead": asked.days_ahead,
        "by_state": Counter(due.state(asked.on) for due, _ in entries),
        "by_kind": kinds,
        "more": sorted(kind for kind, count in kinds.items() if count >= MOST),
        "entries": [
            {
                "kind": due.kind,
                "subject": due.subject,
                "line_code": line,
                "unit": due.unit or None,
                "due_on": due.due_on,
                "state": due.state(asked.on),
                "never_done": due.never_done,
            }
            for due, line in entries
        ],
    }


@router.get("/due.ics", response_class=Response, responses={200: {"content": {CALENDAR: {}}}})
def get_calendar(found: Found, language: Literal["zh-CN", "en"] = "zh-CN") -> Response:
    """Return the same as a calendar file of whole-day entries."""
    asked, entries = found
    headers = {"Content-Disposition": 'attachment; filename="due.ics"', "Cache-Control": "no-store"}
    return Response(due_calendar(entries, asked.on, language=language), media_type=CALENDAR, headers=headers)
