"""How large a request may be; refuses the rest while it comes in. Uploads have limits of their own."""

import re
from typing import Final

from starlette.exceptions import HTTPException
from starlette.types import ASGIApp, Message, Receive, Scope, Send

MOST_BYTES: Final = 32 * 1024**2
"""A change of units with full outlines of a province is about 10 MB of JSON."""
STREAMED: Final = re.compile(
    r"POST /api/(?:documents|sensors/messages|reference-layers/uploads)|PUT /api/photos/[^/]+"
)
"""The acts that read their body piece by piece and count it themselves; what stands beside them does not."""


class BodyLimit:
    """ASGI middleware: a body over the limit ends in 413, whatever its declared length."""

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass the request on, its body counted."""
        if scope["type"] != "http" or STREAMED.fullmatch(f"{scope['method']} {scope['path']}"):
            await self.app(scope, receive, send)
            return
        taken = 0

        async def receive_counted() -> Message:
            nonlocal taken
            message = await receive()
            taken += len(message.get("body", b""))
            if taken > MOST_BYTES:
                raise HTTPException(413)
            return message

        await self.app(scope, receive_counted, send)
