"""The ground of a change of units: read, taken over from what was, and refused where it does not fit."""

from collections.abc import Mapping, Sequence
from typing import Any

import shapely
from geoalchemy2.shape import to_shape
from shapely.errors import GEOSException
from shapely.geometry.base import BaseGeometry
from sqlalchemy.orm import Session

from geo_service.schemas.boundaries import ChangeOfUnits
from layers.boundaries.derivation import change_findings, overlap_findings
from layers.boundaries.model import ChangeKind, ChangeLeavesGap, ChangeOverlaps, ChangeRefused, Level
from layers.boundaries.register import as_multipolygon, standing_on
from layers.boundaries.tables import AdministrativeUnitRow
from layers.findings import Finding


def read_area(geometry: Mapping[str, Any]) -> BaseGeometry:
    """Return a GeoJSON polygon as a valid MultiPolygon; raises `ChangeRefused` with the reason and place."""
    try:
        read = shapely.geometry.shape(dict(geometry))
    except (GEOSException, ValueError, TypeError, KeyError, IndexError, AttributeError):
        raise ChangeRefused(reason="geometry_unreadable") from None
    area = as_multipolygon(read)
    if area.is_empty or not area.is_valid:
        raise ChangeRefused(reason="geometry_invalid", why=shapely.is_valid_reason(area))
    west, south, east, north = area.bounds
    if not (-180 <= west <= east <= 180 and -90 <= south <= north <= 90):
        raise ChangeRefused(reason="not_degrees", bounds=[west, south, east, north])
    return area


def successor_grounds(
    before: Sequence[AdministrativeUnitRow], asked: ChangeOfUnits
) -> dict[str, BaseGeometry | None]:
    """Return each successor's outline: the one given, or the one that follows from the kind of change."""
    had = {row.code: None if row.geometry is None else to_shape(row.geometry) for row in before}
    grounds: dict[str, BaseGeometry | None] = {}
    for unit in asked.successors:
        if unit.geometry is not None:
            grounds[unit.code] = read_area(unit.geometry)
        elif asked.kind is ChangeKind.MERGE:
            parts = [shape for shape in had.values() if shape is not None]
            grounds[unit.code] = as_multipolygon(shapely.union_all(parts)) if parts else None
        elif asked.kind in {ChangeKind.RENAME, ChangeKind.RECODE}:
            grounds[unit.code] = next(iter(had.values()))
        elif any(shape is not None for shape in had.values()):
            raise ChangeRefused(reason="outline_needed", unit_code=unit.code, kind=asked.kind.value)
        else:
            grounds[unit.code] = None
    return grounds


def check_ground(
    session: Session,
    asked: ChangeOfUnits,
    before: Sequence[AdministrativeUnitRow],
    grounds: Mapping[str, BaseGeometry | None],
) -> None:
    """Refuse ground left to nobody or taken twice; where there was no outline before, by those that stand."""
    had = {row.code: to_shape(row.geometry) for row in before if row.geometry is not None}
    has = {code: ground for code, ground in grounds.items() if ground is not None}
    if had:
        found = change_findings(had, has)
    elif has:
        standing = standing_on(session, asked.effective_on, level_of(asked, before), has.values())
        found = overlap_findings(has, {code: ground for code, ground in standing.items() if code not in has})
    else:
        return
    for refusal, code in ((ChangeLeavesGap, "boundary.gap"), (ChangeOverlaps, "boundary.overlap")):
        places = [_place(finding) for finding in found if finding.code == code]
        if places:
            raise refusal(places=places)


def level_of(asked: ChangeOfUnits, before: Sequence[AdministrativeUnitRow]) -> Level:
    """Return the level an act is about: the one stated, else that of its predecessors."""
    stated = next((unit.level for unit in asked.successors if unit.level), asked.level)
    if stated is None and not before:
        raise ChangeRefused(reason="name_and_level_needed", unit_code=asked.successors[0].code)
    return stated or Level(before[0].level)


def _place(finding: Finding) -> dict[str, object]:
    kept = {name: finding.evidence.get(name) for name in ("lon", "lat", "measure", "area_m2")}
    return {"unit_codes": list(finding.subject), **kept}
