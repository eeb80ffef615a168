"""Shapes of street signs: planned from a road, inspected, what does not agree."""

from datetime import date
from typing import Literal
from uuid import UUID

from pydantic import BaseModel

from geo_service.schemas.naming import LongText, ShortText


class SignPlan(BaseModel):
    """The road whose signs shall be planned."""

    name_id: UUID


class NewSignInspection(BaseModel):
    """What a sign was found to show; the client makes the id, so that sending it twice is once."""

    id: UUID
    inspected_on: date
    state: Literal["standing", "damaged", "missing"]
    text_seen: ShortText | None = None
    pinyin_seen: ShortText | None = None
    colour_seen: Literal["blue", "green"] | None = None
    note: LongText = ""
