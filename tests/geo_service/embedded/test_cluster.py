"""The life of a cluster: started, shared, killed, recovered, stopped."""

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa

from geo_service.embedded import Cluster, Running
from geo_service.embedded.directory import Places
from geo_service.embedded.postmaster import living, processes

pytestmark = pytest.mark.database

USER_OF_A_CLUSTER = """
import sys, time
from pathlib import Path
from geo_service.embedded import Cluster
running = Cluster(Path(sys.argv[1]), durable=False).start()
print("attached" if running.attached else "started", flush=True)
time.sleep(120)
"""

INTERRUPTED_WHILE_STOPPING = """
import os, signal, sys, threading
from pathlib import Path
from geo_service.embedded import Cluster
running = Cluster(Path(sys.argv[1]), durable=False).start()
threading.Timer(0.01, os.kill, (os.getpid(), signal.SIGINT)).start()
running.stop()
"""


def answer(url: str, statement: str) -> Any:
    engine = sa.create_engine(url, poolclass=sa.NullPool)
    with engine.begin() as connection:
        result = connection.execute(sa.text(statement))
        return result.scalar() if result.returns_rows else None


def eventually(condition: Callable[[], bool], *, within_s: float = 20) -> bool:
    deadline = time.monotonic() + within_s
    while not condition() and time.monotonic() < deadline:
        time.sleep(0.02)
    return condition()


@pytest.fixture
def other_process(tmp_path: Path) -> Iterator[Callable[[], subprocess.Popen[str]]]:
    """Start processes that use the cluster in `tmp_path` and wait till it answers them."""
    begun: list[subprocess.Popen[str]] = []

    def begin() -> subprocess.Popen[str]:
        command = [sys.executable, "-c", USER_OF_A_CLUSTER, str(tmp_path)]
        begun.append(subprocess.Popen(command, stdout=subprocess.PIPE, text=True))
        return begun[-1]

    yield begin
    for process in begun:
        process.kill()
        process.wait()
        assert process.stdout is not None
        process.stdout.close()
    assert eventually(lambda: not list(processes(Places(tmp_path.resolve()))))


def said(process: subprocess.Popen[str]) -> str:
    assert process.stdout is not None
    return process.stdout.readline().strip()


def test_it_starts_on_nothing_keeps_its_data_and_leaves_no_process(tmp_path: Path) -> None:
    with Cluster(tmp_path, durable=False).start() as running:
        assert not running.attached
        answer(running.owner_url, "CREATE SCHEMA kept")
        places = running.server.places
        assert list(processes(places))
    assert not list(processes(places))
    with Cluster(tmp_path, durable=False).start() as running:
        assert answer(running.owner_url, "SELECT count(*) FROM pg_namespace WHERE nspname = 'kept'") == 1


def test_stopping_twice_is_once(tmp_path: Path) -> None:
    running = Cluster(tmp_path, durable=False).start()
    running.stop()
    running.stop()
    assert living(running.server.places) is None


def test_two_data_directories_do_not_meet(cluster: Running, tmp_path: Path) -> None:
    with Cluster(tmp_path, durable=False).start() as second:
        assert second.socket != cluster.socket
        answer(second.owner_url, "CREATE SCHEMA only_in_the_second")
        count = "SELECT count(*) FROM pg_namespace WHERE nspname = 'only_in_the_second'"
        assert (answer(second.owner_url, count), answer(cluster.owner_url, count)) == (1, 0)
    assert answer(cluster.service_url, "SELECT 1") == 1


def test_the_last_to_leave_stops_it(tmp_path: Path) -> None:
    first = Cluster(tmp_path, durable=False).start()
    second = Cluster(tmp_path, durable=False).start()
    assert (first.attached, second.attached) == (False, True)
    first.stop()
    assert answer(second.service_url, "SELECT 1") == 1
    second.stop()
    assert not list(processes(second.server.places))


def test_another_process_attaches_and_its_leaving_stops_nothing(
    tmp_path: Path, other_process: Callable[[], subprocess.Popen[str]]
) -> None:
    with Cluster(tmp_path, durable=False).start() as running:
        process = other_process()
        assert said(process) == "attached"
        process.terminate()
        process.wait()
        assert answer(running.service_url, "SELECT 1") == 1


def test_several_that_start_at_once_share_one_server(
    tmp_path: Path, other_process: Callable[[], subprocess.Popen[str]]
) -> None:
    begun = [other_process() for _ in range(3)]
    assert sorted(said(process) for process in begun) == ["attached", "attached", "started"]


