"""Changes of a form made offline: merged field by field; the same field keeps both until a reviewer has decided."""

import uuid
from collections.abc import Mapping
from datetime import datetime
from typing import Any, Final
from uuid import UUID

from sqlalchemy import select, text
from sqlalchemy.orm import Session

from geo_service.auth.audit import digest, record_act
from geo_service.auth.officer import Officer
from geo_service.operations.inspections import RecordedOtherwise, happened
from geo_service.operations.marker_answers import reach_a_side
from geo_service.operations.marker_forms import apply_fields, changed_since, standing_values
from geo_service.schemas.markers import EditDecision, MarkerFields, OfflineEdit, Take
from layers.errors import Conflict, InvalidInput, NotFound
from layers.markers.register import Held, hold_one
from layers.markers.tables import MarkerEditDecisionRow, MarkerEditRow, MarkerRow
from layers.tables import uuid7


class EditNotFound(NotFound):
    """No edit waits under this id, or it is another office's."""

    code = "marker.edit_not_found"


class EditConflict(Conflict):
    """Somebody else changed the same field meanwhile; both are kept, a reviewer decides."""

    code = "marker.edit_conflict"


class EditDecided(Conflict):
    """A reviewer has decided on this edit; his word is not taken back. Facts: `by`."""

    code = "marker.edit_decided"


class EditMoved(Conflict):
    """A field of the edit was changed after the reviewer read the form. Facts: `fields`."""

    code = "marker.edit_moved"


class OwnEditRefused(Conflict):
    """Nobody decides on a change that he brought himself. Facts: `person`."""

    code = "marker.own_edit_refused"


def take_edit(
    session: Session,
    officer: Officer,
    code: str,
    asked: OfflineEdit,
    *,
    device: str,
    sent_at: datetime | None = None,
) -> tuple[MarkerEditRow, bool]:
    """Merge a change made offline, field by field; raises nothing for a conflict: the row says `applied` or not."""
    held = hold_one(session, code)
    reach_a_side(session, officer, held.marker.unit_codes)
    content = digest({"marker": code, **asked.model_dump(mode="json")}).hex()
    known = session.get(MarkerEditRow, asked.id)
    if known is not None:
        if known.digest != content:
            raise RecordedOtherwise(id=str(asked.id))
        return known, False
    if asked.base_version > held.version:
        raise InvalidInput(field="base_version", given=asked.base_version, expected=f"at most {held.version}")
    edit = {
        "id": asked.id,
        "base_version": asked.base_version,
        "reason": asked.reason,
        "captured_at": asked.captured_at,
        "clock_skew_s": happened(asked.captured_at, sent_at, held.now)[0],
        "device": device,
        "digest": content,
    }
    brought = asked.changes.model_dump(mode="json", exclude_unset=True)
    standing = standing_values(session, held, brought)
    touched = changed_since(session, held, asked.base_version)
    clashing = {name for name in brought if name in touched and brought[name] != standing[name]}
    if not clashing:
        return apply_fields(session, officer, held, asked.changes, edit=edit), True
    if clean := asked.changes.model_dump(exclude_unset=True, exclude=clashing):
        merged = edit | {"id": uuid.uuid5(asked.id, "merged"), "digest": ""}
        apply_fields(session, officer, held, MarkerFields(**clean), edit=merged)
    row = MarkerEditRow(
        **edit,
        marker_id=held.id,
        version=None,
        changes={name: brought[name] for name in clashing},
        previous={},
        applied=False,
        recorded_at=held.now,
        recorded_by=officer.username,
    )
    session.add(row)
    session.flush()
    return row, True


LISTED: Final = """
SELECT e.id, m.code AS marker_code, m.number, m.unit_codes, m.version, e.base_version, e.changes, e.reason, e.captured_at,
       e.recorded_at, e.recorded_by, e.device, e.clock_skew_s,
       (SELECT json_object_agg(field, (
            SELECT json_build_object('value', a.changes -> field, 'recorded_by', a.recorded_by, 'device', a.device,
                                     'captured_at', a.captured_at, 'recorded_at', a.recorded_at, 'version', a.version)
              FROM markers.marker_edit a WHERE a.marker_id = e.marker_id AND a.applied AND a.changes ? field
             ORDER BY a.version DESC LIMIT 1))
          FROM jsonb_object_keys(e.changes) AS field) AS standing,
       (SELECT json_build_object('id', d.id, 'choices', d.choices, 'reason', d.reason, 'version', d.version,
                                 'recorded_at', d.recorded_at, 'recorded_by', d.recorded_by)
          FROM markers.marker_edit_decision d WHERE d.edit_id = e.id) AS decision
  FROM markers.marker_edit e JOIN markers.marker m ON m.id = e.marker_id
 WHERE NOT e.applied
   AND (CAST(:id AS uuid) IS NULL OR e.id = :id)
   AND (CAST(:marker AS text) IS NULL OR m.code = :marker)
   AND (CAST(:person AS text) IS NULL OR e.recorded_by = :person)
   AND (CAST(:since AS timestamptz) IS NULL OR e.recorded_at >= :since)
   AND (CAST(:decided AS boolean) IS NULL OR CAST(:decided AS boolean) =
        EXISTS (SELECT FROM markers.marker_edit_decision d WHERE d.edit_id = e.id))
 ORDER BY e.recorded_at, e.id LIMIT :limit
"""
ASKED: Final = ("id", "marker", "person", "since", "decided")


