"""A service with papers on file, and archives of it."""

import hashlib
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest
from fastapi.testclient import TestClient

from geo_service.app import create_app
from geo_service.auth.officer import OPERATOR
from geo_service.backup.making import back_up
from geo_service.db import Database
from geo_service.embedded import Running
from geo_service.settings import Settings
from tests.geo_service.documents.office import LINE, Office, draw_ground, pdf, people, picture


@dataclass
class Source:
    """The office that is backed up, with its settings as the owner of the tables."""

    office: Office
    settings: Settings


@pytest.fixture(scope="package")
def source(
    cluster: Running,
    settings: Settings,
    new_database: Callable[[str], str],
    tmp_path_factory: pytest.TempPathFactory,
) -> Iterator[Source]:
    """A database of its own with units, a line, officers, five documents and their audit."""
    name, place = "geo_backed_up", tmp_path_factory.mktemp("source")
    chosen = settings.model_copy(
        update={
            "database_url": new_database(name),
            "owner_database_url": cluster.url("geo_owner", name),
            "data_dir": place,
            "photo_store": str(place / "documents"),
        }
    )
    assert chosen.database_url
    database = Database(chosen.database_url, chosen).acting_as(OPERATOR)
    with database.transaction() as session:
        draw_ground(session)
    with database.transaction() as session:
        signed = people(session)
    app = create_app(chosen)
    office = Office(TestClient(app, raise_server_exceptions=False), database, place / "documents", signed)
    for content in (pdf("1"), pdf("2"), picture("PNG"), picture("JPEG", (640, 480)), pdf("3" * 20_000)):
        assert office.send(content, subject_kind="line", subject_id=LINE).status_code == 201
    photo = picture("JPEG", (320, 240))
    name = hashlib.sha256(photo).hexdigest()
    sent = office.client.put(f"/api/photos/{name}", content=photo, headers=signed["haikou"])
    assert sent.status_code in {200, 201}, sent.text
    yield Source(office, chosen)
    app.state.database.dispose()
    database.dispose()


@pytest.fixture(scope="package")
def archive(source: Source, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """One archive of the office."""
    return back_up(source.settings, tmp_path_factory.mktemp("archive") / "office.tar")[0]
