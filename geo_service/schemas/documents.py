"""Shapes of documents and their links."""

import datetime as dt
import unicodedata
from typing import Annotated, Final, Literal, Self
from uuid import UUID

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, field_validator, model_validator

from geo_service.documents.legend import TYPES

SubjectKind = Literal["unit", "line", "marker", "change", "proposal"]
CONTROL: Final = {"Cc", "Cf", "Cs", "Zl", "Zp"}
KNOWN: Final = frozenset(sign.code for sign in TYPES)


def one_line(value: str) -> str:
    """Return text of one line, composed and trimmed; refuses characters that are not seen."""
    if any(unicodedata.category(letter) in CONTROL for letter in value):
        message = "no control or formatting characters"
        raise ValueError(message)
    return unicodedata.normalize("NFC", value).strip()


def _known(value: str) -> str:
    if value not in KNOWN:
        message = f"one of {', '.join(sorted(KNOWN))}"
        raise ValueError(message)
    return value


Line = Annotated[str, AfterValidator(one_line)]
DocumentType = Annotated[
    str,
    AfterValidator(_known),
    Field(json_schema_extra={"enum": sorted(KNOWN)}, description="a code of the legend"),
]
SubjectId = Annotated[
    Line, Field(min_length=1, max_length=100, description="code of a unit, line or marker; else id")
]


class NewDocument(BaseModel):
    """The fields that come with a file; sent twice under one id it is recorded once."""

    model_config = ConfigDict(extra="forbid")

    id: UUID
    type: DocumentType
    title: Annotated[Line, Field(min_length=1, max_length=300)]
    number: Annotated[Line, Field(max_length=100)] | None = None
    date: dt.date | None = None
    archive_place: Annotated[Line, Field(max_length=300)] | None = None
    subject_kind: SubjectKind | None = None
    subject_id: SubjectId | None = None

    @field_validator("number", "date", "archive_place", "subject_kind", "subject_id", mode="before")
    @classmethod
    def _left_empty(cls, value: object) -> object:
        """Take an empty field of a form for one that was not sent."""
        return None if value == "" else value

    @model_validator(mode="after")
    def _both_or_neither(self) -> Self:
        if (self.subject_kind is None) != (self.subject_id is None):
            message = "subject_kind and subject_id come together"
            raise ValueError(message)
        return self


class NewLink(BaseModel):
    """What a document shall be linked to."""

    model_config = ConfigDict(extra="forbid")

    subject_kind: SubjectKind
    subject_id: SubjectId


class DocumentLink(BaseModel):
    """What a document is linked to; `subject_called` is the unit's code today."""

    subject_kind: SubjectKind
    subject_id: str
    subject_called: str
    recorded_by: str
    recorded_at: dt.datetime


class Document(BaseModel):
    """A document on file; its bytes are under `content`."""

    id: UUID
    type: str
    number: str | None
    date: dt.date | None
    title: str
    archive_place: str | None
    file_name: str
    sha256: str
    size: int
    media_type: str
    recorded_by: str
    recorded_at: dt.datetime
    content: str
    links: list[DocumentLink]


class PageLink(BaseModel):
    """Where another page of the list is."""

    rel: Literal["self", "next"]
    href: str


class DocumentList(BaseModel):
    """A page of documents, the newest record first."""

    documents: list[Document]
    numberReturned: int  # noqa: N815 -- the contract's name, as in feature collections
    links: list[PageLink]
