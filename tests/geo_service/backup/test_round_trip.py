"""Backed up while others write, restored elsewhere: the same rows, the same chain, the same papers, the same rights."""

import re
import threading
from collections.abc import Callable, Iterator
from pathlib import Path

import psycopg
import pytest
from fastapi.testclient import TestClient
from sqlalchemy import text

from geo_service import migrations
from geo_service.app import create_app
from geo_service.auth.audit import verify_chain
from geo_service.auth.officer import OPERATOR
from geo_service.backup.digests import table_states
from geo_service.backup.making import back_up
from geo_service.backup.place import place_at
from geo_service.backup.refusals import (
    NothingThere,
    PlaceNotEmpty,
    PlaceNotPrepared,
    RestoredDiffers,
    TargetExists,
)
from geo_service.backup.restoring import compare, restore
from geo_service.db import Database
from geo_service.embedded import Cluster, Running
from geo_service.settings import Settings
from tests.geo_service.backup.conftest import Source
from tests.geo_service.documents.office import LINE, pdf

pytestmark = pytest.mark.database

OURS = "('service', 'boundaries', 'markers', 'procrastinate')"
CATALOGUE = (
    """SELECT schemaname || '.' || tablename || ' ' || policyname || cmd || coalesce(qual, '') || coalesce(with_check, '')
         FROM pg_policies ORDER BY 1""",
    f"""SELECT relname || ' ' || relrowsecurity || coalesce(relacl::text, '') || pg_get_userbyid(relowner)
          FROM pg_class c JOIN pg_namespace n ON n.oid = relnamespace
         WHERE nspname IN {OURS} AND relkind <> 'c' ORDER BY 1""",
    "SELECT tgrelid::regclass || ' ' || pg_get_triggerdef(oid) FROM pg_trigger WHERE NOT tgisinternal ORDER BY 1",
    f"""SELECT pg_get_functiondef(p.oid) || coalesce(proacl::text, '') FROM pg_proc p
          JOIN pg_namespace n ON n.oid = pronamespace WHERE nspname IN {OURS} ORDER BY 1""",
    f"SELECT indexdef FROM pg_indexes WHERE schemaname IN {OURS} ORDER BY 1",
    "SELECT conrelid::regclass || ' ' || pg_get_constraintdef(oid) FROM pg_constraint WHERE conrelid <> 0 ORDER BY 1",
)


@pytest.fixture
def new_office(tmp_path: Path) -> Settings:
    """Settings of a service that is to begin in a new data directory."""
    return Settings(data_dir=tmp_path / "new", photo_store=str(tmp_path / "new" / "documents"))


def test_a_backup_under_writing_is_one_moment_and_comes_back(
    source: Source, new_office: Settings, tmp_path: Path
) -> None:
    stop, sent = threading.Event(), []

    def keep_writing() -> None:
        while not stop.is_set():
            answer = source.office.send(
                pdf(f"written during the backup {len(sent)}"), subject_kind="line", subject_id=LINE
            )
            sent.append(answer.status_code)

    writer = threading.Thread(target=keep_writing)
    writer.start()
    try:
        while len(sent) < 3:
            stop.wait(0.01)
        before = len(sent)
        path, manifest = back_up(source.settings, tmp_path / "office.tar")
        during = len(sent) - before
    finally:
        stop.set()
        writer.join()
    assert set(sent) == {201}
    assert during > 0, "the service was in use"
    assert manifest.missing == []
    rows = manifest.tables["service.document"].rows
    assert before <= rows - 5 <= len(sent)
    assert manifest.tables["service.document_link"].rows == rows
    assert manifest.kept["documents"] >= rows

    assert manifest.kept["photos"] == 1

    assert restore(new_office, path) == manifest
    assert len(list((new_office.data_dir / "documents" / "photos").glob("*/*/*"))) == 1
    with Cluster(new_office.data_dir, durable=False).start() as running:
        with place_at(running.owner_url).connect() as connection:
            assert table_states(connection) == manifest.tables
        _same_catalogue(source, running)
        migrations.check(running.owner_url)
        _the_service_answers(source, new_office, running, rows)


def _same_catalogue(source: Source, running: Running) -> None:
    assert source.settings.owner_database_url
    with (
        place_at(source.settings.owner_database_url).connect() as old,
        place_at(running.owner_url).connect() as new,
    ):
        for statement in CATALOGUE:
            was, is_now = (
                [
                    re.sub(r"[()\s]", "", str(row)) for row in connection.execute(statement)
                ]  # told anew, with other brackets
                for connection in (old, new)
            )
            assert len(was) > 10
            assert is_now == was


def _the_service_answers(source: Source, settings: Settings, running: Running, rows: int) -> None:
    """Sessions and tokens hold, every paper has its bytes, evidence is guarded, and the chain goes on."""
    database = Database(running.service_url, settings).acting_as(OPERATOR)
    app = create_app(settings.model_copy(update={"database_url": running.service_url}))
    client, signed = TestClient(app), source.office.signed["haikou"]
    try:
        documents = client.get("/api/documents", params={"limit": 1000}, headers=signed).json()["documents"]
        assert len(documents) == rows
        for document in documents:
            assert len(client.get(document["content"], headers=signed).content) == document["size"]
        with database.transaction() as session:
            entries = verify_chain(session).entries
        form = {"id": "0190a5f0-0000-7000-8000-000000000001", "type": "other", "title": "after the restore"}
        added = client.post(
            "/api/documents", data=form, files={"file": ("a.pdf", pdf("new"))}, headers=signed
        )
        assert added.status_code == 201
        with database.transaction() as session:
            state = verify_chain(session)
        assert (state.entries, state.broken_at) == (entries + 1, None)
        with pytest.raises(Exception, match="permission denied"), database.transaction() as session:
            session.execute(text("DELETE FROM service.audit_entry"))
    finally:
        app.state.database.dispose()
        database.dispose()


