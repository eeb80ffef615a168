"""Shapes of what sensors send, of the receipts they get, and of the sources that may send."""

from datetime import datetime
from typing import Annotated, Any, Literal
from uuid import UUID

from pydantic import AwareDatetime, BaseModel, ConfigDict, Field, StringConstraints

from geo_service.schemas.boundaries import Code
from geo_service.schemas.markers import Asked, Fix, Number
from layers.markers.sensor_model import Measure, SensorEvent, SensorReading

MOST_MESSAGES = 500
MessageId = Annotated[str, StringConstraints(pattern=r"^[A-Za-z0-9._:\-]{1,100}$")]
DeviceNumber = Annotated[
    str, StringConstraints(min_length=1, max_length=200, strip_whitespace=True, pattern=r"^[^\x00]*$")
]
Name = Annotated[
    str, StringConstraints(min_length=1, max_length=100, strip_whitespace=True, pattern=r"^[^\x00-\x1f]+$")
]
Firmware = Annotated[str, StringConstraints(max_length=100, pattern=r"^[^\x00]*$")]


class Reading(Asked):
    """What a device measured; leave out what it does not measure. Units stand in the names."""

    tilt_deg: Annotated[float | None, Field(ge=0, le=180, allow_inf_nan=False)] = None
    drift_m: Annotated[float | None, Field(ge=0, le=100_000, allow_inf_nan=False)] = None
    shock_g: Annotated[float | None, Field(ge=0, le=10_000, allow_inf_nan=False)] = None
    battery_percent: Annotated[float | None, Field(ge=0, le=100, allow_inf_nan=False)] = None
    battery_v: Annotated[float | None, Field(ge=0, le=1000, allow_inf_nan=False)] = None
    temperature_c: Annotated[float | None, Field(ge=-100, le=200, allow_inf_nan=False)] = None
    signal_dbm: Number | None = None
    external_power: bool | None = None
    enclosure_open: bool | None = None
    position: Fix | None = None


class SensorMessage(Asked):
    """One message of one device. `id` is the sender's own and the same whenever the message is sent again.

    `captured_at` is the device's clock when it measured, `sent_at` the same clock when it sent, to find its error. A
    message without reading and events is a sign of life.
    """

    id: MessageId
    device: DeviceNumber
    captured_at: AwareDatetime
    sent_at: AwareDatetime | None = None
    reading: Reading = Reading()
    events: Annotated[list[SensorEvent], Field(max_length=20, default_factory=list)]
    firmware: Firmware = ""

    def told(self, clock_skew_s: float) -> SensorReading:
        """Return the message as the engine takes it."""
        given = self.reading.model_dump(exclude_none=True, exclude={"position"})
        return SensorReading(
            device=self.device,
            captured_at=self.captured_at,
            clock_skew_s=clock_skew_s,
            measures={Measure(name): float(value) for name, value in given.items()},
            events=tuple(self.events),
            position=None if self.reading.position is None else self.reading.position.position(),
        )


class SensorBatch(Asked):
    """Several messages, each judged by itself."""

    messages: Annotated[list[Any], Field(min_length=1, max_length=MOST_MESSAGES)]


class SensorReceipt(BaseModel):
    """What became of one message. Once `accepted` or `duplicate`, it is durable here under `receipt`.

    `marker_code` is null for a device that no form names, or several do (`unmatched` says which); the message is kept.
    """

    id: str
    status: Literal["accepted", "duplicate", "refused"]
    receipt: UUID | None = None
    received_at: datetime
    clock_skew_s: float | None = None
    marker_code: str | None = None
    unmatched: str | None = None
    findings: list[dict[str, Any]] = []
    code: str | None = None
    detail: str | None = None


class SensorReceipts(BaseModel):
    """One answer a message, in the order sent."""

    results: list[SensorReceipt]


class NewSensorSource(Asked):
    """A platform or gateway that is to send messages, for the office of a unit."""

    name: Name
    unit: Code


class RotateSecret(Asked):
    """For how long the secret that is replaced still holds, so that devices can be changed over; 0 ends it now."""

    grace_hours: Annotated[float, Field(ge=0, le=720)] = 24


class SensorSource(BaseModel):
    """Who may send messages of sensors; `active` until it is revoked."""

    model_config = ConfigDict(from_attributes=True)
    id: UUID
    name: str
    unit_code: str
    active: bool
    created_by: str
    created_at: datetime
    rotated_at: datetime | None
    previous_until: datetime | None
    ended_at: datetime | None
    last_message_at: datetime | None


class MadeSensorSource(BaseModel):
    """A source with the secret that it signs by; shown this once."""

    model_config = ConfigDict(from_attributes=True)
    id: UUID
    name: str
    unit_code: str
    secret: str
    previous_until: datetime | None


class SensorSources(BaseModel):
    """The sources of one's office, those that have ended last."""

    sources: list[SensorSource]
