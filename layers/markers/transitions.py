"""The handling of a marker, step by step: who may, what must be on record; refuses every other step.

The table is `case_table.STEPS`, the function `take_step`. Nothing is deleted: a wrong step is revoked or corrected
by a later one that points at it, and the case is what its remaining steps make of it.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date
from types import MappingProxyType
from typing import Final
from zoneinfo import ZoneInfo

from layers.errors import LayerError
from layers.markers.case_guards import WORK_DONE, Guard, OnRecord, StepAsked
from layers.markers.case_sides import papers_on_record
from layers.markers.case_table import AUTHORITY, BUREAU, STEPS, CaseKind, Step
from layers.markers.evidence import Actor, CaseEvent
from layers.markers.evidence import CaseEventKind as Event
from layers.markers.model import CaseStage, Condition, LegalPosition, PositionCheck

CHINA: Final = ZoneInfo("Asia/Shanghai")


class CaseStepRefused(LayerError):
    """The table has no such step here, or something is missing; `missing` names it."""

    code = "marker.case_step_refused"


UNDOING: Final = frozenset({Event.REVOKE, Event.CORRECT})


@dataclass(frozen=True, slots=True, kw_only=True)
class CaseFile:
    """A case as kept: the units that meet at the marker, and every event in the order recorded.

    `on_file` holds those hashes cited by its events that are on record as photo or document; `acting` those units that
    have officers in this service.
    """

    case_id: str
    units: tuple[str, ...]
    events: tuple[CaseEvent, ...] = ()
    on_file: frozenset[str] = frozenset()
    acting: frozenset[str] = frozenset()
    restore_limit_m: float = 1.0
    time_zone: ZoneInfo = CHINA

    def day_of(self, event: CaseEvent) -> date:
        """Return the office's day of an event."""
        return event.happened_at.astimezone(self.time_zone).date()


@dataclass(frozen=True, slots=True, kw_only=True)
class CaseState:
    """What the standing steps of a case make of it."""

    kind: CaseKind | None = None
    stage: CaseStage = CaseStage.NONE
    on_record: OnRecord = field(default_factory=lambda: MappingProxyType({}))
    reporter: Actor | None = None
    approved_on: date | None = None
    steps: tuple[CaseEvent, ...] = ()

    def after(self, event: CaseEvent, step: Step, day: date) -> "CaseState":
        """Return the state once a step is taken on a day of the office."""
        approves = event.kind in {Event.APPROVE, Event.RETIRE}
        return CaseState(
            kind=step.becomes or self.kind,
            stage=step.to,
            on_record=MappingProxyType({**self.on_record, event.kind: event.records}),
            reporter=self.reporter or event.actor,
            approved_on=day if approves else self.approved_on,
            steps=(*self.steps, event),
        )


def standing(events: Sequence[CaseEvent]) -> tuple[CaseEvent, ...]:
    """Return the steps that stand: without the revoked ones, and corrected ones with their corrected records."""
    steps: dict[str, CaseEvent] = {}
    for event in events:
        target = str(event.records.get("points_at"))
        if event.kind is Event.REVOKE:
            steps.pop(target, None)
        elif event.kind is Event.CORRECT:
            if target in steps:
                corrected = {**steps[target].records, **event.records.get("records", {})}
                steps[target] = replace(steps[target], records=corrected)
        else:
            steps[event.id] = event
    return tuple(steps.values())


def state_of(events: Sequence[CaseEvent]) -> CaseState:
    """Return the state of a case from its accepted events, without asking again what was asked then."""
    state = CaseState()
    for event in standing(events):
        rows = [step for step in STEPS if step.event is event.kind]
        row = next((step for step in rows if step.fits(state.kind, state.stage)), rows[0])
        state = state.after(event, row, event.happened_at.astimezone(CHINA).date())
    return state


def take_step(case: CaseFile, event: CaseEvent) -> CaseState:
    """Return the state after an event; raise CaseStepRefused, naming what is missing, when it may not be.

    A repair done while the neighbour stayed away is refused with `neighbour_attendance:469021` (art. 6, 16): it
    cannot even reach joint acceptance.
    """
    if event.case_id != case.case_id:
        raise CaseStepRefused(case_id=case.case_id, event=event.kind, missing=["event_of_this_case"])
    if event.id in {known.id for known in case.events}:
        raise CaseStepRefused(case_id=case.case_id, event=event.kind, missing=["new_event_id"])
    if event.kind in UNDOING:
        return _undo(case, event)
    return _next(case, state_of(case.events), event)


