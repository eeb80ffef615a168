"""Hubs and demand of a file as points with ids and weights; refuses to guess an id or a weight."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np
import shapely
from numpy.typing import NDArray
from pyproj import CRS

from geo_service.exchange.feature_source import Features, as_numbers, read_features, taken_off_the_map
from layers.errors import InvalidInput
from layers.hubs.coverage import WeightsInvalid


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
    features = read_features(path, kinds=("Point", "Polygon"), layer=layer)
    features = taken_off_the_map(features, crs, file=path.name)
    if len(features.geometry) == 0:
        raise NoPoints(file=path.name)
    ids = _ids(features, id_column, path)
    weights = np.ones((len(ids), len(weight_columns)))
    for place, column in enumerate(weight_columns):
        weights[:, place] = _weights(features, column, ids, path)
    return PointTable(ids, _places(features, ids, path), np.ones(len(ids)), features.crs), weights


def _column(features: Features, name: str, path: Path) -> NDArray[Any]:
    if name not in features.columns:
        raise ColumnMissing(file=path.name, column=name, columns=list(features.columns)[:20])
    return features.columns[name]


def _ids(features: Features, column: str, path: Path) -> NDArray[Any]:
    ids = _column(features, column, path)
    if ids.dtype.kind == "f" and np.isfinite(ids).all() and (ids == np.round(ids)).all():
        ids = ids.astype(np.int64)  # GDAL reads whole numbers beside an empty value as floats
    texts = np.array([str(value).strip() for value in ids])
    absent = np.isin(texts, ("", "None", "nan"))
    if absent.any():
        rows = np.flatnonzero(absent)
        raise IdsRefused(file=path.name, reason="missing", count=len(rows), rows=rows[:10].tolist())
    known, count = np.unique(texts, return_counts=True)
    twice = known[count > 1]
    if len(twice):
        raise IdsRefused(file=path.name, reason="duplicate", count=len(twice), ids=twice[:10].tolist())
    return ids


def _weights(features: Features, column: str, ids: NDArray[Any], path: Path) -> NDArray[np.float64]:
    weights = as_numbers(_column(features, column, path))
    wrong = ~np.isfinite(weights) | (weights < 0)
    if wrong.any():
        raise WeightsInvalid(file=path.name, count=int(wrong.sum()), ids=_named(ids, wrong))
    return weights


def _places(features: Features, ids: NDArray[Any], path: Path) -> NDArray[np.float64]:
    missing = shapely.is_missing(features.geometry) | shapely.is_empty(features.geometry)
    xy = np.full((len(ids), 2), np.nan)
    areal = ~missing & (shapely.get_type_id(features.geometry) != shapely.GeometryType.POINT)
    features.geometry[areal] = shapely.centroid(features.geometry[areal])
    xy[~missing] = shapely.get_coordinates(features.geometry)
    astray = ~np.isfinite(xy).all(axis=1)
    if astray.any():
        raise PlaceMissing(file=path.name, count=int(astray.sum()), ids=_named(ids, astray))
    return xy


def _named(ids: NDArray[Any], rows: NDArray[np.bool_]) -> list[Any]:
    named: list[Any] = ids[rows][:10].tolist()
    return named
