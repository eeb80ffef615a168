"""Two plans compared in a real browser: figures, units, the map of the difference, what was changed; nothing saved yet."""

import re
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from tests.web_map.conftest import PHONE
from tests.web_map.pages import Api, Office, axe_violations, fits

pytestmark = [pytest.mark.browser, pytest.mark.database]
ROOT = Path(__file__).parents[2]


def hub(feature: dict) -> dict:
    lon, lat = feature["geometry"]["coordinates"]
    known = feature["properties"]
    return {"id": known["code"], "name": known["name"], "lon": lon, "lat": lat, "status": known["status"]}


def plans(planner: Api) -> tuple[str, str]:
    """What exists without its first hub, and what exists with a candidate more."""
    hubs = [hub(each) for each in planner.get("api/hubs?limit=1000")["features"]]
    existing = [each for each in hubs if each["status"] == "existing"]
    candidate = next(each for each in hubs if each["status"] == "candidate")
    shared = {"limit_m": 1000, "metric": "walking"}
    return tuple(
        planner.send("post", "api/hubs/scenarios", {"name": name, "hubs": own, **shared})["id"]
        for name, own in (("少一处", existing[1:]), ("多一处", [*existing, candidate]))
    )


@pytest.fixture
def compared(office: Office) -> Page:
    fewer, more = plans(office.api("planner"))
    page = office.open(f"scenarios?a={fewer}&b={more}", signed_in="planner")
    expect(page.locator("canvas[data-painted]")).to_have_attribute("data-painted", "4667", timeout=30_000)
    return page


def people(words: str) -> int:
    return int(re.sub(r"\D", "", words))


def test_two_plans_stand_side_by_side(compared: Page) -> None:
    row = compared.locator("#figures tr", has=compared.get_by_role("rowheader", name="覆盖人数", exact=True))
    before, after, between = (people(each) for each in row.locator("td").all_inner_texts())
    assert after - before == between > 0
    words = compared.locator("#difference").inner_text()
    more, gained, lost, _ = (people(each) for each in re.findall(r"[\d,]+ 人", words))
    assert (more, gained - lost) == (between, between)
    units = compared.locator("#units tbody tr")
    expect(units).to_have_count(4)
    signs = [
        each.replace("−", "-").replace(",", "") for each in units.locator("td:last-child").all_inner_texts()
    ]
    by_unit = [int(each) for each in signs]
    assert sum(by_unit) == between
    assert by_unit == sorted(by_unit)
    expect(compared.locator("#changes")).to_contain_text("新增中心")
    expect(compared.locator("#sources")).to_contain_text("合成")
    expect(compared.locator(".difference-hub.hub-added.leaflet-marker-icon")).to_have_count(2)
    expect(compared.locator("#difference-map[data-drawn]")).to_be_visible()
    assert compared.screenshot(path=ROOT / "docs" / "screenshots" / "scenarios.png", full_page=True)


def test_the_address_says_what_is_compared_and_a_swap_turns_it(compared: Page) -> None:
    words = compared.locator("#difference").inner_text()
    compared.get_by_role("button", name="对调").click()
    expect(compared.locator("#difference")).not_to_have_text(words)
    expect(compared.locator("#difference")).to_contain_text("少覆盖")
    turned = compared.locator("#difference").inner_text()
    compared.reload()
    expect(compared.locator("#difference")).to_have_text(turned)
    compared.get_by_label("与之比较").select_option(label="现状（现有中心）")
    expect(compared.locator("#figures thead")).to_contain_text("现状")
    assert "a=" not in compared.url
    compared.get_by_label("语言").select_option("en")
    expect(compared.locator("#figures thead")).to_contain_text("What exists now")


def test_it_can_be_read_by_ear_and_on_a_phone(compared: Page, office: Office) -> None:
    assert axe_violations(compared) == []
    compared.set_viewport_size(PHONE)
    assert fits(compared)


def test_without_a_plan_it_says_where_one_is_made(office: Office) -> None:
    page = office.open("scenarios", signed_in="planner")
    page.route("**/api/hubs/scenarios", lambda route: route.fulfill(json={"scenarios": []}))
    page.reload()
    expect(page.locator("#instead")).to_contain_text("还没有保存的方案")
    expect(page.locator("#choose")).to_be_hidden()
