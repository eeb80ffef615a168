"""A name in Chinese phonetic letters by the rules of 1984; refuses names it cannot read.

《中国地名汉语拼音字母拼写规则（汉语地名部分）》 of 25 December 1984, the rule numbers as there.
"""

import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from layers.naming.dictionary import words_of
from layers.naming.model import NameKind, ParsedName, Part, Role
from layers.naming.numerals import value_of
from layers.naming.parser import DIRECTIONS, parse
from layers.naming.readings import CharacterReading, read, read_as_confirmed
from layers.naming.syllables import toneless, without_tones

APOSTROPHE: Final = "\u2019"
FIXED: Final = {"胡同": ("hú", "tong"), "弄": ("lòng",)}
OF_TWO_WORDS: Final = {"高速公路": 2, "快速公路": 2}
"""Generics of two words, with the length of the first: 海文高速公路 is Hǎiwén Gāosù Gōnglù."""
INNER_GENERICS: Final = ("里", "路", "街", "巷", "大街", "大道")


@dataclass(frozen=True, slots=True)
class Spelling:
    """The four stored forms: Chángbīn 3 Lù, Changbin 3 Lu, CHANGBIN 3 LU, and the sign's."""

    toned: str
    plain: str
    capitals: str
    sign: str


def spell(name: str | ParsedName, kind: NameKind | None = None, *, confirmed: Sequence[str] = ()) -> Spelling:
    """Spell a name; `confirmed` are the syllables of its first characters as a person confirmed them.

    >>> spell("长滨三路").toned
    'Chángbīn 3 Lù'
    """
    parsed = name if isinstance(name, ParsedName) else parse(name, kind)
    text = "".join(part.text for part in parsed.parts)
    within = len(text) - len(parsed.generic)
    readings = read_as_confirmed(text, confirmed) if confirmed else read(text, phrases_within=within)
    toned = " ".join(_words(parsed, readings))
    plain = without_tones(toned)
    return Spelling(toned, plain, plain.upper(), plain.upper())


def same_spelling(one: str, other: str) -> bool:
    """Whether two spellings agree, U+0027 and U+2019 and the forms of Unicode taken as one."""
    return _folded(one) == _folded(other)


def _folded(text: str) -> str:
    return " ".join(unicodedata.normalize("NFC", text).replace("'", APOSTROPHE).split())


def _words(parsed: ParsedName, readings: Sequence[CharacterReading]) -> list[str]:
    words: list[str] = []
    waiting: list[str] = []  # syllables of modifiers that join what they stand before (rule 2)
    at = 0
    for place, part in enumerate(parsed.parts):
        sounds = _sounds(part, readings[at : at + len(part.text)], parsed)
        at += len(part.text)
        if part.role is Role.ORDINAL:
            words += [*_as_word(waiting), *_ordinal_words(part.text)]
            waiting = []
        elif part.role is Role.MODIFIER:
            waiting += sounds
        elif part.role is Role.GENERIC:
            first = OF_TWO_WORDS.get(part.text, len(part.text))
            words += _as_word([*waiting, *sounds[:first]]) + _as_word(sounds[first:])
            waiting = []
        else:
            words += _specific_words(part, sounds, followed=parsed.parts[place + 1 :], kind=parsed.kind)
    return words + _as_word(waiting)


def _sounds(part: Part, readings: Sequence[CharacterReading], parsed: ParsedName) -> list[str]:
    if part.role is Role.GENERIC and part.text in FIXED:
        return list(FIXED[part.text])
    sounds = [reading.reading for reading in readings]
    if part.role is Role.SPECIFIC and _coloured_by_er(part.text, parsed.generic):
        sounds[-2:] = [f"{sounds[-2]}r"]
    return sounds


def _coloured_by_er(specific: str, generic: str) -> bool:
    """Rule 12: written 儿 that only colours the vowel, as in the lanes of Beijing; 孩儿巷 keeps ér."""
    ends = len(specific) >= 2 and specific.endswith("儿")
    return ends and generic == "胡同" and specific[-2:] not in words_of("full_er.txt")


def _as_word(sounds: Sequence[str]) -> list[str]:
    """Join syllables with one capital and ’ before a, o, e inside (rules 10 and 11)."""
    if not sounds:
        return []
    word = sounds[0]
    for sound in sounds[1:]:
        word += (APOSTROPHE if toneless(sound).startswith(("a", "o", "e")) else "") + sound
    return [word[0].upper() + word[1:]]


def _ordinal_words(ordinal: str) -> list[str]:
    """Rule 7: codes and ordinals in Arabic digits; 第九弄 is Dì-9 Lòng."""
    measure = ["Hào"] if ordinal.endswith("号") else []
    numeral = ordinal.removesuffix("号")
    value = value_of(numeral.removeprefix("第"))
    return [f"Dì-{value}" if numeral.startswith("第") else str(value), *measure]


def _specific_words(
    part: Part, sounds: Sequence[str], *, followed: Sequence[Part], kind: NameKind
) -> list[str]:
    if kind is NameKind.DIVISION:
        return _division_words(part.text, sounds)
    if any(later.role is Role.ORDINAL for later in followed):
        inner = _inner_road(part.text)
        if inner:
            return _words(inner, read_as_confirmed(part.text, sounds))
    return _as_word(sounds)


def _inner_road(specific: str) -> ParsedName | None:
    """天宁寺西里 in 天宁寺西里一巷 is spelled Tiānníngsì Xīlǐ, but 商品街 in 商品街一巷 in one word."""
    if not specific.endswith(INNER_GENERICS):
        return None
    inner = parse(specific, NameKind.STREET)
    return inner if set(inner.modifiers) & DIRECTIONS or inner.ordinal else None


def _division_words(specific: str, sounds: Sequence[str]) -> list[str]:
    """Names of peoples in a division stand apart: 白沙黎族自治县 is Báishā Lízú Zìzhìxiàn."""
    peoples = sorted(words_of("peoples.txt"), key=len, reverse=True)
    tail: list[str] = []
    end = len(specific)
    while True:
        found = next((word for word in peoples if specific[:end].endswith(word) and len(word) < end), "")
        if not found:
            break
        tail = _as_word(sounds[end - len(found) : end]) + tail
        end -= len(found)
    return _as_word(sounds[:end]) + tail
