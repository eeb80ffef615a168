"""A day of joint inspection without signal: each side's view, disagreement, opinion, signatures on one screen, all at the office."""

import hashlib
from collections.abc import Iterator
from io import BytesIO

import pytest
from PIL import Image
from playwright.sync_api import Browser, Locator, Page, expect

from tests.web_map.field_app import FieldApp, picture
from tests.web_map.line import Line
from tests.web_map.pages import Office, axe_violations, fits

pytestmark = [pytest.mark.browser, pytest.mark.database]
LINE = "460107469021"
MINE, OTHER = "460107", "469021"
PERSON = "定安王代表"


@pytest.fixture(scope="module")
def walker(live_server: str, browser: Browser) -> Iterator[FieldApp]:
    """A phone with the pack of the line whose joint inspection is under way, taken along once."""
    app = FieldApp(browser, Line(live_server), []).sign_in().open("#packs").kept_offline()
    app.page.locator("select[name=line]").select_option(LINE)
    app.page.get_by_role("button", name="看大小").click()
    app.page.get_by_role("button", name="带上", exact=True).click()
    expect(app.page.locator(".packs li")).to_have_count(1, timeout=30_000)
    expect(app.page.locator(".progress")).to_be_hidden(timeout=30_000)
    yield app
    app.context.close()
    app.line.close()


@pytest.fixture
def phone(walker: FieldApp) -> Iterator[FieldApp]:
    """The phone in the morning, with nothing in the day's book; in the evening it has complained of nothing."""
    walker.faults.clear()
    yield walker.anew()
    assert walker.faults == []


def joint_of(app: FieldApp) -> dict:
    (listed,) = app.get(f"api/joint-inspections?line={LINE}")["joint_inspections"]
    return app.get(f"api/joint-inspections/{listed['id']}")


def side_of(page: Page, side: str) -> Locator:
    return page.locator(f'.of-side[data-side="{side}"]')


def open_stop(app: FieldApp, order: int) -> None:
    app.page.locator(f'[data-stop="{order}"]').click()
    expect(app.page.locator("main[data-view=stop] form")).to_be_visible()


def draw(page: Page, name: str, *, down: int = 50) -> None:
    """Sign in the field of a side, as a hand does: never twice the same, so another time so far down."""
    party = page.locator(".party").filter(has_text=name)
    pad = party.locator("canvas")
    pad.scroll_into_view_if_needed()
    box = pad.bounding_box()
    assert box is not None
    page.mouse.move(box["x"] + 20, box["y"] + 20)
    page.mouse.down()
    page.mouse.move(box["x"] + 90 + len(name) * 9, box["y"] + down, steps=4)
    page.mouse.up()
    party.get_by_role("button", name="确认签字").click()
    expect(party.locator(".good")).to_have_text("已签")


def measure(app: FieldApp, code: str) -> None:
    """Measure and photograph a post from its stop, and come back to the stop."""
    page = app.page
    page.get_by_role("link", name=f"测量并拍照：{code}").click()
    expect(page.locator("main[data-view=joint]")).to_be_attached()
    page.get_by_role("radio", name="轻微缺陷").check()
    page.get_by_role("button", name="其余均良好").click()
    page.get_by_role("button", name="开始测量位置").click()
    expect(page.locator(".position-told b")).to_be_visible()
    page.get_by_role("button", name="停止").click()
    app.photograph(0, picture(71))
    finish(page)
    page.get_by_role("alertdialog").get_by_role("button", name="完成").click()
    expect(page.locator("main[data-view=stop]")).to_be_attached()


def finish(page: Page) -> None:
    page.get_by_role("button", name="完成", exact=True).click()


def disagree(app: FieldApp) -> None:
    """My side sees a defect, the other does not; a reload in between costs nothing."""
    page = app.page
    mine, theirs = side_of(page, MINE), side_of(page, OTHER)
    expect(mine.get_by_label("所见状况")).to_have_value("minor_defect")
    mine.get_by_label("注记").select_option("changed")
    theirs.get_by_role("radio", name="另有所见").check()
    theirs.get_by_label("所见状况").select_option("intact")
    expect(page.locator(".form-changes")).to_contain_text("所见状况: 琼山区 轻微缺陷 · 定安县 完好")
    page.reload()
    expect(theirs.get_by_label("所见状况")).to_have_value("intact")
    finish(page)
    expect(page.locator(".form-told")).to_contain_text("定安县到场人员的姓名")


