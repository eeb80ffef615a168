"""Temporal functions of CQL2 (Allen's relations) over days, instants and intervals, closed at both ends."""

from dataclasses import dataclass
from typing import Any, Final

from geo_service.ogc.cql.terms import Kind, Question, Term, read_day, read_instant
from geo_service.ogc.refusals import FilterInvalid

RELATIONS: Final = {
    "t_after": "{a1} > {b2}",
    "t_before": "{a2} < {b1}",
    "t_contains": "{a1} < {b1} AND {a2} > {b2}",
    "t_disjoint": "({a2} < {b1} OR {a1} > {b2})",
    "t_during": "{a1} > {b1} AND {a2} < {b2}",
    "t_equals": "{a1} = {b1} AND {a2} = {b2}",
    "t_finishedby": "{a1} < {b1} AND {a2} = {b2}",
    "t_finishes": "{a1} > {b1} AND {a2} = {b2}",
    "t_intersects": "{a1} <= {b2} AND {a2} >= {b1}",
    "t_meets": "{a2} = {b1}",
    "t_metby": "{a1} = {b2}",
    "t_overlappedby": "{a1} > {b1} AND {a1} < {b2} AND {a2} > {b2}",
    "t_overlaps": "{a1} < {b1} AND {a2} > {b1} AND {a2} < {b2}",
    "t_startedby": "{a1} = {b1} AND {a2} > {b2}",
    "t_starts": "{a1} = {b1} AND {a2} < {b2}",
}
OPEN: Final = "..", ""
DAY_LENGTH: Final = "interval '86399.999999 seconds'"


@dataclass(frozen=True, slots=True)
class Span:
    """From when to when; both ends belong to it. `by_day` where each end is a day or open."""

    start: str
    end: str
    by_day: bool


def related(question: Question, op: str, left: Any, right: Any) -> Term:
    """Return the condition that two times stand in a relation; a day beside an instant lasts until its midnight."""
    a, b = _span(question, left), _span(question, right)
    if a.by_day != b.by_day:
        a, b = _exactly(a), _exactly(b)
    sql = RELATIONS[op].format(a1=a.start, a2=a.end, b1=b.start, b2=b.end)
    return Term(f"({sql})", Kind.BOOLEAN)


def _exactly(span: Span) -> Span:
    if not span.by_day:
        return span
    return Span(
        f"CAST({span.start} AS timestamptz)",
        f"(CAST({span.end} AS timestamptz) + {DAY_LENGTH})",
        by_day=False,
    )


def _span(question: Question, written: Any) -> Span:
    from geo_service.ogc.cql.scalars import term  # noqa: PLC0415 -- a scalar may be a time, a time a scalar

    if isinstance(written, dict) and "interval" in written:
        ends = written["interval"]
        if not isinstance(ends, list) or len(ends) != 2:
            raise FilterInvalid(reason="interval", found=str(ends)[:200])
        return _interval(_end(question, ends[0], "-infinity"), _end(question, ends[1], "infinity"))
    found = term(question, written)
    if found.kind is Kind.TEXT and found.literal is not None:
        found = _end(question, found.literal, "") or found
    if found.kind not in {Kind.DATE, Kind.TIMESTAMP}:
        raise FilterInvalid(reason="not_a_time", found=str(written)[:200])
    return Span(found.sql, found.sql, by_day=found.kind is Kind.DATE)


def _interval(start: Term, end: Term) -> Span:
    """Return the span of two ends; where one is an instant, a day begins or ends it at its midnight."""
    by_day = Kind.TIMESTAMP not in {start.kind, end.kind}
    first = start.sql if by_day or start.kind is Kind.TIMESTAMP else f"CAST({start.sql} AS timestamptz)"
    last = end.sql
    if not by_day and end.kind is Kind.DATE:
        last = f"(CAST({end.sql} AS timestamptz) + {DAY_LENGTH})"
    return Span(first, last, by_day=by_day)


def _end(question: Question, written: Any, open_end: str) -> Term:
    """Return one end of an interval: a property, an instant, a day, or open."""
    from geo_service.ogc.cql.scalars import term  # noqa: PLC0415 -- as above

    if isinstance(written, str):
        if written in OPEN and open_end:
            return Term(f"CAST('{open_end}' AS date)", Kind.DATE)
        if read_day(written):
            return question.day(written)
        if read_instant(written):
            return question.instant(written)
        raise FilterInvalid(reason="interval", found=written[:200])
    found = term(question, written)
    if found.kind not in {Kind.DATE, Kind.TIMESTAMP}:
        raise FilterInvalid(reason="not_a_time", found=str(written)[:200])
    if isinstance(written, dict) and written.get("property") in question.ends and open_end:
        return Term(f"coalesce({found.sql}, 'infinity')", found.kind)
    return found
