"""The audit over HTTP, for auditors and administrators."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import datetime
from typing import Annotated

from fastapi import APIRouter, Depends, Query, Request
from fastapi.responses import StreamingResponse

from geo_service.auth.audit import newest, verify_chain
from geo_service.auth.audit_reading import AuditFilter, as_csv, read_entries
from geo_service.auth.gate import Auditor, NeverStored
from geo_service.db import Database, DbSession
from geo_service.paging import Limit
from geo_service.schemas.audit import Anchor, AuditEntries, AuditEntry, Chain
from geo_service.schemas.geojson import Link
from layers.errors import InvalidInput

router = APIRouter(prefix="/api/audit", tags=["audit"], dependencies=[NeverStored])
Asked = Annotated[str | None, Query(max_length=200)]


def parse_filter(
    officer: Asked = None,
    act: Asked = None,
    subject_kind: Asked = None,
    subject: Asked = None,
    since: datetime | None = None,
    until: datetime | None = None,
) -> AuditFilter:
    """Return which entries are asked for."""
    if any("\0" in text for text in (officer, act, subject_kind, subject) if text):
        raise InvalidInput(
            expected="text without null characters"
        )  # before the first line of an export is sent
    return AuditFilter(officer, act, subject_kind, subject, since, until)


Wanted = Annotated[AuditFilter, Depends(parse_filter)]


@router.get("")
def list_entries(
    request: Request,
    session: DbSession,
    auditor: Auditor,
    wanted: Wanted,
    limit: Limit = 100,
    cursor: Annotated[int | None, Query(ge=1, description="the cursor of a `next` link")] = None,
) -> AuditEntries:
    """List entries, newest first."""
    rows = read_entries(session, replace(wanted, before=cursor), limit + 1)
    links = [Link(rel="self", href=str(request.url), type="application/json")]
    if len(rows) > limit:
        following = request.url.include_query_params(cursor=rows[limit - 1]["number"])
        links.append(Link(rel="next", href=str(following), type="application/json"))
    entries = [AuditEntry.model_validate(row) for row in rows[:limit]]
    return AuditEntries(entries=entries, numberReturned=len(entries), links=links)


@router.get("/export.csv", response_class=StreamingResponse, responses={200: {"content": {"text/csv": {}}}})
def export_entries(request: Request, auditor: Auditor, wanted: Wanted) -> StreamingResponse:
    """Return the entries as CSV, oldest first."""
    database: Database = request.app.state.database

    def lines() -> Iterator[str]:
        with database.acting_as(auditor).transaction() as session:
            yield from as_csv(session, wanted)

    disposition = {"Content-Disposition": 'attachment; filename="audit.csv"', "Cache-Control": "no-store"}
    return StreamingResponse(lines(), media_type="text/csv; charset=utf-8", headers=disposition)


@router.get("/anchor")
def anchor(session: DbSession, auditor: Auditor) -> Anchor:
    """Return the place and hash of the newest entry, to be kept elsewhere."""
    return Anchor.model_validate(newest(session))


@router.get("/chain")
def chain(session: DbSession, auditor: Auditor) -> Chain:
    """Verify the chain entry by entry; a long one is the command line's to walk: `check audit`."""
    state = verify_chain(session)
    return Chain(entries=state.entries, head=state.head, broken_at=state.broken_at)
