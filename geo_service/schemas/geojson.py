"""GeoJSON as the API answers it (RFC 7946, coordinates in EPSG:4490), and problem documents."""

from typing import Any, Literal

from pydantic import BaseModel


class Link(BaseModel):
    """A link of a list: `self` or `next`."""

    rel: str
    href: str
    type: str = "application/geo+json"


class Feature(BaseModel):
    """One thing with its place; `geometry` is null where none is known or none was asked for."""

    type: Literal["Feature"]
    id: str
    geometry: dict[str, Any] | None
    properties: dict[str, Any]


class FeatureCollection(BaseModel):
    """One page of a list; `numberMatched` is absent where more match than are counted."""

    type: Literal["FeatureCollection"]
    numberMatched: int | None = None  # noqa: N815 -- OGC API's spelling
    numberReturned: int  # noqa: N815 -- as above
    links: list[Link]
    features: list[Feature]


class FieldError(BaseModel):
    """What is wrong with one field of the request."""

    field: str
    code: str
    detail: str


class Problem(BaseModel):
    """An error, RFC 9457; `code` is stable and explained in the manual's list of errors."""

    type: str
    title: str
    status: int
    detail: str
    code: str
    instance: str | None = None
    request_id: str | None = None
    facts: dict[str, Any] | None = None
    errors: list[FieldError] | None = None
