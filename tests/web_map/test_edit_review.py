"""Two offline changes of one field, from the phone that brought the second to the office's word and back to the phone."""

from collections.abc import Iterator
from datetime import UTC, datetime
from uuid import uuid4

import pytest
from playwright.sync_api import Browser, expect

from tests.web_map.field_app import FieldApp
from tests.web_map.line import Line
from tests.web_map.marker_desk import MarkerDesk
from tests.web_map.pages import axe_violations, fits

pytestmark = [pytest.mark.browser, pytest.mark.database]
FIRST, SECOND, THIRD = "位于水渠北侧", "位于水渠南侧", "位于水渠南侧、机耕路东侧"


@pytest.fixture
def phone(live_server: str, browser: Browser) -> Iterator[FieldApp]:
    faults: list[str] = []
    app = FieldApp(browser, Line(live_server), faults).sign_in().open().take_along()
    yield app
    app.context.close()
    app.line.close()
    assert faults == []


def brought_by_another(app: FieldApp, code: str) -> None:
    """Change the same field from another device, on the version that both have."""
    body = {
        "id": str(uuid4()),
        "type": "edit",
        "marker_code": code,
        "base_version": 1,
        "captured_at": datetime.now(UTC).isoformat(),
        "changes": {"feature_relation": FIRST},
    }
    answer = app.context.request.post(
        f"{app.line.address}/api/field/push", data={"device_id": "平板-2", "records": [body]}
    )
    assert [each["status"] for each in answer.json()["results"]] == ["accepted"]


def refresh(app: FieldApp) -> None:
    app.page.goto(f"{app.line.address}/field/#packs")
    app.page.get_by_role("button", name="更新").first.click()
    expect(app.page.locator(".told, .good").filter(has_text="已带上").first).to_be_visible(timeout=30_000)
    expect(app.page.locator(".progress")).to_be_hidden(timeout=30_000)


def test_the_reviewer_writes_a_third_and_the_phone_hears_of_it(phone: FieldApp, open_map) -> None:
    code = phone.codes()[-1]
    form = phone.form("edit", code)
    form.locator("textarea[name=feature_relation]").fill(SECOND)
    form.locator("input[name=reason]").fill("实地所见")
    phone.line.down()
    phone.finish()
    phone.line.up = True
    brought_by_another(phone, code)
    phone.open("#outbox")
    phone.page.get_by_role("button", name="现在发送").click()
    phone.all_received()
    expect(phone.page.locator(".stage-received")).to_contain_text("都已留给审核人")

    desk = MarkerDesk(open_map("#map=10/19.82000/110.50000").drawn(), open_map.address).sign_in("boundary")
    desk.go("#map=10/19.82000/110.50000").open_board()
    desk.page.locator(".board-edits .marker-row").first.click()
    review = desk.page.locator("form.edit-review")
    expect(review).to_contain_text(FIRST)
    expect(review).to_contain_text("平板-2")
    expect(review).to_contain_text(SECOND)
    review.get_by_role("button", name="决定").click()
    expect(review.get_by_role("status")).to_have_text("请为每一栏选定以何为准。")
    review.locator("input[value=other]").check()
    review.locator("textarea").fill(THIRD)
    review.locator("input[name=reason]").fill("两处照片可证")
    assert axe_violations(desk.page) == []
    review.get_by_role("button", name="决定").click()
    expect(desk.page.locator(".edit-reviews")).to_have_count(0)
    expect(desk.page.locator(".timeline")).to_contain_text("两处照片可证")

    refresh(phone)
    phone.open(f"#marker={code}")
    outcome = phone.page.locator(".outcomes")
    expect(outcome).to_contain_text(f"审核人改写为“{THIRD}”")
    expect(outcome).to_contain_text("两处照片可证")
    assert fits(phone.page)
    phone.open("#outbox")
    expect(phone.page.locator(".stage-received").first).to_contain_text(THIRD)
