"""The change feed of a layer: features as they are now, in the order in which their changes were committed.

A token is a place in that order. Nobody who reads on from a token misses a change: see `place_change_set` in the migration.
"""

import base64
import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from typing import Any, Final

from sqlalchemy import text
from sqlalchemy.orm import Session

from layers.boundaries.queries import LINES, UNITS
from layers.errors import InvalidInput
from layers.features import Listing
from layers.hubs.queries import HUBS
from layers.markers.queries import SHAPE, Positions
from layers.naming.queries import NAMES

SEPARATOR: Final = "\x1e"  # RFC 8142


class Layer(StrEnum):
    """What can be followed."""

    UNITS = "units"
    LINES = "lines"
    MARKERS = "markers"
    NAMES = "names"
    HUBS = "hubs"
    TRIPOINTS = "tripoints"
    SIGNS = "signs"
    COVERAGE = "coverage"


WITHOUT_END: Final = frozenset({Layer.HUBS, Layer.SIGNS, Layer.COVERAGE})
"""Layers whose records are there or not: none of them has a last day."""
TRIPOINTS: Final = Listing(
    "boundaries.tripoint",
    "t",
    "tripoint_code",
    "'tripoint_code', t.tripoint_code, 'unit_codes', t.unit_codes, 'valid_from', t.valid_from, 'valid_to', t.valid_to",
)
COVERAGE: Final = Listing(
    "published.coverage",
    "k",
    "hub_code",
    "'hub_code', k.hub_code, 'hub_name', k.hub_name, 'metric', k.metric, 'limit_m', k.limit_m",
)
SIGN_PROPERTIES: Final = """
    'name_id', g.name_id, 'number', g.number, 'reason', g.reason, 'crossing', g.crossing,
    'bearing', round(g.bearing::numeric, 1), 'colour', g.colour, 'text', g.text, 'pinyin', g.pinyin, 'arrows', g.arrows,
    'unit_code', g.unit_code, 'state', coalesce(i.state, 'planned'), 'inspected_on', i.inspected_on,
    'text_seen', i.text_seen, 'pinyin_seen', i.pinyin_seen, 'colour_seen', i.colour_seen
"""
SIGNS: Final = Listing(
    "naming.sign",
    "g",
    "id",
    SIGN_PROPERTIES,
    joins="LEFT JOIN LATERAL (SELECT v.* FROM naming.sign_inspection v WHERE v.sign_id = g.id "
    "ORDER BY v.inspected_on DESC, v.recorded_at DESC LIMIT 1) i ON true",
)
"""What a sign is and how it was last found. How its road is called, the layer of names says."""
MARKER_PROPERTIES: Final = """
    'code', m.code, 'number', m.number, 'name', m.name, 'line_code', m.line_code, 'unit_codes', m.unit_codes,
    'managing_unit', m.managing_unit, 'grade', m.grade, 'set_kind', m.set_kind, 'faces', m.faces, 'material', m.material,
    'colour', k.colour, 'shape', k.shape, 'rule', k.rule, 'colour_since', k.since, 'condition', s.condition,
    'currency', s.currency, 'case_stage', s.case_stage, 'last_inspected_on', s.last_inspected_on,
    'next_due_on', s.next_due_on, 'synthetic', m.synthetic, 'version', m.version, 'valid_from', m.valid_from,
    'valid_to', m.valid_to
"""
MARKER_STATE: Final = (
    "LEFT JOIN markers.marker_state s ON s.marker_id = m.id "
    "LEFT JOIN markers.marker_colour k ON k.marker_id = m.id AND k.profile = :profile"
)


@dataclass(frozen=True, slots=True)
class Place:
    """A place in the feed: a set in the order of commits, and a change in it.

    >>> Place.read(Place(7, 12).token)
    Place(set_place=7, change=12)
    """

    set_place: int
    change: int

    @property
    def token(self) -> str:
        """The place as an opaque token."""
        return base64.urlsafe_b64encode(f"1.{self.set_place}.{self.change}".encode()).decode().rstrip("=")

    @classmethod
    def read(cls, token: str) -> "Place":
        """Return the place that a token means; raises `InvalidInput` for one not made here."""
        try:
            version, set_place, change = (
                base64.urlsafe_b64decode(token + "=" * (-len(token) % 4)).decode().split(".")
            )
            found = cls(int(set_place), int(change))
        except ValueError:
            version, found = "", BEGINNING
        if version != "1" or not (0 <= found.set_place < 2**63 and 0 <= found.change < 2**63):
            raise InvalidInput(field="since", given=token[:100], expected="a token of this feed")
        return found


