"""The path of a case as one table: from which stage, by whom, with which records, to which; takes no step itself."""

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Final

from layers.markers import case_guards as on_record
from layers.markers import case_sides as sides
from layers.markers.case_guards import Guard, brings
from layers.markers.evidence import Capacity
from layers.markers.evidence import CaseEventKind as Event
from layers.markers.model import CaseStage

S = CaseStage


class CaseKind(StrEnum):
    """What a case is about; a report becomes a repair when it is accepted."""

    REPORT = "report"
    REPAIR = "repair"
    MOVE = "move"
    ADD = "add"
    RETIRE = "retire"


K = CaseKind
WORKS: Final = frozenset({K.REPAIR, K.MOVE, K.ADD})


@dataclass(frozen=True, slots=True, kw_only=True)
class Step:
    """One line of the table: this event, from these stages of these kinds, by these people, with these records.

    `kinds` empty means that the event opens a case. `art` is the article behind the guard, if there is one.
    """

    event: Event
    kinds: frozenset[CaseKind] = frozenset()
    stages: frozenset[CaseStage] = frozenset({S.NONE})
    to: CaseStage
    may: frozenset[Capacity]
    needs: tuple[Guard, ...]
    becomes: CaseKind | None = None
    art: str = ""

    def fits(self, kind: CaseKind | None, stage: CaseStage) -> bool:
        """Return whether the event may come here; one that opens a case may also take over an unfounded kind."""
        return stage in self.stages and (kind in self.kinds if kind else S.NONE in self.stages)


BUREAU: Final = frozenset({Capacity.COUNTY_BUREAU})
MANAGING: Final = frozenset({Capacity.MANAGING_SIDE})
WORKERS: Final = MANAGING | {Capacity.SIDE_SURVEYOR}
SIDES: Final = frozenset({Capacity.ALL_SIDES})
ACCEPTING: Final = SIDES | {Capacity.NEIGHBOURING_SIDE}
NEIGHBOUR: Final = frozenset({Capacity.NEIGHBOURING_SIDE})
WITNESSES: Final = frozenset({Capacity.COUNTY_BUREAU, Capacity.GUARDIAN, Capacity.AGENCY})
AUTHORITY: Final = frozenset({Capacity.APPROVING_AUTHORITY})
APPLICANTS: Final = frozenset({Capacity.APPLICANT, Capacity.MANAGING_SIDE, Capacity.ALL_SIDES})
REPORTERS: Final = frozenset(
    {
        Capacity.GUARDIAN,
        Capacity.PUBLIC,
        Capacity.SENSOR,
        Capacity.AGENCY,
        Capacity.COUNTY_BUREAU,
        Capacity.MANAGING_SIDE,
    }
)
_REPORT: Final = frozenset({K.REPORT})
_OPENING: Final = frozenset({S.NONE, S.VERIFIED})
_PLANNED: Final = (on_record.managing_side_known, on_record.neighbour_notified)
_RESTORABLE: Final = (on_record.accepted_or_lost, *_PLANNED)
_APPLIED: Final = (
    brings("application", "joint_survey", "archive_supplement"),
    sides.consented_by_all,
)


def _at(stage: CaseStage) -> frozenset[CaseStage]:
    return frozenset({stage})


def _path(plan: Event, done: Event, kind: CaseKind, survey: Guard) -> tuple[Step, Step]:
    """Return planning and doing of a work that changes the ground."""
    planned = {S.VERIFIED, S.ACCEPTED} if kind is K.REPAIR else {S.ACCEPTED}
    return (
        Step(
            event=plan,
            kinds=frozenset({kind}) | (_REPORT if kind is K.REPAIR else frozenset()),
            stages=frozenset(planned),
            to=S.REPAIRING,
            may=MANAGING,
            needs=_RESTORABLE if kind is K.REPAIR else _PLANNED,
            becomes=kind,
            art="6",
        ),
        Step(
            event=done,
            kinds=frozenset({kind}),
            stages=_at(S.REPAIRING),
            to=S.AWAITING_JOINT_ACCEPTANCE,
            may=WORKERS,
            needs=(on_record.managing_side_known, sides.neighbour_attended, survey),
            art="6, 16",
        ),
    )


