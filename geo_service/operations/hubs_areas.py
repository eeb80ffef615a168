"""Isochrones and service districts as features for the map; refuses hulls, buffers and a ground without network."""

from typing import Any, Final

import numpy as np
import shapely
from sqlalchemy.orm import Session

from geo_service.operations.hubs_plan import Plan, plan_of
from geo_service.operations.network_store import Resident
from geo_service.paging import today
from geo_service.schemas.hubs import AreasQuestion, CoverageQuestion
from layers.boundaries.dossiers import unit_feature
from layers.geodesy import project_to_degrees, project_to_metres
from layers.hubs.model import Metric
from layers.hubs.polygons import NetworkCells, network_cells
from layers.hubs.polygons.cells import RULE
from layers.hubs.queries import NetworkNotFound

CELLS: Final[Resident[NetworkCells]] = Resident(3)
DIGITS: Final = 6
EXCLUDED: Final = {"kind", "within"}


def areas(session: Session, asked: AreasQuestion) -> dict[str, Any]:
    """Return a FeatureCollection with one area a hub, its size, limit and rule."""
    question = asked.model_dump(exclude=EXCLUDED, exclude_unset=True) | {"by": None}
    plan = plan_of(session, CoverageQuestion(**question))
    if plan.metric is Metric.STRAIGHT_LINE or plan.ground.network is None or plan.placed.snapped is None:
        raise NetworkNotFound(network=None)
    cells = _cells(plan)
    clip = None if asked.within is None else _outline(session, asked.within, plan)
    drawn = (cells.isochrones if asked.kind == "isochrones" else cells.districts)(
        plan.placed.snapped, plan.limit_m, within=clip
    )
    sizes = shapely.area(drawn)
    shapes = shapely.set_precision(project_to_degrees(drawn, plan.ground.plane), 10**-DIGITS)
    return {
        "type": "FeatureCollection",
        "numberReturned": len(drawn),
        "links": [],
        "features": [
            {
                "type": "Feature",
                "id": hub["id"],
                "geometry": None if shapely.is_empty(shape) else shapely.geometry.mapping(shape),
                "properties": {
                    "hub": hub["id"],
                    "name": hub.get("name"),
                    "kind": asked.kind,
                    "limit_m": plan.limit_m,
                    "area_m2": float(size),
                    "rule": RULE,
                    "off_road_m": cells.off_road_m,
                },
            }
            for hub, shape, size in zip(plan.placed.hubs, shapes, sizes, strict=True)
        ],
    }


def _cells(plan: Plan) -> NetworkCells:
    ground = plan.ground
    assert ground.network is not None  # noqa: S101 -- asked before
    network = ground.network.network

    def divide() -> NetworkCells:
        return network_cells(network, ground.xy, ground.snapped)

    inline = isinstance(ground.key, tuple) and ground.key[0] is None
    return divide() if inline else CELLS.get(ground.key, divide)


def _outline(session: Session, code: str, plan: Plan) -> Any:
    feature = unit_feature(session, code, today(), level=None, with_geometry=True)
    outline = shapely.from_geojson(feature)
    return project_to_metres(np.array([outline], dtype=object), plan.ground.plane)[0][0]
