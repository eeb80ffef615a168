"""HIS-01 to HIS-03: names with a past; refuses to decide what is worth protecting (the list does)."""

from collections.abc import Iterator
from typing import Final

from layers.findings import Finding
from layers.naming.checks.subject import Subject, Surroundings
from layers.naming.parser import normalise

RENAME: Final = "rename"
PROTECTION_MEASURES: Final = "protection_measures"
SUGGESTED_WITHIN_M: Final = 1000.0
REASONS_TO_RENAME: Final = frozenset(
    {"division_change", "construction", "nature", "duplicate", "non_standard"}
)


def protected_name(subject: Subject, around: Surroundings) -> Iterator[Finding]:
    """HIS-01: a protected name is renamed only with measures set beforehand (arts. 10, 25)."""
    former = normalise(subject.proposal.former_name)
    listed = subject.proposal.action == RENAME and former in {normalise(name) for name in around.protected}
    if listed and PROTECTION_MEASURES not in subject.proposal.records:
        yield Finding("HIS-01", (subject.name,), {"former": former, "missing": PROTECTION_MEASURES})


def rename_without_reason(subject: Subject, _around: Surroundings) -> Iterator[Finding]:
    """HIS-02: a name changes only when it no longer fits: division change, construction, nature (art. 10)."""
    reason = subject.reasons.get("rename", "")
    if subject.proposal.action == RENAME and reason not in REASONS_TO_RENAME:
        yield Finding(
            "HIS-02", (subject.name,), {"reason": reason, "accepted": tuple(sorted(REASONS_TO_RENAME))}
        )


def unused_historic_name(subject: Subject, around: Surroundings) -> Iterator[Finding]:
    """HIS-03: a historic or village name near the road is unused; suggest it (practice: Beijing draft, Changzhou)."""
    line = subject.proposal.line
    if line is None:
        return
    for near in around.places:
        distance = line.distance(near.place)
        if distance <= SUGGESTED_WITHIN_M and not near.in_use and near.characters not in subject.name:
            evidence = {"historic": near.characters, "distance_m": distance, "geometry": near.place}
            yield Finding("HIS-03", (subject.name, near.identifier), evidence)
