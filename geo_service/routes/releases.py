"""Requests for controlled data over HTTP: apply, decide, fetch once."""

import shutil
from uuid import UUID

from fastapi import APIRouter, Request
from fastapi.responses import FileResponse
from starlette.background import BackgroundTask

from geo_service.auth.gate import Changing, NeverStored, SignedIn, Whoever
from geo_service.db import DbSession
from geo_service.operations.releases import fetch_release
from geo_service.paging import read_bbox
from geo_service.releases import requests
from geo_service.schemas.changes import (
    NewRelease,
    Release,
    ReleaseLink,
    ReleaseReview,
    Releases,
    ReviewedRelease,
)

router = APIRouter(prefix="/api/releases", tags=["releases"], dependencies=[NeverStored])


@router.get("")
def list_releases(session: DbSession, officer: SignedIn) -> Releases:
    """List one's own requests; who decides on them sees all."""
    return Releases(releases=[Release.model_validate(row) for row in requests.requests(session)])


@router.post("", status_code=201)
def apply_for_release(request: Request, session: DbSession, officer: Changing, asked: NewRelease) -> Release:
    """Apply for a file of a layer: for whom, and what for."""
    if asked.bbox is not None:
        read_bbox(",".join(map(str, asked.bbox)))
    home = request.app.state.settings.home_unit
    row = requests.apply_for(session, officer, asked.model_dump(), home_unit=home)
    return Release.model_validate(row)


@router.post("/{release_id}/review")
def review_release(
    session: DbSession, officer: Changing, release_id: UUID, asked: ReleaseReview
) -> ReviewedRelease:
    """Decide on another officer's request; the link to the file is shown this once."""
    row, link = requests.review(session, officer, release_id, approved=asked.approved, note=asked.note)
    return ReviewedRelease(**Release.model_validate(row).model_dump(), link=link)


@router.post("/{release_id}/link")
def take_release_link(session: DbSession, officer: Changing, release_id: UUID) -> ReleaseLink:
    """Take the link to one's own approved file; whatever link there was before no longer works."""
    row, link = requests.take_link(session, officer, release_id)
    return ReleaseLink.model_validate({"link": link, "expires_at": row.expires_at})


@router.get("/files/{secret}", response_class=FileResponse)
def fetch_released_file(request: Request, session: DbSession, officer: Whoever, secret: str) -> FileResponse:
    """Give the released file, once: whoever has the link may fetch it until it expires."""
    path, name = fetch_release(session, request.app.state.settings, secret)
    behind = BackgroundTask(shutil.rmtree, path.parent, ignore_errors=True)
    return FileResponse(path, filename=name, media_type="application/octet-stream", background=behind)
