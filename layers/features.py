"""Pages of GeoJSON features, and tiles, encoded by the database (D4); refuses to know whose they are."""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from typing import Any, Final, Protocol

from sqlalchemy import TextClause, text

COUNT_CAP: Final = 10_000
DIGITS: Final = 7  # degrees to 1e-7: about a centimetre


class Reads(Protocol):
    """Whatever answers a statement: a session, or a connection that only reads."""

    def execute(self, statement: TextClause, values: Any = None, /) -> Any:
        """Answer a statement with its values; the result has `all`, `one` and `scalar_one`."""


@dataclass(frozen=True, slots=True)
class TileQuery:
    """A statement that answers a vector tile as one value of bytes, null where nothing lies in it."""

    statement: str
    values: Mapping[str, Any]


class Area(Protocol):
    """Where features are asked for."""

    def condition(self, column: str, sides: str | None = None) -> tuple[str, dict[str, Any]]:
        """Return the SQL condition that a column of geometry meets the area, and its parameters.

        `sides` names an array of unit codes that says besides whose a feature is.
        """


@dataclass(frozen=True, slots=True)
class Box:
    """A bounding box in degrees of EPSG:4490, lon first."""

    west: float
    south: float
    east: float
    north: float

    def condition(self, column: str, sides: str | None = None) -> tuple[str, dict[str, Any]]:  # noqa: ARG002
        """Return the SQL condition that `column` touches the box, and its parameters; a box asks nothing of `sides`."""
        return f"{column} && ST_MakeEnvelope(:west, :south, :east, :north, 4490)", {
            "west": self.west,
            "south": self.south,
            "east": self.east,
            "north": self.north,
        }


@dataclass(frozen=True, slots=True)
class Page:
    """One page of a list: features as GeoJSON text, how many match, and where the next page starts.

    `matched` is None where more match than are counted (`COUNT_CAP`) unless an exact count was asked.
    """

    features: str
    returned: int
    matched: int | None
    last_key: tuple[str, str] | None
    more: bool


@dataclass(frozen=True, slots=True)
class Listing:
    """What a list is made of: a table, the alias its SQL uses, the key that orders it, its properties.

    `key` is a text column; `id` of the table breaks ties, so that a cursor is stable while data change.
    `properties` are pairs for `json_build_object`, or with `as_row` the columns of a SELECT, which the database
    writes a fifth faster; `joins` names what they take from elsewhere.
    """

    table: str
    alias: str
    key: str
    properties: str
    order: str | None = None
    joins: str = ""
    as_row: bool = False

    @property
    def ordering(self) -> str:
        """What the list is ordered by: the key, unless an SQL expression of text says otherwise."""
        return self.order or f"{self.alias}.{self.key}"

    def feature(self, properties: str | None = None, *, with_geometry: bool = True) -> str:
        """Return the SQL expression of one feature as GeoJSON text."""
        alias = self.alias
        shape = (
            f"coalesce(ST_AsGeoJSON({alias}.geometry, {DIGITS}, 0), 'null')" if with_geometry else "'null'"
        )
        told = properties or self.properties
        written = (
            f"row_to_json((SELECT told FROM (SELECT {told}) told))"
            if self.as_row
            else f"json_build_object({told})"
        )
        return (
            f'\'{{"type":"Feature","id":\' || to_json({alias}.{self.key})::text || \',"geometry":\' || {shape} || '
            f"',\"properties\":' || {written}::text || '}}'"
        )

    def page(
        self,
        session: Reads,
        *,
        where: str,
        values: Mapping[str, Any],
        limit: int = 100,
        after: tuple[str, str] | None = None,
        with_geometry: bool = True,
        exact_count: bool = False,
    ) -> Page:
        """Return the page after the key `after`; the rows are chosen before any is encoded."""
        alias, order = self.alias, self.ordering
        keyset = "" if after is None else f"AND ({order}, {alias}.id) > (:after_key, CAST(:after_id AS uuid))"
        bound = dict(values, limit=limit + 1)
        if after is not None:
            bound |= {"after_key": after[0], "after_id": after[1]}
        statement = (
            f"SELECT {order}, {alias}.id::text, {self.feature(with_geometry=with_geometry)}, "
            f"({self._count(where, exact=exact_count)}) "
            f"FROM (SELECT * FROM {self.table} {alias} WHERE {where} {keyset} "
            f"ORDER BY {order}, {alias}.id LIMIT :limit) {alias} {self.joins} ORDER BY {order}, {alias}.id"
        )
        rows = session.execute(prepared(statement), bound).all()
        shown = rows[:limit]
        counted = int(rows[0][3]) if rows else 0
        matched = counted if exact_count or counted <= COUNT_CAP else None
        last = (shown[-1][0], shown[-1][1]) if shown else None
        features = ",".join([row[2] for row in shown])
        return Page(features, len(shown), matched, last, more=len(rows) > limit)

    def _count(self, where: str, *, exact: bool) -> str:
        """Return the SQL of the count, in one statement with the page: one way to the database and back."""
        cap = "" if exact else f"LIMIT {COUNT_CAP + 1}"
        return f"SELECT count(*) FROM (SELECT 1 FROM {self.table} {self.alias} WHERE {where} {cap}) counted"


@lru_cache(maxsize=512)
def prepared(statement: str) -> TextClause:
    """Return a statement as SQLAlchemy has it; the same text is parsed for its parameters once."""
    return text(statement)
