"""What is kept of markers against what their records say: the same, made step by step or from the first record."""

from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import text
from sqlalchemy.orm import Session

from layers.markers.evidence_rows import evidence_of
from layers.markers.history import colour_since, colour_spans
from layers.markers.register import duties, follow_the_clock, hold, office_rules, project

pytestmark = pytest.mark.database

KEPT = """
SELECT s.*, c.profile, c.colour, c.shape, c.rule, c.since FROM markers.marker_state s
  JOIN markers.marker_colour c USING (marker_id) ORDER BY s.marker_id, c.profile
"""


def kept(session: Session) -> list[dict]:
    session.expire_all()
    return [dict(row) for row in session.execute(text(KEPT)).mappings()]


def all_ids(session: Session) -> list:
    return list(session.execute(text("SELECT id FROM markers.marker ORDER BY id")).scalars())


def test_what_is_kept_equals_what_is_derived_from_scratch(hainan_session: Session) -> None:
    follow_the_clock(hainan_session)
    before = kept(hainan_session)
    assert len(before) > 200
    project(hainan_session, all_ids(hainan_session), datetime.now(UTC), anew=True)
    assert kept(hainan_session) == before


@pytest.mark.parametrize("days", [[100], [1, 3, 8, 40, 90, 91, 200, 900]])
def test_following_the_clock_step_by_step_equals_one_walk(hainan_session: Session, days: list[int]) -> None:
    now = datetime.now(UTC)
    follow_the_clock(hainan_session, now)
    first = [row["colour"] for row in kept(hainan_session)]
    for day in days:
        follow_the_clock(hainan_session, now + timedelta(days=day))
    stepped = kept(hainan_session)
    assert [row["colour"] for row in stepped] != first
    project(hainan_session, all_ids(hainan_session), now + timedelta(days=days[-1]), anew=True)
    assert kept(hainan_session) == stepped


def test_since_is_what_the_history_says(hainan_session: Session) -> None:
    follow_the_clock(hainan_session)
    rows = kept(hainan_session)
    ids = all_ids(hainan_session)
    records, duty = evidence_of(hainan_session, ids), duties(hainan_session, ids)
    for row in rows[::5]:
        spans = colour_spans(
            records[row["marker_id"]],
            since=duty[row["marker_id"]].began_at,
            until=datetime.now(UTC),
            rules=office_rules()[row["profile"]],
            duty=duty[row["marker_id"]].duty,
        )
        assert (colour_since(spans), spans[-1].colouring.colour) == (row["since"], row["colour"])


def test_the_clock_alone_changes_nothing_before_its_time(hainan_session: Session) -> None:
    follow_the_clock(hainan_session)
    assert follow_the_clock(hainan_session) == 0
    soonest = hainan_session.execute(text("SELECT min(changes_at) FROM markers.marker_state")).scalar_one()
    assert follow_the_clock(hainan_session, soonest - timedelta(microseconds=1)) == 0
    assert follow_the_clock(hainan_session, soonest) > 0


def test_markers_are_held_later_than_anything_on_record(hainan_session: Session) -> None:
    codes = list(hainan_session.execute(text("SELECT code FROM markers.marker LIMIT 3")).scalars())
    held = hold(hainan_session, [*codes, "nowhere"])
    assert set(held) == set(codes)
    derived = hainan_session.execute(text("SELECT max(derived_at) FROM markers.marker_state")).scalar_one()
    assert all(each.now > datetime.now(UTC) - timedelta(seconds=30) for each in held.values())
    assert derived <= min(each.now for each in held.values())
