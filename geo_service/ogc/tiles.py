"""OGC API – Tiles over tipg's factory: tile sets, matrix sets and metadata are its own, the tiles the service's."""

import hashlib
from dataclasses import dataclass
from typing import Annotated, Any, Final

from fastapi import Depends, Header, Path
from starlette.requests import Request
from starlette.responses import Response
from tipg.factory import OGCTilesFactory, mvt_settings

from geo_service.auth.officer import PUBLIC
from geo_service.ogc.asking import Asked, ask
from geo_service.ogc.door import VERSION, Reading, layers_of
from geo_service.ogc.features import Given, Named, door_of, queried
from geo_service.ogc.matrices import Frame, frame_of
from geo_service.ogc.reading import tile_statement
from geo_service.paging import today
from geo_service.tile_cache import KeptTile, TileCache
from layers.errors import NotFound

MVT: Final = "application/vnd.mapbox-vector-tile"
GEODATA: Final = "http://www.opengis.net/spec/ogcapi-tiles-1/1.0/conf/geodata-tilesets"


mvt_settings.set_mvt_layername = True  # TileJSON and styles call the layer as its tiles do: by its collection


class TileNotFound(NotFound):
    """There is no such matrix set, or no such tile at that zoom. Facts: `matrix_set`, `z`, `x`, `y`."""

    code = "tile.not_found"


def tile_of(
    tileMatrixSetId: Annotated[str, Path(description="WebMercatorQuad or WorldCRS84Quad")],
    z: Annotated[int, Path(ge=0, le=30)],
    x: Annotated[int, Path(ge=0)],
    y: Annotated[int, Path(ge=0)],
) -> Frame:
    """Return where the tile lies that an address names. Raises `TileNotFound`."""
    frame = frame_of(tileMatrixSetId, z, x, y)
    if frame is None:
        raise TileNotFound(matrix_set=tileMatrixSetId[:50], z=z, x=x, y=y)
    return frame


@dataclass
class Tiles(OGCTilesFactory):
    """tipg's endpoints, with tiles that are read as the asker may read, thinned, and known by the data's version."""

    @property
    def conforms_to(self) -> list[str]:
        """Conformance classes."""
        return [*super().conforms_to, GEODATA]

    def _tile_routes(self) -> None:
        @self.router.get(
            "/collections/{collectionId}/tiles/{tileMatrixSetId}/{z}/{x}/{y}",
            tags=["OGC Tiles API"],
            response_class=Response,
            responses={200: {"content": {MVT: {}}}},
        )
        async def collection_get_tile(
            request: Request,
            collectionId: Named,
            given: Given,
            frame: Annotated[Frame, Depends(tile_of)],
            if_none_match: Annotated[str | None, Header()] = None,
        ) -> Response:
            """One vector tile."""
            return await tile_answer(request, collectionId, given, frame=frame, if_none_match=if_none_match)


async def tile_answer(
    request: Request, name: str, given: Given, *, frame: Frame, if_none_match: str | None
) -> Response:
    """Return a tile, or that the asker's own is still true; what everybody may see is kept as it was made."""

    def made(reading: Reading) -> tuple[str, bytes | None]:
        collection = reading.collection(name)
        asked = ask(collection, given, queried(request, collection, frozenset(given) | {"f"}))
        public = reading.officer is PUBLIC and not request.url.query
        kept: TileCache | None = request.app.state.tiles if public else None
        key = f"ogc{request.url.path}-{today():%Y%m%d}"
        tile = _current(request, reading, asked, frame, kept=kept, key=key, if_none_match=if_none_match)
        etag = _etag(request, reading, tile.version)
        return etag, None if if_none_match is not None and etag in if_none_match else tile.tile

    etag, content = await door_of(request).answer(request, made, drawing=True)
    headers = {"ETag": etag, "Cache-Control": "private, no-cache", "Vary": "Cookie, Authorization"}
    if content is None:
        return Response(status_code=304, headers=headers)
    return Response(content, media_type=MVT, headers=headers)


def _current(
    request: Request,
    reading: Reading,
    asked: Asked,
    frame: Frame,
    *,
    kept: TileCache | None,
    key: str,
    if_none_match: str | None,
) -> KeptTile:
    """Return the tile of the data as they are; the version is asked for alone only where it may be all that is needed."""
    layers = {"layers": layers_of(asked.collection)}
    held = kept.get(key) if kept is not None else None
    if held is not None or if_none_match is not None:
        ((version,),) = reading.rows(VERSION, layers)
        if held is not None and held.version == version:
            return held
        if if_none_match is not None and _etag(request, reading, version) in if_none_match:
            return KeptTile(version, b"")
    statement, values = tile_statement(asked, frame)
    ((version, tile),) = reading.rows(f"SELECT ({VERSION}), ({statement})", values | layers)
    made = KeptTile(version, bytes(tile or b""))
    return made if kept is None else kept.put(key, version, made.tile)


def _etag(request: Request, reading: Reading, version: int) -> str:
    who: Any = sorted(reading.officer.jurisdictions)
    told = repr((str(request.url), version, who, today()))
    return f'"{hashlib.sha256(told.encode()).hexdigest()[:24]}"'