def agree(page: Page) -> None:
    """Both sides agree on an opinion and on who puts it right by when."""
    opinion = page.locator(".opinion")
    opinion.get_by_label("意见", exact=True).fill("描红褪色，当场清理")
    finish(page)
    expect(page.locator(".form-told")).to_contain_text("须经该处各方同意")
    for side in ("琼山区", "定安县"):
        opinion.get_by_role("checkbox", name=side).check()
    opinion.get_by_label("共同认定的状况").select_option("minor_defect")
    opinion.get_by_label("措施").fill("重新描红")
    finish(page)
    expect(page.locator(".form-told")).to_contain_text("责任方和期限")
    opinion.get_by_label("责任方").select_option(OTHER)
    opinion.get_by_label("期限").fill("2027-03-31")
    finish(page)


def sign_by_all(page: Page) -> None:
    """The record is shown as it will be kept, and nobody leaves without the other side's name."""
    page.get_by_role("link", name="各方会签").click()
    expect(page.locator(".sheet img")).to_have_js_property("complete", value=True)
    assert axe_violations(page) == []
    assert fits(page)
    draw(page, "琼山区")
    finish(page)
    expect(page.locator(".form-told")).to_contain_text("各方都要写姓名并签字")
    draw(page, "定安县")
    finish(page)


def test_the_sides_walk_the_line_offline_sign_on_one_screen_and_the_office_has_it(
    phone: FieldApp, office: Office
) -> None:
    before = joint_of(phone)
    recorded = {each["task"] for each in before["records"]}
    free = [each for each in before["task_list"] if each["order"] not in recorded]
    post = next(each for each in free if each["kind"] == "marker" and len(each["subjects"]) == 1)
    segment = next(each for each in free if each["kind"] == "segment")
    phone.line.down()
    phone.page.close()
    phone.page = page = phone.new_tab()  # a cold start without a signal
    phone.open("#list")
    page.get_by_role("link", name="联合检查（1 条界线）").click()
    page.locator(".joint-row").click()
    expect(page.locator(f"input[name=person-{MINE}]")).not_to_have_value("")
    open_stop(phone, post["order"])
    measure(phone, post["subjects"][0])
    disagree(phone)
    page.get_by_role("link", name="返回联检").click()
    page.locator(f"input[name=person-{OTHER}]").fill(PERSON)
    open_stop(phone, post["order"])
    agree(page)
    done = page.locator(f'[data-stop="{post["order"]}"]')
    expect(done).to_contain_text("待签字")
    expect(done).to_contain_text("不一致")
    open_stop(phone, segment["order"])
    finish(page)
    sign_by_all(page)
    expect(page.locator(f'[data-stop="{segment["order"]}"]')).to_contain_text("已会签")
    kept = phone.kept()
    kinds = [each["type"] for each in kept["outbox"]]
    assert {kind: kinds.count(kind) for kind in kinds} == {
        "inspection": 1, "joint_record": 4, "joint_opinion": 1, "joint_signature": 2,
    }  # fmt: skip
    assert (len(kept["photos"]), kept["drafts"]) == (4, [])

    phone.line.up = True
    phone.open("#outbox").all_received()
    after = joint_of(phone)
    is_on_record(before, after, post=post, segment=segment)
    (document,) = after["field_papers"]
    for name in (document, *(each["sheet"] for each in after["signatures"] if each["document"] == document)):
        content = phone.context.request.get(f"{phone.line.address}/api/photos/{name}").body()
        assert hashlib.sha256(content).hexdigest() == name
        assert Image.open(BytesIO(content)).format == "PNG"
    visit = phone.get(f"api/markers/{post['subjects'][0]}/history")["inspections"][0]
    assert (visit["kind"], visit["condition"]) == ("joint", "minor_defect")

    desk = office.open(f"joint?id={after['id']}", signed_in="boundary")
    papers = desk.locator(".field-paper")
    expect(papers).to_contain_text(document)
    expect(papers).to_contain_text(f"定安县 {PERSON}")
    with desk.expect_popup() as opened:
        papers.get_by_role("link", name="查看记录").click()
    assert document in opened.value.url
    expect(desk.locator(f"#task-{post['order']}")).to_contain_text("描红褪色，当场清理")


