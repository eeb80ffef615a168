"""Spatial questions about units and lines, answered as GeoJSON text made by the database (D4).

Reads only; the session is passed in. `as_of` is the date asked about: a version holds from
`valid_from` up to, not including, `valid_to`.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date
from typing import Any, Final

from sqlalchemy import text
from sqlalchemy.orm import Session

from layers.boundaries.model import Level
from layers.features import Box, Listing

LEVEL_RANK: Final = (
    "CASE u.level WHEN 'province' THEN 1 WHEN 'prefecture' THEN 2 WHEN 'county' THEN 3 "
    "WHEN 'township' THEN 4 ELSE 5 END"
)

UNIT_PROPERTIES: Final = """
    u.code, u.name, u.pinyin, u.level, parent.code AS parent_code, parent.name AS parent_name, u.valid_from, u.valid_to,
    round(u.area_m2::numeric, 1) AS area_m2, u.authoritative, u.source
"""
UNIT_PARENT: Final = """
    LEFT JOIN LATERAL (SELECT p.code, p.name FROM boundaries.administrative_unit p
                        WHERE p.unit_id = u.parent_id AND p.valid_from <= :as_of
                          AND (p.valid_to IS NULL OR p.valid_to > :as_of) LIMIT 1) parent ON true
"""

LINE_PROPERTIES: Final = """
    l.line_code, l.level, l.name, l.unit_codes, round(l.length_m::numeric, 2) AS length_m, l.managing,
    l.last_joint_inspection_on, (l.last_joint_inspection_on + interval '5 years')::date AS next_due_on,
    l.disputed, l.derived, l.legal_instrument, l.stated_name, l.stated_length_m, l.valid_from, l.valid_to
"""

UNITS: Final = Listing(
    "boundaries.administrative_unit", "u", "code", UNIT_PROPERTIES, joins=UNIT_PARENT, as_row=True
)
# What is typed whole comes before what begins with it, that before what holds it; high levels first.
FOUND_UNITS: Final = replace(
    UNITS,
    order=(
        "(CASE WHEN u.code = :typed OR (' ' || u.search_key || ' ') LIKE '% ' || :wanted || ' %' THEN '0' "
        "WHEN (' ' || u.search_key) LIKE '% ' || :wanted || '%' THEN '1' ELSE '2' END "
        f"|| ({LEVEL_RANK})::text || u.code)"
    ),
)
LINES: Final = Listing("boundaries.boundary_line", "l", "line_code", LINE_PROPERTIES, as_row=True)


@dataclass(frozen=True, slots=True)
class UnitFilter:
    """Which units are asked for; None means any."""

    as_of: date
    level: Level | None = None
    parent: str | None = None
    q: str | None = None
    bbox: Box | None = None

    def where(self) -> tuple[str, dict[str, Any]]:
        """Return the SQL condition on alias `u` and its parameters; absent filters leave no trace in it."""
        parts = ["u.valid_from <= :as_of", "(u.valid_to IS NULL OR u.valid_to > :as_of)"]
        values: dict[str, Any] = {"as_of": self.as_of}
        if self.level:
            parts.append("u.level = :level")
            values["level"] = self.level.value
        if self.parent:
            parts.append(
                "u.parent_id IN (SELECT p.unit_id FROM boundaries.administrative_unit p WHERE p.code = :parent "
                "AND p.valid_from <= :as_of AND (p.valid_to IS NULL OR p.valid_to > :as_of))"
            )
            values["parent"] = self.parent
        if self.q:
            parts.append("(u.search_key LIKE :like OR u.code LIKE :starts)")
            values["typed"] = self.q.strip().lower()
            wanted = _escaped(self.q.strip().lower())
            values |= {"like": f"%{wanted}%", "starts": f"{wanted}%", "wanted": wanted}
        if self.bbox:
            condition, box = self.bbox.condition("u.geometry")
            parts.append(condition)
            values |= box
        return " AND ".join(parts), values


def _escaped(wanted: str) -> str:
    return wanted.replace("\\", "\\\\").replace("%", "\\%").replace("_", "\\_")


@dataclass(frozen=True, slots=True)
class LineFilter:
    """Which lines are asked for; None means any."""

    as_of: date
    level: Level | None = None
    unit: str | None = None
    bbox: Box | None = None

    def where(self) -> tuple[str, dict[str, Any]]:
        """Return the SQL condition on alias `l` and its parameters."""
        parts = ["l.valid_from <= :as_of", "(l.valid_to IS NULL OR l.valid_to > :as_of)"]
        values: dict[str, Any] = {"as_of": self.as_of}
        if self.level:
            parts.append("l.level = :level")
            values["level"] = self.level.value
        if self.unit:
            parts.append("l.unit_codes @> ARRAY[:unit]")
            values["unit"] = self.unit
        if self.bbox:
            condition, box = self.bbox.condition("l.geometry")
            parts.append(condition)
            values |= box
        return " AND ".join(parts), values


# The outline of a county has tens of thousands of vertices and is made ready for questions again whenever another unit is
# asked: so the points whose boxes fit are asked unit by unit.
OVER_POINTS: Final = f"""
WITH near AS MATERIALIZED (
    SELECT p.place, p.spot, u.code, u.name, u.level, u.geometry
      FROM (SELECT place, ST_SetSRID(ST_MakePoint(lon, lat), 4490) AS spot
              FROM unnest(CAST(:lons AS float8[]), CAST(:lats AS float8[])) WITH ORDINALITY AS asked(lon, lat, place)) p
      JOIN boundaries.administrative_unit u ON u.geometry && p.spot
     WHERE u.valid_from <= :as_of AND (u.valid_to IS NULL OR u.valid_to > :as_of)
       AND (CAST(:levels AS text[]) IS NULL OR u.level = ANY (CAST(:levels AS text[])))
     ORDER BY u.id),
over AS MATERIALIZED (SELECT place, code, name, level FROM near WHERE ST_Covers(geometry, spot))
SELECT place, code, name, level FROM over u ORDER BY place, {LEVEL_RANK}, code
"""


def locate(
    session: Session,
    points: Sequence[tuple[float, float]],
    as_of: date,
    *,
    levels: Sequence[Level] | None = None,
) -> list[list[dict[str, str]]]:
    """Return for each point (lon, lat in EPSG:4490) the chain of units over it, province first; of `levels`, or all.

    A point on a line belongs to both sides, so both are given. One statement answers some thousand points.
    """
    values = {
        "lons": [lon for lon, _ in points],
        "lats": [lat for _, lat in points],
        "as_of": as_of,
        "levels": None if levels is None else [level.value for level in levels],
    }
    chains: list[list[dict[str, str]]] = [[] for _ in points]
    for place, code, name, level in session.execute(text(OVER_POINTS), values):
        chains[place - 1].append({"code": code, "name": name, "level": level})
    return chains
