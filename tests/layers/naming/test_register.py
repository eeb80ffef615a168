"""Names on the register: entered, renamed, retired, put right; found by what people type, with the reason."""

import json
from datetime import date

import pytest
from sqlalchemy import select, text
from sqlalchemy.exc import ProgrammingError
from sqlalchemy.orm import Session

from geo_service.auth.acting import act_as
from geo_service.auth.officer import Officer, Role
from geo_service.operations.naming import search_names
from layers.naming.queries import NameFilter
from layers.naming.register import NameNotInForce, correct, load_name, succeed
from layers.naming.tables import NameEventRow, NameRow, NameSearchRow
from tests.geo_service.naming.streets import naming, put, street

pytestmark = pytest.mark.database
TODAY = date(2026, 1, 1)


def hits(session: Session, typed: str, near=None) -> list[tuple[str, str]]:
    where, values = NameFilter(TODAY).where()
    listing, found = search_names(session, typed, near=near)
    page = listing.page(session, where=where, values=values | found)
    features = json.loads(f"[{page.features}]")
    return [(each["properties"]["name"], each["properties"]["matched"]["why"]) for each in features]


@pytest.fixture
def streets(session: Session):
    return put(
        session,
        street("长滨三路", (0, 0), (900, 0)),
        street("长滨路", (0, 5000), (900, 5000), aliases=("滨江老街",)),
        street("宜海路", (0, 300), (900, 300)),
        street("海府路", (0, 600), (900, 600)),
    )


@pytest.mark.parametrize(
    ("typed", "name", "why"),
    [
        ("长滨三路", "长滨三路", "characters"),
        ("長濱三路", "长滨三路", "characters"),
        ("滨三", "长滨三路", "part"),
        ("Chángbīn 3 Lù", "长滨三路", "pinyin_toned"),
        ("changbin san lu", "长滨三路", "pinyin"),
        ("changbin3lu", "长滨三路", "pinyin"),
        ("cbsl", "长滨三路", "initials"),
        ("滨江老街", "长滨路", "alias"),
        ("怡海路", "宜海路", "sound"),
        ("haifulv", "海府路", "similar"),
        ("ahifulu", "海府路", "similar"),
        ("haifuulu", "海府路", "similar"),
        ("haiful", "海府路", "pinyin"),
        ("hafulu", "海府路", "similar"),
    ],
)
def test_a_name_is_found_as_people_type_and_says_why(session: Session, streets, typed, name, why) -> None:
    assert (name, why) in hits(session, typed)


def test_what_is_typed_whole_comes_first_and_the_nearest_of_equals(session: Session, streets) -> None:
    assert [name for name, _ in hits(session, "长滨")] == ["长滨三路", "长滨路"]
    assert hits(session, "长滨路")[0] == ("长滨路", "characters")
    north = hits(session, "cb", near=(110.35, 20.07))
    assert [name for name, _ in north] == ["长滨路", "长滨三路"]


@pytest.mark.parametrize("typed", ["%", "_", "\\", "'; DROP TABLE naming.name; --", "😀", "zzzz"])
def test_what_is_typed_is_text(session: Session, streets, typed) -> None:
    assert hits(session, typed) == []


def test_a_renamed_name_leads_to_the_new_one(session: Session, streets) -> None:
    with naming(session):
        old = load_name(session, streets[0])
        new = street("秀英东路", (0, 0), (900, 0), valid_from=date(2024, 5, 1), place_id=old.place_id)
        succeed(session, old, new, instrument="海府函〔2024〕1号", recorded_by="namer")
        with pytest.raises(NameNotInForce):
            succeed(session, old, new, instrument="again", recorded_by="namer")
    assert hits(session, "长滨三路") == [("秀英东路", "former_name")]
    session.expire_all()
    old = session.get(NameRow, streets[0])
    assert (old.status, old.valid_to) == ("renamed", date(2024, 5, 1))
    kinds = session.execute(
        select(NameEventRow.kind).where(NameEventRow.name_id.in_([streets[0], new.identifier]))
    ).scalars()
    assert sorted(kinds) == ["named", "named", "renamed"]


def test_a_corrected_reading_changes_spelling_keys_and_search(session: Session) -> None:
    (identifier,) = put(session, street("朝阳路", (0, 0), (900, 0)))
    with naming(session):
        row = load_name(session, identifier)
        before = correct(
            session,
            row,
            {"reading": ["zhāo", "yáng"], "meaning": ""},
            source="会议纪要",
            on=TODAY,
            recorded_by="n",
        )
    assert before == {"reading": []}
    assert (row.pinyin, row.sources["reading"]) == ("Zhāoyáng Lù", "会议纪要")
    assert not any(key.startswith("f:cao") for key in row.keys)
    assert hits(session, "zhaoyang") == [("朝阳路", "pinyin")]
    assert hits(session, "chaoyanglu")[0][1] == "similar"


def test_events_are_never_changed_and_strangers_write_nothing(session: Session, streets) -> None:
    with naming(session), pytest.raises(ProgrammingError, match="permission denied"), session.begin_nested():
        session.execute(text("UPDATE naming.name_event SET instrument = 'x'"))
    act_as(session, Officer("elsewhere", frozenset({Role.NAMING}), frozenset({"469005"})))
    changed = session.execute(text("UPDATE naming.name SET origin = 'x'"))
    assert changed.rowcount == 0
    with pytest.raises(ProgrammingError, match="row-level security"), session.begin_nested():
        session.execute(
            text(
                "INSERT INTO naming.unnamed_road (id, geometry, unit_code, source, recorded_by) VALUES "
                "(gen_random_uuid(), ST_GeomFromText('LINESTRING(110 20, 110.1 20)', 4490), '460108', 'x', 'x')"
            )
        )


def test_every_name_is_searched_by_few_keys(session: Session, streets) -> None:
    keys = (
        session.execute(select(NameSearchRow.key).where(NameSearchRow.name_id == streets[0])).scalars().all()
    )
    assert len(keys) == len(set(keys)) or len(keys) <= 10
    assert {"长滨三路", "滨三路", "三路", "changbinsanlu", "changbin3lu", "cbsl"} <= set(keys)
