"""Codes of lines and tripoints, by the tables of the handbook."""

import pytest

from layers.boundaries.line_code import (
    LineCodeInvalid,
    line_code,
    short_line_code,
    short_tripoint_code,
    sides,
    tripoint_code,
)

LINES = [
    ("460107", "469021", "460107469021", "01079021"),
    ("460105", "469023", "460105469023", "01059023"),
    ("460107", "469005", "460107469005", "01079005"),
    ("469005", "469021", "469005469021", "90059021"),
]


@pytest.mark.parametrize(("one", "other", "long", "short"), LINES)
def test_line_codes_are_ascending_whatever_side_is_named_first(one, other, long, short):
    assert line_code(one, other) == line_code(other, one) == long
    assert short_line_code(other, one) == short
    assert sides(long) == (one, other)


def test_townships_make_longer_codes():
    assert line_code("460107002", "460107001") == "460107001460107002"


def test_tripoints():
    assert tripoint_code(["469021", "460107", "469005"], 4) == "460107469005469021IV"
    assert short_tripoint_code(["469021", "460107", "469005"], 2) == "010790059021II"
    assert short_tripoint_code(["350784", "350723", "350781"], digits=2) == "238184I"


def test_two_digits_that_collide_in_hainan_are_refused():
    with pytest.raises(LineCodeInvalid):
        short_tripoint_code(["460202", "469002", "469021"], digits=2)


@pytest.mark.parametrize(
    "codes",
    [
        ("460107", "460107"),
        ("460107", "460107001"),
        ("46010", "46011"),
        ("46010a", "460107"),
        ("４６０１０７", "460108"),
    ],
)
def test_what_is_no_pair_of_units_is_refused(codes):
    with pytest.raises(LineCodeInvalid):
        line_code(*codes)


def test_other_refusals():
    for act in (
        lambda: tripoint_code(["460105", "460106"]),
        lambda: tripoint_code(["460105", "460106", "460107"], 0),
        lambda: short_line_code("440825", "460108"),
        lambda: sides("469021460107"),
        lambda: sides("4601074690"),
    ):
        with pytest.raises(LineCodeInvalid):
            act()
