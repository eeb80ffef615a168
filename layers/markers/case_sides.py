"""Who stands for which side, and on what paper: no side repairs, accepts or declares a loss alone; decides no stage.

Source: regulation on administrative boundaries (State Council order 353) art. 6, 12, 16. A side is heard in one of
two ways: an officer who may act for it does so under his own sign-in, or its signed paper is on record. One person
never stands for both sides: whoever recorded the work neither attends it nor accepts it for the other side.
"""

from collections.abc import Iterator, Sequence
from typing import Final

from layers.markers.case_guards import WORK_DONE, StepAsked, entries_of, of_each, said
from layers.markers.cited_papers import hash_of, hashes_in
from layers.markers.evidence import CaseEvent
from layers.markers.evidence import CaseEventKind as Event
from layers.markers.model import Condition

BEGUN_ANEW: Final = frozenset({Event.ACCEPTANCE_FAIL, Event.REFUSE})
ATTENDANCE: Final = ("name", "signature", "photo")
PAPERS: Final = frozenset({"signature", "photo", "document"})


def papers_on_record(asked: StepAsked) -> Iterator[str]:
    """Name each paper that the step cites and nobody has brought: no hash is taken on trust."""
    return (f"paper_on_record:{cited}" for cited in sorted(set(hashes_in(asked.given)) - asked.on_file))


def _signed(units: Sequence[str], value: object, key: str, *parts: str) -> Iterator[str]:
    """Yield what is missing for every unit to have an entry whose papers are cited by hash."""
    yield from of_each(units, value, key, *parts)
    entries = {str(entry.get("unit")): entry for entry in entries_of(value)}
    for unit in units:
        for part in PAPERS & set(parts):
            paper = entries.get(unit, {}).get(part)
            if said(paper) and hash_of(paper) is None:
                yield f"{key}:{unit}.{part}_on_record"


def _since_begun(steps: Sequence[CaseEvent]) -> Sequence[CaseEvent]:
    """Return the steps of the work at hand: a work sent back is attended again."""
    ends = [place for place, step in enumerate(steps) if step.kind in BEGUN_ANEW]
    return steps[ends[-1] + 1 :] if ends else steps


def work_done(asked: StepAsked) -> CaseEvent | None:
    """Return the step that recorded the work which stands."""
    return next((step for step in reversed(asked.before) if step.kind in WORK_DONE), None)


def _attended(asked: StepAsked, work: CaseEvent) -> Iterator[str]:
    here = {
        step.actor.unit
        for step in _since_begun(asked.before)
        if step.kind is Event.ATTENDANCE_CONFIRM and step.actor.person != work.actor.person
    }
    absent = [unit for unit in asked.neighbours if unit not in here]
    if absent or not asked.neighbours:
        attendance = work.records.get("neighbour_attendance")
        yield from _signed(absent, attendance, "neighbour_attendance", *ATTENDANCE)


def neighbour_attended(asked: StepAsked) -> Iterator[str]:
    """Art. 6, 16: nobody repairs alone. Every other side attends: under its own sign-in, or by signature and photo."""
    return _attended(asked, asked.event)


def attendance_on_record(asked: StepAsked) -> Iterator[str]:
    """Art. 16 once more at the end: no case closes over a repair that the neighbour did not attend."""
    work = work_done(asked)
    if work is None:
        yield "neighbour_attendance"
    else:
        yield from _attended(asked, work)


def attends_for_neighbour(asked: StepAsked) -> Iterator[str]:
    """Attendance is confirmed for another side than the managing one, with a photo of the site on record."""
    if asked.event.actor.unit not in asked.neighbours:
        yield "actor_of_neighbour"
    if hash_of(asked.given.get("photo")) is None:
        yield "photo"


def accepted_by_other_side(asked: StepAsked) -> Iterator[str]:
    """Art. 6, 12, 16: what one side has done, the other accepts; never the person who recorded the work.

    Where no other side has officers in this service, a second officer of the managing side enters the acceptance that
    the other side signed; where one has, it accepts itself.
    """
    work = work_done(asked)
    if work is not None and work.actor.person == asked.event.actor.person:
        yield "acceptance_by_another_person"
    if asked.event.actor.unit not in asked.neighbours:
        yield from (f"acceptance_by_neighbour:{unit}" for unit in asked.neighbours if unit in asked.acting)


def signed_by_all(asked: StepAsked) -> Iterator[str]:
    """Art. 12: the record is signed by each side, two on a line, three at a tripoint, and the paper is on record."""
    return _signed(asked.units, asked.given.get("signatures"), "signature", "person", "signature")


def consented_by_all(asked: StepAsked) -> Iterator[str]:
    """Art. 6, measures art. 7: the governments of all adjoining units agree, each by a document on record."""
    return _signed(asked.units, asked.given.get("consents"), "consent", "document")


def witness_not_reporter(asked: StepAsked) -> Iterator[str]:
    """Whoever reported the loss is no second person to it."""
    if asked.event.actor.person == asked.reporter:
        yield "second_person_not_reporter"


def loss_proven(asked: StepAsked) -> Iterator[str]:
    """Ask for evidence, a search, and people other than the reporter (after NGS and NSW practice)."""
    yield from (key for key in ("evidence", "search_effort") if not said(asked.given.get(key)))
    if said(asked.given.get("evidence")) and not any(hashes_in(asked.given.get("evidence"))):
        yield "evidence_on_record"
    if asked.given.get("condition") not in {Condition.MISSING, Condition.DESTROYED}:
        yield "condition"
    yield from _second_person(asked)
    if asked.event.actor.person == asked.reporter:
        yield "officer_not_reporter"


def _second_person(asked: StepAsked) -> Iterator[str]:
    """Ask for the second person under his own sign-in, or for his signed statement on record."""
    one = {asked.event.actor.person, asked.reporter}
    if any(step.kind is Event.LOSS_ATTEST and step.actor.person not in one for step in asked.before):
        return
    second = asked.given.get("second_person")
    if not isinstance(second, str) or not second.strip() or second == asked.event.actor.person:
        yield "second_person"
    elif second == asked.reporter:
        yield "second_person_not_reporter"
    elif hash_of(asked.given.get("second_person_signature")) is None:
        yield "second_person_signature"
