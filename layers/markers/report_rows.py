"""Markers of a line or a unit as a report shows them: facts, colour and why, dates, open case; writes nothing."""

import json
import uuid
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, Final

from sqlalchemy import text
from sqlalchemy.orm import Session

from layers.boundaries.model import UnitNotFound
from layers.markers.colour import FACT_VALUES, ColourProfile, Value, colour_of
from layers.markers.model import OPEN_STAGES, CaseStage, Colour, MarkerFacts, Shape
from layers.markers.queries import MarkerFilter, coloured

OPEN: Final = """
SELECT DISTINCT ON (e.marker_id) e.marker_id, c.opened_at, e.kind, e.happened_at
  FROM markers.case_event e JOIN markers.marker_case c ON c.id = e.case_id
 WHERE e.marker_id = ANY (:ids) AND e.recorded_at <= :until
 ORDER BY e.marker_id, c.opened_at DESC, e.recorded_at DESC, e.id
"""
LINES: Final = """
SELECT l.line_code, l.name, l.length_m, l.last_joint_inspection_on, l.disputed, ST_AsGeoJSON(l.geometry, 6) AS shape
  FROM boundaries.boundary_line l
 WHERE (l.line_code = ANY (:codes) OR l.unit_codes @> CAST(:units AS text[]) AND :units <> '{}'::text[])
   AND l.valid_from <= :on AND (l.valid_to IS NULL OR l.valid_to > :on) ORDER BY l.line_code
"""
UNIT: Final = """
SELECT u.name, ST_AsGeoJSON(ST_SimplifyPreserveTopology(u.geometry, 0.0002), 6) AS shape
  FROM boundaries.administrative_unit u
 WHERE u.code = :code AND u.valid_from <= :on AND (u.valid_to IS NULL OR u.valid_to > :on) LIMIT 1
"""


@dataclass(frozen=True, slots=True)
class OpenCase:
    """A case that is under way: when it began, and the last act on it."""

    opened_at: datetime
    last_act: str
    last_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class ShownMarker:
    """One marker on one day; `lon`, `lat` in degrees of EPSG:4490, None where no legal position is on record."""

    code: str
    number: str
    line_code: str
    managing_unit: str
    synthetic: bool
    lon: float | None
    lat: float | None
    facts: MarkerFacts
    colour: Colour
    shape: Shape
    rule: str
    because: tuple[tuple[str, Value], ...]
    since: datetime
    last_inspected_on: date | None
    patrol_due_on: date | None
    joint_due_on: date | None
    case: OpenCase | None


@dataclass(frozen=True, slots=True)
class ShownLine:
    """One line: its name and ground length, its last joint inspection, its course as GeoJSON in EPSG:4490."""

    code: str
    name: str
    length_m: float
    last_joint_on: date | None
    disputed: bool
    course: Mapping[str, Any]


def how_many(session: Session, asked: MarkerFilter) -> int:
    """Return how many markers of the register are asked for, before any colour is derived."""
    form, values = asked.form()
    counted = session.execute(text(f"SELECT count(*) FROM markers.marker m WHERE {form}"), values)  # noqa: S608 # this module's own words
    return int(counted.scalar_one())


def shown_markers(
    session: Session, asked: MarkerFilter, profile: ColourProfile, until: datetime
) -> list[ShownMarker]:
    """Return markers by line and code, each with the facts that its colour comes from.

    `profile` is the version in force at `until`. Cases are told as far as the reader may see their acts.
    """
    listing, where, values = coloured(session, asked)
    statement = (
        f"SELECT m.*, ST_X(m.geometry) AS lon, ST_Y(m.geometry) AS lat FROM {listing.table} m "  # noqa: S608 # this module's own words
        f"WHERE {where} ORDER BY m.line_code, m.code"
    )
    rows = session.execute(text(statement), values).all()
    cases = _open_cases(session, [row.id for row in rows if CaseStage(row.case_stage) in OPEN_STAGES], until)
    return [_shown(row, profile, cases.get(row.id)) for row in rows]


def _shown(row: Any, profile: ColourProfile, case: OpenCase | None) -> ShownMarker:
    facts = MarkerFacts(**{fact: _value(fact, getattr(row, fact)) for fact in FACT_VALUES})  # type: ignore[arg-type] # each of its own fact
    return ShownMarker(
        code=row.code,
        number=row.number,
        line_code=row.line_code,
        managing_unit=row.managing_unit or "",
        synthetic=row.synthetic,
        lon=row.lon,
        lat=row.lat,
        facts=facts,
        colour=Colour(row.colour),
        shape=Shape(row.shape),
        rule=row.rule,
        because=colour_of(facts, profile).because,
        since=row.since,
        last_inspected_on=row.last_inspected_on,
        patrol_due_on=row.patrol_due_on,
        joint_due_on=row.joint_due_on,
        case=case,
    )


def _value(fact: str, kept: object) -> Value:
    return next(value for value in FACT_VALUES[fact] if value == kept)


def _open_cases(session: Session, ids: Sequence[uuid.UUID], until: datetime) -> dict[uuid.UUID, OpenCase]:
    rows = session.execute(text(OPEN), {"ids": list(ids), "until": until})
    return {row.marker_id: OpenCase(row.opened_at, row.kind, row.happened_at) for row in rows}


def shown_lines(
    session: Session, codes: Sequence[str], on: date, *, side: str | None = None
) -> list[ShownLine]:
    """Return lines in force on a day: those of the codes, and those that have `side` as one of their own."""
    asked = {"codes": list(codes), "units": [side] if side else [], "on": on}
    return [
        ShownLine(
            row.line_code,
            row.name or row.line_code,
            row.length_m,
            row.last_joint_inspection_on,
            row.disputed,
            json.loads(row.shape),
        )
        for row in session.execute(text(LINES), asked)
    ]


def shown_unit(session: Session, code: str, on: date) -> tuple[str, Mapping[str, Any] | None]:
    """Return a unit's name and its outline, thinned, as GeoJSON in EPSG:4490; raises `UnitNotFound`."""
    row = session.execute(text(UNIT), {"code": code, "on": on}).one_or_none()
    if row is None:
        raise UnitNotFound(unit_code=code, as_of=on.isoformat())
    return row.name, None if row.shape is None else json.loads(row.shape)
