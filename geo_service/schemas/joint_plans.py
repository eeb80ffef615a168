"""Shapes of the plan of joint inspections and of what carries one on: papers, filing, archive."""

from datetime import date
from typing import Annotated, Any, Literal
from uuid import UUID

from pydantic import BaseModel, Field

from geo_service.schemas.boundaries import Code, Line
from geo_service.schemas.markers import Asked, Text

Count = Annotated[int, Field(ge=0, le=100_000)]
LineCode = Annotated[str, Field(pattern=r"^\d{12,18}$")]


class NewJointInspection(Asked):
    """A line to be inspected jointly in a year; the lead is the next in turn where none is named.

    `consent` names the paper by which all sides and the authority agreed to another year than the due one.
    """

    id: UUID
    line_code: LineCode
    year: Annotated[int, Field(ge=1990, le=2200)]
    lead: Code | None = None
    consent: Line | None = None


class JointPapers(Asked):
    """The papers of an inspection, each named by its hash or number; what is left out stays."""

    plan_document: Line | None = None
    indoor_minutes: Line | None = None
    report_document: Line | None = None


class JointFiling(Asked):
    """备案: the filing of the signed report."""

    filing_number: Line
    filed_on: date


class JointArchive(Asked):
    """The archive sets that are complete."""

    archived_in: Annotated[list[Literal["county", "city", "province"]], Field(min_length=1, max_length=3)]


class PlannedLine(BaseModel):
    """A line in the plan of a round: `done_on` where it has been inspected in this round already, `own` where the officer acts for a side."""

    line_code: str
    name: str
    year: int
    lead: str
    cooperating: list[str]
    length_km: float
    last_on: date | None
    last_lead: str | None
    done_on: date | None
    due_on: date | None
    needs_consent: bool
    joint_id: UUID | None
    own: bool


class JointPlan(BaseModel):
    """The plan of a five-year round, by year and line, and what is wrong with it."""

    cycle_start: date
    years: list[int]
    findings: list[dict[str, Any]]
    lines: list[PlannedLine]


class NewOtherMark(Asked):
    """其他标志物 that the agreement of a line names, with the document that says so."""

    id: UUID
    code: Line
    lon: Annotated[float, Field(ge=-180, le=180)]
    lat: Annotated[float, Field(ge=-90, le=90)]
    description: Text
    document: Line
    valid_from: date


class OtherMarkEnd(Asked):
    """The day on which a mark ceased to be one, and the document that says so (order 353, art. 8)."""

    valid_to: date
    document: Line


class LineCounts(Asked):
    """界桩颗数 as a document of the line states it; kinds are counted by number."""

    id: UUID
    total: Count | None = None
    single: Count | None = None
    double: Count | None = None
    triple: Count | None = None
    document: Line
