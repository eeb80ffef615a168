"""The register examined as a whole: repeats and homophones, one road under several names; refuses to store or weigh.

Every name is put to the rules as if it were proposed today, against the names it shares a key with and
those on the same ground. A pair found from both ends is one finding.
"""

from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
import shapely

from layers.findings import Finding
from layers.naming.candidates import asked_keys, stored_keys
from layers.naming.checks import check
from layers.naming.checks.subject import Scoped, Surroundings, subject_of
from layers.naming.model import ExistingName, NameProposal
from layers.naming.profiles import Profile

OF_PAIRS: Final = ("DUP-01", "DUP-02", "DUP-03", "DUP-04", "DUP-05", "DUP-06", "DUP-07", "DUP-08")
OF_ONE_NAME: Final = ("STR-01", "STR-02", "STR-03", "STR-05", "CHR-01", "CHR-02", "LEX-01", "PIN-01")
ON_THE_GROUND: Final = ("GEO-01",)
SEVERAL_NAMES: Final = "naming.road_with_several_names"
Tell = Callable[[float, str], None]


@dataclass(frozen=True, slots=True)
class RegisteredName:
    """A name on the register, its line in metres, its spelling as recorded and the scopes it lies in."""

    existing: ExistingName
    spelling: str
    scopes: Mapping[str, frozenset[str]]


def audit(
    names: Sequence[RegisteredName], profile: Profile, *, tell: Tell | None = None
) -> Iterator[Finding]:
    """Give the findings on all names: single ones first, then pairs, then roads with several names.

    Evidence of a road with several names: the names, and the ground that they share. Scopes are sets of ids by
    kind; two names share a kind of scope when the sets meet.
    """
    by_key: dict[str, list[int]] = defaultdict(list)
    for place, name in enumerate(names):
        for key in stored_keys(name.existing.characters, name.existing.kind, name.existing.reading or ()):
            by_key[key].append(place)
    near = _near(names, profile.tolerance_m)
    seen: set[tuple[str, tuple[str, ...]]] = set()
    overlaps: list[tuple[int, int, Finding]] = []
    place_of = {name.existing.identifier: place for place, name in enumerate(names)}
    for place, name in enumerate(names):
        if tell is not None and place % 200 == 0:
            tell(place / len(names), "examining")
        for finding in _findings(names, place, _akin(names, place, by_key), near[place], profile=profile):
            if finding.code in ON_THE_GROUND:
                overlaps.append((place, place_of[finding.subject[1]], finding))
                continue
            ids = tuple(sorted({name.existing.identifier, *finding.subject[1:]}))
            if (finding.code, ids) not in seen:
                seen.add((finding.code, ids))
                yield Finding(finding.code, ids, {"name": name.existing.characters, **finding.evidence})
    yield from _roads_with_several_names(names, overlaps)


def _akin(names: Sequence[RegisteredName], place: int, by_key: Mapping[str, Sequence[int]]) -> set[int]:
    existing = names[place].existing
    keys = asked_keys(existing.characters, existing.kind, existing.reading or ())
    return {other for key in keys for other in by_key.get(key, ()) if other != place}


def _near(names: Sequence[RegisteredName], tolerance_m: float) -> list[list[int]]:
    """Return for each name those whose lines come within the tolerance of its own."""
    lines = np.asarray([name.existing.line for name in names], dtype=np.object_)
    found: list[list[int]] = [[] for _ in names]
    if not len(lines):
        return found
    tree = shapely.STRtree(lines)
    with_line = np.flatnonzero([line is not None for line in lines])
    asked, answers = tree.query(lines[with_line], predicate="dwithin", distance=tolerance_m)
    for one, other in zip(with_line[asked], answers, strict=True):
        if one != other:
            found[int(one)].append(int(other))
    return found


def _findings(
    names: Sequence[RegisteredName],
    place: int,
    akin: Iterable[int],
    near: Iterable[int],
    *,
    profile: Profile,
) -> Iterator[Finding]:
    own = names[place]
    existing = own.existing
    proposal = NameProposal(
        existing.characters,
        kind=existing.kind,
        reading=existing.reading,
        spelling=own.spelling,
        line=existing.line,
        parent=existing.parent,
        reasons={"section": "on record"},
    )
    subject = subject_of(proposal, profile)
    alike = Surroundings(
        names=[Scoped(names[other].existing, _shared(own.scopes, names[other].scopes)) for other in akin]
    )
    yield from check(subject, rules=OF_ONE_NAME)
    yield from check(subject, alike, rules=OF_PAIRS)
    beside = Surroundings(names=[Scoped(names[other].existing) for other in near])
    yield from check(subject, beside, rules=ON_THE_GROUND)


def _shared(one: Mapping[str, frozenset[str]], other: Mapping[str, frozenset[str]]) -> frozenset[str]:
    return frozenset(kind for kind, ids in one.items() if ids & other.get(kind, frozenset()))


def _roads_with_several_names(
    names: Sequence[RegisteredName], overlaps: Sequence[tuple[int, int, Finding]]
) -> Iterator[Finding]:
    """Gather overlaps into roads: 椰博路, 博雅纵一路, 博雅路 and 凤翔东二横路 are one road, not six pairs."""
    head = {place: place for one, other, _ in overlaps for place in (one, other)}

    def root(place: int) -> int:
        while head[place] != place:
            place = head[place]
        return place

    for one, other, _ in overlaps:
        head[root(one)] = root(other)
    roads: dict[int, list[int]] = defaultdict(list)
    for place in head:
        roads[root(place)].append(place)
    shared = {root(one): finding.evidence["geometry"] for one, _, finding in overlaps}
    for key, places in sorted(roads.items()):
        ordered = sorted(places)
        yield Finding(
            SEVERAL_NAMES,
            tuple(names[place].existing.identifier for place in ordered),
            {
                "names": tuple(dict.fromkeys(names[place].existing.characters for place in ordered)),
                "geometry": shared[key],
            },
        )
