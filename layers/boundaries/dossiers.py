"""One unit or one line in full: where it stands, whom it touches, what it was and became."""

import uuid
from datetime import date
from typing import Final

from sqlalchemy import text
from sqlalchemy.orm import Session

from layers.boundaries.ground import UnitGround
from layers.boundaries.model import Level, LineNotFound, UnitNotFound
from layers.boundaries.queries import LEVEL_RANK, LINE_PROPERTIES, LINES, UNIT_PROPERTIES, UNITS


def unit_version(session: Session, code: str, as_of: date, level: Level | None = None) -> uuid.UUID:
    """Return the key of the version that bears `code` on `as_of`, the highest level first.

    460400 (儋州) stands at two levels; `level` says which is meant. Raises `UnitNotFound`.
    """
    found = session.execute(
        text(
            f"SELECT u.id FROM boundaries.administrative_unit u WHERE u.code = :code AND u.valid_from <= :as_of "
            f"AND (u.valid_to IS NULL OR u.valid_to > :as_of) AND (CAST(:level AS text) IS NULL OR u.level = :level) "
            f"ORDER BY {LEVEL_RANK} LIMIT 1"
        ),
        {"code": code, "as_of": as_of, "level": level.value if level else None},
    ).scalar()
    if found is None:
        raise UnitNotFound(unit_code=code, as_of=as_of.isoformat())
    return uuid.UUID(str(found))


def unit_ground(session: Session, code: str, as_of: date) -> UnitGround | None:
    """Return the ground of a unit as it was on a day, None where it has no outline. Raises `UnitNotFound`."""
    version = unit_version(session, code, as_of)
    codes = session.execute(
        text(
            "WITH RECURSIVE under AS ("
            "SELECT u.unit_id, u.code, 0 AS depth FROM boundaries.administrative_unit u "
            "WHERE u.id = :version AND NOT ST_IsEmpty(u.geometry) UNION ALL "
            "SELECT u.unit_id, u.code, under.depth + 1 FROM boundaries.administrative_unit u JOIN under "
            "ON u.parent_id = under.unit_id AND u.valid_from <= :as_of AND (u.valid_to IS NULL OR u.valid_to > :as_of) "
            "WHERE under.depth < 6) SELECT DISTINCT code FROM under ORDER BY code"
        ),
        {"version": version, "as_of": as_of},
    ).scalars()
    found = tuple(codes)
    return UnitGround(version, found) if found else None


def unit_feature(
    session: Session, code: str, as_of: date, *, level: Level | None = None, with_geometry: bool = True
) -> str:
    """Return one unit as GeoJSON text with its ancestors, neighbours and history. Raises `UnitNotFound`."""
    version = unit_version(session, code, as_of, level)
    properties = f"{UNIT_PROPERTIES}, ({ANCESTORS}) AS ancestors, ({CHILDREN}) AS children, "
    properties += f"({NEIGHBOURS}) AS neighbours, ({HISTORY}) AS history"
    return str(
        session.execute(
            text(
                f"SELECT {UNITS.feature(properties, with_geometry=with_geometry)} "
                f"FROM boundaries.administrative_unit u {UNITS.joins} WHERE u.id = :version"
            ),
            {"version": version, "as_of": as_of},
        ).scalar_one()
    )


ANCESTORS: Final = """
    SELECT coalesce(json_agg(json_build_object('code', a.code, 'name', a.name, 'level', a.level) ORDER BY a.depth DESC), '[]')
      FROM (WITH RECURSIVE up AS (
                SELECT p.*, 1 AS depth FROM boundaries.administrative_unit p WHERE p.unit_id = u.parent_id
                   AND p.valid_from <= :as_of AND (p.valid_to IS NULL OR p.valid_to > :as_of)
                UNION ALL
                SELECT p.*, up.depth + 1 FROM boundaries.administrative_unit p JOIN up ON p.unit_id = up.parent_id
                 WHERE p.valid_from <= :as_of AND (p.valid_to IS NULL OR p.valid_to > :as_of) AND up.depth < 6)
            SELECT * FROM up) a
"""

CHILDREN: Final = """
    SELECT count(*) FROM boundaries.administrative_unit c WHERE c.parent_id = u.unit_id
       AND c.valid_from <= :as_of AND (c.valid_to IS NULL OR c.valid_to > :as_of)
"""

