"""What the register holds around a name: its scopes, places near it, divisions; lists of names. Reads only.

Geometries come in and go out in EPSG:4490.
"""

from collections import OrderedDict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from threading import Lock
from typing import Any, Final

import shapely
from shapely.geometry.base import BaseGeometry
from sqlalchemy import Row, text
from sqlalchemy.orm import Session

from layers.features import Box, Listing
from layers.naming.model import NameKind
from layers.naming.tables import NameStatus

PLACES_DEG: Final = 0.0105  # a little more than the kilometre within which a historic name is suggested
POLYGONS_KEPT: Final = 64

NAME_PROPERTIES: Final = """
    'name', n.characters, 'specific', n.specific, 'generic', n.generic, 'kind', n.kind, 'status', n.status,
    'pinyin', n.pinyin, 'pinyin_plain', n.pinyin_plain, 'reading', n.reading, 'unit_code', n.unit_code,
    'authority_code', n.authority_code, 'road_class', n.road_class, 'aliases', n.aliases, 'origin', n.origin,
    'meaning', n.meaning, 'heritage', n.heritage, 'source', n.source, 'synthetic', n.synthetic,
    'valid_from', n.valid_from, 'valid_to', n.valid_to
"""
NAMES: Final = Listing("naming.name", "n", "id", NAME_PROPERTIES, order="n.characters")

UNNAMED_PROPERTIES: Final = """
    'road_class', r.road_class, 'unit_code', r.unit_code, 'source', r.source, 'recorded_at', r.recorded_at
"""
UNNAMED_ROADS: Final = Listing("naming.unnamed_road", "r", "id", UNNAMED_PROPERTIES, order="r.source")


STILL_UNNAMED: Final = """NOT EXISTS (
    SELECT FROM naming.name n WHERE n.status = 'in_force' AND ST_Dimension(n.geometry) = 1
       AND n.geometry && ST_Expand(r.geometry, 0.00015)
       AND ST_Length(ST_Intersection(r.geometry, ST_Buffer(n.geometry, 0.00015))) >= 0.8 * ST_Length(r.geometry))"""
"""A road, alias `r`, that no name in force runs along: within some 15 m of four fifths of it."""


def unnamed_where(bbox: Box | None, unit: str | None) -> tuple[str, dict[str, Any]]:
    """Return the SQL condition on roads still without a name, alias `r`, and its parameters; None means any."""
    parts = [STILL_UNNAMED]
    values: dict[str, Any] = {}
    if unit:
        parts.append("r.unit_code = :unit")
        values["unit"] = unit
    if bbox:
        condition, box = bbox.condition("r.geometry")
        parts.append(condition)
        values |= box
    return " AND ".join(parts), values


@dataclass(frozen=True, slots=True)
class NameFilter:
    """Which names are asked for; None means any. Without a status, those that stood on `as_of`."""

    as_of: date
    kind: NameKind | None = None
    status: NameStatus | None = None
    unit: str | None = None
    bbox: Box | None = None

    def where(self) -> tuple[str, dict[str, Any]]:
        """Return the SQL condition on alias `n` and its parameters."""
        parts = ["n.valid_from <= :as_of"]
        values: dict[str, Any] = {"as_of": self.as_of}
        if self.status is None or self.status is NameStatus.IN_FORCE:
            parts.append("(n.valid_to IS NULL OR n.valid_to > :as_of)")
        else:
            parts.append("n.status = :status AND n.valid_to <= :as_of")
            values["status"] = self.status.value
        if self.kind:
            parts.append("n.kind = :kind")
            values["kind"] = self.kind.value
        if self.unit:
            parts.append("(n.unit_code = :unit OR n.authority_code = :unit)")
            values["unit"] = self.unit
        if self.bbox:
            condition, box = self.bbox.condition("n.geometry")
            parts.append(condition)
            values |= box
        return " AND ".join(parts), values


@dataclass(frozen=True, slots=True)
class Scope:
    """Ground inside which a name must be unique: `kind` city, district or built_up_area.

    `source` is where its outline comes from; `boundaries` where no built-up area is on record and the city stands
    in for it. `polygon` is in EPSG:4490, None where the unit has no outline.
    """

    kind: str
    identifier: str
    unit_code: str
    name: str
    source: str
    polygon: BaseGeometry | None = field(repr=False, compare=False, default=None)
    unit_codes: frozenset[str] = frozenset()


