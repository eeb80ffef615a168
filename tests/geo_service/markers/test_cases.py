"""Cases over HTTP: the whole path with its guards, and two officers who act at once."""

from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime
from threading import Barrier
from uuid import UUID, uuid4

import pytest
from fastapi.testclient import TestClient
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError
from sqlalchemy.orm import Session

from geo_service.auth.acting import act_as
from geo_service.auth.officer import Officer, Role
from geo_service.db import Database
from geo_service.operations import cases, inspections
from geo_service.operations.marker_forms import register_marker
from geo_service.schemas.markers import CaseOpening, CaseStep, InspectionRecord, NewMarker
from geo_service.settings import Settings
from layers.markers.transitions import CHINA, CaseStepRefused
from tests.geo_service.markers.conftest import CODE, LAT, LON, PAPER, SignIn, form, visit

pytestmark = [pytest.mark.database, pytest.mark.usefixtures("paper")]
As = Callable[[], TestClient]
HERE, THERE = "460107", "469021"
ATTENDED = {"unit": THERE, "name": "符", "signature": PAPER, "photo": f"sha256:{PAPER}"}
SIGNED = [{"unit": unit, "person": f"代表 {unit}", "signature": PAPER} for unit in (HERE, THERE)]
CONSENTS = [{"unit": unit, "document": PAPER} for unit in (HERE, THERE)]
UNKNOWN = "e" * 64
PLAN = {
    "managing_side": HERE,
    "neighbour_notified": {"unit": THERE, "on": "2026-01-05"},
    "agreed_date": "2026-01-12",
}
DONE = {"neighbour_attendance": ATTENDED, "new_survey": "GNSS RTK", "offset_m": 0.12}
FILED = {"filing_number": "琼民备 2026-17", "filed_on": datetime.now(CHINA).date().isoformat()}


def report(client: TestClient, **changed: object) -> dict:
    body = {"id": str(uuid4()), "records": {"description": "桩体断裂"}} | changed
    answer = client.post(f"/api/markers/{CODE}/cases", json=body)
    assert answer.status_code == 201, answer.text
    return answer.json()


def step(client: TestClient, case: str, event: str, **records: object):
    body = {"id": str(uuid4()), "event": event, "records": records}
    return client.post(f"/api/cases/{case}/events", json=body)


def took(client: TestClient, case: str, event: str, **records: object) -> dict:
    answer = step(client, case, event, **records)
    assert answer.status_code == 201, answer.text
    return answer.json()


def neighbour(sign_in: SignIn) -> TestClient:
    """The officer of the other side, whom this side's office does not reach."""
    return sign_in("fu", Role.BOUNDARY, jurisdictions=(THERE,))


def until_repaired(client: TestClient, **done: object) -> str:
    """Bring a case to where the work has been recorded."""
    case = str(report(client)["case"]["id"])
    took(client, case, "case.verify", verification="现场")
    took(client, case, "case.accept", managing_side=HERE)
    took(client, case, "restore.plan", **PLAN)
    took(client, case, "restore.done", **(DONE | done))
    return case


def test_a_repair_from_report_to_filing(green: str, surveyor: As, bureau: As, sign_in: SignIn) -> None:
    reported = report(surveyor())
    case = reported["case"]["id"]
    assert (reported["facts"]["case_stage"], reported["colour"]["code"]) == ("reported", "red")
    path = [
        ("case.verify", {"verification": "照片可见"}, "verified", "red"),
        ("case.accept", {"managing_side": HERE}, "accepted", "blue"),
        ("restore.plan", PLAN, "repairing", "blue"),
        ("restore.done", DONE, "awaiting_joint_acceptance", "blue"),
        ("acceptance.pass", {"signatures": SIGNED}, "awaiting_approval", "blue"),
        ("approve", {"decision": "批复 5 号"}, "awaiting_filing", "blue"),
        ("file", FILED, "closed", "green"),
    ]
    for event, records, stage, colour in path:
        client = neighbour(sign_in) if event == "acceptance.pass" else bureau()
        answer = took(client, case, event, **records)
        assert (answer["case"]["stage"], answer["colour"]["code"]) == (stage, colour)
    told = client.get(f"/api/cases/{case}").json()
    assert [each["event"] for each in told["events"]] == ["report.abnormal", *(event for event, *_ in path)]
    assert told["possible"] == []
    assert client.get(f"/api/markers/{CODE}/cases").json()["cases"][0]["stage"] == "closed"


