"""A live service on the demonstration, on a port of its own, with its worker; and tokens of officers."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import Any

import pytest
from starlette.responses import PlainTextResponse

from geo_service.app import create_app
from geo_service.auth.officer import OPERATOR, Role, Scope
from geo_service.auth.tokens import make_token
from geo_service.db import Database
from geo_service.settings import Settings
from tests.people import put_officer
from tests.service import served


@dataclass
class Door:
    """A proxy before the service that sends the next requests away, as one under load does; what came stands in `seen`."""

    app: Any
    away: int = 0
    status: int = 503
    retry_after: str | None = "0"
    seen: list[tuple[str, str]] = field(default_factory=list)

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        """Send away, or let through."""
        if scope["type"] == "http":
            self.seen.append((scope["method"], scope["path"]))
            if self.away > 0:
                self.away -= 1
                headers = {} if self.retry_after is None else {"Retry-After": self.retry_after}
                await PlainTextResponse("busy", self.status, headers)(scope, receive, send)
                return
        await self.app(scope, receive, send)


@pytest.fixture(scope="session")
def live(hainan: Database, settings: Settings) -> Iterator[str]:
    """The address of a running service."""
    with served(create_app(settings.model_copy(update={"database_url": hainan.url}))) as address:
        yield address


@pytest.fixture
def busy(hainan: Database, settings: Settings) -> Iterator[tuple[Door, str]]:
    """A door before a service of its own, and its address."""
    door = Door(create_app(settings.model_copy(update={"database_url": hainan.url})))
    with served(door) as address:
        yield door, address


@pytest.fixture(scope="session")
def token(hainan: Database) -> Callable[[Role], str]:
    """Make a token of an officer with a role, for all that he may do."""

    def make(role: Role) -> str:
        with hainan.acting_as(OPERATOR).transaction() as session:
            row = put_officer(session, f"client-{role.value}", role)
            return make_token(session, row.id, label="client", scopes={Scope.READ, Scope.WRITE}, days=1)[0]

    return make
