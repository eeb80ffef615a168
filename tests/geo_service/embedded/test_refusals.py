"""What stops the cluster from running is said with the path, the figure or the command that mends it."""

import os
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

from geo_service.embedded import Cluster, directory
from geo_service.embedded.account import account_for
from geo_service.embedded.directory import Places
from geo_service.embedded.errors import (
    ClusterError,
    DiskFull,
    NotPermitted,
    OtherMajorVersion,
    PathTooLong,
    PostgisMissing,
    PostgresqlMissing,
    StartRefused,
)
from geo_service.embedded.installation import Installation, choose, installations
from geo_service.embedded.postmaster import processes
from geo_service.messages import words


def explain(error: ClusterError, language: str) -> str:
    return words(f"problem.{error.code}", language, error.facts)[1]


def install(root: Path, major: int, *, postgis: str | None) -> Path:
    """Lay out what Debian's packages of one major version lay out, as far as it is looked at."""
    programs = root / "lib" / str(major) / "bin"
    programs.mkdir(parents=True)
    for program in ("initdb", "pg_ctl", "postgres"):
        (programs / program).touch()
    extensions = root / "share" / str(major) / "extension"
    extensions.mkdir(parents=True)
    if postgis is not None:
        modules = programs.parent / "lib"
        modules.mkdir()
        (modules / "postgis-3.so").touch()
        (extensions / "postgis.control").write_text(f"default_version = '{postgis}'\nrelocatable = false\n")
    return root


def look(root: Path) -> list[Installation]:
    return list(installations(root / "lib", root / "share", path=""))


def test_nothing_installed(tmp_path: Path) -> None:
    with pytest.raises(PostgresqlMissing) as refused:
        choose(look(tmp_path), data=tmp_path)
    assert "apt-get install postgresql postgresql-postgis" in explain(refused.value, "en")


def test_a_version_too_old_is_none(tmp_path: Path) -> None:
    with pytest.raises(PostgresqlMissing):
        choose(look(install(tmp_path, 13, postgis="3.3.2")), data=tmp_path)


@pytest.mark.parametrize("postgis", [None, "3.1.1"])
def test_postgis_missing_or_too_old(tmp_path: Path, postgis: str | None) -> None:
    with pytest.raises(PostgisMissing) as refused:
        choose(look(install(tmp_path, 16, postgis=postgis)), data=tmp_path)
    assert "apt-get install postgresql-16-postgis-3" in explain(refused.value, "zh-CN")


@pytest.mark.parametrize("gone", ["lib/15/lib/postgis-3.so", "share/15/extension/postgis.control"])
def test_half_of_postgis_is_none(tmp_path: Path, gone: str) -> None:
    install(tmp_path, 15, postgis="3.3.2")
    (tmp_path / gone).unlink()
    with pytest.raises(PostgisMissing):
        choose(look(tmp_path), data=tmp_path)


def test_the_newest_with_postgis_is_taken(tmp_path: Path) -> None:
    for major, postgis in ((15, "3.3.2"), (16, "3.4.2"), (17, None)):
        install(tmp_path, major, postgis=postgis)
    assert choose(look(tmp_path), data=tmp_path).major == 16


def test_data_keep_the_version_that_wrote_them(tmp_path: Path) -> None:
    for major in (15, 16):
        install(tmp_path, major, postgis="3.4.2")
    assert choose(look(tmp_path), data=tmp_path, written_by=15).major == 15


@pytest.mark.database
def test_data_of_a_version_that_is_not_installed(tmp_path: Path) -> None:
    Cluster(tmp_path, durable=False).start().stop()
    version = tmp_path / "cluster" / "data" / "PG_VERSION"
    version.write_text("99\n")
    with pytest.raises(OtherMajorVersion) as refused:
        Cluster(tmp_path, durable=False).start()
    sentence = explain(refused.value, "en")
    assert "PostgreSQL 99" in sentence
    assert "apt-get install postgresql-99" in sentence
    assert not list(processes(Places(tmp_path.resolve())))


@pytest.fixture
def small_disk(tmp_path: Path) -> Iterator[Path]:
    """A disk of 24 MiB: less than the data directory of an empty cluster needs."""
    if os.geteuid() != 0:
        pytest.skip("only root can mount a small disk")
    disk = tmp_path / "disk"
    disk.mkdir()
    mounted = subprocess.run(
        ["mount", "-t", "tmpfs", "-o", "size=24m,mode=755", "tmpfs", disk], capture_output=True, check=False
    )
    if mounted.returncode != 0:
        pytest.skip("this machine lets nobody mount a tmpfs")
    yield disk
    subprocess.run(["umount", disk], check=True)


def test_a_disk_without_room_is_refused_before_it_is_filled(small_disk: Path) -> None:
    with pytest.raises(DiskFull) as refused:
        Cluster(small_disk).start()
    assert str(refused.value.facts["path"]).startswith(str(small_disk))
    assert not (small_disk / "cluster" / "data").exists()


def test_a_disk_that_fills_up_on_the_way_is_called_full(
    small_disk: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(directory, "FREE_TO_CREATE_MIB", 1)
    with pytest.raises(DiskFull):
        Cluster(small_disk).start()
    assert not (small_disk / "cluster" / "data").exists()


@pytest.mark.database
def test_a_setting_that_postgresql_refuses_is_shown_from_its_log(tmp_path: Path) -> None:
    Cluster(tmp_path, durable=False).start().stop()
    local = tmp_path / "cluster" / "data" / "local.conf"
    local.write_text("shared_buffers = 'plenty'\n")
    local.chmod(0o644)
    with pytest.raises(StartRefused) as refused:
        Cluster(tmp_path, durable=False).start()
    assert "plenty" in explain(refused.value, "en")
    assert not list(processes(Places(tmp_path.resolve())))


@pytest.mark.database
def test_a_long_path_gets_its_socket_elsewhere(tmp_path: Path) -> None:
    deep = tmp_path / ("d" * 90)
    with Cluster(deep, durable=False).start() as running:
        assert deep not in running.socket.parents


def test_no_path_short_enough_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    long = tmp_path / ("t" * 100)
    long.mkdir()
    monkeypatch.setattr(directory, "RUNTIME", long)
    monkeypatch.setenv("XDG_RUNTIME_DIR", str(long))
    monkeypatch.setattr("tempfile.tempdir", str(long))
    places = Places(long / "data")
    with pytest.raises(PathTooLong):
        places.socket(account_for(places.data))


def test_a_place_taken_by_somebody_else_is_not_used(tmp_path: Path) -> None:
    if os.geteuid() != 0:
        pytest.skip("only root can give a directory away")
    places = Places(tmp_path)
    places.make()
    (places.root / "socket").mkdir()
    os.chown(places.root / "socket", 1, 1)
    with pytest.raises(NotPermitted):
        places.socket(account_for(places.data))


def test_a_file_in_the_way_is_said(tmp_path: Path) -> None:
    (tmp_path / "taken").write_text("not a directory")
    with pytest.raises(NotPermitted) as refused:
        Cluster(tmp_path / "taken" / "data").start()
    assert str(tmp_path / "taken") in explain(refused.value, "en")
