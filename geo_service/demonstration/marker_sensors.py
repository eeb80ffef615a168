"""Devices on a few generated markers: one that leans, one with a low battery, one that fell silent, one on no form.

Their messages are judged by the policy as those that come in by the service are.
"""

import uuid
from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any, Final

from sqlalchemy.orm import Session

from geo_service.auth.acting import act_for_source
from layers.markers.displacement import DisplacementPolicy
from layers.markers.register import append
from layers.markers.sensor_judgement import judge_reading
from layers.markers.sensor_model import Measure, SensorReading
from layers.markers.sensor_policy import shipped_sensor_policy
from layers.markers.sensor_rows import told
from layers.markers.sensor_tables import SensorMessageRow, SensorSourceRow

if TYPE_CHECKING:
    from geo_service.demonstration.markers import Placed

HOME: Final = "460100"
EVERY: Final = timedelta(hours=2)
RUNS: Final = 12
SOURCE_ID: Final = uuid.UUID("2b0d3c7e-6a7f-5c1d-8e55-460100000002")
ALARM_AGO: Final = timedelta(days=3)


def device_of(placed: "Placed") -> str | None:
    """Return the number of the device that a marker's form names."""
    return f"演示-{placed.marker.number}" if placed.story.device else None


def load_sensors(session: Session, placed: Sequence["Placed"], now: datetime, *, recorded_by: str) -> None:
    """Put a source on record, without anybody who knows its secret, and what its devices said."""
    source = SensorSourceRow(
        id=SOURCE_ID,
        name="演示平台（合成）",
        unit_code=HOME,
        secret=uuid.uuid4().hex + uuid.uuid4().hex,
        created_by=recorded_by,
    )
    session.add(source)
    session.flush()
    act_for_source(session, source.id)
    rows = [row for each in placed for row in _messages(each, now)]
    append(session, SensorMessageRow, [*rows, _lost(now)])


def alarm_message(placed: "Placed") -> uuid.UUID:
    """Return the receipt of the message that raised a marker's alarm."""
    return uuid.uuid5(placed.id, "message 0")


def _messages(placed: "Placed", now: datetime) -> Iterator[dict[str, Any]]:
    device, story = device_of(placed), placed.story
    if device is None:
        return
    leans, silent = story.device == "leaning", story.device == "silent"
    began = now - (ALARM_AGO if leans else timedelta(days=4 if silent else 1))
    for run in range(int(ALARM_AGO / EVERY) if leans else RUNS):
        measures = {
            Measure.TILT_DEG: 7.6 + run % 3 / 10 if leans else 0.4,
            Measure.BATTERY_PERCENT: 24.0 - run if story.device == "fading" else 91.0,
        }
        reading = SensorReading(device=device, captured_at=began + run * EVERY, measures=measures)
        findings = list(
            judge_reading(
                reading,
                marker_code=placed.marker.code,
                legal=placed.marker.legal_position,
                policy=shipped_sensor_policy(),
                displacement=DisplacementPolicy(),
            )
        )
        yield _row(
            reading, uuid.uuid5(placed.id, f"message {run}"), findings=told(findings), marker=placed.id
        )


def _lost(now: datetime) -> dict[str, Any]:
    reading = SensorReading(
        device="演示-未登记", captured_at=now - timedelta(hours=5), measures={Measure.BATTERY_PERCENT: 88.0}
    )
    return _row(reading, uuid.uuid5(SOURCE_ID, "lost"), findings=[], marker=None)


def _row(
    reading: SensorReading, key: uuid.UUID, *, findings: Sequence[Mapping[str, Any]], marker: uuid.UUID | None
) -> dict[str, Any]:
    at = reading.captured_at
    return {
        "id": key,
        "source_id": SOURCE_ID,
        "message_id": str(key),
        "unit_code": HOME,
        "marker_id": marker,
        "unmatched": None if marker else "no_marker",
        "device": reading.device,
        "captured_at": at,
        "sent_at": at,
        "happened_at": at,
        "received_at": at + timedelta(seconds=4),
        "codes": sorted({str(each["code"]) for each in findings}),
        "findings": list(findings),
        "content": {
            "id": str(key),
            "device": reading.device,
            "captured_at": at.isoformat(),
            "reading": {measure.value: value for measure, value in reading.measures.items()},
        },
        "digest": "",
    }
