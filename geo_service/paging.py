"""Lists as the contract gives them: limit, opaque cursor, bbox, as_of; encoded without a second parse."""

import base64
import json
from datetime import date, datetime
from typing import Annotated, Literal
from urllib.parse import quote
from zoneinfo import ZoneInfo

from fastapi import Depends, Query, Request
from fastapi.responses import Response
from starlette.datastructures import URL

from geo_service.settings import get_settings
from layers.errors import InvalidInput
from layers.features import Box, Page

GEOJSON = "application/geo+json"
MOST = 1000

Limit = Annotated[int, Query(ge=1, le=MOST, description="features a page")]
GeometryWanted = Annotated[Literal["full", "none"], Query(description="`none` leaves geometry out")]
ExactCount = Annotated[bool, Query(alias="count", description="count exactly, however many match")]


def office_zone() -> ZoneInfo:
    """Return the time zone of the office (`GEO_TIME_ZONE`)."""
    return ZoneInfo(get_settings().time_zone)


def today() -> date:
    """Return the current date where the office is."""
    return datetime.now(office_zone()).date()


async def parse_as_of(
    as_of: Annotated[date | None, Query(description="the date asked about; today")] = None,
) -> date:
    """Return the date asked about."""
    return as_of or today()


def read_bbox(bbox: str | None) -> Box | None:
    """Return the box that a text means; raises `InvalidInput` when it is not four ordered numbers of degrees."""
    if bbox is None:
        return None
    try:
        west, south, east, north = (float(part) for part in bbox.split(","))
    except ValueError:
        raise InvalidInput(field="bbox", given=bbox[:100], expected="minx,miny,maxx,maxy") from None
    if not (-180 <= west <= east <= 180 and -90 <= south <= north <= 90):
        raise InvalidInput(field="bbox", given=bbox[:100], expected="-180,-90 … 180,90, lon first")
    return Box(west, south, east, north)


async def parse_bbox(
    bbox: Annotated[
        str | None, Query(description="minx,miny,maxx,maxy in EPSG:4490", examples=["110,19,111,20"])
    ] = None,
) -> Box | None:
    """Return the box asked for; raises as `read_bbox`."""
    return read_bbox(bbox)


def read_cursor(cursor: str | None) -> tuple[str, str] | None:
    """Return the key after which the page starts; raises `InvalidInput` for a cursor not made here."""
    if cursor is None:
        return None
    try:
        key, row = json.loads(base64.urlsafe_b64decode(cursor.encode("ascii")))
        return str(key), str(row)
    except (ValueError, TypeError):
        raise InvalidInput(
            field="cursor", given=cursor[:100], expected="the cursor of a `next` link"
        ) from None


async def parse_cursor(cursor: Annotated[str | None, Query(max_length=500)] = None) -> tuple[str, str] | None:
    """Return the key after which the page starts; raises as `read_cursor`."""
    return read_cursor(cursor)


def make_cursor(key: tuple[str, str]) -> str:
    """Return `key` as an opaque cursor."""
    return base64.urlsafe_b64encode(json.dumps(key, ensure_ascii=False).encode()).decode()


AsOf = Annotated[date, Depends(parse_as_of)]
Bbox = Annotated[Box | None, Depends(parse_bbox)]
Cursor = Annotated[tuple[str, str] | None, Depends(parse_cursor)]


def _following(url: URL, last_key: tuple[str, str]) -> str:
    cursor = make_cursor(last_key)
    if url.query and "cursor=" not in url.query:  # the usual first page, whose query needs no taking apart
        return f"{url}&cursor={quote(cursor)}"
    return str(url.include_query_params(cursor=cursor))


def collection(request: Request, page: Page) -> Response:
    """Return `page` as a FeatureCollection; the features' text goes through untouched."""
    links = [{"rel": "self", "href": str(request.url), "type": GEOJSON}]
    if page.more and page.last_key:
        links.append({"rel": "next", "href": _following(request.url, page.last_key), "type": GEOJSON})
    matched = "" if page.matched is None else f'"numberMatched":{page.matched},'
    return Response(
        f'{{"type":"FeatureCollection",{matched}"numberReturned":{page.returned},'
        f'"links":{json.dumps(links, ensure_ascii=False)},"features":[{page.features}]}}',
        media_type=GEOJSON,
    )
