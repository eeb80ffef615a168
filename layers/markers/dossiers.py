"""One marker in full: form, reference objects, why it has its colour, and everything on record of it in time."""

import uuid
from collections.abc import Iterable, Mapping
from datetime import date, datetime
from typing import Any, Final

from sqlalchemy import text
from sqlalchemy.orm import Session

from layers.markers.colour import Colouring, colour_of
from layers.markers.description import compare_description, describe
from layers.markers.evidence_rows import evidence_of
from layers.markers.facts import Derivation
from layers.markers.history import ColourSpan, colour_spans
from layers.markers.model import Marker
from layers.markers.past import standings_at
from layers.markers.queries import MarkerFilter, Positions, coloured
from layers.markers.register import MarkerNotFound, duties, load, rules_of

EXACT_PARTS: Final = frozenset(
    {"legal_position", "reference_objects", "position_description", "generated_description"}
)
"""What of a form tells where a marker stands; left out where positions are not told exactly."""


def marker_feature(session: Session, asked: MarkerFilter) -> str:
    """Return one marker as GeoJSON text, as lists give it. Raises `MarkerNotFound`."""
    listing, where, values = coloured(session, asked)
    page = listing.page(session, where=where, values=values, limit=1)
    if not page.returned:
        raise MarkerNotFound(marker_code=asked.code, as_of=asked.as_of.isoformat())
    return page.features


def identity_of(session: Session, code: str) -> uuid.UUID:
    """Return the key of the marker with this code. Raises `MarkerNotFound`."""
    found = session.execute(text("SELECT id FROM markers.marker WHERE code = :code"), {"code": code}).scalar()
    if found is None:
        raise MarkerNotFound(marker_code=code)
    return uuid.UUID(str(found))


def form_of(marker: Marker, positions: Positions) -> dict[str, Any]:
    """Return the registration form; without what tells the place unless positions are told exactly."""
    legal = marker.legal_position
    form: dict[str, Any] = {
        "set_code": marker.set_code,
        "material": marker.material,
        "post_unit": marker.post_unit,
        "guardian": marker.guardian,
        "locations": list(marker.locations),
        "feature_relation": marker.feature_relation,
        "inscriptions": list(marker.inscriptions),
        "set_on": marker.set_on,
        "legal_instrument": marker.legal_instrument,
        "public": marker.public,
        "legal_position": None if legal is None else _position(legal),
        "reference_objects": [
            {
                "name": item.name,
                "azimuth_deg": item.azimuth_deg,
                "azimuth_kind": item.azimuth_kind,
                "distance_m": item.distance_m,
                "lon": item.lon,
                "lat": item.lat,
            }
            for item in marker.reference_objects
        ],
        "position_description": marker.position_description,
        "generated_description": {"zh": describe(marker), "en": describe(marker, "en")},
        "description_differences": [
            dict(finding.evidence)
            for finding in (compare_description(marker) if marker.position_description else ())
        ],
    }
    if positions is not Positions.EXACT:
        hidden = EXACT_PARTS | {"description_differences", "guardian"}
        form = {name: value for name, value in form.items() if name not in hidden}
    return form


def _position(legal: Any) -> dict[str, Any]:
    original = legal.original
    return {
        "lon": legal.lon,
        "lat": legal.lat,
        "accuracy_m": legal.accuracy_m,
        "height_m": legal.height_m,
        "method": legal.method,
        "original": None
        if original is None
        else {"north": original.north, "east": original.east, "epsg": original.epsg},
    }


def why(colouring: Colouring, derivation: Derivation) -> dict[str, Any]:
    """Return the rule that fired, the facts that made it fire, and the records under each of them."""
    return {
        "rule": colouring.rule,
        "because": [
            {"fact": fact, "value": value, "evidence": list(derivation.evidence.get(fact, ()))}
            for fact, value in colouring.because
        ],
        "policy": derivation.policy,
    }


def reasons(session: Session, identity: uuid.UUID, day: date, profile: str) -> dict[str, Any]:
    """Return why a marker has its colour at the end of a day, with the profile's own words for it."""
    rules = rules_of(profile)
    _, standing = next(standings_at(session, [identity], day, profile))
    in_force, _ = rules.at(standing.at)
    colouring = colour_of(standing.derivation.facts, in_force)
    sign = (colouring.rule, colouring.shape)
    rule = next(rule for rule in in_force.rules if (rule.number, rule.shape) == sign)
    return {
        **why(colouring, standing.derivation),
        "profile": {"code": in_force.code, "version": in_force.version},
        "label": dict(rule.label),
    }


def full_marker(session: Session, identity: uuid.UUID) -> tuple[Marker, int]:
    """Return a marker with its reference objects, and its version."""
    _, marker, version = next(load(session, [identity]))
    return marker, version


OTHER_FORM: Final = """
SELECT m.form, m.source, m.under_contract, m.baseline, m.recorded_at, m.recorded_by,
       (SELECT coalesce(json_agg(json_build_object('number', a.number, 'valid_from', a.valid_from, 'valid_to', a.valid_to)
                                 ORDER BY a.valid_from NULLS FIRST), '[]')
          FROM markers.marker_alias a WHERE a.marker_id = m.id) AS aliases
  FROM markers.marker m WHERE m.id = :id
"""


def other_form(session: Session, identity: uuid.UUID) -> Mapping[str, Any]:
    """Return what of the form nothing is derived from: aliases, custody, device, signatures, source."""
    return dict(session.execute(text(OTHER_FORM), {"id": identity}).mappings().one())


