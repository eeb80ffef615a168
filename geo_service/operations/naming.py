"""Acts on the register of names: found as people type, put right, retired; the whole register examined."""

from collections.abc import Mapping
from datetime import date
from functools import cache
from typing import Any
from uuid import UUID

import shapely
from opencc import OpenCC
from shapely.geometry.base import BaseGeometry
from sqlalchemy import text
from sqlalchemy.orm import Session

from geo_service.auth.audit import record_act
from geo_service.db import Database
from geo_service.etags import etag_of, require_match
from geo_service.jobs import Progress, job_kind
from geo_service.messages import words
from geo_service.operations.naming_check import DIGITS, message
from geo_service.schemas.naming import ChangeOfName, EndOfName
from layers.errors import Conflict, InvalidInput
from layers.features import Listing
from layers.findings import Finding
from layers.geodesy import metric_crs, project_to_degrees, project_to_metres
from layers.naming.legend import RULES
from layers.naming.model import ExistingName, NameKind
from layers.naming.profiles import load_profile
from layers.naming.queries import STILL_UNNAMED
from layers.naming.register import NameNotInForce, correct, end_name, load_name, take_over
from layers.naming.register_audit import SEVERAL_NAMES, RegisteredName, Tell, audit
from layers.naming.search_queries import search
from layers.naming.tables import NameEventKind, NameEventRow, NameRow, NameStatus

UNNAMED = "naming.unnamed_road"


class NameActRepeated(Conflict):
    """The id stands for another act."""

    code = "naming.act_repeated"


@cache
def _simplifier() -> OpenCC:
    return OpenCC("t2s")


def search_names(
    session: Session, typed: str, *, near: tuple[float, float] | None = None
) -> tuple[Listing, dict[str, Any]]:
    """Return the list of names that answer to what is typed; traditional characters are understood."""
    return search(session, typed, simplified=_simplifier().convert(typed), near=near)


def name_etag(row: NameRow) -> str:
    """Return the ETag of a name: of what can be put right."""
    return etag_of(
        [
            str(row.id),
            row.status,
            row.reading,
            row.origin,
            row.meaning,
            row.heritage,
            row.aliases,
            row.valid_to,
        ]
    )


def correct_name(
    session: Session,
    name_id: UUID,
    asked: ChangeOfName,
    *,
    officer: str,
    on: date,
    if_match: str | None,
) -> NameRow:
    """Put fields of a name right, each with its source. Raises `NameNotFound`, `EtagMissing`, `EtagStale`."""
    row = load_name(session, name_id)
    require_match(if_match, name_etag(row))
    values = asked.model_dump(exclude={"source"}, exclude_none=True)
    if len(values.get("reading", ())) > len(row.characters):
        raise InvalidInput(field="reading", expected="at most one syllable a character")
    before = correct(session, row, values, source=asked.source, on=on, recorded_by=officer)
    if before:
        record_act(
            session,
            "name.correct",
            subject=("name", str(name_id)),
            before=before,
            after=values,
            detail={"source": asked.source},
        )
    return row


def retire_name(session: Session, name_id: UUID, asked: EndOfName, *, officer: str) -> tuple[NameRow, bool]:
    """Retire a name (销名), or merge it into another (并入), and return it, with whether this was its first sending.

    The name that takes the ground keeps the act in its own history too. Raises `NameNotFound`, `NameNotInForce`,
    `NameActRepeated`, and `InvalidInput` where a name is merged into itself.
    """
    row = load_name(session, name_id)
    into = None if asked.merged_into is None else _taker(session, row, asked.merged_into)
    repeated = session.get(NameEventRow, asked.id)
    detail: dict[str, Any] = {"historic": asked.historic}
    if into is not None:
        detail |= {"merged_into": str(into.id), "called": into.characters}
    if repeated is not None:
        same = (repeated.name_id, repeated.happened_on, repeated.instrument, repeated.detail)
        if same != (name_id, asked.ended_on, asked.instrument, detail):
            raise NameActRepeated(id=str(asked.id))
        return row, False
    end_name(
        session,
        row,
        on=asked.ended_on,
        status=NameStatus.HISTORIC if asked.historic else NameStatus.RETIRED,
        event=NameEventKind.RETIRED if into is None else NameEventKind.MERGED,
        instrument=asked.instrument,
        recorded_by=officer,
        detail=detail,
        event_id=asked.id,
    )
    if into is not None:
        take_over(session, into, row, on=asked.ended_on, instrument=asked.instrument, recorded_by=officer)
    record_act(
        session,
        "name.retire" if into is None else "name.merge",
        subject=("name", str(name_id)),
        detail={"name": row.characters, "on": asked.ended_on, "instrument": asked.instrument} | detail,
    )
    return row, True


