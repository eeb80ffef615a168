"""PostgreSQL settings for a desk machine that also runs the service; refuses to open a network port."""

import os
import shutil
from collections.abc import Mapping
from pathlib import Path
from typing import Final

from geo_service.embedded.directory import MEBIBYTE, PORT, Places

CGROUP_LIMIT: Final = Path("/sys/fs/cgroup/memory.max")
SMALL_SHARED_MEMORY_MIB: Final = 256


def memory_mib() -> int:
    """Return the memory this process may use: the machine's, or the container's limit when that is less."""
    installed = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES")
    try:
        limit = int(CGROUP_LIMIT.read_text())
    except (OSError, ValueError):  # no cgroup, or the word "max"
        limit = installed
    return min(installed, limit) // MEBIBYTE


def settings(places: Places, socket: Path, *, memory: int, free: int, durable: bool) -> Mapping[str, str]:
    """Return the settings of the cluster by name, unquoted. `memory` and `free` disk are in MiB.

    A quarter of the memory at most is PostgreSQL's own: the rest is the file cache, the service and the
    desk's other programs. Receipts promise that a record is kept, so commits wait for the disk
    (`synchronous_commit`); `durable=False` is for tests alone.
    """
    kept = {} if durable else {"fsync": "off", "full_page_writes": "off", "synchronous_commit": "off"}
    return {
        "listen_addresses": "",
        "unix_socket_directories": f'"{socket}"',
        "unix_socket_permissions": "0700",
        "port": str(PORT),
        "cluster_name": places.cluster_name,
        "max_connections": "100",
        "shared_buffers": f"{_between(128, memory // 8, 2048)}MB",
        "effective_cache_size": f"{max(256, memory // 2)}MB",
        "maintenance_work_mem": f"{_between(64, memory // 16, 1024)}MB",
        "work_mem": f"{_between(8, memory // 512, 64)}MB",
        "dynamic_shared_memory_type": _shared_memory_type(),
        "jit": "off",
        "random_page_cost": "1.1",
        "effective_io_concurrency": "200",
        "synchronous_commit": "on",
        "wal_compression": "on",
        "min_wal_size": "80MB",
        "max_wal_size": f"{_between(128, free // 16, 2048)}MB",
        "checkpoint_timeout": "15min",
        "track_io_timing": "on",
        "logging_collector": "on",
        "log_directory": "../log",  # from PGDATA: closed directories above do not matter to a running server
        "log_filename": "postgresql-%a.log",
        "log_truncate_on_rotation": "on",
        "log_rotation_age": "1d",
        "log_rotation_size": "0",
        "log_line_prefix": "%m [%p] %q%u@%d ",
        "log_min_duration_statement": "2s",
        "log_parameter_max_length": "0",
        "log_lock_waits": "on",
        "lc_messages": "C",
        **kept,
    }


def settings_file(places: Places, socket: Path, *, durable: bool) -> str:
    """Return `geo_service.conf`; `postgresql.conf` includes it, and after it `local.conf`, which is the office's."""
    free = shutil.disk_usage(places.root).free // MEBIBYTE
    chosen = settings(places, socket, memory=memory_mib(), free=free, durable=durable)
    lines = [f"{name} = '{value.replace(chr(39), chr(39) * 2)}'" for name, value in chosen.items()]
    heading = (
        "# Written by geo-service at every start. Put settings of your own into local.conf beside this file."
    )
    return "\n".join([heading, *lines, ""])


def _between(least: int, wanted: int, most: int) -> int:
    return max(least, min(wanted, most))


def _shared_memory_type() -> str:
    """Parallel queries fail in containers whose /dev/shm is small; System V memory knows no such limit."""
    try:
        small = shutil.disk_usage("/dev/shm").total < SMALL_SHARED_MEMORY_MIB * MEBIBYTE  # noqa: S108 - no file is made there
    except OSError:
        small = True
    return "sysv" if small else "posix"
