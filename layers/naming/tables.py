"""Rows of the register of names, its events and what it is searched by; refuses to know any rule."""

import uuid
from datetime import date
from enum import StrEnum
from typing import Any

from geoalchemy2 import WKBElement
from sqlalchemy import (
    Boolean,
    CheckConstraint,
    Date,
    ForeignKey,
    Index,
    LargeBinary,
    SmallInteger,
    Text,
    text,
)
from sqlalchemy.dialects.postgresql import ARRAY, JSONB, UUID
from sqlalchemy.orm import Mapped, mapped_column

from layers.naming.model import NameKind
from layers.tables import Base, Key, RecordedAt, geometry

SCHEMA = "naming"
Json = dict[str, Any]


class NameStatus(StrEnum):
    """Whether a name on the register stands: 使用中, 已更名, 已销名, 历史地名."""

    IN_FORCE = "in_force"
    RENAMED = "renamed"
    RETIRED = "retired"
    HISTORIC = "historic"


class NameEventKind(StrEnum):
    """What happened to a name on the register."""

    NAMED = "named"
    RENAMED = "renamed"
    RETIRED = "retired"
    MERGED = "merged"
    CORRECTED = "corrected"
    IMPORTED = "imported"


def one_of(column: str, values: type[StrEnum]) -> str:
    """Return the SQL condition that a column holds one of the values of a vocabulary."""
    return f"{column} IN ({', '.join(repr(value.value) for value in values)})"


class NameRow(Base):
    """One name of one thing from a date to a date; `place_id` is the thing, the same through renames.

    `keys` are those of `layers.naming.candidates`; `reading` the confirmed syllables of the first characters,
    empty where nobody confirmed any. `sources` says for each field where it comes from. `unit_code` is the
    unit that holds the name, `authority_code` the city or county whose government decides on it.
    """

    __tablename__ = "name"
    __table_args__ = (
        CheckConstraint(one_of("kind", NameKind), name="kind"),
        CheckConstraint(one_of("status", NameStatus), name="status"),
        CheckConstraint("characters <> ''", name="characters"),
        CheckConstraint("valid_to IS NULL OR valid_from < valid_to", name="valid_time"),
        CheckConstraint("(status = 'in_force') = (valid_to IS NULL)", name="ended"),
        Index("ix_name_keys", "keys", postgresql_using="gin"),
        Index(
            "ix_name_keys_in_area",
            text("naming.keys_in(keys, naming.areas_of(geometry, unit_code))"),
            postgresql_using="gin",
        ),
        Index("ix_name_geometry", "geometry", postgresql_using="gist"),
        Index("ix_name_characters_id", "characters", "id"),
        Index("ix_name_place_id", "place_id"),
        Index("ix_name_unit_code", "unit_code"),
        {"schema": SCHEMA},
    )

    id: Mapped[Key]
    place_id: Mapped[uuid.UUID] = mapped_column(UUID(as_uuid=True))
    characters: Mapped[str] = mapped_column(Text)
    specific: Mapped[str] = mapped_column(Text)
    generic: Mapped[str] = mapped_column(Text)
    kind: Mapped[str] = mapped_column(Text)
    status: Mapped[str] = mapped_column(Text, server_default="in_force")
    reading: Mapped[list[str]] = mapped_column(ARRAY(Text), server_default=text("'{}'"))
    pinyin: Mapped[str] = mapped_column(Text)
    pinyin_plain: Mapped[str] = mapped_column(Text)
    geometry: Mapped[WKBElement | None] = mapped_column(geometry("GEOMETRY"))
    original_geometry: Mapped[bytes | None] = mapped_column(LargeBinary)
    original_crs: Mapped[str | None] = mapped_column(Text)
    unit_code: Mapped[str] = mapped_column(Text)
    authority_code: Mapped[str] = mapped_column(Text)
    road_class: Mapped[str] = mapped_column(Text, server_default="")
    parent: Mapped[str | None] = mapped_column(Text)
    aliases: Mapped[list[str]] = mapped_column(ARRAY(Text), server_default=text("'{}'"))
    origin: Mapped[str] = mapped_column(Text, server_default="")
    meaning: Mapped[str] = mapped_column(Text, server_default="")
    heritage: Mapped[str | None] = mapped_column(Text)
    keys: Mapped[list[str]] = mapped_column(ARRAY(Text))
    source: Mapped[str] = mapped_column(Text)
    sources: Mapped[Json] = mapped_column(JSONB, server_default=text("'{}'"))
    synthetic: Mapped[bool] = mapped_column(Boolean, server_default=text("false"))
    valid_from: Mapped[date] = mapped_column(Date)
    valid_to: Mapped[date | None] = mapped_column(Date)
    recorded_at: Mapped[RecordedAt]
    recorded_by: Mapped[str] = mapped_column(Text)


