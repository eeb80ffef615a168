"""Numbers by their schemes, letters by the set, old numbers found again."""

from datetime import date

import pytest

from layers.errors import InvalidInput, NotFound
from layers.markers.dated import shipped
from layers.markers.model import SetKind
from layers.markers.numbering import (
    Alias,
    check_letter,
    check_number,
    markers_numbered,
    read_number,
    read_schemes,
    scheme_named,
    shipped_schemes,
)

SCHEMES = shipped_schemes()
LINE, TRIPOINT = SCHEMES["provincial_line"], SCHEMES["fujian_tripoint"]


def codes(findings):
    return [finding.code for finding in findings]


@pytest.mark.parametrize(
    ("text", "scheme", "units", "serial", "letter"),
    [
        ("1253165", "provincial_line", ("12", "53"), 165, ""),
        ("3536001A", "provincial_line", ("35", "36"), 1, "A"),
        ("238184I", "fujian_tripoint", ("23", "81", "84"), 1, ""),
        ("238184XIV", "fujian_tripoint", ("23", "81", "84"), 14, ""),
        ("01079021001Q", "county_line", ("0107", "9021"), 1, "Q"),
        ("010790059021002", "county_tripoint", ("0107", "9005", "9021"), 2, ""),
        ("１２５３ １６５", "provincial_line", ("12", "53"), 165, ""),
    ],
)
def test_numbers_are_taken_apart_by_their_scheme(text, scheme, units, serial, letter):
    number = read_number(text, SCHEMES[scheme])
    assert (number.units, number.serial, number.letter) == (units, serial, letter)


@pytest.mark.parametrize(
    ("text", "scheme", "expected"),
    [
        ("1253165", LINE, []),
        ("5312165Q", LINE, ["marker.number_units_order"]),
        ("1212165Q", LINE, ["marker.number_units_order"]),
        ("1253000Q", LINE, ["marker.number_invalid"]),
        ("1253165F", LINE, ["marker.number_invalid"]),
        ("1253165q", LINE, ["marker.number_invalid"]),
        ("125316", LINE, ["marker.number_invalid"]),
        ("1253 165Q", LINE, ["marker.number_written_otherwise"]),
        ("238184IIII", TRIPOINT, ["marker.number_invalid"]),
        ("238184VX", TRIPOINT, ["marker.number_invalid"]),
        ("848123I", TRIPOINT, ["marker.number_units_order"]),
    ],
)
def test_wrong_numbers_are_found(text, scheme, expected):
    assert codes(check_number(text, scheme)) == expected


@pytest.mark.parametrize("value", range(1, 40))
def test_roman_serials_are_read(value):
    tens, ones = divmod(value, 10)
    roman = "X" * tens + ("", "I", "II", "III", "IV", "V", "VI", "VII", "VIII", "IX")[ones]
    assert read_number(f"238184{roman}", TRIPOINT).serial == value


@pytest.mark.parametrize(
    ("letter", "set_kind", "post_unit", "expected"),
    [
        ("Q", SetKind.SINGLE, None, []),
        ("A", SetKind.DOUBLE, "350000", []),
        ("B", SetKind.DOUBLE, "350000", ["marker.letter_order"]),
        ("A", SetKind.SINGLE, None, ["marker.letter_against_set"]),
        ("Q", SetKind.DOUBLE, "350000", ["marker.letter_against_set"]),
        ("C", SetKind.DOUBLE, "350000", ["marker.letter_against_set"]),
        ("B", SetKind.DOUBLE, None, []),
    ],
)
def test_the_letter_says_the_set(letter, set_kind, post_unit, expected):
    number = read_number(f"3536001{letter}", LINE)
    units = ("360000", "350000")
    assert codes(check_letter(number, set_kind, post_unit=post_unit, unit_codes=units)) == expected


def test_three_posts_are_lettered_in_the_order_of_their_units():
    units = ("430000", "360000", "440000")
    for letter, unit in zip("CDE", sorted(units), strict=True):
        number = read_number(f"3643001{letter}", LINE)
        assert codes(check_letter(number, SetKind.TRIPLE, post_unit=unit, unit_codes=units)) == []


def test_a_number_is_found_again_after_recoding():
    aliases = [
        Alias(number="琼山1", marker_code="m1", valid_to=date(2010, 1, 1)),
        Alias(number="01079021001Q", marker_code="m1", valid_from=date(2010, 1, 1)),
        Alias(number="琼山1", marker_code="m2", valid_from=date(2015, 1, 1)),
    ]
    assert markers_numbered("琼山１", aliases) == ("m1", "m2")
    assert markers_numbered("琼山1", aliases, date(2009, 12, 31)) == ("m1",)
    assert markers_numbered("琼山1", aliases, date(2010, 1, 1)) == ()
    assert markers_numbered("琼山1", aliases, date(2020, 1, 1)) == ("m2",)


def test_a_scheme_that_misses_its_own_example_is_refused():
    document = shipped("numbering")
    wrong = {**document["schemes"][0], "example": "5312165"}
    with pytest.raises(InvalidInput):
        read_schemes({**document, "schemes": [wrong]})
    with pytest.raises(InvalidInput):
        read_schemes({**document, "schemes": [{**document["schemes"][0], "pattern": "("}]})
    with pytest.raises(NotFound):
        scheme_named("township", SCHEMES)
