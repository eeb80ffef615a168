"""The reference systems that the door speaks, and the order in which each of them gives its axes."""

from dataclasses import dataclass
from functools import cache
from typing import Final

from pyproj import CRS

from geo_service.ogc.cql import Place
from geo_service.ogc.refusals import CrsNotOffered
from layers.geodesy import STORAGE_SRID

CRS84: Final = "http://www.opengis.net/def/crs/OGC/1.3/CRS84"
EPSG: Final = "http://www.opengis.net/def/crs/EPSG/0/{}"
CODES: Final = (4490, 4326, 3857, 4546)


@dataclass(frozen=True, slots=True)
class Spoken:
    """One CRS: its address, its SRID, and whether north comes first. CRS84 is longitude first, by definition."""

    uri: str
    srid: int
    north_first: bool

    @property
    def place(self) -> Place:
        """The same for literals of a filter."""
        return Place(self.srid, STORAGE_SRID, north_first=self.north_first)

    def shown(self, geometry: str) -> str:
        """Return SQL of a stored geometry as this CRS gives it."""
        degrees = self.srid in {4326, 4490}
        moved = geometry if degrees else f"ST_Transform({geometry}, {self.srid})"
        return f"ST_FlipCoordinates({moved})" if self.north_first else moved

    def digits(self, of_degrees: int) -> int:
        """Decimals of a coordinate: those of degrees, or ten to the metre's minus five less."""
        return of_degrees if self.srid in {4326, 4490} else max(of_degrees - 5, 4)


@cache
def offered() -> dict[str, Spoken]:
    """Return every CRS by its address, the default first."""
    found = {CRS84: Spoken(CRS84, 4326, north_first=False)}
    for code in CODES:
        north = CRS.from_epsg(code).axis_info[0].direction == "north"
        uri = EPSG.format(code)
        found[uri] = Spoken(uri, code, north_first=north)
    return found


def read_crs(given: str | None) -> Spoken:
    """Return the CRS of an address, also written `[EPSG:4546]` or `EPSG:4546`. Raises `CrsNotOffered`."""
    if given is None:
        return offered()[CRS84]
    plain = given.strip().strip("[]<>")
    if plain.upper().startswith("EPSG:"):
        plain = EPSG.format(plain[5:])
    elif plain.upper() in {"CRS84", "OGC:CRS84"}:
        plain = CRS84
    plain = plain.replace("https://", "http://", 1)
    if plain not in offered():
        raise CrsNotOffered(given=given[:200], offered=list(offered()))
    return offered()[plain]
