"""Row-level security by direct SQL as `geo_service`: what the application would forget, the database refuses."""

import json
from collections.abc import Callable, Iterator
from typing import Any, Final
from uuid import uuid4

import pytest
from sqlalchemy import text
from sqlalchemy.exc import ProgrammingError
from sqlalchemy.orm import Session

from geo_service.auth.acting import act_as, show_secret
from geo_service.auth.officer import OPERATOR, PUBLIC, WORKER, Officer, Role
from geo_service.auth.secrets import secret_hash
from geo_service.auth.sessions import officer_of
from geo_service.auth.tokens import make_token
from geo_service.db import Database
from tests.people import INSIDE, OUTSIDE, begin, put_officer

pytestmark = pytest.mark.database
HERE = Officer("here", frozenset({Role.BOUNDARY}), frozenset({INSIDE}))
THERE = Officer("there", frozenset({Role.BOUNDARY}), frozenset({OUTSIDE}))
SURVEYOR = Officer("surveyor", frozenset({Role.SURVEYOR}), frozenset({INSIDE}))
DISTRICT = Officer("district", frozenset({Role.BOUNDARY}), frozenset({"460107"}))
PROVINCE = Officer("province", frozenset({Role.BOUNDARY}), frozenset({"460000"}))


@pytest.fixture
def session(office: Database) -> Iterator[Session]:
    with office.engine.connect() as connection, Session(connection) as made:
        yield made
        made.rollback()


def changed(session: Session, officer: Officer, table: str, where: str) -> int:
    act_as(session, officer)
    result: Any = session.execute(text(f"UPDATE {table} SET valid_to = valid_to WHERE {where}"))
    return int(result.rowcount)


def seen(session: Session, officer: Officer, table: str) -> int:
    act_as(session, officer)
    return int(session.execute(text(f"SELECT count(*) FROM {table}")).scalar_one())


def test_the_service_owns_nothing_and_cannot_pass_the_policies(session: Session) -> None:
    role = session.execute(
        text("SELECT rolname, rolsuper, rolbypassrls FROM pg_roles WHERE rolname = current_user")
    )
    assert tuple(role.one()) == ("geo_service", False, False)
    owned = text(
        "SELECT count(*) FROM pg_class WHERE pg_get_userbyid(relowner) = current_user "
        "AND relnamespace::regnamespace::text NOT LIKE 'pg_%'"
    )
    assert session.execute(owned).scalar() == 0


FREE_TO_WRITE: Final = {
    "markers.marker_colour",  # what the evidence says, derived by whoever asks first on a new day
    "markers.marker_state",
    "markers.marker_tally",  # how many there are of each, counted by trigger, `markers.recount_markers()` counts anew
    "service.provider_attempt",  # found by a random state only
    "service.sign_in_attempt",  # hashes and addresses, counted before anybody is known
}
READ_ONLY: Final = {
    "service.alembic_version",  # which revision the tables have
    "service.data_version",  # counters, raised by trigger
}
TABLES: Final = text(
    "SELECT c.oid::regclass::text, "
    "       array(SELECT r FROM unnest('{INSERT,UPDATE,DELETE,TRUNCATE}'::text[]) r WHERE has_table_privilege(c.oid, r)) "
    "  FROM pg_class c WHERE relkind IN ('r', 'p') AND NOT relrowsecurity "
    "   AND relnamespace::regnamespace::text NOT IN ('pg_catalog', 'information_schema', 'procrastinate', 'public')"
)


def test_every_table_of_the_record_is_under_row_security(session: Session) -> None:
    free = {row[0]: row[1] for row in session.execute(TABLES)}
    loaded = {table for table in free if table.startswith("reference.")}  # files, read by everybody
    assert set(free) - loaded == FREE_TO_WRITE | READ_ONLY
    assert [table for table in READ_ONLY | loaded if free[table]] == []


