"""The audit: each act in its own transaction, chained, unchangeable, and honest about who broke it."""

import csv
import io
import json
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import psycopg
import pytest
from sqlalchemy import text
from sqlalchemy.orm import Session
from typer.testing import CliRunner

from geo_service.auth.acting import act_as, coming_from
from geo_service.auth.audit import (
    AnchorUnreadable,
    KeptAnchor,
    audit_findings,
    newest,
    read_anchor,
    record_act,
    verify_chain,
)
from geo_service.auth.officer import OPERATOR, PUBLIC, Officer, Role
from geo_service.cli import app as cli
from geo_service.db import Database
from geo_service.embedded import Running
from geo_service.settings import Settings, get_settings
from tests.people import OUTSIDE

pytestmark = pytest.mark.database
AUDITOR = Officer("auditor9", frozenset({Role.AUDITOR}), frozenset({"460100"}))


@pytest.fixture
def chain(session: Session) -> Session:
    """Ten acts of one officer on empty tables, undone at the end."""
    act_as(session, Officer("surveyor9", frozenset({Role.SURVEYOR}), frozenset({"460100"})))
    coming_from(session, "192.0.2.1", "request-1")
    for number in range(1, 11):
        record_act(
            session, "thing.change", subject=("thing", str(number)), after={"n": number}, detail={"名": "二"}
        )
    act_as(session, AUDITOR)
    return session


@pytest.fixture
def as_superuser(chain: Session) -> Callable[[str], None]:
    """Edit the table as its superuser with the triggers off, within the same transaction."""

    def edit(statement: str) -> None:
        chain.execute(text("RESET ROLE"))
        chain.execute(text("SET LOCAL session_replication_role = replica"))
        chain.execute(text(statement))
        chain.execute(text("SET LOCAL session_replication_role = origin"))

    return edit


@pytest.fixture
def session(migrated: Running, empty: Database, settings: Settings) -> Iterator[Session]:
    """A session whose login is the superuser, narrowed to the service's role as `Database` does it."""
    database = Database(migrated.url("postgres", "geo_empty"), settings)
    with database.engine.connect() as connection, Session(connection) as session:
        act_as(session, OPERATOR)
        yield session
        session.rollback()
    database.dispose()


def broken_at(session: Session) -> int | None:
    return verify_chain(session).broken_at


def test_entries_are_chained_with_who_whence_and_what(chain: Session) -> None:
    rows = chain.execute(text("SELECT * FROM service.audit_entry ORDER BY number")).mappings().all()
    assert [row["number"] for row in rows] == list(range(1, 11))
    assert {(row["officer"], str(row["address"]), row["request_id"]) for row in rows} == {
        ("surveyor9", "192.0.2.1", "request-1")
    }
    assert [row["previous_hash"] for row in rows[1:]] == [row["hash"] for row in rows[:-1]]
    assert len({row["after_digest"] for row in rows}) == 10
    state = verify_chain(chain)
    assert (state.entries, state.broken_at, state.head) == (10, None, rows[-1]["hash"].hex())


def test_the_writer_chooses_neither_name_nor_number_nor_time(chain: Session) -> None:
    chain.execute(
        text(
            "INSERT INTO service.audit_entry (number, at, officer, act, subject_kind, subject_id, detail, previous_hash, "
            "hash) VALUES (99, '2001-01-01', 'somebody else', 'x.y', 'thing', '1', '{}', '\\x01', '\\x02')"
        )
    )
    last = chain.execute(
        text(
            "SELECT number, officer, at > '2026-01-01' FROM service.audit_entry ORDER BY number DESC LIMIT 1"
        )
    )
    assert tuple(last.one()) == (11, "auditor9", True)
    assert broken_at(chain) is None


