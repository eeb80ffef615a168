"""The markers of the office map as an officer works with them, for tests: signs in, asks the service, reads the page."""

from typing import Any
from urllib.parse import quote

from playwright.sync_api import Page, expect

from tests.web_map.office_map import OfficeMap

RINGS = """({size}) => {
  const paper = [251, 250, 247];
  const canvas = document.querySelector(".leaflet-markers-pane canvas");
  const box = canvas.getBoundingClientRect();
  const map = document.querySelector("#map").getBoundingClientRect();
  const {data, width} = canvas.getContext("2d").getImageData(0, 0, canvas.width, canvas.height);
  const ratio = canvas.width / box.width;
  const at = (x, y) => [...data.slice(4 * (y * width + x), 4 * (y * width + x) + 4)];
  const found = [];
  for (let y = size; y < canvas.height - size; y += 3) {
    for (let x = size; x < canvas.width - size; x += 3) {
      if (![[0, -6], [0, 6], [-6, -6]].every(([dx, dy]) => paper.every((part, i) => at(x + dx, y + dy)[i] === part))) continue;
      const [left, top] = [box.left + x / ratio, box.top + y / ratio];
      const inside = left > map.left + 80 && left < map.right - 400 && top > map.top + 40 && top < map.bottom - 80;
      if (inside && found.every(([a, b]) => Math.hypot(a - left, b - top) > 24)) found.push([left, top]);
    }
  }
  return found;
}"""
INKS = """() => {
  const canvas = document.querySelector(".leaflet-markers-pane canvas");
  const {data} = canvas.getContext("2d").getImageData(0, 0, canvas.width, canvas.height);
  const counted = {};
  for (let i = 0; i < data.length; i += 4) {
    if (data[i + 3] !== 255) continue;
    const ink = `#${[0, 1, 2].map((k) => data[i + k].toString(16).padStart(2, "0")).join("")}`;
    counted[ink] = (counted[ink] ?? 0) + 1;
  }
  return counted;
}"""


class MarkerDesk:
    """The page with its markers, and the service behind it as the same person sees it."""

    def __init__(self, office_map: OfficeMap, address: str) -> None:
        self.map = office_map
        self.page: Page = office_map.page
        self.address = address

    def marked(self) -> "MarkerDesk":
        """Wait until the markers of the view are drawn."""
        expect(self.page.locator("#map[data-marked]")).to_be_visible(timeout=20_000)
        return self

    def sign_in(self, username: str) -> "MarkerDesk":
        answer = self.page.context.request.post(
            f"{self.address}/api/session", data={"username": username, "password": f"demo-{username}"}
        )
        assert answer.ok, answer.text()
        return self

    def get(self, path: str) -> Any:
        """Ask the service what it tells this person."""
        answer = self.page.context.request.get(f"{self.address}/{path}")
        assert answer.ok, answer.text()
        return answer.json()

    def markers(self, question: str) -> list[dict[str, Any]]:
        return self.get(f"api/markers?limit=200&{question}")["features"]

    def open_marker(self, code: str, *, language: str = "zh-CN", zoom: int = 14) -> "MarkerDesk":
        """Open the page of a marker, the map about it."""
        (marker,) = self.markers(f"q={quote(code)}")[:1]
        lon, lat = marker["geometry"]["coordinates"]
        self.go(f"#map={zoom}/{lat}/{lon}&selected=marker:{code}&lang={language}")
        expect(self.page.locator("html")).to_have_attribute("lang", language)
        expect(self.page.locator("#panel-title")).to_have_text(marker["properties"]["number"], timeout=15_000)
        expect(self.page.locator("#panel[aria-busy]")).to_have_count(0)
        return self

    def go(self, link: str) -> "MarkerDesk":
        """Open the page anew at a link: a change of the address alone would keep the language."""
        self.page.goto("about:blank")
        self.page.goto(f"{self.address}/{link}")
        self.map.drawn()
        return self

    def open_board(self) -> "MarkerDesk":
        self.page.locator("#board-button").click()
        return self.counted()

    def counted(self) -> "MarkerDesk":
        expect(self.page.locator("#board .by-unit")).to_be_visible(timeout=20_000)
        expect(self.page.locator("#board[aria-busy]")).to_have_count(0, timeout=20_000)
        return self

    def chips(self) -> dict[str, int]:
        """What the board counts, by the word of each colour."""
        chips = self.page.locator("#board .chip").all()
        return {
            chip.locator(".chip-word").inner_text().split(" · ")[0]: int(chip.locator("b").inner_text())
            for chip in chips
        }

    def inks(self) -> dict[str, int]:
        """How many pixels of each opaque colour the markers' canvas shows."""
        return self.page.evaluate(INKS)

    def rings(self) -> list[tuple[float, float]]:
        """Where groups stand on the screen, by the paper within their rings."""
        return [tuple(place) for place in self.page.evaluate(RINGS, {"size": 14})]
