"""Gauss-Krüger zones of the Chinese systems and projection to metres; refuses to mix zones silently.

EPSG numbers these CRSs in runs: one number per zone, once with the zone number before the easting
(37431986.864) and once without (431986.864, named by central meridian).
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Final, Literal

import numpy as np
import shapely
from numpy.typing import NDArray
from pyproj import CRS
from shapely.geometry.base import BaseGeometry

from layers.errors import InvalidInput
from layers.geodesy.datums import STORAGE_CRS, CrsLike, Transformation, read_crs, transformer

Geometries = NDArray[np.object_]
Width = Literal[3, 6]

_FIRST_MERIDIAN, _LAST_MERIDIAN = 75, 135
# (datum, zone width) -> EPSG number of zone 25 (3°) or 13 (6°), with prefix and by meridian 75° E.
_RUNS: Final[dict[tuple[str, Width], tuple[int, int]]] = {
    ("CGCS2000", 3): (4513, 4534),
    ("CGCS2000", 6): (4491, 4502),
    ("Xian 1980", 3): (2349, 2370),
    ("Xian 1980", 6): (2327, 2338),
    ("Beijing 1954", 3): (2401, 2422),
    ("Beijing 1954", 6): (21413, 21453),
}


@dataclass(frozen=True, slots=True)
class GridZone:
    """带: one Gauss-Krüger zone of one datum, e.g. EPSG:4525 = zone 37, 111° E, prefixed, 3° wide."""

    srid: int
    datum: str
    width: Width
    central_meridian: int
    prefixed: bool

    @property
    def number(self) -> int:
        """带号: 37 for 111° E in 3° zones, 19 in 6° zones."""
        return self.central_meridian // 3 if self.width == 3 else (self.central_meridian + 3) // 6

    @property
    def false_easting_m(self) -> float:
        """500 km, with the zone number in front where the CRS carries it."""
        return 500_000.0 + (self.number * 1e6 if self.prefixed else 0.0)

    def turned(self, *, prefixed: bool | None = None, central_meridian: int | None = None) -> "GridZone":
        """Return the same datum and width with another prefix habit or another meridian."""
        has_prefix = self.prefixed if prefixed is None else prefixed
        meridian = self.central_meridian if central_meridian is None else central_meridian
        srid = zoned_srid(meridian, datum=self.datum, width=self.width, prefixed=has_prefix)
        return GridZone(srid, self.datum, self.width, meridian, has_prefix)


def zoned_srid(
    central_meridian: int, *, datum: str = "CGCS2000", width: Width = 3, prefixed: bool = False
) -> int:
    """EPSG number of a zone; refuses a meridian that no zone of that width has.

    >>> zoned_srid(111), zoned_srid(111, prefixed=True), zoned_srid(108, datum="Xian 1980", prefixed=True)
    (4546, 4525, 2360)
    """
    if not _FIRST_MERIDIAN <= central_meridian <= _LAST_MERIDIAN or (central_meridian - 75) % width:
        raise InvalidInput(central_meridian=central_meridian, width=width)
    return _RUNS[datum, width][0 if prefixed else 1] + (central_meridian - 75) // width


def grid_zone(crs: CrsLike) -> GridZone | None:
    """Return the zone that an EPSG number stands for; None when it is no zone of these systems.

    >>> grid_zone(4525).number, grid_zone(2382).datum, grid_zone(4326)
    (37, 'Xian 1980', None)
    """
    srid = crs if isinstance(crs, int) else read_crs(crs).to_epsg(min_confidence=90)
    for (datum, width), run in _RUNS.items():
        for first, prefixed in zip(run, (True, False), strict=True):
            step = -1 if srid is None else srid - first
            if 0 <= step <= (_LAST_MERIDIAN - _FIRST_MERIDIAN) // width:
                return GridZone(first + step, datum, width, 75 + step * width, prefixed)
    return None


def metric_srid(lon: float) -> int | None:
    """EPSG number of the CGCS2000 3° zone of the nearest central meridian; None outside 73.5-136.5° E.

    On a zone border the eastern zone is taken, as the handbook has it for Hainan (109°30′).

    >>> metric_srid(110.35), metric_srid(109.49), metric_srid(109.5), metric_srid(-51.2)
    (4546, 4545, 4546, None)
    """
    meridian = int(np.floor((lon + 1.5) / 3) * 3)
    return zoned_srid(meridian) if _FIRST_MERIDIAN <= meridian <= _LAST_MERIDIAN else None


def metric_crs(lon: float) -> CRS:
    """Return a CRS in metres for work around this longitude, true to scale on its central meridian.

    In China the CGCS2000 3° zone; elsewhere the same projection about the nearest multiple of 3°,
    which has no EPSG number and is for computing only, never for storage.
    """
    srid = metric_srid(lon)
    if srid is not None:
        return CRS.from_epsg(srid)
    meridian = int(np.floor((lon + 1.5) / 3) * 3)
    return CRS.from_user_input(f"+proj=tmerc +lon_0={meridian} +k=1 +x_0=500000 +datum=WGS84 +units=m")


def project_to_metres(
    geometries: Sequence[BaseGeometry | None] | Geometries, crs: CrsLike | None = None
) -> tuple[Geometries, CRS]:
    """Project geometries in EPSG:4490 degrees; returns them (2D) and the metric CRS they are in.

    Without `crs` the zone is chosen by the middle longitude of all of them together, so that
    everything compared lies in one plane.
    """
    array = _as_array(geometries)
    target = metric_crs(_middle_longitude(array)) if crs is None else read_crs(crs)
    return _moved(array, transformer(STORAGE_CRS, target)), target


def project_to_degrees(geometries: Sequence[BaseGeometry | None] | Geometries, crs: CrsLike) -> Geometries:
    """Bring projected geometries back to EPSG:4490 degrees (2D); `crs` is what they are in."""
    return _moved(_as_array(geometries), transformer(crs, STORAGE_CRS))


def _as_array(geometries: Sequence[BaseGeometry | None] | Geometries) -> Geometries:
    if isinstance(geometries, np.ndarray):
        return geometries
    array = np.empty(len(geometries), dtype=np.object_)
    array[:] = geometries
    return array


def _middle_longitude(geometries: Geometries) -> float:
    west, _, east, _ = shapely.total_bounds(geometries)
    if not np.isfinite(west):
        raise InvalidInput(geometries="empty")
    return float((west + east) / 2)


def _moved(geometries: Geometries, transformation: Transformation) -> Geometries:
    def move(coordinates: NDArray[np.float64]) -> NDArray[np.float64]:
        return np.column_stack(transformation.transform(coordinates[:, 0], coordinates[:, 1]))

    moved: Any = shapely.transform(geometries, move)
    return np.asarray(moved, dtype=np.object_)
