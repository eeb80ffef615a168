"""Photos by the hash of their bytes: taken in pieces, kept only whole and true to their name."""

import fcntl
import hashlib
import os
import shutil
from collections.abc import AsyncIterator, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import IO, Final

import fsspec
from anyio import to_thread
from sqlalchemy import text
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session

from geo_service.auth.audit import record_act
from geo_service.auth.officer import Officer
from geo_service.db import DURABLE
from geo_service.documents.content import photo_type_of
from geo_service.documents.refusals import ContentRefused, TypeRefused
from geo_service.documents.store import open_store, place_of
from geo_service.settings import Settings
from layers.errors import Conflict, InvalidInput, NotFound
from layers.markers.evidence_tables import PhotoRow

LARGEST: Final = 200 * 2**20
BLOCK: Final = 2**20


class PhotoNotFound(NotFound):
    """No photo of this hash has arrived, not even in part."""

    code = "photo.not_found"


class HashDiffers(InvalidInput):
    """The bytes do not hash to the name; they are given up, and the upload begins anew."""

    code = "photo.hash_differs"


class OffsetDiffers(Conflict):
    """A piece does not begin where the last one ended; `offset` says where it must."""

    code = "photo.offset_differs"


class PhotoTooLarge(InvalidInput):
    """The photo is larger than is taken."""

    code = "photo.too_large"


class NotAPhoto(InvalidInput):
    """The bytes are neither a picture nor a film."""

    code = "photo.type_refused"


class UploadBusy(Conflict):
    """Another upload of the same photo is under way."""

    code = "photo.upload_busy"


def partial_path(settings: Settings, sha256: str) -> Path:
    """Return where a photo stands until it is whole."""
    folder = settings.data_dir / "uploads"
    folder.mkdir(parents=True, exist_ok=True)
    return folder / sha256


def stored_path(settings: Settings, sha256: str) -> str:
    """Return where a photo is kept: path or URL by its hash, in folders of its first digits."""
    return f"{_shelf(settings)}/{place_of(sha256)}"


def _shelf(settings: Settings) -> str:
    return f"{settings.document_store.rstrip('/')}/photos"


HERE: Final = text("SELECT size_bytes, media_type, received_at FROM markers.photo_here(:sha256)")


@dataclass(frozen=True, slots=True)
class Here:
    """A photo that is here whole, as whoever knows its hash is told of it."""

    size_bytes: int
    media_type: str
    received_at: datetime


def whole(session: Session, sha256: str) -> Here | None:
    """Return what is told of a photo that is here whole, whoever brought it."""
    row = session.execute(HERE, {"sha256": sha256}).one_or_none()
    return None if row is None else Here(row.size_bytes, row.media_type, row.received_at)


def arrived(session: Session, settings: Settings, sha256: str) -> tuple[int, Here | None]:
    """Return how many bytes of a photo are here, and what it is once whole; raises `PhotoNotFound`."""
    here = whole(session, sha256)
    if here is not None:
        return here.size_bytes, here
    partial = partial_path(settings, sha256)
    if not partial.exists():
        raise PhotoNotFound(sha256=sha256)
    return partial.stat().st_size, None


def readable(session: Session, sha256: str) -> PhotoRow:
    """Return a photo that the officer may look at: his own, or of a marker that he reaches; raises `PhotoNotFound`."""
    row = session.get(PhotoRow, sha256)
    if row is None:
        raise PhotoNotFound(sha256=sha256)
    return row


