"""Structured logs: one JSON object an event, with the request it belongs to."""

import json
import logging
import re
import sys
import time
from collections.abc import MutableMapping
from datetime import UTC, datetime
from typing import Any
from uuid import uuid4

import structlog
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from geo_service.metrics import observe_request

SECRET = re.compile(r"geo_[A-Za-z0-9_-]{20,}")
SAFE_ID = re.compile(r"[A-Za-z0-9._-]{1,64}")
MANY_LINES = {"exception", "stack"}
access = structlog.get_logger("access")
lines = logging.getLogger("access")


class Formatter(structlog.stdlib.ProcessorFormatter):
    """Writes what structlog hands over; a line that is whole already goes out as it is."""

    def format(self, record: logging.LogRecord) -> str:
        """Return the line of a record."""
        return str(record.msg) if isinstance(record, WholeLine) else super().format(record)


class WholeLine(logging.LogRecord):
    """A record whose message is the line itself: one a request, so it is not taken through every processor."""

    def __init__(self, line: str) -> None:
        super().__init__("access", logging.INFO, "", 0, line, None, None)


def configure(log_format: str) -> None:
    r"""Send every log line, the libraries' included, to standard error in `log_format`.

    Whatever is not seen is written out (`\x1b`), so that a line break, an escape sequence or a character that turns
    the writing direction, in a path or a header, forges no line and steers no terminal.
    """
    shared: list[Any] = [
        structlog.contextvars.merge_contextvars,
        structlog.processors.add_log_level,
        structlog.processors.TimeStamper(fmt="iso", utc=True),
        structlog.processors.StackInfoRenderer(),
        _show_all,
    ]
    json_lines = log_format == "json"
    if json_lines:
        shared.append(structlog.processors.format_exc_info)
    renderer: Any = (
        structlog.processors.JSONRenderer(ensure_ascii=False)
        if json_lines
        else structlog.dev.ConsoleRenderer()
    )
    structlog.configure(
        processors=[*shared, structlog.stdlib.ProcessorFormatter.wrap_for_formatter],
        logger_factory=structlog.stdlib.LoggerFactory(),
        cache_logger_on_first_use=True,
    )
    RequestLog.as_json = json_lines
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(
        Formatter(
            foreign_pre_chain=shared,
            processors=[structlog.stdlib.ProcessorFormatter.remove_processors_meta, renderer],
        )
    )
    logging.basicConfig(handlers=[handler], level=logging.INFO, force=True)
    for noisy in ("uvicorn.access", "httpx", "httpx2", "procrastinate"):
        logging.getLogger(noisy).setLevel(logging.WARNING)


def _show_all(_logger: Any, _method: str, event: MutableMapping[str, Any]) -> MutableMapping[str, Any]:
    return {
        key: _seen(value) if isinstance(value, str) and key not in MANY_LINES else value
        for key, value in event.items()
    }


def _seen(value: str) -> str:
    if value.isprintable():
        return value
    return "".join(
        sign if sign.isprintable() else sign.encode("unicode_escape").decode("ascii") for sign in value
    )


class RequestLog:
    """ASGI middleware: gives each request an id, a log line and a measurement."""

    as_json = True

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass the request on; the id is the client's `X-Request-ID` when that is plain."""
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        request_id = _request_id(scope)
        scope.setdefault("state", {})["request_id"] = request_id
        started = time.perf_counter()
        status = 500

        async def send_with_id(message: Message) -> None:
            nonlocal status
            if message["type"] == "http.response.start":
                status = message["status"]
                message["headers"] = [*message.get("headers", []), (b"x-request-id", request_id.encode())]
            await send(message)

        with structlog.contextvars.bound_contextvars(request_id=request_id):
            try:
                await self.app(scope, receive, send_with_id)
            finally:
                seconds = time.perf_counter() - started
                route = getattr(scope.get("route"), "path", "unmatched")
                observe_request(scope["method"], route, status, seconds)
                self._note(scope, request_id, status, round(seconds * 1000, 1))

    def _note(self, scope: Scope, request_id: str, status: int, ms: float) -> None:
        path = SECRET.sub("geo_…", scope["path"])  # a calendar address holds a secret, mistyped ones too
        told = {"method": scope["method"], "path": path, "status": status, "ms": ms}
        if not self.as_json:
            access.info("request", **told)
        elif lines.isEnabledFor(logging.INFO):
            told |= {
                "path": _seen(path),
                "event": "request",
                "request_id": request_id,
                "level": "info",
            }
            told["timestamp"] = datetime.now(UTC).isoformat().replace("+00:00", "Z")
            lines.handle(WholeLine(json.dumps(told, ensure_ascii=False)))


def _request_id(scope: Scope) -> str:
    for name, value in scope["headers"]:
        if name == b"x-request-id":
            given = value.decode("latin-1")
            return given if SAFE_ID.fullmatch(given) else uuid4().hex
    return uuid4().hex