NEIGHBOURS: Final = """
    SELECT coalesce(json_agg(json_build_object('code', n.code, 'name', n.name, 'line_code', l.line_code,
                    'length_m', round(l.length_m::numeric, 2)) ORDER BY n.code), '[]')
      FROM boundaries.boundary_line l
      JOIN boundaries.administrative_unit n ON n.unit_id = ANY (l.unit_ids) AND n.unit_id <> u.unit_id
     WHERE l.unit_ids @> ARRAY[u.unit_id] AND l.valid_from <= :as_of AND (l.valid_to IS NULL OR l.valid_to > :as_of)
       AND n.valid_from <= :as_of AND (n.valid_to IS NULL OR n.valid_to > :as_of)
"""

HISTORY: Final = """
    SELECT coalesce(json_agg(json_build_object('code', h.code, 'name', h.name, 'level', h.level,
                    'valid_from', h.valid_from, 'valid_to', h.valid_to, 'relation', h.relation,
                    'kind', c.kind, 'instrument', c.instrument, 'effective_on', c.effective_on)
                    ORDER BY h.valid_from, h.code), '[]')
      FROM (WITH RECURSIVE back AS (
                SELECT u.id, u.unit_id, u.valid_from
                UNION SELECT p.id, p.unit_id, p.valid_from FROM back, LATERAL (
                    SELECT v.id, v.unit_id, v.valid_from FROM boundaries.administrative_unit v
                     WHERE v.unit_id = back.unit_id AND v.valid_from < back.valid_from
                    UNION ALL
                    SELECT v.id, v.unit_id, v.valid_from FROM boundaries.unit_succession s
                      JOIN boundaries.administrative_unit v ON v.id = s.predecessor_id
                     WHERE s.successor_id = back.id) p),
              forth AS (
                SELECT u.id, u.unit_id, u.valid_from
                UNION SELECT n.id, n.unit_id, n.valid_from FROM forth, LATERAL (
                    SELECT v.id, v.unit_id, v.valid_from FROM boundaries.administrative_unit v
                     WHERE v.unit_id = forth.unit_id AND v.valid_from > forth.valid_from
                    UNION ALL
                    SELECT v.id, v.unit_id, v.valid_from FROM boundaries.unit_succession s
                      JOIN boundaries.administrative_unit v ON v.id = s.successor_id
                     WHERE s.predecessor_id = forth.id) n)
            SELECT v.*, r.relation FROM boundaries.administrative_unit v
              JOIN (SELECT id, 'predecessor' AS relation FROM back WHERE id <> u.id
                    UNION ALL SELECT id, 'successor' FROM forth WHERE id <> u.id
                    UNION ALL SELECT u.id, 'self') r ON r.id = v.id) h
      LEFT JOIN LATERAL (SELECT c.kind, c.instrument, c.effective_on FROM boundaries.unit_succession s
                           JOIN boundaries.unit_change c ON c.id = s.change_id WHERE s.successor_id = h.id LIMIT 1) c ON true
"""


def line_feature(session: Session, line_code: str, as_of: date, *, with_geometry: bool = True) -> str:
    """Return one boundary line as GeoJSON text, its units and tripoints named. Raises `LineNotFound`."""
    properties = f"{LINE_PROPERTIES}, ({LINE_UNITS}) AS units, ({LINE_TRIPOINTS}) AS tripoints"
    found = session.execute(
        text(
            f"SELECT {LINES.feature(properties, with_geometry=with_geometry)} "
            "FROM boundaries.boundary_line l WHERE l.line_code = :line_code AND l.valid_from <= :as_of "
            "AND (l.valid_to IS NULL OR l.valid_to > :as_of)"
        ),
        {"line_code": line_code, "as_of": as_of},
    ).scalar()
    if found is None:
        raise LineNotFound(line_code=line_code, as_of=as_of.isoformat())
    return str(found)


LINE_UNITS: Final = """
    SELECT json_agg(json_build_object('code', n.code, 'name', n.name, 'level', n.level) ORDER BY n.code)
      FROM boundaries.administrative_unit n WHERE n.unit_id = ANY (l.unit_ids) AND n.valid_from <= :as_of
       AND (n.valid_to IS NULL OR n.valid_to > :as_of)
"""

LINE_TRIPOINTS: Final = """
    SELECT coalesce(json_agg(json_build_object('tripoint_code', t.tripoint_code, 'unit_codes', t.unit_codes,
                    'lon', round(ST_X(t.geometry)::numeric, 7), 'lat', round(ST_Y(t.geometry)::numeric, 7))
                    ORDER BY t.tripoint_code), '[]')
      FROM boundaries.tripoint t WHERE t.unit_codes @> l.unit_codes AND t.valid_from <= :as_of
       AND (t.valid_to IS NULL OR t.valid_to > :as_of)
"""
