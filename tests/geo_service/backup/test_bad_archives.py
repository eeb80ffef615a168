"""Archives that were cut off, changed or made up: refused before anything is touched."""

import hashlib
import io
import json
import tarfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from geo_service.backup.archive import inspect
from geo_service.backup.refusals import ArchiveIncomplete, ArchiveRefused, NewerRevision
from geo_service.backup.restoring import restore
from geo_service.settings import Settings

pytestmark = pytest.mark.database
CHECKSUM = range(148, 156)
"""Where a tar header keeps its own checksum; its filling may be written in more than one way."""


def test_it_is_refused_wherever_it_is_cut_off(archive: Path, tmp_path: Path) -> None:
    whole, cut_off = archive.read_bytes(), tmp_path / "cut.tar"
    places = {
        0,
        1,
        511,
        512,
        len(whole) - 1,
        len(whole) - 512,
        len(whole) - 10_240,
        *range(0, len(whole) - 1, 10_240),
    }
    for place in sorted(places):
        cut_off.write_bytes(whole[:place])
        with pytest.raises(ArchiveIncomplete):
            inspect(cut_off)


def test_it_is_refused_wherever_it_is_changed(archive: Path, tmp_path: Path) -> None:
    whole, changed = archive.read_bytes(), tmp_path / "changed.tar"
    headers = _headers(archive)
    places = {
        *range(0, len(whole), max(1, len(whole) // 150)),
        *(head + 1 for head in headers),
        *(head + 530 for head in headers),
    }
    for place in sorted(places):
        if any(place - head in CHECKSUM for head in headers):
            continue
        changed.write_bytes(whole[:place] + bytes([whole[place] ^ 0x41]) + whole[place + 1 :])
        with pytest.raises((ArchiveRefused, ArchiveIncomplete)):
            inspect(changed)


def _headers(archive: Path) -> list[int]:
    with tarfile.open(archive) as tar:
        return [entry.offset for entry in tar]


def test_what_is_refused_touches_nothing(archive: Path, tmp_path: Path) -> None:
    cut_off = tmp_path / "cut.tar"
    cut_off.write_bytes(archive.read_bytes()[:-20_480])
    with pytest.raises(ArchiveIncomplete):
        restore(Settings(data_dir=tmp_path / "new"), cut_off)
    assert not (tmp_path / "new").exists()


Members = list[tuple[tarfile.TarInfo, bytes]]


def rewrite(archive: Path, target: Path, change: Callable[[Members, dict[str, Any]], None]) -> Path:
    """Write the archive anew after a change of members and manifest, with a manifest seal that fits."""
    with tarfile.open(archive) as tar:
        found = [(entry, tar.extractfile(entry).read()) for entry in tar]  # type: ignore[union-attr]
    manifest = json.loads(next(content for entry, content in found if entry.name == "manifest.json"))
    kept = [(entry, content) for entry, content in found if not entry.name.startswith("manifest")]
    change(kept, manifest)
    written = json.dumps(manifest).encode()
    kept += [
        (tarfile.TarInfo("manifest.json"), written),
        (tarfile.TarInfo("manifest.sha256"), hashlib.sha256(written).hexdigest().encode()),
    ]
    with tarfile.open(target, "w:") as tar:
        for entry, content in kept:
            entry.size = len(content)
            tar.addfile(entry, io.BytesIO(content))
    return target


def added(name: str, **facts: Any) -> Callable[[Members, dict[str, Any]], None]:
    def change(members: Members, manifest: dict[str, Any]) -> None:
        entry = tarfile.TarInfo(name)
        for fact, value in facts.items():
            setattr(entry, fact, value)
        members.append((entry, b"x"))
        manifest["members"].append({"name": name, "size": 1, "sha256": hashlib.sha256(b"x").hexdigest()})

    return change


def other_document(members: Members, manifest: dict[str, Any]) -> None:
    """Put other bytes under a document's digest, and list them as they are."""
    place = next(place for place, (entry, _) in enumerate(members) if entry.name.startswith("documents/"))
    members[place] = (members[place][0], b"forged")
    listed = next(each for each in manifest["members"] if each["name"] == members[place][0].name)
    listed.update(size=6, sha256=hashlib.sha256(b"forged").hexdigest())


def without_dump(members: Members, manifest: dict[str, Any]) -> None:
    members[:] = [each for each in members if each[0].name != "database.dump"]
    manifest["members"] = [each for each in manifest["members"] if each["name"] != "database.dump"]


def twice(members: Members, manifest: dict[str, Any]) -> None:
    members.append(members[0])


@pytest.mark.parametrize(
    "change",
    [
        added("../../etc/cron.d/evil"),
        added("/etc/passwd"),
        added("documents/../../x"),
        added("documents/" + "a" * 64, type=tarfile.SYMTYPE, linkname="/etc/passwd"),
        added("documents/" + "a" * 64, type=tarfile.LNKTYPE, linkname="database.dump"),
        added("documents/" + "a" * 64, type=tarfile.CHRTYPE),
        added("documents/" + "a" * 64),
        other_document,
        without_dump,
        twice,
        lambda _, manifest: manifest.update(format=2),
        lambda _, manifest: manifest.pop("tables"),
        lambda _, manifest: manifest["members"].pop(),
    ],
)
def test_what_was_made_up_is_refused(
    archive: Path, tmp_path: Path, change: Callable[[Members, dict[str, Any]], None]
) -> None:
    with pytest.raises((ArchiveRefused, ArchiveIncomplete)):
        restore(Settings(data_dir=tmp_path / "new"), rewrite(archive, tmp_path / "made-up.tar", change))
    assert not (tmp_path / "new").exists()


def test_something_after_the_end_is_refused(archive: Path, tmp_path: Path) -> None:
    longer = tmp_path / "longer.tar"
    for more in (b"\0" * 10_240 * 3, b"x" * 10_240):
        longer.write_bytes(archive.read_bytes() + more)
        with pytest.raises((ArchiveRefused, ArchiveIncomplete)):
            inspect(longer)


@pytest.mark.parametrize("content", [b"", b"not a tar", b"\0" * 10_240, b"PK\x03\x04" + b"\0" * 100])
def test_what_is_no_archive_is_refused(tmp_path: Path, content: bytes) -> None:
    (tmp_path / "x.tar").write_bytes(content)
    with pytest.raises(ArchiveIncomplete):
        inspect(tmp_path / "x.tar")


def test_an_archive_of_a_newer_version_is_refused(archive: Path, tmp_path: Path) -> None:
    newer = rewrite(archive, tmp_path / "newer.tar", lambda _, manifest: manifest.update(revision="9999"))
    with pytest.raises(NewerRevision):
        restore(Settings(data_dir=tmp_path / "new"), newer)
    assert not (tmp_path / "new").exists()


def test_an_archive_rewritten_without_a_change_is_the_same(archive: Path, tmp_path: Path) -> None:
    assert inspect(rewrite(archive, tmp_path / "same.tar", lambda _, __: None)) == inspect(archive)
