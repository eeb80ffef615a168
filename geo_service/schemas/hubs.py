"""Shapes of hubs, demand, networks, plans and scenarios over HTTP."""

from datetime import date, datetime
from typing import Annotated, Any, Final, Literal
from uuid import UUID

from pydantic import BaseModel, ConfigDict, Field, StringConstraints, field_validator, model_validator

from layers.boundaries.model import Level
from layers.hubs.model import HubStatus, Metric

RESERVED: Final = frozenset({
    "areas", "coverage", "demand", "live", "networks", "presets", "scenarios", "siting",
})  # fmt: skip
Id = Annotated[str, StringConstraints(min_length=1, max_length=200, strip_whitespace=True)]
Word = Annotated[str, StringConstraints(min_length=1, max_length=200, strip_whitespace=True)]
Words = Annotated[str, StringConstraints(max_length=2000, strip_whitespace=True)]
HubCode = Annotated[str, StringConstraints(pattern=r"^[\w.·-]{1,64}$")]
PresetCode = Annotated[str, StringConstraints(pattern=r"^[a-z0-9_]{2,64}$")]
Lon = Annotated[float, Field(ge=-180, le=180, allow_inf_nan=False)]
Lat = Annotated[float, Field(ge=-90, le=90, allow_inf_nan=False)]
Figure = Annotated[float, Field(allow_inf_nan=False)]
Amount = Annotated[float, Field(ge=0, le=1e12, allow_inf_nan=False)]
Capacity = Annotated[int, Field(ge=0, le=100_000_000)]


class _Strict(BaseModel):
    model_config = ConfigDict(extra="forbid")


class HubFields(_Strict):
    """What a hub says of itself beside its code."""

    name: Word
    status: HubStatus = HubStatus.CANDIDATE
    lon: Lon
    lat: Lat
    capacity: Capacity | None = None
    floor_area_m2: Amount | None = None
    services: Annotated[list[Word], Field(max_length=100)] = []
    opened_on: date | None = None
    address: Words | None = None
    source: Words = ""


class NewHub(HubFields):
    """A hub to put on record; the same id and content sent twice is recorded once."""

    id: UUID | None = None
    code: HubCode

    @field_validator("code")
    @classmethod
    def _no_route(cls, code: str) -> str:
        if code in RESERVED:
            raise ValueError("reserved")
        return code


class HubChange(_Strict):
    """What changes of a hub; what is left out stays. `lon` and `lat` come together."""

    name: Word | None = None
    status: HubStatus | None = None
    lon: Lon | None = None
    lat: Lat | None = None
    capacity: Capacity | None = None
    floor_area_m2: Amount | None = None
    services: Annotated[list[Word], Field(max_length=100)] | None = None
    opened_on: date | None = None
    address: Words | None = None
    source: Words | None = None

    @model_validator(mode="after")
    def _both_degrees(self) -> "HubChange":
        if (self.lon is None) != (self.lat is None):
            raise ValueError("lon and lat together")
        for name in ("name", "status", "services", "source"):
            if name in self.model_fields_set and getattr(self, name) is None:
                raise ValueError(f"{name} cannot be taken away")
        return self


class PlacedHub(_Strict):
    """A hub of a plan that need not be on record."""

    id: Id
    lon: Lon
    lat: Lat
    name: Word | None = None
    status: HubStatus = HubStatus.PLANNED
    capacity: Amount | None = None
    floor_area_m2: Amount | None = None
    address: Words | None = None


class WeightedPoint(_Strict):
    """People at a place, given with the question."""

    id: Id
    lon: Lon
    lat: Lat
    weight: Amount


class DemandSet(BaseModel):
    """A set of demand: what it counts, by whom and when."""

    model_config = ConfigDict(from_attributes=True)

    id: UUID
    name: str
    source: str
    counted_on: date | None
    population_groups: list[str]
    points: int
    unit_code: str | None
    recorded_at: datetime
    recorded_by: str


class DemandSets(BaseModel):
    """Sets of demand, the newest first."""

    sets: list[DemandSet]


class NewDemand(_Strict):
    """A set of demand as points; weights by population group, at least one."""

    id: UUID | None = None
    name: Word
    source: Words
    counted_on: date | None = None
    population_groups: Annotated[list[Word], Field(min_length=1, max_length=20)]
    points: Annotated[list["DemandPointFields"], Field(min_length=1, max_length=100_000)]

    @model_validator(mode="after")
    def _each_once_and_weighed(self) -> "NewDemand":
        if len({point.id for point in self.points}) < len(self.points):
            raise ValueError("ids stand twice")
        if len(set(self.population_groups)) < len(self.population_groups):
            raise ValueError("groups stand twice")
        unweighed = [p.id for p in self.points if not set(p.weights) <= set(self.population_groups)]
        without = [p.id for p in self.points if not p.weights]
        if unweighed or without:
            raise ValueError(f"weights of other groups or none: {(unweighed + without)[:10]}")
        return self


class DemandPointFields(_Strict):
    """One demand point of a set."""

    id: Id
    lon: Lon
    lat: Lat
    weights: dict[Word, Amount]


