"""Where the field app meets a limit: a huge photo, a full device, no way to the office but a file."""

import hashlib
import subprocess
import tempfile
from base64 import b64encode
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, expect

from tests.web_map.field_app import FieldApp, picture
from tests.web_map.line import Line

pytestmark = [pytest.mark.browser, pytest.mark.database]
Phone = Callable[..., FieldApp]
SEGMENT = 65_000


@pytest.fixture
def phone(live_server: str, browser: Browser) -> Iterator[Phone]:
    made: list[FieldApp] = []
    faults: list[str] = []

    def make() -> FieldApp:
        made.append(FieldApp(browser, Line(live_server), faults))
        return made[-1].sign_in()

    yield make
    for each in made:
        each.context.close()
        each.line.close()
    assert faults == []


def huge(size: int) -> bytes:
    """A picture of so many bytes: comment segments between its head and its image."""
    plain = picture(60)
    segment = b"\xff\xfe" + SEGMENT.to_bytes(2, "big") + b"." * (SEGMENT - 2)
    return plain[:2] + segment * ((size - len(plain)) // len(segment) + 1) + plain[2:]


def test_a_photo_of_60_mb_arrives_over_a_line_that_breaks(packed: FieldApp) -> None:
    app, content = packed, huge(60_000_000)
    digest = hashlib.sha256(content).hexdigest()
    path = app.context.request
    app.line.down()
    form = app.form("inspect", app.codes()[0])
    form.get_by_role("radio", name="完好").check()
    form.locator("input[name=accuracy_reason]").fill("室内")
    # larger than a message between test and browser may be: made in the page
    app.page.evaluate(
        """([head, tail, segment, times]) => {
          const bytes = (text) => Uint8Array.from(atob(text), (each) => each.charCodeAt(0));
          const parts = [bytes(head), ...Array(times).fill(bytes(segment)), bytes(tail)];
          const file = new File(parts, "IMG.jpg", {type: "image/jpeg"});
          const box = new DataTransfer();
          box.items.add(file);
          const input = document.querySelector("#photo-0");
          input.files = box.files;
          input.dispatchEvent(new Event("change"));
        }""",
        _parts(content),
    )
    expect(app.page.locator("label[for=photo-0]")).to_contain_text("✓", timeout=60_000)
    app.finish()
    app.page.locator("#tab-outbox").click()
    expect(app.page.locator(".outbox")).to_contain_text("60.")
    app.line.up, app.line.break_after = True, 20_000_000
    app.page.get_by_role("button", name="现在发送").click()
    expect(app.page.locator("#way:not([data-state=sending])")).to_be_visible(timeout=60_000)
    app.page.get_by_role("button", name="现在发送").click()
    app.all_received(120)
    assert app.line.break_after is None, "the line has broken once"
    stored = path.get(f"{app.line.address}/api/photos/{digest}").body()
    assert hashlib.sha256(stored).hexdigest() == digest


def _parts(content: bytes) -> list[object]:
    plain = picture(60)
    times = (len(content) - len(plain)) // (SEGMENT + 2)
    segment = content[2 : SEGMENT + 4]
    assert plain[:2] + segment * times + plain[2:] == content
    return [*(b64encode(each).decode() for each in (plain[:2], plain[2:], segment)), times]


@pytest.fixture
def small_disk() -> Iterator[Path]:
    """A disk of 200 MB, as a full phone's: browsers refuse what does not fit, whatever they say of free room."""
    with tempfile.TemporaryDirectory(prefix="geo-disk-") as place:
        mounted = subprocess.run(
            ["mount", "-t", "tmpfs", "-o", "size=200m", "tmpfs", place], capture_output=True, check=False
        )
        if mounted.returncode:
            pytest.skip("no small disk can be mounted here: that takes root")
        try:
            yield Path(place)
        finally:
            subprocess.run(["umount", "--lazy", place], check=True)


FILL = """async (leave) => {
  // all but so many bytes of what the disk has, found by halves
  const database = await new Promise((done) => {
    const asked = indexedDB.open("filler", 1);
    asked.onupgradeneeded = () => asked.result.createObjectStore("s");
    asked.onsuccess = () => done(asked.result);
  });
  const put = (bytes, key) => new Promise((done) => {
    const act = database.transaction("s", "readwrite");
    act.objectStore("s").put(new Blob([new Uint8Array(bytes)]), key);
    act.oncomplete = () => done(true);
    act.onabort = () => done(false);
  });
  let step = 64 * 2 ** 20;
  for (let n = 0; step >= leave && n < 60; n += 1) if (!(await put(step, n))) step /= 2;
  database.close();
}"""


def test_a_full_device_says_so_early_and_keeps_what_it_has(
    live_server: str, browser: Browser, small_disk: Path
) -> None:
    faults: list[str] = []
    app = FieldApp(browser, Line(live_server), faults, disk=small_disk / "phone")
    app.sign_in().open().take_along()
    code = app.codes()[1]
    form = app.form("inspect", code)
    form.get_by_role("radio", name="完好").check()
    app.photograph(0, picture(61))
    app.page.evaluate(FILL, 2**20)
    app.photograph(1, huge(4_000_000))  # fits into the room that was set aside
    expect(app.page.locator("[data-notice=full]")).to_contain_text("空间不多")
    form.locator("textarea[name=note]").fill("满了也写得下")
    app.page.evaluate(FILL, 2**20)
    file = {"name": "b.jpg", "mimeType": "image/jpeg", "buffer": huge(4_500_000)}
    app.page.locator("#photo-2").set_input_files(file)
    expect(app.page.locator(".photo-list [role=alert]")).to_contain_text("本机已满")
    app.page.reload()
    form = app.form("inspect", code)
    expect(form.locator("textarea[name=note]")).to_have_value("满了也写得下")
    for place in (0, 1):
        expect(form.locator(f"label[for=photo-{place}]")).to_contain_text("✓")
    app.context.close()
    app.line.close()
    assert faults == []


def test_the_outbox_goes_to_the_office_as_a_file_and_stands_once(packed: FieldApp, phone: Phone) -> None:
    app, photo = packed, picture(63)
    code = app.codes()[2]
    app.line.down()
    app.inspect(code, note="用文件带回", photos=(photo,))
    record = app.kept()["outbox"][0]["id"]
    app.page.locator("#tab-outbox").click()
    with app.page.expect_download() as carried:
        app.page.get_by_role("button", name="导出待发文件").click()
    file = carried.value.path()

    desk = phone()
    desk.open("#outbox")
    desk.page.locator("#take-in").set_input_files(file)
    desk.page.get_by_role("alertdialog").get_by_role("button", name="导入").click()
    receipts = desk.until(lambda found: len(found["receipts"]) == 2, 30)["receipts"]
    assert {each["id"] for each in receipts} == {record, hashlib.sha256(photo).hexdigest()}

    app.line.up = True
    app.page.get_by_role("button", name="现在发送").click()
    app.all_received()
    inspections = app.get(f"api/markers/{code}/history")["inspections"]
    assert [each["id"] for each in inspections].count(record) == 1
    (told,) = [each for each in inspections if each["id"] == record]
    assert (told["note"], told["photos"][0]["arrived"]) == ("用文件带回", True)


def test_a_phone_whose_battery_ends_opens_without_signal_and_has_everything(
    live_server: str, browser: Browser, tmp_path: Path
) -> None:
    faults: list[str] = []
    app = FieldApp(browser, Line(live_server), faults, disk=tmp_path / "phone")
    app.sign_in().open().kept_offline().take_along()
    code, other = app.codes()[3:5]
    app.line.down()
    app.inspect(other, note="放入待发", photos=(picture(64),))
    form = app.form("inspect", code)
    form.get_by_role("radio", name="轻微缺陷").check()
    app.photograph(0, picture(65))
    form.locator("textarea[name=note]").fill("写到一半")
    app.until(lambda found: found["drafts"][0]["fields"].get("note") == "写到一半")
    before = app.kept()
    app.drop_dead()
    app.switch_on().open("#list")
    expect(app.page.locator(".marker-row").first).to_be_visible()
    assert app.kept() == before
    form = app.form("inspect", code)
    expect(form.locator("textarea[name=note]")).to_have_value("写到一半")
    expect(form.locator("label[for=photo-0]")).to_contain_text("✓")
    app.line.up = True
    app.sign_in().open("#outbox").until(lambda found: len(found["receipts"]) == 2)
    (draft,) = app.kept()["drafts"]
    assert [each["shows"] for each in app.kept()["photos"]] == [each["shows"] for each in draft["photos"]]
    app.context.close()
    app.line.close()
    assert faults == []
