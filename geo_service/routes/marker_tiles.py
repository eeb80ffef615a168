"""Vector tiles of markers over HTTP: as exact as the asker may see, cached by data version and profile."""

import hashlib
from typing import Annotated

from fastapi import APIRouter, Header, Path, Request, Response

from geo_service.db import DbSession
from geo_service.routes.markers import Asked
from geo_service.routes.tiles import MAX_ZOOM, MVT, VERSION, TileNotFound, etag_of
from geo_service.tile_cache import TileCache
from layers.features import prepared
from layers.markers.queries import colours_alone
from layers.markers.register import follow_the_clock
from layers.markers.tiles import markers_tile

router = APIRouter(prefix="/tiles", tags=["tiles"])


@router.get("/markers/{z}/{x}/{y}.mvt", response_class=Response, responses={200: {"content": {MVT: {}}}})
def get_markers_tile(
    request: Request,
    session: DbSession,
    asked: Asked,
    z: Annotated[int, Path(ge=0, le=MAX_ZOOM)],
    x: Annotated[int, Path(ge=0)],
    y: Annotated[int, Path(ge=0)],
    if_none_match: Annotated[str | None, Header()] = None,
) -> Response:
    """One tile of markers with colour, shape and label; filters are those of the list."""
    if x >= 2**z or y >= 2**z:
        raise TileNotFound(layer="markers", z=z, x=x, y=y)
    follow_the_clock(session)
    if not asked.past and colours_alone(asked) is None:  # filters by more than the version counts
        tile = markers_tile(session, z, x, y, asked)
        return Response(tile, media_type=MVT, headers={"Cache-Control": "no-store"})
    version = session.execute(prepared(VERSION), {"layer": "markers"}).scalar_one()
    wanted = hashlib.sha256(repr(asked).encode()).hexdigest()[:16]  # the same in every process
    key = f"markers-{asked.positions}-{wanted}-{z}-{x}-{y}"
    headers = {
        "ETag": etag_of(key, version),
        "Cache-Control": "private, no-cache",
        "Vary": "Cookie, Authorization",
    }
    if if_none_match is not None and headers["ETag"] in if_none_match:
        return Response(status_code=304, headers=headers)
    kept: TileCache = request.app.state.tiles
    held = kept.get(key)
    if held is None or held.version != version:
        held = kept.put(key, version, markers_tile(session, z, x, y, asked))
    return Response(held.tile, media_type=MVT, headers=headers)
