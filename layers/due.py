"""A day by which something is to be done (待办), for the board and the calendar; refuses to know what that may be."""

from dataclasses import dataclass
from datetime import date, timedelta
from enum import StrEnum
from typing import Final


class DueState(StrEnum):
    """How near the day is."""

    OVERDUE = "overdue"
    SOON = "soon"
    AHEAD = "ahead"


SOON_DAYS: Final = 7


@dataclass(frozen=True, slots=True, order=True)
class Due:
    """One entry: the day, what it is, whom it concerns; `never_done` marks a first inspection that never was.

    `joint_id`, `proposal_id` and `meeting_id` name the joint inspection, the proposal of a name or the sitting that an
    entry comes from, where it comes from one.
    """

    due_on: date
    kind: StrEnum
    subject: str
    unit: str = ""
    never_done: bool = False
    joint_id: str = ""
    proposal_id: str = ""
    meeting_id: str = ""

    def overdue(self, on: date) -> bool:
        """Return whether the day has passed."""
        return on > self.due_on

    def state(self, on: date) -> DueState:
        """Return whether the day has passed, comes within `SOON_DAYS`, or later."""
        if self.overdue(on):
            return DueState.OVERDUE
        return DueState.SOON if self.due_on <= on + timedelta(days=SOON_DAYS) else DueState.AHEAD
