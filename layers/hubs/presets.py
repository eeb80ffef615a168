"""Radii and norms of the standards as dated data; refuses to know a figure that has no source.

The figures stand in `standards/service_radius.toml`, each with its clause and how well it is attested; an
office may bring a file of its own with the same fields.
"""

import tomllib
from dataclasses import dataclass
from datetime import date
from functools import lru_cache
from importlib.resources import files
from pathlib import Path
from typing import Any, Literal, TypeAlias

from layers.errors import InvalidInput

Attestation: TypeAlias = Literal["verified", "quoted", "project"]


class PresetInvalid(InvalidInput):
    """A preset lacks a field, or has one nobody knows."""

    code = "hubs.preset_invalid"


@dataclass(frozen=True, slots=True, kw_only=True)
class RadiusPreset:
    """How far a service may be: metres, or minutes at a walking speed, with the clause that says so.

    `attestation`: *verified* stands in the text named; *quoted* is widely quoted and to be checked
    against the original before it is printed; *project* is no standard but this project's proposal.
    """

    code: str
    zh: str
    en: str
    radius_m: float
    minutes: float | None = None
    speed_m_s: float | None = None
    group: str = "population"
    residents_from: int | None = None
    residents_to: int | None = None
    source: str
    clause: str | None = None
    in_force_from: date | None = None
    attestation: Attestation


@dataclass(frozen=True, slots=True, kw_only=True)
class Norm:
    """What a hub should offer for those it serves: a figure, its unit, its source."""

    code: str
    zh: str
    en: str
    value: float
    unit: str
    source: str
    in_force_from: date | None = None
    attestation: Attestation


@dataclass(frozen=True, slots=True)
class PresetSet:
    """All presets of one file and the day they were compiled."""

    compiled_on: date
    radii: tuple[RadiusPreset, ...]
    norms: tuple[Norm, ...]

    def radius(self, code: str) -> RadiusPreset:
        """Return the preset of that code; raises `PresetInvalid` when there is none."""
        found = [preset for preset in self.radii if preset.code == code]
        if not found:
            raise PresetInvalid(code=code, known=[preset.code for preset in self.radii])
        return found[0]


def limit_of_minutes(minutes: float, speed_m_s: float) -> float:
    """Metres walked in that time.

    >>> limit_of_minutes(15, 0.75)
    675.0
    """
    return minutes * 60.0 * speed_m_s


@lru_cache(maxsize=1)
def standard_presets() -> PresetSet:
    """Return the presets that come with the project.

    >>> standard_presets().radius("living_circle_15").radius_m
    1000.0
    """
    text = files("layers.hubs").joinpath("standards", "service_radius.toml").read_text("utf-8")
    return _presets(tomllib.loads(text))


def read_presets(path: Path) -> PresetSet:
    """Read an office's own presets; raises `PresetInvalid`."""
    try:
        return _presets(tomllib.loads(path.read_text("utf-8")))
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise PresetInvalid(file=path.name, reason=str(error)) from error


def _presets(data: dict[str, Any]) -> PresetSet:
    try:
        return PresetSet(
            compiled_on=data["compiled_on"],
            radii=tuple(RadiusPreset(**fields) for fields in data.get("radius", [])),
            norms=tuple(Norm(**fields) for fields in data.get("norm", [])),
        )
    except (KeyError, TypeError) as error:
        raise PresetInvalid(reason=str(error)) from error
