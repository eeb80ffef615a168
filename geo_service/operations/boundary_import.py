"""Takes a file of units on record: staged by COPY, judged in SQL, then all of it or nothing (D6)."""

import hashlib
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import asdict, dataclass, field
from datetime import date
from pathlib import Path
from typing import Any, Final

import numpy as np
import pyarrow as pa
import shapely
from sqlalchemy import text
from sqlalchemy.orm import Session

from geo_service.auth.audit import record_act
from geo_service.exchange.batches import FeatureBatch
from geo_service.exchange.mapping import TargetColumn
from geo_service.exchange.reading import AREAS, Reading, Terms, open_features
from geo_service.exchange.rejects import Reject
from geo_service.exchange.staging import bulk_load, create_staging
from geo_service.operations.spelling import spelled_unit
from layers.boundaries.line_register import derive_on, refresh_outlines
from layers.boundaries.model import UNIT_CODE, Level
from layers.boundaries.register import ground_on_record, hold_register
from layers.boundaries.search_key import search_key
from layers.findings import Finding
from layers.geodesy import STORAGE_SRID, HelmertParameters, PlaneParameters
from layers.tables import uuid7

TARGETS: Final = (
    TargetColumn("code", required=True),
    TargetColumn("name", required=True),
    TargetColumn("level"),
    TargetColumn("parent_code"),
    TargetColumn("pinyin"),
)
STAGED: Final = {
    "source_row": "integer",
    "id": "uuid",
    "fresh_unit_id": "uuid",
    "known_parent": "uuid",
    "code": "text",
    "name": "text",
    "level": "text",
    "parent_code": "text",
    "pinyin": "text",
    "search_key": "text",
    "geometry": "geometry",
    "original_wkb": "bytea",
    "original_crs": "text",
}
Tell = Callable[[float, str], None]


@dataclass(frozen=True, slots=True)
class ImportTerms:
    """On what terms a file is taken: see `open_features` for the first five."""

    layer: str | None = None
    crs: str | None = None
    mapping: Mapping[str, str] = field(default_factory=dict)
    repair: bool = False
    level: Level | None = None
    valid_from: date | None = None
    source: str | None = None
    authoritative: bool = False
    accuracy_m: float | None = None
    dry_run: bool = False
    parameters: HelmertParameters | PlaneParameters | None = None


@dataclass(slots=True)
class Imported:
    """What became of a file: rows read, units begun, renewed and left as they are, rejects, findings."""

    rows: int = 0
    begun: int = 0
    renewed: int = 0
    unchanged: int = 0
    lines_changed: int = 0
    written: bool = False
    source_crs: str = ""
    mapping: Mapping[str, str] = field(default_factory=dict)
    rejects: list[Reject] = field(default_factory=list)
    findings: list[Finding] = field(default_factory=list)


def import_boundaries(
    session: Session, path: Path, terms: ImportTerms, *, recorded_by: str, on: date, tell: Tell | None = None
) -> Imported:
    """Put the units of a file on record from a date on; with one reject, or on a dry run, nothing is written.

    A unit whose code and level are in force gets a new version and keeps its history; one that is
    there already with the same name and outline is left as it is, so that the same file twice is once.
    Raises the refusals of `geo_service.exchange`; rows that cannot be taken are `rejects` with a reason.
    """
    done = Imported()
    hold_register(session)
    reading_terms = Terms(
        TARGETS,
        terms.mapping,
        AREAS,
        repair=terms.repair,
        near=ground_on_record(session),
        validate=_judge(terms),
    )
    with open_features(
        path, layer=terms.layer, crs=terms.crs, parameters=terms.parameters, terms=reading_terms
    ) as reading:
        done.source_crs, done.mapping = reading.crs.text, reading.mapping
        done.findings += reading.findings
        savepoint = session.begin_nested()
        try:
            _stage(session, reading, terms, done, tell)
            done.rejects += _contradictions(session, on, terms)
            if not done.rejects:
                _take(session, on, terms, done, recorded_by=recorded_by)
                done.findings += _gone_wrong(done)
            session.execute(text("DROP TABLE staged_unit"))
            done.written = not (done.rejects or terms.dry_run)
        finally:
            (savepoint.commit if done.written else savepoint.rollback)()
    if done.written:
        _record(session, path, terms, done)
    return done


def _record(session: Session, path: Path, terms: ImportTerms, done: Imported) -> None:
    digest = None
    if path.is_file():
        with path.open("rb") as file:
            digest = hashlib.file_digest(file, "sha256").hexdigest()
    detail = {
        "sha256": digest,
        "source": terms.source,
        "crs": done.source_crs,
        "parameters": None if terms.parameters is None else asdict(terms.parameters),
        "rows": done.rows,
        "begun": done.begun,
        "renewed": done.renewed,
        "unchanged": done.unchanged,
    }
    record_act(session, "unit.import", subject=("file", path.name), detail=detail)


