"""What packages of markers and of lines have in common on their way in: sums, tables, papers and pictures."""

import csv
import zipfile
from collections.abc import Collection, Iterator, Mapping
from pathlib import Path
from typing import IO, Final
from uuid import UUID, uuid5

from sqlalchemy import text
from sqlalchemy.orm import Session

from geo_service.auth.officer import Officer
from geo_service.documents.content import media_type_of
from geo_service.documents.reception import Upload
from geo_service.documents.store import Store, digest_of
from geo_service.documents.subjects import find_subject
from geo_service.exchange import ministry_layout as layout
from geo_service.exchange.refusals import ArchiveRefused, UnreadableFile
from geo_service.operations.documents import record_document
from geo_service.schemas.documents import NewDocument
from layers.errors import LayerError

PAPERS: Final = UUID("3f0c1a52-149a-5d3f-9a6e-149020200324")
"""The space of the ids of papers: the same paper of the same subject has one id, however often it comes."""
ON_FILE: Final = """
SELECT 1 FROM service.document d JOIN service.document_link l ON l.document_id = d.id
 WHERE l.subject_kind = :kind AND l.subject_id = :subject AND d.sha256 = :sha256 LIMIT 1
"""


def holds(path: Path, member: str) -> bool:
    """Say whether a file is a ZIP with a member of this name."""
    try:
        with zipfile.ZipFile(path) as opened:
            return member in opened.namelist()
    except (OSError, zipfile.BadZipFile):
        return False


def check_sums(path: Path, members: Mapping[str, Path]) -> None:
    """Compare what came out with the package's list of files, where it has one; raises `ArchiveRefused`."""
    if layout.LIST not in members:
        return
    rows = csv.DictReader(text_of(path, members[layout.LIST]).splitlines())
    for row in rows:
        name, sha256 = row.get("WJ") or "", (row.get("SHA256") or "").lower()
        if name not in members:
            raise ArchiveRefused(file=path.name, reason="member_missing", member=name[:200])
        with members[name].open("rb") as file:
            if digest_of(file)[0] != sha256:
                raise ArchiveRefused(file=path.name, reason="sum_differs", member=name[:200])


def text_of(path: Path, file: Path) -> str:
    """Return a member's text in the layout's encoding; raises `UnreadableFile`."""
    try:
        return file.read_bytes().decode(layout.ENCODING)
    except UnicodeDecodeError as error:
        raise UnreadableFile(file=path.name, reason="encoding", detail=str(error)) from error


def forms_in(path: Path, table: Path) -> list[dict[str, str]]:
    """Return the rows of a table of attributes, field code → cell."""
    return [
        {name: cell for name, cell in row.items() if name and isinstance(cell, str)}
        for row in csv.DictReader(text_of(path, table).splitlines(keepends=True))
    ]


def filed(
    session: Session,
    store: Store,
    officer: Officer,
    path: Path,
    members: Mapping[str, Path],
    *,
    about: tuple[str, Collection[str]],
    dry_run: bool = False,
) -> Iterator[bool]:
    """Put the papers and pictures of a package on file; yield for each whether it was new.

    `about` is the kind of its subjects and the codes that there are. What is on file for its subject with the same
    bytes is not filed again; on a dry run nothing is. Raises `ArchiveRefused` for a paper of something else, and what is raised of no paper.
    """
    kind, known = about
    for name in members:
        medium = layout.media_of(name)
        if medium is None:
            continue
        subject, document_type = medium
        if subject not in known:
            raise ArchiveRefused(file=path.name, reason=f"of_no_{kind}", member=name[:200])
        with members[name].open("rb") as file:
            upload = _looked_at(name, file)
            if _on_file(session, kind, subject, upload.sha256):
                yield False
                continue
            if dry_run:
                yield True
                continue
            paper = _paper((kind, subject), document_type, upload)
            yield record_document(session, officer, store, paper, upload)[1]


def _on_file(session: Session, kind: str, subject: str, sha256: str) -> bool:
    asked = {"kind": kind, "subject": find_subject(session, kind, subject), "sha256": sha256}
    return session.execute(text(ON_FILE), asked).first() is not None


def _looked_at(name: str, file: IO[bytes]) -> Upload:
    """Return a file as an upload. Raises the refusals of its content, with the name that it has in the package."""
    sha256, size = digest_of(file)
    try:
        media_type = media_type_of(file)
    except LayerError as refused:
        raise type(refused)(**{**refused.facts, "file": name[:200]}) from refused
    return Upload(file, Path(name).name, sha256, size, media_type, {})


def _paper(about: tuple[str, str], document_type: str, upload: Upload) -> NewDocument:
    kind, subject = about
    return NewDocument.model_validate(
        {
            "id": uuid5(PAPERS, f"{subject} {document_type} {upload.sha256}"),
            "type": document_type,
            "title": upload.name,
            "subject_kind": kind,
            "subject_id": subject,
        }
    )
