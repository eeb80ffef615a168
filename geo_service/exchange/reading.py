"""A file read into batches ready for the database, and a reason for each row left out; refuses silent repair.

Nothing is written here: whether a file with rejects is taken at all is the caller's decision (all or nothing, dry run).
"""

from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import shapely
from numpy.typing import NDArray

from geo_service.exchange.batches import Column, FeatureBatch
from geo_service.exchange.crs import Bounds, SourceCrs, source_crs
from geo_service.exchange.csv_reading import PLACES, open_csv_layer
from geo_service.exchange.gdal_reading import open_gdal_layer
from geo_service.exchange.geoparquet import open_parquet_layer
from geo_service.exchange.kml_reading import open_kml_layer
from geo_service.exchange.mapping import TargetColumn, map_columns
from geo_service.exchange.raw import RawBatch, RawLayer
from geo_service.exchange.rejects import Reject
from geo_service.exchange.sources import Source, recognised
from geo_service.exchange.verdicts import Verdicts, good_points, judge
from layers.findings import Finding
from layers.geodesy import HelmertParameters, PlaneParameters

Validator = Callable[[Mapping[str, Any]], Iterable[Finding]]

AREAS: Final = ("Polygon", "MultiPolygon")
LINES: Final = ("LineString", "MultiLineString")
POINTS: Final = ("Point",)
BATCH_SIZE: Final = 65_536


@dataclass(slots=True)
class Reading:
    """An opened file. Iterate `batches()`; `rows_read` and `rows_rejected` grow with it.

    `findings` are about the file as a whole (a CRS that contradicts the file's own), `mapping` says
    which column of the file became which target.
    """

    layer: str
    crs: SourceCrs
    mapping: Mapping[str, str]
    findings: list[Finding]
    feature_count: int | None
    batches: Callable[[], Iterator[FeatureBatch]]
    rows_read: int = 0
    rows_rejected: int = 0


@dataclass(frozen=True, slots=True)
class Terms:
    """On what terms rows are taken: the columns wanted (None: all, under their own names), geometry types, the rest.

    `home` is (west, south, east, north) in degrees of the ground where the data must fall; `near` that of
    ground where they probably fall: only a row that another reading (a neighbouring zone, say) would put there is refused.
    `validate` is asked for each row that passed so far, with the target columns and `geometry` (EPSG:4490);
    the first finding it yields is the reason against the row.
    """

    targets: Sequence[TargetColumn] | None = None
    mapping: Mapping[str, str] = field(default_factory=dict)
    accept: Collection[str] | None = None
    repair: bool = False
    home: Bounds | None = None
    near: Bounds | None = None
    validate: Validator | None = None


@contextmanager
def open_features(
    path: Path | str,
    *,
    layer: str | None = None,
    crs: str | None = None,
    parameters: HelmertParameters | PlaneParameters | None = None,
    terms: Terms | None = None,
    batch_size: int = BATCH_SIZE,
) -> Iterator[Reading]:
    """Open a file of any exchange format and decide CRS and columns; its rows are read as they are asked for.

    `crs` is 'EPSG:n', 'GCJ-02' or 'BD-09' and wins over what the file says; a file without needs it.
    Raises the refusals of `geo_service.exchange.refusals` and, for a datum that nobody approved,
    `layers.geodesy.DatumRefused`.
    """
    agreed = terms or Terms()
    with recognised(path) as source:
        raw = open_raw(source, layer, agreed.mapping, batch_size=batch_size)
        chosen, findings = source_crs(
            raw.crs, crs, file=source.name, bounds=raw.bounds, parameters=parameters
        )
        mapping = _mapping(raw.fields, agreed)
        reading = Reading(raw.name, chosen, mapping, findings, raw.feature_count, batches=lambda: iter(()))
        reading.batches = lambda: _batches(raw, reading, agreed)
        yield reading


def open_raw(
    source: Source, layer: str | None, mapping: Mapping[str, str], *, batch_size: int = BATCH_SIZE
) -> RawLayer:
    """Open a recognised file by the reader of its format."""
    if source.format in {"csv", "xlsx"}:
        return open_csv_layer(source, mapping, batch_size=batch_size)
    if source.format == "kml":
        return open_kml_layer(source, batch_size=batch_size)
    if source.format == "parquet":
        return open_parquet_layer(source, batch_size=batch_size)
    return open_gdal_layer(source, layer, batch_size=batch_size)


