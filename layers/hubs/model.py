"""What a plan is made of: hubs and demand points; refuses storage and geometry libraries."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from enum import StrEnum


class HubStatus(StrEnum):
    """How a hub (大社区综合服务中心) takes part in a plan."""

    EXISTING = "existing"  # 现状点
    PLANNED = "planned"  # 必选点
    CANDIDATE = "candidate"  # 候选点
    EXCLUDED = "excluded"  # 排除点


class Metric(StrEnum):
    """How the way to a hub is measured."""

    WALKING = "walking"  # 步行路网
    STRAIGHT_LINE = "straight_line"  # 直线


@dataclass(frozen=True, slots=True)
class Hub:
    """One hub: where it stands (degrees, EPSG:4490), for how many, with which services, since when.

    >>> Hub("H-01", "龙海大社区综合服务中心", 109.72, 18.39, HubStatus.EXISTING, capacity=12_000).status.value
    'existing'
    """

    code: str
    name: str
    lon: float
    lat: float
    status: HubStatus
    capacity: int | None = None
    floor_area_m2: float | None = None
    services: tuple[str, ...] = ()
    opened_on: date | None = None


@dataclass(frozen=True, slots=True)
class DemandPoint:
    """People at one place (需求点), a grid cell or a community: weights by population group.

    `weights` maps a group (population, households, elderly_60 …) to its number there on `counted_on`.
    """

    code: str
    lon: float
    lat: float
    weights: Mapping[str, float] = field(default_factory=dict)
    unit_code: str | None = None
    source: str | None = None
    counted_on: date | None = None
