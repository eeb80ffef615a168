"""Inspections, reviews and cases from the office page: what is typed arrives once, and a refusal says why."""

import hashlib
import re

import pytest
from playwright.sync_api import expect

from tests.web_map.conftest import PHONE
from tests.web_map.marker_desk import MarkerDesk
from tests.web_map.test_accessibility import axe, violations  # noqa: F401 -- `axe` is a fixture

pytestmark = [pytest.mark.browser, pytest.mark.database]

START = "#map=10/19.82000/110.50000"


@pytest.fixture
def open_desk(open_map):
    """Open the office map, signed in."""

    def desk(username: str, **options) -> MarkerDesk:
        return MarkerDesk(open_map(START, **options).drawn(), open_map.address).sign_in(username)

    desk.opener = open_map
    return desk


def fresh(desk: MarkerDesk) -> str:
    """Return a green marker that nothing waits at: one that no other test here works on, as it turns colour."""
    return desk.markers("colour=green&review_pending=false&case_stage=none")[-1]["id"]


def open_form(desk: MarkerDesk, code: str, language: str = "zh-CN") -> None:
    desk.open_marker(code, language=language)
    desk.page.get_by_role("button", name=re.compile("记录检查|Record an inspection")).click()
    expect(desk.page.locator(".inspection-form")).to_be_visible()


def choose(desk: MarkerDesk, name: str, value: str) -> None:
    desk.page.locator(f'input[name="{name}"][value="{value}"]').check()


def test_definitions_stand_beside_each_choice(open_desk):
    desk = open_desk("surveyor")
    open_form(desk, fresh(desk))
    legend = desk.get("api/legend")
    form = desk.page.locator(".inspection-form")
    for entry in legend["condition"]:
        if entry["code"] not in {"not_set", "retired"}:
            choice = form.locator("label", has=desk.page.locator(f'input[value="{entry["code"]}"]')).first
            expect(choice).to_contain_text(entry["definition_zh"])
    for entry in legend["component"]:
        expect(form.locator(f'fieldset:has(input[name="component-{entry["code"]}"])')).to_contain_text(
            entry["definition_zh"]
        )
    expect(form.locator(".component")).to_have_count(len(legend["component"]))


def test_an_inspection_with_photo_draft_receipt_and_review(open_desk):
    desk = open_desk("surveyor")
    code = fresh(desk)
    legal = desk.get(f"api/markers/{code}")["properties"]["legal_position"]
    known = len(desk.get(f"api/markers/{code}/history")["inspections"])
    open_form(desk, code)
    choose(desk, "condition", "damaged")
    choose(desk, "component-body", "damaged")
    desk.page.get_by_role("button", name="其余均良好").click()
    for name, value in {
        "lon": legal["lon"] + 0.00001,
        "lat": legal["lat"],
        "accuracy_m": 0.03,
        "satellites": 18,
    }.items():
        desk.page.locator(f'.fix input[name="{name}"]').fill(str(value))
    desk.page.locator('.fix select[name="fix_type"]').select_option("4")
    desk.page.locator('.fix select[name="source"]').select_option("survey")
    expect(desk.page.locator(".fix")).to_contain_text(re.compile(r"距法定位置 1\.0\d 米"))
    expect(desk.page.locator(".form-changes")).to_contain_text("总体状况：完好 → 损坏")
    desk.page.locator('textarea[name="note"]').fill("桩体东侧断裂")

    desk.page.reload()  # the work is not lost
    desk.page.get_by_role("button", name="记录检查").click()
    expect(desk.page.locator(".draft")).to_contain_text("已恢复")
    expect(desk.page.locator('input[name="condition"][value="damaged"]')).to_be_checked()
    expect(desk.page.locator('textarea[name="note"]')).to_have_value("桩体东侧断裂")

    photo = desk.page.screenshot(type="jpeg", clip={"x": 0, "y": 0, "width": 200, "height": 150})
    sha256 = hashlib.sha256(photo).hexdigest()
    desk.page.locator("#photo-0").set_input_files(
        {"name": "face.jpg", "mimeType": "image/jpeg", "buffer": photo}
    )
    expect(desk.page.locator(".photo-item .hash")).to_have_attribute("title", sha256)
    desk.page.get_by_role("button", name="提交检查").click()
    receipt = desk.page.locator(".receipt")
    expect(receipt).to_contain_text("回执", timeout=15_000)
    expect(receipt).to_contain_text("缺少规定照片")

    recorded = desk.get(f"api/markers/{code}/history")["inspections"]
    assert len(recorded) == known + 1
    assert recorded[0]["condition"] == "damaged"
    assert recorded[0]["components"]["body"] == "damaged"
    assert recorded[0]["observed_position"]["fix_type"] == 4
    assert recorded[0]["photos"] == [{"sha256": sha256, "shows": "face_1", "arrived": True}]
    stored = desk.page.context.request.get(f"{desk.address}/api/photos/{sha256}").body()
    assert stored == photo
    assert (
        desk.page.evaluate("Object.keys(localStorage).filter((key) => key.startsWith('inspection-draft'))")
        == []
    )

    receipt.get_by_role("button", name="返回界桩", exact=True).click()
    expect(desk.page.locator(".timeline img").first).to_be_visible()
    expect(desk.page.locator(".timeline")).to_contain_text("待审核")
    expect(desk.page.locator(".review")).to_have_count(0)  # nobody reviews his own

    reviewer = open_desk("boundary")
    reviewer.open_marker(code)
    expect(reviewer.page.locator(".marker-colour")).to_contain_text("正常")
    reviewer.page.locator(".review").get_by_role("button", name="通过").click()
    expect(reviewer.page.locator(".marker-colour")).to_contain_text("异常")
    expect(reviewer.page.locator(".reasons")).to_contain_text("状况: 损坏")
    assert desk.get(f"api/markers/{code}")["properties"]["colour"]["code"] == "red"


