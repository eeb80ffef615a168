"""Cases of a marker between Qiongshan (460107) and Ding'an (469021), built step by step."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from layers.markers.evidence import Actor, Capacity, CaseEvent
from layers.markers.evidence import CaseEventKind as Event
from layers.markers.transitions import CaseFile, take_step

HERE, THERE = "460107", "469021"
BEGIN = datetime(2026, 3, 2, 1, tzinfo=UTC)

SIGNED, SEEN, CONSENT, LETTER = (digit * 64 for digit in "abcd")
ON_FILE = frozenset({SIGNED, SEEN, CONSENT, LETTER})
CONSENTS = [{"unit": unit, "document": CONSENT} for unit in (HERE, THERE)]
SIGNATURES = [
    {"unit": unit, "person": f"officer of {unit}", "signature": f"sha256:{SIGNED}"} for unit in (HERE, THERE)
]
ATTENDANCE = {"unit": THERE, "name": "Fu", "signature": SIGNED, "photo": f"sha256:{SEEN}"}
PLAN = {
    "managing_side": HERE,
    "neighbour_notified": {"unit": THERE, "on": "2026-03-05"},
    "agreed_date": "2026-03-12",
}
APPLICATION = {
    "application": "letter 12",
    "joint_survey": "survey 7",
    "archive_supplement": "archive 3",
    "consents": CONSENTS,
}
NEW_POINT = {
    "neighbour_attendance": ATTENDANCE,
    "new_survey": "GNSS static",
    "new_position": {"lon": 110.4, "lat": 19.8, "accuracy_m": 0.05},
}
PEOPLE = {
    Capacity.GUARDIAN: ("Chen", HERE),
    Capacity.COUNTY_BUREAU: ("Lin", HERE),
    Capacity.MANAGING_SIDE: ("Wang", HERE),
    Capacity.ALL_SIDES: ("Wu", HERE),
    Capacity.NEIGHBOURING_SIDE: ("Fu", THERE),
    Capacity.SIDE_SURVEYOR: ("Yang", HERE),
    Capacity.APPLICANT: ("builder", HERE),
    Capacity.APPROVING_AUTHORITY: ("Zheng", "460000"),
}
FULL = {
    Event.REPORT_ABNORMAL: (Capacity.GUARDIAN, {"description": "post broken off"}),
    Event.JOINT_FAIL: (Capacity.ALL_SIDES, {"joint_opinion": "set it again"}),
    Event.VERIFY: (Capacity.COUNTY_BUREAU, {"verification": "seen on the photo"}),
    Event.DISMISS: (Capacity.COUNTY_BUREAU, {"reason": "another post was meant"}),
    Event.LOSS_ATTEST: (Capacity.GUARDIAN, {"search_effort": "searched along the dyke"}),
    Event.CONFIRM_LOST: (
        Capacity.COUNTY_BUREAU,
        {
            "condition": "missing",
            "evidence": [f"sha256:{SEEN}"],
            "search_effort": "dug 1 m round the legal point",
            "second_person": "Mo",
            "second_person_signature": SIGNED,
        },
    ),
    Event.ACCEPT: (Capacity.COUNTY_BUREAU, {"managing_side": HERE}),
    Event.RESTORE_PLAN: (Capacity.MANAGING_SIDE, PLAN),
    Event.ATTENDANCE_CONFIRM: (Capacity.NEIGHBOURING_SIDE, {"photo": SEEN}),
    Event.RESTORE_DONE: (
        Capacity.MANAGING_SIDE,
        {"neighbour_attendance": ATTENDANCE, "new_survey": "GNSS RTK", "offset_m": 0.12},
    ),
    Event.MOVE_APPLY: (Capacity.APPLICANT, APPLICATION),
    Event.MOVE_PLAN: (Capacity.MANAGING_SIDE, PLAN),
    Event.MOVE_DONE: (Capacity.MANAGING_SIDE, NEW_POINT),
    Event.ADD_APPLY: (Capacity.APPLICANT, APPLICATION),
    Event.ADD_PLAN: (Capacity.MANAGING_SIDE, PLAN),
    Event.ADD_DONE: (Capacity.MANAGING_SIDE, NEW_POINT),
    Event.ACCEPTANCE_PASS: (Capacity.ALL_SIDES, {"signatures": SIGNATURES}),
    Event.ACCEPTANCE_FAIL: (Capacity.ALL_SIDES, {"joint_opinion": "leans"}),
    Event.RETIRE_APPLY: (Capacity.ALL_SIDES, {"application": "letter 20", "consents": CONSENTS}),
    Event.RETIRE: (Capacity.APPROVING_AUTHORITY, {"consent_document": "reply 4"}),
    Event.APPROVE: (Capacity.APPROVING_AUTHORITY, {"decision": "reply 5"}),
    Event.REFUSE: (Capacity.APPROVING_AUTHORITY, {"reason": "survey incomplete"}),
    Event.FILE: (Capacity.APPROVING_AUTHORITY, {"filing_number": "2026-17", "filed_on": "2026-12-30"}),
    Event.REVOKE: (Capacity.COUNTY_BUREAU, {"reason": "entered on the wrong case"}),
    Event.CORRECT: (Capacity.COUNTY_BUREAU, {"reason": "typing error", "records": {}}),
}
FILING_DAY = datetime(2026, 12, 30, 8, tzinfo=UTC)


class CaseBook:
    """Writes a case event by event; each is complete unless told otherwise."""

    def __init__(self, units=(HERE, THERE), *, acting=()):
        self.case = CaseFile(case_id="case-1", units=units, on_file=ON_FILE, acting=frozenset(acting))
        self.state = None

    def event(self, kind, *, person=None, capacity=None, unit=None, without=(), at=None, **changed):
        usual, records = FULL[kind]
        name, side = PEOPLE.get(capacity or usual, ("somebody", HERE))
        place = len(self.case.events)
        when = at or (FILING_DAY if kind is Event.FILE else BEGIN + timedelta(days=place))
        kept = {key: value for key, value in {**records, **changed}.items() if key not in without}
        return CaseEvent(
            id=f"e{place}",
            happened_at=when,
            recorded_at=when,
            case_id="case-1",
            kind=kind,
            actor=Actor(person or name, unit or side, capacity or usual),
            records=kept,
        )

    def take(self, kind, **changed):
        event = self.event(kind, **changed)
        self.state = take_step(self.case, event)
        self.case = replace(self.case, events=(*self.case.events, event))
        return self.state

    def path(self, *kinds):
        for kind in kinds:
            self.take(kind)
        return self


@pytest.fixture(scope="session")
def new_case():
    return CaseBook
