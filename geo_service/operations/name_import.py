"""Takes a file of names on the register: pieces of one road gathered, judged, then all of it or nothing (D6)."""

import hashlib
from collections import defaultdict
from collections.abc import Callable, Iterator, Sequence
from datetime import date
from pathlib import Path
from typing import Any, Final

import numpy as np
import shapely
from shapely.geometry.base import BaseGeometry
from sqlalchemy import text
from sqlalchemy.orm import Session

from geo_service.auth.audit import record_act
from geo_service.exchange.rejects import Reject
from geo_service.exchange.staging import bulk_load, create_staging
from geo_service.operations.name_file import ImportedNames, NameTerms, Piece, pieces_of
from layers.boundaries.queries import locate
from layers.geodesy import STORAGE_SRID, project_to_metres
from layers.naming.model import NameKind
from layers.naming.parser import kind_of, normalise
from layers.naming.register import NewName, row_of, search_rows
from layers.tables import uuid7

STREET_ENDINGS: Final = {"LineString", "MultiLineString"}
ONE_ROAD_WITHIN_M: Final = 200.0
LONGEST: Final = 40
AT_ONCE: Final = 1000
SEARCH_COLUMNS: Final = {"id": "uuid", "name_id": "uuid", "key": "text", "why": "smallint", "shown": "text"}
Tell = Callable[[float, str], None]


def import_names(
    session: Session, path: Path, terms: NameTerms, *, recorded_by: str, on: date, tell: Tell | None = None
) -> ImportedNames:
    """Put the names of a file on the register; with one reject, or on a dry run, nothing is written.

    Rows of one name whose lines lie within 200 m of each other are one road. A name that the same source gave
    for the same ground before is left as it is, so that a file twice is once. Lines without a name are listed as
    unnamed roads. Raises the refusals of `geo_service.exchange`.
    """
    done = ImportedNames()
    pieces = list(pieces_of(path, terms, done))
    done.rows = len(pieces) + len(done.rejects)
    if tell is not None:
        tell(0.3, "reading")
    _locate(session, pieces, on)
    named = [piece for piece in pieces if piece.says("name")]
    done.rejects += _judged(named, terms)
    done.rejects += _judged_unnamed([piece for piece in pieces if not piece.says("name")], terms)
    if done.rejects:
        return done
    source = terms.source or path.name
    new = _fresh(session, _roads(named, terms, source=source, on=on, crs=done.source_crs), done)
    unnamed = [piece for piece in pieces if not piece.says("name")]
    done.begun, done.unnamed = len(new), len(unnamed)
    if terms.dry_run:
        return done
    _write(session, new, recorded_by=recorded_by)
    _write_unnamed(session, unnamed, terms, source=source, recorded_by=recorded_by)
    done.written = True
    if tell is not None:
        tell(1.0, "writing")
    digest = hashlib.sha256(path.read_bytes()).hexdigest()
    detail = {
        "sha256": digest,
        "source": source,
        "rows": done.rows,
        "begun": done.begun,
        "unnamed": done.unnamed,
    }
    record_act(session, "name.import", subject=("file", path.name), detail=detail)
    return done


def _locate(session: Session, pieces: Sequence[Piece], on: date) -> None:
    for start in range(0, len(pieces), AT_ONCE):
        part = pieces[start : start + AT_ONCE]
        middles = [_middle(piece.ground) for piece in part]
        for piece, chain in zip(
            part, locate(session, [(place.x, place.y) for place in middles], on), strict=True
        ):
            piece.units = chain


def _middle(ground: BaseGeometry) -> shapely.Point:
    if isinstance(ground, shapely.LineString):
        return shapely.Point(ground.interpolate(0.5, normalized=True))
    return shapely.Point(ground.representative_point())


def _unit(piece: Piece, terms: NameTerms) -> tuple[str, str] | None:
    """Return the district or county that holds a piece, and the city that names it."""
    counties = [unit["code"] for unit in piece.units if unit["level"] == "county"]
    cities = [unit["code"] for unit in piece.units if unit["level"] == "prefecture"]
    stated = [terms.unit] if terms.unit is not None else []
    unit = next(iter(counties or cities or stated), None)
    return None if unit is None else (unit, (cities or [unit])[0])