class _Asked(_Strict):
    """What every question about a plan names: its hubs, demand, network and metric.

    `hubs` are codes of the register or hubs placed for the question; left out, the existing ones.
    `demand` is a set (left out: the newest) or points of its own.
    """

    hubs: Annotated[list[HubCode | PlacedHub], Field(max_length=5000)] | None = None
    scenario: UUID | None = None
    metric: Metric = Metric.WALKING
    demand: UUID | Annotated[list[WeightedPoint], Field(max_length=200_000)] | None = None
    network: UUID | None = None
    group: Word | None = Field(None, description="population group that counts; the set's first")
    max_snap_m: Annotated[float, Field(ge=0, le=10_000, allow_inf_nan=False)] = 500.0

    @model_validator(mode="after")
    def _hubs_or_scenario(self) -> Any:
        if self.hubs is not None and self.scenario is not None:
            raise ValueError("hubs or scenario, not both")
        placed = [hub if isinstance(hub, str) else hub.id for hub in self.hubs or []]
        if len(set(placed)) < len(placed):
            raise ValueError("a hub stands twice")
        if isinstance(self.demand, list) and len({p.id for p in self.demand}) < len(self.demand):
            raise ValueError("ids of demand stand twice")
        return self


class _Limited(_Asked):
    limit_m: Figure | None = Field(None, description="metres, inclusive")
    limit_min: Figure | None = Field(None, description="minutes on foot")
    speed_m_s: Annotated[float, Field(gt=0, le=10, allow_inf_nan=False)] = 1.0

    @model_validator(mode="after")
    def _one_limit(self) -> Any:
        limited = self.limit_m is not None or self.limit_min is not None
        if self.limit_m is not None and self.limit_min is not None:
            raise ValueError("limit_m or limit_min, not both")
        if not limited and self.scenario is None:
            raise ValueError("limit_m or limit_min")
        return self


class CoverageQuestion(_Limited):
    """Whom the hubs reach within a limit; `limits_m` asks for further limits in the same search."""

    limits_m: Annotated[list[Figure], Field(max_length=10)] = []
    by: Level | None = Level.COUNTY
    as_of: date | None = None
    cells: bool = Field(False, description="nearest hub, metres and hubs in reach of every demand point")
    capacities: bool = Field(False, description="assign by capacity too")


class LiveQuestion(_Limited):
    """The same while a hub is dragged: an answer as short as can be."""

    by: Level | None = Level.COUNTY
    largest_limit_m: Annotated[float, Field(gt=0, le=20_000)] = 3000.0


class AreasQuestion(_Limited):
    """The ground that hubs reach: isochrones, which overlap, or districts, which share borders."""

    kind: Literal["isochrones", "districts"] = "isochrones"
    within: str | None = Field(None, max_length=20, description="code of a unit to clip to")


class SitingQuestion(_Asked):
    """Where hubs should stand. `hubs` are kept (left out: the existing ones); `candidates` are codes or places."""

    method: Literal["lscp", "mclp", "p_median", "p_center"]
    p: Annotated[int, Field(ge=1, le=5000)] | None = None
    limit_m: Figure | None = None
    reach_m: Figure | None = Field(None, description="p_median, p_center: longest way that is looked at")
    keep: Annotated[list[HubCode | PlacedHub], Field(max_length=5000)] | None = None
    forced: Annotated[list[Id], Field(max_length=5000)] = []
    forbidden: Annotated[list[Id], Field(max_length=5000)] = []
    candidates: Annotated[list[HubCode | PlacedHub], Field(max_length=5000)] | None = None
    capacity: Amount | bool | None = Field(
        None, description="of each hub, in the unit of the weights; true: each hub's own"
    )
    time_limit_s: Annotated[float, Field(gt=0, le=3600)] = 60.0
    accept_gap: Annotated[float, Field(ge=0, le=1)] = 0.0

    @model_validator(mode="after")
    def _complete(self) -> "SitingQuestion":
        if self.method in {"lscp", "mclp"} and self.limit_m is None:
            raise ValueError(f"{self.method} needs limit_m")
        if self.method != "lscp" and self.p is None:
            raise ValueError(f"{self.method} needs p")
        if self.hubs is not None:
            raise ValueError("siting takes keep and candidates")
        return self


class NewScenario(_Strict):
    """A plan to save."""

    id: UUID | None = None
    name: Word
    note: Words | None = None
    metric: Metric = Metric.WALKING
    limit_m: Annotated[float, Field(gt=0, le=100_000, allow_inf_nan=False)]
    network: UUID | None = None
    demand: UUID | None = None
    hubs: Annotated[list[PlacedHub], Field(max_length=5000)]

    @field_validator("hubs")
    @classmethod
    def _each_once(cls, hubs: list[PlacedHub]) -> list[PlacedHub]:
        if len({hub.id for hub in hubs}) < len(hubs):
            raise ValueError("a hub stands twice")
        return hubs


class ScenarioStep(BaseModel):
    """One save: what it changed and by whom."""

    recorded_at: datetime
    recorded_by: str
    change: dict[str, Any]


class Scenario(BaseModel):
    """A saved plan."""

    id: UUID
    name: str
    note: str | None
    metric: Metric
    limit_m: float
    network: UUID | None
    demand: UUID | None
    hubs: list[PlacedHub]
    unit_code: str
    recorded_at: datetime
    recorded_by: str
    changed_at: datetime
    changed_by: str
    etag: str
    steps: list[ScenarioStep] | None = None


class Scenarios(BaseModel):
    """Saved plans, the last changed first."""

    scenarios: list[Scenario]


class OfficePreset(_Strict):
    """An office's own radius."""

    zh: Word
    en: Word
    radius_m: Annotated[float, Field(gt=0, le=100_000, allow_inf_nan=False)]
    minutes: Annotated[float, Field(gt=0, le=600)] | None = None
    speed_m_s: Annotated[float, Field(gt=0, le=10)] | None = None
    population_group: Word = "population"
    source: Word
    in_force_from: date


class Answered(BaseModel):
    """An answer worked out at once, whose members the manual describes."""

    model_config = ConfigDict(extra="allow")


NewDemand.model_rebuild()
