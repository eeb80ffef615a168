"""Rows of markers, their old numbers, reference objects and edits, and what is derived of them; knows no rule."""

import uuid
from datetime import date, datetime
from enum import StrEnum
from typing import Any

from geoalchemy2 import WKBElement
from sqlalchemy import (
    BigInteger,
    Boolean,
    CheckConstraint,
    Date,
    DateTime,
    Float,
    ForeignKey,
    Identity,
    Index,
    Integer,
    Text,
    UniqueConstraint,
    text,
)
from sqlalchemy.dialects.postgresql import ARRAY, JSONB, UUID, ExcludeConstraint
from sqlalchemy.orm import Mapped, mapped_column

from layers.markers.model import AzimuthKind, Colour, Grade, SetKind, Shape
from layers.tables import Base, Key, RecordedAt, geometry

SCHEMA = "markers"
Instant = DateTime(timezone=True)
Json = dict[str, Any]


def one_of(column: str, values: type[StrEnum]) -> str:
    """Return the SQL condition that a column holds one of the values of a vocabulary."""
    return f"{column} IN ({', '.join(repr(value.value) for value in values)})"


def marker_key(**options: Any) -> Any:
    """Return a column that names the marker a row is about."""
    return mapped_column(UUID(as_uuid=True), ForeignKey(f"{SCHEMA}.marker.id"), **options)


class MarkerRow(Base):
    """One post as its registration form (界桩登记表) has it; the position is the legal one, in EPSG:4490.

    The numbers of the form stand beside it with their CRS. `version` is raised with every change; what was
    changed, by whom, stands in `marker_edit`. `form` holds the parts of the form that nothing is derived from:
    signatures, custody, IoT device, attachments.
    """

    __tablename__ = "marker"
    __table_args__ = (
        CheckConstraint(one_of("grade", Grade), name="grade"),
        CheckConstraint(one_of("set_kind", SetKind), name="set_kind"),
        CheckConstraint("faces BETWEEN 1 AND 4", name="faces"),
        CheckConstraint("cardinality(unit_codes) >= 2", name="two_sides"),
        CheckConstraint("baseline IN ('intact', 'not_set')", name="baseline"),
        CheckConstraint("valid_to IS NULL OR valid_from < valid_to", name="valid_time"),
        CheckConstraint("geometry IS NULL OR accuracy_m >= 0", name="accuracy"),
        Index("ix_marker_geometry", "geometry", postgresql_using="gist"),
        Index("ix_marker_code_id", "code", "id"),
        Index("ix_marker_line_code", "line_code"),
        Index("ix_marker_unit_codes", "unit_codes", postgresql_using="gin"),
        Index("ix_marker_device", text("btrim(form #>> '{iot,number}'::text[])")),
        {"schema": SCHEMA},
    )

    id: Mapped[Key]
    code: Mapped[str] = mapped_column(Text, unique=True)
    number: Mapped[str] = mapped_column(Text)
    name: Mapped[str] = mapped_column(Text, server_default="")
    line_code: Mapped[str] = mapped_column(Text)
    unit_codes: Mapped[list[str]] = mapped_column(ARRAY(Text))
    grade: Mapped[str] = mapped_column(Text)
    set_kind: Mapped[str] = mapped_column(Text)
    set_code: Mapped[str | None] = mapped_column(Text)
    faces: Mapped[int] = mapped_column(Integer)
    material: Mapped[str] = mapped_column(Text, server_default="")
    geometry: Mapped[WKBElement | None] = mapped_column(geometry("POINT"))
    accuracy_m: Mapped[float | None] = mapped_column(Float)
    height_m: Mapped[float | None] = mapped_column(Float)
    original_north: Mapped[float | None] = mapped_column(Float)
    original_east: Mapped[float | None] = mapped_column(Float)
    original_epsg: Mapped[int | None] = mapped_column(Integer)
    survey_method: Mapped[str] = mapped_column(Text, server_default="")
    post_unit: Mapped[str | None] = mapped_column(Text)
    managing_unit: Mapped[str | None] = mapped_column(Text)
    guardian: Mapped[str | None] = mapped_column(Text)
    under_contract: Mapped[bool] = mapped_column(Boolean, server_default=text("false"))
    baseline: Mapped[str] = mapped_column(Text, server_default="intact")
    locations: Mapped[list[str]] = mapped_column(ARRAY(Text), server_default=text("'{}'"))
    feature_relation: Mapped[str] = mapped_column(Text, server_default="")
    position_description: Mapped[str] = mapped_column(Text, server_default="")
    inscriptions: Mapped[list[str]] = mapped_column(ARRAY(Text), server_default=text("'{}'"))
    set_on: Mapped[date | None] = mapped_column(Date)
    legal_instrument: Mapped[str] = mapped_column(Text, server_default="")
    public: Mapped[bool] = mapped_column(Boolean, server_default=text("false"))
    form: Mapped[Json] = mapped_column(JSONB, server_default=text("'{}'"))
    source: Mapped[str] = mapped_column(Text, server_default="")
    synthetic: Mapped[bool] = mapped_column(Boolean, server_default=text("false"))
    valid_from: Mapped[date] = mapped_column(Date)
    valid_to: Mapped[date | None] = mapped_column(Date)
    version: Mapped[int] = mapped_column(Integer, server_default="1")
    recorded_at: Mapped[RecordedAt]
    recorded_by: Mapped[str | None] = mapped_column(Text)


