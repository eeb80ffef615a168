"""What Lighthouse says of the field app, and what its first load costs."""

import json
import os
import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, expect

from tests.conftest import ROOT
from tests.web_map.conftest import CHROMIUM, PHONE, QUIET
from tests.web_map.field_app import FieldApp
from tests.web_map.line import Line
from tests.web_map.pages import axe_violations, fits

pytestmark = [pytest.mark.browser, pytest.mark.database]
LIGHTHOUSE = ROOT / "node_modules" / ".bin" / "lighthouse"
LEAST = 0.95
MOST_BYTES = 600_000
CATEGORIES = ("accessibility", "best-practices")


@pytest.fixture(scope="module")
def report(live_server: str, tmp_path_factory: pytest.TempPathFactory) -> dict[str, Any]:
    if not LIGHTHOUSE.exists() or shutil.which("node") is None:
        pytest.skip("Lighthouse is not installed: npm ci")
    if not Path(CHROMIUM).exists():
        pytest.skip("Chromium is not installed: apt-get install chromium")
    path = tmp_path_factory.mktemp("lighthouse") / "report.json"
    command = [
        str(LIGHTHOUSE),
        f"{live_server}/field/",
        f"--only-categories={','.join(CATEGORIES)}",
        "--only-audits=total-byte-weight,network-requests",
        "--output=json",
        f"--output-path={path}",
        "--quiet",
        f"--chrome-flags=--headless=new {' '.join(QUIET)}",
    ]
    done = subprocess.run(
        command, env=os.environ | {"CHROME_PATH": CHROMIUM}, capture_output=True, text=True, check=False
    )
    assert path.exists(), done.stderr[-2000:]
    return json.loads(path.read_text())


def test_lighthouse_finds_it_accessible_and_well_made(report: dict[str, Any]) -> None:
    scores = {name: report["categories"][name]["score"] for name in CATEGORIES}
    print(f"Lighthouse {report['lighthouseVersion']} on /field/: {scores}")
    poor = [
        f"{each['id']}: {report['audits'][each['id']]['title']}"
        for name in CATEGORIES
        for each in report["categories"][name]["auditRefs"]
        if report["audits"][each["id"]]["score"] == 0
    ]
    assert min(scores.values()) >= LEAST, poor


def test_the_first_load_is_small(report: dict[str, Any]) -> None:
    requests = report["audits"]["network-requests"]["details"]["items"]
    size = sum(each.get("transferSize", 0) for each in requests)
    print(f"first load of /field/: {size / 1000:.0f} kB compressed in {len(requests)} requests")
    assert size < MOST_BYTES


@pytest.fixture
def app(live_server: str, browser: Browser) -> Iterator[FieldApp]:
    faults: list[str] = []
    made = FieldApp(browser, Line(live_server), faults).sign_in().open()
    yield made
    made.context.close()
    made.line.close()
    assert faults == []


def test_every_view_is_accessible_and_fits_a_phone_in_both_languages(app: FieldApp) -> None:
    app.take_along()
    code = app.codes()[0]
    found = {}
    for language in ("zh-CN", "en"):
        app.page.locator("#language").select_option(language)
        for view in (
            "list",
            "packs",
            "outbox",
            "map",
            *(f"{name}={code}" for name in ("marker", "report", "joint", "edit")),
        ):
            app.page.goto(f"{app.line.address}/field/#{view}")
            app.page.wait_for_selector(f"main[data-view={view.split('=')[0]}] h1, .field-map[data-drawn]")
            found[f"{language} {view}"] = (axe_violations(app.page), fits(app.page))
    assert {name: told for name, told in found.items() if told != ([], True)} == {}
    assert app.page.viewport_size == PHONE


def test_the_picture_of_the_readme(app: FieldApp) -> None:
    app.take_along()
    app.page.goto(f"{app.line.address}/field/#marker={app.codes()[0]}")
    expect(app.page.locator(".guide .far")).to_be_visible()
    assert app.page.screenshot(path=ROOT / "docs" / "screenshots" / "field.png")
