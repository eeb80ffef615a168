"""A planner's ground for the demonstration: streets, people and hubs of Haikou, all generated and labelled so.

Real are the outlines of the districts alone. Streets, cells, numbers and hubs are drawn from one seed: the same
on every machine, and true of no place. To plan with real data, import an OSM extract and a real grid instead.
"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date
from typing import Any, Final

import numpy as np
import shapely
from numpy.typing import NDArray
from pyproj import CRS
from shapely.geometry.base import BaseGeometry
from sqlalchemy import text
from sqlalchemy.orm import Session

from geo_service.auth.audit import record_act
from geo_service.auth.officer import OPERATOR
from geo_service.db import Database
from geo_service.operations.hubs import Described
from geo_service.operations.hubs_demand import keep_demand
from geo_service.operations.hubs_ground import in_degrees
from geo_service.operations.hubs_networks import record_network
from layers.boundaries.model import Level
from layers.features import Box
from layers.geodesy import project_to_metres
from layers.hubs.model import HubStatus
from layers.hubs.network import RoadNetwork, build_network, cut_crossings
from layers.hubs.network.road_network import Floats
from layers.hubs.queries import DemandArrays, outlines_near
from layers.hubs.register import add_hub

SEED: Final = 460100
CITY: Final = "460100"
DISTRICTS: Final = ("460105", "460106", "460107", "460108")
HAIKOU: Final = Box(110.1, 19.5, 110.75, 20.12)
SYNTHETIC: Final = "合成数据，仅供演示 · synthetic, for demonstration only"
MADE_ON: Final = date(2026, 1, 1)
CELLS: Final = 4_667
"""As many as Haikou has management grids, about 600 people a grid (handbook, section 1.4)."""
STATUS_COUNTS: Final = {HubStatus.EXISTING: 18, HubStatus.PLANNED: 3, HubStatus.CANDIDATE: 22}
SERVICES: Final = ("政务服务", "养老服务", "卫生服务", "文化活动", "儿童托管", "社区食堂")
GROUPS: Final = ("population", "elderly_60", "households")
TOWNS: Final = 24


@dataclass(frozen=True, eq=False)
class Land:
    """The districts in metres, the middle of the town and of its outlying towns [t, 2]."""

    plane: CRS
    ground: BaseGeometry
    core: Floats
    towns: Floats


def load_hubs(database: Database, *, tell: Callable[[str], None]) -> None:
    """Load network, demand and hubs in one transaction; nothing when hubs are there, or no districts."""
    with database.transaction() as session:
        session.execute(text("SELECT pg_advisory_xact_lock(hashtext('demonstration'))"))
        if session.execute(text("SELECT 1 FROM hubs.hub LIMIT 1")).first():
            tell("demonstration hubs: already there")
            return
        land = _land(session)
        if land is None:
            tell("demonstration hubs: no districts to stand on")
            return
        session.execute(text("SET LOCAL statement_timeout = 0"))
        chance = np.random.default_rng(SEED)
        network = streets(land, chance)
        about = Described(
            "海口市步行路网（合成） · walking network of Haikou (synthetic)", SYNTHETIC, MADE_ON
        )
        recorded = {"unit_code": CITY, "recorded_by": OPERATOR.username}
        record_network(session, network, land.plane, about, **recorded)
        xy, weights = people(land, chance)
        demand = DemandArrays(
            ids=tuple(f"G{number:04d}" for number in range(1, CELLS + 1)),
            lon_lat=np.round(in_degrees(xy, land.plane), 7),
            weights=weights,
            groups=GROUPS,
        )
        about = Described(
            "海口市网格人口（合成） · grid population of Haikou (synthetic)", SYNTHETIC, MADE_ON
        )
        keep_demand(session, OPERATOR, demand, about, home_unit=CITY)
        hubs = _hubs(session, land, xy, weights, chance)
        record_act(session, "hub.import", subject=("file", "demonstration"), detail={"hubs": hubs})
        tell(f"demonstration hubs: {hubs} hubs and candidates, {CELLS} cells, {network.edge_count} streets")


def _land(session: Session) -> Land | None:
    outlines = outlines_near(session, Level.COUNTY, HAIKOU, MADE_ON)
    own = [shape for code, shape in zip(outlines.codes, outlines.shapes, strict=True) if code in DISTRICTS]
    if len(own) < len(DISTRICTS):
        return None
    shapes, plane = project_to_metres([*own, shapely.Point(110.33, 20.02)])
    ground = shapely.union_all(shapely.simplify(shapes[:-1], 50.0))
    # Away from the outer line, so that nobody is counted at the neighbour's.
    land = max(shapely.get_parts(shapely.buffer(ground, -150.0)), key=lambda part: part.area)
    shapely.prepare(land)
    chance = np.random.default_rng(SEED + 1)
    towns = _inside(land, TOWNS, lambda count: _box_points(land, count, chance))
    return Land(plane, land, shapely.get_coordinates(shapes[-1])[0], towns)


def _box_points(ground: BaseGeometry, count: int, chance: np.random.Generator) -> Floats:
    west, south, east, north = ground.bounds
    return chance.uniform((west, south), (east, north), (count, 2))


def _inside(ground: BaseGeometry, count: int, draw: Callable[[int], Floats]) -> Floats:
    """Return that many points of `draw` that lie on the ground."""
    found = np.empty((0, 2))
    while len(found) < count:
        points = draw(2 * count)
        found = np.concatenate((found, points[shapely.contains_xy(ground, points[:, 0], points[:, 1])]))
    return found[:count]


def streets(land: Land, chance: np.random.Generator) -> RoadNetwork:
    """Draw country roads over all the land, streets in the town and its outlying towns, joined where they cross."""
    west, south, east, north = land.ground.bounds
    middle, half = np.array([(west + east) / 2, (south + north) / 2]), max(east - west, north - south) / 2
    lines = _lattice(land, middle, half, 900.0, chance)
    lines += _lattice(land, land.core, 6_500.0, 170.0, chance)
    for town in land.towns:
        lines += _lattice(land, town, 1_300.0, 140.0, chance)
    return build_network(cut_crossings(lines).lines)


def _lattice(
    land: Land, middle: Floats, half_m: float, step_m: float, chance: np.random.Generator
) -> list[shapely.LineString]:
    """Streets of a bent lattice around a middle, some of them missing, on the land only."""
    count = int(2 * half_m / step_m) + 1
    turn = chance.uniform(0, np.pi / 2)
    along = np.linspace(-half_m, half_m, count)
    grid = np.stack(np.meshgrid(along, along, indexing="ij"), axis=-1)
    grid += chance.uniform(-0.22, 0.22, grid.shape) * step_m
    xy = grid @ np.array([[np.cos(turn), np.sin(turn)], [-np.sin(turn), np.cos(turn)]]) + middle
    # Beyond the half width the lattice ends round, so that towns are no squares.
    there = shapely.contains_xy(land.ground, xy[..., 0], xy[..., 1]) & (
        half_m * 1.2 >= np.hypot(*(xy - middle).T).T
    )
    lines: list[shapely.LineString] = []
    for one, other in (((slice(None, -1), slice(None)), (slice(1, None), slice(None))),
                       ((slice(None), slice(None, -1)), (slice(None), slice(1, None)))):  # fmt: skip
        kept = there[one] & there[other] & (chance.random(there[one].shape) > 0.1)
        ends = np.stack((xy[one][kept], xy[other][kept]), axis=1)
        lines += list(np.asarray(shapely.linestrings(ends), dtype=object))
    return lines


def people(land: Land, chance: np.random.Generator) -> tuple[Floats, NDArray[np.float64]]:
    """Draw the cells: more than half in the town, a quarter in the outlying towns, the rest in the country."""
    shares = (round(CELLS * 0.58), round(CELLS * 0.25))
    town = _inside(land.ground, shares[0], lambda n: land.core + chance.normal(0, 2_800, (n, 2)))
    spread = _inside(
        land.ground,
        shares[1],
        lambda n: land.towns[chance.integers(0, TOWNS, n)] + chance.normal(0, 550, (n, 2)),
    )
    rest = CELLS - sum(shares)
    country = _inside(land.ground, rest, lambda n: _box_points(land.ground, n, chance))
    xy = np.concatenate((town, spread, country))
    kind = np.repeat([0, 1, 2], [shares[0], shares[1], rest])
    population = np.round(chance.lognormal(np.log([680, 520, 260])[kind], 0.45))
    old = np.round(population * chance.normal(np.array([0.13, 0.16, 0.22])[kind], 0.03).clip(0.03, 0.5))
    households = np.round(population / 2.7)
    return xy, np.column_stack((population, old, households))


def _hubs(session: Session, land: Land, xy: Floats, weights: Floats, chance: np.random.Generator) -> int:
    """Put hubs where people are, apart from each other; existing ones first, so that gaps remain."""
    statuses = [status for status, count in STATUS_COUNTS.items() for _ in range(count)]
    crowd = np.array([weights[np.hypot(*(xy - place).T) < 900, 0].sum() for place in xy])
    chosen: list[int] = []
    order = np.argsort(-crowd * chance.uniform(0.25, 1.0, len(crowd)), kind="stable")
    for apart in (1_400.0, 700.0):
        for row in order.tolist():
            if len(chosen) < len(statuses) and all(
                np.hypot(*(xy[row] - xy[other])) > apart for other in chosen
            ):
                chosen.append(row)
    chosen = chance.permutation(chosen).tolist()
    places = np.round(in_degrees(xy[chosen] + chance.normal(0, 40, (len(chosen), 2)), land.plane), 6)
    for number, (status, (lon, lat)) in enumerate(zip(statuses, places.tolist(), strict=True), start=1):
        add_hub(session, _hub(number, status, chance), lon=lon, lat=lat, recorded_by=OPERATOR.username)
    return len(statuses)


def _hub(number: int, status: HubStatus, chance: np.random.Generator) -> dict[str, Any]:
    existing = status is HubStatus.EXISTING
    return {
        "code": f"HK-{number:02d}",
        "name": f"{'示例大社区综合服务中心' if existing else '示例选址'} {number:02d}（合成）",
        "status": status.value,
        "capacity": int(chance.choice([12_000, 15_000, 30_000, 50_000])),
        "floor_area_m2": float(chance.integers(600, 1_600)),
        "services": [str(each) for each in chance.choice(SERVICES, 4, replace=False)] if existing else [],
        "opened_on": date(int(chance.integers(2016, 2026)), int(chance.integers(1, 13)), 1)
        if existing
        else None,
        "address": "合成地址 · synthetic",
        "source": SYNTHETIC,
    }
