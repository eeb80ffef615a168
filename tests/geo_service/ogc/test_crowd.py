"""More heavy questions at once than the door answers: each is told what became of it, and nobody else waits for them."""

from collections import Counter
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager

import httpx2 as transport
import psycopg
import pytest
from psycopg.sql import SQL, Identifier

from geo_service.app import create_app
from geo_service.auth.officer import OPERATOR, Role, Scope
from geo_service.auth.tokens import make_token
from geo_service.db import Database
from geo_service.embedded import Running
from geo_service.ogc import door
from geo_service.settings import Settings
from tests.people import put_officer
from tests.service import served

pytestmark = pytest.mark.database
LAYER = "ne_110m_admin_0_countries"
HEAVY = f"/ogc/collections/{LAYER}/items?filter=NAME%20LIKE%20%27A%25%27"
CROWD = 200


@pytest.fixture
def impatient(
    standard_layers: Database, settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> Iterator[str]:
    """Address of a service whose questions wait a second for their turn and may run for three."""
    monkeypatch.setattr(door, "PATIENCE_S", 1.0)
    own = settings.model_copy(update={"database_url": standard_layers.url, "statement_timeout_s": 3})
    app = create_app(own)
    with served(app) as address:
        yield address
    app.state.door.state.door.dispose()


@pytest.fixture
def officer(standard_layers: Database) -> dict[str, str]:
    """The header of an officer's requests."""
    with standard_layers.acting_as(OPERATOR).transaction() as session:
        row = put_officer(session, "crowded", Role.PLANNER)
        secret = make_token(session, row.id, label="crowd", scopes={Scope.READ}, days=1)[0]
    return {"Authorization": f"Bearer {secret}"}


@contextmanager
def holding(cluster: Running, layer: str) -> Iterator[None]:
    """Hold a layer's table, so that who reads it waits until he is stopped."""
    url = cluster.url("postgres", "geo_door_standard").replace("+psycopg", "")
    with psycopg.connect(url) as superuser:
        ((table,),) = superuser.execute(
            "SELECT table_name FROM published.reference_layer WHERE name = %s", [layer]
        ).fetchall()
        superuser.execute(
            SQL("LOCK TABLE {} IN ACCESS EXCLUSIVE MODE").format(Identifier("reference", table))
        )
        yield


def test_a_crowd_is_told_what_became_of_it_and_holds_nobody_up(
    impatient: str, officer: dict[str, str], cluster: Running
) -> None:
    with transport.Client(base_url=impatient, timeout=60) as asking, ThreadPoolExecutor(CROWD) as crowd:
        assert asking.get(HEAVY).status_code == 200
        with holding(cluster, LAYER):
            asked = [crowd.submit(asking.get, HEAVY) for _ in range(CROWD)]
            while sum(one.done() for one in asked) == 0:
                assert asking.get("/ogc/collections/units/items", headers=officer).status_code == 200
                assert asking.get("/api/boundaries/units").status_code == 200
            answers = [one.result() for one in asked]
        told = Counter((one.status_code, one.json()["code"]) for one in answers)
        assert set(told) == {(503, "ogc.busy"), (503, "request.timed_out")}
        assert all(int(one.headers["retry-after"]) > 0 for one in answers)
        assert asking.get(HEAVY).json()["numberMatched"] > 0