def _judged(named: Sequence[Piece], terms: NameTerms) -> Iterator[Reject]:
    for piece in named:
        name = normalise(piece.says("name"))
        attributes = dict(piece.said)
        if not any("\u3400" <= character <= "\u9fff" or character >= "\U00020000" for character in name):
            yield Reject(piece.row, "naming.not_chinese", {"name": name}, attributes)
        elif len(name) > LONGEST:
            yield Reject(piece.row, "naming.name_too_long", {"name": name, "most": LONGEST}, attributes)
        elif piece.says("kind") and piece.says("kind") not in set(NameKind):
            known = sorted(NameKind)
            yield Reject(
                piece.row, "naming.kind_unknown", {"given": piece.says("kind"), "known": known}, attributes
            )
        elif len(piece.says("reading").split()) > len(name):
            yield Reject(piece.row, "naming.reading_too_long", {"reading": piece.says("reading")}, attributes)
        elif _unit(piece, terms) is None:
            yield Reject(piece.row, "naming.outside_units", {"name": name}, attributes)


def _judged_unnamed(unnamed: Sequence[Piece], terms: NameTerms) -> Iterator[Reject]:
    for piece in unnamed:
        if piece.ground.geom_type not in STREET_ENDINGS:
            yield Reject(piece.row, "naming.name_missing", {}, dict(piece.said))
        elif _unit(piece, terms) is None:
            yield Reject(piece.row, "naming.outside_units", {}, dict(piece.said))


def _roads(named: Sequence[Piece], terms: NameTerms, *, source: str, on: date, crs: str) -> Iterator[NewName]:
    """Gather the pieces of each name into roads, and give each as a new name."""
    by_name: dict[tuple[str, str], list[Piece]] = defaultdict(list)
    for piece in named:
        by_name[normalise(piece.says("name")), piece.says("kind")].append(piece)
    for (name, kind), pieces in by_name.items():
        for group in _connected(pieces):
            first = next(
                (piece for piece in group if piece.says("origin") or piece.says("meaning")), group[0]
            )
            unit, authority = _unit(group[0], terms) or ("", "")
            yield NewName(
                name,
                _kind(kind, name, group[0].ground, terms),
                unit,
                authority,
                source,
                terms.valid_from or on,
                reading=tuple(first.says("reading").split()),
                geometry=_whole([piece.ground for piece in group]),
                road_class=_slug(group[0].says("road_class")),
                aliases=tuple(filter(None, first.says("aliases").replace("；", ";").split(";"))),
                origin=first.says("origin"),
                meaning=first.says("meaning"),
                heritage=first.says("heritage") or None,
                original_geometry=group[0].original if len(group) == 1 else None,
                original_crs=crs if len(group) == 1 else None,
            )


def _slug(given: str) -> str:
    return "".join(letter for letter in given.lower() if letter.isalpha() or letter == "_")[:30]


def _kind(given: str, name: str, ground: BaseGeometry, terms: NameTerms) -> NameKind:
    if given:
        return NameKind(given)
    if terms.kind is not None:
        return terms.kind
    return NameKind.STREET if ground.geom_type in STREET_ENDINGS else kind_of(name)


def _connected(pieces: Sequence[Piece]) -> list[list[Piece]]:
    if len(pieces) == 1:
        return [list(pieces)]
    metres, _ = project_to_metres([piece.ground for piece in pieces])
    tree = shapely.STRtree(metres)
    ones, others = tree.query(metres, predicate="dwithin", distance=ONE_ROAD_WITHIN_M)
    head = np.arange(len(pieces))
    for one, other in zip(ones, others, strict=True):
        low, high = sorted((_root(head, int(one)), _root(head, int(other))))
        head[high] = low
    groups: dict[int, list[Piece]] = defaultdict(list)
    for place, piece in enumerate(pieces):
        groups[_root(head, place)].append(piece)
    return list(groups.values())


def _root(head: Any, place: int) -> int:
    while head[place] != place:
        place = int(head[place])
    return place


def _whole(grounds: Sequence[BaseGeometry]) -> BaseGeometry:
    if len(grounds) == 1:
        return grounds[0]
    if all(ground.geom_type in STREET_ENDINGS for ground in grounds):
        parts = [part for ground in grounds for part in getattr(ground, "geoms", [ground])]
        merged = shapely.line_merge(shapely.MultiLineString(parts))
        return merged if merged.geom_type in STREET_ENDINGS else shapely.MultiLineString(parts)
    return grounds[0]


KNOWN: Final = """
SELECT n.characters, n.kind, n.source, ST_AsBinary(n.geometry) AS wkb FROM naming.name n
 WHERE n.valid_to IS NULL AND n.source = :source AND n.characters = ANY (:names)
"""


