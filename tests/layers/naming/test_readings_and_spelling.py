"""Readings of place names and their spelling: the handbook's traps and the rules' own examples."""

import csv

import pytest

from layers.errors import InvalidInput
from layers.naming.model import NameKind
from layers.naming.readings import read, read_as_confirmed, unconfirmed_polyphones
from layers.naming.spelling import same_spelling, spell
from layers.naming.syllables import Folds, fold, toneless

TRAPS = {
    "长滨": "cháng bīn", "长堤": "cháng dī", "长怡": "cháng yí", "长岛": "cháng dǎo", "长平": "cháng píng",
    "海甸": "hǎi diàn", "甸昆": "diàn kūn", "重兴": "chóng xīng", "曾厝": "zēng cuò", "单县": "shàn xiàn",
    "会稽": "kuài jī", "应山": "yìng shān", "朝阳": "cháo yáng", "乐亭": "lào tíng", "重庆": "chóng qìng",
    "长兴": "cháng xīng", "长流": "cháng liú", "大黄堡": "dà huáng bǎo", "十里堡": "shí lǐ pù", "吴堡": "wú bǔ",
}  # fmt: skip


@pytest.mark.parametrize(("name", "required"), TRAPS.items())
def test_reading_traps(name, required):
    assert " ".join(reading.reading for reading in read(name)) == required


def test_words_decide_over_defaults():
    sounds = {name: read(name)[-1].reading for name in ("成长", "特长", "九华山", "中华", "白云观", "大观")}
    assert sounds["成长"] == "zhǎng"
    assert sounds["白云观"] == "guàn"
    assert sounds["大观"] == "guān"
    assert read("华山")[0].reading == "huà"
    assert read("九华山")[1].reading == "huá"


@pytest.mark.parametrize(
    ("name", "spelled"),
    [pair.split(" ", 1) for pair in """
        六安市 Lù’ān Shì|蚌埠市 Bèngbù Shì|番禺区 Pānyú Qū|尉犁县 Yùlí Xiàn|铅山县 Yánshān Xiàn|台州市 Tāizhōu Shì
        丽水市 Líshuǐ Shì|东阿县 Dōng’ē Xiàn|大埔县 Dàbù Xiàn|黄陂区 Huángpí Qū|长汀县 Chángtīng Xiàn|洪洞县 Hóngtóng Xiàn
        浚县 Xùn Xiàn|荥阳市 Xíngyáng Shì|荥经县 Yíngjīng Xiàn|歙县 Shè Xiàn|涡阳县 Guōyáng Xiàn|莘县 Shēn Xiàn|莘庄镇 Xīnzhuāng Zhèn
        句容市 Jùróng Shì|宕昌县 Tànchāng Xiàn|大宛路 Dàyuān Lù|调元路 Tiáoyuán Lù|龟兹路 Qiūcí Lù|大城县 Dàichéng Xiàn
    """.replace("\n", "|").replace("  ", "").split("|") if pair],
)  # fmt: skip
def test_places_elsewhere_are_read_as_they_are_called(name, spelled):
    assert spell(name).toned == spelled


def test_every_polyphone_is_asked_and_a_confirmed_one_is_not():
    assert unconfirmed_polyphones("朝阳") == ("朝",)
    asked = read("朝阳")[0]
    assert asked.to_confirm
    assert set(asked.possible) == {"cháo", "zhāo"}
    assert not read_as_confirmed("朝阳", ["zhāo", "yáng"])[0].to_confirm
    with pytest.raises(InvalidInput):
        read_as_confirmed("朝", ["zhāo", "yáng"])


