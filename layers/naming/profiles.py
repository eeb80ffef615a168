"""Rule profiles (规则配置): dated data that weigh the codes and set scopes, classes, words and clocks; refuses to check.

Severities, widths and clocks differ between cities, so none of them is code. A profile may extend
another; what it says itself replaces what it inherits, table by table, key by key.
"""

import tomllib
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from functools import cache
from importlib.resources import files
from typing import Any, Final

from layers.errors import NotFound
from layers.findings import Finding
from layers.naming.model import WidthBasis
from layers.naming.syllables import Folds

OPTIONS: Final = ("dir",)


class Severity(StrEnum):
    """What a finding asks for: stop (overridden only with a recorded reason), an answer, nothing."""

    BLOCK = "block"
    WARN = "warn"
    HINT = "hint"


class ProfileNotFound(NotFound):
    """No rule profile has this id."""

    code = "naming.profile_not_found"


@dataclass(frozen=True, slots=True)
class RoadClass:
    """One row of a class table: the widths and lengths for which a generic fits, in metres.

    A lower bound is part of the range, an upper bound is not, unless the row says otherwise
    (`above_length_m` excludes its value, `up_to_length_m` includes it).
    """

    generic: str
    width_m: float = 0.0
    below_width_m: float = float("inf")
    length_m: float = 0.0
    above_length_m: float | None = None
    up_to_length_m: float = float("inf")


@dataclass(frozen=True, slots=True)
class DirectionRule:
    """A generic that does not suit roads along an axis: bearing of the axis, tolerance, degrees."""

    generic: str
    unsuited_bearing: float
    within_degrees: float


@dataclass(frozen=True, slots=True)
class Weighed:
    """A finding with the severity a profile gives it."""

    finding: Finding
    severity: Severity


@dataclass(frozen=True, slots=True)
class Profile:
    """A dated set of severities and values; see the data files for what each key means."""

    identifier: str
    authority: str
    valid_from: date | None
    valid_to: date | None
    severities: Mapping[str, Severity]
    scopes: Mapping[str, str]
    folds: Folds
    generics: tuple[str, ...]
    width_basis: WidthBasis | None
    classes: tuple[RoadClass, ...]
    directions: tuple[DirectionRule, ...]
    generics_with_reason: frozenset[str]
    cities: tuple[str, ...]
    refused_lists: tuple[str, ...]
    length_of_name: tuple[int, int]
    highest_ordinal: int | None
    ordinal_order: tuple[str, ...]
    radius_m: float
    longest_section_m: float
    tolerance_m: float
    clocks: Mapping[str, int]

    def severity_of(self, code: str) -> Severity | None:
        """Severity of a rule here, or None where the rule is off."""
        return self.severities.get(code)

    def scope_for(self, road_class: str) -> str:
        """Scope in which a road of this class must be unique: built_up_area, district or city."""
        return self.scopes.get(road_class, self.scopes["default"])

    def weigh(self, findings: Iterable[Finding]) -> tuple[Weighed, ...]:
        """Give each finding its severity; findings of rules that are off are left out."""
        return tuple(
            Weighed(finding, severity) for finding in findings if (severity := self.severity_of(finding.code))
        )


@cache
def load_profile(name: str) -> Profile:
    """Read a profile by id; `xian+dir` is xian with its optional rules of direction on.

    Raises ProfileNotFound.
    """
    base, *options = name.split("+")
    if base not in shipped_profiles() or any(option not in OPTIONS for option in options):
        raise ProfileNotFound(profile=name)
    return profile_from(name, _data(base), with_directions="dir" in options)


@cache
def shipped_profiles() -> tuple[str, ...]:
    """Ids of the profiles that ship, in alphabetical order."""
    folder = files("layers.naming").joinpath("data", "profiles")
    return tuple(sorted(entry.name.removesuffix(".toml") for entry in folder.iterdir()))


def profile_on(day: date, names: Sequence[str]) -> Profile:
    """Return the first of `names` that was in force on `day`; a proposal is judged by the profile of its day.

    Raises ProfileNotFound.
    """
    for name in names:
        profile = load_profile(name)
        starts = profile.valid_from is None or profile.valid_from <= day
        if starts and (profile.valid_to is None or day < profile.valid_to):
            return profile
    raise ProfileNotFound(on=day.isoformat(), among=list(names))


@cache
def _data(name: str) -> dict[str, Any]:
    text = files("layers.naming").joinpath("data", "profiles", f"{name}.toml").read_text(encoding="utf-8")
    own = tomllib.loads(text)
    inherited = dict(_data(own["extends"])) if "extends" in own else {}
    for key, value in own.items():
        merge = isinstance(value, dict) and isinstance(inherited.get(key), dict)
        inherited[key] = {**inherited[key], **value} if merge else value
    return inherited


def profile_from(name: str, data: Mapping[str, Any], *, with_directions: bool = False) -> Profile:
    """Make a profile of its data: a shipped file as read, or a record of the same keys, inheritance resolved."""
    severities = {**data["severities"], **(data["optional_severities"] if with_directions else {})}
    return Profile(
        identifier=name,
        authority=data["authority"],
        valid_from=data.get("valid_from"),
        valid_to=data.get("valid_to"),
        severities={code: Severity(value) for code, value in severities.items() if value != "off"},
        scopes=data["scopes"],
        folds=Folds(**data["folds"]),
        generics=tuple(data["generics"]),
        width_basis=WidthBasis(data["width_basis"]) if data.get("width_basis") else None,
        classes=tuple(RoadClass(**row) for row in data.get("classes", ())),
        directions=tuple(DirectionRule(**row) for row in data.get("directions", ())),
        generics_with_reason=frozenset(data["generics_with_reason"]),
        cities=tuple(data["cities"]),
        refused_lists=tuple(data["refused_lists"]),
        length_of_name=(data["name"]["least"], data["name"]["most"]),
        highest_ordinal=data["name"].get("highest_ordinal"),
        ordinal_order=tuple(data["name"]["ordinal_order"]),
        radius_m=data["ground"]["radius_m"],
        longest_section_m=data["ground"]["longest_section_m"],
        tolerance_m=data["ground"]["tolerance_m"],
        clocks=data["clocks"],
    )
