"""A file of names read into pieces: one row each, with its ground in EPSG:4490; refuses to judge them."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path
from typing import Any, Final

import pyarrow as pa
import shapely
from shapely.geometry.base import BaseGeometry

from geo_service.exchange.crs import source_crs
from geo_service.exchange.feature_source import read_features
from geo_service.exchange.mapping import TargetColumn
from geo_service.exchange.reading import AREAS, LINES, POINTS, Terms, open_features
from geo_service.exchange.rejects import Reject
from layers.naming.model import NameKind

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
    rejects: list[Reject] = field(default_factory=list)


@dataclass(slots=True)
class Piece:
    """One row of the file: its number, what it says, where it is in EPSG:4490."""

    row: int
    said: Mapping[str, str | None]
    ground: BaseGeometry
    original: bytes | None
    units: Sequence[Mapping[str, str]] = ()

    def says(self, name: str) -> str:
        """Return what the row says under a column; empty where it says nothing."""
        return (self.said.get(name) or "").strip()


def pieces_of(path: Path, terms: NameTerms, done: ImportedNames) -> Iterator[Piece]:
    """Give the rows of a file of any exchange format, or the roads of an OpenStreetMap extract."""
    return _osm(path, terms, done) if path.name.lower().endswith(OSM_SUFFIXES) else _read(path, terms, done)


def _read(path: Path, terms: NameTerms, done: ImportedNames) -> Iterator[Piece]:
    reading_terms = Terms(TARGETS, terms.mapping, (*LINES, *POINTS, *AREAS))
    with open_features(path, layer=terms.layer, crs=terms.crs, terms=reading_terms) as reading:
        done.source_crs, done.mapping = reading.crs.text, reading.mapping
        for batch in reading.batches():
            done.rejects += batch.rejects
            columns = {name: _list(column) for name, column in batch.columns.items()}
            originals = _list(batch.original_wkb)
            for place, row in enumerate(batch.rows):
                said = {name: values[place] for name, values in columns.items()}
                yield Piece(int(row), said, batch.geometries[place], originals[place])


def _list(column: Any) -> list[Any]:
    return list(column.to_pylist()) if isinstance(column, pa.Array | pa.ChunkedArray) else list(column)


def _osm(path: Path, terms: NameTerms, done: ImportedNames) -> Iterator[Piece]:
    """Read the roads of an OpenStreetMap extract: ways with a highway class, their name, other names in the tags."""
    features = read_features(
        path,
        kinds=("LineString",),
        layer=terms.layer or "lines",
        columns=["name", "highway"],
        where="highway IS NOT NULL",
    )
    stated = None if features.crs is None else f"EPSG:{features.crs.to_epsg()}"
    chosen, _ = source_crs(stated, terms.crs, file=path.name, bounds=None)
    done.source_crs, done.mapping = chosen.text, {"name": "name", "road_class": "highway"}
    stored = chosen.to_storage(features.geometry)
    originals = shapely.to_wkb(features.geometry)
    for place, ground in enumerate(stored):
        said = {"name": features.columns["name"][place], "road_class": features.columns["highway"][place]}
        yield Piece(place + 1, said, ground, bytes(originals[place]))
