"""Whether the service lives, what it measures, and what its pages need to know."""

import shutil
from typing import Any, Literal

from fastapi import APIRouter, Request, Response
from pydantic import BaseModel
from sqlalchemy import text
from sqlalchemy.exc import SQLAlchemyError

from geo_service.db import Database, DbSession
from geo_service.legends import legend
from geo_service.metrics import CONTENT_TYPE, exposition, observe_pool
from geo_service.migrations import newest_revision
from geo_service.settings import Basemap, Settings

router = APIRouter(tags=["service"])
LEAST_FREE_BYTES = 200 * 2**20
REVISION = text("SELECT version_num FROM service.alembic_version")


class Alive(BaseModel):
    """The process answers."""

    status: Literal["alive"] = "alive"


class Readiness(BaseModel):
    """What the service needs in order to work, each ready or not."""

    status: Literal["ready", "not_ready"]
    database: bool
    migrations: bool
    disk: bool


class PublicSettings(BaseModel):
    """What every page may know of the settings."""

    language: str
    home_unit: str
    colour_profile: str
    basemaps: list[Basemap]
    demo: bool
    single_sign_on: bool
    authoritative: bool


@router.get("/healthz")
def alive() -> Alive:
    """Say that the process is alive."""
    return Alive()


@router.get("/readyz", responses={503: {"model": Readiness}})
def ready(request: Request, response: Response) -> Readiness:
    """Say whether database, migrations and disk are ready; 503 while they are not."""
    database = request.app.state.database
    answers = database.answers()
    migrated = answers and _revision(database) == newest_revision()
    disk = _free_bytes(request.app.state.settings) >= LEAST_FREE_BYTES
    everything = answers and migrated and disk
    response.status_code = 200 if everything else 503
    return Readiness(
        status="ready" if everything else "not_ready", database=answers, migrations=migrated, disk=disk
    )


def _revision(database: Database) -> str | None:
    """Return the revision of the tables; None where there are none yet, or the database went away meanwhile."""
    try:
        with database.transaction() as session:
            found: str | None = session.execute(REVISION).scalar()
    except SQLAlchemyError:
        return None
    return found


def _free_bytes(settings: Settings) -> int:
    place = settings.data_dir
    while not place.exists():
        place = place.parent
    return shutil.disk_usage(place).free


@router.get("/metrics", response_class=Response, responses={200: {"content": {"text/plain": {}}}})
def metrics(request: Request) -> Response:
    """Measurements for Prometheus."""
    in_use, kept = request.app.state.database.connections()
    observe_pool(in_use=in_use, kept=kept)
    return Response(exposition(), media_type=CONTENT_TYPE)


@router.get("/api/legend")
def get_legend() -> dict[str, list[dict[str, Any]]]:
    """Every code that the pages show: colour, shape, both labels, definition."""
    return legend()


@router.get("/api/settings/public")
def public_settings(request: Request, session: DbSession) -> PublicSettings:
    """Return what the pages need of the settings; `authoritative` is false while any outline shown is not."""
    settings: Settings = request.app.state.settings
    doubtful = session.execute(
        text("SELECT EXISTS (SELECT FROM boundaries.administrative_unit WHERE NOT authoritative)")
    ).scalar_one()
    return PublicSettings(
        language=settings.language,
        home_unit=settings.home_unit,
        colour_profile=settings.colour_profile,
        basemaps=settings.basemaps,
        demo=settings.demo,
        single_sign_on=bool(settings.oidc_issuer and settings.oidc_client_id),
        authoritative=not doubtful,
    )
