"""DUP-01 to DUP-10: names that repeat or may be taken for each other; refuses to widen the scope it is given."""

from collections.abc import Iterator
from functools import lru_cache
from typing import Final

from layers.findings import Finding
from layers.naming.checks.subject import Scoped, Subject, Surroundings
from layers.naming.comparison import Likeness, NameInComparison, likenesses
from layers.naming.model import ExistingName, NameKind
from layers.naming.parser import normalise, parse
from layers.naming.syllables import Folds

STATES_THAT_DO_NOT_HOLD_A_NAME: Final = frozenset(
    {"draft", "precheck", "rejected", "withdrawn", "reservation_expired", "renamed", "retired", "historic"}
)
DEFAULT_SCOPE_CLASS: Final = "default"


def same_characters(subject: Subject, around: Surroundings) -> Iterator[Finding]:
    """DUP-01: the same characters as a live, reserved or pending name in scope (art. 9(8)): 两个中山路."""
    return _likenesses("DUP-01", subject, around)


def toned_homophone(subject: Subject, around: Surroundings) -> Iterator[Finding]:
    """DUP-02: the same sound with tones (art. 9(8)): 宜海路 and 怡海路."""
    return _likenesses("DUP-02", subject, around)


def toneless_homophone(subject: Subject, around: Surroundings) -> Iterator[Finding]:
    """DUP-03: the same sound without tones, under any reading (practice: Tongling): 金陵路 and 金岭路."""
    return _likenesses("DUP-03", subject, around)


def same_specific(subject: Subject, around: Surroundings) -> Iterator[Finding]:
    """DUP-04: another generic only, and no declared derivative (practice: Qingdao): 椰海大道 and 椰海路."""
    return _likenesses("DUP-04", subject, around)


def affix_only(subject: Subject, around: Surroundings) -> Iterator[Finding]:
    """DUP-05: city name, 新 or 大 is the only difference (practice: Tongling): 新滨海路 and 滨海路."""
    return _likenesses("DUP-05", subject, around)


def near_sound(subject: Subject, around: Surroundings) -> Iterator[Finding]:
    """DUP-06: sounds the profile's speech runs together (practice: Qingdao, Kaiping): 新港路 and 兴港路."""
    return _likenesses("DUP-06", subject, around)


def look_alike_characters(subject: Subject, around: Surroundings) -> Iterator[Finding]:
    """DUP-07: one character that is taken for another on a sign (practice: Kaiping): 士林路 and 土林路."""
    return _likenesses("DUP-07", subject, around)


def same_characters_other_reading(subject: Subject, around: Surroundings) -> Iterator[Finding]:
    """DUP-08: the same characters with another confirmed reading are still a duplicate (practice: Beijing draft)."""
    return _likenesses("DUP-08", subject, around)


def wider_scope_of_class(subject: Subject, around: Surroundings) -> Iterator[Finding]:
    """DUP-09: a duplicate that only the scope of the road's class reaches (practice: Beijing draft).

    Express and main roads are unique in the city, branch roads in the district. Without the class,
    a profile with such scopes cannot be applied, and that is found too.
    """
    profile = subject.profile
    if len(profile.scopes) > 1 and not subject.proposal.road_class:
        yield Finding("DUP-09", (subject.name,), {"missing": "road_class"})
    scope, usual = profile.scope_for(subject.proposal.road_class), profile.scopes[DEFAULT_SCOPE_CLASS]
    for scoped in around.names:
        beyond = scope in scoped.shared_scopes and usual not in scoped.shared_scopes
        if beyond and _holds(scoped.existing, subject) and _same(scoped.existing, subject):
            yield Finding("DUP-09", (subject.name, scoped.existing.identifier), {"scope": scope})


def same_specific_nearby(subject: Subject, around: Surroundings) -> Iterator[Finding]:
    """DUP-10: the same specific within the profile's radius under another authority (practice: Lake Macquarie)."""
    line = subject.proposal.line
    if line is None:
        return
    for scoped in around.names:
        other = scoped.existing
        if other.authority == subject.proposal.authority or other.line is None or not _holds(other, subject):
            continue
        distance = line.distance(other.line)
        if distance <= subject.profile.radius_m and _specific(other) == subject.parsed.specific:
            yield Finding("DUP-10", (subject.name, other.identifier), _drawn(subject, other))


def _likenesses(code: str, subject: Subject, around: Surroundings) -> Iterator[Finding]:
    scope = subject.profile.scope_for(subject.proposal.road_class)
    proposed = NameInComparison(subject.parsed, subject.proposal.reading or ())
    for scoped in around.names:
        existing = scoped.existing
        if scope not in scoped.shared_scopes or not _holds(existing, subject):
            continue
        for likeness in _between(existing, proposed, subject):
            if likeness.code == code and not _declared_derivative(code, subject, scoped):
                yield Finding(
                    code, (subject.name, existing.identifier), _evidence(subject, existing, likeness)
                )


def _between(existing: ExistingName, proposed: NameInComparison, subject: Subject) -> tuple[Likeness, ...]:
    profile, reading = subject.profile, existing.reading or ()
    return _compared(
        existing.characters, existing.kind, reading, proposed, folds=profile.folds, cities=profile.cities
    )


@lru_cache(maxsize=4096)  # eight rules ask for the same pair
def _compared(
    characters: str,
    kind: NameKind,
    reading: tuple[str, ...],
    proposed: NameInComparison,
    *,
    folds: Folds,
    cities: tuple[str, ...],
) -> tuple[Likeness, ...]:
    other = NameInComparison(parse(characters, kind, cities=cities), reading)
    return likenesses(other, proposed, folds=folds, cities=cities)


def _holds(existing: ExistingName, subject: Subject) -> bool:
    """Whether the existing name counts: its state holds a name, its kind is the same, it is not the one renamed."""
    if existing.state in STATES_THAT_DO_NOT_HOLD_A_NAME or existing.kind is not subject.proposal.kind:
        return False
    return normalise(existing.characters) != normalise(subject.proposal.former_name)


def _same(existing: ExistingName, subject: Subject) -> bool:
    return normalise(existing.characters) == subject.name


def _specific(existing: ExistingName) -> str:
    return parse(existing.characters, existing.kind).specific


def _declared_derivative(code: str, subject: Subject, scoped: Scoped) -> bool:
    declared = (subject.proposal.parent, scoped.existing.parent)
    return code == "DUP-04" and bool({scoped.existing.characters, subject.name} & set(filter(None, declared)))


def _evidence(subject: Subject, existing: ExistingName, likeness: Likeness) -> dict[str, object]:
    return {**likeness.evidence, **_drawn(subject, existing)}


def _drawn(subject: Subject, existing: ExistingName) -> dict[str, object]:
    """Return the other name with its line and distance, as far as known: what the evidence map draws."""
    drawn: dict[str, object] = {"other": existing.characters, "state": existing.state}
    if existing.line is not None:
        drawn["geometry"] = existing.line
        if subject.proposal.line is not None:
            drawn["distance_m"] = subject.proposal.line.distance(existing.line)
    return drawn