class MarkerAliasRow(Base):
    """旧号: a number that a marker carries or carried; recoding ends one and begins another."""

    __tablename__ = "marker_alias"
    __table_args__ = (
        ExcludeConstraint(
            ("marker_id", "="),
            ("number", "="),
            (text("daterange(valid_from, valid_to)"), "&&"),
            name="ex_marker_alias",
            using="gist",
        ),
        Index("ix_marker_alias_number", "number"),
        {"schema": SCHEMA},
    )

    id: Mapped[Key]
    marker_id: Mapped[uuid.UUID] = marker_key()
    number: Mapped[str] = mapped_column(Text)
    valid_from: Mapped[date | None] = mapped_column(Date)
    valid_to: Mapped[date | None] = mapped_column(Date)


class ReferenceObjectRow(Base):
    """方位物 of a marker, in the order of the form; with a place in EPSG:4490 where one was measured."""

    __tablename__ = "reference_object"
    __table_args__ = (
        CheckConstraint(one_of("azimuth_kind", AzimuthKind), name="azimuth_kind"),
        CheckConstraint("distance_m >= 0", name="distance"),
        {"schema": SCHEMA},
    )

    marker_id: Mapped[uuid.UUID] = marker_key(primary_key=True)
    place: Mapped[int] = mapped_column(Integer, primary_key=True)
    name: Mapped[str] = mapped_column(Text)
    azimuth_deg: Mapped[float] = mapped_column(Float)
    azimuth_kind: Mapped[str] = mapped_column(Text)
    distance_m: Mapped[float] = mapped_column(Float)
    geometry: Mapped[WKBElement | None] = mapped_column(geometry("POINT"))


class MarkerEditRow(Base):
    """A change of a marker's form: which fields, from what to what; never changed itself.

    `applied` is false where somebody else had changed the same field since `base_version`: both stand, a
    reviewer decides.
    """

    __tablename__ = "marker_edit"
    __table_args__ = (
        Index("ix_marker_edit_marker_id", "marker_id"),
        Index("ix_marker_edit_waiting", "recorded_at", "id", postgresql_where=text("NOT applied")),
        {"schema": SCHEMA},
    )

    id: Mapped[Key]
    marker_id: Mapped[uuid.UUID] = marker_key()
    base_version: Mapped[int] = mapped_column(Integer)
    version: Mapped[int | None] = mapped_column(Integer)
    changes: Mapped[Json] = mapped_column(JSONB)
    previous: Mapped[Json] = mapped_column(JSONB)
    applied: Mapped[bool] = mapped_column(Boolean)
    reason: Mapped[str] = mapped_column(Text, server_default="")
    digest: Mapped[str] = mapped_column(Text, server_default="")
    captured_at: Mapped[datetime] = mapped_column(Instant)
    recorded_at: Mapped[RecordedAt]
    recorded_by: Mapped[str] = mapped_column(Text)
    device: Mapped[str] = mapped_column(Text, server_default="")
    clock_skew_s: Mapped[float] = mapped_column(Float, server_default="0")


class MarkerEditDecisionRow(Base):
    """A reviewer's word on an edit that waited: for each field which value stands, and why; once, never changed.

    `choices` holds by field `{take, standing, brought, value}`; `version` the form's version that it made, if any.
    """

    __tablename__ = "marker_edit_decision"
    __table_args__ = (
        UniqueConstraint("edit_id", name="uq_marker_edit_decision_edit_id"),
        Index("ix_marker_edit_decision_marker_id", "marker_id"),
        {"schema": SCHEMA},
    )

    id: Mapped[Key]
    edit_id: Mapped[uuid.UUID] = mapped_column(ForeignKey(f"{SCHEMA}.marker_edit.id"))
    marker_id: Mapped[uuid.UUID] = marker_key()
    choices: Mapped[Json] = mapped_column(JSONB)
    reason: Mapped[str] = mapped_column(Text)
    version: Mapped[int | None] = mapped_column(Integer)
    digest: Mapped[str] = mapped_column(Text)
    recorded_at: Mapped[RecordedAt]
    recorded_by: Mapped[str] = mapped_column(Text)


