"""What is published: the office's own collections and layers for reference, as tipg knows a collection."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any, Final, Protocol

from tipg.collections import Column, PgCollection
from tipg.model import Extent

from geo_service.ogc.cql import Kind, Term
from layers.geodesy import STORAGE_SRID

SCHEMA: Final = "published"
REFERENCE_SCHEMA: Final = "reference"


@dataclass(frozen=True, slots=True)
class Own:
    """A view of `published`: the layers whose data version it changes with, and from when until when a row holds.

    Where rows have an `until`, a question that names no time is asked of today. `examples` are filters in CQL2 text, to
    begin with.
    """

    changes_with: tuple[str, ...]
    since: str | None = None
    until: str | None = None
    examples: tuple[str, ...] = ()


OWN: Final[Mapping[str, Own]] = {
    "units": Own(
        ("units",), "valid_from", "valid_to",
        ("level = 'county'", "name LIKE '海%'", "S_INTERSECTS(geometry, BBOX(110.2,19.9,110.5,20.1))"),
    ),
    "lines": Own(
        ("lines",), "valid_from", "valid_to",
        ("length_m > 50000", "level = 'county' AND disputed = FALSE", "A_CONTAINS(unit_codes, ('460106'))"),
    ),
    "tripoints": Own(("lines",), "valid_from", "valid_to", ("A_CONTAINS(unit_codes, ('460106'))",)),
    "markers": Own(
        ("markers",), "valid_from", "valid_to",
        ("colour <> 'green'", "last_inspected_on < DATE('2026-01-01')", "case_stage <> 'none'"),
    ),
    "names": Own(
        ("names",), "valid_from",
        examples=("generic = '路'", "CASEI(pinyin_plain) LIKE CASEI('haixiu%')", "name LIKE '%大道'"),
    ),
    "signs": Own(("names", "signs"), examples=("colour = 'green'", "name LIKE '%大道'")),
    "hubs": Own(("hubs",), "opened_on", examples=("status = 'existing'", "capacity >= 5000")),
    "coverage": Own(("hubs",), examples=("S_INTERSECTS(geometry, POINT(110.33 20.03))",)),
}  # fmt: skip

KINDS: Final[Mapping[str, Kind]] = {
    "text": Kind.TEXT,
    "uuid": Kind.TEXT,
    "smallint": Kind.NUMBER,
    "integer": Kind.NUMBER,
    "bigint": Kind.NUMBER,
    "numeric": Kind.NUMBER,
    "real": Kind.NUMBER,
    "double precision": Kind.NUMBER,
    "boolean": Kind.BOOLEAN,
    "date": Kind.DATE,
    "timestamp with time zone": Kind.TIMESTAMP,
    "geometry": Kind.GEOMETRY,
    "text[]": Kind.TEXTS,
    "double precision[]": Kind.NUMBERS,
}
SCHEMAS: Final[Mapping[Kind, Mapping[str, str]]] = {
    Kind.TEXT: {"type": "string"},
    Kind.NUMBER: {"type": "number"},
    Kind.BOOLEAN: {"type": "boolean"},
    Kind.DATE: {"type": "string", "format": "date"},
    Kind.TIMESTAMP: {"type": "string", "format": "date-time"},
    Kind.TEXTS: {"type": "array"},
    Kind.NUMBERS: {"type": "array"},
    Kind.OTHER: {"type": "object"},
}
WHOLE: Final = frozenset({"smallint", "integer", "bigint"})
GEOMETRY_FORMATS: Final = {
    "POINT": "geometry-point",
    "MULTIPOINT": "geometry-multipoint",
    "LINESTRING": "geometry-linestring",
    "MULTILINESTRING": "geometry-multilinestring",
    "POLYGON": "geometry-polygon",
    "MULTIPOLYGON": "geometry-multipolygon",
}


def quoted(name: str) -> str:
    """Return a name as an SQL identifier, in a statement whose values are bound by `%`."""
    return '"' + name.replace('"', '""').replace("%", "%%") + '"'


class Asks(Protocol):
    """Whatever answers a statement that is written as the driver wants it."""

    def rows(self, statement: str, values: Mapping[str, Any] | None = None) -> Sequence[tuple[Any, ...]]:
        """Return every row."""


class Published(PgCollection):
    """A collection behind the door. `own` is None for a layer for reference, `called` is its title; `known_extent` is filled when asked for."""

    own: Any = None
    known_extent: Any = None
    called: str | None = None
    digits: int = 9

    @property
    def extent(self) -> Extent | None:
        """Where and when its items lie."""
        return self.known_extent  # type: ignore[no-any-return]  # an Extent, or None

    @property
    def bounds(self) -> list[float]:
        """The box of its items; the whole world where that is not known."""
        if self.known_extent is None or self.known_extent.spatial is None:
            return [-180.0, -90.0, 180.0, 90.0]
        return list(self.known_extent.spatial.bbox[0])

    @property
    def source(self) -> str:
        """The view or table, as SQL."""
        return f"{quoted(self.dbschema)}.{quoted(self.table)}"

    @property
    def key(self) -> Column:
        """The column that tells items apart."""
        assert self.id_column is not None  # noqa: S101 -- every collection is made with one
        return self.id_column

    @property
    def shown(self) -> list[Column]:
        """The columns that are an item's properties."""
        return [
            column for column in self.properties if column.name != self.key.name and not column.is_geometry
        ]

    @cached_property
    def terms(self) -> Mapping[str, Term]:
        """What a filter may name; `geometry` is always the geometry unless a column has that name."""
        found = {}
        for column in self.properties:
            sql = f"s.{quoted(column.name)}"
            sql = f"CAST({sql} AS text)" if column.type == "uuid" else sql
            found[column.name] = Term(sql, KINDS.get(column.type, Kind.OTHER))
        if self.geometry_column is not None:
            found.setdefault("geometry", found[self.geometry_column.name])
        return found

    @property
    def queryables(self) -> dict[str, dict[str, str]]:
        """The properties as JSON Schema has them."""
        described = {}
        for column in self.properties:
            kind = KINDS.get(column.type, Kind.OTHER)
            if kind is Kind.GEOMETRY:
                form = GEOMETRY_FORMATS.get((column.geometry_type or "").upper(), "geometry-any")
                described[column.name] = {
                    "title": column.name,
                    "format": form,
                    "x-ogc-role": "primary-geometry",
                }
            else:
                described[column.name] = {"title": column.name, **SCHEMAS[kind]}
                if column.type in WHOLE:
                    described[column.name]["type"] = "integer"
        return described

    @property
    def since_column(self) -> str | None:
        """The column that `datetime` is asked of: from when a row holds, or the first time of a layer for reference."""
        if self.own is not None:
            return self.own.since  # type: ignore[no-any-return]  # of `Own`
        times = {Kind.DATE, Kind.TIMESTAMP}
        return next((column.name for column in self.shown if KINDS.get(column.type) in times), None)

    @property
    def examples(self) -> tuple[str, ...]:
        """Filters to begin with, in CQL2 text."""
        if self.own is not None:
            return self.own.examples  # type: ignore[no-any-return]  # of `Own`
        return tuple(
            f'"{name}" IS NOT NULL' for name in [column.name for column in self.shown][:1] if '"' not in name
        )

    @property
    def until_column(self) -> str | None:
        """The column that says until when a row holds, that day excluded; absent there means still."""
        return self.own.until if self.own is not None else None