def is_on_record(before: dict, after: dict, *, post: dict, segment: dict) -> None:
    """What the office has beyond what it had: both sides' views, the opinion with its order, both signatures."""
    fresh = after["records"][len(before["records"]) :]
    me = fresh[0]["person"]
    assert [(each["task"], each["side"], each["person"], each["condition"]) for each in fresh] == [
        (post["order"], MINE, me, "minor_defect"),
        (post["order"], OTHER, PERSON, "intact"),
        (segment["order"], MINE, me, None),
        (segment["order"], OTHER, PERSON, None),
    ]
    assert all(set(each["answers"]) == set(post["checklist"]) for each in fresh[:2])
    assert after["opinions"][-1]["agreed_by"] == [MINE, OTHER]
    orders = [(each["measure"], each["responsible"], each["deadline"]) for each in after["work_orders"]]
    assert ("重新描红", OTHER, "2027-03-31") in orders
    signed = [each for each in after["signatures"] if each["document"] in after["field_papers"]]
    assert sorted((each["side"], each["person"]) for each in signed) == [(MINE, me), (OTHER, PERSON)]


def test_a_word_changed_after_the_first_signature_is_signed_anew_by_all(phone: FieldApp) -> None:
    page = phone.page
    before = joint_of(phone)
    segments = [each for each in before["task_list"] if each["kind"] == "segment"]
    phone.line.down()
    phone.open(f"#day={before['id']}")
    page.locator(f"input[name=person-{OTHER}]").fill(PERSON)
    open_stop(phone, segments[-1]["order"])
    finish(page)
    page.get_by_role("link", name="各方会签").click()
    draw(page, "琼山区")
    page.get_by_role("link", name="返回联检").click()
    open_stop(phone, segments[-1]["order"])
    side_of(page, MINE).get_by_label("备注").fill("新修水渠")
    finish(page)
    page.get_by_role("link", name="各方会签").click()
    expect(page.locator(".party .good")).to_have_count(0)
    page.locator(".party").filter(has_text="定安县").get_by_label("姓名").fill(
        page.locator(".party").filter(has_text="琼山区").get_by_label("姓名").input_value()
    )
    for name in ("琼山区", "定安县"):
        draw(page, name)
    finish(page)
    expect(page.locator(".form-told")).to_contain_text("一人不能代表两方")
    assert [each["shows"] for each in phone.kept()["photos"]].count("joint_sheet") == 1


def test_a_refused_joint_opinion_is_put_right_with_its_stop(phone: FieldApp) -> None:
    before = joint_of(phone)
    post = [each for each in before["task_list"] if each["kind"] == "marker"][-1]
    page = phone.page
    phone.line.down()
    phone.open(f"#day={before['id']}")
    page.locator(f"input[name=person-{OTHER}]").fill(PERSON)
    page.locator(f'[data-stop="{post["order"]}"]').click()
    form = page.locator(".form-view form")
    form.locator(f'[data-side="{MINE}"]').get_by_label("所见状况").select_option("minor_defect")
    opinion = form.locator(".opinion")
    opinion.get_by_label("意见", exact=True).fill("当场除草")
    for name in ("琼山区", "定安县"):
        opinion.get_by_role("checkbox", name=name).check()
    form.locator("button.finish").click()
    expect(page.locator("main[data-view=day]")).to_be_attached()
    phone.spoil("joint_opinion", agreed_by=[MINE])
    form = phone.reopened()
    expect(opinion.get_by_label("意见", exact=True)).to_have_value("当场除草")
    opinion.get_by_label("意见", exact=True).fill("当场除草，已描红")
    form.locator("button.finish").click()
    phone.all_received()
    after = joint_of(phone)
    (given,) = [each for each in after["opinions"] if each["task"] == post["order"]]
    assert (given["text"], given["agreed_by"]) == ("当场除草，已描红", [MINE, OTHER])


def test_every_view_of_the_day_is_accessible_and_fits_a_phone_in_both_languages(phone: FieldApp) -> None:
    page, joint = phone.page, joint_of(phone)
    orders = {each["kind"]: each["order"] for each in joint["task_list"]}
    found = {}
    for language in ("zh-CN", "en"):
        page.locator("#language").select_option(language)
        for view in (
            "joints",
            f"day={joint['id']}",
            *(f"stop={joint['id']}:{order}" for order in orders.values()),
        ):
            phone.open(f"#{view}")
            page.wait_for_selector(f"main[data-view={view.split('=')[0]}] h1")
            found[f"{language} {view}"] = (axe_violations(page), fits(page))
    assert {name: told for name, told in found.items() if told != ([], True)} == {}
