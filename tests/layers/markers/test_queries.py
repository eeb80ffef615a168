"""Lists, summaries and tiles of markers on the demonstration: now, on past days, under either profile."""

from collections import Counter
from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from sqlalchemy import text
from sqlalchemy.orm import Session

from layers.features import Box
from layers.markers.evidence_rows import evidence_of
from layers.markers.history import coloured_at
from layers.markers.model import Colour
from layers.markers.past import kept_rows_at
from layers.markers.queries import MarkerFilter, Positions, coloured
from layers.markers.register import duties, follow_the_clock, rules_of
from layers.markers.summary_queries import summary
from layers.markers.tiles import markers_tile

pytestmark = pytest.mark.database
TODAY = datetime.now(ZoneInfo("Asia/Shanghai")).date()
A, B = "condition_first", "inspection_progress"


def asked(**more) -> MarkerFilter:
    return MarkerFilter(**({"as_of": TODAY, "profile": A} | more))


def colours(session: Session, asking: MarkerFilter) -> dict[str, str]:
    listing, where, values = coloured(session, asking)
    rows = session.execute(text(f"SELECT m.code, m.colour FROM {listing.table} m WHERE {where}"), values)
    return {row.code: row.colour for row in rows}


@pytest.mark.parametrize("profile", [A, B])
@pytest.mark.parametrize("back", [1, 30, 200, 700, 1500])
def test_a_past_day_is_what_the_engine_says_of_it(hainan_session: Session, profile: str, back: int) -> None:
    day = TODAY - timedelta(days=back)
    shown = colours(hainan_session, asked(as_of=day, past=True, profile=profile))
    rows = hainan_session.execute(
        text("SELECT id, code FROM markers.marker WHERE valid_from <= :day"), {"day": day}
    ).all()
    ids = [row.id for row in rows]
    records, duty, rules = evidence_of(hainan_session, ids), duties(hainan_session, ids), rules_of(profile)
    at = rules.policies[0].end_of(day)
    expected = {
        row.code: coloured_at(records[row.id], at, rules, duty[row.id].duty)[0].colour.value for row in rows
    }
    assert shown == expected
    assert len(shown) > 100


def test_the_end_of_today_by_the_engine_is_what_is_kept_for_now(hainan_session: Session) -> None:
    follow_the_clock(hainan_session)
    assert colours(hainan_session, asked()) == colours(hainan_session, asked(past=True))


def test_switching_the_profile_recolours_without_touching_a_record(hainan_session: Session) -> None:
    count = text(
        "SELECT (SELECT count(*) FROM markers.inspection) + (SELECT count(*) FROM markers.marker_record)"
    )
    before = hainan_session.execute(count).scalar_one()
    assert Counter(colours(hainan_session, asked()).values()) != Counter(
        colours(hainan_session, asked(profile=B)).values()
    )
    assert hainan_session.execute(count).scalar_one() == before


def test_the_summary_counts_what_the_list_shows(hainan_session: Session) -> None:
    listed = Counter(colours(hainan_session, asked()).values())
    counted = summary(hainan_session, asked())
    assert {colour: number for colour, number in counted.by_colour.items() if number} == dict(listed)
    assert sum(counted.by_condition.values()) == counted.total == sum(listed.values())
    assert counted.by_condition["missing"] == 2
    sides = sum(number for colours_ in counted.by_unit.values() for number in colours_.values())
    assert sides == 2 * counted.total


@pytest.mark.parametrize("colour", list(Colour))
def test_filters_agree_with_the_whole_list(hainan_session: Session, colour: Colour) -> None:
    whole = colours(hainan_session, asked())
    assert set(colours(hainan_session, asked(colour=colour))) == {
        c for c, shown in whole.items() if shown == colour
    }


def test_a_line_belongs_to_each_of_its_sides(hainan_session: Session) -> None:
    line = colours(hainan_session, asked(line="460107469021"))
    for unit in ("460107", "469021", "460100", "460000"):
        assert set(line) <= set(colours(hainan_session, asked(unit=unit)))
    assert not set(line) & set(colours(hainan_session, asked(unit="460106")))


def test_due_before_includes_what_was_never_done_and_leaves_out_what_has_no_duty(
    hainan_session: Session,
) -> None:
    due = colours(hainan_session, asked(due_before=date(1990, 1, 1)))
    states = hainan_session.execute(
        text("SELECT s.condition, s.currency FROM markers.marker m JOIN markers.marker_state s ON s.marker_id = m.id "
             "WHERE m.code = ANY (:codes)"),
        {"codes": list(due)},
    ).all()  # fmt: skip
    assert states
    assert {row.currency for row in states} == {"never"}
    assert {row.condition for row in states}.isdisjoint({"not_set", "retired"})


def position(session: Session, code: str) -> tuple[float, float]:
    row = session.execute(
        text("SELECT ST_X(geometry) AS x, ST_Y(geometry) AS y FROM markers.marker WHERE code = :code"),
        {"code": code},
    ).one()
    return row.x, row.y


def test_a_box_never_tells_more_than_the_position_told(hainan_session: Session) -> None:
    code = next(iter(colours(hainan_session, asked())))
    x, y = position(hainan_session, code)
    tight = Box(x - 1e-4, y - 1e-4, x + 1e-4, y + 1e-4)
    assert code in colours(hainan_session, asked(bbox=tight))
    assert code not in colours(hainan_session, asked(bbox=tight, positions=Positions.ROUNDED))
    assert colours(hainan_session, asked(bbox=tight, positions=Positions.HIDDEN)) == {}
    told = Box(round(x, 2) - 1e-4, round(y, 2) - 1e-4, round(x, 2) + 1e-4, round(y, 2) + 1e-4)
    assert code in colours(hainan_session, asked(bbox=told, positions=Positions.ROUNDED))


def test_tiles_show_colour_shape_and_label_or_nothing(hainan_session: Session) -> None:
    z, x, y = 9, 413, 227
    exact = markers_tile(hainan_session, z, x, y, asked())
    assert all(word in exact for word in (b"markers", b"colour", b"shape", b"diamond", b"green"))
    assert markers_tile(hainan_session, z, x, y, asked(positions=Positions.HIDDEN)) == b""
    rounded = markers_tile(hainan_session, z, x, y, asked(positions=Positions.ROUNDED))
    assert rounded
    assert rounded != exact

    gathered = markers_tile(hainan_session, 6, 51, 28, asked())
    assert b"marker_clusters" in gathered
    assert b"red" in gathered


def test_a_past_day_needs_no_kept_state(hainan_session: Session) -> None:
    ids = list(hainan_session.execute(text("SELECT id FROM markers.marker LIMIT 5")).scalars())
    rows = kept_rows_at(hainan_session, ids, TODAY - timedelta(days=365), A)
    assert {row["id"] for row in rows} == set(ids)
