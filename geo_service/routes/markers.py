"""Markers over HTTP: lists, forms, history, inspections and their review."""

import json
from datetime import UTC, date, datetime
from typing import Annotated, Any
from uuid import UUID

from fastapi import APIRouter, Depends, Query, Request, Response

from geo_service.auth.gate import BoundaryOfficer, SignedIn, Surveyor, Whoever
from geo_service.auth.officer import Officer
from geo_service.db import DbSession
from geo_service.etags import IfMatch, require_match
from geo_service.operations import alerts, inspections, marker_forms
from geo_service.operations.marker_answers import reach_a_side
from geo_service.paging import GEOJSON, Bbox, Cursor, ExactCount, GeometryWanted, Limit, collection
from geo_service.schemas.geojson import Feature, FeatureCollection
from geo_service.schemas.markers import InspectionRecord, InspectionReview, MarkerChange, NewMarker
from geo_service.settings import Settings
from layers.markers import dossiers
from layers.markers.colour import shipped_profiles
from layers.markers.model import CaseStage, Colour, Condition
from layers.markers.past import end_of
from layers.markers.queries import MarkerFilter, Positions, marker_page
from layers.markers.register import follow_the_clock, hold_one, office_rules, rules_of
from layers.markers.summary_queries import summary

router = APIRouter(prefix="/api", tags=["markers"])
FEATURES: dict[int | str, dict[str, Any]] = {200: {"model": FeatureCollection, "content": {GEOJSON: {}}}}
FEATURE: dict[int | str, dict[str, Any]] = {200: {"model": Feature, "content": {GEOJSON: {}}}}
LETTERS = {profile.rules[0].number[0]: profile.code for profile in shipped_profiles()}
"""A shipped profile may be named by the letter of its rules too: A is the one whose rules are A1, A2 …"""


def wanted_profile(
    request: Request,
    profile: Annotated[
        str | None,
        Query(max_length=64, description="colour profile, or its letter; the office's own when left out"),
    ] = None,
) -> str:
    """Return the code of the colour profile that is asked for."""
    settings: Settings = request.app.state.settings
    return settings.colour_profile if not profile else LETTERS.get(profile, profile)


ProfileCode = Annotated[str, Depends(wanted_profile)]


def positions_for(officer: Officer, settings: Settings) -> Positions:
    """Return how exactly positions are told: to officers exactly, to the public as the office allows."""
    return Positions.EXACT if officer.id is not None else Positions(settings.marker_positions)


def office_day(instant: datetime) -> date:
    """Return the day of the office, by its own clock."""
    _, policy = next(iter(office_rules().values())).at(instant)
    return policy.day_of(instant)


def asked_markers(
    request: Request,
    officer: Whoever,
    bbox: Bbox,
    profile: ProfileCode,
    as_of: Annotated[date | None, Query(description="the day asked about; now when left out")] = None,
    colour: Colour | None = None,
    condition: Condition | None = None,
    case_stage: CaseStage | None = None,
    line: Annotated[str | None, Query(max_length=40, description="line code")] = None,
    unit: Annotated[str | None, Query(max_length=12, description="a unit, with all below it")] = None,
    due_before: Annotated[date | None, Query(description="next inspection due before this day")] = None,
    review_pending: Annotated[bool | None, Query(description="an inspection waits for review")] = None,
    q: Annotated[str | None, Query(max_length=100, description="code, number, old number or name")] = None,
) -> MarkerFilter:
    """Return what is asked of the markers."""
    settings: Settings = request.app.state.settings
    today = office_day(datetime.now(UTC))
    rules_of(profile)
    return MarkerFilter(
        as_of=as_of or today,
        past=as_of is not None and as_of != today,
        profile=profile,
        positions=positions_for(officer, settings),
        colour=colour,
        condition=condition,
        case_stage=case_stage,
        line=line,
        unit=unit,
        due_before=due_before,
        review_pending=review_pending,
        q=q,
        bbox=bbox,
    )


Asked = Annotated[MarkerFilter, Depends(asked_markers)]


@router.get("/markers", responses=FEATURES, response_class=Response)
def list_markers(
    request: Request,
    session: DbSession,
    asked: Asked,
    after: Cursor,
    limit: Limit = 100,
    geometry: GeometryWanted = "full",
    count: ExactCount = False,
) -> Response:
    """List markers with their colour, now or on a past day, under the office's profile or another."""
    follow_the_clock(session)
    page = marker_page(
        session,
        asked,
        limit=limit,
        after=after,
        with_geometry=geometry == "full",
        exact_count=count,
    )
    return collection(request, page)