def _taker(session: Session, row: NameRow, wanted: UUID) -> NameRow:
    """Return the name that another is merged into."""
    into = load_name(session, wanted)
    if into.id == row.id:
        raise InvalidInput(name=row.characters, problem="merged_into_itself")
    if into.status != NameStatus.IN_FORCE:
        raise NameNotInForce(name=into.characters, status=into.status, valid_from=into.valid_from.isoformat())
    return into


IN_FORCE = """
SELECT n.id::text AS id, n.characters, n.kind, n.reading, n.pinyin, n.unit_code, n.authority_code, n.parent,
       ST_AsBinary(n.geometry) AS wkb FROM naming.name n
 WHERE n.valid_from <= :as_of AND (n.valid_to IS NULL OR n.valid_to > :as_of)
   AND (CAST(:unit AS text) IS NULL OR n.unit_code = :unit OR n.authority_code = :unit) ORDER BY n.characters, n.id
"""
SCOPE_OUTLINES = """
SELECT CASE u.level WHEN 'prefecture' THEN 'city' ELSE 'district' END AS kind, u.code AS id, u.parent_id IS NULL OR NOT EXISTS (
       SELECT FROM boundaries.administrative_unit p WHERE p.unit_id = u.parent_id AND p.level = 'prefecture'
          AND p.valid_from <= :as_of AND (p.valid_to IS NULL OR p.valid_to > :as_of)) AS stands_alone,
       ST_AsBinary(u.geometry) AS wkb
  FROM boundaries.administrative_unit u
 WHERE u.level IN ('prefecture', 'county') AND u.geometry IS NOT NULL
   AND u.valid_from <= :as_of AND (u.valid_to IS NULL OR u.valid_to > :as_of)
UNION ALL
SELECT 'built_up_area', b.id::text, false, ST_AsBinary(b.geometry) FROM naming.built_up_area b
 WHERE b.valid_from <= :as_of AND (b.valid_to IS NULL OR b.valid_to > :as_of)
"""
NO_NAME = f"""
SELECT r.id::text AS id, r.road_class, r.source, r.unit_code, ST_AsBinary(r.geometry) AS wkb FROM naming.unnamed_road r
 WHERE (CAST(:unit AS text) IS NULL OR r.unit_code = :unit) AND {STILL_UNNAMED} ORDER BY r.id
"""  # noqa: S608 # a condition of this project's own


