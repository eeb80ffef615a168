"""What a reviewer should see of an inspection before accepting it; refuses neither it nor any colour.

Photo checklist, blocking accuracy and comparison with the last visit are what surveyors ask of such a system; the
reasons given on site stand in the note.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from layers.findings import Finding
from layers.markers.displacement import CGCS2000, compare_positions
from layers.markers.model import Component, ComponentCondition, Condition, Inspection, InspectionKind, Marker
from layers.markers.policy import InspectionPolicy

FAR_M = 100.0
"""Farther from the legal point than this, a visit was made to something else (a phone is good to 5 m)."""

WORSE = frozenset({ComponentCondition.DAMAGED, ComponentCondition.ABSENT})
STANDING = frozenset({Condition.INTACT, Condition.MINOR_DEFECT, Condition.DAMAGED, Condition.DISPLACED})


def photo_checklist(marker: Marker) -> tuple[str, ...]:
    """Return what has to be photographed: each inscribed face, the whole, each reference object."""
    faces = tuple(f"face_{face}" for face in range(1, marker.faces + 1))
    return (*faces, "overview", *(f"object:{item.name}" for item in marker.reference_objects))


@dataclass(frozen=True, slots=True)
class TakenPhoto:
    """A photo of an inspection: what of the checklist it shows, and its hash."""

    shows: str
    sha256: str


def review(
    inspection: Inspection, marker: Marker, photos: Sequence[TakenPhoto], policy: InspectionPolicy
) -> Iterator[Finding]:
    """Yield what is wrong with an inspection taken for itself.

    Codes: `inspection.condition_contradicted` (intact with a damaged component, or a component judged of a marker
    that is not there), `.component_not_seen`, `.photo_missing`, `.fix_missing`, `.fix_too_rough`, `.fix_mocked`,
    `.far_from_marker`, `.received_before_capture`.
    """
    subject = (inspection.id, marker.code)
    yield from _check_components(inspection, subject)
    if inspection.condition in STANDING:
        shown = {photo.shows for photo in photos}
        if missing := [part for part in photo_checklist(marker) if part not in shown]:
            yield Finding("inspection.photo_missing", subject, {"missing": missing})
    if inspection.kind is not InspectionKind.SENSOR:
        yield from _check_fix(inspection, marker, policy, subject)
    if inspection.received_at < inspection.captured_at:
        skew_s = (inspection.captured_at - inspection.received_at).total_seconds()
        yield Finding("inspection.received_before_capture", subject, {"skew_s": skew_s})


def retired_meanwhile(inspection_id: str, marker_code: str, standing: Condition | str) -> Iterator[Finding]:
    """Yield `inspection.marker_retired` for a visit to a marker that was retired before the visit came in.

    The record is kept: a device that was out of reach could not know.
    """
    if standing == Condition.RETIRED:
        yield Finding("inspection.marker_retired", (inspection_id, marker_code))


def _check_components(inspection: Inspection, subject: tuple[str, str]) -> Iterator[Finding]:
    seen = inspection.components
    if inspection.condition not in STANDING:
        return
    own = (Component.BODY, Component.INSCRIPTION, Component.BASE)
    worse = [part for part in own if seen.get(part) in WORSE]
    minor = [part for part in own if seen.get(part) is ComponentCondition.MINOR]
    looks_better = inspection.condition in {Condition.INTACT, Condition.MINOR_DEFECT}
    if (worse and looks_better) or (minor and inspection.condition is Condition.INTACT):
        evidence = {"condition": inspection.condition, "components": worse or minor}
        yield Finding("inspection.condition_contradicted", subject, evidence)
    if unseen := [
        part
        for part in Component
        if seen.get(part, ComponentCondition.NOT_SEEN) is ComponentCondition.NOT_SEEN
    ]:
        yield Finding("inspection.component_not_seen", subject, {"components": unseen})


def _check_fix(
    inspection: Inspection, marker: Marker, policy: InspectionPolicy, subject: tuple[str, str]
) -> Iterator[Finding]:
    fix, legal = inspection.observed_position, marker.legal_position
    if fix is None:
        yield Finding("inspection.fix_missing", subject)
        return
    if fix.mocked:
        yield Finding("inspection.fix_mocked", subject)
    if fix.accuracy_m is None or fix.accuracy_m > policy.capture_accuracy_m:
        evidence = {"accuracy_m": fix.accuracy_m, "allowed_m": policy.capture_accuracy_m}
        yield Finding("inspection.fix_too_rough", subject, evidence)
    if legal is not None:
        _, _, away = CGCS2000.inv(legal.lon, legal.lat, fix.lon, fix.lat)
        if away > FAR_M + 3 * (fix.accuracy_m or 0.0):
            yield Finding("inspection.far_from_marker", subject, {"away_m": float(away)})


def changes(
    last: Inspection | None, now: Inspection, marker: Marker, policy: InspectionPolicy
) -> Iterator[Finding]:
    """Yield `inspection.changed` for whatever differs from the last accepted inspection, part by part.

    Compared are the condition, each component seen both times, and the verdict on the position; an unchanged marker
    yields nothing, so that nobody reads what is not news.
    """
    if last is None:
        return
    subject = (now.id, marker.code)
    if last.condition is not now.condition:
        yield Finding(
            "inspection.changed", subject, {"part": "condition", "from": last.condition, "to": now.condition}
        )
    for part in Component:
        before, after = last.components.get(part), now.components.get(part)
        seen = {before, after}.isdisjoint({None, ComponentCondition.NOT_SEEN})
        if seen and before is not after:
            yield Finding("inspection.changed", subject, {"part": part, "from": before, "to": after})
    was, is_now = (
        compare_positions(marker.legal_position, visit.observed_position, policy.displacement).verdict
        for visit in (last, now)
    )
    if was is not is_now:
        yield Finding("inspection.changed", subject, {"part": "position", "from": was, "to": is_now})