def test_without_network_the_draft_stays_and_nothing_is_recorded_twice(open_desk):
    desk = open_desk("surveyor")
    code = fresh(desk)
    known = len(desk.get(f"api/markers/{code}/history")["inspections"])
    open_form(desk, code)
    choose(desk, "condition", "intact")
    answers = []

    def lost_on_the_way_back(route):
        answers.append(route.fetch().status)
        route.abort()

    desk.page.route("**/api/markers/*/inspections", lost_on_the_way_back)
    desk.page.get_by_role("button", name="提交检查").click()
    expect(desk.page.locator(".form-told")).to_contain_text("草稿保留在本机")
    assert answers == [201]  # the office has it, the page cannot know
    desk.page.unroute("**/api/markers/*/inspections")
    desk.page.get_by_role("button", name="提交检查").click()
    expect(desk.page.locator(".receipt")).to_be_visible()
    assert len(desk.get(f"api/markers/{code}/history")["inspections"]) == known + 1
    open_desk.opener.faults.clear()  # the browser itself logs the request that the test aborted


def test_what_is_missing_or_wrong_is_said_in_words(open_desk):
    desk = open_desk("surveyor")
    open_form(desk, fresh(desk))
    desk.page.get_by_role("button", name="提交检查").click()
    expect(desk.page.locator(".form-told")).to_contain_text("请选择总体状况")
    choose(desk, "condition", "intact")
    desk.page.locator('.fix input[name="lon"]').fill("500")
    desk.page.locator('.fix input[name="lat"]').fill("20")
    desk.page.get_by_role("button", name="提交检查").click()
    expect(desk.page.locator(".form-told")).to_contain_text("经度")
    assert all("422" in fault for fault in open_desk.opener.faults)
    open_desk.opener.faults.clear()  # the browser logs the 422
    desk.page.get_by_role("button", name="稍后再填").click()
    desk.page.get_by_role("button", name="记录检查").click()
    desk.page.get_by_role("button", name="放弃草稿").click()
    assert (
        desk.page.evaluate("Object.keys(localStorage).filter((key) => key.startsWith('inspection-draft'))")
        == []
    )


