"""Questions about markers, answered by the database from what is kept, or by the engine for a past day (D4, D8).

Reads only; the session is passed in. Who asks decides how positions are told: `Positions`.
"""

import json
import uuid
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date
from enum import StrEnum
from typing import Any, Final

from sqlalchemy import text
from sqlalchemy.orm import Session

from layers.boundaries.ground import UnitGround
from layers.features import Box, Listing, Page
from layers.markers.model import CaseStage, Colour, Condition
from layers.markers.past import kept_rows_at

ROUNDED_DEG: Final = 0.01  # about a kilometre


class Positions(StrEnum):
    """How exactly positions are told."""

    EXACT = "exact"
    ROUNDED = "rounded"
    HIDDEN = "hidden"


SHAPE: Final = {
    Positions.EXACT: "m.geometry",
    Positions.ROUNDED: f"ST_SnapToGrid(m.geometry, {ROUNDED_DEG})",
    Positions.HIDDEN: "NULL::geometry",
}
FORM: Final = (
    "m.id, m.code, m.number, m.name, m.line_code, m.unit_codes, m.managing_unit, m.grade, m.set_kind, m.faces, "
    "m.material, m.public, m.synthetic, m.version, m.valid_from, m.valid_to, m.geometry AS exact_position"
)
STATE: Final = (
    "condition, condition_confirmed, position_check, patrol_currency, joint_currency, case_stage, filing_pending, "
    "sensor_alarm_open, sync_conflict, review_pending, visited_this_cycle, cycle_joint, currency, patrol_due_on, "
    "joint_due_on, next_due_on, last_inspected_on"
)
COLOUR: Final = "colour, shape, rule, since"
PROPERTIES: Final = """
    'code', m.code, 'number', m.number, 'name', m.name, 'line_code', m.line_code, 'unit_codes', m.unit_codes,
    'managing_unit', m.managing_unit, 'grade', m.grade, 'set_kind', m.set_kind, 'faces', m.faces,
    'colour', json_build_object('code', m.colour, 'shape', m.shape, 'rule', m.rule, 'since', m.since),
    'condition', m.condition, 'condition_confirmed', m.condition_confirmed, 'position_check', m.position_check,
    'currency', m.currency, 'patrol_currency', m.patrol_currency, 'joint_currency', m.joint_currency,
    'case_stage', m.case_stage, 'filing_pending', m.filing_pending, 'sensor_alarm_open', m.sensor_alarm_open,
    'sync_conflict', m.sync_conflict, 'review_pending', m.review_pending,
    'last_inspected_at', m.last_inspected_on, 'next_due_on', m.next_due_on, 'patrol_due_on', m.patrol_due_on,
    'joint_due_on', m.joint_due_on, 'synthetic', m.synthetic, 'version', m.version,
    'valid_from', m.valid_from, 'valid_to', m.valid_to
"""


