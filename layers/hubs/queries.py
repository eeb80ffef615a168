"""What is asked of hubs, demand, networks and scenarios: pages as GeoJSON text, and arrays for the engines.

Reads only; the session is passed in.
"""

import uuid
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any, Final

import numpy as np
import shapely
from numpy.typing import NDArray
from sqlalchemy import text
from sqlalchemy.orm import Session

from layers.boundaries.model import Level
from layers.errors import NotFound
from layers.features import Box, Listing
from layers.hubs.model import HubStatus
from layers.hubs.tables import DemandSetRow, HubRow, RoadNetworkRow, ScenarioRow

HUB_PROPERTIES: Final = """
    'id', h.id, 'code', h.code, 'name', h.name, 'status', h.status, 'capacity', h.capacity,
    'floor_area_m2', h.floor_area_m2, 'services', h.services, 'opened_on', h.opened_on,
    'address', h.address, 'unit_code', h.unit_code, 'source', h.source, 'changed_at', h.changed_at
"""
DEMAND_PROPERTIES: Final = "'code', d.code, 'weights', d.weights, 'set_id', d.set_id"
NETWORK_PROPERTIES: Final = """
    'name', n.name, 'source', n.source, 'dated_on', n.dated_on, 'report', n.report,
    'unit_code', n.unit_code, 'recorded_at', n.recorded_at, 'recorded_by', n.recorded_by
"""
HUBS: Final = Listing("hubs.hub", "h", "code", HUB_PROPERTIES)
DEMAND: Final = Listing("hubs.demand_point", "d", "code", DEMAND_PROPERTIES)
NETWORKS: Final = Listing(
    "(SELECT id, id::text AS key, name, source, dated_on, report, unit_code, recorded_at, recorded_by, "
    "extent AS geometry FROM hubs.road_network)",
    "n",
    "key",
    NETWORK_PROPERTIES,
)


class HubNotFound(NotFound):
    """There is no hub of that code."""

    code = "hubs.hub_not_found"


class DemandNotFound(NotFound):
    """There is no such set of demand, or none at all."""

    code = "hubs.demand_not_found"


class NetworkNotFound(NotFound):
    """There is no such network version, or none at all where one is needed."""

    code = "hubs.network_not_found"


class ScenarioNotFound(NotFound):
    """There is no such scenario."""

    code = "hubs.scenario_not_found"


@dataclass(frozen=True, slots=True)
class HubFilter:
    """Which hubs are asked for; None means any."""

    status: HubStatus | None = None
    unit: str | None = None
    service: str | None = None
    q: str | None = None
    bbox: Box | None = None

    def where(self) -> tuple[str, dict[str, Any]]:
        """Return the SQL condition on alias `h` and its parameters."""
        parts, values = ["true"], dict[str, Any]()
        if self.status:
            parts.append("h.status = :status")
            values["status"] = self.status.value
        if self.unit:
            parts.append(
                "EXISTS (SELECT FROM boundaries.administrative_unit u WHERE u.code = :unit "
                "AND u.valid_to IS NULL AND ST_Covers(u.geometry, h.geometry))"
            )
            values["unit"] = self.unit
        if self.service:
            parts.append("h.services @> ARRAY[:service]")
            values["service"] = self.service
        if self.q:
            parts.append("(position(lower(:q) IN lower(h.name)) > 0 OR h.code = :q)")
            values["q"] = self.q.strip()
        if self.bbox:
            condition, box = self.bbox.condition("h.geometry")
            parts.append(condition)
            values |= box
        return " AND ".join(parts), values


@dataclass(frozen=True, eq=False)
class DemandArrays:
    """The points of one set in the order of its file: ids, degrees [d, 2], weights [d, g] of each group."""

    ids: tuple[str, ...]
    lon_lat: NDArray[np.float64]
    weights: NDArray[np.float64]
    groups: tuple[str, ...]


@dataclass(frozen=True, eq=False)
class Outlines:
    """Units of one level near a plan: codes, names and outlines [u] in EPSG:4490."""

    codes: tuple[str, ...]
    names: tuple[str, ...]
    shapes: NDArray[np.object_]


def hub_feature(session: Session, code: str, *, with_geometry: bool = True) -> str:
    """Return one hub as a GeoJSON Feature; raises `HubNotFound`."""
    page = HUBS.page(
        session, where="h.code = :code", values={"code": code}, limit=1, with_geometry=with_geometry
    )
    if not page.returned:
        raise HubNotFound(hub=code)
    return page.features


def hub_places(
    session: Session, *, status: Sequence[HubStatus] = (), codes: Sequence[str] = ()
) -> list[dict[str, Any]]:
    """Return hubs of some statuses by code, or those of the codes in the order asked; raises `HubNotFound`."""
    rows = session.execute(
        text(
            "SELECT h.code AS id, h.name, h.status, ST_X(h.geometry) AS lon, ST_Y(h.geometry) AS lat, h.capacity, "
            "h.floor_area_m2, h.address FROM hubs.hub h WHERE h.status = ANY (:status) OR h.code = ANY (:codes) "
            "ORDER BY h.code"
        ),
        {"status": [each.value for each in status], "codes": list(codes)},
    )
    found = {row["id"]: dict(row) for row in rows.mappings()}
    missing = [code for code in codes if code not in found]
    if missing:
        raise HubNotFound(hub=missing[:10])
    return [found[code] for code in codes] if codes else list(found.values())


