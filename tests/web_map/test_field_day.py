"""A day without signal: the app opens, records are written, everything arrives once; what breaks off goes on."""

import hashlib
import json
from collections.abc import Callable, Iterator
from datetime import datetime

import pytest
from playwright.sync_api import Browser, expect

from tests.conftest import ROOT
from tests.web_map.field_app import FieldApp, picture
from tests.web_map.line import Line
from tests.web_map.pages import axe_violations, fits

pytestmark = [pytest.mark.browser, pytest.mark.database]
Phone = Callable[..., FieldApp]
TILES_HELD = "caches.open('geo-field-tiles').then((c) => c.keys()).then((k) => k.length)"
TILES_OLDER = """async () => {
  const cache = await caches.open("geo-field-tiles");
  for (const request of await cache.keys()) {
    if (!request.url.includes("/tiles/units/")) continue;
    const answer = await cache.match(request);
    const headers = new Headers(answer.headers);
    headers.set("ETag", headers.get("ETag").replace(/-\\d+"$/, '-0"'));
    await cache.put(request, new Response(await answer.blob(), { headers }));
  }
}"""


@pytest.fixture
def phone(live_server: str, browser: Browser) -> Iterator[Phone]:
    made: list[FieldApp] = []
    faults: list[str] = []

    def make(**how: bool) -> FieldApp:
        made.append(FieldApp(browser, Line(live_server), faults, **how))
        return made[-1]

    yield make
    for each in made:
        each.context.close()
        each.line.close()
    assert faults == []


def test_a_day_without_signal_from_a_cold_start(packed: FieldApp) -> None:
    code, photo = packed.codes()[0], picture(1)
    packed.line.down()
    packed.page.close()
    packed.page = packed.new_tab()
    packed.open("#list")
    expect(packed.page.locator(".marker-row").first).to_be_visible()
    expect(packed.page.locator("#way")).to_have_text("无网络", timeout=5000)
    packed.page.locator("#tab-map").click()
    expect(packed.page.locator(".field-map[data-drawn]")).to_be_visible()
    packed.page.get_by_role("button", name="显示全部界桩").click()
    expect(packed.page.locator(".field-sign").first).to_be_visible()
    packed.inspect(code, note="草深，已清理", photos=(photo,))
    packed.page.locator("#tab-outbox").click()
    expect(packed.page.locator(".outbox .stage-waiting")).to_have_count(2)
    kept = packed.kept()
    assert (len(kept["outbox"]), len(kept["photos"]), kept["drafts"]) == (1, 1, [])

    packed.line.up = True
    packed.page.get_by_role("button", name="现在发送").click()
    receipts = packed.all_received()["receipts"]
    record, digest = kept["outbox"][0]["id"], hashlib.sha256(photo).hexdigest()
    assert {each["id"] for each in receipts} == {record, digest}
    told = packed.get(f"api/inspections/{record}")["inspection"]
    assert (told["note"], told["person"], told["condition"]) == ("草深，已清理", "surveyor", "intact")
    assert told["photos"] == [{"sha256": digest, "shows": "face_1", "arrived": True}]
    assert told["observed_position"]["start_position"]["accuracy_m"] == 6
    whole = packed.context.request.get(f"{packed.line.address}/api/photos/{digest}").body()
    assert whole == photo  # EXIF data and all


def test_a_reload_in_the_middle_of_a_form_costs_nothing(packed: FieldApp) -> None:
    code = packed.codes()[1]
    form = packed.form("inspect", code)
    form.get_by_role("radio", name="轻微缺陷").check()
    form.locator("textarea[name=note]").press_sequentially("描红褪色")
    packed.photograph(0, picture(2))
    packed.page.reload()
    form = packed.form("inspect", code)
    expect(form.locator(".draft")).to_be_visible()
    expect(form.get_by_role("radio", name="轻微缺陷")).to_be_checked()
    expect(form.locator("textarea[name=note]")).to_have_value("描红褪色")
    expect(form.locator("label[for=photo-0]")).to_contain_text("✓")
    assert axe_violations(packed.page) == []
    assert fits(packed.page)


