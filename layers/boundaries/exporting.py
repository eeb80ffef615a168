"""What of the boundary layer goes into files, a batch at a time; columns named once, here."""

from collections.abc import Iterator
from datetime import date
from typing import Any, Final

from sqlalchemy import text
from sqlalchemy.orm import Session

from layers.boundaries.ground import UnitGround
from layers.boundaries.model import Level
from layers.features import Area

UNITS: Final = """
SELECT u.code, u.name, u.pinyin, u.level,
       (SELECT p.code FROM boundaries.administrative_unit p WHERE p.unit_id = u.parent_id
           AND p.valid_from <= :as_of AND (p.valid_to IS NULL OR p.valid_to > :as_of) LIMIT 1) AS parent_code,
       u.valid_from, u.valid_to, u.area_m2, u.authoritative, u.source, ST_AsBinary(u.geometry) AS geometry
  FROM boundaries.administrative_unit u
 WHERE u.valid_from <= :as_of AND (u.valid_to IS NULL OR u.valid_to > :as_of) {filters} ORDER BY u.code, u.id
"""
LINES: Final = """
SELECT u.line_code, u.level, u.name, array_to_string(u.unit_codes, ';') AS unit_codes, u.length_m, u.derived,
       u.managing, u.legal_instrument, u.stated_name, u.stated_length_m, u.disputed, u.last_joint_inspection_on, u.valid_from, u.valid_to,
       ST_AsBinary(u.geometry) AS geometry
  FROM boundaries.boundary_line u
 WHERE u.valid_from <= :as_of AND (u.valid_to IS NULL OR u.valid_to > :as_of) {filters} ORDER BY u.line_code, u.id
"""
TRIPOINTS: Final = """
SELECT u.tripoint_code, array_to_string(u.unit_codes, ';') AS unit_codes, u.valid_from, u.valid_to,
       ST_AsBinary(u.geometry) AS geometry
  FROM boundaries.tripoint u
 WHERE u.valid_from <= :as_of AND (u.valid_to IS NULL OR u.valid_to > :as_of) {filters} ORDER BY u.tripoint_code, u.id
"""
STATEMENTS: Final = {"units": UNITS, "lines": LINES, "tripoints": TRIPOINTS}
BATCH: Final = 10_000


def export_batches(
    session: Session, layer: str, *, as_of: date, level: Level | None = None, within: Area | None = None
) -> Iterator[dict[str, list[Any]]]:
    """Yield columns of `units`, `lines` or `tripoints` as they were on a date; geometry as WKB in EPSG:4490.

    The ground of a unit takes of the units itself and those below it: the units above it reach far beyond.

    Rows come through a server-side cursor, so that memory stays flat.
    """
    filters, values = "", {"as_of": as_of}  # type: tuple[str, dict[str, Any]]
    if level is not None:
        filters += " AND u.level = :level"
        values["level"] = level.value
    if within is not None:
        condition, asked = _meeting(layer, within)
        filters += f" AND {condition}"
        values |= asked
    result = session.execute(
        text(STATEMENTS[layer].format(filters=filters)), values, execution_options={"yield_per": BATCH}
    )
    names = list(result.keys())
    for rows in result.partitions(BATCH):
        columns = zip(*rows, strict=True)
        yield dict(zip(names, (list(column) for column in columns), strict=True))


def _meeting(layer: str, within: Area) -> tuple[str, dict[str, Any]]:
    if layer == "units":
        return within.own("u.code") if isinstance(within, UnitGround) else within.condition("u.geometry")
    return within.condition("u.geometry", sides="u.unit_codes")
