"""The storage CRS and the guard in front of every datum change; refuses what nobody approved.

PROJ passes Xi'an 1980 and Beijing 1954 to CGCS2000 unshifted and without a word (about 50 m wrong at
Haikou), so the datums are compared by name and ellipsoid before PROJ is asked at all.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Final

import numpy as np
from numpy.typing import ArrayLike, NDArray
from pyproj import CRS, Transformer
from pyproj.enums import TransformDirection
from pyproj.exceptions import CRSError

from layers.errors import InvalidInput, LayerError
from layers.geodesy.parameters import HelmertParameters, PlaneParameters

STORAGE_SRID: Final = 4490
STORAGE_CRS: Final = CRS.from_epsg(STORAGE_SRID)

# CGCS2000 and WGS 84 agree within a few centimetres; the office declares them one (design D7).
_ALIGNED: Final = {
    "China 2000",
    "China Geodetic Coordinate System 2000",
    "World Geodetic System 1984",
    "World Geodetic System 1984 ensemble",
}
# Both ellipsoids, GRS 80 as CGCS2000 has it and WGS 84, in (semi-major axis, inverse flattening).
_ALIGNED_ELLIPSOIDS: Final = ((6378137.0, 298.257222101), (6378137.0, 298.257223563))

Parameters = HelmertParameters | PlaneParameters
CrsLike = CRS | str | int


class DatumRefused(LayerError):
    """No approved transformation leads from one datum to the other.

    Facts: `source_datum`, `target_datum`; and `parameters_for` when parameters were given for
    another pair of datums.
    """

    code = "crs.datum_not_approved"


class CrsUnreadable(InvalidInput):
    """What was given names no coordinate reference system. Facts: `crs`."""

    code = "crs.unreadable"


@dataclass(frozen=True, slots=True)
class Transformation:
    """Steps from one CRS to another, coordinates east first throughout."""

    steps: Sequence[tuple[Transformer, TransformDirection]]

    def transform(self, xs: ArrayLike, ys: ArrayLike) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
        """Return eastings (or longitudes) and northings (or latitudes); `inf` where a projection has no answer."""
        east = np.array(xs, dtype=np.float64)
        north = np.array(ys, dtype=np.float64)
        for step, direction in self.steps:
            east, north = step.transform(east, north, direction=direction)
        return np.asarray(east), np.asarray(north)


def transformer(source: CrsLike, target: CrsLike, parameters: Parameters | None = None) -> Transformation:
    """Coordinates east first; refuses a datum pair for which no transformation is approved.

    Approved are one and the same datum, CGCS2000 and WGS 84 (declared identical), and whatever pair
    `parameters` are given for. Raises `DatumRefused` otherwise, also for a CRS whose file brings its own TOWGS84
    figures: those are nobody's approval.

    >>> [round(float(v), 3) for v in transformer(4490, 4546).transform(110.35, 20.02)]
    [431986.864, 2214712.422]
    """
    origin, goal = read_crs(source), read_crs(target)
    if parameters is not None and datum_name(origin) != datum_name(goal):
        return _with_parameters(origin, goal, parameters)
    if not same_ground(origin, goal):
        raise DatumRefused(source_datum=datum_name(origin), target_datum=datum_name(goal))
    return Transformation((_step(origin, goal),))


def same_ground(source: CrsLike, target: CrsLike) -> bool:
    """Whether the two stand on the same datum, or on two that are declared identical."""
    origin, goal = read_crs(source), read_crs(target)
    if _is_aligned(origin) and _is_aligned(goal):
        return True
    named = datum_name(origin)
    # Two CRSs of "unknown" datum agree in what they do not say, which proves nothing.
    known = not named.casefold().startswith("unknown") and named not in _ALIGNED
    return origin == goal or (known and named == datum_name(goal))


def datum_name(crs: CrsLike) -> str:
    """EPSG's name of the datum, e.g. 'Xian 1980'; a local (engineering) CRS has none and is refused."""
    system = read_crs(crs)
    geodetic = system.geodetic_crs
    if geodetic is None or geodetic.datum is None:
        raise DatumRefused(source_datum=f"none ({system.name})", target_datum="")
    return geodetic.datum.name


def read_crs(crs: CrsLike) -> CRS:
    """Return the CRS meant by an EPSG number, an authority string or a WKT; raises `CrsUnreadable`."""
    if isinstance(crs, CRS):
        return crs
    return _parsed_crs(crs)


@lru_cache(maxsize=256)
def _parsed_crs(crs: str | int) -> CRS:
    try:
        return CRS.from_user_input(crs)
    except CRSError as error:
        raise CrsUnreadable(crs=str(crs)[:200]) from error


def _is_aligned(crs: CRS) -> bool:
    if datum_name(crs) not in _ALIGNED or crs.is_bound:
        return False
    ellipsoid = crs.ellipsoid
    # A file may call anything "WGS 84"; the figure of the earth behind the name must be it, too.
    return ellipsoid is not None and any(
        abs(ellipsoid.semi_major_metre - axis) < 1e-3
        and abs(ellipsoid.inverse_flattening - flattening) < 1e-5
        for axis, flattening in _ALIGNED_ELLIPSOIDS
    )


def _with_parameters(origin: CRS, goal: CRS, parameters: Parameters) -> Transformation:
    ends = (read_crs(parameters.source), read_crs(parameters.target))
    if same_ground(origin, ends[0]) and same_ground(ends[1], goal):
        direction = TransformDirection.FORWARD
    elif same_ground(origin, ends[1]) and same_ground(ends[0], goal):
        direction, ends = TransformDirection.INVERSE, (ends[1], ends[0])
    else:
        raise DatumRefused(
            source_datum=datum_name(origin),
            target_datum=datum_name(goal),
            parameters_for=(parameters.source, parameters.target),
        )
    if isinstance(parameters, HelmertParameters):
        ends = (_geographic(ends[0]), _geographic(ends[1]))
    change = Transformer.from_pipeline(parameters.pipeline())
    return Transformation((_step(origin, ends[0]), (change, direction), _step(ends[1], goal)))


def _geographic(crs: CRS) -> CRS:
    geodetic = crs.geodetic_crs
    if geodetic is None:
        raise DatumRefused(source_datum=crs.name, target_datum="")
    return geodetic


@lru_cache(maxsize=256)
def _step(source: CRS, target: CRS) -> tuple[Transformer, TransformDirection]:
    return Transformer.from_crs(source, target, always_xy=True), TransformDirection.FORWARD
