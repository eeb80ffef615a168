"""What a boundary marker is, and the facts a colour is derived from; refuses to judge or word them."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from enum import IntEnum, StrEnum


class Condition(StrEnum):
    """状况: what the last accepted observation says of the marker."""

    INTACT = "intact"
    MINOR_DEFECT = "minor_defect"
    DAMAGED = "damaged"
    DISPLACED = "displaced"
    NOT_FOUND = "not_found"
    MISSING = "missing"
    DESTROYED = "destroyed"
    NOT_SET = "not_set"
    RETIRED = "retired"


class Component(StrEnum):
    """What a patrol looks at, one by one (a patrol's record, regulation art. 6 and provincial practice)."""

    BODY = "body"
    INSCRIPTION = "inscription"
    BASE = "base"
    REFERENCE_OBJECTS = "reference_objects"
    SURROUNDINGS = "surroundings"
    BELT = "belt"


class ComponentCondition(StrEnum):
    """How one component was found."""

    GOOD = "good"
    MINOR = "minor"
    DAMAGED = "damaged"
    ABSENT = "absent"
    NOT_SEEN = "not_seen"


class PositionCheck(StrEnum):
    """What the displacement test made of the observed position."""

    AGREES = "agrees"
    RE_MEASURE = "re_measure"
    NONE = "none"


class Currency(StrEnum):
    """Where the clock of an inspection stands."""

    NEVER = "never"
    OVERDUE = "overdue"
    DUE_SOON = "due_soon"
    CURRENT = "current"


class CaseStage(StrEnum):
    """案件阶段: how far the handling of a marker has come."""

    NONE = "none"
    REPORTED = "reported"
    VERIFIED = "verified"
    ACCEPTED = "accepted"
    REPAIRING = "repairing"
    AWAITING_JOINT_ACCEPTANCE = "awaiting_joint_acceptance"
    AWAITING_APPROVAL = "awaiting_approval"
    AWAITING_FILING = "awaiting_filing"
    CLOSED = "closed"


BEING_HANDLED = frozenset(
    {
        CaseStage.ACCEPTED,
        CaseStage.REPAIRING,
        CaseStage.AWAITING_JOINT_ACCEPTANCE,
        CaseStage.AWAITING_APPROVAL,
        CaseStage.AWAITING_FILING,
    }
)
OPEN_STAGES = BEING_HANDLED | {CaseStage.REPORTED, CaseStage.VERIFIED}


class CycleJoint(StrEnum):
    """What the joint inspection (联检) of the present five-year round has brought so far."""

    NOT_YET = "not_yet"
    HELD = "held"
    PASSED = "passed"


class Colour(StrEnum):
    """黑 红 蓝 黄 绿: categories, never severity, and never stored as truth."""

    BLACK = "black"
    RED = "red"
    BLUE = "blue"
    YELLOW = "yellow"
    GREEN = "green"


class Shape(StrEnum):
    """The second sign beside the colour, for those who cannot tell red from green."""

    SQUARE = "square"
    CROSS = "cross"
    RING = "ring"
    DIAMOND = "diamond"
    TRIANGLE = "triangle"
    CIRCLE = "circle"


@dataclass(frozen=True, slots=True, kw_only=True)
class MarkerFacts:
    """Everything a colour profile may ask about; the defaults are a marker with nothing amiss."""

    condition: Condition = Condition.INTACT
    condition_confirmed: bool = False
    position_check: PositionCheck = PositionCheck.AGREES
    patrol_currency: Currency = Currency.CURRENT
    joint_currency: Currency = Currency.CURRENT
    case_stage: CaseStage = CaseStage.NONE
    filing_pending: bool = False
    sensor_alarm_open: bool = False
    sync_conflict: bool = False
    review_pending: bool = False
    visited_this_cycle: bool = True
    cycle_joint: CycleJoint = CycleJoint.PASSED


class Grade(StrEnum):
    """界桩等级: the level of the line that the marker stands on."""

    PROVINCE = "province"
    CITY = "city"
    COUNTY = "county"
    TOWNSHIP = "township"
    VILLAGE = "village"


class SetKind(StrEnum):
    """单立 / 双立 / 三立: how many posts share one number."""

    SINGLE = "single"
    DOUBLE = "double"
    TRIPLE = "triple"


POSTS = {SetKind.SINGLE: 1, SetKind.DOUBLE: 2, SetKind.TRIPLE: 3}


class AzimuthKind(StrEnum):
    """From which north an azimuth on a form is counted; forms differ, so it is always stored."""

    GRID = "grid"
    TRUE = "true"
    MAGNETIC = "magnetic"


class InspectionKind(StrEnum):
    """巡检 / 联检 / 专项 / 传感: who looked, and in what duty."""

    PATROL = "patrol"
    JOINT = "joint"
    SPECIAL = "special"
    SENSOR = "sensor"


class FixSource(StrEnum):
    """What measured a position."""

    PHONE = "phone"
    EXTERNAL = "external"
    SURVEY = "survey"


class FixType(IntEnum):
    """GNSS fix type under the numbers of NMEA GGA, as receivers and ArcGIS Field Maps record them."""

    INVALID = 0
    AUTONOMOUS = 1
    DIFFERENTIAL = 2
    RTK_FIXED = 4
    RTK_FLOAT = 5


@dataclass(frozen=True, slots=True, kw_only=True)
class ObservedPosition:
    """实测位置: a fix in EPSG:4490 degrees and its quality; never takes the place of the legal one.

    `accuracy_m` is the horizontal accuracy (one sigma) that the receiver states.
    """

    lon: float
    lat: float
    accuracy_m: float | None = None
    fix_type: FixType | None = None
    source: FixSource | None = None
    height_m: float | None = None
    vertical_accuracy_m: float | None = None
    hdop: float | None = None
    pdop: float | None = None
    satellites: int | None = None
    averaged: int = 1
    antenna_height_m: float | None = None
    correction_age_s: float | None = None
    station: str | None = None
    mocked: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class OriginalCoordinates:
    """Numbers as they stand on the form: 纵坐标 X is north, 横坐标 Y is east, with the CRS they claim."""

    north: float
    east: float
    epsg: int


@dataclass(frozen=True, slots=True, kw_only=True)
class LegalPosition:
    """法定位置: the position of the signed table, in EPSG:4490 degrees, with the numbers it came from."""

    lon: float
    lat: float
    accuracy_m: float
    height_m: float | None = None
    original: OriginalCoordinates | None = None
    method: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class ReferenceObject:
    """方位物: a fixed feature seen from the marker at an azimuth (degrees) and a distance (metres)."""

    name: str
    azimuth_deg: float
    distance_m: float
    azimuth_kind: AzimuthKind = AzimuthKind.GRID
    lon: float | None = None
    lat: float | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Marker:
    """界桩: one post of the register, as its registration form (界桩登记表) describes it.

    `number` is the text as engraved, `code` the exchange code, `set_code` what the posts of one set share,
    `unit_codes` the units that meet here, `managing_unit` the side (分工管理方) that the agreement makes responsible,
    `post_unit` the unit on whose ground a post of a set stands.
    """

    code: str
    number: str
    line_code: str
    unit_codes: tuple[str, ...]
    grade: Grade
    set_kind: SetKind = SetKind.SINGLE
    set_code: str | None = None
    faces: int = 2
    material: str = ""
    legal_position: LegalPosition | None = None
    reference_objects: tuple[ReferenceObject, ...] = ()
    post_unit: str | None = None
    managing_unit: str | None = None
    guardian: str | None = None
    locations: tuple[str, ...] = ()
    feature_relation: str = ""
    position_description: str = ""
    inscriptions: tuple[str, ...] = ()
    set_on: date | None = None
    legal_instrument: str = ""
    public: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Inspection:
    """One visit as recorded on site: an observation, never changed afterwards."""

    id: str
    marker_code: str
    kind: InspectionKind
    captured_at: datetime
    received_at: datetime
    person: str
    unit: str
    condition: Condition
    components: Mapping[Component, ComponentCondition] = field(default_factory=dict)
    observed_position: ObservedPosition | None = None
    position_check: PositionCheck = PositionCheck.NONE
    photos: tuple[str, ...] = ()
    actions: tuple[str, ...] = ()
    note: str = ""
    device: str = ""
