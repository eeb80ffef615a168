"""Shapes of the review desk's board."""

from datetime import date
from uuid import UUID

from pydantic import BaseModel


class BoardDeadline(BaseModel):
    """The clock that runs out first; `days_left` below zero: overdue."""

    clock: str
    due_on: date
    days_left: int


class BoardEntry(BaseModel):
    """A proposal at a glance: its stage, what its last check found, comments not yet disposed of."""

    id: UUID
    name: str
    pinyin: str
    kind: str
    action: str
    state: str
    unit_code: str
    blocks: int
    warnings: int
    open_opinions: int
    deadline: BoardDeadline | None

    def days_left(self) -> int:
        """Return the days to its deadline, 0 without one."""
        return 0 if self.deadline is None else self.deadline.days_left


class Board(BaseModel):
    """The proposals of a desk, the most pressing first."""

    today: date
    proposals: list[BoardEntry]
