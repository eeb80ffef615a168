"""The application that is mounted at `/ogc`: tipg's endpoints on the service's own reading, pages and problems."""

from dataclasses import dataclass
from typing import Any, Final

from fastapi import Depends, FastAPI
from fastapi.exceptions import RequestValidationError
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from tipg import model
from tipg.factory import COMMON_CONFORMS, Endpoints

from geo_service import problems
from geo_service.db import Database
from geo_service.messages import words
from geo_service.ogc.answers import (
    HTML,
    JSON,
    PREFIX,
    answer,
    described,
    language_of,
    link,
    root,
    templates,
    wants_page,
)
from geo_service.ogc.door import Door
from geo_service.ogc.features import Features, door_of, published
from geo_service.ogc.manners import Manners, only_known_parameters
from geo_service.ogc.matrices import MATRIX_SETS
from geo_service.ogc.openapi import as_openapi_30
from geo_service.ogc.plain import PlainQuestions
from geo_service.ogc.tiles import Tiles
from geo_service.settings import Settings
from geo_service.tile_cache import TileCache

OPENAPI: Final = "application/vnd.oai.openapi+json;version=3.0"


@dataclass
class Endings(Endpoints):
    """Landing page, conformance, features and tiles."""

    def register_routes(self) -> None:
        """Register the endpoints of both standards."""
        shared: dict[str, Any] = {
            "collection_dependency": self.collection_dependency,
            "router_prefix": self.router_prefix,
            "templates": self.templates,
            "with_common": False,
        }
        self.ogc_features = Features(**shared)
        self.ogc_tiles = Tiles(**shared, supported_tms=self.supported_tms, with_viewer=False)
        self.router.include_router(self.ogc_features.router)
        self.router.include_router(self.ogc_tiles.router)

    def _landing_route(self) -> None:
        @self.router.get("/", tags=["OGC Common"], responses={200: {"model": model.Landing}})
        async def landing(request: Request) -> Response:
            """Tell where everything is."""
            title, about = words("ogc.landing", language_of(request), {})
            place = root(request)
            data = {
                "title": title,
                "description": about,
                "links": [
                    link(f"{place}/", "self", JSON, title),
                    link(f"{place}/?f=html", "alternate", HTML, title),
                    link(f"{place}/api", "service-desc", OPENAPI),
                    link(f"{place}/api.html", "service-doc", HTML),
                    link(f"{place}/conformance", "conformance", JSON),
                    link(f"{place}/collections", "data", JSON),
                    link(f"{place}/functions", "http://www.opengis.net/def/rel/ogc/1.0/functions", JSON),
                    link(
                        f"{place}/tileMatrixSets",
                        "http://www.opengis.net/def/rel/ogc/1.0/tiling-schemes",
                        JSON,
                    ),
                ],
            }
            if not wants_page(request):
                return answer(request, data, page="landing")
            every = await door_of(request).answer(request, lambda reading: reading.published())
            told = [(each.id, *described(request, each)) for each in every]
            return answer(request, data, page="landing", collections=told)

    def _conformance_route(self) -> None:
        @self.router.get("/conformance", tags=["OGC Common"], responses={200: {"model": model.Conformance}})
        def conformance(request: Request) -> Response:
            """Tell what the door keeps to."""
            data = {"conformsTo": [*COMMON_CONFORMS, *self.conforms_to]}
            return answer(request, data, page="conformance")


def open_door(database: Database, settings: Settings, tiles: TileCache) -> FastAPI:
    """Return the application to mount; it connects when it is first asked, and keeps tiles among `tiles`."""
    title, about = words("ogc.landing", "en", {})
    app = FastAPI(
        title=title, summary=about, version="1.0.0", openapi_url=None, docs_url=None, redoc_url=None
    )
    app.state.settings, app.state.database = settings, database
    app.state.door, app.state.tiles = Door(database, settings), tiles
    endings = Endings(
        collection_dependency=published,  # type: ignore[arg-type]  # FastAPI awaits a dependency that has to be
        router_prefix=PREFIX,
        templates=templates(),
        supported_tms=MATRIX_SETS,
        with_tiles_viewer=False,
        title=title,
    )
    app.include_router(endings.router, dependencies=[Depends(only_known_parameters)])
    app.add_middleware(Manners)
    documented = [*endings.ogc_features.router.routes, *endings.ogc_tiles.router.routes]
    app.state.plain_questions = PlainQuestions(app, documented)
    _describe(app)
    problems.install(app)

    @app.exception_handler(RequestValidationError)
    def unreadable(request: Request, error: RequestValidationError) -> JSONResponse:
        """Answer as OGC asks: 404 for an address that names nothing, 400 for a parameter that cannot be read."""
        first = error.errors()[0]
        if first["loc"][0] == "path":
            return problems.problem(request, "request.not_found")
        facts = {
            "parameter": str(first["loc"][-1]),
            "given": str(first.get("input"))[:200],
            "expected": first["msg"],
        }
        return problems.problem(request, "ogc.parameter_invalid", facts=facts)

    return app


def _describe(app: FastAPI) -> None:
    @app.get("/api", tags=["OGC Common"], include_in_schema=False)
    def api(request: Request) -> Response:
        """Describe every endpoint, in OpenAPI 3.0."""
        document = as_openapi_30(app, root(request))
        return JSONResponse(document, media_type=OPENAPI)

    @app.get("/api.html", tags=["OGC Common"], include_in_schema=False)
    def api_page(request: Request) -> Response:
        """Describe the same for people."""
        context = {"data": as_openapi_30(app, root(request))}
        return templates().TemplateResponse(request, "api.html", context)
