"""Names taken apart: the handbook's table, and what must not be cut."""

import pytest

from layers.naming.model import NameKind, Numerals
from layers.naming.numerals import value_of
from layers.naming.parser import kind_of, normalise, parse


@pytest.mark.parametrize(
    ("name", "specific", "modifiers", "ordinal", "generic"),
    [
        ("椰海大道", "椰海", "", "", "大道"),
        ("龙昆北路", "龙昆", "北", "", "路"),
        ("长滨三路", "长滨", "", "三", "路"),
        ("大英山西一路", "大英山", "西", "一", "路"),
        ("博雅纵一路", "博雅", "纵", "一", "路"),
        ("三八路", "三八", "", "", "路"),
        ("海甸五中路", "海甸", "中", "五", "路"),
        ("凤翔东二横路", "凤翔", "东横", "二", "路"),
        ("东四十二条", "东四", "", "十二", "条"),
        ("东直门南小街", "东直门", "南小", "", "街"),
        ("江东二街", "江东", "", "二", "街"),
        ("白马路", "白马", "", "", "路"),
        ("二马路", "", "", "二", "马路"),
        ("那大街", "那大", "", "", "街"),
        ("自由大路", "自由", "", "", "大路"),
        ("三环路", "", "环", "三", "路"),
        ("经四支路", "经", "支", "四", "路"),
        ("统一北路", "统一", "北", "", "路"),
        ("科技创新路", "科技创新", "", "", "路"),
        ("大道", "", "", "", "大道"),
        ("望海听涛", "望海听涛", "", "", ""),
        ("范家二号路", "范家", "", "二号", "路"),
    ],
)
def test_parts(name, specific, modifiers, ordinal, generic):
    parsed = parse(name, NameKind.STREET)
    found = (parsed.specific, parsed.modifiers, parsed.ordinal, parsed.generic)
    assert found == (specific, modifiers, ordinal, generic)


def test_nothing_is_lost():
    for name in ("中山北二路", "商品街一巷", "天宁寺西里一巷", "十字街", "一二一大街"):
        assert "".join(part.text for part in parse(name, NameKind.STREET).parts) == name


def test_city_in_front_is_a_prefix_only_before_a_name():
    assert parse("海口市文明路", cities=["海口"]).prefix == "海口市"
    assert parse("海口路", cities=["海口"]).specific == "海口"


@pytest.mark.parametrize(
    ("name", "kind"),
    [
        ("长滨路", NameKind.STREET),
        ("海甸街道", NameKind.DIVISION),
        ("浚县", NameKind.DIVISION),
        ("江镇", NameKind.VILLAGE),
        ("王村", NameKind.VILLAGE),
        ("海瑞大桥", NameKind.BRIDGE),
        ("万泉河", NameKind.NATURAL),
        ("金盘社区", NameKind.COMMUNITY),
        ("椰海小区", NameKind.BUILDING),
        ("明珠广场", NameKind.SQUARE),
    ],
)
def test_kind_by_ending(name, kind):
    assert kind_of(name) is kind


def test_numerals_count_or_belong_to_a_word():
    assert parse("长滨十七街").numerals is Numerals.ORDINAL
    assert parse("五一路").numerals is Numerals.LEXICAL
    assert parse("海港路").numerals is Numerals.NONE
    assert [value_of(text) for text in ("十", "二十一", "三八", "一百零五", "")] == [10, 21, None, 105, None]


def test_normalised_names_are_equal():
    assert normalise("⽂坛路 ") == normalise("文坛路")