@pytest.mark.parametrize(
    ("edit", "broken"),
    [
        ("UPDATE service.audit_entry SET officer = 'somebody else' WHERE number = 4", 4),
        ("UPDATE service.audit_entry SET at = at - interval '1 day' WHERE number = 7", 7),
        ("UPDATE service.audit_entry SET detail = '{}' WHERE number = 1", 1),
        ("UPDATE service.audit_entry SET address = NULL WHERE number = 10", 10),
        ("UPDATE service.audit_entry SET after_digest = before_digest WHERE number = 5", 5),
        ("UPDATE service.audit_entry SET subject_id = '5' WHERE number IN (6, 8)", 6),
        ("DELETE FROM service.audit_entry WHERE number = 3", 4),
        ("DELETE FROM service.audit_entry WHERE number = 1", 2),
        ("UPDATE service.audit_entry SET number = number + 1 WHERE number = 10", 11),
        ("UPDATE service.audit_entry e SET act = 'x', hash = service.audit_hash(e) WHERE number = 5", 5),
    ],
)
def test_the_first_broken_link_is_found_after_a_superusers_edit(
    chain: Session, as_superuser: Callable[[str], None], edit: str, broken: int
) -> None:
    as_superuser(edit)
    assert broken_at(chain) == broken


REWRITE = """
DO $$ DECLARE each service.audit_entry; before bytea := '\\x00'; BEGIN
  UPDATE service.audit_entry SET officer = 'somebody else' WHERE number = 5;
  FOR each IN SELECT * FROM service.audit_entry ORDER BY number LOOP
    each.previous_hash := before;
    before := service.audit_hash(each);
    UPDATE service.audit_entry SET previous_hash = each.previous_hash, hash = before WHERE number = each.number;
  END LOOP;
END $$
"""


@pytest.mark.parametrize("edit", [REWRITE, "DELETE FROM service.audit_entry WHERE number > 6"])
def test_a_chain_that_was_rewritten_whole_or_cut_fits_and_fails_its_anchor(
    chain: Session, as_superuser: Callable[[str], None], edit: str
) -> None:
    kept = read_anchor(json.dumps(newest(chain), default=str))
    before = verify_chain(chain)
    assert list(audit_findings(chain, before, kept)) == []
    as_superuser(edit.replace(":=", "\\:="))
    state = verify_chain(chain)
    assert state.broken_at is None
    assert list(audit_findings(chain, state, None)) == []
    found = list(audit_findings(chain, state, kept))
    assert [(finding.code, finding.evidence["number"]) for finding in found] == [("audit.anchor_differs", 10)]


@pytest.mark.parametrize("command", ["UPDATE {} SET {} = {}", "DELETE FROM {}", "TRUNCATE {} CASCADE"])
@pytest.mark.parametrize(
    ("table", "column"),
    [
        ("service.audit_entry", "act"),
        ("boundaries.unit_change", "note"),
        ("boundaries.unit_succession", "change_id"),
    ],
)
@pytest.mark.parametrize("role", ["geo_service", "geo_owner", "postgres"])
def test_evidence_is_changed_by_nobody(
    migrated: Running, hainan: Database, command: str, table: str, column: str, *, role: str
) -> None:
    url = migrated.url("postgres", "geo_hainan").replace("+psycopg", "")
    with psycopg.connect(url) as connection:
        rows = connection.execute(f"SELECT count(*) FROM {table}").fetchone()
        assert rows is not None
        assert rows[0] > 0
        connection.execute(f"SET ROLE {role}")
        with pytest.raises(psycopg.errors.InsufficientPrivilege):
            connection.execute(command.format(table, column, column))


@pytest.mark.parametrize("officer", [PUBLIC, Officer("s", frozenset({Role.SURVEYOR}), frozenset({"*"}))])
def test_the_audit_is_for_auditors(chain: Session, officer: Officer) -> None:
    act_as(chain, officer)
    assert chain.execute(text("SELECT count(*) FROM service.audit_entry")).scalar() == 0


