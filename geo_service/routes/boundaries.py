"""Boundaries over HTTP."""

from typing import Annotated, Any

from fastapi import APIRouter, Query, Request, Response

from geo_service.auth.gate import BoundaryOfficer
from geo_service.db import DbSession, PublicSession
from geo_service.etags import IfMatch
from geo_service.jobs import enqueue
from geo_service.operations import boundaries as operations
from geo_service.operations import lines
from geo_service.paging import (
    GEOJSON,
    AsOf,
    Bbox,
    Cursor,
    ExactCount,
    GeometryWanted,
    Limit,
    collection,
    today,
)
from geo_service.schemas.boundaries import (
    ChangeOfLine,
    ChangeOfUnits,
    CheckOfUnits,
    Code,
    Latitude,
    Located,
    LocatedPoints,
    Longitude,
    PointsToLocate,
    RecordedChange,
)
from geo_service.schemas.geojson import Feature, FeatureCollection
from geo_service.schemas.jobs import Job
from layers.boundaries import dossiers, findings, queries
from layers.boundaries.model import Level

router = APIRouter(prefix="/api/boundaries", tags=["boundaries"])
FEATURES: dict[int | str, dict[str, Any]] = {200: {"model": FeatureCollection, "content": {GEOJSON: {}}}}
FEATURE: dict[int | str, dict[str, Any]] = {200: {"model": Feature, "content": {GEOJSON: {}}}}


@router.get("/units", responses=FEATURES, response_class=Response)
def list_units(
    request: Request,
    session: PublicSession,
    as_of: AsOf,
    bbox: Bbox,
    after: Cursor,
    level: Level | None = None,
    parent: Code | None = None,
    q: Annotated[str | None, Query(max_length=100, description="name, pinyin, initials or code")] = None,
    limit: Limit = 100,
    geometry: GeometryWanted = "full",
    count: ExactCount = False,
) -> Response:
    """List administrative units as they were on a date."""
    where, values = queries.UnitFilter(as_of, level, parent, q, bbox).where()
    listing = queries.FOUND_UNITS if q and q.strip() else queries.UNITS
    page = listing.page(
        session,
        where=where,
        values=values,
        limit=limit,
        after=after,
        with_geometry=geometry == "full",
        exact_count=count,
    )
    return collection(request, page)


@router.get("/units/{code}", responses=FEATURE, response_class=Response)
def get_unit(
    session: PublicSession,
    code: Code,
    as_of: AsOf,
    level: Level | None = None,
    geometry: GeometryWanted = "full",
) -> Response:
    """One unit with its ancestors, neighbours and history."""
    feature = dossiers.unit_feature(session, code, as_of, level=level, with_geometry=geometry == "full")
    return Response(feature, media_type=GEOJSON)


@router.get("/locate")
def locate(session: PublicSession, lon: Longitude, lat: Latitude, as_of: AsOf) -> Located:
    """Say which units a point lies in, province first."""
    return Located.model_validate({"units": queries.locate(session, [(lon, lat)], as_of)[0]})


@router.post("/locate")
def locate_many(session: PublicSession, asked: PointsToLocate) -> LocatedPoints:
    """Say which units each of up to 1,000 points lies in."""
    chains = queries.locate(session, asked.points, asked.as_of or today())
    return LocatedPoints.model_validate({"results": [{"units": chain} for chain in chains]})


@router.get("/lines", responses=FEATURES, response_class=Response)
def list_lines(
    request: Request,
    session: PublicSession,
    as_of: AsOf,
    bbox: Bbox,
    after: Cursor,
    level: Level | None = None,
    unit: Code | None = None,
    limit: Limit = 100,
    geometry: GeometryWanted = "full",
    count: ExactCount = False,
) -> Response:
    """List boundary lines as they ran on a date."""
    where, values = queries.LineFilter(as_of, level, unit, bbox).where()
    page = queries.LINES.page(
        session,
        where=where,
        values=values,
        limit=limit,
        after=after,
        with_geometry=geometry == "full",
        exact_count=count,
    )
    return collection(request, page)


@router.get("/lines/{line_code}", responses=FEATURE, response_class=Response)
def get_line(
    session: PublicSession, line_code: str, as_of: AsOf, geometry: GeometryWanted = "full"
) -> Response:
    """One boundary line with its units and tripoints; its ETag is that of what may be changed of it."""
    feature = dossiers.line_feature(session, line_code, as_of, with_geometry=geometry == "full")
    etag = lines.line_etag(lines.load_line(session, line_code, as_of))
    return Response(feature, media_type=GEOJSON, headers={"ETag": etag})


@router.patch("/lines/{line_code}", responses=FEATURE, response_class=Response)
def keep_line(
    session: DbSession,
    officer: BoundaryOfficer,
    line_code: str,
    change: ChangeOfLine,
    if_match: IfMatch = None,
) -> Response:
    """Change who manages a line, whether it is disputed, its paper or its last joint inspection."""
    row = lines.keep_line(session, officer, line_code, change, on=today(), if_match=if_match)
    feature = dossiers.line_feature(session, line_code, today(), with_geometry=False)
    return Response(feature, media_type=GEOJSON, headers={"ETag": lines.line_etag(row)})


@router.get("/findings", responses=FEATURES, response_class=Response)
def list_findings(
    request: Request, session: PublicSession, as_of: AsOf, level: Level = Level.COUNTY
) -> Response:
    """Check the outlines of one level and list what is wrong: gaps, overlaps, slivers and the like."""
    return collection(request, findings.findings_page(session, as_of, level))


@router.post("/checks", status_code=202)
def start_check(session: DbSession, officer: BoundaryOfficer, asked: CheckOfUnits) -> Job:
    """Start the topology check of whole levels as a job; follow it under `/api/jobs`."""
    request = {
        "levels": [level.value for level in asked.levels],
        "as_of": (asked.as_of or today()).isoformat(),
    }
    return Job.model_validate(enqueue(session, "check_boundaries", request, asked_by=officer))


@router.post("/changes", status_code=201)
def change_units(
    session: DbSession, officer: BoundaryOfficer, change: ChangeOfUnits, response: Response
) -> RecordedChange:
    """Merge, split, transfer, rename or recode units; the same act sent twice is recorded once."""
    recorded, first = operations.change_units(session, officer, change)
    response.status_code = 201 if first else 200
    return recorded
