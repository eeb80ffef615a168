"""Chinese numerals as road names use them; refuses to say whether one counts or is part of a word."""

from typing import Final

DIGITS: Final = {character: value for value, character in enumerate("一二三四五六七八九", start=1)}
NUMERAL_CHARACTERS: Final = frozenset("一二三四五六七八九十")
RUN_CHARACTERS: Final = NUMERAL_CHARACTERS | frozenset("百零0123456789")


def value_of(numeral: str) -> int | None:
    """Value of a well-formed numeral below 1,000, or None: 十二 is 12, 二十一 is 21, 三八 is none.

    >>> value_of("十二"), value_of("一百零五"), value_of("三八"), value_of("3")
    (12, 105, None, 3)
    """
    if numeral.isascii() and numeral.isdigit():
        return int(numeral)
    hundreds, mark, below = numeral.rpartition("百")
    if mark:
        if hundreds not in DIGITS:
            return None
        rest = _below_hundred(below.removeprefix("零")) if below else 0
        return None if rest is None else DIGITS[hundreds] * 100 + rest
    return _below_hundred(numeral)


def _below_hundred(numeral: str) -> int | None:
    tens, mark, units = numeral.rpartition("十")
    if any(digit and digit not in DIGITS for digit in (tens, units)) or not numeral:
        return None
    if not mark:
        return DIGITS[units]
    return DIGITS.get(tens, 1) * 10 + DIGITS.get(units, 0)


def trailing_run(text: str) -> str:
    """Longest run of numeral characters at the end of `text`: 四十二 of 东四十二."""
    start = len(text)
    while start and text[start - 1] in RUN_CHARACTERS:
        start -= 1
    return text[start:].lstrip("零")
