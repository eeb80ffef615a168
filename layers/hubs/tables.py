"""Rows of hubs, demand, networks and scenarios; refuses to know any rule beyond a constraint."""

import uuid
from datetime import date, datetime
from typing import Any

from geoalchemy2 import WKBElement
from sqlalchemy import (
    CheckConstraint,
    Date,
    DateTime,
    Float,
    ForeignKey,
    Index,
    Integer,
    LargeBinary,
    Text,
    func,
    text,
)
from sqlalchemy.dialects.postgresql import ARRAY, JSONB, UUID
from sqlalchemy.orm import Mapped, mapped_column

from layers.hubs.model import HubStatus, Metric
from layers.tables import Base, Key, RecordedAt, geometry

SCHEMA = "hubs"


def _one_of(column: str, values: type[HubStatus] | type[Metric]) -> str:
    return f"{column} IN ({', '.join(repr(value.value) for value in values)})"


class HubRow(Base):
    """A hub (大社区综合服务中心): where it stands, for how many, with which services, since when.

    `unit_code` is the unit whose office keeps it: the smallest unit its place lies in.
    """

    __tablename__ = "hub"
    __table_args__ = (
        CheckConstraint(_one_of("status", HubStatus), name="status"),
        CheckConstraint("capacity IS NULL OR capacity >= 0", name="capacity"),
        CheckConstraint("floor_area_m2 IS NULL OR floor_area_m2 >= 0", name="floor_area"),
        Index("uq_hub_code", "code", unique=True),
        Index("ix_hub_geometry", "geometry", postgresql_using="gist"),
        {"schema": SCHEMA},
    )

    id: Mapped[Key]
    code: Mapped[str] = mapped_column(Text)
    name: Mapped[str] = mapped_column(Text)
    status: Mapped[str] = mapped_column(Text)
    geometry: Mapped[WKBElement] = mapped_column(geometry("POINT"))
    capacity: Mapped[int | None] = mapped_column(Integer)
    floor_area_m2: Mapped[float | None] = mapped_column(Float)
    services: Mapped[list[str]] = mapped_column(ARRAY(Text), server_default=text("'{}'"))
    opened_on: Mapped[date | None] = mapped_column(Date)
    address: Mapped[str | None] = mapped_column(Text)
    source: Mapped[str] = mapped_column(Text)
    unit_code: Mapped[str | None] = mapped_column(Text)
    recorded_at: Mapped[RecordedAt]
    recorded_by: Mapped[str] = mapped_column(Text)
    changed_at: Mapped[datetime] = mapped_column(DateTime(timezone=True), server_default=func.now())


class DemandSetRow(Base):
    """Demand counted on one day by one source: cells or communities; replaced by another set, never changed.

    `population_groups` names the weights that its points have, the first being the one that counts when none is asked.
    """

    __tablename__ = "demand_set"
    __table_args__ = ({"schema": SCHEMA},)

    id: Mapped[Key]
    name: Mapped[str] = mapped_column(Text)
    source: Mapped[str] = mapped_column(Text)
    counted_on: Mapped[date | None] = mapped_column(Date)
    population_groups: Mapped[list[str]] = mapped_column(ARRAY(Text))
    points: Mapped[int] = mapped_column(Integer)
    unit_code: Mapped[str | None] = mapped_column(Text)
    recorded_at: Mapped[RecordedAt]
    recorded_by: Mapped[str] = mapped_column(Text)


class DemandPointRow(Base):
    """People at one place (需求点); `position` is the row of the file, which orders them."""

    __tablename__ = "demand_point"
    __table_args__ = (
        Index("uq_demand_point_set_id_code", "set_id", "code", unique=True),
        Index("ix_demand_point_geometry", "geometry", postgresql_using="gist"),
        {"schema": SCHEMA},
    )

    id: Mapped[Key]
    set_id: Mapped[uuid.UUID] = mapped_column(ForeignKey(f"{SCHEMA}.demand_set.id", ondelete="CASCADE"))
    position: Mapped[int] = mapped_column(Integer)
    code: Mapped[str] = mapped_column(Text)
    geometry: Mapped[WKBElement] = mapped_column(geometry("POINT"))
    weights: Mapped[dict[str, float]] = mapped_column(JSONB)


