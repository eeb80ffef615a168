"""Acts on inspections: recorded once, however often they are sent, and reviewed by somebody else."""

from collections.abc import Iterator, Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from geo_service.auth.audit import digest, record_act
from geo_service.auth.officer import Officer
from geo_service.operations.case_people import papers_on_file
from geo_service.operations.marker_answers import marker_after, marker_now, reach_a_side, told
from geo_service.schemas.markers import InspectionRecord, InspectionReview
from layers.errors import Conflict, NotFound
from layers.findings import Finding
from layers.markers import dossiers
from layers.markers.cited_papers import hash_of
from layers.markers.displacement import DisplacementPolicy, Verdict, compare_positions, condition_with
from layers.markers.evidence import Confirmed
from layers.markers.evidence_rows import record_values
from layers.markers.evidence_tables import (
    InspectionPhotoRow,
    InspectionReviewRow,
    InspectionRow,
    MarkerRecordRow,
)
from layers.markers.inspection_review import TakenPhoto, retired_meanwhile, review
from layers.markers.model import Inspection, InspectionKind
from layers.markers.reference_check import ReferenceShift, reference_shift
from layers.markers.register import Held, append, hold_one, office_rules, project
from layers.markers.resighting import Resighting, resighted, together
from layers.markers.standing import Standing
from layers.markers.tables import MarkerRow
from layers.tables import uuid7

UNNOTICED_SKEW_S = 30.0  # the way of a message may take so long; a clock that is wrong by less does no harm


class InspectionNotFound(NotFound):
    """There is no such inspection."""

    code = "marker.inspection_not_found"


class RecordedOtherwise(Conflict):
    """This id stands for another record."""

    code = "record.conflict"


class OwnReviewRefused(Conflict):
    """Nobody reviews what he recorded himself."""

    code = "marker.own_review_refused"


class ProofNotOnRecord(Conflict):
    """A proof is no photo or document that is here."""

    code = "marker.proof_not_on_record"


def record_inspection(
    session: Session, officer: Officer, code: str, asked: InspectionRecord, *, profile: str
) -> tuple[dict[str, Any], bool]:
    """Record a visit; return it with the marker's facts and colour after it, and whether it was new.

    A position beyond the limit proves displacement only when something better than a phone measured it. The same id
    with the same content is the same visit; with other content it is refused (`RecordedOtherwise`).
    """
    row, standing = take_inspection(session, officer, code, asked)
    told = _told(session, row, code)
    if standing is None:
        return told | marker_after(session, row.marker_id, row.received_at, profile), False
    audit_inspection(session, row)
    return told | marker_now(standing, profile), True


def audit_inspection(session: Session, row: InspectionRow) -> None:
    """Put the recording of an inspection into the audit."""
    detail = {"marker_id": str(row.marker_id), "kind": row.kind}
    record_act(
        session, "inspection.record", subject=("inspection", str(row.id)), after=row.digest, detail=detail
    )


def take_inspection(
    session: Session, officer: Officer, code: str, asked: InspectionRecord
) -> tuple[InspectionRow, Standing | None]:
    """Record a visit without auditing it; return its row, and where the marker stands, or None for one already here."""
    held = hold_one(session, code)
    reached = reach_a_side(session, officer, held.marker.unit_codes)
    # a record of before the objects could be sighted again has the digest that it had
    without = {"sent_at"} if asked.resightings else {"sent_at", "resightings"}
    content = digest({"marker": code, **asked.model_dump(mode="json", exclude=without)}).hex()
    known = session.get(InspectionRow, asked.id)
    if known is not None:
        if known.digest != content:
            raise RecordedOtherwise(id=str(asked.id))
        return known, None
    row = InspectionRow(**_values(held, asked, officer), unit=reached[0], digest=content)
    session.add(row)
    session.flush()
    append(
        session,
        InspectionPhotoRow,
        (
            {
                "inspection_id": row.id,
                "marker_id": held.id,
                "sha256": photo.sha256,
                "place": place,
                "shows": photo.shows,
            }
            for place, photo in enumerate({photo.sha256: photo for photo in asked.photos}.values(), start=1)
        ),
    )
    return row, project(session, [held.id], held.now)[held.id]


