"""What must be on record before a step of a case; each guard yields what is missing, and none decides a stage.

The keys a guard yields are stable: they stand in the refusal, and the legend words them. Sources: regulation on
administrative boundaries (State Council order 353) art. 6, 12, 16; measures on boundary markers (2008) art. 7.
"""

import math
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, Final

from layers.markers.evidence import Capacity, CaseEvent
from layers.markers.evidence import CaseEventKind as Event

OnRecord = Mapping[Event, Mapping[str, Any]]

DETERMINE_THE_SIDE: Final = (Event.ACCEPT, Event.RESTORE_PLAN, Event.MOVE_PLAN, Event.ADD_PLAN)
MANAGES: Final = frozenset({Capacity.MANAGING_SIDE, Capacity.SIDE_SURVEYOR})
WORK_DONE: Final = (Event.RESTORE_DONE, Event.MOVE_DONE, Event.ADD_DONE)


@dataclass(frozen=True, slots=True)
class StepAsked:
    """A step before it is decided: the event, the units that meet at the marker, and what the case has so far.

    `on_record` holds what each kind of event last brought, so that no step can slip in another's records; `before`
    the steps that stand, `on_file` the hashes of papers that are on record, `acting` the units that have officers
    in this service; `day` is the office's day of the event, `restore_limit_m` how far from the legal point a
    restored marker may stand.
    """

    event: CaseEvent
    day: date
    units: tuple[str, ...]
    on_record: OnRecord
    reporter: str | None
    approved_on: date | None
    restore_limit_m: float
    before: tuple[CaseEvent, ...] = ()
    on_file: frozenset[str] = frozenset()
    acting: frozenset[str] = frozenset()

    @property
    def given(self) -> Mapping[str, Any]:
        """Return what this very event brings."""
        return self.event.records

    @property
    def determined_side(self) -> str | None:
        """Return the managing side that the acceptance, or else the plan, put on record."""
        for kind in DETERMINE_THE_SIDE:
            side = self.on_record.get(kind, {}).get("managing_side")
            if isinstance(side, str):
                return side
        return None

    @property
    def managing_side(self) -> str | None:
        """Return the managing side on record, or the one brought now where none is yet."""
        side = self.determined_side or self.given.get("managing_side")
        return side if isinstance(side, str) else None

    @property
    def neighbours(self) -> tuple[str, ...]:
        """Return every unit that meets here but the managing side: one on a line, two at a tripoint."""
        return tuple(unit for unit in self.units if unit != self.managing_side)


Guard = Callable[[StepAsked], Iterator[str]]


def said(value: object) -> bool:
    """Return whether a record says anything."""
    if isinstance(value, str):
        return bool(value.strip())
    return bool(value)


def entries_of(value: object) -> Sequence[Mapping[str, Any]]:
    """Return one entry or several as several."""
    if isinstance(value, Mapping):
        return (value,)
    if isinstance(value, Sequence) and not isinstance(value, str):
        return tuple(entry for entry in value if isinstance(entry, Mapping))
    return ()


def of_each(units: Sequence[str], value: object, key: str, *parts: str) -> Iterator[str]:
    """Yield what is missing for every unit to have an entry with all its parts."""
    entries = {str(entry.get("unit")): entry for entry in entries_of(value)}
    if not units:
        yield key
    for unit in units:
        if unit not in entries:
            yield f"{key}:{unit}"
            continue
        yield from (f"{key}:{unit}.{part}" for part in parts if not said(entries[unit].get(part)))


def brings(*keys: str) -> Guard:
    """Return the guard that this event itself brings each of the named records."""

    def missing(asked: StepAsked) -> Iterator[str]:
        return (key for key in keys if not said(asked.given.get(key)))

    return missing


def managing_side_known(asked: StepAsked) -> Iterator[str]:
    """Art. 6: the side that the agreement makes responsible is determined, and is one of the units here."""
    given = asked.given.get("managing_side", asked.managing_side)
    if asked.managing_side not in asked.units:
        yield "managing_side"
    elif given != asked.managing_side:
        yield "managing_side_as_on_record"
    elif asked.event.actor.capacity in MANAGES and asked.event.actor.unit != asked.managing_side:
        yield "actor_of_managing_side"


def neighbour_notified(asked: StepAsked) -> Iterator[str]:
    """Art. 6: every other side is told, and a day is agreed."""
    yield from of_each(asked.neighbours, asked.given.get("neighbour_notified"), "neighbour_notified", "on")
    if as_day(asked.given.get("agreed_date")) is None:
        yield "agreed_date"


def surveyed_at_legal_point(asked: StepAsked) -> Iterator[str]:
    """Art. 6: a new survey, and the restored marker stands on its legal point."""
    yield from brings("new_survey")(asked)
    offset = asked.given.get("offset_m")
    if isinstance(offset, bool) or not isinstance(offset, int | float) or not math.isfinite(offset):
        yield "offset_m"
    elif not 0 <= offset <= asked.restore_limit_m:
        yield "offset_within_limit"


def surveyed_at_new_point(asked: StepAsked) -> Iterator[str]:
    """Art. 6: a moved or added marker has a new survey and a new position (EPSG:4490, accuracy in m)."""
    yield from brings("new_survey")(asked)
    position = asked.given.get("new_position")
    numbers = (
        [position.get(key) for key in ("lon", "lat", "accuracy_m")] if isinstance(position, Mapping) else []
    )
    if not numbers or not all(
        isinstance(number, int | float) and math.isfinite(number) for number in numbers
    ):
        yield "new_position"


def no_confirmed_loss(asked: StepAsked) -> Iterator[str]:
    """Let no confirmed loss be put off as a false report: its confirmation has to be revoked first."""
    if Event.CONFIRM_LOST in asked.on_record:
        yield "no_confirmed_loss"


def accepted_or_lost(asked: StepAsked) -> Iterator[str]:
    """Let a restoration be planned once the bureau has accepted the case, or confirmed the loss."""
    if not {Event.ACCEPT, Event.CONFIRM_LOST} & set(asked.on_record):
        yield "case_accepted"


def filed(asked: StepAsked) -> Iterator[str]:
    """Art. 6, 8, 12: a filing has its number and its date, not before the approval and not in the future."""
    yield from brings("filing_number")(asked)
    filed_on = as_day(asked.given.get("filed_on"))
    if filed_on is None:
        yield "filed_on"
    elif filed_on > asked.day:
        yield "filed_on_not_in_future"
    elif asked.approved_on is not None and filed_on < asked.approved_on:
        yield "filed_on_not_before_approval"


def as_day(value: object) -> date | None:
    """Return a date given as such, as an instant, or as ISO text."""
    if isinstance(value, datetime):
        return value.date()
    if isinstance(value, date):
        return value
    try:
        return date.fromisoformat(value) if isinstance(value, str) else None
    except ValueError:
        return None
