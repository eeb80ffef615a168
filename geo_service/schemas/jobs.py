"""Shapes of jobs."""

from datetime import datetime
from typing import Any, Literal
from uuid import UUID

from pydantic import BaseModel, ConfigDict


class Job(BaseModel):
    """Long work: how far it is (0 to 1), what it does now, what came of it."""

    model_config = ConfigDict(from_attributes=True)

    id: UUID
    kind: str
    state: Literal["waiting", "running", "done", "failed", "cancelled"]
    progress: float
    stage: str | None
    result: dict[str, Any] | None
    problem: dict[str, Any] | None
    created_at: datetime
    started_at: datetime | None
    ended_at: datetime | None
    cancel_asked_at: datetime | None
