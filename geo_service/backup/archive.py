"""The archive: a plain tar of one dump, documents by digest, and a manifest last; believed only when whole.

Nothing is ever unpacked under a name from the archive.
"""

import hashlib
import io
import json
import re
import tarfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO, Final

from pydantic import ValidationError

from geo_service.backup.manifest import Manifest, Member
from geo_service.backup.refusals import ArchiveIncomplete, ArchiveRefused
from geo_service.documents.store import CHUNK

DUMP: Final = "database.dump"
MANIFEST: Final = "manifest.json"
SEAL: Final = "manifest.sha256"
KEPT: Final = re.compile(r"(documents|photos)/([0-9a-f]{64})")
MOST_MANIFEST_BYTES: Final = 2 * 1024**3
"""Ten million photographs are listed in about 1.7 GB."""


class ArchiveWriter:
    """Writes an archive member by member, and the manifest when `finish` is told the rest."""

    def __init__(self, path: Path) -> None:
        self._tar = tarfile.open(path, "x:", format=tarfile.GNU_FORMAT)  # noqa: SIM115 -- closed by `finish`
        self.members: list[Member] = []

    def add(self, name: str, file: IO[bytes], size: int) -> None:
        """Add a file's bytes, from where it stands, under a name of the archive."""
        entry = tarfile.TarInfo(name)
        entry.size, entry.mode = size, 0o400
        counted = _Hashing(file)
        self._tar.addfile(entry, counted)  # type: ignore[arg-type]  # it needs nothing but `read`
        self.members.append(Member(name=name, size=size, sha256=counted.sha256.hexdigest()))

    def finish(self, manifest: Manifest) -> None:
        """Add the manifest and its seal, and close the archive."""
        content = manifest.model_dump_json(indent=1).encode()
        for name, part in ((MANIFEST, content), (SEAL, hashlib.sha256(content).hexdigest().encode())):
            entry = tarfile.TarInfo(name)
            entry.size, entry.mode = len(part), 0o400
            self._tar.addfile(entry, io.BytesIO(part))
        self.close()

    def close(self) -> None:
        """Close the file; without `finish` before, what was written is no archive."""
        self._tar.close()


class _Hashing:
    """Passes reads on and keeps their digest."""

    def __init__(self, file: IO[bytes]) -> None:
        self._file = file
        self.sha256 = hashlib.sha256()

    def read(self, size: int) -> bytes:
        """Return the next bytes."""
        chunk = self._file.read(size)
        self.sha256.update(chunk)
        return chunk


def inspect(path: Path) -> Manifest:
    """Read an archive to its last byte and return its manifest; nothing is written anywhere.

    Raises `ArchiveIncomplete` for one that was cut off, `ArchiveRefused` for one that was changed, has
    members it does not list, or is none.
    """
    seen: list[Member] = []
    kept: dict[str, bytes] = {}
    try:
        with tarfile.open(path, "r:") as tar:
            for entry in tar:
                _refuse_strange(path, entry)
                seen.append(_read(tar, entry, kept))
                _refuse_hidden(path, entry)
            end = tar.offset
        _check_end(path, end)
    except tarfile.ReadError as cut:
        raise ArchiveIncomplete(archive=path.name, reason=str(cut)) from cut
    if [member.name for member in seen[-2:]] != [MANIFEST, SEAL]:
        raise ArchiveIncomplete(archive=path.name, reason="it has no manifest at its end")
    if hashlib.sha256(kept[MANIFEST]).hexdigest().encode() != kept[SEAL]:
        raise ArchiveRefused(archive=path.name, reason="changed", member=MANIFEST)
    manifest = _parse(path, kept[MANIFEST])
    _compare(path, manifest, seen[:-2])
    return manifest


def _refuse_strange(path: Path, entry: tarfile.TarInfo) -> None:
    known = entry.name in {DUMP, MANIFEST, SEAL} or KEPT.fullmatch(entry.name)
    if not known or not entry.isreg() or entry.issparse():
        raise ArchiveRefused(archive=path.name, reason="strange_member", member=entry.name[:100])
    if entry.name == MANIFEST and entry.size > MOST_MANIFEST_BYTES:
        raise ArchiveRefused(archive=path.name, reason="too_large", member=MANIFEST)


def _refuse_hidden(path: Path, entry: tarfile.TarInfo) -> None:
    """Refuse bytes between a member and the next block, which no digest covers."""
    with path.open("rb") as file:
        file.seek(entry.offset_data + entry.size)
        if file.read(-entry.size % tarfile.BLOCKSIZE).strip(b"\0"):
            raise ArchiveRefused(archive=path.name, reason="changed", member=entry.name)


def _read(tar: tarfile.TarFile, entry: tarfile.TarInfo, kept: dict[str, bytes]) -> Member:
    file, found, parts = tar.extractfile(entry), hashlib.sha256(), []
    while file is not None and (chunk := file.read(CHUNK)):
        found.update(chunk)
        if entry.name in {MANIFEST, SEAL}:
            parts.append(chunk)
    if parts:
        kept[entry.name] = b"".join(parts)
    return Member(name=entry.name, size=entry.size, sha256=found.hexdigest())


def _check_end(path: Path, end: int) -> None:
    """Refuse an archive without the end of a tar: zeros to a multiple of 10,240 bytes, two blocks at least."""
    with path.open("rb") as file:
        file.seek(end)
        rest = file.read(2 * tarfile.RECORDSIZE + 1)
        size = file.seek(0, 2)
    if rest.strip(b"\0"):
        raise ArchiveRefused(archive=path.name, reason="unreadable_from_here", byte=end)
    if size % tarfile.RECORDSIZE or len(rest) < 2 * tarfile.BLOCKSIZE:
        raise ArchiveIncomplete(archive=path.name, reason="its end is missing")
    if size - end > 2 * tarfile.RECORDSIZE:
        raise ArchiveRefused(archive=path.name, reason="something_after_its_end", byte=end)


def _parse(path: Path, content: bytes) -> Manifest:
    try:
        return Manifest.model_validate_json(content)
    except (ValidationError, json.JSONDecodeError) as unreadable:
        raise ArchiveRefused(archive=path.name, reason="unknown_format", member=MANIFEST) from unreadable


def _compare(path: Path, manifest: Manifest, seen: list[Member]) -> None:
    listed = {member.name: member for member in manifest.members}
    if len(listed) != len(manifest.members) or len(seen) != len(listed) or DUMP not in listed:
        raise ArchiveRefused(archive=path.name, reason="members_missing", member=None)
    for member in seen:
        kept = KEPT.fullmatch(member.name)
        if listed.get(member.name) != member or (kept and kept[2] != member.sha256):
            raise ArchiveRefused(archive=path.name, reason="changed", member=member.name)


@contextmanager
def members(path: Path) -> Iterator[Iterator[tuple[str, IO[bytes]]]]:
    """Yield the names and bytes of an inspected archive's members, each readable until the next is asked for."""
    with tarfile.open(path, "r:") as tar:
        yield ((entry.name, file) for entry in tar if (file := tar.extractfile(entry)) is not None)
