"""Lists and tiles asked in their ordinary form, answered without the machinery that forms need.

A map asks a few routes thousands of times; working out their dependencies takes longer there than the database.
What is asked in any other way, and whatever is wrong with it, is left to the documented route of the same path:
the function that answers is the same, so are its answers.
"""

import re
from collections.abc import Callable, Mapping
from contextlib import AbstractContextManager
from datetime import date
from typing import Any, Final
from urllib.parse import parse_qsl

from fastapi import FastAPI
from fastapi.responses import Response
from starlette.requests import Request
from starlette.routing import Match, Route
from starlette.types import Scope

from geo_service.db import Database
from geo_service.paging import MOST, read_bbox, read_cursor, today
from geo_service.reading import Reading
from geo_service.routes import boundaries, tiles
from layers.errors import InvalidInput

DAY: Final = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")
NUMBER: Final = re.compile(r"[0-9]{1,7}")


def _day(written: str) -> date:
    if not DAY.fullmatch(written):
        raise ValueError(written)
    return date.fromisoformat(written)


def _number(written: str) -> int:
    if not NUMBER.fullmatch(written):
        raise ValueError(written)
    return int(written)


def _limit(written: str) -> int:
    if not 1 <= _number(written) <= MOST:
        raise ValueError(written)
    return int(written)


def _geometry(written: str) -> str:
    if written not in {"full", "none"}:
        raise ValueError(written)
    return written


Parameters = Mapping[str, tuple[str, Callable[[str], Any]]]
OF_LISTS: Final[Parameters] = {
    "as_of": ("as_of", _day),
    "bbox": ("bbox", read_bbox),
    "cursor": ("after", read_cursor),
    "limit": ("limit", _limit),
    "geometry": ("geometry", _geometry),
}
OF_TILES: Final[Parameters] = {"as_of": ("as_of", _day)}


class PlainRead(Route):
    """A GET that everybody may ask, whose query holds nothing but `parameters`, each at most once."""

    def __init__(
        self, path: str, answer: Callable[..., Response], parameters: Parameters, **unasked: Any
    ) -> None:
        def endpoint(request: Request) -> Response:
            with self._session(request.app.state.database) as session:
                return answer(request=request, session=session, **request.scope["plainly_asked"])

        super().__init__(path, endpoint, methods=["GET"], include_in_schema=False)
        self._parameters, self._unasked = parameters, unasked

    @staticmethod
    def _session(database: Database) -> AbstractContextManager[Reading]:
        return database.reading()

    def matches(self, scope: Scope) -> tuple[Match, Scope]:
        """Match what is asked plainly; an application with other dependencies answers by its routes."""
        if scope["type"] != "http" or scope["method"] != "GET" or scope["app"].dependency_overrides:
            return Match.NONE, {}
        match, child = super().matches(scope)
        if match is not Match.FULL:
            return Match.NONE, {}
        try:
            asked = self._read(scope["query_string"].decode("ascii"), child["path_params"])
        except (ValueError, InvalidInput):
            return Match.NONE, {}
        return match, {**child, "plainly_asked": asked, "route": self}

    def _read(self, query: str, path: Mapping[str, str]) -> dict[str, Any]:
        """Return the arguments of the answer; raises `ValueError` or `InvalidInput` for what is not plain."""
        asked = {"as_of": today(), **self._unasked, **path}
        given = parse_qsl(query, keep_blank_values=True, strict_parsing=True) if query else []
        if len(dict(given)) != len(given):
            raise ValueError(query)
        for name, written in given:
            if name not in self._parameters:
                raise ValueError(name)
            argument, read = self._parameters[name]
            asked[argument] = read(written)
        return asked


class PlainTile(PlainRead):
    """One tile of a layer that everybody sees; the asker may name the one he holds."""

    @staticmethod
    def _session(database: Database) -> AbstractContextManager[Reading]:
        return database.drawing()

    def matches(self, scope: Scope) -> tuple[Match, Scope]:
        """Match the tiles of a layer that everybody sees; those of markers are told by who asks."""
        match, child = super().matches(scope)
        if match is Match.FULL:
            held = dict(scope["headers"]).get(b"if-none-match")
            child["plainly_asked"]["if_none_match"] = None if held is None else held.decode("latin-1")
        return match, child

    def _read(self, query: str, path: Mapping[str, str]) -> dict[str, Any]:
        zoom, *place = (_number(path[axis]) for axis in ("z", "x", "y"))
        if path["layer"] not in tiles.MAKERS or zoom > tiles.MAX_ZOOM:
            raise ValueError(path)
        return super()._read(query, path) | dict(zip("zxy", (zoom, *place), strict=True))


def install(app: FastAPI) -> None:
    """Put the plain reads before the routes that also answer everything else."""
    absent = {"bbox": None, "after": None}
    app.router.routes[:0] = [
        PlainRead("/api/boundaries/units", boundaries.list_units, OF_LISTS, **absent),
        PlainRead("/api/boundaries/lines", boundaries.list_lines, OF_LISTS, **absent),
        PlainTile("/tiles/{layer}/{z}/{x}/{y}.mvt", tiles.get_tile, OF_TILES),
    ]
