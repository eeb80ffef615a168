"""Sign in, sign out, who am I, and one's own account, over HTTP."""

from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Cookie, Query, Request, Response
from fastapi.responses import JSONResponse, RedirectResponse
from sqlalchemy.orm import Session

from geo_service import problems
from geo_service.auth.gate import COOKIE, BySession, NeverStored, SignedIn, Whoever, caller_of
from geo_service.auth.next_page import next_page
from geo_service.auth.officer import Officer
from geo_service.auth.provider import Provider
from geo_service.auth.refusals import (
    PasswordWrong,
    ProviderRefused,
    ProviderUnavailable,
    SessionNotFound,
    SignInRefused,
    TooManyAttempts,
)
from geo_service.auth.sessions import begin_session, end_session, own_sessions
from geo_service.auth.tables import SessionRow
from geo_service.db import DbSession
from geo_service.operations import accounts
from geo_service.schemas.people import (
    Account,
    AccountChange,
    Credentials,
    LinkUse,
    NotSignedIn,
    SignedInSession,
    SignedInSessions,
)

router = APIRouter(prefix="/api/session", tags=["people"], dependencies=[NeverStored])
PROVIDER_COOKIE = "geo_provider"
PROVIDER_PATH = "/api/session/oidc"
SIGN_IN_PAGE = "/sign-in"


def _keep(request: Request, response: Response, secret: str) -> None:
    response.set_cookie(
        COOKIE,
        secret,
        max_age=request.app.state.settings.session_absolute_hours * 3600,
        httponly=True,
        samesite="lax",
        secure=request.url.scheme == "https",
    )


def _account(session: Session, officer: Officer, *, going_to: str | None = None) -> Account:
    row = accounts.own_row(session, officer)
    begun = session.get(SessionRow, officer.session_id) if officer.session_id else None
    return Account(
        username=row.username,
        display_name=row.display_name,
        roles=sorted(officer.roles),
        jurisdictions=row.jurisdictions,
        language="en" if row.language == "en" else "zh-CN",
        demonstration=row.demonstration,
        has_password=row.password_hash is not None,
        scopes=sorted(officer.scopes),
        session_id=officer.session_id,
        expires_at=begun.expires_at if begun else None,
        next=going_to,
    )


@router.post("", response_model=Account)
def sign_in(
    request: Request, response: Response, session: DbSession, officer: Whoever, asked: Credentials
) -> Account | JSONResponse:
    """Sign in by name and password; the browser's earlier session ends."""
    going_to = next_page(asked.next)
    try:
        secret, begun = accounts.sign_in(
            session,
            asked.username,
            asked.password.get_secret_value(),
            caller=caller_of(request),
            settings=request.app.state.settings,
            replacing=officer,
        )
    except (SignInRefused, TooManyAttempts) as refusal:  # answered, not raised: the attempt is kept
        return problems.refusal(request, refusal)
    _keep(request, response, secret)
    return _account(session, begun, going_to=going_to)


@router.get("")
def who_am_i(session: DbSession, officer: Whoever) -> Account | NotSignedIn:
    """Say who is signed in."""
    return NotSignedIn() if officer.id is None else _account(session, officer)


@router.delete("", status_code=204)
def sign_out(response: Response, session: DbSession, officer: Whoever) -> None:
    """End this session; nothing happens when there is none."""
    if officer.session_id is not None:
        end_session(session, officer, officer.session_id)
    response.delete_cookie(COOKIE, httponly=True, samesite="lax")


@router.get("/list")
def list_sessions(request: Request, session: DbSession, officer: SignedIn) -> SignedInSessions:
    """List the browsers in which one is signed in."""
    rows = own_sessions(session, officer, request.app.state.settings)
    shown = [SignedInSession.model_validate(_shown(row)) for row in rows]
    for each in shown:
        each.current = each.id == officer.session_id
    return SignedInSessions(sessions=shown)


def _shown(row: SessionRow) -> dict[str, object]:
    names = ("id", "created_at", "last_seen_at", "expires_at", "user_agent")
    return {name: getattr(row, name) for name in names} | {"address": row.address and str(row.address)}


@router.delete("/{session_id}", status_code=204)
def end_one_session(session: DbSession, officer: BySession, session_id: UUID) -> None:
    """End one of one's own sessions."""
    if not end_session(session, officer, session_id):
        raise SessionNotFound(session=str(session_id))


@router.patch("/account", response_model=Account)
def change_account(
    request: Request, response: Response, session: DbSession, officer: BySession, asked: AccountChange
) -> Account | JSONResponse:
    """Change one's own name, language or password."""
    try:
        _, begun = accounts.change_account(
            session, officer, asked, caller=caller_of(request), settings=request.app.state.settings
        )
    except (PasswordWrong, TooManyAttempts) as refusal:  # as above
        return problems.refusal(request, refusal)
    if begun is not None:
        _keep(request, response, begun[0])
    return _account(session, begun[1] if begun else officer)


@router.post("/link")
def use_link(
    request: Request, response: Response, session: DbSession, officer: Whoever, asked: LinkUse
) -> Account:
    """Set a password by a one-time link, and sign in."""
    secret, begun = accounts.use_one_time_link(
        session,
        asked.secret.get_secret_value(),
        asked.password.get_secret_value(),
        caller=caller_of(request),
        settings=request.app.state.settings,
    )
    _keep(request, response, secret)
    return _account(session, begun)


@router.get("/oidc", response_class=RedirectResponse, status_code=302)
def leave_for_provider(
    request: Request,
    session: DbSession,
    officer: Whoever,
    going_to: Annotated[str | None, Query(alias="next")] = None,
) -> RedirectResponse:
    """Send the browser to the office's OpenID provider."""
    wanted = next_page(going_to)
    callback = str(request.url_for("return_from_provider"))
    departure = _provider(request).depart(session, redirect_uri=callback, next_page=wanted)
    response = RedirectResponse(departure.url, status_code=302)
    response.set_cookie(
        PROVIDER_COOKIE,
        departure.browser_secret,
        max_age=600,
        httponly=True,
        samesite="lax",
        secure=request.url.scheme == "https",
        path=PROVIDER_PATH,
    )
    return response


def _provider(request: Request) -> Provider:
    state = request.app.state
    if getattr(state, "provider", None) is None:
        state.provider = Provider(state.settings)
    provider: Provider = state.provider
    return provider


@router.get("/oidc/callback", response_class=RedirectResponse, status_code=303)
def return_from_provider(
    request: Request,
    session: DbSession,
    officer: Whoever,
    state: Annotated[str, Query(max_length=500)] = "",
    code: Annotated[str, Query(max_length=4000)] = "",
    browser_secret: Annotated[str, Cookie(alias=PROVIDER_COOKIE)] = "",
) -> RedirectResponse:
    """Take the browser back from the provider, signed in, or to the sign-in page with the reason."""
    try:
        row, going_to = _provider(request).arrive(
            session, state=state, code=code, browser_secret=browser_secret
        )
    except (ProviderRefused, ProviderUnavailable) as refusal:
        return _gone_to(f"{SIGN_IN_PAGE}#problem={refusal.code}")
    accounts.end_replaced(session, officer)
    secret, _ = begin_session(session, row, caller_of(request), request.app.state.settings, by="provider")
    response = _gone_to(going_to)
    _keep(request, response, secret)
    return response


def _gone_to(place: str) -> RedirectResponse:
    response = RedirectResponse(place, status_code=303)
    response.delete_cookie(PROVIDER_COOKIE, path=PROVIDER_PATH, httponly=True, samesite="lax")
    return response