@dataclass(frozen=True, slots=True, kw_only=True)
class MarkerFilter:
    """Which markers are asked for; None means any. `past` asks for the state at the end of `as_of`, not for now.

    `ground` is a unit's, and is asked of exact positions: for officers' files.
    """

    as_of: date
    profile: str
    past: bool = False
    positions: Positions = Positions.EXACT
    code: str | None = None
    colour: Colour | None = None
    condition: Condition | None = None
    case_stage: CaseStage | None = None
    line: str | None = None
    unit: str | None = None
    due_before: date | None = None
    review_pending: bool | None = None
    q: str | None = None
    bbox: Box | None = None
    ground: UnitGround | None = None

    def form(self) -> tuple[str, dict[str, Any]]:
        """Return the SQL condition on the register's own columns."""
        parts = ["m.valid_from <= :as_of", "(m.valid_to IS NULL OR m.valid_to > :as_of)"]
        values: dict[str, Any] = {"as_of": self.as_of}
        for column, wanted in (("code", self.code), ("line_code", self.line)):
            if wanted is not None:
                parts.append(f"m.{column} = :{column}")
                values[column] = wanted
        if self.unit:
            parts.append(UNDER_UNIT)
            values["unit"] = self.unit
        if self.q:
            parts.append(
                "(m.code LIKE :q OR m.number LIKE :q OR m.name LIKE :q OR EXISTS (SELECT FROM markers.marker_alias a "
                "WHERE a.marker_id = m.id AND a.number LIKE :q))"
            )
            escaped = self.q.strip().replace("\\", "\\\\").replace("%", "\\%").replace("_", "\\_")
            values["q"] = f"%{escaped}%"
        if self.bbox:
            condition, box = self._within(self.bbox)
            parts.append(condition)
            values |= box
        if self.ground:
            condition, asked = self.ground.condition("m.exact_position", sides="m.unit_codes")
            parts.append(condition)
            values |= asked
        return " AND ".join(parts), values

    def _within(self, box: Box) -> tuple[str, dict[str, float]]:
        """Return the condition of the box on the position that is told, never on a more exact one."""
        if self.positions is Positions.HIDDEN:
            return "false", {}
        _, values = box.condition("")
        frame = "ST_MakeEnvelope(:west, :south, :east, :north, 4490)"
        if self.positions is Positions.EXACT:
            return f"m.exact_position && {frame}", dict(values)
        near = f"m.exact_position && ST_Expand({frame}, {ROUNDED_DEG})"
        return f"{near} AND m.geometry && {frame}", dict(values)

    def state(self) -> tuple[str, dict[str, Any]]:
        """Return the SQL condition on what is derived."""
        parts, values = ["true"], {}  # type: tuple[list[str], dict[str, Any]]
        for column in ("colour", "condition", "case_stage", "review_pending"):
            wanted = getattr(self, column)
            if wanted is not None:
                parts.append(f"m.{column} = :{column}")
                values[column] = wanted
        if self.due_before:
            # one never inspected has been due from the first day; a retired one has no duty
            parts.append(
                "m.condition NOT IN ('retired', 'not_set') AND (m.next_due_on < :due_before OR m.currency = 'never')"
            )
            values["due_before"] = self.due_before
        return " AND ".join(parts), values


UNDER_UNIT: Final = """
    m.unit_codes && (WITH RECURSIVE under AS (
        SELECT u.unit_id, u.code, 0 AS depth FROM boundaries.administrative_unit u WHERE u.code = :unit AND u.valid_to IS NULL
        UNION ALL
        SELECT u.unit_id, u.code, under.depth + 1 FROM boundaries.administrative_unit u
          JOIN under ON u.parent_id = under.unit_id AND u.valid_to IS NULL WHERE under.depth < 6)
        SELECT array_agg(code) || CAST(:unit AS text) FROM under)
"""
NOW: Final = """
    (SELECT {form}, {shape} AS geometry, s.{state}, c.{colour}
       FROM markers.marker m JOIN markers.marker_state s ON s.marker_id = m.id
       JOIN markers.marker_colour c ON c.marker_id = m.id AND c.profile = :profile)
"""
THEN: Final = """
    (SELECT {form}, {shape} AS geometry, s.{state}, s.{colour}
       FROM markers.marker m JOIN jsonb_to_recordset(CAST(:derived AS jsonb)) AS s (
            id uuid, condition text, condition_confirmed boolean, position_check text, patrol_currency text,
            joint_currency text, case_stage text, filing_pending boolean, sensor_alarm_open boolean,
            sync_conflict boolean, review_pending boolean, visited_this_cycle boolean, cycle_joint text, currency text,
            patrol_due_on date, joint_due_on date, next_due_on date, last_inspected_on date,
            colour text, shape text, rule text, since timestamptz) ON s.id = m.id)
"""


