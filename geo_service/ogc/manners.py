"""How the door behaves towards any client: HEAD and OPTIONS, readers from other sites, parameters that nothing knows."""

from collections.abc import Iterator
from typing import Any, Final

from fastapi import Request
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from geo_service.ogc.refusals import ParameterInvalid

METHODS: Final = b"GET, HEAD, OPTIONS"
OPEN: Final = [
    (b"access-control-allow-origin", b"*"),
    (b"access-control-expose-headers", b"Content-Crs, ETag"),
]
"""Scripts of other sites may read what a stranger may: with `*` no browser sends a cookie along."""
ALLOWED: Final = [
    *OPEN,
    (b"allow", METHODS),
    (b"access-control-allow-methods", METHODS),
    (b"access-control-allow-headers", b"Accept, Accept-Language, Authorization, If-None-Match"),
    (b"access-control-max-age", b"86400"),
]
OWN_PARAMETERS: Final = ("/items", "/{z}/{x}/{y}")
"""Routes where a parameter may name a property, which only the collection knows."""


class Manners:
    """ASGI middleware: HEAD is GET without the body, OPTIONS tells what is allowed, every answer may be read elsewhere."""

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer OPTIONS; pass the rest on."""
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        if scope["method"] == "OPTIONS":
            await send({"type": "http.response.start", "status": 204, "headers": ALLOWED})
            await send({"type": "http.response.body", "body": b""})
            return
        bodiless = scope["method"] == "HEAD"

        async def send_open(message: Message) -> None:
            if message["type"] == "http.response.start":
                message["headers"] = [*message["headers"], *OPEN]
            elif bodiless:
                message = {**message, "body": b""}
            await send(message)

        await self.app({**scope, "method": "GET"} if bodiless else scope, receive, send_open)


def only_known_parameters(request: Request) -> None:
    """Refuse a parameter that the route's description does not name. Raises `ParameterInvalid`."""
    route: Any = request.scope["route"]
    if any(part in route.path for part in OWN_PARAMETERS):
        return
    known = {"f", *_named(route.dependant)}
    for name, value in request.query_params.multi_items():
        if name not in known:
            raise ParameterInvalid(parameter=name[:100], given=value[:100], expected=", ".join(sorted(known)))


def _named(dependant: Any) -> Iterator[str]:
    """Return the parameters of a route and of what it depends on."""
    yield from (field.alias for field in dependant.query_params)
    for inner in dependant.dependencies:
        yield from _named(inner)