@pytest.fixture
def prepared(cluster: Running) -> Iterator[Callable[..., str]]:
    """Make an empty database as its administrator would; returns its name."""
    made: list[str] = []
    superuser = cluster.url("postgres", "postgres").replace("+psycopg", "")
    with psycopg.connect(superuser, autocommit=True) as administrator:

        def make(name: str, *, extensions: bool = True) -> str:
            administrator.execute(f"CREATE DATABASE {name} OWNER geo_owner TEMPLATE template0")
            made.append(name)
            if extensions:
                script = (
                    Path("geo_service/embedded/database.sql")
                    .read_text()
                    .replace("DATABASE geo_service", f"DATABASE {name}")
                )
                with psycopg.connect(
                    cluster.url("postgres", name).replace("+psycopg", ""), autocommit=True
                ) as inside:
                    inside.execute(script.encode())
            return name

        yield make
        for name in made:
            administrator.execute(f"DROP DATABASE {name} WITH (FORCE)")


def named(cluster: Running, name: str, place: Path) -> Settings:
    return Settings(
        database_url=cluster.url("geo_service", name),
        owner_database_url=cluster.url("geo_owner", name),
        data_dir=place,
        photo_store=str(place / "documents"),
    )


def test_an_office_with_a_database_of_its_own_restores_into_an_empty_one(
    cluster: Running, prepared: Callable[..., str], archive: Path, tmp_path: Path
) -> None:
    settings = named(cluster, prepared("geo_restored"), tmp_path)
    manifest = restore(settings, archive)
    place = place_at(settings.owner_database_url or "")
    compare(place, manifest)
    with pytest.raises(PlaceNotEmpty) as refused:
        restore(settings, archive)
    assert "service" in refused.value.facts["found"]
    with place.connect() as connection:
        connection.execute("ALTER TABLE service.document DISABLE TRIGGER USER")
        connection.execute(
            "UPDATE service.document SET title = title || '.' WHERE id = (SELECT min(id::text)::uuid FROM service.document)"
        )
    with pytest.raises(RestoredDiffers) as differs:
        compare(place, manifest)
    assert differs.value.facts["tables"] == ["service.document"]


def test_a_login_that_is_only_a_member_of_the_owner_will_do(
    cluster: Running, source: Source, prepared: Callable[..., str], tmp_path: Path
) -> None:
    name = prepared("geo_by_superuser")
    chosen = source.settings.model_copy(
        update={"owner_database_url": cluster.url("postgres", "geo_backed_up")}
    )
    path, _ = back_up(chosen, tmp_path / "office.tar")
    restore(
        named(cluster, name, tmp_path).model_copy(
            update={"owner_database_url": cluster.url("postgres", name)}
        ),
        path,
    )
    with psycopg.connect(cluster.url("postgres", name).replace("+psycopg", "")) as superuser:
        owners = superuser.execute(
            "SELECT DISTINCT tableowner FROM pg_tables WHERE schemaname = 'service'"
        ).fetchall()
    assert owners == [("geo_owner",)]


def test_a_database_that_is_not_prepared_is_refused(
    cluster: Running, prepared: Callable[..., str], archive: Path, tmp_path: Path
) -> None:
    with pytest.raises(PlaceNotPrepared) as refused:
        restore(named(cluster, prepared("geo_bare", extensions=False), tmp_path), archive)
    assert "extension postgis" in refused.value.facts["missing"]
    assert not (tmp_path / "documents").exists()


def test_strange_documents_in_the_place_are_refused(
    cluster: Running, prepared: Callable[..., str], archive: Path, tmp_path: Path
) -> None:
    settings = named(cluster, prepared("geo_with_papers"), tmp_path)
    strange = tmp_path / "documents" / "aa" / "aa" / ("a" * 64)
    strange.parent.mkdir(parents=True)
    strange.write_bytes(b"somebody's")
    with pytest.raises(PlaceNotEmpty):
        restore(settings, archive)
    strange.unlink()
    restore(settings, archive)


def test_a_document_that_was_lost_is_named_and_the_rest_is_saved(source: Source, tmp_path: Path) -> None:
    sent = source.office.send(pdf("to be lost")).json()
    lost = next(path for path in source.office.kept() if path.name == sent["sha256"])
    content = lost.read_bytes()
    lost.chmod(0o600)
    try:
        for damage in (content[:-1], None):
            lost.unlink() if damage is None else lost.write_bytes(damage)
            _, manifest = back_up(source.settings, tmp_path / f"{damage is None}.tar")
            assert manifest.missing == [f"documents/{sent['sha256']}"]
            assert sum(manifest.kept.values()) == len(source.office.kept()) - (damage is not None)
    finally:
        lost.write_bytes(content)


def test_a_backup_never_overwrites_and_leaves_nothing_half_done(source: Source, tmp_path: Path) -> None:
    (tmp_path / "taken.tar").write_text("keep me")
    with pytest.raises(TargetExists):
        back_up(source.settings, tmp_path / "taken.tar")
    named_by_time, _ = back_up(source.settings, tmp_path)
    assert named_by_time.name.startswith("geo-service-2")
    assert named_by_time.stat().st_mode & 0o077 == 0
    assert sorted(path.name for path in tmp_path.iterdir()) == sorted(["taken.tar", named_by_time.name])


def test_a_backup_of_nothing_is_refused(
    cluster: Running, prepared: Callable[..., str], tmp_path: Path
) -> None:
    with pytest.raises(NothingThere):
        back_up(named(cluster, prepared("geo_nothing"), tmp_path), tmp_path / "a.tar")
    assert list(tmp_path.iterdir()) == []