BEGINNING: Final = Place(0, 0)


@dataclass(frozen=True, slots=True)
class Changes:
    """A page of the feed: one line of GeoJSON a record, the token to read on from, and whether there is more."""

    lines: list[str]
    token: str
    more: bool


def _listing(layer: Layer, positions: Positions) -> Listing:
    if layer is Layer.MARKERS:
        columns = "m.id, m.code, m.number, m.name, m.line_code, m.unit_codes, m.managing_unit, m.grade, m.set_kind, m.faces, m.material, m.synthetic, m.version, m.valid_from, m.valid_to"
        table = f"(SELECT {columns}, {SHAPE[positions]} AS geometry FROM markers.marker m)"
        return Listing(table, "m", "code", MARKER_PROPERTIES, joins=MARKER_STATE)
    known: Mapping[Layer, Listing] = {
        Layer.UNITS: UNITS,
        Layer.LINES: LINES,
        Layer.NAMES: NAMES,
        Layer.HUBS: HUBS,
        Layer.TRIPOINTS: TRIPOINTS,
        Layer.SIGNS: SIGNS,
        Layer.COVERAGE: COVERAGE,
    }
    return known[layer]


def changes_since(
    session: Session,
    layer: Layer,
    since: Place,
    *,
    limit: int,
    as_of: date,
    positions: Positions,
    profile: str,
) -> Changes:
    """Return what became of a layer after a place: each record once, as it stands now, in the order of its last change.

    Property `change` is `added`, `changed`, `retired` (it has an end) or `removed` (nothing is left but its key).
    Markers have their colour under `profile`.
    """
    listing = _listing(layer, positions)
    alias = listing.alias
    values: dict[str, Any] = {
        "layer": layer.value, "set_place": since.set_place, "change": since.change, "limit": limit + 1,
    }  # fmt: skip
    feature = listing.feature()
    if ":as_of" in feature + listing.joins:
        values["as_of"] = as_of
    if layer is Layer.MARKERS:
        values["profile"] = profile
    rows = session.execute(
        text(
            f"SELECT c.place, c.id, c.subject, c.code, c.kind, CASE WHEN {alias}.id IS NULL THEN NULL ELSE {feature} END, "
            f"{_end(layer, alias)} FROM (SELECT s.place, c.id, c.subject, c.code, c.kind FROM service.change_set s "
            "JOIN service.change c ON c.set_id = s.id WHERE s.place >= :set_place AND c.layer = :layer "
            "AND (s.place, c.id) > (:set_place, :change) ORDER BY s.place, c.id LIMIT :limit) c "
            f"LEFT JOIN {listing.table} {alias} ON {alias}.id = c.subject {listing.joins} ORDER BY c.place, c.id"
        ),
        values,
    ).all()
    page = rows[:limit]
    last = {row[2]: number for number, row in enumerate(page)}
    lines = [_line(row) for number, row in enumerate(page) if last[row[2]] == number]
    end = Place(page[-1][0], page[-1][1]) if page else since
    return Changes(lines, end.token, more=len(rows) > limit)


def _end(layer: Layer, alias: str) -> str:
    return "NULL" if layer in WITHOUT_END else f"{alias}.valid_to"


def _line(row: Any) -> str:
    place, number, _, code, kind, feature, ends = row
    token = json.dumps(Place(place, number).token)
    if feature is None:
        removed = json.dumps({"change": "removed"})
        return f'{{"type":"Feature","id":{json.dumps(code)},"token":{token},"geometry":null,"properties":{removed}}}'
    change = json.dumps("retired" if ends is not None else kind)
    begun, properties = feature.split(',"properties":{', 1)
    return f'{begun},"token":{token},"properties":{{"change":{change},{properties.lstrip()}'


def newest_place(session: Session) -> int:
    """Return the place of the last set that was committed, 0 before any."""
    found = session.execute(text("SELECT coalesce(max(place), 0) FROM service.change_set")).scalar_one()
    return int(found)
