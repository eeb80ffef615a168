import json
import os
import socket
import subprocess
import sys
import tempfile
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, expect, sync_playwright

from tests.web_map.field_app import FieldApp
from tests.web_map.line import Line
from tests.web_map.office_map import OfficeMap
from tests.web_map.pages import Office

ROOT = Path(__file__).parents[2]
READY_WITHIN_S = 240
CHROMIUM = "/usr/bin/chromium"
QUIET = (
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--no-first-run",
)
DESKTOP = {"width": 1366, "height": 800}
PHONE = {"width": 390, "height": 844}


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def _ready(address: str) -> bool:
    try:
        with urllib.request.urlopen(f"{address}/readyz", timeout=2) as answer:  # noqa: S310 -- loopback
            return answer.status == 200
    except (urllib.error.URLError, OSError):
        return False


@pytest.fixture(scope="session")
def live_server_home() -> Iterator[Path]:
    """The folder of the service that `live_server` starts; its data are in `data`."""
    with tempfile.TemporaryDirectory(prefix="geo-", ignore_cleanup_errors=True) as home:
        yield Path(home)


@pytest.fixture(scope="session")
def live_server(live_server_home: Path) -> Iterator[str]:
    """The service as a user starts it, on an embedded cluster of its own, with the demonstration data."""
    yield from _served(live_server_home)


def _served(home: Path) -> Iterator[str]:
    port = _free_port()
    address = f"http://127.0.0.1:{port}"
    environment = {name: value for name, value in os.environ.items() if not name.startswith("GEO_")}
    environment |= {"GEO_DATA_DIR": str(home / "data"), "GEO_LOG_FORMAT": "console"}
    environment["GEO_WEBHOOK_NETWORKS"] = '["127.0.0.0/8"]'  # receivers of these tests listen here
    log = (home / "log").open("w")
    command = [sys.executable, "-m", "geo_service", "demo", "--serve", "--port", str(port)]
    process = subprocess.Popen(command, cwd=ROOT, env=environment, stdout=log, stderr=subprocess.STDOUT)
    try:
        deadline = time.monotonic() + READY_WITHIN_S
        while not _ready(address):
            if process.poll() is not None or time.monotonic() > deadline:
                pytest.fail(f"the service did not start:\n{(home / 'log').read_text()[-3000:]}")
            time.sleep(0.1)
        yield address
    finally:
        process.terminate()
        process.wait(30)
        log.close()


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    if not Path(CHROMIUM).exists():
        pytest.skip("Chromium is not installed: apt-get install chromium")
    expect.set_options(timeout=20_000)  # a machine that does other work too is slow, not wrong
    with sync_playwright() as playwright:
        chromium = playwright.chromium.launch(executable_path=CHROMIUM, args=list(QUIET))
        yield chromium
        chromium.close()


@pytest.fixture(scope="session")
def own_phone(live_server: str, browser: Browser) -> Iterator[FieldApp]:
    """A surveyor's phone that has taken its work pack along, once for all tests."""
    app = FieldApp(browser, Line(live_server), []).sign_in().open().kept_offline().take_along()
    yield app
    app.context.close()
    app.line.close()


@pytest.fixture
def packed(own_phone: FieldApp) -> Iterator[FieldApp]:
    """The phone in the morning, ready for a day without signal; in the evening it has complained of nothing."""
    own_phone.faults.clear()
    yield own_phone.anew()
    assert own_phone.faults == []


def _watched(page: Page, faults: list[str], address: str) -> None:
    """Note every request that leaves the service and everything the page complains about."""

    def note_request(url: str) -> None:
        if not url.startswith((address, "data:", "blob:")):
            faults.append(f"request left the machine: {url}")

    page.on("request", lambda request: note_request(request.url))
    page.on("pageerror", lambda error: faults.append(f"error: {error}"))
    page.on("console", lambda message: faults.append(message.text) if message.type == "error" else None)


@pytest.fixture
def open_map(live_server: str, browser: Browser) -> Iterator["Opener"]:
    """Opens the office map; at the end no request has left the machine and no error was logged."""
    opener = Opener(live_server, browser)
    yield opener
    opener.close()
    assert opener.faults == []


@pytest.fixture
def office(live_server: str, browser: Browser) -> Iterator[Office]:
    """Opens the pages beside the map; at the end nothing has left the machine and no error was logged."""
    opened = Office(live_server, browser)
    yield opened
    opened.close()
    assert opened.faults == []


class Opener:
    def __init__(self, address: str, browser: Browser) -> None:
        self.address = address
        self.faults: list[str] = []
        self._browser = browser
        self._contexts = []

    def __call__(
        self, link: str = "", *, size: dict[str, int] = DESKTOP, settings: dict | None = None, **context
    ) -> OfficeMap:
        """Open the map at a permalink; `settings` are laid over what the service says of itself."""
        opened = self._browser.new_context(viewport=size, locale="zh-CN", **context)
        self._contexts.append(opened)
        page = opened.new_page()
        _watched(page, self.faults, self.address)
        if settings is not None:
            page.route("**/api/settings/public", lambda route: self._overlay(route, settings))
        page.goto(f"{self.address}/{link}")
        return OfficeMap(page)

    @staticmethod
    def _overlay(route, settings: dict) -> None:
        answer = route.fetch()
        route.fulfill(response=answer, body=json.dumps(answer.json() | settings))

    def close(self) -> None:
        for context in self._contexts:
            context.close()
