"""Shapes of the marker layer's requests: inspections, reviews, case steps, the registration form."""

from datetime import date, datetime
from enum import StrEnum
from typing import Annotated, Any
from uuid import UUID

from pydantic import AwareDatetime, BaseModel, BeforeValidator, ConfigDict, Field, StringConstraints

from geo_service.schemas.boundaries import Code, Latitude, Line, Longitude
from geo_service.schemas.marker_form import Form
from layers.markers.evidence import Capacity, CaseEventKind
from layers.markers.model import (
    AzimuthKind,
    Component,
    ComponentCondition,
    Condition,
    FixSource,
    FixType,
    Grade,
    InspectionKind,
    ObservedPosition,
    SetKind,
)
from layers.markers.resighting import Instrument

Text = Annotated[str, StringConstraints(max_length=4000)]
Short = Annotated[str, StringConstraints(max_length=200, strip_whitespace=True)]
MarkerCode = Annotated[str, StringConstraints(min_length=1, max_length=64, strip_whitespace=True)]
Sha256 = Annotated[str, StringConstraints(pattern=r"^[0-9a-f]{64}$")]
Metres = Annotated[float, Field(ge=0, le=1e6, allow_inf_nan=False)]
Number = Annotated[float, Field(allow_inf_nan=False)]

_FIX_NAMES = {
    **{kind.name.lower(): kind for kind in FixType},
    "phone": FixType.AUTONOMOUS,
    "gps": FixType.AUTONOMOUS,
    "single": FixType.AUTONOMOUS,
    "dgps": FixType.DIFFERENTIAL,
    "rtk": FixType.RTK_FIXED,
    "fixed": FixType.RTK_FIXED,
    "float": FixType.RTK_FLOAT,
}


def _fix_type(given: object) -> object:
    """Take the receivers' numbers, or the words that people use for them."""
    return _FIX_NAMES.get(given.strip().lower(), given) if isinstance(given, str) else given


class Asked(BaseModel):
    """A request in which an unknown field is a mistake."""

    model_config = ConfigDict(extra="forbid")


class Fix(BaseModel):
    """A measured position with its quality, fields after common receivers; lon, lat in EPSG:4490."""

    model_config = ConfigDict(extra="ignore")

    lon: Longitude
    lat: Latitude
    accuracy_m: Metres | None = None
    fix_type: Annotated[FixType | None, BeforeValidator(_fix_type)] = None
    source: FixSource | None = None
    height_m: Number | None = None
    vertical_accuracy_m: Metres | None = None
    hdop: Metres | None = None
    pdop: Metres | None = None
    satellites: Annotated[int | None, Field(ge=0, le=200)] = None
    averaged: Annotated[int, Field(ge=1, le=100_000)] = 1
    antenna_height_m: Number | None = None
    correction_age_s: Metres | None = None
    station: Short | None = None
    mocked: bool = False

    def position(self) -> ObservedPosition:
        """Return the fix as the engines take it."""
        return ObservedPosition(**self.model_dump())


class PhotoOf(Asked):
    """A photo by its hash, and what of the checklist it shows."""

    sha256: Sha256
    shows: Short = ""


def _photo(given: object) -> object:
    return {"sha256": given} if isinstance(given, str) else given


class ResightedNow(Asked):
    """方位物复测: an object of the form sighted again; the azimuth in degrees from the north of its kind."""

    name: Line
    distance_m: Annotated[float, Field(gt=0, le=100_000, allow_inf_nan=False)]
    azimuth_deg: Annotated[float | None, Field(ge=0, le=360, allow_inf_nan=False)] = None
    azimuth_kind: AzimuthKind = AzimuthKind.TRUE


class Resightings(Asked):
    """The reference objects measured again from where the marker stands, with what; declination west negative."""

    instrument: Instrument = Instrument.TAPE_AND_COMPASS
    declination_deg: Annotated[float | None, Field(ge=-90, le=90, allow_inf_nan=False)] = None
    objects: Annotated[list[ResightedNow], Field(min_length=1, max_length=20)]


class InspectionRecord(Asked):
    """One visit. The device makes the id; `sent_at` is the device's clock when it sends, to measure its error."""

    id: UUID
    kind: InspectionKind = InspectionKind.PATROL
    captured_at: AwareDatetime
    condition: Condition
    components: dict[Component, ComponentCondition] = {}
    observed_position: Fix | None = None
    start_position: Fix | None = None
    end_position: Fix | None = None
    resightings: Resightings | None = None
    note: Text = ""
    actions: Annotated[list[Short], Field(max_length=50)] = []
    photos: Annotated[list[Annotated[PhotoOf, BeforeValidator(_photo)]], Field(max_length=100)] = []
    accuracy_reason: Short = ""
    device: Short = ""
    app_version: Short = ""
    sent_at: AwareDatetime | None = None


