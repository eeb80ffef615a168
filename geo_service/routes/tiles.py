"""Vector tiles over HTTP, cached by data version."""

from collections.abc import Callable, Mapping
from datetime import date
from typing import Annotated, Final

from fastapi import APIRouter, Header, Path, Request, Response

from geo_service.db import PublicSession
from geo_service.paging import AsOf
from geo_service.tile_cache import KeptTile, TileCache
from layers.boundaries import tiles
from layers.errors import NotFound
from layers.features import Reads, TileQuery, prepared
from layers.naming.tiles import names_tile

MVT: Final = "application/vnd.mapbox-vector-tile"
MAX_ZOOM: Final = 22
router = APIRouter(prefix="/tiles", tags=["tiles"])

VERSION: Final = "SELECT coalesce(sum(version), 0)::bigint FROM service.data_version WHERE layer = :layer"
MAKERS: Final[Mapping[str, Callable[[int, int, int, date], TileQuery]]] = {
    "units": tiles.units_tile,
    "lines": tiles.lines_tile,
    "names": names_tile,
}


class TileNotFound(NotFound):
    """There is no such layer, or no such tile at that zoom."""

    code = "tile.not_found"


@router.get("/{layer}/{z}/{x}/{y}.mvt", response_class=Response, responses={200: {"content": {MVT: {}}}})
def get_tile(
    request: Request,
    session: PublicSession,
    as_of: AsOf,
    layer: str,
    z: Annotated[int, Path(ge=0, le=MAX_ZOOM)],
    x: Annotated[int, Path(ge=0)],
    y: Annotated[int, Path(ge=0)],
    if_none_match: Annotated[str | None, Header()] = None,
) -> Response:
    """One tile; the ETag changes with the layer's data, so a page that pans reloads nothing it has."""
    if layer not in MAKERS or x >= 2**z or y >= 2**z:
        raise TileNotFound(layer=layer, z=z, x=x, y=y)
    key = f"{layer}-{as_of:%Y%m%d}-{z}-{x}-{y}"
    kept: TileCache = request.app.state.tiles
    tile = current_tile(session, kept, layer, key, MAKERS[layer](z, x, y, as_of), if_none_match)
    headers = {"ETag": etag_of(key, tile.version), "Cache-Control": "no-cache"}
    if if_none_match is not None and headers["ETag"] in if_none_match:
        return Response(status_code=304, headers=headers)
    return Response(tile.tile, media_type=MVT, headers=headers)


def current_tile(
    session: Reads, kept: TileCache, layer: str, key: str, query: TileQuery, if_none_match: str | None
) -> KeptTile:
    """Return the tile of the data as they are; it is made anew only where nobody holds that version.

    The version is asked for together with a tile that has to be made, in one statement and so of one moment;
    what the asker holds already is answered by its version alone.
    """
    held = kept.get(key)
    if held is not None or if_none_match is not None:
        version = session.execute(prepared(VERSION), {"layer": layer}).scalar_one()
        if held is not None and held.version == version:
            return held
        if if_none_match is not None and etag_of(key, version) in if_none_match:
            return KeptTile(version, b"")
    statement = prepared(f"SELECT ({VERSION}), ({query.statement})")
    version, tile = session.execute(statement, {"layer": layer, **query.values}).one()
    return kept.put(key, version, bytes(tile or b""))


def etag_of(key: str, version: int) -> str:
    """Return the ETag of a tile: it changes with the data of its layer."""
    return f'"{key}-{version}"'
