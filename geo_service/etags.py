"""ETags of mutable records: a change names the state that it was made on, or is refused."""

import hashlib
import json
from typing import Annotated, Any

from fastapi import Header

from layers.errors import LayerError

IfMatch = Annotated[str | None, Header(description="the ETag that the record was read with")]


class EtagMissing(LayerError):
    """A change carries no `If-Match`."""

    code = "request.etag_missing"


class EtagStale(LayerError):
    """The record is not what it was when it was read."""

    code = "request.etag_stale"


def etag_of(content: Any) -> str:
    """Return the strong ETag of what a record says: 128 bits of the SHA-256 of its JSON."""
    plain = json.dumps(content, ensure_ascii=False, sort_keys=True, default=str)
    return f'"{hashlib.sha256(plain.encode()).hexdigest()[:32]}"'


def require_match(if_match: str | None, etag: str) -> None:
    """Raise `EtagMissing` or `EtagStale` unless one of the ETags given is the record's own."""
    if if_match is None:
        raise EtagMissing
    if etag not in {each.strip() for each in if_match.split(",")}:
        raise EtagStale
