"""A name's public page with its QR code, and the pages of the naming office; who may see what the API decides."""

import io
from importlib.resources import files
from pathlib import Path
from typing import Annotated, Final
from urllib.parse import quote
from uuid import UUID

import segno
from fastapi import APIRouter, Request, Response
from fastapi import Path as PathParameter
from fastapi.responses import FileResponse, RedirectResponse
from sqlalchemy.orm import Session

from geo_service.db import DbSession
from geo_service.operations.name_address import address_of_name, standing_name
from layers.naming.register import NameNotFound

router = APIRouter(include_in_schema=False)
PAGES: Final = Path(str(files("web_map").joinpath("naming")))
NEVER_OLD: Final = {"Cache-Control": "no-cache"}
QUIET_ZONE: Final = 4
PIXELS: Final = 10
Asked = Annotated[str, PathParameter(max_length=64)]


def _page(name: str, status: int = 200) -> FileResponse:
    return FileResponse(PAGES / f"{name}.html", status_code=status, headers=NEVER_OLD)


def _identifier(asked: str) -> UUID:
    """Return the identifier that an address bears; raises `NameNotFound`."""
    try:
        return UUID(asked)
    except ValueError:
        raise NameNotFound(name=asked[:64]) from None


@router.get("/n/{name_id}", response_class=Response)
def name_page(session: DbSession, name_id: Asked) -> Response:
    """Return a name's public page; a place's address leads to the name it bears. An unknown one is a page too."""
    try:
        asked = _identifier(name_id)
        standing = standing_name(session, asked)
    except NameNotFound:
        return _page("name", 404)
    if str(standing) != name_id:
        return RedirectResponse(str(standing), status_code=307, headers=NEVER_OLD)
    return _page("name")


def _code(request: Request, session: Session, asked: str) -> segno.QRCode:
    name = standing_name(session, _identifier(asked))
    settings = request.app.state.settings
    return segno.make_qr(
        address_of_name(name, public_url=settings.public_url or str(request.base_url)), error="m"
    )


def _file(content: bytes, media_type: str, name: str) -> Response:
    headers = {**NEVER_OLD, "Content-Disposition": f"inline; filename={quote(name)}"}
    return Response(content, media_type=media_type, headers=headers)


@router.get("/n/{name_id}/qr.svg", response_class=Response)
def qr_as_svg(request: Request, session: DbSession, name_id: Asked) -> Response:
    """Return the QR code of a name's public address, for print at any size."""
    out = io.BytesIO()
    _code(request, session, name_id).save(
        out, kind="svg", border=QUIET_ZONE, scale=PIXELS, light="#fff", xmldecl=False
    )
    return _file(out.getvalue(), "image/svg+xml", f"{name_id}.svg")


@router.get("/n/{name_id}/qr.png", response_class=Response)
def qr_as_png(request: Request, session: DbSession, name_id: Asked) -> Response:
    """Return the QR code of a name's public address as an image of whole pixels."""
    out = io.BytesIO()
    _code(request, session, name_id).save(out, kind="png", border=QUIET_ZONE, scale=PIXELS)
    return _file(out.getvalue(), "image/png", f"{name_id}.png")