@pytest.mark.parametrize(
    ("name", "spelled"),
    [
        ("造币左路", "Zàobì Zuǒlù"),
        ("南横东街", "Nánhéng Dōngjiē"),
        ("朝阳门内大街", "Cháoyángménnèi Dàjiē"),
        ("龙昆北路", "Lóngkūn Běilù"),
        ("解放路南小街", "Jiěfànglù Nánxiǎojiē"),
        ("五指山路", "Wǔzhǐshān Lù"),
        ("二马路", "2 Mǎlù"),
        ("经五路", "Jīng 5 Lù"),
        ("三环路", "3 Huánlù"),
        ("天宁寺西里一巷", "Tiānníngsì Xīlǐ 1 Xiàng"),
        ("东四十二条", "Dōngsì 12 Tiáo"),
        ("第九弄", "Dì-9 Lòng"),
        ("大英山西一路", "Dàyīngshān Xī 1 Lù"),
        ("博雅纵一路", "Bóyǎ Zòng 1 Lù"),
        ("盆儿胡同", "Pénr Hútong"),
        ("孩儿巷", "Hái’ér Xiàng"),
        ("王村", "Wángcūn"),
        ("周口店", "Zhōukǒudiàn"),
        ("左权县", "Zuǒquán Xiàn"),
        ("白沙黎族自治县", "Báishā Lízú Zìzhìxiàn"),
        ("琼中黎族苗族自治县", "Qióngzhōng Lízú Miáozú Zìzhìxiàn"),
        ("五一广场", "Wǔyī Guǎngchǎng"),
        ("西四北头条", "Xīsì Běitóutiáo"),
        ("大同一横路", "Dàtóng 1 Hénglù"),
        ("统一横路", "Tǒngyī Hénglù"),
        ("双十路", "Shuāngshí Lù"),
        ("一百零八路", "108 Lù"),
        ("海文高速公路", "Hǎiwén Gāosù Gōnglù"),
        ("召公路", "Shàogōng Lù"),
        ("六枝特区", "Liùzhī Tèqū"),
        ("海口高新区", "Hǎikǒu Gāoxīnqū"),
        ("浦东新区", "Pǔdōng Xīnqū"),
    ],
)
def test_spelling_by_the_rules_of_1984(name, spelled):
    assert spell(name).toned == spelled


def test_four_forms():
    forms = spell("长滨三路")
    assert (forms.plain, forms.capitals, forms.sign) == ("Changbin 3 Lu", "CHANGBIN 3 LU", "CHANGBIN 3 LU")
    assert spell("绿景路").plain == "Lüjing Lu"


def test_confirmed_reading_is_spelled():
    assert spell("朝阳路", confirmed=["zhāo", "yáng"]).toned == "Zhāoyáng Lù"


def test_apostrophes_are_one():
    assert same_spelling("Xi'an Lu", "Xi’an  Lu")
    assert not same_spelling("Xian Lu", "Xi’an Lu")


def test_kind_decides_the_spelling_of_a_village():
    assert spell("朝阳沟", NameKind.VILLAGE).toned == "Cháoyánggōu"
    assert spell("二道沟", NameKind.NATURAL).toned == "Èrdào Gōu"


def test_folds():
    hainan = Folds(f_h=True, r_l=True)
    for one, other in (("xīn", "xīng"), ("nán", "lán"), ("chéng", "chén"), ("shí", "sì"), ("zhāng", "zān")):
        assert fold(one) == fold(other)
    for one, other in (("yáng", "yán"), ("wáng", "wán"), ("huáng", "huán"), ("fú", "hú"), ("rì", "lì")):
        assert fold(one) != fold(other)
    assert fold("fú", hainan) == fold("hú", hainan)
    assert fold("róng", hainan) == fold("lóng", hainan)
    assert toneless("lǜ") == "lü"


def test_townships_of_hainan_read_as_the_national_list_reads_them(shared):
    """An independent list; in three names 什 and 调 are read otherwise, one of them (通什, zhá) against the list."""
    with shared("data", "names", "hainan_townships_pinyin.csv").open(encoding="utf-8-sig") as rows:
        names = [(row["name"], row["pinyin"]) for row in csv.DictReader(rows)]
    other = [n for n, p in names if " ".join(toneless(r.reading) for r in read(n)).replace("ü", "v") != p]
    print(len(names), "townships, read otherwise:", other)
    assert set(other) <= {"三都", "通什", "重兴", "调楼", "什玲", "什运"}


def test_a_mark_alone_has_no_sound_to_fold() -> None:
    assert fold("\u0301") == ""
