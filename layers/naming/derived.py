"""What follows from the characters of a name: parts, letters, keys; worked out once, however many places bear the name."""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Final

from layers.naming.candidates import stored_keys
from layers.naming.model import NameKind
from layers.naming.parser import normalise, parse
from layers.naming.search_key import Match, SearchEntry, entries_of, spelling_of

KEPT: Final = 8192
"""Names whose outcome is remembered: the same villages stand in a register again and again."""


@dataclass(frozen=True, slots=True)
class Derived:
    """What the register keeps of a name beside what a person states: `keys` for checks, `entries` for search."""

    characters: str
    specific: str
    generic: str
    pinyin: str
    pinyin_plain: str
    keys: tuple[str, ...]
    entries: tuple[SearchEntry, ...]


def derived(name: str, kind: NameKind, confirmed: Sequence[str] = ()) -> Derived:
    """Return what follows from a name of a kind, its first characters read as a person confirmed them.

    >>> derived("长滨路", NameKind.STREET).pinyin
    'Chángbīn Lù'
    """
    return _derived(name, kind, tuple(confirmed))


@lru_cache(maxsize=KEPT)
def _derived(name: str, kind: NameKind, confirmed: tuple[str, ...]) -> Derived:
    parsed = parse(name, kind)
    spelled = spelling_of(name, kind, confirmed)
    return Derived(
        characters=normalise(name),
        specific=parsed.specific,
        generic=parsed.generic,
        pinyin=spelled.toned,
        pinyin_plain=spelled.plain,
        keys=stored_keys(name, kind, confirmed),
        entries=entries_of(name, kind, confirmed),
    )


@lru_cache(maxsize=KEPT)
def entries_of_another(name: str, kind: NameKind, why: Match) -> tuple[SearchEntry, ...]:
    """Return the keys of an alias or a former name of a place of this kind."""
    return entries_of(name, kind, as_former=why)
