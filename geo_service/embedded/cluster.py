"""The private cluster as a whole: start it, share it, stop it; refuses to stop it under another user's feet.

Any number of processes may use one data directory: the first starts the server, the others attach to it,
the last one to leave stops it. A user that is killed is noticed by its keeper (see `keeper`), and what a
killed server leaves is cleared at the next start (see `postmaster`).
"""

import atexit
import os
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from types import TracebackType
from typing import Final, Self

import psycopg
import structlog
from sqlalchemy import URL

from geo_service.embedded.account import account_for
from geo_service.embedded.directory import PORT, Places, default_data_dir
from geo_service.embedded.errors import ClusterBusy, ClusterError
from geo_service.embedded.installation import choose, installations
from geo_service.embedded.keeper import Keeper
from geo_service.embedded.locks import Hold, exclusive
from geo_service.embedded.passage import open_passage
from geo_service.embedded.postmaster import PID_FILE, Postmaster, living
from geo_service.embedded.provision import DATABASE, OWNER, READER, SERVICE, SUPERUSER, provision
from geo_service.embedded.server import START_TIMEOUT_S, STOP_TIMEOUT_S, Server

LOCK_TIMEOUT_S: Final = float(START_TIMEOUT_S)
LOOK_EVERY_S: Final = 2.0
log = structlog.get_logger(__name__)
LEAVING_S: Final = 0.5
"""How long a leaving user looks whether it was the last, when a keeper may be quicker."""


class Cluster:
    """The PostGIS that belongs to one data directory.

    `data_dir`: by default `default_data_dir()`. `durable=False` gives up crash safety for speed: for tests.
    """

    def __init__(self, data_dir: Path | None = None, *, durable: bool = True) -> None:
        self.places = Places((data_dir or default_data_dir()).expanduser().resolve())
        self.durable = durable

    def start(self) -> "Running":
        """Start the server, or attach to it where it runs; return once it answers with roles and extensions in place.

        Raises children of `errors.ClusterError`, each with what the person at the machine can do.
        """
        self.places.make()
        with exclusive(self.places.root / "start.lock", timeout_s=LOCK_TIMEOUT_S):
            account = account_for(self.places.data)
            found = choose(list(installations()), data=self.places.data, written_by=self.places.written_by())
            server = Server(self.places, account, found)
            open_passage(self.places.root, account)
            users = self.places.root / "users.lock"
            hold = Hold(users, timeout_s=LOCK_TIMEOUT_S)
            running = living(self.places)
            try:
                socket = self._launch(server) if running is None else self._attach(running)
                self._provision(server, socket)
                keeper = Keeper(account, lock=users, pg_ctl=found.program("pg_ctl"), data=self.places.data)
            except BaseException:  # Ctrl-C too leaves nothing behind
                if running is None and self.places.data.exists():
                    server.halt()
                hold.release()
                raise
        return Running(
            server, socket, attached=running is not None, hold=hold, keeper=keeper, durable=self.durable
        )

    def _launch(self, server: Server) -> Path:
        self.places.check_room()
        if self.places.written_by() is None:
            server.create()
        socket = self.places.socket(server.account)
        server.launch(socket, durable=self.durable)
        return socket

    def _provision(self, server: Server, socket: Path) -> None:
        try:
            provision(socket)
        except psycopg.Error as failed:
            raise server.refusal(f"{failed}\n", log=self.places.log) from failed

    def _attach(self, running: Postmaster) -> Path:
        deadline = time.monotonic() + START_TIMEOUT_S
        found: Postmaster | None = running
        while found is not None and not found.ready and time.monotonic() < deadline:
            time.sleep(0.05)
            found = living(self.places)
        if found is None or not found.ready:
            raise ClusterBusy(data_dir=str(self.places.data_dir), waited_s=START_TIMEOUT_S)
        return found.socket


@dataclass
class Running:
    """A cluster in use. Stop it, or use it as a context manager; the end of the process stops it too."""

    server: Server
    socket: Path
    attached: bool
    hold: Hold = field(repr=False)
    keeper: Keeper = field(repr=False)
    durable: bool = True

    def __post_init__(self) -> None:
        self._process: int | None = os.getpid()
        atexit.register(self.stop)

    @property
    def service_url(self) -> str:
        """For requests: owns nothing, obeys row-level security."""
        return self.url(SERVICE)

    @property
    def owner_url(self) -> str:
        """For migrations: owns the schemas."""
        return self.url(OWNER)

    @property
    def reader_url(self) -> str:
        """For the published schema: read-only."""
        return self.url(READER)

    @property
    def superuser_url(self) -> str:
        """For backups and repair by the owner of the cluster; never for requests."""
        return self.url(SUPERUSER)

    def url(self, role: str, database: str = DATABASE) -> str:
        """Return the SQLAlchemy URL of `database` as `role`, through the unix socket.

        For example `postgresql+psycopg://geo_service@/geo_service?host=%2Frun%2Fgeo&port=5432`.
        """
        query = {"host": str(self.socket), "port": str(PORT)}
        return URL.create(
            "postgresql+psycopg", username=role, database=database, query=query
        ).render_as_string()

    @contextmanager
    def kept_alive(self) -> Iterator[None]:
        """Within the block, start the server again when it died under its users: a kill, or the machine out of memory."""
        ended = threading.Event()

        def look() -> None:
            while not ended.wait(LOOK_EVERY_S):
                try:
                    self.revive()
                except ClusterError as failed:
                    log.warning("cluster_not_revived", code=failed.code)

        watch = threading.Thread(target=look, name="cluster-watch", daemon=True)
        watch.start()
        try:
            yield
        finally:
            ended.set()
            watch.join()

    def revive(self) -> bool:
        """Start the server again if it is gone; return whether it was. PostgreSQL recovers what was committed."""
        places = self.server.places
        if _said_to_live(places):
            return False
        with exclusive(places.root / "start.lock", timeout_s=LOCK_TIMEOUT_S):
            if living(places) is not None:
                return False
            self.server.launch(self.socket, durable=self.durable)
        log.warning("cluster_revived", data=str(places.data))
        return True

    def stop(self) -> None:
        """Leave the cluster, and stop it when nobody else uses it; twice is once. Raises `StopRefused`."""
        if self._process != os.getpid():  # stopped already, or a fork of the user
            return
        self._process = None
        atexit.unregister(self.stop)
        places = self.server.places
        with exclusive(places.root / "start.lock", timeout_s=LOCK_TIMEOUT_S):
            self.hold.release()
            self._stop_unless_used(places.root / "users.lock")
            self.keeper.dismiss()  # last: interrupted before, it finishes what was begun

    def _stop_unless_used(self, users: Path) -> None:
        """Stop the server if the lock is free; if a keeper of a killed user has it, let that one finish."""
        deadline = time.monotonic() + LEAVING_S
        while True:
            try:
                with exclusive(users, timeout_s=LEAVING_S):
                    self.server.halt()
            except ClusterBusy:
                found = living(self.server.places)
                if (found is not None and found.ready) or time.monotonic() > deadline + STOP_TIMEOUT_S:
                    return
            else:
                return

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.stop()


def _said_to_live(places: Places) -> bool:
    """Say whether a process has the number in the pid file: enough for a look every other second."""
    try:
        pid = int((places.data / PID_FILE).read_text().split(maxsplit=1)[0])
        command = Path(f"/proc/{pid}/cmdline").read_bytes()
    except (OSError, IndexError, ValueError):
        return False
    return command != b""  # a dead process that nobody has collected yet has none
