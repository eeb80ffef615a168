"""Making, launching and halting PostgreSQL itself; refuses to decide when."""

import shutil
import time
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from geo_service.embedded.account import Account
from geo_service.embedded.directory import FREE_TO_CREATE_MIB, MEBIBYTE, Places
from geo_service.embedded.errors import ClusterError, DiskFull, StartRefused, StopRefused
from geo_service.embedded.installation import Installation
from geo_service.embedded.postmaster import clear_remains, living, processes
from geo_service.embedded.provision import OWNER, READER, SERVICE, SUPERUSER
from geo_service.embedded.tuning import settings_file

CREATE_TIMEOUT_S: Final = 300
START_TIMEOUT_S: Final = 300
"""Long enough for the recovery of what a crash left."""
STOP_TIMEOUT_S: Final = 60
LOG_LINES_SHOWN: Final = 20
LOG_LINES_READ: Final = 200
INCLUDES: Final = "\ninclude 'geo_service.conf'\ninclude_if_exists 'local.conf'\n"
ADMISSION: Final = """\
# Only through the unix socket, only as the accounts that pg_ident.conf names.
local all         all peer map=geo
local replication all peer map=geo
"""
ROLES: Final = (SUPERUSER, OWNER, SERVICE, READER)
NO_ROOM: Final = "No space left on device"


@dataclass(frozen=True, slots=True)
class Server:
    """PostgreSQL of one installation on the data of one cluster, under one account."""

    places: Places
    account: Account
    installation: Installation

    def create(self) -> None:
        """Make the data directory: UTF-8, C.UTF-8 order (the same on every machine), checksums; all or nothing.

        It is made beside its place and moved there whole, so a killed run leaves nothing half made.
        """
        nascent = self.places.root / "data.new"
        shutil.rmtree(nascent, ignore_errors=True)
        self.account.own(nascent)
        made = self.account.run(
            [
                self.installation.program("initdb"),
                f"--pgdata={nascent}",
                f"--username={SUPERUSER}",
                "--encoding=UTF8",
                "--locale=C.UTF-8",
                "--auth=peer",
                "--data-checksums",
            ],
            timeout_s=CREATE_TIMEOUT_S,
        )
        if made.returncode != 0:
            shutil.rmtree(nascent, ignore_errors=True)
            raise self.refusal(made.stdout + made.stderr, log=nascent)
        self.account.write(nascent / "pg_hba.conf", ADMISSION)
        with (nascent / "postgresql.conf").open("a") as configuration:
            configuration.write(INCLUDES)
        nascent.rename(self.places.data)

    def launch(self, socket: Path, *, durable: bool) -> None:
        """Write the settings of this start and start the server. Raises `StartRefused`, `DiskFull`."""
        self.account.own(self.places.log)
        self.account.write(
            self.places.data / "geo_service.conf", settings_file(self.places, socket, durable=durable)
        )
        accounts = {self.account.name, "root"}
        identities = [f'geo "{name}" {role}\n' for name in sorted(accounts) for role in ROLES]
        self.account.write(self.places.data / "pg_ident.conf", "".join(identities))
        clear_remains(self.places, socket)
        output = self.places.log / "startup.log"
        output.unlink(missing_ok=True)
        started = self.account.run(
            [
                self.installation.program("pg_ctl"),
                "start",
                f"--pgdata={self.places.data}",
                f"--log={output}",
                "--wait",
                f"--timeout={START_TIMEOUT_S}",
                "--silent",
            ],
            timeout_s=START_TIMEOUT_S + 10,
        )
        if started.returncode != 0:
            raise self.refusal(started.stdout + started.stderr, log=self.places.log)

    def halt(self) -> None:
        """Stop the server: at once for clients, in order for the data. Raises `StopRefused`."""
        for mode in ("fast", "immediate"):
            deadline = time.monotonic() + STOP_TIMEOUT_S
            while list(processes(self.places)) and time.monotonic() < deadline:
                if living(self.places) is not None:
                    self._stop(mode)
                time.sleep(0.02)
        if left := list(processes(self.places)):
            raise StopRefused(data=str(self.places.data), pids=left)

    def _stop(self, mode: str) -> None:
        program = self.installation.program("pg_ctl")
        options = [f"--pgdata={self.places.data}", f"--mode={mode}", f"--timeout={STOP_TIMEOUT_S}"]
        self.account.run([program, "stop", "--wait", "--silent", *options], timeout_s=STOP_TIMEOUT_S + 10)

    def refusal(self, said: str, *, log: Path) -> ClusterError:
        """Return the error for what PostgreSQL said last: a full disk has one of its own."""
        lines = (said + self._latest_log()).splitlines()
        free = shutil.disk_usage(self.places.root).free // MEBIBYTE
        if free < FREE_TO_CREATE_MIB and any(NO_ROOM in line for line in lines[-LOG_LINES_READ:]):
            return DiskFull(path=str(self.places.root), free_mib=free, needed_mib=FREE_TO_CREATE_MIB)
        return StartRefused(log=str(log), tail="\n".join(lines[-LOG_LINES_SHOWN:]))

    def _latest_log(self) -> str:
        logs = sorted(self.places.log.glob("*.log"), key=lambda path: path.stat().st_mtime)
        return "".join(path.read_text(errors="replace") for path in logs[-2:])