def edits_listed(session: Session, *, limit: int = 100, **asked: Any) -> list[dict[str, Any]]:
    """Return edits that were kept for a reviewer, the oldest first, each with both values and its decision.

    Asked by `id`, `marker` code, `person` who brought them, `since` an instant, `decided` or not. `standing` says of
    each field the last change that is in force: value, who, when and by which device.
    """
    values = {name: asked.get(name) for name in ASKED}
    return [dict(row) for row in session.execute(text(LISTED), values | {"limit": limit}).mappings()]


def decide_edit(
    session: Session, officer: Officer, edit_id: UUID, asked: EditDecision
) -> tuple[dict[str, Any], bool]:
    """Put a reviewer's word on record, once; what he takes otherwise than it stands becomes the form's next version.

    Raises `EditNotFound`, `EditDecided`, `EditMoved` where a field was changed after he read the form,
    `OwnEditRefused`, `InvalidInput` where a field of the edit has no choice or `other` no value.
    """
    edit = session.get(MarkerEditRow, edit_id)
    if edit is None or edit.applied:
        raise EditNotFound(edit_id=str(edit_id))
    held = hold_one(session, session.get_one(MarkerRow, edit.marker_id).code)
    reach_a_side(session, officer, held.marker.unit_codes)
    content = digest({"edit": str(edit_id), **asked.model_dump(mode="json", exclude_unset=True)}).hex()
    known = session.scalar(select(MarkerEditDecisionRow).where(MarkerEditDecisionRow.edit_id == edit_id))
    if known is not None:
        if known.digest != content:
            raise EditDecided(by=known.recorded_by)
        return _told(session, edit_id), False
    if session.get(MarkerEditDecisionRow, asked.id) is not None:
        raise RecordedOtherwise(id=str(asked.id))
    if edit.recorded_by == officer.username:
        raise OwnEditRefused(person=officer.username)
    _require_choices(edit, asked)
    if asked.version > held.version:
        raise InvalidInput(field="version", given=asked.version, expected=f"at most {held.version}")
    if moved := changed_since(session, held, asked.version) & set(edit.changes):
        raise EditMoved(fields=sorted(moved))
    standing = standing_values(session, held, edit.changes)
    made = _taken(session, officer, held, edit, asked)
    session.add(
        MarkerEditDecisionRow(
            id=asked.id,
            edit_id=edit_id,
            marker_id=held.id,
            choices=_choices(edit, asked, standing),
            reason=asked.reason,
            version=made.version if made else None,
            digest=content,
            recorded_at=held.now,
            recorded_by=officer.username,
        )
    )
    session.flush()
    told = _told(session, edit_id)
    record_act(
        session,
        "marker.edit_decide",
        subject=("marker", held.marker.code),
        before=standing,
        after=told["decision"]["choices"],
        detail={"edit": str(edit_id), "version": made.version if made else None},
    )
    return told, True


def _require_choices(edit: MarkerEditRow, asked: EditDecision) -> None:
    if set(asked.choices) != set(edit.changes):
        raise InvalidInput(field="choices", given=sorted(asked.choices), expected=sorted(edit.changes))
    wanted = {name for name, take in asked.choices.items() if take is Take.OTHER}
    if wanted != asked.other.model_fields_set:
        raise InvalidInput(field="other", given=sorted(asked.other.model_fields_set), expected=sorted(wanted))


def _choices(edit: MarkerEditRow, asked: EditDecision, standing: Mapping[str, Any]) -> dict[str, Any]:
    other = asked.other.model_dump(mode="json", exclude_unset=True)
    values = {Take.STANDING: standing, Take.BROUGHT: edit.changes, Take.OTHER: other}
    return {
        name: {
            "take": take.value,
            "standing": standing[name],
            "brought": edit.changes[name],
            "value": values[take][name],
        }
        for name, take in asked.choices.items()
    }


def _taken(
    session: Session, officer: Officer, held: Held, edit: MarkerEditRow, asked: EditDecision
) -> MarkerEditRow | None:
    """Change the form as decided; None where everything stands as it stood."""
    brought = {name: edit.changes[name] for name, take in asked.choices.items() if take is Take.BROUGHT}
    wanted = brought | asked.other.model_dump(mode="json", exclude_unset=True)
    if not wanted:
        return None
    about = {
        "id": uuid7(),
        "base_version": held.version,
        "reason": asked.reason,
        "captured_at": held.now,
        "digest": "",
    }
    return apply_fields(session, officer, held, MarkerFields.model_validate(wanted), edit=about)


def _told(session: Session, edit_id: UUID) -> dict[str, Any]:
    return edits_listed(session, id=edit_id)[0]
