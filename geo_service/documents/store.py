"""Bytes kept by their SHA-256, on a path or any fsspec URL; refuses names that are no digest, and never overwrites.

`ab/cd/abcd…`: two levels of 256 directories keep ten million files at about 150 a directory.
"""

import hashlib
import os
import re
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryFile
from typing import IO, Any, Final, Protocol
from uuid import uuid4

import fsspec

from geo_service.documents.refusals import DigestWrong, DocumentNotFound, StoreUnusable

CHUNK: Final = 1024**2
DIGEST: Final = re.compile(r"[0-9a-f]{64}")
INCOMING: Final = "incoming"


def place_of(sha256: str) -> str:
    """Return where a digest's bytes stand below the store's root; raises `DigestWrong` for what is no digest.

    >>> place_of("ab" * 32)[:10]
    'ab/ab/abab'
    """
    if not DIGEST.fullmatch(sha256):
        raise DigestWrong(given=sha256[:100])
    return f"{sha256[:2]}/{sha256[2:4]}/{sha256}"


def digest_of(file: IO[bytes]) -> tuple[str, int]:
    """Return the SHA-256 in hexadecimal and the size of a file; it is left at its beginning."""
    file.seek(0)
    found, size = hashlib.sha256(), 0
    while chunk := file.read(CHUNK):
        found.update(chunk)
        size += len(chunk)
    file.seek(0)
    return found.hexdigest(), size


class Store(Protocol):
    """Where bytes are kept by their digest."""

    def put(self, file: IO[bytes], sha256: str) -> bool:
        """Keep a file's bytes for good; returns whether they were new. Raises `DigestWrong`."""

    def has(self, sha256: str) -> bool:
        """Say whether the bytes are kept."""

    def open(self, sha256: str) -> IO[bytes]:
        """Open the bytes for reading; raises `DocumentNotFound`."""

    def path(self, sha256: str) -> Path | None:
        """Return the file of the bytes where they stand on this machine, else None."""

    def digests(self) -> Iterator[str]:
        """Yield every digest that is kept, in order."""


def open_store(place: str) -> Store:
    """Return the store at a path or URL: `/srv/documents`, `file:///srv/documents`, `s3://office/documents`.

    Raises `StoreUnusable` where the library for the URL's protocol is not installed.
    """
    if place.startswith("file://"):
        place = place.removeprefix("file://")
    if "://" not in place:
        return LocalStore(Path(place))
    try:
        filesystem, root = fsspec.core.url_to_fs(place)
    except (ImportError, ValueError) as unusable:
        raise StoreUnusable(store=place.split("://", 1)[0], reason=str(unusable)) from unusable
    return RemoteStore(filesystem, str(root).rstrip("/"))


def _copy(file: IO[bytes], target: IO[bytes], sha256: str) -> None:
    found = hashlib.sha256()
    file.seek(0)
    while chunk := file.read(CHUNK):
        found.update(chunk)
        target.write(chunk)
    if found.hexdigest() != sha256:
        raise DigestWrong(given=sha256, found=found.hexdigest())


class LocalStore:
    """On a file system: written beside, forced to the disk, then moved to its name."""

    def __init__(self, root: Path) -> None:
        self.root = root.expanduser()

    def put(self, file: IO[bytes], sha256: str) -> bool:
        """Keep a file's bytes for good; returns whether they were new."""
        target = self.root / place_of(sha256)
        if target.exists():
            return False
        try:
            with self._incoming() as beside:
                with beside.open("xb") as written:
                    _copy(file, written, sha256)
                    written.flush()
                    os.fsync(written.fileno())
                target.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
                beside.chmod(0o400)
                beside.rename(target)
            for directory in (target.parent, target.parent.parent, self.root):
                _force(directory)
        except OSError as failed:
            raise StoreUnusable(store=str(self.root), reason=str(failed.strerror)) from failed
        return True

    @contextmanager
    def _incoming(self) -> Iterator[Path]:
        directory = self.root / INCOMING
        directory.mkdir(parents=True, exist_ok=True, mode=0o700)
        beside = directory / uuid4().hex
        try:
            yield beside
        finally:
            beside.unlink(missing_ok=True)

    def has(self, sha256: str) -> bool:
        """Say whether the bytes are kept."""
        return (self.root / place_of(sha256)).exists()

    def open(self, sha256: str) -> IO[bytes]:
        """Open the bytes for reading; raises `DocumentNotFound`."""
        try:
            return (self.root / place_of(sha256)).open("rb")
        except FileNotFoundError:
            raise DocumentNotFound(sha256=sha256) from None

    def path(self, sha256: str) -> Path | None:
        """Return the file of the bytes; raises `DocumentNotFound`."""
        found = self.root / place_of(sha256)
        if not found.exists():
            raise DocumentNotFound(sha256=sha256)
        return found

    def digests(self) -> Iterator[str]:
        """Yield every digest that is kept, in order."""
        for path in sorted(self.root.glob("[0-9a-f][0-9a-f]/[0-9a-f][0-9a-f]/*")):
            if DIGEST.fullmatch(path.name):
                yield path.name


def _force(directory: Path) -> None:
    """Force a directory to the disk, so that a name written into it survives a power cut (fsync(2))."""
    descriptor = os.open(directory, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


class RemoteStore:
    """On any file system that fsspec knows: written under another name, then moved."""

    def __init__(self, filesystem: Any, root: str) -> None:
        self._filesystem = filesystem
        self._root = root

    def _place(self, sha256: str) -> str:
        return f"{self._root}/{place_of(sha256)}"

    def put(self, file: IO[bytes], sha256: str) -> bool:
        """Keep a file's bytes for good; returns whether they were new."""
        target = self._place(sha256)
        if self._filesystem.exists(target):
            return False
        beside = f"{self._root}/{INCOMING}/{uuid4().hex}"
        try:
            self._filesystem.makedirs(f"{self._root}/{INCOMING}", exist_ok=True)
            with self._filesystem.open(beside, "wb") as written:
                _copy(file, written, sha256)
            self._filesystem.makedirs(target.rsplit("/", 1)[0], exist_ok=True)
            self._filesystem.mv(beside, target)
        except OSError as failed:
            raise StoreUnusable(store=self._root, reason=str(failed)) from failed
        finally:
            if self._filesystem.exists(beside):
                self._filesystem.rm(beside)
        return True

    def has(self, sha256: str) -> bool:
        """Say whether the bytes are kept."""
        return bool(self._filesystem.exists(self._place(sha256)))

    def open(self, sha256: str) -> IO[bytes]:
        """Return a local copy of the bytes, gone when it is closed; raises `DocumentNotFound`."""
        place = self._place(sha256)
        local: IO[bytes] = TemporaryFile()  # noqa: SIM115 -- the caller closes it
        try:
            with self._filesystem.open(place, "rb") as kept:
                shutil.copyfileobj(kept, local, CHUNK)
        except FileNotFoundError:
            local.close()
            raise DocumentNotFound(sha256=sha256) from None
        local.seek(0)
        return local

    def path(self, sha256: str) -> Path | None:
        """Return None: the bytes stand elsewhere."""
        place_of(sha256)
        return None

    def digests(self) -> Iterator[str]:
        """Yield every digest that is kept, in order."""
        if not self._filesystem.exists(self._root):
            return
        for found in sorted(map(str, self._filesystem.find(self._root))):
            name = found.rsplit("/", 1)[-1]
            if DIGEST.fullmatch(name) and found.endswith(self._place(name)):
                yield name
