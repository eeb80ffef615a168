"""What an act on a marker answers: the facts and the colour after it, and why; the same whenever it is asked again."""

from collections.abc import Iterable
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy.orm import Session

from geo_service.auth.jurisdiction import out_of_reach
from geo_service.auth.officer import Officer
from geo_service.auth.refusals import Forbidden
from layers.findings import Finding
from layers.markers.colour import Colouring, colour_of
from layers.markers.dossiers import why
from layers.markers.evidence_rows import evidence_of
from layers.markers.facts import Derivation
from layers.markers.history import coloured_at
from layers.markers.model import MarkerFacts
from layers.markers.register import duties, rules_of
from layers.markers.standing import Standing, next_due_on, worse_currency


def reach_a_side(session: Session, officer: Officer, units: Iterable[str]) -> list[str]:
    """Return which of a line's sides an officer may act for; raises `Forbidden` where it is none.

    A line belongs to every side that it touches.
    """
    sides = list(units)
    outside = out_of_reach(session, officer, sides)
    reached = [side for side in sides if side not in outside]
    if not reached:
        raise Forbidden(outside=outside, jurisdictions=sorted(officer.jurisdictions))
    return reached


def marker_after(session: Session, marker_id: UUID, at: datetime, profile: str) -> dict[str, Any]:
    """Return facts, colour and reason as they were right after what was recorded at an instant."""
    duty = duties(session, [marker_id])[marker_id]
    records = evidence_of(session, [marker_id], known_at=at)[marker_id]
    return _told_state(*coloured_at(records, at, rules_of(profile), duty.duty), profile)


def marker_now(standing: Standing, profile: str) -> dict[str, Any]:
    """Return the same of a standing that an act has just derived."""
    in_force, _ = rules_of(profile).at(standing.at)
    return _told_state(colour_of(standing.derivation.facts, in_force), standing.derivation, profile)


def _told_state(colouring: Colouring, derivation: Derivation, profile: str) -> dict[str, Any]:
    facts = {name: getattr(derivation.facts, name) for name in MarkerFacts.__dataclass_fields__}
    return {
        "facts": facts,
        "colour": {
            "code": colouring.colour,
            "shape": colouring.shape,
            "rule": colouring.rule,
            "profile": profile,
        },
        "currency": worse_currency(derivation),
        "next_due_on": next_due_on(derivation),
        "last_inspected_at": derivation.last_inspected_on,
        "why": why(colouring, derivation),
    }


def told(findings: Iterable[Finding]) -> list[dict[str, Any]]:
    """Return findings as an answer carries them."""
    return [
        {"code": finding.code, "subject": list(finding.subject), "evidence": dict(finding.evidence)}
        for finding in findings
    ]
