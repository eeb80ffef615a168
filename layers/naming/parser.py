"""A name taken apart: prefix, specific, modifiers, ordinal, generic; refuses to judge what it finds.

`parse` follows the order of the name from its end: generic first, then the modifiers and the
ordinal in front of it, and what is left is the specific. What cannot be a modifier because the
specific would be left with one character stays: 江东二街 is 江东 + 二, 华强北路 is 华强 + 北.
"""

import unicodedata
from collections.abc import Mapping, Sequence
from functools import cache, lru_cache
from typing import Final

from layers.naming.dictionary import lines_of
from layers.naming.model import NameKind, Numerals, ParsedName, Part, Role
from layers.naming.numerals import NUMERAL_CHARACTERS, RUN_CHARACTERS, trailing_run, value_of

DIRECTIONS: Final = frozenset("东西南北中前后上下左右")
SHAPES: Final = frozenset("横纵直斜小环支新老旧")
AXES: Final = frozenset("经纬")
COUNTED_SHAPES: Final = AXES | frozenset("环横纵支")
BEFORE_ORDINAL: Final = frozenset("东西南北中前后上下左右横纵环支直斜")
SIDES_OF_A_ROAD: Final = frozenset("东西南北中大前后新老外内小")
NOT_TAKEN_FOR_STREETS: Final = ("街道",)
KINDS_BY_ENDING: Final = (
    NameKind.STREET,
    NameKind.BRIDGE,
    NameKind.SQUARE,
    NameKind.COMMUNITY,
    NameKind.BUILDING,
    NameKind.DIVISION,
    NameKind.NATURAL,
)
LONG_BUILDING_ENDINGS_ONLY: Final = 2
LATELY: Final = 512
"""Names remembered: letters, keys and checks of one name each take it apart."""


@lru_cache(maxsize=LATELY)
def normalise(name: str) -> str:
    """NFKC without any white space: the form under which names are compared (⽂坛路 is 文坛路)."""
    return "".join(unicodedata.normalize("NFKC", name).split())


@cache
def generics() -> Mapping[NameKind, tuple[str, ...]]:
    """Generics by kind, longest first."""
    table = {}
    for line in lines_of("generics.txt"):
        kind, *words = line.split()
        table[NameKind(kind)] = tuple(sorted(words, key=len, reverse=True))
    return table


@cache
def _words(subject: str) -> frozenset[str]:
    return frozenset(
        word
        for line in lines_of("parser_words.txt")
        for word in line.split()[1:]
        if line.split()[0] == subject
    )


def kind_of(name: str) -> NameKind:
    """Kind a name most likely has, by its ending: 江镇 and 王村 are villages, 浚县 a division."""
    text = normalise(name)
    if text.endswith(NOT_TAKEN_FOR_STREETS):
        return NameKind.DIVISION
    for kind in KINDS_BY_ENDING:
        found = next((generic for generic in generics()[kind] if text.endswith(generic)), "")
        if found and _stands_as(kind, text, found):
            return kind
    return NameKind.VILLAGE


def _stands_as(kind: NameKind, text: str, generic: str) -> bool:
    before = len(text) - len(generic)
    if kind is NameKind.BUILDING:
        return len(generic) >= LONG_BUILDING_ENDINGS_ONLY and before > 0
    if kind is NameKind.DIVISION:
        return before >= (1 if generic in {"县", "区", "省", "旗"} else 2)
    return before > 0 or kind is NameKind.STREET


def parse(name: str, kind: NameKind | None = None, *, cities: Sequence[str] = ()) -> ParsedName:
    """Take `name` apart; `cities` are names that may stand as a prefix (海口 in 海口市文明路).

    >>> [part.text for part in parse("大英山西一路").parts]
    ['大英山', '西', '一', '路']
    """
    return _parse(name, kind, tuple(cities))


@lru_cache(maxsize=LATELY)
def _parse(name: str, kind: NameKind | None, cities: tuple[str, ...]) -> ParsedName:
    text = normalise(name)
    kind = kind or kind_of(text)
    prefix, rest = _prefix(text, cities)
    if kind is NameKind.STREET:
        parts, numerals = _street(rest)
    elif kind is NameKind.VILLAGE:
        parts, numerals = _whole(rest)
    else:
        parts, numerals = _other(rest, kind)
    head = (Part(Role.PREFIX, prefix),) if prefix else ()
    return ParsedName(text, kind, head + tuple(part for part in parts if part.text), numerals)


def _prefix(text: str, cities: Sequence[str]) -> tuple[str, str]:
    for city in cities:
        for prefix in (f"{city}市", city):
            rest = text.removeprefix(prefix)
            if rest != text and len(rest) > 2 and rest not in generics()[NameKind.STREET]:
                return prefix, rest
    return "", text


def _lexical(text: str) -> Numerals:
    return Numerals.LEXICAL if NUMERAL_CHARACTERS & set(text) else Numerals.NONE


def _whole(text: str) -> tuple[list[Part], Numerals]:
    return [Part(Role.SPECIFIC, text)], _lexical(text)


def _other(text: str, kind: NameKind) -> tuple[list[Part], Numerals]:
    generic = next((word for word in generics()[kind] if text.endswith(word) and text != word), "")
    if text in generics()[kind]:
        return [Part(Role.GENERIC, text)], Numerals.NONE
    specific = text.removesuffix(generic)
    run = trailing_run(specific) if kind is NameKind.BRIDGE else ""
    counts = run if value_of(run) is not None and len(specific) - len(run) >= 2 else ""
    parts = [Part(Role.SPECIFIC, specific.removesuffix(counts)), Part(Role.MODIFIER, counts)]
    return [*parts, Part(Role.GENERIC, generic)], _lexical(text)


