"""Who may send messages of sensors: made, listed, given a new secret, revoked; and whether a message is theirs.

An administrator's acts. A source belongs to the office of one unit: what it says reaches that unit's markers alone.
"""

import secrets
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any, Final
from uuid import UUID

from sqlalchemy import select, text
from sqlalchemy.orm import Session

from geo_service.auth.acting import act_as, act_for_source
from geo_service.auth.audit import record_act
from geo_service.auth.jurisdiction import require_reach
from geo_service.auth.officer import Officer
from geo_service.signatures import WINDOW_S, signed_by
from layers.boundaries.model import UnitNotFound
from layers.errors import Conflict, LayerError, NotFound
from layers.markers.sensor_tables import SensorSourceRow


class SensorSourceNotFound(NotFound):
    """There is no such source that still stands, or it is another office's."""

    code = "sensor.source_not_found"


class SensorSourceTaken(Conflict):
    """A source of this name stands."""

    code = "sensor.source_taken"


class SignatureRefused(LayerError):
    """No source that stands signed this. Which part is wrong is not said."""

    code = "sensor.signature_refused"


class TimestampRefused(LayerError):
    """A message was signed too long ago, or in the future. Facts: `timestamp`, `now`, `window_s`."""

    code = "sensor.timestamp_refused"


KNOWN_UNIT: Final = text("SELECT EXISTS (SELECT FROM boundaries.administrative_unit WHERE code = :code)")


def add_source(session: Session, officer: Officer, *, name: str, unit: str) -> SensorSourceRow:
    """Make a source for the office of a unit, with its secret. Raises `Forbidden`, `UnitNotFound`, `SensorSourceTaken`."""
    require_reach(session, officer, [unit], on_record=True)
    if not session.execute(KNOWN_UNIT, {"code": unit}).scalar():
        raise UnitNotFound(unit_code=unit)
    session.execute(text("SELECT pg_advisory_xact_lock(hashtext('markers.sensor_source'))"))
    if _standing(session, name=name) is not None:
        raise SensorSourceTaken(name=name)
    row = SensorSourceRow(
        name=name, unit_code=unit, secret=secrets.token_urlsafe(32), created_by=officer.username
    )
    session.add(row)
    session.flush()
    detail = {"name": name, "unit_code": unit}
    record_act(session, "sensor_source.add", subject=("sensor_source", str(row.id)), detail=detail)
    return row


def rotate_secret(session: Session, source_id: UUID, *, grace_hours: float) -> SensorSourceRow:
    """Give a source a new secret; the one before holds for some hours more. Raises `SensorSourceNotFound`."""
    row = _found(session, source_id)
    now = datetime.now(UTC)
    until = now + timedelta(hours=grace_hours) if grace_hours > 0 else None
    row.previous_secret, row.previous_until = (row.secret, until) if until else (None, None)
    row.secret, row.rotated_at = secrets.token_urlsafe(32), now
    record_act(
        session,
        "sensor_source.rotate",
        subject=("sensor_source", str(row.id)),
        detail={"grace_hours": grace_hours},
    )
    return row


def revoke_source(session: Session, source_id: UUID) -> None:
    """Take nothing more from a source; what it has said stays. Raises `SensorSourceNotFound`."""
    row = _found(session, source_id)
    row.ended_at = datetime.now(UTC)
    row.previous_secret = row.previous_until = None
    record_act(session, "sensor_source.revoke", subject=("sensor_source", str(row.id)))


LIST: Final = text("""
SELECT s.id, s.name, s.unit_code, s.ended_at IS NULL AS active, s.created_by, s.created_at, s.rotated_at, s.previous_until,
       s.ended_at, (SELECT max(m.received_at) FROM markers.sensor_message m WHERE m.source_id = s.id) AS last_message_at
  FROM markers.sensor_source s ORDER BY s.ended_at NULLS FIRST, s.name
""")


def list_sources(session: Session) -> list[Mapping[str, Any]]:
    """Return the sources that the acting administrator's jurisdictions reach; those that have ended stand last."""
    return [dict(row) for row in session.execute(LIST).mappings()]


def _standing(session: Session, **by: object) -> SensorSourceRow | None:
    asked = select(SensorSourceRow).filter_by(**by, ended_at=None)
    return session.execute(asked).scalar_one_or_none()


def _found(session: Session, source_id: UUID) -> SensorSourceRow:
    row = _standing(session, id=source_id)
    if row is None:
        raise SensorSourceNotFound(source=str(source_id))
    return row


@dataclass(frozen=True, slots=True)
class Signed:
    """What the headers of a message say: who sent it, when it was signed (Unix seconds), and the signature."""

    source: str
    timestamp: str
    signature: str


def sender_of(
    session: Session, signed: Signed, body: bytes, now: datetime
) -> tuple[SensorSourceRow, Officer]:
    """Return the source that signed a body, and as whom the transaction acts from now on.

    Raises `SignatureRefused` alike for a stranger, one that was revoked and a wrong signature, and `TimestampRefused`
    for a message of a source that stands, signed outside the window.
    """
    try:
        source_id, timestamp = UUID(signed.source), int(signed.timestamp)
    except ValueError:
        raise SignatureRefused from None
    act_for_source(session, source_id)
    row = _standing(session, id=source_id)
    if row is None or not signed_by(signed.signature, _secrets(row, now), timestamp, body):
        raise SignatureRefused
    if abs(now.timestamp() - timestamp) > WINDOW_S:
        raise TimestampRefused(timestamp=timestamp, now=int(now.timestamp()), window_s=WINDOW_S)
    officer = Officer(f"sensor:{row.name}", frozenset(), frozenset({row.unit_code}))
    act_as(session, officer)
    act_for_source(session, source_id)
    return row, officer


def _secrets(row: SensorSourceRow, now: datetime) -> list[str]:
    held = [row.secret]
    if row.previous_secret is not None and row.previous_until is not None and now < row.previous_until:
        held.append(row.previous_secret)
    return held
