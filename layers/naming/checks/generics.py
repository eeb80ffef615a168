"""GEN-01 to GEN-03: whether the generic fits the road; refuses to judge without width, basis and length."""

from collections.abc import Iterator
from math import inf

from layers.findings import Finding
from layers.naming.checks.subject import Subject, Surroundings
from layers.naming.model import NameProposal, WidthBasis
from layers.naming.profiles import Profile, RoadClass


def generic_fits_size(subject: Subject, _around: Surroundings) -> Iterator[Finding]:
    """GEN-01: the generic fits width and length by the profile's class table (art. 9(2)).

    A width on the other basis bounds the width asked for, as the red lines never lie inside the
    kerbs; the rule fires only where no width within the bounds fits. 莲塘巷 of 18 m is too wide.
    """
    proposal, profile = subject.proposal, subject.profile
    rows = [row for row in profile.classes if row.generic == subject.parsed.generic]
    if (
        proposal.width_m is None
        or proposal.length_m is None
        or not profile.classes
        or not subject.parsed.generic
    ):
        return
    least, most = _width_between(proposal, profile)
    if any(_width_fits(row, least, most) and _length_fits(row, proposal.length_m) for row in rows):
        return
    fitting = {row.generic for row in profile.classes if _width_fits(row, least, most)}
    fits = tuple(
        row.generic
        for row in profile.classes
        if row.generic in fitting and _length_fits(row, proposal.length_m)
    )
    evidence = {
        "width_m": proposal.width_m,
        "basis": proposal.width_basis,
        "length_m": proposal.length_m,
        "fits": fits,
    }
    yield Finding("GEN-01", (subject.name,), evidence)


def _width_between(proposal: NameProposal, profile: Profile) -> tuple[float, float]:
    """Least and greatest width on the profile's basis that the width given allows, metres."""
    width = proposal.width_m or 0.0
    if proposal.width_basis in {None, profile.width_basis}:
        return width, width
    return (width, inf) if profile.width_basis is WidthBasis.RED_LINE else (0.0, width)


def _width_fits(row: RoadClass, least: float, most: float) -> bool:
    return most >= row.width_m and least < row.below_width_m


def _length_fits(row: RoadClass, length_m: float) -> bool:
    if row.above_length_m is not None and length_m <= row.above_length_m:
        return False
    return row.length_m <= length_m <= row.up_to_length_m


def generic_fits_direction(subject: Subject, _around: Surroundings) -> Iterator[Finding]:
    """GEN-02: where used, 街 runs east-west and 路 north-south (practice: Hefei, Anning)."""
    bearing = subject.proposal.bearing
    if bearing is None:
        return
    for rule in subject.profile.directions:
        turn = abs((bearing - rule.unsuited_bearing + 90.0) % 180.0 - 90.0)
        if rule.generic == subject.parsed.generic and turn <= rule.within_degrees:
            yield Finding("GEN-02", (subject.name,), {"bearing": bearing, "generic": rule.generic})


def generic_needs_reason(subject: Subject, _around: Surroundings) -> Iterator[Finding]:
    """GEN-03: 大道 and 大街 are given with a reason only (practice: Xi'an)."""
    asked = subject.parsed.generic in subject.profile.generics_with_reason and subject.parsed.body
    if asked and "generic" not in subject.reasons:
        yield Finding("GEN-03", (subject.name,), {"generic": subject.parsed.generic})
