"""The counts that are kept equal counting from scratch, whatever changes and in whatever order."""

from datetime import UTC, date, datetime, timedelta
from random import Random

import pytest
from sqlalchemy import text
from sqlalchemy.orm import Session

from layers.markers.queries import MarkerFilter
from layers.markers.register import FOLD, project
from layers.markers.summary_queries import Summary, summary

pytestmark = pytest.mark.database
TODAY = datetime.now(UTC).date()
PROFILES = ("condition_first", "inspection_progress")
CHANGES = (
    "UPDATE markers.marker_state SET condition = :condition WHERE marker_id = ANY (:ids)",
    "UPDATE markers.marker_state SET case_stage = 'reported', condition = :condition WHERE marker_id = ANY (:ids)",
    "UPDATE markers.marker_colour SET colour = :colour WHERE marker_id = ANY (:ids)",
    "UPDATE markers.marker_colour SET colour = :colour WHERE marker_id = ANY (:ids) AND profile = 'condition_first'",
    "UPDATE markers.marker SET unit_codes = ARRAY['460106', :unit] WHERE id = ANY (:ids)",
    "UPDATE markers.marker SET valid_to = :day WHERE id = ANY (:ids)",
    "UPDATE markers.marker SET valid_to = NULL WHERE id = ANY (:ids)",
    "UPDATE markers.marker SET valid_from = :day WHERE id = ANY (:ids) AND valid_to IS NULL",
    "DELETE FROM markers.marker_colour WHERE marker_id = ANY (:ids) AND profile = 'inspection_progress'",
    "DELETE FROM markers.marker_state WHERE marker_id = ANY (:ids)",
)


def counted_anew(session: Session, asked: MarkerFilter) -> Summary:
    """Count markers one by one: a search for nothing takes the way that knows no kept counts."""
    return summary(session, MarkerFilter(as_of=asked.as_of, profile=asked.profile, unit=asked.unit, q=""))


def agree(session: Session) -> None:
    for profile in PROFILES:
        for day in (TODAY, TODAY + timedelta(days=40)):
            for unit in (None, "460106", "460100"):
                asked = MarkerFilter(as_of=day, profile=profile, unit=unit)
                assert summary(session, asked) == counted_anew(session, asked)


def test_counts_follow_every_change(hainan_session: Session) -> None:
    drawn = Random(460100)
    everybody = hainan_session.execute(text("SELECT id FROM markers.marker ORDER BY id")).scalars().all()
    agree(hainan_session)
    for _ in range(25):
        ids = drawn.sample(list(everybody), drawn.choice((1, 7, 60)))
        values = {
            "ids": ids,
            "condition": drawn.choice(("intact", "damaged", "missing")),
            "colour": drawn.choice(("green", "red", "blue")),
            "unit": drawn.choice(("460107", "469021")),
            "day": TODAY + timedelta(days=drawn.choice((-1, 0, 1, 30))),
        }
        hainan_session.execute(text(drawn.choice(CHANGES)), values)
        if drawn.random() < 0.3:
            project(hainan_session, ids, datetime.now(UTC))
        if drawn.random() < 0.2:
            hainan_session.execute(text(FOLD))
        agree(hainan_session)


def test_recounting_and_folding_change_no_count(hainan_session: Session) -> None:
    asked = MarkerFilter(as_of=TODAY, profile=PROFILES[0])
    hainan_session.execute(text(CHANGES[2]), {"colour": "red", "ids": _some(hainan_session)})
    before = summary(hainan_session, asked)
    loose = text("SELECT count(*) FROM markers.marker_tally WHERE NOT folded")
    assert hainan_session.execute(loose).scalar_one() > 0
    hainan_session.execute(text(FOLD))
    assert hainan_session.execute(loose).scalar_one() == 0
    assert summary(hainan_session, asked) == before
    hainan_session.execute(text("SELECT markers.recount_markers()"))
    assert summary(hainan_session, asked) == before
    assert before.total > 100


def test_a_marker_counts_from_its_first_day_to_its_last(hainan_session: Session) -> None:
    one = _some(hainan_session)[:1]
    total = summary(hainan_session, MarkerFilter(as_of=TODAY, profile=PROFILES[0])).total
    days = {"ids": one, "first": TODAY + timedelta(days=3), "last": TODAY + timedelta(days=9)}
    hainan_session.execute(
        text("UPDATE markers.marker SET valid_from = :first, valid_to = :last WHERE id = ANY (:ids)"), days
    )

    def at(day: date) -> int:
        return summary(hainan_session, MarkerFilter(as_of=day, profile=PROFILES[0])).total - total

    assert [at(TODAY + timedelta(days=ahead)) for ahead in (0, 2, 3, 8, 9)] == [-1, -1, 0, 0, -1]


def _some(session: Session) -> list[object]:
    return list(session.execute(text("SELECT id FROM markers.marker ORDER BY id LIMIT 9")).scalars())
