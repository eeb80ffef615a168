"""A case read again for its file: what each step was asked, and whether what is on record answers it; decides nothing."""

from collections.abc import Iterator
from dataclasses import dataclass, replace

from layers.markers.case_guards import Guard, StepAsked
from layers.markers.case_table import STEPS
from layers.markers.evidence import CaseEvent
from layers.markers.evidence import CaseEventKind as Event
from layers.markers.model import CaseStage
from layers.markers.transitions import UNDOING, CaseFile, guards_of, state_of, step_asked


@dataclass(frozen=True, slots=True)
class ProvenGuard:
    """A guard by its name: what it would miss of an empty record, and what it misses of this one."""

    name: str
    asks: tuple[str, ...]
    missing: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class ProvenStep:
    """An event of a case: the stages before and after it, the article behind it, its guards.

    `revoked_by` and `corrected_by` are ids of later events that point at it; an act that undoes another has no guards.
    """

    event: CaseEvent
    before: CaseStage
    after: CaseStage
    art: str
    guards: tuple[ProvenGuard, ...]
    revoked_by: str | None
    corrected_by: tuple[str, ...]


def proven_steps(case: CaseFile) -> tuple[ProvenStep, ...]:
    """Return every event of a case in the order recorded, each asked again with what the case had then.

    Who had officers in this service is asked when a step is taken and not afterwards, so `acting` plays no part. A
    repair that was recorded with the neighbour's signature and photo has `neighbour_attended` with nothing missing.
    """
    then = replace(case, acting=frozenset())
    return tuple(_proven(then, place) for place in range(len(case.events)))


def _proven(case: CaseFile, place: int) -> ProvenStep:
    event, earlier = case.events[place], case.events[:place]
    state, after = state_of(earlier), state_of(case.events[: place + 1])
    later = [each for each in case.events[place + 1 :] if str(each.records.get("points_at")) == event.id]
    step = next(
        (each for each in STEPS if each.event is event.kind and each.fits(state.kind, state.stage)), None
    )
    asked = step_asked(case, state, event)
    return ProvenStep(
        event=event,
        before=state.stage,
        after=after.stage,
        art=step.art if step else "",
        guards=() if step is None or event.kind in UNDOING else tuple(_guards(guards_of(step), asked)),
        revoked_by=next((each.id for each in later if each.kind is Event.REVOKE), None),
        corrected_by=tuple(each.id for each in later if each.kind is Event.CORRECT),
    )


def _guards(guards: tuple[Guard, ...], asked: StepAsked) -> Iterator[ProvenGuard]:
    bare = replace(asked, event=replace(asked.event, records={}))
    for guard in guards:
        name = guard.__qualname__.split(".", 1)[0]  # `brings` for the guards that it makes
        yield ProvenGuard(name, _codes(guard, bare), _codes(guard, asked))


def _codes(guard: Guard, asked: StepAsked) -> tuple[str, ...]:
    return tuple(dict.fromkeys(guard(asked)))
