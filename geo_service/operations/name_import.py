"""Takes a file of names on the register: judged as it is read, gathered name by name, then all of it or nothing (D6).

Memory does not grow with the file: its rows wait in the database, and what is held here is some thousand of them, or the
rows of one name where these are more.
"""

import hashlib
from collections import defaultdict
from collections.abc import Callable, Iterator, Sequence
from datetime import date
from itertools import chain
from pathlib import Path
from typing import Any, Final

import shapely
from shapely.geometry.base import BaseGeometry
from sqlalchemy import text
from sqlalchemy.orm import Session

from geo_service.auth.audit import record_act
from geo_service.exchange.rejects import Reject
from geo_service.exchange.staging import bulk_load, create_staging
from geo_service.operations import name_staging
from geo_service.operations.name_file import ImportedNames, NameTerms, Piece, pieces_of
from geo_service.operations.name_roads import STREET_ENDINGS, gathered, road_class
from layers.boundaries.queries import locate
from layers.geodesy import STORAGE_SRID
from layers.naming.model import NameKind
from layers.naming.parser import normalise
from layers.naming.register import NewName, row_of, search_rows
from layers.tables import uuid7

LONGEST: Final = 40
AT_ONCE: Final = 1000
NAMES_AT_ONCE: Final = 2000
READING: Final = 0.5
"""The share of the work that is done when the file is read."""
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
    told = tell or (lambda _fraction, _stage: None)
    name_staging.begin(session)
    _read(session, path, terms, done, on=on, tell=told)
    if done.rejects:
        return done
    source = terms.source or path.name
    kept = done.rows - done.unnamed
    read = 0
    for names, rows in _chunks(session, terms, source=source, on=on, crs=done.source_crs):
        fresh = _fresh(session, names)
        done.begun += len(fresh)
        done.unchanged += len(names) - len(fresh)
        if not terms.dry_run:
            _write(session, fresh, recorded_by=recorded_by)
        read += rows
        told(READING + (1 - READING) * read / kept, "writing")
    if terms.dry_run:
        return done
    for pieces in name_staging.unnamed(session):
        _write_unnamed(session, pieces, source=source, recorded_by=recorded_by)
    done.written = True
    told(1.0, "writing")
    with path.open("rb") as stream:
        digest = hashlib.file_digest(stream, "sha256").hexdigest()
    detail = {
        "sha256": digest,
        "source": source,
        "rows": done.rows,
        "begun": done.begun,
        "unnamed": done.unnamed,
    }
    record_act(session, "name.import", subject=("file", path.name), detail=detail)
    return done


def _read(
    session: Session, path: Path, terms: NameTerms, done: ImportedNames, *, on: date, tell: Tell
) -> None:
    """Judge the rows of the file, and put them aside while there is nothing to say against any of them."""
    for read in pieces_of(path, terms, done):
        _locate(session, read.pieces, terms, on)
        done.unnamed += sum(not piece.says("name") for piece in read.pieces)
        done.rejects.extend(chain.from_iterable(map(_judged, read.pieces)))
        if read.pieces and not done.rejects:
            name_staging.stage(session, read.pieces)
        tell(READING * (0.5 if read.share is None else read.share), "reading")
    if done.rejects:
        done.unnamed = 0


def _chunks(
    session: Session, terms: NameTerms, *, source: str, on: date, crs: str
) -> Iterator[tuple[list[NewName], int]]:
    """Yield some thousand names, and of how many rows they are made; all that bear one name are in one chunk."""
    held: list[NewName] = []
    rows = 0
    for pieces in name_staging.by_name(session):
        held += gathered(pieces, terms, source=source, on=on, crs=crs)
        rows += len(pieces)
        if len(held) >= NAMES_AT_ONCE:
            yield held, rows
            held, rows = [], 0
    if held:
        yield held, rows


def _locate(session: Session, pieces: Sequence[Piece], terms: NameTerms, on: date) -> None:
    for start in range(0, len(pieces), AT_ONCE):
        part = pieces[start : start + AT_ONCE]
        middles = [_middle(piece.ground) for piece in part]
        for piece, units in zip(
            part, locate(session, [(place.x, place.y) for place in middles], on), strict=True
        ):
            piece.unit = _unit(units, terms)


def _middle(ground: BaseGeometry) -> shapely.Point:
    if isinstance(ground, shapely.LineString):
        return shapely.Point(ground.interpolate(0.5, normalized=True))
    return shapely.Point(ground.representative_point())


def _unit(units: Sequence[dict[str, str]], terms: NameTerms) -> tuple[str, str] | None:
    """Return the district or county among the units over a place, and the city that names it."""
    counties = [unit["code"] for unit in units if unit["level"] == "county"]
    cities = [unit["code"] for unit in units if unit["level"] == "prefecture"]
    stated = [terms.unit] if terms.unit is not None else []
    unit = next(iter(counties or cities or stated), None)
    return None if unit is None else (unit, (cities or [unit])[0])


def _judged(piece: Piece) -> Iterator[Reject]:
    """Yield the first reason against a row."""
    name, attributes = normalise(piece.says("name")), dict(piece.said)
    if not piece.says("name"):
        if piece.ground.geom_type not in STREET_ENDINGS:
            yield Reject(piece.row, "naming.name_missing", {}, attributes)
        elif piece.unit is None:
            yield Reject(piece.row, "naming.outside_units", {}, attributes)
    elif not any("\u3400" <= character <= "\u9fff" or character >= "\U00020000" for character in name):
        yield Reject(piece.row, "naming.not_chinese", {"name": name}, attributes)
    elif len(name) > LONGEST:
        yield Reject(piece.row, "naming.name_too_long", {"name": name, "most": LONGEST}, attributes)
    elif piece.says("kind") and piece.says("kind") not in set(NameKind):
        known = {"given": piece.says("kind"), "known": sorted(NameKind)}
        yield Reject(piece.row, "naming.kind_unknown", known, attributes)
    elif len(piece.says("reading").split()) > len(name):
        yield Reject(piece.row, "naming.reading_too_long", {"reading": piece.says("reading")}, attributes)
    elif piece.unit is None:
        yield Reject(piece.row, "naming.outside_units", {"name": name}, attributes)


KNOWN: Final = """
SELECT n.characters, n.kind, n.source, ST_AsBinary(n.geometry) AS wkb FROM naming.name n
 WHERE n.valid_to IS NULL AND n.source = :source AND n.characters = ANY (:names)
"""


def _fresh(session: Session, wanted: Sequence[NewName]) -> list[NewName]:
    """Leave out what the same source put on the register before, where it lies now."""
    asked = {"source": wanted[0].source, "names": sorted({each.characters for each in wanted})}
    known: dict[tuple[str, str], list[BaseGeometry]] = defaultdict(list)
    for row in session.execute(text(KNOWN), asked):
        if row.wkb is not None:
            known[row.characters, row.kind].append(shapely.from_wkb(bytes(row.wkb)))
    return [
        each
        for each in wanted
        if not any(place.equals(each.geometry) for place in known[each.characters, each.kind.value])
    ]


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


def _write_unnamed(session: Session, unnamed: Sequence[Piece], *, source: str, recorded_by: str) -> None:
    rows = [
        {
            "id": uuid7(),
            "wkb": shapely.to_wkb(piece.ground),
            "unit": (piece.unit or ("", ""))[0],
            "road_class": road_class(piece),
            "source": source,
            "recorded_by": recorded_by,
        }
        for piece in unnamed
    ]
    session.execute(text(UNNAMED), rows)
