"""What is due and when, for the board and the calendar; refuses to drop what is overdue."""

from dataclasses import dataclass
from datetime import date, timedelta
from enum import StrEnum

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
