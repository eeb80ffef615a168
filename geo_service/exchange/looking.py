"""A file looked into before it is taken in: its layers, and of one of them columns, CRS and first rows; refuses to judge rows."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import date, datetime
from pathlib import Path
from typing import Any, Final

import numpy as np
import shapely

from geo_service.exchange.crs import carried_crs
from geo_service.exchange.gdal_reading import spatial_layers
from geo_service.exchange.raw import RawBatch, RawLayer
from geo_service.exchange.reading import open_raw
from geo_service.exchange.refusals import LayerUnknown, MissingColumn
from geo_service.exchange.sources import DRIVERS, Source, local_file, recognised
from geo_service.exchange.workbooks import sheet_names

LOOKED_AT: Final = 200
SHOWN: Final = 5
LONGEST_SHOWN: Final = 200
TABLES: Final = {"csv", "xlsx"}


@dataclass(frozen=True, slots=True)
class Looked:
    """What was seen: `layers` by name with their kind of geometry where it is said, and the beginning of `layer`.

    `crs` is what the file says, None where it says none; `bounds` are in that CRS, of what was looked at where the file
    does not tell more. `places` are the columns of a table that coordinates are read from, `needs_places` that there are none.
    """

    layers: dict[str, str | None]
    layer: str
    fields: list[str]
    types: dict[str, Any]
    crs: str | None
    bounds: list[float] | None
    features: int | None
    geometry_types: list[str]
    rows: list[dict[str, Any]]
    places: dict[str, str] = field(default_factory=dict)
    needs_places: bool = False


def look_into(path: Path, *, layer: str | None = None, columns: Mapping[str, str] | None = None) -> Looked:
    """Look into a file, at its first layer unless another is named. Raises the refusals of `geo_service.exchange.refusals`."""
    sheets = sheet_names(local_file(path), path.name) if path.suffix.lower() == ".xlsx" else []
    with recognised(path, sheet=layer) as source:
        layers = _layers(source, sheets, path)
        if layer is not None and layer not in layers:
            raise LayerUnknown(file=path.name, layers=list(layers), asked=layer)
        chosen = layer or next(iter(layers), path.stem)
        wanted = chosen if source.format in DRIVERS else None
        if source.format in TABLES:
            return _table(source, layers, chosen, dict(columns or {}))
        raw = open_raw(source, wanted, {}, batch_size=LOOKED_AT)
        return _seen(raw, layers, chosen)


def _layers(source: Source, sheets: list[str], path: Path) -> dict[str, str | None]:
    if sheets:
        return dict.fromkeys(sheets)
    if source.format not in DRIVERS:
        return {path.stem: None}
    found = spatial_layers(source)
    if set(found) == {"source"}:
        return {path.stem: found["source"]}
    return found


def _table(source: Source, layers: dict[str, str | None], chosen: str, stated: dict[str, str]) -> Looked:
    """Look at a table; where nobody can tell its columns of places, at its words alone."""
    try:
        return _seen(open_raw(source, None, stated, batch_size=LOOKED_AT), layers, chosen)
    except MissingColumn as missing:
        found: Any = missing.facts["found"]
        header = list(map(str, found))
    # Any column will do for a place: what cannot be read as one is kept as it stands.
    raw = replace(open_raw(source, None, {"wkt": header[0]}, batch_size=LOOKED_AT), fields=header, places=())
    seen = _seen(raw, layers, chosen)
    return replace(seen, bounds=None, geometry_types=[], needs_places=True)


def _seen(raw: RawLayer, layers: dict[str, str | None], chosen: str) -> Looked:
    first = next(iter(raw.batches()), None)
    shapes = np.array([], dtype=np.object_) if first is None else first.geometries
    shapes = shapes[~shapely.is_missing(shapes)]
    whole = first is None or len(first.rows) + len(first.rejects) < LOOKED_AT
    count = raw.feature_count
    if count is None and whole:
        count = 0 if first is None else len(first.rows)
    box = raw.bounds or (tuple(shapely.total_bounds(shapes)) if len(shapes) else None)
    names = ("wkt",) if len(raw.places) == 1 else ("lon", "lat")
    return Looked(
        layers=layers,
        layer=chosen,
        fields=raw.fields,
        types={name: first.columns[name].type for name in raw.fields if first and name in first.columns},
        crs=carried_crs(raw.crs),
        bounds=None if box is None or not np.isfinite(box).all() else [float(each) for each in box],
        features=count,
        geometry_types=sorted({str(shape.geom_type) for shape in shapes}),
        rows=[] if first is None else _rows(first, raw.fields),
        places=dict(zip(names, raw.places, strict=True)) if raw.places else {},
    )


def _rows(batch: RawBatch, fields: list[str]) -> list[dict[str, Any]]:
    """Return the first rows as words, numbers and truths; long words are cut."""
    columns = {name: batch.columns[name][:SHOWN].to_pylist() for name in fields if name in batch.columns}
    count = min(SHOWN, len(batch.rows))
    return [{name: _shown(values[at]) for name, values in columns.items()} for at in range(count)]


def _shown(value: Any) -> Any:
    if value is None or isinstance(value, bool | int):
        return value
    if isinstance(value, float):
        return value if np.isfinite(value) else str(value)
    said = value.isoformat() if isinstance(value, date | datetime) else str(value)
    return said if len(said) <= LONGEST_SHOWN else f"{said[:LONGEST_SHOWN]}…"
