"""What is done again: objects sighted anew on a visit, and refused records of every kind put right in their form."""

import hashlib
from datetime import datetime

import pytest
from playwright.sync_api import expect

from tests.web_map.field_app import FieldApp, picture

pytestmark = [pytest.mark.browser, pytest.mark.database]
SURVEYED = """async () => {
  const database = await new Promise((done) => {
    const asked = indexedDB.open("geo-field");
    asked.onsuccess = () => done(asked.result);
  });
  const all = await new Promise((done) => {
    const asked = database.transaction("markers").objectStore("markers").getAll();
    asked.onsuccess = () => done(asked.result);
  });
  database.close();
  return all.filter(({form, cases, state}) => (form.reference_objects ?? []).length > 2 && cases.length === 0
    && state.condition === "intact").map(({code, form}) => ({code, objects: form.reference_objects}));
}"""


def test_objects_are_sighted_again_on_a_visit_without_signal(packed: FieldApp) -> None:
    surveyed = packed.page.evaluate(SURVEYED)[-1]
    packed.line.down()
    form = packed.form("inspect", surveyed["code"])
    form.get_by_role("radio", name="完好").check()
    form.locator("input[name=accuracy_reason]").fill("林下无信号")
    again = form.locator(".objects-again")
    again.get_by_text("方位物复测", exact=True).click()
    again.get_by_label("测量工具").select_option("total_station")
    for item in surveyed["objects"]:
        field = again.locator(f'[data-object="{item["name"]}"]')
        field.locator("input[name=distance_m]").fill(f"{item['distance_m'] + 0.01:.2f}")
        field.locator("input[name=azimuth_deg]").fill(str(item["azimuth_deg"]))
    packed.page.reload()  # what was measured is not lost
    first = surveyed["objects"][0]
    expect(again.locator("input[name=distance_m]").first).to_have_value(f"{first['distance_m'] + 0.01:.2f}")
    packed.finish()
    record = packed.kept()["outbox"][0]["id"]
    packed.line.up = True
    packed.open("#outbox").all_received()
    told = packed.get(f"api/inspections/{record}")["inspection"]
    reference = told["displacement"]["reference"]
    seen = reference["sighted"]
    assert (seen["instrument"], len(seen["objects"])) == ("total_station", len(surveyed["objects"]))
    assert seen["objects"][0]["distance_m"] == pytest.approx(first["distance_m"] + 0.01)
    assert (reference["verdict"], reference["shift_m"] < 0.05) == ("agrees", True)


def test_a_refused_damage_report_is_put_right_and_keeps_its_clock_and_photo(packed: FieldApp) -> None:
    code, photo = packed.codes()[-1], picture(81)
    packed.line.down()
    form = packed.form("report", code)
    form.locator("textarea[name=description]").fill("被车撞断")
    packed.photograph(0, photo)
    form.locator("button.finish").click()
    expect(packed.page.locator("main[data-view=marker]")).to_be_attached()
    packed.spoil("case_event", marker_code="nowhere")
    (kept,) = packed.kept()["outbox"]
    form = packed.reopened()
    expect(form.locator("textarea[name=description]")).to_have_value("被车撞断")
    expect(form.locator("label[for=photo-0]")).to_contain_text("✓")
    form.locator("textarea[name=description]").fill("被车撞断，残桩在原处")
    form.locator("button.finish").click()
    packed.all_received()
    (case,) = packed.get(f"api/markers/{code}/cases")["cases"]
    event = packed.get(f"api/cases/{case['id']}")["events"][0]
    assert event["records"]["description"] == "被车撞断，残桩在原处"
    assert event["records"]["photos"] == [hashlib.sha256(photo).hexdigest()]
    assert datetime.fromisoformat(event["happened_at"]) == datetime.fromisoformat(kept["body"]["on"])


def test_a_refused_change_is_put_right(packed: FieldApp) -> None:
    code = packed.codes()[-2]
    packed.line.down()
    form = packed.form("edit", code)
    form.locator("textarea[name=guardian]").fill("李守界")
    form.locator("button.finish").click()
    expect(packed.page.locator("main[data-view=marker]")).to_be_attached()
    packed.spoil("edit", marker_code="nowhere")
    form = packed.reopened()
    expect(form.locator("textarea[name=guardian]")).to_have_value("李守界")
    form.locator("textarea[name=guardian]").fill("李守界（村委）")
    form.locator("button.finish").click()
    packed.all_received()
    assert packed.get(f"api/markers/{code}")["properties"]["guardian"] == "李守界（村委）"
