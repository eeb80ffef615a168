"""A process that stops the cluster when its last user is gone, even by SIGKILL; refuses to do anything before.

It waits for the lock that every user of the cluster shares. The kernel grants it when none is left, and
then `pg_ctl stop` runs while new users wait for the same lock. So nothing keeps running that nobody uses.
"""

import os
import signal
import subprocess
from contextlib import suppress
from pathlib import Path
from typing import Final

from geo_service.embedded.account import Account

WAIT_THEN_STOP: Final = (
    'flock --exclusive "$1" && exec "$2" stop --pgdata "$3" --mode fast --wait --timeout 60'
)


class Keeper:
    """One keeper a user of the cluster; dismissed by a user that leaves in order."""

    def __init__(self, account: Account, *, lock: Path, pg_ctl: str, data: Path) -> None:
        descriptor = os.open(lock, os.O_RDWR | os.O_CLOEXEC)
        try:
            self._process = subprocess.Popen(
                ["/bin/sh", "-c", WAIT_THEN_STOP, "geo-service-keeper", str(descriptor), pg_ctl, str(data)],
                cwd="/",
                stdin=subprocess.DEVNULL,
                stdout=subprocess.DEVNULL,
                stderr=subprocess.DEVNULL,
                pass_fds=(descriptor,),
                start_new_session=True,
                user=account.uid if account.is_another else None,
                group=account.gid if account.is_another else None,
                extra_groups=[] if account.is_another else None,
            )
        finally:
            os.close(descriptor)

    def dismiss(self) -> None:
        """End the keeper: its user left in order, and stopped the cluster or left it to others."""
        with suppress(ProcessLookupError):  # somebody ended it first
            os.killpg(self._process.pid, signal.SIGTERM)
        self._process.wait()