def _judge(terms: ImportTerms) -> Callable[[Mapping[str, Any]], Iterator[Finding]]:
    levels = {level.value for level in Level}

    def judge(row: Mapping[str, Any]) -> Iterator[Finding]:
        code = row.get("code") or ""
        if not UNIT_CODE.fullmatch(code):
            yield Finding("boundary.unit_code_invalid", (code,), {"given": code})
        if not row.get("name"):
            yield Finding("boundary.name_missing", (code,))
        level = row.get("level") or terms.level
        if level not in levels:
            yield Finding("boundary.level_unknown", (code,), {"given": level, "known": sorted(levels)})

    return judge


def _stage(session: Session, reading: Reading, terms: ImportTerms, done: Imported, tell: Tell | None) -> None:
    connection: Any = session.connection().connection.driver_connection
    create_staging(connection, "staged_unit", STAGED)

    def batches() -> Iterator[Mapping[str, Any]]:
        for batch in reading.batches():
            done.rows += len(batch) + len(batch.rejects)
            done.rejects += batch.rejects
            done.findings += batch.findings
            if tell and reading.feature_count:
                tell(min(done.rows / reading.feature_count, 1.0) * 0.8, "reading")
            if len(batch):
                yield _staged(batch, terms)

    bulk_load(connection, "staged_unit", STAGED, batches())
    session.execute(text("CREATE INDEX ON staged_unit (code, level)"))
    session.execute(text("ANALYZE staged_unit"))


def _staged(batch: FeatureBatch, terms: ImportTerms) -> dict[str, Any]:
    columns = batch.for_staging(row="source_row", original="original_wkb", crs="original_crs")
    count = len(batch)
    names = columns["name"].to_pylist()
    given = _column(columns, "level", count)
    levels = [level or (terms.level.value if terms.level else None) for level in given]
    spelled = [spelled_unit(name, Level(str(level))) for name, level in zip(names, levels, strict=True)]
    stated = _column(columns, "pinyin", count)
    pinyin = [own or made for own, (made, _) in zip(stated, spelled, strict=True)]
    keys = [
        search_key(name, own, initials)
        for name, own, (_, initials) in zip(names, pinyin, spelled, strict=True)
    ]
    areas = [
        area if area.geom_type == "MultiPolygon" else shapely.MultiPolygon([area])
        for area in batch.geometries
    ]
    return {
        "source_row": batch.rows,
        "id": [uuid7() for _ in range(count)],
        "fresh_unit_id": [uuid7() for _ in range(count)],
        "known_parent": [None] * count,
        "code": columns["code"],
        "name": columns["name"],
        "level": levels,
        "parent_code": _column(columns, "parent_code", count),
        "pinyin": pinyin,
        "search_key": keys,
        "geometry": shapely.set_srid(np.asarray(areas, dtype=object), STORAGE_SRID),
        "original_wkb": columns["original_wkb"],
        "original_crs": columns["original_crs"],
    }


def _column(columns: Mapping[str, Any], name: str, count: int) -> list[Any]:
    column = columns.get(name)
    if column is None:
        return [None] * count
    return list(column.to_pylist()) if isinstance(column, pa.Array | pa.ChunkedArray) else list(column)


CONTRADICTIONS: Final = """
SELECT s.source_row, 'import.repeated_code' AS code, json_build_object('code', s.code, 'level', s.level) AS facts
  FROM staged_unit s WHERE (s.code, s.level) IN
       (SELECT code, level FROM staged_unit GROUP BY code, level HAVING count(*) > 1)
UNION ALL
SELECT s.source_row, 'boundary.version_not_older', json_build_object('code', s.code, 'valid_from', u.valid_from)
  FROM staged_unit s JOIN boundaries.administrative_unit u USING (code, level)
 WHERE u.valid_to IS NULL AND u.valid_from >= :on
   AND (u.name IS DISTINCT FROM s.name OR NOT u.geometry IS NOT DISTINCT FROM s.geometry)
UNION ALL
SELECT s.source_row, 'boundary.version_in_the_way',
       json_build_object('code', s.code, 'name', u.name, 'valid_from', u.valid_from, 'valid_to', u.valid_to)
  FROM staged_unit s JOIN boundaries.administrative_unit u USING (code, level) WHERE u.valid_to > :on
   AND NOT EXISTS (SELECT FROM boundaries.administrative_unit now
                    WHERE now.code = s.code AND now.level = s.level AND now.valid_to IS NULL)
UNION ALL
SELECT s.source_row, 'boundary.parent_unknown', json_build_object('code', s.code, 'parent_code', s.parent_code)
  FROM staged_unit s WHERE s.parent_code IS NOT NULL
   AND NOT EXISTS (SELECT FROM staged_unit p WHERE p.code = s.parent_code AND p.source_row <> s.source_row)
   AND NOT EXISTS (SELECT FROM boundaries.administrative_unit p WHERE p.code = s.parent_code
                      AND p.valid_from <= :on AND (p.valid_to IS NULL OR p.valid_to > :on))
 ORDER BY source_row
"""


