"""The shipped tables of characters, readings and words, read once; refuses to interpret them."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from importlib.resources import files


def lines_of(name: str) -> Iterator[str]:
    """Lines of a shipped data file without comments and blank lines."""
    text = files("layers.naming").joinpath("data", name).read_text(encoding="utf-8")
    return (line for line in text.splitlines() if line and not line.startswith("#"))


@cache
def words_of(name: str) -> frozenset[str]:
    """All the words of a shipped word list."""
    return frozenset(word for line in lines_of(name) for word in line.split())


@dataclass(frozen=True, slots=True)
class TableCharacter:
    """A character of 《通用规范汉字表》: its level (1 to 3) and its readings, the usual one first."""

    level: int
    readings: tuple[str, ...]


@cache
def character_table() -> Mapping[str, TableCharacter]:
    """Return the 8,105 characters; a name may hold no other (art. 9(3)).

    >>> character_table()["淼"].level
    3
    """
    table: dict[str, TableCharacter] = {}
    for line in lines_of("characters.txt"):
        character, *readings = line.split()
        level = 1 + (len(table) >= 3500) + (len(table) >= 6500)
        table[character] = TableCharacter(level, tuple(readings))
    return table


@dataclass(frozen=True, slots=True)
class PlaceReadings:
    """How characters are read in place names: the default, all readings, and the words that decide."""

    default: Mapping[str, str]
    possible: Mapping[str, tuple[str, ...]]
    words: Mapping[str, tuple[tuple[str, str], ...]]
    """By character: (word, reading), longest word first."""


@cache
def place_readings() -> PlaceReadings:
    """Our own dictionary of readings in place names: 长 is cháng but zhǎng in 成长."""
    default: dict[str, str] = {}
    possible: dict[str, tuple[str, ...]] = {}
    words: dict[str, list[tuple[str, str]]] = {}
    for line in lines_of("place_readings.txt"):
        character, reading, *entries = line.split()
        possible[character] = (*possible.get(character, ()), reading)
        if "*" in entries:
            default[character] = reading
        words.setdefault(character, []).extend((word, reading) for word in entries if word != "*")
    ordered = {key: tuple(sorted(value, key=lambda item: -len(item[0]))) for key, value in words.items()}
    return PlaceReadings(default, possible, ordered)


@cache
def polyphones() -> frozenset[str]:
    """Characters whose reading in a name a person has to confirm (CHR-03)."""
    return words_of("polyphones.txt")
