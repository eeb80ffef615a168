"""One of five colours from a marker's facts, by a profile; stores no colour and words none.

A profile is an ordered table kept as dated data: the first rule that holds wins. Each rule holds when one of its
clauses does; a clause names, fact by fact, the values it admits, and an empty clause admits everything. In this
form a profile can be read by an office, kept as JSON, and turned into an SQL CASE.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, fields
from datetime import date
from enum import StrEnum
from types import MappingProxyType
from typing import Final, get_type_hints

from layers.errors import InvalidInput
from layers.markers.dated import Dated, shipped
from layers.markers.model import OPEN_STAGES, Colour, MarkerFacts, Shape

Value = StrEnum | bool
Clause = Mapping[str, frozenset[Value]]


def _domain(kind: type) -> frozenset[Value]:
    return frozenset({True, False}) if kind is bool else frozenset(kind)  # type: ignore[call-overload] # an enum iterates


FACT_VALUES: Final[Mapping[str, frozenset[Value]]] = MappingProxyType(
    {fact.name: _domain(get_type_hints(MarkerFacts)[fact.name]) for fact in fields(MarkerFacts)}
)
"""Every fact a rule may ask about, with every value that it can have."""


class ProfileInvalid(InvalidInput):
    """A colour profile asks for unknown facts or values, or could show green where it must not."""

    code = "marker.profile_invalid"


@dataclass(frozen=True, slots=True)
class ColourRule:
    """One line of a profile; `number` is what the panel shows as the rule that fired (A1, B4 …)."""

    number: str
    colour: Colour
    shape: Shape
    label: Mapping[str, str]
    clauses: tuple[Clause, ...]

    def clause_met(self, facts: MarkerFacts) -> Clause | None:
        """Return the first clause that holds, or None."""
        for clause in self.clauses:
            if all(getattr(facts, fact) in admitted for fact, admitted in clause.items()):
                return clause
        return None


@dataclass(frozen=True, slots=True, kw_only=True)
class ColourProfile(Dated):
    """配色方案: an ordered rule table of an office, in force from a day."""

    label: Mapping[str, str]
    rules: tuple[ColourRule, ...]


@dataclass(frozen=True, slots=True)
class Colouring:
    """A colour and why: the rule that fired, and the facts (with their values) that made it fire."""

    colour: Colour
    shape: Shape
    rule: str
    because: tuple[tuple[str, Value], ...]


def colour_of(facts: MarkerFacts, profile: ColourProfile) -> Colouring:
    """Return the colour of the first rule that holds; a profile ends in one that always does.

    Under the shipped profile A a marker that is `damaged` is red by A3, and blue by A1 once its case is accepted.
    Where only the last, unconditional rule holds, `because` names the facts that kept the marker from green.
    """
    for rule in profile.rules:
        clause = rule.clause_met(facts)
        if clause is None:
            continue
        asked = clause or _kept_from_green(facts, profile)
        because = tuple((fact, getattr(facts, fact)) for fact in asked)
        return Colouring(rule.colour, rule.shape, rule.number, because)
    raise ProfileInvalid(profile=profile.code, reason="no_last_resort")


def _kept_from_green(facts: MarkerFacts, profile: ColourProfile) -> list[str]:
    green = [clause for rule in profile.rules if rule.colour is Colour.GREEN for clause in rule.clauses]
    return [
        fact for clause in green for fact, admitted in clause.items() if getattr(facts, fact) not in admitted
    ]


def facts_asked(profile: ColourProfile) -> tuple[str, ...]:
    """Return the facts that a profile asks about, in the order of MarkerFacts; no other can change a colour."""
    asked = {fact for rule in profile.rules for clause in rule.clauses for fact in clause}
    return tuple(fact for fact in FACT_VALUES if fact in asked)


def read_profile(document: Mapping[str, object]) -> ColourProfile:
    """Return the profile that a JSON document describes; raise ProfileInvalid when it may not be used.

    Refused are unknown facts or values, a table without an unconditional last rule, one whose last rule is green,
    and one under which any combination of facts with an open case shows green.
    """
    rules = tuple(_read_rule(rule) for rule in _mappings(document, "rules"))
    profile = ColourProfile(**Dated.heading(document), label=_label(document.get("label")), rules=rules)
    if not rules or rules[-1].clauses != ({},):
        raise ProfileInvalid(profile=profile.code, reason="no_last_resort")
    if rules[-1].colour is Colour.GREEN:
        raise ProfileInvalid(profile=profile.code, reason="green_last_resort")
    if hidden := next(green_with_open_case(rules), None):
        raise ProfileInvalid(profile=profile.code, reason="green_with_open_case", rule=hidden)
    return profile


def _read_rule(rule: Mapping[str, object]) -> ColourRule:
    try:
        colour, shape = Colour(str(rule["colour"])), Shape(str(rule["shape"]))
        number = str(rule["number"])
    except (KeyError, ValueError) as wrong:
        raise ProfileInvalid(reason="bad_rule", rule=dict(rule)) from wrong
    clauses = tuple(
        MappingProxyType({fact: _admitted(fact, values) for fact, values in clause.items()})
        for clause in _mappings(rule, "when")
    )
    return ColourRule(number, colour, shape, _label(rule.get("label")), clauses)


def _admitted(fact: str, values: object) -> frozenset[Value]:
    known = {_plain(value): value for value in FACT_VALUES.get(fact, ())}
    if not isinstance(values, list) or not values or any(value not in known for value in values):
        raise ProfileInvalid(reason="bad_clause", fact=fact, values=values)
    return frozenset(known[value] for value in values)


def _plain(value: Value) -> str | bool:
    return value if isinstance(value, bool) else value.value


def _mappings(document: Mapping[str, object], key: str) -> list[Mapping[str, object]]:
    items = document.get(key)
    if not isinstance(items, list) or not all(isinstance(item, Mapping) for item in items):
        raise ProfileInvalid(reason="not_a_list", key=key)
    return items


def _label(label: object) -> Mapping[str, str]:
    if not isinstance(label, Mapping) or not {"zh", "en"} <= set(label):
        raise ProfileInvalid(reason="label_in_both_languages", label=label)
    return MappingProxyType({language: str(text) for language, text in label.items()})


def green_with_open_case(rules: Sequence[ColourRule]) -> Iterator[str]:
    """Yield the numbers of green rules that some combination of facts with an open case would reach.

    Exact, not sampled: the facts that a clause admits are a box; what earlier rules take is cut out of it.
    """
    taken: list[Clause] = []
    for rule in rules:
        if rule.colour is Colour.GREEN:
            for clause in rule.clauses:
                stages = clause.get("case_stage", FACT_VALUES["case_stage"]) & OPEN_STAGES
                left: Iterable[Clause] = [{**clause, "case_stage": stages}] if stages else []
                for earlier in taken:
                    left = [piece for box in left for piece in _cut(box, earlier)]
                if left:
                    yield rule.number
        taken.extend(rule.clauses)


def _cut(box: Clause, away: Clause) -> Iterator[Clause]:
    """Yield boxes that together are `box` without `away`."""
    rest = dict(box)
    for fact, admitted in away.items():
        here = rest.get(fact, FACT_VALUES[fact])
        if outside := here - admitted:
            yield {**rest, fact: outside}
        if not here & admitted:
            return
        rest[fact] = here & admitted


def shipped_profiles() -> tuple[ColourProfile, ...]:
    """Return the two profiles that come with the product: condition first (A), inspection progress (B)."""
    return tuple(read_profile(shipped(name)) for name in ("condition_first", "inspection_progress"))


def named(profiles: Iterable[ColourProfile], code: str, on: date) -> ColourProfile:
    """Return the version of a profile in force on a day; raise NotFound when there is none."""
    return Dated.in_force([profile for profile in profiles if profile.code == code], on)