def test_a_killed_user_leaves_no_server_behind(
    tmp_path: Path, other_process: Callable[[], subprocess.Popen[str]]
) -> None:
    process = other_process()
    assert said(process) == "started"
    process.kill()
    process.wait()
    assert eventually(lambda: not list(processes(Places(tmp_path.resolve()))))
    with Cluster(tmp_path, durable=False).start() as running:
        assert answer(running.service_url, "SELECT 1") == 1


def test_an_impatient_second_ctrl_c_leaves_no_server_behind(tmp_path: Path) -> None:
    command = [sys.executable, "-c", INTERRUPTED_WHILE_STOPPING, str(tmp_path)]
    subprocess.run(command, capture_output=True, check=False)
    assert (tmp_path / "cluster" / "data" / "PG_VERSION").exists()
    assert eventually(lambda: not list(processes(Places(tmp_path.resolve()))))


def test_a_killed_server_is_recovered_with_what_was_committed(tmp_path: Path) -> None:
    first = Cluster(tmp_path).start()
    answer(first.owner_url, "CREATE SCHEMA register")
    answer(first.owner_url, "CREATE TABLE register.receipt (number integer)")
    answer(first.owner_url, "INSERT INTO register.receipt VALUES (460100)")
    server = living(first.server.places)
    assert server is not None
    os.kill(server.pid, signal.SIGKILL)
    assert eventually(lambda: living(first.server.places) is None)
    with Cluster(tmp_path).start() as running:
        assert not running.attached
        assert answer(running.owner_url, "SELECT number FROM register.receipt") == 460100
        first.stop()
        assert answer(running.service_url, "SELECT 1") == 1


def test_a_stale_pid_that_now_belongs_to_another_process_is_not_believed(tmp_path: Path) -> None:
    Cluster(tmp_path, durable=False).start().stop()
    places = Places(tmp_path.resolve())
    owner = (places.data / "PG_VERSION").stat()
    stranger = subprocess.Popen(["sleep", "60"], user=owner.st_uid, group=owner.st_gid)
    try:
        lines = [
            str(stranger.pid),
            str(places.data),
            "1700000000",
            "5432",
            str(places.root / "socket"),
            "",
            "0 0",
        ]
        for file in (places.data / "postmaster.pid", places.root / "socket" / ".s.PGSQL.5432.lock"):
            file.write_text("\n".join([*lines, "ready", ""]))
            os.chown(file, owner.st_uid, owner.st_gid)
        with Cluster(tmp_path, durable=False).start() as running:
            assert not running.attached
        assert stranger.poll() is None
    finally:
        stranger.kill()
        stranger.wait()


def test_a_half_made_data_directory_is_made_anew(tmp_path: Path) -> None:
    half = tmp_path / "cluster" / "data.new"
    half.mkdir(parents=True)
    (half / "PG_VERSION").write_text("15\n")
    with Cluster(tmp_path, durable=False).start() as running:
        assert answer(running.service_url, "SELECT 1") == 1


def test_settings_of_the_office_outrank_ours(tmp_path: Path) -> None:
    Cluster(tmp_path, durable=False).start().stop()
    local = tmp_path / "cluster" / "data" / "local.conf"
    local.write_text("work_mem = '11MB'\n")
    local.chmod(0o644)
    with Cluster(tmp_path, durable=False).start() as running:
        assert answer(running.service_url, "SHOW work_mem") == "11MB"


def test_only_tests_give_up_durability(tmp_path: Path) -> None:
    with Cluster(tmp_path).start() as running:
        url = running.service_url
        shown = [answer(url, f"SHOW {name}") for name in ("fsync", "synchronous_commit", "data_checksums")]
        assert shown == ["on", "on", "on"]


def test_no_port_is_opened(cluster: Running) -> None:
    assert answer(cluster.service_url, "SHOW listen_addresses") == ""


def test_a_server_that_is_killed_under_its_users_is_started_again(tmp_path: Path) -> None:
    with Cluster(tmp_path).start() as running, running.kept_alive():
        answer(running.owner_url, "CREATE SCHEMA kept")
        before = living(running.server.places)
        assert before is not None
        os.kill(before.pid, signal.SIGKILL)

        def answers() -> bool:
            try:
                kept = "SELECT count(*) FROM pg_namespace WHERE nspname = 'kept'"
                return answer(running.owner_url, kept) == 1
            except sa.exc.OperationalError:
                return False

        assert eventually(answers)
        after = living(running.server.places)
        assert after is not None
        assert after.pid != before.pid
        assert not running.revive()
    assert eventually(lambda: not list(processes(Places(tmp_path.resolve()))))