def test_a_tab_that_dies_during_an_upload_goes_on_where_it_was(packed: FieldApp) -> None:
    content = picture(3, (2600, 2000))
    assert len(content) > 2 * 2**20
    packed.line.down()
    packed.inspect(packed.codes()[2], photos=(content,))
    packed.line.up, packed.line.slow_s = True, 0.02
    packed.page.evaluate("window.dispatchEvent(new Event('online'))")
    packed.until(lambda found: any(photo["offset"] > 0 for photo in found["photos"]))
    packed.crash()
    digest = hashlib.sha256(content).hexdigest()
    there = packed.context.request.head(f"{packed.line.address}/api/photos/{digest}")
    assert there.headers["upload-complete"] == "?0"
    assert int(there.headers["upload-offset"]) >= 2**20
    packed.line.slow_s = 0
    packed.page = packed.new_tab()
    packed.open("#outbox").all_received()
    stored = packed.context.request.get(f"{packed.line.address}/api/photos/{digest}").body()
    assert hashlib.sha256(stored).hexdigest() == digest


def test_a_session_that_ended_is_asked_for_and_nothing_is_dropped(packed: FieldApp) -> None:
    packed.line.down()
    packed.inspect(packed.codes()[3], note="过期")
    packed.context.clear_cookies()
    packed.line.up = True
    packed.page.evaluate("window.dispatchEvent(new Event('online'))")
    dialog = packed.page.get_by_role("dialog")
    dialog.locator("input[name=password]").fill("demo-surveyor")
    assert len(packed.kept()["outbox"]) == 1
    dialog.get_by_role("button", name="登录", exact=True).click()
    packed.all_received()


def test_what_the_office_refuses_stays_with_the_reason_and_is_corrected(packed: FieldApp) -> None:
    code, photo = packed.codes()[4], picture(45)
    packed.line.down()
    packed.inspect(code, note="草深", photos=(photo,))
    packed.spoil("inspection", marker_code="nowhere")
    refused = packed.refused()
    expect(refused).to_contain_text("需要您处理")
    expect(refused.locator(".warned")).to_contain_text("界桩")
    (kept,) = packed.kept()["outbox"]
    assert kept["code"] == "marker.not_found"
    refused.get_by_role("button", name="改正后再发").click()
    form = packed.page.locator(".form-view")
    expect(form.locator(".draft")).to_contain_text("改正被退回的记录")
    expect(form.get_by_role("radio", name="完好")).to_be_checked()
    expect(form.locator("label[for=photo-0]")).to_contain_text("✓")
    expect(form.locator("textarea[name=note]")).to_have_value("草深")
    form.locator("textarea[name=note]").fill("草深，已改正")
    packed.finish()
    receipts = packed.all_received()["receipts"]
    (corrected,) = [each["id"] for each in receipts if each["kind"] == "record"]
    assert corrected != kept["id"]
    told = packed.get(f"api/inspections/{corrected}")["inspection"]
    assert told["note"] == "草深，已改正"
    assert datetime.fromisoformat(told["captured_at"]) == datetime.fromisoformat(kept["body"]["captured_at"])
    assert [each["sha256"] for each in told["photos"]] == [hashlib.sha256(photo).hexdigest()]


def test_a_receiver_of_its_own_takes_the_place_of_the_phone(packed: FieldApp) -> None:
    form = packed.form("inspect", packed.codes()[8])
    form.get_by_role("radio", name="专项检查").check()
    form.get_by_role("radio", name="完好").check()
    form.locator(".receiver summary").click()
    read = {"lon": "110.400001", "lat": "19.750002", "accuracy_m": "0.03", "satellites": "17", "hdop": "0.8"}
    for name, value in (read | {"correction_age_s": "1.2"}).items():
        form.locator(f"input[name={name}]").fill(value)
    form.locator("select[name=fix_type]").select_option("4")
    expect(form.locator(".position-told b")).to_contain_text("精度 0.03 米")
    expect(form.locator(".position-told .warned")).to_have_count(0)
    packed.page.reload()
    expect(form.locator("input[name=satellites]")).to_have_value("17")
    packed.finish()
    receipts = packed.all_received()["receipts"]
    told = packed.get(f"api/inspections/{receipts[0]['id']}")["inspection"]
    seen = told["observed_position"]
    assert told["kind"] == "special"
    assert {name: seen[name] for name in read} == {name: float(value) for name, value in read.items()}
    assert (seen["fix_type"], seen["source"], seen["correction_age_s"]) == (4, "external", 1.2)