def test_no_policy_lets_everybody_write(session: Session) -> None:
    """A condition for writing names a role, a jurisdiction or who acts; `true` would be none."""
    open_to_all = session.execute(
        text(
            "SELECT schemaname || '.' || tablename || ' ' || cmd FROM pg_policies WHERE cmd <> 'SELECT' AND "
            "coalesce(with_check, qual) !~ 'has_role|acting_officer|acting_id|reaches|shown_secret|under_comment'"
        )
    ).scalars()
    assert list(open_to_all) == []


def test_evidence_is_only_ever_added_to(session: Session) -> None:
    """Whatever refuses changes by trigger refuses them by privilege too, and the other way round."""
    guarded, unguarded = (
        set(
            session.execute(
                text(
                    "SELECT c.oid::regclass::text FROM pg_class c WHERE relkind = 'r' AND relnamespace::regnamespace::text "
                    "IN ('boundaries', 'markers', 'naming', 'hubs', 'service') AND (SELECT count(*) FROM pg_trigger t "
                    f"WHERE t.tgrelid = c.oid AND t.tgname IN ('refuse_change', 'refuse_truncate')) {wanted}"
                )
            ).scalars()
        )
        for wanted in ("= 2", "= 0")
    )
    may = text(
        "SELECT EXISTS (SELECT FROM unnest('{UPDATE,DELETE,TRUNCATE}'::text[]) r WHERE has_table_privilege(:t, r))"
    )
    changed = {table for table in guarded if session.execute(may, {"t": table}).scalar()}
    assert changed == set()
    assert {
        "service.audit_entry",
        "service.document",
        "service.document_link",
        "boundaries.unit_change",
        "markers.inspection",
        "markers.case_event",
        "markers.photo",
        "naming.name_event",
        "naming.proposal_event",
        "naming.comment",
        "naming.ballot",
    } <= guarded
    assert not guarded & unguarded


@pytest.mark.parametrize(
    ("officer", "rows"),
    [
        (PUBLIC, 0),
        (SURVEYOR, 0),
        (THERE, 0),
        (DISTRICT, 1),
        (HERE, 1),
        (PROVINCE, 1),
        (OPERATOR, 1),
    ],
)
def test_a_unit_is_changed_by_its_own_office(session: Session, officer: Officer, rows: int) -> None:
    assert changed(session, officer, "boundaries.administrative_unit", "code = '460107'") == rows
    assert seen(session, officer, "boundaries.administrative_unit") >= 5


@pytest.mark.parametrize(
    ("line", "officers"),
    [("460107460108", {"here", "district", "province"}), ("460108469005", {"here", "there", "province"})],
)
def test_a_line_belongs_to_every_side_it_touches(session: Session, line: str, officers: set[str]) -> None:
    where = f"line_code = '{line}'"
    may = {
        officer.username
        for officer in (PUBLIC, SURVEYOR, HERE, THERE, DISTRICT, PROVINCE)
        if changed(session, officer, "boundaries.boundary_line", where)
    }
    assert may == officers


@pytest.mark.parametrize(
    ("officer", "refused"), [(THERE, True), (SURVEYOR, True), (PUBLIC, True), (HERE, False)]
)
def test_a_unit_is_put_only_under_one_that_is_reached(
    session: Session, officer: Officer, *, refused: bool
) -> None:
    statement = text(
        "INSERT INTO boundaries.administrative_unit (id, unit_id, code, name, level, parent_id, valid_from, source) "
        "SELECT gen_random_uuid(), gen_random_uuid(), '460107100', '某镇', 'township', unit_id, '2026-01-01', 'x' "
        "FROM boundaries.administrative_unit WHERE code = '460107'"
    )
    act_as(session, officer)
    if refused:
        with pytest.raises(ProgrammingError, match="row-level security"):
            session.execute(statement)
    else:
        session.execute(statement)
        assert changed(session, HERE, "boundaries.administrative_unit", "code = '460107100'") == 1


