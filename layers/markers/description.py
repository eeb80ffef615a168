"""A marker's position in words, generated from its parts and compared with the signed text; refuses to correct either.

The signed text is the legal one. Where it says something else than the register's own fields, one of them is
mistaken, and a person decides which.
"""

import re
import unicodedata
from collections.abc import Iterator
from typing import Final

from layers.findings import Finding
from layers.geodesy import format_dms
from layers.markers.form_sentences import SENTENCES
from layers.markers.legend import SET_KIND, Language
from layers.markers.model import Marker, ReferenceObject

ROSE: Final = (
    "N",
    "NNE",
    "NE",
    "ENE",
    "E",
    "ESE",
    "SE",
    "SSE",
    "S",
    "SSW",
    "SW",
    "WSW",
    "W",
    "WNW",
    "NW",
    "NNW",
)
ANGLE: Final = r"(\d+(?:\.\d+)?)[°度](?:(\d+(?:\.\d+)?)['′分](?:(\d+(?:\.\d+)?)[\"″秒])?)?"
_CLAUSE: Final = re.compile(
    r"方位角[为:]?"
    + ANGLE
    + r"[,、]?(?:距离?|相距)[约为:]?(\d+(?:\.\d+)?)(?:米|m)(?:处)?[为是系有]?(?P<name>.+)"
)
AZIMUTH_DEG, DISTANCE_M, HEIGHT_M, LON_LAT_DEG = 1 / 60, 0.1, 0.05, 0.1 / 3600
"""How far a signed figure may be from the register's before it counts as another: the last digit usually printed."""


def rose16(azimuth_deg: float) -> str:
    """Return the direction of a line description: 16 parts on true north, N from 348°45′ to below 11°15′.

    >>> [rose16(azimuth) for azimuth in (348.75, 348.74, 11.24, 11.25, 33.75, 101.25, 360)]
    ['N', 'NNW', 'N', 'NNE', 'NE', 'ESE', 'N']
    """
    return ROSE[int(((azimuth_deg % 360) + 11.25) // 22.5) % 16]


def describe(marker: Marker, language: Language = "zh") -> str:
    """Return the position description that the marker's parts make; what is not known is left out."""
    words = SENTENCES[language]
    text = words.head.format(
        number=marker.number,
        set_kind=SET_KIND[marker.set_kind].label(language),
        faces=words.faces.get(marker.faces, str(marker.faces)),
        material=marker.material,
        places=words.between_places.join(marker.locations),
        relation=marker.feature_relation,
    )
    legal = marker.legal_position
    if legal is not None:
        # format_dms closes with the side of the world, which the sentence says in words
        lon = format_dms(legal.lon, "lon", decimals=2)[:-1]
        lat = format_dms(legal.lat, "lat", decimals=2)[:-1]
        text += words.coordinates.format(lon=lon, lat=lat)
        if legal.height_m is not None:
            text += words.height.format(height=f"{legal.height_m:.1f}")
    seen = [
        words.reference_object.format(
            azimuth_kind=words.azimuth_kind[item.azimuth_kind],
            azimuth=_minutes(item.azimuth_deg),
            distance=f"{item.distance_m:.1f}",
            name=item.name,
        )
        for item in marker.reference_objects
    ]
    return words.between_parts.join([text, *seen]) + words.end


def _minutes(degrees: float) -> str:
    whole, minutes = divmod(round(degrees % 360 * 60), 60)
    return f"{whole % 360}°{minutes:02d}′"


def compare_description(marker: Marker, signed: str | None = None) -> Iterator[Finding]:
    """Yield where the signed Chinese text says something else than the marker's parts.

    One finding `marker.description_differs` for each part, with `part`, `register` and `signed` (None where one
    of them is silent). Blanks, full or half width and the printed rounding make no difference.
    """
    text = _plain(marker.position_description if signed is None else signed)
    for part, register, found in _differences(marker, text):
        evidence = {"part": part, "register": register, "signed": found}
        yield Finding("marker.description_differs", (marker.code,), evidence)


Difference = tuple[str, object, object]


def _differences(marker: Marker, text: str) -> Iterator[Difference]:
    words = SENTENCES["zh"]
    said = {
        "number": marker.number,
        "set_kind": SET_KIND[marker.set_kind].zh,
        "faces": words.faces.get(marker.faces, ""),
        "material": marker.material,
        "feature_relation": marker.feature_relation,
        **{f"location_{place}": name for place, name in enumerate(marker.locations, 1)},
    }
    for part, register in said.items():
        if register and _plain(register) not in text:
            yield part, register, None
    yield from _position_differences(marker, text)
    yield from _object_differences(marker.reference_objects, text)


def _position_differences(marker: Marker, text: str) -> Iterator[Difference]:
    legal = marker.legal_position
    if legal is None:
        return
    for part, word, register in (("lon", "东经", legal.lon), ("lat", "北纬", legal.lat)):
        found = re.search(word + "[为:]?" + ANGLE, text)
        signed = _degrees(*found.groups()) if found else None
        if signed is None or abs(signed - register) > LON_LAT_DEG:
            yield part, register, signed
    height = re.search(r"高程[约为:]?(-?\d+(?:\.\d+)?)", text)
    if legal.height_m is not None:
        signed = float(height[1]) if height else None
        if signed is None or abs(signed - legal.height_m) > HEIGHT_M + 1e-9:
            yield "height_m", legal.height_m, signed


def _object_differences(objects: tuple[ReferenceObject, ...], text: str) -> Iterator[Difference]:
    signed = {name: (azimuth, distance) for name, azimuth, distance in _signed_objects(text)}
    for item in objects:
        name = _plain(item.name)
        if name not in signed:
            yield "reference_object", item.name, None
            continue
        azimuth, distance = signed.pop(name)
        turned = abs((azimuth - item.azimuth_deg + 180) % 360 - 180)
        if turned > AZIMUTH_DEG:
            yield f"azimuth_deg:{item.name}", item.azimuth_deg, azimuth
        if abs(distance - item.distance_m) > DISTANCE_M:
            yield f"distance_m:{item.name}", item.distance_m, distance
    for name in signed:
        yield "reference_object", None, name


def _signed_objects(text: str) -> Iterator[tuple[str, float, float]]:
    """Yield name, azimuth (degrees) and distance (metres) of each reference object that a text names."""
    for clause in re.split(r"[;。]", text):
        found = _CLAUSE.search(clause)
        if found:
            yield found["name"], _degrees(found[1], found[2], found[3]), float(found[4])


def _degrees(degrees: str, minutes: str | None, seconds: str | None) -> float:
    return float(degrees) + float(minutes or 0) / 60 + float(seconds or 0) / 3600


def _plain(text: str) -> str:
    """Return a text without blanks and with one writing of each sign (，and , are one)."""
    return "".join(unicodedata.normalize("NFKC", text.replace("″", '"').replace("′", "'")).split())
