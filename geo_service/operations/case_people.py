"""Who acts on a case for which side, and what is on record of what it cites; asked of the officer and of the database."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any, Final

from sqlalchemy import text
from sqlalchemy.orm import Session

from geo_service.auth.officer import Officer, Role
from geo_service.auth.refusals import Forbidden
from geo_service.schemas.markers import CaseStep
from layers.markers.case_table import STEPS
from layers.markers.cited_papers import hashes_in
from layers.markers.evidence import Actor, Capacity
from layers.markers.evidence import CaseEventKind as Event
from layers.markers.transitions import UNDOING, CaseState

BY_ROLE: Final[Mapping[Role, frozenset[Capacity]]] = {
    Role.SURVEYOR: frozenset(
        {Capacity.GUARDIAN, Capacity.AGENCY, Capacity.NEIGHBOURING_SIDE, Capacity.SIDE_SURVEYOR}
    ),
    Role.BOUNDARY: frozenset(Capacity) - {Capacity.SENSOR, Capacity.PUBLIC},
}
USUAL: Final = (
    Capacity.COUNTY_BUREAU,
    Capacity.MANAGING_SIDE,
    Capacity.ALL_SIDES,
    Capacity.APPROVING_AUTHORITY,
    Capacity.APPLICANT,
    Capacity.GUARDIAN,
    Capacity.AGENCY,
    Capacity.NEIGHBOURING_SIDE,
    Capacity.SIDE_SURVEYOR,
)
FOR_THE_OTHER_SIDE: Final = frozenset({Event.ATTENDANCE_CONFIRM, Event.ACCEPTANCE_PASS})


def actor_of(officer: Officer, asked: CaseStep, reached: Sequence[str], state: CaseState) -> Actor:
    """Return who acts for which unit in which capacity: as stated, if he may, else as the table has it.

    Unless he says otherwise, an officer who reaches several sides acts for the managing one, and for another in what
    the neighbour has to do. Raises `Forbidden` for a capacity that his roles do not have, or a unit out of his reach.
    """
    allowed = frozenset().union(*(BY_ROLE.get(role, frozenset()) for role in officer.roles))
    capacity = asked.capacity
    if capacity is None:
        capacity = next(
            (each for each in USUAL if each in _wanted(asked, state) & allowed), Capacity.GUARDIAN
        )
    elif capacity not in allowed:
        raise Forbidden(capacity=capacity.value, allowed=sorted(allowed))
    unit = asked.unit or _usual_unit(asked, reached, state)
    if unit not in reached and capacity is not Capacity.APPROVING_AUTHORITY:
        raise Forbidden(outside=[unit], jurisdictions=sorted(officer.jurisdictions))
    return Actor(officer.username, unit, capacity)


def _wanted(asked: CaseStep, state: CaseState) -> frozenset[Capacity]:
    if asked.event in UNDOING:
        return frozenset({Capacity.COUNTY_BUREAU})
    rows = [step for step in STEPS if step.event is asked.event]
    fitting = [step for step in rows if step.fits(state.kind, state.stage)] or rows
    return frozenset().union(*(step.may for step in fitting))


def _usual_unit(asked: CaseStep, reached: Sequence[str], state: CaseState) -> str:
    brought = [asked.records, *state.on_record.values()]
    side = next((str(each["managing_side"]) for each in brought if each.get("managing_side")), None)
    if asked.event in FOR_THE_OTHER_SIDE:
        return next((unit for unit in reached if unit != side), reached[0])
    return side if side is not None and side in reached else reached[0]


def papers_on_file(session: Session, brought: Iterable[Mapping[str, Any]]) -> frozenset[str]:
    """Return which of the papers that records cite are here, as photo or as document."""
    cited = sorted({each for records in brought for each in hashes_in(records)})
    if not cited:
        return frozenset()
    found = session.execute(text("SELECT markers.on_file(CAST(:cited AS text[]))"), {"cited": cited})
    return frozenset(found.scalars())


def units_acting(session: Session, units: Sequence[str]) -> frozenset[str]:
    """Return which of these units has an officer here who may act for it."""
    found = session.execute(
        text("SELECT service.units_acting(CAST(:units AS text[]))"), {"units": list(units)}
    )
    return frozenset(found.scalars())
