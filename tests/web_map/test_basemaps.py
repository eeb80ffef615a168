"""Backgrounds and their datum: a GCJ-02 one is drawn where its ground is, and nothing is digitised on it."""

import io

import numpy as np
import pytest
from PIL import Image, ImageDraw
from playwright.sync_api import expect

from tests.web_map.office_map import world_px

pytestmark = [pytest.mark.browser, pytest.mark.database]

PLACE = (110.35, 20.02)
PLACE_ON_GCJ02_TILES = (110.354411, 20.017997)  # 512 m away, figures of the domain handbook
ZOOM = 15
RED = (255, 0, 0)


def dotted_tile(url: str, at: tuple[float, float]) -> bytes:
    """A grey tile with a red dot where `at` lies on it."""
    z, x, y = (int(part) for part in url.removesuffix(".png").split("/")[-3:])
    px, py = world_px(*at, z)
    dx, dy = px - 256 * x, py - 256 * y
    tile = Image.new("RGB", (256, 256), (200, 200, 200))
    ImageDraw.Draw(tile).ellipse((dx - 5, dy - 5, dx + 5, dy + 5), fill=RED)
    with io.BytesIO() as file:
        tile.save(file, "PNG")
        return file.getvalue()


def open_on(open_map, datum: str, dot: tuple[float, float], *, link: str | None = None):
    """Open a map whose background tiles show a dot; the tiles come from the office's own origin."""
    basemap = {"label": "影像", "url": f"{open_map.address}/imagery/{{z}}/{{x}}/{{y}}.png", "datum": datum}
    link = link or f"#map={ZOOM}/{PLACE[1]}/{PLACE[0]}&basemap=0&layers=lines"
    office_map = open_map("about", settings={"basemaps": [basemap | {"attribution": "© <b>局</b>"}]})
    open_map.faults.clear()  # that page does not exist; the map is opened once the tiles are in place
    page = office_map.page
    page.route("**/imagery/**", lambda route: route.fulfill(body=dotted_tile(route.request.url, dot)))
    page.goto(f"{open_map.address}/{link}")
    office_map.drawn()
    expect(page.locator(".leaflet-basemap-pane img.leaflet-tile-loaded").first).to_be_visible()
    page.wait_for_load_state("networkidle")
    return office_map


def dot_seen(office_map) -> tuple[float, float]:
    """Centre of the red dot on the screen, once it stands there."""
    for _ in range(20):
        picture = np.asarray(Image.open(io.BytesIO(office_map.page.screenshot())).convert("RGB"))
        rows, columns = np.nonzero((picture == RED).all(axis=2))
        if rows.size:
            break
        office_map.page.wait_for_timeout(250)
    assert rows.size, "no dot on the screen"
    return (columns.min() + columns.max()) / 2, (rows.min() + rows.max()) / 2


@pytest.mark.parametrize(
    ("datum", "dot"),
    [("CGCS2000", PLACE), ("WGS84", PLACE), ("GCJ-02", PLACE_ON_GCJ02_TILES)],
)
def test_the_ground_of_a_background_falls_on_the_features(open_map, datum, dot):
    office_map = open_on(open_map, datum, dot)
    assert dot_seen(office_map) == pytest.approx(office_map.place(*PLACE), abs=2)


def test_a_shifted_background_stays_right_after_a_pan_and_a_zoom(open_map):
    office_map = open_on(open_map, "GCJ-02", PLACE_ON_GCJ02_TILES)
    page = office_map.page
    page.mouse.move(600, 400)
    page.mouse.down()
    page.mouse.move(450, 330, steps=6)
    page.mouse.up()
    page.wait_for_timeout(800)
    assert dot_seen(office_map) == pytest.approx(office_map.place(*PLACE), abs=2)
    page.get_by_role("button", name="缩小").click()
    page.wait_for_timeout(800)
    assert dot_seen(office_map) == pytest.approx(office_map.place(*PLACE), abs=2)


def test_editing_on_a_shifted_background_is_refused_and_said(open_map):
    office_map = open_on(open_map, "GCJ-02", PLACE_ON_GCJ02_TILES)
    page = office_map.page
    expect(page.locator("html")).to_have_attribute("data-editing", "refused")
    expect(page.locator("#editing-refused")).to_contain_text("GCJ-02")
    page.get_by_role("button", name="图层与图例").click()
    page.get_by_label("无底图").check()
    expect(page.locator("html")).to_have_attribute("data-editing", "allowed")
    expect(page.locator("#editing-refused")).to_have_count(0)


def test_a_background_says_its_datum_and_its_maker_as_text(open_map):
    office_map = open_on(open_map, "WGS84", PLACE)
    expect(office_map.page.locator("#standing")).to_contain_text("© <b>局</b>")
    office_map.page.get_by_role("button", name="图层与图例").click()
    expect(office_map.page.get_by_label("影像（WGS84）")).to_be_checked()
    expect(office_map.page.locator("html")).to_have_attribute("data-editing", "allowed")
