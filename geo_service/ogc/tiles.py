"""OGC API – Tiles over tipg's factory: tile sets, matrix sets and metadata are its own, the tiles the service's."""

import hashlib
from dataclasses import dataclass
from typing import Annotated, Any, Final

from fastapi import Depends, Header, Path
from morecantile import Tile
from morecantile import tms as every_tms
from morecantile.defaults import TileMatrixSets
from starlette.requests import Request
from starlette.responses import Response
from tipg.factory import OGCTilesFactory, mvt_settings

from geo_service.ogc.asking import ask
from geo_service.ogc.door import Reading
from geo_service.ogc.features import Given, Named, door_of, queried
from geo_service.ogc.reading import read_tile
from geo_service.paging import today
from layers.errors import NotFound

MVT: Final = "application/vnd.mapbox-vector-tile"
GEODATA: Final = "http://www.opengis.net/spec/ogcapi-tiles-1/1.0/conf/geodata-tilesets"
NAMES: Final = ("WebMercatorQuad", "WorldCRS84Quad")
MATRIX_SETS: Final = TileMatrixSets({name: every_tms.get(name) for name in NAMES})


mvt_settings.set_mvt_layername = True  # TileJSON and styles call the layer as its tiles do: by its collection


class TileNotFound(NotFound):
    """There is no such matrix set, or no such tile at that zoom. Facts: `matrix_set`, `z`, `x`, `y`."""

    code = "tile.not_found"


def tile_of(
    tileMatrixSetId: Annotated[str, Path(description="WebMercatorQuad or WorldCRS84Quad")],
    z: Annotated[int, Path(ge=0, le=30)],
    x: Annotated[int, Path(ge=0)],
    y: Annotated[int, Path(ge=0)],
) -> Tile:
    """Return the tile that an address names. Raises `TileNotFound`."""
    there = tileMatrixSetId in NAMES and z <= MATRIX_SETS.get(tileMatrixSetId).maxzoom
    if there:
        matrix = MATRIX_SETS.get(tileMatrixSetId).matrix(z)
        there = x < matrix.matrixWidth and y < matrix.matrixHeight
    if not there:
        raise TileNotFound(matrix_set=tileMatrixSetId[:50], z=z, x=x, y=y)
    return Tile(x, y, z)


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
            tile: Annotated[Tile, Depends(tile_of)],
            tileMatrixSetId: str,
            if_none_match: Annotated[str | None, Header()] = None,
        ) -> Response:
            """One vector tile."""

            def made(reading: Reading) -> tuple[str, bytes | None]:
                collection = reading.collection(collectionId)
                asked = ask(collection, given, queried(request, collection, frozenset(given) | {"f"}))
                etag = _etag(request, reading, reading.version_of(collection))
                if if_none_match is not None and etag in if_none_match:
                    return etag, None
                return etag, read_tile(reading.connection, asked, tile, MATRIX_SETS.get(tileMatrixSetId))

            etag, content = await door_of(request).answer(request, made)
            headers = {"ETag": etag, "Cache-Control": "private, no-cache", "Vary": "Cookie, Authorization"}
            if content is None:
                return Response(status_code=304, headers=headers)
            return Response(content, media_type=MVT, headers=headers)


def _etag(request: Request, reading: Reading, version: tuple[int, ...]) -> str:
    who: Any = sorted(reading.officer.jurisdictions)
    told = repr((str(request.url), version, who, today()))
    return f'"{hashlib.sha256(told.encode()).hexdigest()[:24]}"'
