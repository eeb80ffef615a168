"""Rows of sensor messages and of the alarms that they raised; decides nothing."""

import uuid
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from sqlalchemy import text
from sqlalchemy.orm import Session

from layers.findings import Finding
from layers.markers.evidence import Flagged, FlagKind
from layers.markers.evidence_rows import record_values
from layers.markers.evidence_tables import MarkerRecordRow
from layers.markers.register import append
from layers.markers.sensor_judgement import Heard, Raised
from layers.markers.sensor_tables import SensorMessageRow
from layers.tables import uuid7

HEARD_BEFORE: Final = 50
"""Earlier messages of a device that are looked at: four days of one that sends every two hours."""
OF_DEVICES: Final = """
SELECT m.code, m.unit_codes, btrim(m.form #>> '{iot,number}') AS device FROM markers.marker m
 WHERE btrim(m.form #>> '{iot,number}') = ANY (:devices) AND (m.valid_to IS NULL OR m.valid_to > :on) ORDER BY m.code
"""
RAISED: Final = """
SELECT r.id, r.content, r.happened_at,
       EXISTS (SELECT FROM markers.marker_record s WHERE s.marker_id = r.marker_id AND s.kind = 'settled' AND s.about = r.id)
           AS answered
  FROM markers.marker_record r
 WHERE r.marker_id = :marker AND r.kind = 'flagged' AND r.content ->> 'flag' = 'sensor_alarm'
   AND NOT EXISTS (SELECT FROM markers.marker_record w
                    WHERE w.marker_id = r.marker_id AND w.kind = 'withdrawn' AND w.about = r.id)
"""
HEARD: Final = """
SELECT s.happened_at, s.codes, s.content FROM markers.sensor_message s
 WHERE s.marker_id = :marker AND s.device = :device AND s.id <> :but ORDER BY s.happened_at DESC, s.id DESC LIMIT :most
"""


@dataclass(frozen=True, slots=True)
class Bearer:
    """A marker whose form names a device."""

    code: str
    unit_codes: tuple[str, ...]


def bearers(session: Session, devices: Iterable[str], on: Any) -> dict[str, list[Bearer]]:
    """Return for each device the markers whose forms name it on a day."""
    found: dict[str, list[Bearer]] = {}
    for row in session.execute(text(OF_DEVICES), {"devices": sorted(set(devices)), "on": on}):
        found.setdefault(row.device, []).append(Bearer(row.code, tuple(row.unit_codes)))
    return found


def raised_on(session: Session, marker_id: uuid.UUID) -> list[Raised]:
    """Return the alarms on record of a marker, open and answered; those withdrawn count no more."""
    rows = session.execute(text(RAISED), {"marker": marker_id}).all()
    return [
        Raised(
            str(row.id),
            row.content.get("code", ""),
            row.content.get("device", ""),
            row.content.get("value"),
            row.happened_at,
            row.answered,
        )
        for row in rows
    ]


def heard_of(session: Session, marker_id: uuid.UUID, device: str, *, but: uuid.UUID) -> list[Heard]:
    """Return the latest messages of a device on a marker, the latest first, but one."""
    rows = session.execute(
        text(HEARD), {"marker": marker_id, "device": device, "but": but, "most": HEARD_BEFORE}
    ).all()
    return [Heard(row.happened_at, frozenset(row.codes), measures_in(row.content)) for row in rows]


def measures_in(content: Mapping[str, Any]) -> frozenset[str]:
    """Return which measures a message carried, `position` among them."""
    reading = content.get("reading") or {}
    return frozenset(name for name, value in reading.items() if value is not None)


def told(findings: Iterable[Finding]) -> list[dict[str, Any]]:
    """Return findings as a row keeps them."""
    return [
        {"code": each.code, "subject": list(each.subject), "evidence": dict(each.evidence)}
        for each in findings
    ]


def raise_alarms(
    session: Session, message: SensorMessageRow, findings: Sequence[Finding], *, at: datetime, person: str
) -> None:
    """Put alarms on record of the message's marker; the caller holds the marker and projects it."""
    if message.marker_id is None:
        return
    rows = []
    for finding in findings:
        flagged = Flagged(
            id=str(uuid7()), happened_at=message.happened_at, recorded_at=at, flag=FlagKind.SENSOR_ALARM
        )
        content = {
            "flag": FlagKind.SENSOR_ALARM.value,
            "code": finding.code,
            "message": str(message.id),
            "device": message.device,
            **{
                name: finding.evidence[name]
                for name in ("measure", "value", "limit", "policy")
                if name in finding.evidence
            },
        }
        rows.append(
            record_values(
                "flagged",
                flagged,
                marker_id=message.marker_id,
                person=person,
                content=content,
            )
        )
    append(session, MarkerRecordRow, rows)
