"""Locks that end with their holder, however it ends; refuses to leave a lock file that means anything by itself.

`flock` locks belong to the kernel: a killed process holds none. So the count of a cluster's users cannot
go stale.
"""

import fcntl
import os
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from geo_service.embedded.errors import ClusterBusy


class Hold:
    """A shared hold on a file, kept until `release` or the end of the process."""

    def __init__(self, path: Path, *, timeout_s: float) -> None:
        self._descriptor = os.open(path, os.O_RDWR | os.O_CLOEXEC)
        try:
            _lock(self._descriptor, fcntl.LOCK_SH, path, timeout_s)
        except BaseException:
            os.close(self._descriptor)
            raise

    def release(self) -> None:
        """Let go."""
        os.close(self._descriptor)


@contextmanager
def exclusive(path: Path, *, timeout_s: float) -> Iterator[None]:
    """Hold `path` alone for the block. Raises `ClusterBusy` when others do not let go within `timeout_s`."""
    descriptor = os.open(path, os.O_RDWR | os.O_CLOEXEC)
    try:
        _lock(descriptor, fcntl.LOCK_EX, path, timeout_s)
        yield
    finally:
        os.close(descriptor)


def _lock(descriptor: int, kind: int, path: Path, timeout_s: float) -> None:
    deadline = time.monotonic() + timeout_s
    while True:
        try:
            fcntl.flock(descriptor, kind | fcntl.LOCK_NB)
        except BlockingIOError as held:
            if time.monotonic() >= deadline:
                raise ClusterBusy(data_dir=str(path.parent.parent), waited_s=round(timeout_s)) from held
            time.sleep(0.05)
        else:
            return