INSPECTIONS: Final = """
SELECT i.id, i.kind, i.captured_at, i.happened_at, i.received_at, i.clock_skew_s, i.device, i.person, i.unit, i.condition,
       i.judged_condition, i.components, i.gnss AS observed_position, i.position_check, i.displacement, i.actions, i.note,
       i.remarks,
       (SELECT coalesce(json_agg(json_build_object('sha256', p.sha256, 'shows', p.shows,
               'arrived', EXISTS (SELECT FROM markers.photo f WHERE f.sha256 = p.sha256)) ORDER BY p.place), '[]')
          FROM markers.inspection_photo p WHERE p.inspection_id = i.id) AS photos,
       (SELECT json_agg(json_build_object('id', r.id, 'accepted', r.accepted, 'reason', r.reason, 'person', r.person,
               'recorded_at', r.recorded_at) ORDER BY r.recorded_at)
          FROM markers.inspection_review r WHERE r.marker_id = i.marker_id AND r.inspection_id = i.id) AS reviews
  FROM markers.inspection i WHERE i.marker_id = :id {one} ORDER BY i.happened_at DESC, i.id LIMIT :limit
"""
EVENTS: Final = """
SELECT e.id, e.case_id, e.kind AS event, e.happened_at, e.captured_at, e.clock_skew_s, e.recorded_at, e.person,
       e.unit, e.capacity, e.records
  FROM markers.case_event e WHERE e.marker_id = :id ORDER BY e.recorded_at, e.id
"""
RECORDS: Final = """
SELECT r.id, r.kind, r.about, r.happened_at, r.recorded_at, r.person, r.content
  FROM markers.marker_record r WHERE r.marker_id = :id ORDER BY r.recorded_at, r.id
"""
EDITS: Final = """
SELECT e.id, e.version, e.base_version, e.changes, e.previous, e.applied, e.reason, e.captured_at, e.recorded_at,
       e.recorded_by, e.device, e.clock_skew_s,
       (SELECT json_build_object('id', d.id, 'choices', d.choices, 'reason', d.reason, 'version', d.version,
                                 'recorded_at', d.recorded_at, 'recorded_by', d.recorded_by)
          FROM markers.marker_edit_decision d WHERE d.edit_id = e.id) AS decision
  FROM markers.marker_edit e WHERE e.marker_id = :id ORDER BY e.recorded_at, e.id
"""


def inspections(
    session: Session, identity: uuid.UUID, *, one: uuid.UUID | None = None, limit: int = 200
) -> list[dict[str, Any]]:
    """Return inspections of a marker with their reviews and photos, the latest first; or just one of them."""
    statement = INSPECTIONS.format(one="AND i.id = :one" if one else "")
    values: dict[str, Any] = {"id": identity, "limit": limit} | ({"one": one} if one else {})
    return [dict(row) for row in session.execute(text(statement), values).mappings()]


PUBLIC_LOG: Final = """
SELECT l.id, l.kind, l.happened_at, l.condition FROM markers.public_log l
 WHERE l.marker_id = :id ORDER BY l.happened_at DESC, l.id LIMIT :limit
"""


def public_log(session: Session, identity: uuid.UUID, *, limit: int = 200) -> list[dict[str, Any]]:
    """Return what anybody is told of a marker's inspections: when, of which kind, in what condition."""
    return [
        dict(row) for row in session.execute(text(PUBLIC_LOG), {"id": identity, "limit": limit}).mappings()
    ]


def everything(session: Session, identity: uuid.UUID) -> dict[str, list[dict[str, Any]]]:
    """Return every record of a marker by kind."""
    found = {
        name: [dict(row) for row in session.execute(text(statement), {"id": identity}).mappings()]
        for name, statement in (("case_events", EVENTS), ("records", RECORDS), ("edits", EDITS))
    }
    return {"inspections": inspections(session, identity), **found}


def spans(session: Session, identity: uuid.UUID, until: datetime, profile: str) -> list[dict[str, Any]]:
    """Return the colours of a marker from its first day on, each with its reason and the evidence under it."""
    duty = duties(session, [identity])[identity]
    records = evidence_of(session, [identity])[identity]
    since = min(duty.began_at, until)
    found: Iterable[ColourSpan] = colour_spans(
        records, since=since, until=until, rules=rules_of(profile), duty=duty.duty
    )
    return [
        {
            "since": span.since,
            "until": span.until,
            "colour": span.colouring.colour,
            "shape": span.colouring.shape,
            **why(span.colouring, span.derivation),
        }
        for span in found
    ]


KEPT: Final = """
SELECT m.number, m.name, m.line_code, m.unit_codes, m.managing_unit, m.grade, m.set_kind, m.faces,
       c.colour, c.shape, c.rule, c.since, s.condition, s.currency, s.patrol_currency, s.joint_currency, s.case_stage,
       s.position_check, s.review_pending, s.patrol_due_on, s.joint_due_on, s.next_due_on, s.last_inspected_on
  FROM markers.marker m JOIN markers.marker_state s ON s.marker_id = m.id
  JOIN markers.marker_colour c ON c.marker_id = m.id AND c.profile = :profile WHERE m.id = :id
"""


def state_told(session: Session, identity: uuid.UUID, profile: str) -> dict[str, Any]:
    """Return what is kept of a marker, with the line and units it belongs to."""
    row = session.execute(text(KEPT), {"id": identity, "profile": profile}).mappings().one()
    return dict(row)