def test_an_act_that_is_undone_leaves_no_entry(office: Database) -> None:
    def entries() -> int:
        with office.acting_as(OPERATOR).transaction() as session:
            return verify_chain(session).entries

    def fail() -> None:
        with office.acting_as(OPERATOR).transaction() as session:
            record_act(session, "thing.change", subject=("thing", "1"))
            raise RuntimeError

    before = entries()
    with pytest.raises(RuntimeError):
        fail()
    assert entries() == before


def test_writers_at_once_make_one_chain(office: Database) -> None:
    def write(number: int) -> None:
        with office.acting_as(OPERATOR).transaction() as session:
            record_act(session, "thing.change", subject=("thing", str(number)))

    with ThreadPoolExecutor(8) as pool:
        list(pool.map(write, range(80)))
    with office.acting_as(OPERATOR).transaction() as session:
        assert verify_chain(session).broken_at is None


@pytest.mark.parametrize(
    "content", ["", "{}", "[]", "null", '{"number": 0, "hash": "00"}', '{"number": "x", "hash": 1}']
)
def test_an_anchor_that_is_none_is_refused(content: str) -> None:
    with pytest.raises(AnchorUnreadable):
        read_anchor(content)


def test_an_anchor_is_read_as_it_was_printed() -> None:
    assert read_anchor('{"number": 3, "hash": "' + "ab" * 32 + '", "at": "x"}') == KeptAnchor(3, "ab" * 32)


def test_the_terminal_anchors_and_checks(
    office: Database, enter: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, as_superuser_of_office: Any
) -> None:
    enter(Role.PLANNER)
    monkeypatch.setenv("GEO_DATABASE_URL", office.url)
    get_settings.cache_clear()
    run = CliRunner().invoke
    printed = run(cli, ["audit", "anchor"])
    kept = tmp_path / "anchor.json"
    kept.write_text(printed.stdout)
    assert run(cli, ["check", "audit", "--anchor", str(kept)]).exit_code == 0
    number = json.loads(printed.stdout)["number"]
    with as_superuser_of_office(
        f"UPDATE service.audit_entry SET officer = officer || 'x' WHERE number = {number}"
    ):
        found = run(cli, ["check", "audit", "--format", "json", "--anchor", str(kept)])
        assert found.exit_code == 1
        assert json.loads(found.stdout)["findings"] == [{"code": "audit.chain_broken", "broken_at": number}]
    kept.write_text("{}")
    assert run(cli, ["check", "audit", "--anchor", str(kept)]).exit_code != 0
    get_settings.cache_clear()


@pytest.fixture
def as_superuser_of_office(migrated: Running) -> Any:
    """Edit the office's audit for the length of a block, then put it back."""
    url = migrated.url("postgres", "geo_office").replace("+psycopg", "")

    @contextmanager
    def edited(statement: str) -> Iterator[None]:
        with psycopg.connect(url, autocommit=True) as connection:
            connection.execute("SET session_replication_role = replica")
            connection.execute("CREATE TEMP TABLE kept AS SELECT * FROM service.audit_entry")
            connection.execute(statement)
            yield
            connection.execute("DELETE FROM service.audit_entry WHERE number IN (SELECT number FROM kept)")
            connection.execute("INSERT INTO service.audit_entry SELECT * FROM kept")

    return edited