def _contradictions(session: Session, on: date, terms: ImportTerms) -> list[Reject]:
    """Return the rows that contradict one another or the record; judged in one pass by the database."""
    rows = session.execute(text(CONTRADICTIONS), {"on": terms.valid_from or on}).all()
    return [Reject(row.source_row, row.code, row.facts, {"code": row.facts.get("code")}) for row in rows]


def _take(session: Session, on: date, terms: ImportTerms, done: Imported, *, recorded_by: str) -> None:
    since = terms.valid_from or on
    bound = {
        "on": since,
        "recorded_by": recorded_by,
        "source": terms.source or recorded_by,
        "authoritative": terms.authoritative,
        "accuracy_m": terms.accuracy_m,
    }
    done.unchanged = _affected(session, DROP_UNCHANGED, bound)
    _affected(session, GO_ON, bound)
    done.renewed = _affected(session, CLOSE_RENEWED, bound)
    done.begun = _affected(session, INSERT_UNITS, bound) - done.renewed
    refresh_outlines(session)
    done.lines_changed = derive_on(session, since)


def _affected(session: Session, statement: str, bound: Mapping[str, Any]) -> int:
    used = {name: value for name, value in bound.items() if f":{name}" in statement}
    result: Any = session.execute(text(statement), used)
    return int(result.rowcount)


DROP_UNCHANGED: Final = """
DELETE FROM staged_unit s USING boundaries.administrative_unit u
 WHERE u.code = s.code AND u.level = s.level AND u.valid_to IS NULL AND u.name = s.name
   AND u.geometry IS NOT DISTINCT FROM s.geometry
"""

GO_ON: Final = """
UPDATE staged_unit s SET fresh_unit_id = u.unit_id, known_parent = u.parent_id
  FROM boundaries.administrative_unit u
 WHERE u.code = s.code AND u.level = s.level AND u.valid_to IS NULL
"""

CLOSE_RENEWED: Final = """
UPDATE boundaries.administrative_unit u SET valid_to = :on FROM staged_unit s
 WHERE u.code = s.code AND u.level = s.level AND u.valid_to IS NULL
"""

INSERT_UNITS: Final = """
WITH units AS MATERIALIZED (
    SELECT s.*, s.fresh_unit_id AS unit_id,
           CASE s.level WHEN 'province' THEN 1 WHEN 'prefecture' THEN 2 WHEN 'county' THEN 3
                        WHEN 'township' THEN 4 ELSE 5 END AS rank
      FROM staged_unit s),
bearers AS (
    SELECT code, unit_id, rank FROM units
    UNION ALL
    SELECT p.code, p.unit_id, CASE p.level WHEN 'province' THEN 1 WHEN 'prefecture' THEN 2 WHEN 'county' THEN 3
                                           WHEN 'township' THEN 4 ELSE 5 END
      FROM boundaries.administrative_unit p WHERE p.valid_from <= :on AND (p.valid_to IS NULL OR p.valid_to > :on))
INSERT INTO boundaries.administrative_unit (id, unit_id, code, name, pinyin, search_key, level, parent_id, geometry,
       valid_from, authoritative, source, original_geometry, original_crs, accuracy_m, recorded_by)
SELECT n.id, n.unit_id, n.code, n.name, n.pinyin, n.search_key, n.level,
       coalesce((SELECT b.unit_id FROM bearers b WHERE b.code = n.parent_code AND b.rank < n.rank
                  ORDER BY b.rank DESC LIMIT 1), n.known_parent),
       n.geometry, :on, :authoritative, :source, n.original_wkb, n.original_crs, :accuracy_m, :recorded_by
  FROM units n
"""


def _gone_wrong(done: Imported) -> Iterable[Finding]:
    """Return what a reader of the result should know although nothing was refused."""
    if not done.begun and not done.renewed:
        yield Finding("import.nothing_new", (), {"unchanged": done.unchanged})
