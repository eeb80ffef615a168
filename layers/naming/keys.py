"""Keys under which names that may be confused are equal; refuses to decide that they are confused.

Every key is made of the body (all but prefix and generic) and stored as an array: a name with a
polyphone has a key for each of its readings. Candidates are names whose arrays overlap.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import product
from math import prod
from typing import Final

from layers.naming.look_alikes import shape_keys
from layers.naming.model import ParsedName
from layers.naming.parser import generics
from layers.naming.readings import CharacterReading, read, read_as_confirmed
from layers.naming.syllables import STANDARD_FOLDS, Folds, fold, toneless

MOST_COMBINATIONS: Final = 64
AFFIXES_IN_FRONT: Final = ("新", "大")
LEAST_SPECIFIC_LEFT: Final = 2


@dataclass(frozen=True, slots=True)
class NameKeys:
    """Candidate keys of a name, each an array fit for an index on overlap."""

    characters: str
    body: str
    generic: str
    toned: tuple[str, ...]
    toneless: tuple[str, ...]
    folded: tuple[str, ...]
    stripped: tuple[str, ...]
    shape: tuple[str, ...]


def keys_of(
    parsed: ParsedName,
    *,
    confirmed: Sequence[str] = (),
    folds: Folds = STANDARD_FOLDS,
    cities: Sequence[str] = (),
) -> NameKeys:
    """All keys of a name; `confirmed` are the syllables of its first characters, as a person gave them.

    >>> from layers.naming.parser import parse
    >>> keys_of(parse("新港路")).folded == keys_of(parse("兴港路")).folded
    True
    """
    body = parsed.body
    syllables = readings_of(body, parsed.of_body(confirmed))
    return NameKeys(
        characters=parsed.characters,
        body=body,
        generic=parsed.generic,
        toned=tuple(dict.fromkeys(" ".join(sounds) for sounds in syllables)),
        toneless=tuple(dict.fromkeys(" ".join(map(toneless, sounds)) for sounds in syllables)),
        folded=tuple(dict.fromkeys(" ".join(fold(sound, folds) for sound in sounds) for sounds in syllables)),
        stripped=stripped_forms(parsed.characters, cities),
        shape=shape_keys(body),
    )


def readings_of(body: str, confirmed: Sequence[str] = ()) -> tuple[tuple[str, ...], ...]:
    """Every way `body` may be read, the likeliest first, at most 64; a confirmed character has one."""
    readings: Iterable[CharacterReading] = read_as_confirmed(body, confirmed) if confirmed else read(body)
    choices = [reading.possible for reading in readings]
    while prod(map(len, choices)) > MOST_COMBINATIONS:
        longest = max(range(len(choices)), key=lambda at: len(choices[at]))
        choices[longest] = choices[longest][:-1]
    return tuple(product(*choices))


def stripped_forms(name: str, cities: Sequence[str] = ()) -> tuple[str, ...]:
    """Return the name, then what is left without city, 新 or 大 in front, or 新 right before the generic.

    >>> stripped_forms("海口市新滨海路", ["海口"])
    ('海口市新滨海路', '新滨海路', '滨海路')
    """
    forms = [name]
    bare = next((name.removeprefix(city) for city in _prefixes(cities) if name.startswith(city)), name)
    forms += _kept(bare)
    front = bare[1:] if bare.startswith(AFFIXES_IN_FRONT) else bare
    forms += _kept(front)
    for form in (bare, front):
        forms += _kept(_without_new_before_generic(form))
    return tuple(dict.fromkeys(forms))


def _prefixes(cities: Sequence[str]) -> list[str]:
    return [prefix for city in cities for prefix in (f"{city}市", city)]


def _kept(form: str) -> list[str]:
    """Return a form is kept while something is left in front of its generic."""
    return [] if form in GENERIC_WORDS or len(form) < LEAST_SPECIFIC_LEFT else [form]


def _without_new_before_generic(form: str) -> str:
    if "新" not in form:
        return form
    for generic in GENERIC_WORDS_LONGEST_FIRST:
        if form.endswith(f"新{generic}") and len(form) > len(generic) + 1:
            return form.removesuffix(f"新{generic}") + generic
    return form


GENERIC_WORDS: Final = frozenset(word for words in generics().values() for word in words)
GENERIC_WORDS_LONGEST_FIRST: Final = tuple(sorted(GENERIC_WORDS, key=len, reverse=True))
