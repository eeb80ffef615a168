"""Whether coordinates can be what they are declared to be; refuses to correct them.

Found by trying the other readings: axes swapped, a zone number before the easting, another zone, degrees for metres.
Not found, because the values look right: a GCJ-02 or BD-09 offset (about 500 m), another datum (about
50 m), and, without a home area, a neighbouring zone. For those somebody must state what the data are.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import ArrayLike, NDArray
from pyproj import CRS

from layers.findings import Finding
from layers.geodesy.datums import STORAGE_SRID, CrsLike, read_crs, transformer
from layers.geodesy.zones import GridZone, grid_zone, zoned_srid

Bounds = tuple[float, float, float, float]
Values = NDArray[np.float64]
Mask = NDArray[np.bool_]

# Land and sea of the country with room to spare; only a reading inside it can be suggested.
CHINA: Final[Bounds] = (72.0, 3.0, 136.0, 54.5)
_MAP_OFFSETS: Final = {"GCJ-02", "BD-09"}
# A zone's surveys overrun its border; half a degree is about 50 km at Haikou.
_OVERRUN_DEG: Final = 0.5
_ROWS_SHOWN: Final = 10


@dataclass(frozen=True, slots=True)
class Misreading:
    """Rows (positions from 0) that cannot be what they are declared to be, and what they could be instead."""

    code: str
    rows: NDArray[np.intp]
    suggestion: str | None = None


def examine_coordinates(
    xs: ArrayLike, ys: ArrayLike, declared: CrsLike, *, home: Bounds | None = None
) -> Iterator[Finding]:
    """Yield one finding for each kind of misreading among coordinates given east first.

    As `misread_rows`, with evidence `rows` (first ten positions, from 0), `count`, `total`, `example`
    (x, y), and `suggestion` ('EPSG:4525', 'swap axes') where one reading answers.

    >>> [(f.code, f.evidence["suggestion"]) for f in examine_coordinates([37431986.864], [2214712.422], 4546)]
    [('crs.zone_prefix', 'EPSG:4525')]
    """
    x, y = np.atleast_1d(np.asarray(xs, dtype=np.float64)), np.atleast_1d(np.asarray(ys, dtype=np.float64))
    for misreading in misread_rows(x, y, declared, home=home):
        rows = misreading.rows
        evidence: dict[str, object] = {
            "rows": [int(row) for row in rows[:_ROWS_SHOWN]],
            "count": len(rows),
            "total": len(x),
            "example": (float(x[rows[0]]), float(y[rows[0]])),
        }
        if misreading.suggestion is not None:
            evidence["suggestion"] = misreading.suggestion
        yield Finding(misreading.code, (str(declared),), evidence)


def misread_rows(
    x: Values, y: Values, declared: CrsLike, *, home: Bounds | None = None
) -> Iterator[Misreading]:
    """Yield what speaks against `declared`, row by row; each row is named at most once.

    `declared` is a CRS, or 'GCJ-02' / 'BD-09' (degrees). `home` is (west, south, east, north) in
    degrees of the ground the data must fall on; with it, neighbouring zones are told apart as well.
    Codes: `crs.not_finite`, `crs.axes_swapped`, `crs.zone_prefix` (prefix present and not declared, or the
    reverse), `crs.wrong_zone`, `crs.metres_declared_as_degrees`, `crs.degrees_declared_as_metres`,
    `crs.outside_area`.
    """
    open_rows = np.isfinite(x) & np.isfinite(y)
    if not open_rows.all():
        yield Misreading("crs.not_finite", np.flatnonzero(~open_rows))
    for code, suggestion, holds in _readings(x, y, declared, home):
        hit = open_rows & holds
        open_rows = open_rows & ~hit
        if code is not None and hit.any():
            yield Misreading(code, np.flatnonzero(hit), suggestion)
        if not open_rows.any():
            return
    yield Misreading("crs.outside_area", np.flatnonzero(open_rows))


Reading = tuple[str | None, str | None, Mask]


def _readings(x: Values, y: Values, declared: CrsLike, home: Bounds | None) -> Iterator[Reading]:
    if isinstance(declared, str) and declared.upper() in _MAP_OFFSETS:
        return _geographic_readings(x, y, home or CHINA, home)
    crs = read_crs(declared)
    if crs.is_projected:
        return _projected_readings(x, y, crs, home)
    world = (-180.0, -90.0, 180.0, 90.0)
    return _geographic_readings(x, y, home or (CHINA if crs.to_epsg() == STORAGE_SRID else world), home)


def _geographic_readings(x: Values, y: Values, area: Bounds, home: Bounds | None) -> Iterator[Reading]:
    """Yield the readings of values declared as degrees; the first that holds for a row is the one reported."""
    yield None, None, _within(x, y, area)
    yield "crs.axes_swapped", "swap axes", _within(y, x, area)
    metres = (np.abs(x) > 360) | (np.abs(y) > 360)
    for swapped, (east, north) in ((False, (x, y)), (True, (y, x))):
        for zone, holds in _prefixed_zones(east, north, home):
            code = "crs.metres_declared_as_degrees"
            yield code, f"EPSG:{zone.srid}" + (", swap axes" if swapped else ""), metres & holds
    if home is not None:
        for zone in _zones_around(home):
            yield (
                "crs.metres_declared_as_degrees",
                f"EPSG:{zone.srid}",
                metres & _lands(x, y, zone.srid, home),
            )
            swap = f"EPSG:{zone.srid}, swap axes"
            yield "crs.metres_declared_as_degrees", swap, metres & _lands(y, x, zone.srid, home)
    yield "crs.metres_declared_as_degrees", None, metres


def _projected_readings(x: Values, y: Values, crs: CRS, home: Bounds | None) -> Iterator[Reading]:
    """Yield the readings of values declared as metres of one projection."""
    degrees = (np.abs(x) <= 180) & (np.abs(y) <= 180)
    suggestion = "EPSG:4490"
    yield "crs.degrees_declared_as_metres", suggestion, degrees & _within(x, y, home or CHINA)
    yield "crs.degrees_declared_as_metres", f"{suggestion}, swap axes", degrees & _within(y, x, home or CHINA)
    yield "crs.degrees_declared_as_metres", None, degrees
    zone = grid_zone(crs)
    area = home or _area_of_use(crs)
    yield None, None, _lands(x, y, crs, area)
    yield "crs.axes_swapped", "swap axes", _lands(y, x, crs, area)
    if zone is None:
        return
    for swapped, (east, north) in ((False, (x, y)), (True, (y, x))):
        tail = ", swap axes" if swapped else ""
        for other, holds in _other_zones(east, north, zone, home):
            code = "crs.zone_prefix" if other.prefixed != zone.prefixed else "crs.wrong_zone"
            yield code, f"EPSG:{other.srid}{tail}", holds
    yield "crs.wrong_zone", None, _lands(x, y, crs, home or CHINA)


def _other_zones(
    east: Values, north: Values, zone: GridZone, home: Bounds | None
) -> Iterator[tuple[GridZone, Mask]]:
    """Yield zones of the declared datum whose numbers these could be, likeliest first."""
    turned = zone.turned(prefixed=not zone.prefixed)
    yield turned, _lands(east, north, turned.srid, home or _area_of_use(CRS.from_epsg(turned.srid)))
    for other, holds in _prefixed_zones(east, north, home, datum=zone.datum):
        yield other, holds
    if home is None:
        return
    for offset in (-1, 1):
        meridian = zone.central_meridian + offset * zone.width
        if 75 <= meridian <= 135:
            for prefixed in (zone.prefixed, not zone.prefixed):
                other = zone.turned(central_meridian=meridian, prefixed=prefixed)
                yield other, _lands(east, north, other.srid, home)


def _prefixed_zones(
    east: Values, north: Values, home: Bounds | None, *, datum: str = "CGCS2000"
) -> Iterator[tuple[GridZone, Mask]]:
    """Yield zones named by the leading digits of eight-digit eastings: 25-45 are 3° zones, 13-23 are 6°."""
    leading = np.floor(np.where(np.isfinite(east), east, 0.0) / 1e6).astype(np.int64)
    for number in np.unique(leading):
        if 25 <= number <= 45:
            srid = zoned_srid(int(number) * 3, datum=datum, prefixed=True)
        elif 13 <= number <= 23:
            srid = zoned_srid(int(number) * 6 - 3, datum=datum, width=6, prefixed=True)
        else:
            continue
        zone = grid_zone(srid)
        if zone is not None:
            # The prefix says the zone by itself, so a survey carried on into the next zone is believed.
            area = home or _area_of_use(CRS.from_epsg(srid), overrun=zone.width)
            yield zone, (leading == number) & _lands(east, north, srid, area)


def _zones_around(home: Bounds) -> Iterator[GridZone]:
    middle = int(((home[0] + home[2]) / 2 + 1.5) // 3 * 3)
    for meridian in (middle, middle - 3, middle + 3):
        if 75 <= meridian <= 135:
            zone = grid_zone(zoned_srid(meridian))
            if zone is not None:
                yield zone


def _lands(east: Values, north: Values, crs: CrsLike, area: Bounds) -> Mask:
    """Whether the values, read in this CRS, fall on the area (degrees of the CRS's own datum)."""
    system = read_crs(crs)
    geographic = system.geodetic_crs
    if geographic is None:
        return np.zeros(len(east), dtype=bool)
    lon, lat = transformer(system, geographic).transform(east, north)
    falls = _within(lon, lat, area)
    zone = grid_zone(system)
    if zone is None:
        return falls
    # Far from the meridian the inverse projection still answers, with places of another zone's numbers.
    return falls & (np.abs(east - zone.false_easting_m) < 500_000)


def _area_of_use(crs: CRS, *, overrun: float = _OVERRUN_DEG) -> Bounds:
    area = crs.area_of_use
    if area is None:
        return (-180.0, -90.0, 180.0, 90.0)
    west, south, east, north = area.bounds
    return (west - overrun, south - overrun, east + overrun, north + overrun)


def _within(lon: Values, lat: Values, area: Bounds) -> Mask:
    west, south, east, north = area
    with np.errstate(invalid="ignore"):
        return (lon >= west) & (lon <= east) & (lat >= south) & (lat <= north)
