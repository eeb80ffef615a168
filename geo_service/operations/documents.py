"""Acts on documents: put one on file, link it to what it proves; nothing is ever changed or removed."""

from collections.abc import Sequence
from datetime import datetime
from typing import Final
from uuid import UUID

from sqlalchemy import BindParameter, DateTime, literal, select, tuple_
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session

from geo_service.auth.audit import record_act
from geo_service.auth.officer import Officer
from geo_service.documents.reception import Upload
from geo_service.documents.refusals import DocumentNotFound, DocumentRepeated
from geo_service.documents.store import Store
from geo_service.documents.subjects import called, find_subject, refuse_out_of_reach
from geo_service.documents.tables import DocumentLinkRow, DocumentRow
from geo_service.schemas.documents import Document, DocumentLink, NewDocument, NewLink
from layers.errors import InvalidInput
from layers.tables import uuid7

Instant: Final = DateTime(timezone=True)
SAME: Final = ("type", "number", "dated_on", "title", "archive_place", "sha256")


def record_document(
    session: Session, officer: Officer, store: Store, asked: NewDocument, upload: Upload
) -> tuple[Document, bool]:
    """Put a document on file and return it, with whether this was the first time it was sent.

    The bytes are on the disk before the row commits, so a receipt is never for bytes that are lost.
    Raises `DocumentRepeated` where the id stands for another document, `SubjectNotFound` and
    `SubjectOutOfReach` for the link that comes with it.
    """
    values = {
        "type": asked.type,
        "number": asked.number,
        "dated_on": asked.date,
        "title": asked.title,
        "archive_place": asked.archive_place,
        "sha256": upload.sha256,
    }
    first = session.execute(
        insert(DocumentRow)
        .values(
            **values,
            id=asked.id,
            file_name=upload.name,
            size_bytes=upload.size,
            media_type=upload.media_type,
            office_codes=sorted(officer.jurisdictions),
            recorded_by=officer.username,
        )
        .on_conflict_do_nothing(index_elements=["id"])
        .returning(DocumentRow.id)
    ).scalar_one_or_none()
    row = session.get(DocumentRow, asked.id)
    if row is None or any(getattr(row, name) != values[name] for name in SAME):
        raise DocumentRepeated(id=str(asked.id))
    if asked.subject_kind is not None and asked.subject_id is not None:
        _link(session, officer, row, NewLink(subject_kind=asked.subject_kind, subject_id=asked.subject_id))
    store.put(upload.file, upload.sha256)
    document = described(session, [row])[0]
    if first is not None:
        record_act(session, "document.record", subject=("document", str(row.id)), after=_evidence(document))
    return document, first is not None


def link_document(
    session: Session, officer: Officer, document_id: UUID, asked: NewLink
) -> tuple[Document, bool]:
    """Link a document that the officer may read to a subject of his jurisdiction; twice is once.

    Raises `DocumentNotFound`, `SubjectNotFound`, `SubjectOutOfReach`.
    """
    row = find_document(session, document_id)
    new = _link(session, officer, row, asked)
    document = described(session, [row])[0]
    if new:
        record_act(
            session,
            "document.link",
            subject=("document", str(row.id)),
            after=_evidence(document),
            detail=asked.model_dump(),
        )
    return document, new


def find_document(session: Session, document_id: UUID) -> DocumentRow:
    """Return a document that the acting officer may read; raises `DocumentNotFound`, also for others'."""
    row = session.get(DocumentRow, document_id)
    if row is None:
        raise DocumentNotFound(id=str(document_id))
    return row


def list_documents(
    session: Session,
    *,
    subject: tuple[str, str] | None,
    document_type: str | None,
    limit: int,
    after: tuple[str, str] | None,
) -> tuple[list[Document], tuple[str, str] | None]:
    """Return a page of the documents that the acting officer may read, the newest first, and the key of the next.

    `subject` is a kind and what the office calls it; raises `SubjectNotFound`.
    """
    row = DocumentRow
    asked = select(row).order_by(row.recorded_at.desc(), row.id.desc()).limit(limit + 1)
    if document_type is not None:
        asked = asked.where(row.type == document_type)
    if subject is not None:
        link = DocumentLinkRow
        kept = find_subject(session, *subject)
        asked = asked.where(
            select(link.id)
            .where(link.document_id == row.id, link.subject_kind == subject[0], link.subject_id == kept)
            .exists()
        )
    if after is not None:
        asked = asked.where(tuple_(row.recorded_at, row.id) < tuple_(*_place(after)))
    rows = session.execute(asked).scalars().all()
    page = rows[:limit]
    following = (page[-1].recorded_at.isoformat(), str(page[-1].id)) if len(rows) > limit else None
    return described(session, page), following


def _place(after: tuple[str, str]) -> tuple[BindParameter[datetime], BindParameter[UUID]]:
    """Return where a page ended; raises `InvalidInput` for a cursor of another list."""
    try:
        return literal(datetime.fromisoformat(after[0]), Instant), literal(UUID(after[1]))
    except ValueError:
        raise InvalidInput(field="cursor", expected="the cursor of a `next` link") from None


def described(session: Session, rows: Sequence[DocumentRow]) -> list[Document]:
    """Return documents with the links that the acting officer may see."""
    link = DocumentLinkRow
    found = session.execute(
        select(link).where(link.document_id.in_([row.id for row in rows])).order_by(link.recorded_at, link.id)
    ).scalars()
    links: dict[UUID, list[DocumentLink]] = {row.id: [] for row in rows}
    for each in found:
        links[each.document_id].append(_shown(session, each))
    return [_described(row, links[row.id]) for row in rows]


def _described(row: DocumentRow, links: list[DocumentLink]) -> Document:
    return Document(
        id=row.id,
        type=row.type,
        number=row.number,
        date=row.dated_on,
        title=row.title,
        archive_place=row.archive_place,
        file_name=row.file_name,
        sha256=row.sha256,
        size=row.size_bytes,
        media_type=row.media_type,
        recorded_by=row.recorded_by,
        recorded_at=row.recorded_at,
        content=f"/api/documents/{row.id}/content",
        links=links,
    )


def _shown(session: Session, link: DocumentLinkRow) -> DocumentLink:
    return DocumentLink.model_validate(
        {
            "subject_kind": link.subject_kind,
            "subject_id": link.subject_id,
            "subject_called": called(session, link.subject_kind, link.subject_id),
            "recorded_by": link.recorded_by,
            "recorded_at": link.recorded_at,
        }
    )


def _link(session: Session, officer: Officer, row: DocumentRow, asked: NewLink) -> bool:
    subject_id = find_subject(session, asked.subject_kind, asked.subject_id)
    refuse_out_of_reach(session, asked.subject_kind, subject_id)
    added = session.execute(
        insert(DocumentLinkRow)
        .values(
            id=uuid7(),
            document_id=row.id,
            subject_kind=asked.subject_kind,
            subject_id=subject_id,
            recorded_by=officer.username,
        )
        .on_conflict_do_nothing(index_elements=["document_id", "subject_kind", "subject_id"])
        .returning(DocumentLinkRow.id)
    ).scalar_one_or_none()
    return added is not None


def _evidence(document: Document) -> dict[str, object]:
    """Return what the audit's digest of a document is taken of."""
    return document.model_dump(mode="json", exclude={"content"})