class RoadNetworkRow(Base):
    """One version of a road network (路网): what it was built from, and the file of its arrays.

    `plane` is the WKT of the metric CRS that the arrays are in. A version is never changed.
    """

    __tablename__ = "road_network"
    __table_args__ = ({"schema": SCHEMA},)

    id: Mapped[Key]
    name: Mapped[str] = mapped_column(Text)
    source: Mapped[str] = mapped_column(Text)
    dated_on: Mapped[date | None] = mapped_column(Date)
    plane: Mapped[str] = mapped_column(Text)
    file_id: Mapped[uuid.UUID] = mapped_column(UUID(as_uuid=True))
    extent: Mapped[WKBElement] = mapped_column(geometry("POLYGON"))
    report: Mapped[dict[str, Any]] = mapped_column(JSONB)
    unit_code: Mapped[str | None] = mapped_column(Text)
    recorded_at: Mapped[RecordedAt]
    recorded_by: Mapped[str] = mapped_column(Text)


class FilePieceRow(Base):
    """A piece of a file too large for one value: arrays of a network, or lines on their way to become one.

    In the database and on no disk beside it, so that backups, rights and several machines see the same file.
    """

    __tablename__ = "file_piece"
    __table_args__ = ({"schema": SCHEMA},)

    file_id: Mapped[uuid.UUID] = mapped_column(UUID(as_uuid=True), primary_key=True)
    number: Mapped[int] = mapped_column(Integer, primary_key=True)
    content: Mapped[bytes] = mapped_column(LargeBinary)


class RadiusPresetRow(Base):
    """An office's own radius beside those of the standards, with its source and the day it holds from."""

    __tablename__ = "radius_preset"
    __table_args__ = (
        CheckConstraint("radius_m > 0", name="radius"),
        Index("uq_radius_preset_code_unit_code", "code", "unit_code", unique=True),
        {"schema": SCHEMA},
    )

    id: Mapped[Key]
    code: Mapped[str] = mapped_column(Text)
    zh: Mapped[str] = mapped_column(Text)
    en: Mapped[str] = mapped_column(Text)
    radius_m: Mapped[float] = mapped_column(Float)
    minutes: Mapped[float | None] = mapped_column(Float)
    speed_m_s: Mapped[float | None] = mapped_column(Float)
    population_group: Mapped[str] = mapped_column(Text)
    source: Mapped[str] = mapped_column(Text)
    in_force_from: Mapped[date] = mapped_column(Date)
    unit_code: Mapped[str] = mapped_column(Text)
    recorded_at: Mapped[RecordedAt]
    recorded_by: Mapped[str] = mapped_column(Text)


class ScenarioRow(Base):
    """A plan with a name: hubs as places of its own, on one network, demand and limit."""

    __tablename__ = "scenario"
    __table_args__ = (
        CheckConstraint(_one_of("metric", Metric), name="metric"),
        CheckConstraint("limit_m > 0", name="limit"),
        {"schema": SCHEMA},
    )

    id: Mapped[Key]
    name: Mapped[str] = mapped_column(Text)
    note: Mapped[str | None] = mapped_column(Text)
    metric: Mapped[str] = mapped_column(Text)
    limit_m: Mapped[float] = mapped_column(Float)
    network_id: Mapped[uuid.UUID | None] = mapped_column(ForeignKey(f"{SCHEMA}.road_network.id"))
    demand_set_id: Mapped[uuid.UUID | None] = mapped_column(ForeignKey(f"{SCHEMA}.demand_set.id"))
    hubs: Mapped[list[dict[str, Any]]] = mapped_column(JSONB)
    unit_code: Mapped[str] = mapped_column(Text)
    recorded_at: Mapped[RecordedAt]
    recorded_by: Mapped[str] = mapped_column(Text)
    changed_at: Mapped[datetime] = mapped_column(DateTime(timezone=True), server_default=func.now())
    changed_by: Mapped[str] = mapped_column(Text)


class ScenarioStepRow(Base):
    """What one save changed in a scenario, and by whom; never updated."""

    __tablename__ = "scenario_step"
    __table_args__ = (Index("ix_scenario_step_scenario_id", "scenario_id"), {"schema": SCHEMA})

    id: Mapped[Key]
    scenario_id: Mapped[uuid.UUID] = mapped_column(UUID(as_uuid=True))
    change: Mapped[dict[str, Any]] = mapped_column(JSONB)
    recorded_at: Mapped[RecordedAt]
    recorded_by: Mapped[str] = mapped_column(Text)