STEPS: Final[Sequence[Step]] = (
    Step(
        event=Event.REPORT_ABNORMAL,
        to=S.REPORTED,
        may=REPORTERS,
        needs=(brings("description"),),
        becomes=K.REPORT,
    ),
    Step(
        event=Event.JOINT_FAIL,
        to=S.VERIFIED,
        may=SIDES,
        needs=(brings("joint_opinion"),),
        becomes=K.REPORT,
        art="12",
    ),
    Step(
        event=Event.VERIFY,
        kinds=_REPORT,
        stages=_at(S.REPORTED),
        to=S.VERIFIED,
        may=BUREAU,
        needs=(brings("verification"),),
    ),
    Step(
        event=Event.DISMISS,
        kinds=_REPORT,
        stages=frozenset({S.REPORTED, S.VERIFIED}),
        to=S.CLOSED,
        may=BUREAU,
        needs=(brings("reason"), on_record.no_confirmed_loss),
    ),
    Step(
        event=Event.LOSS_ATTEST,
        kinds=_REPORT,
        stages=_at(S.VERIFIED),
        to=S.VERIFIED,
        may=WITNESSES,
        needs=(brings("search_effort"), sides.witness_not_reporter),
    ),
    Step(
        event=Event.CONFIRM_LOST,
        kinds=_REPORT,
        stages=_at(S.VERIFIED),
        to=S.VERIFIED,
        may=BUREAU,
        needs=(sides.loss_proven,),
    ),
    Step(
        event=Event.ACCEPT,
        kinds=_REPORT,
        stages=_at(S.VERIFIED),
        to=S.ACCEPTED,
        may=BUREAU,
        needs=(on_record.managing_side_known,),
        becomes=K.REPAIR,
        art="6",
    ),
    *_path(Event.RESTORE_PLAN, Event.RESTORE_DONE, K.REPAIR, on_record.surveyed_at_legal_point),
    Step(
        event=Event.MOVE_APPLY,
        kinds=_REPORT,
        stages=_OPENING,
        to=S.ACCEPTED,
        may=APPLICANTS,
        needs=_APPLIED,
        becomes=K.MOVE,
        art="6",
    ),
    *_path(Event.MOVE_PLAN, Event.MOVE_DONE, K.MOVE, on_record.surveyed_at_new_point),
    Step(
        event=Event.ADD_APPLY,
        stages=_at(S.NONE),
        to=S.ACCEPTED,
        may=APPLICANTS,
        needs=_APPLIED,
        becomes=K.ADD,
        art="6",
    ),
    *_path(Event.ADD_PLAN, Event.ADD_DONE, K.ADD, on_record.surveyed_at_new_point),
    Step(
        event=Event.ATTENDANCE_CONFIRM,
        kinds=WORKS,
        stages=_at(S.REPAIRING),
        to=S.REPAIRING,
        may=NEIGHBOUR,
        needs=(sides.attends_for_neighbour,),
        art="6, 16",
    ),
    Step(
        event=Event.ACCEPTANCE_PASS,
        kinds=WORKS,
        stages=_at(S.AWAITING_JOINT_ACCEPTANCE),
        to=S.AWAITING_APPROVAL,
        may=ACCEPTING,
        needs=(sides.accepted_by_other_side, sides.signed_by_all, sides.attendance_on_record),
        art="12",
    ),
    Step(
        event=Event.ACCEPTANCE_FAIL,
        kinds=WORKS,
        stages=_at(S.AWAITING_JOINT_ACCEPTANCE),
        to=S.REPAIRING,
        may=ACCEPTING,
        needs=(brings("joint_opinion"),),
    ),
    Step(
        event=Event.RETIRE_APPLY,
        kinds=frozenset({K.REPORT, K.REPAIR}),
        stages=_OPENING | {S.ACCEPTED},
        to=S.AWAITING_APPROVAL,
        may=SIDES,
        needs=(brings("application"), sides.consented_by_all),
        becomes=K.RETIRE,
    ),
    Step(
        event=Event.APPROVE,
        kinds=WORKS,
        stages=_at(S.AWAITING_APPROVAL),
        to=S.AWAITING_FILING,
        may=AUTHORITY,
        needs=(brings("decision"),),
        art="6",
    ),
    Step(
        event=Event.RETIRE,
        kinds=frozenset({K.RETIRE}),
        stages=_at(S.AWAITING_APPROVAL),
        to=S.AWAITING_FILING,
        may=AUTHORITY | SIDES,
        needs=(brings("consent_document"),),
    ),
    Step(
        event=Event.REFUSE,
        kinds=WORKS,
        stages=_at(S.AWAITING_APPROVAL),
        to=S.REPAIRING,
        may=AUTHORITY,
        needs=(brings("reason"),),
    ),
    Step(
        event=Event.REFUSE,
        kinds=frozenset({K.RETIRE}),
        stages=_at(S.AWAITING_APPROVAL),
        to=S.CLOSED,
        may=AUTHORITY,
        needs=(brings("reason"),),
    ),
    Step(
        event=Event.FILE,
        kinds=WORKS,
        stages=_at(S.AWAITING_FILING),
        to=S.CLOSED,
        may=AUTHORITY,
        needs=(on_record.filed, sides.attendance_on_record),
        art="6, 8, 12",
    ),
    Step(
        event=Event.FILE,
        kinds=frozenset({K.RETIRE}),
        stages=_at(S.AWAITING_FILING),
        to=S.CLOSED,
        may=AUTHORITY,
        needs=(on_record.filed,),
    ),
)
"""The whole path of a case. `revoke` and `correct` may come at any stage: see `transitions.take_step`."""