SCOPES: Final = """
SELECT u.id::text AS id, u.xmin::text AS stamp, u.code, u.name, u.level, u.unit_id, u.parent_id,
       (SELECT p.level FROM boundaries.administrative_unit p WHERE p.unit_id = u.parent_id
           AND p.valid_from <= :as_of AND (p.valid_to IS NULL OR p.valid_to > :as_of) LIMIT 1) AS parent_level
  FROM boundaries.administrative_unit u
 WHERE u.level IN ('prefecture', 'county') AND u.valid_from <= :as_of AND (u.valid_to IS NULL OR u.valid_to > :as_of)
   AND {condition}
 ORDER BY u.level DESC, u.code
"""
BY_GROUND: Final = "ST_Intersects(u.geometry, ST_GeomFromWKB(:line, 4490))"
BY_CODE: Final = """u.unit_id IN (
    WITH RECURSIVE up AS (
        SELECT v.unit_id, v.parent_id, 0 AS depth FROM boundaries.administrative_unit v
         WHERE v.code = :unit AND v.valid_from <= :as_of AND (v.valid_to IS NULL OR v.valid_to > :as_of)
        UNION ALL
        SELECT v.unit_id, v.parent_id, up.depth + 1 FROM boundaries.administrative_unit v JOIN up ON v.unit_id = up.parent_id
         WHERE v.valid_from <= :as_of AND (v.valid_to IS NULL OR v.valid_to > :as_of) AND up.depth < 6)
    SELECT unit_id FROM up)"""
AREAS: Final = """
SELECT b.id::text AS id, b.xmin::text AS stamp, b.unit_code AS code, b.name, b.source FROM naming.built_up_area b
 WHERE b.valid_from <= :as_of AND (b.valid_to IS NULL OR b.valid_to > :as_of)
   AND ST_Intersects(b.geometry, ST_GeomFromWKB(:line, 4490))
"""
BELOW: Final = """
WITH RECURSIVE down AS (
    SELECT v.unit_id, v.code, 0 AS depth FROM boundaries.administrative_unit v WHERE v.id = CAST(:version AS uuid)
    UNION ALL
    SELECT v.unit_id, v.code, down.depth + 1 FROM boundaries.administrative_unit v JOIN down ON v.parent_id = down.unit_id
     WHERE v.valid_from <= :as_of AND (v.valid_to IS NULL OR v.valid_to > :as_of) AND v.level = 'county' AND down.depth < 3)
SELECT DISTINCT code FROM down
"""


def scopes_of(
    session: Session, ground: BaseGeometry | None, *, unit_code: str, as_of: date
) -> tuple[Scope, ...]:
    """Return the scopes a road lies in: built-up areas, districts, cities; by its ground, else by its unit.

    A county without a city above it is its own city. Where no built-up area is on record for the ground, the
    city stands in for it: wider, so no duplicate is missed.
    """
    values: dict[str, Any] = {"as_of": as_of, "unit": unit_code}
    if ground is not None:
        values["line"] = shapely.to_wkb(ground)
    condition = BY_CODE if ground is None else BY_GROUND
    used = {name: value for name, value in values.items() if f":{name}" in condition or name == "as_of"}
    units = session.execute(text(SCOPES.format(condition=condition)), used).all()
    cities = [unit for unit in units if unit.level == "prefecture" or unit.parent_level != "prefecture"]
    districts = [unit for unit in units if unit.level == "county"]
    scopes = [_unit_scope(session, "district", unit, as_of) for unit in districts]
    city_scopes = [_unit_scope(session, "city", unit, as_of) for unit in cities]
    areas: Sequence[Row[Any]] = ()
    if ground is not None:
        areas = session.execute(text(AREAS), {"as_of": as_of, "line": values["line"]}).all()
    built = [
        Scope(
            "built_up_area",
            area.id,
            area.code,
            area.name,
            area.source,
            _polygon(session, "naming.built_up_area", area.id, area.stamp),
        )
        for area in areas
    ]
    stand_ins = [
        Scope(
            "built_up_area",
            each.identifier,
            each.unit_code,
            each.name,
            "boundaries",
            each.polygon,
            each.unit_codes,
        )
        for each in city_scopes
    ]
    return (*(built or stand_ins), *scopes, *city_scopes)