def test_a_unit_cannot_be_moved_out_of_or_into_a_jurisdiction(session: Session) -> None:
    act_as(session, THERE)
    with pytest.raises(ProgrammingError, match="row-level security"):
        session.execute(
            text(
                "UPDATE boundaries.administrative_unit SET code = '460109', unit_id = gen_random_uuid(), parent_id = "
                "(SELECT unit_id FROM boundaries.administrative_unit WHERE code = '460100') WHERE code = '469005'"
            )
        )


def test_a_changes_author_is_who_acts(session: Session) -> None:
    statement = text(
        "INSERT INTO boundaries.unit_change (id, kind, effective_on, instrument, content, recorded_by) "
        "VALUES (gen_random_uuid(), 'rename', '2026-01-01', 'x', '{}', :by)"
    )
    act_as(session, HERE)
    session.execute(statement, {"by": "here"})
    with pytest.raises(ProgrammingError, match="row-level security"):
        session.execute(statement, {"by": "there"})


def test_a_job_is_seen_by_its_asker_and_the_service(session: Session) -> None:
    act_as(session, HERE)
    session.execute(
        text("INSERT INTO service.job (id, kind, request, created_by) VALUES (:id, 'x', '{}', 'here')"),
        {"id": uuid4()},
    )
    asked = text("SELECT count(*) FROM service.job WHERE created_by = 'here' AND kind = 'x'")
    for officer, count in ((HERE, 1), (THERE, 0), (PUBLIC, 0), (WORKER, 1)):
        act_as(session, officer)
        assert session.execute(asked).scalar() == count, officer
    act_as(session, THERE)
    with pytest.raises(ProgrammingError, match="row-level security"):
        session.execute(
            text(
                "INSERT INTO service.job (id, kind, request, created_by) VALUES (gen_random_uuid(), 'x', '{}', 'here')"
            )
        )


@pytest.fixture
def two(session: Session, office: Database, office_settings: Any, fresh: str) -> tuple[Officer, Officer]:
    """Two officers of different offices, each with a session and a token."""
    made = []
    for name, code in ((fresh, INSIDE), (f"{fresh}b", OUTSIDE)):
        row = put_officer(session, name, Role.SURVEYOR, jurisdictions=(code,))
        begin(session, row, office_settings)
        make_token(session, row.id, label="x", scopes=set(), days=1)
        made.append(officer_of(row))
    return made[0], made[1]


@pytest.mark.parametrize("table", ["officer", "sign_in_session", "api_token"])
def test_people_see_themselves(session: Session, two: tuple[Officer, Officer], table: str) -> None:
    key = "id" if table == "officer" else "officer_id"
    for officer in two:
        act_as(session, officer)
        rows = session.execute(text(f"SELECT {key} FROM service.{table}")).scalars().all()
        assert rows == [officer.id]
    assert seen(session, PUBLIC, f"service.{table}") == 0
    boss = Officer("boss", frozenset({Role.ADMINISTRATOR}), frozenset({INSIDE}), id=uuid4())
    act_as(session, boss)
    rows = set(session.execute(text(f"SELECT {key} FROM service.{table}")).scalars().all())
    assert two[0].id in rows
    assert two[1].id not in rows


def test_a_secret_shows_its_own_session_and_no_other(
    session: Session, office: Database, office_settings: Any, fresh: str
) -> None:
    secrets = [
        begin(session, put_officer(session, f"{fresh}{end}", Role.NAMING), office_settings) for end in "ab"
    ]
    act_as(session, PUBLIC)
    show_secret(session, secret_hash(secrets[1]))
    hashes = session.execute(text("SELECT secret_hash FROM service.sign_in_session")).scalars().all()
    assert [bytes(each) for each in hashes] == [secret_hash(secrets[1])]


