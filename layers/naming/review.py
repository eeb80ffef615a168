"""The path of a proposal from draft to in force: who may take which step with what on record; refuses to store it.

Order of arts. 8 to 14 of Decree 753; the states in between are our default. A step that the table
does not hold, or whose actor, papers or conditions are missing, raises ProposalStepRefused.
"""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, timedelta
from enum import StrEnum
from types import MappingProxyType
from typing import Final

from layers.errors import LayerError
from layers.naming.checks.papers import APPLICATION, REPORTS


class ProposalState(StrEnum):
    """Where a proposal stands."""

    DRAFT = "draft"
    PRECHECK = "precheck"
    RESERVED = "reserved"
    SUBMITTED = "submitted"
    ACCEPTED = "accepted"
    RETURNED = "returned"
    DEPT_CONSULT = "dept_consult"
    EXPERT_REVIEW = "expert_review"
    PUBLIC_COMMENT = "public_comment"
    RISK_ASSESSMENT = "risk_assessment"
    COMMITTEE = "committee"
    GOVERNMENT_DECISION = "government_decision"
    APPROVED = "approved"
    REJECTED = "rejected"
    DEFERRED = "deferred"
    FILED = "filed"
    ANNOUNCED = "announced"
    IN_DATABASE = "in_database"
    SIGNED = "signed"
    IN_FORCE = "in_force"
    RENAMED = "renamed"
    RETIRED = "retired"
    HISTORIC = "historic"
    WITHDRAWN = "withdrawn"
    RESERVATION_EXPIRED = "reservation_expired"
    OBJECTION = "objection"


class Actor(StrEnum):
    """Who takes a step."""

    APPLICANT = "applicant"
    NAMING_OFFICER = "naming"
    COMMITTEE_MEMBER = "committee"
    ADMINISTRATOR = "administrator"
    SYSTEM = "system"


class ProposalStepRefused(LayerError):
    """A step the path does not hold here, or whose conditions are not met; the facts name what is missing."""

    code = "naming.proposal_step_refused"


@dataclass(frozen=True, slots=True)
class Step:
    """One row of the path: event, where it may happen, where it leads, who, with which papers on record.

    `stops_at_blocks`: blocking findings without a recorded override hold the step up.
    `clock` names the period of the profile that starts with the step.
    """

    event: str
    source: frozenset[ProposalState]
    target: ProposalState
    actors: frozenset[Actor]
    records: tuple[str, ...] = ()
    stops_at_blocks: bool = False
    clock: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class ProposalEvent:
    """What happened: the step taken, by whom, on which day."""

    event: str
    actor: Actor
    on: date
    state: ProposalState


@dataclass(frozen=True, slots=True)
class ProposalCase:
    """A proposal on its path, with its history; append-only."""

    state: ProposalState = ProposalState.DRAFT
    history: tuple[ProposalEvent, ...] = ()


@dataclass(frozen=True, slots=True)
class Standing:
    """What is on record at the moment of a step.

    `blocks` are the codes of blocking findings; `overrides` the reasons recorded by who may override,
    by code; `open_opinions` counts main opinions of the public without a disposition.
    """

    records: frozenset[str] = frozenset()
    blocks: frozenset[str] = frozenset()
    overrides: Mapping[str, str] = field(default_factory=dict)
    open_opinions: int = 0


_S = ProposalState
_APPLICANT = frozenset({Actor.APPLICANT, Actor.NAMING_OFFICER})
_OFFICER = frozenset({Actor.NAMING_OFFICER})
_COMMITTEE = frozenset({Actor.COMMITTEE_MEMBER, Actor.NAMING_OFFICER})
_SYSTEM = frozenset({Actor.SYSTEM, Actor.NAMING_OFFICER})
_BEFORE_APPROVAL = frozenset(
    {
        _S.DRAFT, _S.PRECHECK, _S.RESERVED, _S.SUBMITTED, _S.ACCEPTED, _S.RETURNED, _S.DEPT_CONSULT,
        _S.EXPERT_REVIEW, _S.PUBLIC_COMMENT, _S.RISK_ASSESSMENT, _S.COMMITTEE, _S.DEFERRED, _S.OBJECTION,
    }
)  # fmt: skip
FILING_PACKAGE: Final = ("filing_form", "filing_report", "approval_document", "application_form", *REPORTS)
ANNOUNCEMENT_FIELDS: Final = (
    "standard_name", "roman_spelling", "division", "position", "approving_authority", "approved_on",
)  # fmt: skip
BLOCKING_ONLY_FROM_SUBMISSION: Final = frozenset({"CHR-03", "DOC-01"})


