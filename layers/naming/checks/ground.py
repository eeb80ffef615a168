"""GEO-01 and GEO-02: one road has one name; refuses geometries that are not in metres (it cannot tell)."""

from collections.abc import Iterator
from math import atan2, degrees
from typing import Final

from shapely import Point
from shapely.geometry.base import BaseGeometry

from layers.findings import Finding
from layers.naming.checks.subject import Subject, Surroundings
from layers.naming.parser import normalise

LEAST_OVERLAP_M: Final = 60.0
LEAST_OVERLAP_SHARE: Final = 0.5
STRAIGHT_ON_DEGREES: Final = 30.0


def overlapping_road(subject: Subject, around: Surroundings) -> Iterator[Finding]:
    """GEO-01: the line runs on a road already named otherwise (practice: the Haikou road with four names).

    Runs on it: nearer than the profile's tolerance over 60 m, or over half of the shorter line; a
    crossing is shorter than that. Evidence: the piece shared, its length.
    """
    line = subject.proposal.line
    if line is None:
        return
    for scoped in around.names:
        other = scoped.existing
        former = normalise(subject.proposal.former_name)
        if other.line is None or normalise(other.characters) in {subject.name, former}:
            continue
        shared = line.intersection(other.line.buffer(subject.profile.tolerance_m, cap_style="flat"))
        shorter = min(line.length, other.line.length)
        if shared.length >= min(LEAST_OVERLAP_M, LEAST_OVERLAP_SHARE * shorter) > 0:
            evidence = {"other": other.characters, "geometry": shared, "overlap_m": shared.length}
            yield Finding("GEO-01", (subject.name, other.identifier), evidence)


def continuous_road(subject: Subject, around: Surroundings) -> Iterator[Finding]:
    """GEO-02: a continuous road has one name; more than 10 km or a class break needs a reason (practice: Xi'an).

    Continues: another name's line begins where this one ends, straight on within 30 degrees.
    """
    if "section" in subject.reasons:
        return
    proposal = subject.proposal
    length = proposal.length_m if proposal.length_m is not None else getattr(proposal.line, "length", None)
    if length is not None and length > subject.profile.longest_section_m:
        yield Finding("GEO-02", (subject.name,), {"length_m": length})
    if len(set(around.classes_along)) > 1:
        yield Finding("GEO-02", (subject.name,), {"classes": tuple(around.classes_along)})
    for scoped in around.names:
        other = scoped.existing
        if other.line is None or proposal.line is None or normalise(other.characters) == subject.name:
            continue
        meeting = _straight_on(proposal.line, other.line, subject.profile.tolerance_m)
        if meeting is not None:
            evidence = {"other": other.characters, "place": meeting, "geometry": other.line}
            yield Finding("GEO-02", (subject.name, other.identifier), evidence)


def _straight_on(line: BaseGeometry, other: BaseGeometry, tolerance_m: float) -> Point | None:
    """Where two lines meet end to end and go straight on, or None."""
    for end, inward in _ends(line):
        for other_end, other_inward in _ends(other):
            if end.distance(other_end) > tolerance_m:
                continue
            turn = abs((inward - other_inward + 180.0) % 360.0 - 180.0)
            if 180.0 - turn <= STRAIGHT_ON_DEGREES:
                return end
    return None


def _ends(line: BaseGeometry) -> list[tuple[Point, float]]:
    """Both ends of a line with the bearing that leads into it, degrees."""
    if line.geom_type != "LineString":
        return []
    places = [Point(place) for place in line.coords]
    pairs = ((places[0], places[1]), (places[-1], places[-2]))
    return [(end, degrees(atan2(inside.x - end.x, inside.y - end.y))) for end, inside in pairs]