def _values(held: Held, asked: InspectionRecord, officer: Officer) -> dict[str, Any]:
    skew_s, happened_at = happened(asked.captured_at, asked.sent_at, held.now)
    _, policy = next(iter(office_rules().values())).at(held.now)
    fix = asked.observed_position.position() if asked.observed_position else None
    by_fix = compare_positions(held.marker.legal_position, fix, policy.displacement)
    shift, reference = _objects_checked(held, asked, policy.displacement)
    displacement = replace(by_fix, verdict=together(by_fix, shift))
    gnss = asked.observed_position.model_dump(mode="json") if asked.observed_position else None
    if gnss is not None:
        places = {"start_position": asked.start_position, "end_position": asked.end_position}
        gnss |= {name: each.model_dump(mode="json") for name, each in places.items() if each is not None}
        gnss |= {"accuracy_reason": asked.accuracy_reason} if asked.accuracy_reason else {}
    return {
        "id": asked.id,
        "marker_id": held.id,
        "kind": asked.kind.value,
        "captured_at": asked.captured_at,
        "happened_at": happened_at,
        "received_at": held.now,
        "clock_skew_s": skew_s,
        "device": asked.device,
        "app_version": asked.app_version,
        "person": officer.username,
        "condition": asked.condition.value,
        "judged_condition": condition_with(asked.condition, displacement).value,
        "components": {part.value: seen.value for part, seen in asked.components.items()},
        "geometry": f"SRID=4490;POINT({fix.lon!r} {fix.lat!r})" if fix else None,
        "gnss": gnss,
        "position_check": displacement.position_check.value,
        "displacement": {
            "verdict": displacement.verdict.value,
            "offset_m": displacement.offset_m,
            "limit_m": displacement.limit_m,
            "azimuth_deg": displacement.azimuth_deg,
            **({} if reference is None else {"fix_verdict": by_fix.verdict.value, "reference": reference}),
        },
        "actions": asked.actions,
        "note": asked.note,
        "remarks": told(_remarks(held, asked)),
    }


def _objects_checked(
    held: Held, asked: InspectionRecord, policy: DisplacementPolicy
) -> tuple[ReferenceShift, dict[str, Any] | None]:
    """Return the shift that the reference objects tell, and what of it is kept; raises `InvalidInput` for strangers."""
    seen = asked.resightings
    if seen is None:
        return ReferenceShift(Verdict.UNTESTED), None
    now = [Resighting(**each.model_dump()) for each in seen.objects]
    objects, left_out = resighted(held.marker, now, seen.instrument, declination_deg=seen.declination_deg)
    shift = reference_shift(objects, policy)
    tested = shift.verdict in {Verdict.AGREES, Verdict.DISPLACED}
    return shift, {
        "verdict": shift.verdict.value,
        "shift_m": shift.shift_m if tested else None,
        "east_m": shift.east_m if tested else None,
        "north_m": shift.north_m if tested else None,
        "limit_m": shift.limit_m if tested else None,
        "disagreeing": list(shift.disagreeing),
        "left_out": list(left_out),
        "sighted": seen.model_dump(mode="json"),
    }


def happened(
    captured_at: datetime, sent_at: datetime | None, received_at: datetime
) -> tuple[float, datetime]:
    """Return the device clock's error (s, positive when it is slow) and when it really was; both times are kept.

    Without the device's time of sending the error is unknown; still nothing happens after it was received.
    """
    skew = (received_at - sent_at).total_seconds() if sent_at is not None else 0.0
    if abs(skew) <= UNNOTICED_SKEW_S:
        skew = 0.0
    return skew, min(captured_at + timedelta(seconds=skew), received_at)


def _remarks(held: Held, asked: InspectionRecord) -> Iterator[Finding]:
    """Yield what a reviewer should see, taken down when the record came in."""
    inspection = Inspection(
        id=str(asked.id),
        marker_code=held.marker.code,
        kind=asked.kind,
        captured_at=asked.captured_at,
        received_at=held.now,
        person="",
        unit="",
        condition=asked.condition,
        components=asked.components,
        observed_position=asked.observed_position.position() if asked.observed_position else None,
    )
    _, policy = next(iter(office_rules().values())).at(held.now)
    taken = [TakenPhoto(photo.shows, photo.sha256) for photo in asked.photos]
    yield from review(inspection, held.marker, taken, policy)
    yield from retired_meanwhile(str(asked.id), held.marker.code, held.condition)


