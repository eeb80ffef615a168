"""Where the private cluster keeps its things; refuses paths that a unix socket cannot have and full disks.

GEO_DATA_DIR/cluster/
    data/          PGDATA
    socket/        the unix socket (elsewhere when this path is too long for one)
    log/           a week of PostgreSQL logs, and startup.log
    start.lock     held while starting and stopping
    users.lock     held, shared, by every process that uses the cluster
"""

import hashlib
import os
import pwd
import shutil
import tempfile
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from geo_service.embedded.account import Account
from geo_service.embedded.errors import DiskFull, NotPermitted, PathTooLong

SOCKET_PATH_LIMIT: Final = 107
"""Bytes of `sun_path` in unix(7), less the closing zero."""
PORT: Final = 5432
"""Names the socket file only; no TCP port is opened."""
RUNTIME: Final = Path("/run")
MEBIBYTE: Final = 1 << 20
FREE_TO_CREATE_MIB: Final = 512
FREE_TO_START_MIB: Final = 64


def default_data_dir(environment: Mapping[str, str] = os.environ) -> Path:
    """Return where the service keeps its data when no setting says so.

    `$XDG_DATA_HOME/geo-service`, by default `~/.local/share/geo-service`. For root, whose home no other
    account may enter, it is `/var/lib/geo-service` as for every service of the system.

    >>> default_data_dir({"XDG_DATA_HOME": "/srv/data"})
    PosixPath('/srv/data/geo-service')
    """
    if chosen := environment.get("XDG_DATA_HOME"):
        return Path(chosen) / "geo-service"
    home = Path(environment.get("HOME") or Path.home())
    if os.geteuid() == 0 and home == Path(pwd.getpwuid(0).pw_dir):
        return Path("/var/lib/geo-service")
    return home / ".local" / "share" / "geo-service"


@dataclass(frozen=True, slots=True)
class Places:
    """The paths of one cluster."""

    data_dir: Path

    @property
    def root(self) -> Path:
        """All that belongs to the cluster."""
        return self.data_dir / "cluster"

    @property
    def data(self) -> Path:
        """PGDATA."""
        return self.root / "data"

    @property
    def log(self) -> Path:
        """Where PostgreSQL writes its logs."""
        return self.root / "log"

    @property
    def mark(self) -> str:
        """Eight hexadecimal digits that tell this cluster from others on the machine."""
        return hashlib.sha256(os.fsencode(self.root)).hexdigest()[:8]

    @property
    def cluster_name(self) -> str:
        """What the processes of the cluster carry in their titles."""
        return f"geo-service-{self.mark}"

    def written_by(self) -> int | None:
        """Return the major version that wrote the data, or None where there are none yet."""
        try:
            return int((self.data / "PG_VERSION").read_text().split(".")[0])
        except FileNotFoundError:
            return None

    def make(self) -> None:
        """Make the directories that belong to this process; the account's own are made by `Account.own`."""
        try:
            self.data_dir.parent.mkdir(parents=True, exist_ok=True)
            self.data_dir.mkdir(mode=0o700, exist_ok=True)
            self.root.mkdir(mode=0o700, exist_ok=True)
            for name in ("start.lock", "users.lock"):
                (self.root / name).touch(mode=0o600)
        except OSError as refused:
            account = pwd.getpwuid(os.geteuid()).pw_name
            raise NotPermitted(
                path=str(self.root), account=account, reason=str(refused.strerror)
            ) from refused

    def check_room(self) -> None:
        """Refuse to begin on a disk that would be full soon after. Raises `DiskFull`."""
        needed = FREE_TO_START_MIB if self.data.exists() else FREE_TO_CREATE_MIB
        free = shutil.disk_usage(self.root).free // MEBIBYTE
        if free < needed:
            raise DiskFull(path=str(self.root), free_mib=free, needed_mib=needed)

    def socket(self, account: Account) -> Path:
        """Make the directory of the unix socket and return it: owned by `account`, closed to others.

        Beside the data where that path is short enough, else in the runtime directory, else in the
        temporary one. Raises `PathTooLong`, and `NotPermitted` when somebody else holds the place.
        """
        candidate = self.root
        for candidate in self._socket_candidates():
            if _socket_length(candidate) <= SOCKET_PATH_LIMIT and not set(str(candidate)) & set("\"',\\\n"):
                return _private(candidate, account)
        raise PathTooLong(path=str(candidate), length=_socket_length(candidate), limit=SOCKET_PATH_LIMIT)

    def _socket_candidates(self) -> Iterator[Path]:
        yield self.root / "socket"
        if os.geteuid() == 0:
            yield RUNTIME / self.cluster_name
        elif runtime := os.environ.get("XDG_RUNTIME_DIR"):
            yield Path(runtime) / self.cluster_name
        yield Path(tempfile.gettempdir()) / self.cluster_name


def _socket_length(directory: Path) -> int:
    return len(os.fsencode(directory / f".s.PGSQL.{PORT}"))


def _private(directory: Path, account: Account) -> Path:
    """Make `directory` for `account` alone; in a shared place somebody may have put a trap there first."""
    if directory.is_symlink() or (
        directory.exists() and directory.stat().st_uid not in {account.uid, os.geteuid()}
    ):
        raise NotPermitted(path=str(directory), account=account.name, reason="it belongs to somebody else")
    try:
        account.own(directory)
    except OSError as refused:
        raise NotPermitted(
            path=str(directory), account=account.name, reason=str(refused.strerror)
        ) from refused
    return directory