def test_a_refresh_fetches_no_tile_again_until_the_ground_has_changed(packed: FieldApp) -> None:
    asked: list[str] = []
    packed.page.on("request", lambda request: asked.append(request.url) if "/tiles/" in request.url else None)
    held = packed.page.evaluate(TILES_HELD)
    assert held > 20
    packed.open("#packs")
    packed.page.get_by_role("button", name="更新", exact=True).click()
    expect(packed.page.locator(".good")).to_contain_text("已带上", timeout=30_000)
    assert len(asked) <= 2, asked  # one of each layer, to see whether it has changed
    packed.page.evaluate(TILES_OLDER)
    asked.clear()
    packed.page.get_by_role("button", name="更新", exact=True).click()
    expect(packed.page.locator(".progress")).to_be_hidden(timeout=30_000)
    expect(packed.page.locator(".good")).to_contain_text("已带上", timeout=30_000)
    units = [each for each in asked if "/tiles/units/" in each]
    lines = [each for each in asked if "/tiles/lines/" in each]
    assert (len(units) > 10, len(lines)) == (True, 1)


def test_two_tabs_send_once_and_write_one_form(packed: FieldApp) -> None:
    code = packed.codes()[5]
    packed.form("inspect", code)
    other = packed.new_tab()
    other.goto(f"{packed.line.address}/field/#inspect={code}")
    expect(other.locator(".form-view .warned")).to_contain_text("另一个标签页")
    packed.page.bring_to_front()  # a tab behind another is drawn once a second
    packed.line.down()
    packed.inspect(code, note="两个标签页")
    record = packed.kept()["outbox"][0]["id"]
    packed.line.up = True
    for page in (packed.page, other):
        page.evaluate("window.dispatchEvent(new Event('online'))")
    packed.all_received()
    expect(other.locator("#outbox-number")).to_be_hidden()
    history = packed.get(f"api/markers/{code}/history")["inspections"]
    assert [each["id"] for each in history].count(record) == 1


def test_position_denied_is_said_and_a_reason_takes_its_place(phone: Phone) -> None:
    app = phone(denied=True).sign_in().open().take_along()
    notice = app.page.locator("[data-notice=position]")
    notice.get_by_role("button").click()
    expect(notice).to_contain_text("不允许定位")
    form = app.form("inspect", app.codes()[6])
    form.get_by_role("radio", name="完好").check()
    app.page.locator("button.finish").click()
    expect(form.locator(".form-told .warned").last).to_contain_text("还没有位置")
    form.locator("input[name=accuracy_reason]").fill("林下无信号")
    app.finish()
    receipts = app.all_received()["receipts"]
    told = app.get(f"api/inspections/{receipts[0]['id']}")["inspection"]
    assert told["observed_position"] is None


def test_an_update_waits_until_it_is_taken_and_leaves_the_outbox_alone(packed: FieldApp) -> None:
    packed.line.down()
    packed.inspect(packed.codes()[7], note="更新前", photos=(picture(4),))
    before = packed.kept()
    packed.line.up, packed.line.version = True, b"0123456789abcdef"
    packed.context.clear_cookies()  # so that nothing is sent meanwhile
    asked = packed.page.locator("dialog[open]")  # whenever it tries to send, the app asks to sign in again
    packed.page.add_locator_handler(asked, lambda: packed.page.keyboard.press("Escape"))
    packed.page.evaluate("navigator.serviceWorker.getRegistration().then((found) => found.update())")
    notice = packed.page.locator("[data-notice=update]")
    expect(notice).to_contain_text("新版本", timeout=20_000)
    with packed.page.expect_navigation():
        notice.get_by_role("button", name="现在更新").click()
    expect(packed.page.locator("html[data-ready]")).to_be_attached()
    shells = packed.page.evaluate("caches.keys().then((k) => k.filter((n) => n.includes('shell')))")
    assert shells == ["geo-field-shell-0123456789abcdef"]
    after = packed.kept()
    assert [each["id"] for each in after["outbox"]] == [each["id"] for each in before["outbox"]]
    assert [each["sha256"] for each in after["photos"]] == [each["sha256"] for each in before["photos"]]
    packed.page.remove_locator_handler(asked)
    packed.sign_in().open("#outbox")
    packed.page.get_by_role("button", name="现在发送").click()
    packed.all_received()


def test_the_app_can_be_installed(packed: FieldApp) -> None:
    session = packed.context.new_cdp_session(packed.page)
    errors = session.send("Page.getInstallabilityErrors")["installabilityErrors"]
    assert [each for each in errors if each["errorId"] != "in-incognito"] == []
    manifest = json.loads((ROOT / "web_map" / "field" / "manifest.webmanifest").read_text())
    assert manifest["start_url"] == "./"
