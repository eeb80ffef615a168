"""The sentences of the registration form's position description, in Chinese and English; decides nothing."""

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Final

from layers.markers.legend import Language
from layers.markers.model import AzimuthKind


@dataclass(frozen=True, slots=True)
class FormSentences:
    """Templates of one language; names in braces are filled by `description.describe`."""

    head: str
    coordinates: str
    height: str
    reference_object: str
    between_places: str
    between_parts: str
    end: str
    faces: Mapping[int, str]
    azimuth_kind: Mapping[AzimuthKind, str]


SENTENCES: Final[Mapping[Language, FormSentences]] = MappingProxyType(
    {
        "zh": FormSentences(
            head="{number}号界桩为{set_kind}{faces}{material}界桩，位于{places}交界处{relation}",
            coordinates="（东经{lon}，北纬{lat}）",
            height="，高程{height}米",
            reference_object="{azimuth_kind}{azimuth}，距离{distance}米处为{name}",
            between_places="与",
            between_parts="；",
            end="。",
            faces=MappingProxyType({2: "双面", 3: "三面"}),
            azimuth_kind=MappingProxyType(
                {
                    AzimuthKind.GRID: "坐标方位角",
                    AzimuthKind.TRUE: "真方位角",
                    AzimuthKind.MAGNETIC: "磁方位角",
                }
            ),
        ),
        "en": FormSentences(
            head="Marker {number}, {set_kind}, {faces}, {material}, stands where {places} meet{relation}",
            coordinates=" (E {lon}, N {lat})",
            height=", height {height} m",
            reference_object="at {azimuth_kind} {azimuth}, {distance} m away, stands {name}",
            between_places=" and ",
            between_parts="; ",
            end=".",
            faces=MappingProxyType({2: "two faces", 3: "three faces"}),
            azimuth_kind=MappingProxyType(
                {
                    AzimuthKind.GRID: "grid azimuth",
                    AzimuthKind.TRUE: "true azimuth",
                    AzimuthKind.MAGNETIC: "magnetic azimuth",
                }
            ),
        ),
    }
)
