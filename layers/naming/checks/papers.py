"""PLN-01, PIN-01 and DOC-01: the plan, the spelling and the papers; refuses to read the papers themselves."""

from collections.abc import Iterator
from typing import Final

from layers.findings import Finding
from layers.naming.checks.subject import Subject, Surroundings
from layers.naming.parser import normalise
from layers.naming.spelling import same_spelling, spell

APPLICATION: Final = ("scheme_and_reasons", "position_scale_nature", "location_map", "meaning_and_origin")
REPORTS: Final = ("assessment_report", "expert_report", "consultation_report")


def not_in_plan(subject: Subject, around: Surroundings) -> Iterator[Finding]:
    """PLN-01: not in the approved 地名方案, or another name than planned there (art. 8, Measures art. 2)."""
    if around.plan is None:
        return
    planned = normalise(around.planned_name or "")
    if planned and planned != subject.name:
        yield Finding("PLN-01", (subject.name,), {"planned": planned})
    elif not planned and subject.name not in {normalise(name) for name in around.plan}:
        yield Finding("PLN-01", (subject.name,), {"planned": None})


def other_spelling(subject: Subject, _around: Surroundings) -> Iterator[Finding]:
    """PIN-01: the spelling given is not the one the rules of 1984 yield (art. 15); ' and ’ are one."""
    given = subject.proposal.spelling
    if given is None:
        return
    computed = spell(subject.parsed, confirmed=subject.proposal.reading or ())
    if not any(same_spelling(given, form) for form in (computed.toned, computed.plain, computed.capitals)):
        yield Finding("PIN-01", (subject.name,), {"given": given, "computed": computed.toned})


def missing_papers(subject: Subject, _around: Surroundings) -> Iterator[Finding]:
    """DOC-01: an item of the application or one of the three reports is missing (art. 11, Measures art. 5)."""
    missing = tuple(paper for paper in (*APPLICATION, *REPORTS) if paper not in subject.proposal.records)
    if missing:
        yield Finding("DOC-01", (subject.name,), {"missing": missing})