@router.get("/markers/summary")
def summarise_markers(session: DbSession, asked: Asked) -> dict[str, Any]:
    """Count markers by colour and unit, and by condition whatever the colour."""
    follow_the_clock(session)
    counted = summary(session, asked)
    return {
        "profile": asked.profile,
        "as_of": asked.as_of,
        "total": counted.total,
        "by_colour": counted.by_colour,
        "by_condition": counted.by_condition,
        "by_case_stage": counted.by_case_stage,
        "by_unit": [
            {"unit_code": unit, "total": sum(colours.values()), "by_colour": colours}
            for unit, colours in counted.by_unit.items()
        ],
    }


@router.post("/markers", status_code=201)
def register_marker(
    session: DbSession, officer: BoundaryOfficer, asked: NewMarker, response: Response
) -> dict[str, Any]:
    """Put a marker in the register, as its signed form has it."""
    code, first = marker_forms.register_marker(session, officer, asked, today=office_day(datetime.now(UTC)))
    response.status_code = 201 if first else 200
    response.headers["Location"] = f"/api/markers/{code}"
    return {"code": code, "id": asked.id}


@router.get("/markers/{code}", responses=FEATURE, response_class=Response)
def get_marker(session: DbSession, asked: Asked, code: str) -> Response:
    """One marker: the whole form, reference objects, its colour, and why: the rule and the evidence under it."""
    follow_the_clock(session)
    one = MarkerFilter(
        as_of=asked.as_of, past=asked.past, profile=asked.profile, positions=asked.positions, code=code
    )
    feature = json.loads(dossiers.marker_feature(session, one))
    identity = dossiers.identity_of(session, code)
    marker, version = dossiers.full_marker(session, identity)
    feature["properties"] |= dossiers.form_of(marker, asked.positions)
    feature["properties"]["alerts"] = alerts.alerts_at(session, one, feature["properties"])
    feature["properties"]["why"] = dossiers.reasons(session, identity, asked.as_of, asked.profile)
    if asked.positions is Positions.EXACT:
        feature["properties"] |= dossiers.other_form(session, identity)
    return Response(
        json.dumps(feature, ensure_ascii=False, default=str),
        media_type=GEOJSON,
        headers={"ETag": marker_forms.version_etag(version)},
    )


@router.patch("/markers/{code}")
def change_marker(
    session: DbSession,
    officer: Surveyor,
    code: str,
    asked: MarkerChange,
    response: Response,
    if_match: IfMatch = None,
) -> dict[str, Any]:
    """Change fields of a form, on the version that was read; the legal position is not among them."""
    held = hold_one(session, code)
    reach_a_side(session, officer, held.marker.unit_codes)
    require_match(if_match, marker_forms.version_etag(held.version))
    version = marker_forms.change_marker(session, officer, held, asked)
    response.headers["ETag"] = marker_forms.version_etag(version)
    return {"code": code, "version": version}


@router.get("/markers/{code}/history")
def get_history(session: DbSession, officer: Whoever, asked: Asked, code: str) -> dict[str, Any]:
    """Every colour that a marker has had, with the reason; officers of its sides also see every record."""
    identity = dossiers.identity_of(session, code)
    until = datetime.now(UTC) if not asked.past else end_of(asked.as_of, asked.profile)
    told: dict[str, Any] = {
        "code": code,
        "profile": asked.profile,
        "spans": dossiers.spans(session, identity, until, asked.profile),
    }
    if officer.id is not None:
        told |= dossiers.everything(session, identity)
    told["inspections"] = told.get("inspections") or dossiers.public_log(session, identity)
    return told


@router.post("/markers/{code}/inspections", status_code=201)
def record_inspection(
    session: DbSession,
    officer: Surveyor,
    code: str,
    asked: InspectionRecord,
    response: Response,
    profile: ProfileCode,
) -> dict[str, Any]:
    """Record a visit; the answer has the marker's facts and colour after it. The same visit sent twice is one."""
    answer, first = inspections.record_inspection(session, officer, code, asked, profile=profile)
    response.status_code = 201 if first else 200
    return answer


@router.get("/inspections/{inspection_id}")
def get_inspection(
    request: Request, session: DbSession, officer: SignedIn, inspection_id: UUID
) -> dict[str, Any]:
    """One inspection with its photos, and the marker's facts and colour right after it was recorded."""
    row, _ = inspections.find_inspection(session, inspection_id)
    return inspections.answer(session, row, request.app.state.settings.colour_profile)


@router.post("/inspections/{inspection_id}/reviews", status_code=201)
def review_inspection(
    session: DbSession,
    officer: BoundaryOfficer,
    inspection_id: UUID,
    asked: InspectionReview,
    response: Response,
    profile: ProfileCode,
) -> dict[str, Any]:
    """Accept or refuse an inspection; only an accepted one changes the marker's condition."""
    answer, first = inspections.review_inspection(session, officer, inspection_id, asked, profile=profile)
    response.status_code = 201 if first else 200
    return answer