COLUMNS: Final = """
SELECT c.relname, a.attname, format_type(a.atttypid, NULL), coalesce(nullif(postgis_typmod_type(a.atttypmod), ''), 'Geometry')
  FROM pg_attribute a JOIN pg_class c ON c.oid = a.attrelid JOIN pg_namespace n ON n.oid = c.relnamespace
 WHERE n.nspname = 'published' AND a.attnum > 0 AND NOT a.attisdropped ORDER BY c.relname, a.attnum
"""
LAYERS: Final = "SELECT name, table_name, key_column, geometry_column, geometry_type, columns, bbox, title FROM published.reference_layer ORDER BY name"


@dataclass(slots=True)
class Catalogue:
    """Every collection by name, as of one data version of the layers for reference."""

    version: int
    collections: dict[str, Published]
    extents: dict[str, tuple[tuple[int, ...], Extent | None]] = field(default_factory=dict)


def read_catalogue(reading: Asks, version: int) -> Catalogue:
    """Return what is published now."""
    columns: dict[str, list[Column]] = {}
    for view, name, kind, geometry_type in reading.rows(COLUMNS):
        columns.setdefault(view, []).append(_column(name, kind, geometry_type))
    found = {
        name: _made(name, columns[name], table=name, schema=SCHEMA, key="id", shape="geometry", own=own)
        for name, own in OWN.items()
    }
    for name, table, key, shape, shape_type, fields, bbox, title in reading.rows(LAYERS):
        made = [_column(each["name"], each["type"], "") for each in fields]
        whole = [_column(key, "bigint", ""), *made, _column(shape, "geometry", shape_type)]
        layer = _made(name, whole, table=table, schema=REFERENCE_SCHEMA, key=key, shape=shape, own=None)
        layer.digits, layer.called = 15, title
        if bbox:
            layer.known_extent = Extent(spatial={"bbox": [bbox]})
        found[name] = layer
    return Catalogue(version, found)


def _column(name: str, kind: str, geometry_type: str) -> Column:
    if kind != "geometry":
        return Column(name=name, type=kind)
    return Column(name=name, type=kind, geometry_type=geometry_type, srid=STORAGE_SRID)


def _made(
    name: str, columns: list[Column], *, table: str, schema: str, key: str, shape: str, own: Own | None
) -> Published:
    by_name = {column.name: column for column in columns}
    return Published(
        type="Table",
        id=name,
        table=table,
        schema=schema,
        table_columns=columns,
        properties=columns,
        id_column=by_name[key],
        geometry_column=by_name[shape],
        own=own,
    )
