"""A long line and a third side: more than forty stops on a phone, in order, found again; three sides sign on one screen."""

from collections.abc import Iterator
from uuid import uuid4

import pytest
import shapely
from playwright.sync_api import Browser, Page, expect

from tests.geo_service.markers.conftest import form
from tests.web_map.field_app import FieldApp
from tests.web_map.line import Line
from tests.web_map.pages import Office, axe_violations, fits
from tests.web_map.test_field_joint import draw, finish, open_stop, side_of

pytestmark = [pytest.mark.browser, pytest.mark.database]
LINE, THIRD = "460106460107", "460105"
SIDES = ("460106", "460107", THIRD)
NAMES = {"460106": "龙华区", "460107": "琼山区", "460105": "秀英区"}
PEOPLE = {"460106": "龙代表", "460107": "琼代表", "460105": "秀代表"}
MARKS = 20
MOST_STOPS = 40
WRITTEN = """async ([id, stops]) => {
  const {changeKept} = await import("/static/js/field/store.js");
  await changeKept(`joint-day:${id}`, (book) => ({...book, stops: {...stops, ...book.stops}}));
}"""


def prepared(line_server: str, browser: Browser) -> dict:
    """Marks all along the line, a post where three units meet, and the joint inspection of this year begun."""
    office = Office(line_server, browser)
    api = office.api("boundary")
    course = shapely.geometry.shape(api.get(f"api/boundaries/lines/{LINE}")["geometry"])
    longest = max(shapely.get_parts(course), key=lambda part: part.length)
    for number in range(MARKS):
        at = longest.interpolate((number + 0.5) / MARKS, normalized=True)
        mark = {
            "id": str(uuid4()),
            "code": f"石 {number + 1:02}",
            "lon": at.x,
            "lat": at.y,
            "description": "刻石",
        }
        agreed = {"document": "协议书第 4 条", "valid_from": "2010-01-01"}
        api.send("post", f"api/joint-inspections/lines/{LINE}/other-marks", mark | agreed)
    end = longest.interpolate(0)
    place = {"lon": end.x, "lat": end.y, "accuracy_m": 0.5}
    code = "01060107900Q"
    post = form(line_code=LINE, unit_codes=list(SIDES), code=code, number=code, managing_unit=SIDES[0])
    api.send("post", "api/markers", post | {"legal_position": place})
    (planned,) = [
        each for each in api.get("api/joint-inspections/plan")["lines"] if each["line_code"] == LINE
    ]
    wanted = {"id": str(uuid4()), "line_code": LINE, "year": planned["year"], "consent": "函 1 号"}
    joint = api.send("post", "api/joint-inspections", wanted)
    office.close()
    return joint


@pytest.fixture(scope="module")
def walker(live_server: str, browser: Browser) -> Iterator[tuple[FieldApp, dict]]:
    joint = prepared(live_server, browser)
    app = FieldApp(browser, Line(live_server), []).sign_in().open("#packs").kept_offline()
    app.page.locator("select[name=line]").select_option(LINE)
    app.page.get_by_role("button", name="看大小").click()
    app.page.get_by_role("button", name="带上", exact=True).click()
    expect(app.page.locator(".packs li")).to_have_count(1, timeout=60_000)
    expect(app.page.locator(".progress")).to_be_hidden(timeout=60_000)
    yield app, joint
    app.context.close()
    app.line.close()


def written(stop: dict) -> dict:
    """A stop of the day's book as the form leaves it: both sides saw it as the papers have it."""
    seen = {"task": stop["order"], "condition": None, "note": "", "recorded_at": "2026-06-01T02:00:00.000Z"}
    answers = dict.fromkeys(stop["checklist"], "agrees")
    records = [seen | {"side": side, "person": PEOPLE[side], "answers": answers} for side in stop["sides"]]
    return {"records": records, "opinion": None, "document": None}


def sign(page: Page, *sides: str, down: int) -> None:
    page.get_by_role("link", name="各方会签").click()
    expect(page.locator(".sheet img")).to_have_js_property("complete", value=True)
    for side in sides:
        draw(page, NAMES[side], down=down)
    finish(page)
    expect(page.locator("main[data-view=day]")).to_be_attached()


