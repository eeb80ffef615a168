"""The public's page: names under comment, a comment sent and received once, the limit, nothing personal, nothing open."""

import json

import pytest
from playwright.sync_api import expect

from tests.web_map.conftest import DESKTOP, PHONE
from tests.web_map.naming_office import propose
from tests.web_map.pages import Office, axe_violations, fits

pytestmark = [pytest.mark.browser, pytest.mark.database]


@pytest.fixture(scope="module")
def under_comment(live_server, browser):
    """A proposal under public comment: its id."""
    office = Office(live_server, browser)
    proposal = propose(office.api("naming"), "观澜路", upto="open_comment", place=150, readings="guān lán")
    office.close()
    return proposal


def card_of(page, proposal):
    return page.locator(f'[id="{proposal}"]')


def comment(card, words, opinion="赞成"):
    card.get_by_label(opinion, exact=True).check()
    card.get_by_label("意见内容").fill(words)
    card.get_by_role("button", name="提交意见").click()


def test_a_name_stands_with_reading_meaning_period_and_map(office, under_comment):
    page = office.open("naming/public/")
    assert page.url == f"{office.address}/naming/public"
    card = card_of(page, under_comment)
    expect(card.get_by_role("heading", level=2)).to_contain_text("Guānlán Lù")
    expect(card.locator("ruby rt").first).to_have_text("guān")
    expect(card).to_contain_text("取其意，便于识记")
    expect(card).to_contain_text("（含当日）")
    card.scroll_into_view_if_needed()
    expect(card.get_by_role("application")).to_have_attribute("data-roads", "1")
    expect(page.locator("main")).not_to_contain_text("某单位")
    expect(page.locator("main")).not_to_contain_text("13900000000")
    answer = page.context.request.get(f"{office.address}/api/naming/proposals/{under_comment}").text()
    assert "13900000000" not in answer


def test_comments_are_received_until_one_sender_has_said_enough(office, under_comment):
    page = office.open("naming/public")
    card = card_of(page, under_comment)
    card.get_by_text("发表意见", exact=True).click()
    card.get_by_role("button", name="提交意见").click()
    expect(card.get_by_role("alert")).to_be_visible()
    card.get_by_label("姓名").fill("王某")
    page.get_by_label("语言").select_option("en")
    expect(card.get_by_label("Your name")).to_have_value("王某")
    page.get_by_label("Language").select_option("zh-CN")
    for number in range(3):
        comment(card, f"好听好记，第{number}条")
        expect(card.locator(".receipt")).to_contain_text("意见已收到")
        expect(card.locator(".receipt")).to_be_focused()
        card.get_by_role("button", name="再写一条").click()
    comment(card, "再说一遍", "建议")
    expect(card.get_by_role("alert")).to_be_visible()
    expect(card.get_by_label("意见内容")).to_have_value("再说一遍")
    heard = office.api("naming").get(f"api/naming/proposals/{under_comment}/comments")["comments"]
    assert [(each["opinion"], each["body"]) for each in heard] == [
        ("for", f"好听好记，第{number}条") for number in range(3)
    ]
    assert heard[0]["author"] == "王某"
    office.forgive(429)


def test_nothing_open_is_said(office):
    page = office.open("n/00000000-0000-4000-8000-000000000000")

    def none(route):
        answer = route.fetch()
        route.fulfill(response=answer, body=json.dumps(answer.json() | {"features": []}))

    page.route("**/api/naming/proposals?*", none)
    page.get_by_role("link", name="地名征求意见").click()
    expect(page.get_by_role("heading", name="目前没有征求意见的名称")).to_be_visible()
    assert axe_violations(page) == []
    office.forgive(404)


@pytest.mark.parametrize("size", [DESKTOP, PHONE], ids=["desktop", "phone"])
@pytest.mark.parametrize("language", ["zh-CN", "en"])
def test_accessible(office, under_comment, size, language):
    page = office.open("naming/public", size=size, language=language)
    card = card_of(page, under_comment)
    card.locator("summary").press("Enter")
    expect(card.locator("textarea")).to_be_visible()
    card.scroll_into_view_if_needed()
    expect(card.locator(".road-map[data-drawn]")).to_be_visible()
    assert axe_violations(page) == []
    assert fits(page)
