"""Shapes of the audit."""

from datetime import datetime
from typing import Any

from pydantic import BaseModel

from geo_service.schemas.geojson import Link


class AuditEntry(BaseModel):
    """Who did what to which subject, when, from where; digests and hash in hexadecimal."""

    number: int
    at: datetime
    officer: str
    address: str | None
    request_id: str | None
    act: str
    subject_kind: str
    subject_id: str
    before_digest: str | None
    after_digest: str | None
    detail: dict[str, Any]
    hash: str


class AuditEntries(BaseModel):
    """One page of the audit, newest first."""

    entries: list[AuditEntry]
    numberReturned: int  # noqa: N815 -- as in feature collections
    links: list[Link]


class Anchor(BaseModel):
    """The newest entry's place and hash; kept elsewhere, it proves that the chain up to it was not rewritten."""

    number: int
    hash: str
    at: datetime | None


class Chain(BaseModel):
    """How many entries stand, the hash of the last, and the first that does not fit the chain."""

    entries: int
    head: str
    broken_at: int | None
