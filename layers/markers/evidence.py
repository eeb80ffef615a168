"""The append-only records that facts are derived from; refuses to hold anything that could be overwritten.

Each record has two clocks: `happened_at`, when it was so in the field, and `recorded_at`, when the office came to
know. A day's work brought in from offline is late by the second, not by the first.
"""

from dataclasses import dataclass, field
from datetime import date, datetime
from enum import StrEnum
from types import MappingProxyType
from typing import Any

from layers.markers.model import Condition, InspectionKind, PositionCheck


@dataclass(frozen=True, slots=True, kw_only=True)
class Evidence:
    """One record: its id and its two clocks (both with a time zone)."""

    id: str
    happened_at: datetime
    recorded_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Observed(Evidence):
    """An inspection brought in: counts only once a review accepts it; a sensor's never sets a condition."""

    kind: InspectionKind
    condition: Condition
    position_check: PositionCheck = PositionCheck.NONE
    person: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Reviewed(Evidence):
    """A reviewer's word on an inspection."""

    inspection_id: str
    accepted: bool
    person: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Confirmed(Evidence):
    """A second person's confirmation of what an inspection saw; void without evidence or by the observer himself."""

    inspection_id: str
    person: str
    proofs: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class JointResult(Evidence):
    """What a joint inspection said of this marker, signed by every side."""

    passed: bool
    condition: Condition = Condition.INTACT
    position_check: PositionCheck = PositionCheck.AGREES


class FlagKind(StrEnum):
    """What stays open until somebody settles it."""

    SENSOR_ALARM = "sensor_alarm"
    SYNC_CONFLICT = "sync_conflict"
    FILING = "filing"


@dataclass(frozen=True, slots=True, kw_only=True)
class Flagged(Evidence):
    """An alarm raised, a conflict found, or a new or moved marker that has to be filed."""

    flag: FlagKind


@dataclass(frozen=True, slots=True, kw_only=True)
class Settled(Evidence):
    """An alarm acknowledged, a conflict resolved, a marker filed."""

    flag_id: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Called(Evidence):
    """An extra inspection called for after a disaster or a changed river or road (regulation art. 12)."""

    kind: InspectionKind
    due_on: date


@dataclass(frozen=True, slots=True, kw_only=True)
class Withdrawn(Evidence):
    """A record found wrong: from now on it counts no more, and it is never deleted."""

    record_id: str
    reason: str = ""


class Capacity(StrEnum):
    """In what capacity a person acts on a case."""

    GUARDIAN = "guardian"
    PUBLIC = "public"
    SENSOR = "sensor"
    AGENCY = "agency"
    COUNTY_BUREAU = "county_bureau"
    MANAGING_SIDE = "managing_side"
    ALL_SIDES = "all_sides"
    NEIGHBOURING_SIDE = "neighbouring_side"
    SIDE_SURVEYOR = "side_surveyor"
    APPLICANT = "applicant"
    APPROVING_AUTHORITY = "approving_authority"


@dataclass(frozen=True, slots=True)
class Actor:
    """Who acts, of which unit (division code), in which capacity."""

    person: str
    unit: str
    capacity: Capacity


class CaseEventKind(StrEnum):
    """The acts that move a case."""

    REPORT_ABNORMAL = "report.abnormal"
    JOINT_FAIL = "joint.fail"
    VERIFY = "case.verify"
    DISMISS = "case.dismiss"
    LOSS_ATTEST = "loss.attest"
    CONFIRM_LOST = "case.confirm_lost"
    ACCEPT = "case.accept"
    RESTORE_PLAN = "restore.plan"
    ATTENDANCE_CONFIRM = "attendance.confirm"
    RESTORE_DONE = "restore.done"
    MOVE_APPLY = "move.apply"
    MOVE_PLAN = "move.plan"
    MOVE_DONE = "move.done"
    ADD_APPLY = "add.apply"
    ADD_PLAN = "add.plan"
    ADD_DONE = "add.done"
    RETIRE_APPLY = "retire.apply"
    RETIRE = "retire"
    ACCEPTANCE_PASS = "acceptance.pass"  # noqa: S105 # an act of the office, no password
    ACCEPTANCE_FAIL = "acceptance.fail"
    APPROVE = "approve"
    REFUSE = "approve.refuse"
    FILE = "file"
    REVOKE = "revoke"
    CORRECT = "correct"


@dataclass(frozen=True, slots=True, kw_only=True)
class CaseEvent(Evidence):
    """One act on a case with the records it brings, under the keys that the guards name."""

    case_id: str
    kind: CaseEventKind
    actor: Actor
    records: MappingProxyType[str, Any] | dict[str, Any] = field(default_factory=dict)
