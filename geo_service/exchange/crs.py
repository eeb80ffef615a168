"""Which CRS the coordinates of a file are in: what the officer states, else what the file says; refuses to guess."""

import re
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Final

import numpy as np
import shapely
from numpy.typing import NDArray
from pyproj import CRS

from geo_service.exchange.flat import flat
from geo_service.exchange.refusals import CrsUnknown
from layers.findings import Finding
from layers.geodesy import (
    STORAGE_CRS,
    CrsUnreadable,
    HelmertParameters,
    PlaneParameters,
    bd09_to_wgs84,
    gcj02_to_wgs84,
    read_crs,
    same_ground,
    transformer,
)

Values = NDArray[np.float64]
Move = Callable[[Values, Values], tuple[Values, Values]]
Bounds = tuple[float, float, float, float]

ACCEPTED: Final = ("EPSG:4490", "EPSG:4546", "EPSG:n", "GCJ-02", "BD-09")
_MAP_OFFSETS: Final[dict[str, tuple[str, Move]]] = {
    "GCJ02": ("GCJ-02", gcj02_to_wgs84),
    "BD09": ("BD-09", bd09_to_wgs84),
}


@dataclass(frozen=True, slots=True)
class SourceCrs:
    """The CRS that a file is read in. `text` is kept beside each original; `move` leads to EPSG:4490."""

    text: str
    declared: CRS | str
    move: Move | None

    def points_to_storage(self, points: Values) -> Values:
        """Bring coordinates [n, 2] to EPSG:4490 degrees, east first."""
        return points if self.move is None else np.column_stack(self.move(points[:, 0], points[:, 1]))

    def to_storage(self, geometries: NDArray[np.object_]) -> NDArray[np.object_]:
        """Bring geometries to EPSG:4490 degrees, east first, 2D."""
        if self.move is None:
            return flat(geometries)
        result: Any = shapely.transform(geometries, self.points_to_storage)
        return np.asarray(result, dtype=np.object_)


def map_offset(stated: str | None) -> tuple[str, Move] | None:
    """Return the name of the map offset meant and the way from it to WGS 84; None for a CRS or nothing.

    >>> map_offset("gcj02")[0], map_offset("EPSG:4490")
    ('GCJ-02', None)
    """
    return _MAP_OFFSETS.get(re.sub(r"[-_ ]", "", (stated or "").strip().upper()))


def source_crs(
    of_file: str | None,
    stated: str | None,
    *,
    file: str,
    bounds: Bounds | None = None,
    parameters: HelmertParameters | PlaneParameters | None = None,
) -> tuple[SourceCrs, list[Finding]]:
    """Decide the CRS; what is stated wins over what the file says, and a contradiction is a finding.

    Finding `import.crs_contradicted` (evidence `of_file`, `stated`). Raises `CrsUnknown` when neither
    says one, `crs.unreadable` for words that name none, `crs.datum_not_approved` for a datum without approved
    way to CGCS2000.
    """
    carried = _carried(of_file)
    if stated is None:
        if carried is None:
            raise CrsUnknown(file=file, accepts=list(ACCEPTED), bounds=bounds)
        return _approved(carried, parameters), []
    offset = map_offset(stated)
    if offset is not None:
        name, move = offset
        chosen = SourceCrs(name, name, move)
        contradicted = carried is not None
    else:
        if not re.fullmatch(r"EPSG:\d{4,6}", stated.strip(), re.IGNORECASE):
            raise CrsUnreadable(crs=stated[:100], accepts=list(ACCEPTED))
        crs = read_crs(stated.strip().upper())
        chosen = _approved(crs, parameters)
        contradicted = carried is not None and not _same(carried, crs)
    findings = []
    if contradicted and carried is not None:
        evidence = {"of_file": _text(carried), "stated": chosen.text}
        findings.append(Finding("import.crs_contradicted", (file,), evidence))
    return chosen, findings


def carried_crs(of_file: str | None) -> str | None:
    """Return what a file says its CRS is, as it is kept beside its originals; None where it says nothing about the ground."""
    crs = _carried(of_file)
    return None if crs is None else _text(crs)


def _carried(of_file: str | None) -> CRS | None:
    """Return the CRS a file carries; a local (engineering) one says nothing about the ground."""
    if not of_file:
        return None
    try:
        crs = read_crs(of_file)
    except CrsUnreadable:
        return None
    return crs if crs.geodetic_crs is not None else None


def _approved(crs: CRS, parameters: HelmertParameters | PlaneParameters | None) -> SourceCrs:
    way = transformer(crs, STORAGE_CRS, parameters)
    degrees = crs.is_geographic and same_ground(crs, STORAGE_CRS) and _in_degrees(crs)
    return SourceCrs(_text(crs), crs, None if degrees else way.transform)


def _in_degrees(crs: CRS) -> bool:
    return all(abs(axis.unit_conversion_factor - np.pi / 180) < 1e-12 for axis in crs.axis_info[:2])


def _same(carried: CRS, stated: CRS) -> bool:
    if carried.equals(stated, ignore_axis_order=True):
        return True
    if carried.is_geographic and stated.is_geographic:
        return same_ground(carried, stated)
    return carried.to_epsg(min_confidence=70) == stated.to_epsg() is not None


def _text(crs: CRS) -> str:
    authority = crs.to_authority(min_confidence=70)
    return ":".join(authority) if authority else crs.to_wkt()