class InspectionReview(Asked):
    """Accept or refuse an inspection; `proofs` also confirm, as a second person, what it saw."""

    id: UUID
    accepted: bool
    reason: Text = ""
    proofs: Annotated[list[Short], Field(max_length=100)] = []


class Acknowledgement(Asked):
    """The answer to an alarm of a sensor: what was found, in a word to whoever reads it later."""

    id: UUID
    found: Annotated[str, StringConstraints(min_length=1, max_length=1000, strip_whitespace=True)]


class CaseStep(Asked):
    """One act on a case, with the records that it brings; `on` is when it was done."""

    id: UUID
    event: CaseEventKind
    on: datetime | date | None = None
    records: dict[str, Any] = {}
    capacity: Capacity | None = None
    unit: Code | None = None


class CaseOpening(CaseStep):
    """A new case: `id` becomes the case's."""

    event: CaseEventKind = CaseEventKind.REPORT_ABNORMAL


class Original(Asked):
    """The numbers of the form: north (纵坐标 X), east (横坐标 Y), and the CRS they claim."""

    north: Number
    east: Number
    epsg: Annotated[int, Field(ge=1024, le=32767)]


class LegalPlace(Asked):
    """The legal position: degrees of EPSG:4490, or the form's own numbers, which are converted by an approved way."""

    lon: Longitude | None = None
    lat: Latitude | None = None
    accuracy_m: Metres = 1.0
    height_m: Number | None = None
    method: Short = ""
    original: Original | None = None


class ObjectOfReference(Asked):
    """方位物: a fixed thing at an azimuth and a distance from the marker."""

    name: Line
    azimuth_deg: Annotated[float, Field(ge=0, le=360, allow_inf_nan=False)]
    distance_m: Metres
    azimuth_kind: AzimuthKind = AzimuthKind.GRID
    lon: Longitude | None = None
    lat: Latitude | None = None


class MarkerFields(Asked):
    """What of a marker's form may be changed; what is left out stays as it is."""

    number: Line | None = None
    name: Short | None = None
    set_code: Short | None = None
    faces: Annotated[int | None, Field(ge=1, le=4)] = None
    material: Short | None = None
    post_unit: Code | None = None
    managing_unit: Code | None = None
    guardian: Short | None = None
    under_contract: bool | None = None
    locations: Annotated[list[Short], Field(max_length=5)] | None = None
    feature_relation: Text | None = None
    position_description: Text | None = None
    inscriptions: Annotated[list[Short], Field(max_length=6)] | None = None
    set_on: date | None = None
    legal_instrument: Text | None = None
    public: bool | None = None
    form: Form | None = None
    reference_objects: Annotated[list[ObjectOfReference], Field(max_length=20)] | None = None


class MarkerChange(MarkerFields):
    """A change from the office; the legal position is not among what it may change."""

    reason: Text = ""
    legal_position: LegalPlace | None = None


class NewMarker(MarkerFields):
    """A marker to be put in the register, as its signed form has it; `filed` false when the filing is still to come."""

    id: UUID
    code: MarkerCode
    number: Line
    line_code: Line
    unit_codes: Annotated[list[Code], Field(min_length=2, max_length=4)]
    grade: Grade = Grade.COUNTY
    set_kind: SetKind = SetKind.SINGLE
    legal_position: LegalPlace | None = None
    valid_from: date | None = None
    source: Short = ""
    filed: bool = True


class FieldPush(BaseModel):
    """What a device brings: up to 500 records, each judged by itself."""

    device_id: Short
    sent_at: AwareDatetime | None = None
    records: Annotated[list[dict[str, Any]], Field(max_length=500)]


class OfflineEdit(Asked):
    """A change of a form made offline, on the version that the device had; fields merge, the same field does not."""

    id: UUID
    base_version: Annotated[int, Field(ge=1)]
    changes: MarkerFields
    captured_at: AwareDatetime
    reason: Text = ""


class Take(StrEnum):
    """Which value of a field stands after a decision: the form's own, the one brought later, or a third."""

    STANDING = "standing"
    BROUGHT = "brought"
    OTHER = "other"


class EditDecision(Asked):
    """A reviewer's word on an edit that waits: a choice for each of its fields, `other` for those taken otherwise.

    `version` is the form's version that the reviewer read.
    """

    id: UUID
    version: Annotated[int, Field(ge=1)]
    choices: Annotated[dict[Short, Take], Field(min_length=1, max_length=40)]
    other: MarkerFields = MarkerFields()
    reason: Annotated[Text, Field(min_length=1)]


class Pushed(BaseModel):
    """What became of one record: once `accepted` or `duplicate`, it is durable here."""

    id: str
    status: str
    code: str | None = None
    detail: str | None = None
    received_at: datetime


class PushAnswer(BaseModel):
    """One answer a record, in the order sent."""

    results: list[Pushed]