def _step(event: str, source: Collection[ProposalState], target: ProposalState, actors: frozenset[Actor],
          *records: str, blocks: bool = False, clock: tuple[str, ...] = ()) -> Step:  # fmt: skip
    return Step(event, frozenset(source), target, actors, records, blocks, clock)


PATH: Final[Sequence[Step]] = (
    _step("check", [_S.DRAFT, _S.RETURNED, _S.RESERVATION_EXPIRED], _S.PRECHECK, _APPLICANT),
    _step("reserve", [_S.PRECHECK], _S.RESERVED, _APPLICANT, blocks=True, clock=("hold", "hold_in_all")),
    _step("expire", [_S.RESERVED], _S.RESERVATION_EXPIRED, _SYSTEM),
    _step("submit", [_S.RESERVED, _S.RETURNED], _S.SUBMITTED, _APPLICANT, *APPLICATION, blocks=True,
          clock=("acceptance", "case")),
    _step("accept", [_S.SUBMITTED], _S.ACCEPTED, _OFFICER),
    _step("return", [_S.SUBMITTED, _S.ACCEPTED], _S.RETURNED, _OFFICER, "supplement_list"),
    _step("consult_departments", [_S.ACCEPTED], _S.DEPT_CONSULT, _OFFICER),
    _step("call_experts", [_S.DEPT_CONSULT], _S.EXPERT_REVIEW, _OFFICER, "department_opinions"),
    _step("open_comment", [_S.EXPERT_REVIEW], _S.PUBLIC_COMMENT, _OFFICER, "expert_report", "public_notice",
          clock=("public_comment",)),
    _step("object", [_S.PUBLIC_COMMENT, _S.RISK_ASSESSMENT, _S.COMMITTEE], _S.OBJECTION, _OFFICER, "objection"),
    _step("settle_objection", [_S.OBJECTION], _S.RISK_ASSESSMENT, _OFFICER, "objection_disposition"),
    _step("assess", [_S.PUBLIC_COMMENT], _S.RISK_ASSESSMENT, _OFFICER, "consultation_report"),
    _step("put_on_agenda", [_S.RISK_ASSESSMENT, _S.DEFERRED], _S.COMMITTEE, _OFFICER, *REPORTS, blocks=True),
    _step("amend", [_S.COMMITTEE], _S.PRECHECK, _COMMITTEE, "amendment"),
    _step("defer", [_S.COMMITTEE, _S.GOVERNMENT_DECISION], _S.DEFERRED, _COMMITTEE, "minutes"),
    _step("recommend", [_S.COMMITTEE], _S.GOVERNMENT_DECISION, _COMMITTEE, "minutes", blocks=True),
    _step("reject", [_S.SUBMITTED, _S.COMMITTEE, _S.GOVERNMENT_DECISION, _S.OBJECTION], _S.REJECTED, _COMMITTEE,
          "reasons"),
    _step("approve", [_S.GOVERNMENT_DECISION], _S.APPROVED, _OFFICER, "approval_document", blocks=True,
          clock=("filing", "announcement")),
    _step("file", [_S.APPROVED], _S.FILED, _OFFICER, *FILING_PACKAGE),
    _step("announce", [_S.FILED], _S.ANNOUNCED, _OFFICER, *ANNOUNCEMENT_FIELDS),
    _step("enter_in_database", [_S.ANNOUNCED], _S.IN_DATABASE, _OFFICER, "database_entry"),
    _step("set_sign", [_S.IN_DATABASE], _S.SIGNED, _OFFICER, "sign_photo"),
    _step("put_in_force", [_S.SIGNED], _S.IN_FORCE, _SYSTEM),
    _step("rename", [_S.IN_FORCE], _S.RENAMED, _OFFICER, "approval_document"),
    _step("retire", [_S.IN_FORCE], _S.RETIRED, _OFFICER, "approval_document"),
    _step("make_historic", [_S.RENAMED, _S.RETIRED], _S.HISTORIC, _OFFICER),
    _step("withdraw", _BEFORE_APPROVAL, _S.WITHDRAWN, _APPLICANT),
)  # fmt: skip
CLOSED: Final = frozenset({_S.REJECTED, _S.WITHDRAWN, _S.HISTORIC})


