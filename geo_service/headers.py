"""Headers that keep a page to itself: no script, style or request from elsewhere."""

from functools import cache
from typing import Final

from starlette.types import ASGIApp, Message, Receive, Scope, Send

from web_map.pages import inline_script_sources

CONTENT_SECURITY_POLICY: Final = (
    "default-src 'self'; "
    "script-src 'self'; "
    "style-src 'self'; "
    "img-src 'self' data: blob:; "
    "connect-src 'self'; "
    "worker-src 'self'; "
    "object-src 'none'; "
    "base-uri 'none'; "
    "form-action 'self'; "
    "frame-ancestors 'none'"
)
PAGES: Final = ("index.html", "field/index.html", "naming/name.html")
"""Pages with an import map; those of a folder share theirs."""
FIXED: Final = (
    (b"x-content-type-options", b"nosniff"),
    (b"x-frame-options", b"DENY"),
    (b"referrer-policy", b"same-origin"),
    (b"permissions-policy", b"geolocation=(self), camera=(self), microphone=()"),
)


class SecurityHeaders:
    """ASGI middleware: a strict content policy, no sniffing, no framing, no referrer."""

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Add the headers to every answer that does not bring its own."""
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return

        async def send_guarded(message: Message) -> None:
            if message["type"] == "http.response.start":
                brought = {name.lower() for name, _ in message.get("headers", ())}
                own = ((b"content-security-policy", _policy_of(scope)), *FIXED)
                added = [header for header in own if header[0] not in brought]
                message["headers"] = [*message.get("headers", ()), *added]
            await send(message)

        await self.app(scope, receive, send_guarded)


def _policy_of(scope: Scope) -> bytes:
    return content_security_policy(scope).encode("latin-1")


def content_security_policy(scope: Scope) -> str:
    """Return the content policy; the office's own basemaps are added to what images may come from.

    The pages of the open door stand at many depths and say where the service begins by `<base>`.
    """
    policy = _policy(tuple(basemap.url for basemap in scope["app"].state.settings.basemaps))
    return policy.replace("base-uri 'none'", "base-uri 'self'") if "/ogc/" in scope["path"] else policy


@cache
def _policy(basemaps: tuple[str, ...]) -> str:
    origins = sorted({"/".join(url.split("/", 3)[:3]) for url in basemaps})
    remote = [origin.replace("{s}", "*") for origin in origins if origin.startswith("http")]
    inline = dict.fromkeys(source for page in PAGES for source in inline_script_sources(page))
    policy = CONTENT_SECURITY_POLICY.replace("script-src 'self'", " ".join(("script-src 'self'", *inline)))
    return policy.replace("data: blob:", " ".join(("data:", "blob:", *remote)))
