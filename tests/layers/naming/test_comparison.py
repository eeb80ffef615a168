"""Two names side by side: the handbook's vectors, readings, affixes, series and keys."""

import csv

import pytest

from layers.naming.comparison import likenesses, prepared
from layers.naming.keys import keys_of, stripped_forms
from layers.naming.look_alikes import look_alike, look_alikes
from layers.naming.parser import parse
from layers.naming.syllables import Folds

HAINAN = Folds(f_h=True, r_l=True)


def codes(one, other, *, folds=None, reading=None, other_reading=None):
    existing, proposed = prepared(one, reading=reading), prepared(other, reading=other_reading)
    found = likenesses(existing, proposed, folds=folds or Folds(), cities=["海口"])
    return {likeness.code for likeness in found}


@pytest.mark.parametrize(
    ("one", "other", "expected"),
    [
        ("宜海路", "怡海路", {"DUP-02"}),
        ("金陵路", "金岭路", {"DUP-03"}),
        ("椰海大道", "椰海路", {"DUP-04"}),
        ("新滨海路", "滨海路", {"DUP-05"}),
        ("滨海路", "海口市滨海路", {"DUP-05"}),
        ("海垦新路", "海垦路", {"DUP-05"}),
        ("新滨海路", "大滨海路", {"DUP-05"}),
        ("新桥南路", "大桥南路", set()),
        ("新港路", "兴港路", {"DUP-06"}),
        ("士林路", "土林路", {"DUP-07"}),
        ("中山路", "中山路", {"DUP-01"}),
        ("长滨三路", "长滨四路", set()),
        ("长滨三路", "长滨东三路", set()),
        ("长滨四路", "长滨十路", {"DUP-06"}),
        ("江三路", "江山路", {"DUP-06"}),
        ("海涛路", "海湾路", set()),
        ("宜海路", "怡海街", set()),
        ("五四路", "五一路", set()),
    ],
)
def test_vectors(one, other, expected):
    assert codes(one, other) == expected
    assert codes(other, one) == expected


def test_hainan_speech_is_an_option():
    assert codes("福安路", "湖安路") == set()
    assert codes("福安路", "湖安路", folds=HAINAN) == {"DUP-06"}


def test_same_characters_with_another_reading_are_a_duplicate():
    found = codes("朝阳路", "朝阳路", reading=["cháo", "yáng"], other_reading=["zhāo", "yáng"])
    assert found == {"DUP-01", "DUP-08"}


def test_readings_are_compared_as_far_as_both_are_confirmed():
    whole, specific = ["cháo", "yáng", "lù"], ["cháo", "yáng"]
    assert codes("朝阳路", "朝阳路", reading=whole, other_reading=specific) == {"DUP-01"}
    assert codes("朝阳路", "昭阳路", reading=whole) == set()
    assert codes("朝阳路", "昭阳路", reading=["zhāo", "yáng", "lù"]) == {"DUP-02"}
    assert parse("海口市朝阳路", cities=["海口"]).of_body(["hǎi", "kǒu", "shì", *whole]) == ("cháo", "yáng")


def test_unconfirmed_polyphones_are_compared_under_every_reading():
    assert codes("朝晖路", "昭辉路") == {"DUP-02"}
    assert codes("乐园路", "月园路") == {"DUP-03"}
    assert codes("乐园路", "月园路", reading=["lè", "yuán"]) == set()


def test_look_alikes_hold_both_ways_and_never_with_oneself():
    for character, others in look_alikes().items():
        assert character not in others
        assert all(look_alike(other, character) for other in others)


def test_keys_find_what_the_comparison_finds():
    def overlap(one, other, key):
        left, right = (
            getattr(keys_of(parse(name), folds=HAINAN, cities=["海口"]), key) for name in (one, other)
        )
        return bool(set(left) & set(right))

    assert overlap("宜海路", "怡海路", "toned")
    assert overlap("金陵路", "金岭路", "toneless")
    assert overlap("福安路", "湖安路", "folded")
    assert overlap("新滨海路", "海口滨海路", "stripped")
    assert overlap("士林路", "土林路", "shape")
    assert not overlap("海涛路", "海湾路", "shape")


def test_every_pair_that_fires_shares_a_key(shared):
    """Recall of the candidate keys against the comparison itself on the labelled pairs: nothing may be lost."""
    with shared("gold", "pairs.csv").open(encoding="utf-8") as rows:
        pairs = [(row["name_a"], row["name_b"]) for row in csv.DictReader(rows)]
    lost = []
    for one, other in pairs:
        left, right = (keys_of(parse(name), folds=HAINAN, cities=["海口"]) for name in (one, other))
        arrays = ("folded", "stripped", "shape")
        met = (
            any(set(getattr(left, key)) & set(getattr(right, key)) for key in arrays)
            or left.body == right.body
        )
        if codes(one, other, folds=HAINAN) and not met:
            lost.append((one, other))
    assert lost == []


def test_stripped_forms_keep_a_name():
    assert stripped_forms("大道", ["海口"]) == ("大道",)
    assert "滨海路" in stripped_forms("海口市新滨海路", ["海口"])