def audit_register(
    session: Session, *, unit: str | None, as_of: date, profile: str, tell: Tell | None = None
) -> list[dict[str, Any]]:
    """Examine every name in force of a unit (of all when None) and return the findings, drawable.

    Each: `code, severity, subject, evidence, message`; geometries are GeoJSON in EPSG:4490.
    """
    rules = load_profile(profile)
    rows = session.execute(text(IN_FORCE), {"as_of": as_of, "unit": unit}).all()
    grounds = [None if row.wkb is None else shapely.from_wkb(bytes(row.wkb)) for row in rows]
    placed = [ground for ground in grounds if ground is not None]
    crs = metric_crs(shapely.total_bounds(placed)[[0, 2]].mean()) if placed else None
    lines = project_to_metres(grounds, crs)[0] if crs is not None else grounds
    scopes = _scopes(session, grounds, as_of)
    names = [
        RegisteredName(
            ExistingName(
                row.id, row.characters, NameKind(row.kind), "in_force", tuple(row.reading) or None, line,
                row.unit_code, row.authority_code, row.parent,
            ),
            row.pinyin,
            scope or {"city": frozenset({row.authority_code}), "built_up_area": frozenset({row.authority_code})},
        )
        for row, line, scope in zip(rows, lines, scopes, strict=True)
    ]  # fmt: skip
    told = []
    for finding in audit(names, rules, tell=tell):
        severity = rules.severity_of("GEO-01" if finding.code == SEVERAL_NAMES else finding.code)
        if severity is not None:
            told.append(_told(finding, severity.value, crs))
    for row in session.execute(text(NO_NAME), {"unit": unit}):
        evidence = {
            "geometry": _drawn(shapely.from_wkb(bytes(row.wkb))),
            "source": row.source,
            "class": row.road_class,
        }
        told.append(_told(Finding(UNNAMED, (row.id,), evidence), "hint", None))
    return told


def _scopes(
    session: Session, grounds: list[BaseGeometry | None], as_of: date
) -> list[dict[str, frozenset[str]]]:
    """Return for each ground the ids of its scopes by kind; where no built-up area is on record the city stands in."""
    found: list[dict[str, set[str]]] = [{} for _ in grounds]
    for outline in session.execute(text(SCOPE_OUTLINES), {"as_of": as_of}):
        polygon = shapely.from_wkb(bytes(outline.wkb))
        shapely.prepare(polygon)
        for place, lies_in in enumerate(shapely.intersects(polygon, grounds)):
            if lies_in:
                found[place].setdefault(outline.kind, set()).add(outline.id)
                if outline.kind == "district" and outline.stands_alone:
                    found[place].setdefault("city", set()).add(outline.id)
    for scopes in found:
        if "built_up_area" not in scopes and "city" in scopes:
            scopes["built_up_area"] = scopes["city"]
    return [{kind: frozenset(ids) for kind, ids in scopes.items()} for scopes in found]


def _told(finding: Finding, severity: str, crs: Any) -> dict[str, Any]:
    evidence = {key: _shown(value, crs) for key, value in finding.evidence.items()}
    wording = (
        message(finding.code, evidence).model_dump()
        if finding.code in RULES
        else _own_words(finding.code, evidence)
    )
    return {
        "code": finding.code,
        "severity": severity,
        "subject": list(finding.subject),
        "evidence": evidence,
        "message": wording,
    }


def _own_words(code: str, evidence: Mapping[str, Any]) -> dict[str, str]:

    return {
        "zh": words(f"finding.{code}", "zh-CN", evidence)[0],
        "en": words(f"finding.{code}", "en", evidence)[0],
    }


def _shown(value: object, crs: Any) -> Any:
    if isinstance(value, BaseGeometry):
        return _drawn(value if crs is None else project_to_degrees([value], crs)[0])
    if isinstance(value, tuple | frozenset | set):
        return [_shown(item, crs) for item in value]
    return round(value, 2) if isinstance(value, float) else value


def _drawn(geometry: BaseGeometry) -> dict[str, Any]:
    return dict(shapely.geometry.mapping(shapely.set_precision(geometry, 10**-DIGITS, mode="pointwise")))


@job_kind("check_names")
def _audit_job(database: Database, progress: Progress, request: Mapping[str, Any]) -> Mapping[str, Any]:
    with database.transaction() as session:
        session.connection().exec_driver_sql("SET LOCAL statement_timeout = 0")
        found = audit_register(
            session,
            unit=request.get("unit"),
            as_of=date.fromisoformat(request["as_of"]),
            profile=request["profile"],
            tell=progress.report,
        )
    return {"findings": found, "count": len(found)}
