"""STR-01 to STR-06: how a road name is built; refuses kinds other than roads (they have no such rules)."""

from collections.abc import Iterator
from typing import Final

from shapely.geometry.base import BaseGeometry

from layers.findings import Finding
from layers.naming.checks.duplicates import STATES_THAT_DO_NOT_HOLD_A_NAME
from layers.naming.checks.subject import Subject, Surroundings
from layers.naming.dictionary import words_of
from layers.naming.model import NameKind, ParsedName
from layers.naming.numerals import value_of
from layers.naming.parser import normalise, parse, street_generic

STACKING: Final = ("大道", "大街", "大路", "马路", "胡同", "路", "街", "巷", "弄")
RING: Final = "环"
ADJOINS_WITHIN_M: Final = 50.0


def _is_road(subject: Subject) -> bool:
    return subject.proposal.kind is NameKind.STREET


def generic_from_list(subject: Subject, _around: Surroundings) -> Iterator[Finding]:
    """STR-01: ends in a generic of the profile's list (art. 9): 望海听涛 does not."""
    if not _is_road(subject) or subject.name in subject.profile.generics:
        return
    if not subject.name.endswith(subject.profile.generics):
        yield Finding("STR-01", (subject.name,), {"generic": subject.parsed.generic})


def bare_or_stacked(subject: Subject, _around: Surroundings) -> Iterator[Finding]:
    """STR-02: a bare generic (大道), or a second one right behind a complete name (海府大道路).

    Not stacked: a generic that belongs to the specific (石桥街, 丝路街) or with a modifier or
    ordinal between (商品街一巷) (practice: a Guangdong city draft).
    """
    if not _is_road(subject):
        return
    if subject.parsed.generic and not subject.parsed.body:
        yield Finding("STR-02", (subject.name,), {"bare": subject.parsed.generic})
    inner = _stacked_generic(subject.parsed)
    if inner:
        yield Finding("STR-02", (subject.name,), {"stacked": (inner, subject.parsed.generic)})


def _stacked_generic(parsed: ParsedName) -> str:
    if parsed.modifiers or parsed.ordinal or not parsed.specific.endswith(STACKING):
        return ""
    if parsed.specific.endswith(tuple(words_of("not_stacked.txt"))):
        return ""
    inner = street_generic(parsed.specific)
    return inner if len(parsed.specific) - len(inner) >= 2 else ""


def pure_ordinal(subject: Subject, _around: Surroundings) -> Iterator[Finding]:
    """STR-03: the specific is a bare number (三路, 第五街); ring roads are excepted (practice: Xi'an)."""
    parsed = subject.parsed
    if parsed.ordinal and not parsed.specific and parsed.modifiers != RING:
        yield Finding("STR-03", (subject.name,), {"ordinal": parsed.ordinal})


def series(subject: Subject, around: Surroundings) -> Iterator[Finding]:
    """STR-04: a series is continuous, at most nine, ordered as the profile says (practice: Xi'an).

    Order: numbers grow from east to west and from south to north, along the axis on which the
    siblings lie further apart. Evidence: the gap, or the sibling out of order and its line.
    """
    value = value_of(subject.parsed.ordinal.removeprefix("第"))
    if value is None:
        return
    highest = subject.profile.highest_ordinal
    if highest is not None and value > highest:
        yield Finding("STR-04", (subject.name,), {"ordinal": value, "highest": highest})
    siblings = _siblings(subject, around)
    missing = [number for number in range(1, value) if number not in siblings]
    if siblings and missing:
        yield Finding("STR-04", (subject.name,), {"missing": tuple(missing)})
    for number, (name, line) in siblings.items():
        if line is not None and _out_of_order(subject, value, number, line):
            evidence = {"other": name, "geometry": line, "order": subject.profile.ordinal_order}
            yield Finding("STR-04", (subject.name, name), evidence)


def _siblings(subject: Subject, around: Surroundings) -> dict[int, tuple[str, BaseGeometry | None]]:
    parsed = subject.parsed
    found: dict[int, tuple[str, BaseGeometry | None]] = {}
    for scoped in around.names:
        existing = scoped.existing
        other = parse(existing.characters, existing.kind, cities=subject.profile.cities)
        value = value_of(other.ordinal.removeprefix("第"))
        kin = (other.specific, other.modifiers, other.generic) == (
            parsed.specific,
            parsed.modifiers,
            parsed.generic,
        )
        if kin and value is not None and other.characters != parsed.characters:
            found[value] = (existing.characters, existing.line)
    return found


def _out_of_order(subject: Subject, value: int, number: int, line: BaseGeometry) -> bool:
    own = subject.proposal.line
    if own is None:
        return False
    east = line.centroid.x - own.centroid.x
    north = line.centroid.y - own.centroid.y
    step = number - value
    order = subject.profile.ordinal_order
    if abs(east) >= abs(north):
        return ("east_to_west" in order and east * step > 0) or ("west_to_east" in order and east * step < 0)
    return ("south_to_north" in order and north * step < 0) or (
        "north_to_south" in order and north * step > 0
    )


def length_of_name(subject: Subject, _around: Surroundings) -> Iterator[Finding]:
    """STR-05: three to six characters in all (practice: Beijing draft)."""
    least, most = subject.profile.length_of_name
    if not least <= len(subject.name) <= most:
        yield Finding("STR-05", (subject.name,), {"length": len(subject.name), "least": least, "most": most})


def parent_of_derived(subject: Subject, around: Surroundings) -> Iterator[Finding]:
    """STR-06: the parent of a derived name exists and the road touches or adjoins it (practice: Shanghai)."""
    parent = subject.proposal.parent
    if not parent:
        return
    named = [
        scoped.existing
        for scoped in around.names
        if normalise(scoped.existing.characters) == normalise(parent)
    ]
    living = [existing for existing in named if existing.state not in STATES_THAT_DO_NOT_HOLD_A_NAME]
    if not living:
        yield Finding("STR-06", (subject.name,), {"parent": parent, "missing": "parent"})
        return
    line = subject.proposal.line
    lines = [existing.line for existing in living if existing.line is not None]
    if line is None or not lines:
        return
    distance, nearest = min(((line.distance(other), other) for other in lines), key=lambda pair: pair[0])
    if distance > ADJOINS_WITHIN_M:
        evidence = {"parent": parent, "distance_m": distance, "geometry": nearest}
        yield Finding("STR-06", (subject.name, living[0].identifier), evidence)
