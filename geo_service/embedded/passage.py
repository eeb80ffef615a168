"""Let the cluster's account walk to a directory that root keeps closed; refuses to let anyone else in.

`GEO_DATA_DIR` may stand below a directory that only root may enter (`/root`, `mktemp -d`). The account
then gets the right to pass through, not to list or read, by an entry of its own in the access control
list of each closed directory (acl(5)); the rights of everybody else stay as they were.
"""

import errno
import os
import struct
from collections.abc import Iterator
from pathlib import Path
from typing import Final

from geo_service.embedded.account import Account
from geo_service.embedded.errors import NotPermitted

ATTRIBUTE: Final = "system.posix_acl_access"
VERSION: Final = 2
OWNER, USER, GROUP, NAMED_GROUP, MASK, OTHER = 0x01, 0x02, 0x04, 0x08, 0x10, 0x20
NOBODY_IN_PARTICULAR: Final = 0xFFFFFFFF
SEARCH: Final = 0o1

Entry = tuple[int, int, int]
"""Tag, permission bits, user or group id: as the kernel keeps them in the extended attribute."""


def open_passage(directory: Path, account: Account) -> list[Path]:
    """Let `account` reach `directory`; return the directories whose access list was widened for it.

    Nothing is done for the process's own account, nor where the way is open already.
    Raises `NotPermitted` when the way stays closed.
    """
    if not account.is_another or _reaches(directory, account):
        return []
    widened = [step for step in _steps(directory) if _closed(step, account)]
    for step in widened:
        _let_through(step, account)
    if not _reaches(directory, account):
        raise NotPermitted(path=str(directory), account=account.name, reason="a directory above it is closed")
    return widened


def _reaches(directory: Path, account: Account) -> bool:
    return account.run(["/bin/sh", "-c", 'cd "$1"', "sh", str(directory)], timeout_s=30).returncode == 0


def _steps(directory: Path) -> Iterator[Path]:
    yield from reversed(directory.parents)
    yield directory


def _closed(step: Path, account: Account) -> bool:
    status = step.stat()
    if status.st_uid == account.uid:
        return not status.st_mode & 0o100
    return not status.st_mode & (0o010 if status.st_gid == account.gid else 0o001)


def _let_through(step: Path, account: Account) -> None:
    entries = [entry for entry in _entries(step) if entry[:1] + entry[2:] != (USER, account.uid)]
    entries.append((USER, SEARCH, account.uid))
    group_class = next((bits for tag, bits, _ in entries if tag == MASK), None)
    if group_class is None:
        group_class = next(bits for tag, bits, _ in entries if tag == GROUP)
    entries = [entry for entry in entries if entry[0] != MASK]
    entries.append((MASK, group_class | SEARCH, NOBODY_IN_PARTICULAR))
    packed = b"".join(
        struct.pack("<HHI", *entry) for entry in sorted(entries, key=lambda entry: (entry[0], entry[2]))
    )
    try:
        os.setxattr(step, ATTRIBUTE, struct.pack("<I", VERSION) + packed)
    except OSError as refused:
        raise NotPermitted(path=str(step), account=account.name, reason=str(refused.strerror)) from refused


def _entries(step: Path) -> list[Entry]:
    try:
        stored = os.getxattr(step, ATTRIBUTE)
    except OSError as absent:
        if absent.errno not in {errno.ENODATA, errno.ENOTSUP}:
            raise
        mode = step.stat().st_mode
        return [
            (OWNER, mode >> 6 & 0o7, NOBODY_IN_PARTICULAR),
            (GROUP, mode >> 3 & 0o7, NOBODY_IN_PARTICULAR),
            (OTHER, mode & 0o7, NOBODY_IN_PARTICULAR),
        ]
    return [(tag, bits, who) for tag, bits, who in struct.iter_unpack("<HHI", stored[4:])]
