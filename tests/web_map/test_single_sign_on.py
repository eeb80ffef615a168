"""Single sign-on with a real browser, a real provider and the service behind a socket: there, back, and signed in."""

from collections.abc import Callable, Iterator

import pytest
from playwright.sync_api import Browser, Page, expect
from pydantic import SecretStr
from sqlalchemy import update

from geo_service.app import create_app
from geo_service.auth.officer import Role
from geo_service.auth.tables import OfficerRow
from geo_service.db import Database
from geo_service.settings import Settings
from tests.geo_service.documents.listening import listening
from tests.openid_provider import CLIENT_ID, CLIENT_SECRET, Provider, run_provider
from tests.people import operator, put_officer

pytestmark = [pytest.mark.browser, pytest.mark.database]


@pytest.fixture(scope="module")
def people(office_settings: Settings, new_database: Callable[[str], str]) -> Iterator[Database]:
    """A database of its own for who comes in this way."""
    database = Database(new_database("geo_single_sign_on"), office_settings)
    yield database
    database.dispose()


@pytest.fixture(scope="module")
def served(people: Database, office_settings: Settings) -> Iterator[tuple[str, Provider]]:
    """The service's address, and the provider that it knows."""
    callbacks: list[str] = []
    running = run_provider(callbacks)
    named = {
        "database_url": people.url,
        "oidc_issuer": running.provider.issuer,
        "oidc_client_id": CLIENT_ID,
        "oidc_client_secret": SecretStr(CLIENT_SECRET),
    }
    app = create_app(office_settings.model_copy(update=named))
    with listening(app) as (host, port):
        callbacks.append(f"http://{host}:{port}/api/session/oidc/callback")
        yield f"http://{host}:{port}", running.provider
    app.state.database.dispose()
    running.stop()


@pytest.fixture
def page(browser: Browser) -> Iterator[Page]:
    context = browser.new_context(locale="zh-CN")
    yield context.new_page()
    context.close()


def at_the_door(page: Page, address: str) -> None:
    page.goto(f"{address}/sign-in?next=/account")
    page.get_by_role("link", name="通过本单位统一认证登录").click()


def test_an_officer_goes_to_the_provider_and_comes_back_signed_in(
    page: Page, served: tuple[str, Provider], people: Database, fresh: str
) -> None:
    address, provider = served
    with operator(people) as session:
        row = put_officer(session, fresh, Role.NAMING)
        linked = update(OfficerRow).where(OfficerRow.id == row.id).values(oidc_username=f"{fresh}@office")
        session.execute(linked)
    provider.signs_in = {"sub": f"subject-of-{fresh}", "preferred_username": f"{fresh}@office"}
    visited: list[str] = []
    page.on("request", lambda request: visited.append(request.url))
    at_the_door(page, address)
    page.wait_for_url(f"{address}/account")
    expect(page.locator("main")).to_contain_text(fresh)
    assert any(url.startswith(provider.issuer) for url in visited)
    told = page.context.request.get(f"{address}/api/session").json()
    assert (told["username"], told["has_password"]) == (fresh, True)
    (cookie,) = [each for each in page.context.cookies() if each["name"] == "geo_session"]
    assert (cookie["httpOnly"], cookie["sameSite"]) == (True, "Lax")


def test_somebody_whom_the_office_does_not_know_is_told_so(
    page: Page, served: tuple[str, Provider], fresh: str
) -> None:
    address, provider = served
    provider.signs_in = {"sub": f"subject-of-{fresh}", "preferred_username": f"{fresh}@elsewhere"}
    at_the_door(page, address)
    page.wait_for_url(f"{address}/sign-in**")
    expect(page.get_by_role("alert")).to_contain_text("统一认证未通过")
    assert page.context.request.get(f"{address}/api/session").json() == {"signed_in": False}
