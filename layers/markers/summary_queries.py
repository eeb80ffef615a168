"""How many markers show which colour, by unit: from the counts that are kept, or by counting; reads only (D8)."""

from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from sqlalchemy import text
from sqlalchemy.orm import Session

from layers.markers.model import Colour
from layers.markers.queries import UNDER_UNIT, MarkerFilter, coloured

TALLIED: Final = """
SELECT m.unit_codes, m.colour, m.condition, m.case_stage, sum(m.number) AS number FROM markers.marker_tally m
 WHERE m.profile = :profile AND (m.begins IS NULL OR m.begins <= :as_of) AND (m.ends IS NULL OR m.ends > :as_of) AND {where}
 GROUP BY m.unit_codes, m.colour, m.condition, m.case_stage HAVING sum(m.number) <> 0
"""
COUNTED: Final = """
SELECT m.unit_codes, m.colour, m.condition, m.case_stage, count(*) AS number FROM {table} m WHERE {where}
 GROUP BY m.unit_codes, m.colour, m.condition, m.case_stage
"""


@dataclass(frozen=True, slots=True)
class Summary:
    """Counts of markers: by colour, by condition, by case stage, and by colour for every unit that they touch.

    A marker stands once in the totals, and once under each side of its line.
    """

    total: int
    by_colour: Mapping[str, int]
    by_condition: Mapping[str, int]
    by_case_stage: Mapping[str, int]
    by_unit: Mapping[str, Mapping[str, int]]


def summary(session: Session, asked: MarkerFilter) -> Summary:
    """Count markers by colour and unit; lost ones can be counted by condition, whatever their colour."""
    groups = _tallied(session, asked) if _is_tallied(asked) else _counted(session, asked)
    counts: dict[str, Counter[str]] = {name: Counter() for name in ("colour", "condition", "case_stage")}
    units: dict[str, Counter[str]] = defaultdict(Counter)
    for group in groups:
        for name, counter in counts.items():
            counter[getattr(group, name)] += group.number
        for unit in group.unit_codes:
            units[unit][group.colour] += group.number
    return Summary(
        total=sum(group.number for group in groups),
        by_colour={colour.value: counts["colour"][colour.value] for colour in Colour},
        by_condition=dict(sorted(counts["condition"].items())),
        by_case_stage=dict(sorted(counts["case_stage"].items())),
        by_unit={unit: dict(sorted(counter.items())) for unit, counter in sorted(units.items())},
    )


def _is_tallied(asked: MarkerFilter) -> bool:
    """Say whether the kept counts know all that is asked: markers now, by unit, colour, condition and case stage."""
    told = (asked.code, asked.line, asked.due_before, asked.review_pending, asked.q, asked.bbox)
    return not asked.past and all(each is None for each in told)


def _tallied(session: Session, asked: MarkerFilter) -> Sequence[Any]:
    where, values = asked.state()
    if asked.unit:
        where += f" AND {UNDER_UNIT}"
        values["unit"] = asked.unit
    values |= {"profile": asked.profile, "as_of": asked.as_of}
    return session.execute(text(TALLIED.format(where=where)), values).all()


def _counted(session: Session, asked: MarkerFilter) -> Sequence[Any]:
    listing, where, values = coloured(session, asked)
    return session.execute(text(COUNTED.format(table=listing.table, where=where)), values).all()
