"""Evidence in the database: who reads what is on record of a marker, by direct SQL as `geo_service`."""

from datetime import UTC, date, datetime
from typing import Final
from uuid import UUID, uuid4

import pytest
from geoalchemy2.shape import from_shape
from shapely.geometry import Point
from sqlalchemy import text
from sqlalchemy.orm import Session

from geo_service.auth.acting import act_as, act_for_source
from geo_service.auth.officer import OPERATOR, PUBLIC
from geo_service.operations.marker_forms import register_marker
from geo_service.operations.sensor_sources import add_source
from geo_service.schemas.markers import NewMarker
from layers.markers.evidence_tables import (
    CaseEventRow,
    InspectionPhotoRow,
    InspectionReviewRow,
    InspectionRow,
    MarkerCaseRow,
    MarkerRecordRow,
    PhotoRow,
)
from layers.markers.joint_tables import JointInspectionRow, JointRecordRow, JointTaskRow
from layers.markers.sensor_tables import SensorMessageRow
from layers.markers.tables import MarkerEditDecisionRow
from tests.access_records import KEEPER, marker_form
from tests.access_stories import SIDES
from tests.geo_service.auth.test_row_security import DISTRICT, HERE, PROVINCE, SURVEYOR, THERE, seen, session

__all__ = ["session"]  # a fixture
pytestmark = pytest.mark.database
EVIDENCE: Final = (
    "markers.inspection", "markers.inspection_review", "markers.inspection_photo", "markers.photo", "markers.marker_case",
    "markers.case_event", "markers.case_paper", "markers.marker_record", "markers.marker_edit",
    "markers.marker_edit_decision", "markers.sensor_message",
    "markers.joint_inspection", "markers.joint_task", "markers.joint_record", "markers.joint_paper",
)  # fmt: skip


def put_evidence(session: Session) -> None:
    """Put one row of each kind on record of a marker between 460107 and 460108, by the inside's keeper."""
    act_as(session, KEEPER)
    form = NewMarker.model_validate(marker_form("01070108905A"))
    register_marker(session, KEEPER, form, today=date(2026, 1, 1))
    key = session.execute(text("SELECT id FROM markers.marker WHERE code = '01070108905A'")).scalar_one()
    edit_id = session.execute(
        text("SELECT id FROM markers.marker_edit WHERE marker_id = :marker"), {"marker": key}
    ).scalar_one()
    made = {name: str(uuid4()) for name in ("visit", "case", "event", "joint")}
    at = {"marker_id": key, "happened_at": datetime.now(UTC), "person": KEEPER.username}
    seen = {
        "id": made["visit"], "kind": "patrol", "captured_at": at["happened_at"], "received_at": at["happened_at"],
        "condition": "intact", "judged_condition": "intact", "components": {}, "position_check": "none",
        "displacement": {}, "actions": [], "note": "", "digest": "",
    }  # fmt: skip
    review = {"inspection_id": made["visit"], "accepted": True}
    shot = {"inspection_id": made["visit"], "place": 0, "shows": "overview", "sha256": "a1" * 32}
    photo = {"sha256": "a1" * 32, "size_bytes": 1, "media_type": "image/png", "received_by": KEEPER.username}
    case = {
        "id": made["case"],
        "opened_at": at["happened_at"],
        "opened_by": "keeper",
        "kind": "report",
        "stage": "reported",
    }
    cited = {"evidence": ["a1" * 32]}
    event = {
        "id": made["event"],
        "case_id": made["case"],
        "kind": "case.verify",
        "unit": "460107",
        "capacity": "agency",
    }
    joint = {
        "line_code": "460107460108",
        "cycle_start": date(2020, 1, 1),
        "year": 2020,
        "sides": SIDES,
        "lead": SIDES[0],
    }
    task = {
        "joint_id": made["joint"],
        "place": 1,
        "kind": "marker",
        "subjects": [],
        "along_m": 0,
        "length_m": 0,
    }
    word = {
        "joint_id": made["joint"],
        "kind": "signature",
        "person": "x",
        "content": cited,
        "happened_at": at["happened_at"],
        "recorded_at": at["happened_at"],
    }
    for row in (
        MarkerEditDecisionRow(
            edit_id=edit_id,
            marker_id=key,
            choices={},
            reason="x",
            digest="",
            recorded_by=KEEPER.username,
        ),
        InspectionRow(**at, **seen),
        InspectionReviewRow(id=uuid4(), marker_id=key, person="lin", **review),
        PhotoRow(**photo),
        InspectionPhotoRow(marker_id=key, **shot),
        MarkerCaseRow(marker_id=key, **case),
        CaseEventRow(**at, **event, recorded_at=at["happened_at"], records=cited),
        MarkerRecordRow(id=uuid4(), **at, recorded_at=at["happened_at"], kind="called", content={}),
        JointInspectionRow(id=made["joint"], recorded_by=KEEPER.username, **joint),
        JointTaskRow(**task, sides=SIDES, geometry=from_shape(Point(110.1, 20.05), srid=4490)),
        JointRecordRow(id=uuid4(), recorded_by=KEEPER.username, **word),
    ):
        session.add(row)
        session.flush()
    put_message(session, key)


def put_message(session: Session, marker_id: UUID) -> None:
    """Put a message of the marker's sensor on record, as its source."""
    act_as(session, OPERATOR)
    source = add_source(session, OPERATOR, name="平台", unit="460100")
    act_for_source(session, source.id)
    now = datetime.now(UTC)
    session.add(
        SensorMessageRow(
            source_id=source.id,
            message_id="m-1",
            unit_code="460100",
            marker_id=marker_id,
            device="d",
            captured_at=now,
            happened_at=now,
            received_at=now,
            content={},
            digest="",
        )
    )
    session.flush()


def test_evidence_is_read_by_whoever_reaches_one_of_its_sides(session: Session) -> None:
    put_evidence(session)
    for officer in (HERE, DISTRICT, PROVINCE, OPERATOR):
        unread = {table for table in EVIDENCE if not seen(session, officer, table)}
        assert unread == set(), officer.username
    before = {table: seen(session, THERE, table) for table in EVIDENCE}
    assert set(before.values()) == {0}
    assert {table: seen(session, PUBLIC, table) for table in EVIDENCE} == before
    assert (
        seen(session, PUBLIC, "markers.public_log") > 0
    )  # of which the columns are those that anybody may know


def test_a_photo_that_is_here_is_said_to_be_not_shown(session: Session) -> None:
    put_evidence(session)
    act_as(session, THERE)
    said = session.execute(text(f"SELECT media_type FROM markers.photo_here('{'a1' * 32}')")).scalars().all()
    assert said == ["image/png"]
    act_as(session, SURVEYOR)
    assert session.execute(text("SELECT count(*) FROM markers.photo")).scalar_one() == seen(
        session, HERE, "markers.photo"
    )
