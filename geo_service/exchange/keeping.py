"""What a format would change without a word; refuses to write it, so that what is read again is what was written."""

from collections.abc import Iterator
from typing import Any, Final

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import shapely

from geo_service.exchange.refusals import NotExportable
from geo_service.exchange.sources import Format

_BY_GDAL: Final = {"gpkg", "geojson", "geojsonseq", "flatgeobuf", "shapefile"}
# GDAL hands text on as C does, and it ends at the first zero byte; a CSV with one is no text any more.
_NO_ZERO_BYTE: Final = _BY_GDAL | {"csv"}
# JSON has no word for them, nor has a table of dBase; SQLite takes NaN for null, a sheet for an error.
_NO_NAN: Final = {"gpkg", "geojson", "geojsonseq", "shapefile", "xlsx"}
_NO_INFINITY: Final = _NO_NAN - {"gpkg"}
# The ends of 64 bits are what GDAL reads of a JSON number beyond them, and so does not believe.
_LARGEST: Final = dict.fromkeys(_BY_GDAL, 2**63 - 1) | {
    "geojson": 2**63 - 2,
    "geojsonseq": 2**63 - 2,
    "shapefile": 2**53,
    "xlsx": 2**53,
}
_NO_BYTES: Final = {"geojson", "geojsonseq", "kml", "csv", "xlsx", "shapefile"}
_FINITE_PLACES: Final = {"geojson", "geojsonseq", "kml", "xlsx"}
_NO_MEASURE: Final = {"geojson", "geojsonseq", "kml", "flatgeobuf"}
_NO_HEIGHT: Final = {"flatgeobuf"}


def kept_whole(kind: Format, batches: Iterator[Any], *, geometry: str) -> Iterator[Any]:
    """Pass batches on; raises `NotExportable` for a value that the format would drop, cut or turn into another.

    Reasons: `zero_byte` in text, `number_not_finite`, `integer_too_large`, `bytes`, `place_not_finite`, `measured_place` (an
    M beside x and y), `place_with_height` (a Z; in a Shapefile where not every place has one).
    """
    heights: set[bool] = set()
    for batch in batches:
        for field in batch.schema:
            if field.name != geometry and (reason := _against(kind, batch.column(field.name))):
                raise NotExportable(format=kind, reason=reason, detail=field.name)
        if reason := _against_places(kind, batch.column(geometry), heights):
            raise NotExportable(format=kind, reason=reason)
        yield batch


def _against(kind: Format, values: Any) -> str | None:
    of = values.type
    if pa.types.is_floating(of):
        lost = (kind in _NO_NAN and _any(pc.is_nan(values))) or (
            kind in _NO_INFINITY and _any(pc.is_inf(values))
        )
        return "number_not_finite" if lost else None
    if pa.types.is_integer(of) and of.bit_width == 64 and (largest := _LARGEST.get(kind)):
        low, high = (bound.as_py() for bound in pc.min_max(values).values())
        beyond = high is not None and (high > largest or low < -largest - largest % 2)
        return "integer_too_large" if beyond else None
    if pa.types.is_binary(of) or pa.types.is_large_binary(of):
        return "bytes" if kind in _NO_BYTES else None
    if pa.types.is_string(of) or pa.types.is_large_string(of):
        return "zero_byte" if kind in _NO_ZERO_BYTE and _any(pc.match_substring(values, "\0")) else None
    return None


def _any(mask: Any) -> bool:
    return bool(pc.any(mask).as_py())


def _against_places(kind: Format, wkb: Any, heights: set[bool]) -> str | None:
    """Judge the places; `heights` remembers whether places so far had one."""
    if kind not in _FINITE_PLACES | _NO_MEASURE | _NO_HEIGHT | {"shapefile"}:
        return None
    with np.errstate(invalid="ignore"):
        read = shapely.from_wkb(wkb.to_numpy(zero_copy_only=False))
    shapes = np.asarray(read, dtype=object)
    shapes = shapes[~(shapely.is_missing(shapes) | shapely.is_empty(shapes))]
    if kind in _FINITE_PLACES and not np.isfinite(shapely.get_coordinates(shapes)).all():
        return "place_not_finite"
    if kind in _NO_MEASURE and shapely.has_m(shapes).any():
        return "measured_place"
    heights |= set(shapely.has_z(shapes).tolist())
    mixed = heights == {True, False} and kind == "shapefile"
    return "place_with_height" if mixed or (True in heights and kind in _NO_HEIGHT) else None
