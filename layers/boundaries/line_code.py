"""Codes of lines and tripoints; refuses to read anything else out of a number.

The schemes are our default for Hainan, where two-digit suffixes of codes collide (02, 05, 06 and 07
each stand twice) and four-digit ones do not; other places number otherwise.
"""

from collections.abc import Iterable
from typing import Final

from layers.errors import InvalidInput

CODE_DIGITS: Final = frozenset({6, 9, 12})
ROMAN: Final = ((10, "X"), (9, "IX"), (5, "V"), (4, "IV"), (1, "I"))
GREATEST_SERIAL: Final = 39  # beyond it Roman numerals need letters that FUJIAN_TRIPOINT does not know


class LineCodeInvalid(InvalidInput):
    """A line lies between two different units of one level, a tripoint among three or more."""

    code = "boundary.line_code_invalid"


def line_code(one: str, other: str) -> str:
    """Return the code of the line between two units: both codes ascending (界线代码).

    Counties give 12 digits, townships 18. Raises `LineCodeInvalid` for codes of unlike length,
    equal ones, or what is no division code.

    >>> line_code("469021", "460107")  # 琼山-定安
    '460107469021'
    """
    return "".join(_ascending((one, other), at_least=2))


def short_line_code(one: str, other: str) -> str:
    """Return the short form: both codes without the province's two digits.

    >>> short_line_code("469005", "469021")  # 文昌-定安
    '90059021'
    """
    return "".join(code[2:] for code in _ascending((one, other), at_least=2, one_province=True))


def sides(code: str) -> tuple[str, str]:
    """Return the two units of a line code.

    >>> sides("460105469023")
    ('460105', '469023')
    """
    half = len(code) // 2
    one, other = code[:half], code[half:]
    if line_code(one, other) != code:
        raise LineCodeInvalid(given=code)
    return one, other


def tripoint_code(units: Iterable[str], serial: int = 1) -> str:
    """Return the code of a tripoint (三交点): the units' codes ascending and a Roman serial.

    Serials tell the tripoints of the same units apart, counted from 1. Where four meet, four stand.

    >>> tripoint_code(["469021", "460107", "469005"])
    '460107469005469021I'
    """
    return "".join(_ascending(tuple(units), at_least=3)) + _roman(serial)


def short_tripoint_code(units: Iterable[str], serial: int = 1, *, digits: int = 4) -> str:
    """Return the short form: the last `digits` of every code ascending and a Roman serial.

    Four digits are unique in Hainan. Fujian takes two: Guangze 350723, Shaowu 350781 and Jianyang
    350784 meet at 238184I. Raises `LineCodeInvalid` where the digits left do not tell them apart.

    >>> short_tripoint_code(["350723", "350781", "350784"], digits=2)
    '238184I'
    """
    codes = _ascending(tuple(units), at_least=3, one_province=True)
    short = sorted(code[-digits:] for code in codes)
    if len(set(short)) < len(short):
        raise LineCodeInvalid(given=codes, digits=digits)
    return "".join(short) + _roman(serial)


def _ascending(codes: tuple[str, ...], *, at_least: int, one_province: bool = False) -> tuple[str, ...]:
    alike = len({len(code) for code in codes}) == 1 and all(
        code.isascii() and code.isdigit() for code in codes
    )
    known = alike and len(codes[0]) in CODE_DIGITS
    if not known or len(set(codes)) < max(at_least, len(codes)):
        raise LineCodeInvalid(given=codes)
    if one_province and len({code[:2] for code in codes}) > 1:
        raise LineCodeInvalid(given=codes, reason="several_provinces")
    return tuple(sorted(codes))


def _roman(serial: int) -> str:
    if not 1 <= serial <= GREATEST_SERIAL:
        raise LineCodeInvalid(serial=serial)
    text = ""
    for value, letters in ROMAN:
        count, serial = divmod(serial, value)
        text += letters * count
    return text