def _next(case: CaseFile, state: CaseState, event: CaseEvent) -> CaseState:
    step = next(
        (step for step in STEPS if step.event is event.kind and step.fits(state.kind, state.stage)), None
    )
    missing = ["stage"] if step is None else list(_missing(case, state, event, step))
    if step is None or missing:
        raise CaseStepRefused(
            case_id=case.case_id,
            event=event.kind,
            stage=state.stage,
            missing=missing,
            possible=sorted({step.event for step in STEPS if step.fits(state.kind, state.stage)}),
        )
    return state.after(event, step, case.day_of(event))


def _missing(case: CaseFile, state: CaseState, event: CaseEvent, step: Step) -> Iterator[str]:
    if event.actor.capacity not in step.may:
        yield "capacity"
    asked = step_asked(case, state, event)
    for guard in guards_of(step):
        yield from guard(asked)


def guards_of(step: Step) -> tuple[Guard, ...]:
    """Return all that a step is asked: its own guards, and that every paper it cites is on record."""
    return (*step.needs, papers_on_record)


def step_asked(case: CaseFile, state: CaseState, event: CaseEvent) -> StepAsked:
    """Return a step as its guards see it: the event, and what the case had in a state."""
    return StepAsked(
        event=event,
        day=case.day_of(event),
        units=case.units,
        on_record=state.on_record,
        reporter=state.reporter.person if state.reporter else None,
        approved_on=state.approved_on,
        restore_limit_m=case.restore_limit_m,
        before=state.steps,
        on_file=case.on_file,
        acting=case.acting,
    )


def _undo(case: CaseFile, event: CaseEvent) -> CaseState:
    """Take a step back by a new event pointing at it; what came after must still stand without it."""
    steps = {step.id for step in standing(case.events)}
    missing = [key for key in ("points_at", "reason") if not event.records.get(key)]
    if not missing and event.records["points_at"] not in steps:
        missing.append("points_at_standing_step")
    if event.kind is Event.CORRECT and not isinstance(event.records.get("records"), Mapping):
        missing.append("records")
    if event.actor.capacity not in BUREAU | AUTHORITY:
        missing.append("capacity")
    if missing:
        stage = state_of(case.events).stage
        raise CaseStepRefused(case_id=case.case_id, event=event.kind, stage=stage, missing=missing)
    state = CaseState()
    then = replace(
        case, acting=frozenset()
    )  # who had officers here is asked when a step is taken, not afterwards
    for step in standing((*case.events, event)):
        try:
            state = _next(then, state, step)
        except CaseStepRefused as refused:
            raise CaseStepRefused(
                case_id=case.case_id,
                event=event.kind,
                stage=state.stage,
                missing=["later_step_without_it"],
                later_step=step.id,
                would_miss=refused.facts["missing"],
            ) from refused
    return state


@dataclass(frozen=True, slots=True)
class CaseObservation:
    """What a step of a case says of the marker itself."""

    event: CaseEvent
    condition: Condition
    confirmed: bool
    position_check: PositionCheck


def observations(events: Sequence[CaseEvent]) -> Iterator[CaseObservation]:
    """Yield what the standing steps of a case say of the marker: lost, set again, retired."""
    for event in standing(events):
        if event.kind is Event.CONFIRM_LOST:
            yield CaseObservation(event, Condition(event.records["condition"]), True, PositionCheck.NONE)
        elif event.kind is Event.ACCEPTANCE_PASS:
            yield CaseObservation(event, Condition.INTACT, True, PositionCheck.AGREES)
        elif event.kind is Event.RETIRE:
            yield CaseObservation(event, Condition.RETIRED, True, PositionCheck.NONE)


def new_legal_position(events: Sequence[CaseEvent]) -> LegalPosition | None:
    """Return the legal position that a case brings: only a move or an addition, approved and filed (art. 6)."""
    state = state_of(events)
    if state.kind not in {CaseKind.MOVE, CaseKind.ADD} or state.stage is not CaseStage.CLOSED:
        return None
    done = next(state.on_record[kind] for kind in WORK_DONE if kind in state.on_record)
    position = done["new_position"]
    return LegalPosition(
        lon=float(position["lon"]),
        lat=float(position["lat"]),
        accuracy_m=float(position["accuracy_m"]),
        method=str(done["new_survey"]),
    )
