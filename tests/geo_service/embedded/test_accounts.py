"""Root lends the cluster an account and a way to the data; an ordinary user needs neither."""

import os
import pwd
import stat
import subprocess
import sys
from pathlib import Path

import pytest

from geo_service.embedded import Cluster, default_data_dir
from geo_service.embedded.account import Account, account_for
from geo_service.embedded.directory import Places
from geo_service.embedded.passage import open_passage
from geo_service.embedded.postmaster import living, processes
from geo_service.settings import Settings

# All is imported first: the interpreter may stand where only root may read.
AS_ORDINARY_USER = """
import importlib.readers, importlib.resources, os, sys
from pathlib import Path
import sqlalchemy, psycopg
from geo_service.embedded import Cluster
from geo_service.embedded.postmaster import processes
os.setgroups([]); os.setgid(int(sys.argv[2])); os.setuid(int(sys.argv[3]))
with Cluster(Path(sys.argv[1]), durable=False).start() as running:
    with sqlalchemy.create_engine(running.service_url).connect() as connection:
        print(connection.exec_driver_sql("SELECT current_user").scalar())
    print(running.server.account.uid)
print(len(list(processes(running.server.places))))
"""

as_root = pytest.mark.skipif(os.geteuid() != 0, reason="only root can take another account")


@pytest.fixture
def daemon() -> Account:
    entry = pwd.getpwnam("daemon")
    return Account(entry.pw_name, entry.pw_uid, entry.pw_gid)


@as_root
@pytest.mark.database
def test_root_runs_it_under_an_unprivileged_account(tmp_path: Path) -> None:
    with Cluster(tmp_path, durable=False).start() as running:
        owners = {Path(f"/proc/{pid}").stat().st_uid for pid in processes(running.server.places)}
        assert owners == {running.server.account.uid}
        assert 0 not in owners


@as_root
@pytest.mark.database
def test_an_ordinary_user_runs_it_themselves(tmp_path: Path, daemon: Account) -> None:
    home = tmp_path / "home"
    daemon.own(home)
    open_passage(home, daemon)
    command = [sys.executable, "-c", AS_ORDINARY_USER, str(home / "data"), str(daemon.gid), str(daemon.uid)]
    done = subprocess.run(command, capture_output=True, text=True, check=False, cwd="/")
    assert done.returncode == 0, done.stderr
    assert done.stdout.split() == ["geo_service", str(daemon.uid), "0"]
    assert living(Places(home / "data")) is None


@as_root
def test_the_account_may_pass_and_nobody_else(tmp_path: Path, daemon: Account) -> None:
    closed = tmp_path / "closed"
    inner = closed / "inner"
    inner.mkdir(parents=True)
    closed.chmod(0o700)
    assert closed in open_passage(inner, daemon)
    assert daemon.run(["/bin/sh", "-c", f"cd {inner}"], timeout_s=10).returncode == 0
    assert daemon.run(["/bin/ls", str(closed)], timeout_s=10).returncode != 0
    games = pwd.getpwnam("games")
    stranger = Account(games.pw_name, games.pw_uid, games.pw_gid)
    assert stranger.run(["/bin/sh", "-c", f"cd {closed}"], timeout_s=10).returncode != 0
    assert not stat.S_IMODE(closed.stat().st_mode) & 0o007


@as_root
def test_an_open_way_is_left_as_it_is(tmp_path: Path, daemon: Account) -> None:
    open_passage(tmp_path, daemon)
    assert open_passage(tmp_path, daemon) == []


@as_root
def test_root_keeps_the_owner_of_the_data(tmp_path: Path, daemon: Account) -> None:
    daemon.own(tmp_path / "data")
    assert account_for(tmp_path / "data") == daemon


def test_the_data_directory_follows_the_environment(tmp_path: Path) -> None:
    assert default_data_dir({"XDG_DATA_HOME": str(tmp_path)}) == tmp_path / "geo-service"
    assert default_data_dir({"HOME": str(tmp_path)}) == tmp_path / ".local" / "share" / "geo-service"


def test_an_empty_setting_is_as_if_not_set(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    for name in ("GEO_DATA_DIR", "GEO_BASEMAPS", "GEO_DATABASE_URL"):
        monkeypatch.setenv(name, "")
    monkeypatch.setenv("XDG_DATA_HOME", str(tmp_path))
    settings = Settings()
    assert settings.data_dir == tmp_path / "geo-service"
    assert (settings.basemaps, settings.database_url) == ([], None)
