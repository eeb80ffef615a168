"""SQLAlchemy base, naming of constraints and geometry column types; holds no table."""

import os
import uuid
from datetime import UTC, datetime
from typing import Annotated, Any

import numpy as np
from geoalchemy2 import Geometry
from numpy.typing import NDArray
from sqlalchemy import DateTime, MetaData, func
from sqlalchemy.dialects.postgresql import UUID
from sqlalchemy.orm import DeclarativeBase, mapped_column

from layers.geodesy import STORAGE_SRID

NAMING = {
    "ix": "ix_%(table_name)s_%(column_0_N_name)s",
    "uq": "uq_%(table_name)s_%(column_0_N_name)s",
    "ck": "ck_%(table_name)s_%(constraint_name)s",
    "fk": "fk_%(table_name)s_%(column_0_N_name)s",
    "pk": "pk_%(table_name)s",
}


class Base(DeclarativeBase):
    """Declarative base of all layers; each table names its layer's schema."""

    metadata = MetaData(naming_convention=NAMING)


def uuid7() -> uuid.UUID:
    """Return a UUID of version 7 (RFC 9562): 48 bits of Unix milliseconds, then random bits.

    Rows made one after another stand near each other in the primary key's index.
    """
    milliseconds = int(datetime.now(UTC).timestamp() * 1000)
    random = uuid.uuid4().int
    value = (milliseconds & (2**48 - 1)) << 80 | 0x7 << 76 | (random >> 64 & 0xFFF) << 64
    return uuid.UUID(int=value | 0b10 << 62 | random & (2**62 - 1))


def uuid7_block(count: int) -> NDArray[np.uint8]:
    """Return many UUIDs of version 7, made at one moment, as bytes [count, 16]."""
    block = np.frombuffer(os.urandom(16 * count), dtype=np.uint8).reshape(-1, 16).copy()
    milliseconds = int(datetime.now(UTC).timestamp() * 1000)
    block[:, :6] = np.frombuffer(milliseconds.to_bytes(6, "big"), dtype=np.uint8)
    block[:, 6] = block[:, 6] & 0x0F | 0x70
    block[:, 8] = block[:, 8] & 0x3F | 0x80
    return block


def geometry(kind: str, **options: Any) -> Geometry:
    """Return a geometry column type of `kind` in the storage CRS, EPSG:4490; index it in the table's args."""
    return Geometry(kind, srid=STORAGE_SRID, spatial_index=False, **options)


Key = Annotated[uuid.UUID, mapped_column(UUID(as_uuid=True), primary_key=True, default=uuid7)]
RecordedAt = Annotated[datetime, mapped_column(DateTime(timezone=True), server_default=func.now())]