@contextmanager
def alone(settings: Settings, sha256: str) -> Iterator[IO[bytes]]:
    """Hold the place where a photo gathers, from its first byte until it is kept; raises `UploadBusy`.

    Whoever was here before may have kept the photo and taken the file away between our opening and our locking it:
    bytes written to that one would go nowhere, so a file that has lost its name is opened anew.
    """
    path = partial_path(settings, sha256)
    with ExitStack() as held:
        while True:
            sink = held.enter_context(path.open("ab"))
            try:
                fcntl.flock(sink, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError:
                raise UploadBusy(sha256=sha256) from None
            if os.fstat(sink.fileno()).st_nlink:
                break
        yield sink


async def take_piece(
    sink: IO[bytes], body: AsyncIterator[bytes], *, offset: int, total: int | None
) -> tuple[int, bool]:
    """Add a piece at an offset to what `alone` holds; return how many bytes are here, and whether that is all.

    What has arrived stays when the connection breaks, so the next piece goes on from there. The last byte may be sent
    again: where the service ended between the last piece and the receipt, nothing else is left to send. Without `total`
    the body is the whole photo. Raises `OffsetDiffers`, `PhotoTooLarge`.
    """
    if total is not None and total > LARGEST:
        raise PhotoTooLarge(size=total, largest=LARGEST)
    if total is None:
        sink.truncate(0)
    here = os.fstat(sink.fileno()).st_size
    if total is not None and 0 < offset == here - 1:
        sink.truncate(offset)
        here = offset
    if offset != here:
        raise OffsetDiffers(offset=here, given=offset)
    async for chunk in body:
        here += len(chunk)
        if here > (LARGEST if total is None else total):
            sink.truncate(0)
            raise PhotoTooLarge(size=here, largest=total or LARGEST)
        await to_thread.run_sync(sink.write, chunk)
    sink.flush()
    os.fsync(sink.fileno())
    return here, total is None or here == total


def take_file(session: Session, settings: Settings, officer: Officer, sha256: str, source: IO[bytes]) -> bool:
    """Take a whole photo from a file; return whether it was new. Raises what `alone` and `keep` raise."""
    if whole(session, sha256) is not None:
        return False
    with alone(settings, sha256) as sink:
        sink.truncate(0)
        shutil.copyfileobj(source, sink, BLOCK)
        sink.flush()
        os.fsync(sink.fileno())
        keep(session, settings, officer, sha256)
    return True


def keep(session: Session, settings: Settings, officer: Officer, sha256: str) -> Here:
    """Put a whole upload that `alone` holds into the store, if its bytes hash to its name.

    The store forces the bytes to the disk before the row names them, and the row is there before the receipt is sent.
    Raises `HashDiffers`, `NotAPhoto`, `ContentRefused`.
    """
    session.execute(text(DURABLE))
    known = whole(session, sha256)
    partial = partial_path(settings, sha256)
    if known is not None:
        partial.unlink(missing_ok=True)
        return known
    found = _hash(partial)
    if found != sha256:
        partial.unlink(missing_ok=True)
        raise HashDiffers(sha256=sha256, found=found)
    media_type = _media_type(partial, sha256)
    size = partial.stat().st_size
    with partial.open("rb") as file:
        open_store(_shelf(settings)).put(file, sha256)
    values = {
        "sha256": sha256,
        "size_bytes": size,
        "media_type": media_type,
        "received_by": officer.username,
    }
    first = session.execute(
        insert(PhotoRow).values(values).on_conflict_do_nothing().returning(PhotoRow.sha256)
    ).scalar_one_or_none()
    if first is not None:
        record_act(session, "photo.record", subject=("photo", sha256), after=values)
    partial.unlink(missing_ok=True)
    here = whole(session, sha256)
    if here is None:
        raise PhotoNotFound(sha256=sha256)
    return here


def _media_type(partial: Path, sha256: str) -> str:
    """Return what an upload is by its content; one that is refused is given up. Raises `NotAPhoto`, `ContentRefused`."""
    try:
        with partial.open("rb") as file:
            return photo_type_of(file)
    except TypeRefused as refused:
        partial.unlink(missing_ok=True)
        raise NotAPhoto(sha256=sha256, **refused.facts) from refused
    except ContentRefused:
        partial.unlink(missing_ok=True)
        raise


def _hash(path: Path) -> str:
    digest = hashlib.sha256()
    with path.open("rb") as source:
        while block := source.read(BLOCK):
            digest.update(block)
    return digest.hexdigest()


def blocks(settings: Settings, sha256: str) -> Iterator[bytes]:
    """Yield the bytes of a stored photo."""
    with fsspec.open(stored_path(settings, sha256), "rb") as source:
        while block := source.read(BLOCK):
            yield block
