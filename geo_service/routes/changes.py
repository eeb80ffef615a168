"""The change feed over HTTP: what became of a layer since a token, as a GeoJSON text sequence."""

from typing import Annotated

from fastapi import APIRouter, Query, Request, Response

from geo_service.auth.gate import Whoever
from geo_service.auth.refusals import SignInRequired
from geo_service.changes.feed import BEGINNING, SEPARATOR, Layer, Place, changes_since
from geo_service.db import DbSession
from geo_service.paging import today
from layers.markers.queries import Positions

router = APIRouter(prefix="/api/changes", tags=["changes"])
SEQUENCE = "application/geo+json-seq"
ANSWER = {200: {"content": {SEQUENCE: {"schema": {"type": "string"}}}, "description": "one feature a record"}}


@router.get("/{layer}", response_class=Response, responses=ANSWER)  # type: ignore[arg-type]  # plain dicts
def get_changes(
    request: Request,
    session: DbSession,
    officer: Whoever,
    layer: Layer,
    since: Annotated[
        str | None,
        Query(max_length=200, description="the token of the last answer; empty: from the beginning"),
    ] = None,
    limit: Annotated[int, Query(ge=1, le=10_000, description="changes a page")] = 1000,
) -> Response:
    """Say what became of a layer after a token: records as they are now, with `change` among their properties.

    The answer's `Geo-Token` is where to read on; a link `next` is there while more is waiting. Markers are for officers.
    """
    if layer is Layer.MARKERS and officer.id is None:
        raise SignInRequired
    place = BEGINNING if since is None else Place.read(since)
    profile = request.app.state.settings.colour_profile
    terms = {"limit": limit, "as_of": today(), "positions": Positions.EXACT, "profile": profile}
    found = changes_since(session, layer, place, **terms)
    headers = {"Geo-Token": found.token, "Cache-Control": "no-store"}
    if found.more:
        headers["Link"] = f'<{request.url.include_query_params(since=found.token)}>; rel="next"'
    body = "".join(f"{SEPARATOR}{line}\n" for line in found.lines)
    return Response(body, media_type=SEQUENCE, headers=headers)
