"""What was shown of markers on a past day, derived by the engine from the records known then; keeps nothing."""

import uuid
from collections.abc import Iterator, Sequence
from datetime import date, datetime
from typing import Any, Final

from sqlalchemy.orm import Session

from layers.markers.evidence_rows import evidence_of
from layers.markers.register import duties, rules_of, state_values
from layers.markers.standing import Standing, stand

BATCH: Final = 1000


def end_of(day: date, profile: str) -> datetime:
    """Return the last instant of a day of the office."""
    policy = max(rules_of(profile).policies, key=lambda each: each.effective_from)
    return policy.end_of(day)


def standings_at(
    session: Session, ids: Sequence[uuid.UUID], day: date, profile: str
) -> Iterator[tuple[uuid.UUID, Standing]]:
    """Yield where each marker stood at the end of a day, under the rules and by the records of that day."""
    at = end_of(day, profile)
    for start in range(0, len(ids), BATCH):
        part = ids[start : start + BATCH]
        records = evidence_of(session, part, known_at=at)
        rules = {profile: rules_of(profile)}
        for identity, duty in duties(session, part).items():
            since = min(duty.began_at, at)
            yield identity, stand(records[identity], at=at, rules=rules, duty=duty.duty, since=since)


def kept_rows_at(session: Session, ids: Sequence[uuid.UUID], day: date, profile: str) -> list[dict[str, Any]]:
    """Return for each marker what would have been kept of it at the end of a day, ready for JSON."""
    rows = []
    for identity, standing in standings_at(session, ids, day, profile):
        shown = standing.shown[profile]
        rows.append(
            {
                **state_values(identity, standing),
                "id": identity,
                "colour": shown.colouring.colour,
                "shape": shown.colouring.shape,
                "rule": shown.colouring.rule,
                "since": shown.since.isoformat(),
            }
        )
    return rows