def _unit_scope(session: Session, kind: str, unit: Row[Any], as_of: date) -> Scope:
    polygon = _polygon(session, "boundaries.administrative_unit", unit.id, unit.stamp)
    below = frozenset(session.execute(text(BELOW), {"version": unit.id, "as_of": as_of}).scalars())
    return Scope(kind, unit.id, unit.code, unit.name, "boundaries", polygon, below)


_kept: "OrderedDict[tuple[str, str, str], BaseGeometry | None]" = OrderedDict()
_lock = Lock()


def _polygon(session: Session, table: str, identifier: str, stamp: str) -> BaseGeometry | None:
    """Return an outline, prepared for many questions and kept until its row changes (`stamp` is its xmin)."""
    key = (table, identifier, stamp)
    with _lock:
        if key in _kept:
            _kept.move_to_end(key)
            return _kept[key]
    wkb = session.execute(
        text(f"SELECT ST_AsBinary(geometry) FROM {table} WHERE id = CAST(:id AS uuid)"), {"id": identifier}
    ).scalar()
    polygon = None if wkb is None else shapely.from_wkb(bytes(wkb))
    if polygon is not None:
        shapely.prepare(polygon)
    with _lock:
        _kept[key] = polygon
        while len(_kept) > POLYGONS_KEPT:
            _kept.popitem(last=False)
    return polygon


HISTORIC: Final = """
SELECT n.id::text AS id, n.characters, n.kind, ST_AsBinary(n.geometry) AS wkb FROM naming.name n
 WHERE ST_DWithin(n.geometry, ST_GeomFromWKB(:line, 4490), :reach)
   AND (n.status = 'historic' OR (n.kind = 'village' AND n.status = 'in_force'))
"""


def places_near(session: Session, ground: BaseGeometry) -> list[tuple[str, str, BaseGeometry]]:
    """Return historic names and villages within about a kilometre: id, characters, place."""
    rows = session.execute(text(HISTORIC), {"line": shapely.to_wkb(ground), "reach": PLACES_DEG})
    return [(row.id, row.characters, shapely.from_wkb(bytes(row.wkb))) for row in rows]


def protected_names(session: Session, former: str) -> frozenset[str]:
    """Return `former` where it stands on a heritage list."""
    found = session.execute(
        text("SELECT characters FROM naming.name WHERE characters = :former AND heritage IS NOT NULL"),
        {"former": former},
    )
    return frozenset(found.scalars())


DIVISIONS: Final = """
WITH RECURSIVE known AS (
    SELECT u.unit_id, u.code, u.name, 0 AS depth FROM boundaries.administrative_unit u
     WHERE u.parent_id IS NULL AND u.valid_from <= :as_of AND (u.valid_to IS NULL OR u.valid_to > :as_of)
    UNION ALL
    SELECT u.unit_id, u.code, u.name, known.depth + 1 FROM boundaries.administrative_unit u
      JOIN known ON u.parent_id = known.unit_id
     WHERE u.valid_from <= :as_of AND (u.valid_to IS NULL OR u.valid_to > :as_of)
       AND u.level IN ('prefecture', 'county') AND known.depth < 3)
SELECT DISTINCT code, name FROM known WHERE name = ANY (:names)
"""
DIVISION_ENDINGS: Final = ("", "省", "市", "县", "区", "自治区", "黎族自治县", "黎族苗族自治县")


def divisions_called(session: Session, specific: str, as_of: date) -> list[tuple[str, str]]:
    """Return (code, short name) of the divisions on record that `specific` begins with: 文昌 in 文昌路."""
    starts = [specific[:length] for length in range(2, len(specific) + 1)]
    names: Mapping[str, str] = {start + ending: start for start in starts for ending in DIVISION_ENDINGS}
    rows = session.execute(text(DIVISIONS), {"as_of": as_of, "names": list(names)})
    return [(row.code, names[row.name]) for row in rows]