def answer(session: Session, row: InspectionRow, profile: str) -> dict[str, Any]:
    """Return an inspection with the marker's facts and colour right after it was recorded."""
    code = session.execute(select(MarkerRow.code).where(MarkerRow.id == row.marker_id)).scalar_one()
    return _told(session, row, code) | marker_after(session, row.marker_id, row.received_at, profile)


def _told(session: Session, row: InspectionRow, code: str) -> dict[str, Any]:
    (inspection,) = dossiers.inspections(session, row.marker_id, one=row.id)
    return {
        "id": row.id,
        "marker_code": code,
        "inspection": {name: value for name, value in inspection.items() if name != "reviews"},
        "findings": row.remarks,
    }


def find_inspection(session: Session, inspection_id: UUID) -> tuple[InspectionRow, str]:
    """Return an inspection and its marker's code; raises `InspectionNotFound`."""
    row = session.get(InspectionRow, inspection_id)
    if row is None:
        raise InspectionNotFound(inspection_id=str(inspection_id))
    code = session.execute(select(MarkerRow.code).where(MarkerRow.id == row.marker_id)).scalar_one()
    return row, code


def _require_proofs(session: Session, proofs: Sequence[str]) -> None:
    """Raise `ProofNotOnRecord` unless every proof cites, by its hash, a paper that is here."""
    here = papers_on_file(session, [{"proofs": proofs}])
    unknown = [proof for proof in proofs if hash_of(proof) not in here]
    if unknown:
        raise ProofNotOnRecord(proofs=unknown)


def review_inspection(
    session: Session, officer: Officer, inspection_id: UUID, asked: InspectionReview, *, profile: str
) -> tuple[dict[str, Any], bool]:
    """Accept or refuse an inspection: only accepted ones count. With proofs it also confirms what was seen.

    Refused to whoever recorded it (`OwnReviewRefused`): four eyes, and a loss needs a second person anyway.
    """
    row, code = find_inspection(session, inspection_id)
    held = hold_one(session, code)
    reach_a_side(session, officer, held.marker.unit_codes)
    known = session.get(InspectionReviewRow, asked.id)
    if known is not None:
        if (known.inspection_id, known.accepted, known.reason) != (row.id, asked.accepted, asked.reason):
            raise RecordedOtherwise(id=str(asked.id))
        return _review_answer(session, row, known, profile), False
    if row.person == officer.username and row.kind != InspectionKind.SENSOR:
        raise OwnReviewRefused(inspection_id=str(row.id), person=officer.username)
    reviewed = InspectionReviewRow(
        id=asked.id,
        inspection_id=row.id,
        marker_id=held.id,
        accepted=asked.accepted,
        reason=asked.reason,
        person=officer.username,
        recorded_at=held.now,
    )
    session.add(reviewed)
    session.flush()
    _require_proofs(session, asked.proofs)
    if asked.accepted and asked.proofs:
        confirmed = Confirmed(
            id=str(uuid7()),
            happened_at=held.now,
            recorded_at=held.now,
            inspection_id=str(row.id),
            person=officer.username,
            proofs=tuple(asked.proofs),
        )
        values = record_values(
            "confirmed",
            confirmed,
            marker_id=held.id,
            person=officer.username,
            content={"proofs": asked.proofs},
        )
        append(session, MarkerRecordRow, [values])
    project(session, [held.id], held.now)
    record_act(
        session,
        "inspection.accept" if asked.accepted else "inspection.refuse",
        subject=("inspection", str(row.id)),
        after=asked.model_dump(mode="json"),
    )
    return _review_answer(session, row, reviewed, profile), True


def _review_answer(
    session: Session, row: InspectionRow, reviewed: InspectionReviewRow, profile: str
) -> dict[str, Any]:
    return {
        "id": reviewed.id,
        "inspection_id": row.id,
        "accepted": reviewed.accepted,
        **marker_after(session, row.marker_id, reviewed.recorded_at, profile),
    }
