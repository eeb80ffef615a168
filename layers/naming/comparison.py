"""Two names set side by side: which duplicate rules hold between them; refuses scope, state and severity.

The rules are tried in this order: same characters (DUP-01, with DUP-08 when the readings differ),
city, 新 or 大 as the only difference (DUP-05), same specific with another generic (DUP-04), series
siblings (nothing, unless their numerals sound alike), then sound (the strongest of DUP-02, DUP-03,
DUP-06) and shape (DUP-07).
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from layers.naming.keys import readings_of, stripped_forms
from layers.naming.look_alikes import look_alike
from layers.naming.model import NameKind, ParsedName, Role
from layers.naming.parser import parse
from layers.naming.syllables import STANDARD_FOLDS, Folds, fold, toneless

LEAST_COMMON_SPECIFIC: Final = 2


@dataclass(frozen=True, slots=True)
class Likeness:
    """A duplicate rule that holds between two names, with what collides."""

    code: str
    evidence: Mapping[str, object]


@dataclass(frozen=True, slots=True)
class NameInComparison:
    """A parsed name and the reading a person confirmed for its first characters, if any."""

    parsed: ParsedName
    confirmed: tuple[str, ...] = ()

    @property
    def reading(self) -> tuple[str, ...]:
        """What was confirmed of its body."""
        return self.parsed.of_body(self.confirmed)


def prepared(
    name: str, kind: NameKind = NameKind.STREET, *, reading: Sequence[str] | None = None
) -> NameInComparison:
    """Make a name ready to be compared with many others."""
    return NameInComparison(parse(name, kind), tuple(reading or ()))


def likenesses(
    existing: NameInComparison,
    proposed: NameInComparison,
    *,
    folds: Folds = STANDARD_FOLDS,
    cities: Sequence[str] = (),
) -> tuple[Likeness, ...]:
    """Duplicate rules that hold between an existing and a proposed name.

    >>> [found.code for found in likenesses(prepared("宜海路"), prepared("怡海路"))]
    ['DUP-02']
    """
    one, other = existing.parsed, proposed.parsed
    if one.characters == other.characters:
        return _same_characters(existing, proposed)
    affix = _affix(one, other, cities)
    if affix:
        return (affix,)
    if one.body == other.body:
        return _same_specific(one, other)
    if one.generic != other.generic or len(one.body) != len(other.body):
        return ()
    places = [at for at, pair in enumerate(zip(one.body, other.body, strict=True)) if len(set(pair)) > 1]
    counted = _tail_places(one) & _tail_places(other)
    siblings = counted.issuperset(places)
    found = [_sound(existing, proposed, places, folds)]
    if len(places) == 1 and not siblings:
        found.append(_shape(one, other, places[0]))
    return tuple(likeness for likeness in found if likeness)


def _same_characters(existing: NameInComparison, proposed: NameInComparison) -> tuple[Likeness, ...]:
    same = Likeness("DUP-01", {"characters": proposed.parsed.characters})
    one, other = proposed.reading, existing.reading
    if any(sound != heard for sound, heard in zip(one, other, strict=False)):  # as far as both are confirmed
        readings = {"reading": one, "other_reading": other}
        return (same, Likeness("DUP-08", readings))
    return (same,)


def _affix(one: ParsedName, other: ParsedName, cities: Sequence[str]) -> Likeness | None:
    """Find what both become without affixes; 新桥南路 and 大桥南路 do not, for 南 would change its part."""
    forms, other_forms = stripped_forms(one.characters, cities), stripped_forms(other.characters, cities)
    for form in forms:
        if form in other_forms and (
            form in {one.characters, other.characters} or _same_build(form, one, other)
        ):
            return Likeness("DUP-05", {"common": form})
    return None


def _same_build(form: str, one: ParsedName, other: ParsedName) -> bool:
    common = parse(form, one.kind)
    builds = {(name.modifiers, name.ordinal, name.generic) for name in (common, one, other)}
    return len(builds) == 1 and len(common.specific) >= LEAST_COMMON_SPECIFIC


def _same_specific(one: ParsedName, other: ParsedName) -> tuple[Likeness, ...]:
    if not one.body or one.generic == other.generic:
        return ()
    return (Likeness("DUP-04", {"specific": one.body, "generics": (one.generic, other.generic)}),)


def _tail_places(parsed: ParsedName) -> set[int]:
    """Positions in the body that hold modifiers and ordinals."""
    places: set[int] = set()
    at = 0
    for part in parsed.parts:
        if part.role in {Role.PREFIX, Role.GENERIC}:
            continue
        if part.role is not Role.SPECIFIC:
            places.update(range(at, at + len(part.text)))
        at += len(part.text)
    return places


def _sound(
    existing: NameInComparison, proposed: NameInComparison, places: Sequence[int], folds: Folds
) -> Likeness | None:
    readings = readings_of(existing.parsed.body, existing.reading)
    others = readings_of(proposed.parsed.body, proposed.reading)
    if readings[0] == others[0]:  # tones count only in the confirmed or likeliest reading
        return _sound_found("DUP-02", readings[0], places)
    for code, key in (("DUP-03", toneless), ("DUP-06", lambda sound: fold(sound, folds))):
        met = {tuple(map(key, sounds)) for sounds in readings} & {
            tuple(map(key, sounds)) for sounds in others
        }
        if met:
            return _sound_found(code, min(met), places)
    return None


def _sound_found(code: str, sounds: Sequence[str], places: Sequence[int]) -> Likeness:
    return Likeness(code, {"syllables": tuple(sounds[at] for at in places), "places": tuple(places)})


def _shape(one: ParsedName, other: ParsedName, place: int) -> Likeness | None:
    pair = (one.body[place], other.body[place])
    return Likeness("DUP-07", {"characters": pair, "place": place}) if look_alike(*pair) else None
