"""Rows of units, changes, lines and tripoints; refuses to know any rule beyond a constraint."""

import uuid
from datetime import date

from geoalchemy2 import Geometry, WKBElement
from sqlalchemy import (
    Boolean,
    CheckConstraint,
    Computed,
    Date,
    Float,
    ForeignKey,
    Index,
    LargeBinary,
    Text,
    text,
)
from sqlalchemy.dialects.postgresql import ARRAY, JSONB, UUID, ExcludeConstraint
from sqlalchemy.orm import Mapped, mapped_column

from layers.boundaries.model import ChangeKind, Level
from layers.tables import Base, Key, RecordedAt, geometry

SCHEMA = "boundaries"


def _one_of(column: str, values: type[Level] | type[ChangeKind]) -> str:
    return f"{column} IN ({', '.join(repr(value.value) for value in values)})"


class AdministrativeUnitRow(Base):
    """One version of a unit: what it was called, coded and where it lay from a date to a date.

    `unit_id` stays the same through renames and recodings; `valid_to` is exclusive. The outline in
    EPSG:4490 stands beside the coordinates as they came, with their CRS and accuracy.
    """

    __tablename__ = "administrative_unit"
    __table_args__ = (
        CheckConstraint(_one_of("level", Level), name="level"),
        CheckConstraint("valid_to IS NULL OR valid_from < valid_to", name="valid_time"),
        ExcludeConstraint(
            ("unit_id", "="),
            (text("daterange(valid_from, valid_to)"), "&&"),
            name="ex_unit_version",
            using="gist",
        ),
        ExcludeConstraint(
            ("code", "="),
            ("level", "="),
            (text("daterange(valid_from, valid_to)"), "&&"),
            name="ex_unit_code",
            using="gist",
        ),
        Index("ix_administrative_unit_geometry", "geometry", postgresql_using="gist"),
        Index("ix_administrative_unit_code_id", "code", "id"),
        Index("ix_administrative_unit_unit_id", "unit_id"),
        Index("ix_administrative_unit_parent_id", "parent_id"),
        Index(
            "ix_administrative_unit_search_key",
            "search_key",
            postgresql_using="gin",
            postgresql_ops={"search_key": "gin_trgm_ops"},
        ),
        {"schema": SCHEMA},
    )

    id: Mapped[Key]
    unit_id: Mapped[uuid.UUID] = mapped_column(UUID(as_uuid=True))
    code: Mapped[str] = mapped_column(Text)
    name: Mapped[str] = mapped_column(Text)
    pinyin: Mapped[str | None] = mapped_column(Text)
    search_key: Mapped[str] = mapped_column(Text, server_default="")
    level: Mapped[str] = mapped_column(Text)
    parent_id: Mapped[uuid.UUID | None] = mapped_column(UUID(as_uuid=True))
    geometry: Mapped[WKBElement | None] = mapped_column(geometry("MULTIPOLYGON"))
    area_m2: Mapped[float | None] = mapped_column(
        Float, Computed("ST_Area(geometry::geography)", persisted=True)
    )
    valid_from: Mapped[date] = mapped_column(Date)
    valid_to: Mapped[date | None] = mapped_column(Date)
    authoritative: Mapped[bool] = mapped_column(Boolean, server_default=text("false"))
    source: Mapped[str] = mapped_column(Text)
    original_geometry: Mapped[bytes | None] = mapped_column(LargeBinary)
    original_crs: Mapped[str | None] = mapped_column(Text)
    accuracy_m: Mapped[float | None] = mapped_column(Float)
    recorded_at: Mapped[RecordedAt]
    recorded_by: Mapped[str | None] = mapped_column(Text)


class UnitOutlineRow(Base):
    """A unit's outline thinned for a band of zooms, neighbours thinned together so that they still meet.

    In EPSG:3857, the projection of the tiles. The label stands at the centre of the largest circle
    that the outline holds; `label_radius` is that circle's, in metres of EPSG:3857.
    """

    __tablename__ = "unit_outline"
    __table_args__ = (
        Index("ix_unit_outline_geometry", "geometry", postgresql_using="gist"),
        {"schema": SCHEMA},
    )

    version_id: Mapped[uuid.UUID] = mapped_column(
        ForeignKey(f"{SCHEMA}.administrative_unit.id", ondelete="CASCADE"), primary_key=True
    )
    max_zoom: Mapped[int] = mapped_column(primary_key=True)
    geometry: Mapped[WKBElement] = mapped_column(Geometry("MULTIPOLYGON", srid=3857, spatial_index=False))
    label_point: Mapped[WKBElement] = mapped_column(Geometry("POINT", srid=3857, spatial_index=False))
    label_radius: Mapped[float] = mapped_column(Float)


