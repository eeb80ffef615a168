"""What of the register of names goes into files, a batch at a time; columns named once, here."""

from collections.abc import Iterator, Mapping
from datetime import date
from typing import Any, Final

from sqlalchemy import text
from sqlalchemy.orm import Session

from layers.features import Area

BATCH: Final = 10_000
NAMES: Final = """
SELECT n.id::text AS id, n.characters AS name, n.pinyin, n.kind, n.status, array_to_string(n.reading, ' ') AS reading,
       n.unit_code, n.road_class, array_to_string(n.aliases, ';') AS aliases, n.origin, n.meaning, n.heritage, n.source,
       n.synthetic, n.valid_from, n.valid_to, ST_AsBinary(n.geometry) AS geometry
  FROM naming.name n
 WHERE n.valid_from <= :as_of AND (n.valid_to IS NULL OR n.valid_to > :as_of) {filters}
 ORDER BY n.pinyin_plain, n.characters, n.id
"""

SIGNS: Final = """
SELECT g.id::text AS id, g.name_id::text AS name_id, n.characters AS name, g.number, g.text, g.pinyin, g.colour, g.reason,
       g.crossing, g.bearing, coalesce(i.state, 'planned') AS state, i.inspected_on, g.unit_code,
       ST_AsBinary(g.geometry) AS geometry
  FROM naming.sign g JOIN naming.name n ON n.id = g.name_id
  LEFT JOIN LATERAL (SELECT v.state, v.inspected_on FROM naming.sign_inspection v WHERE v.sign_id = g.id
        ORDER BY v.inspected_on DESC, v.recorded_at DESC LIMIT 1) i ON true
 WHERE {filters} ORDER BY n.pinyin_plain, g.name_id, g.number
"""


def export_batches(
    session: Session, *, as_of: date, within: Area | None = None
) -> Iterator[dict[str, list[Any]]]:
    """Yield columns of the names that stood on a day, in the order of their letters; geometry as WKB in EPSG:4490."""
    filters, values = "", {"as_of": as_of}  # type: tuple[str, dict[str, Any]]
    if within is not None:
        condition, asked = within.condition("n.geometry")
        filters = f" AND {condition}"
        values |= asked
    return _columns(session, NAMES.format(filters=filters), values)


def sign_batches(session: Session, *, within: Area | None = None) -> Iterator[dict[str, list[Any]]]:
    """Yield columns of the street signs that are planned or stand, road by road; geometry as WKB in EPSG:4490."""
    filters, values = ("true", dict[str, Any]()) if within is None else within.condition("g.geometry")
    return _columns(session, SIGNS.format(filters=filters), values)


def _columns(session: Session, statement: str, values: Mapping[str, Any]) -> Iterator[dict[str, list[Any]]]:
    result = session.execute(text(statement), dict(values), execution_options={"yield_per": BATCH})
    names = list(result.keys())
    for rows in result.partitions(BATCH):
        columns = zip(*rows, strict=True)
        yield dict(zip(names, (list(column) for column in columns), strict=True))
