"""A live service on the demonstration, on a port of its own, with its worker; and tokens of officers."""

import threading
import time
from collections.abc import Callable, Iterator

import pytest
import uvicorn

from geo_service.app import create_app
from geo_service.auth.officer import OPERATOR, Role, Scope
from geo_service.auth.tokens import make_token
from geo_service.db import Database
from geo_service.settings import Settings
from tests.people import put_officer


@pytest.fixture(scope="session")
def live(hainan: Database, settings: Settings) -> Iterator[str]:
    """The address of a running service."""
    app = create_app(settings.model_copy(update={"database_url": hainan.url}))
    server = uvicorn.Server(uvicorn.Config(app, port=0, log_config=None, access_log=False))
    thread = threading.Thread(target=server.run)
    thread.start()
    while not (server.started and server.servers):
        assert thread.is_alive()
        time.sleep(0.02)
    yield f"http://127.0.0.1:{server.servers[0].sockets[0].getsockname()[1]}"
    server.should_exit = True
    thread.join()


@pytest.fixture(scope="session")
def token(hainan: Database) -> Callable[[Role], str]:
    """Make a token of an officer with a role, for all that he may do."""

    def make(role: Role) -> str:
        with hainan.acting_as(OPERATOR).transaction() as session:
            row = put_officer(session, f"client-{role.value}", role)
            return make_token(session, row.id, label="client", scopes={Scope.READ, Scope.WRITE}, days=1)[0]

    return make