@pytest.mark.parametrize(
    "change",
    [
        "roles = '{administrator}'",
        "jurisdictions = '{*}'",
        "disabled_at = now()",
        "username_key = 'boss'",
        "demonstration = true",
        "oidc_username = 'boss'",
    ],
)
def test_nobody_widens_his_own_rights(session: Session, two: tuple[Officer, Officer], change: str) -> None:
    act_as(session, two[0])
    with pytest.raises(ProgrammingError, match="his own rights"):
        session.execute(text(f"UPDATE service.officer SET {change} WHERE id = :id"), {"id": two[0].id})


def test_an_administrator_cannot_reach_beyond_his_jurisdiction(
    session: Session, two: tuple[Officer, Officer]
) -> None:
    boss = Officer("boss", frozenset({Role.ADMINISTRATOR}), frozenset({INSIDE}), id=uuid4())
    act_as(session, boss)
    result: Any = session.execute(
        text("UPDATE service.officer SET roles = '{auditor}' WHERE id = ANY (:ids)"),
        {"ids": [each.id for each in two]},
    )
    assert result.rowcount == 1
    with pytest.raises(ProgrammingError, match="row-level security"):
        session.execute(
            text("UPDATE service.officer SET jurisdictions = '{*}' WHERE id = :id"), {"id": two[0].id}
        )


def test_officers_are_never_deleted(session: Session) -> None:
    act_as(session, OPERATOR)
    with pytest.raises(ProgrammingError, match="permission denied"):
        session.execute(text("DELETE FROM service.officer"))


BBOX = "SELECT count(*) FROM {} u WHERE u.geometry && ST_MakeEnvelope(110.01, 20.01, 110.011, 20.011, 4490)"


@pytest.mark.parametrize(
    "table", ["boundaries.administrative_unit", "boundaries.boundary_line", "boundaries.tripoint"]
)
@pytest.mark.parametrize("officer", [PUBLIC, THERE])
def test_a_map_window_under_row_security_uses_the_spatial_index(
    session: Session, table: str, officer: Officer
) -> None:
    act_as(session, officer)
    session.execute(text("SET LOCAL enable_seqscan = off"))
    plan = json.dumps(session.execute(text(f"EXPLAIN (FORMAT JSON) {BBOX.format(table)}")).scalar_one())
    assert f"ix_{table.split('.')[1]}_geometry" in plan
    assert "Seq Scan" not in plan


def test_a_policy_on_a_geometry_table_keeps_the_index(
    session: Session, office: Database, as_superuser: Callable[[str], Any]
) -> None:
    """As the tables to come have them: rows of one's own only, the setting read once."""
    as_superuser(
        "CREATE TABLE public.windowed AS SELECT n, (ARRAY['460100','469005'])[n % 2 + 1] AS code, "
        "ST_SetSRID(ST_MakePoint(110 + n % 300 / 300.0, 20 + n / 300 / 100.0), 4490)::geometry(Point, 4490) AS geometry "
        "FROM generate_series(1, 30000) n"
    )
    try:
        as_superuser("CREATE INDEX ix_windowed_geometry ON public.windowed USING gist (geometry)")
        as_superuser("ALTER TABLE public.windowed ENABLE ROW LEVEL SECURITY")
        as_superuser(
            "CREATE POLICY own ON public.windowed FOR SELECT TO geo_service "
            "USING (code = ANY ((SELECT service.jurisdictions())::text[]))"
        )
        as_superuser("GRANT SELECT ON public.windowed TO geo_service")
        as_superuser("ANALYZE public.windowed")
        act_as(session, THERE)
        plan = json.dumps(
            session.execute(text(f"EXPLAIN (FORMAT JSON) {BBOX.format('public.windowed')}")).scalar_one()
        )
        assert "ix_windowed_geometry" in plan
        assert "InitPlan" in plan
        assert session.execute(text("SELECT count(*), count(DISTINCT code) FROM public.windowed")).one() == (
            15000,
            1,
        )
    finally:
        session.rollback()
        as_superuser("DROP TABLE public.windowed")