def test_a_repair_without_the_neighbour_is_refused_by_name(green: str, bureau: As) -> None:
    client = bureau()
    case = report(client)["case"]["id"]
    took(client, case, "case.verify", verification="现场")
    took(client, case, "case.accept", managing_side=HERE)
    took(client, case, "restore.plan", **PLAN)
    alone = {name: value for name, value in DONE.items() if name != "neighbour_attendance"}
    answer = step(client, case, "restore.done", **alone)
    assert (answer.status_code, answer.json()["code"]) == (409, "marker.case_step_refused")
    assert answer.json()["facts"]["missing"] == [f"neighbour_attendance:{THERE}"]
    assert client.get(f"/api/cases/{case}").json()["stage"] == "repairing"


def test_no_side_closes_a_repair_alone(green: str, bureau: As, sign_in: SignIn) -> None:
    """Order 353, art. 6 and 16: neither whoever recorded the work nor his own side accepts it where the other can."""
    case = until_repaired(bureau())
    answer = step(bureau(), case, "acceptance.pass", signatures=SIGNED)
    assert (answer.status_code, answer.json()["code"]) == (409, "marker.case_step_refused")
    assert answer.json()["facts"]["missing"] == ["acceptance_by_another_person"]
    fu = neighbour(sign_in)
    colleague = sign_in("qin", Role.BOUNDARY)
    answer = step(colleague, case, "acceptance.pass", signatures=SIGNED)
    assert answer.json()["facts"]["missing"] == [f"acceptance_by_neighbour:{THERE}"]
    assert fu.get(f"/api/cases/{case}").json()["stage"] == "awaiting_joint_acceptance"
    accepted = took(neighbour(sign_in), case, "acceptance.pass", signatures=SIGNED)
    assert accepted["case"]["stage"] == "awaiting_approval"
    last = accepted["case"]["events"][-1]
    assert (last["person"], last["unit"]) == ("fu", THERE)


def test_without_officers_of_the_other_side_a_colleague_enters_what_it_signed(
    green: str, bureau: As, surveyor: As
) -> None:
    case = until_repaired(bureau())
    unsigned = [SIGNED[0], {**SIGNED[1], "signature": "sha256:" + UNKNOWN}]
    answer = step(surveyor(), case, "acceptance.pass", signatures=unsigned)
    assert answer.json()["facts"]["missing"] == [f"paper_on_record:{UNKNOWN}"]
    assert (
        took(surveyor(), case, "acceptance.pass", signatures=SIGNED)["case"]["stage"] == "awaiting_approval"
    )


def test_an_officer_who_reaches_both_sides_stands_for_one(green: str, sign_in: SignIn) -> None:
    province = sign_in("wu", Role.BOUNDARY, jurisdictions=("460000",))
    case = until_repaired(province)
    answer = step(province, case, "acceptance.pass", signatures=SIGNED)
    assert answer.json()["facts"]["missing"] == ["acceptance_by_another_person"]
    other = sign_in("yang", Role.SURVEYOR, jurisdictions=("460000",))
    accepted = took(other, case, "acceptance.pass", signatures=SIGNED)
    assert accepted["case"]["events"][-1]["unit"] == THERE  # he is asked as the side that has not acted
    assert accepted["case"]["events"][-1]["capacity"] == "neighbouring_side"


def test_the_neighbour_confirms_attendance_under_his_own_sign_in(
    green: str, bureau: As, sign_in: SignIn
) -> None:
    case = report(bureau())["case"]["id"]
    took(bureau(), case, "case.verify", verification="现场")
    took(bureau(), case, "case.accept", managing_side=HERE)
    took(bureau(), case, "restore.plan", **PLAN)
    assert step(bureau(), case, "attendance.confirm", photo=PAPER).json()["facts"]["missing"] == [
        "actor_of_neighbour"
    ]
    took(neighbour(sign_in), case, "attendance.confirm", photo=PAPER)
    done = took(bureau(), case, "restore.done", new_survey="GNSS RTK", offset_m=0.1)
    assert done["case"]["stage"] == "awaiting_joint_acceptance"


