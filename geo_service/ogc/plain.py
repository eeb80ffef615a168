"""Items and tiles without the machinery that forms need: their parameters are read by hand where all is in order.

What repeats a parameter, leaves one empty or holds no number where one belongs is left to the documented route of the same
path, which also says what is wrong with it. The functions that answer are the same, so are the answers.
"""

import re
from abc import abstractmethod
from collections.abc import Iterable, Mapping
from typing import Any, Final
from urllib.parse import parse_qsl

from fastapi import FastAPI
from starlette.datastructures import URLPath
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import BaseRoute, Match, NoMatchFound, Route
from starlette.types import Receive, Scope, Send

from geo_service.ogc.answers import PREFIX
from geo_service.ogc.features import CURSOR_LENGTH, MOST, PER_PAGE, items_answer, parameters
from geo_service.ogc.manners import Manners
from geo_service.ogc.matrices import frame_of
from geo_service.ogc.tiles import tile_answer

NUMBER: Final = re.compile(r"0|[1-9][0-9]{0,8}")
ABSENT: Final[Mapping[str, str | None]] = parameters()


class PlainQuestion(Route):
    """A GET at the address of a documented route of the door, answered as that route answers."""

    def __init__(self, door: FastAPI, documented: Route) -> None:
        path = f"{PREFIX}{documented.path}"
        super().__init__(path, self.answered, methods=["GET"], include_in_schema=False)
        self._door, self._documented = door, documented

    def matches(self, scope: Scope) -> tuple[Match, Scope]:
        """Match what is asked plainly; the rest is told by the documented route what is wrong with it."""
        match, child = super().matches(scope)
        if match is not Match.FULL:
            return Match.NONE, {}
        query = parse_qsl(scope["query_string"].decode("latin-1"), keep_blank_values=True)
        given = dict(query)
        if len(given) != len(query) or not all(given.values()):
            return Match.NONE, {}
        asked = self.read(given, child["path_params"], scope)
        if asked is None:
            return Match.NONE, {}
        asked["given"] = {name: given.get(name) for name in ABSENT}
        return match, {**child, "asked": asked, "app": self._door, "route": self._documented}

    async def answered(self, request: Request) -> Response:
        """Answer what `matches` has read."""
        return await self.answer(request, request.path_params["collectionId"], **request.scope["asked"])

    @abstractmethod
    def read(
        self, query: Mapping[str, str], path: Mapping[str, str], scope: Scope, /
    ) -> dict[str, Any] | None:
        """Return what is asked beside `given`, None where it is not plain."""

    @abstractmethod
    async def answer(self, request: Request, name: str, **asked: Any) -> Response:
        """Answer a question about the collection of that name."""


class PlainItems(PlainQuestion):
    """A page of items."""

    def read(
        self, query: Mapping[str, str], _path: Mapping[str, str], _scope: Scope, /
    ) -> dict[str, Any] | None:
        """Return the page asked for."""
        limit, cursor = query.get("limit", str(PER_PAGE)), query.get("cursor")
        if not NUMBER.fullmatch(limit) or not 1 <= int(limit) <= MOST or len(cursor or "") > CURSOR_LENGTH:
            return None
        return {"limit": int(limit), "cursor": cursor}

    async def answer(self, request: Request, name: str, **asked: Any) -> Response:
        """Return the page."""
        return await items_answer(request, name, **asked)


class PlainTile(PlainQuestion):
    """One tile; the asker may name the one he holds."""

    def read(
        self, _query: Mapping[str, str], path: Mapping[str, str], scope: Scope, /
    ) -> dict[str, Any] | None:
        """Return where the tile lies, and what the asker holds."""
        place = [path[axis] for axis in "zxy"]
        if not all(NUMBER.fullmatch(each) for each in place):
            return None
        frame = frame_of(path["tileMatrixSetId"], *(int(each) for each in place))
        if frame is None:
            return None
        held = dict(scope["headers"]).get(b"if-none-match")
        return {"frame": frame, "if_none_match": None if held is None else held.decode("latin-1")}

    async def answer(self, request: Request, name: str, **asked: Any) -> Response:
        """Return the tile."""
        return await tile_answer(request, name, **asked)


class PlainQuestions(BaseRoute):
    """Stands before the mounted door at its address, and takes what is asked plainly; the door answers everything else."""

    path = PREFIX

    def __init__(self, door: FastAPI, documented: Iterable[BaseRoute]) -> None:
        by_path = {route.path: route for route in documented if isinstance(route, Route)}
        self._questions: Final[tuple[PlainQuestion, ...]] = (
            PlainItems(door, by_path["/collections/{collectionId}/items"]),
            PlainTile(door, by_path["/collections/{collectionId}/tiles/{tileMatrixSetId}/{z}/{x}/{y}"]),
        )

    def matches(self, scope: Scope) -> tuple[Match, Scope]:
        """Match by the question that fits, which then answers."""
        if scope["type"] == "http" and scope["method"] == "GET":
            for question in self._questions:
                match, child = question.matches(scope)
                if match is Match.FULL:
                    return match, {**child, "plain_question": question}
        return Match.NONE, {}

    def url_path_for(self, name: str, /, **path_params: Any) -> URLPath:
        """Raise `NoMatchFound`: addresses are made from the documented routes."""
        raise NoMatchFound(name, path_params)

    async def handle(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Let the question that matched answer, with the door's manners."""
        await Manners(scope["plain_question"].handle)(scope, receive, send)
