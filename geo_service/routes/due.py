"""What is due over HTTP: as a list for a board, as a calendar file, and at a secret address for a phone's calendar."""

from collections import Counter
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Annotated, Any, Final, Literal

from fastapi import APIRouter, Depends, Path, Query, Request, Response
from fastapi.responses import JSONResponse
from sqlalchemy.orm import Session

from geo_service import problems
from geo_service.auth.gate import BySession, NeverStored, SignedIn, caller_of
from geo_service.auth.refusals import CalendarAddressNotFound, TooManyAttempts
from geo_service.db import DbSession
from geo_service.operations import calendar_address
from geo_service.operations.due_calendar import due_calendar
from geo_service.schemas.people import CalendarAddress, NewCalendarAddress, OwnCalendarAddress
from layers.due import Due
from layers.markers.due_list import DueKind
from layers.markers.due_rows import MOST, DueAsked, due_entries
from layers.markers.register import follow_the_clock, office_rules
from layers.naming.due_list import NamingDueKind
from layers.naming.due_rows import naming_due

router = APIRouter(prefix="/api", tags=["markers"])
CALENDAR: Final = "text/calendar"
FILE: Final[dict[int | str, dict[str, Any]]] = {200: {"content": {CALENDAR: {}}}}
Entries = list[tuple[Due, str]]
Tongue = Literal["zh-CN", "en"]


@dataclass(frozen=True)
class Question:
    """What of all that is due is asked for; None means any."""

    unit: Annotated[str | None, Query(max_length=12, description="a unit, with all below it")] = None
    line: Annotated[
        str | None, Query(max_length=40, description="line code; what is due of names has none")
    ] = None
    kind: Annotated[
        list[DueKind | NamingDueKind] | None, Query(description="only these; all when left out")
    ] = None
    days_ahead: Annotated[int, Query(ge=0, le=730)] = 30

    def answer(self, session: Session) -> tuple[DueAsked, Entries]:
        """Return what was asked and what is due by the clock of the office, as far as who acts may see it."""
        _, policy = next(iter(office_rules().values())).at(now := datetime.now(UTC))
        follow_the_clock(session)
        wanted = set(self.kind or (*DueKind, *NamingDueKind))
        kinds = frozenset(kind for kind in wanted if isinstance(kind, DueKind))
        asked = DueAsked(policy.day_of(now), self.days_ahead, unit=self.unit, line=self.line, kinds=kinds)
        entries = due_entries(session, asked, policy)
        if self.line is None:
            names = [kind for kind in wanted if isinstance(kind, NamingDueKind)]
            found = naming_due(
                session, on=asked.on, days_ahead=self.days_ahead, unit=self.unit, kinds=names, most=MOST
            )
            entries += [(due, "") for due in found]
        return asked, sorted(entries)


Asked = Annotated[Question, Depends()]


@router.get("/due")
def list_due(session: DbSession, _officer: SignedIn, question: Asked) -> dict[str, Any]:
    """List what is due, overdue first; at most a thousand of each kind, `more` names the kinds that have others."""
    asked, entries = question.answer(session)
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
                "line_code": line or None,
                "unit": due.unit or None,
                "due_on": due.due_on,
                "state": due.state(asked.on),
                "never_done": due.never_done,
                "joint_id": due.joint_id or None,
                "proposal_id": due.proposal_id or None,
                "meeting_id": due.meeting_id or None,
            }
            for due, line in entries
        ],
    }


@router.get("/due.ics", response_class=Response, responses=FILE)
def get_calendar(
    session: DbSession, _officer: SignedIn, question: Asked, language: Tongue = "zh-CN"
) -> Response:
    """Return the same as a calendar file of whole-day entries."""
    return _calendar(session, question, language, "attachment")


@router.get("/due/calendar-address", dependencies=[NeverStored])
def get_calendar_address(session: DbSession, officer: SignedIn) -> OwnCalendarAddress:
    """Say whether one has a calendar address, since when and when it was last read; its secret is not told again."""
    row = calendar_address.own_address(session, officer)
    return OwnCalendarAddress(address=None if row is None else CalendarAddress.model_validate(row))


@router.post("/due/calendar-address", status_code=201, dependencies=[NeverStored])
def make_calendar_address(session: DbSession, officer: BySession) -> NewCalendarAddress:
    """Make one's calendar address, shown this once, for 366 days; the one before no longer answers."""
    secret, row = calendar_address.make_address(session, officer)
    shown = CalendarAddress.model_validate(row).model_dump()
    return NewCalendarAddress(**shown, path=f"api/due/calendar/{secret}.ics")


@router.delete("/due/calendar-address", status_code=204)
def revoke_calendar_address(session: DbSession, officer: BySession) -> None:
    """Revoke one's calendar address; calendars that read it are refused from now on."""
    calendar_address.revoke_address(session, officer)


@router.get("/due/calendar/{secret}.ics", response_class=Response, responses=FILE)
def read_calendar(
    request: Request,
    session: DbSession,
    secret: Annotated[str, Path(max_length=100)],
    question: Asked,
    language: Tongue = "zh-CN",
) -> Response:
    """Return what the officer of a secret address may see, without a sign-in: for calendars that subscribe."""
    settings, caller = request.app.state.settings, caller_of(request)
    try:
        calendar_address.act_as_reader(session, secret, caller=caller, settings=settings)
    except (CalendarAddressNotFound, TooManyAttempts) as refusal:  # answered, not raised: the attempt is kept
        refused: JSONResponse = problems.refusal(request, refusal)
        return refused
    return _calendar(session, question, language, "inline")


def _calendar(session: Session, question: Question, language: Tongue, shown: str) -> Response:
    asked, entries = question.answer(session)
    headers = {"Content-Disposition": f'{shown}; filename="due.ics"', "Cache-Control": "no-store"}
    return Response(due_calendar(entries, asked.on, language=language), media_type=CALENDAR, headers=headers)
