"""The parts of a registration form (界桩登记表) that nothing is derived from: custody, device, signatures, sketch.

They are kept as they come, under their names; what they hold is checked here, and an unknown part is a mistake.
"""

from datetime import date
from typing import Annotated, Any

from pydantic import (
    AfterValidator,
    AwareDatetime,
    BaseModel,
    ConfigDict,
    Field,
    StringConstraints,
    model_validator,
)

from geo_service.schemas.boundaries import Code, Line

Words = Annotated[str, StringConstraints(max_length=200, strip_whitespace=True)]
Hash = Annotated[str, StringConstraints(pattern=r"^[0-9a-f]{64}$")]


class _Part(BaseModel):
    model_config = ConfigDict(extra="forbid")


class Custody(_Part):
    """委托管护: who looks after the marker, under which contract, from when to when."""

    unit: Words | None = None
    person: Words | None = None
    contract: Words | None = None
    since: date | None = None
    until: date | None = None

    @model_validator(mode="after")
    def _in_order(self) -> "Custody":
        if self.since and self.until and self.until < self.since:
            raise ValueError("until: before since")
        return self


class Device(_Part):
    """智能终端 on a marker, as the form has it; what it tells comes in as messages, never by the form."""

    number: Words | None = None
    name: Words | None = None
    online: bool | None = None
    last_message_at: AwareDatetime | None = None
    tilted: bool | None = None
    low_battery: bool | None = None
    drift_m: Annotated[float | None, Field(ge=0, le=100_000, allow_inf_nan=False)] = None
    position: Words | None = None


class SideSigned(_Part):
    """Who signed the form for a side: its technician, its officer, and the day."""

    unit: Code
    technician: Line | None = None
    officer: Line | None = None
    date: date


class FormParts(_Part):
    """The whole; `sketch` is the hash of a photo or document, `spatial_id` the identifier of the spatial data."""

    spatial_id: Words | None = None
    sketch: Hash | None = None
    custody: Custody | None = None
    iot: Device | None = None
    signatures: Annotated[list[SideSigned] | None, Field(max_length=4)] = None
    synthetic: bool = False

    @model_validator(mode="after")
    def _once_a_side(self) -> "FormParts":
        units = [each.unit for each in self.signatures or ()]
        if len(units) != len(set(units)):
            raise ValueError("signatures: a side twice")
        return self


def checked(form: dict[str, Any]) -> dict[str, Any]:
    """Return the parts as they came; raises what a request of the wrong shape raises."""
    FormParts.model_validate(form)
    return form


Form = Annotated[dict[str, Any], AfterValidator(checked)]
