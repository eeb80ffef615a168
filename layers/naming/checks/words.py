"""PER, FOR, COM, LEX and ADM: words a name may not hold; refuses to excuse any of them without a recorded reason."""

from collections.abc import Iterator, Mapping
from functools import cache
from typing import Final

from layers.findings import Finding
from layers.naming.checks.subject import Subject, Surroundings
from layers.naming.dictionary import lines_of, words_of

SHORT: Final = 2
BEHIND_A_FOREIGN_NAME: Final = (
    "国际",
    "风情",
    "小镇",
    "花园",
    "之",
    "大",
    "新",
    "阳光",
    "假日",
    "时代",
    "印象",
    "公园",
)
LEAST_TRANSLITERATED: Final = 3
LEAST_STRONG: Final = 2


@cache
def word_lists(file: str) -> Mapping[str, tuple[str, ...]]:
    """Return lists of a file whose lines begin with the list's name."""
    rows = (line.split() for line in lines_of(file))
    return {row[0]: tuple(row[1:]) for row in rows}


def _named(subject: Subject, words: frozenset[str]) -> str:
    """Give the word the specific names, with or without modifiers; a short word only as the whole."""
    specific = subject.parsed.specific
    whole = specific + subject.parsed.modifiers  # 吴冠中路 parses as 吴冠 + 中
    for text in (specific, whole):
        if text in words:
            return text
    held = [word for word in words if len(word) > SHORT and word in whole]
    return max(held, key=len, default="")


def state_leader(subject: Subject, _around: Surroundings) -> Iterator[Finding]:
    """PER-01: never the name of a leader of party or state (art. 9(4))."""
    found = _named(subject, words_of("leaders.txt"))
    if found:
        yield Finding("PER-01", (subject.name,), {"word": found})


def person(subject: Subject, _around: Surroundings) -> Iterator[Finding]:
    """PER-02: generally no person, alias or character of fiction, unless there is no specific link (Measures art. 3)."""
    found = _named(subject, words_of("persons.txt"))
    if found and "no_specific_link" not in subject.reasons:
        yield Finding("PER-02", (subject.name,), {"word": found})


def foreign(subject: Subject, _around: Surroundings) -> Iterator[Finding]:
    """FOR-01: no foreign person, place or transliteration (art. 9(5)): 巴黎路, 普罗旺斯路."""
    text = subject.parsed.specific
    found = _named(subject, words_of("foreign.txt")) or _short_foreign(text)
    if found:
        yield Finding("FOR-01", (subject.name,), {"word": found})
    elif _looks_transliterated(text):
        yield Finding("FOR-01", (subject.name,), {"transliteration": text})


def _short_foreign(text: str) -> str:
    head, behind = text[:SHORT], text[SHORT:]
    return head if head in words_of("foreign.txt") and behind.startswith(BEHIND_A_FOREIGN_NAME) else ""


def _looks_transliterated(text: str) -> bool:
    """Three or more characters, all of the kind that writes foreign sounds; names of our own divisions excepted."""
    if len(text) < LEAST_TRANSLITERATED or any(name in text for name in words_of("own_transliterations.txt")):
        return False
    strong = sum(character in words_of("strong_transliteration.txt") for character in text)
    return strong >= LEAST_STRONG and all(character in words_of("transliteration.txt") for character in text)


def company(subject: Subject, _around: Surroundings) -> Iterator[Finding]:
    """COM-01: no enterprise and no trademark, unless there is no specific link (art. 9(6), Measures art. 4)."""
    if "no_specific_link" in subject.reasons:
        return
    lists = word_lists("company_words.txt")
    brand = _named(subject, frozenset(lists["brand"]))
    word = brand or _company_word(subject.parsed.specific, lists)
    if word:
        yield Finding("COM-01", (subject.name,), {"word": word})


def _company_word(text: str, lists: Mapping[str, tuple[str, ...]]) -> str:
    """Give the company word with two characters or more in front that do not make it an ordinary one."""
    for word in lists["company"]:
        front = text.partition(word)[0]
        if word in text and len(front) >= SHORT and not front.endswith(lists["ordinary_front"]):
            return word
    return ""


def refused_word(subject: Subject, _around: Surroundings) -> Iterator[Finding]:
    """LEX-01: grandiose, feudal and vulgar words (practice: Chongqing, Tongling, Shandong): 国际路, 官邸巷."""
    lists = word_lists("refused_words.txt")
    found = tuple(
        word for key in subject.profile.refused_lists for word in lists[key] if word in subject.name
    )
    if found:
        yield Finding("LEX-01", (subject.name,), {"words": found})


def division_from_outside(subject: Subject, around: Surroundings) -> Iterator[Finding]:
    """ADM-01: the name of a division the road does not lie in (practice: Beijing draft): 西安路 in Haikou."""
    text = subject.parsed.specific
    found = next(
        (name for name in around.outside_divisions if len(name) >= SHORT and text.startswith(name)), ""
    )
    if found and "other_division" not in subject.reasons:
        yield Finding("ADM-01", (subject.name,), {"division": found})