def test_a_refused_step_names_what_is_missing_then_it_is_taken(open_desk):
    desk = open_desk("boundary")
    marker = desk.markers("case_stage=accepted")[0]
    code = marker["id"]
    desk.open_marker(code)
    desk.page.get_by_role("button", name="案件办理").click()
    case = desk.page.locator(".case").first
    expect(case.locator(".stages [aria-current]")).to_have_text("已受理")
    step = case.locator(".steps details", has_text="约定修复")
    expect(step.locator(".needs")).to_contain_text("已通知毗邻方")
    step.locator("summary").click()
    step.get_by_role("button", name="约定修复").click()
    told = step.locator(".missing-list")
    expect(told).to_contain_text("已通知毗邻方")
    expect(told).to_contain_text("商定日期")
    expect(step.locator('[data-key="agreed_date"]')).to_have_class(re.compile("missing"))
    assert all("409" in fault for fault in open_desk.opener.faults)
    open_desk.opener.faults.clear()  # the browser logs the refusal
    for day in step.locator('[data-part="on"] input').all():
        day.fill("2026-11-20")
    step.locator('[data-key="agreed_date"] input').fill("2026-12-01")
    step.get_by_role("button", name="约定修复").click()
    expect(case.locator(".stages [aria-current]")).to_have_text("施工中")
    (listed,) = [each for each in desk.get(f"api/markers/{code}/cases")["cases"] if each["stage"] != "closed"]
    assert listed["stage"] == "repairing"


def test_a_repair_is_recorded_by_one_officer_and_accepted_by_another(open_desk):
    desk = open_desk("boundary")
    code = desk.markers("case_stage=repairing")[0]["id"]
    sheet = desk.page.screenshot(type="jpeg", clip={"x": 0, "y": 0, "width": 210, "height": 150})

    def opened(words: str):
        desk.open_marker(code)
        desk.page.get_by_role("button", name="案件办理").click()
        step = desk.page.locator(".steps details", has=desk.page.locator("summary", has_text=words))
        step.locator("summary").click()
        expect(step.locator(".actions button")).to_be_visible()  # its fields are asked for when it is opened
        return step

    def upload(step) -> None:
        for field in step.locator('input[type="file"]').all():
            field.set_input_files({"name": "sheet.jpg", "mimeType": "image/jpeg", "buffer": sheet})
        expect(step.locator(".hash")).to_have_count(step.locator('input[type="file"]').count())

    done = opened("完成修复")
    done.locator('[data-key="new_survey"] textarea').fill("GNSS RTK")
    done.locator('[data-key="offset_m"] input').fill("0.05")
    done.locator('[data-part="name"] input').fill("符某")
    done.get_by_role("button", name="完成修复").click()
    expect(done.locator(".missing-list")).to_contain_text("签字件")
    upload(done)
    done.get_by_role("button", name="完成修复").click()
    expect(desk.page.locator(".case").first.locator(".stages [aria-current]")).to_have_text("待联合验收")
    expect(desk.page.locator(".case .paper").first).to_have_attribute(
        "href", re.compile("api/photos/[0-9a-f]{64}")
    )

    def accept():
        step = opened("联合验收合格")
        for field in step.locator('[data-part="person"] input').all():
            field.fill("签字人")
        upload(step)
        step.get_by_role("button", name="联合验收合格").click()
        return step

    expect(accept().locator(".missing-list")).to_contain_text("验收人不得为记录施工的人")
    assert all("409" in fault for fault in open_desk.opener.faults)
    open_desk.opener.faults.clear()  # the browser logs the refusals
    desk.sign_in("surveyor")
    accept()
    expect(desk.page.locator(".case").first.locator(".stages [aria-current]")).to_have_text("待批准")


def test_a_report_opens_a_case_and_turns_the_marker_red(open_desk):
    desk = open_desk("surveyor")
    code = fresh(desk)
    desk.open_marker(code)
    desk.page.get_by_role("button", name="案件办理").click()
    step = desk.page.locator(".steps details", has_text="报告异常")
    step.locator("summary").click()
    step.locator("textarea").fill("巡检发现桩体倾斜")
    step.get_by_role("button", name="报告异常").click()
    expect(desk.page.locator(".stages [aria-current]")).to_have_text("已报告")
    expect(desk.page.locator(".case")).to_contain_text("巡检发现桩体倾斜")
    with desk.page.expect_download() as paper:
        desk.page.get_by_role("link", name="案件卷宗 PDF").click()
    assert paper.value.path().read_bytes().startswith(b"%PDF-")
    desk.page.get_by_role("button", name="返回界桩").click()
    assert desk.get(f"api/markers/{code}")["properties"]["colour"]["code"] == "red"


