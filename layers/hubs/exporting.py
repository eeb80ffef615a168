"""What of hubs, demand and roads goes into files, a batch at a time; columns named once, here."""

import uuid
from collections.abc import Iterator
from typing import Any, Final

import numpy as np
import shapely
from pyproj import CRS
from sqlalchemy import text
from sqlalchemy.orm import Session

from layers.features import Area, Box
from layers.geodesy import project_to_degrees
from layers.hubs.network import RoadNetwork

BATCH: Final = 10_000
HUBS: Final = """
SELECT h.code, h.name, h.status, h.capacity, h.floor_area_m2, array_to_string(h.services, ';') AS services, h.opened_on,
       h.address, h.unit_code, h.source, ST_AsBinary(h.geometry) AS geometry
  FROM hubs.hub h WHERE {where} ORDER BY h.code
"""
DEMAND: Final = """
SELECT d.code AS id, {weights} ST_AsBinary(d.geometry) AS geometry
  FROM hubs.demand_point d WHERE d.set_id = :set_id AND {where} ORDER BY d.position
"""
Batch = dict[str, Any]


def hub_batches(session: Session, within: Area | None = None) -> Iterator[Batch]:
    """Yield columns of the hubs on the register; geometry as WKB in EPSG:4490."""
    where, values = ("true", dict[str, Any]()) if within is None else within.condition("h.geometry")
    return _batches(session, HUBS.format(where=where), values)


def demand_batches(
    session: Session, set_id: uuid.UUID, groups: tuple[str, ...], bbox: Box | None = None
) -> Iterator[Batch]:
    """Yield columns of one set of demand: an id and a weight for each population group, in the order of its file."""
    where, values = ("true", dict[str, Any]()) if bbox is None else bbox.condition("d.geometry")
    bound = values | {"set_id": set_id} | {f"group_{at}": group for at, group in enumerate(groups)}
    weights = "".join(
        f"CAST(d.weights ->> :group_{at} AS float8) AS weight_{at}, " for at in range(len(groups))
    )
    for batch in _batches(session, DEMAND.format(where=where, weights=weights), bound):
        named = {f"weight_{at}": group for at, group in enumerate(groups)}
        yield {named.get(name, name): column for name, column in batch.items()}


def road_batches(network: RoadNetwork, plane: CRS, bbox: Box | None = None) -> Iterator[Batch]:
    """Yield columns of a network's edges, each a piece of street between two crossings; geometry in EPSG:4490.

    `forward_m` and `backward_m` are the costs of walking it either way; null where that is not allowed.
    """
    for first in range(0, network.edge_count, BATCH):
        rows = np.arange(first, min(first + BATCH, network.edge_count))
        shapes = project_to_degrees(network.drawn(slice(first, first + len(rows))), plane)
        if bbox is not None:
            kept = shapely.intersects(shapes, shapely.box(bbox.west, bbox.south, bbox.east, bbox.north))
            rows, shapes = rows[kept], shapes[kept]
        if len(rows) or not first:
            yield {
                "edge": rows,
                "line": network.edge_line[rows],
                "component": network.component[network.edge_start[rows]],
                "length_m": network.edge_length_m[rows],
                "forward_m": [float(cost) if np.isfinite(cost) else None for cost in network.forward_m[rows]],
                "backward_m": [
                    float(cost) if np.isfinite(cost) else None for cost in network.backward_m[rows]
                ],
                "geometry": shapes,
            }


def _batches(session: Session, statement: str, values: dict[str, Any]) -> Iterator[Batch]:
    result = session.execute(text(statement), values, execution_options={"yield_per": BATCH})
    names = list(result.keys())
    for rows in result.partitions(BATCH):
        yield dict(zip(names, (list(column) for column in zip(*rows, strict=True)), strict=True))