def steps_from(state: ProposalState) -> tuple[Step, ...]:
    """Return steps the path holds from a state, in the order of the path."""
    return tuple(step for step in PATH if state in step.source)


def advance(
    case: ProposalCase, event: str, *, actor: Actor, on: date, standing: Standing, clocks: Mapping[str, int]
) -> ProposalCase:
    """Take a step, or raise ProposalStepRefused naming everything that is missing at once.

    Public comment closes only after its period (calendar days, the first day not counted) and with a
    disposition for every main opinion; a blocking finding is passed only with an override's reason.
    """
    step = next((step for step in steps_from(case.state) if step.event == event), None)
    if step is None:
        possible = [step.event for step in steps_from(case.state)]
        raise ProposalStepRefused(state=case.state.value, event=event, possible=possible)
    missing = _missing(case, step, actor=actor, on=on, standing=standing, clocks=clocks)
    if missing:
        raise ProposalStepRefused(state=case.state.value, event=event, **missing)
    happened = ProposalEvent(event, actor, on, step.target)
    return replace(case, state=step.target, history=(*case.history, happened))


def _missing(
    case: ProposalCase, step: Step, *, actor: Actor, on: date, standing: Standing, clocks: Mapping[str, int]
) -> dict[str, object]:
    papers = [record for record in step.records if record not in standing.records]
    blocks = _unanswered_blocks(step, standing) if step.stops_at_blocks else []
    faults: dict[str, object] = {
        "actors": sorted(step.actors)
        if actor not in step.actors and actor is not Actor.ADMINISTRATOR
        else None,
        "missing_records": papers,
        "blocks": blocks,
        "before": case.history[-1].on.isoformat() if case.history and on < case.history[-1].on else None,
    }
    if step.event == "assess":
        ends = period_ends(case, "open_comment", clocks["public_comment"])
        faults["open_opinions"] = standing.open_opinions
        faults["comment_ends"] = ends.isoformat() if ends and on <= ends else None
    return {name: fault for name, fault in faults.items() if fault}


def _unanswered_blocks(step: Step, standing: Standing) -> list[str]:
    answered = {code for code, reason in standing.overrides.items() if reason.strip()}
    waits = BLOCKING_ONLY_FROM_SUBMISSION if step.event == "reserve" else frozenset()
    return sorted(standing.blocks - answered - waits)


def due(on: date, days: int) -> date:
    """Last day of a period of calendar days; the day it starts from is not counted.

    Approved on 2025-09-26, filing is due on 2025-10-11, holidays or not (arts. 13, 14).
    """
    return on + timedelta(days=days)


def period_ends(case: ProposalCase, event: str, days: int) -> date | None:
    """Last day of a period that the latest `event` of a case began, or None."""
    began = [happened.on for happened in case.history if happened.event == event]
    return due(began[-1], days) if began else None


@dataclass(frozen=True, slots=True)
class Deadline:
    """A running clock: its name, its last day, and how many days are left (negative: overdue)."""

    clock: str
    due_on: date
    days_left: int


STOPS_CLOCK: Final[Mapping[str, frozenset[str]]] = MappingProxyType(
    {
        "hold": frozenset({"submit", "expire", "withdraw"}),
        "hold_in_all": frozenset({"approve", "reject", "expire", "withdraw"}),
        "acceptance": frozenset({"accept", "return", "reject", "withdraw"}),
        "case": frozenset({"approve", "reject", "withdraw", "return"}),
        "public_comment": frozenset({"assess", "object", "withdraw"}),
        "filing": frozenset({"file"}),
        "announcement": frozenset({"announce"}),
    }
)


def deadlines(case: ProposalCase, clocks: Mapping[str, int], *, today: date) -> tuple[Deadline, ...]:
    """Clocks that run on a case today, the nearest first; those past their day are overdue."""
    running: dict[str, date] = {}
    for happened in case.history:
        for clock in [name for name in running if happened.event in STOPS_CLOCK[name]]:
            del running[clock]
        for step in PATH:
            if step.event == happened.event:
                running.update({clock: due(happened.on, clocks[clock]) for clock in step.clock})
    found = [Deadline(clock, ends, (ends - today).days) for clock, ends in running.items()]
    return tuple(sorted(found, key=lambda deadline: (deadline.due_on, deadline.clock)))
