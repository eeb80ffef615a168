"""Which line is jointly inspected in which year, and who leads; refuses to move a line without consent.

Every line comes every five years (regulation on administrative boundaries, art. 12). Lead and cooperating unit
change places each round; earlier or later than the rhythm needs the consent of all sides and of the authority
(ministry plan for the provincial lines, 2023-2027).
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date

from layers.findings import Finding
from layers.markers.policy import InspectionPolicy


@dataclass(frozen=True, slots=True, kw_only=True)
class InspectedLine:
    """A line as the planner needs it: its sides, its length, and its last joint inspection with who led."""

    line_code: str
    sides: tuple[str, ...]
    length_km: float
    last_on: date | None = None
    last_lead: str | None = None
    name: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class PlannedInspection:
    """联检计划: a line in a year, its lead and the cooperating sides; `due_on` is None for a first inspection."""

    line_code: str
    year: int
    lead: str
    cooperating: tuple[str, ...]
    length_km: float
    due_on: date | None = None
    needs_consent: bool = False


def next_lead(line: InspectedLine) -> str:
    """Return who leads this round: the next side in the order of codes, the first where no round is on record.

    Between 460107 and 469021 the lead swaps; at three sides it goes round.
    """
    return side_after(line.last_lead, line.sides)


def side_after(lead: str | None, sides: Sequence[str]) -> str:
    """Return who leads after a side, in the order of codes; the first where that one is no side."""
    ordered = sorted(sides)
    return ordered[0] if lead not in ordered else ordered[(ordered.index(lead) + 1) % len(ordered)]


def cycle_plan(
    lines: Iterable[InspectedLine],
    on: date,
    policy: InspectionPolicy,
    *,
    agreed_years: Mapping[str, int] | None = None,
) -> tuple[PlannedInspection, ...]:
    """Return the plan of the five-year round that a day lies in, by year and line.

    A line keeps its rhythm: it comes in the year in which it is due, an overdue one in the first. Lines that were
    never inspected fill the years with the fewest kilometres, the longest first. `agreed_years` holds what all
    sides agreed otherwise; any year but the due one is marked `needs_consent`.
    """
    first = policy.cycle_start(on).year
    years = list(range(first, first + policy.joint_years))
    load = dict.fromkeys(years, 0.0)
    agreed = agreed_years or {}
    plan: list[PlannedInspection] = []
    for line in sorted(lines, key=lambda line: (line.last_on is None, -line.length_km, line.line_code)):
        due_on = None if line.last_on is None else policy.joint_due(line.last_on)
        year = agreed.get(line.line_code)
        if year not in load:
            emptiest = min(years, key=lambda year: load[year])
            year = emptiest if due_on is None else min(max(due_on.year, years[0]), years[-1])
        load[year] += line.length_km
        lead = next_lead(line)
        plan.append(
            PlannedInspection(
                line_code=line.line_code,
                year=year,
                lead=lead,
                cooperating=tuple(side for side in sorted(line.sides) if side != lead),
                length_km=line.length_km,
                due_on=due_on,
                needs_consent=due_on is not None and due_on.year != year,
            )
        )
    return tuple(sorted(plan, key=lambda item: (item.year, item.line_code)))


def annual_plan(plan: Iterable[PlannedInspection], year: int) -> tuple[PlannedInspection, ...]:
    """Return the inspections of one year, longest line first."""
    return tuple(
        sorted(
            (item for item in plan if item.year == year), key=lambda item: (-item.length_km, item.line_code)
        )
    )


def check_plan(
    plan: Sequence[PlannedInspection], lines: Sequence[InspectedLine], *, consented: Iterable[str] = ()
) -> Iterator[Finding]:
    """Yield what is wrong with a plan that people have edited.

    `joint.line_not_planned`, `joint.line_planned_twice`, `joint.lead_not_swapped`, `joint.lead_is_no_side`,
    `joint.side_left_out`, `joint.after_due`, and `joint.consent_missing` for a line outside its rhythm that is not
    among `consented`.
    """
    known = {line.line_code: line for line in lines}
    planned = [item.line_code for item in plan]
    for line_code in sorted(set(known) - set(planned)):
        yield Finding("joint.line_not_planned", (line_code,))
    for line_code in sorted({code for code in planned if planned.count(code) > 1}):
        yield Finding("joint.line_planned_twice", (line_code,))
    agreed = set(consented)
    for item in plan:
        line = known.get(item.line_code)
        if line is not None:
            yield from _check_sides(item, line)
        if item.due_on is not None and item.year > item.due_on.year:
            yield Finding("joint.after_due", (item.line_code,), {"year": item.year, "due_on": item.due_on})
        if item.needs_consent and item.line_code not in agreed:
            yield Finding(
                "joint.consent_missing", (item.line_code,), {"year": item.year, "due_on": item.due_on}
            )


def _check_sides(item: PlannedInspection, line: InspectedLine) -> Iterator[Finding]:
    named = {item.lead, *item.cooperating}
    if item.lead not in line.sides:
        yield Finding("joint.lead_is_no_side", (item.line_code,), {"lead": item.lead, "sides": line.sides})
    elif item.lead == line.last_lead:
        yield Finding("joint.lead_not_swapped", (item.line_code,), {"lead": item.lead})
    for side in sorted(set(line.sides) - named):
        yield Finding("joint.side_left_out", (item.line_code,), {"side": side})
