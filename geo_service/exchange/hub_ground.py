"""Network, hubs and demand of three files on one plane in metres; refuses sets that do not meet."""

from collections.abc import Collection
from dataclasses import dataclass
from pathlib import Path

from pyproj import CRS

from geo_service.exchange.crs import map_offset
from geo_service.exchange.metric_plane import lines_in_metres, points_in_plane, refuse_far_points
from geo_service.exchange.network_files import read_streets
from geo_service.exchange.point_files import PointTable, read_points
from layers.geodesy import read_crs
from layers.hubs.network import DEFAULT_MAX_SNAP_M, RoadNetwork, Snapped, build_network, snap
from layers.hubs.network.road_network import Floats


@dataclass(frozen=True, eq=False)
class PlacedPoints:
    """Points of a file [p], their places in the plane [p, 2], and where they stand on the network."""

    table: PointTable
    xy: Floats
    snapped: Snapped


@dataclass(frozen=True, eq=False)
class StreetGround:
    """A network in its plane, onto which points of other files are put; `left_out` lines of its file are no part of it."""

    network: RoadNetwork
    plane: CRS
    stated: CRS | None
    left_out: int

    def place(self, points: PointTable, *, role: str, max_snap_m: float = DEFAULT_MAX_SNAP_M) -> PlacedPoints:
        """Bring points to the plane and snap them; `role` (hubs, demand …) names them in a refusal.

        Raises `FarFromNetwork` when none is within 50 km of the network, `DatumRefused`.
        """
        xy = points_in_plane(points, self.plane, self.stated)
        refuse_far_points(xy, self.network.extent, role=role, crs=points.crs or self.stated)
        return PlacedPoints(points, xy, snap(self.network, xy, max_snap_m))


def read_ground(
    path: Path,
    *,
    layer: str | None = None,
    classes: Collection[str] | None = None,
    crs: str | None = None,
    crs_wins: bool = False,
) -> StreetGround:
    """Read and build the network of a file; `crs` (EPSG:n, GCJ-02, BD-09) is for files that state none.

    With `crs_wins` a map offset is taken off a file that states a CRS, too.
    Raises `NoStreets`, `ClassColumnMissing`, `CrsMissing`, `FileUnreadable`, `NetworkEmpty`.
    """
    streets = read_streets(path, layer=layer, classes=classes, crs=crs, crs_wins=crs_wins)
    stated = None if crs is None or map_offset(crs) else read_crs(crs)
    plane = lines_in_metres(streets, stated)
    return StreetGround(build_network(streets.lines), plane, stated, streets.left_out)


def read_hubs(
    path: Path, *, layer: str | None = None, id_column: str = "id", crs: str | None = None
) -> PointTable:
    """Read hubs or candidates: a place and an id each."""
    return read_points(path, layer=layer, id_column=id_column, crs=crs)


def read_demand(
    path: Path,
    *,
    layer: str | None = None,
    id_column: str = "id",
    weight_column: str = "weight",
    crs: str | None = None,
) -> PointTable:
    """Read demand: a place, an id and a weight each."""
    return read_points(path, layer=layer, id_column=id_column, weight_column=weight_column, crs=crs)
