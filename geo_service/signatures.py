"""The one way in which messages between programs are signed: what the service sends, and what sensors send to it."""

import hashlib
import hmac
from collections.abc import Iterable
from typing import Final

WINDOW_S: Final = 300
"""How far the timestamp of a message may lie from the clock here, either way; an older one may have been overheard."""


def signature(secret: str, timestamp: int, body: bytes) -> str:
    """Return what stands in `Geo-Signature`: HMAC-SHA256 of `timestamp.body`, so that an old message cannot be sent again.

    >>> signature("secret", 1, b"{}")[:20]
    'sha256=be7c2ad10bcc8'
    """
    signed = hmac.new(secret.encode(), f"{timestamp}.".encode() + body, hashlib.sha256).hexdigest()
    return f"sha256={signed}"


def signed_by(given: str, secrets: Iterable[str], timestamp: int, body: bytes) -> bool:
    """Say whether a signature was made with one of the secrets; the comparison takes as long whatever differs."""
    fits = [
        hmac.compare_digest(signature(each, timestamp, body).encode(), given.encode()) for each in secrets
    ]
    return any(fits)
