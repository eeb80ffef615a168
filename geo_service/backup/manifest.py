"""What an archive says of itself: who made it, what it holds, how to know that it is whole."""

from datetime import datetime
from typing import Final, Literal

from pydantic import BaseModel, ConfigDict, Field

FORMAT: Final = 1


class _Part(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class TableState(_Part):
    """How many rows a table has, and their digest."""

    rows: int
    digest: str


class AuditState(_Part):
    """The audit chain: how many entries, the hash of the last, the first that does not fit."""

    entries: int
    head: str
    broken_at: int | None = None


class Member(_Part):
    """One file of the archive."""

    name: str
    size: int = Field(ge=0)
    sha256: str = Field(pattern="^[0-9a-f]{64}$")


class Manifest(_Part):
    """All that is needed to check an archive, and afterwards what was restored from it."""

    format: Literal[1] = FORMAT
    made_at: datetime
    service: str
    postgresql: str
    postgis: str
    revision: str
    tables: dict[str, TableState]
    audit: AuditState | None
    members: list[Member]
    kept: dict[str, int]
    """How many documents and photos it holds."""
    missing: list[str] = []
    """Members that records name and the store has not, or has damaged: the archive cannot have them either."""
