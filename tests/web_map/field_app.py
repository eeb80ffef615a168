"""The field app as a surveyor uses it, for tests: a phone of his own on a line of its own."""

import json
import os
import signal
from collections.abc import Callable
from contextlib import suppress
from functools import cache
from io import BytesIO
from pathlib import Path
from typing import Any

from PIL import Image
from playwright.sync_api import Browser, BrowserContext, Error, Locator, Page, expect

from tests.web_map.line import Line

CHROMIUM = "/usr/bin/chromium"
QUIET = ("--no-sandbox", "--disable-gpu", "--disable-background-networking", "--no-first-run")
PHONE = {"width": 390, "height": 844}
HERE = {"latitude": 19.75, "longitude": 110.40, "accuracy": 6}
EVERYTHING = """async () => {
  const database = await new Promise((resolve, reject) => {
    const asked = indexedDB.open("geo-field");
    asked.onsuccess = () => resolve(asked.result);
    asked.onerror = () => reject(asked.error);
  });
  const found = {};
  for (const name of ["outbox", "photos", "drafts", "receipts"]) {
    found[name] = await new Promise((resolve) => {
      const asked = database.transaction(name).objectStore(name).getAll();
      asked.onsuccess = () => resolve(asked.result.map(({bytes, ...rest}) => rest));
    });
  }
  database.close();
  return found;
}"""

SPOILED = """async ([type, about, change]) => {
  const database = await new Promise((done) => {
    const asked = indexedDB.open("geo-field");
    asked.onsuccess = () => done(asked.result);
  });
  const act = database.transaction("outbox", "readwrite");
  const all = await new Promise((done) => {
    const asked = act.objectStore("outbox").getAll();
    asked.onsuccess = () => done(asked.result);
  });
  const found = all.filter((each) => each.type === type);
  for (const each of found) act.objectStore("outbox").put({...each, ...about, body: {...each.body, ...change}});
  await new Promise((done) => (act.oncomplete = done));
  database.close();
  return found.length;
}"""
CONTROLLED = """() => new Promise((done) => {
  const look = () => (navigator.serviceWorker.controller ? done(true) : setTimeout(look, 50));
  look();
})"""
EMPTIED = """async () => {
  const database = await new Promise((done) => {
    const asked = indexedDB.open("geo-field");
    asked.onsuccess = () => done(asked.result);
  });
  const names = ["outbox", "photos", "drafts", "receipts"];
  const act = database.transaction([...names, "kept"], "readwrite");
  for (const name of names) act.objectStore(name).clear();
  act.objectStore("kept").delete(IDBKeyRange.bound("joint-day:", "joint-day;"));
  await new Promise((done) => (act.oncomplete = done));
  database.close();
}"""


@cache
def picture(seed: int, size: tuple[int, int] = (320, 240)) -> bytes:
    """A JPEG with EXIF data that no other seed gives."""
    image = Image.effect_noise(size, 20 + seed % 60).convert("RGB")
    exif = Image.Exif()
    exif[0x010E] = f"photo {seed}"
    sink = BytesIO()
    image.save(sink, "JPEG", exif=exif, quality=95)
    return sink.getvalue()


