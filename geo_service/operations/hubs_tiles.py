"""Tiles of a network's streets and of whom a plan reaches; reads and draws nothing else."""

from typing import Final
from uuid import UUID

import numpy as np
import shapely
from pyproj import CRS, Transformer
from sqlalchemy.orm import Session

from geo_service.operations.hubs_coverage import within_limit
from geo_service.operations.hubs_plan import assess, plan_of
from geo_service.operations.network_store import network_version
from geo_service.schemas.hubs import CoverageQuestion
from layers.features import TileQuery, prepared
from layers.geodesy import project_to_degrees
from layers.hubs import queries, tiles
from layers.hubs.model import Metric
from layers.hubs.network.road_network import Shapes

WEB_MERCATOR: Final = CRS.from_epsg(3857)
MARGIN: Final = 64 / 4096
HALF_WORLD_M: Final = tiles.WEB_MERCATOR_M / 2


def roads_tile(session: Session, network_id: UUID | None, z: int, x: int, y: int) -> bytes:
    """Return the streets of a network version, of the newest where none is named; empty where there is none.

    Raises `NetworkNotFound` for one that is named.
    """
    row = queries.road_network(session, network_id, None)
    if row is None:
        return b""
    version = network_version(session, row)
    bounds = Transformer.from_crs(WEB_MERCATOR, version.plane, always_xy=True).transform_bounds(
        *_box(z, x, y)
    )
    if not np.isfinite(bounds).all():
        return b""
    edges = tiles.streets_within(version.network, bounds, z)
    thinned = shapely.simplify(version.network.edge_shapes[edges], tiles.pixel_m(z) / 2)
    return _made(
        session,
        tiles.roads_tile(
            z, x, y, network=version.network, edges=edges, shapes=_on_map(thinned, version.plane)
        ),
    )


def coverage_tile(session: Session, asked: CoverageQuestion, z: int, x: int, y: int) -> bytes:
    """Return the demand points of a plan with their state: reached, circle_only or uncovered."""
    plan = plan_of(session, asked)
    result = assess(plan)
    reached = within_limit(result.nearest, plan.limit_m)
    states = np.where(reached, "reached", "uncovered").astype("<U11")
    if plan.metric is Metric.WALKING:
        circles = assess(plan, Metric.STRAIGHT_LINE)
        states[within_limit(circles.nearest, plan.limit_m) & ~reached] = "circle_only"
    ids = plan.placed.ids
    tile = tiles.coverage_tile(
        z,
        x,
        y,
        ids=plan.ground.demand.ids,
        lon_lat=plan.ground.demand.lon_lat,
        weights=plan.weights,
        states=states,
        distance_m=result.nearest.distance_m,
        hubs=[ids[at] if at >= 0 else None for at in result.nearest.origin.tolist()],
    )
    return _made(session, tile)


def _made(session: Session, query: TileQuery) -> bytes:
    return bytes(session.execute(prepared(query.statement), query.values).scalar_one() or b"")


def _box(z: int, x: int, y: int) -> tuple[float, float, float, float]:
    """Return the tile's ground in EPSG:3857, a little wider, as lines at its edge are drawn whole."""
    side = tiles.WEB_MERCATOR_M / 2**z
    west, north, margin = x * side - HALF_WORLD_M, HALF_WORLD_M - y * side, side * MARGIN
    return west - margin, north - side - margin, west + side + margin, north + margin


def _on_map(shapes: Shapes, plane: CRS) -> Shapes:
    """Return shapes of the plane in EPSG:3857, by way of EPSG:4490, which is WGS 84 here (D7)."""
    to_map = Transformer.from_crs(CRS.from_epsg(4326), WEB_MERCATOR, always_xy=True)
    degrees = project_to_degrees(shapes, plane)
    return shapely.transform(degrees, lambda at: np.column_stack(to_map.transform(at[:, 0], at[:, 1])))
