"""Files on their way to become layers for reference: kept in pieces, looked into, loaded as a job; refuses other officers' files."""

import tempfile
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import IO, Any, Final
from uuid import UUID

from sqlalchemy import delete, insert, select, text
from sqlalchemy.orm import Session

from geo_service.auth.audit import record_act
from geo_service.auth.officer import Officer
from geo_service.db import Database
from geo_service.documents.store import digest_of
from geo_service.exchange.refusals import FormatUnknown
from geo_service.exchange.sources import SUFFIXES
from geo_service.jobs import Progress, enqueue, job_kind
from geo_service.operations.reference_layers import Terms, add_layer, free_name
from geo_service.schemas.reference import NewReferenceLayer
from geo_service.tables import JobRow, ReferenceUploadPieceRow, ReferenceUploadRow
from layers.errors import Conflict, LayerError, NotFound

JOB_KIND: Final = "add_reference_layer"
PIECE_BYTES: Final = 8 * 1024**2
FORGET_EVERY_S: Final = 3600.0
forgotten = {"at": float("-inf")}


class UploadTooLarge(LayerError):
    """The file is over the limit; refused while it comes in. Facts: `most_mib`."""

    code = "reference.upload_too_large"


class UploadNotFound(NotFound):
    """There is no such upload: it is another officer's, became a layer, or was forgotten after a day. Facts: `upload`."""

    code = "reference.upload_not_found"


class IdTaken(Conflict):
    """The same id stands for another file or another act. Facts: `id`."""

    code = "reference.id_taken"


def keep_upload(
    session: Session, officer: Officer, upload_id: UUID, file: IO[bytes], name: str
) -> tuple[ReferenceUploadRow, bool]:
    """Keep a file until it is loaded and say whether it was new. Raises `FormatUnknown`, `IdTaken`."""
    if not name.lower().endswith(tuple(SUFFIXES)):
        raise FormatUnknown(file=name, formats=sorted(SUFFIXES))
    sha256, size = digest_of(file)
    known = session.get(ReferenceUploadRow, upload_id)
    if known is not None:
        if known.sha256 != sha256:
            raise IdTaken(id=str(upload_id))
        return known, False
    row = ReferenceUploadRow(
        id=upload_id, file_name=name, size=size, sha256=sha256, recorded_by=officer.username
    )
    session.add(row)
    session.flush()
    number = 0
    while content := file.read(PIECE_BYTES):
        piece = {"upload_id": upload_id, "number": number, "content": content}
        session.execute(insert(ReferenceUploadPieceRow), [piece])
        number += 1
    told = {"file": name, "size": size, "sha256": sha256}
    record_act(session, "reference_layer.upload", subject=("reference_upload", str(upload_id)), detail=told)
    session.refresh(row)
    return row, True


def find_upload(session: Session, upload_id: UUID) -> ReferenceUploadRow:
    """Return one of the acting officer's uploads. Raises `UploadNotFound`."""
    row = session.get(ReferenceUploadRow, upload_id)
    if row is None:
        raise UploadNotFound(upload=str(upload_id))
    return row


@contextmanager
def fetched(session: Session, row: ReferenceUploadRow) -> Iterator[Path]:
    """Yield an upload as a file of its own name, in a folder that goes away afterwards."""
    with tempfile.TemporaryDirectory(prefix="geo-upload-") as directory:
        place = Path(directory, row.file_name)
        pieces = select(ReferenceUploadPieceRow.content).where(ReferenceUploadPieceRow.upload_id == row.id)
        number = 0
        with place.open("wb") as file:
            while content := session.execute(pieces.where(ReferenceUploadPieceRow.number == number)).scalar():
                file.write(content)
                number += 1
        yield place


def start_loading(session: Session, officer: Officer, asked: NewReferenceLayer) -> tuple[JobRow, bool]:
    """Ask for an upload to be loaded and say whether that was new; what can be refused at once is.

    Raises `IdTaken`, `UploadNotFound`, and for the name what `free_name` does.
    """
    request = asked.model_dump(mode="json", exclude={"id"})
    known = session.get(JobRow, asked.id)
    if known is not None:
        if known.kind != JOB_KIND or known.request != request:
            raise IdTaken(id=str(asked.id))
        return known, False
    find_upload(session, asked.upload)
    free_name(session, asked.name, replace=asked.replace)
    return enqueue(session, JOB_KIND, request, asked_by=officer, job_id=asked.id), True


@job_kind(JOB_KIND)
def load_upload(database: Database, progress: Progress, request: Mapping[str, Any]) -> Mapping[str, Any]:
    """Load an upload as a layer, all rows or none; the upload is let go with the same commit, and kept where that fails."""
    progress.report(0.02, "read")
    asked = NewReferenceLayer.model_validate({**request, "id": request["upload"]})
    terms = Terms(asked.layer, asked.crs, asked.columns, asked.title, asked.replace)

    with database.transaction() as session:
        for limit in (
            "statement_timeout",
            "idle_in_transaction_session_timeout",
        ):  # a large file takes its time
            session.execute(text(f"SET LOCAL {limit} = 0"))
        upload = find_upload(session, asked.upload)

        def told(rows: int, of: int | None) -> None:
            progress.report(0.05 + 0.9 * min(rows / of, 1) if of else 0.5, "load")

        with fetched(session, upload) as path:
            row, findings = add_layer(
                session, path, asked.name, terms=terms, recorded_by=upload.recorded_by, told=told
            )
        session.execute(delete(ReferenceUploadRow).where(ReferenceUploadRow.id == asked.upload))
        session.flush()
        result = {
            "name": row.name,
            "features": row.features,
            "source_crs": row.source_crs,
            "findings": [{"code": each.code, "evidence": dict(each.evidence)} for each in findings],
        }
    progress.report(1.0, "done")
    return result


def forget_aged(database: Database) -> int:
    """Once an hour, let go of uploads of yesterday and of layers that were removed a week ago; return how many of these."""
    if time.monotonic() - forgotten["at"] < FORGET_EVERY_S:
        return 0
    forgotten["at"] = time.monotonic()
    with database.transaction() as session:
        return int(session.execute(text("SELECT service.forget_reference_material()")).scalar_one())