def test_a_long_walk_is_in_order_and_shown_again_where_it_was_left(
    walker: tuple[FieldApp, dict],
) -> None:
    phone, joint = walker
    page, tasks = phone.anew().page, joint["task_list"]
    assert len(tasks) > MOST_STOPS
    phone.line.down()
    phone.open(f"#day={joint['id']}")
    rows = page.locator(".stops [data-stop]")
    expect(rows).to_have_count(len(tasks))
    orders = [int(each) for each in rows.evaluate_all("rows => rows.map((row) => row.dataset.stop)")]
    assert orders == [task["order"] for task in tasks] == list(range(1, len(tasks) + 1))
    assert [task["along_m"] for task in tasks] == sorted(task["along_m"] for task in tasks)
    expect(page.get_by_role("link", name="下一处：1 · ")).to_be_visible()
    assert axe_violations(page) == []
    assert fits(page)
    for side in SIDES:
        page.locator(f"input[name=person-{side}]").fill(PEOPLE[side])
    far = next(task for task in reversed(tasks) if task["kind"] == "segment")
    open_stop(phone, far["order"])
    finish(page)
    row = page.locator(f'[data-stop="{far["order"]}"]')
    expect(row).to_contain_text("待签字")
    expect(row).to_be_in_viewport()


def test_three_sides_sign_what_three_saw_and_a_day_of_more_stops_is_two_records(
    walker: tuple[FieldApp, dict],
) -> None:
    phone, joint = walker
    page, tasks = phone.anew().page, joint["task_list"]
    phone.line.down()
    phone.open(f"#day={joint['id']}")
    (meeting,) = [task for task in tasks if task["kind"] == "tripoint"]
    for side in SIDES[:2]:
        page.locator(f"input[name=person-{side}]").fill(PEOPLE[side])
    open_stop(phone, meeting["order"])
    first, second, last = meeting["sides"]
    side_of(page, first).get_by_label("所见状况").select_option("intact")
    finish(page)
    expect(page.locator(".form-told")).to_contain_text(f"{NAMES[THIRD]}到场人员的姓名")
    page.get_by_role("link", name="返回联检").click()
    page.locator(f"input[name=person-{THIRD}]").fill(PEOPLE[THIRD])
    open_stop(phone, meeting["order"])
    side_of(page, last).get_by_role("radio", name="另有所见").check()
    side_of(page, last).get_by_label("所见状况").select_option("minor_defect")
    opinion = page.locator(".opinion")
    opinion.get_by_label("意见", exact=True).fill("当场除草")
    for side in (first, second):
        opinion.get_by_role("checkbox", name=NAMES[side]).check()
    finish(page)
    expect(page.locator(".form-told")).to_contain_text("须经该处各方同意")
    opinion.get_by_role("checkbox", name=NAMES[last]).check()
    finish(page)
    expect(page.locator("main[data-view=day]")).to_be_attached()

    segments = [task for task in tasks if task["order"] != meeting["order"]][:MOST_STOPS]
    page.evaluate(WRITTEN, [joint["id"], {str(task["order"]): written(task) for task in segments}])
    phone.open(f"#day={joint['id']}")
    expect(page.locator("main")).to_contain_text(f"{MOST_STOPS + 1} 处记录待各方签字")
    walked = sorted(each["order"] for each in (meeting, *segments))
    sheets = [SIDES, SIDES[:2]] if meeting["order"] in walked[:MOST_STOPS] else [SIDES[:2], SIDES]
    sign(page, *sheets[0], down=50)
    expect(page.locator("main")).to_contain_text("1 处记录待各方签字")
    sign(page, *sheets[1], down=60)
    expect(page.locator("main")).to_contain_text("没有待签字的记录")
    signed = [each for each in phone.kept()["outbox"] if each["type"] == "joint_signature"]
    documents = {each["body"]["document"] for each in signed}
    assert len(documents) == 2
    assert sorted(each["body"]["side"] for each in signed) == sorted([*SIDES, *SIDES[:2]])

    phone.line.up = True
    phone.open("#outbox").all_received(60)
    after = phone.get(f"api/joint-inspections/{joint['id']}")
    assert set(after["field_papers"]) == documents
    seen = {each["side"]: each["condition"] for each in after["records"] if each["task"] == meeting["order"]}
    assert seen == {first: "intact", second: "intact", last: "minor_defect"}
    assert all(each["captured_at"] and each["device"] for each in after["records"])
    assert sorted(after["opinions"][0]["agreed_by"]) == sorted(SIDES)
