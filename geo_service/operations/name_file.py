"""A file of names read into pieces, some at a time: one row each, with its ground in EPSG:4490; refuses to judge them."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path
from typing import Any, Final

import pyarrow as pa
import shapely
from shapely.geometry.base import BaseGeometry

from geo_service.exchange.crs import source_crs
from geo_service.exchange.mapping import TargetColumn
from geo_service.exchange.osm_reading import osm_lines
from geo_service.exchange.reading import AREAS, LINES, POINTS, Terms, open_features
from geo_service.exchange.rejects import Reject, RejectLog
from layers.naming.model import NameKind
from layers.naming.parser import normalise

TARGETS: Final = (
    TargetColumn("name", aliases=("名称", "地名", "标准地名", "道路名称", "路名", "road_name")),
    TargetColumn("kind", aliases=("类别", "地名类别")),
    TargetColumn("reading", aliases=("读音",)),
    TargetColumn("road_class", aliases=("highway", "fclass", "道路等级", "class")),
    TargetColumn("origin", aliases=("来历",)),
    TargetColumn("meaning", aliases=("含义",)),
    TargetColumn("heritage", aliases=("保护类别",)),
    TargetColumn("aliases", aliases=("别名", "曾用名", "alt_name")),
)
OSM_SUFFIXES: Final = (".pbf", ".osm")
AT_ONCE: Final = 4000
"""Rows in memory at a time, whatever the file holds."""


@dataclass(frozen=True, slots=True)
class NameTerms:
    """On what terms a file of names is taken; `unit` is the unit of names whose ground lies in none on record."""

    layer: str | None = None
    crs: str | None = None
    mapping: Mapping[str, str] = field(default_factory=dict)
    kind: NameKind | None = None
    unit: str | None = None
    valid_from: date | None = None
    source: str | None = None
    dry_run: bool = False


@dataclass(slots=True)
class ImportedNames:
    """What became of a file: rows read, names begun, names known already, roads without a name, rejects."""

    rows: int = 0
    begun: int = 0
    unchanged: int = 0
    unnamed: int = 0
    written: bool = False
    source_crs: str = ""
    mapping: Mapping[str, str] = field(default_factory=dict)
    rejects: RejectLog = field(default_factory=RejectLog)


@dataclass(slots=True)
class Piece:
    """One row of the file: its number, its name as names are compared, what it says, where it is in EPSG:4490.

    `unit` is the district or county that holds it, and the city that names it.
    """

    row: int
    name: str
    said: Mapping[str, str | None]
    ground: BaseGeometry
    original: bytes | None
    unit: tuple[str, str] | None = None

    def says(self, name: str) -> str:
        """Return what the row says under a column; empty where it says nothing."""
        return (self.said.get(name) or "").strip()


@dataclass(frozen=True, slots=True)
class Read:
    """Some rows of the file, and the share of it that is read with them; None where the file does not say how long it is.

    `rejects` are rows among them whose place could not be read.
    """

    pieces: list[Piece]
    share: float | None = None
    rejects: list[Reject] = field(default_factory=list)


def pieces_of(path: Path, terms: NameTerms, done: ImportedNames) -> Iterator[Read]:
    """Give the rows of a file of any exchange format, or the roads of an OpenStreetMap extract, some at a time."""
    return _osm(path, terms, done) if path.name.lower().endswith(OSM_SUFFIXES) else _read(path, terms, done)


def _read(path: Path, terms: NameTerms, done: ImportedNames) -> Iterator[Read]:
    reading_terms = Terms(TARGETS, terms.mapping, (*LINES, *POINTS, *AREAS))
    with open_features(
        path, layer=terms.layer, crs=terms.crs, terms=reading_terms, batch_size=AT_ONCE
    ) as reading:
        done.source_crs, done.mapping = reading.crs.text, reading.mapping
        for batch in reading.batches():
            done.rows += len(batch) + len(batch.rejects)
            columns = {name: _list(column) for name, column in batch.columns.items()}
            said = [
                dict(zip(columns, values, strict=True)) for values in zip(*columns.values(), strict=True)
            ] or [{} for _ in batch.rows]
            names = [normalise(name or "") for name in columns.get("name", [""] * len(said))]
            grounds, originals = batch.geometries.tolist(), _list(batch.original_wkb)
            pieces = list(map(Piece, batch.rows.tolist(), names, said, grounds, originals))
            count = reading.feature_count
            yield Read(pieces, min(reading.rows_read / count, 1.0) if count else None, batch.rejects)


def _list(column: Any) -> list[Any]:
    return list(column.to_pylist()) if isinstance(column, pa.Array | pa.ChunkedArray) else list(column)


def _osm(path: Path, terms: NameTerms, done: ImportedNames) -> Iterator[Read]:
    """Read the roads of an OpenStreetMap extract: ways with a highway class and their name."""
    done.mapping = {"name": "name", "road_class": "highway"}
    row = 0
    for lines in osm_lines(
        path,
        layer=terms.layer or "lines",
        columns=("name", "highway"),
        where="highway IS NOT NULL",
        at_once=AT_ONCE,
    ):
        chosen, _ = source_crs(lines.crs, terms.crs, file=path.name, bounds=None)
        done.source_crs = chosen.text
        originals = shapely.to_wkb(lines.geometry)
        said = zip(lines.columns["name"], lines.columns["highway"], strict=True)
        pieces = [
            Piece(
                row + place,
                normalise(name or ""),
                {"name": name, "road_class": kind},
                ground,
                bytes(original),
            )
            for place, (ground, original, (name, kind)) in enumerate(
                zip(chosen.to_storage(lines.geometry), originals, said, strict=True), start=1
            )
        ]
        row += len(pieces)
        done.rows = row
        yield Read(pieces)
