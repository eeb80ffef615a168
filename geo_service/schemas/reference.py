"""Shapes of layers for reference, of files looked into before they become one, and of how they look."""

from datetime import datetime
from typing import Annotated, Any
from uuid import UUID

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, model_validator

from geo_service.schemas.documents import one_line

Line = Annotated[str, AfterValidator(one_line)]
Title = Annotated[Line, Field(min_length=1, max_length=200)]
Text = Annotated[str, Field(min_length=1, max_length=300)]


class Style(BaseModel):
    """How a layer is drawn: colour as `#rrggbb`, width of lines in pixels, opacity 0.1 to 1, the attribute of its labels."""

    model_config = ConfigDict(extra="forbid")

    colour: Annotated[str, Field(pattern=r"^#[0-9a-f]{6}$")]
    width: Annotated[float, Field(ge=0.5, le=10)] = 1.6
    opacity: Annotated[float, Field(ge=0.1, le=1)] = 0.9
    label: Annotated[str, Field(max_length=63)] | None = None


class Column(BaseModel):
    """An attribute: its name as in the file, and the type that it is kept in."""

    name: str
    type: str


class ReferenceLayer(BaseModel):
    """A layer for reference. `bbox` is west, south, east, north in degrees of EPSG:4490; what it came from is for officers."""

    id: UUID
    name: str
    title: str
    features: int
    geometry_type: str
    columns: list[Column]
    bbox: list[float] | None
    style: Style
    etag: str
    source_file: str | None = None
    source_layer: str | None = None
    source_crs: str | None = None
    sha256: str | None = None
    recorded_at: datetime | None = None
    recorded_by: str | None = None
    removed_at: datetime | None = None
    removed_by: str | None = None
    kept_until: datetime | None = None


class ReferenceLayers(BaseModel):
    """The layers that everybody sees; those that can still be had back are told to whoever may do that.

    `most_mib` is how large a file may be, in MiB.
    """

    layers: list[ReferenceLayer]
    removed: list[ReferenceLayer]
    most_mib: int


class LayerOfFile(BaseModel):
    """A layer or sheet of a file, with its kind of geometry where the file says it."""

    name: str
    geometry_type: str | None


class FileContent(BaseModel):
    """What a file holds, as far as its beginning tells: one of its layers looked into.

    `crs` is what the file says, null where it says none; `bounds` are in that CRS. `places` are the columns of a table that
    the coordinates are read from; `needs_places` says that none were found and somebody must name them.
    """

    layers: list[LayerOfFile]
    layer: str
    columns: list[Column]
    crs: str | None
    bounds: list[float] | None
    features: int | None
    geometry_types: list[str]
    rows: list[dict[str, Any]]
    places: dict[str, str]
    needs_places: bool


class ReferenceUpload(BaseModel):
    """A file that was taken in; it is kept for a day, or until it has become a layer."""

    id: UUID
    file_name: str
    size: int
    sha256: str
    recorded_at: datetime
    content: FileContent


class NewReferenceLayer(BaseModel):
    """Which upload becomes which layer; `id` is the job's, so that the same act sent twice is done once."""

    model_config = ConfigDict(extra="forbid")

    id: UUID
    upload: UUID
    name: Annotated[str, Field(max_length=200)]
    title: Title | None = None
    layer: Text | None = None
    crs: Annotated[Line, Field(min_length=1, max_length=50)] | None = None
    columns: dict[Text, Text] = Field(default_factory=dict, max_length=3)
    replace: bool = False


class LayerChange(BaseModel):
    """Another title or look."""

    model_config = ConfigDict(extra="forbid")

    title: Title | None = None
    style: Style | None = None

    @model_validator(mode="after")
    def _something(self) -> "LayerChange":
        if self.title is None and self.style is None:
            message = "title, style or both"
            raise ValueError(message)
        return self
