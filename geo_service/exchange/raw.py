"""What every format's reader hands on: rows as they stand in the file; refuses to judge them."""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import Final

import numpy as np
import pyarrow as pa
import shapely
from numpy.typing import NDArray

from geo_service.exchange.batches import Column
from geo_service.exchange.rejects import Reject
from geo_service.exchange.wkb_guard import readable

Bounds = tuple[float, float, float, float]

_POINT_BYTES: Final = 21
MOST_COLUMNS: Final = 2000  # what a GeoPackage can hold; no register has as many
# Little-endian, kind 1.
_POINT_HEAD: Final = np.array([1, 1, 0, 0, 0], dtype=np.uint8)


@dataclass(frozen=True)
class RawBatch:
    """Rows of a file. `original_wkb` is a pyarrow array of bytes as the file had them, null where it had none.

    `texts_unreadable` marks rows of a text format whose words could not be read as a geometry.
    """

    rows: NDArray[np.int64]
    columns: Mapping[str, Column]
    original_wkb: Column
    texts_unreadable: NDArray[np.bool_] | None = None
    rejects: list[Reject] = field(default_factory=list)

    @cached_property
    def geometries(self) -> NDArray[np.object_]:
        """The geometries as Shapely reads them; None where there is none or it cannot."""
        with np.errstate(invalid="ignore"):  # NaN is judged later, row by row
            read = shapely.from_wkb(readable(self.original_wkb), on_invalid="ignore")
        return np.asarray(read, dtype=np.object_)

    @cached_property
    def unreadable(self) -> NDArray[np.bool_]:
        """Rows with a geometry that cannot be read."""
        present = np.asarray(self.original_wkb.is_valid(), dtype=np.bool_)
        broken = present & np.asarray(shapely.is_missing(self.geometries))
        return broken if self.texts_unreadable is None else broken | self.texts_unreadable

    def points(self) -> NDArray[np.float64] | None:
        """Coordinates [n, 2] when every row is a plain 2D point, else None.

        A million points need no million objects: 21 bytes each, of which the last 16 are x and y.
        """
        wkb = self.original_wkb
        if wkb.null_count or not len(wkb) or wkb.type != pa.binary():
            return None
        offsets = np.frombuffer(wkb.buffers()[1], dtype=np.int32)[wkb.offset : wkb.offset + len(wkb) + 1]
        if not (np.diff(offsets) == _POINT_BYTES).all():
            return None
        data = np.frombuffer(wkb.buffers()[2], dtype=np.uint8)[offsets[0] : offsets[-1]].reshape(
            -1, _POINT_BYTES
        )
        if not (data[:, :5] == _POINT_HEAD).all():
            return None
        return np.ascontiguousarray(data[:, 5:]).view("<f8").reshape(-1, 2)


@dataclass(frozen=True, slots=True)
class RawLayer:
    """One layer of a file, opened: its columns, the CRS it carries, and its rows when asked for.

    `places` are the columns of a table that the coordinates are read from: one of WKT, or east and north.
    """

    name: str
    fields: list[str]
    crs: str | None
    bounds: Bounds | None
    feature_count: int | None
    batches: Callable[[], Iterator[RawBatch]]
    places: tuple[str, ...] = ()
