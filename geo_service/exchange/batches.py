"""Rows on their way between a file and the database, a batch at a time; refuses to hold a whole file."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

import numpy as np
import shapely
from numpy.typing import NDArray

from geo_service.exchange.binary_copy import PointColumn
from geo_service.exchange.rejects import Reject
from layers.findings import Finding
from layers.geodesy import STORAGE_SRID

# pyarrow carries no types; a column is a pyarrow.Array.
Column = Any


@dataclass(frozen=True)
class FeatureBatch:
    """Rows that passed, in the order of the file, and what became of the others.

    `rows` counts from 1 as a person would (of data rows in a CSV, of features elsewhere). `columns` are pyarrow
    arrays by target name, `original_wkb` a pyarrow binary array exactly as the file had them, in `source_crs`. What is
    stored is in EPSG:4490, east first, 2D: as `shapes`, or as bare `points` [n, 2] when there is nothing else;
    `geometries` gives Shapely geometries of either.
    """

    rows: NDArray[np.int64]
    columns: Mapping[str, Column]
    original_wkb: Column
    source_crs: str
    shapes: NDArray[np.object_] | None = None
    points: NDArray[np.float64] | None = None
    rejects: list[Reject] = field(default_factory=list)
    findings: list[Finding] = field(default_factory=list)

    def __len__(self) -> int:
        """Rows that passed."""
        return len(self.rows)

    @cached_property
    def geometries(self) -> NDArray[np.object_]:
        """Shapely geometries in EPSG:4490."""
        if self.points is not None:
            return np.asarray(shapely.points(self.points), dtype=np.object_)
        return np.empty(0, dtype=np.object_) if self.shapes is None else self.shapes

    def wkb(self) -> NDArray[np.object_]:
        """Geometries in EPSG:4490 as WKB bytes."""
        return np.asarray(shapely.to_wkb(self.geometries), dtype=np.object_)

    def for_staging(
        self,
        *,
        geometry: str = "geometry",
        row: str | None = "source_row",
        original: str | None = "original_wkb",
        crs: str | None = "original_crs",
    ) -> dict[str, Any]:
        """Columns as `staging.bulk_load` takes them; None leaves one of the added columns out."""
        columns: dict[str, Any] = dict(self.columns)
        if self.points is not None:
            columns[geometry] = PointColumn(self.points, STORAGE_SRID)
        else:
            columns[geometry] = shapely.set_srid(self.geometries, STORAGE_SRID)
        if row is not None:
            columns[row] = self.rows
        if original is not None:
            columns[original] = self.original_wkb
        if crs is not None:
            columns[crs] = self.source_crs
        return columns
