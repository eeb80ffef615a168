"""A marker's colour at any past instant, and since when; refuses to remember what it can derive.

The colour changes when a record comes in, and when a clock runs: due soon, overdue, a new round, new rules. Both
kinds of instant are walked, so every change has its moment and the evidence under it.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from layers.markers.colour import Colouring, ColourProfile, colour_of
from layers.markers.dated import Dated
from layers.markers.evidence import Evidence
from layers.markers.facts import Derivation, facts_at
from layers.markers.known_records import MarkerDuty
from layers.markers.policy import InspectionPolicy, add_months


@dataclass(frozen=True, slots=True)
class ColourSpan:
    """A colour that held from an instant until the next one (None while it still does), with its facts."""

    since: datetime
    until: datetime | None
    colouring: Colouring
    derivation: Derivation


@dataclass(frozen=True, slots=True, kw_only=True)
class Rules:
    """The dated rules of an office: versions of one colour profile, and of the inspection policy."""

    profiles: Sequence[ColourProfile]
    policies: Sequence[InspectionPolicy]

    def at(self, instant: datetime) -> tuple[ColourProfile, InspectionPolicy]:
        """Return profile and policy in force at an instant."""
        zone = max(self.policies, key=lambda policy: policy.effective_from).time_zone
        day = instant.astimezone(zone).date()
        return Dated.in_force(self.profiles, day), Dated.in_force(self.policies, day)


def coloured_at(
    records: Sequence[Evidence],
    at: datetime,
    rules: Rules,
    duty: MarkerDuty,
    *,
    known_at: datetime | None = None,
) -> tuple[Colouring, Derivation]:
    """Return the colour at an instant and what it rests on, under the rules in force then."""
    profile, policy = rules.at(at)
    derivation = facts_at(records, at, policy, duty, known_at=known_at)
    return colour_of(derivation.facts, profile), derivation


def colour_spans(
    records: Sequence[Evidence], *, since: datetime, until: datetime, rules: Rules, duty: MarkerDuty
) -> tuple[ColourSpan, ...]:
    """Return the spans of one colour and one reason for it from `since` to `until`, as they were shown at the time."""
    spans: list[ColourSpan] = []
    at: datetime | None = since
    while at is not None:
        colouring, derivation = coloured_at(records, at, rules, duty)
        if not spans or spans[-1].colouring != colouring:
            if spans:
                last = spans[-1]
                spans[-1] = ColourSpan(last.since, at, last.colouring, last.derivation)
            spans.append(ColourSpan(at, None, colouring, derivation))
        following = next_instant(records, at, derivation, rules)
        at = following if following is not None and following <= until else None
    return tuple(spans)


def colour_since(spans: Sequence[ColourSpan]) -> datetime:
    """Return since when the colour of the last span has been shown, whatever rule gave it."""
    last = spans[-1]
    for span in reversed(spans):
        if (span.colouring.colour, span.colouring.shape) != (last.colouring.colour, last.colouring.shape):
            break
        last = span
    return last.since


def next_instant(
    records: Sequence[Evidence], at: datetime, derivation: Derivation, rules: Rules
) -> datetime | None:
    """Return the next instant after `at` at which anything could change: a record, a clock, a round, new rules."""
    _, policy = rules.at(at)
    days = {version.effective_from for version in (*rules.profiles, *rules.policies)}
    days.add(add_months(policy.cycle_start(policy.day_of(at)), 12 * policy.joint_years))
    for due, window in (
        (derivation.patrol_due_on, policy.patrol_due_soon_days),
        (derivation.joint_due_on, policy.joint_due_soon_days),
    ):
        if due is not None:
            days |= {due + timedelta(days=1), due - timedelta(days=window - 1)}
    instants = {policy.start_of(day) for day in days}
    instants |= {record.recorded_at for record in records} | {record.happened_at for record in records}
    return min((instant for instant in instants if at < instant), default=None)
