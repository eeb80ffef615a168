"""Keys by which the register finds what a name may collide with; refuses to miss a pair that the rules know.

A name on record carries an array of keys, a name that is examined asks with an array: where they overlap,
the two are compared. The keys are coarser than every profile: sounds are folded as far as any speech folds
them, and the cities of all shipped profiles may stand in front. So one index serves every profile.
"""

from collections.abc import Iterator, Sequence
from functools import cache
from typing import Final

from layers.naming.keys import readings_of, stripped_forms
from layers.naming.look_alikes import look_alikes
from layers.naming.model import NameKind, ParsedName
from layers.naming.parser import normalise, parse
from layers.naming.profiles import load_profile, shipped_profiles
from layers.naming.syllables import Folds, fold

WIDEST_FOLDS: Final = Folds(retroflex=True, n_l=True, final_ng=True, f_h=True, r_l=True)


@cache
def city_lists() -> tuple[tuple[str, ...], ...]:
    """Every list of cities that a shipped profile lets stand in front of a name, and none."""
    return tuple(dict.fromkeys([(), *(load_profile(name).cities for name in shipped_profiles())]))


def _city_lists_for(name: str) -> tuple[tuple[str, ...], ...]:
    """Return the lists that can make a difference to a name: without a city in front they all read it alike."""
    text = normalise(name)
    return tuple(cities for cities in city_lists() if not cities or text.startswith(cities))


def stored_keys(name: str, kind: NameKind, confirmed: Sequence[str] = ()) -> tuple[str, ...]:
    """Keys of a name on record.

    >>> "b:宜海" in stored_keys("宜海路", NameKind.STREET)
    True
    """
    return tuple(dict.fromkeys(_common(name, kind, confirmed)))


def asked_keys(
    name: str, kind: NameKind, confirmed: Sequence[str] = (), *, parent: str | None = None
) -> tuple[str, ...]:
    """Keys to ask with: those of the name, its body with each look-alike in turn, and its parent's name.

    Look-alikes are symmetric, so asking with them replaces an index over all of them.
    """
    keys = [*_common(name, kind, confirmed)]
    for parsed in _parses(name, kind):
        keys += [f"b:{body}" for body in _look_alike_bodies(parsed.body)]
    if parent:
        keys.append(f"s:{normalise(parent)}")
    return tuple(dict.fromkeys(keys))


def _common(name: str, kind: NameKind, confirmed: Sequence[str]) -> Iterator[str]:
    for cities in _city_lists_for(name):
        for form in stripped_forms(normalise(name), cities):
            yield f"s:{form}"  # DUP-01, DUP-05, DUP-08, DUP-09
    for parsed in _parses(name, kind):
        if parsed.body:
            yield f"b:{parsed.body}"  # DUP-04, DUP-07
        if parsed.specific:
            yield f"p:{parsed.specific}"  # DUP-10
        if parsed.ordinal:
            yield f"r:{parsed.specific}|{parsed.modifiers}|{parsed.generic}"  # STR-04
        for sounds in readings_of(parsed.body, parsed.of_body(confirmed)) if parsed.body else ():
            folded = " ".join(fold(sound, WIDEST_FOLDS) for sound in sounds)
            yield f"f:{folded}|{parsed.generic}"  # DUP-02, DUP-03, DUP-06


def _parses(name: str, kind: NameKind) -> tuple[ParsedName, ...]:
    return tuple(dict.fromkeys(parse(name, kind, cities=cities) for cities in _city_lists_for(name)))


def _look_alike_bodies(body: str) -> Iterator[str]:
    for at, character in enumerate(body):
        for partner in sorted(look_alikes().get(character, ())):
            yield f"{body[:at]}{partner}{body[at + 1 :]}"