COLOURED_NOW: Final = """
    (SELECT m.id, m.code, m.number, m.name, m.line_code, m.unit_codes, m.valid_from, m.valid_to,
            m.geometry AS exact_position, {shape} AS geometry, c.colour, c.shape
       FROM markers.marker m JOIN markers.marker_colour c ON c.marker_id = m.id AND c.profile = :profile)
"""


def colours_alone(asked: MarkerFilter) -> tuple[str, str, dict[str, Any]] | None:
    """Return table, condition and values of a question that needs no more than form and colour now, or None."""
    form, values = asked.form()
    state, more = asked.state()
    if asked.past or more.keys() - {"colour"}:
        return None
    table = COLOURED_NOW.format(shape=SHAPE[asked.positions])
    return table, f"{form} AND {state}", values | more | {"profile": asked.profile}


def coloured(
    session: Session, asked: MarkerFilter, *, only: Sequence[uuid.UUID] | None = None
) -> tuple[Listing, str, dict[str, Any]]:
    """Return a listing of markers with their state, the SQL condition of what is asked, and its values.

    Now: from what is kept. At a past day: the engine derives each marker that the register's own columns leave
    in question from the records known that day, or `only` those whose keys are given.
    """
    form, values = asked.form()
    state, more = asked.state()
    names = {"form": FORM, "shape": SHAPE[asked.positions], "state": STATE.replace(", ", ", s.")}
    if asked.past:
        ids = only
        if ids is None:
            found = session.execute(text(f"SELECT m.id FROM {_bare(asked)} m WHERE {form}"), values)
            ids = found.scalars().all()
        derived = kept_rows_at(session, ids, asked.as_of, asked.profile)
        table = THEN.format(**names, colour=COLOUR.replace(", ", ", s."))
        values |= {"derived": json.dumps(derived, default=str)}
    else:
        table = NOW.format(**names, colour=COLOUR.replace(", ", ", c."))
        values["profile"] = asked.profile
    return Listing(table, "m", "code", PROPERTIES), f"{form} AND {state}", values | more


def _bare(asked: MarkerFilter) -> str:
    return f"(SELECT {FORM}, {SHAPE[asked.positions]} AS geometry FROM markers.marker m)"


def _past_page(
    session: Session,
    asked: MarkerFilter,
    *,
    limit: int,
    after: tuple[str, str] | None,
    with_geometry: bool,
    exact_count: bool,
) -> Page:
    """Return a page of a past day that asks nothing of the state: only what it shows is derived."""
    form, values = asked.form()
    bare = Listing(_bare(asked), "m", "code", "'code', m.code")
    wanted = bare.page(
        session,
        where=form,
        values=values,
        limit=limit,
        after=after,
        with_geometry=False,
        exact_count=exact_count,
    )
    codes = [feature["id"] for feature in json.loads(f"[{wanted.features}]")]
    only = session.execute(
        text("SELECT id FROM markers.marker WHERE code = ANY (:codes)"), {"codes": codes}
    ).scalars()
    listing, where, bound = coloured(session, asked, only=list(only))
    page = listing.page(session, where=where, values=bound, limit=limit, with_geometry=with_geometry)
    return replace(page, matched=wanted.matched, last_key=wanted.last_key, more=wanted.more)


def marker_page(
    session: Session,
    asked: MarkerFilter,
    *,
    limit: int,
    after: tuple[str, str] | None,
    with_geometry: bool,
    exact_count: bool,
) -> Page:
    """Return one page of markers with their colours."""
    if asked.past and asked.state()[0] == "true":
        return _past_page(
            session,
            asked,
            limit=limit,
            after=after,
            with_geometry=with_geometry and asked.positions is not Positions.HIDDEN,
            exact_count=exact_count,
        )
    listing, where, values = coloured(session, asked)
    return listing.page(
        session,
        where=where,
        values=values,
        limit=limit,
        after=after,
        with_geometry=with_geometry and asked.positions is not Positions.HIDDEN,
        exact_count=exact_count,
    )
