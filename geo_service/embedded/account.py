"""Under whose name the cluster runs; refuses to run it as root.

PostgreSQL will not start as root, so root lends the cluster an unprivileged account; an ordinary user
runs it under their own name.
"""

import os
import pwd
import subprocess
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from geo_service.embedded.errors import AccountMissing, NotPermitted


@dataclass(frozen=True, slots=True)
class Account:
    """A user of the machine, as PostgreSQL knows it."""

    name: str
    uid: int
    gid: int

    @property
    def is_another(self) -> bool:
        """Whether the cluster runs under another account than this process."""
        return self.uid != os.geteuid()

    def run(self, arguments: Sequence[str], *, timeout_s: float) -> subprocess.CompletedProcess[str]:
        """Run a program of the cluster under this account, away from the terminal's Ctrl-C and from `PG*` variables.

        Raises `NotPermitted` when root may not change its account (some containers), `subprocess.TimeoutExpired`.
        """
        environment = {name: value for name, value in os.environ.items() if not name.startswith("PG")}
        environment |= {"LC_ALL": "C.UTF-8", "HOME": "/"}
        try:
            return subprocess.run(
                arguments,
                cwd="/",
                env=environment,
                stdin=subprocess.DEVNULL,
                capture_output=True,
                text=True,
                errors="replace",
                timeout=timeout_s,
                check=False,
                start_new_session=True,
                umask=0o077,
                user=self.uid if self.is_another else None,
                group=self.gid if self.is_another else None,
                extra_groups=[] if self.is_another else None,
            )
        except PermissionError as refused:
            raise NotPermitted(path=arguments[0], account=self.name, reason=str(refused)) from refused

    def own(self, directory: Path, mode: int = 0o700) -> None:
        """Make `directory` if it is absent and give it to this account alone."""
        directory.mkdir(mode=mode, exist_ok=True)
        if self.is_another:
            os.chown(directory, self.uid, self.gid)
        directory.chmod(mode)

    def write(self, file: Path, text: str) -> None:
        """Write `file` so that this account alone may read it, whatever the umask of root is."""
        file.write_text(text, encoding="utf-8")
        if self.is_another:
            os.chown(file, self.uid, self.gid)
        file.chmod(0o600)


def account_for(pgdata: Path) -> Account:
    """Return the account that runs the cluster whose data are, or will be, in `pgdata`.

    An ordinary user: themselves. Root: whoever owns the data already, else `postgres` (Debian's package
    makes it), else `nobody`. Raises `AccountMissing` where the machine does not know the user, and
    `NotPermitted` where the data belong to somebody else.
    """
    uid = os.geteuid()
    owner = pgdata.stat().st_uid if pgdata.exists() else None
    if uid != 0:
        if owner not in {None, uid}:
            raise NotPermitted(path=str(pgdata), account=str(uid), reason=f"it belongs to user {owner}")
        return _known(uid)
    if owner:
        return _known(owner)
    for name in ("postgres", "nobody"):
        try:
            entry = pwd.getpwnam(name)
        except KeyError:
            continue
        return Account(entry.pw_name, entry.pw_uid, entry.pw_gid)
    raise AccountMissing(uid="postgres")


def _known(uid: int) -> Account:
    try:
        entry = pwd.getpwuid(uid)
    except KeyError as unknown:
        raise AccountMissing(uid=uid) from unknown
    return Account(entry.pw_name, entry.pw_uid, entry.pw_gid)
