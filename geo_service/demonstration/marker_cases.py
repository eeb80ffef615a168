"""Cases of generated markers, each taken step by step by the table itself, so that none is further than it may be."""

import uuid
from dataclasses import replace
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any, Final

from geo_service.demonstration.marker_papers import paper
from geo_service.demonstration.marker_stories import PATROLLER, REVIEWER, SECOND, Story
from layers.markers.evidence import Actor, Capacity, CaseEvent
from layers.markers.evidence import CaseEventKind as Event
from layers.markers.model import CaseStage
from layers.markers.transitions import CaseFile, CaseState, take_step

if TYPE_CHECKING:
    from geo_service.demonstration.markers import Placed

BUREAU, MANAGING, SIDES, NEIGHBOUR, AUTHORITY, GUARDIAN = (
    Capacity.COUNTY_BUREAU,
    Capacity.MANAGING_SIDE,
    Capacity.ALL_SIDES,
    Capacity.NEIGHBOURING_SIDE,
    Capacity.APPROVING_AUTHORITY,
    Capacity.GUARDIAN,
)
PATH: Final = (
    Event.REPORT_ABNORMAL,
    Event.VERIFY,
    Event.ACCEPT,
    Event.RESTORE_PLAN,
    Event.RESTORE_DONE,
    Event.ACCEPTANCE_PASS,
    Event.APPROVE,
    Event.FILE,
)
STAGES: Final = (
    CaseStage.REPORTED,
    CaseStage.VERIFIED,
    CaseStage.ACCEPTED,
    CaseStage.REPAIRING,
    CaseStage.AWAITING_JOINT_ACCEPTANCE,
    CaseStage.AWAITING_APPROVAL,
    CaseStage.AWAITING_FILING,
    CaseStage.CLOSED,
)


def _path(story: Story) -> tuple[Event, ...]:
    if story.stage is CaseStage.NONE:
        return ()
    if story.confirmed:
        return (Event.REPORT_ABNORMAL, Event.VERIFY, Event.LOSS_ATTEST, Event.CONFIRM_LOST)
    if story.dismissed:
        return (Event.REPORT_ABNORMAL, Event.VERIFY, Event.DISMISS)
    if story.retired:
        return (Event.RETIRE_APPLY, Event.RETIRE, Event.FILE)
    return PATH[: STAGES.index(story.stage) + 1]


def case_rows(placed: "Placed", now: datetime) -> tuple[list[dict[str, Any]], list[dict[str, Any]]]:
    """Return the row of a marker's case and those of its events; the last step was taken an hour ago at the latest."""
    path = _path(placed.story)
    if not path:
        return [], []
    case_id = uuid.uuid5(placed.id, "case")
    on_file = frozenset({paper("signature"), paper("photo")})
    case = CaseFile(case_id=str(case_id), units=placed.marker.unit_codes, on_file=on_file)
    state = CaseState()
    gap = timedelta(hours=23) if placed.story.stage is CaseStage.CLOSED else timedelta(hours=7)
    for place, kind in enumerate(path):
        moment = now - timedelta(hours=1) - gap * (len(path) - 1 - place)
        event = _event(placed, case, kind, moment)
        state = take_step(case, event)
        case = replace(case, events=(*case.events, event))
    first = case.events[0]
    opened = {
        "id": case_id,
        "marker_id": placed.id,
        "opened_at": first.recorded_at,
        "opened_by": first.actor.person,
        "kind": str(state.kind),
        "stage": state.stage.value,
    }
    return [opened], [_row(placed, event) for event in case.events]


def _row(placed: "Placed", event: CaseEvent) -> dict[str, Any]:
    return {
        "id": uuid.UUID(event.id),
        "case_id": uuid.UUID(event.case_id),
        "marker_id": placed.id,
        "kind": event.kind.value,
        "happened_at": event.happened_at,
        "recorded_at": event.recorded_at,
        "person": event.actor.person,
        "unit": event.actor.unit,
        "capacity": event.actor.capacity.value,
        "records": dict(event.records),
        "digest": "",
    }


def _event(placed: "Placed", case: CaseFile, kind: Event, moment: datetime) -> CaseEvent:
    capacity, person, records = _brings(placed, kind, moment)
    managing = placed.marker.managing_unit or case.units[0]
    other = next(unit for unit in case.units if unit != managing)
    unit = {AUTHORITY: "460000", NEIGHBOUR: other}.get(capacity, managing)
    return CaseEvent(
        id=str(uuid.uuid5(placed.id, f"case {kind}")),
        happened_at=moment,
        recorded_at=moment + timedelta(minutes=5),
        case_id=case.case_id,
        kind=kind,
        actor=Actor(person, unit, capacity),
        records=records,
    )


def _brings(placed: "Placed", kind: Event, moment: datetime) -> tuple[Capacity, str, dict[str, Any]]:
    """Return who takes a step and what he brings; every document is named as one of the demonstration."""
    units = placed.marker.unit_codes
    managing = placed.marker.managing_unit or units[0]
    neighbour = next(unit for unit in units if unit != managing)
    day = moment.date().isoformat()
    sheet, photo = paper("signature"), paper("photo")
    signed = [{"unit": unit, "person": f"演示签字人 {unit}", "signature": sheet} for unit in units]
    consents = [{"unit": unit, "document": sheet} for unit in units]
    attended = {"unit": neighbour, "name": "演示毗邻方代表", "signature": sheet, "photo": photo}
    searched = "演示：以法定点为中心挖掘一米"
    loss = {"condition": "missing", "evidence": [photo], "search_effort": searched}
    plan = {"neighbour_notified": {"unit": neighbour, "on": day}, "agreed_date": day}
    done = {"neighbour_attendance": attended, "new_survey": "演示：GNSS RTK", "offset_m": 0.04}
    usual: dict[Event, tuple[Capacity, str, dict[str, Any]]] = {
        Event.REPORT_ABNORMAL: (GUARDIAN, PATROLLER, {"description": "演示：桩体断裂"}),
        Event.VERIFY: (BUREAU, REVIEWER, {"verification": "演示：已到现场核实"}),
        Event.ACCEPT: (BUREAU, REVIEWER, {"managing_side": managing}),
        Event.LOSS_ATTEST: (GUARDIAN, SECOND, {"search_effort": searched}),
        Event.CONFIRM_LOST: (BUREAU, REVIEWER, loss),
        Event.DISMISS: (BUREAU, REVIEWER, {"reason": "演示：所报为另一界桩"}),
        Event.RESTORE_PLAN: (MANAGING, REVIEWER, {"managing_side": managing, **plan}),
        Event.RESTORE_DONE: (MANAGING, REVIEWER, done),
        Event.ACCEPTANCE_PASS: (NEIGHBOUR, SECOND, {"signatures": signed}),
        Event.APPROVE: (AUTHORITY, REVIEWER, {"decision": "演示批复"}),
        Event.RETIRE_APPLY: (SIDES, REVIEWER, {"application": "演示申请", "consents": consents}),
        Event.RETIRE: (AUTHORITY, REVIEWER, {"consent_document": "演示批复"}),
        Event.FILE: (AUTHORITY, REVIEWER, {"filing_number": "演示备案号", "filed_on": day}),
    }
    return usual[kind]
