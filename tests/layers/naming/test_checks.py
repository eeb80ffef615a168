"""The rules that need a register, ground, a plan or papers, and the words lists, on drawn ground."""

import pytest
from shapely import LineString, Point

from layers.naming.checks import OF_THE_NAME_ALONE, RULES, check
from layers.naming.checks.papers import APPLICATION, REPORTS
from layers.naming.checks.subject import PlaceNearby, Scoped, Surroundings, subject_of
from layers.naming.legend import RULES as RULE_WORDS
from layers.naming.model import ExistingName, NameProposal, WidthBasis
from layers.naming.profiles import load_profile

NATIONAL = load_profile("national")
EAST = LineString([(0, 0), (1000, 0)])


def found(name, *, names=(), profile=NATIONAL, rules=None, around=None, **facts):
    subject = subject_of(NameProposal(name, **facts), profile)
    surroundings = around or Surroundings(names=tuple(Scoped(existing) for existing in names))
    return list(check(subject, surroundings, rules=rules or tuple(RULES)))


def fired(*arguments, **facts):
    return {finding.code for finding in found(*arguments, **facts)}


def test_there_are_36_rules_each_worded():
    assert len(RULES) == 36
    assert set(RULE_WORDS) == set(RULES)
    assert set(OF_THE_NAME_ALONE) < set(RULES)


@pytest.mark.parametrize(("state", "counts"), [("in_force", True), ("reserved", True), ("retired", False)])
def test_only_names_that_hold_count(state, counts):
    existing = ExistingName("n1", "中山路", state=state)
    assert ("DUP-01" in fired("中山路", names=[existing])) is counts


def test_evidence_of_a_duplicate_can_be_drawn():
    existing = ExistingName("n1", "宜海路", line=LineString([(0, 300), (1000, 300)]))
    finding = found("怡海路", names=[existing], line=EAST, rules=["DUP-02"])[0]
    assert finding.subject == ("怡海路", "n1")
    assert finding.evidence["other"] == "宜海路"
    assert finding.evidence["distance_m"] == 300.0
    assert finding.evidence["syllables"] == ("yí",)
    assert finding.evidence["geometry"].length == 1000.0


def test_declared_derivatives_may_share_the_specific():
    existing = ExistingName("n1", "椰海大道")
    assert "DUP-04" in fired("椰海路", names=[existing])
    assert "DUP-04" not in fired("椰海路", names=[existing], parent="椰海大道")


def test_the_name_renamed_is_no_duplicate_of_its_successor():
    existing = ExistingName("n1", "滨海路")
    assert "DUP-05" not in fired("滨海新路", names=[existing], action="rename", former_name="滨海路")


def test_scope_follows_the_class_of_the_road():
    beijing = load_profile("beijing_draft")
    other_district = Surroundings(names=(Scoped(ExistingName("n1", "朝阳路"), frozenset({"city"})),))
    main = fired("朝阳路", profile=beijing, around=other_district, road_class="main")
    branch = fired("朝阳路", profile=beijing, around=other_district, road_class="branch")
    assert {"DUP-01", "DUP-09"} <= main
    assert not {"DUP-01", "DUP-09"} & branch
    assert "DUP-09" in fired("朝阳路", profile=beijing)


def test_same_specific_of_another_authority_within_the_radius():
    near = ExistingName("n1", "椰海路", line=LineString([(0, 9000), (1, 9000)]), authority="澄迈")
    far = ExistingName("n2", "椰海路", line=LineString([(0, 11000), (1, 11000)]), authority="澄迈")
    hints = found("椰海街", names=[near, far], line=EAST, authority="海口", rules=["DUP-10"])
    assert [finding.subject[1] for finding in hints] == ["n1"]


def test_one_road_with_four_names():
    """The Haikou case: 椰博路, 博雅纵一路, 博雅路 and 凤翔东二横路 on one road; a crossing is none."""
    same_road = LineString([(0, 4), (1000, -4)])
    crossing = LineString([(500, -300), (500, 300)])
    names = [
        ExistingName(f"n{at}", name, line=same_road)
        for at, name in enumerate(["博雅纵一路", "博雅路", "凤翔东二横路"])
    ]
    overlaps = found(
        "椰博路", names=[*names, ExistingName("x", "龙昆北路", line=crossing)], line=EAST, rules=["GEO-01"]
    )
    assert [finding.subject[1] for finding in overlaps] == ["n0", "n1", "n2"]
    assert overlaps[0].evidence["overlap_m"] == pytest.approx(1000, abs=5)


def test_continuous_road_has_one_name():
    onward, turning = LineString([(1000, 0), (2000, 50)]), LineString([(1000, 0), (1000, 800)])
    names = [ExistingName("on", "文明路", line=onward), ExistingName("turn", "博爱路", line=turning)]
    assert [f.subject[1] for f in found("人民路", names=names, line=EAST, rules=["GEO-02"])] == ["on"]
    assert found("人民路", names=names, line=EAST, rules=["GEO-02"], reasons={"section": "跨江"}) == []
    assert "GEO-02" in fired("人民路", length_m=10_500.0)
    assert "GEO-02" in fired("人民路", around=Surroundings(classes_along=("main", "branch")))


def test_series_is_continuous_and_ordered():
    def sibling(number, x):
        return ExistingName(number, f"长滨{number}路", line=LineString([(x, 0), (x, 500)]))

    own = LineString([(0, 0), (0, 500)])
    in_order = [sibling("一", 2000), sibling("二", 1000)]
    assert found("长滨三路", names=in_order, line=own, rules=["STR-04"]) == []
    gap = found("长滨三路", names=[sibling("一", 2000)], line=own, rules=["STR-04"])
    assert gap[0].evidence["missing"] == (2,)
    reversed_order = [sibling("一", -2000), sibling("二", 1000)]
    wrong = found("长滨三路", names=reversed_order, line=own, rules=["STR-04"])
    assert [finding.evidence["other"] for finding in wrong] == ["长滨一路"]


