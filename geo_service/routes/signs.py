"""Street signs over HTTP: planned, listed with what does not agree, inspected."""

from typing import Annotated, Any, Final, Literal
from uuid import UUID

from fastapi import APIRouter, Depends, Request, Response

from geo_service.auth.gate import NamingOfficer, holding
from geo_service.auth.officer import Officer, Role, Scope
from geo_service.db import DbSession
from geo_service.operations import signs as operations
from geo_service.operations.sign_work import work_list
from geo_service.paging import GEOJSON, Bbox, Cursor, ExactCount, GeometryWanted, Limit, collection
from geo_service.schemas.boundaries import Code
from geo_service.schemas.geojson import FeatureCollection
from geo_service.schemas.naming_signs import NewSignInspection, SignPlan
from layers.naming.sign_queries import SIGNS, SignFilter

router = APIRouter(prefix="/api/naming/signs", tags=["naming"])
FEATURES: dict[int | str, dict[str, Any]] = {200: {"model": FeatureCollection, "content": {GEOJSON: {}}}}
SHEET: Final = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
InField = Annotated[Officer, Depends(holding(Role.NAMING, Role.SURVEYOR, scope=Scope.FIELD))]


def signs_page(request: Request, session: DbSession, wanted: SignFilter, **terms: Any) -> Response:
    """Return a page of signs."""
    where, values = wanted.where()
    return collection(request, SIGNS.page(session, where=where, values=values, **terms))


@router.get("", responses=FEATURES, response_class=Response)
def list_signs(
    request: Request,
    session: DbSession,
    bbox: Bbox,
    after: Cursor,
    name: UUID | None = None,
    mismatch: bool | None = None,
    limit: Limit = 100,
    geometry: GeometryWanted = "full",
    count: ExactCount = False,
) -> Response:
    """List signs with what was last seen; `mismatch=true` is the work list."""
    terms = {"limit": limit, "after": after, "with_geometry": geometry == "full", "exact_count": count}
    return signs_page(request, session, SignFilter(name, bbox, mismatch), **terms)


@router.get("/work-list.xlsx", response_class=Response, responses={200: {"content": {SHEET: {}}}})
def get_work_list(
    session: DbSession, officer: InField, unit: Code | None = None, language: Literal["zh-CN", "en"] = "zh-CN"
) -> Response:
    """Return the signs to be set up, mended or exchanged as a workbook, road by road."""
    headers = {
        "Content-Disposition": 'attachment; filename="sign-work-list.xlsx"',
        "Cache-Control": "no-store",
    }
    return Response(work_list(session, unit, language=language), media_type=SHEET, headers=headers)


@router.post("/plan", responses=FEATURES, response_class=Response)
def plan(request: Request, session: DbSession, officer: NamingOfficer, asked: SignPlan) -> Response:
    """Plan the signs of a road: both ends, main crossings, colour by bearing, text, pinyin, arrows."""
    number = operations.plan(session, officer, asked.name_id)
    return signs_page(request, session, SignFilter(asked.name_id), limit=max(number, 1))


@router.post("/{sign_id}/inspections", status_code=201, responses={200: {"model": NewSignInspection}})
def inspect(
    session: DbSession, officer: InField, sign_id: UUID, asked: NewSignInspection, response: Response
) -> NewSignInspection:
    """Record what a sign shows, or that it is missing; the same inspection sent twice is recorded once."""
    first = operations.inspect_sign(session, officer, sign_id, asked)
    response.status_code = 201 if first else 200
    return asked