@pytest.mark.parametrize(
    ("part", "cited", "named"),
    [
        ("signature", "符", f"neighbour_attendance:{THERE}.signature_on_record"),
        ("photo", "sha256:cc", f"neighbour_attendance:{THERE}.photo_on_record"),
        ("photo", UNKNOWN, f"paper_on_record:{UNKNOWN}"),
    ],
)
def test_a_signature_that_is_only_typed_counts_for_nothing(
    green: str, bureau: As, part: str, cited: str, named: str
) -> None:
    client = bureau()
    case = report(client)["case"]["id"]
    took(client, case, "case.verify", verification="现场")
    took(client, case, "case.accept", managing_side=HERE)
    took(client, case, "restore.plan", **PLAN)
    answer = step(
        client, case, "restore.done", **(DONE | {"neighbour_attendance": {**ATTENDED, part: cited}})
    )
    assert (answer.status_code, answer.json()["facts"]["missing"]) == (409, [named])


def test_a_loss_is_confirmed_by_two_officers(green: str, surveyor: As, bureau: As, sign_in: SignIn) -> None:
    case = report(surveyor())["case"]["id"]
    took(bureau(), case, "case.verify", verification="现场")
    loss = {"condition": "missing", "evidence": [PAPER], "search_effort": "挖掘一米"}
    answer = step(bureau(), case, "case.confirm_lost", **loss, second_person="谁")
    assert answer.json()["facts"]["missing"] == ["second_person_signature"]
    own = step(surveyor(), case, "loss.attest", search_effort="沿堤寻找")
    assert own.json()["facts"]["missing"] == ["second_person_not_reporter"]
    took(sign_in("mo", Role.SURVEYOR), case, "loss.attest", search_effort="沿堤寻找")
    lost = took(bureau(), case, "case.confirm_lost", **loss)
    assert (lost["facts"]["condition"], lost["colour"]["code"]) == ("missing", "black")


def put_event(session: Session, case: str, **changed: object) -> None:
    """Write a step past the engine, as a programming error would."""
    values = {
        "id": str(uuid4()), "case": case, "kind": "case.verify", "person": "lin", "records": "{}",
    } | changed  # fmt: skip
    session.execute(
        text(
            "INSERT INTO markers.case_event (id, case_id, marker_id, kind, happened_at, recorded_at, person, unit, "
            "capacity, records) SELECT CAST(:id AS uuid), c.id, c.marker_id, :kind, now(), clock_timestamp(), :person, "
            f"'{HERE}', 'county_bureau', CAST(:records AS jsonb) FROM markers.marker_case c WHERE c.id = CAST(:case AS uuid)"
        ),
        values,
    )


@pytest.mark.parametrize(
    ("row", "said"),
    [
        ({"kind": "acceptance.pass"}, "nobody accepts his own repair"),
        ({"person": "fu"}, "under one's own name"),
        ({"records": f'{{"a": [{{"b": "sha256:{UNKNOWN}"}}]}}'}, "not on record"),
        ({"kind": "case.confirm_lost"}, "a loss that he reported"),
    ],
)
def test_the_database_refuses_the_same_once_more(
    green: str, bureau: As, hainan_session: Session, row: dict, said: str
) -> None:
    case = until_repaired(bureau())
    act_as(hainan_session, Officer("lin", frozenset({Role.BOUNDARY}), frozenset({"460100"})))
    with pytest.raises(DBAPIError, match=said), hainan_session.begin_nested():
        put_event(hainan_session, case, **row)


def test_a_step_that_the_table_does_not_have_is_refused(green: str, bureau: As) -> None:
    client = bureau()
    case = report(client)["case"]["id"]
    answer = step(client, case, "file", **FILED)
    assert answer.status_code == 409
    assert answer.json()["facts"]["missing"] == ["stage"]
    assert answer.json()["facts"]["possible"] == ["case.dismiss", "case.verify"]