def street_generic(text: str) -> str:
    """Return the generic a road name ends in, or empty: 白马路 ends in 路, 二马路 in 马路, 那大街 in 街."""
    if text in generics()[NameKind.STREET]:
        return text
    for generic in generics()[NameKind.STREET]:
        body = text.removesuffix(generic)
        if body != text and _generic_begins(body, generic):
            return generic
    return ""


def _generic_begins(body: str, generic: str) -> bool:
    if generic == "马路":
        return _begins_horse_road(body)
    if generic in {"大路", "大街"}:
        return _begins_big_road(body, generic)
    if generic == "公路":
        return len(body) >= 2 and f"{body[-1]}公" not in _words("duke")
    return generic != "夹道" or len(body) >= 2


def _begins_horse_road(body: str) -> bool:
    if f"{body[-1]}马" in _words("horse"):
        return False
    return set(body) <= SIDES_OF_A_ROAD or body[-1] in RUN_CHARACTERS or len(body) >= 3


def _begins_big_road(body: str, generic: str) -> bool:
    if len(body) == 1 and body not in DIRECTIONS | SHAPES | {"正"} | NUMERAL_CHARACTERS:
        return generic == "大街" and f"{body}大" not in _words("big")
    return not (len(body) == 1 and f"{body}大" in _words("big") and body not in DIRECTIONS)


def _street(text: str) -> tuple[list[Part], Numerals]:
    generic = street_generic(text)
    body = text.removesuffix(generic) if generic else text
    tail = [Part(Role.GENERIC, generic)]
    if not body or not generic:
        return ([*_whole(body)[0], *tail] if body else tail), _lexical(body)
    before, modifiers = _head_of_a_series(body, generic) or _modifiers_before_generic(body)
    counted = _ordinal(before, modifiers, generic)
    if counted:
        return [*counted, Part(Role.MODIFIER, modifiers), *tail], Numerals.ORDINAL
    if len(before) < 2:
        before, modifiers = body, ""
    return [Part(Role.SPECIFIC, before), Part(Role.MODIFIER, modifiers), *tail], _lexical(before)


def _modifiers_before_generic(body: str) -> tuple[str, str]:
    """Split 东直门南小 into 东直门 and 南小, 五中 into 五 and 中; nothing is split from a word."""
    last = body[-1:]
    if body[-2:] in _words("whole"):
        return body, ""
    if last in AXES:
        return (body[:-1], last) if trailing_run(body[:-1]) else (body, "")
    if last not in DIRECTIONS | SHAPES or len(body) < 2:
        return body, ""
    first = body[-2]
    pair = first + last
    if len(body) >= 4 and first in DIRECTIONS and last in SHAPES:
        return body[:-2], pair
    if len(body) == 3 and last in "前后" and first in _words("gate") and body[0] in SIDES_OF_A_ROAD:
        return body, ""
    return body[:-1], last


def _head_of_a_series(body: str, generic: str) -> tuple[str, str] | None:
    """Split 东四头 before 条 into 东四 and 头, 西四北头 into 西四 and 北头: the first of a series is 头条, not 一条."""
    if generic != "条" or not body.endswith("头") or len(body) < 3:
        return None
    cut = 2 if len(body) >= 4 and body[-2] in DIRECTIONS else 1
    return body[:-cut], body[-cut:]


def _ordinal(before: str, behind: str, generic: str) -> list[Part] | None:
    """Specific, modifiers and ordinal if `before` ends in a numeral that counts, else None."""
    run = _counting_run(before, behind, generic)
    if not run:
        return None
    ahead = before.removesuffix(run)
    if ahead.endswith("第"):
        ahead, run = ahead[:-1], f"第{run}"
    if not ahead:
        return [Part(Role.ORDINAL, run)] if _counts_alone(behind) else None
    modifiers = ""
    if ahead[-1] in BEFORE_ORDINAL and len(ahead) >= 3 and ahead[-2:] not in _words("whole"):
        ahead, modifiers = ahead[:-1], ahead[-1]
    return [Part(Role.SPECIFIC, ahead), Part(Role.MODIFIER, modifiers), Part(Role.ORDINAL, run)]


def _counts_alone(behind: str) -> bool:
    """三环路, 二马路, 五经路 count; 一中路 is the road of the First Middle School, 三北路 of three norths."""
    return not behind or behind in COUNTED_SHAPES


def _counting_run(before: str, behind: str, generic: str) -> str:
    head = next((word for word in _words("counted") if before.startswith(word)), "")
    if head and generic == "条":
        run = before.removeprefix(head).lstrip("东西南北")
        return run if value_of(run) is not None else ""
    if before == head and ((behind and behind in DIRECTIONS) or generic in {"大街", "胡同"}):
        return ""
    if before.endswith(tuple(_words("lexical_numeral"))) and not _counted_across(before, behind):
        return ""
    measure = "号" if before.endswith("号") else ""
    run = trailing_run(before.removesuffix(measure))
    return run + measure if value_of(run) is not None else ""


def _counted_across(before: str, behind: str) -> bool:
    """Whether a numeral counts though it seems to end a word: 大同一横路 is the first cross road of 大同, not 同一."""
    return len(before) >= 3 and behind in ("横", "纵", "支")
