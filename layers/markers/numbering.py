"""Marker numbers under the scheme they follow; refuses to guess a scheme, or a meaning out of a bare number.

Provincial lines count from 001 west to east or north to south; the letter says how many posts share the number:
Q one, A and B two, C, D and E three, in ascending order of the units' codes (practice of provincial surveys; the
order of C, D, E is this product's own). Schemes are dated data, one pattern each.
"""

import re
import unicodedata
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any, Final

from layers.errors import InvalidInput, NotFound
from layers.findings import Finding
from layers.markers.dated import Dated, shipped
from layers.markers.model import SetKind

LETTERS: Final[Mapping[SetKind, str]] = {SetKind.SINGLE: "Q", SetKind.DOUBLE: "AB", SetKind.TRIPLE: "CDE"}
_ROMAN: Final = (("X", 10), ("IX", 9), ("V", 5), ("IV", 4), ("I", 1))


@dataclass(frozen=True, slots=True, kw_only=True)
class NumberScheme(Dated):
    """编号规则: how numbers of one kind are written; `unit_digits` digits stand for each unit."""

    pattern: re.Pattern[str]
    unit_digits: int
    example: str


@dataclass(frozen=True, slots=True, kw_only=True)
class MarkerNumber:
    """界桩编号 taken apart by its scheme: 1253165 is the line of units 12 and 53, serial 165, no letter."""

    text: str
    scheme: str
    units: tuple[str, ...]
    serial: int
    letter: str = ""


def engraved_text(text: str) -> str:
    """Return a number as it would be engraved: half width, no blanks (１２５３ 165 is 1253165)."""
    return "".join(unicodedata.normalize("NFKC", text).split())


def read_number(text: str, scheme: NumberScheme) -> MarkerNumber | None:
    """Return the parts of a number, or None where it is not written by the scheme."""
    found = scheme.pattern.match(engraved_text(text))
    if found is None:
        return None
    parts = found.groupdict()
    serial = _roman_value(parts["roman"]) if parts.get("roman") else int(parts.get("serial") or 0)
    if serial == 0:
        return None
    digits, size = parts["units"], scheme.unit_digits
    units = tuple(digits[start : start + size] for start in range(0, len(digits), size))
    return MarkerNumber(
        text=text, scheme=scheme.code, units=units, serial=serial, letter=parts.get("letter") or ""
    )


def _roman_value(text: str) -> int:
    """Return the value of a Roman numeral up to XXXIX, 0 for letters in no such order (IIII, VX)."""
    value, rest = 0, text
    for letters, worth in _ROMAN:
        most = 3 if letters in {"X", "I"} else 1
        while rest.startswith(letters) and most:
            value, rest, most = value + worth, rest.removeprefix(letters), most - 1
    return 0 if rest or _roman(value) != text else value


def _roman(value: int) -> str:
    text = ""
    for letters, worth in _ROMAN:
        text, value = text + letters * (value // worth), value % worth
    return text


def check_number(text: str, scheme: NumberScheme) -> Iterator[Finding]:
    """Yield what is wrong with a number by its scheme.

    Codes: `marker.number_invalid` (not so written, or serial 0), `marker.number_units_order` (units not ascending),
    `marker.number_written_otherwise` (full width or with blanks; it can still be read).
    """
    number = read_number(text, scheme)
    if number is None:
        yield Finding("marker.number_invalid", (text,), {"scheme": scheme.code, "example": scheme.example})
        return
    if list(number.units) != sorted(set(number.units)):
        yield Finding("marker.number_units_order", (text,), {"units": number.units})
    if engraved_text(text) != text:
        yield Finding("marker.number_written_otherwise", (text,), {"engraved": engraved_text(text)})


def expected_letter(set_kind: SetKind, post_unit: str | None, unit_codes: Sequence[str]) -> str | None:
    """Return the letter that a post should carry: its unit's place in ascending order; None where it is unknown.

    Of a double marker between 350000 and 360000, the post on the side of 350000 carries A.
    """
    letters, ordered = LETTERS[set_kind], sorted(unit_codes)
    if set_kind is SetKind.SINGLE:
        return letters
    if post_unit not in ordered or len(ordered) != len(letters):
        return None
    return letters[ordered.index(post_unit)]


def check_letter(
    number: MarkerNumber, set_kind: SetKind, *, post_unit: str | None, unit_codes: Sequence[str]
) -> Iterator[Finding]:
    """Yield `marker.letter_against_set` or `marker.letter_order`; numbers without a letter are not judged."""
    if not number.letter:
        return
    if number.letter not in LETTERS[set_kind]:
        evidence = {"letter": number.letter, "set_kind": set_kind, "expected": LETTERS[set_kind]}
        yield Finding("marker.letter_against_set", (number.text,), evidence)
        return
    expected = expected_letter(set_kind, post_unit, unit_codes)
    if expected is not None and expected != number.letter:
        yield Finding("marker.letter_order", (number.text,), {"letter": number.letter, "expected": expected})


@dataclass(frozen=True, slots=True, kw_only=True)
class Alias:
    """旧号: a number that a marker carries or carried; recoding ends one and begins another, and deletes none."""

    number: str
    marker_code: str
    valid_from: date | None = None
    valid_to: date | None = None

    def holds(self, on: date) -> bool:
        """Return whether the number was the marker's on a day; the last day is the one before `valid_to`."""
        return (self.valid_from is None or self.valid_from <= on) and (
            self.valid_to is None or on < self.valid_to
        )


def markers_numbered(number: str, aliases: Iterable[Alias], on: date | None = None) -> tuple[str, ...]:
    """Return the codes of the markers that a number meant on a day, or ever; several where it was used again."""
    wanted = engraved_text(number)
    return tuple(
        sorted(
            {
                alias.marker_code
                for alias in aliases
                if engraved_text(alias.number) == wanted and (on is None or alias.holds(on))
            }
        )
    )


def read_schemes(document: Mapping[str, Any]) -> Mapping[str, NumberScheme]:
    """Return the schemes of a JSON document by code; raise InvalidInput where one misses its own example."""
    heading = Dated.heading(document)
    schemes: dict[str, NumberScheme] = {}
    for row in document.get("schemes", ()):
        try:
            scheme = NumberScheme(
                code=str(row["code"]),
                version=heading["version"],
                tenant=heading["tenant"],
                effective_from=heading["effective_from"],
                pattern=re.compile(row["pattern"]),
                unit_digits=int(row["unit_digits"]),
                example=str(row["example"]),
            )
        except (KeyError, ValueError, TypeError, re.error) as wrong:
            raise InvalidInput(what="numbering_scheme", scheme=row.get("code"), cause=str(wrong)) from wrong
        if "units" not in scheme.pattern.groupindex or next(check_number(scheme.example, scheme), None):
            raise InvalidInput(what="numbering_scheme", scheme=scheme.code, cause="example")
        schemes[scheme.code] = scheme
    return schemes


def shipped_schemes() -> Mapping[str, NumberScheme]:
    """Return the numbering schemes that come with the product."""
    return read_schemes(shipped("numbering"))


def scheme_named(code: str, schemes: Mapping[str, NumberScheme]) -> NumberScheme:
    """Return a scheme by its code; raise NotFound when the office has none of that name."""
    if code not in schemes:
        raise NotFound(what="numbering_scheme", code=code, known=sorted(schemes))
    return schemes[code]