def test_derived_name_adjoins_its_parent():
    near = ExistingName("n1", "龙昆路", line=LineString([(0, 20), (0, 500)]))
    far = ExistingName("n1", "龙昆路", line=LineString([(0, 400), (0, 500)]))
    assert "STR-06" not in fired("龙昆北路", names=[near], line=EAST, parent="龙昆路")
    assert "STR-06" in fired("龙昆北路", names=[far], line=EAST, parent="龙昆路")
    assert "STR-06" in fired("龙昆北路", line=EAST, parent="龙昆路")


@pytest.mark.parametrize(
    ("profile", "width", "length", "fitting"),
    [
        ("xian", 85, 9000, {"大道", "大街", "路", "街"}),
        ("xian", 80, 7999, {"大街", "路", "街"}),
        ("xian", 30, 450, set()),
        ("xian", 15, 400, {"巷", "里"}),
        ("xian", 15, 600, set()),
        ("shiyan", 36, 5200, {"大道"}),
        ("shiyan", 35, 4999, set()),
        ("shiyan", 30, 4100, {"路"}),
        ("shiyan", 18, 1500, set()),
        ("shiyan", 10, 300, {"巷", "里"}),
        ("guangdong_type", 20, 300, {"路"}),
    ],
)
def test_class_tables(profile, width, length, fitting):
    table = load_profile(profile)
    size = {"width_m": width, "width_basis": table.width_basis, "length_m": length}
    fits = {
        g
        for g in ("大道", "大街", "路", "街", "巷", "里")
        if "GEN-01" not in fired(f"椰海{g}", profile=table, **size)
    }
    assert fits == fitting


def test_width_on_the_other_basis_fires_only_where_it_cannot_fit():
    xian = load_profile("xian")
    wide = {"width_basis": WidthBasis.RED_LINE, "length_m": 2600.0, "profile": xian}
    assert "GEN-01" in fired("东山路", width_m=18.0, **wide)
    assert "GEN-01" not in fired("东山路", width_m=40.0, **wide)


def test_names_with_a_past():
    rename = {"action": "rename", "former_name": "得胜沙路"}
    listed = Surroundings(protected=frozenset({"得胜沙路"}))
    assert {"HIS-01", "HIS-02"} <= fired("椰海路", around=listed, **rename)
    kept = {"records": frozenset({"protection_measures"}), "reasons": {"rename": "construction"}}
    assert not {"HIS-01", "HIS-02"} & fired("椰海路", around=listed, **rename, **kept)
    village = Surroundings(
        places=(PlaceNearby("v1", "攀丹", Point(500, 200)), PlaceNearby("v2", "远村", Point(0, 5000)))
    )
    assert [f.evidence["historic"] for f in found("椰海路", line=EAST, around=village, rules=["HIS-03"])] == [
        "攀丹"
    ]


def test_plan_spelling_and_papers():
    planned = Surroundings(plan=frozenset({"椰海路"}))
    assert "PLN-01" not in fired("椰海路", around=planned)
    assert "PLN-01" in fired("椰涛路", around=planned)
    assert "PLN-01" in fired("椰海路", around=Surroundings(plan=frozenset({"椰海路"}), planned_name="海涛路"))
    assert "PIN-01" not in fired("西安路", spelling="Xi'an Lu")
    assert "PIN-01" in fired("西安路", spelling="Xian Lu")
    assert found("椰海路", rules=["DOC-01"])[0].evidence["missing"] == (*APPLICATION, *REPORTS)
    assert "DOC-01" not in fired("椰海路", records=frozenset({*APPLICATION, *REPORTS}))


def test_division_from_outside_needs_a_reason():
    outside = Surroundings(outside_divisions=frozenset({"西安"}))
    assert "ADM-01" in fired("西安路", around=outside)
    assert "ADM-01" not in fired("西安路", around=outside, reasons={"other_division": "友好城市"})


@pytest.mark.parametrize(
    ("name", "code"),
    [
        ("刘少奇路", "PER-01"), ("鲁迅中路", "PER-02"), ("吴冠中路", ""), ("李白路", "PER-02"), ("剑桥路", "FOR-01"),
        ("罗马花园路", "FOR-01"), ("博斯维尔路", "FOR-01"), ("盛达贸易路", "COM-01"), ("国宾路", ""), ("帝都街", "LEX-01"),
        ("大英山西一路", ""), ("乌鲁木齐路", ""), ("中山路", ""), ("乡镇企业路", ""), ("香格里拉路", ""),
    ],
)  # fmt: skip
def test_words(name, code):
    rules = ["PER-01", "PER-02", "FOR-01", "COM-01", "LEX-01"]
    assert fired(name, rules=rules) == ({code} if code else set())


def test_a_reason_excuses_a_person_and_a_company_but_no_leader():
    excused = {"reasons": {"no_specific_link": "黄兴镇旧名"}}
    assert "PER-02" not in fired("黄兴路", **excused)
    assert "COM-01" not in fired("万达路", **excused)
    assert "PER-01" in fired("毛泽东路", **excused)


def test_stacked_generics():
    stacked = {
        name
        for name in ("海府大道路", "玉河路巷", "石桥街", "商品街一巷", "丝路街", "大桥路")
        if "STR-02" in fired(name)
    }
    assert stacked == {"海府大道路", "玉河路巷"}
