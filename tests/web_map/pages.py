"""The pages beside the map as an officer works them, for tests: opens them, signs in, watches for faults."""

import re
from pathlib import Path

import pytest
from playwright.sync_api import Browser, BrowserContext, Page, expect

AXE = Path(__file__).parents[2] / "node_modules" / "axe-core" / "axe.min.js"
SCREEN = {"width": 1366, "height": 800}


class Office:
    """Browsers on one service; every error and every request that leaves it is noted as a fault."""

    def __init__(self, address: str, browser: Browser) -> None:
        self.address = address
        self.faults: list[str] = []
        self._browser = browser
        self._contexts: list[BrowserContext] = []

    def open(
        self,
        path: str,
        *,
        signed_in: str | None = None,
        size: dict[str, int] = SCREEN,
        language: str | None = None,
    ) -> Page:
        """Open a page in a browser of its own, as a demonstration officer when one is named."""
        context = self._browser.new_context(viewport=size, locale="zh-CN", accept_downloads=True)
        context.set_default_timeout(10_000)
        self._contexts.append(context)
        if language:
            context.add_init_script(
                f"localStorage.getItem('language') ?? localStorage.setItem('language', '{language}')"
            )
        if signed_in:
            self.sign_in(context, signed_in)
        page = context.new_page()
        self._watch(page)
        page.goto(f"{self.address}/{path}")
        return page

    def sign_in(self, context: BrowserContext, username: str, password: str | None = None) -> None:
        credentials = {"username": username, "password": password or f"demo-{username}"}
        answer = context.request.post(f"{self.address}/api/session", data=credentials)
        assert answer.ok, answer.text()

    def _watch(self, page: Page) -> None:
        def note_request(url: str) -> None:
            if not url.startswith((self.address, "data:", "blob:")):
                self.faults.append(f"request left the service: {url}")

        page.on("request", lambda request: note_request(request.url))
        page.on("pageerror", lambda error: self.faults.append(f"error: {error}"))
        page.on(
            "console", lambda message: self.faults.append(message.text) if message.type == "error" else None
        )

    def forgive(self, status: int) -> None:
        """Forget that the browser itself logged refusals of one status, which the test was about."""
        self.faults = [fault for fault in self.faults if f"responded with a status of {status}" not in fault]

    def api(self, signed_in: str) -> "Api":
        """The API as an officer calls it from a browser of his own."""
        context = self._browser.new_context()
        self._contexts.append(context)
        self.sign_in(context, signed_in)
        return Api(self.address, context)

    def newcomer(self, username: str, *, roles: tuple[str, ...] = ("surveyor",), password: str = "") -> str:
        """Put an officer on record; gives his one-time link, or sets the password through it."""
        administrator = self.api("administrator")
        wanted = {"username": username, "display_name": f"测试{username}", "roles": roles}
        administrator.send("post", "api/officers", wanted | {"jurisdictions": ["460100"]})
        link = administrator.send("post", f"api/officers/{username}/link")["link"]
        if password:
            use = {"secret": link.split("link=")[1], "password": password}
            answer = self._browser.new_context().request.post(f"{self.address}/api/session/link", data=use)
            assert answer.ok, answer.text()
        return link.removeprefix("/")

    def close(self) -> None:
        for context in self._contexts:
            context.close()


class Api:
    def __init__(self, address: str, context: BrowserContext) -> None:
        self._address, self._request = address, context.request

    def send(self, method: str, path: str, body: dict | None = None, **headers: str) -> dict:
        """Send a request and give what it answers; refusals fail the test."""
        answer = self._request.fetch(f"{self._address}/{path}", method=method, data=body, headers=headers)
        assert answer.ok, answer.text()
        return answer.json() if answer.status != 204 else {}

    def get(self, path: str) -> dict:
        return self.send("get", path)


def end_session(page: Page) -> None:
    """End the page's session behind its back, as time does."""
    page.context.clear_cookies()


def refused(page: Page, form: str = "form") -> str:
    """What the page says of the last try."""
    told = page.locator(f"{form} .refused")
    expect(told).to_be_visible()
    return told.inner_text()


def told(page: Page, words: str | re.Pattern[str]) -> None:
    expect(page.locator("#told")).to_have_text(words)


def axe_violations(page: Page) -> list[str]:
    """What axe finds on the page as it stands, serious or moderate."""
    if not AXE.exists():
        pytest.skip("axe-core is not installed: npm ci")
    page.evaluate(AXE.read_text(encoding="utf-8"))
    found = page.evaluate("axe.run(document, {resultTypes: ['violations']}).then((r) => r.violations)")
    return [
        f"{rule['impact']} {rule['id']}: {node['target']} {node['html'][:160]}"
        for rule in found
        for node in rule["nodes"]
        if rule["impact"] in {"moderate", "serious", "critical"}
    ]


def fits(page: Page) -> bool:
    """Whether nothing stands out to the side of the screen."""
    return page.evaluate("document.documentElement.scrollWidth <= window.innerWidth")
