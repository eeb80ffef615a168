"""Annotated dependencies: who asks, and whether they may; the database checks once more.

What asks nothing of the database is a coroutine: a plain function would be sent to a thread and back.
"""

from collections.abc import Awaitable, Callable
from ipaddress import ip_address
from typing import Annotated, Final
from urllib.parse import urlsplit

from fastapi import Depends, Request, Response
from fastapi.concurrency import run_in_threadpool

from geo_service.auth.acting import act_as, coming_from
from geo_service.auth.attempts import Caller
from geo_service.auth.officer import EVERY_ACT, PUBLIC, Officer, Role, Scope
from geo_service.auth.refusals import Forbidden, OriginRefused, SignInRequired
from geo_service.auth.sessions import officer_of_session
from geo_service.auth.tokens import officer_of_token
from geo_service.db import DbSession

COOKIE: Final = "geo_session"
SAFE_METHODS: Final = {"GET", "HEAD", "OPTIONS"}


def caller_of(request: Request) -> Caller:
    """Return where a request came from; trusted proxies have been believed already."""
    host = request.client.host if request.client else ""
    try:
        address = str(ip_address(host))
    except ValueError:
        address = None
    return Caller(address, request.headers.get("user-agent"))


def refuse_foreign_origin(request: Request) -> None:
    """Raise `OriginRefused` for a change that a browser sends from another site's page.

    A browser names the page's origin with every change. Programs name none, and carry no cookie.
    """
    origin = request.headers.get("origin")
    if request.headers.get("sec-fetch-site") in {"cross-site", "same-site"}:
        raise OriginRefused(origin=origin)
    if origin is not None and urlsplit(origin).netloc != request.url.netloc:
        raise OriginRefused(origin=origin)


def whoever(request: Request, session: DbSession) -> Officer:
    """Return who asks, the public when nobody is signed in, and tell the database.

    Raises `SignInRequired` for a token that does not hold, and `OriginRefused`.
    """
    settings = request.app.state.settings
    officer: Officer | None = None
    kind, _, secret = request.headers.get("authorization", "").partition(" ")
    if kind.lower() == "bearer":
        officer = officer_of_token(session, secret.strip(), settings)
        if officer is None:
            raise SignInRequired
    else:
        if request.method not in SAFE_METHODS:
            refuse_foreign_origin(request)
        if cookie := request.cookies.get(COOKIE):
            officer = officer_of_session(session, cookie, settings)
    officer = officer or PUBLIC
    if officer is PUBLIC and request.method in SAFE_METHODS:
        return officer  # a transaction that nobody set is the public's, and a read leaves no entry
    act_as(session, officer)
    coming_from(session, caller_of(request).address, getattr(request.state, "request_id", None))
    return officer


async def asking(request: Request, session: DbSession) -> Officer:
    """Return who asks, as `whoever`; a stranger who only reads is known without the database."""
    anonymous = "authorization" not in request.headers and COOKIE not in request.cookies
    if anonymous and request.method in SAFE_METHODS:
        return PUBLIC
    return await run_in_threadpool(whoever, request, session)


Whoever = Annotated[Officer, Depends(asking)]


async def signed_in(officer: Whoever) -> Officer:
    """Return the signed-in officer, to whom something may be shown; raises `SignInRequired`."""
    if officer.id is None:
        raise SignInRequired
    return officer


SignedIn = Annotated[Officer, Depends(signed_in)]


async def changing(officer: SignedIn) -> Officer:
    """Return an officer of any role who may change something: by session, or a token that may write."""
    if Scope.WRITE not in officer.scopes:
        raise Forbidden(scope=Scope.WRITE.value)
    return officer


Changing = Annotated[Officer, Depends(changing)]


async def by_session(officer: SignedIn) -> Officer:
    """Return an officer who signed in himself: no token changes an account or makes tokens."""
    if officer.session_id is None:
        raise Forbidden(needed=["session"])
    return officer


BySession = Annotated[Officer, Depends(by_session)]


def holding(*roles: Role, scope: Scope = Scope.WRITE) -> Callable[[Officer], Awaitable[Officer]]:
    """Return a dependency that lets pass an officer with one of `roles`, by session or a token of `scope`.

    A token that may write may also do what `field` and `read` may; one for the field may read.
    """

    async def allowed(officer: SignedIn) -> Officer:
        return require_one_of(officer, *roles, scope=scope)

    return allowed


def require_one_of(officer: Officer, *roles: Role, scope: Scope = Scope.WRITE) -> Officer:
    """Return the officer when he holds one of `roles`, by session or a token of `scope`; raises `Forbidden`."""
    if not officer.holds(*roles) or not officer.scopes & WIDER[scope]:
        raise Forbidden(needed=sorted(roles), scope=scope.value)
    return officer


WIDER: Final = {
    Scope.READ: EVERY_ACT,
    Scope.FIELD: frozenset({Scope.FIELD, Scope.WRITE}),
    Scope.WRITE: frozenset({Scope.WRITE}),
}


async def administering(officer: BySession) -> Officer:
    """Return an administrator who signed in himself."""
    if not officer.holds(Role.ADMINISTRATOR):
        raise Forbidden(needed=[Role.ADMINISTRATOR.value])
    return officer


async def never_stored(response: Response) -> None:
    """Keep an answer about people out of every cache."""
    response.headers["Cache-Control"] = "no-store"


NeverStored: Final = Depends(never_stored)
BoundaryOfficer = Annotated[Officer, Depends(holding(Role.BOUNDARY))]
Surveyor = Annotated[Officer, Depends(holding(Role.SURVEYOR, Role.BOUNDARY, scope=Scope.FIELD))]
Planner = Annotated[Officer, Depends(holding(Role.PLANNER))]
NamingOfficer = Annotated[Officer, Depends(holding(Role.NAMING))]
CommitteeMember = Annotated[Officer, Depends(holding(Role.COMMITTEE, Role.NAMING))]
Auditor = Annotated[Officer, Depends(holding(Role.AUDITOR, Role.ADMINISTRATOR, scope=Scope.READ))]
Administrator = Annotated[Officer, Depends(administering)]
