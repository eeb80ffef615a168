"""What a plan is made of, over HTTP: demand, road networks, radii."""

from datetime import date
from typing import Annotated, Any
from uuid import UUID

from fastapi import APIRouter, Depends, File, Form, Request, Response, UploadFile
from sqlalchemy import select

from geo_service.auth.gate import Planner, SignedIn
from geo_service.db import DbSession
from geo_service.jobs import enqueue
from geo_service.operations import hubs_demand, hubs_networks, hubs_presets
from geo_service.operations.hubs import Described, office_of
from geo_service.paging import GEOJSON, Bbox, Cursor, ExactCount, GeometryWanted, Limit, collection
from geo_service.schemas.geojson import Feature, FeatureCollection
from geo_service.schemas.hubs import (
    Answered,
    DemandSet,
    DemandSets,
    NewDemand,
    OfficePreset,
    PresetCode,
    Word,
    Words,
)
from geo_service.schemas.jobs import Job
from layers.hubs import queries
from layers.hubs.tables import DemandSetRow

router = APIRouter(prefix="/api/hubs", tags=["hubs"])
FEATURES: dict[int | str, dict[str, Any]] = {200: {"model": FeatureCollection, "content": {GEOJSON: {}}}}
FEATURE: dict[int | str, dict[str, Any]] = {200: {"model": Feature, "content": {GEOJSON: {}}}}


def home_unit(request: Request) -> str:
    """Return the unit of the office that runs the service."""
    return str(request.app.state.settings.home_unit)


HomeUnit = Annotated[str, Depends(home_unit)]


@router.get("/demand", responses=FEATURES, response_class=Response)
def list_demand(
    request: Request,
    session: DbSession,
    officer: SignedIn,
    bbox: Bbox,
    after: Cursor,
    demand: UUID | None = None,
    limit: Limit = 100,
    geometry: GeometryWanted = "full",
    count: ExactCount = False,
) -> Response:
    """List the demand points of a set, the newest set when none is named."""
    row = queries.demand_set(session, demand)
    where, values = "d.set_id = :set_id", dict[str, Any](set_id=row.id)
    if bbox is not None:
        condition, box = bbox.condition("d.geometry")
        where, values = f"{where} AND {condition}", values | box
    page = queries.DEMAND.page(
        session,
        where=where,
        values=values,
        limit=limit,
        after=after,
        with_geometry=geometry == "full",
        exact_count=count,
    )
    return collection(request, page)


@router.get("/demand/sets")
def list_demand_sets(session: DbSession, officer: SignedIn) -> DemandSets:
    """List the sets of demand, the newest first."""
    rows = session.execute(
        select(DemandSetRow).order_by(DemandSetRow.recorded_at.desc()).limit(1000)
    ).scalars()
    return DemandSets(sets=[DemandSet.model_validate(row) for row in rows])


@router.post("/demand", status_code=201, responses={200: {"model": DemandSet}})
def add_demand(
    session: DbSession, officer: Planner, unit: HomeUnit, asked: NewDemand, response: Response
) -> DemandSet:
    """Put a set of demand on record, as points; the same id sent twice is recorded once."""
    row, new = hubs_demand.add_demand(session, officer, asked, home_unit=unit)
    response.status_code = 201 if new else 200
    return DemandSet.model_validate(row)


@router.post("/demand/files", status_code=201)
def import_demand(
    session: DbSession,
    officer: Planner,
    unit: HomeUnit,
    file: Annotated[UploadFile, File(description="points or areas: GeoPackage, GeoJSON, CSV …")],
    name: Annotated[Word, Form()],
    source: Annotated[Words, Form()],
    counted_on: Annotated[date | None, Form()] = None,
    groups: Annotated[str, Form(description="group=column, by comma", max_length=2000)] = "population=weight",
    id_column: Annotated[Word, Form()] = "id",
    layer: Annotated[Word | None, Form()] = None,
    crs: Annotated[Word | None, Form(description="for a file that states none")] = None,
) -> DemandSet:
    """Put the demand of a file on record."""
    columns = hubs_demand.read_groups(groups)
    about = Described(name, source, counted_on)
    with hubs_networks.uploaded(file.file, file.filename or "") as path:
        row = hubs_demand.import_demand(
            session,
            officer,
            path,
            about,
            home_unit=unit,
            groups=columns,
            layer=layer,
            id_column=id_column,
            crs=crs,
        )
    return DemandSet.model_validate(row)


