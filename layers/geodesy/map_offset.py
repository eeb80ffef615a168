"""The Chinese map offsets GCJ-02 and BD-09, both ways; refuses to guess whether data carry one.

GCJ-02 has no EPSG code and no official publication. The formula below is the one that map programs
around the world have in common; it returns 110.354411, 20.017997 for 110.35, 20.02 (512 m at Haikou). The offset is
applied inside the box 72.004-137.8347° E, 0.8293-55.8271° N and nowhere else: that box is the common
rule of those programs, wider than the country, and holds Hong Kong, Macao and Taiwan.

All functions take and return longitudes and latitudes in degrees as arrays of one shape. NaN stays NaN.
"""

from typing import Final

import numpy as np
from numpy.typing import ArrayLike, NDArray

Degrees = NDArray[np.float64]
Pair = tuple[Degrees, Degrees]

_WEST, _EAST, _SOUTH, _NORTH = 72.004, 137.8347, 0.8293, 55.8271
# Krassovsky 1940, which the offset is computed on.
_AXIS_M: Final = 6378245.0
_ECCENTRICITY_SQUARED: Final = 0.00669342162296594323
_BAIDU_WAVE: Final = np.pi * 3000 / 180
# Each turn shrinks the error at least a hundredfold; five reach 1e-9 degree, the rest is reserve.
_MOST_TURNS: Final = 30
_CLOSE_DEG: Final = 1e-11


def outside_offset_area(lon: ArrayLike, lat: ArrayLike) -> NDArray[np.bool_]:
    """Say where the GCJ-02 offset is not applied (WGS 84 degrees): True outside the box."""
    longitude, latitude = np.asarray(lon, dtype=np.float64), np.asarray(lat, dtype=np.float64)
    return (longitude < _WEST) | (longitude > _EAST) | (latitude < _SOUTH) | (latitude > _NORTH)


def wgs84_to_gcj02(lon: ArrayLike, lat: ArrayLike) -> Pair:
    """Shift WGS 84 (or CGCS2000) degrees onto a GCJ-02 map; unchanged outside the offset area.

    >>> [round(float(v), 6) for v in wgs84_to_gcj02(110.35, 20.02)]
    [110.354411, 20.017997]
    """
    longitude, latitude = _degrees(lon, lat)
    east, north = _offset(longitude, latitude)
    stays = outside_offset_area(longitude, latitude)
    return np.where(stays, longitude, longitude + east), np.where(stays, latitude, latitude + north)


def gcj02_to_wgs84(lon: ArrayLike, lat: ArrayLike) -> Pair:
    """Take the offset back, by iteration, to better than 1e-9 degree (0.1 mm).

    A position is converted when its WGS 84 place lies in the offset area. On the strip of at most
    a kilometre along the box, where both readings exist, it is taken as shifted.

    >>> [round(float(v), 6) for v in gcj02_to_wgs84(110.354411, 20.017997)]
    [110.35, 20.02]
    """
    longitude, latitude = _degrees(lon, lat)
    east, north = longitude.copy(), latitude.copy()
    for _ in range(_MOST_TURNS):
        shift_east, shift_north = _offset(east, north)
        miss_east, miss_north = longitude - east - shift_east, latitude - north - shift_north
        east, north = east + miss_east, north + miss_north
        if _settled(miss_east, miss_north):
            break
    stays = outside_offset_area(east, north)
    return np.where(stays, longitude, east), np.where(stays, latitude, north)


def gcj02_to_bd09(lon: ArrayLike, lat: ArrayLike) -> Pair:
    """Shift GCJ-02 degrees onto a Baidu map (a second offset on top, everywhere).

    >>> [round(float(v), 6) for v in gcj02_to_bd09(110.354411, 20.017997)]
    [110.360937, 20.023753]
    """
    longitude, latitude = _degrees(lon, lat)
    reach = np.hypot(longitude, latitude) + 2e-5 * np.sin(latitude * _BAIDU_WAVE)
    bearing = np.arctan2(latitude, longitude) + 3e-6 * np.cos(longitude * _BAIDU_WAVE)
    return reach * np.cos(bearing) + 0.0065, reach * np.sin(bearing) + 0.006


def bd09_to_gcj02(lon: ArrayLike, lat: ArrayLike) -> Pair:
    """Take Baidu's second offset back, by iteration; the published closed form is off by up to a metre."""
    longitude, latitude = _degrees(lon, lat)
    east, north = longitude - 0.0065, latitude - 0.006
    for _ in range(_MOST_TURNS):
        reached_east, reached_north = gcj02_to_bd09(east, north)
        miss_east, miss_north = longitude - reached_east, latitude - reached_north
        east, north = east + miss_east, north + miss_north
        if _settled(miss_east, miss_north):
            break
    return east, north


def wgs84_to_bd09(lon: ArrayLike, lat: ArrayLike) -> Pair:
    """Both offsets: WGS 84 (or CGCS2000) degrees onto a Baidu map."""
    return gcj02_to_bd09(*wgs84_to_gcj02(lon, lat))


def bd09_to_wgs84(lon: ArrayLike, lat: ArrayLike) -> Pair:
    """Take both offsets back: Baidu map degrees to WGS 84 (or CGCS2000)."""
    return gcj02_to_wgs84(*bd09_to_gcj02(lon, lat))


def _degrees(lon: ArrayLike, lat: ArrayLike) -> Pair:
    longitude, latitude = np.broadcast_arrays(
        np.asarray(lon, dtype=np.float64), np.asarray(lat, dtype=np.float64)
    )
    return longitude, latitude


def _settled(east: Degrees, north: Degrees) -> bool:
    # NaN compares false, so an unanswerable position never keeps the others iterating.
    return not bool(np.any(np.abs(east) > _CLOSE_DEG) or np.any(np.abs(north) > _CLOSE_DEG))


def _offset(lon: Degrees, lat: Degrees) -> Pair:
    x, y = lon - 105.0, lat - 35.0
    root = np.sqrt(np.abs(x))
    ripple = 20.0 * np.sin(6.0 * x * np.pi) + 20.0 * np.sin(2.0 * x * np.pi)
    north = -100.0 + 2.0 * x + 3.0 * y + 0.2 * y * y + 0.1 * x * y + 0.2 * root
    north += (ripple + 20.0 * np.sin(y * np.pi) + 40.0 * np.sin(y / 3.0 * np.pi)) * (2.0 / 3.0)
    north += (160.0 * np.sin(y / 12.0 * np.pi) + 320.0 * np.sin(y * np.pi / 30.0)) * (2.0 / 3.0)
    east = 300.0 + x + 2.0 * y + 0.1 * x * x + 0.1 * x * y + 0.1 * root
    east += (ripple + 20.0 * np.sin(x * np.pi) + 40.0 * np.sin(x / 3.0 * np.pi)) * (2.0 / 3.0)
    east += (150.0 * np.sin(x / 12.0 * np.pi) + 300.0 * np.sin(x / 30.0 * np.pi)) * (2.0 / 3.0)
    latitude = np.radians(lat)
    curvature = 1.0 - _ECCENTRICITY_SQUARED * np.sin(latitude) ** 2
    per_degree_north = (
        _AXIS_M * (1.0 - _ECCENTRICITY_SQUARED) / (curvature * np.sqrt(curvature)) * np.pi / 180
    )
    per_degree_east = _AXIS_M / np.sqrt(curvature) * np.cos(latitude) * np.pi / 180
    return east / per_degree_east, north / per_degree_north