def demand_set(session: Session, set_id: uuid.UUID | None) -> DemandSetRow:
    """Return a set of demand, the newest when none is named; raises `DemandNotFound`."""
    if set_id is not None:
        row = session.get(DemandSetRow, set_id)
    else:
        row = session.query(DemandSetRow).order_by(DemandSetRow.recorded_at.desc()).first()
    if row is None:
        raise DemandNotFound(demand=None if set_id is None else str(set_id))
    return row


def demand_arrays(session: Session, row: DemandSetRow) -> DemandArrays:
    """Return the points of a set as arrays; a group that a point lacks weighs nothing there."""
    columns = ", ".join(
        f"coalesce((weights ->> :group_{at})::float8, 0)" for at in range(len(row.population_groups))
    )
    values = {f"group_{at}": group for at, group in enumerate(row.population_groups)}
    rows = session.execute(
        text(
            f"SELECT code, ST_X(geometry), ST_Y(geometry), {columns} FROM hubs.demand_point "
            "WHERE set_id = :set_id ORDER BY position"
        ),
        values | {"set_id": row.id},
    ).all()
    numbers = np.array([each[1:] for each in rows], np.float64).reshape(
        len(rows), 2 + len(row.population_groups)
    )
    return DemandArrays(
        ids=tuple(each[0] for each in rows),
        lon_lat=np.ascontiguousarray(numbers[:, :2]),
        weights=np.ascontiguousarray(numbers[:, 2:]),
        groups=tuple(row.population_groups),
    )


def road_network(session: Session, network_id: uuid.UUID | None, box: Box | None) -> RoadNetworkRow | None:
    """Return a network version; unnamed the newest whose extent meets the box, or None where there is none.

    Raises `NetworkNotFound` for one that is named.
    """
    if network_id is not None:
        row = session.get(RoadNetworkRow, network_id)
        if row is None:
            raise NetworkNotFound(network=str(network_id))
        return row
    where, values = ("true", {}) if box is None else box.condition("extent")
    found = session.execute(
        text(f"SELECT id FROM hubs.road_network WHERE {where} ORDER BY recorded_at DESC, id DESC LIMIT 1"),
        values,
    ).scalar()
    return None if found is None else session.get(RoadNetworkRow, found)


def demand_called(session: Session, name: str | None) -> DemandSetRow:
    """Return the newest set of demand of a name, of any where none is given; raises `DemandNotFound`."""
    asked = session.query(DemandSetRow).order_by(DemandSetRow.recorded_at.desc())
    row = (asked if name is None else asked.filter(DemandSetRow.name == name)).first()
    if row is None:
        raise DemandNotFound(demand=name)
    return row


def network_called(session: Session, name: str | None) -> RoadNetworkRow:
    """Return the newest network version of a name, of any where none is given; raises `NetworkNotFound`."""
    asked = session.query(RoadNetworkRow).order_by(RoadNetworkRow.recorded_at.desc())
    row = (asked if name is None else asked.filter(RoadNetworkRow.name == name)).first()
    if row is None:
        raise NetworkNotFound(network=name)
    return row


def scenario(session: Session, scenario_id: uuid.UUID) -> ScenarioRow:
    """Return a scenario; raises `ScenarioNotFound`."""
    row = session.get(ScenarioRow, scenario_id)
    if row is None:
        raise ScenarioNotFound(scenario=str(scenario_id))
    return row


def hub_row(session: Session, code: str) -> HubRow:
    """Return a hub; raises `HubNotFound`."""
    row = session.query(HubRow).filter(HubRow.code == code).one_or_none()
    if row is None:
        raise HubNotFound(hub=code)
    return row


def outlines_near(session: Session, level: Level, box: Box, on: date) -> Outlines:
    """Return the units of a level that had an outline touching the box on a date, by code."""
    condition, values = box.condition("u.geometry")
    rows = session.execute(
        text(
            "SELECT u.code, u.name, ST_AsBinary(u.geometry) FROM boundaries.administrative_unit u "
            f"WHERE u.level = :level AND {condition} AND u.valid_from <= :on "
            "AND (u.valid_to IS NULL OR u.valid_to > :on) ORDER BY u.code"
        ),
        values | {"level": level.value, "on": on},
    ).all()
    shapes = np.asarray(shapely.from_wkb([bytes(row[2]) for row in rows]), dtype=object)
    return Outlines(tuple(row[0] for row in rows), tuple(row[1] for row in rows), shapes)


def smallest_unit_at(session: Session, lon: float, lat: float) -> str | None:
    """Return the code of the smallest unit that a place (EPSG:4490) lies in today."""
    return session.execute(
        text(
            "SELECT u.code FROM boundaries.administrative_unit u WHERE u.valid_to IS NULL AND "
            "ST_Covers(u.geometry, ST_SetSRID(ST_MakePoint(:lon, :lat), 4490)) "
            "ORDER BY u.area_m2, u.code LIMIT 1"
        ),
        {"lon": lon, "lat": lat},
    ).scalar()
