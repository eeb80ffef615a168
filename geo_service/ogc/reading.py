"""Items and tiles, encoded by the database (D4); pages go on from a key, so they are stable while data change."""

import base64
import json
from dataclasses import dataclass
from typing import Any, Final
from uuid import UUID

from geo_service.ogc.asking import Asked
from geo_service.ogc.collections import KINDS, Asks, quoted
from geo_service.ogc.cql import Kind, Term
from geo_service.ogc.cql.terms import BIGINT
from geo_service.ogc.matrices import Frame
from geo_service.ogc.refusals import ParameterInvalid

COUNT_CAP: Final = 200_000
"""Counting more would take longer than the page itself."""
TILE_ITEMS: Final = 20_000
TILE_SHAPE: Final = "geometry in the tile"  # a column of the same name would be meant in its place
EXTENT: Final = 4096
BUFFER: Final = 64


@dataclass(frozen=True, slots=True)
class Items:
    """One page: features as GeoJSON text, how many match (None: more than are counted), and where the next begins."""

    features: list[str]
    matched: int | None
    following: str | None


@dataclass(frozen=True, slots=True)
class Cursor:
    """Where a page begins: the values of the last item before it, and what was counted on the first page."""

    values: list[str | None]
    matched: int | None

    def written(self) -> str:
        """Return the cursor as an address carries it."""
        plain = json.dumps([self.values, self.matched], ensure_ascii=False, separators=(",", ":"))
        return base64.urlsafe_b64encode(plain.encode()).decode().rstrip("=")

    @classmethod
    def read(cls, written: str, length: int) -> "Cursor":
        """Return the cursor of a `next` link. Raises `ParameterInvalid` for any other text."""
        try:
            values, matched = json.loads(base64.urlsafe_b64decode(written.encode("ascii") + b"=="))
            made = cls(list(values), None if matched is None else int(matched))
        except (ValueError, TypeError):
            made = cls([], None)
        if len(made.values) != length or not all(
            value is None or isinstance(value, str) for value in made.values
        ):
            expected = "the cursor of a `next` link"
            raise ParameterInvalid(parameter="cursor", given=written[:200], expected=expected)
        return made


def read_items(reading: Asks, asked: Asked, *, limit: int, cursor: str | None) -> Items:
    """Return a page of at most `limit` items; what matches is counted once, with the first page."""
    after = None if cursor is None else Cursor.read(cursor, len(asked.order))
    source = f"{asked.collection.source} s"
    counted = "NULL" if after else _counted(asked, source)
    where = asked.where if after is None else f"{asked.where} AND {_after(asked, after.values)}"
    order = ", ".join(f"{_sorted(term)} {'DESC' if down else 'ASC'} NULLS LAST" for term, down in asked.order)
    keys = ", ".join(f"CAST({term.sql} AS text)" for term, _ in asked.order)
    statement = (
        f"SELECT {feature(asked)}, {counted}, {keys} FROM (SELECT s.* FROM {source} WHERE {where} ORDER BY {order} "
        f"LIMIT {int(limit) + 1}) s ORDER BY {order}"
    )
    rows = reading.rows(statement, asked.values)
    matched = after.matched if after else _known(rows[0][1] if rows else 0)
    shown = rows[:limit]
    following = Cursor(list(shown[-1][2:]), matched).written() if len(rows) > limit and shown else None
    return Items([row[0] for row in shown], matched, following)


def _counted(asked: Asked, source: str) -> str:
    """Return the SQL of the count, in one statement with the page: one way to the database and back."""
    return f"(SELECT count(*) FROM (SELECT 1 FROM {source} WHERE {asked.where} LIMIT {COUNT_CAP + 1}) c)"


def _known(counted: int) -> int | None:
    return None if counted > COUNT_CAP else counted


def _sorted(term: Term) -> str:
    return f'{term.sql} COLLATE "C"' if term.kind is Kind.TEXT else term.sql


def _after(asked: Asked, values: list[str | None]) -> str:
    """Return the condition that a row comes after one with these values; absent values come last.

    The key is never absent, and compared plainly: only so does its index lead to the page, however far it lies.
    """
    question = asked.question(asked.crs)
    *order, (key, _) = asked.order
    if values[-1] is None:
        return "false"
    condition = f"{key.sql} > {question.bound(values[-1], asked.collection.key.type)}"
    types = {Kind.TEXT: "text", Kind.NUMBER: "numeric", Kind.BOOLEAN: "boolean", Kind.DATE: "date",
             Kind.TIMESTAMP: "timestamptz", Kind.TEXTS: "text[]", Kind.NUMBERS: "double precision[]"}  # fmt: skip
    for (term, down), value in reversed(list(zip(order, values[:-1], strict=True))):
        if value is None:
            condition = f"({term.sql} IS NULL AND {condition})"
            continue
        bound = question.bound(value, types[term.kind])
        text = ' COLLATE "C"' if term.kind is Kind.TEXT else ""
        beyond = f"{term.sql}{text} {'<' if down else '>'} {bound}{text}"
        condition = f"({beyond} OR {term.sql} IS NULL OR ({term.sql} = {bound} AND {condition}))"
    return condition


