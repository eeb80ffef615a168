"""Lists of street signs with what was last seen of them and what does not agree; reads only."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final
from uuid import UUID

from sqlalchemy import text
from sqlalchemy.orm import Session

from layers.features import Box, Listing

MISMATCHES: Final = """array_remove(ARRAY[
    CASE WHEN i.state = 'missing' THEN 'missing' WHEN i.state = 'damaged' THEN 'damaged' END,
    CASE WHEN i.text_seen IS DISTINCT FROM g.text AND i.text_seen IS NOT NULL THEN 'wrong_text' END,
    CASE WHEN i.pinyin_seen IS NOT NULL AND replace(upper(i.pinyin_seen), '''', '’') <> g.pinyin THEN 'wrong_spelling' END,
    CASE WHEN i.colour_seen IS DISTINCT FROM g.colour AND i.colour_seen IS NOT NULL THEN 'wrong_colour' END,
    CASE WHEN n.status <> 'in_force' OR n.characters <> g.text THEN 'name_ended' END], NULL)"""
SIGNS_WITH_LAST: Final = f"""
(SELECT g.*, n.characters AS name, n.status AS name_status, i.state, i.inspected_on, i.text_seen, i.pinyin_seen,
        i.colour_seen, {MISMATCHES} AS mismatches
   FROM naming.sign g JOIN naming.name n ON n.id = g.name_id LEFT JOIN LATERAL (
        SELECT * FROM naming.sign_inspection v WHERE v.sign_id = g.id
         ORDER BY v.inspected_on DESC, v.recorded_at DESC LIMIT 1) i ON true)
"""
PROPERTIES: Final = """
    'name_id', s.name_id, 'name', s.name, 'number', s.number, 'reason', s.reason, 'crossing', s.crossing,
    'bearing', round(s.bearing::numeric, 1), 'colour', s.colour, 'text', s.text, 'pinyin', s.pinyin, 'arrows', s.arrows,
    'state', coalesce(s.state, 'planned'), 'inspected_on', s.inspected_on, 'mismatches', s.mismatches,
    'text_seen', s.text_seen, 'pinyin_seen', s.pinyin_seen, 'colour_seen', s.colour_seen
"""
SIGNS: Final = Listing(
    SIGNS_WITH_LAST, "s", "id", PROPERTIES, order="(s.name || lpad(s.number::text, 4, '0'))"
)


@dataclass(frozen=True, slots=True)
class SignFilter:
    """Which signs are asked for; None means any. `mismatch` True: the work list."""

    name_id: UUID | None = None
    bbox: Box | None = None
    mismatch: bool | None = None

    def where(self) -> tuple[str, dict[str, Any]]:
        """Return the SQL condition on alias `s` and its parameters."""
        parts, values = ["true"], {}  # type: tuple[list[str], dict[str, Any]]
        if self.name_id:
            parts.append("s.name_id = :name_id")
            values["name_id"] = self.name_id
        if self.mismatch is not None:
            parts.append(f"(cardinality(s.mismatches) > 0) = {self.mismatch}")
        if self.bbox:
            condition, box = self.bbox.condition("s.geometry")
            parts.append(condition)
            values |= box
        return " AND ".join(parts), values


CROSSING: Final = """
SELECT o.characters, ST_AsBinary(o.geometry) FROM naming.name o JOIN naming.name n ON n.id = :id
 WHERE o.id <> n.id AND o.kind = 'street' AND o.status = 'in_force' AND o.characters <> n.characters
   AND ST_Intersects(o.geometry, n.geometry) ORDER BY o.characters, o.id
"""


def roads_crossing(session: Session, name_id: UUID) -> list[tuple[str, bytes]]:
    """Return the roads with a name that meet a road, by name, as WKB in EPSG:4490."""
    return [(name, bytes(wkb)) for name, wkb in session.execute(text(CROSSING), {"id": name_id})]


WORK: Final = f"""
SELECT s.name, s.number, s.reason, s.crossing, s.bearing, s.arrows, s.text, s.pinyin, s.colour, coalesce(s.state, 'planned') AS state,
       s.inspected_on, s.text_seen, s.pinyin_seen, s.colour_seen, s.mismatches, s.unit_code, ST_X(s.geometry) AS lon,
       ST_Y(s.geometry) AS lat
  FROM {SIGNS_WITH_LAST} s
 WHERE (cardinality(s.mismatches) > 0 OR s.state IS NULL) AND s.unit_code LIKE :units
 ORDER BY s.name, s.name_id, s.number LIMIT :most
"""


def signs_to_work_on(session: Session, *, units: str, most: int) -> list[Mapping[str, Any]]:
    """Return the signs still to be set up and those that do not agree, road by road; `units` begins their code.

    Places in EPSG:4490, bearings in degrees clockwise from north.
    """
    bound = {"units": f"{units}%", "most": most}
    return [dict(row) for row in session.execute(text(WORK), bound).mappings()]
