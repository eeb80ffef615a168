"""Units and their codes out of a file, as the topology check takes them; it changes no coordinate.

The check must see edges as they were drawn: a straight edge of a projected file is no longer straight
in degrees, so nothing is converted here, and any CRS with a known datum or none will do.
"""

from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import numpy as np
import pyogrio
import shapely
from numpy.typing import NDArray
from pyproj import CRS

from geo_service.exchange.refusals import CrsUnknown, LayerUnknown, MissingColumn, UnreadableFile
from geo_service.exchange.sources import Source, recognised
from layers.geodesy import STORAGE_CRS, read_crs

# Names under which offices keep the code of a unit and of the one above it; matched without case.
CODE_COLUMNS: Final = ("code", "unit_code", "adcode", "xzqdm", "division_code", "pac", "dm", "gb", "id")
PARENT_COLUMNS: Final = ("parent_code", "parent", "parent_adcode", "pcode", "sjdm", "pid")
UNREADABLE: Final = (
    pyogrio.errors.DataSourceError,
    pyogrio.errors.DataLayerError,
    pyogrio.errors.FeatureError,
    pyogrio.errors.GeometryError,
)
CSV_OPTIONS: Final = {"GEOM_POSSIBLE_NAMES": "wkt,geometry,geom,the_geom", "KEEP_GEOM_COLUMNS": "NO"}


@dataclass(frozen=True, slots=True)
class CoverageFile:
    """Units as they stand in a file: polygons east first in `crs`, None where a row has no geometry."""

    codes: list[str]
    parent_codes: list[str] | None
    polygons: NDArray[np.object_]
    crs: CRS
    parent_grounds: dict[str, Any]


@dataclass(frozen=True, slots=True)
class _Layer:
    path: Path
    name: str
    options: dict[str, str]
    info: dict[str, Any]

    def read(self) -> tuple[NDArray[np.object_], dict[str, NDArray[Any]]]:
        try:
            meta, _, shapes, columns = pyogrio.raw.read(
                self.path, layer=self.name, force_2d=True, **self.options
            )
        except UNREADABLE as error:
            raise UnreadableFile(file=self.path.name, reason="damaged", detail=str(error)) from error
        polygons = shapely.from_wkb(shapes, on_invalid="ignore")
        return polygons, dict(zip(meta["fields"], columns, strict=True))


def read_coverage(
    file: Path,
    *,
    layer: str | None = None,
    parents_layer: str | None = None,
    stated_crs: str | None = None,
    code_column: str | None = None,
    parent_column: str | None = None,
) -> CoverageFile:
    """Return the units of a layer, by default the one with most polygons.

    Rows without a code column are called by their number, from 1. Raises `LayerUnknown`,
    `MissingColumn` for a column asked for by name, `CrsUnknown` when a file without CRS holds no
    degrees and none is stated, and what `recognised` raises.
    """
    with recognised(file) as source:
        layers = _layers(source)
        chosen = _chosen(layers, layer, source.name)
        polygons, columns = chosen.read()
        codes = _column(columns, code_column, CODE_COLUMNS)
        crs = _crs(stated_crs or chosen.info["crs"], polygons, source.name)
        grounds = {} if parents_layer is None else _grounds(_chosen(layers, parents_layer, source.name))
    numbers = [str(row) for row in range(1, len(polygons) + 1)]
    named = numbers if codes is None else [c or f"#{n}" for c, n in zip(codes, numbers, strict=True)]
    return CoverageFile(named, _column(columns, parent_column, PARENT_COLUMNS), polygons, crs, grounds)


def _layers(source: Source) -> dict[str, _Layer]:
    options = CSV_OPTIONS if source.format == "csv" else {}
    layers = {}
    for stem, path in source.parts.items():
        try:
            names = [str(name) for name, _ in pyogrio.list_layers(path)]
            for name in names:
                info = pyogrio.read_info(path, layer=name, force_feature_count=True, **options)
                layers[name if source.format == "gpkg" else stem] = _Layer(path, name, options, info)
        except UNREADABLE as error:
            raise UnreadableFile(file=source.name, reason="damaged", detail=str(error)) from error
    return layers


def _chosen(layers: dict[str, _Layer], asked: str | None, file: str) -> _Layer:
    if asked is not None:
        if asked not in layers:
            raise LayerUnknown(file=file, layers=sorted(layers), asked=asked)
        return layers[asked]
    polygonal = [one for one in layers.values() if "Polygon" in (one.info["geometry_type"] or "")]
    unsaid = [
        one for one in layers.values() if one.info["geometry_type"] in ("Unknown", "GeometryCollection")
    ]
    if not polygonal and not unsaid:
        raise LayerUnknown(file=file, layers=sorted(layers), asked="Polygon")
    return max(polygonal or unsaid, key=lambda one: int(one.info["features"]))


def _column(columns: dict[str, NDArray[Any]], asked: str | None, known: tuple[str, ...]) -> list[str] | None:
    by_name = {name.lower(): values for name, values in columns.items()}
    if asked is not None and asked.lower() not in by_name:
        raise MissingColumn(missing=[asked], found=sorted(columns), known_names=list(known))
    name = asked.lower() if asked is not None else next((name for name in known if name in by_name), None)
    return None if name is None else [_text(value) for value in by_name[name].tolist()]


def _text(value: object) -> str:
    """Return a code as text: spreadsheets keep 460107 as a number, and an empty cell as NaN."""
    if value is None or value != value:  # noqa: PLR0124 -- only NaN differs from itself
        return ""
    return str(int(value)) if isinstance(value, float) and value.is_integer() else str(value).strip()


def _crs(named: str | None, polygons: NDArray[np.object_], file: str) -> CRS:
    if named is not None:
        return read_crs(named)
    west, south, east, north = (float(bound) for bound in shapely.total_bounds(polygons))
    if west < -180 or east > 180 or south < -90 or north > 90:
        raise CrsUnknown(file=file, accepts=["EPSG:n"], bounds=(west, south, east, north))
    return STORAGE_CRS


def _grounds(layer: _Layer) -> dict[str, Any]:
    shapes, columns = layer.read()
    codes = _column(columns, None, CODE_COLUMNS)
    if codes is None:
        raise MissingColumn(missing=["code"], found=sorted(columns), known_names=list(CODE_COLUMNS))
    return {code: shape for code, shape in zip(codes, shapes, strict=True) if code and shape is not None}
