"""The ground a question about hubs is asked on: demand, network and hubs in one plane in metres.

Refuses hubs and demand that lie nowhere near the network, and a walk where no network is on record.
"""

import uuid
from collections.abc import Hashable, Sequence
from dataclasses import dataclass
from datetime import date
from functools import cached_property
from typing import Any, Final

import numpy as np
import shapely
from pyproj import CRS
from scipy.spatial import KDTree
from sqlalchemy import text
from sqlalchemy.orm import Session

from geo_service.exchange.metric_plane import points_in_plane, refuse_far_points
from geo_service.exchange.point_files import PointTable
from geo_service.operations.network_store import NetworkVersion, Resident, demand_of, network_version
from geo_service.schemas.hubs import PlacedHub, WeightedPoint
from layers.boundaries.model import Level
from layers.errors import InvalidInput
from layers.features import Box
from layers.geodesy import STORAGE_CRS, metric_crs
from layers.hubs import queries
from layers.hubs.model import HubStatus, Metric
from layers.hubs.network import Snapped, snap
from layers.hubs.network.road_network import Floats, LongIntegers, point_shapes
from layers.hubs.queries import DemandArrays, Outlines

INLINE_GROUP: Final = "weight"
NO_DEMAND: Final = DemandArrays((), np.empty((0, 2)), np.empty((0, 1)), (INLINE_GROUP,))


class GroupUnknown(InvalidInput):
    """The demand has no weights of that population group. Facts: `group`, `groups`."""

    code = "hubs.group_unknown"


@dataclass(frozen=True, eq=False)
class UnitsOfDemand:
    """Units of one level and the number of each point's [d]; the last number stands for no unit at all."""

    outlines: Outlines
    number: LongIntegers


@dataclass(frozen=True, eq=False)
class Placed:
    """Hubs [h] of a plan as they were named, in the plane, and where they stand on the network."""

    hubs: tuple[dict[str, Any], ...]
    xy: Floats
    snapped: Snapped | None

    @property
    def ids(self) -> list[str]:
        """Ids in the order asked."""
        return [hub["id"] for hub in self.hubs]


@dataclass(frozen=True, eq=False)
class Ground:
    """Demand [d] in the plane and on the network; `key` names it among what is kept resident."""

    key: Hashable
    plane: CRS
    network: NetworkVersion | None
    demand: DemandArrays
    demand_facts: dict[str, Any]
    xy: Floats
    snapped: Snapped | None
    max_snap_m: float

    @property
    def facts(self) -> dict[str, Any]:
        """What an answer says of the data it rests on."""
        return {
            "demand": self.demand_facts,
            "network": None if self.network is None else self.network.facts,
            "crs": self.plane.to_string() if self.plane.to_epsg() else self.plane.name,
            "max_snap_m": self.max_snap_m,
        }

    @cached_property
    def join_m(self) -> float:
        """Uncovered points no farther apart than this make one gap: one and a half times their usual spacing."""
        if len(self.xy) < 2:
            return 300.0
        away, _ = KDTree(self.xy).query(self.xy, k=2)
        return float(np.clip(1.5 * np.median(np.asarray(away)[:, 1]), 50.0, 2000.0))

    def weights(self, group: str | None) -> Floats:
        """Weights [d] of a population group, the first when none is named; raises `GroupUnknown`."""
        groups = self.demand.groups
        if group is not None and group not in groups:
            raise GroupUnknown(group=group, groups=list(groups))
        return self.demand.weights[:, 0 if group is None else groups.index(group)]

    def place(self, hubs: Sequence[dict[str, Any]], *, role: str = "hubs") -> Placed:
        """Bring hubs to the plane and onto the network; raises `FarFromNetwork` when all lie elsewhere."""
        lon_lat = np.array([(hub["lon"], hub["lat"]) for hub in hubs], np.float64).reshape(-1, 2)
        xy = in_plane(lon_lat, self.plane)
        if self.network is None:
            return Placed(tuple(hubs), xy, None)
        if len(hubs):
            refuse_far_points(xy, self.network.network.extent, role=role, crs=STORAGE_CRS)
        return Placed(tuple(hubs), xy, snap(self.network.network, xy, self.max_snap_m))


def in_plane(lon_lat: Floats, plane: CRS) -> Floats:
    """Return places [p, 2] in EPSG:4490 in the plane's metres."""
    if len(lon_lat) == 0:
        return np.empty((0, 2))
    ids = np.arange(len(lon_lat))
    return points_in_plane(PointTable(ids, lon_lat, np.ones(len(ids)), STORAGE_CRS), plane)


