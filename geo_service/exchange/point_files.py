"""Hubs and demand of a file as points with ids and weights; refuses to guess an id or a weight."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any, Final

import numpy as np
import shapely
from numpy.typing import NDArray
from pyproj import CRS

from geo_service.exchange.feature_source import Features, as_numbers, stream_features, taken_off_the_map
from geo_service.exchange.rejects import Reject
from layers.errors import InvalidInput
from layers.hubs.coverage import WeightsInvalid

NAMED: Final = 10
ABSENT: Final = ("", "None", "nan")
"""What an id reads as where there is none."""


class NoPoints(InvalidInput):
    """The file has no feature. Facts: `file`."""

    code = "hubs.no_points"


class ColumnMissing(InvalidInput):
    """A column that is needed is not there. Facts: `file`, `column`, `columns`."""

    code = "hubs.column_missing"


class IdsRefused(InvalidInput):
    """Ids are missing or stand twice. Facts: `file`, `reason`, `count`, `ids` or `rows` (first ten)."""

    code = "hubs.ids_refused"


class PlaceMissing(InvalidInput):
    """Features have no geometry or no coordinates. Facts: `file`, `count`, `ids` (first ten)."""

    code = "hubs.place_missing"


@dataclass(frozen=True, eq=False)
class PointTable:
    """Points [p, 2] with ids as the file has them, and weights [p]: 1 each where no column is named.

    Lines and areas stand as their centroid. `crs` is None where the file states none.
    """

    ids: NDArray[Any]
    xy: NDArray[np.float64]
    weights: NDArray[np.float64]
    crs: CRS | None


def read_points(
    path: Path,
    *,
    layer: str | None = None,
    id_column: str = "id",
    weight_column: str | None = None,
    crs: str | None = None,
) -> PointTable:
    """Read points, their ids from `id_column` and, if named, their weights from `weight_column`.

    Of an area (a grid cell, an estate) the centroid stands for it. Rows are numbered from 0 in facts. `crs`
    matters here where it is GCJ-02 or BD-09: such points come at their place in WGS 84.
    Raises `NoPoints`, `ColumnMissing`, `IdsRefused`, `WeightsInvalid`, `PlaceMissing`, `FileUnreadable`.
    """
    columns = () if weight_column is None else (weight_column,)
    table, weights = read_weighted_points(path, columns, layer=layer, id_column=id_column, crs=crs)
    return table if weight_column is None else replace(table, weights=weights[:, 0])


def read_weighted_points(
    path: Path,
    weight_columns: Sequence[str],
    *,
    layer: str | None = None,
    id_column: str = "id",
    crs: str | None = None,
) -> tuple[PointTable, NDArray[np.float64]]:
    """Read points, weighing 1 each, and beside them the weights [p, w] of each of the columns; the file is read once.

    Raises as `read_points`.
    """
    reading = PointReading(path, weight_columns, layer=layer, id_column=id_column, crs=crs)
    batches = list(reading.batches())
    ids = reading.whole(np.concatenate([batch.ids for batch in batches]))
    known, count = np.unique(np.array(texts_of(ids)), return_counts=True)
    twice = known[count > 1]
    reading.refuse(len(twice), twice[:NAMED].tolist())
    xy = np.concatenate([batch.xy for batch in batches])
    weights = np.concatenate([batch.weights for batch in batches])
    return PointTable(ids, xy, np.ones(len(ids)), reading.crs), weights


@dataclass(frozen=True, eq=False)
class PointBatch:
    """Some points of a file: numbers of their rows from 0, ids as they stand there, places [p, 2], weights [p, w].

    `wrong` says of each row that cannot be taken why.
    """

    rows: NDArray[np.int64]
    ids: NDArray[Any]
    xy: NDArray[np.float64]
    weights: NDArray[np.float64]
    wrong: list[Reject]


@dataclass(slots=True)
class _Wrong:
    """Rows against which the same is to be said: how many, and the first ten."""

    count: int = 0
    first: list[Any] = field(default_factory=list)

    def note(self, which: NDArray[Any]) -> None:
        self.count += len(which)
        self.first += which[: NAMED - len(self.first)].tolist()


class PointReading:
    """A file of points read some at a time and judged row by row; what is wrong with it is said at the end.

    `points` grows with the batches; `crs` is what the file states, once a batch is read. `fractional` says that the ids are
    numbers of which some are not whole: then `1.0` is an id, else it is `1`.
    """

    def __init__(
        self,
        path: Path,
        weight_columns: Sequence[str],
        *,
        layer: str | None = None,
        id_column: str = "id",
        crs: str | None = None,
    ) -> None:
        self._path, self._layer, self._stated = path, layer, crs
        self._id_column, self._weight_columns = id_column, tuple(weight_columns)
        self._without_id, self._astray = _Wrong(), _Wrong()
        self._unweighted = {column: _Wrong() for column in self._weight_columns}
        self.points = 0
        self.crs: CRS | None = None
        self.fractional = False

    def batches(self) -> Iterator[PointBatch]:
        """Yield the points in the order of the file; raises `ColumnMissing`, `FileUnreadable`, `NoPoints`."""
        for features in stream_features(self._path, kinds=("Point", "Polygon"), layer=self._layer):
            yield self._judged(taken_off_the_map(features, self._stated, file=self._path.name))
        if not self.points:
            raise NoPoints(file=self._path.name)

    def whole(self, ids: NDArray[Any]) -> NDArray[Any]:
        """Return ids that GDAL read as floats, as it does with whole numbers beside an empty value, as whole numbers."""
        if ids.dtype.kind != "f" or self.fractional or not np.isfinite(ids).all():
            return ids
        return ids.astype(np.int64)

    def refuse(self, twice: int, first: Sequence[str]) -> None:
        """Raise what is to be said against the file, if anything; `twice` ids stand in it more than once.

        Raises `IdsRefused`, `WeightsInvalid`, `PlaceMissing`.
        """
        file = self._path.name
        if self._without_id.count:
            rows, count = self._without_id.first, self._without_id.count
            raise IdsRefused(file=file, reason="missing", count=count, rows=rows)
        if twice:
            raise IdsRefused(file=file, reason="duplicate", count=twice, ids=list(first))
        for wrong in self._unweighted.values():
            if wrong.count:
                raise WeightsInvalid(file=file, count=wrong.count, ids=self._named(wrong))
        if self._astray.count:
            raise PlaceMissing(file=file, count=self._astray.count, ids=self._named(self._astray))

    def _named(self, wrong: _Wrong) -> list[Any]:
        return (
            self.whole(np.array(wrong.first)).tolist() if isinstance(wrong.first[0], float) else wrong.first
        )

    def _judged(self, features: Features) -> PointBatch:
        self.crs = features.crs
        rows = np.arange(self.points, self.points + len(features.geometry))
        self.points += len(rows)
        if not len(rows):
            nothing = np.empty((0, len(self._weight_columns)))
            return PointBatch(rows, np.empty(0, object), np.empty((0, 2)), nothing, [])
        ids = _column(features, self._id_column, self._path)
        said = {name: _column(features, name, self._path) for name in self._weight_columns}
        weights = np.ones((len(ids), len(said)))
        for place, values in enumerate(said.values()):
            weights[:, place] = as_numbers(values)
        xy = _places(features)
        reasons = self._reasons(rows, ids, weights, xy)
        wrong = [
            Reject(
                int(rows[row]) + 1,
                code,
                facts,
                {
                    name: values[row : row + 1].tolist()[0]
                    for name, values in ({self._id_column: ids} | said).items()
                },
                features.geometry[row],
            )
            for row, (code, facts) in sorted(reasons.items())
        ]
        return PointBatch(rows, ids, xy, weights, wrong)

    def _reasons(
        self,
        rows: NDArray[np.int64],
        ids: NDArray[Any],
        weights: NDArray[np.float64],
        xy: NDArray[np.float64],
    ) -> dict[int, tuple[str, Mapping[str, object]]]:
        """Note what is wrong, and return the first reason against each row that has one."""
        reasons: dict[int, tuple[str, Mapping[str, object]]] = {}
        absent = np.isin(np.array(texts_of(ids)), ABSENT)
        if ids.dtype.kind == "f":
            self.fractional |= bool((~absent & (~np.isfinite(ids) | (ids != np.round(ids)))).any())
        self._without_id.note(rows[absent])
        for row in np.flatnonzero(absent):
            reasons.setdefault(int(row), (IdsRefused.code, {"reason": "missing"}))
        for place, (column, unweighted) in enumerate(self._unweighted.items()):
            wrong = ~np.isfinite(weights[:, place]) | (weights[:, place] < 0)
            unweighted.note(ids[wrong])
            for row in np.flatnonzero(wrong):
                reasons.setdefault(int(row), (WeightsInvalid.code, {"column": column}))
        astray = ~np.isfinite(xy).all(axis=1)
        self._astray.note(ids[astray])
        for row in np.flatnonzero(astray):
            reasons.setdefault(int(row), (PlaceMissing.code, {}))
        return reasons


def texts_of(ids: NDArray[Any]) -> list[str]:
    """Return ids as the record keeps them."""
    return [str(value).strip() for value in ids.tolist()]


def _column(features: Features, name: str, path: Path) -> NDArray[Any]:
    if name not in features.columns:
        raise ColumnMissing(file=path.name, column=name, columns=list(features.columns)[:20])
    return features.columns[name]


def _places(features: Features) -> NDArray[np.float64]:
    """Return the place [p, 2] of each feature, of an area its centroid; NaN where there is none."""
    shapes = features.geometry.copy()
    missing = shapely.is_missing(shapes) | shapely.is_empty(shapes)
    xy = np.full((len(shapes), 2), np.nan)
    areal = ~missing & (shapely.get_type_id(shapes) != shapely.GeometryType.POINT)
    shapes[areal] = shapely.centroid(shapes[areal])
    xy[~missing] = shapely.get_coordinates(shapes)
    return xy
