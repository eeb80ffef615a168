"""Names over HTTP: examined, found, read in full, put right, retired."""

from typing import Annotated, Any
from uuid import UUID

from fastapi import APIRouter, Query, Request, Response

from geo_service.auth.gate import NamingOfficer, Whoever
from geo_service.auth.jurisdiction import require_reach
from geo_service.db import DbSession
from geo_service.etags import IfMatch
from geo_service.jobs import enqueue
from geo_service.operations import naming as operations
from geo_service.operations.naming_check import check_name
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
from geo_service.schemas.boundaries import Code
from geo_service.schemas.geojson import Feature, FeatureCollection
from geo_service.schemas.jobs import Job
from geo_service.schemas.naming import ChangeOfName, CheckedName, EndOfName, NameToCheck, ProfileName
from layers.errors import InvalidInput
from layers.naming import dossiers, queries
from layers.naming.model import NameKind
from layers.naming.profiles import load_profile
from layers.naming.tables import NameStatus

router = APIRouter(prefix="/api/naming", tags=["naming"])
FEATURES: dict[int | str, dict[str, Any]] = {200: {"model": FeatureCollection, "content": {GEOJSON: {}}}}
FEATURE: dict[int | str, dict[str, Any]] = {200: {"model": Feature, "content": {GEOJSON: {}}}}


@router.post("/check")
def check(request: Request, session: DbSession, officer: Whoever, asked: NameToCheck) -> CheckedName:
    """Take a name apart, read, spell and examine it against the register; open to everyone."""
    settings = request.app.state.settings
    return check_name(
        session,
        asked,
        profile=settings.rule_profile,
        home_unit=settings.home_unit,
        today=today(),
        records=asked.records,
        outlines=asked.outlines,
    )


def parse_near(near: str | None) -> tuple[float, float] | None:
    """Return lon, lat; raises `InvalidInput`."""
    if near is None:
        return None
    try:
        lon, lat = (float(part) for part in near.split(","))
    except ValueError:
        raise InvalidInput(field="near", given=near[:50], expected="lon,lat") from None
    if not (-180 <= lon <= 180 and -90 <= lat <= 90):
        raise InvalidInput(field="near", given=near[:50], expected="lon,lat in degrees")
    return lon, lat


@router.get("/names", responses=FEATURES, response_class=Response)
def list_names(
    request: Request,
    session: DbSession,
    as_of: AsOf,
    bbox: Bbox,
    after: Cursor,
    q: Annotated[
        str | None, Query(max_length=60, description="characters, pinyin, initials, former name")
    ] = None,
    near: Annotated[
        str | None, Query(description="lon,lat: with q, the nearest first", max_length=50)
    ] = None,
    kind: NameKind | None = None,
    status: NameStatus | None = None,
    unit: Code | None = None,
    limit: Limit = 100,
    geometry: GeometryWanted = "full",
    count: ExactCount = False,
) -> Response:
    """List names; with `q` each hit says in `matched` why it is one."""
    where, values = queries.NameFilter(as_of, kind, status, unit, bbox).where()
    listing = queries.NAMES
    if q and q.strip():
        listing, found = operations.search_names(session, q, near=parse_near(near))
        values |= found
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


@router.get("/unnamed-roads", responses=FEATURES, response_class=Response)
def list_unnamed_roads(
    request: Request,
    session: DbSession,
    bbox: Bbox,
    after: Cursor,
    unit: Code | None = None,
    limit: Limit = 100,
    geometry: GeometryWanted = "full",
    count: ExactCount = False,
) -> Response:
    """List roads that a source knows without a name: work for the office until each has one."""
    where, values = queries.unnamed_where(bbox, unit)
    page = queries.UNNAMED_ROADS.page(
        session,
        where=where,
        values=values,
        limit=limit,
        after=after,
        with_geometry=geometry == "full",
        exact_count=count,
    )
    return collection(request, page)


@router.get("/names/{name_id}", responses=FEATURE, response_class=Response)
def get_name(session: DbSession, name_id: UUID, geometry: GeometryWanted = "full") -> Response:
    """One name with its history through renames, its events and the source of each field."""
    feature = dossiers.name_feature(session, name_id, with_geometry=geometry == "full")
    etag = operations.name_etag(dossiers.name_row(session, name_id))
    return Response(feature, media_type=GEOJSON, headers={"ETag": etag})


@router.patch("/names/{name_id}", responses=FEATURE, response_class=Response)
def correct_name(
    session: DbSession,
    officer: NamingOfficer,
    name_id: UUID,
    asked: ChangeOfName,
    if_match: IfMatch = None,
) -> Response:
    """Put reading, origin, meaning, heritage or aliases right, with their source."""
    require_reach(session, officer, [dossiers.name_row(session, name_id).unit_code])
    row = operations.correct_name(
        session, name_id, asked, officer=officer.username, on=today(), if_match=if_match
    )
    feature = dossiers.name_feature(session, name_id)
    return Response(feature, media_type=GEOJSON, headers={"ETag": operations.name_etag(row)})


@router.post("/names/{name_id}/retirement", responses=FEATURE, response_class=Response)
def retire_name(session: DbSession, officer: NamingOfficer, name_id: UUID, asked: EndOfName) -> Response:
    """Retire a name (销名), or merge it into another (并入): it stays findable; the same act sent twice is recorded once."""
    names = [name_id] if asked.merged_into is None else [name_id, asked.merged_into]
    require_reach(session, officer, [dossiers.name_row(session, each).unit_code for each in names])
    operations.retire_name(session, name_id, asked, officer=officer.username)
    return Response(dossiers.name_feature(session, name_id), media_type=GEOJSON)


@router.post("/audits", status_code=202)
def start_audit(
    request: Request,
    session: DbSession,
    officer: NamingOfficer,
    unit: Code | None = None,
    profile: ProfileName | None = None,
) -> Job:
    """Examine the whole register of a unit as a job: repeats, homophones, one road with several names."""
    chosen = load_profile(profile or request.app.state.settings.rule_profile).identifier
    asked = {"unit": unit, "as_of": today().isoformat(), "profile": chosen}
    return Job.model_validate(enqueue(session, "check_names", asked, asked_by=officer))
