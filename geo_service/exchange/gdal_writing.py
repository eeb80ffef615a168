"""Arrow batches into the formats that GDAL writes; refuses what a format cannot say, in the writer's own words."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any, Final

import pyarrow as pa
import pyogrio
import shapely
from pyogrio.errors import DataSourceError, FeatureError, FieldError, GeometryError
from pyogrio.raw import write_arrow

from geo_service.exchange.refusals import NotExportable
from geo_service.exchange.sources import DRIVERS, Format
from layers.geodesy import STORAGE_SRID

# GeoJSONSeq minds an option that its list does not name.
pyogrio.set_gdal_config_options({"GDAL_VALIDATE_CREATION_OPTIONS": "NO"})

_DECIMALS: Final = "9"  # of a degree: 0.1 mm


def write_gdal(
    target: Path,
    kind: Format,
    schema: Any,
    rows: Iterator[Any],
    *,
    geometry: str,
    layer: str,
    geometry_type: str,
    disclaimer: str,
) -> None:
    """Write batches as one layer in EPSG:4490; raises `NotExportable`, or what the rows themselves failed with."""
    options: dict[str, str] = {}
    if kind in {"geojson", "geojsonseq"}:
        options["COORDINATE_PRECISION"] = _DECIMALS
        options["AUTODETECT_JSON_STRINGS"] = "NO"  # a name in brackets is a name
        if layer == "features":
            options["WRITE_NAME"] = "NO"  # GDAL would read a collection of that name in one piece
    if disclaimer and kind in {"geojson", "flatgeobuf", "gpkg"}:
        options["DESCRIPTION"] = disclaimer
    broken: list[Exception] = []
    rows = _remembering(rows, broken)
    if kind == "flatgeobuf":
        rows, placed = _spooled(target.with_suffix(".arrow"), schema, rows, geometry)
        options["SPATIAL_INDEX"] = "YES" if placed else "NO"
    try:
        write_arrow(
            pa.RecordBatchReader.from_batches(schema, rows),
            target,
            layer=layer,
            driver=DRIVERS[kind],
            geometry_name=geometry,
            geometry_type=geometry_type,
            # A text sequence has no place for a CRS: as WGS 84 its places are left as they are, and not cut at 180 degrees.
            crs="OGC:CRS84" if kind == "geojsonseq" else f"EPSG:{STORAGE_SRID}",
            encoding="GB18030" if kind == "shapefile" else None,
            layer_metadata={"disclaimer": disclaimer} if disclaimer and kind == "gpkg" else None,
            layer_options=options or None,
        )
    except (
        DataSourceError,
        FeatureError,
        FieldError,
        GeometryError,
        RuntimeError,
        pa.ArrowException,
    ) as error:
        if broken:  # the rows failed, not the writing of them; GDAL knows only that a stream ended
            raise broken[0] from error
        raise NotExportable(format=kind, reason="not_written", detail=str(error)[:300]) from error


def _spooled(spool: Path, schema: Any, rows: Iterator[Any], geometry: str) -> tuple[Iterator[Any], bool]:
    """Keep the batches on disk and say whether every row has a place: FlatGeobuf indexes all rows or none."""
    placed = True
    with pa.OSFile(str(spool), "wb") as sink, pa.ipc.new_file(sink, schema) as writer:
        for batch in rows:
            places = shapely.from_wkb(batch.column(geometry).to_numpy(zero_copy_only=False))
            placed = placed and not (shapely.is_missing(places) | shapely.is_empty(places)).any()
            writer.write_batch(batch)
    kept = pa.ipc.open_file(pa.memory_map(str(spool)))
    return (kept.get_batch(number) for number in range(kept.num_record_batches)), bool(placed)


def _remembering(rows: Iterator[Any], broken: list[Exception]) -> Iterator[Any]:
    try:
        yield from rows
    except Exception as error:
        broken.append(error)
        raise
