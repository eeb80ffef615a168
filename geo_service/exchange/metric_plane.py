"""One plane in metres for a network and the points that go with it; refuses to guess a CRS.

A projected CRS that is true to scale is kept as it is, so that a file in metres is measured in its own
metres. Degrees, feet and map projections such as Web Mercator go to the local metric zone.
"""

import warnings
from typing import Final

import numpy as np
from pyproj import CRS, Proj, Transformer
from pyproj.transformer import TransformerGroup

from geo_service.exchange.crs import Bounds
from geo_service.exchange.network_files import StreetLines
from geo_service.exchange.point_files import PointTable
from layers.errors import InvalidInput
from layers.geodesy import Transformation, metric_crs, same_ground, transformer
from layers.hubs.network.road_network import Floats

# Scale of a survey projection within its zone; UTM stays within 0.1 % of true, Web Mercator is 6 % off at Haikou.
SCALE_TOLERANCE: Final = 0.01
PUBLISHED_ACCURACY_M: Final = 1.0
# Points farther than this from the network cannot be a matter of a missing footpath.
FAR_M: Final = 50_000.0


class CrsMissing(InvalidInput):
    """The network states no CRS and none was given. Facts: `role`."""

    code = "hubs.crs_missing"


class FarFromNetwork(InvalidInput):
    """All points lie far from the network: another CRS or another city. Facts: `role`, `distance_km`, `crs`."""

    code = "hubs.far_from_network"


def lines_in_metres(streets: StreetLines, crs: CRS | None = None) -> CRS:
    """Bring the lines to metres, in place, and return the CRS of that plane; `crs` is for a file that states none.

    Raises `CrsMissing`, `DatumRefused`.
    """
    source = streets.crs or crs
    if source is None:
        raise CrsMissing(role="network")
    bounds = streets.lines.bounds
    if _is_true_to_scale(source, bounds):
        return source
    plane = metric_crs(_middle_longitude(bounds, source))
    steps = _steps(source, plane)
    streets.lines.move(lambda xy: np.column_stack(steps.transform(xy[:, 0], xy[:, 1])))
    return plane


def points_in_plane(points: PointTable, plane: CRS, crs: CRS | None = None) -> Floats:
    """Return points [p, 2] in the plane's metres; without any CRS stated they are in the plane already.

    A point that the projection has no answer for becomes `inf`. Raises `DatumRefused`.
    """
    source = points.crs or crs or plane
    if source == plane:
        return points.xy
    return np.column_stack(_steps(source, plane).transform(points.xy[:, 0], points.xy[:, 1]))


def refuse_far_points(points_xy: Floats, extent: Bounds, *, role: str, crs: CRS | None) -> None:
    """Raise `FarFromNetwork` when not one point lies within 50 km of the network's extent."""
    west, south, east, north = extent
    with np.errstate(invalid="ignore"):
        beside = np.maximum(np.maximum(west - points_xy[:, 0], points_xy[:, 0] - east), 0.0)
        above = np.maximum(np.maximum(south - points_xy[:, 1], points_xy[:, 1] - north), 0.0)
    away = np.hypot(beside, above)
    nearest = float(np.min(away[np.isfinite(away)], initial=np.inf))
    if nearest > FAR_M:
        distance = round(nearest / 1000) if np.isfinite(nearest) else None
        raise FarFromNetwork(role=role, distance_km=distance, crs=None if crs is None else crs.to_string())


def _steps(source: CRS, target: CRS) -> Transformation | Transformer:
    """Return the approved transformation, or the registry's own where it is good to a metre.

    ETRS89, SIRGAS 2000 and their like meet WGS 84 within a metre by EPSG's operations, which a walk does
    not feel; Beijing 1954 and Xi'an 1980 do not, and are refused as everywhere.
    """
    if same_ground(source, target):
        return transformer(source, target)
    with warnings.catch_warnings(action="ignore"):  # PROJ tells of better grids that are not installed
        published = TransformerGroup(source, target, always_xy=True).transformers
    if published and 0.0 <= published[0].accuracy <= PUBLISHED_ACCURACY_M:
        return published[0]
    return transformer(source, target)


def _is_true_to_scale(crs: CRS, bounds: Bounds) -> bool:
    if any(axis.unit_conversion_factor != 1.0 for axis in crs.axis_info):
        return False
    if not crs.is_projected:
        return crs.type_name.startswith("Engineering")
    west, south, east, north = bounds
    projection = Proj(crs)
    lon, lat = projection((west + east) / 2, (south + north) / 2, inverse=True)
    factors = projection.get_factors(lon, lat)
    scales = (factors.meridional_scale, factors.parallel_scale)
    return all(abs(scale - 1.0) <= SCALE_TOLERANCE for scale in scales)


def _middle_longitude(bounds: Bounds, source: CRS) -> float:
    west, south, east, north = bounds
    geographic = source.geodetic_crs
    if source.is_geographic or geographic is None:
        return float((west + east) / 2)
    lon, _ = transformer(source, geographic).transform([(west + east) / 2], [(south + north) / 2])
    return float(lon[0])
