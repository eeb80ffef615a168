"""The server process of a data directory, dead or alive; refuses to take a stranger with its number for it.

A run that was killed leaves `postmaster.pid` and a socket lock behind. PostgreSQL believes them when
another process of the same account has got the number since, and then refuses to start. Here a process
counts only if its command line names the cluster.
"""

import os
import signal
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from geo_service.embedded.directory import PORT, Places

ORPHAN_PATIENCE_S: Final = 10.0
PID_FILE: Final = "postmaster.pid"


@dataclass(frozen=True, slots=True)
class Postmaster:
    """What a live server has written about itself into `postmaster.pid`."""

    pid: int
    socket: Path
    ready: bool


def living(places: Places) -> Postmaster | None:
    """Return the server that runs on the data directory, or None where none does.

    The lines of the file: pid, data directory, start time, port, socket directory, listen address,
    shared memory key, state (PostgreSQL's `pidfile.h`).
    """
    try:
        lines = (places.data / PID_FILE).read_text().splitlines()
        pid = int(lines[0])
    except (FileNotFoundError, IndexError, ValueError):
        return None
    if pid not in set(processes(places)):
        return None
    socket = Path(lines[4]) if len(lines) > 4 else Path()
    return Postmaster(pid, socket, ready=len(lines) > 7 and lines[7].strip() == "ready")


def processes(places: Places) -> Iterator[int]:
    """Yield the pids of every process of the cluster, the postmaster's children too."""
    title = f"postgres: {places.cluster_name}: "
    for entry in Path("/proc").glob("[0-9]*"):
        try:
            command = (entry / "cmdline").read_bytes().decode(errors="replace").rstrip("\0").split("\0")
        except OSError:
            continue  # gone since it was listed
        serves = Path(command[0]).name == "postgres" and str(places.data) in command
        if serves or command[0].startswith(title):
            yield int(entry.name)


def clear_remains(places: Places, socket: Path) -> None:
    """Remove what a killed run left: orphaned backends, then the pid file and the socket lock.

    Backends end by themselves when they notice that their postmaster is gone; those that do not within
    ten seconds are told to quit at once, which is what a crash looks like and what recovery is for.
    Must be called under the start lock and only when `living` says None.
    """
    deadline = time.monotonic() + ORPHAN_PATIENCE_S
    while (orphans := list(processes(places))) and time.monotonic() < deadline:
        time.sleep(0.05)
    for pid in orphans:
        _signal(pid, signal.SIGQUIT)
    (places.data / PID_FILE).unlink(missing_ok=True)
    for name in (f".s.PGSQL.{PORT}", f".s.PGSQL.{PORT}.lock"):
        (socket / name).unlink(missing_ok=True)


def _signal(pid: int, number: signal.Signals) -> None:
    try:
        os.kill(pid, number)
    except ProcessLookupError:
        return
