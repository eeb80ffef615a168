"""The field app's server side: work packs out, records in."""

from datetime import UTC, datetime
from typing import Annotated, Any

from fastapi import APIRouter, Query, Request
from sqlalchemy import text
from sqlalchemy.orm import Session

from geo_service.auth.gate import Surveyor
from geo_service.auth.officer import Officer
from geo_service.db import DbSession
from geo_service.messages import preferred_language
from geo_service.operations import field, field_pull
from geo_service.paging import read_bbox
from geo_service.routes.markers import Asked, office_day
from geo_service.schemas.markers import FieldPush, PushAnswer
from layers.errors import InvalidInput

router = APIRouter(prefix="/api/field", tags=["field"])


AreaWanted = Annotated[
    str, Query(max_length=200, description="`mine` (my tasks), a unit code, a line code or a bounding box")
]


def _area(session: Session, officer: Officer, area: str) -> dict[str, Any]:
    """Return what an area means: my tasks, a bounding box, a line code, or a unit code (with all below it)."""
    if area == field_pull.MINE:
        return field_pull.my_tasks(officer, office_day(datetime.now(UTC)))
    if "," in area:
        box = read_bbox(area)
        if box is not None:
            return {"west": box.west, "south": box.south, "east": box.east, "north": box.north}
    known = session.execute(
        text("SELECT EXISTS (SELECT FROM markers.marker WHERE line_code = :area)"), {"area": area}
    ).scalar()
    if known:
        return {"line": area}
    if area.isdigit() and len(area) in {6, 9, 12}:
        return {"unit": field_pull.stem(area)}
    raise InvalidInput(
        field="area", given=area[:100], expected="mine, a unit, a line, or minx,miny,maxx,maxy"
    )


@router.get("/size")
def size(session: DbSession, officer: Surveyor, area: AreaWanted = field_pull.MINE) -> dict[str, Any]:
    """Say how much a work pack would hold, before it is taken."""
    return field_pull.size(session, _area(session, officer, area))


@router.get("/pull")
def pull(
    session: DbSession,
    officer: Surveyor,
    asked: Asked,
    area: AreaWanted = field_pull.MINE,
    since: Annotated[str | None, Query(max_length=64, description="the token of the last pull")] = None,
) -> dict[str, Any]:
    """Take a work pack along: the markers of an area; with a token only what has changed since."""
    try:
        instant = datetime.fromisoformat(since.replace(" ", "+")) if since else None
    except ValueError:
        raise InvalidInput(field="since", given=since, expected="the token of a pull") from None
    return field_pull.pull(session, officer, asked, _area(session, officer, area), instant)


@router.post("/push")
def push(request: Request, session: DbSession, officer: Surveyor, asked: FieldPush) -> PushAnswer:
    """Bring records home; the answer leaves after the commit, so what it says was received is durable."""
    language = preferred_language(request.headers.get("accept-language"))
    return PushAnswer(results=field.push(session, officer, asked, language=language))