def test_the_audit_is_read_by_filter_and_page(enter: Any) -> None:
    him, auditor = enter(Role.SURVEYOR), enter(Role.AUDITOR)
    for number in range(5):
        him.post("/api/tokens", json={"label": f"t{number}", "scopes": ["read"]})
    name = him.headers["x-test-name"]
    path, seen = f"/api/audit?officer={name}&act=token.&limit=2", []
    while path:
        page = auditor.get(path).json()
        assert page["numberReturned"] <= 2
        seen += [entry["detail"]["label"] for entry in page["entries"]]
        path = next((link["href"] for link in page["links"] if link["rel"] == "next"), None)
    assert seen == ["t4", "t3", "t2", "t1", "t0"]
    assert auditor.get(f"/api/audit?officer={name}&until=2020-01-01T00:00:00Z").json()["entries"] == []
    assert auditor.get(f"/api/audit?officer={name}&act=token").json()["entries"] == []
    entry = auditor.get(f"/api/audit?officer={name}&act=token.create&limit=1").json()["entries"][0]
    assert (entry["address"], entry["subject_kind"]) == (him._transport.client[0], "token")
    assert len(entry["hash"]) == 64
    anchor = auditor.get("/api/audit/anchor").json()
    assert anchor["number"] >= entry["number"]


@pytest.mark.parametrize(
    "query", ["since=yesterday", "limit=0", "limit=1001", "cursor=x", "cursor=0", "officer=%00"]
)
def test_a_question_that_is_none_is_refused(enter: Any, query: str) -> None:
    assert enter(Role.AUDITOR).get(f"/api/audit?{query}").status_code == 422


def test_an_export_is_a_table_that_a_spreadsheet_does_not_run(enter: Any) -> None:
    him, auditor = enter(Role.SURVEYOR), enter(Role.AUDITOR)
    him.patch("/api/session/account", json={"display_name": '=HYPERLINK("http://evil.example")'})
    him.headers["x-request-id"] = "-1"
    him.post("/api/tokens", json={"label": "王", "scopes": ["read"]})
    answer = auditor.get(f"/api/audit/export.csv?officer={him.headers['x-test-name']}")
    assert answer.headers["content-type"] == "text/csv; charset=utf-8"
    assert answer.text.startswith("\ufeffnumber,at,officer")
    rows = list(csv.DictReader(io.StringIO(answer.text.removeprefix("\ufeff"))))
    assert [row["act"] for row in rows] == ["session.begin", "officer.account", "token.create"]
    assert json.loads(rows[2]["detail"])["label"] == "王"
    assert not any(cell.startswith(("=", "+", "-", "@")) for row in rows for cell in row.values())


def test_another_offices_people_and_papers_are_not_told_by_the_audit(
    office: Database, enter: Any, fresh: str
) -> None:
    theirs, ours = enter(Role.ADMINISTRATOR, jurisdictions=(OUTSIDE,)), enter(Role.AUDITOR)
    made = {
        "username": fresh,
        "display_name": "丙",
        "roles": ["surveyor"],
        "jurisdictions": [OUTSIDE],
    }
    assert theirs.post("/api/officers", json=made).status_code == 201
    line = enter(Role.BOUNDARY, jurisdictions=(OUTSIDE,))
    kept = line.get("/api/boundaries/lines/460108469005")
    done = line.patch(
        "/api/boundaries/lines/460108469005",
        json={"managing": "丙市"},
        headers={"If-Match": kept.headers["etag"]},
    )
    assert done.status_code == 200, done.text
    name = theirs.headers["x-test-name"]
    everywhere = enter(Role.AUDITOR, jurisdictions=("*",))
    for path, seen in {
        f"/api/audit?officer={name}": {everywhere},
        f"/api/audit?subject_kind=officer&subject={fresh}": {everywhere, theirs},
        f"/api/audit?act=line.keep&officer={line.headers['x-test-name']}": {everywhere, theirs, ours},
    }.items():
        told = {
            client for client in (everywhere, theirs, ours) if client.get(path).json()["numberReturned"] > 0
        }
        assert told == seen | ({theirs} if name in path else set()), path
    exported = ours.get(f"/api/audit/export.csv?officer={name}").text
    assert exported.count("\n") == 1
    whole, part = (client.get("/api/audit/chain").json() for client in (everywhere, ours))
    assert (part["entries"], part["broken_at"]) == (whole["entries"], None)
    assert ours.get("/api/audit/anchor").json()["number"] == whole["entries"]
