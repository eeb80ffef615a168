"""Readings of every character of a name; refuses to be sure of a polyphone without a person."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import cache, lru_cache
from typing import Final

from pypinyin.constants import PHRASES_DICT, PINYIN_DICT

from layers.errors import InvalidInput
from layers.naming.dictionary import character_table, place_readings, polyphones
from layers.naming.syllables import toneless

LATELY: Final = 512
"""Names remembered: letters and keys of one name each ask how it is read."""


@dataclass(frozen=True, slots=True)
class CharacterReading:
    """A character, the reading taken, every reading it may have, and whether a person must confirm it."""

    character: str
    reading: str
    possible: tuple[str, ...]
    to_confirm: bool


def read(name: str, *, phrases_within: int | None = None) -> tuple[CharacterReading, ...]:
    """Return reading of each character of `name` as place names are read; 长滨路 is cháng bīn lù.

    Longest word of our own dictionary first, then the phrases of pypinyin, then the reading the
    character has in place names by default. A character without reading (a Latin letter) reads
    as itself. Phrases of the language do not reach beyond the first `phrases_within` characters: 行
    before 路 is no 行路.
    """
    return _read(name, phrases_within)


@lru_cache(maxsize=LATELY)
def _read(name: str, phrases_within: int | None) -> tuple[CharacterReading, ...]:
    ground = name[:phrases_within]
    return tuple(_read_at(name, at, ground) for at in range(len(name)))


def read_as_confirmed(name: str, confirmed: Sequence[str]) -> tuple[CharacterReading, ...]:
    """As `read`, the first characters read as a person confirmed them, one syllable each.

    Raises InvalidInput where there are more syllables than characters.
    """
    if len(confirmed) > len(name):
        raise InvalidInput(name=name, reading=list(confirmed))
    given = tuple(
        CharacterReading(character, reading, (reading,), to_confirm=False)
        for character, reading in zip(name, confirmed, strict=False)
    )
    return given + read(name)[len(given) :]


def unconfirmed_polyphones(characters: str) -> tuple[str, ...]:
    """Return the characters of `characters` that a person must confirm, in order (CHR-03)."""
    return tuple(character for character in characters if character in polyphones())


def _read_at(name: str, at: int, phrase_ground: str) -> CharacterReading:
    character = name[at]
    certain = _certain(character)
    if certain is not None:
        return certain
    possible = possible_readings(character)
    taken = _own_word(name, at) or _phrase(phrase_ground, at, possible) or default_reading(character)
    asked = character in polyphones()
    return CharacterReading(
        character, taken, _first(taken, possible) if asked else (taken,), to_confirm=asked
    )


@cache
def _certain(character: str) -> CharacterReading | None:
    """Return the reading of a character that has one only; None for all others."""
    possible = possible_readings(character)
    return (
        CharacterReading(character, possible[0], possible, to_confirm=False) if len(possible) == 1 else None
    )


def _first(taken: str, possible: Iterable[str]) -> tuple[str, ...]:
    return (taken, *(reading for reading in possible if reading != taken))


@cache
def possible_readings(character: str) -> tuple[str, ...]:
    """Every reading `character` may have in a name, the default first."""
    own = place_readings().possible.get(character, ())
    entry = character_table().get(character)
    listed = entry.readings if entry else _of_pypinyin(character)
    return tuple(dict.fromkeys((default_reading(character), *own, *listed)))


@cache
def default_reading(character: str) -> str:
    """Return the reading a character has in place names where no word decides."""
    own = place_readings().default.get(character)
    if own:
        return own
    entry = character_table().get(character)
    return entry.readings[0] if entry else _of_pypinyin(character)[0]


def _of_pypinyin(character: str) -> tuple[str, ...]:
    known: str | None = PINYIN_DICT.get(ord(character))
    return tuple(known.split(",")) if known else (character,)


def _own_word(name: str, at: int) -> str | None:
    """Return reading by the longest of our own words that covers position `at`; of equals the leftmost."""
    best: tuple[int, int] = (0, 0)
    reading = None
    for word, sound in place_readings().words.get(name[at], ()):
        if len(word) < best[0]:
            break
        start = _covering(name, word, at)
        if start is not None and (len(word), -start) > best:
            best, reading = (len(word), -start), sound
    return reading


def _covering(name: str, word: str, at: int) -> int | None:
    for offset, character in enumerate(word):
        if character == name[at] and name.startswith(word, at - offset) and at >= offset:
            return at - offset
    return None


@cache
def _phrases() -> dict[str, list[list[str]]]:
    return {word: sounds for word, sounds in PHRASES_DICT.items() if 2 <= len(word) <= 4}


def _phrase(name: str, at: int, possible: Sequence[str]) -> str | None:
    """Return reading by the longest phrase of pypinyin that covers `at`, if it is one the character has."""
    phrases = _phrases()
    for length in (4, 3, 2):
        for start in range(max(0, at - length + 1), min(at, len(name) - length) + 1):
            sounds = phrases.get(name[start : start + length])
            if sounds:
                sound = sounds[at - start][0]
                if sound in possible:
                    return sound
                return next((known for known in possible if toneless(known) == sound), None)
    return None
