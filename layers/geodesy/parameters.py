"""Approved parameter sets between datums, as a survey office hands them out; refuses to hold any of its own."""

import math
from dataclasses import dataclass
from typing import Literal

from pyproj import CRS


@dataclass(frozen=True, slots=True)
class HelmertParameters:
    """七参数: three shifts, three rotations and a scale between the ellipsoids of two datums.

    Holds from the datum of `source` to the datum of `target`; the other way round the exact inverse
    is used. `rotation` names the sign convention, because the two in use differ in the sign of
    all three angles; the sheet that carries the numbers says which. `approved_by` names that sheet.

    >>> HelmertParameters("EPSG:4610", "EPSG:4490", -10.2, 4.1, 8.0, 0.1, 0.2, -0.3, 1.5,
    ...                   rotation="position_vector", approved_by="琼测〔2012〕3号").scale_ppm
    1.5
    """

    source: str
    target: str
    shift_x_m: float
    shift_y_m: float
    shift_z_m: float
    rotation_x_arcsec: float
    rotation_y_arcsec: float
    rotation_z_arcsec: float
    scale_ppm: float
    rotation: Literal["position_vector", "coordinate_frame"]
    approved_by: str

    def pipeline(self) -> str:
        """PROJ pipeline on (longitude, latitude) degrees, `source` to `target`, at height 0."""
        return (
            "+proj=pipeline +step +proj=unitconvert +xy_in=deg +xy_out=rad "
            f"+step +proj=cart {_ellipsoid(self.source)} "
            f"+step +proj=helmert +x={self.shift_x_m!r} +y={self.shift_y_m!r} +z={self.shift_z_m!r} "
            f"+rx={self.rotation_x_arcsec!r} +ry={self.rotation_y_arcsec!r} +rz={self.rotation_z_arcsec!r} "
            f"+s={self.scale_ppm!r} +convention={self.rotation} "
            f"+step +inv +proj=cart {_ellipsoid(self.target)} "
            "+step +proj=unitconvert +xy_in=rad +xy_out=deg"
        )


@dataclass(frozen=True, slots=True)
class PlaneParameters:
    """四参数: shift, rotation and scale between two projected systems, good for the small area they were fitted in.

    As the field writes it, with x north and y east:
    x' = shift_north + k (x cos a - y sin a), y' = shift_east + k (x sin a + y cos a), k = 1 + scale_ppm / 10^6.

    >>> PlaneParameters("EPSG:2382", "EPSG:4546", 12.5, 115.2, 0.8, 3.1, approved_by="海口城建坐标转换成果").target
    'EPSG:4546'
    """

    source: str
    target: str
    shift_north_m: float
    shift_east_m: float
    rotation_arcsec: float
    scale_ppm: float
    approved_by: str

    def pipeline(self) -> str:
        """PROJ pipeline on (easting, northing) metres, `source` to `target`."""
        angle = math.radians(self.rotation_arcsec / 3600)
        scale = 1 + self.scale_ppm / 1e6
        along, across = scale * math.cos(angle), scale * math.sin(angle)
        return (
            f"+proj=affine +xoff={self.shift_east_m!r} +yoff={self.shift_north_m!r} "
            f"+s11={along!r} +s12={across!r} +s21={-across!r} +s22={along!r}"
        )


def _ellipsoid(crs: str) -> str:
    ellipsoid = CRS(crs).ellipsoid
    if ellipsoid is None:
        msg = f"{crs} has no ellipsoid"
        raise ValueError(msg)
    return f"+a={ellipsoid.semi_major_metre!r} +rf={ellipsoid.inverse_flattening!r}"
