"""Photos over HTTP: how much is here, the next piece, and the photo itself."""

import re
from typing import Annotated, Any

from fastapi import APIRouter, Header, Path, Request, Response
from fastapi.responses import StreamingResponse
from sqlalchemy.orm import Session
from starlette.concurrency import run_in_threadpool

from geo_service.auth.acting import act_as
from geo_service.auth.gate import SignedIn, Surveyor
from geo_service.db import DbSession
from geo_service.documents.kinds import SANDBOXED, SHOWN
from geo_service.operations import photos, thumbnails
from layers.errors import InvalidInput

router = APIRouter(prefix="/api/photos", tags=["photos"])
Name = Annotated[str, Path(pattern=r"^[0-9a-f]{64}$", description="SHA-256 of the photo's bytes")]
RANGE = re.compile(r"bytes (\d+)-(\d+)/(\d+)$")


@router.head("/{sha256}")
def head_photo(request: Request, session: DbSession, officer: SignedIn, sha256: Name) -> Response:
    """Say how many bytes of a photo are here: `Upload-Offset`, and whether that is all: `Upload-Complete`."""
    offset, row = photos.arrived(session, request.app.state.settings, sha256)
    return Response(headers=_told(offset, complete=row is not None))


def _told(offset: int, *, complete: bool) -> dict[str, str]:
    return {"Upload-Offset": str(offset), "Upload-Complete": "?1" if complete else "?0"}


@router.put("/{sha256}", status_code=201)
async def put_photo(
    request: Request,
    session: DbSession,
    officer: Surveyor,
    sha256: Name,
    response: Response,
    content_range: Annotated[str | None, Header()] = None,
) -> dict[str, Any]:
    """Bring a photo, or its next piece with `Content-Range: bytes a-b/total`; 202 while more is to come."""
    settings = request.app.state.settings
    offset, total = _range(content_range)
    try:
        _, row = await run_in_threadpool(photos.arrived, session, settings, sha256)
    except photos.PhotoNotFound:
        row = None
    await run_in_threadpool(_let_go, session)
    if row is None:
        with photos.alone(settings, sha256) as sink:
            here, complete = await photos.take_piece(sink, request.stream(), offset=offset, total=total)
            if not complete:
                response.status_code = 202
                response.headers.update(_told(here, complete=False))
                return {"sha256": sha256, "received": here, "complete": False}
            await run_in_threadpool(act_as, session, officer)
            row = await run_in_threadpool(photos.keep, session, settings, officer, sha256)
    else:
        response.status_code = 200
    response.headers.update(_told(row.size_bytes, complete=True))
    return {
        "sha256": sha256,
        "received": row.size_bytes,
        "complete": True,
        "media_type": row.media_type,
        "received_at": row.received_at,
    }


def _let_go(session: Session) -> None:
    """Give the connection back while the body comes in: many phones on weak lines must not hold one each."""
    if not session.in_nested_transaction():
        session.commit()


def _range(given: str | None) -> tuple[int, int | None]:
    if given is None:
        return 0, None
    found = RANGE.match(given.strip())
    if found is None or not int(found[1]) <= int(found[2]) < int(found[3]):
        raise InvalidInput(field="Content-Range", given=given[:100], expected="bytes a-b/total")
    return int(found[1]), int(found[3])


@router.get("/{sha256}", response_class=Response)
def get_photo(request: Request, session: DbSession, officer: SignedIn, sha256: Name) -> Response:
    """Give the photo as it came."""
    settings = request.app.state.settings
    row = photos.readable(session, sha256)
    headers = {
        "Cache-Control": "private, max-age=31536000, immutable",
        "ETag": f'"{sha256}"',
        "Content-Length": str(row.size_bytes),
        "Content-Disposition": "inline" if row.media_type in SHOWN else "attachment",
        "Content-Security-Policy": SANDBOXED,
    }
    return StreamingResponse(photos.blocks(settings, sha256), media_type=row.media_type, headers=headers)


@router.get("/{sha256}/thumbnail", response_class=Response)
def get_thumbnail(request: Request, session: DbSession, officer: SignedIn, sha256: Name) -> Response:
    """Give a small JPEG of a photo, upright and without its EXIF data, for a device to take along."""
    small = thumbnails.thumbnail(session, request.app.state.settings, sha256)
    headers = {"Cache-Control": "private, max-age=31536000, immutable"}
    return Response(small, media_type="image/jpeg", headers=headers)
