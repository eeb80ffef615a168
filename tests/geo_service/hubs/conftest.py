"""A town on record in a database of its own test: network, demand, hubs; a planner signed in."""

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from fastapi.testclient import TestClient
from sqlalchemy import text
from sqlalchemy.orm import Session

from geo_service.app import create_app
from geo_service.auth.officer import OPERATOR, Role
from geo_service.auth.sessions import officer_of
from geo_service.db import Database
from geo_service.operations import hubs_demand, hubs_networks
from geo_service.operations.hubs import Described, add_hub
from geo_service.schemas.hubs import NewHub
from geo_service.settings import Settings
from layers.hubs.model import HubStatus
from tests.geo_service.hubs import town
from tests.people import put_officer, sign_in_as


@dataclass
class Town:
    """Files and what became of them on record."""

    streets: Path
    cells: Path
    hubs: Path
    network: str
    demand: str

    def asked(self, **more: Any) -> dict[str, Any]:
        return {"network": self.network, "demand": self.demand, **more}


def record_town(session: Session, folder: Path) -> Town:
    session.execute(text("DELETE FROM hubs.hub"))  # the demonstration's own
    files = (
        town.streets(folder / "streets.geojson"),
        town.cells(folder / "cells.geojson"),
        town.hubs(folder / "hubs.geojson"),
    )
    network = hubs_networks.import_network(
        session, OPERATOR, files[0], Described("town", "drawn"), home_unit="460100"
    )
    demand = hubs_demand.import_demand(
        session,
        OPERATOR,
        files[1],
        Described("town", "drawn"),
        home_unit="460100",
        groups={"population": "weight", "elderly_60": "old"},
    )
    for number, (code, place) in enumerate({"H-1": (2.4, 2.1), "H-2": (8.6, 1.9), "H-3": (6.5, 7.8)}.items()):
        lon, lat = town.at(*place)
        asked = NewHub(
            code=code, name=f"服务中心 {number}", status=HubStatus.EXISTING, lon=lon, lat=lat, capacity=20_000
        )
        add_hub(session, OPERATOR, asked)
    for code, place in town.CANDIDATES.items():
        lon, lat = town.at(*place)
        add_hub(session, OPERATOR, NewHub(code=code, name=code, lon=lon, lat=lat))
    session.flush()
    return Town(*files, str(network.id), str(demand.id))


@pytest.fixture
def drawn(hainan_session: Session, tmp_path: Path) -> Town:
    """The town, undone at the end of the test."""
    return record_town(hainan_session, tmp_path)


@pytest.fixture
def planner(client: TestClient, hainan_session: Session, settings: Settings) -> TestClient:
    """A client of a planner of Haikou."""
    sign_in_as(client, hainan_session, settings, "planner-1", Role.PLANNER)
    return client


@dataclass
class Standing:
    """A service with its worker on a database of its own, where the town stays on record."""

    client: TestClient
    database: Database
    town: Town


@pytest.fixture(scope="module")
def service(settings: Settings, hainan: Database, new_database, tmp_path_factory) -> Iterator[Standing]:
    """The whole service with its worker; a planner is signed in."""
    url = new_database("geo_hubs")
    database = Database(url, settings)
    with database.acting_as(OPERATOR).transaction() as session:
        kept = record_town(session, tmp_path_factory.mktemp("town"))
    with TestClient(create_app(settings.model_copy(update={"database_url": url}))) as client:
        with database.transaction() as session:
            sign_in_as(client, session, settings, "planner-1", Role.PLANNER, jurisdictions=("*",))
        yield Standing(client, database, kept)
    database.dispose()


def planner_of(session: Session):
    return officer_of(put_officer(session, "planner-1", Role.PLANNER))
