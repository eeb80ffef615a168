"""Shapes of what the sides of a joint inspection bring: records, opinions, signatures."""

from datetime import date
from typing import Annotated
from uuid import UUID

from pydantic import AwareDatetime, Field

from geo_service.schemas.boundaries import Code, Line
from geo_service.schemas.markers import Asked, Sha256, Short, Text
from layers.markers.joint_tasks import TaskItem
from layers.markers.model import Condition


class JointRecord(Asked):
    """What one side saw at one task; `captured_at` is the time of the device that wrote it down, if one did."""

    id: UUID
    task: Annotated[int, Field(ge=1)]
    side: Code
    person: Line
    condition: Condition | None = None
    answers: dict[TaskItem, Short]
    note: Text = ""
    captured_at: AwareDatetime | None = None


class JointOpinionAsked(Asked):
    """The joint opinion on one task; a measure names who does it by when."""

    id: UUID
    task: Annotated[int, Field(ge=1)]
    text: Text
    agreed_by: Annotated[list[Code], Field(min_length=2, max_length=4)]
    condition: Condition | None = None
    responsible: Code | None = None
    measure: Text | None = None
    deadline: date | None = None
    captured_at: AwareDatetime | None = None


class JointCompletion(Asked):
    """The responsible side has done the work of a task; `papers` are photos or documents on file that show it."""

    id: UUID
    task: Annotated[int, Field(ge=1)]
    side: Code
    person: Line
    done_on: date
    papers: Annotated[list[Sha256], Field(min_length=1, max_length=20)]
    note: Text = ""


class JointSignatureAsked(Asked):
    """A person of a side signs a document, which is known by its hash.

    `sheet` is the hash of the signed sheet on file, where the side signed on paper and another officer puts it in.
    """

    id: UUID
    side: Code
    person: Line
    document: Line
    signed_at: AwareDatetime
    method: Short = ""
    sheet: Sha256 | None = None
