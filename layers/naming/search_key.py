"""What a name is found under: characters, letters with and without tones, initials; refuses to search."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from enum import IntEnum
from functools import lru_cache
from itertools import chain
from string import ascii_lowercase, digits
from typing import Final

from layers.naming.model import NameKind
from layers.naming.parser import normalise, parse
from layers.naming.readings import LATELY, read, read_as_confirmed
from layers.naming.spelling import Spelling, spell
from layers.naming.syllables import toneless, without_tones

KEYS_OF_A_KEYBOARD: Final = ascii_lowercase + digits
SEPARATORS: Final = str.maketrans("", "", " \t-'’·")


class Match(IntEnum):
    """Why a name is found, the closest first; the number orders the hits."""

    CHARACTERS = 1
    FORMER_NAME = 2
    ALIAS = 3
    PINYIN_TONED = 4
    PINYIN = 5
    INITIALS = 6
    PART = 7
    SOUND = 8
    SIMILAR = 9


@dataclass(frozen=True, slots=True)
class SearchEntry:
    """One key under which a name is found, and why it then matches."""

    key: str
    why: Match


def typed_key(typed: str) -> str:
    """Return what was typed as keys are written: NFKC, lower case, ü as v, without spaces and apostrophes.

    >>> typed_key("Cháng bīn 3 Lù")
    'chángbīn3lù'
    """
    return _letters(normalise(typed).lower())


def entries_of(
    name: str, kind: NameKind, confirmed: Sequence[str] = (), *, as_former: Match | None = None
) -> tuple[SearchEntry, ...]:
    """Return every key of a name; `as_former` marks the keys of a former name or an alias.

    >>> [entry.key for entry in entries_of("长滨路", NameKind.STREET) if entry.why is Match.INITIALS]
    ['cbl']
    """
    found = dict.fromkeys(_entries(name, kind, confirmed))
    if as_former is None:
        return tuple(found)
    return tuple(SearchEntry(entry.key, as_former) for entry in found if entry.why is not Match.PART)


def _entries(name: str, kind: NameKind, confirmed: Sequence[str]) -> Iterator[SearchEntry]:
    characters = normalise(name)
    yield SearchEntry(characters.lower(), Match.CHARACTERS)
    for at in range(1, len(characters) - 1):
        yield SearchEntry(characters[at:].lower(), Match.PART)
    sounds = [
        item.reading for item in (read_as_confirmed(characters, confirmed) if confirmed else read(characters))
    ]
    spelled = spelling_of(name, kind, confirmed)
    for toned in ("".join(sounds), spelled.toned):
        yield SearchEntry(typed_key(toned), Match.PINYIN_TONED)
        yield SearchEntry(typed_key(without_tones(toned)), Match.PINYIN)
    yield SearchEntry(_letters("".join(sound[:1] for sound in map(toneless, sounds)).lower()), Match.INITIALS)


def one_error(typed: str) -> tuple[str, ...]:
    """Return every key that is one typing error away: a letter left out, another, one too many, two turned round.

    Some 74 a letter: asking an index for each is far cheaper than comparing trigrams of every key.

    >>> "wenminglu" in one_error("wemninglu"), "wenminglu" in one_error("wenmiglu")
    (True, True)
    """
    cuts = [(typed[:at], typed[at:]) for at in range(len(typed) + 1)]
    shorter = (head + tail[1:] for head, tail in cuts if tail)
    turned = (head + tail[1] + tail[0] + tail[2:] for head, tail in cuts if len(tail) > 1)
    other = (head + letter + tail[1:] for head, tail in cuts if tail for letter in KEYS_OF_A_KEYBOARD)
    longer = (head + letter + tail for head, tail in cuts for letter in KEYS_OF_A_KEYBOARD)
    return tuple(dict.fromkeys(chain(shorter, turned, other, longer)))


def spelling_of(name: str, kind: NameKind, confirmed: Sequence[str] = ()) -> Spelling:
    """Spell a name as its kind asks."""
    return _spelled(name, kind, tuple(confirmed))


@lru_cache(maxsize=LATELY)
def _spelled(name: str, kind: NameKind, confirmed: tuple[str, ...]) -> Spelling:
    return spell(parse(name, kind), confirmed=confirmed)


def _letters(text: str) -> str:
    kept = text.translate(SEPARATORS)
    return kept.replace("ü", "v")