class NameSearchRow(Base):
    """One key under which a name is found; `why` is a `Match`, `shown` the former name or alias it is of."""

    __tablename__ = "name_search"
    __table_args__ = (
        Index("ix_name_search_key", "key", postgresql_ops={"key": "text_pattern_ops"}),
        Index("ix_name_search_name_id", "name_id"),
        Index(
            "ix_name_search_similar",
            "key",
            postgresql_using="gin",
            postgresql_ops={"key": "gin_trgm_ops"},
            postgresql_where=text("why = 5"),
        ),
        {"schema": SCHEMA},
    )

    id: Mapped[Key]
    name_id: Mapped[uuid.UUID] = mapped_column(ForeignKey(f"{SCHEMA}.name.id", ondelete="CASCADE"))
    key: Mapped[str] = mapped_column(Text)
    why: Mapped[int] = mapped_column(SmallInteger)
    shown: Mapped[str | None] = mapped_column(Text)


class NameEventRow(Base):
    """What happened to a name, when, by which act; never changed."""

    __tablename__ = "name_event"
    __table_args__ = (
        CheckConstraint(one_of("kind", NameEventKind), name="kind"),
        Index("ix_name_event_name_id", "name_id"),
        {"schema": SCHEMA},
    )

    id: Mapped[Key]
    name_id: Mapped[uuid.UUID] = mapped_column(ForeignKey(f"{SCHEMA}.name.id"))
    kind: Mapped[str] = mapped_column(Text)
    happened_on: Mapped[date] = mapped_column(Date)
    instrument: Mapped[str] = mapped_column(Text, server_default="")
    detail: Mapped[Json] = mapped_column(JSONB, server_default=text("'{}'"))
    recorded_at: Mapped[RecordedAt]
    recorded_by: Mapped[str] = mapped_column(Text)


class UnnamedRoadRow(Base):
    """A road that a source knows without a name: work for the office until it has one."""

    __tablename__ = "unnamed_road"
    __table_args__ = (
        Index("ix_unnamed_road_geometry", "geometry", postgresql_using="gist"),
        {"schema": SCHEMA},
    )

    id: Mapped[Key]
    geometry: Mapped[WKBElement] = mapped_column(geometry("GEOMETRY"))
    unit_code: Mapped[str] = mapped_column(Text)
    road_class: Mapped[str] = mapped_column(Text, server_default="")
    source: Mapped[str] = mapped_column(Text)
    recorded_at: Mapped[RecordedAt]
    recorded_by: Mapped[str] = mapped_column(Text)


class BuiltUpAreaRow(Base):
    """A built-up area (建成区), the scope of art. 9(8): ground inside which street names do not repeat."""

    __tablename__ = "built_up_area"
    __table_args__ = (
        CheckConstraint("valid_to IS NULL OR valid_from < valid_to", name="valid_time"),
        Index("ix_built_up_area_geometry", "geometry", postgresql_using="gist"),
        {"schema": SCHEMA},
    )

    id: Mapped[Key]
    name: Mapped[str] = mapped_column(Text)
    unit_code: Mapped[str] = mapped_column(Text)
    geometry: Mapped[WKBElement] = mapped_column(geometry("MULTIPOLYGON"))
    source: Mapped[str] = mapped_column(Text)
    valid_from: Mapped[date] = mapped_column(Date)
    valid_to: Mapped[date | None] = mapped_column(Date)
    recorded_at: Mapped[RecordedAt]
    recorded_by: Mapped[str] = mapped_column(Text)