def test_a_surveyor_may_not_act_for_the_bureau(green: str, surveyor: As) -> None:
    client = surveyor()
    case = report(client)["case"]["id"]
    answer = step(client, case, "case.verify", verification="x")
    assert (answer.status_code, answer.json()["facts"]["missing"]) == (409, ["capacity"])
    body = {"id": str(uuid4()), "event": "case.verify", "records": {}, "capacity": "county_bureau"}
    assert client.post(f"/api/cases/{case}/events", json=body).json()["code"] == "auth.forbidden"


def test_a_step_sent_twice_is_taken_once(green: str, bureau: As) -> None:
    client = bureau()
    case = report(client)["case"]["id"]
    body = {"id": str(uuid4()), "event": "case.verify", "records": {"verification": "现场"}}
    first, again = (client.post(f"/api/cases/{case}/events", json=body) for _ in range(2))
    assert (first.status_code, again.status_code, again.json()) == (201, 200, first.json())
    other = client.post(f"/api/cases/{case}/events", json=body | {"records": {"verification": "否"}})
    assert (other.status_code, other.json()["code"]) == (409, "record.conflict")


def test_opening_a_case_twice_opens_one(green: str, bureau: As) -> None:
    client, body = bureau(), {"id": str(uuid4()), "records": {"description": "断裂"}}
    first, again = (client.post(f"/api/markers/{CODE}/cases", json=body) for _ in range(2))
    assert (first.status_code, again.status_code, first.json()) == (201, 200, again.json())
    assert len(client.get(f"/api/markers/{CODE}/cases").json()["cases"]) == 1


def test_nothing_is_done_in_the_future(green: str, bureau: As) -> None:
    body = {"id": str(uuid4()), "on": "2999-01-01", "records": {"description": "断裂"}}
    answer = bureau().post(f"/api/markers/{CODE}/cases", json=body)
    assert (answer.status_code, answer.json()["code"]) == (422, "input.invalid")


def test_only_an_approved_and_filed_move_changes_the_legal_position(
    green: str, bureau: As, surveyor: As
) -> None:
    client = bureau()
    etag = client.get(f"/api/markers/{CODE}").headers["etag"]
    moved = {"legal_position": {"lon": LON, "lat": LAT + 0.001}}
    answer = client.patch(f"/api/markers/{CODE}", json=moved, headers={"If-Match": etag})
    assert (answer.status_code, answer.json()["code"]) == (409, "marker.position_is_legal")
    applied = {
        "event": "move.apply",
        "records": {
            "application": "函 12 号",
            "joint_survey": "测量 7",
            "archive_supplement": "补充 3",
            "consents": CONSENTS,
        },
    }
    case = report(client, **applied)["case"]["id"]
    new = {"lon": 110.4005, "lat": LAT, "accuracy_m": 0.05}
    for event, records in (
        ("move.plan", PLAN),
        ("move.done", {"neighbour_attendance": ATTENDED, "new_survey": "GNSS 静态", "new_position": new}),
        ("acceptance.pass", {"signatures": SIGNED}),
        ("approve", {"decision": "批复 6 号"}),
    ):
        who = surveyor if event == "acceptance.pass" else bureau
        took(who(), case, event, **records)
        assert client.get(f"/api/markers/{CODE}").json()["geometry"]["coordinates"] == [LON, LAT]
    took(bureau(), case, "file", **FILED)
    told = client.get(f"/api/markers/{CODE}").json()
    assert told["geometry"]["coordinates"] == [new["lon"], new["lat"]]
    edits = client.get(f"/api/markers/{CODE}/history").json()["edits"]
    assert edits[-1]["previous"]["legal_position"]["lon"] == LON


@pytest.fixture(scope="module")
def office(settings: Settings, new_database: Callable[[str], str]) -> Iterator[Database]:
    """A database in which officers really commit."""
    database = Database(new_database("geo_cases"), settings)
    yield database
    database.dispose()


def officer(name: str) -> Officer:
    return Officer(name, frozenset({Role.BOUNDARY}), frozenset({"*"}))


