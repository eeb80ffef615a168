"""Shapes of webhooks and release requests."""

from datetime import date, datetime
from typing import Annotated, Literal, Self
from uuid import UUID

from pydantic import BaseModel, ConfigDict, Field, ValidationInfo, field_validator, model_validator

from geo_service.changes.feed import Layer

Words = Annotated[str, Field(min_length=1, max_length=500, pattern=r"^[^\x00]*$")]
ReleaseLayer = Literal["boundaries", "lines", "tripoints", "markers", "names", "signs", "hubs"]
ReleaseForm = Literal["gpkg", "parquet", "geojson", "flatgeobuf", "shapefile", "csv", "kml"]


class NewWebhook(BaseModel):
    """An address to be told when layers change."""

    label: Words
    url: Annotated[str, Field(max_length=2000, pattern=r"^https?://[^\x00\s]+$")]
    layers: Annotated[list[Layer], Field(min_length=1)]


class Webhook(BaseModel):
    """An address that is told when layers change."""

    model_config = ConfigDict(from_attributes=True)
    id: UUID
    label: str
    url: str
    layers: list[str]
    created_by: str
    created_at: datetime
    paused_at: datetime | None
    former_secret_until: datetime | None


class MadeWebhook(Webhook):
    """A webhook with the new secret that its messages are signed with; shown this once."""

    secret: str


class Delivery(BaseModel):
    """One message and what became of it; a test names no layers."""

    model_config = ConfigDict(from_attributes=True)
    id: UUID
    layers: list[str]
    state: Literal["waiting", "delivered", "failed"]
    attempts: int
    answered: int | None
    failure: str | None
    created_at: datetime
    next_attempt_at: datetime | None
    ended_at: datetime | None


class ListedWebhook(Webhook):
    """A webhook with the newest message to it."""

    last_delivery: Delivery | None


class Webhooks(BaseModel):
    """The webhooks that stand."""

    webhooks: list[ListedWebhook]


class Deliveries(BaseModel):
    """The log of a webhook, the newest first."""

    deliveries: list[Delivery]


class NewRelease(BaseModel):
    """An application for a file of a layer."""

    layer: ReleaseLayer
    form: ReleaseForm = "gpkg"
    purpose: Words
    recipient: Words
    bbox: Annotated[list[float], Field(min_length=4, max_length=4)] | None = None
    ground_code: Annotated[str, Field(max_length=20, pattern=r"^[0-9A-Za-z-]+$")] | None = None
    as_of: date | None = None
    document_id: UUID | None = None

    @model_validator(mode="after")
    def _one_ground(self) -> Self:
        if self.bbox is not None and self.ground_code is not None:
            message = "bbox or ground_code, not both"
            raise ValueError(message)
        return self


class Release(BaseModel):
    """A request for the release of data and what became of it."""

    model_config = ConfigDict(from_attributes=True)
    id: UUID
    layer: str
    form: str
    purpose: str
    recipient: str
    bbox: list[float] | None
    ground_code: str | None
    as_of: date | None
    document_id: UUID | None
    state: Literal["requested", "approved", "refused", "downloaded"]
    requested_by: str
    requested_at: datetime
    reviewed_by: str | None
    reviewed_at: datetime | None
    note: str
    expires_at: datetime | None
    downloaded_at: datetime | None
    sha256: str | None


class Releases(BaseModel):
    """Requests, the newest first."""

    releases: list[Release]


class ReleaseReview(BaseModel):
    """The decision on a request."""

    approved: bool
    note: Annotated[str, Field(max_length=1000, pattern=r"^[^\x00]*$", validate_default=True)] = ""

    @field_validator("note")
    @classmethod
    def _reason(cls, note: str, read: ValidationInfo) -> str:
        if read.data.get("approved") is False and not note.strip():
            message = "a refusal says why"
            raise ValueError(message)
        return note.strip()


class ReleaseLink(BaseModel):
    """The link to a released file: shown this once, it works once, until `expires_at`."""

    link: str
    expires_at: datetime


class ReviewedRelease(Release):
    """A decided request; an approved one with the link to its file, which is shown this once and works once."""

    link: str | None = None