def feature(asked: Asked) -> str:
    """Return the SQL expression of one item as GeoJSON text."""
    collection = asked.collection
    shape = "'null'"
    if collection.geometry_column is not None:
        moved = asked.crs.shown(f"s.{quoted(collection.geometry_column.name)}")
        shape = f"coalesce(ST_AsGeoJSON({moved}, {asked.crs.digits(collection.digits)}, 0), 'null')"
    named = ", ".join(f"s.{quoted(name)}" for name in asked.shown)
    properties = f"(SELECT to_json(p)::text FROM (SELECT {named}) p)" if named else "'{}'"
    key = f"s.{quoted(collection.key.name)}"
    return (
        f'\'{{"type":"Feature","id":\' || to_json({key})::text || \',"geometry":\' || {shape} || '
        f"',\"properties\":' || {properties} || '}}'"
    )


def read_item(reading: Asks, asked: Asked, item: str) -> str | None:
    """Return one item as GeoJSON text, None where there is none."""
    key = asked.collection.key
    if not _may_be(key.type, item):
        return None
    asked.values["item"] = item
    statement = f"SELECT {feature(asked)} FROM {asked.collection.source} s WHERE s.{quoted(key.name)} = CAST(%(item)s AS {key.type})"
    rows = reading.rows(statement, asked.values)
    return rows[0][0] if rows else None


def _may_be(kind: str, item: str) -> bool:
    """Say whether a text can be a key of that type at all."""
    try:
        return bool(UUID(item)) if kind == "uuid" else -BIGINT <= int(item) < BIGINT
    except ValueError:
        return False


def tile_statement(asked: Asked, frame: Frame) -> tuple[str, dict[str, Any]]:
    """Return what makes a vector tile of the items that it touches, thinned to what it can show, and its values.

    Shapes are thinned in degrees, before they are projected: most of their points need never be.
    """
    collection = asked.collection
    srid, degrees = frame.srid, frame.srid in {4326, 4490}
    shape = f"s.{quoted(collection.geometry_column.name)}" if collection.geometry_column else "NULL"
    thinned = f"ST_Simplify({shape}, %(thinned)s, true)"
    moved = f"ST_SetSRID({thinned}, {srid})" if degrees else f"ST_Transform({thinned}, {srid})"
    reach = "ST_SetSRID(reach, 4490)" if degrees else "ST_Transform(reach, 4490)"
    named = [_told(collection, name) for name in asked.shown]
    if "id" not in asked.shown:
        named.insert(0, f"CAST(s.{quoted(collection.key.name)} AS text) AS id")
    statement = (
        f"WITH tile AS MATERIALIZED (SELECT box, {reach} AS reach FROM (SELECT box, ST_Expand(box, %(margin)s) AS reach FROM "
        f"(SELECT ST_MakeEnvelope(%(left)s, %(bottom)s, %(right)s, %(top)s, {srid}) AS box) b) r) "
        f"SELECT ST_AsMVT(t, %(name)s, {EXTENT}, '{TILE_SHAPE}') FROM (SELECT {', '.join(named)}, "
        f'ST_AsMVTGeom({moved}, tile.box, {EXTENT}, {BUFFER}, true) AS "{TILE_SHAPE}" '
        f"FROM {collection.source} s, tile WHERE {shape} && tile.reach AND {asked.where} LIMIT {TILE_ITEMS}) t "
        f'WHERE t."{TILE_SHAPE}" IS NOT NULL'
    )
    framed = {
        "left": frame.left,
        "bottom": frame.top - frame.size,
        "right": frame.left + frame.size,
        "top": frame.top,
        "margin": frame.size * BUFFER / EXTENT,
        "thinned": frame.degrees / EXTENT,
        "name": collection.id,
    }
    return statement, asked.values | framed


def _told(collection: Any, name: str) -> str:
    """Return a property as a tile can carry it: numbers, words, yes and no."""
    column = collection.get_column(name)
    kind = KINDS.get(column.type, Kind.OTHER)
    plain = kind in {Kind.TEXT, Kind.NUMBER, Kind.BOOLEAN} and column.type not in {"uuid", "numeric"}
    return f"s.{quoted(name)}" if plain else f"CAST(s.{quoted(name)} AS text) AS {quoted(name)}"