class UnitChangeRow(Base):
    """An act that changed units, with the paper it rests on; never updated."""

    __tablename__ = "unit_change"
    __table_args__ = (CheckConstraint(_one_of("kind", ChangeKind), name="kind"), {"schema": SCHEMA})

    id: Mapped[Key]
    kind: Mapped[str] = mapped_column(Text)
    effective_on: Mapped[date] = mapped_column(Date)
    instrument: Mapped[str] = mapped_column(Text)
    note: Mapped[str | None] = mapped_column(Text)
    content: Mapped[dict[str, object]] = mapped_column(JSONB)
    recorded_at: Mapped[RecordedAt]
    recorded_by: Mapped[str | None] = mapped_column(Text)


class UnitSuccessionRow(Base):
    """One step of a change: this version became that version."""

    __tablename__ = "unit_succession"
    __table_args__ = (
        Index("ix_unit_succession_predecessor_id", "predecessor_id"),
        Index("ix_unit_succession_successor_id", "successor_id"),
        {"schema": SCHEMA},
    )

    id: Mapped[Key]
    change_id: Mapped[uuid.UUID] = mapped_column(ForeignKey(f"{SCHEMA}.unit_change.id"))
    predecessor_id: Mapped[uuid.UUID | None] = mapped_column(ForeignKey(f"{SCHEMA}.administrative_unit.id"))
    successor_id: Mapped[uuid.UUID] = mapped_column(ForeignKey(f"{SCHEMA}.administrative_unit.id"))


class BoundaryLineRow(Base):
    """A line between two units (行政区域界线) as it ran from a date to a date.

    `derived` lines come from the outlines and have no legal force; a legal geometry comes with an
    instrument and is changed by another one only (Order 353, arts. 5 to 7). `stated_…` is what its documents say of what
    is derived here, where they say otherwise.
    """

    __tablename__ = "boundary_line"
    __table_args__ = (
        CheckConstraint(_one_of("level", Level), name="level"),
        CheckConstraint("cardinality(unit_codes) = 2", name="two_sides"),
        ExcludeConstraint(
            ("line_code", "="),
            (text("daterange(valid_from, valid_to)"), "&&"),
            name="ex_line_version",
            using="gist",
        ),
        Index("ix_boundary_line_geometry", "geometry", postgresql_using="gist"),
        Index("ix_boundary_line_line_code_id", "line_code", "id"),
        Index("ix_boundary_line_unit_codes", "unit_codes", postgresql_using="gin"),
        {"schema": SCHEMA},
    )

    id: Mapped[Key]
    line_code: Mapped[str] = mapped_column(Text)
    level: Mapped[str] = mapped_column(Text)
    name: Mapped[str] = mapped_column(Text)
    unit_codes: Mapped[list[str]] = mapped_column(ARRAY(Text))
    unit_ids: Mapped[list[uuid.UUID]] = mapped_column(ARRAY(UUID(as_uuid=True)))
    geometry: Mapped[WKBElement] = mapped_column(geometry("MULTILINESTRING"))
    length_m: Mapped[float] = mapped_column(Float)
    derived: Mapped[bool] = mapped_column(Boolean)
    legal_instrument: Mapped[str | None] = mapped_column(Text)
    stated_name: Mapped[str | None] = mapped_column(Text)
    stated_length_m: Mapped[float | None] = mapped_column(Float)
    managing: Mapped[str | None] = mapped_column(Text)
    disputed: Mapped[bool] = mapped_column(Boolean, server_default=text("false"))
    last_joint_inspection_on: Mapped[date | None] = mapped_column(Date)
    valid_from: Mapped[date] = mapped_column(Date)
    valid_to: Mapped[date | None] = mapped_column(Date)
    recorded_at: Mapped[RecordedAt]


class TripointRow(Base):
    """A point where three units meet (三交点)."""

    __tablename__ = "tripoint"
    __table_args__ = (
        CheckConstraint("cardinality(unit_codes) >= 3", name="three_sides"),
        Index("ix_tripoint_geometry", "geometry", postgresql_using="gist"),
        {"schema": SCHEMA},
    )

    id: Mapped[Key]
    tripoint_code: Mapped[str] = mapped_column(Text)
    unit_codes: Mapped[list[str]] = mapped_column(ARRAY(Text))
    geometry: Mapped[WKBElement] = mapped_column(geometry("POINT"))
    valid_from: Mapped[date] = mapped_column(Date)
    valid_to: Mapped[date | None] = mapped_column(Date)
    recorded_at: Mapped[RecordedAt]