def _mapping(fields: Sequence[str], terms: Terms) -> dict[str, str]:
    places = {target.name for target in PLACES}
    if terms.targets is None:
        renamed = {source: target for target, source in terms.mapping.items() if target not in places}
        own = [TargetColumn(renamed.get(name, name), text=False) for name in fields]
        stated = {target: source for source, target in renamed.items()}
        return map_columns(fields, own, stated | {name: name for name in fields if name not in renamed})
    wanted = {target.name for target in terms.targets}
    stated = {key: value for key, value in terms.mapping.items() if key in wanted or key not in places}
    return map_columns(fields, terms.targets, stated)


def _batches(raw: RawLayer, reading: Reading, terms: Terms) -> Iterator[FeatureBatch]:
    texts = {target.name for target in terms.targets or () if target.text}
    for batch in raw.batches():
        done = _taken(batch, reading, terms, texts)
        reading.rows_read += len(done) + len(done.rejects)
        reading.rows_rejected += len(done.rejects)
        yield done


def _taken(batch: RawBatch, reading: Reading, terms: Terms, texts: Collection[str]) -> FeatureBatch:
    columns = {
        target: as_text(batch.columns[source]) if target in texts else batch.columns[source]
        for target, source in reading.mapping.items()
    }
    if terms.validate is None:
        points = good_points(batch, reading.crs, accept=terms.accept, home=terms.home)
        stored = None if points is None else reading.crs.points_to_storage(points)
        if stored is not None and np.isfinite(stored).all():
            crs, rejects = reading.crs.text, batch.rejects
            return FeatureBatch(batch.rows, columns, batch.original_wkb, crs, points=stored, rejects=rejects)
    return _judged(batch, columns, reading, terms)


def _judged(batch: RawBatch, columns: Mapping[str, Column], reading: Reading, terms: Terms) -> FeatureBatch:
    verdicts = judge(
        batch, reading.crs, accept=terms.accept, repair=terms.repair, home=terms.home, near=terms.near
    )
    stored = np.full(len(batch.rows), None, dtype=np.object_)
    stored[verdicts.passes] = reading.crs.to_storage(verdicts.geometries[verdicts.passes])
    lost = np.asarray(~np.isfinite(shapely.bounds(stored)).all(axis=1))
    verdicts.against(lost, "crs.outside_area")
    if terms.validate is not None:
        _ask(terms.validate, verdicts, columns, stored)
    passes = verdicts.passes
    rejects = [
        Reject(
            int(batch.rows[row]),
            str(verdicts.codes[row]),
            verdicts.facts.get(int(row), {}),
            {name: column[int(row)].as_py() for name, column in batch.columns.items()},
            batch.geometries[row],
        )
        for row in np.flatnonzero(~passes)
    ]
    return FeatureBatch(
        rows=batch.rows[passes],
        columns={name: _kept(column, passes) for name, column in columns.items()},
        original_wkb=_kept(batch.original_wkb, passes),
        source_crs=reading.crs.text,
        shapes=stored[passes],
        rejects=sorted([*batch.rejects, *rejects], key=lambda reject: reject.row),
        findings=verdicts.findings,
    )


def _ask(
    validate: Validator, verdicts: Verdicts, columns: Mapping[str, Column], stored: NDArray[np.object_]
) -> None:
    """Put the caller's first finding on each row that has passed so far."""
    for row in np.flatnonzero(verdicts.passes):
        values = {name: column[int(row)].as_py() for name, column in columns.items()}
        found = list(validate(values | {"geometry": stored[row]}))
        if found:
            verdicts.codes[row] = found[0].code
            also = [finding.code for finding in found[1:]]
            verdicts.facts[int(row)] = {**found[0].evidence, **({"also": also} if also else {})}


def _kept(column: Column, passes: NDArray[np.bool_]) -> Column:
    return column if passes.all() else column.filter(pa.array(passes))


def as_text(column: Column) -> Column:
    """Return a column as trimmed text, empty as null; 460105.0 becomes '460105', for tables keep codes as numbers.

    >>> as_text(pa.array([460105.0, None, 1.5])).to_pylist(), as_text(pa.array([" 海口市　", ""])).to_pylist()
    (['460105', None, '1.5'], ['海口市', None])
    """
    if pa.types.is_floating(column.type):
        whole = pc.equal(pc.floor(column), column)
        digits = pc.cast(pc.if_else(whole, column, None), pa.int64(), safe=False)
        return pc.coalesce(pc.cast(digits, pa.string()), pc.cast(column, pa.string()))
    text = pc.utf8_trim_whitespace(pc.cast(column, pa.string()))
    return pc.if_else(pc.equal(text, ""), pa.scalar(None, pa.string()), text)
