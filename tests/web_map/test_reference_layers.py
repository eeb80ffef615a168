"""Layers for reference on the office map, and the pages of the open door: switched on, drawn, read by everybody."""

import json
import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import expect

from tests.web_map.conftest import DESKTOP, PHONE
from tests.web_map.test_accessibility import axe, violations  # noqa: F401 -- a fixture is asked for by its name

pytestmark = [pytest.mark.browser, pytest.mark.database]
ROOT = Path(__file__).parents[2]
CORNERS = [[110.3, 19.9], [110.5, 19.9], [110.5, 20.05], [110.3, 20.05], [110.3, 19.9]]


@pytest.fixture(scope="module")
def planned(
    live_server: str, live_server_home: Path, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[str]:
    """A layer that the office loads while its service runs; its name."""
    file = tmp_path_factory.mktemp("planned") / "plan.geojson"
    features = [
        {
            "type": "Feature",
            "properties": {"名": "新区"},
            "geometry": {"type": "Polygon", "coordinates": [CORNERS]},
        },
        {
            "type": "Feature",
            "properties": {"名": "站"},
            "geometry": {"type": "Point", "coordinates": [110.4, 20.0]},
        },
    ]
    file.write_text(json.dumps({"type": "FeatureCollection", "features": features}))
    environment = os.environ | {"GEO_DATA_DIR": str(live_server_home / "data")}

    def layer(*arguments: str) -> None:
        command = [sys.executable, "-m", "geo_service", "layer", *arguments]
        subprocess.run(command, cwd=ROOT, env=environment, check=True, capture_output=True)

    layer("add", str(file), "--as", "规划_plan")
    yield "规划_plan"
    layer("remove", "规划_plan")


def test_a_layer_for_reference_is_switched_on_and_drawn(open_map, planned: str) -> None:
    office_map = open_map("#map=10/19.98/110.40&layers=&lang=zh-CN").drawn()
    page = office_map.page

    def painted() -> bytes:
        return office_map.drawn().canvas.screenshot()

    page.locator("#layers-button").click()
    choice = page.get_by_role("checkbox", name=planned)
    expect(choice).not_to_be_checked()
    before = painted()
    with page.expect_response(
        lambda answer: "/ogc/collections/" in answer.url and "/tiles/" in answer.url
    ) as tile:
        choice.check()
    assert tile.value.status == 200
    page.wait_for_function("document.querySelector('#map').hasAttribute('data-drawn')")
    assert painted() != before
    assert f"reference:{planned}" in page.evaluate("decodeURIComponent(location.hash)")
    page.reload()
    page.locator("#layers-button").click()
    expect(page.get_by_role("checkbox", name=planned)).to_be_checked()


@pytest.mark.parametrize("size", [DESKTOP, PHONE], ids=["desktop", "phone"])
def test_the_pages_of_the_door_can_be_read_by_everybody(open_map, planned: str, axe: str, size) -> None:  # noqa: F811
    office_map = open_map("#map=10/19.98/110.40", size=size)
    page = office_map.page
    address = page.url.split("/#")[0]
    for path in (
        "/ogc/?f=html",
        "/ogc/collections?f=html",
        "/ogc/collections/units?f=html",
        "/ogc/collections/units/queryables?f=html",
        "/ogc/collections/units/items?f=html&limit=5",
        f"/ogc/collections/{planned}/items/1?f=html",
        "/ogc/conformance?f=html",
        "/ogc/api.html",
    ):
        page.goto(address + path)
        assert violations(page, axe) == [], path
        assert page.evaluate("document.documentElement.scrollWidth <= window.innerWidth"), path