def test_every_record_that_a_step_can_lack_has_a_field(open_desk):
    desk = open_desk("boundary")
    fields = desk.page.evaluate(
        """async () => {
            const {RECORDS, MISSING_AS} = await import("/static/js/panels/case-records.js");
            return Object.fromEntries(Object.entries(RECORDS).map(
                ([event, list]) => [event, list.map(({key}) => MISSING_AS[key] ?? key)]));
        }"""
    )
    legend = desk.get("api/legend")
    assert set(fields) == {entry["code"] for entry in legend["case_event"]} - {"correct"}
    about_people_or_order = {
        "stage", "capacity", "event_of_this_case", "new_event_id", "managing_side_as_on_record",
        "actor_of_managing_side", "case_accepted", "offset_within_limit", "second_person_not_reporter",
        "officer_not_reporter", "no_confirmed_loss", "filed_on_not_in_future", "filed_on_not_before_approval",
        "points_at_standing_step", "records", "later_step_without_it", "actor_of_neighbour", "paper_on_record",
        "acceptance_by_another_person", "acceptance_by_neighbour", "evidence_on_record",
    }  # fmt: skip
    named = {entry["code"] for entry in legend["missing"]} - about_people_or_order
    assert named == {key for keys in fields.values() for key in keys}


@pytest.mark.parametrize("size", [{"width": 1366, "height": 800}, PHONE], ids=["desktop", "phone"])
@pytest.mark.parametrize("language", ["zh-CN", "en"])
def test_forms_pass_the_rules_a_machine_can_test(open_desk, axe, size, language):  # noqa: F811 -- fixture
    desk = open_desk("boundary", size=size)
    open_form(desk, fresh(desk), language)
    choose(desk, "condition", "damaged")
    assert violations(desk.page, axe) == []
    assert desk.page.evaluate("document.documentElement.scrollWidth") <= size["width"]
    code = desk.markers("case_stage=awaiting_joint_acceptance")[0]["id"]
    desk.open_marker(code, language=language)
    desk.page.get_by_role("button", name=re.compile("案件办理|^Cases$")).click()
    desk.page.locator(".steps summary").first.click()
    assert violations(desk.page, axe) == []
    assert desk.page.evaluate("document.documentElement.scrollWidth") <= size["width"]


def test_reference_objects_measured_again_tell_the_shift(open_desk):
    desk = open_desk("surveyor")
    code = fresh(desk)
    objects = desk.get(f"api/markers/{code}")["properties"]["reference_objects"]
    open_form(desk, code)
    choose(desk, "condition", "intact")
    desk.page.get_by_text("方位物复测", exact=True).click()
    again = desk.page.locator(".objects-again")
    again.get_by_label("测量工具").select_option("total_station")
    for item in objects:
        field = again.locator(f'[data-object="{item["name"]}"]')
        expect(field).to_contain_text(f"{item['distance_m']:.2f} 米")
        field.get_by_label("距离（米）").fill(str(item["distance_m"]))
        field.get_by_label(re.compile("方位角")).fill(str(item["azimuth_deg"]))
    desk.page.reload()  # what was measured is not lost
    desk.page.get_by_role("button", name="记录检查").click()
    expect(again.get_by_label("距离（米）").first).to_have_value(re.compile(r"\d"))
    desk.page.get_by_role("button", name="提交检查").click()
    expect(desk.page.locator(".receipt")).to_contain_text("回执", timeout=15_000)
    desk.page.get_by_role("button", name="返回界桩", exact=True).click()
    told = desk.page.locator(".timeline .objects").first
    expect(told).to_contain_text("方位物检核：移动 0.00 米")
    expect(told).to_contain_text("位置一致")
