"""What was found, put as findings: codes of the units, place in degrees, size on the ground.

It refuses to weigh or word; and a size is always that of the ground, not of the plane of comparison.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import shapely
from shapely.geometry import Point
from shapely.geometry.base import BaseGeometry

from layers.boundaries.topology.ground import GroundPlane
from layers.findings import Finding
from layers.geodesy import ellipsoidal_area_m2


@dataclass(frozen=True, slots=True)
class Reporter:
    """Writes findings about units that the engine knows by their row."""

    codes: Sequence[str]
    plane: GroundPlane

    def finding(
        self,
        code: str,
        units: Iterable[int],
        shape: BaseGeometry,
        *,
        measure: float | None = None,
        unit: str = "m",
        at: Point | None = None,
    ) -> Finding:
        """Return a finding with its place (`at`, or a point about the middle of `shape`) and size.

        Without a `measure` it is the area of `shape` in square metres.
        """
        geometry = self.plane.from_plane(shape)
        degrees = self.plane.crs.is_geographic
        area_m2 = ellipsoidal_area_m2(geometry) if degrees else float(shapely.area(shape))
        lon, lat = self.plane.lonlat(at or shapely.point_on_surface(shape))
        evidence: dict[str, object] = {
            "lon": lon,
            "lat": lat,
            "measure": area_m2 if measure is None else measure,
            "measure_unit": "m2" if measure is None else unit,
            "area_m2": area_m2,
            "geometry": geometry,
        }
        return Finding(code, tuple(self.codes[row] for row in units), evidence)
