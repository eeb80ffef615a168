"""Documents over HTTP: taken in as a form, given out as a file that no page executes."""

import tempfile
from pathlib import Path
from typing import Annotated, Any, Final
from uuid import UUID

import structlog
from fastapi import APIRouter, Depends, Header, Query, Request, Response
from fastapi.exceptions import RequestValidationError
from fastapi.responses import FileResponse
from pydantic import ValidationError
from starlette.background import BackgroundTask

from geo_service.auth.gate import SignedIn
from geo_service.auth.officer import Officer
from geo_service.db import DbSession
from geo_service.documents.kinds import ACCEPTED, SANDBOXED, SHOWN
from geo_service.documents.names import disposition, download_name
from geo_service.documents.reception import Received, may_record, openapi_body
from geo_service.documents.store import CHUNK, Store, open_store
from geo_service.operations import documents as operations
from geo_service.paging import Cursor, Limit, make_cursor
from geo_service.schemas.documents import (
    Document,
    DocumentList,
    DocumentType,
    NewDocument,
    NewLink,
    PageLink,
    SubjectId,
    SubjectKind,
)
from layers.errors import InvalidInput

router = APIRouter(prefix="/api/documents", tags=["documents"])
log = structlog.get_logger(__name__)
Recorder = Annotated[Officer, Depends(may_record)]
FILE: Final[dict[int | str, dict[str, Any]]] = {
    200: {"content": {media_type: {} for media_type in ACCEPTED}},
    206: {"content": {media_type: {} for media_type in ACCEPTED}},
    304: {"description": "the bytes have not changed: they never do"},
}


def document_store(request: Request) -> Store:
    """Return the store that the settings name."""
    return open_store(request.app.state.settings.document_store)


DocumentStore = Annotated[Store, Depends(document_store)]


def read_fields(upload: Received) -> NewDocument:
    """Return the form's fields; raises as any body that does not fit."""
    try:
        return NewDocument.model_validate(dict(upload.fields))
    except ValidationError as refused:
        raise RequestValidationError(
            [{**error, "loc": ("body", *error["loc"])} for error in refused.errors(include_context=False)]
        ) from refused


Fields = Annotated[NewDocument, Depends(read_fields)]


@router.post(
    "",
    status_code=201,
    responses={200: {"model": Document}},
    openapi_extra=openapi_body(NewDocument.model_json_schema()),
)
def record_document(
    upload: Received,
    asked: Fields,
    session: DbSession,
    officer: Recorder,
    store: DocumentStore,
    response: Response,
) -> Document:
    """Put a document on file: a form with `file` and its fields; the same id sent twice is recorded once."""
    document, first = operations.record_document(session, officer, store, asked, upload)
    response.status_code = 201 if first else 200
    return document


@router.get("")
def list_documents(
    request: Request,
    session: DbSession,
    officer: SignedIn,
    after: Cursor,
    subject_kind: SubjectKind | None = None,
    subject_id: Annotated[SubjectId | None, Query()] = None,
    document_type: Annotated[DocumentType | None, Query(alias="type")] = None,
    limit: Limit = 100,
) -> DocumentList:
    """List the documents of the offices and subjects that the asker's jurisdiction reaches, the newest first."""
    if (subject_kind is None) != (subject_id is None):
        raise InvalidInput(field="subject_id", expected="subject_kind and subject_id together")
    subject = (subject_kind, subject_id) if subject_kind is not None and subject_id is not None else None
    found, following = operations.list_documents(
        session, subject=subject, document_type=document_type, limit=limit, after=after
    )
    links = [PageLink(rel="self", href=str(request.url))]
    if following is not None:
        href = request.url.include_query_params(cursor=make_cursor(following))
        links.append(PageLink(rel="next", href=str(href)))
    return DocumentList(documents=found, numberReturned=len(found), links=links)


@router.get("/{document_id}")
def get_document(session: DbSession, officer: SignedIn, document_id: UUID) -> Document:
    """One document with its links."""
    return operations.described(session, [operations.find_document(session, document_id)])[0]


@router.get("/{document_id}/content", response_class=Response, responses=FILE)
def get_content(
    session: DbSession,
    officer: SignedIn,
    store: DocumentStore,
    document_id: UUID,
    if_none_match: Annotated[str | None, Header()] = None,
) -> Response:
    """Return the bytes of a document: images and PDF for the browser's own viewer, all else as a download."""
    row = operations.find_document(session, document_id)
    etag = f'"{row.sha256}"'
    headers = {
        "ETag": etag,
        "Cache-Control": "private, no-cache",
        "Content-Disposition": disposition(
            "inline" if row.media_type in SHOWN else "attachment",
            download_name(row.file_name, row.media_type),
        ),
        "Content-Security-Policy": SANDBOXED,
        "X-Frame-Options": "SAMEORIGIN",
        "X-Content-Type-Options": "nosniff",
        "Cross-Origin-Resource-Policy": "same-origin",
        "Content-Encoding": "identity",  # the bytes go out as they are: ranges count from their beginning
    }
    if if_none_match is not None and (etag in if_none_match or if_none_match.strip() == "*"):
        return Response(status_code=304, headers=headers)
    log.info("document_read", document=str(row.id), officer=officer.username)
    path = store.path(row.sha256)
    if path is not None:
        return FileResponse(path, media_type=row.media_type, headers=headers)
    copy = _copied(store, row.sha256)
    return FileResponse(
        copy, media_type=row.media_type, headers=headers, background=BackgroundTask(copy.unlink)
    )


def _copied(store: Store, sha256: str) -> Path:
    """Return a copy on this machine of bytes that stand elsewhere; the answer's end removes it."""
    with (
        store.open(sha256) as kept,
        tempfile.NamedTemporaryFile(delete=False, prefix="geo-document-") as copy,
    ):
        while chunk := kept.read(CHUNK):
            copy.write(chunk)
        return Path(copy.name)


@router.post("/{document_id}/links", status_code=201, responses={200: {"model": Document}})
def link_document(
    session: DbSession, officer: Recorder, document_id: UUID, asked: NewLink, response: Response
) -> Document:
    """Link a document to a unit, line, marker, change or proposal of the officer's jurisdiction; twice is once."""
    document, new = operations.link_document(session, officer, document_id, asked)
    response.status_code = 201 if new else 200
    return document
