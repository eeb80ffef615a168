"""The position in words, and where the signed words differ from the register."""

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from layers.markers.description import ROSE, compare_description, describe, rose16
from layers.markers.model import AzimuthKind, Grade, LegalPosition, Marker, ReferenceObject

MARKER = Marker(
    code="m1",
    number="01079021001Q",
    line_code="460107469021",
    unit_codes=("460107", "469021"),
    grade=Grade.COUNTY,
    material="花岗岩",
    locations=("琼山区旧州镇", "定安县新竹镇"),
    feature_relation="南渡江西岸",
    legal_position=LegalPosition(lon=110.35, lat=19.72, accuracy_m=0.5, height_m=36.24),
    reference_objects=(
        ReferenceObject(name="民房东北角", azimuth_deg=40.25, distance_m=52.3),
        ReferenceObject(name="桥墩", azimuth_deg=155.0, distance_m=81.0, azimuth_kind=AzimuthKind.MAGNETIC),
        ReferenceObject(name="独立榕树", azimuth_deg=359.999, distance_m=34.64),
    ),
)


@pytest.mark.parametrize(
    ("azimuth", "direction"),
    [
        (348.75, "N"),
        (348.74, "NNW"),
        (11.24, "N"),
        (11.25, "NNE"),
        (33.75, "NE"),
        (101.25, "ESE"),
        (360, "N"),
    ],
)
def test_directions_of_a_line_description(azimuth, direction):
    assert rose16(azimuth) == direction


@given(st.floats(-720, 720))
def test_every_azimuth_lies_within_its_direction(azimuth):
    middle = ROSE.index(rose16(azimuth)) * 22.5
    assert abs((azimuth - middle + 180) % 360 - 180) <= 11.25 + 1e-9


def test_the_description_is_made_of_the_parts():
    assert describe(MARKER) == (
        "01079021001Q号界桩为单立双面花岗岩界桩，位于琼山区旧州镇与定安县新竹镇交界处南渡江西岸"
        "（东经110°21′00.00″，北纬19°43′12.00″），高程36.2米；"
        "坐标方位角40°15′，距离52.3米处为民房东北角；磁方位角155°00′，距离81.0米处为桥墩；"
        "坐标方位角0°00′，距离34.6米处为独立榕树。"
    )
    assert describe(MARKER, "en").startswith("Marker 01079021001Q, single, two faces")


def test_the_generated_text_differs_in_nothing_from_its_marker():
    assert list(compare_description(MARKER, describe(MARKER))) == []


def test_other_writing_is_no_difference():
    signed = (
        describe(MARKER)
        .replace("（", "(")
        .replace("）", " )")
        .replace("，", ", ")
        .replace("′", "分")
        .replace("°", "度")
    )
    signed = signed.replace("″", "秒").replace("40度15分，", "40.25°,")
    assert list(compare_description(MARKER, signed)) == []


@pytest.mark.parametrize(
    ("said", "instead", "part", "register", "signed"),
    [
        ("单立", "双立", "set_kind", "单立", None),
        ("花岗岩", "混凝土", "material", "花岗岩", None),
        ("定安县新竹镇", "定安县龙州", "location_2", "定安县新竹镇", None),
        ("40°15′", "41°15′", "azimuth_deg:民房东北角", 40.25, 41.25),
        ("81.0米", "18.0米", "distance_m:桥墩", 81.0, 18.0),
        ("36.2米", "63.2米", "height_m", 36.24, 63.2),
        ("110°21′00", "110°22′00", "lon", 110.35, 110.0 + 22 / 60),
        ("，高程36.2米", "", "height_m", 36.24, None),
    ],
)
def test_what_the_signed_text_says_otherwise_is_found(said, instead, part, register, signed):
    found = list(compare_description(MARKER, describe(MARKER).replace(said, instead)))
    assert [finding.code for finding in found] == ["marker.description_differs"]
    assert found[0].evidence["part"] == part
    assert found[0].evidence["register"] == register
    assert found[0].evidence["signed"] == (pytest.approx(signed) if isinstance(signed, float) else signed)


def test_objects_on_one_side_only_are_found():
    fewer = replace(MARKER, reference_objects=MARKER.reference_objects[:2])
    parts = [
        (f.evidence["register"], f.evidence["signed"]) for f in compare_description(fewer, describe(MARKER))
    ]
    assert parts == [(None, "独立榕树")]
    parts = [
        (f.evidence["register"], f.evidence["signed"]) for f in compare_description(MARKER, describe(fewer))
    ]
    assert parts == [("独立榕树", None)]
