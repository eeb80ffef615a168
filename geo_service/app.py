"""Builds the application: settings, database, routes, and how every error leaves."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from importlib.resources import files
from pathlib import Path

from fastapi import FastAPI
from fastapi.concurrency import run_in_threadpool
from fastapi.staticfiles import StaticFiles
from starlette.middleware.gzip import GZipMiddleware
from uvicorn.middleware.proxy_headers import ProxyHeadersMiddleware

from geo_service import logs, plain_reads, problems
from geo_service.auth.secrets import nobodys_hash
from geo_service.body_limit import BodyLimit
from geo_service.changes import delivery
from geo_service.db import Database
from geo_service.headers import SecurityHeaders
from geo_service.jobs import Worker
from geo_service.ogc.app import open_door
from geo_service.operations import boundary_check  # noqa: F401 -- registers its kind of job
from geo_service.operations.reference_uploads import forget_aged
from geo_service.routes import (
    alerts,
    audit,
    boundaries,
    cases,
    changes,
    documents,
    due,
    edits,
    field,
    field_page,
    hub_material,
    hub_plans,
    hub_scenarios,
    hub_tiles,
    hubs,
    jobs,
    joint_inspections,
    joint_lines,
    joint_plans,
    marker_papers,
    marker_reports,
    marker_tiles,
    markers,
    meetings,
    name_page,
    naming,
    naming_papers,
    officers,
    pages,
    photos,
    proposal_board,
    proposals,
    public_comment,
    reference_layers,
    releases,
    sensors,
    session,
    signs,
    system,
    tiles,
    tokens,
    webhooks,
)
from geo_service.schemas.geojson import Problem
from geo_service.settings import Settings, get_settings
from geo_service.tile_cache import TileCache

PROBLEM = {"model": Problem, "content": {problems.MEDIA_TYPE: {}}}


class NoDatabase(RuntimeError):
    """The application is built before a database is named; the CLI starts the embedded one first."""


def create_app(settings: Settings | None = None) -> FastAPI:
    """Return the application on the database that `settings.database_url` names.

    Raises `NoDatabase` when none is named: starting a cluster is the command line's act.
    """
    settings = settings or get_settings()
    if settings.database_url is None:
        raise NoDatabase
    logs.configure(settings.log_format)
    database = Database(settings.database_url, settings)
    app = FastAPI(
        title="geo_service",
        version="0.1.0",
        summary="Administrative boundaries, boundary markers, place names and community hubs",
        lifespan=_lifespan,
        docs_url=None,
        redoc_url=None,
        openapi_url="/api/openapi.json",
        responses={"4XX": PROBLEM, "5XX": PROBLEM},
    )
    app.state.settings = settings
    app.state.database = database
    app.state.tiles = TileCache()
    for routes in (
        system,
        session,
        tokens,
        officers,
        audit,
        boundaries,
        documents,
        jobs,
        markers,
        cases,
        joint_plans,
        joint_lines,
        joint_inspections,
        field,
        photos,
        marker_papers,
        marker_reports,
        due,
        alerts,
        marker_tiles,
        naming,
        naming_papers,
        signs,
        meetings,
        proposal_board,
        proposals,
        public_comment,
        hub_material,
        hub_plans,
        hub_scenarios,
        hubs,
        hub_tiles,
        tiles,
        changes,
        edits,
        webhooks,
        reference_layers,
        releases,
        sensors,
        pages,
        field_page,
        name_page,
    ):
        app.include_router(routes.router)
    plain_reads.install(app)
    static = Path(str(files("web_map").joinpath("static")))
    app.state.door = open_door(database, settings, app.state.tiles)
    app.router.routes.insert(0, app.state.door.state.plain_questions)
    app.mount("/ogc", app.state.door, name="ogc")
    app.mount("/static", StaticFiles(directory=static), name="static")
    problems.install(app)
    app.add_middleware(BodyLimit)
    app.add_middleware(GZipMiddleware, minimum_size=1024, compresslevel=5)
    app.add_middleware(SecurityHeaders)
    app.add_middleware(logs.RequestLog)
    if settings.trusted_proxies:
        app.add_middleware(ProxyHeadersMiddleware, trusted_hosts=settings.trusted_proxies)
    return app


@asynccontextmanager
async def _lifespan(app: FastAPI) -> AsyncIterator[None]:
    await run_in_threadpool(nobodys_hash)  # or the first unknown user would wait longer than the next
    app.state.worker = Worker(
        app.state.settings.database_url,
        app.state.database,
        look_after=(delivery.announce_changes, forget_aged),
    )
    async with app.state.worker.running():
        yield
    app.state.door.state.door.dispose()
    app.state.database.dispose()
