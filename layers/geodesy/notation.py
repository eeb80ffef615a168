"""Coordinates as people write them: degrees-minutes-seconds and zone metres; refuses half-read text."""

import re
from dataclasses import dataclass
from typing import Final, Literal

from pyproj import CRS

from layers.errors import InvalidInput
from layers.geodesy.datums import STORAGE_CRS, transformer
from layers.geodesy.zones import GridZone, Width, grid_zone, zoned_srid

_DMS: Final = re.compile(
    r"^\s*(?P<sign>[+-]?)(?P<d>\d{1,3})\s*[°度d:\s]\s*"
    r"(?:(?P<m>\d{1,2})\s*[′'’分m:\s]\s*)?"
    r"(?:(?P<s>\d{1,2}(?:\.\d+)?)\s*(?:[″\"”秒s]|''|′′)?\s*)?"
    r"(?P<side>[NSEW北南东西]?)\s*$",
    re.IGNORECASE,
)
_SIDES: Final = {"lon": ("E", "W"), "lat": ("N", "S")}
_NEGATIVE: Final = {"S", "W", "南", "西"}
_SIDES_READ: Final = {"lon": set("EeWw东西"), "lat": set("NnSs北南")}


@dataclass(frozen=True, slots=True)
class ProjectedPosition:
    """A place in one Gauss-Krüger zone, north first as Chinese forms print it (纵坐标 X 在前)."""

    northing_m: float
    easting_m: float
    zone: GridZone

    def __str__(self) -> str:
        """X (north), Y (east), and the CRS, without which the two numbers mean nothing."""
        return f"X={self.northing_m:.3f} Y={self.easting_m:.3f} EPSG:{self.zone.srid}"


def projected_position(
    lon: float,
    lat: float,
    *,
    prefixed: bool = False,
    width: Width = 3,
    central_meridian: int | None = None,
) -> ProjectedPosition:
    """Return EPSG:4490 degrees in CGCS2000 zone metres, of the zone with the nearest meridian unless one is named.

    >>> str(projected_position(110.35, 20.02, prefixed=True))
    'X=2214712.422 Y=37431986.864 EPSG:4525'
    """
    meridian = _nearest_meridian(lon, width) if central_meridian is None else central_meridian
    srid = zoned_srid(meridian, width=width, prefixed=prefixed)
    easting, northing = transformer(STORAGE_CRS, CRS.from_epsg(srid)).transform(lon, lat)
    zone = grid_zone(srid)
    if zone is None:  # zoned_srid gives numbers of zones only
        raise InvalidInput(srid=srid)
    return ProjectedPosition(float(northing), float(easting), zone)


def format_dms(degrees: float, axis: Literal["lon", "lat"], *, decimals: int = 4) -> str:
    """Write degrees as degrees, minutes, seconds with the side of the world.

    Rounded as a whole, so that 59.99999″ carries over. Four decimals of a second are 3 mm.

    >>> format_dms(110.35, "lon"), format_dms(-20.99999999999, "lat", decimals=2)
    ('110°21′00.0000″E', '21°00′00.00″S')
    """
    ticks = round(abs(float(degrees)) * 3600 * 10**decimals)
    whole, fraction = divmod(ticks, 10**decimals)
    minutes, seconds = divmod(whole, 60)
    full_degrees, minutes = divmod(minutes, 60)
    tail = f".{fraction:0{decimals}d}" if decimals else ""
    return f"{full_degrees}°{minutes:02d}′{seconds:02d}{tail}″{_SIDES[axis][int(degrees < 0)]}"


def parse_dms(text: str, axis: Literal["lon", "lat"]) -> float:
    """Read degrees as forms and devices write them; raises `InvalidInput` on anything doubtful.

    >>> parse_dms("110°21′00.0000″E", "lon"), parse_dms("20度1分12秒", "lat"), parse_dms("20.02", "lat")
    (110.35, 20.02, 20.02)
    """
    try:
        value = float(text)
    except ValueError:
        value = _from_dms(text, axis)
    if not abs(value) <= (180 if axis == "lon" else 90):
        raise InvalidInput(text=text[:100], axis=axis)
    return value


def _from_dms(text: str, axis: Literal["lon", "lat"]) -> float:
    found = _DMS.match(text)
    if found is None:
        raise InvalidInput(text=text[:100], axis=axis)
    side = found["side"]
    minutes, seconds = float(found["m"] or 0), float(found["s"] or 0)
    wrong_side = bool(side) and side not in _SIDES_READ[axis]
    if wrong_side or minutes >= 60 or seconds >= 60 or (side and found["sign"]):
        raise InvalidInput(text=text[:100], axis=axis)
    value = float(found["d"]) + minutes / 60 + seconds / 3600
    return -value if found["sign"] == "-" or side.upper() in _NEGATIVE else value


def _nearest_meridian(lon: float, width: Width) -> int:
    if width == 3:
        return int((lon + 1.5) // 3 * 3)
    return int(lon // 6 * 6 + 3)
