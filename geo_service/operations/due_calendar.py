"""What is due as a calendar file (iCalendar, RFC 5545): one whole-day entry each, its state in words."""

from collections.abc import Iterable, Mapping
from datetime import UTC, date, datetime, time, timedelta
from enum import StrEnum
from typing import Final

from icalendar import Calendar, Event

from geo_service.messages import catalogue
from layers.due import Due
from layers.markers.legend import Language, Wording
from layers.markers.legend_due import KIND, STATE
from layers.naming import legend as naming_legend
from layers.naming import legend_due as naming

WORDS: Final[Mapping[StrEnum, Wording | naming_legend.Wording]] = {**KIND, **naming.KIND}
READ_AGAIN_H: Final = 6
"""How many hours a program that subscribes should wait before it reads again (RFC 7986, 5.7), also as Outlook knows it."""


def due_calendar(entries: Iterable[tuple[Due, str]], on: date, *, language: str) -> bytes:
    """Return entries as a calendar; the same entry keeps its UID, so that a program that reads again moves it."""
    words = catalogue(language)
    tongue: Language = "en" if language == "en" else "zh"
    calendar = Calendar()
    calendar.add("prodid", "-//geo_service//due//")
    calendar.add("version", "2.0")
    calendar.add("x-wr-calname", words["due.calendar"])
    calendar.add("refresh-interval", timedelta(hours=READ_AGAIN_H), parameters={"value": "DURATION"})
    calendar.add("x-published-ttl", f"PT{READ_AGAIN_H}H")
    for due, line in entries:
        event = Event()
        named = "-".join(part for part in (due.kind, *_identity(due)) if part)
        event.add("uid", f"{named}@geo-service")
        event.add("dtstamp", datetime.combine(on, time(), UTC))
        event.add("dtstart", due.due_on)
        state = words["due.never"] if due.never_done else STATE[due.state(on)].label(tongue)
        kind = WORDS[due.kind].label(tongue).capitalize()
        event.add("summary", f"{kind} {due.subject} · {state}")
        event.add("description", " · ".join(part for part in (line, due.unit) if part))
        event.add("categories", [kind])
        event.add("transp", "TRANSPARENT")
        calendar.add_component(event)
    return bytes(calendar.to_ical())


def _identity(due: Due) -> tuple[str, ...]:
    """Return what an entry is known by: a name or a title may change, and two proposals may ask for one name."""
    known = due.proposal_id or due.meeting_id
    return (known,) if known else (due.subject, due.joint_id)
