"""What is due and when, for the board and the calendar; refuses to drop what is overdue."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, timedelta
from enum import StrEnum

from layers.markers.facts import Derivation
from layers.markers.joint_planning import PlannedInspection
from layers.markers.joint_report import WorkOrder
from layers.markers.model import Condition


class DueKind(StrEnum):
    """What has to be done."""

    PATROL = "patrol"
    JOINT = "joint"
    JOINT_PLAN = "joint_plan"
    FILING = "filing"
    WORK_ORDER = "work_order"
    REPORT = "report"
    REPAIR = "repair"


class DueState(StrEnum):
    """How near the day is."""

    OVERDUE = "overdue"
    SOON = "soon"
    AHEAD = "ahead"


SOON_DAYS = 7


@dataclass(frozen=True, slots=True, order=True)
class Due:
    """One entry: the day, what it is, whom it concerns; `never_done` marks a first inspection that never was.

    `joint_id` names the joint inspection that an entry comes from, where it comes from one.
    """

    due_on: date
    kind: DueKind
    subject: str
    unit: str = ""
    never_done: bool = False
    joint_id: str = ""

    def overdue(self, on: date) -> bool:
        """Return whether the day has passed."""
        return on > self.due_on

    def state(self, on: date) -> DueState:
        """Return whether the day has passed, comes within `SOON_DAYS`, or later."""
        if self.overdue(on):
            return DueState.OVERDUE
        return DueState.SOON if self.due_on <= on + timedelta(days=SOON_DAYS) else DueState.AHEAD


WITHOUT_DUTY = frozenset({Condition.RETIRED, Condition.NOT_SET})


def due_markers(
    markers: Iterable[tuple[str, str, Derivation]], on: date, *, days_ahead: int
) -> tuple[Due, ...]:
    """Return the patrols and joint inspections due within some days, overdue ones first.

    `markers` gives code, managing unit and derivation of each. One never inspected is due today; a retired marker
    and a point without a post have no duty.
    """
    until = on + timedelta(days=days_ahead)
    entries = [
        Due(due_on or on, kind, code, unit, due_on is None)
        for code, unit, derivation in markers
        if derivation.facts.condition not in WITHOUT_DUTY
        for kind, due_on in (
            (DueKind.PATROL, derivation.patrol_due_on),
            (DueKind.JOINT, derivation.joint_due_on),
        )
    ]
    return tuple(sorted(entry for entry in entries if entry.due_on <= until))


def due_plans(
    plan: Iterable[PlannedInspection], orders: Iterable[WorkOrder], on: date, *, days_ahead: int
) -> tuple[Due, ...]:
    """Return planned joint inspections and work orders due within some days; a plan without a day ends its year."""
    until = on + timedelta(days=days_ahead)
    entries = [
        Due(
            min(item.due_on or date(item.year, 12, 31), date(item.year, 12, 31)),
            DueKind.JOINT,
            item.line_code,
            item.lead,
        )
        for item in plan
    ]
    entries += [
        Due(order.deadline, DueKind.WORK_ORDER, "/".join(order.subjects), order.responsible)
        for order in orders
        if order.done_on is None
    ]
    return tuple(sorted(entry for entry in entries if entry.due_on <= until))
