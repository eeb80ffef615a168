"""The register of hubs over HTTP."""

from typing import Annotated

from fastapi import APIRouter, Query, Request, Response

from geo_service.auth.gate import Planner
from geo_service.db import DbSession
from geo_service.etags import IfMatch, require_match
from geo_service.operations import hubs as operations
from geo_service.paging import GEOJSON, Bbox, Cursor, ExactCount, GeometryWanted, Limit, collection
from geo_service.routes.hub_material import FEATURE, FEATURES
from geo_service.schemas.boundaries import Code
from geo_service.schemas.geojson import Feature
from geo_service.schemas.hubs import HubChange, HubCode, NewHub
from layers.hubs import queries
from layers.hubs.model import HubStatus

router = APIRouter(prefix="/api/hubs", tags=["hubs"])


def _feature(session: DbSession, code: str, status: int = 200) -> Response:
    etag = operations.hub_etag(queries.hub_row(session, code))
    return Response(
        queries.hub_feature(session, code), status_code=status, media_type=GEOJSON, headers={"ETag": etag}
    )


@router.get("", responses=FEATURES, response_class=Response)
def list_hubs(
    request: Request,
    session: DbSession,
    bbox: Bbox,
    after: Cursor,
    status: HubStatus | None = None,
    unit: Code | None = None,
    service: Annotated[str | None, Query(max_length=200)] = None,
    q: Annotated[str | None, Query(max_length=100, description="part of the name, or the code")] = None,
    limit: Limit = 100,
    geometry: GeometryWanted = "full",
    count: ExactCount = False,
) -> Response:
    """List hubs: existing, planned, candidate and excluded ones."""
    where, values = queries.HubFilter(status, unit, service, q, bbox).where()
    page = queries.HUBS.page(
        session,
        where=where,
        values=values,
        limit=limit,
        after=after,
        with_geometry=geometry == "full",
        exact_count=count,
    )
    return collection(request, page)


@router.post(
    "",
    status_code=201,
    response_class=Response,
    responses={201: {"model": Feature, "content": {GEOJSON: {}}}, **FEATURE},
)
def add_hub(session: DbSession, officer: Planner, asked: NewHub) -> Response:
    """Put a hub on record; the same id and content sent twice is recorded once."""
    row, new = operations.add_hub(session, officer, asked)
    return _feature(session, row.code, 201 if new else 200)


@router.get("/{code}", responses=FEATURE, response_class=Response)
def get_hub(session: DbSession, code: HubCode) -> Response:
    """One hub."""
    return _feature(session, code)


@router.patch("/{code}", responses=FEATURE, response_class=Response)
def change_hub(
    session: DbSession, officer: Planner, code: HubCode, asked: HubChange, if_match: IfMatch = None
) -> Response:
    """Change or move a hub."""
    row = queries.hub_row(session, code)
    require_match(if_match, operations.hub_etag(row))
    operations.change_hub(session, officer, row, asked)
    return _feature(session, code)


@router.delete("/{code}", status_code=204)
def remove_hub(session: DbSession, officer: Planner, code: HubCode, if_match: IfMatch = None) -> None:
    """Take a hub off the register."""
    row = queries.hub_row(session, code)
    require_match(if_match, operations.hub_etag(row))
    operations.remove_hub(session, officer, row)