@router.delete("/demand/sets/{demand_id}", status_code=204)
def remove_demand(session: DbSession, officer: Planner, demand_id: UUID) -> None:
    """Take a set of demand off the record, unless a scenario rests on it."""
    hubs_demand.remove_demand(session, officer, queries.demand_set(session, demand_id))


@router.get("/networks", responses=FEATURES, response_class=Response)
def list_networks(
    request: Request,
    session: DbSession,
    officer: SignedIn,
    bbox: Bbox,
    after: Cursor,
    limit: Limit = 100,
    geometry: GeometryWanted = "full",
) -> Response:
    """List the versions of road networks with their extent and repair report."""
    where, values = ("true", {}) if bbox is None else bbox.condition("n.geometry")
    page = queries.NETWORKS.page(
        session, where=where, values=values, limit=limit, after=after, with_geometry=geometry == "full"
    )
    return collection(request, page)


@router.post("/networks", status_code=202)
def import_network(
    session: DbSession,
    officer: Planner,
    unit: HomeUnit,
    file: Annotated[UploadFile, File(description="lines: OSM PBF, GeoPackage, GeoJSON …")],
    name: Annotated[Word, Form()],
    source: Annotated[Words, Form()],
    dated_on: Annotated[date | None, Form()] = None,
    layer: Annotated[Word | None, Form()] = None,
    classes: Annotated[str | None, Form(description="classes to walk, by comma", max_length=2000)] = None,
    crs: Annotated[Word | None, Form(description="for a file that states none")] = None,
) -> Job:
    """Build a network version of a file's lines, as a job."""
    request: dict[str, Any] = {
        "name": name,
        "source": source,
        "dated_on": None if dated_on is None else dated_on.isoformat(),
        "layer": layer,
        "classes": None if classes is None else [each.strip() for each in classes.split(",")],
        "crs": crs,
        "unit_code": office_of(officer, unit),
        "recorded_by": officer.username,
    }
    with hubs_networks.uploaded(file.file, file.filename or "") as path:
        request |= {"suffix": path.suffix, "file_id": str(hubs_networks.keep_upload(session, path))}
    return Job.model_validate(enqueue(session, hubs_networks.JOB_KIND, request, asked_by=officer))


@router.get("/networks/{network_id}", responses=FEATURE, response_class=Response)
def get_network(session: DbSession, officer: SignedIn, network_id: UUID) -> Response:
    """One network version with its repair report."""
    page = queries.NETWORKS.page(session, where="n.id = :id", values={"id": network_id}, limit=1)
    if not page.returned:
        raise queries.NetworkNotFound(network=str(network_id))
    return Response(page.features, media_type=GEOJSON)


@router.delete("/networks/{network_id}", status_code=204)
def remove_network(session: DbSession, officer: Planner, network_id: UUID) -> None:
    """Take a network version off the record, unless a scenario rests on it."""
    row = queries.road_network(session, network_id, None)
    if row is not None:
        hubs_networks.remove_network(session, officer, row)


@router.get("/presets")
def list_presets(session: DbSession) -> Answered:
    """List radii and norms of the standards with clause and date, and the offices' own."""
    return Answered.model_validate(hubs_presets.presets(session))


@router.put("/presets/{code}")
def put_preset(
    session: DbSession, officer: Planner, unit: HomeUnit, code: PresetCode, asked: OfficePreset
) -> Answered:
    """Put an office's own radius on record, or change it."""
    return Answered.model_validate(hubs_presets.put_preset(session, officer, code, asked, home_unit=unit))


@router.delete("/presets/{code}", status_code=204)
def remove_preset(session: DbSession, officer: Planner, unit: HomeUnit, code: PresetCode) -> None:
    """Take an office's own radius away."""
    hubs_presets.remove_preset(session, officer, code, home_unit=unit)
