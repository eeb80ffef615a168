"""Where a marker stands now under every profile, and until when that holds; refuses to be taken for the record.

What is kept for fast reads is made here, step by step as records come in or all at once from the first: both
ways give the same, and a test compares them.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime

from layers.markers.colour import Colouring, colour_of
from layers.markers.due_list import WITHOUT_DUTY
from layers.markers.evidence import Evidence
from layers.markers.facts import Derivation, facts_at
from layers.markers.history import Rules, next_instant
from layers.markers.known_records import MarkerDuty
from layers.markers.model import Currency


@dataclass(frozen=True, slots=True)
class Shown:
    """A colour, the rule that gave it, and since when this colour and shape have been shown."""

    colouring: Colouring
    since: datetime


@dataclass(frozen=True, slots=True)
class Standing:
    """Facts of a marker at an instant, its colour under each profile, and when a clock changes something next."""

    at: datetime
    derivation: Derivation
    shown: Mapping[str, Shown]
    changes_at: datetime | None


def stand(
    records: Sequence[Evidence],
    *,
    at: datetime,
    rules: Mapping[str, Rules],
    duty: MarkerDuty,
    since: datetime,
    before: Mapping[str, Shown] | None = None,
) -> Standing:
    """Return where a marker stands at an instant; `since` is the last instant it is known for, or its first.

    `before` is what was shown at `since`; without it the walk begins there with nothing known.
    """
    shown = dict(before or {})
    instant = since
    while True:
        derivation = _derive(records, instant, rules, duty)
        for profile, own in rules.items():
            colouring = colour_of(derivation.facts, own.at(instant)[0])
            was = shown.get(profile)
            same = was is not None and _sign(was.colouring) == _sign(colouring)
            shown[profile] = Shown(colouring, was.since if was is not None and same else instant)
        following = _next(records, instant, derivation, rules)
        if following is None or following > at:
            return Standing(instant, derivation, shown, following)
        instant = following


def _sign(colouring: Colouring) -> tuple[str, str]:
    return colouring.colour, colouring.shape


def _derive(
    records: Sequence[Evidence], at: datetime, rules: Mapping[str, Rules], duty: MarkerDuty
) -> Derivation:
    _, policy = next(iter(rules.values())).at(at)
    return facts_at(records, at, policy, duty)


def _next(
    records: Sequence[Evidence], at: datetime, derivation: Derivation, rules: Mapping[str, Rules]
) -> datetime | None:
    instants = (next_instant(records, at, derivation, own) for own in rules.values())
    return min((instant for instant in instants if instant is not None), default=None)


_WORST = (Currency.NEVER, Currency.OVERDUE, Currency.DUE_SOON, Currency.CURRENT)


def worse_currency(derivation: Derivation) -> Currency:
    """Return the currency that presses more, of patrol and joint inspection."""
    facts = derivation.facts
    return min(facts.patrol_currency, facts.joint_currency, key=_WORST.index)


def next_due_on(derivation: Derivation) -> date | None:
    """Return the day by which somebody has to be there; None where nothing is known or nobody has to."""
    if derivation.facts.condition in WITHOUT_DUTY:
        return None
    days = [day for day in (derivation.patrol_due_on, derivation.joint_due_on) if day is not None]
    return min(days, default=None)
