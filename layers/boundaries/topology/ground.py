"""The plane in which a coverage is compared, and the true sizes of what is found there.

It refuses to bend a straight edge: degrees are only stretched to metres, each axis by its own
factor, so that a vertex in the middle of an edge stays exactly on it. A map projection would move
it off by millimetres and turn one kind of fault into another.
"""

from dataclasses import dataclass
from math import cos, hypot, pi, radians, sin, sqrt
from typing import Self

import numpy as np
import shapely
from numpy.typing import NDArray
from pyproj import CRS, Transformer
from shapely.geometry import Point
from shapely.geometry.base import BaseGeometry

Geometries = NDArray[np.object_]

WIDTH_STEP = 1e-3  # widths are told to a thousandth of themselves


@dataclass(frozen=True, slots=True)
class GroundPlane:
    """Metres east and north of `origin`, with the way back to the data's CRS and to degrees."""

    crs: CRS
    origin: tuple[float, float]
    scale: tuple[float, float]

    @classmethod
    def about(cls, geometries: Geometries, crs: CRS) -> Self:
        """Return the plane about the middle of `geometries`, which are east-first in `crs`.

        Degrees become metres by the ellipsoid's radii at the middle latitude; projected
        coordinates only by the length of their unit.
        """
        west, south, east, north = shapely.total_bounds(geometries)
        origin = (float(west + east) / 2, float(south + north) / 2)
        if crs.is_geographic:
            return cls(crs, origin, _metres_per_degree(crs, origin[1]))
        unit = float(crs.axis_info[0].unit_conversion_factor)
        return cls(crs, origin, (unit, unit))

    def metres(self, xy: NDArray[np.float64]) -> NDArray[np.float64]:
        """Return coordinates (n, 2) of the data in metres of this plane."""
        return (xy - self.origin) * self.scale

    def to_plane(self, geometries: Geometries) -> Geometries:
        """Return the same geometries in metres of this plane."""
        moved: Geometries = shapely.transform(geometries, self.metres)
        return moved

    def from_plane(self, geometry: BaseGeometry) -> BaseGeometry:
        """Return a geometry of this plane in the CRS of the data."""
        back: BaseGeometry = shapely.transform(geometry, lambda xy: xy / self.scale + self.origin)
        return back

    def lonlat(self, point: Point) -> tuple[float, float]:
        """Return longitude and latitude of a place of the plane, in the datum of the data."""
        x = point.x / self.scale[0] + self.origin[0]
        y = point.y / self.scale[1] + self.origin[1]
        if self.crs.is_geographic or self.crs.geodetic_crs is None:
            return x, y
        to_degrees = Transformer.from_crs(self.crs, self.crs.geodetic_crs, always_xy=True)
        lon, lat = to_degrees.transform(x, y)
        return float(lon), float(lat)

    def true_size(self, geometry: BaseGeometry) -> BaseGeometry:
        """Return the geometry stretched to the scale of its own latitude, for measuring only."""
        if not self.crs.is_geographic:
            return geometry
        latitude = shapely.centroid(geometry).y / self.scale[1] + self.origin[1]
        own = np.divide(_metres_per_degree(self.crs, latitude), self.scale)
        stretched: BaseGeometry = shapely.transform(geometry, lambda xy: xy * own)
        return stretched


def greatest_width_m(polygon: BaseGeometry) -> float:
    """Return the diameter of the greatest circle inside a polygon (the widest part of several).

    Found by halving: the circle fits as long as something is left of the polygon when its edge
    moves inwards by the radius. For strips of a few decimetres over kilometres, the usual kind of
    fault, this is some twenty times quicker than a search for the circle's centre.
    """
    return max((_circle_width(part) for part in shapely.get_parts(polygon)), default=0.0)


def wider(polygon: BaseGeometry, width_m: float) -> bool:
    """Tell whether a polygon is anywhere wider than `width_m`."""
    for part in shapely.get_parts(polygon):
        low, high = _circle_bounds(part)
        if low > width_m or (high > width_m and _leaves_something(part, width_m)):
            return True
    return False


def _circle_width(polygon: BaseGeometry) -> float:
    low, high = _circle_bounds(polygon)
    while high > low * (1 + WIDTH_STEP):
        middle = sqrt(low * high)
        low, high = (middle, high) if _leaves_something(polygon, middle) else (low, middle)
    return sqrt(low * high)


def _circle_bounds(polygon: BaseGeometry) -> tuple[float, float]:
    """Return two diameters between which that of the greatest circle inside lies."""
    area, perimeter = float(shapely.area(polygon)), float(shapely.length(polygon))
    return (2 * area / perimeter, 2 * sqrt(area / pi)) if area else (0.0, 0.0)


def _leaves_something(polygon: BaseGeometry, width_m: float) -> bool:
    return not shapely.buffer(polygon, -width_m / 2, quad_segs=16).is_empty


def box_height_m(polygon: BaseGeometry) -> float:
    """Return the shorter side of the narrowest rectangle about a polygon."""
    corners = shapely.get_coordinates(shapely.minimum_rotated_rectangle(polygon))
    if len(corners) < 3:
        return 0.0
    return min(hypot(*(corners[1] - corners[0])), hypot(*(corners[2] - corners[1])))


def _metres_per_degree(crs: CRS, latitude: float) -> tuple[float, float]:
    """Return metres per degree of longitude and of latitude on the CRS's ellipsoid."""
    ellipsoid = crs.ellipsoid
    major = ellipsoid.semi_major_metre if ellipsoid else 6_378_137.0
    flattening = 1 / ellipsoid.inverse_flattening if ellipsoid and ellipsoid.inverse_flattening else 0.0
    eccentricity2 = flattening * (2 - flattening)
    bend = 1 - eccentricity2 * sin(radians(latitude)) ** 2
    east = major / sqrt(bend) * cos(radians(latitude))
    north = major * (1 - eccentricity2) / bend**1.5
    return radians(east), radians(north)