def in_degrees(xy: Floats, plane: CRS) -> Floats:
    """Return places [p, 2] of the plane in EPSG:4490."""
    if len(xy) == 0:
        return np.empty((0, 2))
    ids = np.arange(len(xy))
    return points_in_plane(PointTable(ids, xy, np.ones(len(ids)), plane), STORAGE_CRS)


GROUNDS: Final[Resident[Ground]] = Resident(6)
UNITS: Final[Resident[UnitsOfDemand]] = Resident(24)


def lay_ground(
    session: Session,
    *,
    demand: uuid.UUID | Sequence[WeightedPoint] | None,
    network: uuid.UUID | None,
    metric: Metric,
    max_snap_m: float,
) -> Ground:
    """Return the ground of a question, kept resident for sets on record.

    Raises `DemandNotFound`, `NetworkNotFound`, `FarFromNetwork`.
    """
    arrays, facts, key = _demand(session, demand)
    row = queries.road_network(session, network, _box(arrays.lon_lat))
    if row is None and metric is Metric.WALKING:
        raise queries.NetworkNotFound(network=None)
    version = None if row is None else network_version(session, row)
    whole = (key, None if row is None else row.id, max_snap_m)

    def lay() -> Ground:
        plane = _plane(arrays.lon_lat) if version is None else version.plane
        xy = in_plane(arrays.lon_lat, plane)
        snapped = None
        if version is not None:
            if len(xy):
                refuse_far_points(xy, version.network.extent, role="demand", crs=STORAGE_CRS)
            snapped = snap(version.network, xy, max_snap_m)
        return Ground(whole, plane, version, arrays, facts, xy, snapped, max_snap_m)

    return lay() if key is None else GROUNDS.get(whole, lay)


def _demand(
    session: Session, asked: uuid.UUID | Sequence[WeightedPoint] | None
) -> tuple[DemandArrays, dict[str, Any], Hashable]:
    if asked is None or isinstance(asked, uuid.UUID):
        row = queries.demand_set(session, asked)
        counted = None if row.counted_on is None else row.counted_on.isoformat()
        facts = {"id": str(row.id), "name": row.name, "source": row.source, "counted_on": counted}
        return demand_of(session, row), facts, row.id
    arrays = NO_DEMAND
    if asked:
        arrays = DemandArrays(
            ids=tuple(point.id for point in asked),
            lon_lat=np.array([(point.lon, point.lat) for point in asked], np.float64),
            weights=np.array([[point.weight] for point in asked], np.float64),
            groups=(INLINE_GROUP,),
        )
    return arrays, {"id": None, "name": None, "source": None, "counted_on": None}, None


def _box(lon_lat: Floats) -> Box | None:
    if len(lon_lat) == 0:
        return None
    return Box(*(float(bound) for bound in (*lon_lat.min(axis=0), *lon_lat.max(axis=0))))


def _plane(lon_lat: Floats) -> CRS:
    middle = 0.0 if len(lon_lat) == 0 else float((lon_lat[:, 0].min() + lon_lat[:, 0].max()) / 2)
    return metric_crs(middle)


def named_hubs(
    session: Session, asked: Sequence[str | PlacedHub] | None, *, status: Sequence[HubStatus]
) -> list[dict[str, Any]]:
    """Return hubs by code from the register or as placed, in the order asked; None: those of the statuses."""
    if asked is None:
        return queries.hub_places(session, status=status)
    codes = [each for each in asked if isinstance(each, str)]
    known = {hub["id"]: hub for hub in queries.hub_places(session, codes=codes)} if codes else {}
    return [
        known[each]
        if isinstance(each, str)
        else {**each.model_dump(mode="json"), "name": each.name or each.id}
        for each in asked
    ]


def units_of(session: Session, ground: Ground, level: Level, on: date) -> UnitsOfDemand:
    """Return which unit of a level each demand point lies in, the first by code for one on a border."""
    key = (ground.key, level, on)
    box = _box(ground.demand.lon_lat)
    version = _units_version(session)

    def find() -> UnitsOfDemand:
        if box is None:
            return UnitsOfDemand(Outlines((), (), np.empty(0, object)), np.empty(0, np.int64))
        outlines = queries.outlines_near(session, level, box, on)
        number = np.full(len(ground.demand.ids), len(outlines.codes), np.int64)
        tree = shapely.STRtree(point_shapes(ground.demand.lon_lat))
        unit, point = tree.query(outlines.shapes, predicate="covers")
        np.minimum.at(number, point, unit)
        return UnitsOfDemand(outlines, number)

    return (
        find()
        if isinstance(ground.key, tuple) and ground.key[0] is None
        else UNITS.get((*key, version), find)
    )


def _units_version(session: Session) -> int:
    return int(
        session.execute(
            text("SELECT coalesce(sum(version), 0)::bigint FROM service.data_version WHERE layer = 'units'")
        ).scalar_one()
    )
