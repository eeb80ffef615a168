"""Records with a history of their own on the ground of the inside: a joint inspection, a photo, naming's papers."""

import io
from dataclasses import dataclass
from datetime import UTC, date, datetime
from hashlib import sha256
from typing import Any, Final
from uuid import UUID, uuid4

from geoalchemy2.shape import from_shape
from PIL import Image
from shapely.geometry import Point
from sqlalchemy.orm import Session

from geo_service.auth.officer import Officer
from geo_service.documents.store import open_store
from geo_service.operations.proposals import put_proposal
from geo_service.schemas.naming_proposals import NewProposal
from layers.markers.evidence_tables import InspectionPhotoRow, InspectionRow, PhotoRow
from layers.markers.joint_tables import JointInspectionRow, JointRecordRow, JointTaskRow, OtherMarkRow
from layers.naming.proposal_tables import AgendaItemRow, MeetingRow, SignRow
from layers.tables import uuid7

SIDES: Final = ["460107", "460108"]
MARK: Final = "老榕树"


def _photo() -> bytes:
    """A picture that nobody else has: its small one can be made, too."""
    held = io.BytesIO()
    Image.new("RGB", (64, 48), (90, 20, 30)).save(held, "JPEG")
    return held.getvalue()


SEEN: Final = _photo()
SHA256: Final = sha256(SEEN).hexdigest()


@dataclass(frozen=True)
class Stories:
    """What the inside has under way, by id."""

    joint_id: UUID
    proposal_id: UUID
    meeting_id: UUID
    item_id: UUID
    sign_id: UUID
    photo: str = SHA256


def joint_record(_: object) -> dict[str, Any]:
    """Return what one side saw at the first task."""
    return {"id": str(uuid4()), "task": 1, "side": SIDES[0], "person": "林", "answers": {}}


def joint_opinion(_: object) -> dict[str, Any]:
    """Return what both sides agree on at the first task."""
    return {"id": str(uuid4()), "task": 1, "text": "无异议", "agreed_by": SIDES}


def joint_completion(_: object) -> dict[str, Any]:
    """Return that a side has done what the joint opinion on the first task ordered."""
    done = {"id": str(uuid4()), "task": 1, "side": SIDES[0], "person": "林"}
    return done | {"done_on": "2026-04-01", "papers": [SHA256]}


def joint_signature(_: object) -> dict[str, Any]:
    """Return a side's signature under a paper."""
    moment = datetime(2026, 3, 1, 8, tzinfo=UTC).isoformat()
    return {"id": str(uuid4()), "side": SIDES[0], "person": "林", "document": "方案", "signed_at": moment}


def other_mark(_: object) -> dict[str, Any]:
    """Return a mark of the line that its agreement names."""
    mark = {"id": str(uuid4()), "code": "桥墩", "lon": 110.1, "lat": 20.06, "description": "石桥东墩"}
    return mark | {"document": "协议书", "valid_from": "2020-01-01"}


def proposal(name: str = "长滨七路") -> dict[str, Any]:
    """Return a proposal for a road in the first district."""
    line = {"type": "LineString", "coordinates": [[110.04, 20.04], [110.05, 20.05]]}
    applicant = {"name": "李某", "contact": "13800000000"}
    return {"id": str(uuid4()), "name": name, "geometry": line, "profile": "national", "applicant": applicant}


def put_stories(
    session: Session, keeper: Officer, *, inspection_id: UUID, name_id: UUID, store: str, home_unit: str
) -> Stories:
    """Put them on record as an officer of the inside with every role."""
    joint_id = _put_joint(session, keeper)
    open_store(f"{store}/photos").put(io.BytesIO(SEEN), SHA256)
    photo = PhotoRow(
        sha256=SHA256, size_bytes=len(SEEN), media_type="image/jpeg", received_by=keeper.username
    )
    sign = SignRow(
        id=uuid7(), name_id=name_id, number=1, reason="end", bearing=90.0, colour="green", text="长滨路",
        pinyin="Chángbīn Lù", arrows=[], geometry=from_shape(Point(110.05, 20.05), srid=4490),
        unit_code="460107", recorded_by=keeper.username,
    )  # fmt: skip
    session.add_all([photo, sign])
    session.flush()
    marker_id = session.get_one(InspectionRow, inspection_id).marker_id
    session.add(
        InspectionPhotoRow(
            inspection_id=inspection_id, sha256=SHA256, marker_id=marker_id, place=0, shows="overview"
        )
    )
    asked = NewProposal.model_validate(proposal("长滨八路"))
    put, _ = put_proposal(
        session, keeper, asked, profile="national", home_unit=home_unit, today=date(2026, 3, 1)
    )
    meeting_id, item_id = _put_meeting(session, keeper, put.id, home_unit)
    return Stories(joint_id, put.id, meeting_id, item_id, sign.id)


def _put_joint(session: Session, keeper: Officer) -> UUID:
    joint_id = uuid7()
    session.add(
        JointInspectionRow(
            id=joint_id,
            line_code="".join(SIDES),
            cycle_start=date(2025, 1, 1),
            year=2026,
            sides=SIDES,
            lead=SIDES[0],
            recorded_by=keeper.username,
        )
    )
    session.flush()
    session.add(
        OtherMarkRow(
            code=MARK,
            line_code="".join(SIDES),
            sides=SIDES,
            description="界线拐点处",
            document="协议书",
            geometry=from_shape(Point(110.1, 20.07), srid=4490),
            valid_from=date(2020, 1, 1),
            recorded_by=keeper.username,
        )
    )
    session.add(
        JointTaskRow(
            joint_id=joint_id,
            place=1,
            kind="marker",
            subjects=["01070108901A"],
            along_m=0.0,
            length_m=0.0,
            geometry=from_shape(Point(110.1, 20.05), srid=4490),
            sides=SIDES,
        )
    )
    ordered = {
        "text": "描红",
        "agreed_by": SIDES,
        "measure": "描红",
        "responsible": SIDES[0],
        "deadline": "2026-06-30",
    }
    session.add(
        JointRecordRow(
            id=uuid7(),
            joint_id=joint_id,
            kind="opinion",
            task=1,
            person="林",
            content=ordered,
            happened_at=datetime(2026, 3, 1, tzinfo=UTC),
            recorded_at=datetime(2026, 3, 1, tzinfo=UTC),
            recorded_by=keeper.username,
        )
    )
    session.flush()
    return joint_id


def _put_meeting(session: Session, keeper: Officer, proposal_id: UUID, unit: str) -> tuple[UUID, UUID]:
    meeting = MeetingRow(
        id=uuid7(), held_on=date(2026, 3, 9), title="例会", unit_code=unit, chair="walk-committee-inside",
        members=["walk-committee-inside", "walk-naming-inside", "keeper"], asked={}, recorded_by=keeper.username,
    )  # fmt: skip
    session.add(meeting)
    session.flush()
    item = AgendaItemRow(id=uuid7(), meeting_id=meeting.id, proposal_id=proposal_id, place=1)
    session.add(item)
    session.flush()
    return meeting.id, item.id