def _fresh(session: Session, new: Iterator[NewName], done: ImportedNames) -> list[NewName]:
    """Leave out what the same source put on the register before, where it lies now."""
    wanted = list(new)
    if not wanted:
        return []
    asked = {"source": wanted[0].source, "names": sorted({each.characters for each in wanted})}
    known: dict[tuple[str, str], list[BaseGeometry]] = defaultdict(list)
    for row in session.execute(text(KNOWN), asked):
        if row.wkb is not None:
            known[row.characters, row.kind].append(shapely.from_wkb(bytes(row.wkb)))
    fresh = [
        each
        for each in wanted
        if not any(place.equals(each.geometry) for place in known[each.characters, each.kind.value])
    ]
    done.unchanged = len(wanted) - len(fresh)
    return fresh


TAKE_NAMES: Final = """
INSERT INTO naming.name ({columns}) SELECT {columns} FROM staged_name s,
       jsonb_populate_record(NULL::naming.name, s.content) AS taken
"""
TAKE_EVENTS: Final = """
INSERT INTO naming.name_event (id, name_id, kind, happened_on, detail, recorded_by)
SELECT gen_random_uuid(), n.id, 'imported', n.valid_from, jsonb_build_object('source', n.source), n.recorded_by
  FROM staged_name s JOIN naming.name n ON n.id = (s.content->>'id')::uuid
"""
TAKE_KEYS: Final = """
INSERT INTO naming.name_search (id, name_id, key, why, shown) SELECT id, name_id, key, why, shown FROM staged_key
"""


def _write(session: Session, new: Sequence[NewName], *, recorded_by: str) -> None:
    if not new:
        return
    connection: Any = session.connection().connection.driver_connection
    rows = [_as_json(row_of(each, recorded_by=recorded_by), each) for each in new]
    columns = ", ".join(rows[0])  # the column names of our own row
    for table in ("staged_name", "staged_key"):
        session.execute(text(f"DROP TABLE IF EXISTS pg_temp.{table}"))
    create_staging(connection, "staged_name", {"content": "jsonb"})
    bulk_load(connection, "staged_name", {"content": "jsonb"}, [{"content": rows}])
    session.execute(text(TAKE_NAMES.format(columns=columns)))
    session.execute(text(TAKE_EVENTS))
    create_staging(connection, "staged_key", SEARCH_COLUMNS)
    bulk_load(connection, "staged_key", SEARCH_COLUMNS, _keys(new))
    session.execute(text(TAKE_KEYS))


def _as_json(row: dict[str, Any], new: NewName) -> dict[str, Any]:
    ground = None if new.geometry is None else shapely.set_srid(shapely.force_2d(new.geometry), STORAGE_SRID)
    original = new.original_geometry
    return row | {
        "id": str(row["id"]),
        "place_id": str(row["place_id"]),
        "geometry": None if ground is None else shapely.to_wkb(ground, hex=True, include_srid=True),
        "original_geometry": None if original is None else f"\\x{original.hex()}",
        "valid_from": row["valid_from"].isoformat(),
        "valid_to": None,
        "recorded_at": "now",
    }


def _keys(new: Sequence[NewName]) -> Iterator[dict[str, list[Any]]]:
    for start in range(0, len(new), AT_ONCE):
        rows = [
            row
            for each in new[start : start + AT_ONCE]
            for row in search_rows(
                each.identifier, each.characters, each.kind, each.reading, aliases=each.aliases
            )
        ]
        yield {name: [row[name] for row in rows] for name in SEARCH_COLUMNS}


UNNAMED: Final = """
INSERT INTO naming.unnamed_road (id, geometry, unit_code, road_class, source, recorded_by)
SELECT :id, ST_GeomFromWKB(:wkb, 4490), :unit, :road_class, :source, :recorded_by
 WHERE NOT EXISTS (SELECT FROM naming.unnamed_road r WHERE r.source = :source
                      AND r.geometry && ST_GeomFromWKB(:wkb, 4490) AND ST_Equals(r.geometry, ST_GeomFromWKB(:wkb, 4490)))
"""


def _write_unnamed(
    session: Session, unnamed: Sequence[Piece], terms: NameTerms, *, source: str, recorded_by: str
) -> None:
    rows = [
        {
            "id": uuid7(),
            "wkb": shapely.to_wkb(piece.ground),
            "unit": (_unit(piece, terms) or ("", ""))[0],
            "road_class": _slug(piece.says("road_class")),
            "source": source,
            "recorded_by": recorded_by,
        }
        for piece in unnamed
    ]
    if rows:
        session.execute(text(UNNAMED), rows)