def acting(office: Database, name: str) -> Database:
    return office.acting_as(officer(name))


PROFILE = "condition_first"


def committed_marker(office: Database, code: str) -> str:
    with acting(office, "lin").transaction() as session:
        asked = NewMarker.model_validate(form(code=code, number=code))
        register_marker(session, officer("lin"), asked, today=datetime.now(UTC).date())
    return code


def race(office: Database, *acts: Callable) -> list[object]:
    """Run acts at once, each in its own transaction on its own connection; return results or refusals."""
    barrier = Barrier(len(acts))

    def run(place: int) -> object:
        who = officer(f"officer {place}")
        barrier.wait()
        try:
            with office.acting_as(who).transaction() as session:
                return acts[place](session, who)
        except CaseStepRefused as refused:
            return refused

    with ThreadPoolExecutor(len(acts)) as pool:
        return list(pool.map(run, range(len(acts))))


@pytest.mark.parametrize("attempt", range(5))
def test_two_officers_at_once_cannot_both_win(office: Database, attempt: int) -> None:
    code = committed_marker(office, f"01079021{attempt:03d}Q")
    with acting(office, "chen").transaction() as session:
        opening = CaseOpening(id=uuid4(), records={"description": "断裂"})
        opened, _ = cases.open_case(session, officer("chen"), code, opening, profile=PROFILE)
    case = UUID(str(opened["case"]["id"]))

    def stepping(event: str, **records: object) -> Callable:
        asked = CaseStep(id=uuid4(), event=event, records=records)
        return lambda session, who: cases.step_case(session, who, case, asked, profile=PROFILE)

    results = race(
        office, stepping("case.verify", verification="属实"), stepping("case.dismiss", reason="误报")
    )
    refused = [each for each in results if isinstance(each, CaseStepRefused)]
    # a verified case may still be dismissed, so only a dismissal that came first shuts the other out
    with acting(office, "chen").transaction() as session:
        told = cases.case_told(session, case)
    events = [each["event"] for each in told["events"]]
    assert len(events) == 3 - len(refused)
    assert told["stage"] == "closed"
    assert events[1:] in (["case.dismiss"], ["case.verify", "case.dismiss"])
    assert all(each.facts["missing"] == ["stage"] for each in refused)


@pytest.mark.parametrize("attempt", range(5))
def test_the_same_step_by_two_officers_is_taken_once(office: Database, attempt: int) -> None:
    code = committed_marker(office, f"01079021{attempt + 100:03d}Q")
    with acting(office, "chen").transaction() as session:
        opening = CaseOpening(id=uuid4(), records={"description": "断裂"})
        opened, _ = cases.open_case(session, officer("chen"), code, opening, profile=PROFILE)
    case = UUID(str(opened["case"]["id"]))

    def verifying() -> Callable:
        asked = CaseStep(id=uuid4(), event="case.verify", records={"verification": "属实"})
        return lambda session, who: cases.step_case(session, who, case, asked, profile=PROFILE)

    results = race(office, verifying(), verifying())
    assert sum(isinstance(each, CaseStepRefused) for each in results) == 1


def test_visits_that_come_in_at_once_all_count(office: Database) -> None:
    code = committed_marker(office, "01079021200Q")

    def visiting(condition: str) -> Callable:
        asked = InspectionRecord.model_validate(visit(condition=condition))
        return lambda session, who: inspections.record_inspection(session, who, code, asked, profile=PROFILE)

    race(office, *(visiting(condition) for condition in ("intact", "damaged", "missing", "not_found")))
    with acting(office, "chen").transaction() as session:
        times = session.execute(
            text(
                "SELECT i.received_at FROM markers.inspection i JOIN markers.marker m ON m.id = i.marker_id "
                "WHERE m.code = :code ORDER BY 1"
            ),
            {"code": code},
        ).scalars().all()  # fmt: skip
        pending = session.execute(
            text(
                "SELECT s.review_pending FROM markers.marker_state s JOIN markers.marker m ON m.id = s.marker_id "
                "WHERE m.code = :code"
            ),
            {"code": code},
        ).scalar_one()
    assert (len(times), len(set(times)), pending) == (4, 4, True)