class FieldApp:
    """One phone; `line` is its way to the office."""

    def __init__(
        self,
        browser: Browser,
        line: Line,
        faults: list[str],
        *,
        denied: bool = False,
        disk: Path | None = None,
    ) -> None:
        """With `disk` the phone keeps what it keeps there, and no more than fits."""
        self.line = line
        self.faults = faults
        self.browser, self.disk = browser, disk
        self.how = {"viewport": PHONE, "locale": "zh-CN", "accept_downloads": True}
        self.how |= {} if denied else {"geolocation": HERE, "permissions": ["geolocation"]}
        self.switch_on()

    def switch_on(self) -> "FieldApp":
        """Begin a browser: a new one, or again the one that keeps its things on `disk`."""
        if self.disk is None:
            self.context: BrowserContext = self.browser.new_context(**self.how)
        else:
            self.context = self.browser.browser_type.launch_persistent_context(
                self.disk, executable_path=CHROMIUM, args=list(QUIET), **self.how
            )
        self.context.set_default_timeout(15_000)
        self.page = self.new_tab()
        return self

    def drop_dead(self) -> None:
        """The battery is out: the browser of `disk` ends without a word."""
        own = f"--user-data-dir={self.disk}".encode()
        for each in Path("/proc").glob("[0-9]*/cmdline"):
            with suppress(OSError):
                words = each.read_bytes().split(b"\0")
                if own in words and not any(word.startswith(b"--type=") for word in words):
                    os.kill(int(each.parent.name), signal.SIGKILL)
        with suppress(Error):
            self.context.close()
        for each in ("SingletonLock", "SingletonSocket", "SingletonCookie"):
            (Path(str(self.disk)) / each).unlink(missing_ok=True)

    def crash(self) -> None:
        """The tab dies under the page, as the system ends it where memory runs out."""
        with suppress(Error):
            self.page.goto("chrome://crash")
        self.page.close()

    def anew(self) -> "FieldApp":
        """The same phone on another day: a good line, signed in, one tab, nothing waiting."""
        self.line.up, self.line.slow_s, self.line.version = True, 0.0, None
        for page in self.context.pages:
            page.close()
        self.page = self.new_tab()
        self.page.goto(f"{self.line.address}/healthz")
        self.page.evaluate(EMPTIED)
        if not self.get("api/session")["signed_in"]:
            self.sign_in()
        return self.open("#list")

    def new_tab(self) -> Page:
        page = self.context.new_page()
        page.on("pageerror", lambda error: self.faults.append(f"error: {error}"))
        page.on("request", lambda request: self._note(request.url))
        return page

    def _note(self, url: str) -> None:
        if not url.startswith((self.line.address, "data:", "blob:")):
            self.faults.append(f"request left the machine: {url}")

    def sign_in(self, name: str = "surveyor") -> "FieldApp":
        body = {"username": name, "password": f"demo-{name}"}
        answer = self.context.request.post(f"{self.line.address}/api/session", data=body)
        assert answer.ok, answer.text()
        return self

    def open(self, place: str = "", page: Page | None = None) -> "FieldApp":
        page = page or self.page
        page.goto("about:blank")
        page.goto(f"{self.line.address}/field/{place}")
        expect(page.locator("html[data-ready]")).to_be_attached()
        return self

    def kept_offline(self) -> "FieldApp":
        """Wait until the service worker has the whole app."""
        self.page.evaluate("navigator.serviceWorker.ready.then(() => true)")
        self.page.evaluate(CONTROLLED)
        return self

    def take_along(self) -> "FieldApp":
        self.page.goto(f"{self.line.address}/field/#packs")
        self.page.get_by_role("button", name="带上我的任务").click()
        self.page.get_by_role("button", name="带上", exact=True).click()
        expect(self.page.locator(".packs li")).to_have_count(1, timeout=30_000)
        expect(self.page.locator(".progress")).to_be_hidden(timeout=30_000)
        return self

    def codes(self) -> list[str]:
        """Markers on the phone that stand and have no case."""
        return self.page.evaluate(
            """async () => {
              const database = await new Promise((done) => {
                const asked = indexedDB.open("geo-field");
                asked.onsuccess = () => done(asked.result);
              });
              const all = await new Promise((done) => {
                const asked = database.transaction("markers").objectStore("markers").getAll();
                asked.onsuccess = () => done(asked.result);
              });
              database.close();
              return all.filter((m) => m.cases.length === 0 && m.state.condition === "intact").map((m) => m.code);
            }"""
        )

    def form(self, name: str, code: str, page: Page | None = None) -> Locator:
        page = page or self.page
        page.goto(f"{self.line.address}/field/#{name}={code}")
        form = page.locator(".form-view")
        expect(form).to_be_visible()
        return form

    def inspect(self, code: str, *, note: str = "", photos: tuple[bytes, ...] = ()) -> None:
        """Fill a visit in and finish it."""
        form = self.form("inspect", code)
        form.get_by_role("radio", name="完好").check()
        form.get_by_role("button", name="其余均良好").click()
        form.get_by_role("button", name="开始测量位置").click()
        expect(form.locator(".position-told b")).to_be_visible()
        form.get_by_role("button", name="停止").click()
        form.locator("textarea[name=note]").fill(note)
        for place, content in enumerate(photos):
            self.photograph(place, content)
        self.finish()

    def photograph(self, place: int, content: bytes) -> None:
        file = {"name": f"IMG_{place}.jpg", "mimeType": "image/jpeg", "buffer": content}
        self.page.locator(f"#photo-{place}").set_input_files(file)
        expect(self.page.locator(f"label[for=photo-{place}]")).to_contain_text("✓", timeout=30_000)

    def finish(self) -> None:
        self.page.locator("button.finish").click()
        sure = self.page.get_by_role("alertdialog").get_by_role("button", name="完成")
        marker = self.page.locator("main[data-view=marker]")
        expect(sure.or_(marker)).to_be_visible()
        if sure.is_visible():
            sure.click()
        expect(marker).to_be_attached()

    def kept(self) -> dict[str, list[dict[str, Any]]]:
        """Everything that the phone keeps of records and photos, without the bytes."""
        return self.page.evaluate(EVERYTHING)

    def spoil(self, kind: str, *, marker_code: str | None = None, **change: Any) -> None:
        """Change what waits of a kind so that the office cannot take it."""
        about = {} if marker_code is None else {"marker_code": marker_code}
        assert self.page.evaluate(SPOILED, [kind, about, change]) == 1

    def refused(self) -> Locator:
        """Send, and return the one record that the office sent back."""
        self.line.up = True
        self.page.locator("#tab-outbox").click()
        self.page.get_by_role("button", name="现在发送").click()
        found = self.page.locator(".outbox .stage-needs")
        expect(found).to_have_count(1)
        return found

    def reopened(self) -> Locator:
        """Open the one record that the office sent back in its form; what was written stands in it."""
        self.refused().get_by_role("button", name="改正后再发").click()
        expect(self.page.locator(".form-view .draft")).to_contain_text("改正被退回的记录")
        return self.page.locator(".form-view form")

    def until(self, holds: Callable[[dict[str, list[dict[str, Any]]]], bool], seconds: float = 30) -> dict:
        """Wait until what is kept is as wanted."""
        for _ in range(int(seconds * 5)):
            found = self.kept()
            if holds(found):
                return found
            self.page.wait_for_timeout(200)
        raise AssertionError(json.dumps(self.kept(), ensure_ascii=False, indent=1)[:3000])

    def all_received(self, seconds: float = 30) -> dict:
        return self.until(lambda found: not found["outbox"] and not found["photos"], seconds)

    def get(self, path: str) -> Any:
        answer = self.context.request.get(f"{self.line.address}/{path}")
        assert answer.ok, answer.text()
        return answer.json()
