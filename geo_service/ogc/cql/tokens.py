"""The words of a CQL2 text: one pass from left to right, no way back, so time grows with length alone."""

import re
from dataclasses import dataclass
from enum import StrEnum
from typing import Any, Final

from geo_service.ogc.refusals import FilterInvalid


class Sort(StrEnum):
    """What a word is."""

    NUMBER = "number"
    STRING = "string"
    NAME = "name"
    QUOTED = "quoted"
    SIGN = "sign"
    END = "end"


@dataclass(frozen=True, slots=True)
class Token:
    """A word: its sort, what it says, and where it begins."""

    sort: Sort
    value: Any
    at: int

    def says(self, *words: str) -> bool:
        """Say whether this is one of these signs, or one of these words in any case."""
        return self.sort in {Sort.SIGN, Sort.NAME} and str(self.value).upper() in words


START: Final = r"[^\W\d]|[:_]"
PART: Final = r"[\w:.\u0300-\u036f\u200c\u200d\u203f\u2040]"
# A backslash may stand before a quotation mark; where the text then never ends, it is an ordinary character.
STRING: Final = r"'(?>(?:[^'\\]|''|\\.)*)'|'(?>(?:[^']|'')*)'"
WORD: Final = re.compile(
    r"(?P<space>\s+)"
    r"|(?P<number>(?:\d+(?:\.\d*)?|\.\d+)(?:[eE][+-]?\d+)?)"
    rf"|(?P<string>{STRING})"
    r'|(?P<quoted>"(?>(?:[^"]|"")+)")'
    rf"|(?P<name>(?:{START}){PART}*)"
    r"|(?P<sign><>|!=|<=|>=|[=<>(),+\-*/^%])",
    re.DOTALL,
)
ESCAPED: Final = re.compile(r"''|\\\\|\\(['abtnvfr])")
CONTROLS: Final = {"a": "\a", "b": "\b", "t": "\t", "n": "\n", "v": "\v", "f": "\f", "r": "\r", "'": "'"}
LONGEST_NUMBER: Final = 400
"""Digits of a whole number; no property holds more."""


def tokens(written: str) -> list[Token]:
    """Return the words of a text, an end last. Raises `FilterInvalid` where no word begins."""
    found, at = [], 0
    while at < len(written):
        match = WORD.match(written, at)
        if match is None or match.lastgroup is None:
            raise stopped(written, at)
        if match.lastgroup != "space":
            found.append(Token(Sort(match.lastgroup), _value(match.lastgroup, match[0], written, at), at))
        at = match.end()
    return [*found, Token(Sort.END, "", len(written))]


def stopped(written: str, at: int) -> FilterInvalid:
    """Return the refusal that names line and column where reading stopped."""
    line = written.count("\n", 0, at) + 1
    column = at - (written.rfind("\n", 0, at) + 1) + 1
    return FilterInvalid(reason="not_cql2", found=f"{line}:{column}")


def _value(sort: str, word: str, written: str, at: int) -> Any:
    if sort == "number":
        if len(word) > LONGEST_NUMBER:
            raise stopped(written, at)
        return int(word) if word.isdecimal() else float(word)
    if sort == "string":
        return ESCAPED.sub(_unescaped, word[1:-1])
    if sort == "quoted":
        return word[1:-1].replace('""', '"')
    return word


def _unescaped(match: re.Match[str]) -> str:
    """Return what an escape stands for; a doubled backslash stays, since `LIKE` escapes with it too."""
    if match[0] == "''":
        return "'"
    return CONTROLS[match[1]] if match[1] else match[0]
