"""Takes a file of names on the register: judged as it is read, gathered name by name, then all of it or nothing (D6).

Memory does not grow with the file: its rows wait in the database, and what is held here is some thousand of them, or the
rows of one name where these are more.
"""

import hashlib
from collections import defaultdict
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import Future
from datetime import date
from functools import partial
from itertools import chain
from pathlib import Path
from typing import Final

import numpy as np
import shapely
from numpy.typing import NDArray
from shapely.geometry.base import BaseGeometry
from sqlalchemy import text
from sqlalchemy.orm import Session

from geo_service.auth.audit import record_act
from geo_service.exchange.rejects import Reject
from geo_service.operations import name_staging
from geo_service.operations.name_file import ImportedNames, NameTerms, Piece, Read, pieces_of
from geo_service.operations.name_roads import STREET_ENDINGS, gathered, road_class
from geo_service.operations.name_staging import Turns, driver, taking_turns
from geo_service.operations.name_writing import key_columns, make_room, name_columns, write
from layers.boundaries.model import Level
from layers.boundaries.queries import locate
from layers.naming.model import NameKind
from layers.naming.register import NewName
from layers.tables import uuid7

LONGEST: Final = 40
NAMES_AT_ONCE: Final = 2000
UNIT_LEVELS: Final = (Level.PREFECTURE, Level.COUNTY)
READING: Final = 0.5
"""The share of the work that is done when the file is read."""
Tell = Callable[[float, str], None]
Chain = list[dict[str, str]]


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
    with taking_turns() as turns:
        _read(session, turns, path, terms, done, on=on, tell=told)
        if done.rejects:
            return done
        source = terms.source or path.name
        _write_all(session, turns, terms, done, source=source, recorded_by=recorded_by, on=on, tell=told)
    if terms.dry_run:
        return done
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
    session: Session,
    turns: Turns,
    path: Path,
    terms: NameTerms,
    done: ImportedNames,
    *,
    on: date,
    tell: Tell,
) -> None:
    """Judge the rows of the file, and put them aside while there is nothing to say against any of them.

    While the database finds the units of some rows, the next are read.
    """
    before: tuple[Read, Future[list[Chain]]] | None = None
    for read in pieces_of(path, terms, done):
        asked = turns.ask(partial(_locate, session, read.pieces, on))
        if before is not None:
            _settle(session, turns, *before, terms=terms, done=done)
        before = (read, asked)
        tell(READING * (0.5 if read.share is None else read.share), "reading")
    if before is not None:
        _settle(session, turns, *before, terms=terms, done=done)
    if done.rejects:
        done.unnamed = 0


def _settle(
    session: Session,
    turns: Turns,
    read: Read,
    asked: "Future[list[Chain]]",
    *,
    terms: NameTerms,
    done: ImportedNames,
) -> None:
    for piece, units in zip(read.pieces, asked.result(), strict=True):
        piece.unit = _unit(units, terms)
    done.unnamed += sum(not piece.name for piece in read.pieces)
    done.rejects.extend(chain(read.rejects, chain.from_iterable(map(_judged, read.pieces))))
    if read.pieces and not done.rejects:
        turns.ask(partial(name_staging.stage, session, read.pieces))


def _write_all(
    session: Session,
    turns: Turns,
    terms: NameTerms,
    done: ImportedNames,
    *,
    source: str,
    recorded_by: str,
    on: date,
    tell: Tell,
) -> None:
    """Gather the rows into names and write these; while some are written, what follows from the next is worked out."""
    kept, read = done.rows - done.unnamed, 0
    before = turns.ask(partial(_has_names_of, session, source)).result()
    if not terms.dry_run:
        turns.ask(partial(make_room, session)).result()
    writing: Future[None] | None = None
    for names, rows in _chunks(session, turns, terms, source=source, on=on, crs=done.source_crs):
        fresh = turns.ask(partial(_fresh, session, names)).result() if before else names
        done.begun += len(fresh)
        done.unchanged += len(names) - len(fresh)
        if fresh and not terms.dry_run:
            writing = _write(session, turns, fresh, recorded_by=recorded_by, after=writing)
        read += rows
        tell(READING + (1 - READING) * read / kept, "writing")
    if writing is not None:
        writing.result()
    if terms.dry_run:
        return
    for pieces in name_staging.unnamed(session, turns):
        turns.ask(partial(_write_unnamed, session, pieces, source=source, recorded_by=recorded_by)).result()


def _write(
    session: Session, turns: Turns, new: Sequence[NewName], *, recorded_by: str, after: "Future[None] | None"
) -> "Future[None]":
    """Work out what follows from names, wait until those before are written, and have these written."""
    names, keys = name_columns(new, recorded_by=recorded_by), key_columns(new)
    if after is not None:
        after.result()
    return turns.ask(partial(write, driver(session), names, keys))


def _chunks(
    session: Session, turns: Turns, terms: NameTerms, *, source: str, on: date, crs: str
) -> Iterator[tuple[list[NewName], int]]:
    """Yield some thousand names, and of how many rows they are made; all that bear one name are in one chunk."""
    held: list[NewName] = []
    rows = 0
    for pieces in name_staging.by_name(session, turns):
        held += gathered(pieces, terms, source=source, on=on, crs=crs)
        rows += len(pieces)
        if len(held) >= NAMES_AT_ONCE:
            yield held, rows
            held, rows = [], 0
    if held:
        yield held, rows


def _locate(session: Session, pieces: Sequence[Piece], on: date) -> list[Chain]:
    middles = shapely.get_coordinates(
        _middles(np.array([piece.ground for piece in pieces], dtype=np.object_))
    )
    return locate(session, middles.tolist(), on, levels=UNIT_LEVELS)


def _middles(grounds: NDArray[np.object_]) -> NDArray[np.object_]:
    """Return a point of each place: of a line its middle, of anything else one that lies on it."""
    lines = shapely.get_type_id(grounds) == shapely.GeometryType.LINESTRING
    middles = grounds.copy()
    middles[lines] = shapely.line_interpolate_point(grounds[lines], 0.5, normalized=True)
    middles[~lines] = shapely.point_on_surface(grounds[~lines])
    return middles


def _unit(units: Chain, terms: NameTerms) -> tuple[str, str] | None:
    """Return the district or county among the units over a place, and the city that names it."""
    counties = [unit["code"] for unit in units if unit["level"] == "county"]
    cities = [unit["code"] for unit in units if unit["level"] == "prefecture"]
    stated = [terms.unit] if terms.unit is not None else []
    unit = next(iter(counties or cities or stated), None)
    return None if unit is None else (unit, (cities or [unit])[0])


def _judged(piece: Piece) -> Iterator[Reject]:
    """Yield the first reason against a row."""
    name, attributes = piece.name, piece.said
    if not name:
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
SELECT n.characters, n.kind, n.source, ST_AsBinary(n.geometry) AS wkb
  FROM unnest(CAST(:names AS text[])) AS asked(characters), LATERAL (
       SELECT * FROM naming.name n WHERE n.characters = asked.characters OFFSET 0) n
 WHERE n.valid_to IS NULL AND n.source = :source
"""
ANY_OF_SOURCE: Final = (
    "SELECT EXISTS (SELECT FROM naming.name n WHERE n.valid_to IS NULL AND n.source = :source)"
)


def _has_names_of(session: Session, source: str) -> bool:
    """Whether the register has names of a source: only then can a name of the file be one of them."""
    return bool(session.execute(text(ANY_OF_SOURCE), {"source": source}).scalar())


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
