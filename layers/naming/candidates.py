"""Keys by which the register finds what a name may collide with; refuses to miss a pair that the rules know.

A name on record carries an array of keys, a name that is examined asks with an array: where they overlap,
the two are compared. The keys are coarser than every profile: sounds are folded as far as any speech folds
them, and the cities of all shipped profiles may stand in front. So one index serves every profile.

The index holds each key with the area of the name: rules look no further than the scopes and the radius of a
profile, so what is read for one name does not grow with the country.
"""

from collections.abc import Iterable, Iterator, Sequence
from functools import cache
from math import floor
from typing import Final

from layers.naming.keys import readings_of, stripped_forms
from layers.naming.look_alikes import look_alikes
from layers.naming.model import NameKind, ParsedName
from layers.naming.parser import normalise, parse
from layers.naming.profiles import load_profile, shipped_profiles
from layers.naming.syllables import Folds, fold

WIDEST_FOLDS: Final = Folds(retroflex=True, n_l=True, final_ng=True, f_h=True, r_l=True)

EVERYWHERE: Final = "*"
MOST_SQUARES: Final = 256
BEYOND_DEG: Final = 0.0001  # boxes are kept in single precision: what they touch may lie a metre outside


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


def areas_within(box: tuple[float, float, float, float], unit_codes: Iterable[str]) -> tuple[str, ...] | None:
    """Return the areas in which names can matter to a check; None where they are too many to ask one by one.

    A place is in each square degree that its box touches, one that is larger than a province everywhere; what has no
    place is in the prefecture of its unit. `naming.areas_of` in the database says the same of a name on record.
    `box` is west, south, east, north in degrees of EPSG:4490.

    >>> areas_within((110.1, 19.5, 110.7, 20.1), ["460100", "460105"])
    ('*', 'u4601', '110:19', '110:20')
    """
    west, south = (floor(edge - BEYOND_DEG) for edge in box[:2])
    east, north = (floor(edge + BEYOND_DEG) for edge in box[2:])
    if (east - west + 1) * (north - south + 1) > MOST_SQUARES:
        return None
    squares = [f"{x}:{y}" for x in range(west, east + 1) for y in range(south, north + 1)]
    return tuple(dict.fromkeys([EVERYWHERE, *(f"u{code[:4]}" for code in sorted(unit_codes)), *squares]))


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
