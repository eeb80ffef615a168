"""The office map as a reader works it, for tests: opens, waits, points, types, reads."""

import math
import re

from playwright.sync_api import Locator, Page, expect

TILE_PX = 256


def world_px(lon: float, lat: float, zoom: float) -> tuple[float, float]:
    """Pixel of the whole Web Mercator world at a zoom."""
    size = TILE_PX * 2**zoom
    y = math.asinh(math.tan(math.radians(lat)))
    return (lon + 180) / 360 * size, (1 - y / math.pi) / 2 * size


class OfficeMap:
    def __init__(self, page: Page) -> None:
        self.page = page

    @property
    def canvas(self) -> Locator:
        return self.page.locator("#map")

    @property
    def panel(self) -> Locator:
        return self.page.locator("#panel")

    @property
    def title(self) -> Locator:
        return self.page.locator("#panel-title")

    @property
    def search(self) -> Locator:
        return self.page.get_by_role("combobox", name=re.compile("搜索|Search"))

    def drawn(self) -> "OfficeMap":
        """Wait until every tile of the view is painted."""
        expect(self.page.locator("#map[data-drawn]")).to_be_visible(timeout=15_000)
        return self

    def view(self) -> tuple[int, float, float]:
        """Zoom, latitude and longitude that the address says."""
        zoom, lat, lon = re.search(r"map=(\d+)/([-\d.]+)/([-\d.]+)", self.page.url).groups()
        return int(zoom), float(lat), float(lon)

    def place(self, lon: float, lat: float) -> tuple[float, float]:
        """Pixel of the page at which a position lies."""
        zoom, centre_lat, centre_lon = self.view()
        x, y = world_px(lon, lat, zoom)
        x0, y0 = world_px(centre_lon, centre_lat, zoom)
        box = self.canvas.bounding_box()
        return box["x"] + box["width"] / 2 + x - x0, box["y"] + box["height"] / 2 + y - y0

    def click(self, lon: float, lat: float) -> None:
        self.page.mouse.click(*self.place(lon, lat))

    def point_at(self, lon: float, lat: float) -> None:
        x, y = self.place(lon, lat)
        self.page.mouse.move(x - 3, y)
        self.page.mouse.move(x, y)

    def find(self, words: str) -> None:
        """Search from the keyboard alone and take the first unit found."""
        self.search.focus()
        self.page.keyboard.press("Control+a")
        self.page.keyboard.type(words)
        expect(self.page.locator("#search-list [role=option]").first).to_be_visible()
        self.page.keyboard.press("Enter")

    def inked(self) -> int:
        """Distinct colours that the tiles show: 1 where nothing is drawn."""
        return self.page.evaluate(
            """() => {
              const seen = new Set();
              for (const canvas of document.querySelectorAll(".leaflet-ground-pane canvas")) {
                if (!canvas.width) continue;
                const data = canvas.getContext("2d").getImageData(0, 0, canvas.width, canvas.height).data;
                for (let i = 0; i < data.length; i += 64) seen.add(data.slice(i, i + 4).join());
              }
              return seen.size;
            }"""
        )