class MarkerStateRow(Base):
    """What the records make of a marker now: a cache that can be made anew at any time, never the truth.

    Its row is also the lock of the marker: whoever records evidence takes it first. `changes_at` is the next
    instant at which a clock changes something without any record.
    """

    __tablename__ = "marker_state"
    __table_args__ = (
        Index("ix_marker_state_changes_at", "changes_at"),
        Index("ix_marker_state_next_due_on", "next_due_on"),
        {"schema": SCHEMA},
    )

    marker_id: Mapped[uuid.UUID] = marker_key(primary_key=True)
    condition: Mapped[str] = mapped_column(Text)
    condition_confirmed: Mapped[bool] = mapped_column(Boolean)
    position_check: Mapped[str] = mapped_column(Text)
    patrol_currency: Mapped[str] = mapped_column(Text)
    joint_currency: Mapped[str] = mapped_column(Text)
    case_stage: Mapped[str] = mapped_column(Text)
    filing_pending: Mapped[bool] = mapped_column(Boolean)
    sensor_alarm_open: Mapped[bool] = mapped_column(Boolean)
    sync_conflict: Mapped[bool] = mapped_column(Boolean)
    review_pending: Mapped[bool] = mapped_column(Boolean)
    visited_this_cycle: Mapped[bool] = mapped_column(Boolean)
    cycle_joint: Mapped[str] = mapped_column(Text)
    currency: Mapped[str] = mapped_column(Text)
    patrol_due_on: Mapped[date | None] = mapped_column(Date)
    joint_due_on: Mapped[date | None] = mapped_column(Date)
    next_due_on: Mapped[date | None] = mapped_column(Date)
    last_inspected_on: Mapped[date | None] = mapped_column(Date)
    policy: Mapped[str] = mapped_column(Text)
    derived_at: Mapped[datetime] = mapped_column(Instant)
    changes_at: Mapped[datetime | None] = mapped_column(Instant)


class MarkerColourRow(Base):
    """The colour of a marker now under one profile, with the rule that fired and since when it is shown; a cache."""

    __tablename__ = "marker_colour"
    __table_args__ = (
        CheckConstraint(one_of("colour", Colour), name="colour"),
        CheckConstraint(one_of("shape", Shape), name="shape"),
        Index("ix_marker_colour_profile_colour", "profile", "colour"),
        {"schema": SCHEMA},
    )

    marker_id: Mapped[uuid.UUID] = marker_key(primary_key=True)
    profile: Mapped[str] = mapped_column(Text, primary_key=True)
    colour: Mapped[str] = mapped_column(Text)
    shape: Mapped[str] = mapped_column(Text)
    rule: Mapped[str] = mapped_column(Text)
    since: Mapped[datetime] = mapped_column(Instant)


class MarkerTallyRow(Base):
    """How many markers show a colour in a condition and a case stage, by their units; a cache, kept by triggers.

    A change adds rows that cancel and count, and waits for nobody; they are folded together now and then. `begins` and
    `ends` are the days of validity that may still lie ahead. `SELECT markers.recount_markers()` makes it anew.
    """

    __tablename__ = "marker_tally"
    __table_args__ = (
        Index("ix_marker_tally_loose", "id", postgresql_where=text("NOT folded")),
        Index("ix_marker_tally_profile", "profile"),
        {"schema": SCHEMA},
    )

    id: Mapped[int] = mapped_column(BigInteger, Identity(always=True), primary_key=True)
    profile: Mapped[str] = mapped_column(Text)
    unit_codes: Mapped[list[str]] = mapped_column(ARRAY(Text))
    colour: Mapped[str] = mapped_column(Text)
    condition: Mapped[str] = mapped_column(Text)
    case_stage: Mapped[str] = mapped_column(Text)
    begins: Mapped[date | None] = mapped_column(Date)
    ends: Mapped[date | None] = mapped_column(Date)
    number: Mapped[int] = mapped_column(Integer)
    folded: Mapped[bool] = mapped_column(Boolean, server_default=text("false"))
